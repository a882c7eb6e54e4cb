package app_test

import (
	"os"
	"path/filepath"
	"testing"

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

	d.never(alice, "the third one")
	d.never(support, "Not this")
	d.never(emm, "Not this")
}
