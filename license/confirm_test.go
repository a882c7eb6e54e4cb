package license_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// Somebody new administers nothing, and is sent nothing but the link, until they have confirmed their address.
func TestSomebodyNewConfirms(t *testing.T) {
	administrators(t, func(t *testing.T, s *staff) {
		ctx := t.Context()
		s.designate(s.max, person(s.tom, "office"))
		s.told()
		out := s.designate(s.max, erin("office", "emm"))
		if !out.Waits() || out.Sent != "erin@home.example" || out.Details.Name != "Erin Blake" {
			t.Errorf("it is %+v", out)
		}
		same(t, "waiting", s.who(), "office: TOM, then Erin Blake; emm: then Erin Blake")
		same(t, "nothing but the link", s.told(), "confirm mail")
		first := s.confirmation().ID

		// Designated again while the link counts: no other is sent. Once it has lapsed, one is.
		if out := s.designate(s.ann, erin("storage")); out.Sent != "" || len(out.Given) != 1 {
			t.Errorf("again: %+v", out)
		}
		s.now = s.now.Add(25 * time.Hour)
		if _, err := s.Confirm(ctx, first); !errors.Is(err, helpdesk.ErrLapsed) {
			t.Errorf("after a day: %v", err)
		}
		wrong, err := s.ChangeAdministrator(ctx, s.max, store.Account{Workspace: "slack:T1", ID: "max"}, out.ID,
			license.AdminChange{Details: &helpdesk.Details{Name: "Erin Blake", Mail: "erin@work.example", Language: "fr"}, Drop: []string{"storage"}}, s.form())
		if err != nil || wrong.Sent != "erin@work.example" {
			t.Errorf("another address: %+v, %v", wrong, err)
		}
		link := s.confirmation().ID
		s.told()
		a, err := s.people.Asked(ctx, link)
		if err != nil || a.Person.ID != 0 || a.Person.Name != "Erin Blake" || a.By != "MAX" || len(a.Services) != 2 || a.Person.Language != "fr" {
			t.Errorf("the page says %+v, %v", a, err)
		}
		if _, err := s.people.Confirm(ctx, link); !errors.Is(err, helpdesk.ErrLapsed) {
			t.Errorf("as if it were a manager's own: %v", err)
		}

		var once sync.WaitGroup
		var confirmed, lapsed int
		var mu sync.Mutex
		for range 4 {
			once.Go(func() {
				_, err := s.Confirm(ctx, link)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					confirmed++
				case errors.Is(err, helpdesk.ErrLapsed):
					lapsed++
				default:
					t.Error(err)
				}
			})
		}
		once.Wait()
		same(t, "confirmed, and lapsed", []int{confirmed, lapsed}, []int{1, 3})
		same(t, "told once", s.told(), "administers mail, administhere slack:T1, relieved mail, relieved slack:T1")
		same(t, "now", s.who(), "office: Erin Blake; emm: Erin Blake")
		p, err := s.people.Known(ctx, store.Account{Workspace: "mail", ID: "erin@work.example"})
		if err != nil || p.Name != "Erin Blake" || p.Mail != "erin@work.example" || p.Organization != "acme" || p.Language != "fr" || p.ByMail == "" {
			t.Errorf("they are %+v, %v", p, err)
		}
		for _, id := range []store.ConfirmationID{first, link} {
			if _, err := s.Confirm(ctx, id); !errors.Is(err, helpdesk.ErrLapsed) {
				t.Errorf("link %d once more: %v", id, err)
			}
		}
		same(t, "history", s.history()[:4], []string{"confirm Erin Blake office,emm by Erin Blake", "replaced: remove TOM office by MAX", "remove Erin Blake storage by MAX", "change Erin Blake office,storage,emm by MAX"})

		// Removed before they have confirmed: the link counts no more, and they are told nothing.
		late := s.designate(s.max, license.Designation{New: &helpdesk.Details{Name: "Lou", Mail: "lou@home.example", Language: "en"}, Services: []string{"storage"}})
		link = s.confirmation().ID
		s.told()
		_, _, err = s.RemoveAdministrator(ctx, s.max, late.ID)
		s.check(err)
		if _, err := s.Confirm(ctx, link); !errors.Is(err, helpdesk.ErrLapsed) {
			t.Errorf("a removed one confirms: %v", err)
		}
		same(t, "told", s.told(), "")

		// What is personal of somebody who never became anybody of ours can be blanked by their address alone.
		forgotten, err := s.people.Forget(ctx, store.Account{Workspace: "mail", ID: "lou@home.example"})
		if err != nil || forgotten.Entries != 2 {
			t.Errorf("%d entries blanked, %v", forgotten.Entries, err)
		}
		s.designate(s.max, license.Designation{New: &helpdesk.Details{Name: "Lou", Mail: "lou@home.example", Language: "en"}, Services: []string{"storage"}})
		link = s.confirmation().ID
		s.check(s.db.Write(ctx, func(tx *store.Tx) error {
			return tx.SaveHome(ctx, store.Home{Account: store.Account{Workspace: "slack:T1", ID: "max"}, Person: s.max.Person})
		}))
		s.now = s.now.Add(time.Minute)
		for _, want := range []helpdesk.Forgotten{{Entries: 1, Fields: 1}, {}} {
			forgotten, err = s.people.Forget(ctx, store.Account{Workspace: "mail", ID: "lou@home.example"})
			s.check(err)
			same(t, "blanked of somebody who waits", forgotten, want)
		}
		s.check(s.db.Read(ctx, func(tx *store.Tx) error {
			stale, err := tx.HasStaleHome(ctx, "slack:T1")
			same(t, "whether home views follow", stale, true)
			return err
		}))
		if _, err := s.Confirm(ctx, link); !errors.Is(err, helpdesk.ErrLapsed) {
			t.Errorf("a forgotten one confirms: %v", err)
		}
		same(t, "blanked", s.history()[:4], []string{"remove  storage by ", "designate  storage by MAX", "remove  storage by MAX", "designate  storage by MAX"})
		s.check(s.people.SealAudit(ctx))
		chains, err := s.people.VerifyAudit(ctx)
		if err != nil || chains[0].Broken != "" {
			t.Errorf("the chain is %+v, %v", chains, err)
		}
		s.check(s.db.Read(ctx, func(tx *store.Tx) error {
			all, err := tx.Administrators(ctx, "acme")
			if strings.Contains(fmt.Sprint(all), "lou@") {
				t.Errorf("they are kept: %+v", all)
			}
			return err
		}))
	})
}

