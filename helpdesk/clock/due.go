package clock

import (
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Names of rules. Those of clocks have the clock's name behind them, as in "breach/next".
const (
	Assign     = "assign"     // nobody has the ticket: it is given to somebody by the queue's policy
	Unassigned = "unassigned" // nobody has had it for too long
	Risk       = "risk"       // a clock has counted most of its target
	Breach     = "breach"     // a clock has passed its target
	Wait       = "waiting"    // the requester has not answered for too long
	Close      = "close"      // it has been resolved for long enough
)

// Rule is one thing that a queue is reminded of, or that is done by itself.
type Rule struct {
	Name     string
	Schedule cron.Schedule // when to look; nil: always
	Awake    bool          // also outside business hours
	Percent  int           // Risk: how much of the target
	Steps    []Step        // one after another, as long as the cause lasts
}

// Step is what is done, and when. After counts business time since the cause (Unassigned, Assign) or past the target
// (Breach, Risk: past its share of it); days and nights alike, since the state was entered, for Wait and Close.
type Step struct {
	After time.Duration
	Do    string // what, or whom to tell: a word of the helpdesk's
}

// Due is a step of a rule, and when its time comes: in business hours, when the rule's schedule comes round.
type Due struct {
	Rule  string // as in Ticket.Told
	Clock string // whose rule it is, if a clock's
	Step  int
	Do    string
	At    time.Time
}

// Dues are the next step of each rule that applies to a ticket as it stands, soonest first. Steps whose time has come before
// are in the past.
func (t Ticket) Dues(p Policies) (all []Due) {
	for _, r := range p[t.Queue].Rules {
		for _, d := range t.each(r) {
			if at, ok := t.time(p, r, d); ok {
				d.At = at
				all = append(all, d)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Due) int { return a.At.Compare(b.At) })
	return all
}

// Due are the steps whose time has come: of each rule one, the furthest. What was missed, because nobody looked, is
// made up for once.
func (t Ticket) Due(p Policies, now time.Time) (all []Due) {
	for _, r := range p[t.Queue].Rules {
		for _, d := range t.each(r) {
			at, ok := t.time(p, r, d)
			if !ok || at.After(now) {
				continue
			}
			for d.At = at; d.Step+1 < len(r.Steps); {
				further := d
				further.Step++
				further.Do = r.Steps[further.Step].Do
				if further.At, ok = t.time(p, r, further); !ok || further.At.After(now) {
					break
				}
				d = further
			}
			all = append(all, d)
		}
	}
	// Whoever is told that a clock is past its target need not hear that it is near it.
	return slices.DeleteFunc(all, func(d Due) bool {
		rule, clock, _ := strings.Cut(d.Rule, "/")
		return rule == Risk && slices.ContainsFunc(all, func(other Due) bool { return other.Rule == Breach+"/"+clock })
	})
}

// Wakes is when something may be due next; none if nothing will be.
func (t Ticket) Wakes(p Policies) Instant {
	if all := t.Dues(p); len(all) > 0 {
		return InstantOf(all[0].At)
	}
	return 0
}

// each is the next step of a rule: one, or one for each clock.
func (t Ticket) each(r Rule) (all []Due) {
	names := []string{""}
	if r.Name == Risk || r.Name == Breach {
		names = Names
	}
	for _, clock := range names {
		d := Due{Rule: r.Name, Clock: clock}
		if clock != "" {
			d.Rule += "/" + clock
		}
		d.Step = t.Told[d.Rule]
		if d.Step < len(r.Steps) {
			d.Do = r.Steps[d.Step].Do
			all = append(all, d)
		}
	}
	return all
}

// time is when a step is due, if its rule applies.
func (t Ticket) time(p Policies, r Rule, d Due) (at time.Time, ok bool) {
	after, calendar := r.Steps[d.Step].After, p.calendar(t.Queue)
	ofDesk := true
	switch r.Name {
	case Unassigned, Assign:
		if t.State != New {
			return at, false
		}
		at, ok = calendar.Add(max(t.StateSince, t.QueueSince).Time(), after)
	case Wait, Close:
		if r.Name == Wait && t.State != Waiting || r.Name == Close && t.State != Resolved {
			return at, false
		}
		at, ok, ofDesk = t.StateSince.Time().Add(after), true, false
	case Risk, Breach:
		target := t.Target(p, d.Clock)
		if target == 0 || r.Name == Risk && t.Told[Breach+"/"+d.Clock] > 0 {
			return at, false
		}
		if r.Name == Risk {
			target = target * time.Duration(r.Percent) / 100
		}
		at, ok = t.reaches(p, d.Clock, target+after)
	}
	if !ok {
		return at, false
	}
	if until := t.Snoozed.Time(); ofDesk && t.Snoozed != 0 && at.Before(until) {
		at = until
	}
	return r.align(calendar, at)
}

// align is the first instant, from another on, at which a rule's schedule comes round while the desk is open. ok is false if
// there is none within a year.
func (r Rule) align(c *Calendar, at time.Time) (_ time.Time, ok bool) {
	for until := at.Add(horizon); at.Before(until); {
		if !r.Awake {
			if at, ok = c.Next(at); !ok {
				return at, false
			}
		}
		if r.Schedule == nil {
			return at, true
		}
		tick := r.Schedule.Next(at.In(c.zone).Add(-1)) // later than what it is given
		if tick.IsZero() || r.Awake || c.IsOpen(tick) {
			return tick, !tick.IsZero()
		}
		at = tick
	}
	return at, false
}

// Next is the first instant, from another on, at which a rule's schedule comes round while the desk is open. ok is false if
// there is none within a year.
func (r Rule) Next(c *Calendar, from time.Time) (_ time.Time, ok bool) { return r.align(c, from) }

// Fits says whether a schedule ever comes round while the desk is open.
func (r Rule) Fits(c *Calendar, from time.Time) bool {
	_, ok := r.align(c, from)
	return ok
}
