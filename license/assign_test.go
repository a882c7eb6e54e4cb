package license_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// estate has acme and globex begin with licenses.
func (o *office) estate(lines string) {
	o.t.Helper()
	_, err := o.Import(o.t.Context(), strings.NewReader("organization,license,ordered,activated,assigned\n"+lines), false)
	o.check(err)
}

// meet meets somebody of acme.
func (o *office) meet(id string) store.Holder {
	o.t.Helper()
	p, err := o.people.Meet(o.t.Context(), account(id), id, "")
	o.check(err)
	return store.Holder{Person: p.ID}
}

func drive(h store.Holder) license.Seating { return license.Seating{License: "drive", Holder: h} }

// who is who has what in acme, the latest first.
func (o *office) who() (all []string) {
	o.t.Helper()
	for from := int64(0); ; {
		page, err := o.Seats(o.t.Context(), o.max, store.SeatFilter{}, from)
		o.check(err)
		for _, s := range page.Seats {
			all = append(all, s.Who+" "+s.Seat.License)
		}
		if from = page.Next; from == 0 {
			return all
		}
	}
}

// sound checks that nobody is counted twice, or not at all.
func (o *office) sound() {
	o.t.Helper()
	o.check(o.db.Read(o.t.Context(), func(tx *store.Tx) error {
		for _, organization := range []string{"acme", "globex"} {
			hs, err := tx.Holdings(o.t.Context(), organization)
			if err != nil {
				return err
			}
			for _, h := range hs {
				ss, err := tx.Seats(o.t.Context(), organization, store.SeatFilter{License: h.License}, 0, 10_000)
				if err != nil {
					return err
				}
				if int64(len(ss)) != h.Named || h.Named > h.Assigned || h.Assigned > h.Activated || h.Activated > h.Ordered {
					o.t.Errorf("%d have a seat of %+v", len(ss), h)
				}
				ms, err := tx.Movements(o.t.Context(), organization, h.License, 0, 10_000)
				if err != nil {
					return err
				}
				var assigned int64
				for _, m := range ms {
					assigned += m.Assigned
				}
				if assigned != h.Assigned {
					o.t.Errorf("the movements of %+v assign %d", h, assigned)
				}
			}
		}
		return nil
	}))
}

// A manager gives people licenses and takes them back, each once; they are told.
func TestSomebodyIsGivenALicense(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		o.estate("acme,drive,5,3,1\nglobex,drive,5,3,0\n")
		ann := store.Holder{Person: o.ann.Person}
		out, err := o.Assign(ctx, o.max, drive(ann))
		o.check(err)
		if !out.Changed || out.Who != "ANN" || out.Free() != 1 || out.Assigned != 2 {
			t.Errorf("it is %+v", out)
		}
		out, err = o.Assign(ctx, o.max, drive(ann))
		o.check(err)
		if out.Changed || out.Assigned != 2 {
			t.Errorf("once more: %+v", out)
		}
		told := o.told()
		if len(told) != 1 || !strings.HasPrefix(told[0], "assign ") || !strings.HasSuffix(told[0], "slack:T1:ann") {
			t.Errorf("told: %q", told)
		}
		var id int64
		_, err = fmt.Sscanf(told[0], "assign %d", &id)
		o.check(err)
		notice, err := o.HolderNotice(ctx, license.Notice{What: "assign", ID: id}, o.ann.Person)
		o.check(err)
		if notice.Over || notice.By != "MAX" || notice.License.Key != "drive" {
			t.Errorf("the notice says %+v", notice)
		}

		// Somebody who has not been met, by their address; and the manager themselves, who needs no telling.
		out, err = o.Assign(ctx, o.max, drive(store.Holder{Mail: "eve@acme.example"}))
		o.check(err)
		if out.Who != "eve@acme.example" || !out.Changed {
			t.Errorf("by mail: %+v", out)
		}
		_, err = o.Assign(ctx, o.max, drive(store.Holder{Person: o.max.Person}))
		none := (*license.NoneFree)(nil)
		if !errors.As(err, &none) || none.Free() != 0 || none.Assigned != 3 || none.Inactive() != 2 || none.Wanted != 1 {
			t.Errorf("the fourth of three: %v", err)
		}
		same(t, "who has what", o.who(), []string{"eve@acme.example drive", "ANN drive"})
		page, err := o.Seats(ctx, o.max, store.SeatFilter{Holder: ann}, 0)
		o.check(err)
		if len(page.Seats) != 1 || page.Who != "ANN" || len(page.Unnamed) != 0 || page.Seats[0].By != "MAX" {
			t.Errorf("what Ann has: %+v", page)
		}
		page, err = o.Seats(ctx, o.max, store.SeatFilter{License: "drive"}, 0)
		o.check(err)
		if len(page.Seats) != 2 || len(page.Unnamed) != 1 || page.Unnamed[0].Count != 1 {
			t.Errorf("of that license: %+v", page)
		}

		out, err = o.Unassign(ctx, o.max, drive(ann))
		o.check(err)
		if !out.Changed || out.Free() != 1 {
			t.Errorf("taken back: %+v", out)
		}
		out, err = o.Unassign(ctx, o.max, drive(ann))
		o.check(err)
		if out.Changed {
			t.Errorf("once more: %+v", out)
		}
		if told := o.told(); len(told) != 1 || !strings.HasPrefix(told[0], "unassign ") {
			t.Errorf("told: %q", told)
		}
		if notice, err := o.HolderNotice(ctx, license.Notice{What: "assign", ID: id}, o.ann.Person); err != nil || !notice.Over {
			t.Errorf("what is so no more is told: %+v, %v", notice, err)
		}
		o.sound()
	})
}

