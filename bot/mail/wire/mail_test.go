package wire

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// aMail is a mail with everything that a mail can have.
func aMail() Mail {
	return Mail{
		From:         mail.Address{Name: "Support, Zürich", Address: "support@example.org"},
		To:           mail.Address{Name: "Ann \"Sue\" Lee", Address: "ann@example.com"},
		EnvelopeFrom: "bounce+17@example.org",
		ReplyTo:      "support+17@example.org",
		MessageID:    "t17.1@example.org",
		InReplyTo:    "<abc@example.com>",
		References:   []string{"<first@example.com>", "abc@example.com"},
		Subject:      "[#17] L'écran reste noir – que faire ? 画面が黒いままです",
		Text:         "Bonjour,\nl'écran est noir.\r\n.\nFrom here on\n",
		HTML:         "<p>Bonjour,<br>l'écran est noir.</p>",
		ListID:       "support.example.org",
		Automatic:    true,
		Date:         time.Date(2026, 3, 4, 5, 6, 7, 0, time.FixedZone("", 3600)),
		Files:        []File{{Name: "Écran noir.png", Type: "image/png", Content: bytes.Repeat([]byte{0, 1, 2, '\n', 0xff}, 300)}},
	}
}

// read is a mail as a program of the recipient reads it.
type read struct {
	header mail.Header
	parts  []part
}

type part struct{ kind, name, content string }

func readMail(t interface {
	Helper()
	Fatalf(string, ...any)
}, raw []byte) read {
	t.Helper()
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("read mail: %v\n%s", err, raw)
	}
	r := read{header: msg.Header}
	var walk func(contentType, encoding, disposition string, body io.Reader)
	walk = func(contentType, encoding, disposition string, body io.Reader) {
		kind, params, err := mime.ParseMediaType(contentType)
		if err != nil {
			t.Fatalf("type %q: %v", contentType, err)
		}
		if strings.HasPrefix(kind, "multipart/") {
			for mr := multipart.NewReader(body, params["boundary"]); ; {
				p, err := mr.NextRawPart()
				if err == io.EOF {
					return
				}
				if err != nil {
					t.Fatalf("part: %v\n%s", err, raw)
				}
				walk(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p.Header.Get("Content-Disposition"), p)
			}
		}
		switch encoding {
		case "quoted-printable":
			body = quotedprintable.NewReader(body)
		case "base64":
			body = base64.NewDecoder(base64.StdEncoding, body)
		}
		content, err := io.ReadAll(body)
		if err != nil {
			t.Fatalf("content of a %s: %v", kind, err)
		}
		_, file, _ := mime.ParseMediaType(disposition)
		r.parts = append(r.parts, part{kind, file["filename"], string(content)})
	}
	walk(msg.Header.Get("Content-Type"), msg.Header.Get("Content-Transfer-Encoding"), "", msg.Body)
	return r
}

func (r read) text(t testing.TB, key string) string {
	t.Helper()
	s, err := new(mime.WordDecoder).DecodeHeader(r.header.Get(key))
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return s
}

func TestWhatIsComposedIsRead(t *testing.T) {
	m := aMail()
	raw, err := m.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	got := readMail(t, raw)
	if s := got.text(t, "Subject"); s != m.Subject {
		t.Errorf("subject %q", s)
	}
	for key, want := range map[string]mail.Address{"From": m.From, "To": m.To, "Reply-To": {Address: m.ReplyTo}} {
		if list, err := got.header.AddressList(key); err != nil || len(list) != 1 || *list[0] != want {
			t.Errorf("%s: %v, %v", key, list, err)
		}
	}
	if date, err := got.header.Date(); err != nil || !date.Equal(m.Date) {
		t.Errorf("date %v, %v", date, err)
	}
	for key, want := range map[string]string{
		"Message-Id": "<t17.1@example.org>", "In-Reply-To": "<abc@example.com>",
		"References": "<first@example.com> <abc@example.com>", "List-Id": "<support.example.org>",
		"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "OOF, AutoReply", "Mime-Version": "1.0",
	} {
		if s := got.header.Get(key); s != want {
			t.Errorf("%s: %q", key, s)
		}
	}
	text := strings.ReplaceAll(strings.ReplaceAll(m.Text, "\r\n", "\n"), "\n", "\r\n")
	want := []part{{"text/plain", "", text}, {"text/html", "", m.HTML}, {"image/png", m.Files[0].Name, string(m.Files[0].Content)}}
	if len(got.parts) != len(want) {
		t.Fatalf("%d parts", len(got.parts))
	}
	for i := range want {
		if got.parts[i] != want[i] {
			t.Errorf("part %d: %q", i, got.parts[i])
		}
	}
	if id := identity(raw); id != m.MessageID {
		t.Errorf("identity %q", id)
	}
}

