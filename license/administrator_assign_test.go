package license_test

import (
	"fmt"
	"slices"
	"testing"

	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// An administrator says who has the licenses of their service, and sees no other's.
func TestAnAdministratorAssigns(t *testing.T) {
	administrators(t, func(t *testing.T, s *staff) {
		s.designate(s.max, person(s.tom, "storage"))
		s.estate("acme,drive,5,5,1\nacme,basic,5,5,1")
		ctx := t.Context()
		tia := store.Holder{Person: s.tia.Person}
		_, err := s.Assign(ctx, s.tom, license.Seating{License: "drive", Holder: tia})
		s.check(err)
		if _, err := s.Assign(ctx, s.tom, license.Seating{License: "basic", Holder: tia}); !helpdesk.IsRefusal(err, license.NotManager) {
			t.Errorf("another service's: %v", err)
		}
		_, err = s.Assign(ctx, s.max, license.Seating{License: "basic", Holder: tia, Attested: true})
		s.check(err)
		for _, f := range []store.SeatFilter{{}, {License: "drive"}, {License: "basic"}, {Holder: tia}} {
			page, err := s.Seats(ctx, s.tom, f, 0)
			s.check(err)
			if len(page.Seats) != 1 || page.Seats[0].License.Key != "drive" {
				t.Errorf("%+v shows %+v", f, page.Seats)
			}
		}
		lines, unnamed, err := s.Assignable(ctx, s.tom)
		s.check(err)
		if len(lines) != 1 || lines[0].Key != "drive" || len(unnamed) != 1 {
			t.Errorf("assignable are %+v, unnamed %+v", lines, unnamed)
		}
		if _, _, err := s.Assignable(ctx, s.tia); !helpdesk.IsRefusal(err, license.NotManager) {
			t.Errorf("an employee: %v", err)
		}

		// A license that the configuration names no more is the managers'; so is all of another service, also by number.
		for _, key := range []string{"basic", "gold", ""} {
			_, err = s.Assign(ctx, s.tom, license.Seating{License: key, Holder: tia, Attested: true})
			_, back := s.Unassign(ctx, s.tom, license.Seating{License: key, Holder: tia, Attested: true})
			_, byNumber := s.TakeBack(ctx, s.tom, key, 1, true, "form "+key)
			for _, err := range []error{err, back, byNumber} {
				if !helpdesk.IsRefusal(err, license.NotManager) {
					t.Errorf("%q: %v", key, err)
				}
			}
		}

		// A list is theirs as far as all of it is.
		list := func(nonce, rows string) error {
			s.check(s.people.SaveDraft(ctx, s.tom, nonce, map[string]string{"file": "x"}))
			parsed, err := license.ParseSeats([]byte("person,license,action\n" + rows))
			s.check(err)
			_, _, err = s.PlanSeats(ctx, s.tom, nonce, []byte(rows), parsed, nil)
			return err
		}
		s.check(list("theirs", "ann,drive,assign\n"))
		if _, _, err := s.DoSeats(ctx, s.tom, "theirs"); err != nil {
			t.Error(err)
		}
		if err := list("mixed", "max,drive,assign\nmax,basic,assign\n"); !helpdesk.IsRefusal(err, license.NotManager) {
			t.Errorf("a list with another service's: %v", err)
		}
		s.check(list("late", "max,drive,assign\n"))
		s.designate(s.max, person(s.tia, "storage"))
		if _, _, err := s.DoSeats(ctx, s.tom, "late"); !helpdesk.IsRefusal(err, license.NotManager) {
			t.Errorf("a former administrator's list: %v", err)
		}
		if _, err := s.Seats(ctx, s.tom, store.SeatFilter{}, 0); !helpdesk.IsRefusal(err, license.NotManager) {
			t.Errorf("a former administrator looks: %v", err)
		}
	})
}

// Who administers several licenses sees the seats of all of them in one list, page by page, also where the first of them has none.
func TestAnAdministratorSeesAllOfTheirs(t *testing.T) {
	administrators(t, func(t *testing.T, s *staff) {
		ctx := t.Context()
		s.designate(s.max, person(s.tom, "office"))
		s.estate("acme,drive,5,5,0\nacme,standard,40,40,1")
		give := func(key string, h store.Holder) {
			t.Helper()
			_, err := s.Assign(ctx, s.max, license.Seating{License: key, Holder: h, Attested: true})
			s.check(err)
		}
		tia := store.Holder{Person: s.tia.Person}
		give("drive", tia)
		give("standard", tia)
		all := func(f store.SeatFilter) (list []string, unnamed int) {
			t.Helper()
			for from := int64(0); ; {
				page, err := s.Seats(ctx, s.tom, f, from)
				s.check(err)
				for _, h := range page.Seats {
					list = append(list, h.Who+" "+h.License.Key)
				}
				unnamed += len(page.Unnamed)
				if from = page.Next; from == 0 {
					return list, unnamed
				}
			}
		}
		for _, f := range []store.SeatFilter{{}, {License: "standard"}, {License: "drive"}, {Holder: tia}} {
			if list, _ := all(f); len(list) != 1 || list[0] != "TIA standard" {
				t.Errorf("%+v shows %v", f, list)
			}
		}
		if list, _ := all(store.SeatFilter{License: "basic"}); len(list) > 0 {
			t.Errorf("of a license of which there are none: %v", list)
		}
		s.estate("acme,basic,40,40,0")
		want := []string{"TIA standard"}
		for i := range 9 {
			of := []string{"basic", "standard"}[i%2]
			h := store.Holder{Mail: fmt.Sprintf("p%d@acme.example", i)}
			give(of, h)
			want = slices.Insert(want, 0, h.Mail+" "+of)
		}
		list, unnamed := all(store.SeatFilter{})
		same(t, "all of theirs", list, want)
		if unnamed != 1 {
			t.Errorf("assigned to nobody known: %d", unnamed)
		}
	})
}
