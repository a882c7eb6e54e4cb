package helpdesk

import (
	"context"
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

// next returns when a rule's schedule comes round after an instant, in the queue's time zone.
func (r Rule) next(after time.Time) (time.Time, error) {
	s, err := cron.ParseStandard(r.Schedule)
	if err != nil {
		return time.Time{}, fmt.Errorf("helpdesk: schedule of %s/%s: %w", r.Queue.Key, r.Name, err)
	}
	return s.Next(after.In(r.Queue.TimeZone)), nil
}

// key names a rule's schedule in the database. A schedule that is changed is a new one.
func (r Rule) key() string {
	return fmt.Sprintf("%s/%s/%s/%s", r.Queue.Key, r.Name, r.Queue.TimeZone, r.Schedule)
}

// Tick runs the rules whose schedules have come round, and returns when the next one will.
// Any number of copies may call it: each run of a schedule is won by one, and after a time when
// none was there, what was missed is run once. told is called for each ticket that a rule met.
func (d *Desk) Tick(ctx context.Context, now time.Time, told func(Rule, store.TicketID)) (time.Time, error) {
	var soonest time.Time
	for _, r := range d.catalog.Rules() {
		next, err := d.tickRule(ctx, r, now, told)
		if err != nil {
			return now, err
		}
		if soonest.IsZero() || next.Before(soonest) {
			soonest = next
		}
	}
	return soonest, nil
}

func (d *Desk) tickRule(ctx context.Context, r Rule, now time.Time, told func(Rule, store.TicketID)) (time.Time, error) {
	next, err := r.next(now)
	if err != nil {
		return next, err
	}
	at, won := store.Time{}, false
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		if at, err = tx.ScheduleNext(ctx, r.key(), store.At(next)); err != nil || at.After(now) {
			return err
		}
		won, err = tx.AdvanceSchedule(ctx, r.key(), at, store.At(next))
		return err
	})
	if err != nil || at.After(now) {
		return at.Time, err
	}
	if won {
		err = d.sweep(ctx, r, now, told)
	}
	return next, err
}

// sweep applies a rule to the tickets that are due, each in a transaction of its own. A crash in
// the middle leaves the rest due for the next run.
func (d *Desk) sweep(ctx context.Context, r Rule, now time.Time, told func(Rule, store.TicketID)) error {
	const batch = 100
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
			if err != nil {
				return err
			}
			if done {
				met++
				told(r, id)
			}
		}
		if len(ids) < batch || met == 0 {
			return nil
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
