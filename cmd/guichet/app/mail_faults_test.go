package app_test

import (
	"fmt"
	"net/mail"
	"strings"
	"testing"

	"guichet/internal/postoffice"
)

// A mail of which nobody knows whether it was sent is sent again as the same, so that mail programs show it once.
func TestAMailWhoseAnswerIsLostIsSentAsTheSame(t *testing.T) {
	byMail(t, func(t *testing.T, d *desk, p *postoffice.Server) {
		p.Write(erin, desksAddress, "Printer", "It burns.")
		card := d.find(support, "Printer", "It burns.")
		d.got(p, erin.Address, "has reached")
		d.settle()
		p.HangUp(1)
		d.write(nadia, support, "Which one?", card.TS)
		d.eventually("it was sent twice", func() bool { return len(p.Mails(erin.Address)) == 3 })
		d.settle()
		if m := p.Mails(erin.Address); m[1].MessageID != m[2].MessageID || m[1].Raw != m[2].Raw {
			t.Errorf("they are two mails:\n%s\n%s", m[1].Raw, m[2].Raw)
		}
	})
}

// While guichet is stopped, mail waits with the company's server; what guichet has to send waits with guichet.
func TestMailOverRestarts(t *testing.T) {
	byMail(t, func(t *testing.T, d *desk, p *postoffice.Server) {
		p.Write(erin, desksAddress, "Printer", "It burns.")
		card := d.find(support, "Printer", "It burns.")
		asked := d.got(p, erin.Address, "has reached")
		d.stop()
		p.Reply(erin, asked, "Upstairs.")
		p.Write(mail.Address{Address: "finn@acme.example"}, desksAddress, "Scanner", "It freezes.")
		d.start()
		d.find(support, "Erin Blake wrote", "Upstairs.")
		d.find(support, "Scanner", "It freezes.")
		for i := range 5 {
			d.write(nadia, support, fmt.Sprintf("answer %d.", i), card.TS)
			d.stop()
			d.start()
		}
		d.settle()
		var said []string
		seen := map[string]bool{}
		for _, m := range p.Mails(erin.Address) {
			if _, words, ok := strings.Cut(m.Whole, "Nadia Benali wrote"); ok && !seen[m.MessageID] {
				seen[m.MessageID] = true
				said = append(said, strings.Fields(words)[1])
			}
		}
		if got := strings.Join(said, " "); got != "0. 1. 2. 3. 4." {
			t.Errorf("the mails say %s", got)
		}
	})
}

// The same mail brought twice, as servers do that got no answer, is one message.
func TestAMailThatComesTwice(t *testing.T) {
	byMail(t, func(t *testing.T, d *desk, p *postoffice.Server) {
		raw := postoffice.Raw(erin, desksAddress, "Printer", "once@acme.example", "It burns.")
		for range 3 {
			p.Bring(erin.Address, desksAddress, raw)
		}
		d.find(support, "Printer", "It burns.")
		d.eventually("all are taken", func() bool { return strings.Count(d.log.String(), "mail taken in") == 3 })
		d.settle()
		if n := d.number("SELECT COUNT(*) FROM tickets"); n != 1 || len(p.Mails(erin.Address)) != 1 {
			t.Errorf("%d tickets, %d confirmations", n, len(p.Mails(erin.Address)))
		}
	})
}

// A ticket's whole life by mail: asked, resolved, reopened by an answer, closed, and
// continued in another ticket once it is too late.
func TestATicketsLifeByMail(t *testing.T) {
	byMail(t, func(t *testing.T, d *desk, p *postoffice.Server) {
		p.Write(erin, desksAddress, "Printer", "It burns.")
		card := d.find(support, "Printer", "It burns.")
		d.press(nadia, card, "take")
		d.press(nadia, d.find(support, "Printer", "In progress"), "resolve")
		resolved := d.got(p, erin.Address, "has marked the ticket as resolved", "simply answer this mail")
		if resolved.Header.Get("Auto-Submitted") == "" {
			t.Error("it looks as if a person had written it")
		}
		p.Reply(erin, resolved, "It burns again.")
		d.find(support, "Printer", "In progress", "Nadia Benali")
		d.find(support, "Erin Blake wrote", "It burns again.")
		d.press(nadia, d.find(support, "Printer", "In progress"), "resolve")
		d.find(support, "Printer", "Resolved")
		d.press(nadia, d.find(support, "Printer", "Resolved"), "close")
		d.got(p, erin.Address, "has closed the ticket")
		d.exec("UPDATE tickets SET state_since = state_since - 15 * 24 * 3600000")
		p.Reply(erin, resolved, "And again.")
		d.find(support, "#1002", "And again.")
		d.got(p, erin.Address, "continues it")
		second := d.got(p, erin.Address, "Your ticket has the number 1002")
		p.Reply(erin, second, "Here I am.")
		d.find(support, "Erin Blake wrote", "Here I am.")
	})
}
