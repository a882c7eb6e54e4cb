package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"guichet/internal/browser"
)

// The main journey again, with a mouse and a keyboard on the page of the local Slack, as somebody
// who tries guichet goes through it. GUICHET_SCREENSHOTS names the folder, from the top of the
// checkout, that gets the README's pictures: `make pictures`.
func TestInTheBrowser(t *testing.T) {
	d := newDesk(t, filepath.Join(t.TempDir(), "guichet.db"), "socket")
	p := browser.Open(t, d.slack.URL)
	picture := func(name string) {
		if dir := os.Getenv("GUICHET_SCREENSHOTS"); dir != "" {
			p.Picture(filepath.Join("../../..", dir, name))
		}
	}
	const subject = "Outlook no longer starts"
	employee := func() { p.ActAs("Alice Martin"); p.Enter("Alice Martin"); p.OpenThread(subject) }
	agent := func() { p.ActAs("Nadia Benali"); p.Enter("support"); p.OpenThread(subject) }

	// A form that is given up leaves nothing behind, and the next one starts afresh.
	p.ActAs("Alice Martin")
	p.Enter("general")
	p.Say("/ticket emm")
	p.SeeForm("Service: EMM")
	p.Type("Subject", "Not this")
	p.Cancel("Cancel")

	p.Say("/ticket")
	p.Choose("What is it about?", "Incident")
	p.Select("Service (type of resource)", "Office")
	p.Submit("Continue")
	p.SeeForm("Service: Office")
	p.Submit("Send")
	p.SeeForm("subject: Please fill this in.")
	p.Type("Subject", subject)
	p.Type("Description", "It shows its logo, then closes.")
	p.Select("Impact", "Several people")
	p.Select("Urgency", "Hinders work")
	p.Submit("Send")
	p.NoForm()
	p.Enter("Alice Martin")
	p.See("#1001", subject, "New", "Nobody yet")

	p.ActAs("Nadia Benali")
	p.Enter("support")
	p.Press("Take", subject)
	p.See("#1001", subject, "In progress", "Nadia Benali")
	p.OpenThread(subject)
	p.SayInThread("Hello Alice! Does it start in safe mode?")
	p.SeeInThread("Reply: goes to Alice Martin.")
	p.SayInThread("note: the third one since the update")
	p.SeeInThread("Internal note")

	employee()
	p.SeeInThread("Nadia Benali wrote", "Does it start in safe mode?")
	p.SayInThread("Yes, in safe mode it works!")
	p.SeeInThread("in safe mode it works!")
	picture("employee.png")

	agent()
	p.SeeInThread("Alice Martin wrote", "in safe mode it works!")
	picture("agent.png")

	d.aWeek("1001")
	d.restart(func(s string) string {
		return strings.Replace(s, "weekly: {off: true}", `weekly: {schedule: "0 3 1 1 *"}`, 1)
	})
	d.eventually("the schedule is known", func() bool { return d.number("SELECT COUNT(*) FROM schedules WHERE key LIKE '%/weekly/%'") > 0 })
	d.stop()
	d.exec("UPDATE schedules SET next_at = 1")
	d.start()
	p.See("Support: the week since", "opened", "in time")
	p.SeePicture("Support: tickets opened and resolved")
	p.CloseThread()
	if dir := os.Getenv("GUICHET_SCREENSHOTS"); dir != "" {
		p.PictureOf(filepath.Join("../../..", dir, "digest.png"), "Support: the week since", "By day:")
	}

	d.never(alice, "the third one")
	d.never(support, "Not this")
	d.never(emm, "Not this")
}

// aWeek puts a week of work behind a desk, of tickets like one, behind the program's back.
func (d *desk) aWeek(number string) {
	d.t.Helper()
	opened := map[time.Weekday]int{time.Monday: 14, time.Tuesday: 11, time.Wednesday: 9, time.Thursday: 12, time.Friday: 6, time.Saturday: 1}
	first := d.number("SELECT MAX(id) FROM tickets") + 1
	d.copies(number, 53)
	var sql strings.Builder
	id := first
	for day := 7; day > 0; day-- {
		at := time.Now().AddDate(0, 0, -day).Add(time.Hour)
		for i := range opened[at.Weekday()] {
			service := []string{"office", "office", "office", "domain"}[i%4]
			fmt.Fprintf(&sql, "UPDATE tickets SET service = '%s', created_at = %d, updated_at = %[2]d WHERE id = %[3]d;\n", service, at.UnixMilli(), id)
			if i%6 != 5 { // resolved, some of them the next day
				fmt.Fprintf(&sql, `UPDATE tickets SET state = 'closed', active = FALSE, assignee_id = requester_id WHERE id = %[1]d;
					INSERT INTO outcomes (ticket_id, queue, service, organization, resolved_at, response, response_target, resolution,
						resolution_target, kept, missed, reopened, rating) VALUES (%[1]d, 'support', '%[2]s', 'acme', %[3]d, %[4]d, 7200000, %[5]d, 57600000, 2, %[6]d, %[7]d, '%[8]s');
					`, id, service, min(at.Add(time.Duration(i%3)*20*time.Hour).UnixMilli(), time.Now().UnixMilli()), (20+i*9)*60000, (5+i)*3600000, i/9, i/12, []string{"good", "", "fair"}[i%3])
			}
			id++
		}
	}
	d.exec(sql.String())
}
