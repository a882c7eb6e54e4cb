package app

import (
	"context"
	"log/slog"

	"guichet/bot/mail/wire"
)

// mail looks at how mail goes out and comes in, and sends none.
func (k *checker) mail(ctx context.Context) {
	c, quiet := k.config, slog.New(slog.DiscardHandler)
	if c.Mail.From == "" {
		k.ok("mail: off (nobody is written to, and nobody can write)")
		return
	}
	switch err := mailOptions(c, nil, quiet).Server.Check(ctx); wire.Reason(err) {
	case "":
		k.ok("mail: %s takes mail for delivery", c.Mail.SMTP.Address)
	case "auth":
		k.bad("Check mail.smtp.user and GUICHET_MAIL_SMTP_PASSWORD.", "mail: %s: %v", c.Mail.SMTP.Address, err)
	case "tls", "certificate":
		k.bad("Check mail.smtp.tls: port 587 mostly wants starttls, 465 tls.", "mail: %s: %v", c.Mail.SMTP.Address, err)
	default:
		k.bad("Check mail.smtp.address: does that server run, may this machine connect?", "mail: %s: %v", c.Mail.SMTP.Address, err)
	}
	switch r := c.Mail.Receive; {
	case r.IMAP.Address != "":
		if err := mailbox(c, quiet).Check(ctx); err != nil {
			k.bad("Check mail.receive.imap, and GUICHET_MAIL_IMAP_PASSWORD.", "mail: the mailbox at %s: %v", r.IMAP.Address, err)
			return
		}
		k.ok("mail: comes in from the mailbox at %s", r.IMAP.Address)
	case r.Listen != "":
		k.ok("mail: comes in by %s at %s", r.Protocol, r.Listen)
	default:
		k.ok("mail: none comes in, so mails can't be answered")
	}
	if c.Mail.Link == "" {
		k.ok("mail: nobody can give their address, since mail.link is not set")
	}
}
