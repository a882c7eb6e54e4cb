package helpdesk

import (
	"context"
	"errors"
	"slices"

	"guichet/store"
)

// An agent who watches a ticket is told of it in their direct channel what followers are, and its notes too. It is a follower's
// row that says so (store.Follower.Desk); but it gives no right to anything: what they see they see as an agent of the ticket's
// queue, and whether they still are one is looked at whenever something is delivered (Brief).

// Watch has an agent watch a ticket, or watch it no more.
func (d *Desk) Watch(ctx context.Context, a Actor, act Act, id store.TicketID) (out Outcome, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		who, t, err := d.begin(ctx, tx, a, act, store.DeskSide, id)
		if err != nil {
			return err
		}
		a.Person = who.Person.ID
		out, err = d.watch(ctx, tx, a, t, act)
		return err
	})
	return out, err
}

// watch is Watch on a locked ticket. Who is told of it anyhow, as its requester or as a follower, needs nothing more.
func (d *Desk) watch(ctx context.Context, tx *store.Tx, a Actor, t store.Ticket, act Act) (Outcome, error) {
	f, err := tx.Follower(ctx, t.ID, a.Person)
	follows := err == nil
	if err := ignoreNotFound(err); err != nil {
		return Outcome{}, err
	}
	if act == Unwatch {
		if !follows || !f.Desk {
			return Outcome{Ticket: t}, nil
		}
		return d.unfollow(ctx, tx, a, t, f)
	}
	if follows || t.Requester == a.Person {
		return Outcome{Ticket: t}, nil
	}
	f = store.Follower{Person: a.Person, Workspace: a.Source, Desk: true}
	if _, err := tx.AddFollower(ctx, t.ID, f); err != nil {
		return Outcome{}, err
	}
	t.Followed = true
	if err := d.intoRoom(ctx, tx, t); err != nil {
		return Outcome{}, err
	}
	return d.noteFollower(ctx, tx, a, t, f, Watch)
}

// tellWatchers has agents who watch a locked ticket told of a note, or of what became of one.
func (d *Desk) tellWatchers(ctx context.Context, tx *store.Tx, t store.Ticket, m store.Message) error {
	if !t.Followed {
		return nil
	}
	fs, err := tx.Followers(ctx, t.ID)
	if err != nil {
		return err
	}
	what := Telling{store.RequesterSide, TellMessage}
	switch {
	case m.Deleted():
		what.Kind = TellDeletion
	case !m.EditedAt.IsZero():
		what.Kind = TellEdit
	}
	var all []store.Delivery
	for _, f := range fs {
		if !f.Desk || f.Person == m.Author {
			continue
		}
		ds, err := d.deliveries(told(t, f), []Telling{what}, m, 0)
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

// told is a ticket as it is to be told to somebody who follows it: in their direct channel in place of the requester's.
func told(t store.Ticket, f store.Follower) store.Ticket {
	t.Requester, t.Origin = f.Person, f.Workspace
	return t
}

// following looks, for a delivery, at whether the person it goes to follows its ticket still: as an agent, only as long as they are one.
// Where that is not known, the delivery waits.
func (d *Desk) following(ctx context.Context, tx *store.Tx, b *Brief, id store.PersonID) error {
	f, err := tx.Follower(ctx, b.Ticket.ID, id)
	if errors.Is(err, store.ErrNotFound) {
		b.Left = true
		return nil
	}
	if err != nil || !f.Desk {
		return err
	}
	who, err := d.standing(ctx, tx, id)
	switch {
	case err != nil:
	case slices.Contains(who.Queues, b.Ticket.Queue):
		b.Watches = true
	case slices.Contains(who.Unsure, b.Ticket.Queue):
		b.Private = false
	default:
		b.Left = true
	}
	return err
}
