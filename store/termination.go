package store

import "context"

// TerminationID names a termination.
type TerminationID int64

// States of a termination.
const (
	TerminationPlanned = "planned"
	TerminationDone    = "done"
	TerminationUndone  = "undone"
)

// Termination is so many licenses that end.
type Termination struct {
	ID           TerminationID
	Organization string
	License      string
	Quantity     int64
	Person       PersonID `db:"person_id"` // who ended them
	Source       string   // the workspace they did it in
	Account      string   // theirs there
	Nonce        string
	State        string
	Attested     bool  // they have said that no device is enrolled any more
	Devices      int64 // how many were, as a program has said; -1: nobody was asked
	EffectiveAt  Time  `db:"effective_at"`
	DueAt        Time  `db:"due_at"` // when they are reminded of it, or it takes effect; zero: it is over
	CreatedAt    Time  `db:"created_at"`
}

const terminationColumns = `id, organization, license, quantity, person_id, source, account, nonce, state, attested, devices, effective_at, COALESCE(due_at, 0) AS due_at, created_at`

// AddTermination keeps a termination.
func (tx *Tx) AddTermination(ctx context.Context, t Termination) (Termination, error) {
	t.CreatedAt = tx.Now
	return t, tx.get(ctx, &t.ID, `INSERT INTO terminations (organization, license, quantity, person_id, source, account, nonce, state, attested, devices, effective_at, due_at, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULLIF(CAST(? AS BIGINT), 0), ?) RETURNING id`,
		t.Organization, t.License, t.Quantity, t.Person, t.Source, t.Account, t.Nonce, t.State, t.Attested, t.Devices, t.EffectiveAt, t.DueAt, t.CreatedAt)
}

// TerminationsOfForm returns the terminations that a form has made.
func (tx *Tx) TerminationsOfForm(ctx context.Context, nonce string) (ts []Termination, err error) {
	return ts, tx.list(ctx, &ts, `SELECT `+terminationColumns+` FROM terminations WHERE nonce = ? ORDER BY id`, nonce)
}

// Termination returns one termination.
func (tx *Tx) Termination(ctx context.Context, id TerminationID) (t Termination, err error) {
	return t, tx.get(ctx, &t, `SELECT `+terminationColumns+` FROM terminations WHERE id = ?`, id)
}

// LockTermination is Termination for a change of it.
func (tx *Tx) LockTermination(ctx context.Context, id TerminationID) (t Termination, err error) {
	return t, tx.get(ctx, &t, `SELECT `+terminationColumns+` FROM terminations WHERE id = ?`+tx.forUpdate, id)
}

// SaveTermination writes what may change of a termination.
func (tx *Tx) SaveTermination(ctx context.Context, t Termination) error {
	_, err := tx.exec(ctx, `UPDATE terminations SET state = ?, due_at = NULLIF(CAST(? AS BIGINT), 0) WHERE id = ?`, t.State, t.DueAt, t.ID)
	return err
}

// Ending is how many of each license of an organization are to end.
func (tx *Tx) Ending(ctx context.Context, organization string) (map[string]int64, error) {
	return tx.quantities(ctx, `SELECT license, CAST(SUM(quantity) AS BIGINT) AS quantity FROM terminations
		WHERE organization = ? AND state = 'planned' GROUP BY license`, organization)
}

// TerminationsDue returns up to limit terminations that take effect by now, or of which somebody is to be reminded.
func (tx *Tx) TerminationsDue(ctx context.Context, limit int) (ids []TerminationID, err error) {
	return ids, tx.list(ctx, &ids, `SELECT id FROM terminations WHERE due_at <= ? ORDER BY due_at LIMIT ?`, tx.Now, limit)
}
