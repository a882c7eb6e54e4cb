package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"guichet/store"
)

// Splittable returns the latest messages of a ticket's requester's side, the newest first, of which an agent may make a ticket
// of its own.
func (d *Desk) Splittable(ctx context.Context, a Actor, id store.TicketID) (t store.Ticket, ms []store.Message, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		if _, t, err = d.look(ctx, tx, a, Split, id, store.DeskSide); err != nil {
			return err
		}
		ms, err = d.splittable(ctx, tx, t)
		return err
	})
	return t, ms, err
}

func (d *Desk) splittable(ctx context.Context, tx *store.Tx, t store.Ticket) (ms []store.Message, err error) {
	all, err := tx.Messages(ctx, t.ID, false, 0, HistoryShown)
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Side == store.RequesterSide && strings.TrimSpace(all[i].Body) != "" {
			ms = append(ms, all[i])
		}
	}
	return ms, err
}

// CheckSubject says what is wrong with a subject, empty when it is fine.
func CheckSubject(subject string) string {
	switch {
	case strings.TrimSpace(subject) == "":
		return FieldMissing
	case utf8.RuneCountInString(subject) > MaxSubject:
		return FieldTooLong
	}
	return ""
}

// Split makes a ticket of its own of a message that a ticket's requester, or somebody for them, wrote in it: theirs, in the same queue,
// linked to the other. The message stays where it is, too. nonce is the form's.
func (d *Desk) Split(ctx context.Context, a Actor, id store.TicketID, m store.MessageID, subject, nonce string) (out Outcome, err error) {
	if nonce == "" {
		return out, errors.New("helpdesk: a form without a nonce might be sent twice")
	}
	a.Request = FormKey(nonce)
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		_, t, err := d.begin(ctx, tx, a, Split, store.DeskSide, id)
		if err != nil {
			return err
		}
		message, err := tx.Message(ctx, m)
		if errors.Is(err, store.ErrNotFound) || err == nil && message.Ticket != id {
			return refuse(NoMessage, t)
		}
		if err != nil {
			return err
		}
		out, err = d.split(ctx, tx, a, t, message, subject)
		return err
	})
	return out, err
}

// split is Split on a locked ticket. It returns the new one.
func (d *Desk) split(ctx context.Context, tx *store.Tx, a Actor, old store.Ticket, m store.Message, subject string) (Outcome, error) {
	if m.Deleted() || m.Audience != store.Public || m.Side != store.RequesterSide {
		return Outcome{}, refuse(NoMessage, old)
	}
	if CheckSubject(subject) != "" {
		return Outcome{}, refuse(BadForm, old)
	}
	if len(LinksOf(old)) >= MostLinks {
		return Outcome{}, refuse(ManyLinks, old)
	}
	t := store.Ticket{Kind: old.Kind, Service: old.Service, Organization: old.Organization, Requester: old.Requester, Subject: strings.TrimSpace(subject),
		Impact: old.Impact, Urgency: old.Urgency, Details: old.Details, Origin: old.Origin, Nonce: fmt.Sprintf("split:%d", m.ID)}
	o, err := d.opening(ctx, tx, a, t, store.Message{Body: m.Body}, Arrival{Continues: old.Queue})
	if err != nil {
		return Outcome{}, err
	}
	o.Message.Author = m.Author
	o, added, err := tx.Open(ctx, o)
	if err != nil {
		return Outcome{}, err
	}
	if !added {
		return Outcome{}, &Refusal{Code: SplitOff, Ticket: old, Other: d.catalog.NameOf(o.Ticket)}
	}
	ignored := store.Event{}
	withLinks(&o.Ticket, &ignored, []store.TicketID{old.ID})
	withLinks(&old, &ignored, append(LinksOf(old), o.Ticket.ID))
	for _, linked := range []store.Ticket{o.Ticket, old} {
		if err := tx.SetLinks(ctx, linked); err != nil {
			return Outcome{}, err
		}
	}
	e, err := tx.AddEvent(ctx, store.Event{Ticket: old.ID, Actor: a.Person, Act: string(Split), Source: a.Source, Detail: fmt.Sprint(o.Ticket.ID)})
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{Ticket: o.Ticket, Event: e.ID, Changed: true},
		d.tell(ctx, tx, old, AudienceOfAct(Split, store.DeskSide, State(old.State)), store.Message{}, e.ID)
}

// saySplit splits off what the requester wrote last.
func (d *Desk) saySplit(ctx context.Context, tx *store.Tx, w typedWord) (Outcome, error) {
	if CheckSubject(w.Rest) != "" {
		return Outcome{}, &misread{what: "subject"}
	}
	ms, err := d.splittable(ctx, tx, w.t)
	if err != nil {
		return Outcome{}, err
	}
	if len(ms) == 0 {
		return Outcome{}, refuse(NoMessage, w.t)
	}
	return d.split(ctx, tx, w.a, w.t, ms[0], w.Rest)
}
