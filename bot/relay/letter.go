package relay

import (
	"context"
	"errors"
	"io"

	"guichet/bot"
	"guichet/helpdesk"
	"guichet/store"
)

// write tells by letter what a delivery says, if the person wants it so.
func (r *Relay) write(ctx context.Context, door bot.Correspondent, d store.Delivery, brief helpdesk.Brief) (told, error) {
	l, wanted := r.bot.ComposeLetter(d, brief)
	if !wanted {
		return told{}, nil
	}
	if wished, err := r.wishes(ctx, d, brief); err != nil || !wished {
		return told{}, err
	}
	said, err := r.desk.Mailed(ctx, brief.Ticket, d.Message)
	if err != nil {
		return told{}, bot.Because("database", err)
	}
	r.bot.AddEarlier(&l, said)
	if l.To == "" { // where mail is the only way to reach them, agents are to know
		return told{}, r.desk.Undeliverable(ctx, d, helpdesk.NoAddress)
	}
	if d.Kind == helpdesk.TellFile {
		if r.Files == nil {
			return told{}, bot.Because("files", errors.New("relay: no place for files is configured"))
		}
		l.File = &bot.Enclosure{Name: brief.File.Name, Type: brief.File.Type, Size: brief.File.Size, Open: func(ctx context.Context) (io.ReadCloser, error) {
			bytes, _, err := r.Files.Open(ctx, brief.File.Blob)
			if err != nil {
				return nil, bot.Because("files", err)
			}
			return bytes, nil
		}}
	}
	id, err := door.Write(ctx, l, d.ID)
	if errors.Is(err, bot.ErrReturned) {
		r.log.Warn("a mail was refused", "delivery", d.ID, "ticket", d.Ticket, "error", err)
		return told{}, r.desk.Undeliverable(ctx, d, bot.Reason(err))
	}
	if err != nil {
		return told{}, err
	}
	switch {
	case d.Kind == helpdesk.TellCard: // what begins the conversation
		th := helpdesk.MailThread(brief.Ticket, brief.People[d.Person])
		return told{began: &th}, nil
	case d.Kind == helpdesk.TellMessage:
		return told{post: postOf(d, l.To, id+bot.Wording(brief.Message))}, nil
	}
	return told{}, nil
}

// wishes says whether a person wants to be told by letter. Where mail is the only way to reach them they are not asked.
func (r *Relay) wishes(ctx context.Context, d store.Delivery, brief helpdesk.Brief) (bool, error) {
	p, t := brief.People[d.Person], brief.Ticket
	if t.Origin == helpdesk.Mail {
		return true, nil
	}
	if brief.Summary && p.Mail != "" && p.ByMail != store.NoMail {
		return true, nil // wherever they are
	}
	if p.Mail == "" || p.ByMail != store.MailAway {
		return p.Mail != "" && p.ByMail == store.AllMail, nil
	}
	door, _ := r.bot.Door(t.Origin)
	there, ok := door.(bot.Presence)
	if !ok {
		return true, nil
	}
	account, err := r.desk.AccountIn(ctx, p.ID, t.Origin)
	if errors.Is(err, store.ErrNotFound) {
		return true, nil
	}
	if err != nil {
		return false, bot.Because("database", err)
	}
	away, err := there.Away(ctx, account.ID)
	if err != nil { // one mail too many rather than one too few
		r.log.Warn("whether somebody is away can't be looked up", "workspace", t.Origin, "error", err)
		return true, nil
	}
	return away, nil
}
