package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"guichet/store"
)

// TellSpread is a delivery that brings what the desk answers on an incident to all that are part of it. It is nothing that is
// told, but has what follows from it told: in the tickets of their own that people have, so that no organization reads another's.
const TellSpread = "spread"

// spreadSource is where copies of an incident's answers come from: the channel is the message of which one is, the id the ticket that
// has it.
const spreadSource = "incident"

func spreadLane(t store.Ticket) string { return store.Lane(t.ID, "parts") }

// spread has a message of the desk, or what became of it, or that an incident is over, brought to all parts of it.
func (d *Desk) spread(ctx context.Context, tx *store.Tx, t store.Ticket, m store.Message, e store.EventID) error {
	if t.Affected == 0 {
		return nil
	}
	q, _ := d.catalog.Queue(t.Queue)
	return tx.Enqueue(ctx, store.Delivery{Lane: spreadLane(t), Ticket: t.ID, Workspace: q.Place.Workspace, Kind: TellSpread,
		Message: m.ID, Event: e, HeldUntil: m.HeldUntil})
}

// spreadRevised has what became of a message of the desk brought to all who were told of it as parts of an incident, and be it that
// they are none any more.
func (d *Desk) spreadRevised(ctx context.Context, tx *store.Tx, t store.Ticket, m store.Message) error {
	if m.Side != store.DeskSide {
		return nil
	}
	if t.Affected == 0 {
		copies, err := tx.MessagesFrom(ctx, copiesOf(m.ID), "", 1)
		if err != nil || len(copies) == 0 {
			return err
		}
		t.Affected = len(copies)
	}
	return d.spread(ctx, tx, t, m, 0)
}

// copiesOf is where the copies of a message come from.
func copiesOf(m store.MessageID) store.Place {
	return store.Place{Workspace: spreadSource, Channel: fmt.Sprint(m)}
}

// copyIn is that of it in a ticket.
func copyIn(t store.Ticket, m store.MessageID) store.External {
	from := copiesOf(m)
	return store.External{Workspace: from.Workspace, Channel: from.Channel, ID: fmt.Sprint(t.ID)}
}

// spreadBatch is how many parts are served in one transaction.
const spreadBatch = 20

// Spread makes a delivery of the kind TellSpread. Made again it does nothing that was done before.
func (d *Desk) Spread(ctx context.Context, del store.Delivery) error {
	var part store.TicketID
	err := d.inBatches(ctx, func(tx *store.Tx) (ids []store.TicketID, err error) {
		if ids, err = tx.Parts(ctx, del.Ticket, part, spreadBatch); len(ids) > 0 {
			part = ids[len(ids)-1]
		}
		return ids, err
	}, func(tx *store.Tx, id store.TicketID) error { return d.spreadTo(ctx, tx, del, id) })
	if err != nil || del.Message == 0 {
		return err
	}
	var m store.Message
	err = d.db.Look(ctx, func(tx *store.Tx) (err error) {
		m, err = tx.Message(ctx, del.Message)
		return err
	})
	if err != nil || m.EditedAt.IsZero() && !m.Deleted() && m.Audience == store.Public {
		return err
	}
	copied := ""
	return d.inBatches(ctx, func(tx *store.Tx) (ids []store.TicketID, err error) { // those that are no part any more
		ms, err := tx.MessagesFrom(ctx, copiesOf(m.ID), copied, spreadBatch)
		for _, c := range ms {
			ids, copied = append(ids, c.Ticket), c.External.ID
		}
		return ids, err
	}, func(tx *store.Tx, id store.TicketID) error {
		t, err := tx.LockTicket(ctx, id)
		if err != nil {
			return err
		}
		return d.copyTo(ctx, tx, t, m)
	})
}

