// Package billing holds the rules and verbs of invoices: taking them in with their consumption detail, looking them up, sending them
// to whoever may have them, and disputing a line. They are for the managers of the organization that a billing account belongs to.
// Verbs are the methods of Desk: each is one thing that a person does, in one transaction. No verb touches the network.
package billing

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"guichet/helpdesk"
	"guichet/money"
	"guichet/store"
)

// Settings come from the configuration and do not change while the program runs.
type Settings struct {
	Accounts map[string]string // whose a billing account is: the organization's key by the account's name
	Queue    string            // key of the queue that takes disputes
	Largest  int64             // how many bytes a PDF may have: what guichet keeps, and chats take
}

// Desk is where invoices are.
type Desk struct {
	db     *store.DB
	people *helpdesk.Desk
	Settings
}

// NewDesk returns a desk over a migrated database. Who somebody is, the helpdesk knows.
func NewDesk(db *store.DB, people *helpdesk.Desk, s Settings) *Desk {
	return &Desk{db: db, people: people, Settings: s}
}

// Has says whether an organization has a billing account: none has, of a desk that is nil.
func (d *Desk) Has(organization string) bool {
	return d != nil && slices.Contains(slices.Collect(maps.Values(d.Accounts)), organization)
}

const (
	// NotManager refuses what only the managers of an organization may do.
	NotManager helpdesk.Code = "not_billing"
	// UnknownInvoice is one that there is not, or that is another organization's: people can't tell which.
	UnknownInvoice helpdesk.Code = "unknown_invoice"
)

// Head is what an invoice says at its top.
type Head struct {
	ID           store.InvoiceID
	Number       string
	Organization string
	Account      string // the billing account
	Issued, Due  store.Date
	Net          money.Amount
	VAT          money.Amount
	Gross        money.Amount
	PDF          string // the SHA-256 of its PDF, under which that is kept among the files
}

// Line is a line of an invoice's consumption detail.
type Line struct {
	Service      string // its key in the catalog
	Centre       string // the billing centre; empty: none
	Quantity     int64
	Unit         money.Amount
	Begins, Ends store.Date // of the period, the last day included
	Rate         money.Rate // of VAT
	Net          money.Amount
	VAT          money.Amount
}

// Taxed is what is taxed at one rate.
type Taxed struct {
	Rate     money.Rate
	Net, VAT money.Amount
}

// Invoice is an invoice with its consumption detail.
type Invoice struct {
	Head
	Lines    []Line    // the first is line 1
	Disputes []Dispute // the latest first
}

// Dispute is a ticket about a line of an invoice.
type Dispute struct {
	Line   int
	Ticket store.Ticket
}

// Rates are what is taxed at each rate, the highest first. VAT is reckoned line by line and summed.
func Rates(lines []Line) (all []Taxed) {
	for _, l := range lines {
		i := slices.IndexFunc(all, func(t Taxed) bool { return t.Rate == l.Rate })
		if i < 0 {
			i, all = len(all), append(all, Taxed{Rate: l.Rate})
		}
		all[i].Net, all[i].VAT = all[i].Net.Plus(l.Net), all[i].VAT.Plus(l.VAT)
	}
	slices.SortFunc(all, func(a, b Taxed) int { return cmp.Compare(b.Rate, a.Rate) })
	return all
}

// Part is what a billing centre, or a service, has of an invoice.
type Part struct {
	Key   string // of the service, or the centre's name
	Net   money.Amount
	Parts []Part // of a centre: its services
}

// ByCentre is an invoice by billing centre, and each by service, in the order in which they first appear.
func ByCentre(lines []Line) (all []Part) {
	add := func(to *[]Part, key string, net money.Amount) *Part {
		i := slices.IndexFunc(*to, func(p Part) bool { return p.Key == key })
		if i < 0 {
			i, *to = len(*to), append(*to, Part{Key: key})
		}
		(*to)[i].Net = (*to)[i].Net.Plus(net)
		return &(*to)[i]
	}
	for _, l := range lines {
		centre := add(&all, l.Centre, l.Net)
		add(&centre.Parts, l.Service, l.Net)
	}
	return all
}

// own returns an organization's invoice of a number; another's is as if it were not there.
func (d *Desk) own(ctx context.Context, tx *store.Tx, organization, number string) (store.Invoice, error) {
	i, err := tx.InvoiceByNumber(ctx, number)
	if errors.Is(err, store.ErrNotFound) || err == nil && i.Organization != organization {
		return store.Invoice{}, &helpdesk.Refusal{Code: UnknownInvoice}
	}
	return i, err
}

func headOf(i store.Invoice) Head {
	amount := func(minor int64) money.Amount { return money.Amount{Minor: minor, Currency: i.Currency} }
	return Head{ID: i.ID, Number: i.Number, Organization: i.Organization, Account: i.Account, Issued: i.Issued, Due: i.Due,
		Net: amount(i.Net), VAT: amount(i.VAT), Gross: amount(i.Gross), PDF: i.PDF}
}

func headsOf(is []store.Invoice) (all []Head) {
	for _, i := range is {
		all = append(all, headOf(i))
	}
	return all
}

// record is an invoice as it is kept.
func (i Invoice) record() (store.Invoice, []store.InvoiceLine) {
	of := store.Invoice{Number: i.Number, Organization: i.Organization, Account: i.Account, Issued: i.Issued, Due: i.Due,
		Currency: i.Gross.Currency, Net: i.Net.Minor, VAT: i.VAT.Minor, Gross: i.Gross.Minor, PDF: i.PDF}
	var lines []store.InvoiceLine
	for n, l := range i.Lines {
		lines = append(lines, store.InvoiceLine{Line: n + 1, Organization: of.Organization, Currency: of.Currency, Service: l.Service, Centre: l.Centre,
			Quantity: l.Quantity, UnitPrice: l.Unit.Minor, Begins: l.Begins, Ends: l.Ends, VATRate: int64(l.Rate), Net: l.Net.Minor, VAT: l.VAT.Minor})
	}
	return of, lines
}

func lineOf(l store.InvoiceLine) Line {
	amount := func(minor int64) money.Amount { return money.Amount{Minor: minor, Currency: l.Currency} }
	return Line{Service: l.Service, Centre: l.Centre, Quantity: l.Quantity, Unit: amount(l.UnitPrice), Begins: l.Begins, Ends: l.Ends,
		Rate: money.Rate(l.VATRate), Net: amount(l.Net), VAT: amount(l.VAT)}
}
