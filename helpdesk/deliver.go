package helpdesk

import (
	"context"
	"errors"

	"guichet/store"
)

// Delivered notes that a delivery was made: the next of its conversation may follow. posted is
// the thread that it began, if it began one; what was written there meanwhile finds its place.
func (d *Desk) Delivered(ctx context.Context, del store.Delivery, posted *store.Thread) error {
	return d.db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.Done(ctx, del); err != nil || posted == nil {
			return err
		}
		return d.link(ctx, tx, *posted)
	})
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

func (d *Desk) link(ctx context.Context, tx *store.Tx, th store.Thread) error {
	if err := tx.LockThread(ctx, store.Place{Workspace: th.Workspace, Channel: th.Channel}, th.Root); err != nil {
		return err
	}
	if err := tx.AddThread(ctx, th); err != nil {
		return err
	}
	return d.place(ctx, tx, th)
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
