package billing_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"guichet/billing"
	"guichet/helpdesk"
	"guichet/money"
	"guichet/store"
)

// objection is something that can be had against a line.
var objection = billing.Objection{Invoice: "F-1", Line: 2, Subject: "Invoice F-1, line 2", Text: "We gave that back."}

// acts are all that can be done with invoices, by name.
func (o *office) acts() map[string]func(a helpdesk.Actor) error {
	ctx := o.t.Context()
	return map[string]func(a helpdesk.Actor) error{
		"list":    func(a helpdesk.Actor) error { _, err := o.List(ctx, a, store.InvoicePlace{}, 10); return err },
		"month":   func(a helpdesk.Actor) error { _, err := o.Month(ctx, a, day("2026-10-01")); return err },
		"show":    func(a helpdesk.Actor) error { _, err := o.Invoice(ctx, a, "F-1"); return err },
		"PDF":     func(a helpdesk.Actor) error { return o.SendInvoice(ctx, a, "F-1", billing.PDF) },
		"CSV":     func(a helpdesk.Actor) error { return o.SendInvoice(ctx, a, "F-1", billing.CSV) },
		"picture": func(a helpdesk.Actor) error { return o.SendConsumption(ctx, a) },
		"words":   func(a helpdesk.Actor) error { _, err := o.Consumption(ctx, a); return err },
		"dispute": func(a helpdesk.Actor) error { _, err := o.Dispute(ctx, a, objection, "form"); return err },
	}
}

// Only the managers of the organization whose invoice it is do anything with it; another's is as if it were not there.
func TestWhoseInvoicesAre(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.take(october())
		forged := o.ann
		forged.Organization = "globex"
		refused := func(who string, a helpdesk.Actor, code helpdesk.Code, but ...string) {
			t.Helper()
			for name, do := range o.acts() {
				if err := do(a); !helpdesk.IsRefusal(err, code) && !slices.Contains(but, name) {
					t.Errorf("%s, %s: %v", who, name, err)
				}
			}
		}
		refused("an employee", o.ann, billing.NotManager)
		refused("an employee who says they are another's", forged, billing.NotManager)
		refused("another organization's manager", o.gus, billing.UnknownInvoice, "list", "month", "picture", "words")
		forged = o.gus
		forged.Organization = "acme"
		refused("another's who says they are not", forged, billing.UnknownInvoice, "list", "month", "picture", "words")
		if p, err := o.List(t.Context(), forged, store.InvoicePlace{}, 10); err != nil || numbers(p.Invoices) != "G-1" {
			t.Errorf("they are shown %+v, %v", p, err)
		}
		if m, err := o.Month(t.Context(), forged, day("2026-10-01")); err != nil || len(m.Invoices) != 1 || m.Invoices[0].Number != "G-1" {
			t.Errorf("they are shown %+v, %v", m, err)
		}
		for name, do := range o.acts() {
			if err := do(o.max); err != nil {
				t.Errorf("a manager, %s: %v", name, err)
			}
		}
		o.managers("ann")
		refused("a former manager", o.max, billing.NotManager)
		if err := o.SendInvoice(t.Context(), o.ann, "F-1", "exe"); !helpdesk.IsRefusal(err, helpdesk.BadForm) {
			t.Errorf("another format: %v", err)
		}
	})
}

// Whoever is a manager no more when it is delivered gets nothing of what they asked for; and what is asked for twice comes once.
func TestWhatIsSentIsLookedAtAgain(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		o.take(october())
		a := o.max
		a.Request = "press 1"
		o.check(o.SendInvoice(ctx, a, "F-1", billing.PDF))
		if err := o.SendInvoice(ctx, a, "F-1", billing.PDF); err != helpdesk.ErrDuplicate {
			t.Errorf("the same press: %v", err)
		}
		o.now = o.now.Add(1)
		o.check(o.SendInvoice(ctx, o.max, "F-1", billing.CSV))
		o.check(o.SendConsumption(ctx, o.max))
		files, pictures := o.told(billing.TellInvoice), o.told(billing.TellConsumption)
		if len(files) != 2 || len(pictures) != 1 {
			t.Fatalf("%d files, %d pictures", len(files), len(pictures))
		}
		for _, again := range []bool{false, true, false} {
			who := map[bool]string{true: "ann", false: "max"}[again]
			o.managers(who)
			for i, d := range files {
				p, err := o.Parcel(ctx, d)
				o.check(err)
				want := billing.Recipient{Language: "fr", Over: true}
				if !again {
					want = billing.Recipient{Language: "fr", To: store.Account{Workspace: "slack:T1", ID: "max"}}
				}
				same(t, "who gets it", p.Recipient, want)
				if p.Over && (p.Number != "" || len(p.Lines) > 0) || !p.Over && (p.Number != "F-1" || len(p.Lines) != 3 || p.Format != []string{billing.PDF, billing.CSV}[i]) {
					t.Errorf("it is %+v", p)
				}
			}
			p, err := o.Drawing(ctx, pictures[0])
			o.check(err)
			if p.Over != again || p.Over && len(p.Currencies) > 0 || !p.Over && len(p.Currencies) != 1 {
				t.Errorf("it shows %+v", p)
			}
		}
		for _, lane := range []string{"", "invoice/pdf/x/1/2", "invoice/pdf", "consumption", "statement/1/x/max", "statement"} {
			d := store.Delivery{Lane: lane, Person: o.max.Person}
			_, err1 := o.Parcel(ctx, d)
			_, err2 := o.News(ctx, d, o.max.Person)
			_, err3 := o.Drawing(ctx, d)
			if err1 == nil || err2 == nil || err3 == nil {
				t.Errorf("%q is taken for a lane", lane)
			}
		}
	})
}

