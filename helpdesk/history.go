package helpdesk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"guichet/helpdesk/clock"
	"guichet/store"
)

// What a ticket's clocks show follows from its history alone (clock.Of). Where they stand is kept with the ticket, so that an act
// costs the same however long the history is; whoever finds nothing kept, or doubts it, counts again (recount).

// clocksOf is where a ticket's clocks stand. Of one that nobody has counted yet nothing has happened but its opening.
func clocksOf(t store.Ticket) clock.Ticket {
	var c clock.Ticket
	if t.Clocks == "" || json.Unmarshal([]byte(t.Clocks), &c) != nil {
		return clock.Of([]clock.Fact{{At: t.CreatedAt.Time, Kind: clock.Opened, Queue: t.Queue, Priority: t.Priority}}, nil)
	}
	return c
}

// Clocks is where a ticket's clocks stand, with the policies to ask it by.
func (d *Desk) Clocks(t store.Ticket) (clock.Ticket, clock.Policies) { return clocksOf(t), d.policies }

// save writes a locked ticket, whose history has just become longer by some facts.
func (d *Desk) save(ctx context.Context, tx *store.Tx, t *store.Ticket, facts ...clock.Fact) error {
	if t.Clocks == "" {
		return d.recount(ctx, tx, t)
	}
	c := clocksOf(*t)
	for _, f := range facts {
		c = c.After(f, d.policies)
	}
	return d.keep(ctx, tx, t, c)
}

// heard notes in a ticket's clocks that somebody wrote, if that matters to them.
func (d *Desk) heard(ctx context.Context, tx *store.Tx, t *store.Ticket, facts ...clock.Fact) error {
	c := clocksOf(*t)
	if !slices.ContainsFunc(facts, c.Matters) {
		return nil
	}
	return d.save(ctx, tx, t, facts...)
}

// reheard counts again where what became of a message matters to clocks.
func (d *Desk) reheard(ctx context.Context, tx *store.Tx, t *store.Ticket, was, now store.Message) error {
	before, counted := wrote(was)
	after, counts := wrote(now)
	if counted == counts && before == after {
		return nil
	}
	return d.recount(ctx, tx, t)
}

// recount writes a locked ticket after a look at its whole history.
func (d *Desk) recount(ctx context.Context, tx *store.Tx, t *store.Ticket) error {
	facts, err := d.facts(ctx, tx, *t)
	if err != nil {
		return err
	}
	return d.keep(ctx, tx, t, clock.Of(facts, d.policies))
}

func (d *Desk) keep(ctx context.Context, tx *store.Tx, t *store.Ticket, c clock.Ticket) error {
	b, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("helpdesk: clocks of ticket %d: %w", t.ID, err)
	}
	before := clocksOf(*t)
	t.Clocks, t.DueAt = string(b), wakes(c, d.policies)
	if sleeps(*t) {
		t.DueAt = store.Time{}
	}
	if err := tx.SaveTicket(ctx, *t); err != nil {
		return err
	}
	if attend := d.attends[t.Details[Matter]]; attend != nil {
		if err := attend(ctx, tx, *t); err != nil {
			return err
		}
	}
	return d.outcome(ctx, tx, *t, before, c)
}

// sleeps says whether nothing is due of a ticket, whatever its clocks show: it goes with the incident that it is part of.
func sleeps(t store.Ticket) bool { return t.Quiet && t.Active }

// wakes is when something of a ticket may be due next.
func wakes(c clock.Ticket, p clock.Policies) store.Time {
	at := c.Wakes(p)
	if at == 0 {
		return store.Time{}
	}
	return store.At(at.Time())
}

