package app_test

import (
	"strings"
	"testing"
)

// All by words in the thread: nothing that begins with "?" leaves it, and the thread says what was done.
func TestWordsInAThread(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		card := d.card("1001")
		d.write(nadia, support, "?take", card.TS)
		d.find(support, "#1001 Outlook", "In progress", "Nadia Benali")
		d.shows(d.answer(oliver, support, func() { d.write(oliver, support, "?take", card.TS) }), "Nadia Benali")
		d.shows(d.answer(oliver, support, func() { d.write(oliver, support, "?reslove", card.TS) }), "I don't know the word “?reslove”", "Did you mean “resolve”?")
		d.shows(d.answer(nadia, support, func() { d.write(nadia, support, "?help", card.TS) }), "?take — have it", "?snooze 2h", "?watch")
		d.shows(d.answer(nadia, support, func() { d.write(nadia, support, "?move emm", card.TS) }), "Say why, in a few words")
		d.write(nadia, support, "?assign <@"+oliver+">", card.TS)
		d.find(support, "has assigned this ticket to Oliver Smith.")
		d.write(nadia, support, "?priorité urgente", card.TS)
		d.find(support, "#1001 Outlook", "Urgent")
		d.write(nadia, support, "?snooze 3d", card.TS)
		d.find(support, "has put reminders of this ticket off until")
		d.write(nadia, support, "?resolve Restart *Outlook*.", card.TS)
		d.find(alice, "has marked the ticket as resolved", "“Restart Outlook.”")
		d.write(nadia, support, "?reopen", card.TS)
		d.find(alice, "has reopened the ticket")
		d.write(nadia, support, "?move emm a phone, after all", card.TS)
		d.find(alice, "a phone, after all")
		d.settle()
		for _, m := range d.messages(alice) {
			if strings.Contains(m.AllText(), "?") && !strings.Contains(m.AllText(), "How was it handled?") {
				t.Errorf("the requester sees %s", m.AllText())
			}
		}
	})
}

func TestWordsInAThreadOfMattermost(t *testing.T) {
	onceAcrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
		d.openIn(m.carla, "Printer", "Jams.")
		card := d.shownIn(m.queue, "Printer", "Requester")
		d.settle()
		d.say(m.nina, card, "?take")
		d.shownIn(m.Direct(m.carla), "Nina Keller is looking after your ticket.")
		d.say(m.nina, card, "?assign Nina Keller")
		d.say(m.nina, card, "?resolve New toner.")
		d.shownIn(m.Direct(m.carla), "has marked the ticket as resolved", "New toner.")
		d.settle()
		for _, p := range m.Posts(m.Direct(m.carla)) {
			if strings.Contains(p.Shown(), "?take") || strings.Contains(p.Shown(), "?assign") {
				t.Errorf("the requester sees %s", p.Shown())
			}
		}
	})
}
