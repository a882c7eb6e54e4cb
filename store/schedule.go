package store

import (
	"context"
	"errors"
)

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

// ScheduleAt returns when a schedule runs next; zero, if it is not known yet.
func (tx *Tx) ScheduleAt(ctx context.Context, key string) (t Time, err error) {
	err = tx.get(ctx, &t, `SELECT next_at FROM schedules WHERE key = ?`, key)
	if errors.Is(err, ErrNotFound) {
		return Time{}, nil
	}
	return t, err
}
