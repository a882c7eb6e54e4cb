package license_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

func TestAListIsRead(t *testing.T) {
	const head = "person,license,action\n"
	row := func(line int, who, l, act string) license.SeatRow {
		return license.SeatRow{Line: line, Who: who, License: l, Act: act}
	}
	many := strings.Repeat("anna@acme.example,drive\n", 10_000)
	for name, c := range map[string]struct {
		text string
		want []license.SeatRow
		err  license.SeatErrors
	}{
		"plain":             {head + "anna@acme.example,drive,assign\n@bob,drive,unassign\n", []license.SeatRow{row(2, "anna@acme.example", "drive", "assign"), row(3, "@bob", "drive", "unassign")}, nil},
		"of a French Excel": {"\ufeffLicence;Personne;Action\r\nOffice Essentiel;anna@acme.example;affecter\r\ndrive; @bob ;Désaffecter\r\n", []license.SeatRow{row(2, "anna@acme.example", "Office Essentiel", "assign"), row(3, "@bob", "drive", "unassign")}, nil},
		"of an older one":   {"Personne;Licence\r\nZo\xe9 Br\xfbl\xe9;drive\r\n", []license.SeatRow{row(2, "Zoé Brûlé", "drive", "assign")}, nil},
		"without action":    {"license,person\ndrive,U1\n", []license.SeatRow{row(2, "U1", "drive", "assign")}, nil},
		"quoted":            {head + "\"Doe,\n\"\"Joe\"\" Jr\",drive,\nbob,drive,\n", []license.SeatRow{row(2, "Doe,\n\"Joe\" Jr", "drive", "assign"), row(4, "bob", "drive", "assign")}, nil},
		"other columns":     {"team,person,license\nx,bob,drive\n", []license.SeatRow{row(2, "bob", "drive", "assign")}, nil},
		"nothing":           {"", nil, license.SeatErrors{{Line: 1, Code: license.SeatNoColumn, Value: "person"}, {Line: 1, Code: license.SeatNoColumn, Value: "license"}}},
		"no lines":          {head + "\n\n", nil, license.SeatErrors{{Line: 1, Code: license.SeatEmpty}}},
		"a picture":         {"\x89PNG\r\n\x1a\n\x00\x00", nil, license.SeatErrors{{Line: 1, Code: license.SeatNoColumn, Value: "person"}, {Line: 1, Code: license.SeatNoColumn, Value: "license"}}},
		"a quotation mark":  {head + "anna,drive,\n\"bob,drive,\n", nil, license.SeatErrors{{Line: 3, Code: license.SeatBroken}}},
		"several wrong": {head + "anna\n,drive,\nbob,drive,give\nbob,drive,\n", nil, license.SeatErrors{{Line: 2, Code: license.SeatColumns, Value: "1", Other: 3},
			{Line: 3, Code: license.SeatNobody}, {Line: 4, Code: license.SeatBadAction, Value: "give"}}},
		"a long word": {head + "bob,drive," + strings.Repeat("x", 99) + "\n", nil, license.SeatErrors{{Line: 2, Code: license.SeatBadAction, Value: strings.Repeat("x", 59) + "…"}}},
		"too many":    {"person,license\n" + many, nil, license.SeatErrors{{Line: license.MostSeatRows + 2, Code: license.SeatTooMany}}},
	} {
		rows, err := license.ParseSeats([]byte(c.text))
		var wrong license.SeatErrors
		errors.As(err, &wrong)
		if diff := cmp.Diff(c.want, rows) + cmp.Diff(c.err, wrong); diff != "" || (err == nil) != (c.err == nil) {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

// list keeps a draft as somebody begins one by dropping a file, and reads the file.
func (o *office) list(nonce, text string) (plan []license.Planned, list license.SeatList, err error) {
	o.t.Helper()
	o.check(o.people.SaveDraft(o.t.Context(), o.max, nonce, map[string]string{"origin": "{}"}))
	rows, err := license.ParseSeats([]byte(text))
	o.check(err)
	return o.PlanSeats(o.t.Context(), o.max, nonce, []byte(text), rows, map[string]string{"bobby": "bob"})
}

// What a list says is shown first, and then done: all of it, once.
func TestAListIsDone(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		o.estate("acme,drive,9,4,0\nacme,basic,9,9,0\n")
		o.meet("bob")
		_, err := o.Assign(ctx, o.max, drive(store.Holder{Person: o.ann.Person}))
		o.check(err)
		_, err = o.Assign(ctx, o.max, drive(store.Holder{Person: o.max.Person}))
		o.check(err)
		o.told()

		// Ann by her account, Bob by what he is called on the platform, Max by his name: he has it already.
		text := "person,license,action\nann,drive,unassign\n@Bobby,Drive,\n@MAX,drive,assign\neve@acme.example,drive,\nkim@acme.example,drive,\nann,office basic,\n"
		plan, list, err := o.list("list", text)
		o.check(err)
		if len(plan) != 2 || plan[1].Key != "drive" || plan[1].Assign != 3 || plan[1].Unassign != 1 || plan[1].Free() != 2 || !plan[0].Service.AtVendor || list.Unchanged != 1 {
			t.Fatalf("it would do %+v, %+v", plan, list)
		}
		same(t, "before", o.who(), []string{"MAX drive", "ANN drive"})
		if _, _, err := o.DoSeats(ctx, o.gus, "list"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another's list: %v", err)
		}
		var all sync.WaitGroup
		did := make([]bool, 4)
		for i := range did {
			all.Go(func() {
				_, again, err := o.DoSeats(ctx, o.max, "list")
				if err != nil {
					t.Error(err)
				}
				did[i] = !again
			})
		}
		all.Wait()
		if n := len(slices.DeleteFunc(did, func(b bool) bool { return !b })); n != 1 {
			t.Errorf("it was done %d times", n)
		}
		got := o.who()
		slices.Sort(got)
		same(t, "after", got, []string{"ANN basic", "MAX drive", "bob drive", "eve@acme.example drive", "kim@acme.example drive"})
		told := o.told()
		for i := range told {
			words := strings.Fields(told[i]) // the act, the movement, whom
			told[i] = words[0] + " " + words[2]
		}
		same(t, "told", told, []string{"assign slack:T1:ann", "assign slack:T1:bob", "unassign slack:T1:ann"})
		var entries []string
		o.check(o.people.AuditOf(ctx, account("max"), func(e store.Entry) error {
			if strings.HasPrefix(e.Act, "license.") {
				entries = append(entries, e.Act+" "+e.Detail)
			}
			return nil
		}))
		same(t, "attested", entries, []string{fmt.Sprintf(`license.attest.assign {"license":"basic","quantity":1,"sha256":"%s"}`, list.Hash)})
		o.sound()

		plan, list, err = o.list("again", text)
		o.check(err)
		if len(plan) != 0 || list.Unchanged != 6 {
			t.Errorf("the same once more would do %+v, %+v", plan, list)
		}
	})
}

// In a list in which anything is wrong, nothing is done; nor if by then not that many are free.
func TestAListIsRefused(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		o.estate("acme,drive,9,2,0\n")
		o.meet("bob")
		for _, id := range []string{"twin1", "twin2"} {
			_, err := o.people.Meet(ctx, account(id), "Twin", "")
			o.check(err)
		}
		wrong := func(line int, code, value string, other int) license.SeatError {
			return license.SeatError{Line: line, Code: code, Value: value, Other: other}
		}
		for name, c := range map[string]struct {
			lines string
			want  license.SeatErrors
		}{
			"nobody known":         {"zoe,drive\n", license.SeatErrors{wrong(2, license.SeatUnknown, "zoe", 0)}},
			"another organization": {"gus,drive\nGUS,drive\n", license.SeatErrors{wrong(2, license.SeatUnknown, "gus", 0), wrong(3, license.SeatUnknown, "GUS", 0)}},
			"several":              {"@Twin,drive\n", license.SeatErrors{wrong(2, license.SeatSeveral, "@Twin", 0)}},
			"nothing is wrong":     {"@bob,drive\nANN,drive\n", nil},
			"no address":           {"a@b,drive\n", license.SeatErrors{wrong(2, license.SeatBadMail, "a@b", 0)}},
			"no license":           {"ann,gold\nann,\n", license.SeatErrors{wrong(2, license.SeatNoLicense, "gold", 0), wrong(3, license.SeatNoLicense, "", 0)}},
			"twice":                {"ann,drive\n@ANN,drive\n", license.SeatErrors{wrong(3, license.SeatTwice, "@ANN", 2)}},
			"twice by mail":        {"E@acme.example,drive\ne@acme.example,drive\n", license.SeatErrors{wrong(3, license.SeatTwice, "e@acme.example", 2)}},
		} {
			_, _, err := o.list(name, "person,license\n"+c.lines)
			var got license.SeatErrors
			errors.As(err, &got)
			if diff := cmp.Diff(c.want, got); diff != "" || (err == nil) != (c.want == nil) {
				t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
			}
			if _, _, err := o.DoSeats(ctx, o.max, name); c.want != nil && !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s is done: %v", name, err)
			}
		}
		o.sound()
		same(t, "free", o.has(o.max)["drive"], [4]int64{9, 7, 2, 0})
		_, _, err := o.list("many", "person,license\ne@acme.example,drive\n")
		none := (*license.NoneFree)(nil)
		if !errors.As(err, &none) || none.Free() != 0 || none.Wanted != 1 {
			t.Errorf("more than are free: %v", err)
		}
		_, err = o.Unassign(ctx, o.max, drive(store.Holder{Person: o.ann.Person}))
		o.check(err)
		_, _, err = o.list("late", "person,license\ne@acme.example,drive\n")
		o.check(err)
		_, err = o.Assign(ctx, o.max, drive(store.Holder{Person: o.max.Person}))
		o.check(err)
		if _, _, err = o.DoSeats(ctx, o.max, "late"); !errors.As(err, &none) {
			t.Errorf("by then none is free: %v", err)
		}
		_, err = o.Unassign(ctx, o.max, drive(store.Holder{Person: o.max.Person}))
		o.check(err)
		if _, again, err := o.DoSeats(ctx, o.max, "late"); err != nil || again {
			t.Errorf("and once one is: %v, %v", again, err)
		}
		_, _, err = o.list("former", "person,license,action\ne@acme.example,drive,unassign\n")
		o.check(err)
		o.managers("ann")
		_, _, err = o.DoSeats(ctx, o.max, "former")
		refusedAs(t, "a former manager", err, license.NotManager)
		o.sound()
	})
}

