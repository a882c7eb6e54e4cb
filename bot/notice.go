package bot

import (
	"context"
	"fmt"

	"guichet/billing"
	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/license"
	"guichet/store"
)

// Notice is something that one person is told, in a message of its own: in their direct channel, or by letter.
type Notice struct {
	Account string // in chat; empty: it is no business of theirs any more
	Card    card.Card
	Letter  *Letter
	Over    bool            // it needs no telling any more; a message that has told it then says what Card does, if anything
	Told    *store.External // that message, if this is to change it
}

// noticing words a notice for a person.
type noticing func(ctx context.Context, b *Bot, w text.Words, n license.Notice, to store.Person) (Notice, error)

// IsNotice says whether a delivery is one.
func IsNotice(d store.Delivery) bool {
	_, ok := license.NoticeOf(d)
	return ok || d.Kind == billing.TellStatement
}

// Notice puts into words what a delivery is to tell: as it is now.
func (b *Bot) Notice(ctx context.Context, d store.Delivery) (Notice, error) {
	if d.Kind == billing.TellStatement {
		return b.statement(ctx, d)
	}
	n, _ := license.NoticeOf(d)
	to, err := b.recipient(ctx, n)
	if err != nil {
		return Notice{}, err
	}
	if theirs, err := b.licenses.Concerns(ctx, n, to.ID); err != nil || !theirs {
		return Notice{Over: true}, err
	}
	w := text.In(to.Language)
	for _, a := range licenseActs() {
		say, ok := a.notices[n.What]
		if !ok {
			continue
		}
		out, err := say(ctx, b, w, n, to)
		out.Account = n.Account.ID
		if n.Told != 0 && err == nil {
			as, newest, err := b.licenses.ToldAs(ctx, n)
			if err != nil {
				return out, err
			}
			if out.Told = &as; !newest {
				out.Card = card.Card{Title: out.Card.Title, Context: w.Say("notice.older")}
			}
		}
		if out.Letter != nil {
			l := out.Letter
			l.To, l.Name, l.Language, l.Automatic, l.Date = to.Mail, to.Name, w.Language(), true, d.CreatedAt.Time
		}
		return out, err
	}
	return Notice{}, Because("unknown_kind", fmt.Errorf("bot: delivery %d is of the unknown kind %q", d.ID, d.Kind))
}

// recipient is whom a notice is for. Whoever has not been met yet is looked up, for their language and name.
func (b *Bot) recipient(ctx context.Context, n license.Notice) (store.Person, error) {
	if n.Person != 0 {
		return b.desk.Person(ctx, n.Person)
	}
	return b.person(ctx, Request{From: n.Account, Name: n.Account.ID})
}

// NoticeTold notes by which message a delivery has told somebody, if its buttons are to go once they have no more use. It returns the delivery as one
// that draws that message anew; false: the message stays what it is.
func (b *Bot) NoticeTold(ctx context.Context, d store.Delivery, as store.External) (store.Delivery, bool, error) {
	n, ok := license.NoticeOf(d)
	if !ok || !n.Redraws() {
		return d, false, nil
	}
	d, err := b.licenses.NoteTold(ctx, d, as)
	return d, true, err
}
