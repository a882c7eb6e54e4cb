package app_test

import (
	"strings"
	"testing"

	"guichet/internal/localslack"
)

// An incident that several people have: announced, asked about in the form and before it, answered once for all; and what else
// tickets have to do with each other.
func TestTicketsHaveToDoWithEachOther(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.strict.SetLocale(bruno, "fr-FR")
		d.open(alice, "Outlook crashes", "At start.")
		if errs := d.fill(nadia, d.card("1001"), "announce", map[string]string{"title": "Outlook does not open", "told": "organization"}); len(errs) > 0 {
			t.Fatalf("announced: %q", errs)
		}
		d.find(support, "Nadia Benali has people who are about to open a ticket told: Outlook does not open.")

		// Within the form: it is that one; it is not.
		p := d.slack.OpenTest(t, bruno)
		d.command(bruno, "office")
		d.form(p, map[string]string{"kind": "information", "subject": "Outlook ne s’ouvre pas", "description": "Chez moi non plus."})
		v, err := p.WaitView(t.Context(), "what is known", func(v localslack.View) bool {
			return strings.Contains(string(v.Blocks), "Outlook does not open (1 personne")
		})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(v.Blocks), "peut-être déjà connu") {
			t.Errorf("the form is %s", v.Blocks)
		}
		d.form(p, map[string]string{"known": "1001"})
		p.Close()
		d.find(bruno, "#1002 Outlook does not open", "Chez moi non plus.", "fait partie d’un incident")
		d.find(support, "#1001", "Affected", "2 people are affected")
		p = d.slack.OpenTest(t, martin)
		d.command(martin, "office")
		d.form(p, map[string]string{"kind": "information", "subject": "Outlook opens slowly", "description": "Very."})
		d.view(p)
		if _, err := p.WaitView(t.Context(), "what is known", func(v localslack.View) bool { return strings.Contains(string(v.Blocks), "2 people are affected") }); err != nil {
			t.Fatal(err)
		}
		d.form(p, map[string]string{"known": "none"})
		p.Close()
		d.find(martin, "#1003 Outlook opens slowly", "Your ticket has the number")
		d.find(support, "#1003 Outlook opens slowly")

		// Before the form, by who has written something already.
		d.write(bruno, d.find(bruno, "#1002 Outlook").Channel, "Outlook: open? Toujours pas", "")
		offer := d.find(bruno, "Nouveau ticket")
		known := d.answer(bruno, offer.Channel, func() { d.press(bruno, offer, "new") })
		d.shows(known, "peut-être déjà connu", "Outlook does not open", "Moi aussi", "Autre chose")
		d.press(bruno, known, "metoo")
		d.eventually("it is counted once", func() bool { return d.number("SELECT affected FROM tickets WHERE id = 1001") == 1 })

		d.settle()
		d.write(nadia, support, "note: the disk is full", d.card("1001").TS)
		d.write(nadia, support, "We are on it.", d.card("1001").TS)
		d.find(alice, "Nadia Benali", "We are on it.")
		d.find(bruno, "Nadia Benali", "We are on it.")

		// Merged, by a form; the wrong number is told at the field.
		d.settle()
		if errs := d.wrongly(nadia, d.card("1003"), "merge", map[string]string{"other": "77"}); !strings.Contains(errs["other"], "There is no ticket") {
			t.Errorf("merged with what is not there: %q", errs)
		}
		d.settle()
		if errs := d.fill(nadia, d.card("1003"), "merge", map[string]string{"other": "#1001"}); len(errs) > 0 {
			t.Fatalf("merged: %q", errs)
		}
		d.find(martin, "has merged this ticket into #1001")
		d.find(martin, "You follow this ticket", "Outlook crashes")
		d.find(alice, "Martin Dupont has written about the same")
		d.find(support, "#1003 Outlook opens slowly", "This ticket goes on in #1001.")
		d.settle()
		d.write(martin, d.find(martin, "#1003 Outlook opens slowly").Channel, "Since Monday.", d.find(martin, "#1003 Outlook opens slowly").TS)
		if m := d.find(support, "Martin Dupont", "Since Monday."); m.ThreadTS != d.card("1001").TS {
			t.Error("what was written in the merged ticket does not go on in the other")
		}

		// Split off, linked, put off.
		d.write(alice, d.conversation(alice, "1001").Channel, "And the printer jams.", d.conversation(alice, "1001").TS)
		d.find(support, "And the printer jams.")
		d.settle()
		if errs := d.fill(nadia, d.card("1001"), "split", map[string]string{"subject": "Printer"}); len(errs) > 0 {
			t.Fatalf("split: %q", errs)
		}
		d.find(alice, "#1004 Printer", "And the printer jams.")
		d.find(support, "#1004 Printer", "See also", "#1001")
		d.settle()
		if errs := d.fill(nadia, d.card("1004"), "link", map[string]string{"other": "1001, 1003"}); len(errs) > 0 {
			t.Fatalf("linked: %q", errs)
		}
		d.find(support, "#1004 Printer", "See also", "#1001, #1003")
		d.settle()
		if errs := d.fill(nadia, d.card("1004"), "snooze", map[string]string{"until": "3d"}); len(errs) > 0 {
			t.Fatalf("put off: %q", errs)
		}
		d.find(support, "has put reminders of this ticket off until")
		d.write(nadia, support, "?rattacher 1001", d.card("1004").TS)
		d.find(alice, "Your ticket is part of an incident")

		d.settle()
		d.fill(nadia, d.card("1001"), "resolvewith", map[string]string{"resolution": "A server was down.", "told": "requester"})
		d.find(bruno, "a marqué le ticket comme résolu", "A server was down.")
		d.eventually("all are resolved", func() bool { return d.number("SELECT COUNT(*) FROM tickets WHERE state = 'resolved'") == 3 })
		d.settle()
		for _, m := range d.messages(bruno) {
			for _, secret := range []string{"disk is full", "Outlook crashes", "Since Monday", "printer"} {
				if strings.Contains(m.AllText(), secret) {
					t.Errorf("who is affected too reads %s", m.AllText())
				}
			}
		}
	})
}

