package store

import "context"

// NoticeID names a chat message by which somebody was told of a record.
type NoticeID int64

// Notice is such a message: it has buttons, and is changed when these have no more use.
type Notice struct {
	ID       NoticeID
	What     string // the sort of notice
	Record   int64  // what it is about
	Account  string // who was told, in the workspace
	External        // where it is, and its id there
}

const selectNotice = `SELECT id, what, record, account, workspace, channel, external_id FROM notices `

// AddNotice notes a message. One that was noted before stays what it is.
func (tx *Tx) AddNotice(ctx context.Context, n Notice) (id NoticeID, err error) {
	return id, tx.get(ctx, &id, `INSERT INTO notices (what, record, account, workspace, channel, external_id) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (workspace, channel, external_id) DO UPDATE SET what = excluded.what RETURNING id`, n.What, n.Record, n.Account, n.Workspace, n.Channel, n.External.ID)
}

// Notice returns a message.
func (tx *Tx) Notice(ctx context.Context, id NoticeID) (n Notice, err error) {
	return n, tx.get(ctx, &n, selectNotice+`WHERE id = ?`, id)
}

// NewestNotice returns the newest message of a sort about a record that an account was told by; zero: there is none.
func (tx *Tx) NewestNotice(ctx context.Context, what string, record int64, a Account) (id NoticeID, err error) {
	return id, tx.get(ctx, &id, `SELECT COALESCE(MAX(id), 0) FROM notices WHERE what = ? AND record = ? AND workspace = ? AND account = ?`, what, record, a.Workspace, a.ID)
}

// Notices returns up to limit messages of a sort about a record, the newest first.
func (tx *Tx) Notices(ctx context.Context, what string, record int64, limit int) (ns []Notice, err error) {
	return ns, tx.list(ctx, &ns, selectNotice+`WHERE what = ? AND record = ? ORDER BY id DESC LIMIT ?`, what, record, limit)
}
