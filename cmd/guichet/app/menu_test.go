package app_test

import (
	"strings"
	"testing"

	"guichet/internal/localslack"
)

// menu is what a message's menu offers, in order.
func menu(m localslack.Message) string {
	var ids []string
	for _, i := range m.Menu() {
		id, _, _ := strings.Cut(i.Value, " ")
		ids = append(ids, id)
	}
	return strings.Join(ids, " ")
}

func TestTheMenuOfACard(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		card := d.card("1001")
		if got := menu(card); got != "assign handover watch unwatch resolvewith priority tag snooze transfer link merge split part announce declare" {
			t.Errorf("a new ticket's menu is %q", got)
		}
		if got := menu(d.conversation(alice, "1001")); got != "" {
			t.Errorf("the requester's card has the menu %q", got)
		}

		if errs := d.fill(nadia, card, "assign", map[string]string{"whom": bruno}); !strings.Contains(errs["whom"], "not an agent of the queue “Support”") {
			t.Errorf("assigned to an employee: %q", errs)
		}
		if errs := d.fill(nadia, card, "assign", map[string]string{"whom": oliver}); len(errs) > 0 {
			t.Errorf("assigned: %q", errs)
		}
		d.shows(d.find(support, "#1001 Outlook", "Assignee", "Oliver Smith"), "In progress")
		if m := d.find(support, "Nadia Benali has assigned this ticket to Oliver Smith."); m.ThreadTS != card.TS {
			t.Error("it is not told in the card's thread")
		}
		d.find(alice, "Oliver Smith is looking after your ticket.")

		d.fill(oliver, d.card("1001"), "priority", map[string]string{"to": "high"})
		d.find(support, "#1001 Outlook", "High", "Requester")
		d.find(alice, "Oliver Smith has set the priority to high.")
		if got := menu(d.card("1001")); got != "assign handover release watch unwatch wait resolvewith priority tag snooze transfer link merge split part announce declare" {
			t.Errorf("the menu of a ticket in progress is %q", got)
		}
		d.press(oliver, d.card("1001"), "wait")
		d.find(alice, "Oliver Smith needs your answer to go on.")
		d.settle()
		d.counts(map[string]int64{"events": 4})
	})
}

func TestATicketIsMovedAndComesBack(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.strict.SetLocale(alice, "fr-FR")
		p := d.slack.OpenTest(t, alice)
		d.command(alice, "office")
		d.form(p, map[string]string{"kind": "incident", "subject": "Téléphone", "description": "Il ne sonne plus.", "impact": "one", "urgency": "medium"})
		d.find(support, "#1001 Téléphone", "Requester")
		d.settle()
		card := d.card("1001")
		d.press(nadia, card, "take")
		d.settle()
		if errs := d.fill(nadia, d.card("1001"), "transfer", map[string]string{"to": "emm", "reason": strings.Repeat("x", 301)}); !strings.Contains(errs["reason"], "too long") {
			t.Errorf("a reason that is too long: %q", errs)
		}
		if errs := d.fill(nadia, d.card("1001"), "transfer", map[string]string{"to": "emm", "reason": "C’est un mobile."}); len(errs) > 0 {
			t.Fatalf("moved: %q", errs)
		}
		stub := d.find(support, "#1001 Téléphone", "Nadia Benali has moved this ticket to the queue “Mobility”: C’est un mobile.")
		if stub.TS != card.TS || buttons(stub) != "" || menu(stub) != "" || strings.Contains(stub.AllText(), "sonne") {
			t.Errorf("what stays is %s, with %q and %q", stub.AllText(), buttons(stub), menu(stub))
		}
		there := d.find(emm, "#1001 Téléphone", "Demande faite par", "Il ne sonne plus.")
		if m := d.find(emm, "a transféré ce ticket ici depuis la file", "Assistance", "C’est un mobile."); m.ThreadTS != there.TS {
			t.Error("the agents there are not told in the thread")
		}
		d.find(alice, "Nadia Benali a transféré votre ticket à l’équipe", "Mobilité", "C’est un mobile.")

		// There it goes on: notes stay inside by that queue's default, the vendor's reference is shown.
		d.write(nadia, emm, "réponse : Redémarrez-le.", there.TS)
		d.find(alice, "Redémarrez-le.")
		d.fill(nadia, d.find(emm, "#1001 Téléphone", "Demande faite par"), "vendor", map[string]string{"reference": "EMM-7"})
		d.find(emm, "#1001 Téléphone", "Référence de l’éditeur", "EMM-7", "Demande faite par")
		d.find(alice, "#1001 Téléphone", "Référence de l’éditeur", "EMM-7")
		d.shows(d.ask(nadia, "1001"), "EMM-7", "moved from Support to Mobility by Nadia Benali: C’est un mobile.")
		d.write(alice, alice, "Il sonne.", d.find(alice, "#1001 Téléphone", "EMM-7").TS)
		d.find(emm, "Alice Martin a écrit", "Il sonne.")

		d.fill(nadia, d.find(emm, "#1001 Téléphone", "Demande faite par"), "transfer", map[string]string{"to": "support", "reason": "Réglé ici."})
		d.find(emm, "a transféré ce ticket vers la file", "Réglé ici.")
		d.settle()
		if back := d.card("1001"); back.TS == card.TS {
			t.Error("the card is where nobody looks any more")
		}
		d.write(alice, alice, "Merci, et une question ?", d.find(alice, "#1001 Téléphone", "EMM-7").TS)
		if m := d.find(support, "Merci, et une question ?"); m.ThreadTS != d.card("1001").TS {
			t.Error("what follows is not below the new card")
		}
	})
}

// The form says what the ticket was when it was opened: what a colleague has changed since is not undone.
func TestTheSecondAgentIsToldByWhom(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		card := d.card("1001")
		p := d.slack.OpenTest(t, nadia)
		d.press(nadia, card, "priority")
		d.view(p)
		d.emoji(oliver, card, "rotating_light", true)
		d.find(support, "#1001 Outlook", "Urgent")
		errs := d.form(p, map[string]string{"to": "low"})
		if !strings.Contains(errs["to"], "Oliver Smith has just changed that on #1001.") {
			t.Errorf("the second is told %q", errs)
		}
		d.press(oliver, card, "take")
		d.find(support, "#1001 Outlook", "Assignee", "Oliver Smith")
		d.shows(d.answer(nadia, support, func() { d.press(nadia, card, "take") }), "Oliver Smith has just taken #1001.")
		d.press(oliver, d.card("1001"), "resolve")
		d.find(support, "#1001 Outlook", "Resolved")
		d.shows(d.answer(nadia, support, func() { d.press(nadia, card, "resolve") }), "Oliver Smith has already resolved #1001.")
		d.settle()
		d.counts(map[string]int64{"events WHERE act = 'priority'": 1, "events WHERE act = 'take'": 1, "events WHERE act = 'resolve'": 1})
	})
}
