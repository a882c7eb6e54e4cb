package helpdesk

import (
	"context"
	"encoding/json"
	"errors"

	"guichet/store"
)

// Acts of the audit log that are about roles.
const (
	RoleGiven = "role.grant"
	RoleTaken = "role.revoke"
)

// Sources of the audit log that are no workspace.
const (
	fromConfig  = "configuration"
	fromCommand = "command line"
)

// SetManagers makes these accounts the managers, by organization, beside those whom an operator has given the role.
func (d *Desk) SetManagers(ctx context.Context, managers map[string][]store.Account) error {
	return d.db.Insist(ctx, func(tx *store.Tx) error {
		var grants []store.Grant
		for organization, accounts := range managers {
			for _, a := range accounts {
				grants = append(grants, store.Grant{Account: a, Organization: organization, Role: store.Manager})
			}
		}
		given, taken, err := tx.SetGrants(ctx, grants)
		if err != nil {
			return err
		}
		if err := auditRoles(ctx, tx, RoleGiven, fromConfig, given...); err != nil {
			return err
		}
		return auditRoles(ctx, tx, RoleTaken, fromConfig, taken...)
	})
}

// GiveRole gives an account a role for as long as an operator does not take it away, and says whether it did not have it so before.
func (d *Desk) GiveRole(ctx context.Context, a store.Account, organization, role string) (changed bool, err error) {
	return d.setRole(ctx, RoleGiven, (*store.Tx).Give, store.Grant{Account: a, Organization: organization, Role: role})
}

// TakeRole takes away a role that an operator has given, and says whether there was one.
func (d *Desk) TakeRole(ctx context.Context, a store.Account, organization, role string) (changed bool, err error) {
	return d.setRole(ctx, RoleTaken, (*store.Tx).Revoke, store.Grant{Account: a, Organization: organization, Role: role})
}

func (d *Desk) setRole(ctx context.Context, act string, set func(*store.Tx, context.Context, store.Grant) (bool, error), g store.Grant) (changed bool, err error) {
	g.Origin = store.ByCommand
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		if changed, err = set(tx, ctx, g); err != nil || !changed {
			return err
		}
		return auditRoles(ctx, tx, act, fromCommand, g)
	})
	return changed, err
}

// Holder is an account that has a role.
type Holder struct {
	store.Grant
	Name string // of whoever it is; empty: they have not been met yet
}

// Holders are all that there are.
func (d *Desk) Holders(ctx context.Context) (hs []Holder, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		gs, err := tx.Grants(ctx)
		if err != nil {
			return err
		}
		for _, g := range gs {
			p, err := tx.PersonByAccount(ctx, g.Account)
			if err := ignoreNotFound(err); err != nil {
				return err
			}
			hs = append(hs, Holder{g, p.Name})
		}
		return nil
	})
	return hs, err
}

// auditRoles notes that accounts were given a role, or that it was taken from them.
func auditRoles(ctx context.Context, tx *store.Tx, act, source string, gs ...store.Grant) error {
	for _, g := range gs {
		p, err := tx.PersonByAccount(ctx, g.Account)
		if err := ignoreNotFound(err); err != nil {
			return err
		}
		detail, err1 := json.Marshal(map[string]string{"role": g.Role})
		personal, err2 := json.Marshal(map[string]string{"account": store.AccountName(g.Account), "name": p.Name})
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		err = tx.Audit(ctx, store.Entry{Organization: g.Organization, Subject: p.ID, About: store.AccountName(g.Account), Act: act, Detail: string(detail), Personal: string(personal), Source: source})
		if err != nil {
			return err
		}
	}
	return nil
}
