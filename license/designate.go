package license

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"guichet/helpdesk"
	"guichet/store"
)

// Designation names an administrator: one whom the organization has already, somebody of its people, or somebody new, who has to confirm their
// address first.
type Designation struct {
	Administrator store.AdministratorID
	Person        store.PersonID
	New           *helpdesk.Details
	Services      []string
}

// Designated is what became of it.
type Designated struct {
	Administrator
	Given []string          // services that they did not have, or wait for, before
	Sent  string            // the address to which a link was sent; empty: none was
	Wrong map[string]string // what is wrong with the form, by field: then nothing has changed
}

// CheckAdministrator says what is wrong with the details of somebody new, by field. languages are those that guichet speaks.
func (d *Desk) CheckAdministrator(to helpdesk.Details, languages []string) map[string]string {
	wrong := d.people.CheckDetails(to, languages)
	switch {
	case strings.TrimSpace(to.Mail) == "":
		wrong["mail"] = helpdesk.FieldMissing
	case !d.people.Catalog().Confirms:
		wrong["mail"] = NoMail
	}
	return wrong
}

// Designate has somebody administer services of the actor's organization. account is the manager's, where they are told when somebody new has
// confirmed; nonce is the form's.
func (d *Desk) Designate(ctx context.Context, a helpdesk.Actor, account store.Account, to Designation, nonce string) (out Designated, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		out = Designated{}
		who, r, err := d.beginAdministrators(ctx, tx, a, nonce)
		if err != nil {
			return err
		}
		if len(to.Services) == 0 || !d.knows(to.Services) {
			return wrongFields{"service": helpdesk.FieldMissing}
		}
		one, err := d.designated(ctx, tx, r, to)
		if err != nil {
			return err
		}
		out, err = d.appoint(ctx, tx, appointment{by: who.Person.ID, source: a.Source, account: account}, one, to.Services)
		return err
	})
	if out.Wrong, err = asWrong(err); out.Wrong != nil {
		out = Designated{Wrong: out.Wrong}
	}
	return out, err
}

// beginAdministrators is how a verb that changes administrators starts: the actor is a manager, nobody else changes them meanwhile, and the
// form was not sent before.
func (d *Desk) beginAdministrators(ctx context.Context, tx *store.Tx, a helpdesk.Actor, nonce string) (who helpdesk.Standing, r roster, err error) {
	if who, err = d.manager(ctx, tx, a); err != nil {
		return who, r, err
	}
	if err = tx.LockAdministrators(ctx, who.Person.Organization); err != nil {
		return who, r, err
	}
	if first, err := tx.FirstTime(ctx, helpdesk.FormKey(nonce)); err != nil || !first {
		return who, r, cmp.Or(err, helpdesk.ErrDuplicate)
	}
	r, err = d.roster(ctx, tx, who.Person.Organization)
	return who, r, err
}

// knows says whether the catalog has all of these services.
func (d *Desk) knows(services []string) bool {
	return !slices.ContainsFunc(services, func(s string) bool {
		_, ok := d.people.Catalog().Service(s)
		return !ok
	})
}

// designated finds whom a designation means, or adds them.
func (d *Desk) designated(ctx context.Context, tx *store.Tx, r roster, to Designation) (store.Administrator, error) {
	switch {
	case to.Administrator != 0:
		one, ok := r.byID(to.Administrator)
		if !ok {
			return one, wrongFields{"who": string(NoAdministrator)}
		}
		return one, nil
	case to.Person != 0:
		p, err := d.people.LockSelf(ctx, tx, to.Person)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return store.Administrator{}, err
		}
		if err != nil || p.Organization != r.organization {
			return store.Administrator{}, wrongFields{"picked": NotColleague}
		}
		if one, ok := r.one(func(a store.Administrator) bool { return a.Person == p.ID }); ok {
			return one, nil
		}
		return tx.AddAdministrator(ctx, store.Administrator{Organization: r.organization, Person: p.ID})
	case to.New != nil:
		details := store.Administrator{Organization: r.organization}
		describe(&details, *to.New)
		one, ok := r.one(func(a store.Administrator) bool { return a.Person == 0 && a.Mail == details.Mail })
		if !ok {
			return tx.AddAdministrator(ctx, details)
		}
		describe(&one, *to.New)
		return one, tx.SaveAdministrator(ctx, one)
	}
	return store.Administrator{}, wrongFields{"picked": helpdesk.FieldMissing}
}

// describe notes what a manager says of somebody.
func describe(a *store.Administrator, to helpdesk.Details) {
	a.Name, a.Phone = strings.Join(strings.Fields(to.Name), " "), strings.TrimSpace(to.Phone)
	a.Mail, a.Language = strings.ToLower(strings.TrimSpace(to.Mail)), to.Language
}

