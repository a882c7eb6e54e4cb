package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"

	"guichet/store"
)

// Rule is something the program does by itself to tickets that have been in a state for too long.
type Rule struct {
	Queue    Queue
	Name     string // "unassigned", "waiting" or "close"
	State    State
	After    time.Duration
	Schedule string // when to look
	Act      Act    // Remind or Close
}

// closeSchedule says how often resolved tickets are looked at: closing is no matter of minutes.
const closeSchedule = "*/10 * * * *"

// Rules lists what the program does by itself, over all queues.
func (c *Catalog) Rules() []Rule {
	var rs []Rule
	for _, q := range c.Queues {
		for _, r := range []Rule{
			{q, "unassigned", New, q.Unassigned.After, q.Unassigned.Schedule, Remind},
			{q, "waiting", Waiting, q.Waiting.After, q.Waiting.Schedule, Remind},
			{q, "close", Resolved, q.CloseAfter, closeSchedule, Close},
		} {
			if r.After > 0 {
				rs = append(rs, r)
			}
		}
	}
	return rs
}

// Due says whether a rule applies to a ticket now. The cause of a reminder is the state and its
// date, and it is sent once for it: entering a state clears Reminded.
func (r Rule) Due(t store.Ticket, now time.Time) bool {
	return t.Queue == r.Queue.Key && State(t.State) == r.State && !t.Reminded && now.Sub(t.StateSince.Time) >= r.After
}

// Outdated says whether there is nothing to tell any more: a delivery reminds of something that is no
// longer so; or it tells of a message that is no more, or is not for those who would read it.
func Outdated(b Brief, d store.Delivery) bool {
	if b.Left && (b.Message.ID != 0 || b.Event.ID != 0) && d.Kind != TellDeletion {
		return true // they are told that they follow it no more, and nothing else
	}
	if b.Event.Act == string(Remind) && b.Ticket.StateSince.After(b.Event.At.Time) {
		return true
	}
	if d.Kind == TellMessage && d.Part > 0 && d.Part >= len(Parts(b.Message.Body)) {
		return true // an edit has made it shorter
	}
	switch d.Kind {
	case TellMessage, TellEdit, TellFile, TellNoFile:
		return b.Message.Deleted() || d.Person != 0 && b.Message.Audience != string(Public)
	}
	return false
}

// next returns when a rule's schedule comes round after an instant, in the queue's time zone.
func (r Rule) next(after time.Time) (time.Time, error) {
	s, err := cron.ParseStandard(r.Schedule)
	if err != nil {
		return time.Time{}, fmt.Errorf("helpdesk: schedule of %s/%s: %w", r.Queue.Key, r.Name, err)
	}
	t := s.Next(after.In(r.Queue.TimeZone))
	if t.IsZero() {
		return t, fmt.Errorf("helpdesk: schedule of %s/%s never comes round", r.Queue.Key, r.Name)
	}
	return t, nil
}

// key names a rule's schedule in the database. A schedule that is changed is a new one.
func (r Rule) key() string {
	return fmt.Sprintf("%s/%s/%s/%s", r.Queue.Key, r.Name, r.Queue.TimeZone, r.Schedule)
}

// clocksDiffer is by how much the clocks of several copies may. A schedule that is further ahead than that
// was moved there before the clock was put back.
const clocksDiffer = 5 * time.Minute

// Tick runs the rules whose schedules have come round, and returns when the next one will.
// Any number of copies may call it: each ticket is met by one, and after a time when none was
// there, what was missed is run once. told is called for each ticket that a rule met.
func (d *Desk) Tick(ctx context.Context, now time.Time, told func(Rule, store.TicketID)) (time.Time, error) {
	soonest := now.Add(24 * time.Hour)
	var errs []error
	for _, r := range d.catalog.Rules() {
		next, err := d.tickRule(ctx, r, now, told)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s/%s: %w", r.Queue.Key, r.Name, err))
			continue // one rule that fails keeps no other from its turn
		}
		if next.Before(soonest) {
			soonest = next
		}
	}
	return soonest, errors.Join(errs...)
}

func (d *Desk) tickRule(ctx context.Context, r Rule, now time.Time, told func(Rule, store.TicketID)) (time.Time, error) {
	next, err := r.next(now)
	if err != nil {
		return next, err
	}
	latest, err := r.next(now.Add(clocksDiffer))
	if err != nil {
		return next, err
	}
	var at store.Time
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		at, err = tx.ScheduleNext(ctx, r.key(), store.At(next))
		if err == nil && at.After(latest) {
			_, err = tx.AdvanceSchedule(ctx, r.key(), at, store.At(next))
			at = store.At(next)
		}
		return err
	})
	if err != nil || at.After(now) {
		return at.Time, err
	}
	// The schedule moves on only after the sweep, so that a crash in the middle is made up for. Two
	// copies may sweep together: each ticket is met by one.
	if err := d.sweep(ctx, r, now, told); err != nil {
		return next, err
	}
	return next, d.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.AdvanceSchedule(ctx, r.key(), at, store.At(next))
		return err
	})
}

// sweep applies a rule to the tickets that are due, each in a transaction of its own. A crash in
// the middle leaves the rest due for the next run.
func (d *Desk) sweep(ctx context.Context, r Rule, now time.Time, told func(Rule, store.TicketID)) error {
	const batch = 100
	var errs []error
	for {
		var ids []store.TicketID
		err := d.db.Read(ctx, func(tx *store.Tx) (err error) {
			ids, err = tx.TicketsDue(ctx, r.Queue.Key, string(r.State), store.At(now.Add(-r.After)), batch)
			return err
		})
		if err != nil {
			return err
		}
		met := 0
		for _, id := range ids {
			done, err := d.apply(ctx, r, id, now)
			if err != nil { // one ticket that fails keeps no other from its turn
				errs = append(errs, fmt.Errorf("ticket %d: %w", id, err))
			}
			if done && err == nil {
				met++
				told(r, id)
			}
		}
		if len(ids) < batch || met == 0 {
			return errors.Join(errs...)
		}
	}
}

// apply does to one ticket what a rule says, if it is still due.
func (d *Desk) apply(ctx context.Context, r Rule, id store.TicketID, now time.Time) (done bool, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		t, err := tx.LockTicket(ctx, id)
		if err != nil || !r.Due(t, now) {
			return err
		}
		done = true
		program := Actor{Source: "cron"}
		if r.Act == Close {
			_, err = d.move(ctx, tx, program, t, Close, store.DeskSide, Closed)
			return err
		}
		t.Reminded = true
		if err := tx.SaveTicket(ctx, t); err != nil {
			return err
		}
		e, err := tx.AddEvent(ctx, store.Event{Ticket: t.ID, Act: string(Remind), Source: program.Source, Detail: r.Name})
		if err != nil {
			return err
		}
		return d.tell(ctx, tx, t, AudienceOfAct(Remind, "", r.State), store.Message{}, e.ID)
	})
	return done, err
}
