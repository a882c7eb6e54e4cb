package slack

import (
	"testing"
	"time"

	"guichet/bot"
	"guichet/helpdesk"
	"guichet/internal/slackrules"
	"guichet/store"
)

func (g golden) view(t *testing.T, name string, v any) {
	t.Helper()
	shown := asSlack(t, v)
	for _, err := range slackrules.View(shown) {
		t.Errorf("%s: %v", name, err)
	}
	g[name] = shown
}

func TestRenderHome(t *testing.T) {
	inEach(t, func(t *testing.T, language string) {
		g, c := golden{}, newCounter(t, language)
		home := func(name, who string) {
			t.Helper()
			a := c.handle(who, bot.Request{Direct: true, Opened: true})
			if a.Home == nil {
				t.Fatalf("%s: no home view", name)
			}
			g.view(t, name, homeView(*a.Home))
		}
		turn := func(who, tab string) {
			c.handle(who, bot.Request{Press: &bot.Press{Button: "tab", Value: tab}})
		}
		home("of somebody new", "U01ALICE")
		c.opens("U01ALICE", "Excel <crashes> & *burns* <!channel>")
		home("of a requester", "U01ALICE")
		home("of a manager", "U02MARTIN")
		turn("U02MARTIN", helpdesk.TabOrganization)
		home("of a manager, the organization", "U02MARTIN")
		turn("U03NADIA", helpdesk.TabDesk)
		home("of an agent, the desk", "U03NADIA")
		for range 9 {
			c.opens("U01ALICE", "Again")
		}
		home("with more than it shows", "U01ALICE")
		a := c.handle("U01ALICE", bot.Request{Press: &bot.Press{Button: "show", Value: "1001"}})
		g.view(t, "a ticket, pressed in it", window(*a.Card))
		a = c.handle("U01ALICE", bot.Request{Direct: true, Command: &bot.Typed{Name: "guichet"}})
		g.card(t, "as a message", *a.Direct)
		g.check(t, "home."+language)
	})
}

func TestRenderComforts(t *testing.T) {
	inEach(t, func(t *testing.T, language string) {
		g, c := golden{}, newCounter(t, language)
		c.opens("U01ALICE", "Printer")
		for _, act := range []string{"assign", "priority", "transfer"} {
			f := c.presses("U03NADIA", act, "1001/desk")
			g.form(t, "menu: "+act, &f)
		}
		f := c.presses("U01ALICE", "attach", "1001/requester")
		g.form(t, "attach", &f)
		for _, words := range []string{"list open", "list closed emm", "list opens", "list queue moon"} {
			g.answer(t, "/ticket "+words, c.types("U01ALICE", words))
		}
		for _, words := range []string{"language", "language klingon", "hlep", "help"} {
			g.answer(t, "/guichet "+words, c.handle("U03NADIA", bot.Request{Command: &bot.Typed{Name: "guichet", Args: words}}))
		}

		told := func(name, side, kind string, change func(*helpdesk.Brief)) {
			t.Helper()
			b := incident(language, helpdesk.Open)
			b.Message = store.Message{ID: 3, Ticket: 1042, Author: 2, Audience: store.Public, Body: "Try this."}
			change(&b)
			g.card(t, name, compose(t, language, side, kind, b))
		}
		at := store.At(time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC))
		const desk, requester = store.DeskSide, store.RequesterSide
		told("a reply that is held", desk, helpdesk.TellReceipt, func(b *helpdesk.Brief) {
			b.Now, b.Message.HeldUntil = at.Time, store.At(at.Add(9500*time.Millisecond))
		})
		told("a reply that was taken back", desk, helpdesk.TellReceipt, func(b *helpdesk.Brief) { b.Message.DeletedAt = at })
		told("an edited reply", requester, helpdesk.TellMessage, func(b *helpdesk.Brief) { b.Message.EditedAt = at })
		told("a deleted message", desk, helpdesk.TellMessage, func(b *helpdesk.Brief) { b.Message.Author, b.Message.DeletedAt = 1, at })
		told("a reply with files", requester, helpdesk.TellMessage, func(b *helpdesk.Brief) {
			b.Files = []store.File{{Name: "one.txt", Size: 1}, {Name: "Résumé <x>.pdf", Size: 2_140_000}, {Name: "setup.exe", State: store.FileRefused}}
		})
		told("a file that is refused", requester, helpdesk.TellNoFile, func(b *helpdesk.Brief) {
			b.File = store.File{Name: "setup.exe", Reason: helpdesk.FileBadType}
		})
		for _, e := range []store.Event{{Actor: 2, Act: "assign", Whom: 2}, {Actor: 2, Act: "release"}, {Actor: 2, Act: "priority", Detail: "high"},
			{Actor: 2, Act: "transfer", Detail: "emm/support", Words: "It is <no> phone."}, {Actor: 2, Act: "vendor", Words: "V-7"}} {
			for _, side := range []string{desk, requester} {
				if e.Act == "vendor" && side == requester {
					continue // nobody is told there
				}
				told(e.Act+", to the "+side, side, helpdesk.TellEvent, func(b *helpdesk.Brief) { b.Event = e })
			}
		}
		told("what stays of a card that was moved", desk, helpdesk.TellMoved, func(b *helpdesk.Brief) {
			b.Event = store.Event{Actor: 2, Act: "transfer", Detail: "support/emm", Words: "It is a phone."}
		})
		g.check(t, "comforts."+language)
	})
}
