package app_test

import (
	"strings"
	"testing"

	"guichet/internal/postoffice"
)

// Somebody writes to the queue's address, an agent answers in Slack, and so on.
func TestAskedByMailAnsweredInSlack(t *testing.T) {
	byMail(t, func(t *testing.T, d *desk, p *postoffice.Server) {
		id := p.Write(erin, desksAddress, "The printer burns", "Since this morning.\n\nErin")
		card := d.find(support, "The printer burns", "Since this morning.", "Erin Blake", "was not examined")
		ack := d.got(p, erin.Address, "has reached", "Support")
		if ack.Header.Get("Auto-Submitted") != "auto-replied" || ack.InReplyTo != id || ack.Subject != "Re: The printer burns" {
			t.Errorf("the confirmation is\n%s", ack.Raw)
		}
		d.write(nadia, support, "Which *printer*?", card.TS)
		asked := d.got(p, erin.Address, "Nadia Benali wrote", "Which", "printer")
		if asked.Header.Get("Auto-Submitted") != "" || asked.Header.Get("List-Id") != "<support.guichet.acme.example>" || asked.InReplyTo != id {
			t.Errorf("the reply is\n%s", asked.Raw)
		}
		p.Reply(erin, asked, "The one upstairs.")
		d.find(support, "Erin Blake wrote", "The one upstairs.")
		d.settle()
		for _, m := range d.containing(support, "The one upstairs.") {
			if strings.Contains(m.AllText(), "reply above") || strings.Contains(m.AllText(), "Which") {
				t.Errorf("the answer holds its history: %s", m.AllText())
			}
		}
		d.write(nadia, support, "note: it is old", card.TS)
		d.settle()
		for _, m := range p.Mails(erin.Address) {
			if strings.Contains(m.Raw, "it is old") {
				t.Error("a note went out by mail")
			}
		}
		if n := len(p.Mails(erin.Address)); n != 2 {
			t.Errorf("%d mails, want 2", n)
		}
	})
}