// An address that is somebody's already makes them the administrator, if they are of the organization.
func TestAKnownAddressConfirms(t *testing.T) {
	administrators(t, func(t *testing.T, s *staff) {
		ctx := t.Context()
		has := func(a helpdesk.Actor, address string) {
			s.check(s.db.Write(ctx, func(tx *store.Tx) error {
				p, err := tx.Person(ctx, a.Person)
				p.Mail = address
				return errors.Join(err, tx.SavePerson(ctx, p), tx.SetAccount(ctx, store.Account{Workspace: "mail", ID: address}, p.ID))
			}))
		}
		has(s.tom, "tom@acme.example")
		has(s.kim, "kim@globex.example")
		new := func(address string, services ...string) store.ConfirmationID {
			s.designate(s.max, license.Designation{New: &helpdesk.Details{Name: "Somebody", Mail: address, Language: "en"}, Services: services})
			return s.confirmation().ID
		}
		link := new("tom@acme.example", "office")
		if a, err := s.people.Asked(ctx, link); err != nil || a.Other != "TOM" {
			t.Errorf("the page says %+v, %v", a, err)
		}
		_, err := s.Confirm(ctx, link)
		s.check(err)
		same(t, "it is he", s.who(), "office: TOM")
		link = new("tom@acme.example", "emm")
		_, err = s.Confirm(ctx, link)
		s.check(err)
		same(t, "and he alone", s.who(), "office: TOM; emm: TOM")
		all, err := s.Administration(ctx, s.max)
		if err != nil || len(all.Administrators) != 1 {
			t.Errorf("there are %+v, %v", all.Administrators, err)
		}

		link = new("kim@globex.example", "storage")
		for _, err := range []error{func() error { _, err := s.people.Asked(ctx, link); return err }(), func() error { _, err := s.Confirm(ctx, link); return err }()} {
			if !helpdesk.IsRefusal(err, helpdesk.Filed) || strings.Contains(err.Error(), "KIM") {
				t.Errorf("another organization's: %v", err)
			}
		}
		same(t, "still waits", s.who(), "office: TOM; storage: then Somebody; emm: TOM")
		if w := s.CheckAdministrator(helpdesk.Details{Name: "x", Mail: "", Language: "en"}, []string{"en"}); w["mail"] != helpdesk.FieldMissing {
			t.Errorf("no mail: %v", w)
		}
		for field, d := range map[string]helpdesk.Details{"name": {Mail: "x@y.example", Language: "en"}, "mail": {Name: "x", Mail: "desk@help.example", Language: "en"},
			"phone": {Name: "x", Phone: "call me", Mail: "x@y.example", Language: "en"}, "language": {Name: "x", Mail: "x@y.example", Language: "xx"}} {
			if w := s.CheckAdministrator(d, []string{"en", "fr"}); len(w) != 1 || w[field] == "" {
				t.Errorf("%s: %v", field, w)
			}
		}
		s.people.Catalog().Confirms = false
		if w := s.CheckAdministrator(helpdesk.Details{Name: "x", Mail: "x@y.example", Language: "en"}, []string{"en"}); w["mail"] != license.NoMail {
			t.Errorf("without mail: %v", w)
		}
	})
}

