package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"guichet/helpdesk/clock"
	"guichet/store"
)

// Met is something that was due of a ticket and has been done.
type Met struct {
	Ticket store.TicketID
	Queue  string
	Reminded
}

// Tick does what is due, and returns when something may be due next. Any number of copies may call it: what is due of a ticket is
// found out under its lock and noted in its history, so that it is done once; after a time when no copy was there, what was
// missed is done once. It costs what is due, and not what exists. told is called for each thing that was done.
func (d *Desk) Tick(ctx context.Context, now time.Time, told func(Met)) (time.Time, error) {
	const batch = 100
	latest := now.Add(24 * time.Hour)
	if err := d.countAnew(ctx); err != nil {
		return latest, err
	}
	digest, err := d.digests(ctx, now)
	errs := []error{err}
	if digest.Before(latest) {
		latest = digest
	}
	update, err := d.remindOfUpdates(ctx, now)
	errs = append(errs, err)
	if !update.IsZero() && update.Before(latest) {
		latest = update
	}
	var last store.Due
	for {
		var due []store.Due
		err := d.db.Look(ctx, func(tx *store.Tx) (err error) {
			due, err = tx.TicketsDue(ctx, store.At(now), last, batch)
			return err
		})
		if err != nil {
			return latest, errors.Join(append(errs, err)...)
		}
		for _, last = range due {
			met, err := d.meet(ctx, last.Ticket, now)
			if err != nil { // one ticket that fails keeps no other from its turn
				errs = append(errs, fmt.Errorf("ticket %d: %w", last.Ticket, err))
			}
			for _, m := range met {
				told(m)
			}
		}
		if len(due) < batch {
			break
		}
	}
	if err := errors.Join(errs...); err != nil {
		return latest, err
	}
	var next store.Time
	err = d.db.Look(ctx, func(tx *store.Tx) (err error) {
		next, err = tx.NextDue(ctx)
		return err
	})
	switch {
	case err != nil || next.IsZero() || next.After(latest):
		return latest, err
	case !next.After(now): // it has become due while this copy looked
		return now.Add(time.Second), nil
	}
	return next.Time, nil
}

