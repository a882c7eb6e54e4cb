package app_test

import (
	"errors"
	"strings"
	"testing"

	"guichet/internal/localslack"
)

// once checks that a channel shows each of these texts in one message.
func (d *desk) once(channel string, texts ...string) {
	d.t.Helper()
	for _, text := range texts {
		if ms := d.containing(channel, text); len(ms) != 1 {
			d.t.Errorf("%s shows %q %d times", channel, text, len(ms))
		}
	}
}

// counts checks how many rows queries count.
func (d *desk) counts(want map[string]int64) {
	d.t.Helper()
	for rows, n := range want {
		if got := d.number("SELECT COUNT(*) FROM " + rows); got != n {
			d.t.Errorf("%s: %d, want %d", rows, got, n)
		}
	}
}

// times has Slack send what it sends meanwhile so many times.
func (d *desk) times(n int, do func()) {
	d.strict.SetCopies(n)
	defer d.strict.SetCopies(1)
	do()
	d.delivered() // what the program itself causes on Slack comes as often, too
}

// again has Slack send once more all that it has sent so far, and waits until the program has dealt
// with that. Commands are not among it: Slack sends those once.
func (d *desk) again() {
	d.t.Helper()
	if err := d.strict.Replay(d.t.Context(), len(d.strict.Deliveries())); err != nil {
		d.t.Error(err)
	}
}

// Slack sends again what was not acknowledged in time, be it handled or not: beside the first one,
// or long after.
func TestWhatComesSeveralTimesIsDoneOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		p := d.slack.OpenTest(t, alice)
		d.command(alice, "")
		d.times(3, func() { d.form(p, map[string]string{"kind": "incident", "service": "office"}) })
		d.times(3, func() {
			d.form(p, map[string]string{"subject": "Outlook", "description": "Does not start.", "impact": "one", "urgency": "low"})
		})
		card, mine := d.card("1001"), d.conversation(alice, "1001")

		d.times(3, func() { d.press(nadia, card, "take") })
		d.find(support, "#1001 Outlook", "In progress")
		d.times(3, func() {
			d.write(nadia, support, "Which version?", card.TS)
			d.write(nadia, support, "note: ask the vendor", card.TS)
			d.write(alice, alice, "The one of 2024.", mine.TS)
			d.write(alice, alice, "hello, is anybody there?", "")
		})
		agent := d.slack.OpenTest(t, nadia)
		for button, body := range map[string]string{"reply": "Try it in safe mode.", "note": "the vendor is slow"} {
			d.press(nadia, card, button)
			d.times(3, func() { d.form(agent, map[string]string{"body": body}) })
		}
		d.times(3, func() { d.press(nadia, d.card("1001"), "resolve") })
		d.find(support, "#1001 Outlook", "Resolved")
		d.settle()

		check := func() {
			d.once(support, "#1001 Outlook", "Which version?", "ask the vendor", "The one of 2024.", "Try it in safe mode.", "the vendor is slow")
			d.once(alice, "Your ticket has the number 1001", "is looking after your ticket", "Which version?", "Try it in safe mode.",
				"I can't tell which ticket this belongs to", "has marked the ticket as resolved")
			if n := len(d.messages(support)); n != 8 { // those, and two receipts
				t.Errorf("the agents see %d messages", n)
			}
			if n := len(d.messages(alice)); n != 8 { // those, and two of her own
				t.Errorf("the requester sees %d messages", n)
			}
			d.counts(map[string]int64{"tickets": 1, "messages": 6, "events WHERE act = 'take'": 1, "events WHERE act = 'resolve'": 1, "events": 3})
		}
		check()
		before := d.seen(alice)
		d.again()
		if after := d.seen(alice); after != before {
			t.Errorf("something has changed: before\n%s\nafter\n%s", before, after)
		}
		check()
	})
}

// together has several people press the same button of a message at the same time.
func (d *desk) together(m localslack.Message, button string, people ...string) {
	d.t.Helper()
	d.settle()
	pressed := make(chan error)
	for _, b := range m.Buttons() {
		if id, _, _ := strings.Cut(b.ActionID, "."); id != button {
			continue
		}
		for _, who := range people {
			go func() { pressed <- d.slack.Press(d.t.Context(), who, m.Channel, m.TS, b.BlockID, b.ActionID, b.Value) }()
		}
		var errs []error
		for range people {
			errs = append(errs, <-pressed)
		}
		if err := errors.Join(errs...); err != nil {
			d.t.Fatal(err)
		}
		return
	}
	d.t.Fatalf("no button %q on: %s", button, m.AllText())
}

func TestOfTwoAgentsAtOnceOneTakesTheTicket(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		d.together(d.card("1001"), "take", nadia, oliver)
		d.settle()

		winner, loser, name := nadia, oliver, "Nadia Benali"
		if strings.Contains(d.card("1001").AllText(), "Oliver Smith") {
			winner, loser, name = oliver, nadia, "Oliver Smith"
		}
		d.shows(d.card("1001"), "In progress", name)
		d.once(alice, "is looking after your ticket.", name+" is looking after your ticket.")
		d.counts(map[string]int64{"events WHERE act = 'take'": 1})
		d.eventually("the other is told", func() bool { return len(d.private(loser, support)) > 0 })
		d.shows(d.private(loser, support)[0], name+" has just taken #1001.")
		if ms := d.private(winner, support); len(ms) > 0 {
			t.Errorf("who took it is told: %s", ms[0].AllText())
		}
	})
}

func TestAButtonPressedTwiceAtOnceActsOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		for _, step := range []struct {
			button, shows string
			who           []string
		}{
			{"take", "In progress", []string{nadia, nadia}},
			{"resolve", "Resolved", []string{oliver, nadia}},
			{"reopen", "In progress", []string{nadia, nadia, oliver}},
			{"close", "Closed", []string{alice, alice}},
		} {
			m := d.card("1001")
			if step.who[0] == alice {
				m = d.conversation(alice, "1001")
			}
			d.together(m, step.button, step.who...)
			d.settle()
			d.shows(d.card("1001"), step.shows, "Nadia Benali")
			d.counts(map[string]int64{"events WHERE act = '" + step.button + "'": 1})
		}
		d.counts(map[string]int64{"events": 5})
		for _, who := range []string{nadia, oliver} {
			for _, m := range d.private(who, support) { // whoever came second, should it have been a colleague
				d.shows(m, " has already ")
			}
		}
	})
}