// facts are what matters to a ticket's clocks of its history, in order.
func (d *Desk) facts(ctx context.Context, tx *store.Tx, t store.Ticket) ([]clock.Fact, error) {
	events, err := tx.AllEvents(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	messages, err := tx.AllPublic(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	return factsOf(t, d.catalog.Priority(t.Kind, t.Impact, t.Urgency), events, messages), nil
}

// factsOf is facts of what was read. What was written counts from when it was, as it reads now: what is deleted, or
// was taken back, was never said. priority is the one that follows from the ticket's form: older openings don't say theirs.
func factsOf(t store.Ticket, priority string, events []store.Event, messages []store.Message) []clock.Fact {
	opened := clock.Fact{At: t.CreatedAt.Time, Kind: clock.Opened, Queue: t.Queue, Priority: t.Priority}
	var moved, prioritized bool
	for _, e := range events {
		switch Act(e.Act) {
		case Submit:
			if queue, priority, ok := strings.Cut(e.Detail, "/"); ok {
				opened.Queue, opened.Priority, moved, prioritized = queue, priority, true, true
			}
		case Transfer:
			if from, _ := Queues(e); !moved {
				opened.Queue, moved = from, true
			}
		case Prioritize:
			if !prioritized {
				opened.Priority, prioritized = priority, true
			}
		}
	}
	acts, said := []clock.Fact{opened}, []clock.Fact{}
	state := clock.New
	for _, e := range events {
		for _, f := range factOf(e, state) {
			if f.Kind == clock.Became {
				state = f.State
			}
			acts = append(acts, f)
		}
	}
	for i, m := range messages {
		if f, ok := wrote(m); ok && i > 0 { // the first is the opening
			said = append(said, f)
		}
	}
	// By their dates; but each in its own order, whatever a clock that was put back has dated them. What is said in an act
	// comes after it.
	var facts []clock.Fact
	for len(acts) > 0 && len(said) > 0 {
		from := &acts
		if said[0].At.Before(acts[0].At) {
			from = &said
		}
		facts, *from = append(facts, (*from)[0]), (*from)[1:]
	}
	return append(append(facts, acts...), said...)
}

// wrote is the fact that a message is, if it matters to clocks: whoever only says thank you asks nothing.
func wrote(m store.Message) (f clock.Fact, ok bool) {
	if m.Deleted() || m.Audience != store.Public {
		return f, false
	}
	f = clock.Fact{At: m.CreatedAt.Time, Kind: clock.Answered}
	if m.Side == store.RequesterSide {
		f.Kind = clock.Asked
		return f, !OnlyThanks(said(m.Body))
	}
	return f, true
}

// factOf are the facts that an event is, on a ticket in a state.
func factOf(e store.Event, s clock.State) []clock.Fact {
	f := clock.Fact{At: e.At.Time}
	switch act := Act(e.Act); act {
	case Take, Reply, Wait, Resolve, Close, Reopen, Release:
		f.Kind, f.State = clock.Became, clock.State(e.Detail)
	case Merge:
		f.Kind, f.State = clock.Became, clock.Closed
	case Keep:
		f.Kind = clock.Kept
	case Assign, HandOver:
		var facts []clock.Fact
		if e.Actor == 0 {
			facts = append(facts, clock.Fact{At: f.At, Kind: clock.Reminded, Rule: clock.Assign})
		}
		if s == clock.New {
			facts = append(facts, clock.Fact{At: f.At, Kind: clock.Became, State: clock.Open})
		}
		return facts
	case Transfer:
		_, to := Queues(e)
		f.Kind, f.Queue = clock.Moved, to
		if state := stateAfter(e); state != "" {
			return []clock.Fact{f, {At: f.At, Kind: clock.Became, State: clock.State(state)}}
		}
	case Prioritize:
		f.Kind, f.Priority = clock.Prioritized, e.Detail
	case Remind:
		r := ReminderOf(e)
		f.Kind, f.Rule, f.Step = clock.Reminded, r.Rule, r.Step
	case Snooze:
		f.Kind, f.Until = clock.Snoozed, SnoozedUntil(e)
	default:
		return nil
	}
	return []clock.Fact{f}
}

// Reminded is what an event of the act Remind says: which step of which rule, and what it did.
type Reminded struct {
	Rule  string // as in clock.Ticket.Told
	Step  int
	Do    string // a word of Steps
	Clock string // whose rule it is, if a clock's
}

// detail is how a reminder is kept in its event.
func (r Reminded) detail() string { return fmt.Sprintf("%s %d %s", r.Rule, r.Step, r.Do) }

// ReminderOf reads what detail wrote, or a rule's name alone, as older events have it.
func ReminderOf(e store.Event) (r Reminded) {
	parts := strings.Fields(e.Detail)
	switch len(parts) {
	case 3:
		r.Rule, r.Do = parts[0], parts[2]
		r.Step, _ = strconv.Atoi(parts[1])
	case 1:
		r.Rule, r.Do = parts[0], map[string]string{clock.Unassigned: ToQueue, clock.Wait: Nudge}[parts[0]]
	}
	_, r.Clock, _ = strings.Cut(r.Rule, "/")
	return r
}

// SnoozedUntil is until when an event of the act Snooze has reminders sleep.
func SnoozedUntil(e store.Event) time.Time {
	ms, _ := strconv.ParseInt(e.Detail, 10, 64)
	return time.UnixMilli(ms)
}
