package store

import "context"

// Snooze is a reminder that an account has put off.
type Snooze struct {
	Account
	What   string // the sort of notice
	Record int64  // what it is about; zero: what all of an organization has
	Until  Time   `db:"until_at"`
}

// PutOff keeps a snooze, in place of an earlier one of the same.
func (tx *Tx) PutOff(ctx context.Context, s Snooze) error {
	_, err := tx.exec(ctx, `INSERT INTO snoozes (workspace, account, what, record, until_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (workspace, account, what, record) DO UPDATE SET until_at = excluded.until_at`, s.Workspace, s.ID, s.What, s.Record, s.Until)
	return err
}

// Sleeps says whether an account has put a reminder off until later than now.
func (tx *Tx) Sleeps(ctx context.Context, a Account, what string, record int64) (bool, error) {
	var n int
	err := tx.get(ctx, &n, `SELECT COUNT(*) FROM snoozes WHERE workspace = ? AND account = ? AND what = ? AND record = ? AND until_at > ?`,
		a.Workspace, a.ID, what, record, tx.Now)
	return n > 0, err
}

// Awakes takes away an account's snooze of a reminder if it is over, and says whether it was there.
func (tx *Tx) Awakes(ctx context.Context, a Account, what string, record int64) (bool, error) {
	n, err := tx.exec(ctx, `DELETE FROM snoozes WHERE workspace = ? AND account = ? AND what = ? AND record = ? AND until_at <= ?`, a.Workspace, a.ID, what, record, tx.Now)
	return n > 0, err
}
