package store

import "context"

// ActivationID names an activation.
type ActivationID int64

// States of an activation.
const (
	Requested  = "requested"
	InProgress = "in_progress"
	Active     = "active"
	Failed     = "failed"
)

// Activation is so many ordered licenses that are to be made usable.
type Activation struct {
	ID           ActivationID
	Organization string
	License      string
	Quantity     int64
	Person       PersonID `db:"person_id"` // who asked for it
	Source       string   // the workspace they asked in
	Account      string   // theirs there
	Nonce        string
	State        string
	Reason       string   // why it failed
	FailedBy     PersonID `db:"failed_by_id"` // in whose words; zero: a program's
	Ticket       TicketID `db:"ticket_id"`    // by which agents do it; zero: a program does
	Deadline     Time     // when it has failed if nothing was heard of it; zero: it is over, or has none
	CreatedAt    Time     `db:"created_at"`
	UpdatedAt    Time     `db:"updated_at"`
}

// Pending says whether it is still to be done.
func (a Activation) Pending() bool { return a.State == Requested || a.State == InProgress }

const activationColumns = `id, organization, license, quantity, person_id, source, account, nonce, state, reason,
	COALESCE(failed_by_id, 0) AS failed_by_id, COALESCE(ticket_id, 0) AS ticket_id, COALESCE(deadline, 0) AS deadline, created_at, updated_at`

// AddActivation keeps an activation. Of a nonce that there is already it returns that one, and false.
func (tx *Tx) AddActivation(ctx context.Context, a Activation) (_ Activation, added bool, err error) {
	a.CreatedAt, a.UpdatedAt = tx.Now, tx.Now
	var ids []ActivationID
	err = tx.list(ctx, &ids, `INSERT INTO activations (organization, license, quantity, person_id, source, account, nonce, state, reason, ticket_id, deadline, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', NULLIF(CAST(? AS BIGINT), 0), NULLIF(CAST(? AS BIGINT), 0), ?, ?)
		ON CONFLICT (nonce) DO NOTHING RETURNING id`,
		a.Organization, a.License, a.Quantity, a.Person, a.Source, a.Account, a.Nonce, a.State, int64(a.Ticket), a.Deadline, a.CreatedAt, a.UpdatedAt)
	if err == nil && len(ids) == 0 {
		return a, false, tx.get(ctx, &a, `SELECT `+activationColumns+` FROM activations WHERE nonce = ?`, a.Nonce)
	}
	if err == nil {
		a.ID = ids[0]
	}
	return a, true, err
}

// Activation returns one activation.
func (tx *Tx) Activation(ctx context.Context, id ActivationID) (a Activation, err error) {
	return a, tx.get(ctx, &a, `SELECT `+activationColumns+` FROM activations WHERE id = ?`, id)
}

// LockActivation is Activation for a change of it.
func (tx *Tx) LockActivation(ctx context.Context, id ActivationID) (a Activation, err error) {
	return a, tx.get(ctx, &a, `SELECT `+activationColumns+` FROM activations WHERE id = ?`+tx.forUpdate, id)
}

// ActivationOfTicket returns the activation that a ticket is for.
func (tx *Tx) ActivationOfTicket(ctx context.Context, id TicketID) (a Activation, err error) {
	return a, tx.get(ctx, &a, `SELECT `+activationColumns+` FROM activations WHERE ticket_id = ?`, id)
}

// SaveActivation writes what may change of an activation.
func (tx *Tx) SaveActivation(ctx context.Context, a Activation) error {
	_, err := tx.exec(ctx, `UPDATE activations SET state = ?, reason = ?, failed_by_id = NULLIF(CAST(? AS BIGINT), 0), ticket_id = NULLIF(CAST(? AS BIGINT), 0), deadline = NULLIF(CAST(? AS BIGINT), 0), updated_at = ? WHERE id = ?`,
		a.State, a.Reason, int64(a.FailedBy), int64(a.Ticket), a.Deadline, tx.Now, a.ID)
	return err
}

// BeingActivated is how many of each license of an organization are to be made usable.
func (tx *Tx) BeingActivated(ctx context.Context, organization string) (map[string]int64, error) {
	return tx.quantities(ctx, `SELECT license, CAST(SUM(quantity) AS BIGINT) AS quantity FROM activations
		WHERE organization = ? AND state IN ('requested', 'in_progress') GROUP BY license`, organization)
}

// ActivationsOverdue returns up to limit activations of which nothing was heard in time.
func (tx *Tx) ActivationsOverdue(ctx context.Context, limit int) (ids []ActivationID, err error) {
	return ids, tx.list(ctx, &ids, `SELECT id FROM activations WHERE deadline <= ? ORDER BY deadline LIMIT ?`, tx.Now, limit)
}
