package app_test

import (
	"encoding/base64"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"guichet/internal/postoffice"
)

func base64Lines(b []byte) (s string) {
	text := base64.StdEncoding.EncodeToString(b)
	for len(text) > 76 {
		s, text = s+text[:76]+"\n", text[76:]
	}
	return s + text + "\n"
}

// refusedSoon waits until so many mails were refused, and returns the answer to the last.
func (d *desk) refusedSoon(p *postoffice.Server, n int) string {
	d.t.Helper()
	d.eventually(fmt.Sprint(n, " mails were refused"), func() bool { return len(p.Refused()) >= n })
	return p.Refused()[n-1]
}

// What no person wrote is noted on its ticket, answered by nothing, and opens no ticket.
func TestProgramsThatWrite(t *testing.T) {
	byMailOnce(t, func(t *testing.T, d *desk, p *postoffice.Server) {
		p.Write(erin, desksAddress, "Printer", "It burns.")
		card := d.find(support, "Printer", "It burns.")
		d.write(nadia, support, "Which one?", card.TS)
		asked := d.got(p, erin.Address, "Which one?")
		p.Reply(erin, asked, "I am out of the office until Monday.", "Auto-Submitted: auto-replied")
		d.find(support, "An automatic answer came from Erin Blake's mailbox", "until Monday")

		answerTo, err := mail.ParseAddress(asked.Header.Get("Reply-To"))
		if err != nil || asked.From != answerTo.Address {
			t.Fatalf("the return path is %q, the address to answer to %q", asked.From, answerTo)
		}
		p.Bring("", answerTo.Address, "From: Mail Delivery <mailer-daemon@acme.example>\nTo: "+answerTo.Address+"\nSubject: Undelivered\nMessage-ID: <bounce@acme.example>\nMIME-Version: 1.0\n"+
			"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\n"+
			"Reporting-MTA: dns; acme.example\n\nFinal-Recipient: rfc822; erin@acme.example\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 mailbox full\n\n--b--\n")
		d.find(support, "A mail to Erin Blake did not arrive", "5.2.2", "mailbox full")

		before := d.number("SELECT COUNT(*) FROM tickets")
		p.Write(mail.Address{Address: "monitor@acme.example"}, desksAddress, "Disk full", "91 %", "Auto-Submitted: auto-generated")
		p.Bring("", desksAddress, postoffice.Raw(mail.Address{Address: "mailer-daemon@acme.example"}, desksAddress, "Returned", "r1@acme.example", "Sorry"))
		p.Write(mail.Address{Name: "Support", Address: desksAddress}, desksAddress, "From ourselves", "round and round")
		d.eventually("they are taken in", func() bool {
			return strings.Count(d.log.String(), "a mail that no person wrote was left out") == 2 && strings.Contains(d.log.String(), "says it is from here")
		})
		d.settle()
		if n := d.number("SELECT COUNT(*) FROM tickets"); n != before || len(p.Mails(erin.Address)) != 2 {
			t.Errorf("%d tickets, %d mails", n, len(p.Mails(erin.Address)))
		}

		// Refused at once, it is the same.
		p.Refuse(erin.Address, 550)
		d.write(nadia, support, "Hello?", card.TS)
		d.find(support, "A mail to Erin Blake did not arrive: 550 5.1.1")
		// A list that a person writes by is no program: they are heard, and get no confirmation.
		p.Write(mail.Address{Name: "Lea List", Address: "lea@acme.example"}, desksAddress, "By list", "Please help.", "List-Id: <all.acme.example>", "Precedence: list")
		d.find(support, "By list", "Please help.")
		d.settle()
		if got := p.Mails("lea@acme.example"); len(got) != 0 {
			t.Errorf("a list got %s", got[0].Raw)
		}
	})
}

// Strangers are turned away, but where a queue takes their mail.
func TestStrangers(t *testing.T) {
	byMailOnce(t, func(t *testing.T, d *desk, p *postoffice.Server) {
		p.Write(sam, desksAddress, "Let me in", "Hello")
		if said := d.refusedSoon(p, 1); !strings.Contains(said, "people it knows") {
			t.Errorf("they are told %q", said)
		}
		if kept, err := os.ReadDir(filepath.Join(filepath.Dir(d.file), "files")); err != nil || len(kept) != 0 {
			t.Errorf("of what was refused %d files are kept: %v", len(kept), err)
		}
		p.Write(erin, "nobody@acme.example", "Hello", "Hello")
		d.refusedSoon(p, 2)
		d.restart(func(s string) string {
			s = strings.Replace(s, "organizations:\n", "organizations:\n  - key: public\n    name: Everybody else\n", 1)
			return strings.Replace(s, "channel: G02SUPPORT\n", "channel: G02SUPPORT\n    strangers: public\n", 1)
		})
		p.Write(sam, desksAddress, "May I?", "Hello again")
		d.find(support, "May I?", "Everybody else", "Sam Stranger")
		d.got(p, sam.Address, "has reached")
	})
}

