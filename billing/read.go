package billing

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"guichet/money"
	"guichet/sheet"
	"guichet/store"
)

// The files of a folder of invoices, beside a PDF for each that is called like its number.
const (
	InvoicesFile = "invoices.csv"
	LinesFile    = "lines.csv"
)

// Their columns, in any order. Amounts have a point or a comma; vat names each rate with its amount, as in "20:240.00 5.5:1.10"; a period
// is a month (2026-10), or its first and last day (2026-10-01..2026-10-31).
var (
	invoiceColumns = []string{"number", "account", "date", "due", "currency", "net", "vat", "gross"}
	lineColumns    = []string{"invoice", "service", "centre", "quantity", "unit_price", "period", "vat_rate", "net"}
)

// What a folder may hold: above it, somebody has mistyped, or chat is no place to read it.
const (
	mostLines     = 2000 // of an invoice
	mostQuantity  = 1_000_000
	longestCentre = 60 // characters
)

// numbers are those that an invoice may have: they name a file too.
var numbers = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,38}[A-Za-z0-9])?$`)

// Batch is a folder of invoices that was read and found right.
type Batch struct {
	Invoices []Invoice
	rows     []int // the line of each in InvoicesFile
}

// reader reads a folder, and collects what is wrong with it.
type reader struct {
	desk   *Desk
	folder fs.FS
	batch  Batch
	at     map[string]int     // where an invoice stands in the batch, by its number
	vats   map[string][]Taxed // what an invoice says of its VAT
	spoilt map[string]bool    // of these something is wrong already, so that their sums say nothing
	wrong  []error
}

// Read reads a folder of invoices and checks all of it: every sum, every name, every PDF. The error joins all that is wrong, each with
// its file and line.
func (d *Desk) Read(folder fs.FS) (Batch, error) {
	r := &reader{desk: d, folder: folder, at: map[string]int{}, vats: map[string][]Taxed{}, spoilt: map[string]bool{}}
	for _, row := range r.rows(InvoicesFile, invoiceColumns) {
		r.invoice(row)
	}
	for _, row := range r.rows(LinesFile, lineColumns) {
		r.line(row)
	}
	for i := range r.batch.Invoices {
		r.sums(&r.batch.Invoices[i], r.batch.rows[i])
	}
	return r.batch, errors.Join(r.wrong...)
}

// complain notes what is wrong with a line of a file.
func (r *reader) complain(file string, line int, text string, args ...any) {
	r.wrong = append(r.wrong, inFile(file, line, text, args...))
}

func inFile(file string, line int, text string, args ...any) error {
	return fmt.Errorf("%s: %w", file, sheet.LineError{Line: line, Text: fmt.Sprintf(text, args...)})
}

// rows reads one of the two files.
func (r *reader) rows(name string, columns []string) []sheet.Row {
	file, err := r.folder.Open(name)
	if err != nil {
		r.wrong = append(r.wrong, fmt.Errorf("%s: %w", name, unread(err)))
		return nil
	}
	defer file.Close()
	rows, err := sheet.Read(file, columns...)
	all, several := err.(interface{ Unwrap() []error })
	switch {
	case several:
		for _, one := range all.Unwrap() {
			r.wrong = append(r.wrong, fmt.Errorf("%s: %w", name, one))
		}
	case err != nil:
		r.wrong = append(r.wrong, fmt.Errorf("%s: %w", name, err))
	}
	return rows
}

// unread is why a file could not be opened, without its path, which is told.
func unread(err error) error {
	var where *fs.PathError
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("is not there")
	}
	if errors.As(err, &where) {
		return where.Err
	}
	return err
}

// cells reads the fields of a row, and says what is wrong with them.
type cells struct {
	sheet.Row
	currency string
	complain func(text string, args ...any)
	bad      bool
}

func (c *cells) wrong(text string, args ...any) {
	c.bad = true
	c.complain(text, args...)
}

func (c *cells) amount(column string) money.Amount {
	if !money.Known(c.currency) { // told already
		return money.Amount{}
	}
	a, err := money.Parse(c.Get(column), c.currency)
	if err != nil {
		c.wrong("has %q in %s: write an amount of %s, such as 12.50", c.Get(column), column, c.currency)
	}
	return a
}

func (c *cells) date(column string) store.Date {
	d, err := store.ParseDate(c.Get(column))
	if err != nil {
		c.wrong("has %q in %s: write a day, such as 2026-10-31", c.Get(column), column)
	}
	return d
}

func (c *cells) rate(text, column string) money.Rate {
	rate, err := money.ParseRate(text)
	if err != nil {
		c.wrong("has %q in %s: write a rate from 0 to 100, such as 20 or 5.5", text, column)
	}
	return rate
}

// invoice reads a row of InvoicesFile.
func (r *reader) invoice(row sheet.Row) {
	number := row.Get("number")
	c := &cells{Row: row, currency: row.Get("currency"), complain: func(text string, args ...any) { r.complain(InvoicesFile, row.Line, text, args...) }}
	if !numbers.MatchString(number) {
		c.wrong("has %q in number: write up to 40 letters, digits, points and dashes, since the PDF is called so too", number)
		return
	}
	if i, twice := r.at[number]; twice {
		c.wrong("has the number of line %d, %s", r.batch.rows[i], number)
		return
	}
	i := Invoice{Head: Head{Number: number, Account: row.Get("account"), Issued: c.date("date"), Due: c.date("due")}}
	var known bool
	if i.Organization, known = r.desk.Accounts[i.Account]; !known {
		c.wrong("names the billing account %q, which is no organization's in the configuration", i.Account)
	}
	if !c.bad && i.Due < i.Issued {
		c.wrong("is due on %s, before its date, %s", i.Due, i.Issued)
	}
	if !money.Known(c.currency) {
		c.wrong("has %q in currency: write one of ISO 4217, such as EUR", c.currency)
	}
	i.Net, i.Gross = c.amount("net"), c.amount("gross")
	for _, pair := range strings.Fields(row.Get("vat")) {
		rate, amount, _ := strings.Cut(pair, ":")
		t := Taxed{Rate: c.rate(rate, "vat")}
		var err error
		if t.VAT, err = money.Parse(amount, c.currency); err != nil && money.Known(c.currency) {
			c.wrong("has %q in vat: write each rate with its amount, such as 20:240.00 5.5:1.10", pair)
		}
		if slices.ContainsFunc(r.vats[number], func(o Taxed) bool { return o.Rate == t.Rate }) {
			c.wrong("has the rate %s twice in vat", t.Rate)
		}
		r.vats[number] = append(r.vats[number], t)
	}
	i.PDF = r.pdf(c, number)
	r.spoilt[number] = c.bad
	r.at[number] = len(r.batch.Invoices)
	r.batch.Invoices, r.batch.rows = append(r.batch.Invoices, i), append(r.batch.rows, row.Line)
}

// pdf looks at an invoice's PDF, and returns its hash.
func (r *reader) pdf(c *cells, number string) string {
	name := number + ".pdf"
	file, err := r.folder.Open(name)
	if err != nil {
		c.wrong("has no PDF: %s %s", name, unread(err))
		return ""
	}
	defer file.Close()
	about, err := file.Stat()
	switch {
	case err != nil:
		c.wrong("has no PDF: %s: %v", name, unread(err))
		return ""
	case !about.Mode().IsRegular():
		c.wrong("has no PDF: %s is no file", name)
		return ""
	case about.Size() > r.desk.Largest:
		c.wrong("has a PDF of %d bytes, %s: guichet keeps files of %d at most (see files.largest in the configuration)", about.Size(), name, r.desk.Largest)
		return ""
	}
	sum, begins := sha256.New(), make([]byte, len("%PDF-"))
	n, err := io.ReadFull(file, begins)
	if err == nil && string(begins) == "%PDF-" {
		sum.Write(begins[:n])
		_, err = io.Copy(sum, file)
	}
	switch {
	case string(begins) != "%PDF-":
		c.wrong("has a PDF that is none: %s does not begin with %%PDF-", name)
	case err != nil:
		c.wrong("has a PDF that can't be read, %s: %v", name, unread(err))
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// line reads a row of LinesFile.
func (r *reader) line(row sheet.Row) {
	number := row.Get("invoice")
	i, known := r.at[number]
	if !known {
		r.complain(LinesFile, row.Line, "names the invoice %q, which is not in %s, or wrong there", number, InvoicesFile)
		return
	}
	of := &r.batch.Invoices[i]
	c := &cells{Row: row, currency: of.Gross.Currency, complain: func(text string, args ...any) { r.complain(LinesFile, row.Line, text, args...) }}
	l := Line{Service: row.Get("service"), Centre: row.Get("centre"), Rate: c.rate(row.Get("vat_rate"), "vat_rate")}
	if _, ok := r.desk.people.Catalog().Service(l.Service); !ok {
		c.wrong("names the service %q, which is not in the configuration", l.Service)
	}
	if utf8.RuneCountInString(l.Centre) > longestCentre || strings.ContainsFunc(l.Centre, unicode.IsControl) {
		c.wrong("has a centre that is too long, or no plain words: write up to %d characters", longestCentre)
	}
	var err error
	if l.Quantity, err = strconv.ParseInt(row.Get("quantity"), 10, 64); err != nil || l.Quantity == 0 || max(l.Quantity, -l.Quantity) > mostQuantity {
		c.wrong("has %q in quantity: write a whole number up to %d, or below 0 for what is given back", row.Get("quantity"), mostQuantity)
	}
	if l.Begins, l.Ends, err = period(row.Get("period")); err != nil {
		c.wrong("has %q in period: write a month, such as 2026-10, or two days, such as 2026-10-01..2026-10-31", row.Get("period"))
	}
	l.Unit, l.Net = c.amount("unit_price"), c.amount("net")
	if !c.bad && c.currency != "" {
		if is := l.Unit.Times(l.Quantity); is != l.Net {
			c.wrong("has %s in net: %d times %s is %s", l.Net, l.Quantity, l.Unit, is)
		}
		l.VAT = l.Net.Percent(l.Rate)
	}
	r.spoilt[number] = r.spoilt[number] || c.bad
	if of.Lines = append(of.Lines, l); len(of.Lines) == mostLines+1 {
		c.wrong("is line %d of invoice %s: an invoice has %d at most", len(of.Lines), number, mostLines)
	}
}

// period reads a month, or two days.
func period(text string) (begins, ends store.Date, err error) {
	from, to, days := strings.Cut(text, "..")
	if !days {
		begins, err = store.ParseMonth(text)
		if err != nil {
			return 0, 0, err
		}
		return begins, store.DateOf(begins.AddMonths(1).Time().AddDate(0, 0, -1)), nil
	}
	begins, err1 := store.ParseDate(from)
	ends, err2 := store.ParseDate(to)
	if err := errors.Join(err1, err2); err != nil {
		return 0, 0, err
	}
	if ends < begins {
		return 0, 0, fmt.Errorf("billing: %q ends before it begins", text)
	}
	return begins, ends, nil
}

// sums holds an invoice against its lines.
func (r *reader) sums(i *Invoice, line int) {
	complain := func(text string, args ...any) { r.complain(InvoicesFile, line, text, args...) }
	switch {
	case len(i.Lines) == 0:
		complain("has no lines in %s", LinesFile)
		return
	case r.spoilt[i.Number]:
		return
	}
	var net money.Amount
	rates, says := Rates(i.Lines), r.vats[i.Number]
	for _, t := range rates {
		net, i.VAT = net.Plus(t.Net), i.VAT.Plus(t.VAT)
		n := slices.IndexFunc(says, func(o Taxed) bool { return o.Rate == t.Rate })
		switch {
		case n < 0:
			complain("says nothing in vat of the rate %s, which is %s in its lines", t.Rate, t.VAT)
		case says[n].VAT != t.VAT:
			complain("has %s in vat at %s: its lines come to %s", says[n].VAT, t.Rate, t.VAT)
		}
	}
	for _, s := range says {
		if !slices.ContainsFunc(rates, func(t Taxed) bool { return t.Rate == s.Rate }) {
			complain("has the rate %s in vat, which none of its lines has", s.Rate)
		}
	}
	if net != i.Net {
		complain("has %s in net: its lines come to %s", i.Net, net)
	}
	if gross := net.Plus(i.VAT); gross != i.Gross {
		complain("has %s in gross: net and VAT of its lines come to %s", i.Gross, gross)
	}
}
