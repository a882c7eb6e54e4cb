package helpdesk

import (
	"context"
	"errors"
	"time"

	"guichet/store"
)

// Heard returns until when a workspace is known to have been listened to; if it never was, an instant
// before all that could have been missed.
func (d *Desk) Heard(ctx context.Context, workspace string) (at time.Time, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		t, err := tx.Heard(ctx, workspace)
		if at = t.Time; errors.Is(err, store.ErrNotFound) {
			at, err = time.Unix(24*3600, 0), nil
		}
		return err
	})
	return at, err
}

// SetHeard notes that a workspace is being listened to now.
func (d *Desk) SetHeard(ctx context.Context, workspace string) error {
	return d.db.Write(ctx, func(tx *store.Tx) error { return tx.SetHeard(ctx, workspace) })
}

// Conversations returns the threads in a workspace of the tickets that are not closed: what people write
// there matters.
func (d *Desk) Conversations(ctx context.Context, workspace string) (ths []store.Thread, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error { // of one moment: a ticket may change its state meanwhile
		for _, state := range []State{New, Open, Waiting, Resolved} {
			for after := store.TicketID(0); ; {
				ids, err := tx.TicketsIn(ctx, string(state), after, 100)
				if err != nil {
					return err
				}
				if len(ids) == 0 {
					break
				}
				some, err := tx.ThreadsOf(ctx, workspace, ids)
				if err != nil {
					return err
				}
				ths, after = append(ths, some...), ids[len(ids)-1]
			}
		}
		return nil
	})
	return ths, err
}
