package billing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"guichet/store"
)

// Act and source of an import in the audit log.
const (
	Imported    = "invoice.import"
	fromCommand = "command line"
)

// TellStatement is a delivery to a manager: there are new invoices. It is about no ticket; its lane says which.
const TellStatement = "statement"

// Import is what an import did, or would do.
type Import struct {
	New       []Head
	Unchanged int // invoices that are there already, just so
}

// Import takes in a batch: all of it or, if a number is there already with another content, nothing. Their PDFs are to be kept before.
// The managers of each organization that has new ones are told, once. With dry, nothing is written.
func (d *Desk) Import(ctx context.Context, b Batch, dry bool) (done Import, err error) {
	in := d.db.Write
	if dry {
		in = d.db.Read
	}
	err = in(ctx, func(tx *store.Tx) error {
		done = Import{}
		var wrong []error
		for n, i := range b.Invoices {
			of, lines := i.record()
			added := false
			was, err := tx.InvoiceByNumber(ctx, of.Number)
			if errors.Is(err, store.ErrNotFound) {
				added, err = true, nil
				if !dry {
					if of, added, err = tx.AddInvoice(ctx, of, lines); err == nil && !added { // another import was quicker
						was, err = tx.InvoiceByNumber(ctx, of.Number)
					}
				}
			}
			if err != nil {
				return err
			}
			if added {
				done.New = append(done.New, headOf(of))
				continue
			}
			other, err := differs(ctx, tx, was, of, lines)
			if err != nil {
				return err
			}
			if len(other) > 0 {
				wrong = append(wrong, inFile(InvoicesFile, b.rows[n], "has the number of an invoice that is there already, %s, with another %s: an import changes nothing that is there",
					of.Number, strings.Join(other, ", another ")))
				continue
			}
			done.Unchanged++
		}
		if err := errors.Join(wrong...); err != nil || dry {
			return err
		}
		return d.took(ctx, tx, done.New)
	})
	if err != nil {
		done = Import{}
	}
	return done, err
}

// differs says in what an invoice is another than the one that is there.
func differs(ctx context.Context, tx *store.Tx, was, is store.Invoice, lines []store.InvoiceLine) (what []string, err error) {
	for _, one := range []struct {
		name string
		same bool
	}{{"organization", was.Organization == is.Organization}, {"account", was.Account == is.Account}, {"date", was.Issued == is.Issued},
		{"due", was.Due == is.Due}, {"currency", was.Currency == is.Currency}, {"net", was.Net == is.Net}, {"vat", was.VAT == is.VAT},
		{"gross", was.Gross == is.Gross}, {"PDF", was.PDF == is.PDF}} {
		if !one.same {
			what = append(what, one.name)
		}
	}
	had, err := tx.InvoiceLines(ctx, []store.InvoiceID{was.ID})
	for i := range had {
		had[i].Invoice = 0
	}
	if err == nil && len(what) == 0 && !slices.Equal(had, lines) {
		what = append(what, "consumption detail")
	}
	return what, err
}

// took has new invoices noted in the audit log, shown in home views, and told to those whom they concern.
func (d *Desk) took(ctx context.Context, tx *store.Tx, added []Head) error {
	latest, count := map[string]Head{}, map[string]int{}
	for _, h := range added {
		detail, err := json.Marshal(map[string]string{"invoice": h.Number, "account": h.Account, "gross": h.Gross.String(), "currency": h.Gross.Currency, "pdf": h.PDF})
		if err != nil {
			return err
		}
		if err := tx.Audit(ctx, store.Entry{Organization: h.Organization, Act: Imported, Detail: string(detail), Source: fromCommand}); err != nil {
			return err
		}
		if count[h.Organization]++; latest[h.Organization].Issued <= h.Issued {
			latest[h.Organization] = h
		}
	}
	for _, o := range d.people.Catalog().Organizations {
		if count[o.Key] == 0 {
			continue
		}
		for _, workspace := range o.Workspaces {
			if err := tx.MarkHomes(ctx, workspace, store.Affected{Organizations: []string{o.Key}}); err != nil {
				return err
			}
		}
		if err := d.announce(ctx, tx, latest[o.Key], count[o.Key]); err != nil {
			return err
		}
	}
	return nil
}

// announce tells the managers of an organization of new invoices: each of them once, whatever accounts they have.
func (d *Desk) announce(ctx context.Context, tx *store.Tx, latest Head, count int) error {
	accounts, err := tx.AccountsWith(ctx, latest.Organization, store.Manager)
	if err != nil {
		return err
	}
	var ds []store.Delivery
	for _, a := range accounts {
		ds = append(ds, store.Delivery{Lane: fmt.Sprintf("%s/%d/%d/%s", TellStatement, latest.ID, count, a.ID), Workspace: a.Workspace, Kind: TellStatement})
	}
	return tx.Enqueue(ctx, ds...)
}