func TestSameMailSameBytes(t *testing.T) {
	m := aMail()
	first, err := m.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if again, _ := m.Bytes(); !bytes.Equal(first, again) {
			t.Fatal("it changed")
		}
	}
	m.MessageID = "other@example.org"
	if other, _ := m.Bytes(); bytes.Contains(other, first[bytes.Index(first, []byte("=_")):][:20]) {
		t.Error("two mails with one boundary")
	}
}

func TestSmallestMail(t *testing.T) {
	m := Mail{From: mail.Address{Address: "a@x.org"}, To: mail.Address{Address: "b@y.org"}, MessageID: "1@x.org", Text: "Hi", Date: aMail().Date}
	raw, err := m.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(`From: <a@x.org>
To: <b@y.org>
Subject: 
Date: Wed, 04 Mar 2026 05:06:07 +0100
Message-Id: <1@x.org>
Mime-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Hi`, "\n", "\r\n")
	if string(raw) != want {
		t.Errorf("%q\nwant\n%q", raw, want)
	}
}

// Whatever people put into fields, the mail has the header that it should have, and lines that servers take.
func TestNothingInjectsAHeader(t *testing.T) {
	evil := "x\r\nBcc: all@example.org\r\n\r\nbody\r\n.\r\nMAIL FROM:<>"
	for name, c := range map[string]struct {
		change  func(*Mail)
		refused bool
	}{
		"subject":       {func(m *Mail) { m.Subject = evil }, false},
		"bare LF":       {func(m *Mail) { m.Subject = "x\nBcc: all@example.org" }, false},
		"bare CR":       {func(m *Mail) { m.Subject = "x\rBcc: all@example.org" }, false},
		"NUL and NEL":   {func(m *Mail) { m.Subject = "x\x00\u0085Bcc: all\u2028y" }, false},
		"from name":     {func(m *Mail) { m.From.Name = evil }, false},
		"to name":       {func(m *Mail) { m.To.Name = evil }, false},
		"quote in name": {func(m *Mail) { m.To.Name = `x" <evil@example.org>, "y` }, false},
		"file name":     {func(m *Mail) { m.Files[0].Name = evil }, false},
		"file type":     {func(m *Mail) { m.Files[0].Type = "text/x\r\nBcc: all@example.org" }, false},
		"text":          {func(m *Mail) { m.Text = evil }, false},
		"html":          {func(m *Mail) { m.HTML = evil }, false},
		"from":          {func(m *Mail) { m.From.Address = "a@x.org\r\nBcc: all@example.org" }, true},
		"to":            {func(m *Mail) { m.To.Address = "a@x.org>\r\nRCPT TO:<b@x.org" }, true},
		"two people":    {func(m *Mail) { m.To.Address = "a@x.org, b@x.org" }, true},
		"bracket":       {func(m *Mail) { m.To.Address = "a@x.org> <b@x.org" }, true},
		"empty to":      {func(m *Mail) { m.To.Address = "" }, true},
		"reply to":      {func(m *Mail) { m.ReplyTo = "a@x.org\nBcc: all@example.org" }, true},
		"message id":    {func(m *Mail) { m.MessageID = "a@x\r\nBcc: all@example.org" }, true},
		"spaced id":     {func(m *Mail) { m.MessageID = "a@x b@x" }, true},
		"no id":         {func(m *Mail) { m.MessageID = "" }, true},
		"in reply to":   {func(m *Mail) { m.InReplyTo = "a@x>\r\nBcc: all@example.org" }, true},
		"references":    {func(m *Mail) { m.References = []string{"ok@x", "a@x\nBcc: y"} }, true},
		"list id":       {func(m *Mail) { m.ListID = "x\r\nBcc: all@example.org" }, true},
		"no date":       {func(m *Mail) { m.Date = time.Time{} }, true},
		"unicode":       {func(m *Mail) { m.To.Address = "jürgen@example.org" }, true},
	} {
		t.Run(name, func(t *testing.T) {
			m := aMail()
			c.change(&m)
			raw, err := m.Bytes()
			if c.refused {
				if err == nil {
					t.Fatalf("taken:\n%s", raw)
				}
				if strings.Contains(err.Error(), "all@") || strings.ContainsAny(err.Error(), "\r\n") {
					t.Errorf("the error quotes: %q", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			sane(t, raw, 3)
		})
	}
}

// sane checks the shape of a mail: the header's fields, its parts, and its lines.
func sane(t interface {
	Helper()
	Fatalf(string, ...any)
}, raw []byte, parts int) {
	t.Helper()
	got := readMail(t, raw)
	for key, values := range got.header {
		if !strings.Contains(" From To Reply-To Subject Date Message-Id In-Reply-To References Auto-Submitted X-Auto-Response-Suppress List-Id Mime-Version Content-Type Content-Transfer-Encoding ", " "+key+" ") || len(values) != 1 {
			t.Fatalf("a header %q", key)
		}
	}
	for _, key := range []string{"From", "To"} {
		if list, err := got.header.AddressList(key); err != nil || len(list) != 1 {
			t.Fatalf("%s: %v %v", key, list, err)
		}
	}
	if len(got.parts) != parts {
		t.Fatalf("%d parts", len(got.parts))
	}
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n\x00") || !isASCII(line) {
			t.Fatalf("a line that servers refuse: %q", line)
		}
	}
}

func isASCII(b []byte) bool { return !bytes.ContainsFunc(b, func(r rune) bool { return r > '~' }) }

func TestSubjectsAndNamesReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := aMail()
		m.Subject = rapid.OneOf(rapid.String(), rapid.StringMatching(`(=\?utf-8\?q\?a\?=|a|  | |é|"|\\|,){0,60}`)).Draw(t, "subject")
		m.To.Name = rapid.OneOf(rapid.String(), rapid.StringMatching(`(=\?utf-8\?q\?a\?=|a|  | |é|"|\\|<){0,60}`)).Draw(t, "name")
		raw, err := m.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		sane(t, raw, 3)
		got := readMail(t, raw)
		subject, err := new(mime.WordDecoder).DecodeHeader(got.header.Get("Subject"))
		if err != nil || subject != oneLine(m.Subject) {
			t.Fatalf("subject %q, %v", subject, err)
		}
		to, err := got.header.AddressList("To")
		if err != nil || to[0].Name != oneLine(m.To.Name) || to[0].Address != m.To.Address {
			t.Fatalf("to %v, %v", to, err)
		}
	})
}

