package license

import (
	"context"
	"slices"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// Check is one thing that must be so before licenses end.
type Check struct {
	License License
	What    string // CheckAssigned, CheckPending or CheckDevices
	Count   int64  // how many are assigned, or enrolled; -1: nobody knows, and whoever ends them says it
	Left    int64  // how many licenses are left for them
}

// What is checked.
const (
	CheckAssigned = "assigned"
	CheckPending  = "pending" // being activated
	CheckDevices  = "devices"
)

// Unknown says whether nobody but whoever ends the licenses can tell.
func (c Check) Unknown() bool { return c.Count < 0 }

// OK says whether it is as it must be, as far as is known.
func (c Check) OK() bool { return c.Count <= c.Left }

// Gate is what stands before a termination.
type Gate struct {
	Checks      []Check
	EffectiveAt time.Time // zero: at once
	items       []Item
}

// Open says whether the licenses may end.
func (g Gate) Open(attested bool) bool {
	return !slices.ContainsFunc(g.Checks, func(c Check) bool { return !c.OK() || c.Unknown() && !attested })
}

// Asks says whether whoever ends licenses has to say that no device is enrolled.
func (g Gate) Asks() bool { return slices.ContainsFunc(g.Checks, Check.Unknown) }

// Gate says what has to be done before licenses end.
func (d *Desk) Gate(ctx context.Context, a helpdesk.Actor, w Terminating) (g Gate, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		who, err := d.manager(ctx, tx, a)
		if err != nil {
			return err
		}
		g, err = d.gate(ctx, tx, who.Person.Organization, w, tx.Holding)
		return err
	})
	return g, err
}

// gate checks what somebody wants to end; hold reads what the organization has.
func (d *Desk) gate(ctx context.Context, tx *store.Tx, organization string, w Terminating, hold func(context.Context, string, string) (store.Holding, error)) (g Gate, err error) {
	var keys []string
	for _, l := range d.catalog.Licenses {
		if l.Key == w.License || w.License == "" && l.Service == w.Service && w.Service != "" {
			keys = append(keys, l.Key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		h, err := hold(ctx, organization, key)
		if err != nil {
			return g, err
		}
		line, err := d.line(ctx, tx, h)
		if err != nil {
			return g, err
		}
		n := w.Quantity
		if w.License == "" {
			n = h.Ordered - line.Ending
		}
		if n == 0 && w.License == "" {
			continue
		}
		if n < 1 || n > h.Ordered-line.Ending {
			return g, &TooFew{line, n}
		}
		left := max(0, h.Ordered-line.Ending-line.Pending-n)
		g.items = append(g.items, Item{key, n})
		g.Checks = append(g.Checks, Check{line.License, CheckAssigned, h.Assigned, left})
		if line.Pending > 0 {
			g.Checks = append(g.Checks, Check{line.License, CheckPending, line.Pending, max(0, h.Ordered-line.Ending-n-h.Assigned)})
		}
		if d.catalog.Services[line.Service].Unenrolled {
			g.Checks = append(g.Checks, Check{line.License, CheckDevices, w.Devices, left})
		}
		if g.EffectiveAt, err = d.endsAt(organization, line.Service, w.When, tx.Now.Time); err != nil {
			return g, err
		}
	}
	if len(g.items) == 0 {
		return g, &helpdesk.Refusal{Code: helpdesk.BadForm}
	}
	return g, nil
}

// endsAt is when licenses end, in the catalog's time zone; zero: at once.
func (d *Desk) endsAt(organization, service, when string, now time.Time) (time.Time, error) {
	switch when {
	case AtOnce:
		return time.Time{}, nil
	case AtEndOfMonth:
		local := now.In(d.Zone())
		return time.Date(local.Year(), local.Month()+1, 1, 0, 0, 0, 0, d.Zone()), nil
	case AtEndOfContract:
		if last, ok := d.catalog.Contracts[[2]string{organization, service}]; ok {
			if end := d.endOf(last); end.After(now) {
				return end, nil
			}
		}
		return time.Time{}, &helpdesk.Refusal{Code: NoContract}
	}
	return time.Time{}, &helpdesk.Refusal{Code: helpdesk.BadForm}
}

// endOf is when a contract with this last day has ended.
func (d *Desk) endOf(last time.Time) time.Time {
	return time.Date(last.Year(), last.Month(), last.Day()+1, 0, 0, 0, 0, d.Zone())
}

// Zone is where months and contracts end.
func (d *Desk) Zone() *time.Location {
	if d.catalog.Zone == nil {
		return time.UTC
	}
	return d.catalog.Zone
}
