package store

import (
	"context"
	"fmt"
	"slices"
)

// TicketsToJoin locks the tickets that Join changes, in the order of their ids, and returns those that the person asked
// or follows.
func (tx *Tx) TicketsToJoin(ctx context.Context, from PersonID) ([]TicketID, error) {
	const theirs = `SELECT id FROM tickets WHERE requester_id = ? UNION SELECT ticket_id FROM followers WHERE person_id = ?`
	if tx.forUpdate != "" {
		var locked []TicketID
		err := tx.list(ctx, &locked, `SELECT id FROM tickets WHERE id IN (`+theirs+` UNION SELECT id FROM tickets WHERE assignee_id = ?)
			ORDER BY id`+tx.forUpdate, from, from, from)
		if err != nil {
			return nil, err
		}
	}
	var ids []TicketID
	return ids, tx.list(ctx, &ids, theirs+` ORDER BY id`, from, from)
}

// Join makes one person's accounts, tickets, drafts, licenses, what they follow and what they administer another's, whom they have turned out to be. What
// they said and did keeps their name (see Person.Joined), and so do confirmations, whose links are signed with it. The
// caller has locked the tickets (TicketsToJoin). Where a conversation ends, nothing more is told in it but deliveries of
// one kind.
func (tx *Tx) Join(ctx context.Context, from, into PersonID, tickets []TicketID, but string) error {
	for _, t := range tickets {
		if err := tx.joinIn(ctx, t, from, into, but); err != nil {
			return err
		}
	}
	if err := tx.joinAdministrators(ctx, from, into); err != nil {
		return err
	}
	for _, query := range []string{
		`UPDATE tickets SET assignee_id = ? WHERE assignee_id = ?`,
		`UPDATE accounts SET person_id = ? WHERE person_id = ?`,
		`UPDATE drafts SET person_id = ? WHERE person_id = ?`,
		`UPDATE orders SET person_id = ? WHERE person_id = ?`,
		`UPDATE requests SET person_id = ? WHERE person_id = ?`,
		`UPDATE activations SET person_id = ? WHERE person_id = ?`,
		`UPDATE terminations SET person_id = ? WHERE person_id = ?`,
		`UPDATE people SET joined_id = ? WHERE joined_id = ? AND joined_id <> 0`,
		`UPDATE people SET joined_id = ?, mail = '' WHERE id = ?`,
	} {
		if _, err := tx.exec(ctx, query, into, from); err != nil {
			return err
		}
	}
	return tx.joinSeats(ctx, from, into)
}

// joinIn is Join in one ticket. Each of the two may be its requester or follow it: then the one conversation goes on
// in the requester's thread, and what they write in the other's is heard all the same. What was told in the one that
// ends can still be taken away there: it goes by the name of whoever is nobody of their own any more.
func (tx *Tx) joinIn(ctx context.Context, t TicketID, from, into PersonID, but string) error {
	var requester PersonID
	if err := tx.get(ctx, &requester, `SELECT requester_id FROM tickets WHERE id = ?`, t); err != nil {
		return err
	}
	var following []PersonID
	if err := tx.list(ctx, &following, `SELECT person_id FROM followers WHERE ticket_id = ? AND person_id IN (?)`, t, []PersonID{from, into}); err != nil {
		return err
	}
	var ends PersonID // whose conversation does
	switch asks := requester == from || requester == into; {
	case asks && len(following) > 0:
		ends = following[0]
	case len(following) > 1:
		ends = from
	}
	was, now := Lane(t, fmt.Sprint(from)), Lane(t, fmt.Sprint(into))
	if ends != 0 {
		if err := tx.endLane(ctx, t, ends, into, but); err != nil {
			return err
		}
	}
	var err error
	switch ends {
	case 0:
		err = tx.renameTold(ctx, t, was, now, into)
	case into: // they change places
		aside := now + "/aside"
		for _, lanes := range [][2]string{{now, aside}, {was, now}, {aside, was}} {
			if err = tx.renameTold(ctx, t, lanes[0], lanes[1], into); err != nil {
				return err
			}
		}
	}
	if err != nil {
		return err
	}
	for _, one := range []statement{
		{`UPDATE threads SET lane = ? WHERE lane = ?`, []any{now, was}},
		{`UPDATE files SET written_in = ? WHERE written_in = ? AND message_id IN (SELECT id FROM messages WHERE ticket_id = ?)`,
			[]any{fmt.Sprint(into), fmt.Sprint(from), t}},
		{`UPDATE followers SET person_id = ? WHERE ticket_id = ? AND person_id = ?`, []any{into, t, from}},
		{`UPDATE tickets SET requester_id = ?, updated_at = ? WHERE id = ? AND requester_id = ?`, []any{into, tx.Now, t, from}},
	} {
		if _, err := tx.exec(ctx, one.query, one.args...); err != nil {
			return err
		}
	}
	if ends == 0 {
		return nil
	}
	return tx.promote(ctx, []string{was})
}

