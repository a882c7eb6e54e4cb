package license

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// What managers are reminded of, besides what waits for a decision and what is about to end.
const (
	ToldUnused   = "unused"   // what is ordered and not activated, or activated and not assigned
	ToldContract = "contract" // whose end comes near
	ToldTerms    = "terms"    // others are in force than were accepted
)

// Schedule says when to look next.
type Schedule interface {
	Next(time.Time) time.Time
	String() string // as it is written
}

// Reminders say when managers are reminded of what; nil: never.
type Reminders struct {
	Undecided Schedule // orders and requests that wait for a decision
	Unused    Schedule
	Ending    Schedule // contracts
	// Before is how long before its end managers are reminded of a contract.
	Before time.Duration
	// Calendar is when they are reminded of anything; nil: always.
	Calendar Calendar
}

// patience is how long a decision may take, at least, until somebody is reminded of it.
const patience = 12 * time.Hour

// undecidedAt is when somebody is reminded next of what waits for their decision; zero: never.
func (d *Desk) undecidedAt(from time.Time) store.Time {
	if d.catalog.Reminders.Undecided == nil {
		return store.Time{}
	}
	return store.At(d.catalog.Reminders.Undecided.Next(from.In(d.Zone())))
}

// remind tells those who are to decide that something waits for them.
func (d *Desk) remind(ctx context.Context) error {
	var orders []store.OrderID
	var requests []store.RequestID
	err := d.db.Look(ctx, func(tx *store.Tx) (err error) {
		if orders, err = tx.OrdersToRemind(ctx, sweepBatch); err == nil {
			requests, err = tx.RequestsToRemind(ctx, sweepBatch)
		}
		return err
	})
	for _, id := range orders {
		err = errors.Join(err, d.db.Write(ctx, func(tx *store.Tx) error { return d.remindOrder(ctx, tx, id) }))
	}
	for _, id := range requests {
		err = errors.Join(err, d.db.Write(ctx, func(tx *store.Tx) error { return d.remindRequest(ctx, tx, id) }))
	}
	return err
}

func (d *Desk) remindOrder(ctx context.Context, tx *store.Tx, id store.OrderID) error {
	o, err := tx.LockOrder(ctx, id)
	if err != nil || o.RemindAt.IsZero() || o.RemindAt.After(tx.Now.Time) { // another copy was quicker
		return err
	}
	v, err := d.view(ctx, tx, o)
	if err != nil {
		return err
	}
	v.RemindAt = d.undecidedAt(tx.Now.Time)
	if err := tx.SaveOrder(ctx, v.Order); err != nil {
		return err
	}
	s, waits := v.Waits()
	if !waits {
		return nil
	}
	if !d.canDecide(v.Organization, s) { // another copy's configuration named them
		return d.reask(ctx, tx, &v)
	}
	to := []store.Account{s.Account}
	if s.StandIn().ID != "" {
		to = append(to, s.StandIn())
	}
	return notifyAwake(ctx, tx, ToldApproval, int64(id), to...)
}

func (d *Desk) remindRequest(ctx context.Context, tx *store.Tx, id store.RequestID) error {
	r, err := tx.LockRequest(ctx, id)
	if err != nil || r.RemindAt.IsZero() || r.RemindAt.After(tx.Now.Time) {
		return err
	}
	r.RemindAt = d.undecidedAt(tx.Now.Time)
	if err := tx.SaveRequest(ctx, r); err != nil {
		return err
	}
	managers, err := managersOf(ctx, tx, r.Organization)
	if err != nil {
		return err
	}
	return notifyAwake(ctx, tx, ToldRequest, int64(id), managers...)
}

// byOrganization does something for each organization, in a transaction of its own, if a schedule has come due: by one copy of the program, and once,
// however often it was missed. A schedule that is changed is a new one.
func (d *Desk) byOrganization(ctx context.Context, what string, s Schedule, do func(tx *store.Tx, organization string) error) error {
	if s == nil {
		return nil
	}
	after := func(t time.Time) time.Time { return s.Next(t.In(d.Zone())) }
	organizations := map[string]string{} // by the keys of their schedules
	for _, o := range d.people.Catalog().Organizations {
		organizations[fmt.Sprintf("licenses/%s/%s/%s/%s", what, o.Key, d.Zone(), s)] = o.Key
	}
	var known map[string]store.Time
	err := d.db.Look(ctx, func(tx *store.Tx) (err error) {
		known, err = tx.SchedulesAt(ctx, slices.Collect(maps.Keys(organizations)))
		return err
	})
	if err != nil {
		return err
	}
	for key, organization := range organizations {
		if at, ok := known[key]; ok && helpdesk.IsAhead(at.Time, d.db.Now().Time, after) { // nearly always: then nothing is written
			continue
		}
		err = errors.Join(err, d.db.Write(ctx, func(tx *store.Tx) error {
			if due, err := helpdesk.ComesDue(ctx, tx, key, tx.Now.Time, after); err != nil || !due {
				return err
			}
			return do(tx, organization)
		}))
	}
	return err
}

