package store

import (
	"context"
	"strings"

	"github.com/lib/pq"
)

// Thread is a chat thread in which a ticket lives: the card in the queue's channel, the
// conversation in the requester's direct channel, or the thread below a reminder.
type Thread struct {
	Ticket    TicketID `db:"ticket_id"`
	Lane      string   // the conversation it belongs to, as the outbox names it
	IsCard    bool     `db:"is_card"` // its root is the ticket's card, to be kept up to date
	Workspace string
	Channel   string
	Root      string // the root message's id
}

const selectThread = `SELECT ticket_id, lane, is_card, workspace, channel, root FROM threads `

// AddThreads links threads to tickets. It returns those into which something unplaced was written.
func (tx *Tx) AddThreads(ctx context.Context, ts ...Thread) (written []Thread, err error) {
	if len(ts) == 0 {
		return nil, nil
	}
	if err := tx.LockThreads(ctx, ts...); err != nil {
		return nil, err
	}
	var args []any
	var workspaces, channels, roots []string
	for _, t := range ts {
		args = append(args, t.Ticket, t.Lane, t.IsCard, t.Workspace, t.Channel, t.Root)
		workspaces, channels, roots = append(workspaces, t.Workspace), append(channels, t.Channel), append(roots, t.Root)
	}
	_, err = tx.exec(ctx, `INSERT INTO threads (ticket_id, lane, is_card, workspace, channel, root) VALUES `+
		strings.Repeat(`(?, ?, ?, ?, ?, ?), `, len(ts)-1)+`(?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, args...)
	if err != nil {
		return nil, err
	}
	return written, tx.list(ctx, &written, `SELECT DISTINCT workspace, channel, root FROM unplaced
		WHERE workspace IN (?) AND channel IN (?) AND root IN (?)`, workspaces, channels, roots)
}

// LockThreads lets those who link a thread and those who keep what is written into it take turns:
// whoever comes second sees what the first did. It is taken before KeepUnplaced.
func (tx *Tx) LockThreads(ctx context.Context, ts ...Thread) error {
	var names []string
	for _, t := range ts {
		names = append(names, t.Workspace+"/"+t.Channel+"/"+t.Root)
	}
	return tx.lockName(ctx, names...)
}

// lockName lets those who do something of the same name take turns, until the transaction ends.
func (tx *Tx) lockName(ctx context.Context, names ...string) error {
	if tx.lockNames == "" {
		return nil // one writer at a time
	}
	_, err := tx.exec(ctx, tx.lockNames, pq.Array(names))
	return err
}

// LockMessage lets those who take the same chat message into a ticket take turns, likewise.
func (tx *Tx) LockMessage(ctx context.Context, e External) error {
	return tx.LockThreads(ctx, Thread{Workspace: e.Workspace, Channel: e.Channel, Root: "message " + e.ID})
}

// ThreadByRoot returns the thread below a message; ErrNotFound while it is no ticket's.
func (tx *Tx) ThreadByRoot(ctx context.Context, p Place, root string) (Thread, error) {
	var t Thread
	return t, tx.get(ctx, &t, selectThread+`WHERE workspace = ? AND channel = ? AND root = ?`, p.Workspace, p.Channel, root)
}

// CardThread returns the thread of a lane whose root is the card: the latest, should an older
// card have been deleted. ErrNotFound until the card has been posted.
func (tx *Tx) CardThread(ctx context.Context, lane string) (Thread, error) {
	var t Thread
	return t, tx.get(ctx, &t, selectThread+`WHERE lane = ? AND is_card ORDER BY id DESC LIMIT 1`, lane)
}

// CardThreadAt is CardThread for a card in one channel: a ticket that was moved left one behind.
func (tx *Tx) CardThreadAt(ctx context.Context, lane string, p Place) (Thread, error) {
	var t Thread
	return t, tx.get(ctx, &t, selectThread+`WHERE lane = ? AND is_card AND workspace = ? AND channel = ? ORDER BY id DESC LIMIT 1`,
		lane, p.Workspace, p.Channel)
}

// Unplaced is a message written into a thread that belongs to no ticket yet.
type Unplaced struct {
	External
	Root    string
	Account string
	Body    string
	Files   string // what is on it, as helpdesk writes it
}

// KeepUnplaced stores u until its thread is known.
func (tx *Tx) KeepUnplaced(ctx context.Context, u Unplaced) error {
	_, err := tx.exec(ctx, `INSERT INTO unplaced (workspace, channel, root, account, external_id, body, files, received_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		u.Workspace, u.Channel, u.Root, u.Account, u.External.ID, u.Body, u.Files, tx.Now)
	return err
}

// Unplaced returns what was written into a thread before it was known, in order.
func (tx *Tx) Unplaced(ctx context.Context, p Place, root string) ([]Unplaced, error) {
	var us []Unplaced
	return us, tx.list(ctx, &us, `SELECT workspace, channel, root, account, external_id, body, files FROM unplaced
		WHERE workspace = ? AND channel = ? AND root = ? ORDER BY id`, p.Workspace, p.Channel, root)
}

// DropUnplaced removes a message that has been placed.
func (tx *Tx) DropUnplaced(ctx context.Context, e External) error {
	_, err := tx.exec(ctx, `DELETE FROM unplaced WHERE workspace = ? AND channel = ? AND external_id = ?`, e.Workspace, e.Channel, e.ID)
	return err
}

// ThreadsWithUnplaced returns up to limit known threads into which something unplaced was written. (CROSS
// JOIN keeps SQLite from beginning with the threads, of which there are many.)
func (tx *Tx) ThreadsWithUnplaced(ctx context.Context, limit int) ([]Thread, error) {
	var ts []Thread
	return ts, tx.list(ctx, &ts, `SELECT DISTINCT t.ticket_id, t.lane, t.is_card, t.workspace, t.channel, t.root FROM unplaced
		CROSS JOIN threads t WHERE t.workspace = unplaced.workspace AND t.channel = unplaced.channel AND t.root = unplaced.root LIMIT ?`, limit)
}

// ThreadsOf returns the threads of these tickets in a workspace.
func (tx *Tx) ThreadsOf(ctx context.Context, workspace string, tickets []TicketID) ([]Thread, error) {
	var ts []Thread
	if len(tickets) == 0 {
		return nil, nil
	}
	return ts, tx.list(ctx, &ts, selectThread+`WHERE ticket_id IN (?) AND workspace = ? ORDER BY id`, tickets, workspace)
}

// Heard returns until when a workspace is known to have been listened to; ErrNotFound if never.
func (tx *Tx) Heard(ctx context.Context, workspace string) (Time, error) {
	var at Time
	return at, tx.get(ctx, &at, `SELECT at FROM heard WHERE workspace = ?`, workspace)
}

// SetHeard notes that a workspace is being listened to now.
func (tx *Tx) SetHeard(ctx context.Context, workspace string) error {
	_, err := tx.exec(ctx, `INSERT INTO heard (workspace, at) VALUES (?, ?)
		ON CONFLICT (workspace) DO UPDATE SET at = excluded.at`, workspace, tx.Now)
	return err
}
