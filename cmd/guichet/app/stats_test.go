package app_test

import (
	"strings"
	"testing"
)

// A requester says how they were served, by one press; agents and managers see figures, nobody else.
func TestHowItWasHandled(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		d.press(nadia, d.card("1001"), "resolve")
		asked := d.find(alice, "has marked the ticket as resolved", "How was it handled?")
		d.press(alice, asked, "ratebad")
		d.find(support, "Alice Martin on how this was handled: Badly handled.")
		thanks := d.answer(alice, alice, func() { d.press(alice, asked, "rategood") })
		d.shows(thanks, "Thank you. The support team has your answer: Well handled.")
		if wrong := d.fill(alice, thanks, "comment", map[string]string{"comment": " "}); wrong["comment"] == "" {
			t.Error("an empty word is taken")
		}
		if wrong := d.fill(alice, thanks, "comment", map[string]string{"comment": "Very quick."}); len(wrong) > 0 {
			t.Error(wrong)
		}
		d.find(support, "Alice Martin on how this was handled (Well handled): Very quick.")

		// Once it was reopened and is resolved again, nobody is asked a second time.
		d.press(alice, asked, "reopen")
		d.find(support, "#1001 Outlook", "In progress")
		d.press(nadia, d.card("1001"), "resolve")
		d.settle()
		if n := len(d.containing(alice, "How was it handled?")); n != 1 {
			t.Errorf("asked %d times", n)
		}

		stats := d.ask(nadia, "stats")
		d.shows(stats, "Statistics of the last 30 days", "Support, now: 0 new, 0 in progress, 0 waiting", "1 opened, 1 resolved", "100% reopened (1)", "1 well handled, 0 so-so")
		d.shows(d.ask(martin, "stats 7"), "Statistics of the last 7 days", "Acme Industries: 1 opened, 1 resolved")
		d.shows(d.ask(alice, "stats"), "Statistics are for agents")
		d.shows(d.ask(nadia, "stats 8"), "Write “/ticket stats”")
	})
}

// Each queue is told of itself when its schedule comes round, in its own language; and when there is nothing, of nothing.
func TestDigests(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		d.configure(func(s string) string {
			return strings.NewReplacer("daily: {off: true} # tests of them set it", `daily: {schedule: "* * * * *"}`,
				"daily: {off: true}, weekly: {off: true}", `daily: {schedule: "* * * * *"}, weekly: {schedule: "* * * * *"}`,
				"      weekly: {off: true}", `      weekly: {schedule: "* * * * *"}`).Replace(s)
		})
		d.stop()
		d.start()
		d.eventually("the schedules are known", func() bool { return d.number("SELECT COUNT(*) FROM schedules") == 4 })
		d.stop()
		d.exec("UPDATE schedules SET next_at = 1")
		d.start()
		d.join()
		d.find(support, "Support: what there is to do today", "1 new, 0 in progress", "Nobody has taken:", "#1001 Outlook")
		d.find(support, "Support: the week since", "1 opened, 0 resolved")
		d.settle()
		d.never(emm, "à faire aujourd’hui")
	})
}

func TestHowItWasHandledInMattermost(t *testing.T) {
	acrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
		d.openIn(m.carla, "Printer", "Jams.")
		d.click(m.nina, d.shownIn(m.queue, "Printer"), "Resolve")
		asked := d.shownIn(m.Direct(m.carla), "has marked the ticket as resolved")
		d.click(m.carla, asked, "Well handled")
		d.shownIn(m.queue, "Carla Rossi on how this was handled: Well handled.")
		if stats := d.types(m.nina, "/ticket", "stats"); !containsAll(stats.Shown(), []string{"1 opened, 1 resolved", "1 well handled"}) {
			t.Errorf("stats: %s", stats.Shown())
		}
	})
}
