package helpdesk

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"guichet/store"
)

// What an operator owes somebody who asks for their data, or to be forgotten. Each is found by an account of theirs, which may be a mail
// address that they have confirmed; they need not have been met. Words are given to whoever wrote them, and to nobody else; but they are
// blanked for whoever they were written to as well.

// SelvesOf returns what whoever has an account is known by.
func (d *Desk) SelvesOf(ctx context.Context, a store.Account) (who store.Selves, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		p, err := tx.PersonByAccount(ctx, a)
		if err == nil {
			p, err = d.self(ctx, tx, p.ID)
		}
		if ignoreNotFound(err) != nil {
			return err
		}
		who, err = tx.SelvesOf(ctx, p.ID, a)
		return err
	})
	return who, err
}

// Known is what is known of a person: one for each whom somebody was taken for before they turned out to be one.
type Known struct {
	Person       store.PersonID `json:"person"`
	Organization string         `json:"organization"`
	Name         string         `json:"name,omitempty"`
	Language     string         `json:"language"`
	Phone        string         `json:"phone,omitempty"`
	Mail         string         `json:"mail,omitempty"`
	ByMail       string         `json:"by_mail"`
	Accounts     []string       `json:"accounts,omitempty"`
	Since        store.Time     `json:"since"`
}

// KnownRole is a role that somebody has.
type KnownRole struct {
	Role         string `json:"role"`
	Organization string `json:"organization"`
	Account      string `json:"account"`
	Origin       string `json:"origin"`
}

// KnownChange is a change of what is known of a person.
type KnownChange struct {
	Change string     `json:"change"`
	Was    string     `json:"was,omitempty"`
	Became string     `json:"became,omitempty"`
	Source string     `json:"source"`
	At     store.Time `json:"at"`
}

// ProfileOf goes through what is known of somebody: Known, KnownRole and KnownChange.
func (d *Desk) ProfileOf(ctx context.Context, a store.Account, each func(any) error) error {
	who, err := d.SelvesOf(ctx, a)
	if err != nil {
		return err
	}
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		people, err := tx.People(ctx, who.People)
		if err != nil {
			return err
		}
		for _, id := range who.People {
			p := people[id]
			k := Known{Person: p.ID, Organization: p.Organization, Name: p.Name, Language: p.Language, Phone: p.Phone, Mail: p.Mail, ByMail: p.ByMail, Since: p.CreatedAt}
			for _, a := range who.Accounts {
				if p.Joined == 0 {
					k.Accounts = append(k.Accounts, store.AccountName(a))
				}
			}
			if err := each(k); err != nil {
				return err
			}
		}
		gs, err := tx.GrantsOf(ctx, who)
		for _, g := range gs {
			if err == nil {
				err = each(KnownRole{g.Role, g.Organization, store.AccountName(g.Account), g.Origin})
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return InPages(ctx, d.db, func(tx *store.Tx, after int64, limit int) ([]store.PersonEvent, error) {
		return tx.PersonEventsOf(ctx, who, after, limit)
	}, func(e store.PersonEvent) (int64, error) {
		return e.ID, each(KnownChange{e.Field, e.Was, e.Became, e.Source, e.At})
	})
}

// AuditOf goes through all entries of the audit log about somebody, or that they made, in order. Of what is about others what is personal is
// left out.
func (d *Desk) AuditOf(ctx context.Context, a store.Account, each func(store.Entry) error) error {
	who, err := d.SelvesOf(ctx, a)
	if err != nil {
		return err
	}
	return InPages(ctx, d.db, func(tx *store.Tx, after int64, limit int) ([]store.Entry, error) {
		return tx.EntriesOf(ctx, who, after, limit)
	}, func(e store.Entry) (int64, error) { return e.ID, each(e) })
}

// InPages goes through what there is a lot of: page returns up to limit rows after one of them, do returns the id of one.
func InPages[Row any](ctx context.Context, db *store.DB, page func(tx *store.Tx, after int64, limit int) ([]Row, error), do func(Row) (int64, error)) error {
	for after := int64(0); ; {
		var rows []Row
		err := db.Look(ctx, func(tx *store.Tx) (err error) {
			rows, err = page(tx, after, atOnce)
			return err
		})
		for _, r := range rows {
			if err == nil {
				after, err = do(r)
			}
		}
		if err != nil || len(rows) < atOnce {
			return err
		}
	}
}

// atOnce is how many rows are read, or blanked, in one transaction.
const atOnce = 200

// Forgotten is how much of somebody was blanked.
type Forgotten struct {
	Entries int // of the audit log
	Fields  int // beside it; of somebody who is known by their address alone, what has it
}

// Forget blanks what is personal in all entries of the audit log about somebody, or in their words; the chain stays whole. Beside it, it
// blanks their words, and those they were told, in requests, orders and activations, their phone number, and what they changed in their
// profile. The licenses of somebody who is known by their mail address alone stay assigned, to nobody known; and who has still to confirm
// theirs as an administrator is designated no more.
//
// It does so in many transactions, none of which takes away what the others are found by: cut short, it is begun again.
func (d *Desk) Forget(ctx context.Context, a store.Account) (done Forgotten, err error) {
	who, err := d.SelvesOf(ctx, a)
	if err != nil {
		return done, err
	}
	for _, part := range []struct {
		count *int
		blank func(*store.Tx, context.Context, store.Selves, int) (int, error)
	}{{&done.Entries, (*store.Tx).BlankPersonal}, {&done.Fields, (*store.Tx).Blank}} {
		for n := atOnce; n == atOnce; *part.count += n {
			err := d.db.Write(ctx, func(tx *store.Tx) (err error) {
				n, err = part.blank(tx, ctx, who, atOnce)
				return err
			})
			if err != nil {
				return done, err
			}
		}
	}
	for _, address := range who.Mails() {
		var n int64
		err := d.db.Write(ctx, func(tx *store.Tx) (err error) {
			n, err = tx.ForgetHolder(ctx, address)
			return err
		})
		if err != nil {
			return done, err
		}
		done.Fields += int(n)
		var administrators int
		err = d.db.Write(ctx, func(tx *store.Tx) (err error) {
			administrators, err = d.forgetAdministrators(ctx, tx, address)
			return err
		})
		if err != nil {
			return done, err
		}
		done.Fields += administrators
	}
	return done, nil
}

// forgetAdministrators has nobody wait to be an administrator by an address, and returns how many records of them there were. The audit log says
// that they are not to be any more, and not who.
func (d *Desk) forgetAdministrators(ctx context.Context, tx *store.Tx, address string) (n int, err error) {
	were, err := tx.ForgetAdministrators(ctx, address)
	if err != nil {
		return 0, err
	}
	services := map[string][]string{}
	for _, w := range were {
		services[w.Organization] = append(services[w.Organization], w.Service)
	}
	for _, organization := range slices.Sorted(maps.Keys(services)) {
		detail, err := json.Marshal(map[string]any{"services": d.catalog.InOrder(services[organization])})
		if err != nil {
			return 0, err
		}
		if err := tx.Audit(ctx, store.Entry{Organization: organization, Act: store.AdministratorRemoved, Detail: string(detail), Source: "operator"}); err != nil {
			return 0, err
		}
		o, _ := d.catalog.Organization(organization)
		for _, workspace := range o.Workspaces {
			if err := tx.MarkHomes(ctx, workspace, store.Affected{Organizations: []string{organization}}); err != nil {
				return 0, err
			}
		}
	}
	return len(services), nil
}