// appointment is who appoints, and whence.
type appointment struct {
	by      store.PersonID
	source  string
	account store.Account
}

// appoint gives services to an administrator, and has them told; or sends the link by which they confirm their address.
func (d *Desk) appoint(ctx context.Context, tx *store.Tx, by appointment, one store.Administrator, services []string) (out Designated, err error) {
	given, err := d.give(ctx, tx, by, one, services)
	if err != nil {
		return out, err
	}
	r, err := d.roster(ctx, tx, one.Organization)
	if err != nil {
		return out, err
	}
	if len(given) > 0 {
		if err := d.auditAdministrator(ctx, tx, r, AdminDesignated, by.by, by.source, one, given); err != nil {
			return out, err
		}
	}
	out = Designated{Administrator: r.shown(one), Given: given}
	if one.Person == 0 {
		out.Sent, err = d.sendLink(ctx, tx, by, one)
		return out, errors.Join(err, d.showAdministrators(ctx, tx, one.Organization))
	}
	if len(given) > 0 {
		err = d.tellAdministrator(ctx, tx, TellAdministers, one.Person)
	}
	return out, errors.Join(err, d.showAdministrators(ctx, tx, one.Organization, one.Person))
}

// sendLink sends the link by which an address is confirmed, unless one is under way, and returns to which.
func (d *Desk) sendLink(ctx context.Context, tx *store.Tx, by appointment, one store.Administrator) (string, error) {
	last, err := tx.LatestConfirmation(ctx, by.by, one.ID)
	if err == nil && last.Address == one.Mail && tx.Now.Sub(last.CreatedAt.Time).Abs() <= helpdesk.ConfirmWithin {
		return "", nil
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return "", err
	}
	return one.Mail, d.people.AskToConfirm(ctx, tx, store.Confirmation{Person: by.by, Account: by.account, Address: one.Mail, Administrator: one.ID})
}

// give gives services to an administrator, and returns those that they did not have. Whoever had one, or waited for it, is relieved of it; but
// who has one keeps it while somebody new has to confirm.
func (d *Desk) give(ctx context.Context, tx *store.Tx, by appointment, one store.Administrator, services []string) (given []string, err error) {
	r, err := d.roster(ctx, tx, one.Organization)
	if err != nil {
		return nil, err
	}
	waiting := one.Person == 0
	var others []store.Administered
	for _, s := range services {
		has, ok := r.has(s, waiting)
		if ok && has.Administrator == one.ID {
			continue
		}
		if ok {
			others = append(others, has)
		}
		if next, ok := r.has(s, true); ok && !waiting {
			if err := tx.Relieve(ctx, next); err != nil {
				return nil, err
			}
			others = append(others, next)
		}
		if err := tx.Administer(ctx, store.Administered{Organization: r.organization, Service: s, Waiting: waiting, Administrator: one.ID}); err != nil {
			return nil, err
		}
		given = append(given, s)
	}
	for _, other := range r.all {
		var theirs []string
		for _, o := range others {
			if o.Administrator == other.ID {
				theirs = append(theirs, o.Service)
			}
		}
		if len(theirs) > 0 {
			if err := d.relieved(ctx, tx, by, r, other, theirs, replaced); err != nil {
				return nil, err
			}
		}
	}
	return given, nil
}

// relieved writes down that services were taken from an administrator, and has them told. Who has none any more is not kept.
func (d *Desk) relieved(ctx context.Context, tx *store.Tx, by appointment, was roster, one store.Administrator, services []string, why ...string) error {
	if err := d.auditAdministrator(ctx, tx, was, AdminRemoved, by.by, by.source, one, services, why...); err != nil {
		return err
	}
	now, err := d.roster(ctx, tx, one.Organization)
	if err == nil && len(now.servicesOf(one.ID)) == 0 {
		err = tx.DropAdministrator(ctx, one.ID)
	}
	if err != nil || one.Person == 0 { // nobody whom anything may be told
		return err
	}
	return errors.Join(d.tellAdministrator(ctx, tx, TellRelieved, one.Person), d.showAdministrators(ctx, tx, one.Organization, one.Person))
}

// tellAdministrator has an administrator told of themselves, in a chat and by letter, as far as they have either.
func (d *Desk) tellAdministrator(ctx context.Context, tx *store.Tx, what string, p store.PersonID) error {
	return errors.Join(tellInChat(ctx, tx, what, int64(p), p), d.notifyByMail(ctx, tx, what, int64(p), p))
}

// tellInChat has somebody told something in a chat, if they have an account in any.
func tellInChat(ctx context.Context, tx *store.Tx, what string, id int64, p store.PersonID) error {
	workspaces, err := tx.WorkspacesOf(ctx, p)
	workspaces = slices.DeleteFunc(workspaces, func(w string) bool { return w == store.Mail })
	if err != nil || len(workspaces) == 0 {
		return err
	}
	account, err := tx.AccountIn(ctx, p, workspaces[0])
	if err != nil {
		return err
	}
	return notify(ctx, tx, what, id, account)
}