// The list goes on from the last that was shown, the newest first; months that have none name those that have.
func TestTheListOfInvoices(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		if m, err := o.Month(ctx, o.max, day("2026-10-05")); err != nil || len(m.Invoices) > 0 || m.Before != 0 || m.After != 0 {
			t.Errorf("nothing is %+v, %v", m, err)
		}
		one := func(number, date string) billing.Invoice {
			return bill(number, "A1", date, "EUR", line("office", "", 1, 100, "2026-10"))
		}
		o.take(folder(one("F-1", "2026-06-30"), one("F-2", "2026-10-31"), one("F-3", "2026-10-31"), one("F-4", "2026-10-01"), one("F-5", "2026-05-31")))
		o.take(folder(one("F-6", "2026-06-30")))
		var pages []string
		for place, more := (store.InvoicePlace{}), true; more; {
			p, err := o.List(ctx, o.max, place, 2)
			o.check(err)
			pages, place, more = append(pages, numbers(p.Invoices)), p.Next, p.More
		}
		same(t, "the pages", strings.Join(pages, ", "), "F-3 F-2, F-4 F-6, F-1 F-5")
		for of, want := range map[string]string{"2026-10-17": "F-3 F-2 F-4 0 0", "2026-06-01": "F-6 F-1 0 0", "2026-11-01": " 20261001 0", "2026-04-30": " 0 20260501", "2026-08-01": " 20260601 20261001"} {
			m, err := o.Month(ctx, o.max, day(of))
			o.check(err)
			var heads []billing.Head
			for _, i := range m.Invoices {
				heads = append(heads, i.Head)
				same(t, "its lines", len(i.Lines), 1)
			}
			same(t, of, fmt.Sprint(numbers(heads), " ", int64(m.Before), " ", int64(m.After)), want)
		}
		var many []billing.Invoice
		for n := range billing.MonthShown + 1 {
			many = append(many, one(fmt.Sprint("M-", n), "2026-07-31"))
		}
		o.take(folder(many...))
		if m, err := o.Month(ctx, o.max, day("2026-07-01")); err != nil || len(m.Invoices) != billing.MonthShown || !m.More {
			t.Errorf("%d are shown: %v", len(m.Invoices), err)
		}
	})
}

// Consumption counts in the month in which its period begins, each currency by itself, and only one's own.
func TestConsumption(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		c, err := o.Consumption(ctx, o.max)
		o.check(err)
		same(t, "the months", fmt.Sprint(len(c.Months), c.Months[0], c.Months[11], len(c.Currencies)), "12 2025-12-01 2026-11-01 0")
		o.take(folder(
			bill("F-1", "A1", "2026-10-31", "EUR", line("office", "CF-1", 12, 560, "2026-10"), line("storage", "", 100, 500, "2026-10"), line("office", "", -1, 560, "2026-09")),
			bill("F-2", "A2", "2026-11-01", "EUR", line("office", "", 1, 100, "2026-11"), line("office", "", 1, 900, "2025-12"), line("office", "", 1, 800, "2025-11"), line("office", "", 1, 700, "2026-12")),
			bill("F-3", "A2", "2026-11-01", "CHF", line("office", "", 2, 100, "2026-10")),
			bill("G-1", "G1", "2026-10-31", "EUR", line("office", "", 1, 99999, "2026-10"))))
		c, err = o.Consumption(ctx, o.max)
		o.check(err)
		amounts := func(all []money.Amount) (text []string) {
			for _, a := range all {
				text = append(text, fmt.Sprint(a.Minor))
			}
			return text
		}
		var got []string
		for _, s := range c.Currencies {
			got = append(got, s.Currency, strings.Join(amounts(s.Months), " "), s.Total.String())
			for _, p := range s.Services {
				got = append(got, p.Key+" "+p.Net.String())
			}
		}
		same(t, "consumed", got, []string{"CHF", "0 0 0 0 0 0 0 0 0 0 200 0", "2.00", "office 2.00", "EUR", "900 0 0 0 0 0 0 0 0 -560 56720 100", "571.60", "storage 500.00", "office 71.60"})
	})
}

