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

// staff are the people of two customers around administrators.
type staff struct {
	*office
	tom, tia, kim helpdesk.Actor // employees of acme, and of globex
	now           time.Time
	forms         int
}

func administrators(t *testing.T, test func(t *testing.T, s *staff)) {
	each(t, func(t *testing.T, o *office) {
		c := o.people.Catalog()
		c.Confirms, c.Mail = true, "desk@help.example"
		c.Services = append(c.Services, helpdesk.Service{Key: "storage", Name: named("Storage"), Queue: "support"}, helpdesk.Service{Key: "emm", Name: named("EMM"), Queue: "support"})
		s := &staff{office: o, now: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)}
		o.db.SetClock(func() time.Time { return s.now })
		s.tom, s.tia, s.kim = s.meet("slack:T1", "tom"), s.meet("slack:T1", "tia"), s.meet("slack:T2", "kim")
		o.check(o.people.SetManagers(t.Context(), map[string][]store.Account{
			"acme": {{Workspace: "slack:T1", ID: "max"}, {Workspace: "slack:T1", ID: "ann"}}, "globex": {{Workspace: "slack:T2", ID: "gus"}}}))
		test(t, s)
	})
}

func (s *staff) meet(workspace, id string) helpdesk.Actor {
	p, err := s.people.Meet(s.t.Context(), store.Account{Workspace: workspace, ID: id}, strings.ToTitle(id), "")
	s.check(err)
	return helpdesk.Actor{Person: p.ID, Organization: p.Organization, Source: workspace}
}

func (s *staff) form() string {
	s.forms++
	return fmt.Sprint("form ", s.forms)
}

// designate has somebody designate somebody, and returns what became of that.
func (s *staff) designate(by helpdesk.Actor, to license.Designation) license.Designated {
	s.t.Helper()
	out, err := s.Designate(s.t.Context(), by, store.Account{Workspace: by.Source, ID: "max"}, to, s.form())
	s.check(err)
	return out
}

func erin(services ...string) license.Designation {
	return license.Designation{New: &helpdesk.Details{Name: " Erin  Blake", Phone: "0102", Mail: "Erin@Home.example ", Language: "en"}, Services: services}
}

func person(a helpdesk.Actor, services ...string) license.Designation {
	return license.Designation{Person: a.Person, Services: services}
}

// who is who administers what, in a line: "office: TOM; storage: TIA, then Erin Blake".
func (s *staff) who() string {
	s.t.Helper()
	all, err := s.Administration(s.t.Context(), s.max)
	s.check(err)
	var lines []string
	for _, one := range all.Services {
		line := one.Has.Details.Name
		if one.Next.ID != 0 {
			line = strings.TrimPrefix(line+", then "+one.Next.Details.Name, ", ")
		}
		if line != "" {
			lines = append(lines, one.Service+": "+line)
		}
	}
	if len(all.Administrators) > 0 && len(lines) == 0 {
		s.t.Errorf("there are left %+v", all.Administrators)
	}
	return strings.Join(lines, "; ")
}

