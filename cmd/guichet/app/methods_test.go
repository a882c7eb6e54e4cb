package app_test

import (
	"slices"
	"strings"
	"testing"

	"guichet/bot/slack"
	"guichet/internal/localslack"
	"guichet/internal/strictslack"
)

// What slack.Methods lists decides which scopes manifest.yaml asks a customer for: nothing may be
// missing, and nothing too much. (That no journey calls anything else, obeysSlack sees to.)
func TestEveryMethodThatScopesAreAskedForIsUsed(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.stop()
		d.takeMail(false)
		d.start()
		p := d.slack.OpenTest(t, alice)
		d.command(alice, "office")
		// Whether what broke off was posted all the same is looked up: cards in a channel, replies in a thread.
		d.outage(2, func() {
			d.form(p, map[string]string{"kind": "information", "subject": "Outlook", "description": "How?"})
		})
		card := d.card("1001")
		d.conversation(alice, "1001")
		d.settle()
		d.outage(2, func() { d.write(nadia, support, "Like this.", card.TS) })
		d.find(support, "#1001 Outlook", "In progress")
		d.answer(nadia, support, func() { d.write(nadia, support, "note:", card.TS) }) // refused, for her eyes only
		d.settle()
		d.react(bruno, general, d.write(alice, general, "Word as well", "")) // read, and linked
		d.settle()

		d.wishes("Alice Martin", alicesMail.Address, "away") // so it is asked whether she is
		said := d.write(nadia, support, "Or like that.", card.TS)
		d.find(alice, "Or like that.")
		d.settle()
		d.edit(nadia, support, said, "")
		d.gone(alice, "Or like that.")

		// A file whose sharing broke off is looked up; with its message it is taken away again.
		mend := d.strict.Inject(strictslack.Fault{Method: "files.completeUploadExternal", Kind: strictslack.Cut})
		said = d.send(nadia, support, "And this.", card.TS, "how.txt", []byte("so"))
		d.eventually("sharing fails", func() bool { return d.number("SELECT COUNT(*) FROM outbox WHERE attempts > 0") > 0 })
		mend()
		d.settle()
		if n := d.carried(alice); n != 1 {
			t.Errorf("Alice has %d files", n)
		}
		d.edit(nadia, support, said, "")
		d.gone(alice, "And this.")
		d.settle()
		if n := d.carried(alice); n != 0 {
			t.Errorf("Alice still has %d files", n)
		}

		home := d.slack.OpenTest(t, alice)
		d.shownAt(home)
		d.pressAt(home, d.becomes(home, "#1001 Outlook"), "show", "1001")
		shown := d.view(home)
		d.pressAt(home, shown, "reply", "1001") // a form on top of the ticket, in the home view
		d.titled(home, "Reply to #1001")
		if errs := d.form(home, map[string]string{"body": "So it works."}); len(errs) > 0 {
			t.Fatal(errs)
		}
		d.find(support, "Alice Martin wrote", "So it works.")
		d.pressAt(home, d.view(home), "close", "1001")
		if _, err := home.WaitView(t.Context(), "done", func(v localslack.View) bool { return strings.Contains(v.AllText(), "#1001 is closed.") }); err != nil {
			t.Error(err)
		}
		d.settle()

		var want []string
		for _, m := range slack.Methods {
			if m.Name != "apps.connections.open" || d.mode == "socket" {
				want = append(want, m.Name)
			}
		}
		slices.Sort(want)
		var got []string
		for _, c := range d.strict.Calls() {
			if c.Method != "response" { // no method, but an address that came with what a person did
				got = append(got, c.Method)
			}
		}
		slices.Sort(got)
		if got := slices.Compact(got); !slices.Equal(got, want) {
			t.Errorf("a journey calls\n%q, slack.Methods lists\n%q", got, want)
		}
	})
}

// outage has Slack unreachable for posts until so many deliveries have failed.
func (d *desk) outage(deliveries int64, meanwhile func()) {
	d.t.Helper()
	mend := d.strict.Inject(unreachable)
	defer mend()
	meanwhile()
	d.eventually("delivering has failed", func() bool {
		return d.number("SELECT COUNT(*) FROM outbox WHERE attempts > 0") == deliveries
	})
}
