package helpdesk

import (
	"context"
	"time"

	"guichet/store"
)

// Lease is how long a delivery that a worker has taken up stays its own, should the worker die.
const Lease = 20 * time.Second

// Undelivered lists up to limit deliveries that failed at least once, oldest first.
func (d *Desk) Undelivered(ctx context.Context, limit int) (us []store.Undelivered, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		us, err = tx.ListUndelivered(ctx, limit)
		return err
	})
	return us, err
}

// RetryDelivery has a failed delivery tried again, at the latest when a lease is over.
func (d *Desk) RetryDelivery(ctx context.Context, id store.DeliveryID) error {
	return d.undelivered(ctx, id, func(tx *store.Tx, u store.Undelivered) error { return tx.RetrySoon(ctx, u, Lease) })
}

// DropDelivery gives a delivery up for good, which the ticket's history tells.
func (d *Desk) DropDelivery(ctx context.Context, id store.DeliveryID) error {
	return d.undelivered(ctx, id, func(tx *store.Tx, u store.Undelivered) error {
		if err := tx.Drop(ctx, u); err != nil {
			return err
		}
		if u.Ticket == 0 {
			return nil
		}
		_, err := tx.AddEvent(ctx, store.Event{Ticket: u.Ticket, Act: string(Drop), Source: "operator"})
		return err
	})
}

// undelivered does something to a delivery that was not made; store.ErrNotFound when it has been.
func (d *Desk) undelivered(ctx context.Context, id store.DeliveryID, do func(*store.Tx, store.Undelivered) error) error {
	return d.db.Write(ctx, func(tx *store.Tx) error {
		u, err := tx.Undelivered(ctx, id)
		if err != nil {
			return err
		}
		if u.Ticket != 0 {
			if _, err := tx.LockTicket(ctx, u.Ticket); err != nil {
				return err
			}
		}
		return do(tx, u)
	})
}
