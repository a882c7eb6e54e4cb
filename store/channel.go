package store

import (
	"context"
	"slices"
)

// Place is a channel of a workspace.
type Place struct {
	Workspace string
	Channel   string
}

// SetMembers replaces what is known of who is in a channel by what was so at an instant. What is
// older than what is known is passed over.
func (tx *Tx) SetMembers(ctx context.Context, p Place, accounts []string, at Time) error {
	// The row of the channel is the lock: two copies that refresh together take turns.
	n, err := tx.exec(ctx, `INSERT INTO channels (workspace, channel, refreshed_at) VALUES (?, ?, ?)
		ON CONFLICT (workspace, channel) DO UPDATE SET refreshed_at = excluded.refreshed_at
		WHERE channels.refreshed_at <= excluded.refreshed_at`, p.Workspace, p.Channel, at)
	if err != nil || n == 0 {
		return err
	}
	var known []string
	if err := tx.list(ctx, &known, `SELECT account FROM members WHERE workspace = ? AND channel = ?`, p.Workspace, p.Channel); err != nil {
		return err
	}
	change := func(query string, from, without []string) error {
		for _, a := range from {
			if !slices.Contains(without, a) {
				if _, err := tx.exec(ctx, query, p.Workspace, p.Channel, a); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if err := change(`DELETE FROM members WHERE workspace = ? AND channel = ? AND account = ?`, known, accounts); err != nil {
		return err
	}
	return change(`INSERT INTO members (workspace, channel, account) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, accounts, known)
}

// Membership is one channel that a person is in, and when that was last looked up.
type Membership struct {
	Place
	RefreshedAt Time `db:"refreshed_at"`
}

// MembershipsOf returns the known channels of which one of the person's accounts is a member.
func (tx *Tx) MembershipsOf(ctx context.Context, id PersonID) ([]Membership, error) {
	var ms []Membership
	return ms, tx.list(ctx, &ms, `SELECT c.workspace, c.channel, c.refreshed_at FROM accounts a
		JOIN members m ON m.workspace = a.workspace AND m.account = a.account
		JOIN channels c ON c.workspace = m.workspace AND c.channel = m.channel
		WHERE a.person_id = ?`, id)
}

// MembersAge returns when a channel's members were last looked up; ErrNotFound if never.
func (tx *Tx) MembersAge(ctx context.Context, p Place) (Time, error) {
	var t Time
	return t, tx.get(ctx, &t, `SELECT refreshed_at FROM channels WHERE workspace = ? AND channel = ?`, p.Workspace, p.Channel)
}