// Nobody else says who has what, or sees it; nobody of another organization is given anything.
func TestWhoMayAssign(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		o.estate("acme,drive,5,3,1\nglobex,drive,5,3,0\n")
		ann, gus := store.Holder{Person: o.ann.Person}, store.Holder{Person: o.gus.Person}
		_, err := o.Assign(ctx, o.gus, drive(gus))
		o.check(err)
		page, err := o.Seats(ctx, o.gus, store.SeatFilter{}, 0)
		o.check(err)
		theirs := page.Seats[0].ID

		refused := func(who string, a helpdesk.Actor, h store.Holder, code helpdesk.Code) {
			t.Helper()
			_, err1 := o.Assign(ctx, a, drive(h))
			_, err2 := o.Unassign(ctx, a, drive(h))
			refusedAs(t, who+" assigns", err1, code)
			refusedAs(t, who+" unassigns", err2, code)
		}
		forged := o.ann
		forged.Organization = "globex"
		for who, a := range map[string]helpdesk.Actor{"an employee": o.ann, "an employee who says they are another's": forged} {
			refused(who, a, ann, license.NotManager)
			_, err1 := o.Seats(ctx, a, store.SeatFilter{}, 0)
			_, _, err2 := o.Assignable(ctx, a)
			_, err3 := o.TakeBack(ctx, a, "drive", 1, true, "form "+who)
			_, err4 := o.HolderName(ctx, a, ann)
			_, _, err5 := o.DoSeats(ctx, a, "list")
			err6 := o.AskSeats(ctx, a, account("ann"), "list")
			for _, err := range []error{err1, err2, err3, err4, err5, err6} {
				refusedAs(t, who, err, license.NotManager)
			}
		}
		refused("another organization's manager", o.gus, ann, license.UnknownPerson)
		refused("somebody of another organization", o.max, gus, license.UnknownPerson)
		refused("nobody", o.max, store.Holder{}, license.UnknownPerson)
		refused("nobody who is there", o.max, store.Holder{Person: 4711}, license.UnknownPerson)
		refused("no address", o.max, store.Holder{Mail: "eve"}, license.UnknownPerson)
		if _, err := o.Assign(ctx, o.max, license.Seating{License: "gold", Holder: ann}); !helpdesk.IsRefusal(err, helpdesk.BadForm) {
			t.Errorf("no license: %v", err)
		}
		if _, err := o.Seats(ctx, o.max, store.SeatFilter{Holder: gus}, 0); !helpdesk.IsRefusal(err, license.UnknownPerson) {
			t.Errorf("what another's has: %v", err)
		}
		page, err = o.Seats(ctx, o.max, store.SeatFilter{}, theirs+1)
		o.check(err)
		if len(page.Seats) != 0 {
			t.Errorf("another's seats: %+v", page)
		}
		o.managers("ann")
		refused("a former manager", o.max, ann, license.NotManager)
		same(t, "acme has", o.has(o.ann), map[string][4]int64{"drive": {5, 2, 1, 2}})
		same(t, "globex has", o.has(o.gus), map[string][4]int64{"drive": {5, 2, 1, 2}})
	})
}

