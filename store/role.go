package store

import (
	"context"
	"errors"
	"slices"
)

// Manager is the role of whoever an organization named its manager.
const Manager = "manager"

// Where somebody's role comes from.
const (
	ByConfig  = "config"  // the configuration names them
	ByCommand = "command" // an operator gave it to them, whatever the configuration says
)

// Grant gives an account a role in an organization.
type Grant struct {
	Account
	Organization string
	Role         string
	Origin       string // ByConfig or ByCommand
}

const grantColumns = `workspace, account, organization, role, origin`

// SetGrants makes these grants the only ones that come from the configuration, and returns those that are new and those that are gone.
func (tx *Tx) SetGrants(ctx context.Context, grants []Grant) (given, taken []Grant, err error) {
	if err := tx.lockName(ctx, "roles"); err != nil { // copies that start together change them in turns
		return nil, nil, err
	}
	had, err := tx.Grants(ctx)
	if err != nil {
		return nil, nil, err
	}
	want := slices.Clone(grants)
	for i := range want {
		want[i].Origin = ByConfig
	}
	for _, g := range had {
		if g.Origin == ByConfig && !slices.Contains(want, g) {
			if _, err := tx.Revoke(ctx, g); err != nil {
				return nil, nil, err
			}
			taken = append(taken, g)
		}
	}
	for _, g := range want {
		added, err := tx.Give(ctx, g)
		if err != nil {
			return nil, nil, err
		}
		if added {
			given = append(given, g)
		}
	}
	return given, taken, nil
}

// Grants returns all that there are, in order.
func (tx *Tx) Grants(ctx context.Context) (gs []Grant, err error) {
	return gs, tx.list(ctx, &gs, `SELECT `+grantColumns+` FROM roles ORDER BY organization, role, workspace, account, origin`)
}

// Give gives a role, and says whether the account did not have it from there before.
func (tx *Tx) Give(ctx context.Context, g Grant) (added bool, err error) {
	n, err := tx.exec(ctx, `INSERT INTO roles (`+grantColumns+`) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, g.Workspace, g.ID, g.Organization, g.Role, g.Origin)
	return n > 0, err
}

// Revoke takes a role away that comes from there, and says whether it did.
func (tx *Tx) Revoke(ctx context.Context, g Grant) (was bool, err error) {
	n, err := tx.exec(ctx, `DELETE FROM roles WHERE workspace = ? AND account = ? AND organization = ? AND role = ? AND origin = ?`,
		g.Workspace, g.ID, g.Organization, g.Role, g.Origin)
	return n > 0, err
}

// HasRole says whether one of the person's accounts holds the role in the person's own organization.
func (tx *Tx) HasRole(ctx context.Context, id PersonID, role string) (bool, error) {
	var n int
	err := tx.get(ctx, &n, `SELECT COUNT(*) FROM roles r
		JOIN accounts a ON a.workspace = r.workspace AND a.account = r.account
		JOIN people p ON p.id = a.person_id AND p.organization = r.organization
		WHERE p.id = ? AND r.role = ?`, id, role)
	return n > 0, err
}

// AccountsWith returns an account of each who holds a role in an organization, of whom there are few: the first, of those who have several.
func (tx *Tx) AccountsWith(ctx context.Context, organization, role string) (accounts []Account, err error) {
	var all []Account
	err = tx.list(ctx, &all, `SELECT DISTINCT workspace, account FROM roles WHERE organization = ? AND role = ? ORDER BY workspace, account`, organization, role)
	seen := map[PersonID]bool{}
	for _, a := range all {
		if err != nil {
			break
		}
		var p Person
		if p, err = tx.PersonByAccount(ctx, a); errors.Is(err, ErrNotFound) { // not met yet
			err = nil
		}
		if p.ID == 0 || !seen[p.ID] {
			accounts = append(accounts, a)
		}
		seen[p.ID] = true
	}
	return accounts, err
}

// NamesOf returns up to limit names of those who hold a role in an organization, as far as they have been met.
func (tx *Tx) NamesOf(ctx context.Context, organization, role string, limit int) ([]string, error) {
	var accounts []Account
	err := tx.list(ctx, &accounts, `SELECT DISTINCT workspace, account FROM roles WHERE organization = ? AND role = ? ORDER BY workspace, account LIMIT ?`,
		organization, role, 4*limit) // some have several accounts, some have none that is known
	var names []string
	for _, a := range accounts {
		if err != nil || len(names) == limit {
			break
		}
		var p Person
		p, err = tx.PersonByAccount(ctx, a)
		if errors.Is(err, ErrNotFound) {
			err = nil
		} else if err == nil && p.Organization == organization && !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return names, err
}
