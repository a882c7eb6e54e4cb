package helpdesk

import (
	"context"
	"errors"
	"slices"

	"guichet/store"
)

// Made is a delivery that was made. Began is the thread that it began, if it began one.
type Made struct {
	store.Delivery
	Began *store.Thread
}

// Delivered notes that deliveries were made: the next of their conversations may follow, and what was
// written meanwhile into the threads that they began finds its place. It returns the deliveries that
// it noted; the others have passed to somebody else.
func (d *Desk) Delivered(ctx context.Context, made ...Made) (noted []store.DeliveryID, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		var ds []store.Delivery
		for _, m := range made {
			ds = append(ds, m.Delivery)
		}
		if noted, err = tx.Done(ctx, ds...); err != nil {
			return err
		}
		var began []store.Thread
		for _, m := range made {
			if m.Began != nil && slices.Contains(noted, m.ID) {
				began = append(began, *m.Began)
			}
		}
		return d.link(ctx, tx, began...)
	})
	return noted, err
}

// KnowsThread says whether the thread below a message is a ticket's.
func (d *Desk) KnowsThread(ctx context.Context, p store.Place, root string) (known bool, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		_, err := tx.ThreadByRoot(ctx, p, root)
		known = err == nil
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	})
	return known, err
}

// ShowsCard says whether a message is the present card of a ticket, which shows by itself what changed.
func (d *Desk) ShowsCard(ctx context.Context, p store.Place, message string) (is bool, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		th, err := tx.ThreadByRoot(ctx, p, message)
		if err == nil && th.IsCard {
			th, err = tx.CardThread(ctx, th.Lane)
			is = th.Root == message && th.Channel == p.Channel
		}
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	})
	return is, err
}

// Link notes the thread of a card that was posted anew, outside any delivery of its own.
func (d *Desk) Link(ctx context.Context, th store.Thread) error {
	return d.db.Write(ctx, func(tx *store.Tx) error { return d.link(ctx, tx, th) })
}

func (d *Desk) link(ctx context.Context, tx *store.Tx, ths ...store.Thread) error {
	written, err := tx.AddThreads(ctx, ths...)
	for _, th := range written {
		if err := d.place(ctx, tx, th); err != nil {
			return err
		}
	}
	return err
}

// Refresh has the cards of every active ticket brought up to date, and posted anew where they are
// gone. It returns how many tickets that concerns.
func (d *Desk) Refresh(ctx context.Context) (n int, err error) {
	var after store.TicketID
	for {
		var ids []store.TicketID
		err := d.db.Read(ctx, func(tx *store.Tx) (err error) {
			ids, err = tx.ActiveTickets(ctx, after, 100)
			return err
		})
		if err != nil || len(ids) == 0 {
			return n, err
		}
		for _, id := range ids {
			err := d.db.Write(ctx, func(tx *store.Tx) error {
				t, err := tx.LockTicket(ctx, id)
				if err != nil {
					return err
				}
				return d.tell(ctx, tx, t, []Telling{{store.DeskSide, TellCard}, {store.RequesterSide, TellCard}}, store.Message{}, 0)
			})
			if err != nil {
				return n, err
			}
			n++
		}
		after = ids[len(ids)-1]
	}
}
