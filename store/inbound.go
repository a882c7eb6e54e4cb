package store

import (
	"context"
	"encoding/json"
	"time"
)

// FirstTime records the id of something that came in and says whether it is new. An empty key
// is always new: its sender gave it no id.
func (tx *Tx) FirstTime(ctx context.Context, key string) (bool, error) {
	if key == "" {
		return true, nil
	}
	n, err := tx.exec(ctx, `INSERT INTO inbound (key, received_at) VALUES (?, ?) ON CONFLICT DO NOTHING`, key, tx.Now)
	return n == 1, err
}

// CameIn says whether the id of something that came in was recorded; an empty one never is.
func (tx *Tx) CameIn(ctx context.Context, key string) (bool, error) {
	var n int
	err := tx.get(ctx, &n, `SELECT COUNT(*) FROM inbound WHERE key = ?`, key)
	return n > 0, err
}

// Draft is what a person has filled in so far in a form of several steps.
type Draft struct {
	Nonce  string // of the form
	Person PersonID
	Fields map[string]string
}

// SaveDraft keeps a draft, in place of an earlier one of the same form and person.
func (tx *Tx) SaveDraft(ctx context.Context, d Draft) error {
	b, err := json.Marshal(d.Fields)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO drafts (nonce, person_id, fields, updated_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (nonce) DO UPDATE SET fields = excluded.fields, updated_at = excluded.updated_at
		WHERE drafts.person_id = excluded.person_id`, d.Nonce, d.Person, string(b), tx.Now)
	return err
}

// Draft returns the person's own draft; ErrNotFound when there is none.
func (tx *Tx) Draft(ctx context.Context, nonce string, person PersonID) (Draft, error) {
	var fields string
	d := Draft{Nonce: nonce, Person: person}
	err := tx.get(ctx, &fields, `SELECT fields FROM drafts WHERE nonce = ? AND person_id = ?`, nonce, person)
	if err != nil {
		return Draft{}, err
	}
	return d, json.Unmarshal([]byte(fields), &d.Fields)
}

// Sweep deletes what served its purpose: ids of old requests, drafts of forms, messages of threads that never became
// a ticket's, and addresses that were to be confirmed, which may be anybody's.
func (tx *Tx) Sweep(ctx context.Context, keep time.Duration) error {
	before := At(tx.Now.Add(-keep))
	for _, q := range []string{
		`DELETE FROM inbound WHERE received_at < ?`,
		`DELETE FROM drafts WHERE updated_at < ?`,
		`DELETE FROM unplaced WHERE received_at < ?`,
		`DELETE FROM senders WHERE since < ?`,
		`DELETE FROM confirmations WHERE created_at < ?`,
	} {
		if _, err := tx.exec(ctx, q, before); err != nil {
			return err
		}
	}
	_, err := tx.exec(ctx, `DELETE FROM snoozes WHERE until_at < ?`, At(tx.Now.Add(-keepSnoozes)))
	return err
}

// keepSnoozes is how long a snooze is kept that is over: some reminders come again by it, when it is looked at next.
const keepSnoozes = 60 * 24 * time.Hour
