package license

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"guichet/helpdesk"
	"guichet/store"
)

// A service of an organization has one technical administrator, who may have several (the FAQ's "administrateur technique des services"). Who is
// designated for a service takes the place of whoever has it: at once, if they are known, and else once they have confirmed their address.

// Acts of the audit log about administrators.
const (
	AdminDesignated = store.AuditAdministrators + "designate"
	AdminConfirmed  = store.AuditAdministrators + "confirm"
	AdminChanged    = store.AuditAdministrators + "change"
	AdminRemoved    = store.AdministratorRemoved
)

// What notices about administrators tell; their ids are the administrators' as persons.
const (
	TellAdministers  = "administers"  // to the administrator: what they administer, and how
	TellRelieved     = "relieved"     // to the administrator: that it is less now, or nothing
	TellAdminIsThere = "administhere" // to the manager who designated them: they have confirmed
)

// NoAdministrator refuses to change one who is not there any more.
const NoAdministrator helpdesk.Code = "no_administrator"

// What may be wrong with the fields of an administrator, beside what helpdesk says.
const (
	NoMail       = "no_mail"       // nobody can be sent a link: mail is not set up
	NotColleague = "not_colleague" // they are not of the organization
	TakenMail    = "taken_mail"    // another has the address who has to confirm it too
)

// Administrator is whoever administers services of an organization.
type Administrator struct {
	ID       store.AdministratorID
	Person   store.PersonID // zero: they have still to confirm their address
	Details  helpdesk.Details
	Services []string // in the catalog's order: those that they have or, while they have to confirm, are to have
}

// Waits says whether they have still to confirm their address.
func (a Administrator) Waits() bool { return a.Person == 0 }

// Administered is a service with its administrator, and with whoever takes their place once they have confirmed their address.
type Administered struct {
	Service             string
	Has, Next           Administrator // without an id: nobody
	HasSince, NextSince store.Time
}

// Administration is who administers what of an organization.
type Administration struct {
	Organization   string
	Services       []Administered // all of the catalog, in its order
	Administrators []Administrator
}

// Administration returns who administers what of the actor's organization, for its managers.
func (d *Desk) Administration(ctx context.Context, a helpdesk.Actor) (all Administration, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		who, err := d.manager(ctx, tx, a)
		if err != nil {
			return err
		}
		r, err := d.roster(ctx, tx, who.Person.Organization)
		if err != nil {
			return err
		}
		all = Administration{Organization: r.organization}
		for _, one := range r.all {
			all.Administrators = append(all.Administrators, r.shown(one))
		}
		for _, s := range d.people.Catalog().Services {
			line := Administered{Service: s.Key}
			if has, ok := r.has(s.Key, false); ok {
				line.Has, line.HasSince = r.shownBy(has.Administrator), has.Since
			}
			if next, ok := r.has(s.Key, true); ok {
				line.Next, line.NextSince = r.shownBy(next.Administrator), next.Since
			}
			all.Services = append(all.Services, line)
		}
		return nil
	})
	return all, err
}

// roster is who administers what of an organization, as it is kept.
type roster struct {
	organization string
	all          []store.Administrator
	services     []store.Administered
	people       map[store.PersonID]store.Person
	catalog      *helpdesk.Catalog
}

func (d *Desk) roster(ctx context.Context, tx *store.Tx, organization string) (r roster, err error) {
	r = roster{organization: organization, catalog: d.people.Catalog()}
	if r.all, err = tx.Administrators(ctx, organization); err != nil {
		return r, err
	}
	if r.services, err = tx.AdministeredIn(ctx, organization); err != nil {
		return r, err
	}
	var ids []store.PersonID
	for _, a := range r.all {
		ids = append(ids, a.Person)
	}
	r.people, err = tx.People(ctx, ids)
	return r, err
}

// has is who has a service, or waits for it.
func (r roster) has(service string, waiting bool) (store.Administered, bool) {
	i := slices.IndexFunc(r.services, func(s store.Administered) bool { return s.Service == service && s.Waiting == waiting })
	if i < 0 {
		return store.Administered{}, false
	}
	return r.services[i], true
}

// one finds an administrator of the organization.
func (r roster) one(is func(store.Administrator) bool) (store.Administrator, bool) {
	i := slices.IndexFunc(r.all, is)
	if i < 0 {
		return store.Administrator{}, false
	}
	return r.all[i], true
}

func (r roster) byID(id store.AdministratorID) (store.Administrator, bool) {
	return r.one(func(a store.Administrator) bool { return a.ID == id })
}

func (r roster) shownBy(id store.AdministratorID) Administrator {
	a, _ := r.byID(id)
	return r.shown(a)
}

// shown is an administrator as managers see them.
func (r roster) shown(a store.Administrator) Administrator {
	out := Administrator{ID: a.ID, Person: a.Person, Details: helpdesk.Details{Name: a.Name, Phone: a.Phone, Language: a.Language, Mail: a.Mail}, Services: r.servicesOf(a.ID)}
	if p, ok := r.people[a.Person]; ok {
		out.Details = helpdesk.Details{Name: p.Name, Phone: p.Phone, Language: p.Language, Mail: p.Mail}
	}
	return out
}

