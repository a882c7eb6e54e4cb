package store

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
)

// InvoiceID names an invoice.
type InvoiceID int64

// Invoice is one invoice. Its amounts are in the minor unit of its currency.
type Invoice struct {
	ID           InvoiceID
	Number       string // the issuer's
	Organization string
	Account      string // the billing account
	Issued       Date
	Due          Date
	Currency     string
	Net          int64
	VAT          int64
	Gross        int64
	PDF          string // the SHA-256 of its PDF, which is kept among the files under that key
	At           Time   // of the import
}

// InvoiceLine is a line of an invoice's consumption detail.
type InvoiceLine struct {
	Invoice      InvoiceID `db:"invoice_id"`
	Line         int       // 1, 2, ...
	Organization string    // the invoice's, as the currency
	Currency     string
	Service      string // its key in the catalog
	Centre       string // the billing centre; empty: none
	Quantity     int64
	UnitPrice    int64 `db:"unit_price"`
	Begins       Date  // the first day of the period
	Ends         Date  // and the last
	VATRate      int64 `db:"vat_rate"` // in hundredths of a percent
	Net          int64
	VAT          int64
}

const (
	invoiceColumns = `id, number, organization, account, issued, due, currency, net, vat, gross, pdf, at`
	lineColumns    = `invoice_id, line, organization, currency, service, centre, quantity, unit_price, begins, ends, vat_rate, net, vat`
)

// mostLinesAtOnce is how many lines one statement adds: SQLite takes 32,766 values.
const mostLinesAtOnce = 500

// AddInvoice adds an invoice with its lines, and gives it its id. A number that is there already returns added = false, and nothing
// is changed.
func (tx *Tx) AddInvoice(ctx context.Context, i Invoice, lines []InvoiceLine) (_ Invoice, added bool, err error) {
	i.At = tx.Now
	err = tx.get(ctx, &i.ID, `INSERT INTO invoices (number, organization, account, issued, due, currency, net, vat, gross, pdf, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (number) DO NOTHING RETURNING id`,
		i.Number, i.Organization, i.Account, i.Issued, i.Due, i.Currency, i.Net, i.VAT, i.Gross, i.PDF, i.At)
	if errors.Is(err, ErrNotFound) { // nothing came back: it is there
		return i, false, nil
	}
	for some := range slices.Chunk(lines, mostLinesAtOnce) {
		if err != nil {
			break
		}
		var rows []string
		var args []any
		for _, l := range some {
			rows = append(rows, `(?, CAST(? AS BIGINT), ?, ?, ?, ?, CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT),
				CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT))`)
			args = append(args, int64(i.ID), l.Line, i.Organization, i.Currency, l.Service, l.Centre, l.Quantity, l.UnitPrice, int64(l.Begins), int64(l.Ends), l.VATRate, l.Net, l.VAT)
		}
		_, err = tx.exec(ctx, `INSERT INTO invoice_lines (`+lineColumns+`) VALUES `+strings.Join(rows, ", "), args...)
	}
	return i, err == nil, err
}

// Invoice returns the invoice of an id.
func (tx *Tx) Invoice(ctx context.Context, id InvoiceID) (i Invoice, err error) {
	return i, tx.get(ctx, &i, `SELECT `+invoiceColumns+` FROM invoices WHERE id = ?`, id)
}

// InvoiceByNumber returns the invoice of a number, whosever it is.
func (tx *Tx) InvoiceByNumber(ctx context.Context, number string) (i Invoice, err error) {
	return i, tx.get(ctx, &i, `SELECT `+invoiceColumns+` FROM invoices WHERE number = ?`, number)
}

// InvoiceLines returns the lines of some invoices, in order.
func (tx *Tx) InvoiceLines(ctx context.Context, ids []InvoiceID) (ls []InvoiceLine, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return ls, tx.list(ctx, &ls, `SELECT `+lineColumns+` FROM invoice_lines WHERE invoice_id IN (?) ORDER BY invoice_id, line`, ids)
}

// InvoicePlace is a place in the list of an organization's invoices: those that come after it are older. The zero place is the beginning.
type InvoicePlace struct {
	Issued Date
	ID     InvoiceID
}

// Invoices returns up to limit invoices of an organization after a place, the newest first.
func (tx *Tx) Invoices(ctx context.Context, organization string, after InvoicePlace, limit int) (is []Invoice, err error) {
	if after == (InvoicePlace{}) {
		after.Issued = math.MaxInt64
	}
	return is, tx.list(ctx, &is, `SELECT `+invoiceColumns+` FROM invoices WHERE organization = ? AND (issued, id) < (?, ?)
		ORDER BY issued DESC, id DESC LIMIT ?`, organization, after.Issued, after.ID, limit)
}

// InvoicesBetween returns up to limit invoices of an organization from a day on and before another, the newest first.
func (tx *Tx) InvoicesBetween(ctx context.Context, organization string, from, until Date, limit int) (is []Invoice, err error) {
	return is, tx.list(ctx, &is, `SELECT `+invoiceColumns+` FROM invoices WHERE organization = ? AND issued >= ? AND issued < ?
		ORDER BY issued DESC, id DESC LIMIT ?`, organization, from, until, limit)
}

// InvoiceSince returns the first invoice of an organization from a day on.
func (tx *Tx) InvoiceSince(ctx context.Context, organization string, from Date) (i Invoice, err error) {
	return i, tx.get(ctx, &i, `SELECT `+invoiceColumns+` FROM invoices WHERE organization = ? AND issued >= ?
		ORDER BY issued, id LIMIT 1`, organization, from)
}

// Consumed is what was consumed of a service in a month, in one currency, net.
type Consumed struct {
	Month    Date
	Currency string
	Service  string
	Net      int64
}

// Consumed returns what an organization consumed from a month on and before another. A line counts in the month in which its period
// begins.
func (tx *Tx) Consumed(ctx context.Context, organization string, from, until Date) (cs []Consumed, err error) {
	return cs, tx.list(ctx, &cs, `SELECT begins / 100 * 100 + 1 AS month, currency, service, CAST(SUM(net) AS BIGINT) AS net FROM invoice_lines
		WHERE organization = ? AND begins >= ? AND begins < ? GROUP BY 1, currency, service ORDER BY 1, currency, service`, organization, from, until)
}

// Dispute is a ticket about a line of an invoice.
type Dispute struct {
	Ticket  TicketID  `db:"ticket_id"`
	Invoice InvoiceID `db:"invoice_id"`
	Line    int
}

// AddDispute notes what a ticket is about.
func (tx *Tx) AddDispute(ctx context.Context, d Dispute) error {
	_, err := tx.exec(ctx, `INSERT INTO disputes (ticket_id, invoice_id, line) VALUES (?, ?, ?)`, d.Ticket, d.Invoice, d.Line)
	return err
}

// Disputes returns up to limit tickets about an invoice, the latest first.
func (tx *Tx) Disputes(ctx context.Context, id InvoiceID, limit int) (ds []Dispute, err error) {
	return ds, tx.list(ctx, &ds, `SELECT ticket_id, invoice_id, line FROM disputes WHERE invoice_id = ? ORDER BY ticket_id DESC LIMIT ?`, id, limit)
}
