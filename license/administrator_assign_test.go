package license_test

import (
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
