package helpdesk

import (
	"context"
	"errors"
	"fmt"
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

// Conversations hands over, one by one, the threads in a workspace of the tickets that are not closed:
// what people write there matters.
func (d *Desk) Conversations(ctx context.Context, workspace string, each func(store.Thread) error) error {
	for _, state := range []State{New, Open, Waiting, Resolved} {
		var after store.TicketID
		for {
			threads, last, err := d.conversations(ctx, workspace, state, after)
			if err != nil {
				return err
			}
			for _, th := range threads {
				if err := each(th); err != nil {
					return fmt.Errorf("ticket %d: %w", th.Ticket, err)
				}
			}
			if last == 0 {
				break
			}
			after = last
		}
	}
	return nil
}

// conversations are the threads of the next some tickets in a state; last is zero when there are none.
func (d *Desk) conversations(ctx context.Context, workspace string, state State, after store.TicketID) (ths []store.Thread, last store.TicketID, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		ids, err := tx.TicketsIn(ctx, string(state), after, 100)
		if err != nil || len(ids) == 0 {
			return err
		}
		last = ids[len(ids)-1]
		ths, err = tx.CardThreads(ctx, workspace, ids)
		return err
	})
	return ths, last, err
}