// told are the notices in the outbox since the last look: kind and workspace.
func (s *staff) told() string {
	s.t.Helper()
	var all []string
	s.check(s.db.Write(s.t.Context(), func(tx *store.Tx) error {
		all = nil
		for _, w := range []string{"slack:T1", "slack:T2", "mail"} {
			ds, err := tx.Claim(s.t.Context(), w, 50, time.Hour)
			if err != nil {
				return err
			}
			for _, d := range ds {
				all = append(all, strings.TrimPrefix(d.Kind, "license.")+" "+d.Workspace)
				if _, err := tx.Done(s.t.Context(), d); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// confirmation is the last that was asked for.
func (s *staff) confirmation() (c store.Confirmation) {
	s.t.Helper()
	s.check(s.db.Read(s.t.Context(), func(tx *store.Tx) error {
		cs, err := tx.Confirmations(s.t.Context(), s.max.Person, 1)
		if err == nil && len(cs) > 0 {
			c = cs[0]
		}
		return err
	}))
	return c
}

// history is what the audit log tells managers, the latest first.
func (s *staff) history() (lines []string) {
	s.t.Helper()
	for before := int64(0); ; {
		page, next, err := s.AdminHistory(s.t.Context(), s.max, before)
		s.check(err)
		for _, e := range page {
			line := fmt.Sprintf("%s %s %s by %s", e.Act, e.Whom, strings.Join(e.Services, ","), e.By)
			if e.Replaced {
				line = "replaced: " + line
			}
			lines = append(lines, line)
		}
		if before = next; next == 0 {
			return lines
		}
	}
}

// sees says which of acme's tickets somebody sees.
func (s *staff) sees(a helpdesk.Actor) string {
	s.t.Helper()
	p, err := s.people.Page(s.t.Context(), a, helpdesk.Filter{}, helpdesk.Place{})
	s.check(err)
	var services []string
	for _, t := range p.Tickets {
		services = append(services, t.Service)
	}
	slices.Sort(services)
	return strings.Join(services, " ")
}

// Somebody of the organization is designated at once, takes the place of whoever had the service, and loses it at once.
func TestAColleagueAdministers(t *testing.T) {
	administrators(t, func(t *testing.T, s *staff) {
		ctx := t.Context()
		for _, service := range []string{"office", "storage", "emm"} {
			_, err := s.people.Open(ctx, s.ann, helpdesk.Request{Kind: helpdesk.Information, Service: service, Subject: "x", Description: "x"}, service)
			s.check(err)
		}
		_, err := s.Import(ctx, strings.NewReader(estates), false)
		s.check(err)
		s.told()
		same(t, "before", s.sees(s.tom), "")

		out := s.designate(s.max, person(s.tom, "office"))
		if out.Waits() || strings.Join(out.Given, " ") != "office" || out.Sent != "" || out.Details.Name != "TOM" {
			t.Errorf("it is %+v", out)
		}
		same(t, "told", s.told(), "administers mail, administers slack:T1")
		same(t, "now", s.who(), "office: TOM")
		same(t, "tickets", s.sees(s.tom), "office")
		e, err := s.LooksAfter(ctx, s.tom)
		s.check(err)
		if e.Manager || len(e.Lines) != 2 || e.Lines[0].Key != "basic" {
			t.Errorf("an administrator sees %+v", e)
		}
		if all, err := s.LooksAfter(ctx, s.max); err != nil || !all.Manager || len(all.Lines) != 3 {
			t.Errorf("a manager sees %+v, %v", all, err)
		}

		if _, err := s.Estate(ctx, s.tom); !helpdesk.IsRefusal(err, license.NotManager) {
			t.Errorf("all of it, for an administrator: %v", err)
		}
		if _, err := s.LooksAfter(ctx, s.tia); !helpdesk.IsRefusal(err, license.NotManager) {
			t.Errorf("an employee: %v", err)
		}

		// The same again changes nothing; the form that is sent again neither.
		out = s.designate(s.ann, person(s.tom, "office"))
		same(t, "again", fmt.Sprint(out.Given, s.told()), "[]")
		_, err = s.Designate(ctx, s.max, store.Account{}, person(s.tia, "office"), fmt.Sprint("form ", s.forms))
		if !errors.Is(err, helpdesk.ErrDuplicate) {
			t.Errorf("a form that was sent: %v", err)
		}

		s.designate(s.max, license.Designation{Administrator: out.ID, Services: []string{"office", "storage", "emm"}})
		same(t, "all of them", s.who()+s.sees(s.tom), "office: TOM; storage: TOM; emm: TOMemm office storage")
		s.told()
		s.designate(s.ann, person(s.tia, "emm", "storage"))
		same(t, "another takes two", s.who(), "office: TOM; storage: TIA; emm: TIA")
		same(t, "both are told", s.told(), "administers mail, administers slack:T1, relieved mail, relieved slack:T1")
		same(t, "at once", s.sees(s.tom)+"; "+s.sees(s.tia), "office; emm storage")

		change := func(to license.AdminChange) license.Designated {
			all, err := s.Administration(ctx, s.max)
			s.check(err)
			i := slices.IndexFunc(all.Administrators, func(a license.Administrator) bool { return a.Person == s.tia.Person })
			done, err := s.ChangeAdministrator(ctx, s.max, store.Account{}, all.Administrators[i].ID, to, s.form())
			s.check(err)
			return done
		}
		change(license.AdminChange{Add: []string{"office"}, Drop: []string{"emm"}, Details: &helpdesk.Details{Name: "Forged", Mail: "forged@x.example", Language: "en"}})
		same(t, "changed", s.who(), "office: TIA; storage: TIA")
		same(t, "who has nothing is kept no more", s.sees(s.tom), "")
		s.told()

		all, err := s.Administration(ctx, s.max)
		s.check(err)
		was, changed, err := s.RemoveAdministrator(ctx, s.max, all.Administrators[0].ID)
		if err != nil || !changed || was.Details.Name != "TIA" || strings.Join(was.Services, " ") != "office storage" {
			t.Errorf("removed %+v, %v, %v", was, changed, err)
		}
		same(t, "told", s.told(), "relieved mail, relieved slack:T1")
		if _, changed, err = s.RemoveAdministrator(ctx, s.max, all.Administrators[0].ID); changed || err != nil {
			t.Errorf("twice: %v, %v", changed, err)
		}
		same(t, "nobody", s.who()+s.sees(s.tia)+s.told(), "")
		same(t, "history", s.history(), []string{"remove TIA office,storage by MAX", "designate TIA office by MAX", "replaced: remove TOM office by MAX", "remove TIA emm by MAX",
			"designate TIA storage,emm by ANN", "replaced: remove TOM storage,emm by ANN", "designate TOM storage,emm by MAX", "designate TOM office by MAX"})
		s.check(s.people.SealAudit(ctx))
		chains, err := s.people.VerifyAudit(ctx)
		if err != nil || chains[0].Broken != "" {
			t.Errorf("the chain is %+v, %v", chains, err)
		}
	})
}

// Only managers designate, and only of their own organization; what a payload says of another's is as if it were not there.
func TestWhoMayDesignate(t *testing.T) {
	administrators(t, func(t *testing.T, s *staff) {
		ctx := t.Context()
		out := s.designate(s.max, person(s.tom, "office"))
		theirs := s.designate(s.gus, person(s.kim, "office"))
		refused := func(who string, code helpdesk.Code, err error) {
			t.Helper()
			if !helpdesk.IsRefusal(err, code) {
				t.Errorf("%s: %v", who, err)
			}
		}
		try := func(who string, a helpdesk.Actor) {
			t.Helper()
			_, err := s.Designate(ctx, a, store.Account{}, person(s.tia, "office"), s.form())
			refused(who+" designates", license.NotManager, err)
			_, err = s.ChangeAdministrator(ctx, a, store.Account{}, out.ID, license.AdminChange{Add: []string{"emm"}}, s.form())
			refused(who+" changes", license.NotManager, err)
			_, _, err = s.RemoveAdministrator(ctx, a, out.ID)
			refused(who+" removes", license.NotManager, err)
			_, err = s.Administration(ctx, a)
			refused(who+" looks", license.NotManager, err)
			_, _, err = s.AdminHistory(ctx, a, 0)
			refused(who+" looks back", license.NotManager, err)
			refused(who+" begins", license.NotManager, s.MustManage(ctx, a))
		}
		try("an employee", s.tia)
		try("an administrator", s.tom)
		_, changed, err := s.RemoveAdministrator(ctx, s.max, theirs.ID)
		if changed || err != nil {
			t.Errorf("another's administrator: %v, %v", changed, err)
		}
		_, err = s.ChangeAdministrator(ctx, s.max, store.Account{}, theirs.ID, license.AdminChange{Add: []string{"emm"}}, s.form())
		refused("another's", license.NoAdministrator, err)
		for field, to := range map[string]license.Designation{
			"who":     {Administrator: theirs.ID, Services: []string{"emm"}},
			"picked":  person(s.kim, "emm"),
			"service": person(s.tia, "no such"),
		} {
			if out := s.designate(s.max, to); len(out.Wrong) != 1 || out.Wrong[field] == "" {
				t.Errorf("%s is wrong: %+v", field, out)
			}
		}
		if out := s.designate(s.max, license.Designation{Services: []string{"emm"}}); out.Wrong["picked"] == "" {
			t.Errorf("nobody: %+v", out)
		}
		same(t, "nothing has changed", s.who(), "office: TOM")
		page, _, err := s.AdminHistory(ctx, s.gus, 0)
		if err != nil || len(page) != 1 || page[0].Whom != "KIM" {
			t.Errorf("another's history: %+v, %v", page, err)
		}
		s.managers("ann")
		try("a former manager", s.max)
	})
}

// A service's licenses are looked after by the organization's managers and that service's administrator, who has confirmed.
func TestWhoLooksAfterAService(t *testing.T) {
	administrators(t, func(t *testing.T, s *staff) {
		s.designate(s.max, person(s.tom, "office"))
		s.designate(s.gus, person(s.kim, "emm"))
		s.designate(s.max, erin("emm"))
		may := func(a helpdesk.Actor) (services string) {
			for _, service := range []string{"office", "emm", ""} {
				_, err := s.MayAdminister(s.t.Context(), a, service)
				if err == nil {
					services += "yes "
				} else if !helpdesk.IsRefusal(err, license.NotManager) {
					t.Error(err)
				} else {
					services += "no "
				}
			}
			return services
		}
		forged := s.kim
		forged.Organization = "acme"
		for name, c := range map[string]struct {
			who  helpdesk.Actor
			want string
		}{"manager": {s.max, "yes yes yes "}, "administrator": {s.tom, "yes no no "}, "employee": {s.tia, "no no no "},
			"another's": {s.kim, "no yes no "}, "who says they are of acme": {forged, "no yes no "}} { // of globex's EMM: who says so is read, never believed
			same(t, name, may(c.who), c.want)
		}
		who, err := s.MayAdminister(t.Context(), forged, "emm")
		s.check(err)
		same(t, "of", who.Person.Organization, "globex")

		// So the administrator activates, and is told of it where a manager does.
		_, err = s.Import(t.Context(), strings.NewReader(estates), false)
		s.check(err)
		c := catalog()
		c.Services["office"] = license.Service{Webhook: true, Timeout: time.Hour}
		s.Desk = license.NewDesk(s.db, s.people, c)
		s.told()
		_, err = s.Activate(t.Context(), s.tom, activating("tom", 1))
		s.check(err)
		same(t, "by the administrator", s.told(), "activation slack:T1")
		_, err = s.Activate(t.Context(), s.max, activating("max", 1))
		s.check(err)
		same(t, "by a manager", s.told(), "activation slack:T1, activation slack:T1")
		if _, err = s.Activate(t.Context(), s.tia, activating("tia", 1)); !helpdesk.IsRefusal(err, license.NotManager) {
			t.Errorf("an employee activates: %v", err)
		}
		s.designate(s.max, person(s.tia, "office"))
		same(t, "a former administrator", may(s.tom), "no no no ")
	})
}

// Two managers designate the same people at once: each is there once, and is told once.
func TestTwoManagersDesignateAtOnce(t *testing.T) {
	administrators(t, func(t *testing.T, s *staff) {
		var all sync.WaitGroup
		for i := range 6 {
			by := []helpdesk.Actor{s.max, s.ann}[i%2]
			for j, to := range []license.Designation{person(s.tom, "office"), erin("emm")} {
				nonce := fmt.Sprint("at once ", i, j)
				all.Go(func() {
					if out, err := s.Designate(t.Context(), by, store.Account{Workspace: "slack:T1", ID: "max"}, to, nonce); err != nil || len(out.Wrong) > 0 {
						t.Errorf("%+v, %v", out, err)
					}
				})
			}
		}
		all.Wait()
		same(t, "who", s.who(), "office: TOM; emm: then Erin Blake")
		list, err := s.Administration(t.Context(), s.max)
		if err != nil || len(list.Administrators) != 2 {
			t.Errorf("there are %+v, %v", list.Administrators, err)
		}
		same(t, "told", s.told(), "administers mail, administers slack:T1, confirm mail")
		same(t, "written down", len(s.history()), 2)
	})
}

// Whoever activates licenses may say who administers the service from now on: a manager does, of those who administer already.
func TestActivationNamesAnAdministrator(t *testing.T) {
	administrators(t, func(t *testing.T, s *staff) {
		tom := s.designate(s.max, person(s.tom, "storage"))
		kim := s.designate(s.gus, person(s.kim, "emm"))
		s.estate("acme,basic,5,0,0")
		w := activating("form", 1)
		w.Administrator = kim.ID
		if _, err := s.Activate(t.Context(), s.max, w); !helpdesk.IsRefusal(err, license.NoAdministrator) {
			t.Errorf("another organization's: %v", err)
		}
		w.Administrator = tom.ID
		_, err := s.Activate(t.Context(), s.max, w)
		s.check(err)
		_, err = s.MayAdminister(t.Context(), s.tom, "office")
		s.check(err)
		w.Nonce = "theirs"
		if _, err := s.Activate(t.Context(), s.tom, w); !helpdesk.IsRefusal(err, license.NotManager) {
			t.Errorf("an administrator designates: %v", err)
		}
	})
}
