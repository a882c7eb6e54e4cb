package app

import (
	"context"
	"log/slog"

	"guichet/bot/mail"
	"guichet/bot/mail/wire"
	"guichet/cmd/guichet/config"
	"guichet/store/blob"
)

func mailOptions(c *config.Config, files blob.Place, log *slog.Logger) mail.Options {
	m := c.Mail
	return mail.Options{From: m.From, Secrets: m.Secret.Parts(), Trust: m.Receive.Trust, Hourly: int(m.Receive.Hourly), Largest: largestMail(c), Files: files, Log: log,
		Server:  wire.Server{Address: m.SMTP.Address, TLS: m.SMTP.TLS, User: m.SMTP.User, Password: m.SMTP.Password.Reveal()},
		Answers: m.Receive.Listen != "" || m.Receive.IMAP.Address != ""}
}

// largestMail is how large a mail may be: a file as large as any may be, as mails carry it (in base64, 4 bytes for
// 3), and some text.
func largestMail(c *config.Config) int64 { return int64(c.Files.Largest)*3/2 + 1<<20 }

// receiver is what takes mail in, as it is configured; nil: nothing does.
func receiver(c *config.Config, d *mail.Door, log *slog.Logger) func(context.Context) error {
	r := c.Mail.Receive
	switch {
	case r.Listen != "":
		return wire.Listener{Address: r.Listen, LMTP: r.Protocol == "lmtp", Accepts: d.Accepts, Handler: d.Take, Networks: r.Prefixes(),
			MaxSize: largestMail(c), Grace: c.StopTimeout, Log: log}.Run
	case r.IMAP.Address != "":
		box := mailbox(c, log)
		box.Handler = d.Take
		return box.Run
	}
	return nil
}

func mailbox(c *config.Config, log *slog.Logger) wire.Mailbox {
	i := c.Mail.Receive.IMAP
	return wire.Mailbox{Address: i.Address, TLS: i.TLS, User: i.User, Password: i.Password.Reveal(), Folder: i.Folder, Done: i.Done, Failed: i.Failed,
		Poll: i.Poll, MaxSize: largestMail(c), Grace: c.StopTimeout, Log: log}
}
