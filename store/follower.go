package store

import "context"

// Follower is somebody who is told of a ticket besides its requester.
type Follower struct {
	Person    PersonID `db:"person_id"`
	Workspace string   // by which they are told
	Desk      bool     // as an agent of the ticket's queue, and as long as they are one
}

// AddFollower has somebody follow a ticket. One who does already returns added = false. The caller holds
// the ticket's lock.
func (tx *Tx) AddFollower(ctx context.Context, id TicketID, f Follower) (added bool, err error) {
	n, err := tx.exec(ctx, `INSERT INTO followers (ticket_id, person_id, workspace, desk) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		id, f.Person, f.Workspace, f.Desk)
	if err == nil && n > 0 {
		_, err = tx.exec(ctx, `UPDATE tickets SET followed = ? WHERE id = ?`, true, id)
	}
	return n > 0, err
}

// DropFollower has somebody follow a ticket no more. That it has had followers stays noted: looking for
// one in vain does no harm.
func (tx *Tx) DropFollower(ctx context.Context, id TicketID, person PersonID) error {
	_, err := tx.exec(ctx, `DELETE FROM followers WHERE ticket_id = ? AND person_id = ?`, id, person)
	return err
}

// Followers returns who follows a ticket, in the order of their ids.
func (tx *Tx) Followers(ctx context.Context, id TicketID) ([]Follower, error) {
	var fs []Follower
	return fs, tx.list(ctx, &fs, `SELECT person_id, workspace, desk FROM followers WHERE ticket_id = ? ORDER BY person_id`, id)
}

// Follower returns how somebody follows a ticket; ErrNotFound if they don't.
func (tx *Tx) Follower(ctx context.Context, id TicketID, person PersonID) (f Follower, err error) {
	return f, tx.get(ctx, &f, `SELECT person_id, workspace, desk FROM followers WHERE ticket_id = ? AND person_id = ?`, id, person)
}