// remindUnused tells managers of licenses that cost, and that nobody has.
func (d *Desk) remindUnused(ctx context.Context) error {
	return d.byOrganization(ctx, "unused", d.catalog.Reminders.Unused, func(tx *store.Tx, organization string) error {
		lines, err := d.lines(ctx, tx, organization)
		if err != nil || !slices.ContainsFunc(lines, Line.Unused) {
			return err
		}
		return d.notifyManagers(ctx, tx, ToldUnused, organization)
	})
}

// Unused says whether some are not activated, or nobody has them.
func (l Line) Unused() bool { return l.Inactive() > 0 || l.Free() > 0 }

// notifyManagers tells all managers of an organization something about it.
func (d *Desk) notifyManagers(ctx context.Context, tx *store.Tx, what, organization string) error {
	managers, err := managersOf(ctx, tx, organization)
	if err != nil {
		return err
	}
	return notifyAwake(ctx, tx, what, 0, managers...)
}

// Ending are the contracts of an organization whose end comes near: their last days, by service. now is when that is so.
func (d *Desk) Ending(organization string) (all map[string]time.Time, now time.Time) {
	now = d.db.Now().Time
	return d.ending(organization, now), now
}

func (d *Desk) ending(organization string, now time.Time) map[string]time.Time {
	all := map[string]time.Time{}
	for key, last := range d.catalog.Contracts {
		if key[0] == organization && d.endOf(last).After(now) && d.endOf(last).AddDate(0, 0, -1).Add(-d.catalog.Reminders.Before).Before(now) {
			all[key[1]] = last
		}
	}
	return all
}

// remindContracts tells managers of contracts whose end comes near: once of each, and those once more who have put that off.
func (d *Desk) remindContracts(ctx context.Context) error {
	return d.byOrganization(ctx, "ending", d.catalog.Reminders.Ending, func(tx *store.Tx, organization string) error {
		ending := d.ending(organization, tx.Now.Time)
		if len(ending) == 0 {
			return nil
		}
		tells := false
		for service, last := range ending {
			first, err := d.firstEver(ctx, tx, fmt.Sprintf("contract/%s/%s/%s", organization, service, last.Format(time.DateOnly)))
			if err != nil {
				return err
			}
			tells = tells || first
		}
		managers, err := managersOf(ctx, tx, organization)
		if err != nil {
			return err
		}
		for _, m := range managers {
			again, err := tx.Awakes(ctx, m, ToldContract, 0)
			if err != nil {
				return err
			}
			if tells || again {
				if err := notifyAwake(ctx, tx, ToldContract, 0, m); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// firstEver says whether something is done for the first time, and remembers it for good.
func (d *Desk) firstEver(ctx context.Context, tx *store.Tx, key string) (bool, error) {
	next, err := tx.ScheduleNext(ctx, key, tx.Now)
	if err != nil || next.After(tx.Now.Time) {
		return false, err
	}
	return tx.AdvanceSchedule(ctx, key, next, store.At(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)))
}

// Changed are the terms in force of which an organization has accepted another version last.
func (d *Desk) Changed(ctx context.Context, organization, language string) (changed []OfferedTerms, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		changed, err = d.changed(ctx, tx, organization, language)
		return err
	})
	return changed, err
}

func (d *Desk) changed(ctx context.Context, tx *store.Tx, organization, language string) (changed []OfferedTerms, err error) {
	accepted, err := tx.AcceptedTermsOf(ctx, organization)
	for _, a := range accepted {
		t := d.catalog.General
		switch a.Kind {
		case Particular:
			t = d.catalog.Services[a.Service].Particular
		case Specific:
			t = d.catalog.Services[a.Service].Specific
		}
		if t.Version != "" && t.Version != a.Version {
			text, in := t.In(language)
			changed = append(changed, OfferedTerms{a.Kind, a.Service, t.Version, in, HashOf(text)})
		}
	}
	return changed, err
}

// TellTerms tells managers of terms that have changed since their organization accepted them: once of each version, however often the program is
// started. They are accepted with the next order. Terms don't change while it runs: it looks once.
func (d *Desk) TellTerms(ctx context.Context) error {
	if d.termsTold.Load() {
		return nil
	}
	for _, o := range d.people.Catalog().Organizations {
		err := d.db.Insist(ctx, func(tx *store.Tx) error {
			changed, err := d.changed(ctx, tx, o.Key, o.Language)
			if err != nil {
				return err
			}
			tells := false
			for _, t := range changed {
				first, err := d.firstEver(ctx, tx, fmt.Sprintf("terms/%s/%s/%s/%s", o.Key, t.Kind, t.Service, t.Version))
				if err != nil {
					return err
				}
				tells = tells || first
			}
			if !tells {
				return nil
			}
			return d.notifyManagers(ctx, tx, ToldTerms, o.Key)
		})
		if err != nil {
			return err
		}
	}
	d.termsTold.Store(true)
	return nil
}
