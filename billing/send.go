package billing

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"guichet/helpdesk"
	"guichet/store"
)

// Deliveries into the direct channel of somebody who asked for them. Whether they may have it is looked at when they ask, and again when
// it is delivered. They are about no ticket; their lanes say what they hold.
const (
	TellInvoice     = "invoice"     // an invoice as a file
	TellConsumption = "consumption" // consumption as a picture
)

// What an invoice may be sent as.
const (
	PDF = "pdf"
	CSV = "csv"
)

// SendInvoice has an invoice of the actor's organization sent to them as a file.
func (d *Desk) SendInvoice(ctx context.Context, a helpdesk.Actor, number, format string) error {
	return d.send(ctx, a, TellInvoice, func(tx *store.Tx, who helpdesk.Standing) (string, error) {
		if format != PDF && format != CSV {
			return "", &helpdesk.Refusal{Code: helpdesk.BadForm}
		}
		i, err := d.own(ctx, tx, who.Person.Organization, number)
		return fmt.Sprintf("%s/%d", format, i.ID), err
	})
}

// SendConsumption has what the actor's organization consumed sent to them as a picture.
func (d *Desk) SendConsumption(ctx context.Context, a helpdesk.Actor) error {
	return d.send(ctx, a, TellConsumption, func(_ *store.Tx, who helpdesk.Standing) (string, error) { return who.Person.Organization, nil })
}

func (d *Desk) send(ctx context.Context, a helpdesk.Actor, kind string, what func(*store.Tx, helpdesk.Standing) (string, error)) error {
	return d.db.Write(ctx, func(tx *store.Tx) error {
		who, err := d.manager(ctx, tx, a)
		if err != nil {
			return err
		}
		of, err := what(tx, who)
		if err != nil {
			return err
		}
		first, err := tx.FirstTime(ctx, a.Request)
		if err == nil && !first {
			err = helpdesk.ErrDuplicate
		}
		if err != nil {
			return err
		}
		return tx.Enqueue(ctx, store.Delivery{Lane: fmt.Sprintf("%s/%s/%d/%d", kind, of, who.Person.ID, tx.Now.UnixMilli()),
			Workspace: a.Source, Kind: kind, Person: who.Person.ID})
	})
}

// lane takes a delivery's lane apart.
func lane(del store.Delivery, kind string, parts int) ([]string, error) {
	all := strings.SplitN(del.Lane, "/", parts)
	if len(all) != parts || all[0] != kind {
		return nil, fmt.Errorf("billing: %q is no lane of %s", del.Lane, kind)
	}
	return all, nil
}

// Recipient is who a delivery goes to.
type Recipient struct {
	To       store.Account
	Language string
	Over     bool // it is no business of theirs any more: nothing is sent
}

// Parcel is an invoice on its way as a file.
type Parcel struct {
	Recipient
	Invoice
	Format string
}

// Parcel reads what a delivery holds.
func (d *Desk) Parcel(ctx context.Context, del store.Delivery) (p Parcel, err error) {
	var id int64
	parts, err := lane(del, TellInvoice, 5)
	if err == nil {
		p.Format = parts[1]
		id, err = strconv.ParseInt(parts[2], 10, 64)
	}
	if err != nil {
		return p, err
	}
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		of, err := tx.Invoice(ctx, store.InvoiceID(id))
		if err != nil {
			return err
		}
		if p.Recipient, err = d.recipient(ctx, tx, del, of.Organization); err != nil || p.Over {
			return err
		}
		is, err := whole(ctx, tx, of)
		if err == nil {
			p.Invoice = is[0]
		}
		return err
	})
	return p, err
}

// Drawing is consumption on its way as a picture.
type Drawing struct {
	Recipient
	Consumption
}

// Drawing reads what a delivery holds.
func (d *Desk) Drawing(ctx context.Context, del store.Delivery) (p Drawing, err error) {
	parts, err := lane(del, TellConsumption, 4)
	if err != nil {
		return p, err
	}
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		if p.Recipient, err = d.recipient(ctx, tx, del, parts[1]); err != nil || p.Over {
			return err
		}
		p.Consumption, err = consumption(ctx, tx, parts[1])
		return err
	})
	return p, err
}

// recipient reads who a delivery goes to, and whether they still manage the organization that it is about.
func (d *Desk) recipient(ctx context.Context, tx *store.Tx, del store.Delivery, organization string) (r Recipient, err error) {
	who, err := d.people.StandingIn(ctx, tx, del.Person)
	if err != nil {
		return r, err
	}
	r.Language = who.Person.Language
	if !who.Manager || who.Person.Organization != organization {
		r.Over = true
		return r, nil
	}
	r.To, err = tx.AccountIn(ctx, who.Person.ID, del.Workspace)
	if errors.Is(err, store.ErrNotFound) {
		r.Over, err = true, nil
	}
	return r, err
}

// News is that there are new invoices.
type News struct {
	Latest Head
	Count  int  // how many there are
	Over   bool // it is no business any more of whoever was to be told
}

// NewsFor is the account that a delivery of news goes to.
func NewsFor(del store.Delivery) store.Account {
	return store.Account{Workspace: del.Workspace, ID: del.Lane[strings.LastIndexByte(del.Lane, '/')+1:]}
}

// News reads what a delivery tells somebody.
func (d *Desk) News(ctx context.Context, del store.Delivery, to store.PersonID) (n News, err error) {
	parts, err := lane(del, TellStatement, 4)
	if err != nil {
		return n, err
	}
	id, err1 := strconv.ParseInt(parts[1], 10, 64)
	count, err2 := strconv.Atoi(parts[2])
	if err := errors.Join(err1, err2); err != nil {
		return n, err
	}
	n.Count = count
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		of, err := tx.Invoice(ctx, store.InvoiceID(id))
		if err != nil {
			return err
		}
		n.Latest = headOf(of)
		who, err := d.people.StandingIn(ctx, tx, to)
		n.Over = !who.Manager || who.Person.Organization != of.Organization
		return err
	})
	return n, err
}
