package license

import (
	"context"
	"errors"
	"slices"

	"guichet/helpdesk"
	"guichet/money"
	"guichet/store"
)

// OrderView is an order with all that belongs to it.
type OrderView struct {
	store.Order
	Lines    []OrderedLine
	Accepted []store.Acceptance
	Steps    []store.ApprovalStep
	By       store.Person // who made it
	Changed  bool         // by what was just done
}

// OrderedLine is a line of an order, with the license that it is of.
type OrderedLine struct {
	store.OrderLine
	License License
}

// VATRate is the rate of its value added tax.
func (l OrderedLine) VATRate() money.Rate { return money.Rate(l.Rate) }

// Money is an amount of an order's.
func (o OrderView) Money(minor int64) money.Amount {
	return money.Amount{Minor: minor, Currency: o.Currency}
}

// Changeable says whether an order can be made anew with other lines: an offer is accepted as it is, and licenses that become others are one thing.
func (o OrderView) Changeable() bool {
	return o.Quote == 0 && !slices.ContainsFunc(o.Lines, func(l OrderedLine) bool { return l.Quantity < 0 })
}

// Waits is the approval that an order waits for; ok is false if it waits for none.
func (o OrderView) Waits() (s store.ApprovalStep, ok bool) {
	i := slices.IndexFunc(o.Steps, func(s store.ApprovalStep) bool { return s.Step == o.Step })
	if i < 0 || o.State != store.OrderPending {
		return s, false
	}
	return o.Steps[i], true
}

// Stranded says whether an order waits for approval, and nobody is named any more who could give it: it has to be withdrawn.
func (o OrderView) Stranded() bool { return o.State == store.OrderPending && o.Step == 0 }

// view reads what belongs to an order.
func (d *Desk) view(ctx context.Context, tx *store.Tx, o store.Order) (v OrderView, err error) {
	v.Order = o
	lines, err := tx.OrderLines(ctx, o.ID)
	if err != nil {
		return v, err
	}
	for _, l := range lines {
		v.Lines = append(v.Lines, OrderedLine{l, d.named(l.License)})
	}
	if v.Accepted, err = tx.Acceptances(ctx, o.ID); err != nil {
		return v, err
	}
	if v.Steps, err = tx.ApprovalSteps(ctx, o.ID); err != nil {
		return v, err
	}
	v.By, err = tx.Person(ctx, o.Person)
	return v, err
}

// named is the license of a key: one that the configuration names no more goes by that.
func (d *Desk) named(key string) License {
	if l, ok := d.catalog.Of(key); ok {
		return l
	}
	return License{Key: key, Name: func(string) string { return key }}
}

// Ordered reads an order for those who are told of it.
func (d *Desk) Ordered(ctx context.Context, id int64) (v OrderView, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		o, err := tx.Order(ctx, store.OrderID(id))
		if err != nil {
			return err
		}
		v, err = d.view(ctx, tx, o)
		return err
	})
	return v, err
}

// OrderOfForm returns the order that a form has made already, if it has and is the actor's.
func (d *Desk) OrderOfForm(ctx context.Context, a helpdesk.Actor, nonce string) (v OrderView, made bool, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		o, err := tx.OrderOfForm(ctx, nonce)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if made = err == nil && o.Person == a.Person; made {
			v, err = d.view(ctx, tx, o)
		}
		return err
	})
	return v, made, err
}

// OrderFor reads an order of the actor's organization, for its managers and those who approve it.
func (d *Desk) OrderFor(ctx context.Context, a helpdesk.Actor, id int64) (v OrderView, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		who, err := d.people.StandingIn(ctx, tx, a.Person)
		if err != nil {
			return err
		}
		o, err := tx.Order(ctx, store.OrderID(id))
		if errors.Is(err, store.ErrNotFound) || err == nil && (o.Organization != who.Person.Organization || o.Organization == "") {
			return &helpdesk.Refusal{Code: UnknownOrder}
		}
		if err != nil {
			return err
		}
		if v, err = d.view(ctx, tx, o); err != nil || who.Manager {
			return err
		}
		theirs, err := d.asked(ctx, tx, who.Person.ID, v.Organization, v.Steps...)
		if err == nil && !theirs {
			v, err = OrderView{}, &helpdesk.Refusal{Code: UnknownOrder}
		}
		return err
	})
	return v, err
}

// personOf is whose an account is; zero: nobody who was met has it.
func (d *Desk) personOf(ctx context.Context, tx *store.Tx, a store.Account) (store.PersonID, error) {
	p, err := tx.PersonByAccount(ctx, a)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	return p.ID, err
}
