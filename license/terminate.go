package license

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// ToldTermination is told of terminations: to whoever made one, in chat at each of its states and before it takes effect, and by mail. Once they
// manage the organization no more it is told to those who do.
const ToldTermination = "termination"

// Acts of the audit log that are about terminations.
const (
	terminationPlanned = "termination.plan"
	terminationUndone  = "termination.undo"
	terminationDone    = "termination.done"
	unenrolledAttested = "termination.attest_unenrolled"
)

// Refusals about terminations.
const (
	UnknownTermination helpdesk.Code = "unknown_termination"
	NoContract         helpdesk.Code = "no_contract" // there is no end of a contract to wait for
	GateClosed         helpdesk.Code = "gate_closed" // something must be done before
)

// When licenses can end.
const (
	AtOnce          = "now"
	AtEndOfMonth    = "month"
	AtEndOfContract = "contract"
)

// Ends are all of these, in the order in which they are offered.
var Ends = []string{AtOnce, AtEndOfMonth, AtEndOfContract}

// Terminating is what somebody wants to end.
type Terminating struct {
	License  string // or else
	Service  string // all licenses of it
	Quantity int64  // of the license
	When     string
	Devices  int64 // how many are enrolled, as a program has just said; -1: nobody knows
	Attested bool  // whoever ends them says that no device is enrolled with them any more
	Account  store.Account
	Nonce    string
}

// TerminationView is a termination with who is concerned.
type TerminationView struct {
	store.Termination
	License License
	By      store.Person
	Changed bool
}

// Terminate ends licenses, at once or later: never more than nobody has, or is about to have, and not before the service's gate is open.
func (d *Desk) Terminate(ctx context.Context, a helpdesk.Actor, w Terminating) (vs []TerminationView, err error) {
	if w.Nonce == "" {
		return nil, errors.New("license: a form without a nonce might be sent twice")
	}
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		vs = nil
		who, err := d.manager(ctx, tx, a)
		if err != nil {
			return err
		}
		first, err := tx.FirstTime(ctx, helpdesk.FormKey(w.Nonce))
		if err != nil {
			return err
		}
		if !first {
			vs, err = d.terminatedBefore(ctx, tx, w.Nonce, who.Person.ID)
			return err
		}
		g, err := d.gate(ctx, tx, who.Person.Organization, w, tx.LockHolding)
		if err != nil {
			return err
		}
		if !g.Open(w.Attested) {
			return &helpdesk.Refusal{Code: GateClosed}
		}
		for _, i := range g.items {
			v, err := d.plan(ctx, tx, who.Person, a.Source, g, i, w)
			if err != nil {
				return err
			}
			vs = append(vs, v)
		}
		return nil
	})
	return vs, err
}

func (d *Desk) terminatedBefore(ctx context.Context, tx *store.Tx, nonce string, p store.PersonID) (vs []TerminationView, err error) {
	ts, err := tx.TerminationsOfForm(ctx, nonce)
	if err == nil && (len(ts) == 0 || ts[0].Person != p) {
		return nil, &helpdesk.Refusal{Code: helpdesk.NotYourForm}
	}
	for _, t := range ts {
		v, err := d.terminationView(ctx, tx, t)
		if err != nil {
			return nil, err
		}
		vs = append(vs, v)
	}
	return vs, err
}

// How long before licenses end managers are reminded.
var remindBefore = []time.Duration{7 * 24 * time.Hour, 24 * time.Hour}

// nextDue is the next instant at which somebody is reminded of an end, or the end.
func (d *Desk) nextDue(end, now time.Time) store.Time {
	for _, before := range remindBefore {
		if at := d.remindsOfEnd(end, before); at.After(now) {
			return store.At(at)
		}
	}
	return store.At(end)
}

