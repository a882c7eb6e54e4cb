package app_test

import (
	"net/mail"
	"strings"
	"testing"

	"guichet/internal/freeport"
	"guichet/internal/postoffice"
	"guichet/store/storetest"
)

// People who write by mail.
var (
	erin = mail.Address{Name: "Erin Blake", Address: "erin@acme.example"}       // of Acme's, by her domain
	sam  = mail.Address{Name: "Sam Stranger", Address: "sam@elsewhere.example"} // of nobody's
)

const desksAddress = "support@acme.example"

const mailSecret = "mail0123456789abcdef0123456789abcdef"

// byMail runs a journey on a desk with a Slack workspace and mail, over both databases; on PostgreSQL mail comes by LMTP.
func byMail(t *testing.T, journey func(t *testing.T, d *desk, p *postoffice.Server)) {
	overMail(t, storetest.EachAddress, journey)
}

// byMailOnce is byMail over one database, as once is each.
func byMailOnce(t *testing.T, journey func(t *testing.T, d *desk, p *postoffice.Server)) {
	overMail(t, storetest.OneAddress, journey)
}

func overMail(t *testing.T, databases func(*testing.T, func(*testing.T, string)), journey func(t *testing.T, d *desk, p *postoffice.Server)) {
	t.Parallel()
	databases(t, func(t *testing.T, address string) {
		t.Parallel()
		d := newDesk(t, address, "socket")
		d.stop()
		p := d.takeMail(strings.HasPrefix(address, "postgres"))
		d.start()
		journey(t, d, p)
	})
}

// takeMail gives a desk that is stopped a mail server, and returns that.
func (d *desk) takeMail(lmtp bool) *postoffice.Server {
	d.t.Helper()
	listens, err := freeport.Address()
	if err != nil {
		d.t.Fatal(err)
	}
	p := postoffice.Start(d.t, listens, lmtp)
	protocol := "smtp"
	if lmtp {
		protocol = "lmtp"
	}
	d.mail = true
	d.configure(func(s string) string {
		s = strings.Replace(s, "\norganizations:", `
link: https://guichet.acme.example
mail:
  from: `+desksAddress+`
  smtp: {address: "`+p.Address+`", tls: none}
  receive: {listen: "`+listens+`", protocol: `+protocol+`, trust: [mx.acme.example]}

organizations:`, 1)
		return strings.Replace(s, "  - key: acme\n", "  - key: acme\n    mail_domains: [acme.example]\n", 1)
	})
	return p
}

// got waits until somebody has got a mail that shows all of these texts, and returns it.
func (d *desk) got(p *postoffice.Server, to string, texts ...string) (found postoffice.Mail) {
	d.t.Helper()
	d.eventually(to+" has got "+strings.Join(texts, ", "), func() bool {
		for _, m := range p.Mails(to) {
			if containsAll(m.Raw+m.Subject+m.Whole, texts) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}
