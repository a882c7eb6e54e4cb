package helpdesk

import (
	"context"
	"fmt"
	"slices"

	"guichet/store"
)

// about adds to a standing what depends on the ticket in question: whether they follow it.
func (d *Desk) about(ctx context.Context, tx *store.Tx, who Standing, t store.Ticket) (Standing, error) {
	if !t.Followed {
		return who, nil
	}
	is, err := tx.IsFollower(ctx, t.ID, who.Person.ID)
	if is {
		who.Follows = t.ID
	}
	return who, err
}

// follower has the actor follow a locked ticket, and tells them what they have missed.
func (d *Desk) follower(ctx context.Context, tx *store.Tx, a Actor, t store.Ticket, ts []Telling, m store.Message) (store.Ticket, error) {
	f := store.Follower{Person: a.Person, Workspace: a.Source}
	if _, err := tx.AddFollower(ctx, t.ID, f); err != nil {
		return t, err
	}
	t.Followed = true
	return t, d.tellFollowers(ctx, tx, []store.Follower{f}, t, ts, m, 0, "")
}

// Unfollow has the actor follow a ticket no more.
func (d *Desk) Unfollow(ctx context.Context, a Actor, id store.TicketID) (out Outcome, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		who, t, err := d.begin(ctx, tx, a, Unwatch, store.RequesterSide, id)
		if err != nil {
			return err
		}
		a.Person = who.Person.ID
		fs, err := tx.Followers(ctx, t.ID)
		if err != nil {
			return err
		}
		if err := tx.DropFollower(ctx, t.ID, a.Person); err != nil {
			return err
		}
		e, err := tx.AddEvent(ctx, store.Event{Ticket: t.ID, Actor: a.Person, Act: string(Unwatch), Source: a.Source})
		if err != nil {
			return err
		}
		out = Outcome{Ticket: t, Event: e.ID, Changed: true}
		them := slices.DeleteFunc(fs, func(f store.Follower) bool { return f.Person != a.Person })
		return d.tellFollowers(ctx, tx, them, t, []Telling{{store.RequesterSide, TellCard}}, store.Message{}, 0, "")
	})
	return out, err
}

// keepFollowers has those who follow a ticket follow the one that continues it.
func (d *Desk) keepFollowers(ctx context.Context, tx *store.Tx, old store.Ticket, o store.Opening) error {
	if !old.Followed {
		return nil
	}
	fs, err := tx.Followers(ctx, old.ID)
	if err != nil {
		return err
	}
	for _, f := range fs {
		if _, err := tx.AddFollower(ctx, o.Ticket.ID, f); err != nil {
			return err
		}
	}
	return d.tellFollowers(ctx, tx, fs, o.Ticket, beginning(o.Message.Body), o.Message, 0, "")
}

// tellFollowers puts into the outbox what followers are told of what is told on the two sides. writtenIn
// is the conversation in which a message was written: there it stands.
func (d *Desk) tellFollowers(ctx context.Context, tx *store.Tx, fs []store.Follower, t store.Ticket, ts []Telling, m store.Message, e store.EventID, writtenIn string) error {
	var all []store.Delivery
	for _, f := range fs {
		theirs := t
		theirs.Requester, theirs.Origin = f.Person, f.Workspace // their direct channel in place of the requester's
		told := AudienceOfFollowers(ts, Audience(m.Audience))
		if writtenIn == fmt.Sprint(f.Person) {
			told = slices.DeleteFunc(told, func(t Telling) bool { return t.Kind == TellMessage || t.Kind == TellFile })
		}
		ds, err := d.deliveries(theirs, told, m, e)
		if err != nil {
			return err
		}
		for i := range ds {
			ds[i].Lane = store.Lane(t.ID, ds[i].Lane)
		}
		all = append(all, ds...)
	}
	return tx.Enqueue(ctx, all...)
}
