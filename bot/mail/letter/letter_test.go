package letter

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what comes out as what must: read each of them before it is kept")

// believed is the server of ours that the mails in testdata went through.
var believed = Options{AuthservID: []string{"mx.desk.example"}}

// shown is a letter in a golden file: texts by their lines, files by their size and their beginning,
// and nothing of what is empty.
type shown struct {
	MessageID   string      `json:",omitempty"`
	InReplyTo   string      `json:",omitempty"`
	References  []string    `json:",omitempty"`
	From        string      // as it reads to a person
	To          []string    `json:",omitempty"`
	Cc          []string    `json:",omitempty"`
	DeliveredTo []string    `json:",omitempty"`
	Subject     string      `json:",omitempty"`
	Date        time.Time   `json:",omitzero"`
	Words       []string    // by line
	Whole       []string    `json:",omitempty"` // by line, when there is more than the words
	Files       []shownFile `json:",omitempty"`
	Automatic   string      `json:",omitempty"`
	Bounce      *Bounce     `json:",omitempty"`
	Verdict     Verdict     `json:",omitzero"`
}

type shownFile struct {
	Name, Type string
	ContentID  string `json:",omitempty"`
	Inline     bool   `json:",omitempty"`
	Size       int
	Begins     string
}

func show(l Letter) shown {
	s := shown{
		MessageID: l.MessageID, InReplyTo: l.InReplyTo, References: l.References,
		From: l.From.Name + " <" + l.From.Address + ">", To: l.To, Cc: l.Cc, DeliveredTo: l.DeliveredTo,
		Subject: l.Subject, Date: l.Date, Words: strings.Split(l.Words, "\n"),
		Automatic: l.Automatic, Bounce: l.Bounce, Verdict: l.Verdict,
	}
	if l.Whole != l.Words {
		s.Whole = strings.Split(l.Whole, "\n")
	}
	for _, f := range l.Files {
		s.Files = append(s.Files, shownFile{f.Name, f.Type, f.ContentID, f.Inline, len(f.Data), clean(string(f.Data[:min(len(f.Data), 40)]))})
	}
	return s
}

func TestLetters(t *testing.T) {
	mails, err := filepath.Glob("testdata/*.eml")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range mails {
		name := strings.TrimSuffix(filepath.Base(path), ".eml")
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			l, err := Read(bytes.NewReader(raw), believed)
			if err != nil {
				t.Fatal(err)
			}
			promises(t, l)
			var got bytes.Buffer
			e := json.NewEncoder(&got)
			e.SetEscapeHTML(false)
			e.SetIndent("", "  ")
			if err := e.Encode(show(l)); err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(path, ".eml") + ".json"
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// promises checks what holds of every letter.
func promises(t *testing.T, l Letter) {
	t.Helper()
	for _, s := range []string{l.Words, l.Whole, l.Subject, l.From.Name, l.From.Address, l.MessageID} {
		if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\r"+historyMark+signatureMark) && s != l.From.Address {
			t.Errorf("a text holds what it must not: %q", s)
		}
	}
	for _, f := range l.Files {
		if !utf8.ValidString(f.Name) || strings.ContainsAny(f.Name, "\x00/\\\n") {
			t.Errorf("a file has the name %q", f.Name)
		}
	}
	if len(l.Words) > len(l.Whole) {
		t.Errorf("%d bytes of words in a text of %d", len(l.Words), len(l.Whole))
	}
	if strings.TrimSpace(l.Whole) != "" && strings.TrimSpace(l.Words) == "" {
		t.Error("all words were cut")
	}
}

func TestWhatIsNoMail(t *testing.T) {
	for _, s := range []string{"", "\r\n\r\n", "hello", "hello\n\nthere: is a body", " a: b\n"} {
		if _, err := Read(strings.NewReader(s), Options{}); !errors.Is(err, ErrNoMail) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestTooLarge(t *testing.T) {
	const mail = "From: ann@example.com\n\nhello"
	if _, err := Read(strings.NewReader(mail), Options{Largest: int64(len(mail)) - 1}); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	if _, err := Read(strings.NewReader(mail), Options{Largest: int64(len(mail))}); err != nil {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	mails, _ := filepath.Glob("testdata/*.eml")
	for _, path := range mails {
		if raw, err := os.ReadFile(path); err == nil && len(raw) < 20_000 {
			f.Add(raw)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, err := Read(bytes.NewReader(raw), believed)
		if err != nil {
			return
		}
		promises(t, l)
	})
}
