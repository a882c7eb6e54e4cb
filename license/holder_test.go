package license_test

import (
	"slices"
	"testing"

	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// Who has been known by an address alone is the person whose address it turns out to be, of the same organization; and can be forgotten.
func TestWhoeverWasNotMet(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		o.estate("acme,drive,9,9,0\nglobex,drive,9,9,0\n")
		eve, kim := store.Holder{Mail: "eve@acme.example"}, store.Holder{Mail: "kim@acme.example"}
		for _, h := range []store.Holder{eve, kim, {Person: o.ann.Person}} {
			_, err := o.Assign(ctx, o.max, drive(h))
			o.check(err)
		}
		_, err := o.Assign(ctx, o.gus, drive(eve))
		o.check(err)
		confirm := func(address string, p store.PersonID) {
			t.Helper()
			o.check(o.db.Write(ctx, func(tx *store.Tx) error {
				return tx.SetAccount(ctx, store.Account{Workspace: store.Mail, ID: address}, p)
			}))
			o.sound()
		}
		bob := o.meet("bob")
		confirm(kim.Mail, bob.Person)
		confirm(eve.Mail, o.ann.Person) // who has one already
		same(t, "who has what", o.who(), []string{"ANN drive", "bob drive"})
		same(t, "acme has", o.has(o.max), map[string][4]int64{"drive": {9, 0, 2, 7}})
		if out, err := o.Assign(ctx, o.max, drive(kim)); err != nil || out.Changed || out.Who != "bob" {
			t.Errorf("by the address of somebody known: %+v, %v", out, err)
		}
		page, err := o.Seats(ctx, o.gus, store.SeatFilter{}, 0)
		o.check(err)
		if len(page.Seats) != 1 || page.Seats[0].Who != eve.Mail { // Ann is not of globex
			t.Errorf("globex: %+v", page)
		}
		for _, want := range []helpdesk.Forgotten{{Fields: 1}, {}} {
			done, err := o.people.Forget(ctx, store.Account{Workspace: store.Mail, ID: eve.Mail})
			o.check(err)
			same(t, "forgotten", done, want)
		}
		page, err = o.Seats(ctx, o.gus, store.SeatFilter{}, 0)
		o.check(err)
		if len(page.Seats) != 0 || len(page.Unnamed) != 1 || page.Unnamed[0].Count != 1 {
			t.Errorf("forgotten: %+v", page)
		}
		o.sound()
	})
}

// Two who turn out to be one person have what either had, and nothing twice.
func TestHoldersBecomeOne(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		o.estate("acme,drive,9,9,0\nacme,basic,9,9,0\nacme,standard,9,9,0\n")
		bob, rob := o.meet("bob"), o.meet("rob")
		for _, s := range []license.Seating{{License: "drive", Holder: bob}, {License: "drive", Holder: rob}, {License: "basic", Holder: rob}, {License: "standard", Holder: bob}} {
			s.Attested = true
			_, err := o.Assign(ctx, o.max, s)
			o.check(err)
		}
		for range 2 { // as JoinAgain does
			o.check(o.db.Write(ctx, func(tx *store.Tx) error { return tx.Join(ctx, rob.Person, bob.Person, nil, "") }))
			o.sound()
		}
		got := o.who()
		slices.Sort(got)
		same(t, "who has what", got, []string{"bob basic", "bob drive", "bob standard"})
		same(t, "what there is", o.has(o.max)["drive"], [4]int64{9, 0, 1, 8})
		if out, err := o.Assign(ctx, o.max, drive(rob)); err != nil || out.Changed || out.Who != "bob" {
			t.Errorf("by what they were: %+v, %v", out, err)
		}
	})
}