// Of many who want the last licenses at once, as many get one as are free; who is given one by several gets it once.
func TestTheLastSeats(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.estate("acme,drive,3,3,1\n")
		o.managers("ann")
		o.check(o.people.SetManagers(t.Context(), map[string][]store.Account{"acme": {account("ann"), account("max")}, "globex": {{Workspace: "slack:T2", ID: "gus"}}}))
		var holders []store.Holder
		for i := range 6 {
			holders = append(holders, o.meet(fmt.Sprint("p", i)))
		}
		var got, none atomic.Int64
		at := func(a helpdesk.Actor, h store.Holder) {
			out, err := o.Assign(t.Context(), a, drive(h))
			refused := (*license.NoneFree)(nil)
			switch {
			case errors.As(err, &refused):
				none.Add(1)
				if refused.Free() != 0 || refused.Assigned != 3 {
					t.Errorf("the numbers are %+v", refused)
				}
			case err != nil:
				t.Error(err)
			case out.Changed:
				got.Add(1)
			}
		}
		var all sync.WaitGroup
		for i, h := range holders {
			all.Go(func() { at([]helpdesk.Actor{o.ann, o.max}[i%2], h) })
		}
		all.Wait()
		if got.Load() != 2 || none.Load() != 4 {
			t.Errorf("%d got one, %d did not", got.Load(), none.Load())
		}
		o.sound()
		if _, err := o.TakeBack(t.Context(), o.max, "drive", 1, false, "form"); err != nil {
			t.Fatal(err)
		}
		got.Store(0)
		one := o.meet("one")
		for i := range 6 {
			all.Go(func() { at([]helpdesk.Actor{o.ann, o.max}[i%2], one) })
		}
		all.Wait()
		if got.Load() != 1 {
			t.Errorf("the same got it %d times", got.Load())
		}
		o.sound()
	})
}

// Whatever is done by whomever at the same time, everybody who has a license is counted once, and never more are assigned than activated.
func TestSeatsStayInOrder(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.estate("acme,drive,9,6,3\nacme,basic,4,4,0\n")
		var holders []store.Holder
		for i := range 5 {
			holders = append(holders, o.meet(fmt.Sprint("p", i)), store.Holder{Mail: fmt.Sprintf("m%d@acme.example", i)})
		}
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		var all sync.WaitGroup
		var changed, refused atomic.Int64
		for who := range 4 {
			random := rand.New(rand.NewPCG(seed, uint64(who)))
			all.Go(func() {
				for i := range 25 {
					s := license.Seating{License: []string{"drive", "basic"}[random.IntN(2)], Holder: holders[random.IntN(len(holders))], Attested: true}
					var out license.Seated
					var err error
					switch random.IntN(7) {
					case 0:
						out, err = o.TakeBack(t.Context(), o.max, s.License, 1, true, fmt.Sprint(who, " ", i))
					case 1, 2:
						out, err = o.Unassign(t.Context(), o.max, s)
					default:
						out, err = o.Assign(t.Context(), o.max, s)
					}
					none, many := (*license.NoneFree)(nil), (*license.TooManyUnnamed)(nil)
					switch {
					case errors.As(err, &none) || errors.As(err, &many):
						refused.Add(1)
					case err != nil:
						t.Error(err)
					case out.Changed:
						changed.Add(1)
					}
				}
			})
		}
		all.Wait()
		o.sound()
		if changed.Load() == 0 || refused.Load() == 0 {
			t.Errorf("seed %d: %d changed, %d were refused: it proves nothing", seed, changed.Load(), refused.Load())
		}
	})
}

