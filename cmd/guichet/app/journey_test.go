package app_test

import (
	"strings"
	"testing"
)

// An employee opens a ticket, an agent takes it and answers, the employee answers back, and the
// agent resolves it. Each side sees the other's words once, in its thread.
func TestTicketThereAndBack(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		p := d.slack.OpenTest(t, alice)
		d.command(alice, "")
		d.form(p, map[string]string{"kind": "incident", "service": "office"})
		d.form(p, map[string]string{"subject": "Outlook does not start", "description": "Since this morning.",
			"impact": "one", "urgency": "high"})

		card := d.find(support, "#1001 Outlook does not start")
		for _, text := range []string{"New", "Nobody yet", "Alice Martin", "Acme Industries", "Office", "Since this morning."} {
			if !strings.Contains(card.AllText(), text) {
				t.Errorf("the card lacks %q: %s", text, card.AllText())
			}
		}
		mine := d.find(alice, "Your ticket has the number 1001")

		d.press(nadia, card, "take")
		d.find(support, "#1001", "In progress", "Nadia Benali")
		d.find(alice, "Nadia Benali is looking after your ticket.")

		d.write(nadia, support, "Which version is it?", card.TS)
		answer := d.find(alice, "Nadia Benali wrote", "Which version is it?")
		if answer.ThreadTS != mine.TS {
			t.Errorf("the answer is not in the conversation's thread")
		}
		d.find(support, "Reply: goes to Alice Martin.")

		d.write(alice, alice, "The one of 2024.", mine.TS)
		back := d.find(support, "Alice Martin wrote", "The one of 2024.")
		if back.ThreadTS != card.TS {
			t.Errorf("the requester's words are not in the card's thread")
		}

		d.write(nadia, support, "note: ask the vendor", card.TS)
		d.find(support, "Internal note: it stays here")
		d.never(alice, "ask the vendor")

		d.press(nadia, card, "resolve")
		d.find(support, "#1001", "Resolved")
		d.find(alice, "Nadia Benali has marked the ticket as resolved.")
		if n := len(d.containing(support, "#1001 Outlook")); n != 1 {
			t.Errorf("the card is there %d times", n)
		}
	})
}
