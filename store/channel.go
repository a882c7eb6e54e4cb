package store

import (
	"context"
	"slices"
	"time"
)

// Place is a channel of a workspace.
type Place struct {
	Workspace string
	Channel   string
}

// Seen is what a look at a channel has shown.
type Seen struct {
	Private bool
	Members []string // accounts
}

// ahead is how far the clock of another copy may be before ours. What is known from later than that is
// from before the clock was put back.
const ahead = time.Minute

// SetSeen replaces what is known of a channel by what was so at an instant. What is older than what
// is known is passed over.
func (tx *Tx) SetSeen(ctx context.Context, p Place, s Seen, at Time) error {
	// The row of the channel is the lock: two copies that look together take turns.
	n, err := tx.exec(ctx, `INSERT INTO channels (workspace, channel, private, refreshed_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (workspace, channel) DO UPDATE SET private = excluded.private, refreshed_at = excluded.refreshed_at
		WHERE channels.refreshed_at <= excluded.refreshed_at OR channels.refreshed_at > ?`,
		p.Workspace, p.Channel, s.Private, at, At(tx.Now.Add(ahead)))
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
				if err := tx.markHomes(ctx, p.Workspace, []string{a}); err != nil { // they see other tickets now
					return err
				}
			}
		}
		return nil
	}
	if err := change(`DELETE FROM members WHERE workspace = ? AND channel = ? AND account = ?`, known, s.Members); err != nil {
		return err
	}
	return change(`INSERT INTO members (workspace, channel, account) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, s.Members, known)
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

// SeenPrivate returns when a channel was last looked at, if it was private then; else ErrNotFound.
func (tx *Tx) SeenPrivate(ctx context.Context, p Place) (Time, error) {
	var t Time
	return t, tx.get(ctx, &t, `SELECT refreshed_at FROM channels WHERE workspace = ? AND channel = ? AND private`, p.Workspace, p.Channel)
}
