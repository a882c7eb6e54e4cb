package store

import "context"

// Agent is a member of a queue's channel whom the desk has met, with an account of theirs there.
type Agent struct {
	Person  PersonID `db:"person_id"`
	Account string
	Name    string
	Mail    string // confirmed; empty: none
}

// AgentsAt are the members of a channel whom the desk has met, as they were last seen there, by person.
func (tx *Tx) AgentsAt(ctx context.Context, p Place) ([]Agent, error) {
	var as []Agent
	// CROSS JOIN keeps SQLite from beginning with the accounts, of which there are many.
	return as, tx.list(ctx, &as, `SELECT p.id AS person_id, m.account AS account, p.name AS name, p.mail AS mail FROM members m
		CROSS JOIN accounts a CROSS JOIN people p WHERE m.workspace = ? AND m.channel = ?
			AND a.workspace = m.workspace AND a.account = m.account AND p.id = a.person_id ORDER BY p.id`, p.Workspace, p.Channel)
}

// mostLoad is how far the tickets of one person are counted: who has more has enough.
const mostLoad = 200

// Load is how many tickets somebody works on, as far as anybody counts.
func (tx *Tx) Load(ctx context.Context, p PersonID) (n int, err error) {
	return n, tx.get(ctx, &n, `SELECT COUNT(*) FROM (SELECT id FROM tickets WHERE assignee_id = ? AND active = ? ORDER BY id LIMIT ?) AS theirs`,
		p, true, mostLoad)
}

// LockTurn returns who was last given a ticket of a queue by its policy (zero: nobody yet). Until this transaction ends nobody
// else is given one.
func (tx *Tx) LockTurn(ctx context.Context, queue string) (last PersonID, err error) {
	if _, err := tx.exec(ctx, `INSERT INTO turns (queue, person_id) VALUES (?, 0) ON CONFLICT DO NOTHING`, queue); err != nil {
		return 0, err
	}
	return last, tx.get(ctx, &last, `SELECT person_id FROM turns WHERE queue = ?`+tx.forUpdate, queue)
}

// SetTurn notes who was given a ticket of a queue.
func (tx *Tx) SetTurn(ctx context.Context, queue string, p PersonID) error {
	_, err := tx.exec(ctx, `UPDATE turns SET person_id = ? WHERE queue = ?`, p, queue)
	return err
}
