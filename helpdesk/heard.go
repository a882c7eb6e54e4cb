package helpdesk

import (
	"context"
	"errors"
	"time"

	"guichet/store"
)

// Heard returns until when a workspace is known to have been listened to; zero if it never was.
func (d *Desk) Heard(ctx context.Context, workspace string) (at time.Time, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		t, err := tx.Heard(ctx, workspace)
		at = t.Time
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	})
	return at, err
}

// SetHeard notes that a workspace is being listened to now.
func (d *Desk) SetHeard(ctx context.Context, workspace string) error {
	return d.db.Write(ctx, func(tx *store.Tx) error { return tx.SetHeard(ctx, workspace) })
}

// Conversations returns the threads in a workspace of the next some tickets that are not closed, and
// after which ticket to go on; zero at the end. What people write there matters.
func (d *Desk) Conversations(ctx context.Context, workspace string, after store.TicketID) (ths []store.Thread, next store.TicketID, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		ids, err := tx.TicketsIn(ctx, []string{string(New), string(Open), string(Waiting), string(Resolved)}, after, 100)
		if err != nil || len(ids) == 0 {
			return err
		}
		next = ids[len(ids)-1]
		ths, err = tx.CardThreads(ctx, workspace, ids)
		return err
	})
	return ths, next, err
}
