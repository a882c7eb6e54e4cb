package mail

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"guichet/bot"
	"guichet/bot/card"
	"guichet/bot/mail/letter"
	"guichet/bot/mail/wire"
	"guichet/helpdesk"
	"guichet/store"
)

var update = flag.Bool("update", false, "write the golden files")

const secret = "0123456789abcdef0123456789abcdef"

func (d *desk) Asked(context.Context, store.ConfirmationID) (helpdesk.Asked, error) {
	return d.asked, d.err
}

func (d *desk) Confirm(context.Context, store.ConfirmationID) (helpdesk.Asked, error) {
	d.confirmed++
	return d.asked, d.err
}

// desk is one that says what it was given.
type desk struct {
	got       []helpdesk.Letter
	asked     helpdesk.Asked
	confirmed int
	err       error
}

func (d *desk) Receive(_ context.Context, l helpdesk.Letter, _ int) (helpdesk.Spoken, error) {
	d.got = append(d.got, l)
	return helpdesk.Spoken{}, d.err
}

func newDoor(secrets ...string) (*Door, *desk) {
	named := func(language string) string { return map[string]string{"en": "Support", "fr": "Assistance"}[language] }
	c := &helpdesk.Catalog{Queues: []helpdesk.Queue{{Key: "support", Name: named, Mail: "support@acme.example"}, {Key: "emm", Name: named}}, DefaultQueue: "emm"}
	d := &desk{}
	return New(Options{From: "desk@acme.example", Secrets: secrets, Listening: Listening{Address: "127.0.0.1:0"}, Hourly: 9, Largest: 1 << 20, Log: slog.New(slog.DiscardHandler)}, c, d), d
}

// whole is a letter with everything in it.
func whole(language string) bot.Letter {
	return bot.Letter{To: "alice@acme.example", Name: "Alice Martin", Language: language, Queue: "support", Ticket: 1042, Called: "#1042", Person: 7,
		Opened: time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC), Date: time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC), Subject: "[#1042] Réseau & <b>",
		Card: card.Card{Title: "Nadia Benali wrote", Body: "Try <script> & *this*\n\nhttps://acme.example/a?b=1&c=2",
			Lines: []string{"File: fix.png (2 kB)"}, Link: &card.Link{Text: "There", URL: "https://acme.example/"}},
		Earlier: []bot.Earlier{{Who: "Alice Martin", When: "26 Nov, 9:00", Body: "two\nlines"}, {Who: "Bob", When: "25 Nov", Body: "</blockquote>"}},
		Answers: []string{"first@acme.example", "last@acme.example"}}
}