// tellAdministratorOf has a service's administrator told something in a chat, if there is one, and it is none of those who know.
func (d *Desk) tellAdministratorOf(ctx context.Context, tx *store.Tx, organization, service, what string, id int64, but ...store.PersonID) error {
	r, err := d.roster(ctx, tx, organization)
	if err != nil {
		return err
	}
	has, _ := r.has(service, false)
	one, ok := r.byID(has.Administrator)
	if !ok || slices.Contains(but, one.Person) {
		return nil
	}
	return tellInChat(ctx, tx, what, id, one.Person)
}

// showAdministrators has home views follow: those of an organization's managers and administrators, and of these people.
func (d *Desk) showAdministrators(ctx context.Context, tx *store.Tx, organization string, people ...store.PersonID) error {
	o, _ := d.people.Catalog().Organization(organization)
	for _, workspace := range o.Workspaces {
		if err := tx.MarkHomes(ctx, workspace, store.Affected{Organizations: []string{organization}, Requesters: people}); err != nil {
			return err
		}
	}
	return nil
}

// AdminChange is what is to change of an administrator.
type AdminChange struct {
	Details   *helpdesk.Details // of who has still to confirm their address; of others nothing: their details are their own
	Add, Drop []string          // services
}

// ChangeAdministrator changes an administrator of the actor's organization. Who has still to confirm is sent another link, if the address is another or the
// last link has lapsed.
func (d *Desk) ChangeAdministrator(ctx context.Context, a helpdesk.Actor, account store.Account, id store.AdministratorID, to AdminChange, nonce string) (out Designated, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		out = Designated{}
		who, r, err := d.beginAdministrators(ctx, tx, a, nonce)
		if err != nil {
			return err
		}
		one, ok := r.byID(id)
		if !ok {
			return &helpdesk.Refusal{Code: NoAdministrator}
		}
		if !d.knows(to.Add) {
			return wrongFields{"services": helpdesk.FieldMissing}
		}
		by := appointment{by: who.Person.ID, source: a.Source, account: account}
		if one.Person == 0 && to.Details != nil {
			if err := d.redescribe(ctx, tx, by, r, &one, *to.Details); err != nil {
				return err
			}
		}
		var dropped []string
		for _, s := range r.services {
			if s.Administrator == one.ID && slices.Contains(to.Drop, s.Service) {
				if err := tx.Relieve(ctx, s); err != nil {
					return err
				}
				dropped = append(dropped, s.Service)
			}
		}
		if len(dropped) > 0 {
			if err := d.relieved(ctx, tx, by, r, one, dropped); err != nil {
				return err
			}
			if len(dropped) == len(r.servicesOf(one.ID)) { // and is not kept
				return nil
			}
		}
		out, err = d.appoint(ctx, tx, by, one, to.Add)
		return err
	})
	if out.Wrong, err = asWrong(err); out.Wrong != nil {
		out = Designated{Wrong: out.Wrong}
	}
	return out, err
}

// redescribe notes what a manager says now of somebody who has still to confirm.
func (d *Desk) redescribe(ctx context.Context, tx *store.Tx, by appointment, r roster, one *store.Administrator, to helpdesk.Details) error {
	was := *one
	if describe(one, to); *one == was {
		return nil
	}
	if _, taken := r.one(func(a store.Administrator) bool { return a.ID != one.ID && a.Mail == one.Mail }); taken {
		return wrongFields{"mail": TakenMail}
	}
	if err := tx.SaveAdministrator(ctx, *one); err != nil {
		return err
	}
	return d.auditAdministrator(ctx, tx, r, AdminChanged, by.by, by.source, *one, r.servicesOf(one.ID))
}

// RemoveAdministrator takes from an administrator of the actor's organization all that they administer, at once. One who is not there any more is left
// alone: then nothing has changed.
func (d *Desk) RemoveAdministrator(ctx context.Context, a helpdesk.Actor, id store.AdministratorID) (was Administrator, changed bool, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		was, changed = Administrator{}, false
		who, r, err := d.beginAdministrators(ctx, tx, a, "")
		if err != nil {
			return err
		}
		one, ok := r.byID(id)
		if !ok {
			return nil
		}
		was, changed = r.shown(one), true
		for _, s := range r.services {
			if s.Administrator == one.ID {
				if err := tx.Relieve(ctx, s); err != nil {
					return err
				}
			}
		}
		err = d.relieved(ctx, tx, appointment{by: who.Person.ID, source: a.Source}, r, one, was.Services)
		return errors.Join(err, d.showAdministrators(ctx, tx, r.organization))
	})
	return was, changed, err
}
