package config

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Mail says how mail goes out and comes in. Without From there is none, and everything else works.
type Mail struct {
	// From is the address that mails come from where the queue has none of its own. Empty: mail is off.
	From string `yaml:"from" is:"mail"`
	SMTP SMTP   `yaml:"smtp"`
	// Receive says how mail comes in. Without Listen and IMAP none does.
	Receive Receive `yaml:"receive"`
	// SecretFile is the file that Secret was read from, when the file says so.
	SecretFile string `yaml:"secret_file"`
	// Secret signs the addresses that people answer to, and the links that they confirm theirs by. Of two, with a comma
	// between them, the first signs, and both are accepted.
	Secret Secret `yaml:"-"`
}

// SMTP is the server that takes mail for delivery.
type SMTP struct {
	// Address is its host:port.
	Address string `yaml:"address" is:"address"`
	// TLS is "starttls", "tls" from the first byte, or "none". Default "starttls".
	TLS string `yaml:"tls" one:"starttls tls none"`
	// User is who logs in. Empty: nobody does.
	User         string `yaml:"user"`
	PasswordFile string `yaml:"password_file"`
	Password     Secret `yaml:"-"`
}

func (s *SMTP) defaults() { s.TLS = "starttls" }

// Receive is how mail comes in: guichet listens for it behind the company's mail server, or looks into a mailbox.
type Receive struct {
	// Listen is the host:port, or the path of a socket, to listen at. Empty: nowhere.
	Listen string `yaml:"listen" env:"GUICHET_MAIL_LISTEN" is:"mail listen"`
	// Protocol is "smtp" or "lmtp". Default "smtp".
	Protocol string `yaml:"protocol" one:"smtp lmtp"`
	// Networks are those that may connect, such as 10.0.0.0/8. Default: this machine alone.
	Networks []string `yaml:"networks" is:"network"`
	IMAP     IMAP     `yaml:"imap"`
	// Trust are the names under which the company's own mail servers write what they found out of a sender
	// (Authentication-Results). Default: none is believed.
	Trust []string `yaml:"trust" is:"filled"`
	// Hourly is how many mails of one sender are taken in within an hour; the others have to wait. Default 30.
	Hourly Count `yaml:"hourly"`
}

func (r *Receive) defaults() { r.Protocol, r.Hourly = "smtp", 30 }

// Prefixes are the networks that may connect.
func (r Receive) Prefixes() (all []netip.Prefix) {
	for _, n := range r.Networks {
		all = append(all, netip.MustParsePrefix(n)) // checked by the rule
	}
	if len(all) == 0 {
		return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	return all
}

// IMAP is a mailbox of guichet's own.
type IMAP struct {
	// Address is the server's host:port. Empty: there is none.
	Address string `yaml:"address" is:"address"`
	// TLS is "tls" from the first byte, "starttls" or "none". Default "tls".
	TLS          string `yaml:"tls" one:"tls starttls none"`
	User         string `yaml:"user"`
	PasswordFile string `yaml:"password_file"`
	Password     Secret `yaml:"-"`
	// Folder is looked into; Done and Failed are where its mails go then. Default: INBOX, and they stay, marked.
	Folder string `yaml:"folder"`
	Done   string `yaml:"done"`
	Failed string `yaml:"failed"`
	// Poll is how often to look where the server can't tell of new mail. Default a minute.
	Poll time.Duration `yaml:"poll" min:"5s" max:"1h"`
}

func (i *IMAP) defaults() { i.TLS, i.Folder, i.Poll = "tls", "INBOX", time.Minute }

// mail looks at what of mail one value alone cannot tell, and finds its secrets.
func (w *walker) mail(c *Config) {
	m := &c.Mail
	receives := m.Receive.Listen != "" || m.Receive.IMAP.Address != ""
	secret := func(what string, needed bool, at, file string, f form) Secret {
		_, direct := w.env["GUICHET_MAIL_"+what]
		_, byFile := w.env["GUICHET_MAIL_"+what+"_FILE"]
		if !needed && !direct && !byFile && file == "" {
			if m.From != "" {
				w.allow("GUICHET_MAIL_"+what, "GUICHET_MAIL_"+what+"_FILE")
			}
			return ""
		}
		return w.token("GUICHET_MAIL_"+what, at, file, f)
	}
	m.Secret = secret("SECRET", m.From != "", "mail.secret_file", m.SecretFile, ownSecret)
	m.SMTP.Password = secret("SMTP_PASSWORD", m.SMTP.User != "", "mail.smtp.password_file", m.SMTP.PasswordFile, password)
	m.Receive.IMAP.Password = secret("IMAP_PASSWORD", m.Receive.IMAP.User != "", "mail.receive.imap.password_file", m.Receive.IMAP.PasswordFile, password)
	switch {
	case m.From != "" && m.SMTP.Address == "":
		w.problem("mail.smtp.address", "is missing: name the server that takes mail for delivery, as host:port")
	case m.From == "" && (m.SMTP.Address != "" || receives):
		w.problem("mail.from", "is missing: write the address that mails come from, such as support@acme.example")
	}
	if m.Receive.Listen != "" && m.Receive.IMAP.Address != "" {
		w.problem("mail.receive.imap", "is set beside listen: mail comes in by one of them")
	}
	if m.Receive.IMAP.Address != "" && m.Receive.IMAP.User == "" {
		w.problem("mail.receive.imap.user", "is missing: write who logs in to the mailbox")
	}
	if m.Receive.Protocol == "lmtp" && strings.HasSuffix(m.Receive.Listen, ":25") {
		w.problem("mail.receive.listen", "is at port 25, where LMTP must not be (RFC 2033): choose another port")
	}
	addresses := map[string]string{}
	for i, q := range c.Queues {
		at := fmt.Sprintf("queues[%d].", i)
		if q.Mail != "" && m.From == "" {
			w.problem(at+"mail", "is set, but mail is off: set mail.from")
		}
		if other, ok := addresses[strings.ToLower(q.Mail)]; ok && q.Mail != "" {
			w.problem(at+"mail", "is already that of the queue %s: give each queue its own", other)
		}
		addresses[strings.ToLower(q.Mail)] = q.Key
		if q.Strangers != "" && len(q.Organizations) > 0 && !slices.Contains(q.Organizations, q.Strangers) {
			w.problem(at+"strangers", "is an organization that this queue does not serve")
		}
	}
}
