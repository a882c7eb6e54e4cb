package store

import "context"

// RequestID names what an employee asked for.
type RequestID int64

// States of a request.
const (
	RequestOpen     = "open"
	RequestApproved = "approved"
	RequestRefused  = "refused"
)

// Request is a license that an employee asks their managers for.
type Request struct {
	ID           RequestID
	Organization string
	Person       PersonID `db:"person_id"`
	Source       string   // the workspace they asked in
	Account      string   // theirs there
	License      string
	Reason       string
	Nonce        string
	State        string
	Words        string   // of whoever refused it
	Question     string   // what a manager asked last
	Answer       string   // to that; empty: none yet
	AskedBy      PersonID `db:"asked_by_id"` // whose words the question is; zero: nobody has asked
	By           PersonID `db:"by_id"`       // who decided or, before, asked last; zero: nobody
	CreatedAt    Time     `db:"created_at"`
	DecidedAt    Time     `db:"decided_at"`
	RemindAt     Time     `db:"remind_at"` // zero: nobody is reminded
}

const requestColumns = `id, organization, person_id, source, account, license, reason, nonce, state, words, question, answer,
	COALESCE(asked_by_id, 0) AS asked_by_id, COALESCE(by_id, 0) AS by_id,
	created_at, decided_at, COALESCE(remind_at, 0) AS remind_at`

// AddRequest keeps a request. Of a nonce that there is already it returns that request, and false.
func (tx *Tx) AddRequest(ctx context.Context, r Request) (_ Request, added bool, err error) {
	r.CreatedAt = tx.Now
	var ids []RequestID
	err = tx.list(ctx, &ids, `INSERT INTO requests (organization, person_id, source, account, license, reason, nonce, state, words, question, answer, created_at, decided_at, remind_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', '', '', ?, 0, NULLIF(CAST(? AS BIGINT), 0)) ON CONFLICT (nonce) DO NOTHING RETURNING id`,
		r.Organization, r.Person, r.Source, r.Account, r.License, r.Reason, r.Nonce, r.State, r.CreatedAt, r.RemindAt)
	if err == nil && len(ids) == 0 {
		return r, false, tx.get(ctx, &r, `SELECT `+requestColumns+` FROM requests WHERE nonce = ?`, r.Nonce)
	}
	if err == nil {
		r.ID = ids[0]
	}
	return r, true, err
}

// Request returns one request.
func (tx *Tx) Request(ctx context.Context, id RequestID) (r Request, err error) {
	return r, tx.get(ctx, &r, `SELECT `+requestColumns+` FROM requests WHERE id = ?`, id)
}

// LockRequest is Request for a change of it.
func (tx *Tx) LockRequest(ctx context.Context, id RequestID) (r Request, err error) {
	return r, tx.get(ctx, &r, `SELECT `+requestColumns+` FROM requests WHERE id = ?`+tx.forUpdate, id)
}

// SaveRequest writes what may change of a request.
func (tx *Tx) SaveRequest(ctx context.Context, r Request) error {
	_, err := tx.exec(ctx, `UPDATE requests SET state = ?, words = ?, question = ?, answer = ?,
		asked_by_id = NULLIF(CAST(? AS BIGINT), 0), by_id = NULLIF(CAST(? AS BIGINT), 0), decided_at = ?,
		remind_at = NULLIF(CAST(? AS BIGINT), 0) WHERE id = ?`, r.State, r.Words, r.Question, r.Answer, int64(r.AskedBy), int64(r.By), r.DecidedAt, r.RemindAt, r.ID)
	return err
}

// OpenRequests returns up to limit requests of an organization that nobody has decided about, the oldest first.
func (tx *Tx) OpenRequests(ctx context.Context, organization string, limit int) (rs []Request, err error) {
	return rs, tx.list(ctx, &rs, `SELECT `+requestColumns+` FROM requests WHERE organization = ? AND state = 'open' ORDER BY id LIMIT ?`, organization, limit)
}

// RequestsToRemind returns up to limit requests of which managers are to be reminded by now.
func (tx *Tx) RequestsToRemind(ctx context.Context, limit int) (ids []RequestID, err error) {
	return ids, tx.list(ctx, &ids, `SELECT id FROM requests WHERE remind_at <= ? ORDER BY remind_at LIMIT ?`, tx.Now, limit)
}
