package bot

import (
	"slices"
	"strings"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// aBrief is what there is to say of a ticket that came by mail.
func aBrief(act helpdesk.Act, detail string) helpdesk.Brief {
	at := store.At(time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC))
	return helpdesk.Brief{Now: at.Time,
		Ticket:  store.Ticket{ID: 1042, Queue: "support", Requester: 1, Subject: "Printer", State: "open", Origin: helpdesk.Mail, CreatedAt: at, StateSince: at},
		Message: store.Message{ID: 5, Author: 2, Audience: store.Public, Body: "Which one?", CreatedAt: at},
		Event:   store.Event{ID: 6, Actor: 2, Act: string(act), Detail: detail, Words: "because", At: at},
		File:    store.File{ID: 7, Name: "a.png", Reason: helpdesk.FileTooLarge},
		People: map[store.PersonID]store.Person{1: {ID: 1, Name: "Erin", Mail: "erin@acme.example", Language: "en"},
			2: {ID: 2, Name: "Nadia", Language: "en"}}}
}

// Each thing that a person is told by mail, in either language; and what they are not told.
func TestWhatIsWorthALetter(t *testing.T) {
	b := &Bot{desk: helpdesk.NewDesk(nil, testCatalog())}
	for _, c := range []struct {
		kind   string
		act    helpdesk.Act
		detail string
		person store.PersonID // who wrote the message
		en, fr string         // empty: it is not told
		auto   bool
	}{
		{kind: helpdesk.TellCard, en: "has reached", fr: "est arrivé", auto: true},
		{kind: helpdesk.TellMessage, person: 2, en: "Nadia wrote", fr: "Nadia a écrit"},
		{kind: helpdesk.TellMessage, person: 1},
		{kind: helpdesk.TellFile, person: 2, en: "Nadia sent a.png", fr: "a.png"},
		{kind: helpdesk.TellFile, person: 1},
		{kind: helpdesk.TellNoFile, person: 1, en: "a.png was not passed on", fr: "a.png", auto: true},
		{kind: helpdesk.TellDeletion, person: 2},
		{kind: helpdesk.TellOutcome, person: 2},
		{kind: helpdesk.TellEvent, act: helpdesk.Take},
		{kind: helpdesk.TellEvent, act: helpdesk.Prioritize},
		{kind: helpdesk.TellEvent, act: helpdesk.Resolve, en: "simply answer this mail", fr: "répondez simplement", auto: true},
		{kind: helpdesk.TellEvent, act: helpdesk.Close, en: "closed the ticket", fr: "Nadia", auto: true},
		{kind: helpdesk.TellEvent, act: helpdesk.Reopen, en: "reopened the ticket", fr: "Nadia", auto: true},
		{kind: helpdesk.TellEvent, act: helpdesk.Remind, detail: "waiting", en: "Please answer this mail", fr: "répondre à ce message", auto: true},
		{kind: helpdesk.TellEvent, act: helpdesk.Follow, detail: "1050", en: "#1050", fr: "1050", auto: true},
		{kind: helpdesk.TellEvent, act: helpdesk.Transfer, detail: "support emm", en: "because", fr: "because", auto: true},
	} {
		for language, want := range map[string]string{"en": c.en, "fr": c.fr} {
			brief := aBrief(c.act, c.detail)
			erin := brief.People[1]
			erin.Language = language
			brief.People[1] = erin
			del := store.Delivery{ID: 9, Kind: c.kind, Person: 1, Ticket: 1042, Lane: "1042/1", Event: 6}
			if c.person != 0 {
				brief.Message.Author, del.Message, del.Event = c.person, 5, 0
			} else {
				brief.Message = store.Message{}
			}
			l, wanted := b.ComposeLetter(del, brief)
			said := strings.Join(slices.Concat([]string{l.Card.Title, l.Card.Body}, l.Card.Lines), "\n")
			if wanted != (want != "") || wanted && (!strings.Contains(said, want) || l.Automatic != c.auto) || strings.Contains(said, "<no value>") {
				t.Errorf("%s %s in %s: %v, automatic %v: %q", c.kind, c.act, language, wanted, l.Automatic, said)
			}
			if wanted && (l.To != "erin@acme.example" || l.Subject != "Re: Printer" || l.Person != 1 || l.Ticket != 1042) {
				t.Errorf("%s %s: %+v", c.kind, c.act, l)
			}
		}
	}
	if answering("RE: printer") != "RE: printer" || answering("é") != "Re: é" {
		t.Error("the subject of an answer")
	}
}

// A correction is written once, and only where the mail said something else.
func TestACorrectionIsWorthALetterOnce(t *testing.T) {
	b := &Bot{desk: helpdesk.NewDesk(nil, testCatalog())}
	brief := aBrief("", "")
	del := store.Delivery{ID: 9, Kind: helpdesk.TellEdit, Person: 1, Ticket: 1042, Message: 5}
	wanted := func() bool { _, w := b.ComposeLetter(del, brief); return w }
	if wanted() {
		t.Error("what was never mailed is corrected")
	}
	brief.Posts = []store.Post{{Kind: helpdesk.TellMessage, External: store.External{ID: "d1@acme.example" + Wording(brief.Message)}}}
	if wanted() {
		t.Error("it says so already")
	}
	brief.Message.EditedAt = store.At(brief.Now.Add(time.Hour))
	if !wanted() {
		t.Error("a correction is not told")
	}
}
