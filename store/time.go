package store

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Time is an instant as both databases keep it: whole milliseconds since 1970, UTC.
// (The SQLite driver would store a time.Time as local text.)
type Time struct{ time.Time }

// At cuts t down to what the database keeps, so that a value read back equals the one written.
func At(t time.Time) Time { return Time{time.UnixMilli(t.UnixMilli()).UTC()} }

// Value implements driver.Valuer. No time is kept as 0.
func (t Time) Value() (driver.Value, error) {
	if t.IsZero() {
		return int64(0), nil
	}
	return t.UnixMilli(), nil
}

// Scan implements sql.Scanner.
func (t *Time) Scan(src any) error {
	ms, ok := src.(int64)
	if !ok {
		return fmt.Errorf("store: a time is kept as milliseconds, not as %T", src)
	}
	*t = Time{}
	if ms != 0 {
		*t = Time{time.UnixMilli(ms).UTC()}
	}
	return nil
}