// meet does what is due of one ticket, as its history says.
func (d *Desk) meet(ctx context.Context, id store.TicketID, now time.Time) (met []Met, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		met = nil
		t, err := tx.LockTicket(ctx, id)
		if err != nil {
			return err
		}
		facts, err := d.facts(ctx, tx, t)
		if err != nil {
			return err
		}
		c := clock.Of(facts, d.policies)
		due := c.Due(d.policies, now)
		if err := d.keep(ctx, tx, &t, c); err != nil || sleeps(t) {
			return err
		}
		for _, one := range due {
			r := Reminded{Rule: one.Rule, Step: one.Step, Do: one.Do, Clock: one.Clock}
			met = append(met, Met{Ticket: id, Queue: t.Queue, Reminded: r})
			if r.Do == Finish {
				program := Actor{Source: byItself}
				if r.Rule == clock.Wait {
					program.Reason = Unanswered
				}
				_, err = d.move(ctx, tx, program, t, Close, store.DeskSide, Closed)
				return err // nothing else is due of a closed ticket
			}
			if r.Do == ToAssign {
				if t, err = d.give(ctx, tx, t); err != nil {
					return err
				}
				continue
			}
			if t, err = d.remind(ctx, tx, t, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return met, nil
}

// byItself is where what the program does by itself comes from.
const byItself = "cron"

// Unanswered is the reason noted with a ticket that was closed because its requester did not answer.
const Unanswered = "unanswered"

// remind tells whom a reminder is for, and notes it.
func (d *Desk) remind(ctx context.Context, tx *store.Tx, t store.Ticket, r Reminded) (store.Ticket, error) {
	e, err := tx.AddEvent(ctx, store.Event{Ticket: t.ID, Act: string(Remind), Source: byItself, Detail: r.detail()})
	if err != nil {
		return t, err
	}
	if err := d.save(ctx, tx, &t, factOf(e, clock.State(t.State))...); err != nil {
		return t, err
	}
	return t, d.tell(ctx, tx, t, AudienceOfReminder(r, t.Assignee != 0), store.Message{}, e.ID)
}

// AudienceOfReminder decides who is told: an agent who has the ticket in its thread, everybody else of the desk in the channel,
// which is where they look; requesters in their conversation. Of a clock the card says more than before.
func AudienceOfReminder(r Reminded, assigned bool) (ts []Telling) {
	switch {
	case r.Do == Nudge || r.Do == Warn:
		return []Telling{{store.RequesterSide, TellEvent}}
	case r.Do == ToAgent && assigned:
		ts = []Telling{{store.DeskSide, TellEvent}}
	default:
		ts = []Telling{{store.DeskSide, TellChannel}}
	}
	if r.Clock != "" {
		ts = append([]Telling{{store.DeskSide, TellCard}}, ts...)
	}
	return ts
}

// called are the accounts, in the workspace of a ticket's queue, of those whom a reminder is for, or to whom a
// ticket was given.
func (d *Desk) called(ctx context.Context, tx *store.Tx, t store.Ticket, e store.Event) ([]string, error) {
	q, _ := d.catalog.Queue(t.Queue)
	one := func(p store.PersonID) ([]string, error) {
		if p == 0 {
			return nil, nil
		}
		a, err := tx.AccountIn(ctx, p, q.Place.Workspace)
		if errors.Is(err, store.ErrNotFound) {
			return nil, nil
		}
		return []string{a.ID}, err
	}
	if (e.Act == string(Assign) || e.Act == string(HandOver)) && e.Whom != e.Actor {
		return one(e.Whom)
	}
	do := ReminderOf(e).Do
	switch Act(e.Act) {
	case Remind:
	case UpdateDue:
		if do = ToAgent; t.Assignee == 0 {
			do = ToOnCall
		}
	case Declare:
		do = ToOnCall
	default:
		return nil, nil
	}
	switch do {
	case ToAgent:
		return one(t.Assignee)
	case ToOnCall:
		agents, err := tx.AgentsAt(ctx, q.Place)
		var all []string
		for _, a := range onCall(q.OnCall(tx.Now.Time), agents) {
			all = append(all, a.Account)
		}
		return all, err
	case ToLead:
		if q.Lead.Workspace == q.Place.Workspace && q.Lead.ID != "" {
			return []string{q.Lead.ID}, nil
		}
	}
	return nil, nil
}

// Outdated says whether there is nothing to tell any more: a delivery reminds of something that is no
// longer so; or it tells of a message that is no more, or is not for those who would read it.
func Outdated(b Brief, d store.Delivery) bool {
	if b.Left && (b.Message.ID != 0 || b.Event.ID != 0) && d.Kind != TellDeletion {
		return true // they are told that they follow it no more, and nothing else
	}
	if b.Event.Act == string(Remind) && past(clocksOf(b.Ticket), ReminderOf(b.Event)) {
		return true
	}
	if d.Person == 0 && b.Event.Act == string(UpdateDue) && b.Major.UpdateAt != b.Major.Updated(b.Event.At).UpdateAt {
		return true // there has been one since, or it is over
	}
	if d.Kind == TellMessage && d.Part > 0 && d.Part >= len(Parts(b.Message.Body)) {
		return true // an edit has made it shorter
	}
	switch d.Kind {
	case TellMessage, TellEdit, TellFile, TellNoFile:
		return b.Message.Deleted() || d.Person != 0 && !b.Watches && b.Message.Audience != string(Public)
	}
	return false
}

// past says whether what a reminder was about is over: its cause is another by now, or its clock stands still.
func past(c clock.Ticket, r Reminded) bool {
	return c.Told[r.Rule] == 0 || r.Clock != "" && !c.Clock(r.Clock).Runs()
}
