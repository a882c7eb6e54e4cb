package app_test

import (
	"bytes"
	"image/png"
	"strings"
	"testing"

	"guichet/internal/localslack"
)

// A requester says how they were served, by one press; agents and managers see figures, nobody else.
func TestHowItWasHandled(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
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
		week := d.ask(martin, "stats 7")
		d.shows(week, "Statistics of the last 7 days", "Acme Industries: 1 opened, 1 resolved")
		d.shows(d.ask(alice, "stats"), "Statistics are for agents")
		d.shows(d.ask(nadia, "stats 8"), "Write “/ticket stats”")

		// The picture comes where Martin is alone with guichet, once, and says what it shows.
		comes := d.answer(martin, general, func() { d.press(martin, week, "picture") })
		d.shows(comes, "The picture is on its way to your direct messages")
		d.pictured(martin, "Acme Industries: tickets opened and resolved", "1 opened, 1 resolved")
		d.settle()
		for who, n := range map[string]int{martin: 1, nadia: 0, support: 0} {
			if got := d.carried(who); got != n {
				t.Errorf("%s has %d pictures", who, got)
			}
		}
	})
}

// Each queue is told of itself when its schedule comes round, in its own language; and when there is nothing, of nothing.
func TestDigests(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		d.configure(func(s string) string {
			return strings.NewReplacer("daily: {off: true} # tests of them set it", `daily: {schedule: "0 3 1 1 *"}`,
				"daily: {off: true}, weekly: {off: true}", `daily: {schedule: "0 3 1 1 *"}, weekly: {schedule: "0 3 1 1 *"}`,
				"      weekly: {off: true}", `      weekly: {schedule: "0 3 1 1 *"}`).Replace(s)
		})
		d.stop()
		d.start()
		d.eventually("the schedules are known", func() bool { return d.number("SELECT COUNT(*) FROM schedules WHERE key NOT LIKE 'licenses/%'") == 4 })
		d.stop()
		d.exec("UPDATE schedules SET next_at = 1")
		d.start()
		d.join()
		d.find(support, "Support: what there is to do today", "1 new, 0 in progress", "Nobody has taken:", "#1001 Outlook")
		d.find(support, "Support: the week since", "1 opened, 0 resolved")
		d.pictured(support, "Support: tickets opened and resolved", "1 opened, 0 resolved")
		d.settle()
		d.never(emm, "à faire aujourd’hui")
		if n, m := d.carried(support), d.carried(emm); n != 1 || m != 0 {
			t.Errorf("%d pictures in the one channel, %d in the other", n, m)
		}
	})
}

// pictured waits for a picture in a channel, beside words with all of these texts, and checks that the same are its description.
func (d *desk) pictured(channel string, texts ...string) {
	d.t.Helper()
	var file localslack.File
	d.eventually(channel+" has a picture", func() bool {
		for _, m := range d.containing(channel, texts...) {
			if len(m.Files) > 0 {
				file = m.Files[0]
			}
		}
		return file.ID != ""
	})
	if _, err := png.Decode(bytes.NewReader(d.download(file))); err != nil || !containsAll(file.AltText, texts) {
		d.t.Errorf("the picture: %v; it says: %s", err, file.AltText)
	}
}

// picturedIn is pictured in Mattermost, which has no descriptions. It returns how many pictures there are.
func (d *desk) picturedIn(channel string, texts ...string) (n int) {
	d.t.Helper()
	d.shownIn(channel, texts...)
	for _, p := range d.team.Posts(channel) {
		for _, id := range p.FileIDs {
			name, data := d.team.FileData(id)
			if _, err := png.Decode(bytes.NewReader(data)); err != nil || !containsAll(p.Message, texts) {
				d.t.Errorf("%s: %v; beside it: %s", name, err, p.Message)
			}
			n++
		}
	}
	return n
}

func TestHowItWasHandledInMattermost(t *testing.T) {
	onceAcrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
		d.openIn(m.carla, "Printer", "Jams.")
		d.click(m.nina, d.shownIn(m.queue, "Printer"), "Resolve")
		asked := d.shownIn(m.Direct(m.carla), "has marked the ticket as resolved")
		d.click(m.carla, asked, "Well handled")
		d.shownIn(m.queue, "Carla Rossi on how this was handled: Well handled.")
		if stats := d.types(m.nina, "/ticket", "stats"); !containsAll(stats.Shown(), []string{"1 opened, 1 resolved", "1 well handled"}) {
			t.Errorf("stats: %s", stats.Shown())
		}
		d.restart(func(s string) string {
			return strings.Replace(s, "weekly: {off: true}", `weekly: {schedule: "0 3 1 1 *"}`, 1)
		})
		d.eventually("the schedule is known", func() bool { return d.number("SELECT COUNT(*) FROM schedules WHERE key LIKE '%/weekly/%'") > 0 })
		d.stop()
		d.exec("UPDATE schedules SET next_at = 1")
		d.start()
		d.shownIn(m.queue, "Support: the week since", "1 opened, 1 resolved")
		if n := d.picturedIn(m.queue, "Support: tickets opened and resolved", "1 opened, 1 resolved"); n != 1 {
			t.Errorf("the digest has %d pictures", n)
		}
		told := d.click(m.nina, d.types(m.nina, "/ticket", "stats"), "Picture")
		if !strings.Contains(told, "The picture is on its way") {
			t.Errorf("told: %s", told)
		}
		if n := d.picturedIn(m.Direct(m.nina), "Support: tickets opened and resolved", "1 opened, 1 resolved"); n != 1 {
			t.Errorf("Nina has %d pictures", n)
		}
	})
}