// The same in Mattermost, where a form can't follow a form.
func TestTicketsHaveToDoWithEachOtherInMattermost(t *testing.T) {
	onceAcrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
		d.openIn(m.carla, "Outlook crashes", "At start.")
		card := d.shownIn(m.queue, "Outlook crashes", "Requester")
		d.click(m.nina, card, "Known incident…")
		d.sendForm(m.nina, map[string]any{"title": "Outlook does not open", "told": "everybody"})
		d.shownIn(m.queue, "has people who are about to open a ticket told")
		d.types(m.lucas, "/ticket", "office")
		d.sendForm(m.lucas, map[string]any{"kind": "information", "subject": "Outlook ne s’ouvre pas", "description": "Rien."})
		d.click(m.lucas, d.shownIn(m.Direct(m.lucas), "Continuer"), "Continuer")
		d.sendForm(m.lucas, map[string]any{"known": "1001"})
		d.shownIn(m.Direct(m.lucas), "Outlook does not open", "fait partie d’un incident")
		d.shownIn(m.queue, "2 people are affected")
		d.settle()
		d.say(m.nina, card, "We are on it.")
		d.shownIn(m.Direct(m.lucas), "We are on it.")
		d.shownIn(m.Direct(m.carla), "We are on it.")
		d.openIn(m.carla, "Printer", "Jams.")
		d.click(m.nina, d.shownIn(m.queue, "Printer", "Requester"), "Merge…")
		d.sendForm(m.nina, map[string]any{"other": "1001"})
		d.shownIn(m.Direct(m.carla), "has merged this ticket into #1001")
	})
}
