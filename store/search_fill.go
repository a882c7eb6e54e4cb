package store

import (
	"context"
	"errors"
)

// mostFilled is how many tickets get their documents in one transaction.
const mostFilled = 500

// fillSearch makes the tickets known to searches that were there before there were any. It goes on where it was stopped, and
// does nothing once that is done.
func (db *DB) fillSearch(ctx context.Context) error {
	for {
		var filled int
		err := db.Insist(ctx, func(tx *Tx) (err error) {
			filled, err = tx.fillSearch(ctx)
			return err
		})
		if err != nil || filled == 0 {
			return err
		}
	}
}

func (tx *Tx) fillSearch(ctx context.Context) (filled int, err error) {
	var after TicketID
	if err := tx.get(ctx, &after, `SELECT ticket_id FROM search_fill`+tx.forUpdate); errors.Is(err, ErrNotFound) {
		return 0, nil
	} else if err != nil {
		return 0, err
	}
	var ts []Ticket
	if err := tx.list(ctx, &ts, selectTicket+`WHERE t.id > ? ORDER BY t.id LIMIT ?`, after, mostFilled); err != nil {
		return 0, err
	}
	if len(ts) == 0 {
		_, err := tx.exec(ctx, `DELETE FROM search_fill`)
		return 0, err
	}
	last := ts[len(ts)-1].ID
	for _, t := range ts {
		if err := tx.indexTicket(ctx, t.ID, t.Subject); err != nil {
			return 0, err
		}
	}
	var ms []Message
	if err := tx.list(ctx, &ms, selectMessage+`WHERE m.ticket_id > ? AND m.ticket_id <= ? AND m.deleted_at = 0 ORDER BY m.id`, after, last); err != nil {
		return 0, err
	}
	for _, m := range ms {
		if err := tx.indexNew(ctx, m.Ticket, m.ID, m.Body, m.Audience == Public); err != nil {
			return 0, err
		}
	}
	_, err = tx.exec(ctx, `UPDATE search_fill SET ticket_id = ?`, last)
	return len(ts), err
}
