package store

import (
	"context"
	"fmt"
)

// TicketsToJoin locks the tickets that Join changes, in the order of their ids, and returns them.
func (tx *Tx) TicketsToJoin(ctx context.Context, from PersonID) ([]TicketID, error) {
	var ids []TicketID
	err := tx.list(ctx, &ids, `SELECT id FROM tickets WHERE requester_id = ? UNION SELECT ticket_id FROM followers WHERE person_id = ? ORDER BY id`, from, from)
	if err != nil || len(ids) == 0 || tx.forUpdate == "" {
		return ids, err
	}
	var locked []TicketID
	return ids, tx.list(ctx, &locked, `SELECT id FROM tickets WHERE id IN (?) ORDER BY id`+tx.forUpdate, ids)
}

// Join makes one person's accounts, tickets and what they follow another's, whom they have turned out to be. What they
// said and did keeps their name (see Person.Joined). The caller has locked the tickets (TicketsToJoin).
func (tx *Tx) Join(ctx context.Context, from, into PersonID, tickets []TicketID) error {
	for _, t := range tickets {
		if err := tx.joinIn(ctx, t, from, into); err != nil {
			return err
		}
	}
	for _, query := range []string{
		`UPDATE tickets SET assignee_id = ? WHERE assignee_id = ?`,
		`UPDATE accounts SET person_id = ? WHERE person_id = ?`,
		`UPDATE people SET joined_id = ? WHERE joined_id = ? AND joined_id <> 0`,
		`UPDATE people SET joined_id = ?, mail = '' WHERE id = ?`,
	} {
		if _, err := tx.exec(ctx, query, into, from); err != nil {
			return err
		}
	}
	return nil
}

// joinIn is Join in one ticket. Each of the two may be its requester or follow it: then the one conversation goes on
// in the requester's thread, and what they write in the other's is heard all the same.
func (tx *Tx) joinIn(ctx context.Context, t TicketID, from, into PersonID) error {
	var requester PersonID
	if err := tx.get(ctx, &requester, `SELECT requester_id FROM tickets WHERE id = ?`, t); err != nil {
		return err
	}
	both := []PersonID{from, into}
	var following []PersonID
	if err := tx.list(ctx, &following, `SELECT person_id FROM followers WHERE ticket_id = ? AND person_id IN (?)`, t, both); err != nil {
		return err
	}
	asks := requester == from || requester == into
	for _, p := range following {
		if !asks && (len(following) == 1 || p == into) {
			continue
		}
		// This conversation ends: what waits in it is told in the other.
		lane := Lane(t, fmt.Sprint(p))
		if _, err := tx.exec(ctx, `DELETE FROM followers WHERE ticket_id = ? AND person_id = ?`, t, p); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `UPDATE threads SET is_card = ? WHERE lane = ?`, false, lane); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `DELETE FROM outbox WHERE lane = ?`, lane); err != nil {
			return err
		}
	}
	if _, err := tx.exec(ctx, `UPDATE followers SET person_id = ? WHERE ticket_id = ? AND person_id = ?`, into, t, from); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `UPDATE tickets SET requester_id = ?, updated_at = ? WHERE id = ? AND requester_id = ?`, into, tx.Now, t, from); err != nil {
		return err
	}
	for _, of := range []string{"", "/" + Mail} {
		if err := tx.renameLane(ctx, t, Lane(t, fmt.Sprint(from))+of, Lane(t, fmt.Sprint(into))+of, into); err != nil {
			return err
		}
	}
	return nil
}

// renameLane gives a conversation another name, wherever it is named.
func (tx *Tx) renameLane(ctx context.Context, t TicketID, was, now string, p PersonID) error {
	for _, one := range []struct {
		query string
		args  []any
	}{
		{`UPDATE threads SET lane = ? WHERE lane = ?`, []any{now, was}},
		{`UPDATE posts SET lane = ? WHERE lane = ? AND message_id IN (SELECT id FROM messages WHERE ticket_id = ?)`, []any{now, was, t}},
		{`UPDATE uploads SET lane = ? WHERE lane = ? AND file_id IN (
			SELECT f.id FROM files f WHERE f.message_id IN (SELECT id FROM messages WHERE ticket_id = ?))`, []any{now, was, t}},
		{`UPDATE outbox SET lane = ?, unique_key = CASE WHEN unique_key IS NULL THEN NULL ELSE kind || ':' || ? END, person_id = ?
			WHERE lane = ?`, []any{now, now, p, was}},
		{`UPDATE parked SET lane = ?, person_id = ? WHERE lane = ?`, []any{now, p, was}},
	} {
		if _, err := tx.exec(ctx, one.query, one.args...); err != nil {
			return err
		}
	}
	return nil
}

// JoinedSince returns those who have turned out to be somebody else since an instant.
func (tx *Tx) JoinedSince(ctx context.Context, since Time) ([]Person, error) {
	var ps []Person
	return ps, tx.list(ctx, &ps, selectPerson+`WHERE p.joined_id IN (SELECT person_id FROM confirmations WHERE used_at >= ? AND used_at <> 0)
		AND p.joined_id <> 0`, since)
}