// What is to end is given to nobody, by whatever way, until it is to end no more.
func TestWhatIsToEndIsNotAssigned(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		o.estate("acme,drive,3,3,1\n")
		planned, err := o.Terminate(ctx, o.max, ending("end", "drive", 2, license.AtEndOfMonth))
		o.check(err)
		ann := store.Holder{Person: o.ann.Person}
		none := (*license.NoneFree)(nil)
		if _, err := o.Assign(ctx, o.max, drive(ann)); !errors.As(err, &none) || none.Free() != 0 || none.Ending != 2 {
			t.Errorf("one that is to end: %v", err)
		}
		if _, _, err := o.list("list", "person,license\nann,drive\n"); !errors.As(err, &none) {
			t.Errorf("by a list: %v", err)
		}
		_, err = o.Undo(ctx, o.max, int64(planned[0].ID))
		o.check(err)
		if out, err := o.Assign(ctx, o.max, drive(ann)); err != nil || out.Free() != 1 {
			t.Errorf("once it is not: %+v, %v", out, err)
		}
	})
}

// What is assigned at the vendor's is counted once somebody attests by their name that it is.
func TestAttestedAtTheVendor(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		o.estate("acme,basic,2,1,0\n")
		s := license.Seating{License: "basic", Holder: store.Holder{Person: o.ann.Person}}
		entries := func() (all []string) {
			t.Helper()
			o.check(o.people.AuditOf(ctx, account("ann"), func(e store.Entry) error {
				if strings.HasPrefix(e.Act, "license.attest.") {
					all = append(all, e.Act+" "+e.Detail+" "+e.Personal)
				}
				return nil
			}))
			return all
		}
		out, err := o.Assign(ctx, o.max, s)
		o.check(err)
		if !out.ToAttest || out.Changed || out.Assigned != 0 || len(entries()) != 0 {
			t.Errorf("before: %+v", out)
		}
		s.Attested = true
		for _, changes := range []bool{true, false} {
			if out, err = o.Assign(ctx, o.max, s); err != nil || out.Changed != changes || out.Assigned != 1 {
				t.Errorf("attested: %+v, %v", out, err)
			}
		}
		same(t, "the log", entries(), []string{`license.attest.assign {"license":"basic"} {"name":"ANN"}`})
		other := license.Seating{License: "basic", Holder: o.meet("bob")}
		if _, err := o.Assign(ctx, o.max, other); err == nil || !strings.Contains(err.Error(), "0 free") {
			t.Errorf("nobody is sent to the vendor's for nothing: %v", err)
		}
		s.Attested = false
		if out, err = o.Unassign(ctx, o.max, s); err != nil || !out.ToAttest {
			t.Errorf("before: %+v, %v", out, err)
		}
		s.Attested = true
		if out, err = o.Unassign(ctx, o.max, s); err != nil || !out.Changed {
			t.Errorf("attested: %+v, %v", out, err)
		}
		if got := entries(); len(got) != 2 || !strings.HasPrefix(got[1], "license.attest.unassign") {
			t.Errorf("the log: %q", got)
		}
	})
}

// What is assigned to nobody known is taken back by number, once by a form, and not more than there is.
func TestTakenBackByNumber(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		o.estate("acme,drive,9,9,3\nacme,basic,9,9,3\n")
		_, err := o.Assign(ctx, o.max, drive(store.Holder{Person: o.ann.Person}))
		o.check(err)
		back := func(key string, n int64, attests bool, nonce string) (license.Seated, error) {
			return o.TakeBack(ctx, o.max, key, n, attests, nonce)
		}
		for _, n := range []int64{-1, 0, 4} {
			many := (*license.TooManyUnnamed)(nil)
			if _, err := back("drive", n, false, "a"); !errors.As(err, &many) || many.Count != 3 {
				t.Errorf("%d of 3: %v", n, err)
			}
		}
		for i, changes := range []bool{true, false} {
			if out, err := back("drive", 2, false, "a"); err != nil || out.Changed != changes || out.Assigned != 2 {
				t.Errorf("time %d: %+v, %v", i, out, err)
			}
		}
		if _, err := back("basic", 1, false, "b"); !helpdesk.IsRefusal(err, helpdesk.BadForm) {
			t.Errorf("without attesting: %v", err)
		}
		if out, err := back("basic", 3, true, "b"); err != nil || out.Assigned != 0 {
			t.Errorf("attested: %+v, %v", out, err)
		}
		if _, err := back("basic", 1, true, ""); err == nil {
			t.Error("a form without a nonce")
		}
		_, unnamed, err := o.Assignable(ctx, o.max)
		o.check(err)
		if len(unnamed) != 1 || unnamed[0].Key != "drive" || unnamed[0].Count != 1 {
			t.Errorf("left: %+v", unnamed)
		}
		o.sound()
	})
}
