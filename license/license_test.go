package license_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guichet/helpdesk"
	"guichet/license"
	"guichet/money"
	"guichet/store"
	"guichet/store/storetest"
)

// office is a desk of licenses with the people of two customers around it.
type office struct {
	*license.Desk
	t      *testing.T
	people *helpdesk.Desk
	db     *store.DB

	ann, max, gus helpdesk.Actor // employee and manager of acme, manager of globex
}

func named(s string) func(string) string { return func(string) string { return s } }

func queue(key string) helpdesk.Queue {
	return helpdesk.Queue{Key: key, Name: named(key), Place: store.Place{Workspace: "slack:T9", Channel: "C-" + key}, Language: "en", TimeZone: time.UTC, ManagersOnly: key == "sales"}
}

func each(t *testing.T, test func(t *testing.T, o *office)) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := &office{t: t, db: db, people: helpdesk.NewDesk(db, &helpdesk.Catalog{Mail: "desk@acme.example", Organizations: []helpdesk.Organization{
			{Key: "acme", Name: "Acme", Language: "fr", Workspaces: []string{"slack:T1"}},
			{Key: "globex", Name: "Globex", Language: "en", Workspaces: []string{"slack:T2"}},
			{Key: "desk", Name: "The desk", Language: "en", Workspaces: []string{"slack:T9"}}},
			Services: []helpdesk.Service{{Key: "office", Name: named("Office"), Queue: "support"}}, Queues: []helpdesk.Queue{queue("support"), queue("sales")}, DefaultQueue: "support"})}
		o.Desk = license.NewDesk(db, o.people, catalog())
		meet := func(workspace, id string) helpdesk.Actor {
			p, err := o.people.Meet(t.Context(), store.Account{Workspace: workspace, ID: id}, strings.ToTitle(id), "")
			o.check(err)
			return helpdesk.Actor{Person: p.ID, Organization: p.Organization, Source: workspace}
		}
		o.ann, o.max, o.gus = meet("slack:T1", "ann"), meet("slack:T1", "max"), meet("slack:T2", "gus")
		o.managers("max")
		test(t, o)
	})
}

func (o *office) check(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// managers makes somebody the manager of acme, and nobody else.
func (o *office) managers(acme string) {
	o.t.Helper()
	o.check(o.people.SetManagers(o.t.Context(), map[string][]store.Account{
		"acme": {{Workspace: "slack:T1", ID: acme}}, "globex": {{Workspace: "slack:T2", ID: "gus"}}}))
}

// has is what somebody's organization has: license, ordered, inactive, assigned, free.
func (o *office) has(a helpdesk.Actor) (all map[string][4]int64) {
	o.t.Helper()
	e, err := o.Estate(o.t.Context(), a)
	o.check(err)
	if e.Organization != a.Organization || len(e.Lines) != len(o.Catalog().Licenses) {
		o.t.Errorf("%s reads %+v", a.Organization, e)
	}
	all = map[string][4]int64{}
	for _, l := range e.Lines {
		if l.Ordered > 0 {
			all[l.Key] = [4]int64{l.Ordered, l.Inactive(), l.Assigned, l.Free()}
		}
	}
	return all
}

const estates = `organization,license,ordered,activated,assigned
acme,basic,12,10,7
acme,drive,3,0,0
globex,basic,1,1,1
`

// Managers see what their own organization has; nobody else sees any of it, nor who was a manager once.
func TestWhoSeesLicenses(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		_, err := o.Import(t.Context(), strings.NewReader(estates), false)
		o.check(err)
		same(t, "acme", o.has(o.max), map[string][4]int64{"basic": {12, 2, 7, 3}, "drive": {3, 3, 0, 0}})
		same(t, "globex", o.has(o.gus), map[string][4]int64{"basic": {1, 0, 1, 0}})
		refused := func(who string, a helpdesk.Actor, managers ...string) {
			t.Helper()
			_, err := o.Estate(t.Context(), a)
			var r *helpdesk.Refusal
			if !errors.As(err, &r) || r.Code != license.NotManager || strings.Join(r.Managers, " ") != strings.Join(managers, " ") {
				t.Errorf("%s is told %v", who, err)
			}
		}
		refused("an employee", o.ann, "MAX")
		forged := o.ann
		forged.Organization = "globex"
		refused("an employee who says they are another's", forged, "MAX")
		o.managers("ann")
		refused("a former manager", o.max, "ANN")
		forged = o.ann
		forged.Organization = "globex"
		e, err := o.Estate(t.Context(), forged)
		o.check(err)
		same(t, "a manager who says they are another's", e.Organization, "acme")
	})
}

// What the configuration names no more is an organization's all the same.
func TestALicenseThatIsNotOfferedAnyMore(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		_, err := o.Import(t.Context(), strings.NewReader(estates), false)
		o.check(err)
		fewer := catalog()
		fewer.Licenses = fewer.Licenses[1:]
		e, err := license.NewDesk(o.db, o.people, fewer).Estate(t.Context(), o.max)
		o.check(err)
		last := e.Lines[len(e.Lines)-1]
		same(t, "the last line", last.Key+" "+last.Name("en"), "basic basic")
		same(t, "its counts", last.Counts, store.Counts{Ordered: 12, Activated: 10, Assigned: 7})
	})
}

