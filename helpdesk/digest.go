package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"guichet/helpdesk/clock"
	"guichet/store"
)

// TellDigest is a delivery of a digest to a queue's channel. It is about no ticket; its lane names the queue and the sort.
const TellDigest = "digest"

// Sorts of digests.
const (
	Daily  = "daily"  // what there is to do
	Weekly = "weekly" // what was done, in figures
)

// Digest is what a queue is told of itself now and then.
type Digest struct {
	Queue   Queue
	Sort    string
	At      time.Time // of reading
	Now     map[State]int
	New     []store.Ticket // nobody has them, the oldest first, DigestShown at most
	Late    []store.Ticket // a clock is past its target, likewise
	Stats   Stats          // Weekly
	Private bool           // the channel was lately seen to be private
}

// weekly is how many days a weekly digest is about.
const weekly = 7

// DigestShown is how many tickets of a sort a digest names.
const DigestShown = 5

// digestLooks is how many open tickets are looked at for those that are late: the oldest.
const digestLooks = 200

// Empty says whether there is nothing worth a message.
func (g Digest) Empty() bool {
	if g.Sort == Daily {
		return g.Now[New]+g.Now[Open]+g.Now[Waiting] == 0
	}
	return !slices.ContainsFunc(g.Stats.Parts, func(p StatsPart) bool { return !p.idle() })
}

// Digest reads what a digest is to say.
func (d *Desk) Digest(ctx context.Context, del store.Delivery) (g Digest, err error) {
	parts := strings.Split(del.Lane, "/")
	if len(parts) != 4 || parts[0] != TellDigest {
		return g, fmt.Errorf("helpdesk: %q is no lane of a digest", del.Lane)
	}
	q, ok := d.catalog.Queue(parts[1])
	if !ok {
		return g, fmt.Errorf("helpdesk: queue %q is not configured", parts[1])
	}
	g = Digest{Queue: q, Sort: parts[2], Now: map[State]int{}}
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		g.At = tx.Now.Time
		if g.Private, err = d.private(ctx, tx, del, q.Key); err != nil {
			return err
		}
		if g.Sort == Weekly {
			to := laneTime(del.Lane)
			g.Stats = Stats{From: to.AddDate(0, 0, -weekly), To: to}
			part, err := d.figures(ctx, tx, store.Where{Queue: q.Key}, g.Stats.From, g.Stats.To)
			g.Stats.Parts = []StatsPart{part}
			return err
		}
		for _, state := range []State{New, Open, Waiting} {
			if g.Now[state], err = tx.InState(ctx, q.Key, string(state)); err != nil {
				return err
			}
		}
		ts, err := tx.TicketsOfQueues(ctx, []string{q.Key}, digestLooks)
		for _, t := range ts {
			c := clocksOf(t)
			switch {
			case len(g.Late) < DigestShown && d.late(c, tx.Now.Time):
				g.Late = append(g.Late, t)
			case len(g.New) < DigestShown && State(t.State) == New:
				g.New = append(g.New, t)
			}
		}
		return err
	})
	return g, err
}

// late says whether a running clock is past its target.
func (d *Desk) late(c clock.Ticket, now time.Time) bool {
	for _, name := range clock.Names {
		if target := c.Target(d.policies, name); target > 0 && c.Clock(name).Runs() && c.Used(d.policies, name, now) > target {
			return true
		}
	}
	return false
}

// digests has the queues told of themselves whose schedules have come round, and returns when the next one will.
func (d *Desk) digests(ctx context.Context, now time.Time) (next time.Time, err error) {
	next = now.Add(24 * time.Hour)
	for _, q := range d.catalog.Queues {
		for sort, r := range map[string]Reminder{Daily: q.Daily, Weekly: q.Weekly} {
			if r.Schedule == "" {
				continue
			}
			at, failed := d.digest(ctx, q, sort, r.Schedule, now)
			if failed != nil {
				err = errors.Join(err, fmt.Errorf("digest of %s: %w", q.Key, failed))
			} else if at.Before(next) {
				next = at
			}
		}
	}
	return next, err
}

// clocksDiffer is by how much the clocks of several copies may. A schedule that is further ahead than that
// was moved there before the clock was put back.
const clocksDiffer = 5 * time.Minute

func (d *Desk) digest(ctx context.Context, q Queue, sort, schedule string, now time.Time) (time.Time, error) {
	r := clock.Rule{Schedule: parsed(q.Key, sort, schedule)}
	after := func(t time.Time) time.Time {
		at, ok := r.Next(q.calendar(), t)
		if !ok {
			return t.Add(24 * time.Hour)
		}
		return at
	}
	key := fmt.Sprintf("%s/%s/%s/%s", q.Key, sort, q.TimeZone, schedule) // a schedule that is changed is a new one
	next := after(now.Add(time.Millisecond))
	err := d.db.Write(ctx, func(tx *store.Tx) error {
		if due, err := ComesDue(ctx, tx, key, now, after); err != nil || !due {
			return err
		}
		lane := fmt.Sprintf("%s/%s/%s/%d", TellDigest, q.Key, sort, tx.Now.UnixMilli())
		ds := []store.Delivery{{Lane: lane, Workspace: q.Place.Workspace, Kind: TellDigest}}
		if sort == Weekly && !d.catalog.Files.Off {
			ds = append(ds, store.Delivery{Lane: lane, Workspace: q.Place.Workspace, Kind: TellPicture})
		}
		return tx.Enqueue(ctx, ds...)
	})
	return next, err
}

// IsAhead says whether a schedule that is to run at an instant has still to, by when it runs after which.
func IsAhead(at, now time.Time, after func(time.Time) time.Time) bool {
	return at.After(now) && !at.After(after(now.Add(clocksDiffer)))
}

// ComesDue says whether a schedule has come due, to one copy of the program, however often it was missed; and notes when it will next.
func ComesDue(ctx context.Context, tx *store.Tx, key string, now time.Time, after func(time.Time) time.Time) (bool, error) {
	next := store.At(after(now.Add(time.Millisecond)))
	at, err := tx.ScheduleNext(ctx, key, next)
	if err != nil || IsAhead(at.Time, now, after) {
		return false, err
	}
	moved, err := tx.AdvanceSchedule(ctx, key, at, next)
	return moved && !at.After(now), err
}

// parsed reads a schedule; the configuration has read it before.
func parsed(queue, name, schedule string) cron.Schedule {
	s, err := cron.ParseStandard(schedule)
	if err != nil {
		panic(fmt.Sprintf("helpdesk: schedule of %s/%s: %v", queue, name, err))
	}
	return s
}