// servicesOf are those of an administrator, in the catalog's order.
func (r roster) servicesOf(id store.AdministratorID) (keys []string) {
	for _, s := range r.services {
		if s.Administrator == id {
			keys = append(keys, s.Service)
		}
	}
	return r.catalog.InOrder(keys)
}

// administers reads who the actor is, and refuses who neither manages an organization nor administers this service of it.
func (d *Desk) administers(ctx context.Context, tx *store.Tx, a helpdesk.Actor, service string) (helpdesk.Standing, error) {
	who, err := d.people.StandingIn(ctx, tx, a.Person)
	if err == nil && service != "" && who.Person.Organization != "" && slices.Contains(who.Services, service) {
		return who, nil
	}
	if err != nil {
		return who, err
	}
	return d.manager(ctx, tx, a)
}

// Administers is what somebody administers now.
type Administers struct {
	Person       store.Person
	Organization string
	Services     []string
}

// AdministersNow reads what somebody administers, to tell it.
func (d *Desk) AdministersNow(ctx context.Context, p store.PersonID) (now Administers, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		who, err := d.people.StandingIn(ctx, tx, p)
		now = Administers{who.Person, who.Person.Organization, who.Services}
		return err
	})
	return now, err
}

// wrongFields undoes a verb, since something is wrong with its form: by field.
type wrongFields map[string]string

func (w wrongFields) Error() string { return fmt.Sprintf("license: fields are wrong: %d", len(w)) }

// asWrong takes out of an error what is wrong with a form.
func asWrong(err error) (map[string]string, error) {
	var w wrongFields
	switch {
	case errors.As(err, &w):
		return w, nil
	case errors.Is(err, helpdesk.ErrTooOften):
		return map[string]string{"mail": helpdesk.FieldTooOften}, nil
	}
	return nil, err
}

// auditAdministrator writes into the audit log what became of an administrator.
func (d *Desk) auditAdministrator(ctx context.Context, tx *store.Tx, r roster, act string, by store.PersonID, source string, a store.Administrator, services []string, more ...string) error {
	shown := r.shown(a)
	facts := map[string]any{"services": r.catalog.InOrder(services)}
	if len(more) > 0 {
		facts["what"] = more
	}
	detail, err1 := json.Marshal(facts)
	personal, err2 := json.Marshal(map[string]string{"name": shown.Details.Name, "mail": shown.Details.Mail})
	e := store.Entry{Organization: r.organization, Actor: by, Subject: a.Person, Act: act, Detail: string(detail), Personal: string(personal), Source: source}
	if a.Mail != "" { // nobody yet: by their address, should it be theirs
		e.About = store.AccountName(store.Account{Workspace: store.Mail, ID: a.Mail})
	}
	return errors.Join(err1, err2, tx.Audit(ctx, e))
}

// AdminEntry is what once became of an administrator.
type AdminEntry struct {
	ID       int64
	Act      string
	By       string // empty: the program
	Whom     string // empty: that was blanked
	Services []string
	Replaced bool // another took their place
	At       store.Time
}

// adminHistoryShown is how many entries a page of the history has.
const adminHistoryShown = 15

// AdminHistory returns what became of the administrators of the actor's organization before an entry (zero: up to now), the latest first, and
// before which entry the next page begins (zero: there is none).
func (d *Desk) AdminHistory(ctx context.Context, a helpdesk.Actor, before int64) (page []AdminEntry, next int64, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		page, next = nil, 0
		who, err := d.manager(ctx, tx, a)
		if err != nil {
			return err
		}
		es, err := tx.AdministratorEntries(ctx, who.Person.Organization, before, adminHistoryShown+1)
		if err != nil {
			return err
		}
		if len(es) > adminHistoryShown {
			es = es[:adminHistoryShown]
			next = es[adminHistoryShown-1].ID
		}
		var ids []store.PersonID
		for _, e := range es {
			ids = append(ids, e.Actor)
		}
		people, err := tx.People(ctx, ids)
		if err != nil {
			return err
		}
		for _, e := range es {
			var detail struct{ Services, What []string }
			var personal struct{ Name string }
			if err := json.Unmarshal([]byte(e.Detail), &detail); err != nil {
				return err
			}
			if e.Personal != "" {
				if err := json.Unmarshal([]byte(e.Personal), &personal); err != nil {
					return err
				}
			}
			page = append(page, AdminEntry{ID: e.ID, Act: strings.TrimPrefix(e.Act, store.AuditAdministrators), By: people[e.Actor].Name, Whom: personal.Name,
				Services: detail.Services, Replaced: slices.Contains(detail.What, replaced), At: e.At})
		}
		return nil
	})
	return page, next, err
}

// replaced notes that another has taken an administrator's place.
const replaced = "replaced"
