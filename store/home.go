package store

import (
	"context"
	"time"
)

// Home is one account's home view.
type Home struct {
	Account
	Person   PersonID `db:"person_id"`
	Tab      string
	OpenedAt Time   `db:"opened_at"`
	Shown    string // hash of what it shows; empty: not known
}

const selectHome = `SELECT workspace, account, person_id, tab, opened_at, shown FROM homes `

// Home returns an account's home view; ErrNotFound until it was opened.
func (tx *Tx) Home(ctx context.Context, a Account) (Home, error) {
	var h Home
	return h, tx.get(ctx, &h, selectHome+`WHERE workspace = ? AND account = ?`, a.Workspace, a.ID)
}

// SaveHome notes that a home view is looked at, with a tab, and shows what it should.
func (tx *Tx) SaveHome(ctx context.Context, h Home) error {
	_, err := tx.exec(ctx, `INSERT INTO homes (workspace, account, person_id, tab, opened_at, stale, published_at, shown)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (workspace, account) DO UPDATE SET tab = excluded.tab, opened_at = excluded.opened_at,
		stale = excluded.stale, published_at = excluded.published_at, shown = excluded.shown`,
		h.Workspace, h.Account.ID, h.Person, h.Tab, tx.Now, false, tx.Now, h.Shown)
	return err
}

// Affected are those whose home views may show a ticket: by what changed in the tickets.
type Affected struct {
	Requesters    []PersonID
	Organizations []string
	Channels      []string // of the queues
}

// Staleness of home views.
const (
	homeLasts = 7 * 24 * time.Hour // after which a home view that nobody opened is not kept up to date
	homeRests = 15 * time.Second   // between two updates of one home view
)

// MarkHomes notes that the home views of a workspace that were opened lately and may show something that
// changed are out of date.
func (tx *Tx) MarkHomes(ctx context.Context, workspace string, a Affected) error {
	var accounts []string
	add := func(query string, args ...any) error {
		var some []string
		err := tx.list(ctx, &some, query, args...)
		accounts = append(accounts, some...)
		return err
	}
	if len(a.Requesters) > 0 {
		if err := add(`SELECT account FROM accounts WHERE person_id IN (?) AND workspace = ?`, a.Requesters, workspace); err != nil {
			return err
		}
	}
	if len(a.Organizations) > 0 {
		err := add(`SELECT DISTINCT account FROM roles WHERE workspace = ? AND organization IN (?) AND role = ?`, workspace, a.Organizations, Manager)
		if err != nil {
			return err
		}
		err = add(`SELECT account FROM accounts WHERE person_id IN (SELECT person_id FROM administrators WHERE organization IN (?)) AND workspace = ?`, a.Organizations, workspace)
		if err != nil {
			return err
		}
	}
	if len(a.Channels) > 0 {
		if err := add(`SELECT account FROM members WHERE workspace = ? AND channel IN (?)`, workspace, a.Channels); err != nil {
			return err
		}
	}
	return tx.markHomes(ctx, workspace, accounts)
}

func (tx *Tx) markHomes(ctx context.Context, workspace string, accounts []string) error {
	if len(accounts) == 0 {
		return nil
	}
	return tx.list(ctx, &accounts, `UPDATE homes SET stale = ? WHERE workspace = ? AND account IN (?) AND opened_at > ? RETURNING account`,
		true, workspace, accounts, At(tx.Now.Add(-homeLasts)))
}

// HasStaleHome says whether TakeStaleHome has something to take.
func (tx *Tx) HasStaleHome(ctx context.Context, workspace string) (bool, error) {
	var n int
	err := tx.get(ctx, &n, `SELECT COUNT(*) FROM (SELECT 1 FROM homes WHERE workspace = ? AND stale = ? AND published_at < ? LIMIT 1) one`,
		workspace, true, At(tx.Now.Add(-homeRests)))
	return n > 0, err
}

// TakeStaleHome takes one home view of a workspace that is out of date and was not updated a moment ago;
// ErrNotFound when there is none. Nobody else takes it too.
func (tx *Tx) TakeStaleHome(ctx context.Context, workspace string) (Home, error) {
	var hs []Home
	err := tx.list(ctx, &hs, `WITH due AS (SELECT account AS due FROM homes WHERE workspace = ? AND stale = ? AND published_at < ?
			ORDER BY published_at LIMIT 1`+tx.skipLocked+`)
		UPDATE homes SET stale = ?, published_at = ? WHERE workspace = ? AND account IN (SELECT due FROM due)
		RETURNING workspace, account, person_id, tab, opened_at, shown`,
		workspace, true, At(tx.Now.Add(-homeRests)), false, tx.Now, workspace)
	if err != nil || len(hs) == 0 {
		return Home{}, orNotFound(err)
	}
	return hs[0], nil
}

func orNotFound(err error) error {
	if err == nil {
		return ErrNotFound
	}
	return err
}

// SetShown notes what a home view shows, unless it was opened since it was read, maybe at another tab: then nothing is noted. It returns it
// as it is now.
func (tx *Tx) SetShown(ctx context.Context, h Home, shown string, stale bool) (Home, error) {
	_, err := tx.exec(ctx, `UPDATE homes SET shown = ?, stale = (stale OR CAST(? AS BOOLEAN)) WHERE workspace = ? AND account = ? AND opened_at = ?`,
		shown, stale, h.Workspace, h.Account.ID, h.OpenedAt)
	if err != nil {
		return Home{}, err
	}
	return tx.Home(ctx, h.Account)
}

// ChangedTickets returns up to limit tickets that were opened or changed after an instant, or in that
// instant with a higher number, in that order.
func (tx *Tx) ChangedTickets(ctx context.Context, since Time, after TicketID, limit int) ([]Ticket, error) {
	var ts []Ticket
	return ts, tx.list(ctx, &ts, selectTicket+`WHERE (t.updated_at, t.id) > (?, ?) ORDER BY t.updated_at, t.id LIMIT ?`, since, after, limit)
}
