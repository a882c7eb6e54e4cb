package helpdesk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"guichet/helpdesk/clock"
	"guichet/store"
)

// closeSchedule says how often resolved tickets are looked at: closing is no matter of minutes.
const closeSchedule = "*/10 * * * *"

// policies are what the queues do about time.
func (c *Catalog) policies() clock.Policies {
	ps := clock.Policies{}
	for _, q := range c.Queues {
		ps[q.Key] = q.Policy()
	}
	return ps
}

// Policy is what a queue does about time.
func (q Queue) Policy() clock.Policy {
	p := clock.Policy{Calendar: q.calendar(), Targets: q.Targets}
	add := func(name string, r Reminder) {
		if len(r.Steps) == 0 {
			return
		}
		p.Rules = append(p.Rules, clock.Rule{Name: name, Schedule: parsed(q.Key, name, r.Schedule), Percent: r.Percent, Steps: r.Steps})
	}
	if q.Assign != ByHand {
		p.Rules = append(p.Rules, clock.Rule{Name: clock.Assign, Awake: q.Assign == OnCall, Steps: []clock.Step{{Do: ToAssign}}})
	}
	for _, name := range []string{clock.Unassigned, clock.Risk, clock.Breach, clock.Wait} {
		add(name, q.ReminderOf(name))
	}
	if q.CloseAfter > 0 {
		add(clock.Close, q.ReminderOf(clock.Close))
	}
	return p
}

func (q Queue) calendar() *clock.Calendar {
	if q.Calendar != nil {
		return q.Calendar
	}
	return clock.NewCalendar(q.TimeZone, nil, "")
}

// hash names the settings by which what is due in a queue is counted: after a change all of it is counted again.
func (q Queue) hash() string {
	b, _ := json.Marshal([]any{q.calendar().String(), q.Targets, q.Unassigned, q.Risk, q.Breach, q.Waiting, q.CloseAfter, q.Assign})
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// countAnew has what is due in the queues whose settings have changed counted again: by and by, so that neither a
// start nor an act of somebody's has to wait for it.
func (d *Desk) countAnew(ctx context.Context) error {
	if d.counted.Load() {
		return nil
	}
	for _, q := range d.catalog.Queues {
		var known string
		err := d.db.Look(ctx, func(tx *store.Tx) (err error) {
			known, err = tx.Policy(ctx, q.Key)
			return err
		})
		if err != nil {
			return err
		}
		if known == q.hash() {
			continue
		}
		for _, s := range States {
			if s == Closed {
				continue
			}
			for after := store.TicketID(0); ; {
				err := d.db.Write(ctx, func(tx *store.Tx) (err error) {
					after, err = tx.CountAnew(ctx, q.Key, string(s), after, 500)
					return err
				})
				if err != nil {
					return err
				}
				if after == 0 {
					break
				}
			}
		}
		if err := d.db.Write(ctx, func(tx *store.Tx) error { return tx.SetPolicy(ctx, q.Key, q.hash()) }); err != nil {
			return err
		}
	}
	d.counted.Store(true)
	return nil
}

// firstDue is when something of a ticket that is being opened may be due.
func (d *Desk) firstDue(t store.Ticket) store.Time {
	opened := clock.Fact{At: d.db.Now().Time, Kind: clock.Opened, Queue: t.Queue, Priority: t.Priority}
	return wakes(clock.Of([]clock.Fact{opened}, d.policies), d.policies)
}
