package store

import "context"

// Due is a ticket of which something may be due, and since when.
type Due struct {
	Ticket TicketID `db:"id"`
	At     Time     `db:"due_at"`
}

// TicketsDue returns up to limit tickets of which something may be due by an instant, after one of them (zero: from the
// first), the longest due first.
func (tx *Tx) TicketsDue(ctx context.Context, by Time, after Due, limit int) ([]Due, error) {
	var ds []Due
	return ds, tx.list(ctx, &ds, `SELECT id, due_at FROM tickets WHERE due_at > 0 AND due_at <= ? AND (due_at, id) > (?, ?)
		ORDER BY due_at, id LIMIT ?`, by, after.At, after.Ticket, limit)
}

// NextDue is when something of any ticket may be due next; zero: nothing will be.
func (tx *Tx) NextDue(ctx context.Context) (Time, error) {
	var ds []Due
	err := tx.list(ctx, &ds, `SELECT id, due_at FROM tickets WHERE due_at > 0 ORDER BY due_at, id LIMIT 1`)
	if err != nil || len(ds) == 0 {
		return Time{}, err
	}
	return ds[0].At, nil
}

// CountAnew has up to limit tickets of a queue with numbers above one, that are in a state, counted again, and returns
// the last of them; zero: there were none.
func (tx *Tx) CountAnew(ctx context.Context, queue, state string, after TicketID, limit int) (last TicketID, err error) {
	err = tx.get(ctx, &last, `SELECT COALESCE(MAX(id), 0) FROM (SELECT id FROM tickets WHERE queue = ? AND state = ? AND id > ?
		ORDER BY id LIMIT ?) AS upto`, queue, state, after, limit)
	if err == nil && last != 0 {
		_, err = tx.exec(ctx, `UPDATE tickets SET due_at = 1 WHERE queue = ? AND state = ? AND id > ? AND id <= ?`, queue, state, after, last)
	}
	return last, err
}

// Policy returns the hash of the settings by which what is due in a queue was counted; empty: by none.
func (tx *Tx) Policy(ctx context.Context, queue string) (hash string, err error) {
	err = tx.get(ctx, &hash, `SELECT hash FROM policies WHERE queue = ?`, queue)
	if err == ErrNotFound {
		err = nil
	}
	return hash, err
}

// SetPolicy notes by which settings what is due in a queue is counted now.
func (tx *Tx) SetPolicy(ctx context.Context, queue, hash string) error {
	_, err := tx.exec(ctx, `INSERT INTO policies (queue, hash) VALUES (?, ?) ON CONFLICT (queue) DO UPDATE SET hash = excluded.hash`, queue, hash)
	return err
}

// AllEvents returns the whole history of a ticket, oldest first.
func (tx *Tx) AllEvents(ctx context.Context, id TicketID) ([]Event, error) {
	var es []Event
	return es, tx.list(ctx, &es, selectEvent+`WHERE e.ticket_id = ? ORDER BY e.id`, id)
}

// AllPublic returns every message of a ticket that is not internal, deleted ones too, oldest first.
func (tx *Tx) AllPublic(ctx context.Context, id TicketID) ([]Message, error) {
	var ms []Message
	return ms, tx.list(ctx, &ms, selectMessage+`WHERE m.ticket_id = ? AND m.audience = ? ORDER BY m.id`, id, Public)
}

// TicketsBetween returns up to limit tickets with numbers above one that were there between two instants, and not closed all
// the while, in order.
func (tx *Tx) TicketsBetween(ctx context.Context, from, to Time, after TicketID, limit int) ([]Ticket, error) {
	var ts []Ticket
	return ts, tx.list(ctx, &ts, selectTicket+`WHERE t.id > ? AND t.created_at <= ? AND (t.state <> 'closed' OR t.state_since >= ?)
		ORDER BY t.id LIMIT ?`, after, to, from, limit)
}