// A manager has five links sent an hour, to whomever; two of the list can't have the same address.
func TestLinksAreNotSentTooOften(t *testing.T) {
	administrators(t, func(t *testing.T, s *staff) {
		var last license.Designated
		for i := range 6 {
			last = s.designate(s.max, license.Designation{New: &helpdesk.Details{Name: "x", Mail: fmt.Sprintf("x%d@y.example", i), Language: "en"}, Services: []string{"office"}})
		}
		same(t, "the sixth", last.Wrong, map[string]string{"mail": helpdesk.FieldTooOften})
		same(t, "is not designated", s.who(), "office: then x")
		s.now = s.now.Add(2 * time.Hour)
		s.designate(s.max, license.Designation{New: &helpdesk.Details{Name: "y", Mail: "y@y.example", Language: "en"}, Services: []string{"emm"}})
		all, err := s.Administration(t.Context(), s.max)
		s.check(err)
		i := slices.IndexFunc(all.Administrators, func(a license.Administrator) bool { return a.Details.Name == "x" })
		out, err := s.ChangeAdministrator(t.Context(), s.max, store.Account{}, all.Administrators[i].ID,
			license.AdminChange{Details: &helpdesk.Details{Name: "x", Mail: "Y@y.example", Language: "en"}}, s.form())
		if err != nil || out.Wrong["mail"] != license.TakenMail {
			t.Errorf("another's address: %+v, %v", out, err)
		}
	})
}

// Two who turn out to be one have what either administers; and are designated as the one from then on.
func TestAdministratorsTurnOutToBeOne(t *testing.T) {
	administrators(t, func(t *testing.T, s *staff) {
		ctx := t.Context()
		join := func(from, into helpdesk.Actor) {
			s.check(s.db.Write(ctx, func(tx *store.Tx) error {
				ts, err := tx.TicketsToJoin(ctx, from.Person)
				return errors.Join(err, tx.Join(ctx, from.Person, into.Person, ts, helpdesk.TellDeletion))
			}))
		}
		s.designate(s.max, person(s.tom, "office"))
		s.designate(s.max, person(s.tia, "emm"))
		join(s.tom, s.tia)
		same(t, "both had some", s.who(), "office: TIA; emm: TIA")
		all, err := s.Administration(ctx, s.max)
		if err != nil || len(all.Administrators) != 1 {
			t.Errorf("there are %+v, %v", all.Administrators, err)
		}
		lee := s.meet("slack:T1", "lee")
		join(s.tia, lee)
		same(t, "one had some", s.who(), "office: LEE; emm: LEE")
		s.designate(s.max, person(s.tom, "storage"))
		same(t, "by an older account", s.who(), "office: LEE; storage: LEE; emm: LEE")
		now, err := s.AdministersNow(ctx, s.tom.Person)
		if err != nil || now.Person.ID != lee.Person || len(now.Services) != 3 {
			t.Errorf("to be told: %+v, %v", now, err)
		}
	})
}
