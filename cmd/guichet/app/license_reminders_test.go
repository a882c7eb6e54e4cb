package app_test

import (
	"strings"
	"testing"
	"time"
)

// fallsDue has something of licenses fall due, which the program sees to when it starts.
func (d *desk) fallsDue(statement string) {
	d.t.Helper()
	d.stop()
	d.exec(statement)
	d.start()
}

// mondays has the program look, at its next start, whether there are licenses that nobody uses, and which contracts end, and waits until it has.
func (d *desk) mondays() {
	d.t.Helper()
	looked := func() bool {
		return d.number("SELECT COUNT(*) FROM schedules WHERE key LIKE 'licenses/%/acme/%' AND next_at > 1") == 2
	}
	d.eventually("it is known when to look", looked)
	d.fallsDue("UPDATE schedules SET next_at = 1 WHERE key LIKE 'licenses/%'")
	d.eventually("it has looked", looked)
	d.settle()
}

// A manager is reminded of what nobody uses: its buttons are filled in with the license, and put it off. Everything else is behind /license.
func TestLicenseRemindersInSlack(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		until := time.Now().AddDate(0, 0, 20).Format(time.DateOnly)
		d.stop()
		d.priced()
		d.configure(func(s string) string {
			return strings.Replace(s, "    managers:", "    contracts: [{service: office, until: "+until+"}]\n    managers:", 1)
		})
		d.start()
		d.estate()
		d.mondays()
		unused := d.find(martin, "Licenses of Acme Industries that nobody uses", "Office, Basic: 2 ordered and not activated", "Office, Basic: 3 activated and assigned to nobody")
		ends := d.find(martin, "A contract ends soon", "Office: the contract ends on")
		if got := buttons(unused); got != "activate giveseat terminate remindlater" {
			t.Errorf("its buttons are %q", got)
		}
		if errs := d.fill(martin, unused, "giveseat", map[string]string{"whom": bruno}); len(errs) > 0 {
			t.Errorf("assigned: %q", errs)
		}
		d.find(bruno, "Martin Dupont has assigned you a license: Office, Basic")
		p := d.slack.OpenTest(t, martin)
		d.press(martin, unused, "terminate")
		d.form(p, nil)
		if v := d.view(p); !strings.Contains(v.AllText(), "Done. Office, Basic: assigned 8, and 9 would be left for them.") {
			t.Errorf("3 of 12 are to end: %s", v.AllText())
		}
		p.Close()

		d.forge(alice, unused, "remindlater", "unused 0 28")
		d.shows(d.answer(martin, unused.Channel, func() { d.press(martin, unused, "remindlater") }), "does not come again before "+time.Now().UTC().AddDate(0, 0, 28).Format("2 Jan 2006"))
		d.shows(d.answer(martin, ends.Channel, func() { d.press(martin, ends, "remindlater") }), time.Now().UTC().AddDate(0, 0, 7).Format("2 Jan 2006"))
		d.counts(map[string]int64{"snoozes WHERE account = '" + martin + "'": 2, "snoozes": 2})
		d.mondays()
		d.once(martin, "that nobody uses", "A contract ends soon")
		d.exec("UPDATE snoozes SET until_at = 1")
		d.mondays()
		for _, text := range []string{"that nobody uses", "A contract ends soon"} {
			if n := len(d.containing(martin, text)); n != 2 {
				t.Errorf("%q is there %d times", text, n)
			}
		}

		overview := d.licenses(martin, "")
		if got := menu(overview); got != "licensechange terminate admins" {
			t.Errorf("its menu is %q", got)
		}
		p = d.slack.OpenTest(t, martin)
		defer p.Close()
		for _, entry := range []struct{ button, title string }{{"licensechange", "Change licenses"}, {"terminate", "Terminate licenses"}} {
			d.press(martin, overview, entry.button)
			d.titled(p, entry.title)
			if err := p.CloseView(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		d.press(martin, overview, "admins")
		d.eventually("the administrators are shown", func() bool {
			ms := d.private(martin, general)
			return strings.Contains(ms[len(ms)-1].AllText(), "Technical administrators of Acme Industries")
		})

		// Licenses end with their contract; before that the manager is reminded.
		d.press(martin, overview, "terminate")
		d.form(p, map[string]string{"license": "office-basic", "quantity": "1", "when": "contract"})
		d.form(p, map[string]string{"quantity": "1"})
		day, _ := time.Parse(time.DateOnly, until)
		d.find(martin, "Termination 1: planned", "1 license of Office, Basic ends on "+day.Format("2 Jan 2006"))
		d.fallsDue("UPDATE terminations SET due_at = 1")
		d.eventually("it comes again before it takes effect", func() bool { return len(d.containing(martin, "Termination 1: planned")) == 2 })
	})
}