// remindsOfEnd is the instant at which somebody is reminded of an end so long before: in business hours, or else when these begin on an earlier day,
// so that it is not over by then.
func (d *Desk) remindsOfEnd(end time.Time, before time.Duration) time.Time {
	at := end.Add(-before)
	c := d.catalog.Reminders.Calendar
	for back := 0; c != nil && back < 60; back++ {
		if open, ok := c.Next(at.AddDate(0, 0, -back)); ok && open.Before(end) {
			return open
		}
	}
	return at
}

// plan has so many of a license end.
func (d *Desk) plan(ctx context.Context, tx *store.Tx, by store.Person, source string, g Gate, i Item, w Terminating) (v TerminationView, err error) {
	t := store.Termination{Organization: by.Organization, License: i.License, Quantity: i.Quantity, Person: by.ID, Source: w.Account.Workspace, Account: w.Account.ID, Nonce: w.Nonce,
		State: store.TerminationPlanned, Attested: g.Asks() && w.Attested, Devices: w.Devices, EffectiveAt: tx.Now}
	if !g.EffectiveAt.IsZero() {
		t.EffectiveAt, t.DueAt = store.At(g.EffectiveAt), d.nextDue(g.EffectiveAt, tx.Now.Time)
	}
	if t, err = tx.AddTermination(ctx, t); err != nil {
		return v, err
	}
	if v, err = d.terminationView(ctx, tx, t); err != nil {
		return v, err
	}
	v.Changed = true
	if t.Attested {
		if err := d.auditTermination(ctx, tx, v, by.ID, source, unenrolledAttested); err != nil {
			return v, err
		}
	}
	if err := d.auditTermination(ctx, tx, v, by.ID, source, terminationPlanned); err != nil {
		return v, err
	}
	if err := d.notifyByMail(ctx, tx, ToldTermination, int64(t.ID), by.ID); err != nil {
		return v, err
	}
	if g.EffectiveAt.IsZero() {
		return v, d.end(ctx, tx, &v)
	}
	if err := d.markHomes(ctx, tx, v.Organization); err != nil {
		return v, err
	}
	return v, d.tellTermination(ctx, tx, v)
}

// end takes licenses whose time has come out of the ledger: those that nobody has, and first those that are not activated.
func (d *Desk) end(ctx context.Context, tx *store.Tx, v *TerminationView) error {
	v.State, v.DueAt, v.Changed = store.TerminationDone, store.Time{}, true
	if err := tx.SaveTermination(ctx, v.Termination); err != nil {
		return err
	}
	if err := d.take(ctx, tx, v.Organization, v.Termination.License, v.Quantity, store.Movement{Act: "terminate", Actor: v.Person, Source: v.Source, About: fmt.Sprintf("termination/%d", v.ID)}); err != nil {
		return err
	}
	if err := d.auditTermination(ctx, tx, *v, v.Person, v.Source, terminationDone); err != nil {
		return err
	}
	return d.tellTermination(ctx, tx, *v)
}

// take takes so many of a license away, by a movement: those that are not activated before those that nobody has. What is about to be activated,
// or to end otherwise, is left.
func (d *Desk) take(ctx context.Context, tx *store.Tx, organization, key string, n int64, m store.Movement) error {
	h, err := tx.LockHolding(ctx, organization, key)
	if err != nil {
		return err
	}
	line, err := d.line(ctx, tx, h)
	if err != nil {
		return err
	}
	left := h.Ordered - n - line.Pending
	if left-line.Ending < h.Assigned {
		return &TooFew{line, n}
	}
	m.Organization, m.License = organization, key
	m.Ordered, m.Activated = -n, min(0, left-h.Activated)
	_, err = d.move(ctx, tx, m)
	return err
}

