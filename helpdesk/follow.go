package helpdesk

import (
	"context"
	"fmt"
	"slices"

	"guichet/store"
)

// about adds to a standing what depends on the ticket in question: whether they follow it, or watch it as an agent.
func (d *Desk) about(ctx context.Context, tx *store.Tx, who Standing, t store.Ticket) (Standing, error) {
	if !t.Followed {
		return who, nil
	}
	f, err := tx.Follower(ctx, t.ID, who.Person.ID)
	switch {
	case err != nil:
		return who, ignoreNotFound(err)
	case f.Desk:
		who.Watches = t.ID
	default:
		who.Follows = t.ID
	}
	return who, nil
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
		f, err := tx.Follower(ctx, t.ID, a.Person)
		if err != nil {
			return err
		}
		out, err = d.unfollow(ctx, tx, a, t, f)
		return err
	})
	return out, err
}

// unfollow has somebody follow a locked ticket no more, and their card say so.
func (d *Desk) unfollow(ctx context.Context, tx *store.Tx, a Actor, t store.Ticket, f store.Follower) (Outcome, error) {
	if err := tx.DropFollower(ctx, t.ID, a.Person); err != nil {
		return Outcome{}, err
	}
	return d.noteFollower(ctx, tx, a, t, f, Unwatch)
}

// noteFollower writes down that somebody has begun or ceased to follow a locked ticket, and has their card say so.
func (d *Desk) noteFollower(ctx context.Context, tx *store.Tx, a Actor, t store.Ticket, f store.Follower, act Act) (Outcome, error) {
	e := store.Event{Ticket: t.ID, Actor: a.Person, Act: string(act), Source: a.Source}
	if f.Desk {
		e.Detail = store.Inside
	}
	e, err := tx.AddEvent(ctx, e)
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{Ticket: t, Event: e.ID, Changed: true},
		d.tellFollowers(ctx, tx, []store.Follower{f}, t, []Telling{{store.RequesterSide, TellCard}}, store.Message{}, 0, "")
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
		theirs := AudienceOfFollowers(ts, Audience(m.Audience))
		if writtenIn == fmt.Sprint(f.Person) || f.Desk && m.Author == f.Person { // who watches writes at the desk
			theirs = slices.DeleteFunc(theirs, func(t Telling) bool { return t.Kind == TellMessage || t.Kind == TellFile })
		}
		ds, err := d.deliveries(told(t, f), theirs, m, e)
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