func TestWhatALetterLooksLike(t *testing.T) {
	for _, language := range []string{"en", "fr"} {
		d, _ := newDoor(secret)
		m, err := d.compose(t.Context(), whole(language), 77)
		if err != nil {
			t.Fatal(err)
		}
		got, err := m.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		file := "testdata/letter." + language + ".eml"
		if *update {
			if err := os.WriteFile(file, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
		// Answered in the usual ways, nothing of it comes back but the answer.
		l, err := letter.Read(bytes.NewReader(got), letter.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for name, answer := range map[string]string{
			"quoted below": "Thanks, works.\n\n> " + strings.ReplaceAll(l.Whole, "\n", "\n> "),
			"plain below":  "Thanks, works.\n\n" + l.Whole,
		} {
			raw := "From: a@acme.example\nSubject: Re\nContent-Type: text/plain; charset=utf-8\n\n" + answer
			back, err := letter.Read(strings.NewReader(raw), letter.Options{})
			if err != nil || back.Words != "Thanks, works." {
				t.Errorf("%s, %s: %q, %v", language, name, back.Words, err)
			}
		}
	}
}

func TestHeadersOfALetter(t *testing.T) {
	d, _ := newDoor(secret)
	l := whole("en")
	m, err := d.compose(t.Context(), l, 77)
	if err != nil {
		t.Fatal(err)
	}
	if m.InReplyTo != "last@acme.example" || len(m.References) != 3 || m.EnvelopeFrom != m.ReplyTo || m.ListID != "support.guichet.acme.example" || m.Automatic {
		t.Errorf("%+v", m)
	}
	l.Ticket, l.Automatic, l.Queue, l.Answers, l.Earlier = 0, true, "", nil, nil
	m, err = d.compose(t.Context(), l, 78)
	if err != nil || m.ReplyTo != "" || m.EnvelopeFrom != "<>" || len(m.References) != 0 || m.InReplyTo != "" || m.ListID != "" || m.From.Address != "desk@acme.example" {
		t.Errorf("one about nothing: %+v, %v", m, err)
	}
	d.Listening.Address = ""
	m, err = d.compose(t.Context(), whole("en"), 79)
	if err != nil || m.ReplyTo != "" || strings.Contains(m.Text, "reply above") || !strings.Contains(m.Text, "Nobody reads answers") {
		t.Errorf("one that can't be answered: %+v, %v", m, err)
	}
	l = whole("en")
	l.File = &bot.Enclosure{Name: "a.txt", Type: "text/plain", Open: func(context.Context) (io.ReadCloser, error) { return nil, errors.New("gone") }}
	if _, err = d.compose(t.Context(), l, 80); err == nil {
		t.Error("a file that can't be read is left out without a word")
	}
}

// An address to answer to is read back as what it was made of, by whichever of the secrets, however its case was
// folded; and nothing else is one.
func TestAddressesToAnswerTo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ticket := store.TicketID(rapid.Int64Range(1, 1<<62).Draw(t, "ticket"))
		person := store.PersonID(rapid.Int64Range(1, 1<<62).Draw(t, "person"))
		old, _ := newDoor(secret)
		now, _ := newDoor("fedcba9876543210fedcba9876543210", secret)
		later, _ := newDoor("fedcba9876543210fedcba9876543210")
		a := old.answerTo("support@acme.example", ticket, person)
		if local, _, _ := strings.Cut(a, "@"); len(local) > 64 || !old.ours(a) {
			t.Fatalf("%q is too long, or not ours", a)
		}
		for _, d := range []*Door{old, now} {
			for _, as := range []string{a, strings.ToUpper(a)} {
				if gotTicket, gotPerson, ok := d.conversation(as); !ok || gotTicket != ticket || gotPerson != person || !d.Accepts(as) {
					t.Fatalf("%q is read as %d, %d, %v", as, gotTicket, gotPerson, ok)
				}
			}
		}
		if _, _, ok := later.conversation(a); ok {
			t.Fatal("a secret that was given up still counts")
		}
		i := rapid.IntRange(len("support+"), strings.IndexByte(a, '@')-1).Draw(t, "at")
		forged := a[:i] + string(rapid.SampledFrom([]rune("abcdefghijklmnopqrstuvwxyz234567-")).Draw(t, "sign")) + a[i+1:]
		if _, _, ok := old.conversation(forged); ok && forged != a {
			t.Fatalf("%q counts", forged)
		}
	})
}

func FuzzConversation(f *testing.F) {
	d, _ := newDoor(secret)
	f.Add(d.answerTo("support@acme.example", 1042, 7))
	f.Add("support+16w-7-aaaaaaaaaaaaaaaa@acme.example")
	f.Add("+--@")
	f.Fuzz(func(t *testing.T, address string) {
		ticket, person, ok := d.conversation(address)
		local, _, _ := strings.Cut(address, "@")
		_, token, _ := strings.Cut(local, "+")
		if ok && !strings.EqualFold(token, d.tokenOf(ticket, person)) {
			t.Errorf("%q counts as %d, %d", address, ticket, person)
		}
	})
}

