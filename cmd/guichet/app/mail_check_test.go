package app_test

import (
	"net"
	"strings"
	"testing"

	"guichet/cmd/guichet/app"
	"guichet/cmd/guichet/config"
	"guichet/internal/postoffice"
)

// guichet check says how mail stands, and what to do where it does not.
func TestCheckOfMail(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		says := func(want int, texts ...string) {
			t.Helper()
			c, err := config.Load(d.file, d.environ())
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			if wrong := app.Check(t.Context(), c, &out); wrong != want || !containsAll(out.String(), texts) {
				t.Errorf("%d wrong, want %d with %q:\n%s", wrong, want, texts, out.String())
			}
		}
		says(0, "mail: off")
		d.stop()
		p := d.takeMail(false)
		says(0, "takes mail for delivery", "comes in by smtp at")
		at := p.Address
		d.configure(func(s string) string { return strings.Replace(s, at, "127.0.0.1:1", 1) })
		says(1, "mail: 127.0.0.1:1", "Check mail.smtp.address")
		d.configure(func(s string) string {
			return strings.Replace(strings.Replace(s, "127.0.0.1:1", at, 1), "tls: none", "tls: starttls", 1)
		})
		says(1, "STARTTLS", "Check mail.smtp.tls")
		d.configure(func(s string) string { return strings.Replace(s, "tls: starttls", "tls: none", 1) })
		d.start()
	})
}

// A mailbox that guichet looks into is the other way for mail to come in.
func TestMailFromAMailbox(t *testing.T) {
	byMail(t, func(t *testing.T, d *desk, p *postoffice.Server) {
		box := postoffice.StartMailbox(t, "support", "sesame", "Done", "Refused")
		d.password = "sesame"
		d.restart(func(s string) string {
			i := strings.Index(s, "  receive: {")
			j := i + strings.Index(s[i:], "\n")
			return s[:i] + "  receive: {imap: {address: \"" + box.Address + "\", tls: none, user: support, done: Done, failed: Refused, poll: 5s}}" + s[j:]
		})
		box.Put(postoffice.Raw(erin, desksAddress, "Printer", "one@acme.example", "It burns."))
		card := d.find(support, "Printer", "It burns.")
		d.write(nadia, support, "Which one?", card.TS)
		asked := d.got(p, erin.Address, "Which one?")
		box.Put(strings.Replace(postoffice.Raw(erin, desksAddress, "Re: Printer", "two@acme.example", "Upstairs."), "To: <"+desksAddress+">", "To: "+asked.Header.Get("Reply-To"), 1))
		d.find(support, "Erin Blake wrote", "Upstairs.")
		box.Put(postoffice.Raw(sam, desksAddress, "Let me in", "three@elsewhere.example", "Please."))
		d.eventually("each is where it belongs", func() bool { return box.Count("INBOX") == 0 && box.Count("Done") == 2 && box.Count("Refused") == 1 })
		if n := d.number("SELECT COUNT(*) FROM tickets"); n != 1 {
			t.Errorf("%d tickets", n)
		}
	})
}

// What can't be configured is said at the start, not at the first mail.
func TestMailWhereAnotherListens(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.stop()
		p := d.takeMail(false)
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		was := p.Guichet()
		d.configure(func(s string) string { return strings.Replace(s, was, l.Addr().String(), 1) })
		c, err := config.Load(d.file, d.environ())
		if err != nil {
			t.Fatal(err)
		}
		a, err := app.New(t.Context(), c, d.logger())
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		if err := a.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "listen for mail") {
			t.Errorf("it ended with %v", err)
		}
		d.configure(func(s string) string { return strings.Replace(s, l.Addr().String(), was, 1) })
		d.start()
	})
}
