package helpdesk

import (
	"context"
	"time"

	"guichet/store"
)

// MaxMark is how much of a message a timeline keeps, in characters.
const MaxMark = 500

// mostMarks is how many entries of a timeline are shown: a summary holds no more.
const mostMarks = 100

// TimelineAt says whether messages of a place can be on the timeline of a major incident: it is a queue's channel, or an incident's own.
func (d *Desk) TimelineAt(ctx context.Context, p store.Place) (is bool, err error) {
	if _, ok := d.catalog.QueueAt(p); ok {
		return true, nil
	}
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		_, err := tx.IncidentAt(ctx, p)
		is = err == nil
		return ignoreNotFound(err)
	})
	return is, err
}

// Pin puts a message on the timeline of the major incident in whose channel, or below whose card, it is. root is the message below
// which it is, empty: below none. A message of no major incident is store.ErrNotFound.
func (d *Desk) Pin(ctx context.Context, a Actor, m store.Mark, root string) (out Outcome, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		t, err := d.majorAt(ctx, tx, a, m.External, root)
		if err != nil {
			return err
		}
		told, err := tx.MessageToldAs(ctx, t.ID, m.External)
		if err == nil { // guichet's own, which says what somebody else wrote
			author, err := tx.Person(ctx, told.Author)
			if err != nil {
				return err
			}
			m.Author, m.Body, m.SaidAt = author.Name, said(told.Body), told.CreatedAt
			m.Theirs = told.Side == store.RequesterSide
		} else if err := ignoreNotFound(err); err != nil {
			return err
		}
		m.Ticket, m.Person, m.Body = t.ID, a.Person, Shorten(m.Body, MaxMark)
		out.Ticket = t
		out.Changed, err = tx.AddMark(ctx, m)
		return err
	})
	return out, err
}

// Unpin takes a message off it, for whoever has put it there: others who have put the same sign on it change nothing.
func (d *Desk) Unpin(ctx context.Context, a Actor, e store.External, root string) (out Outcome, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		t, err := d.majorAt(ctx, tx, a, e, root)
		if err != nil {
			return err
		}
		out.Ticket = t
		out.Changed, err = tx.DropMark(ctx, t.ID, e, a.Person)
		return err
	})
	return out, err
}

// majorAt locks the ticket of the major incident that a message belongs to, if the actor may keep its timeline.
func (d *Desk) majorAt(ctx context.Context, tx *store.Tx, a Actor, e store.External, root string) (t store.Ticket, err error) {
	place := store.Place{Workspace: e.Workspace, Channel: e.Channel}
	i, err := tx.IncidentAt(ctx, place)
	if id := i.Ticket; err == nil {
		_, t, err = d.begin(ctx, tx, a, Pin, store.DeskSide, id)
		return t, err
	}
	if err := ignoreNotFound(err); err != nil {
		return t, err
	}
	if root == "" {
		root = e.ID
	}
	th, err := tx.ThreadByRoot(ctx, place, root)
	if err != nil {
		return t, err
	}
	t, err = tx.Ticket(ctx, store.Program, th.Ticket)
	if err != nil || t.Major == "" || th.Lane != Lane(t, store.DeskSide) {
		return t, orNotFound(err) // people put pins on messages for reasons of their own
	}
	_, t, err = d.begin(ctx, tx, a, Pin, store.DeskSide, th.Ticket)
	return t, err
}

// orNotFound is an error, or that there is nothing.
func orNotFound(err error) error {
	if err == nil {
		return store.ErrNotFound
	}
	return err
}

// Timeline is what a major incident is summed up from.
type Timeline struct {
	Ticket store.Ticket
	store.Incident
	Marks []store.Mark
	Now   time.Time
}

// Timeline returns it, for an agent who may end the incident.
func (d *Desk) Timeline(ctx context.Context, a Actor, id store.TicketID) (l Timeline, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		l.Now = tx.Now.Time
		if _, l.Ticket, err = d.look(ctx, tx, a, EndIncident, id, store.DeskSide); err != nil {
			return err
		}
		if l.Incident, err = tx.Incident(ctx, id); err != nil {
			return ignoreNotFound(err)
		}
		l.Marks, err = tx.Marks(ctx, id, mostMarks)
		return err
	})
	return l, err
}