func TestWhatBecomesOfAMail(t *testing.T) {
	d, desk := newDoor(secret)
	const head = "From: Erin <Erin@Acme.example>\nMessage-ID: <1@acme.example>\nSubject: Hi\n"
	to := func(addresses ...string) wire.Envelope {
		return wire.Envelope{From: "erin@acme.example", To: addresses, ID: "1@acme.example"}
	}
	for _, c := range []struct {
		name     string
		envelope wire.Envelope
		raw      string
		err      error // the desk's
		code     int   // 0: taken; 1: to come again
		wants    func(l helpdesk.Letter) bool
	}{
		{"to a queue", to("support@acme.example"), head + "\nwords", nil, 0, func(l helpdesk.Letter) bool {
			return l.Queue == "support" && l.Channel == "erin@acme.example" && l.Text == "words" && l.Subject == "Hi" && !l.Silent && l.Name == "Erin"
		}},
		{"to the desk as a whole", to("Desk@Acme.example"), head + "\nwords", nil, 0, func(l helpdesk.Letter) bool { return l.Queue == "emm" }},
		{"to a conversation", to(d.answerTo("support@acme.example", 5, 6)), head + "\nwords", nil, 0, func(l helpdesk.Letter) bool { return l.Ticket == 5 && l.Person == 6 && l.Queue == "" }},
		{"to a queue and a conversation", to("support@acme.example", d.answerTo("support@acme.example", 5, 6)), head + "\nwords", nil, 0, func(l helpdesk.Letter) bool { return l.Ticket == 5 }},
		{"to nobody", to("else@acme.example"), head + "\nwords", nil, 550, nil},
		{"to nobody, in a mailbox", wire.Envelope{ID: "1"}, head + "To: else@acme.example\n\nwords", nil, 0, func(l helpdesk.Letter) bool { return l.Queue == "emm" && !l.Automatic }},
		{"from nobody", to("support@acme.example"), "Subject: Hi\n\nwords", nil, 0, func(l helpdesk.Letter) bool { return l.Automatic }},
		{"from ourselves", to("support@acme.example"), "From: support@acme.example\n\nround", nil, 550, nil},
		{"from ourselves, with a token", to("support@acme.example"), "From: " + d.answerTo("support@acme.example", 5, 6) + "\n\nround", nil, 550, nil},
		{"no mail", to("support@acme.example"), "", nil, 554, nil},
		{"too large", to("support@acme.example"), head + "\n" + strings.Repeat("x", 1<<20), nil, 552, nil},
		{"by a program", to("support@acme.example"), head + "Auto-Submitted: auto-generated\n\nwords", nil, 0, func(l helpdesk.Letter) bool { return l.Automatic && l.Silent }},
		{"by a list", to("support@acme.example"), head + "List-Id: <l.acme.example>\n\nwords", nil, 0, func(l helpdesk.Letter) bool { return !l.Automatic && l.Silent }},
		{"without a return path", wire.Envelope{To: []string{"support@acme.example"}, ID: "1"}, head + "\nwords", nil, 0, func(l helpdesk.Letter) bool { return l.Automatic }},
		{"of a stranger", to("support@acme.example"), head + "\nwords", &helpdesk.Refusal{Code: helpdesk.Stranger}, 550, nil},
		{"an empty one", to("support@acme.example"), head + "\n", &helpdesk.Refusal{Code: helpdesk.Empty}, 550, nil},
		{"to a ticket that is theirs no more", to("support@acme.example"), head + "\nwords", &helpdesk.Refusal{Code: helpdesk.UnknownTicket}, 550, nil},
		{"once more", to("support@acme.example"), head + "\nwords", helpdesk.ErrDuplicate, 0, nil},
		{"of no use", to("support@acme.example"), head + "\nwords", helpdesk.ErrIgnored, 0, nil},
		{"one too many", to("support@acme.example"), head + "\nwords", helpdesk.ErrTooManyMails, 1, nil},
		{"while the database is gone", to("support@acme.example"), head + "\nwords", errors.New("gone"), 1, nil},
	} {
		desk.got, desk.err = nil, c.err
		err := d.Take(t.Context(), c.envelope, []byte(strings.ReplaceAll(c.raw, "\n", "\r\n")))
		code := 0
		if reject := (*wire.ErrReject)(nil); errors.As(err, &reject) {
			code = reject.Code
		} else if err != nil {
			code = 1
		}
		if code != c.code {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.wants != nil && (len(desk.got) != 1 || !c.wants(desk.got[0])) {
			t.Errorf("%s: the desk got %+v", c.name, desk.got)
		}
	}
}

func TestOutcomesOfSending(t *testing.T) {
	for _, c := range []struct {
		kind         error
		step, status string
		want         error
		reason       string
	}{{wire.ErrRefused, "rcpt", "5.1.1", bot.ErrReturned, "550 5.1.1"}, {wire.ErrRefused, "rcpt", "5.7.1", bot.ErrBadCard, ""},
		{wire.ErrRefused, "data", "", bot.ErrBadCard, ""}, {wire.ErrUnsure, "end", "", bot.ErrUnsure, ""},
		{wire.ErrBusy, "rcpt", "", wire.ErrBusy, ""}, {wire.ErrAuth, "auth", "", wire.ErrAuth, ""}} {
		err := outcome(&wire.SendError{Kind: c.kind, Step: c.step, Code: 550, Status: c.status})
		if !errors.Is(err, c.want) || c.reason != "" && bot.Reason(err) != c.reason {
			t.Errorf("%v: %v, %s", c.kind, err, bot.Reason(err))
		}
	}
	if outcome(nil) != nil {
		t.Error("what was sent is an error")
	}
}

func TestFilesOfAMail(t *testing.T) {
	d, _ := newDoor(secret)
	for _, id := range []string{"", "x", "key/9", "key/-1", "/"} {
		if _, err := d.Fetch(t.Context(), helpdesk.FileRef{ID: id}, io.Discard, 10); !errors.Is(err, bot.ErrGone) {
			t.Errorf("%q: %v", id, err)
		}
	}
}
