package app_test

import (
	"strings"
	"testing"
	"time"
)

// promising gives the support queue targets, and reminders that escalate.
func (d *desk) promising(lead string) {
	d.t.Helper()
	d.configure(func(s string) string {
		return strings.Replace(s, "    reminders:\n", "    lead: \""+lead+"\"\n    sla:\n      low: {first_response: 1h, next_response: 1h, resolution: 100h}\n      normal: {first_response: 1h}\n    reminders:\n"+
			"      breach: {tell: [agent, lead], every: 1h}\n", 1)
	})
}

// One who does not answer is called, by name, then whoever leads; and every look at the clocks says the same.
func TestAnAgentWhoIsLateIsCalledByName(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.promising("acme:" + oliver)
		d.rules(1)
		d.open(alice, "Outlook", "Does not start.")
		d.shows(d.card("1001"), "Due", "first reply by ")
		d.press(nadia, d.card("1001"), "take")
		d.find(support, "#1001 Outlook", "In progress")
		d.aged(50 * time.Minute)
		d.rules(1)
		near := d.find(support, "#1001 “Outlook”: first reply is due")
		if d.shows(near, "<@"+nadia+">"); near.ThreadTS != d.card("1001").TS {
			t.Error("who has it is not called in its thread")
		}
		d.aged(15 * time.Minute)
		d.rules(3)
		d.once(support, "#1001 “Outlook”: first reply is overdue by 5 min of business time.")
		d.shows(d.card("1001"), "first reply: overdue")
		d.aged(70 * time.Minute)
		d.rules(1)
		last := d.find(support, "first reply is overdue by 1 h 15 min of business time.")
		if d.shows(last, "<@"+oliver+">"); last.ThreadTS != "" {
			t.Error("who leads is not called in the channel")
		}
		d.never(alice, "overdue")

		why := d.ask(nadia, "why 1001")
		d.shows(why, "The clocks of #1001 Outlook", "first reply: 2 h 15 min counted, of 1 h 00 min. Overdue by 1 h 15 min.", "counted (Support)")
		d.shows(d.ask(alice, "why 1001"), "first reply: 2 h 15 min counted", "No reminder is due as things stand.")
		d.shows(d.ask(bruno, "why 1001"), "no ticket #1001")
		d.shows(d.ask(bruno, "why #9"), "no ticket #9")
		d.write(nadia, support, "Which version?", d.card("1001").TS)
		d.settle()
		d.shows(d.ask(nadia, "why 1001"), "first reply: done ")
		d.aged(10 * time.Hour)
		d.rules(1)
		d.once(support, "first reply is overdue by 1 h 15 min")
	})
}

func TestARequesterKeepsTheirTicketOpen(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		d.awaits("1001")
		d.exec("UPDATE people SET language = 'fr' WHERE name = 'Alice Martin'")
		d.aged(121 * time.Hour)
		d.rules(1)
		warned := d.find(alice, "Nous sommes sans réponse de votre part depuis le", "Garder ouvert")
		d.press(alice, warned, "keep")
		d.find(support, "wants the ticket kept open.")
		d.settle()
		d.aged(121 * time.Hour)
		d.rules(2)
		if n := len(d.containing(alice, "Nous sommes sans réponse de votre part depuis le")); n != 2 {
			t.Errorf("warned %d times", n)
		}
		d.shows(d.card("1001"), "Waiting for the requester")
		d.aged(50 * time.Hour)
		d.rules(2)
		d.once(alice, "le ticket est maintenant clôturé.")
		d.shows(d.card("1001"), "Closed")
		d.press(alice, d.find(alice, "Sans réponse depuis"), "reopen")
		d.find(support, "#1001 Outlook", "In progress")
	})
}

// The same in Mattermost.
func TestClocksInMattermost(t *testing.T) {
	onceAcrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
		d.promising("acme-mm:" + m.nina)
		d.rules(1)
		d.types(m.carla, "/ticket", "")
		d.sendForm(m.carla, map[string]any{"kind": "incident", "service": "office"})
		d.click(m.carla, d.shownIn(m.Direct(m.carla), "One more step"), "Continue")
		d.sendForm(m.carla, map[string]any{"subject": "Printer", "description": "Jams.", "impact": "one", "urgency": "low"})
		card := d.shownIn(m.queue, "Printer", "first reply by ")
		d.click(m.nina, card, "Take")
		d.shownIn(m.queue, "Printer", "In progress")
		d.settle()
		d.aged(time.Hour + time.Minute)
		d.rules(1)
		d.shownIn(m.queue, "@nina", "first reply is overdue by 1 min of business time.")
		if why := d.types(m.nina, "/ticket", "why "+numberIn(card)); !containsAll(why.Shown(), []string{"The clocks of #", "Overdue by 1 min."}) {
			t.Errorf("why: %s", why.Shown())
		}
		d.click(m.nina, card, "Wait for requester")
		d.settle()
		d.aged(121 * time.Hour)
		d.rules(1)
		d.click(m.carla, d.shownIn(m.Direct(m.carla), "unless you write in this thread or press “Keep open”"), "Keep open")
		d.shownIn(m.queue, "Carla Rossi wants the ticket kept open.")
	})
}