// Undo keeps licenses that were to end, as long as they have not.
func (d *Desk) Undo(ctx context.Context, a helpdesk.Actor, id int64) (v TerminationView, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		who, err := d.manager(ctx, tx, a)
		if err != nil {
			return err
		}
		t, err := tx.LockTermination(ctx, store.TerminationID(id))
		if errors.Is(err, store.ErrNotFound) || err == nil && t.Organization != who.Person.Organization {
			return &helpdesk.Refusal{Code: UnknownTermination}
		}
		if err != nil {
			return err
		}
		if v, err = d.terminationView(ctx, tx, t); err != nil || t.State != store.TerminationPlanned || !t.EffectiveAt.After(tx.Now.Time) {
			return err
		}
		v.State, v.DueAt, v.Changed = store.TerminationUndone, store.Time{}, true
		if err := tx.SaveTermination(ctx, v.Termination); err != nil {
			return err
		}
		if err := d.auditTermination(ctx, tx, v, who.Person.ID, a.Source, terminationUndone); err != nil {
			return err
		}
		if err := d.markHomes(ctx, tx, v.Organization); err != nil {
			return err
		}
		return d.tellTermination(ctx, tx, v)
	})
	return v, err
}

// endDue ends the licenses whose time has come, and reminds of those whose time comes.
func (d *Desk) endDue(ctx context.Context) error {
	var ids []store.TerminationID
	err := d.db.Look(ctx, func(tx *store.Tx) (err error) {
		ids, err = tx.TerminationsDue(ctx, sweepBatch)
		return err
	})
	for _, id := range ids {
		err = errors.Join(err, d.db.Write(ctx, func(tx *store.Tx) error {
			t, err := tx.LockTermination(ctx, id)
			if err != nil || t.State != store.TerminationPlanned {
				return err
			}
			v, err := d.terminationView(ctx, tx, t)
			if err != nil {
				return err
			}
			if !t.EffectiveAt.After(tx.Now.Time) {
				return d.end(ctx, tx, &v)
			}
			if t.DueAt.After(tx.Now.Time) { // another copy was quicker
				return nil
			}
			if c := d.catalog.Reminders.Calendar; c != nil { // what a downtime has left for the night waits, if there is time
				if open, ok := c.Next(tx.Now.Time); ok && open.After(tx.Now.Time) && open.Before(t.EffectiveAt.Time) {
					v.DueAt = store.At(open)
					return tx.SaveTermination(ctx, v.Termination)
				}
			}
			v.DueAt = d.nextDue(t.EffectiveAt.Time, tx.Now.Time)
			if err := tx.SaveTermination(ctx, v.Termination); err != nil {
				return err
			}
			return d.tellTermination(ctx, tx, v)
		}))
	}
	return err
}

// Ended reads a termination for those who are told of it.
func (d *Desk) Ended(ctx context.Context, id int64) (v TerminationView, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		t, err := tx.Termination(ctx, store.TerminationID(id))
		if err != nil {
			return err
		}
		v, err = d.terminationView(ctx, tx, t)
		return err
	})
	return v, err
}

func (d *Desk) terminationView(ctx context.Context, tx *store.Tx, t store.Termination) (v TerminationView, err error) {
	v = TerminationView{Termination: t, License: d.named(t.License)}
	v.By, err = tx.Person(ctx, t.Person)
	return v, err
}

// tellTermination tells whoever ended licenses how that stands. If they manage the organization no more, all do who manage it now.
func (d *Desk) tellTermination(ctx context.Context, tx *store.Tx, v TerminationView) error {
	return d.tell(ctx, tx, ToldTermination, int64(v.ID), v.Person, store.Account{Workspace: v.Source, ID: v.Account}, v.Organization)
}

func (d *Desk) auditTermination(ctx context.Context, tx *store.Tx, v TerminationView, by store.PersonID, source, act string) error {
	detail, err := json.Marshal(map[string]any{"termination": v.ID, "license": v.Termination.License, "quantity": v.Quantity, "devices": v.Devices,
		"effective": v.EffectiveAt.UTC().Format(time.RFC3339)})
	if err != nil {
		return err
	}
	return tx.Audit(ctx, store.Entry{Organization: v.Organization, Actor: by, Act: act, Detail: string(detail), Source: source})
}
