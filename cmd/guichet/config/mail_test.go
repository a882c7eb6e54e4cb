package config

import (
	"strings"
	"testing"
)

const withMail = small + `
link: https://guichet.acme.example/
mail:
  from: desk@acme.example
  smtp: {address: "mail.acme.example:587", user: guichet}
  receive: {listen: "127.0.0.1:2525", protocol: lmtp, trust: [mx.acme.example], hourly: 7}
`

var mailSecrets = append([]string{"GUICHET_MAIL_SECRET=" + strings.Repeat("s", 32), "GUICHET_MAIL_SMTP_PASSWORD=sesame"}, tokens...)

func TestMail(t *testing.T) {
	c := mustLoad(t, withMail, mailSecrets...)
	m := c.Mail
	if m.From != "desk@acme.example" || m.SMTP.TLS != "starttls" || m.SMTP.Password.Reveal() != "sesame" || c.Link != "https://guichet.acme.example" {
		t.Errorf("got %+v", m)
	}
	if m.Receive.Protocol != "lmtp" || m.Receive.Hourly != 7 || len(m.Receive.Prefixes()) != 2 {
		t.Errorf("got %+v", m.Receive)
	}
}

func TestMailProblems(t *testing.T) {
	for _, test := range []struct{ name, old, new, without, want string }{
		{"no sender", "  from: desk@acme.example\n", "", "", "mail.from: is missing"},
		{"no server", `address: "mail.acme.example:587", `, "", "", "mail.smtp.address: is missing"},
		{"a server without its port", "mail.acme.example:587", "mail.acme.example", "", "mail.smtp.address: must be host:port"},
		{"an address that is none", "desk@acme.example", "desk", "", "mail.from: must be a mail address"},
		{"an address with a plus", "desk@acme.example", "desk+x@acme.example", "", "mail.from: must be a mail address"},
		{"both ways in", "hourly: 7", `imap: {address: "imap.acme.example:993", user: u}`, "", "mail.receive.imap: is set beside listen"},
		{"a mailbox of nobody", `listen: "127.0.0.1:2525", protocol: lmtp`, `imap: {address: "imap.acme.example:993"}`, "", "mail.receive.imap.user: is missing"},
		{"LMTP where SMTP is", "127.0.0.1:2525", "127.0.0.1:25", "", "mail.receive.listen: is at port 25"},
		{"no number", "hourly: 7", "hourly: 0", "", "mail.receive.hourly: must be a number"},
		{"no network", "hourly: 7", "networks: [here]", "", "mail.receive.networks[0]: must be a network"},
		{"no secret", "", "", "GUICHET_MAIL_SECRET", "mail.secret_file: is missing"},
		{"no password", "", "", "GUICHET_MAIL_SMTP_PASSWORD", "mail.smtp.password_file: is missing"},
		{"no listener for links", "listen: off", "listen: off", "", ""},
		{"two queues with one address", "", "", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := withMail
			if test.old != "" {
				text = strings.Replace(text, test.old, test.new, 1)
			}
			switch test.name {
			case "no listener for links":
				text, test.want = text+"listen: \"off\"\n", "link: needs an address to listen on"
			case "two queues with one address":
				text = strings.Replace(text, "channel: C0SUPPORT", "channel: C0SUPPORT\n    mail: it@acme.example\n  - {key: emm, workspace: acme, channel: C0EMM, mail: IT@acme.example}", 1)
				test.want = "queues[1].mail: is already that of the queue support"
			}
			var environ []string
			for _, v := range mailSecrets {
				if name, _, _ := strings.Cut(v, "="); name != test.without {
					environ = append(environ, v)
				}
			}
			if _, err := loadText(t, text, environ...); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
