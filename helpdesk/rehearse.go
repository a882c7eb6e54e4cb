package helpdesk

import (
	"context"
	"slices"
	"time"

	"guichet/helpdesk/clock"
	"guichet/store"
)

// Rehearsed is something that would have been done by itself.
type Rehearsed struct {
	Met
	At time.Time
}

// Rehearse goes through the history of the tickets that were not closed between two instants as if the present settings had held all
// the time, and tells what would have been done by itself between them, ticket by ticket: what people did is as it was, what
// the program did is left out. It sends and writes nothing.
func (d *Desk) Rehearse(ctx context.Context, from, to time.Time, told func(Rehearsed)) error {
	const batch = 100
	d.rehearseDigests(from, to, told)
	for after := store.TicketID(0); ; {
		var ts []store.Ticket
		err := d.db.Look(ctx, func(tx *store.Tx) (err error) {
			ts, err = tx.TicketsBetween(ctx, store.At(from), store.At(to), after, batch)
			return err
		})
		if err != nil {
			return err
		}
		for _, t := range ts {
			after = t.ID
			var events []store.Event
			var messages []store.Message
			err := d.db.Read(ctx, func(tx *store.Tx) (err error) {
				if events, err = tx.AllEvents(ctx, t.ID); err == nil {
					messages, err = tx.AllPublic(ctx, t.ID)
				}
				return err
			})
			if err != nil {
				return err
			}
			events = slices.DeleteFunc(events, func(e store.Event) bool { return e.Source == byItself })
			facts := factsOf(t, d.catalog.Priority(t.Kind, t.Impact, t.Urgency), events, messages)
			for _, r := range d.rehearse(facts, to) {
				if r.Ticket = t.ID; !r.At.Before(from) {
					told(r)
				}
			}
		}
		if len(ts) < batch {
			return nil
		}
	}
}

// rehearse is what would have been done by itself until an instant, given what people did.
func (d *Desk) rehearse(facts []clock.Fact, to time.Time) (all []Rehearsed) {
	var c clock.Ticket
	until := func(end time.Time) {
		for at := c.Wakes(d.policies); at != 0 && at.Time().Before(end); at = c.Wakes(d.policies) {
			for _, due := range c.Due(d.policies, at.Time()) {
				all = append(all, Rehearsed{At: at.Time(), Met: Met{Queue: c.Queue, Reminded: Reminded{Rule: due.Rule, Step: due.Step, Do: due.Do, Clock: due.Clock}}})
				c = c.After(clock.Fact{At: at.Time(), Kind: clock.Reminded, Rule: due.Rule, Step: due.Step}, d.policies)
				if due.Do == Finish {
					c = c.After(clock.Fact{At: at.Time(), Kind: clock.Became, State: clock.Closed}, d.policies)
				}
			}
		}
	}
	for i, f := range facts {
		if i > 0 {
			until(f.At)
		}
		c = c.After(f, d.policies)
	}
	until(to)
	return slices.DeleteFunc(all, func(r Rehearsed) bool { return !r.At.Before(to) })
}

// rehearseDigests tells when queues would have been told of themselves.
func (d *Desk) rehearseDigests(from, to time.Time, told func(Rehearsed)) {
	for _, q := range d.catalog.Queues {
		for _, g := range []struct{ sort, schedule string }{{Daily, q.Daily.Schedule}, {Weekly, q.Weekly.Schedule}} {
			if g.schedule == "" {
				continue
			}
			r := clock.Rule{Schedule: parsed(q.Key, g.sort, g.schedule)}
			for at, ok := r.Next(q.calendar(), from); ok && at.Before(to); at, ok = r.Next(q.calendar(), at.Add(time.Second)) {
				told(Rehearsed{At: at, Met: Met{Queue: q.Key, Reminded: Reminded{Rule: g.sort, Do: ToQueue}}})
			}
		}
	}
}