// statement is one with what it is about.
type statement struct {
	query string
	args  []any
}

// endLane ends a follower's conversation, since the same person has another one about the ticket: what waits in it is
// told there.
func (tx *Tx) endLane(ctx context.Context, t TicketID, follower, into PersonID, but string) error {
	lane := Lane(t, fmt.Sprint(follower))
	for _, one := range []statement{
		{`DELETE FROM followers WHERE ticket_id = ? AND person_id = ?`, []any{t, follower}},
		{`UPDATE threads SET is_card = ? WHERE lane = ?`, []any{false, lane}},
		{`DELETE FROM outbox WHERE lane = ? AND kind <> ?`, []any{lane, but}},
		{`UPDATE outbox SET person_id = ? WHERE lane = ?`, []any{into, lane}},
		{`DELETE FROM parked WHERE lane = ?`, []any{lane}},
	} {
		if _, err := tx.exec(ctx, one.query, one.args...); err != nil {
			return err
		}
	}
	return nil
}

// renameTold gives what was told in a conversation, and is to be, another name, and what is told by mail beside it.
func (tx *Tx) renameTold(ctx context.Context, t TicketID, was, now string, p PersonID) error {
	const renamed, renames = `CAST(? AS TEXT) || substr(lane, length(CAST(? AS TEXT)) + 1)`, `lane IN (?, ?)`
	name, those := []any{now, was}, []any{was, was + "/" + Mail}
	for _, one := range []statement{
		{`UPDATE posts SET lane = ` + renamed + ` WHERE ` + renames + ` AND message_id IN (SELECT id FROM messages WHERE ticket_id = ?)`,
			slices.Concat(name, those, []any{t})},
		{`UPDATE uploads SET lane = ` + renamed + ` WHERE ` + renames + ` AND file_id IN (
			SELECT f.id FROM files f WHERE f.message_id IN (SELECT id FROM messages WHERE ticket_id = ?))`, slices.Concat(name, those, []any{t})},
		{`UPDATE outbox SET lane = ` + renamed + `, person_id = ?,
			unique_key = CASE WHEN unique_key IS NULL THEN NULL ELSE kind || ':' || ` + renamed + ` END WHERE ` + renames,
			slices.Concat(name, []any{p}, name, those)},
		{`UPDATE parked SET lane = ` + renamed + `, person_id = ? WHERE ` + renames, slices.Concat(name, []any{p}, those)},
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
	return ps, tx.list(ctx, &ps, selectPerson+`WHERE p.joined_id <> 0 AND p.joined_id IN (
		SELECT CASE WHEN q.joined_id = 0 THEN q.id ELSE q.joined_id END FROM confirmations c JOIN people q ON q.id = c.person_id
		WHERE c.used_at >= ? AND c.used_at <> 0)`, since)
}