// A line is disputed once by each form, by a ticket that names it; the invoice then names the ticket.
func TestADispute(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		o.take(october())
		for name, spoil := range map[string]func(*billing.Objection){
			"no line":       func(b *billing.Objection) { b.Line = 0 },
			"another line":  func(b *billing.Objection) { b.Line = 4 },
			"no subject":    func(b *billing.Objection) { b.Subject = " " },
			"too many word": func(b *billing.Objection) { b.Text = strings.Repeat("x", helpdesk.MaxDescription+1) },
		} {
			b := objection
			spoil(&b)
			if out, err := o.Dispute(ctx, o.max, b, "form"); !helpdesk.IsRefusal(err, helpdesk.BadForm) {
				t.Errorf("%s: %+v, %v", name, out, err)
			}
		}
		if _, err := o.Dispute(ctx, o.max, objection, ""); err == nil {
			t.Error("a form without a nonce")
		}
		forged := o.max
		forged.Organization = "globex"
		var all sync.WaitGroup
		outs := make([]helpdesk.Outcome, 4)
		for i := range outs {
			all.Go(func() {
				var err error
				if outs[i], err = o.Dispute(ctx, forged, objection, "form"); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		changed := 0
		for _, out := range outs {
			if out.Changed {
				changed++
			}
			got := out.Ticket
			if got.ID != outs[0].Ticket.ID || got.Organization != "acme" || got.Queue != "accounts" || got.Kind != helpdesk.ServiceRequest || got.Service != "storage" || got.Requester != o.max.Person {
				t.Errorf("it is %+v", got)
			}
			same(t, "its details", got.Details, store.Details{"invoice": "F-1", "line": "2", "centre": "CF-2"})
		}
		same(t, "opened", changed, 1)
		i, err := o.Invoice(ctx, o.max, "F-1")
		o.check(err)
		if len(i.Disputes) != 1 || i.Disputes[0].Line != 2 || i.Disputes[0].Ticket.ID != outs[0].Ticket.ID || i.Disputes[0].Ticket.State != string(helpdesk.New) {
			t.Errorf("the invoice names %+v", i.Disputes)
		}
		m, err := o.Month(ctx, o.max, day("2026-10-01"))
		o.check(err)
		same(t, "so does the month", m.Invoices[0].Disputes, i.Disputes)

		theirs := objection
		theirs.Invoice, theirs.Line = "G-1", 1
		if _, err := o.Dispute(ctx, o.gus, theirs, "form"); !helpdesk.IsRefusal(err, helpdesk.NotYourForm) {
			t.Errorf("another's form: %v", err)
		}
		again, err := o.Dispute(ctx, o.gus, theirs, "another form")
		o.check(err)
		same(t, "without a centre", again.Ticket.Details, store.Details{"invoice": "G-1", "line": "1"})
		o.managers("ann")
		i, err = o.Invoice(ctx, o.ann, "F-1")
		o.check(err)
		same(t, "the next manager sees it too", len(i.Disputes), 1)
	})
}

// The managers of an organization are told of what is new, each once, met or not; who is one no more is not told.
func TestManagersAreTold(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		o.meet("mattermost:M1", "max-mm")
		o.check(o.people.SetManagers(ctx, map[string][]store.Account{"globex": {{Workspace: "slack:T2", ID: "gus"}},
			"acme": {{Workspace: "mattermost:M1", ID: "max-mm"}, {Workspace: "slack:T1", ID: "max"}, {Workspace: "slack:T1", ID: "new"}}}))
		o.check(o.db.Write(ctx, func(tx *store.Tx) error { // the two are one
			return tx.SetAccount(ctx, store.Account{Workspace: "mattermost:M1", ID: "max-mm"}, o.max.Person)
		}))
		one := func(number, account, date string) billing.Invoice {
			return bill(number, account, date, "EUR", line("office", "", 1, 100, "2026-10"))
		}
		o.take(folder(one("F-1", "A1", "2026-10-31"), one("F-2", "A2", "2026-09-30"), one("G-1", "G1", "2026-10-31")))
		ds := o.told(billing.TellStatement)
		told := func() (all []string) {
			for _, d := range ds {
				a := billing.NewsFor(d)
				p, err := o.people.Known(ctx, a)
				if errors.Is(err, store.ErrNotFound) { // looked up, as a bot does
					p.ID = o.meet(a.Workspace, a.ID).Person
				}
				n, err := o.News(ctx, d, p.ID)
				o.check(err)
				all = append(all, fmt.Sprintf("%s/%s: %d, %s, over %t", a.Workspace, a.ID, n.Count, n.Latest.Number, n.Over))
			}
			slices.Sort(all)
			return all
		}
		same(t, "told", told(), []string{"mattermost:M1/max-mm: 2, F-1, over false", "slack:T1/new: 2, F-1, over false", "slack:T2/gus: 1, G-1, over false"})
		o.managers("new")
		same(t, "told", told(), []string{"mattermost:M1/max-mm: 2, F-1, over true", "slack:T1/new: 2, F-1, over false", "slack:T2/gus: 1, G-1, over false"})
		if n, err := o.News(ctx, ds[0], o.gus.Person); err != nil || !n.Over {
			t.Errorf("another organization's manager is told %+v, %v", n, err)
		}
	})
}
