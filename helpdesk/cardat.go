package helpdesk

import (
	"context"

	"guichet/store"
)

// CardAt returns the ticket whose present card a message is, and on which side of the counter it shows;
// store.ErrNotFound if it is none.
func (d *Desk) CardAt(ctx context.Context, p store.Place, message string) (id store.TicketID, side string, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		th, err := cardAt(ctx, tx, p, message)
		if err == nil {
			id, side = th.Ticket, SideOfLane(store.Ticket{ID: th.Ticket}, th.Lane)
		}
		return err
	})
	return id, side, err
}

// cardAt is the thread of the present card that a message is.
func cardAt(ctx context.Context, tx *store.Tx, p store.Place, message string) (store.Thread, error) {
	th, err := tx.ThreadByRoot(ctx, p, message)
	if err == nil && th.IsCard {
		th, err = tx.CardThread(ctx, th.Lane)
	}
	if err == nil && (!th.IsCard || th.Root != message || th.Channel != p.Channel) {
		err = store.ErrNotFound
	}
	return th, err
}

// Redraw has a card at the desk drawn anew, as it is by then. What is no such card is left as it is.
func (d *Desk) Redraw(ctx context.Context, p store.Place, message string) error {
	return d.db.Write(ctx, func(tx *store.Tx) error {
		th, err := cardAt(ctx, tx, p, message)
		if err != nil {
			return ignoreNotFound(err)
		}
		t, err := tx.LockTicket(ctx, th.Ticket)
		if err != nil || th.Lane != Lane(t, store.DeskSide) {
			return err
		}
		return d.tell(ctx, tx, t, []Telling{{store.DeskSide, TellCard}}, store.Message{}, 0)
	})
}
