package store

import (
	"context"
	"errors"
	"time"
)

// Undelivered is a delivery that has failed: it waits for its next try, or is parked.
type Undelivered struct {
	Delivery
	Parked bool
}

// ListUndelivered returns up to limit deliveries that failed at least once, oldest first.
func (tx *Tx) ListUndelivered(ctx context.Context, limit int) ([]Undelivered, error) {
	var us []Undelivered
	return us, tx.list(ctx, &us, `SELECT * FROM (SELECT FALSE AS parked, `+deliveryColumns+` FROM outbox WHERE attempts > 0
		UNION ALL SELECT TRUE AS parked, id, lane, COALESCE(ticket_id, 0) AS ticket_id, workspace, kind, COALESCE(person_id, 0) AS person_id,
			COALESCE(message_id, 0) AS message_id, COALESCE(event_id, 0) AS event_id, COALESCE(file_id, 0) AS file_id, part, upload, 0 AS held_until, 0 AS claims, 0 AS settled,
			attempts, reason, last_error, created_at FROM parked) u ORDER BY id LIMIT ?`, limit)
}

// Undelivered returns one delivery that is in the outbox or parked; ErrNotFound once it was made.
func (tx *Tx) Undelivered(ctx context.Context, id DeliveryID) (u Undelivered, err error) {
	err = tx.get(ctx, &u, `SELECT FALSE AS parked, `+deliveryColumns+` FROM outbox WHERE id = ?`, id)
	if errors.Is(err, ErrNotFound) {
		err = tx.get(ctx, &u, `SELECT TRUE AS parked, id, lane, COALESCE(ticket_id, 0) AS ticket_id, workspace, kind, COALESCE(person_id, 0) AS person_id,
			COALESCE(message_id, 0) AS message_id, COALESCE(event_id, 0) AS event_id, COALESCE(file_id, 0) AS file_id, part, upload, attempts, reason, last_error, created_at
			FROM parked WHERE id = ?`, id)
	}
	return u, err
}

// RetrySoon has a failed delivery tried again within the length of a lease, no sooner: it may be under
// way this very moment, and its lease must hold. One that was parked goes to the end of its lane. The
// caller holds the ticket's lock.
func (tx *Tx) RetrySoon(ctx context.Context, u Undelivered, lease time.Duration) error {
	if !u.Parked {
		_, err := tx.exec(ctx, `UPDATE outbox SET visible_at = `+tx.now+` + ? WHERE id = ? AND visible_at > `+tx.now+` + ?`,
			lease.Milliseconds(), u.ID, lease.Milliseconds())
		return err
	}
	if err := tx.unpark(ctx, u.ID); err != nil {
		return err
	}
	return tx.Enqueue(ctx, u.Delivery)
}

// Drop gives a delivery up for good. The caller holds the ticket's lock.
func (tx *Tx) Drop(ctx context.Context, u Undelivered) error {
	if u.Parked {
		return tx.unpark(ctx, u.ID)
	}
	done, err := tx.Done(ctx, u.Delivery)
	if err == nil && len(done) == 0 {
		err = ErrLost
	}
	return err
}

func (tx *Tx) unpark(ctx context.Context, id DeliveryID) error {
	n, err := tx.exec(ctx, `DELETE FROM parked WHERE id = ?`, id)
	if err == nil && n == 0 {
		err = ErrNotFound // somebody else was quicker
	}
	return err
}
