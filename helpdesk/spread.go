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

// spreadSource is where copies of an incident's answers come from: the channel is the ticket that has one, the id what it is of.
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

// spreadRevised has what became of a message of the desk brought to all who were told of it as parts of an incident.
func (d *Desk) spreadRevised(ctx context.Context, tx *store.Tx, t store.Ticket, m store.Message) error {
	if m.Side != store.DeskSide {
		return nil
	}
	return d.spread(ctx, tx, t, m, 0)
}

// spreadBatch is how many parts are served in one transaction.
const spreadBatch = 20

// Spread makes a delivery of the kind TellSpread. Made again it does nothing that was done before.
func (d *Desk) Spread(ctx context.Context, del store.Delivery) error {
	var after store.TicketID
	for {
		var parts []store.TicketID
		err := d.db.Look(ctx, func(tx *store.Tx) (err error) {
			parts, err = tx.Parts(ctx, del.Ticket, after, spreadBatch)
			return err
		})
		if err != nil || len(parts) == 0 {
			return err
		}
		after = parts[len(parts)-1]
		err = d.db.Write(ctx, func(tx *store.Tx) error {
			for _, id := range parts {
				var refused *Refusal // one that takes nothing more holds up no other
				if err := d.spreadTo(ctx, tx, del, id); err != nil && !errors.As(err, &refused) {
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

// copiedFrom is the message of which one is a copy.
func copiedFrom(m store.Message) store.MessageID {
	id, _ := strconv.ParseInt(m.External.ID, 10, 64)
	return store.MessageID(id)
}

// copyTo has a locked part of an incident say what a message of the desk on the incident says by now.
func (d *Desk) copyTo(ctx context.Context, tx *store.Tx, t store.Ticket, m store.Message) error {
	as := store.External{Workspace: spreadSource, Channel: fmt.Sprint(t.ID), ID: fmt.Sprint(m.ID)}
	gone := m.Deleted() || m.Audience != store.Public
	copied, err := tx.MessageByExternal(ctx, as)
	switch {
	case errors.Is(err, store.ErrNotFound) && !gone && State(t.State) != Closed && strings.TrimSpace(m.Body) != "": // files stay where they are
		who := Standing{Person: store.Person{ID: m.Author}, Queues: []string{t.Queue}} // the part was given to the incident by somebody who might
		_, err = d.speak(ctx, tx, Actor{Person: m.Author, Source: spreadSource, AtOnce: true}, who, t, store.Message{External: as, Body: m.Body, Side: store.DeskSide, Audience: store.Public}, "")
		return err
	case err != nil || copied.Deleted():
		return ignoreNotFound(err)
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
