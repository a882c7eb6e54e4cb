package billing

import (
	"context"
	"errors"
	"slices"

	"guichet/helpdesk"
	"guichet/store"
)

// How much of it one answer shows.
const (
	PageShown    = 10 // invoices of a list
	MonthShown   = 10 // invoices of a month, with their lines
	mostDisputes = 20 // tickets about an invoice
)

// Page is a part of the list of an organization's invoices.
type Page struct {
	Organization string
	Invoices     []Head // the newest first
	More         bool
	Next         store.InvoicePlace // where older ones begin
}

// List returns invoices of the actor's organization after a place in their list, up to so many.
func (d *Desk) List(ctx context.Context, a helpdesk.Actor, after store.InvoicePlace, most int) (p Page, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		who, err := d.manager(ctx, tx, a)
		if err != nil {
			return err
		}
		p = Page{Organization: who.Person.Organization}
		is, err := tx.Invoices(ctx, p.Organization, after, most+1)
		if p.More = len(is) > most; p.More {
			is = is[:most]
			p.Next = store.InvoicePlace{Issued: is[most-1].Issued, ID: is[most-1].ID}
		}
		p.Invoices = headsOf(is)
		return err
	})
	return p, err
}

// Month is what there is of a month.
type Month struct {
	First         store.Date // its first day
	Invoices      []Invoice  // dated in it, the newest first
	More          bool
	Before, After store.Date // where it has none: the nearest months that have some, by their first day; zero: none has
}

// Month returns the invoices of the actor's organization that are dated in a month, which any of its days names.
func (d *Desk) Month(ctx context.Context, a helpdesk.Actor, of store.Date) (m Month, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		who, err := d.manager(ctx, tx, a)
		if err != nil {
			return err
		}
		organization, next := who.Person.Organization, of.AddMonths(1)
		m = Month{First: of.Month()}
		is, err := tx.InvoicesBetween(ctx, organization, m.First, next, MonthShown+1)
		if err != nil {
			return err
		}
		if m.More = len(is) > MonthShown; m.More {
			is = is[:MonthShown]
		}
		if len(is) == 0 {
			return nearest(ctx, tx, organization, next, &m)
		}
		m.Invoices, err = whole(ctx, tx, is...)
		if err == nil && len(is) == 1 {
			err = disputes(ctx, tx, who, &m.Invoices[0])
		}
		return err
	})
	return m, err
}

func nearest(ctx context.Context, tx *store.Tx, organization string, next store.Date, m *Month) error {
	before, err := tx.Invoices(ctx, organization, store.InvoicePlace{Issued: m.First}, 1)
	if err != nil {
		return err
	}
	if len(before) > 0 {
		m.Before = before[0].Issued.Month()
	}
	after, err := tx.InvoiceSince(ctx, organization, next)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err == nil {
		m.After = after.Issued.Month()
	}
	return err
}

// Invoice returns an invoice of the actor's organization by its number.
func (d *Desk) Invoice(ctx context.Context, a helpdesk.Actor, number string) (i Invoice, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		who, err := d.manager(ctx, tx, a)
		if err != nil {
			return err
		}
		of, err := d.own(ctx, tx, who.Person.Organization, number)
		if err != nil {
			return err
		}
		is, err := whole(ctx, tx, of)
		if err != nil {
			return err
		}
		i = is[0]
		return disputes(ctx, tx, who, &i)
	})
	return i, err
}

// whole reads the lines of invoices.
func whole(ctx context.Context, tx *store.Tx, is ...store.Invoice) (all []Invoice, err error) {
	var ids []store.InvoiceID
	for _, i := range is {
		ids = append(ids, i.ID)
		all = append(all, Invoice{Head: headOf(i)})
	}
	lines, err := tx.InvoiceLines(ctx, ids)
	for _, l := range lines {
		n := slices.Index(ids, l.Invoice)
		all[n].Lines = append(all[n].Lines, lineOf(l))
	}
	return all, err
}

// disputes reads the tickets about an invoice.
func disputes(ctx context.Context, tx *store.Tx, who helpdesk.Standing, i *Invoice) error {
	ds, err := tx.Disputes(ctx, i.ID, mostDisputes)
	if err != nil {
		return err
	}
	var ids []store.TicketID
	for _, d := range ds {
		ids = append(ids, d.Ticket)
	}
	ts, err := tx.TicketsAmong(ctx, store.Viewer{Person: who.Person.ID, Organization: who.Person.Organization}, ids)
	for _, d := range ds {
		if n := slices.IndexFunc(ts, func(t store.Ticket) bool { return t.ID == d.Ticket }); n >= 0 {
			i.Disputes = append(i.Disputes, Dispute{Line: d.Line, Ticket: ts[n]})
		}
	}
	return err
}

// manager reads who the actor is, and refuses who manages no organization.
func (d *Desk) manager(ctx context.Context, tx *store.Tx, a helpdesk.Actor) (helpdesk.Standing, error) {
	return d.people.ManagerIn(ctx, tx, a, NotManager)
}
