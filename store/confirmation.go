package store

import "context"

// ConfirmationID names an address that is to be shown to be somebody's.
type ConfirmationID int64

// Confirmation is an address that somebody says is theirs, or an administrator's, until that is shown.
type Confirmation struct {
	ID      ConfirmationID
	Person  PersonID `db:"person_id"`
	Account          // with which they said so
	Address string
	// Whose it would be, where they say so of somebody else; zero: their own.
	Administrator AdministratorID `db:"administrator_id"`
	// When they said so, and when they showed it (zero: not yet).
	CreatedAt Time `db:"created_at"`
	UsedAt    Time `db:"used_at"`
}

var confirmationColumns = columnsOf("c", "id person_id workspace account address administrator_id created_at used_at")

var selectConfirmation = `SELECT ` + confirmationColumns.as("") + ` FROM confirmations c `

// AddConfirmation inserts c.
func (tx *Tx) AddConfirmation(ctx context.Context, c Confirmation) (Confirmation, error) {
	c.CreatedAt = tx.Now
	return c, tx.get(ctx, &c.ID, `INSERT INTO confirmations (person_id, workspace, account, address, administrator_id, created_at, used_at)
		VALUES (?, ?, ?, ?, ?, ?, 0) RETURNING id`, c.Person, c.Workspace, c.Account.ID, c.Address, c.Administrator, c.CreatedAt)
}

// Confirmation returns one by id.
func (tx *Tx) Confirmation(ctx context.Context, id ConfirmationID) (Confirmation, error) {
	var c Confirmation
	return c, tx.get(ctx, &c, selectConfirmation+`WHERE c.id = ?`, id)
}

// LatestConfirmation returns the last of those that are about a person's own address, or about an administrator's; ErrNotFound if there is none.
func (tx *Tx) LatestConfirmation(ctx context.Context, p PersonID, of AdministratorID) (c Confirmation, err error) {
	if of != 0 {
		return c, tx.get(ctx, &c, selectConfirmation+`WHERE c.administrator_id = ? AND c.administrator_id <> 0 ORDER BY c.id DESC LIMIT 1`, of)
	}
	return c, tx.get(ctx, &c, selectConfirmation+`WHERE c.person_id = ? AND c.administrator_id = 0 ORDER BY c.id DESC LIMIT 1`, p)
}

// Confirmations returns the latest limit that a person has asked for, newest first.
func (tx *Tx) Confirmations(ctx context.Context, p PersonID, limit int) ([]Confirmation, error) {
	var cs []Confirmation
	return cs, tx.list(ctx, &cs, selectConfirmation+`WHERE c.person_id = ? ORDER BY c.id DESC LIMIT ?`, p, limit)
}

// UseConfirmation notes that an address was shown to be somebody's, and says whether it was not yet.
func (tx *Tx) UseConfirmation(ctx context.Context, id ConfirmationID) (bool, error) {
	n, err := tx.exec(ctx, `UPDATE confirmations SET used_at = ? WHERE id = ? AND used_at = 0`, tx.Now, id)
	return n > 0, err
}

// SetAccount makes an account a person's, whosever it was.
func (tx *Tx) SetAccount(ctx context.Context, a Account, p PersonID) error {
	_, err := tx.exec(ctx, `INSERT INTO accounts (workspace, account, person_id) VALUES (?, ?, ?)
		ON CONFLICT (workspace, account) DO UPDATE SET person_id = excluded.person_id`, a.Workspace, a.ID, p)
	if err != nil {
		return err
	}
	return tx.meetHolder(ctx, a, p)
}

// DropAccount makes an account nobody's.
func (tx *Tx) DropAccount(ctx context.Context, a Account) error {
	_, err := tx.exec(ctx, `DELETE FROM accounts WHERE workspace = ? AND account = ?`, a.Workspace, a.ID)
	return err
}
