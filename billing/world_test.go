package billing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"guichet/billing"
	"guichet/helpdesk"
	"guichet/money"
	"guichet/store"
	"guichet/store/storetest"
)

// office is a desk of invoices with the people of two customers around it.
type office struct {
	*billing.Desk
	t      *testing.T
	people *helpdesk.Desk
	db     *store.DB
	now    time.Time

	ann, max, gus helpdesk.Actor // employee and manager of acme, manager of globex
}

func named(s string) func(string) string { return func(string) string { return s } }

func queue(key string) helpdesk.Queue {
	return helpdesk.Queue{Key: key, Name: named(key), Place: store.Place{Workspace: "slack:T9", Channel: "C-" + key}, Language: "en", TimeZone: time.UTC}
}

func each(t *testing.T, test func(t *testing.T, o *office)) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := &office{t: t, db: db, now: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}
		db.SetClock(func() time.Time { return o.now })
		o.people = helpdesk.NewDesk(db, &helpdesk.Catalog{Organizations: []helpdesk.Organization{
			{Key: "acme", Name: "Acme", Language: "fr", Workspaces: []string{"slack:T1", "mattermost:M1"}},
			{Key: "globex", Name: "Globex", Language: "en", Workspaces: []string{"slack:T2"}}},
			Services: []helpdesk.Service{{Key: "office", Name: named("Office"), Queue: "support"}, {Key: "storage", Name: named("Storage"), Queue: "support"}},
			Queues:   []helpdesk.Queue{queue("support"), queue("accounts")}, DefaultQueue: "support"})
		o.Desk = billing.NewDesk(db, o.people, billing.Settings{Accounts: map[string]string{"A1": "acme", "A2": "acme", "G1": "globex"}, Queue: "accounts", Largest: 1000})
		o.ann, o.max, o.gus = o.meet("slack:T1", "ann"), o.meet("slack:T1", "max"), o.meet("slack:T2", "gus")
		o.managers("max")
		test(t, o)
	})
}

func (o *office) meet(workspace, id string) helpdesk.Actor {
	p, err := o.people.Meet(o.t.Context(), store.Account{Workspace: workspace, ID: id}, strings.ToTitle(id), "")
	o.check(err)
	return helpdesk.Actor{Person: p.ID, Organization: p.Organization, Source: workspace}
}

func (o *office) check(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// managers makes people the managers of acme, and nobody else.
func (o *office) managers(acme ...string) {
	o.t.Helper()
	var accounts []store.Account
	for _, id := range acme {
		accounts = append(accounts, store.Account{Workspace: "slack:T1", ID: id})
	}
	o.check(o.people.SetManagers(o.t.Context(), map[string][]store.Account{"acme": accounts, "globex": {{Workspace: "slack:T2", ID: "gus"}}}))
}

// take takes a folder in.
func (o *office) take(folder fstest.MapFS) billing.Import {
	o.t.Helper()
	b, err := o.Read(folder)
	o.check(err)
	done, err := o.Import(o.t.Context(), b, false)
	o.check(err)
	return done
}

// told are the deliveries of a kind that wait, as a relay claims them.
func (o *office) told(kind string) (ds []store.Delivery) {
	o.t.Helper()
	o.now = o.now.Add(time.Hour) // what was claimed before comes again
	for _, workspace := range []string{"slack:T1", "slack:T2", "slack:T9", "mattermost:M1"} {
		o.check(o.db.Write(o.t.Context(), func(tx *store.Tx) error {
			some, err := tx.Claim(o.t.Context(), workspace, 100, time.Millisecond)
			ds = append(ds, some...)
			return err
		}))
	}
	return slices.DeleteFunc(ds, func(d store.Delivery) bool { return d.Kind != kind })
}

// bill is an invoice with its sums, as whoever issues it writes it.
func bill(number, account, date, currency string, lines ...billing.Line) billing.Invoice {
	i := billing.Invoice{Head: billing.Head{Number: number, Account: account, Issued: day(date)}, Lines: lines}
	i.Due = i.Issued.AddMonths(1)
	for n := range lines {
		l := &lines[n]
		l.Unit.Currency = currency
		l.Net = l.Unit.Times(l.Quantity)
		l.VAT = l.Net.Percent(l.Rate)
		i.Net, i.VAT = i.Net.Plus(l.Net), i.VAT.Plus(l.VAT)
	}
	i.Net.Currency, i.VAT.Currency = currency, currency // of nothing, too
	i.Gross = i.Net.Plus(i.VAT)
	i.Gross.Currency = currency
	return i
}

// line is one of a month's, at 20 % of VAT.
func line(service, centre string, quantity, unit int64, month string) billing.Line {
	first := day(month + "-01")
	return billing.Line{Service: service, Centre: centre, Quantity: quantity, Unit: money.Amount{Minor: unit}, Rate: 2000,
		Begins: first, Ends: store.DateOf(first.AddMonths(1).Time().AddDate(0, 0, -1))}
}

func day(text string) store.Date {
	d, err := store.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// folder is a folder of invoices.
func folder(invoices ...billing.Invoice) fstest.MapFS {
	var heads, lines strings.Builder
	heads.WriteString("number,account,date,due,currency,net,vat,gross\n")
	lines.WriteString("invoice,service,centre,quantity,unit_price,period,vat_rate,net\n")
	files := fstest.MapFS{}
	for _, i := range invoices {
		var vats []string
		for _, t := range billing.Rates(i.Lines) {
			vats = append(vats, fmt.Sprintf("%s:%s", t.Rate, t.VAT))
		}
		fmt.Fprintf(&heads, "%s,%s,%s,%s,%s,%s,%s,%s\n", i.Number, i.Account, i.Issued, i.Due, i.Gross.Currency, i.Net, strings.Join(vats, " "), i.Gross)
		for _, l := range i.Lines {
			fmt.Fprintf(&lines, "%s,%s,%s,%d,%s,%s..%s,%s,%s\n", i.Number, l.Service, l.Centre, l.Quantity, l.Unit, l.Begins, l.Ends, l.Rate, l.Net)
		}
		files[i.Number+".pdf"] = &fstest.MapFile{Data: []byte("%PDF-1.4 " + i.Number)}
	}
	files[billing.InvoicesFile] = &fstest.MapFile{Data: []byte(heads.String())}
	files[billing.LinesFile] = &fstest.MapFile{Data: []byte(lines.String())}
	return files
}

// october is what acme was invoiced for a month, and globex.
func october() fstest.MapFS {
	return folder(bill("F-1", "A1", "2026-10-31", "EUR", line("office", "CF-1", 12, 560, "2026-10"), line("storage", "CF-2", 5, 333, "2026-10"), line("office", "CF-2", -1, 560, "2026-09")),
		bill("G-1", "G1", "2026-10-31", "EUR", line("office", "", 1, 560, "2026-10")))
}

// change is a folder with something in a file replaced.
func change(files fstest.MapFS, name, old, text string) fstest.MapFS {
	out := fstest.MapFS{}
	for n, f := range files {
		data := string(f.Data)
		if n == name {
			if !strings.Contains(data, old) {
				panic(fmt.Sprintf("no %q in %s:\n%s", old, name, data))
			}
			data = strings.Replace(data, old, text, 1)
		}
		out[n] = &fstest.MapFile{Data: []byte(data)}
	}
	return out
}

func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
