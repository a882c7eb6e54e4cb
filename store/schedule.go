package store

import "context"

// ScheduleNext returns when a schedule runs next. One that is not known yet starts with first.
func (tx *Tx) ScheduleNext(ctx context.Context, key string, first Time) (Time, error) {
	_, err := tx.exec(ctx, `INSERT INTO schedules (key, next_at) VALUES (?, ?) ON CONFLICT DO NOTHING`, key, first)
	if err != nil {
		return Time{}, err
	}
	var t Time
	return t, tx.get(ctx, &t, `SELECT next_at FROM schedules WHERE key = ?`, key)
}

// AdvanceSchedule moves a schedule from one instant to the next, and says whether this call did:
// of several copies of the program, one.
func (tx *Tx) AdvanceSchedule(ctx context.Context, key string, from, to Time) (bool, error) {
	n, err := tx.exec(ctx, `UPDATE schedules SET next_at = ? WHERE key = ? AND next_at = ?`, to, key, from)
	return n == 1, err
}

// SchedulesAt returns when each of some schedules runs next, as far as that is known.
func (tx *Tx) SchedulesAt(ctx context.Context, keys []string) (map[string]Time, error) {
	var rows []struct {
		Key string
		At  Time `db:"next_at"`
	}
	err := tx.list(ctx, &rows, `SELECT key, next_at FROM schedules WHERE key IN (?)`, keys)
	all := make(map[string]Time, len(rows))
	for _, r := range rows {
		all[r.Key] = r.At
	}
	return all, err
}