func TestLongReferencesAreFolded(t *testing.T) {
	m := aMail()
	m.References = nil
	for range 200 {
		m.References = append(m.References, "<CAF=0123456789012345678901234567890123456789@mail.example.com>")
	}
	raw, err := m.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if len(line) > 78 {
			t.Errorf("a line of %d", len(line))
		}
	}
	if got := readMail(t, raw).header.Get("References"); got != strings.Join(m.References, " ") {
		t.Errorf("references %q", got)
	}
}

func TestAddressesAsWritten(t *testing.T) {
	for given, want := range map[string]string{
		"ann@example.org":                   "<ann@example.org>",
		"ann+x=y/z@example.org":             "<ann+x=y/z@example.org>",
		`ann lee@example.org`:               `<"ann lee"@example.org>`,
		`"ann lee"@example.org`:             `<"ann lee"@example.org>`,
		"ann@zürich.example":                "<ann@xn--zrich-kva.example>",
		"ann@[192.0.2.1]":                   "<ann@[192.0.2.1]>",
		"ann":                               "",
		"@example.org":                      "",
		"Ann <ann@example.org>":             "",
		"<ann@example.org>":                 "",
		"ann@example.org\x00":               "",
		strings.Repeat("a", 255) + "@x.org": "",
	} {
		if got, err := angle(given); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", given, got, err)
		}
	}
}

func TestIdentity(t *testing.T) {
	for raw, want := range map[string]string{
		"Message-ID: <a@b>\r\n\r\nx":                              "a@b",
		"message-id:\r\n <a@b>\r\n\r\nx":                          "a@b",
		"Message-ID: a@b\r\n\r\nx":                                "a@b",
		"Subject: x\r\n\r\nMessage-ID: <a@b>":                     "",
		"Message-ID: <a@b>\r\nMessage-ID: <c@d>\r\n\r\nx":         "",
		"Message-ID: <a b>\r\n\r\nx":                              "",
		"Message-ID: <>\r\n\r\nx":                                 "",
		"Message-ID: <" + strings.Repeat("a", 300) + ">\r\n\r\nx": "",
		"":     "",
		"\xff": "",
	} {
		got := identity([]byte(raw))
		if want != "" && got != want || want == "" && !strings.HasPrefix(got, "sha256:") {
			t.Errorf("%q: %q", raw, got)
		}
	}
}