// What the receiving server found out of a sender is shown to agents, and to nobody else.
func TestWhoeverWritesIsBelievedOrNot(t *testing.T) {
	byMailOnce(t, func(t *testing.T, d *desk, p *postoffice.Server) {
		const results = "Authentication-Results: mx.acme.example; "
		p.Write(erin, desksAddress, "Genuine", "It is me.", results+"spf=pass smtp.mailfrom=acme.example; dkim=pass header.d=acme.example")
		d.find(support, "Genuine", "from the address that it names", "SPF pass, DKIM pass")
		p.Write(erin, desksAddress, "Forged", "It is me, too.", results+"spf=fail smtp.mailfrom=acme.example; dmarc=fail header.from=acme.example")
		card := d.find(support, "Forged", "Unverified", "SPF fail, DMARC fail")
		p.Write(erin, desksAddress, "Boasting", "Believe me.", "Authentication-Results: mx.evil.example; dkim=pass header.d=acme.example")
		d.find(support, "Boasting", "was not examined")
		d.write(nadia, support, "Who are you?", card.TS)
		asked := d.got(p, erin.Address, "Who are you?")
		p.Reply(sam, asked, "Somebody else with her mail.")
		d.find(support, "Erin Blake wrote", "Somebody else with her mail.", "It was written from sam@elsewhere.example")
		d.shows(d.ask(nadia, "1002"), "Unverified", "sam@elsewhere.example")
		if strings.Contains(asked.Raw, "Unverified") {
			t.Error("the sender is told")
		}
	})
}

// Nobody floods the desk: more mails than are taken in within an hour wait with whoever brings them.
func TestTooManyMails(t *testing.T) {
	byMail(t, func(t *testing.T, d *desk, p *postoffice.Server) {
		d.restart(func(s string) string { return strings.Replace(s, "trust: [mx.acme.example]", "hourly: 2", 1) })
		for i := range 3 {
			p.Write(erin, desksAddress, fmt.Sprint("Printer ", i), "It burns.")
		}
		p.Write(mail.Address{Address: "finn@acme.example"}, desksAddress, "Other", "of another sender")
		d.find(support, "Other")
		d.eventually("two are taken in", func() bool {
			return d.number("SELECT COUNT(*) FROM tickets") == 3 && strings.Contains(d.log.String(), "too many mails of one sender")
		})
		d.exec("UPDATE senders SET since = since - 3700000")
		d.eventually("an hour later the third is", func() bool { return d.number("SELECT COUNT(*) FROM tickets") == 4 })
	})
}

// Whoever answers from nowhere, with an address that was made up, is refused.
func TestForgedAddresses(t *testing.T) {
	byMailOnce(t, func(t *testing.T, d *desk, p *postoffice.Server) {
		p.Write(erin, desksAddress, "Printer", "It burns.")
		d.find(support, "Printer", "It burns.")
		other := mail.Address{Name: "Finn", Address: "finn@acme.example"}
		p.Write(other, desksAddress, "Other", "Not hers.")
		d.find(support, "Other", "Not hers.")
		token := func(to string) string {
			a, err := mail.ParseAddress(d.got(p, to, "has reached").Header.Get("Reply-To"))
			if err != nil {
				t.Fatal(err)
			}
			local, _, _ := strings.Cut(a.Address, "@")
			return strings.TrimPrefix(local, "support+")
		}
		hers, his := strings.Split(token(erin.Address), "-"), strings.Split(token(other.Address), "-")
		for i, c := range []struct{ name, token string }{
			{"another ticket", his[0] + "-" + hers[1] + "-" + hers[2]},
			{"another person", hers[0] + "-" + his[1] + "-" + hers[2]},
			{"another signature", hers[0] + "-" + hers[1] + "-" + his[2]},
			{"no signature", hers[0] + "-" + hers[1]},
			{"an empty signature", hers[0] + "-" + hers[1] + "-"},
			{"half a signature", hers[0] + "-" + hers[1] + "-" + hers[2][:8]},
			{"a number before", "1" + strings.Join(hers, "-")},
			{"a guess", hers[0] + "-" + hers[1] + "-" + strings.Repeat("a", 16)},
			{"a negative ticket", "-" + strings.Join(hers, "-")},
			{"only a plus", ""},
		} {
			p.Write(other, "support+"+c.token+"@acme.example", "Re: Printer", "let me in")
			if said := d.refusedSoon(p, i+1); !strings.Contains(said, "550") {
				t.Errorf("%s: %s", c.name, said)
			}
		}
		if n := strings.Count(d.log.String(), "the address to answer to is not one of ours"); n != len(p.Refused()) {
			t.Errorf("%d of %d are logged", n, len(p.Refused()))
		}
		if n := d.number("SELECT COUNT(*) FROM messages WHERE body = 'let me in'"); n != 0 {
			t.Errorf("%d were taken in", n)
		}
		// Servers that fold the case, and those that don't, are both understood.
		p.Write(erin, strings.ToUpper("support+"+strings.Join(hers, "-")+"@acme.example"), "Re: Printer", "in capitals")
		d.find(support, "Erin Blake wrote", "in capitals")
	})
}

// However long a mail is, what nobody would read in a chat is in a file beside it.
func TestALongMail(t *testing.T) {
	byMailOnce(t, func(t *testing.T, d *desk, p *postoffice.Server) {
		long := strings.Repeat("All work and no play.\n", 1_700)
		p.Write(erin, desksAddress, "My novel", long)
		card := d.find(support, "My novel")
		if got := d.received(support, card.TS, "mail.txt"); strings.TrimSpace(string(got)) != strings.TrimSpace(long) {
			t.Errorf("the file has %d bytes of %d", len(got), len(long))
		}
		d.settle()
		if n := len(d.containing(support, "All work and no play.")); n > 5 {
			t.Errorf("it is in %d messages", n)
		}
	})
}
