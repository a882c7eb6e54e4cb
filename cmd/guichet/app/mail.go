package app

import (
	"context"
	"log/slog"

	"guichet/bot"
	"guichet/bot/mail"
	"guichet/cmd/guichet/config"
	"guichet/store/blob"
)

func mailOptions(c *config.Config, files blob.Place, log *slog.Logger) mail.Options {
	m := c.Mail
	i := m.Receive.IMAP
	return mail.Options{From: m.From, Secrets: m.Secret.Parts(), Link: c.Link, Trust: m.Receive.Trust, Hourly: int(m.Receive.Hourly), Largest: largestMail(c), Files: files, Log: log,
		Server:    mail.Server{Address: m.SMTP.Address, TLS: m.SMTP.TLS, User: m.SMTP.User, Password: m.SMTP.Password.Reveal()},
		Listening: mail.Listening{Address: m.Receive.Listen, LMTP: m.Receive.Protocol == "lmtp", Networks: m.Receive.Prefixes()},
		Mailbox: mail.Mailbox{Address: i.Address, TLS: i.TLS, User: i.User, Password: i.Password.Reveal(), Folder: i.Folder, Done: i.Done, Failed: i.Failed,
			Poll: i.Poll}}
}

// largestMail is how large a mail may be: a file as large as any may be, as mails carry it (in base64, 4 bytes for
// 3), and some text.
func largestMail(c *config.Config) int64 { return int64(c.Files.Largest)*3/2 + 1<<20 }

// mail looks at how mail goes out and comes in, and sends none.
func (k *checker) mail(ctx context.Context) {
	c := k.config
	if c.Mail.From == "" {
		k.ok("mail: off (nobody is written to, and nobody can write)")
		return
	}
	o := mailOptions(c, nil, slog.New(slog.DiscardHandler))
	switch err := o.CheckServer(ctx); {
	case err == nil:
		k.ok("mail: %s takes mail for delivery", o.Server.Address)
	case bot.Reason(err) == "auth":
		k.bad("Check mail.smtp.user and GUICHET_MAIL_SMTP_PASSWORD.", "mail: %s: %v", o.Server.Address, err)
	case bot.Reason(err) == "tls" || bot.Reason(err) == "certificate":
		k.bad("Check mail.smtp.tls: port 587 mostly wants starttls, 465 tls.", "mail: %s: %v", o.Server.Address, err)
	default:
		k.bad("Check mail.smtp.address: does that server run, may this machine connect?", "mail: %s: %v", o.Server.Address, err)
	}
	switch {
	case o.Mailbox.Address != "":
		if err := o.CheckMailbox(ctx); err != nil {
			k.bad("Check mail.receive.imap, and GUICHET_MAIL_IMAP_PASSWORD.", "mail: the mailbox at %s: %v", o.Mailbox.Address, err)
			return
		}
		k.ok("mail: comes in from the mailbox at %s", o.Mailbox.Address)
	case o.Listening.Address != "":
		k.ok("mail: comes in by %s at %s", c.Mail.Receive.Protocol, o.Listening.Address)
	default:
		k.ok("mail: none comes in, so mails can't be answered")
	}
	if c.Link == "" {
		k.ok("mail: nobody can give their address, since link is not set")
	}
}