// inBatches does something to tickets, some in each transaction, until next returns no more. One that takes nothing more holds up no
// other.
func (d *Desk) inBatches(ctx context.Context, next func(*store.Tx) ([]store.TicketID, error), do func(*store.Tx, store.TicketID) error) error {
	for {
		var ids []store.TicketID
		err := d.db.Look(ctx, func(tx *store.Tx) (err error) {
			ids, err = next(tx)
			return err
		})
		if err != nil || len(ids) == 0 {
			return err
		}
		err = d.db.Write(ctx, func(tx *store.Tx) error {
			for _, id := range ids {
				var refused *Refusal
				if err := do(tx, id); err != nil && !errors.As(err, &refused) {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

func (d *Desk) spreadTo(ctx context.Context, tx *store.Tx, del store.Delivery, id store.TicketID) error {
	t, err := tx.LockTicket(ctx, id)
	if err != nil || t.Parent != del.Ticket || t.Merged != 0 {
		return err
	}
	if del.Message != 0 {
		m, err := tx.Message(ctx, del.Message)
		if err != nil {
			return err
		}
		has, err := tx.MessageKnown(ctx, copyIn(t, m.ID))
		if err != nil {
			return err
		}
		if !has {
			joined, err := d.joinedAt(ctx, tx, t)
			if err != nil || m.CreatedAt.Before(joined.Time) && m.HeldUntil.Before(joined.Time) {
				return err // it was for others: an edit of it, or its file, is no reason to tell it now
			}
		}
		return d.copyTo(ctx, tx, t, m)
	}
	e, err := tx.Event(ctx, del.Event)
	if err != nil || !active(State(t.State)) {
		return err
	}
	incident, err := tx.Ticket(ctx, store.Program, del.Ticket)
	if err != nil || incident.Active || t.CreatedAt.After(e.At.Time) {
		return err // it goes on after all; or they have said since that they are affected
	}
	if Act(e.Act) != Resolve { // nobody has solved it: those that it affects are the desk's to look after
		if t.Quiet {
			t.Quiet = false
			if err := d.keep(ctx, tx, &t, clocksOf(t)); err != nil {
				return err
			}
			return d.tell(ctx, tx, t, []Telling{{store.DeskSide, TellCard}}, store.Message{}, 0)
		}
		return nil
	}
	_, err = d.move(ctx, tx, Actor{Person: e.Actor, Source: spreadSource, Reason: e.Words}, t, Resolve, store.DeskSide, Resolved)
	return err
}

// joinedAt is when a ticket became part of its incident.
func (d *Desk) joinedAt(ctx context.Context, tx *store.Tx, t store.Ticket) (store.Time, error) {
	e, err := tx.LastEvent(ctx, t.ID, []string{string(Part)})
	if errors.Is(err, store.ErrNotFound) {
		return t.CreatedAt, nil // it was opened as one
	}
	return e.At, err
}

// copiedFrom is the message of which one is a copy.
func copiedFrom(m store.Message) store.MessageID {
	id, _ := strconv.ParseInt(m.Channel, 10, 64)
	return store.MessageID(id)
}

// copyTo has a locked part of an incident say what a message of the desk on the incident says by now.
func (d *Desk) copyTo(ctx context.Context, tx *store.Tx, t store.Ticket, m store.Message) error {
	as := copyIn(t, m.ID)
	gone := m.Deleted() || m.Audience != store.Public
	files, err := d.keptOf(ctx, tx, m)
	if err != nil {
		return err
	}
	copied, err := tx.MessageByExternal(ctx, as)
	switch {
	case errors.Is(err, store.ErrNotFound) && !gone && State(t.State) != Closed && (strings.TrimSpace(m.Body) != "" || len(files) > 0):
		with := files
		if strings.TrimSpace(m.Body) != "" {
			with = nil // they come after the words, below
		}
		who := Standing{Person: store.Person{ID: m.Author}, Queues: []string{t.Queue}} // the part was given to the incident by somebody who might
		_, err = d.speak(ctx, tx, Actor{Person: m.Author, Source: spreadSource, AtOnce: true}, who, t,
			store.Message{External: as, Body: m.Body, Side: store.DeskSide, Audience: store.Public}, "", with...)
		if err != nil || with != nil {
			return err
		}
		if copied, err = tx.MessageByExternal(ctx, as); err != nil {
			return err
		}
	case err != nil || copied.Deleted():
		return ignoreNotFound(err)
	}
	if !gone { // those that have been fetched since
		if err := d.attach(ctx, tx, t, copied, spreadSource, "", files); err != nil {
			return err
		}
	}
	now := copied
	if now.Body, now.EditedAt = m.Body, tx.Now; gone {
		now.DeletedAt = tx.Now
	}
	if !gone && now.Body == copied.Body {
		return nil
	}
	if err := tx.ReviseMessage(ctx, copied, now); err != nil {
		return err
	}
	if err := d.reheard(ctx, tx, &t, copied, now); err != nil {
		return err
	}
	return d.tellRevision(ctx, tx, t, copied, now)
}