// Of two who import the same at once, one does.
func TestTwoImportsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() { _, _ = o.Import(t.Context(), strings.NewReader(estates), false) })
		}
		all.Wait()
		same(t, "acme", o.has(o.max), map[string][4]int64{"basic": {12, 2, 7, 3}, "drive": {3, 3, 0, 0}})
	})
}

func TestImport(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		none := map[string][4]int64{}
		done, err := o.Import(ctx, strings.NewReader(estates), true)
		o.check(err)
		if len(done.New) != 3 || done.Unchanged != 0 {
			t.Errorf("it would take in %+v", done)
		}
		same(t, "a rehearsal", o.has(o.max), none)

		// As a French Excel writes it, in other columns.
		done, err = o.Import(ctx, strings.NewReader("\ufeffLicense;Assigned;Activated;Ordered;Organization\r\nbasic;7;10;12;acme\r\n"), false)
		o.check(err)
		same(t, "taken in", done.New, []license.Opening{{Organization: "acme", License: "basic", Counts: store.Counts{Ordered: 12, Activated: 10, Assigned: 7}}})
		done, err = o.Import(ctx, strings.NewReader(estates), false)
		o.check(err)
		if len(done.New) != 2 || done.Unchanged != 1 {
			t.Errorf("the rest: %+v", done)
		}
		done, err = o.Import(ctx, strings.NewReader(estates), false)
		o.check(err)
		if len(done.New) != 0 || done.Unchanged != 3 {
			t.Errorf("once more: %+v", done)
		}
		had := o.has(o.max)

		head := "organization,license,ordered,activated,assigned\n"
		for name, c := range map[string]struct{ text, want string }{
			"nothing":             {"", `line 1: names no column "organization"`},
			"a column is missing": {"organization,license,ordered,assigned\n", `line 1: names no column "activated"`},
			"an organization":     {head + "initech,basic,1,1,1\n", `line 2: names the organization "initech", which is not in the configuration`},
			"a license":           {head + "acme,gold,1,1,1\n", `line 2: names the license "gold", which is not in the configuration`},
			"a word":              {head + "acme,standard,many,1,1\n", `line 2: has "many" in ordered: write a number from 0 to 1000000`},
			"a fraction":          {head + "acme,standard,1.5,1,1\n", `line 2: has "1.5" in ordered`},
			"fewer than none":     {head + "acme,standard,1,1,-1\n", `line 2: has "-1" in assigned`},
			"too many":            {head + "acme,standard,1000001,1,1\n", `line 2: has "1000001" in ordered`},
			"more activated":      {head + "acme,standard,1,2,1\n", "line 2: has 1 ordered, 2 activated, 1 assigned: none may be more than the one before"},
			"more assigned":       {head + "acme,standard,2,1,2\n", "line 2: has 2 ordered, 1 activated, 2 assigned"},
			"a short line":        {head + "acme,standard\n", "line 2: has 2 columns, and not 5"},
			"twice":               {head + "acme,standard,1,1,1\nacme,standard,1,1,1\n", "line 3: is about the same as line 2"},
			"what has moved":      {head + "acme,standard,1,1,1\nacme,basic,13,10,7\n", "line 3: acme has 12 ordered, 10 activated, 7 assigned of basic already: an import changes nothing that is there"},
			"several":             {head + "acme,gold,1,1,1\ninitech,basic,1,1,1\n", "line 3: names the organization"},
		} {
			for _, dry := range []bool{true, false} {
				if done, err := o.Import(ctx, strings.NewReader(c.text), dry); err == nil || !strings.Contains(err.Error(), c.want) || len(done.New) > 0 {
					t.Errorf("%s: %+v, %v, want %q", name, done, err, c.want)
				}
			}
		}
		same(t, "what was refused leaves nothing", o.has(o.max), had)
	})
}

func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// euros are so many cents.
func euros(cents int64) money.Amount { return money.Amount{Minor: cents, Currency: "EUR"} }

// catalog has two licenses of Office, of one family, and one of storage.
func catalog() license.Catalog {
	text := func(s string) license.Terms { return license.Terms{Version: "1", Texts: map[string]string{"": s}} }
	return license.Catalog{
		Licenses: []license.License{
			{Key: "basic", Service: "office", Name: named("Basic"), Family: "office", Price: euros(510), VAT: 2000, Tiers: []license.Tier{{From: 50, Price: euros(460)}}},
			{Key: "standard", Service: "office", Name: named("Standard"), Family: "office", Price: euros(1133), VAT: 2000},
			{Key: "drive", Service: "storage", Name: named("Drive"), Price: euros(199), VAT: 550}},
		Services: map[string]license.Service{"office": {Particular: text("office"), AtVendor: true}, "storage": {Particular: text("storage"), Specific: text("use of storage")}},
		General:  text("general"), OfferNote: func(o store.Order) string { return fmt.Sprintf("order %d: %s", o.ID, o.State) }, Currency: "EUR", Sales: "sales", Provisioning: "sales",
		Approvals: map[string]license.Approval{},
	}
}
