package helpdesk

import (
	"context"
	"errors"
	"time"

	"guichet/helpdesk/clock"
	"guichet/store"
)

// Why is how a ticket's clocks came to stand as they do, and what comes next.
type Why struct {
	store.Ticket
	Now      time.Time
	Clocks   clock.Ticket
	Policies clock.Policies
	Spans    []clock.Span
	Dues     []clock.Due // for an agent all that comes next; for others what they will be told themselves
	Agent    bool        // whoever asks is one, of the ticket's queue
}

// Why explains a ticket's clocks to whoever may see it.
func (d *Desk) Why(ctx context.Context, a Actor, id store.TicketID) (y Why, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		who, err := d.standing(ctx, tx, a.Person)
		if err != nil {
			return err
		}
		t, err := tx.Ticket(ctx, who.viewer(), id)
		if errors.Is(err, store.ErrNotFound) {
			return d.unseen(ctx, tx, who, id)
		}
		if err != nil {
			return err
		}
		facts, err := d.facts(ctx, tx, t)
		if err != nil {
			return err
		}
		y = Why{Ticket: t, Now: tx.Now.Time, Policies: d.policies, Clocks: clock.Of(facts, d.policies),
			Spans: clock.Explain(facts, d.policies, tx.Now.Time), Agent: May(who, Note, store.DeskSide, t)}
		for _, due := range y.Clocks.Dues(d.policies) {
			if y.Agent || due.Do == Nudge || due.Do == Warn || due.Do == Finish {
				y.Dues = append(y.Dues, due)
			}
		}
		return nil
	})
	return y, err
}

// ReminderOf is a queue's rule, with its schedule as it was written.
func (q Queue) ReminderOf(rule string) Reminder {
	switch rule {
	case clock.Unassigned:
		return q.Unassigned
	case clock.Risk:
		return q.Risk
	case clock.Breach:
		return q.Breach
	case clock.Wait:
		return q.Waiting
	case clock.Close:
		return Reminder{Schedule: closeSchedule, Steps: []clock.Step{{After: q.CloseAfter, Do: Finish}}}
	}
	return Reminder{}
}
