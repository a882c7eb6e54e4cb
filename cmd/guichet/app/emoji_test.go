package app_test

import (
	"testing"

	"guichet/internal/localslack"
)

// emoji puts an emoji on a message, or takes it off.
func (d *desk) emoji(who string, m localslack.Message, name string, present bool) {
	d.t.Helper()
	if err := d.slack.React(d.t.Context(), who, m.Channel, m.TS, name, present); err != nil {
		d.t.Fatal(err)
	}
	d.delivered()
}

func TestEmojiOnTheCard(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		card := d.card("1001")
		for _, step := range []struct {
			emoji        string
			present      bool
			shows        string // on the card
			desk, people string // in the threads
		}{
			{"eyes", true, "In progress", "Nadia Benali has taken this ticket.", "Nadia Benali is looking after your ticket."},
			{"eyes", false, "Nobody yet", "Nadia Benali has given this ticket back: nobody has it now.", "Nadia Benali has given this ticket back: nobody has it now."},
			{"rotating_light", true, "Urgent", "Nadia Benali has set the priority to urgent.", "Nadia Benali has set the priority to urgent."},
			{"rotating_light", false, "Normal", "Nadia Benali has set the priority to normal.", "Nadia Benali has set the priority to normal."},
			{"white_check_mark", true, "Resolved", "Nadia Benali has resolved this ticket.", "Nadia Benali has marked the ticket as resolved."},
			{"white_check_mark", false, "In progress", "Nadia Benali has reopened the ticket.", "Nadia Benali has reopened the ticket."},
		} {
			d.emoji(nadia, card, step.emoji, step.present)
			d.find(support, "#1001 Outlook", step.shows, "Requester")
			if m := d.find(support, step.desk); m.ThreadTS != card.TS {
				t.Errorf("%s is told elsewhere", step.desk)
			}
			d.find(alice, step.people)
			d.settle()
		}
		d.counts(map[string]int64{"events": 7})
	})
}

func TestEmojiThatMeanNothingOrAreNotTheirs(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card("1001"), d.conversation(alice, "1001")
		other := d.mark(nadia, support)
		before := d.seen(alice)
		known := d.number("SELECT COUNT(*) FROM people")
		d.emoji(oliver, card, "tada", true)
		d.emoji(oliver, other, "eyes", true)
		d.emoji(bruno, d.mark(bruno, general), "eyes", true)
		if n := d.number("SELECT COUNT(*) FROM people"); n != known {
			t.Errorf("%d people were looked up for emoji that mean nothing", n-known)
		}
		if after := d.seen(alice); after != before {
			t.Errorf("something has changed: before\n%s\nafter\n%s", before, after)
		}
		d.emoji(alice, mine, "white_check_mark", true)
		d.find(alice, "These emoji are for the support team.")
		d.settle()
		d.shows(d.card("1001"), "New")
		d.counts(map[string]int64{"events": 1})

		// A colleague has it: the emoji takes it from nobody.
		d.press(nadia, card, "take")
		d.find(support, "#1001 Outlook", "Assignee", "Nadia Benali")
		told := d.answer(oliver, support, func() { d.emoji(oliver, card, "eyes", true) })
		d.shows(told, "Nadia Benali has just taken #1001.")
		d.emoji(oliver, card, "eyes", false) // it was never his
		d.settle()
		d.shows(d.card("1001"), "Nadia Benali", "In progress")
		d.counts(map[string]int64{"events": 2})
	})
}
