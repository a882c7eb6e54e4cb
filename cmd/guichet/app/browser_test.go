package app_test

import (
	"os"
	"path/filepath"
	"testing"

	"guichet/internal/browser"
)

// The main journey again, with a mouse and a keyboard on the page of the local Slack, as somebody
// who tries guichet goes through it. GUICHET_SCREENSHOTS names a folder that gets the pictures of
// the README; see docs/images/.
func TestInTheBrowser(t *testing.T) {
	d := newDesk(t, filepath.Join(t.TempDir(), "guichet.db"))
	p := browser.Open(t, d.slack.URL)
	picture := func(name string) {
		if dir := os.Getenv("GUICHET_SCREENSHOTS"); dir != "" {
			d.settle()
			p.Picture(filepath.Join(dir, name))
		}
	}
	const subject = "Outlook asks for my password again and again"
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
	p.Type("Description", "Every few minutes, since this morning's update. The webmail takes the same password.")
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
	p.SayInThread("Good morning! Is it on this computer only, or on your phone as well?")
	p.SeeInThread("Sent to Alice Martin.")
	p.SayInThread("note: the third one since the update, I am asking the vendor")
	p.SeeInThread("Internal note")

	employee()
	p.SeeInThread("Nadia Benali wrote", "on your phone as well?")
	p.SayInThread("Only here. On the phone all is well.")
	p.SeeInThread("On the phone all is well.")
	picture("employee.png")

	agent()
	p.SeeInThread("Alice Martin wrote", "On the phone all is well.")
	picture("agent.png")

	d.never(alice, "asking the vendor")
	d.never(support, "Not this")
	d.never(emm, "Not this")
}
