package app_test

import (
	"strings"
	"testing"

	"guichet/internal/localslack"
)

// withMacros has two canned answers, one of which resolves the ticket.
func withMacros(s string) string {
	return s + `
macros:
  - key: vpn
    title: {en: Connect to the VPN, fr: Se connecter au VPN}
    text: {en: "Hello {{requester}}, restart it.", fr: "Bonjour {{requester}}, relancez {{subject}}."}
  - key: done
    text: {en: "Done.", fr: "C’est fait."}
    then: resolve
`
}

// wrongly fills in a form that is refused, and closes it.
func (d *desk) wrongly(who string, m localslack.Message, button string, answers map[string]string) map[string]string {
	d.t.Helper()
	p := d.slack.OpenTest(d.t, who)
	defer p.Close()
	d.press(who, m, button)
	errs := d.form(p, answers)
	if err := p.CloseView(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
	return errs
}

// What the menu of a card opens: handing over, tags, canned answers, a note of resolution, watching. The requester reads French.
func TestWorkByTheMenu(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.restart(withMacros)
		d.strict.SetLocale(alice, "fr-FR")
		form := d.slack.OpenTest(t, alice)
		d.command(alice, "office")
		d.form(form, map[string]string{"kind": "information", "subject": "*Outlook* <!channel>", "description": "Ne démarre pas."})
		form.Close()
		d.find(support, "#1001", "Requester")
		d.settle()
		card := d.card("1001")

		d.press(nadia, card, "watch")
		d.find(nadia, "You watch this ticket", "Ne démarre pas.", "notes included")
		d.eventually("the menu can be used again", func() bool { return d.card("1001").Menu()[0].BlockID != card.Menu()[0].BlockID })

		if errs := d.wrongly(nadia, d.card("1001"), "handover", map[string]string{"whom": bruno, "summary": "x"}); !strings.Contains(errs["whom"], "not an agent") {
			t.Errorf("handed over to an employee: %q", errs)
		}
		if errs := d.fill(nadia, d.card("1001"), "handover", map[string]string{"whom": oliver, "summary": "Le *câble* est neuf."}); len(errs) > 0 {
			t.Fatalf("handed over: %q", errs)
		}
		if m := d.find(support, "Nadia Benali has handed this ticket over to Oliver Smith.", "Le *câble* est neuf."); m.ThreadTS != card.TS {
			t.Error("it is not told in the card's thread")
		}
		d.find(alice, "Oliver Smith s’occupe de votre ticket.")
		if errs := d.wrongly(nadia, d.card("1001"), "handover", map[string]string{"whom": oliver, "summary": "Encore."}); !strings.Contains(errs["whom"], "They have it already") {
			t.Errorf("handed over twice: %q", errs)
		}

		if errs := d.wrongly(oliver, d.card("1001"), "tag", map[string]string{"tags": "a/b"}); !strings.Contains(errs["tags"], "A tag is a word") {
			t.Errorf("a bad tag: %q", errs)
		}
		d.fill(oliver, d.card("1001"), "tag", map[string]string{"tags": "VPN, étage-2"})
		d.find(support, "#1001", "Tags", "vpn, étage-2")
		d.shows(d.ask(nadia, "list tag vpn"), "tag vpn", "#1001")
		d.shows(d.ask(alice, "list tag vpn"), "Il n’y a")

		p := d.slack.OpenTest(t, oliver)
		d.press(oliver, d.card("1001"), "macro")
		if errs := d.form(p, map[string]string{"macro": "vpn"}); len(errs) > 0 {
			t.Fatalf("chosen: %q", errs)
		}
		v, err := p.WaitView(t.Context(), "the answer", func(v localslack.View) bool { return strings.Contains(string(v.Blocks), "Bonjour") })
		if err != nil {
			t.Fatal(err)
		}
		values, err := v.Fill(map[string]string{})
		if err != nil {
			t.Fatal(err)
		}
		d.submit(p, values)
		p.Close()
		d.find(alice, "Oliver Smith", "relancez *Outlook* <!channel>.")
		d.find(nadia, "relancez") // who watches

		d.write(oliver, support, "note: rien pour elle", card.TS)
		d.find(nadia, "rien pour elle")
		d.write(oliver, support, "?modèle done", card.TS)
		d.find(alice, "C’est fait.")
		d.find(alice, "a marqué le ticket comme résolu")

		d.write(oliver, support, "?reopen", card.TS)
		d.find(alice, "a rouvert le ticket")
		d.settle()
		d.fill(oliver, d.card("1001"), "resolvewith", map[string]string{"resolution": "Un câble usé.", "told": "desk"})
		d.find(support, "Un câble usé.")
		d.settle()
		for _, m := range d.messages(alice) {
			for _, secret := range []string{"câble", "étage-2", "rien pour elle", "Un câble usé"} {
				if strings.Contains(m.AllText(), secret) {
					t.Errorf("the requester reads %s", m.AllText())
				}
			}
		}
		if got := d.ask(alice, "1001"); strings.Contains(got.AllText(), "vpn") || strings.Contains(got.AllText(), "Un câble usé") {
			t.Errorf("the requester's view is %s", got.AllText())
		}

		d.press(nadia, d.card("1001"), "unwatch")
		d.find(nadia, "You no longer follow #1001.")
	})
}

// The same in Mattermost, where a mention is a user name.
func TestWorkByTheMenuOfMattermost(t *testing.T) {
	onceAcrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
		d.restart(withMacros)
		d.openIn(m.carla, "Printer", "Jams.")
		card := d.shownIn(m.queue, "Printer", "Requester")
		d.say(m.nina, card, "?handover @nina the toner is new")
		d.shownIn(m.Direct(m.carla), "Nina Keller is looking after your ticket.")
		d.shownIn(m.queue, "has handed this ticket over to Nina Keller")
		d.click(m.nina, d.shownIn(m.queue, "Printer", "Requester"), "Tags")
		d.sendForm(m.nina, map[string]any{"tags": "toner"})
		d.shownIn(m.queue, "Printer", "toner")
		d.click(m.nina, d.shownIn(m.queue, "Printer", "Requester"), "Canned answer…")
		d.sendForm(m.nina, map[string]any{"macro": "vpn"})
		d.settle()
		d.say(m.nina, card, "?macro vpn")
		d.shownIn(m.Direct(m.carla), "restart it.")
		d.click(m.nina, d.shownIn(m.queue, "Printer", "Requester"), "Resolve with a note…")
		d.sendForm(m.nina, map[string]any{"resolution": "New toner.", "told": "requester"})
		d.shownIn(m.Direct(m.carla), "has marked the ticket as resolved", "New toner.")
		d.settle()
		for _, p := range m.Posts(m.Direct(m.carla)) {
			if strings.Contains(p.Shown(), "?handover") || strings.Contains(p.Shown(), "the toner is new") {
				t.Errorf("the requester sees %s", p.Shown())
			}
		}
	})
}
