package license

import (
	"cmp"
	"context"
	"errors"

	"guichet/helpdesk"
	"guichet/store"
)

// Confirm takes the word of whoever opened the link that was sent to an address. It may be a person's own (helpdesk.Desk.Confirm), or that of
// somebody who was designated as an administrator: then they administer from now on, are told how, and so is the manager who designated them.
// Whose address it is already, in the same organization, they are; in another organization it is refused (helpdesk.Filed).
func (d *Desk) Confirm(ctx context.Context, id store.ConfirmationID) (a helpdesk.Asked, err error) {
	if a, err = d.people.Asked(ctx, id); err != nil {
		return a, err
	}
	if a.Administrator == 0 {
		return d.people.Confirm(ctx, id)
	}
	for {
		err = d.db.Write(ctx, func(tx *store.Tx) error { return d.confirm(ctx, tx, a.Person.Organization, id) })
		if !errors.Is(err, store.ErrKnown) { // they have written to us this very moment
			return a, err
		}
	}
}

func (d *Desk) confirm(ctx context.Context, tx *store.Tx, organization string, id store.ConfirmationID) error {
	if err := tx.LockAdministrators(ctx, organization); err != nil {
		return err
	}
	a, err := d.people.AskedIn(ctx, tx, id)
	if err != nil {
		return err
	}
	if first, err := tx.UseConfirmation(ctx, id); err != nil || !first {
		return cmp.Or(err, helpdesk.ErrLapsed)
	}
	p, err := d.whose(ctx, tx, a)
	if err != nil {
		return err
	}
	r, err := d.roster(ctx, tx, organization)
	if err != nil {
		return err
	}
	named, _ := r.byID(a.Administrator)
	one, known := r.one(func(o store.Administrator) bool { return o.Person == p.ID })
	for _, s := range r.services {
		if s.Administrator == named.ID {
			if err := tx.Relieve(ctx, s); err != nil {
				return err
			}
		}
	}
	if known {
		err = tx.DropAdministrator(ctx, named.ID)
	} else {
		one = store.Administrator{ID: named.ID, Organization: organization, Person: p.ID}
		err = tx.SaveAdministrator(ctx, one)
	}
	if err != nil {
		return err
	}
	by := appointment{by: a.Confirmation.Person, source: store.Mail}
	var services []string
	for _, s := range a.Services {
		services = append(services, s.Key)
	}
	given, err := d.give(ctx, tx, by, one, services)
	if err != nil {
		return err
	}
	if r, err = d.roster(ctx, tx, organization); err != nil {
		return err
	}
	err = d.auditAdministrator(ctx, tx, r, AdminConfirmed, p.ID, store.Mail, store.Administrator{Person: p.ID, Mail: a.Address}, given)
	if err != nil {
		return err
	}
	return errors.Join(d.tellAdministrator(ctx, tx, TellAdministers, p.ID), notify(ctx, tx, TellAdminIsThere, int64(p.ID), a.Account),
		d.showAdministrators(ctx, tx, organization, p.ID))
}

// whose is the person who has a confirmed address: somebody new, unless it is known.
func (d *Desk) whose(ctx context.Context, tx *store.Tx, a helpdesk.Asked) (store.Person, error) {
	mails := store.Account{Workspace: store.Mail, ID: a.Address}
	p, err := tx.PersonByAccount(ctx, mails)
	if err == nil {
		return d.people.LockSelf(ctx, tx, p.ID)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return p, err
	}
	if p, err = tx.AddPerson(ctx, store.Person{Organization: a.Person.Organization, Name: a.Person.Name, Language: a.Person.Language, Mail: a.Address}, mails); err != nil {
		return p, err
	}
	p.Phone = a.Person.Phone
	return p, tx.SavePerson(ctx, p)
}
