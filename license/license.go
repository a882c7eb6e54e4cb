// Package license holds the rules and verbs of licenses: what can be ordered of the catalog's services, and what an organization
// has of it. Verbs are the methods of Desk: each is one thing that a person does, in one transaction. No verb touches the network.
//
// What an organization has comes from an append-only ledger of movements (store.Move). It is never less: ordered, then activated,
// then assigned.
package license

import (
	"context"
	"slices"
	"sync/atomic"

	"guichet/helpdesk"
	"guichet/store"
)

// Desk is where licenses are.
type Desk struct {
	db      *store.DB
	people  *helpdesk.Desk
	catalog Catalog

	termsTold atomic.Bool // TellTerms has looked
	reasked   atomic.Bool // reaskAll has
}

// NewDesk returns a desk over a migrated database. Who somebody is, the helpdesk knows.
func NewDesk(db *store.DB, people *helpdesk.Desk, c Catalog) *Desk {
	d := &Desk{db: db, people: people, catalog: c}
	people.Attend(Provisioning, d.attended)
	return d
}

// Catalog returns what there are licenses of: nothing, on a desk that is nil.
func (d *Desk) Catalog() Catalog {
	if d == nil {
		return Catalog{}
	}
	return d.catalog
}

// NotManager refuses what only the managers of an organization may do.
const NotManager helpdesk.Code = "not_manager"

// Line is what an organization has of a license.
type Line struct {
	License
	store.Counts
	Pending int64 // being activated
	Ending  int64 // to end
}

// Inactive is how many can be activated: they are ordered, and neither activated nor being activated, nor to end.
func (l Line) Inactive() int64 { return max(0, l.Ordered-l.Activated-l.Pending-l.Ending) }

// Spare is how many can still end, or become others: nobody has them, and nobody is about to.
func (l Line) Spare() int64 { return max(0, l.Ordered-l.Pending-l.Ending-l.Assigned) }

// Free is how many can be assigned: they are activated, nobody has them, and they are not to end.
func (l Line) Free() int64 { return max(0, min(l.Activated-l.Assigned, l.Spare())) }

// Estate is what an organization has.
type Estate struct {
	Organization string
	Manager      bool   // whoever looks at it is one; else they administer services, and see theirs
	Lines        []Line // in the catalog's order, those of which there are none included
}

// Estate returns what the actor's organization has, for its managers.
func (d *Desk) Estate(ctx context.Context, a helpdesk.Actor) (e Estate, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		who, err := d.manager(ctx, tx, a)
		if err != nil {
			return err
		}
		e, err = d.estateOf(ctx, tx, who)
		return err
	})
	return e, err
}

// LooksAfter returns what the actor looks after of that: a manager all, an administrator what there is of their services.
func (d *Desk) LooksAfter(ctx context.Context, a helpdesk.Actor) (e Estate, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		who, err := d.looksAfter(ctx, tx, a)
		if err != nil {
			return err
		}
		e, err = d.estateOf(ctx, tx, who)
		return err
	})
	return e, err
}

// estateOf is what there is of an organization's licenses, as far as somebody looks after it.
func (d *Desk) estateOf(ctx context.Context, tx *store.Tx, who helpdesk.Standing) (e Estate, err error) {
	e = Estate{Organization: who.Person.Organization, Manager: who.Manager}
	all, err := d.lines(ctx, tx, e.Organization)
	for _, l := range all {
		if who.Manager || slices.Contains(who.Services, l.Service) {
			e.Lines = append(e.Lines, l)
		}
	}
	return e, err
}

// lines are what an organization has of all licenses.
func (d *Desk) lines(ctx context.Context, tx *store.Tx, organization string) (all []Line, err error) {
	hs, err := tx.Holdings(ctx, organization)
	if err != nil {
		return nil, err
	}
	of := make(map[string]store.Holding, len(hs))
	for _, h := range hs {
		of[h.License] = h
	}
	taken, err := takenOf(ctx, tx, organization)
	if err != nil {
		return nil, err
	}
	for _, l := range d.catalog.Licenses {
		all = append(all, taken.line(l, of[l.Key]))
	}
	for _, h := range hs { // what the configuration names no more is theirs all the same
		if _, ok := d.catalog.Of(h.License); !ok {
			all = append(all, taken.line(d.named(h.License), h))
		}
	}
	return all, nil
}

// line is what somebody has of one license. They hold it (LockHolding), if what is free of it is to stay free.
func (d *Desk) line(ctx context.Context, tx *store.Tx, h store.Holding) (Line, error) {
	taken, err := takenOf(ctx, tx, h.Organization)
	return taken.line(d.named(h.License), h), err
}

// taken are how many of each license are to be activated, or to end.
type taken struct{ pending, ending map[string]int64 }

func takenOf(ctx context.Context, tx *store.Tx, organization string) (t taken, err error) {
	if t.pending, err = tx.BeingActivated(ctx, organization); err == nil {
		t.ending, err = tx.Ending(ctx, organization)
	}
	return t, err
}

func (t taken) line(l License, h store.Holding) Line {
	return Line{License: l, Counts: h.Counts, Pending: t.pending[l.Key], Ending: t.ending[l.Key]}
}

// EstateOf returns what an organization has, for those who are told of it.
func (d *Desk) EstateOf(ctx context.Context, organization string) (e Estate, err error) {
	e.Organization = organization
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		e.Lines, err = d.lines(ctx, tx, organization)
		return err
	})
	return e, err
}

// move adds a movement to the ledger; the home views of managers show it.
func (d *Desk) move(ctx context.Context, tx *store.Tx, m store.Movement) (h store.Holding, err error) {
	if h, err = tx.Move(ctx, m); err != nil {
		return h, err
	}
	return h, d.markHomes(ctx, tx, m.Organization)
}

// markHomes has the home views of an organization's managers follow.
func (d *Desk) markHomes(ctx context.Context, tx *store.Tx, organization string) error {
	o, _ := d.people.Catalog().Organization(organization)
	for _, workspace := range o.Workspaces {
		if err := tx.MarkHomes(ctx, workspace, store.Affected{Organizations: []string{organization}}); err != nil {
			return err
		}
	}
	return nil
}

// manager reads who the actor is, and refuses who manages no organization.
func (d *Desk) manager(ctx context.Context, tx *store.Tx, a helpdesk.Actor) (helpdesk.Standing, error) {
	return d.people.ManagerIn(ctx, tx, a, NotManager)
}

// MustManage refuses who manages no organization, before they have filled anything in.
func (d *Desk) MustManage(ctx context.Context, a helpdesk.Actor) error {
	return d.db.Look(ctx, func(tx *store.Tx) error {
		_, err := d.manager(ctx, tx, a)
		return err
	})
}
