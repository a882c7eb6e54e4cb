package store

import (
	"context"
	"time"
)

// CountMail counts one more mail that came from an address, and returns how many came since a span of that length
// began, which it does with the first. What began later than now is of another's clock, or, if by more than a span, of
// one that was put back since.
func (tx *Tx) CountMail(ctx context.Context, address string, span time.Duration) (mails int, err error) {
	earliest, latest := At(tx.Now.Add(-span)), At(tx.Now.Add(span))
	return mails, tx.get(ctx, &mails, `INSERT INTO senders (address, since, mails) VALUES (?, ?, 1)
		ON CONFLICT (address) DO UPDATE SET
			mails = CASE WHEN senders.since BETWEEN ? AND ? THEN senders.mails + 1 ELSE 1 END,
			since = CASE WHEN senders.since BETWEEN ? AND ? THEN senders.since ELSE excluded.since END
		RETURNING mails`, address, tx.Now, earliest, latest, earliest, latest)
}

// MailsOf returns the ids of the first and the latest of the mails that a person wrote into a ticket, by whatever
// account.
func (tx *Tx) MailsOf(ctx context.Context, id TicketID, p PersonID) ([]string, error) {
	var ids []string
	const theirs = ` FROM messages WHERE ticket_id = ? AND workspace = 'mail' AND author_id IN (
		SELECT id FROM people WHERE id = ? UNION SELECT id FROM people WHERE joined_id = ? AND joined_id <> 0)`
	err := tx.list(ctx, &ids, `SELECT external_id FROM messages WHERE id IN (SELECT MIN(id)`+theirs+` UNION SELECT MAX(id)`+theirs+`)
		ORDER BY id`, id, p, p, id, p, p)
	return ids, err
}

// AccountIn returns a person's account in a workspace; ErrNotFound if they have none.
func (tx *Tx) AccountIn(ctx context.Context, p PersonID, workspace string) (Account, error) {
	a := Account{Workspace: workspace}
	err := tx.get(ctx, &a.ID, `SELECT COALESCE(MIN(account), '') FROM accounts WHERE person_id = ? AND workspace = ?`, p, workspace)
	if err == nil && a.ID == "" {
		err = ErrNotFound
	}
	return a, err
}

// WorkspacesOf returns where a person has accounts.
func (tx *Tx) WorkspacesOf(ctx context.Context, p PersonID) ([]string, error) {
	var all []string
	return all, tx.list(ctx, &all, `SELECT DISTINCT workspace FROM accounts WHERE person_id = ? ORDER BY workspace`, p)
}