// The longest list that there may be is done at once, and its people are told one after the other.
func TestALongList(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		o.estate("acme,drive,2000,2000,0\n")
		var text strings.Builder
		text.WriteString("person,license\n")
		for i := range license.MostSeatRows {
			if i < 50 {
				fmt.Fprintf(&text, "p%d,drive\n", i)
				o.meet(fmt.Sprint("p", i))
				continue
			}
			fmt.Fprintf(&text, "p%d@acme.example,drive\n", i)
		}
		_, _, err := o.list("long", text.String())
		o.check(err)
		began := time.Now()
		_, _, err = o.DoSeats(ctx, o.max, "long")
		o.check(err)
		t.Logf("done after %s", time.Since(began))
		same(t, "assigned", o.has(o.max)["drive"], [4]int64{2000, 0, 1000, 1000})
		if n := len(o.told()); n < 10 || n > 40 { // one more for every two seconds that have passed
			t.Errorf("%d are told at once", n)
		}
		o.sound()
	})
}

// A file is read for those alone who may do what it says, once for each press.
func TestAListIsAskedFor(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		o.check(o.people.SaveDraft(ctx, o.max, "list", map[string]string{"origin": "{}"}))
		pressed := o.max
		pressed.Request = "press"
		o.check(o.AskSeats(ctx, pressed, account("max"), "list"))
		if err := o.AskSeats(ctx, pressed, account("max"), "list"); !errors.Is(err, helpdesk.ErrDuplicate) {
			t.Errorf("the same press: %v", err)
		}
		if err := o.AskSeats(ctx, o.max, account("max"), "another"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("what was never dropped: %v", err)
		}
		if err := o.AskSeats(ctx, o.gus, store.Account{Workspace: "slack:T2", ID: "gus"}, "list"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("what somebody else dropped: %v", err)
		}
		var ds []store.Delivery
		o.check(o.db.Write(ctx, func(tx *store.Tx) (err error) {
			ds, err = tx.Claim(ctx, "slack:T1", 10, time.Minute)
			return err
		}))
		if len(ds) != 1 || ds[0].Kind != license.TellSeats || ds[0].Person != o.max.Person {
			t.Fatalf("to be delivered: %+v", ds)
		}
		if nonce, to := license.SeatsOf(ds[0]); nonce != "list" || to != account("max") {
			t.Errorf("it is of %q, for %+v", nonce, to)
		}
	})
}
