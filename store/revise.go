package store

import "context"

// Version is what a message was before it was edited.
type Version struct {
	Message  MessageID `db:"message_id"`
	Audience string
	Body     string
	Until    Time
}

// MessageByExternal returns the message that somebody wrote as a chat message; ErrNotFound if it is in no ticket.
func (tx *Tx) MessageByExternal(ctx context.Context, e External) (Message, error) {
	var m Message
	return m, tx.get(ctx, &m, selectMessage+`WHERE m.workspace = ? AND m.channel = ? AND m.external_id = ? AND m.external_id <> ''`,
		e.Workspace, e.Channel, e.ID)
}

// MessageToldAs returns the message of a ticket that a chat message tells of; ErrNotFound if it tells of none.
func (tx *Tx) MessageToldAs(ctx context.Context, id TicketID, e External) (m Message, err error) {
	return m, tx.get(ctx, &m, selectMessage+`JOIN posts p ON p.message_id = m.id
		WHERE m.ticket_id = ? AND p.workspace = ? AND p.channel = ? AND p.external_id = ? LIMIT 1`, id, e.Workspace, e.Channel, e.ID)
}

// MessagesFrom returns up to limit messages that came from a place, with ids there above one, in their order.
func (tx *Tx) MessagesFrom(ctx context.Context, p Place, after string, limit int) (ms []Message, err error) {
	return ms, tx.list(ctx, &ms, selectMessage+`WHERE m.workspace = ? AND m.channel = ? AND m.external_id > ? AND m.external_id <> ''
		ORDER BY m.external_id LIMIT ?`, p.Workspace, p.Channel, after, limit)
}

// ReviseMessage writes what an edit, or a deletion, makes of a message, and keeps what it was.
func (tx *Tx) ReviseMessage(ctx context.Context, was, m Message) error {
	if was.Body != m.Body || was.Audience != m.Audience {
		_, err := tx.exec(ctx, `INSERT INTO versions (message_id, audience, body, until) VALUES (?, ?, ?, ?)`, m.ID, was.Audience, was.Body, tx.Now)
		if err != nil {
			return err
		}
	}
	_, err := tx.exec(ctx, `UPDATE messages SET audience = ?, body = ?, edited_at = ?, deleted_at = ? WHERE id = ?`,
		m.Audience, m.Body, m.EditedAt, m.DeletedAt, m.ID)
	if err != nil {
		return err
	}
	return tx.indexMessage(ctx, m)
}

// Versions returns what messages were before they were edited, oldest first. They are for agents alone.
func (tx *Tx) Versions(ctx context.Context, ids []MessageID) ([]Version, error) {
	var vs []Version
	if len(ids) == 0 {
		return nil, nil
	}
	return vs, tx.list(ctx, &vs, `SELECT message_id, audience, body, until FROM versions WHERE message_id IN (?) ORDER BY id`, ids)
}

// FirstMessage returns with which message a ticket was opened.
func (tx *Tx) FirstMessage(ctx context.Context, id TicketID) (MessageID, error) {
	var m MessageID
	return m, tx.get(ctx, &m, `SELECT MIN(id) FROM messages WHERE ticket_id = ?`, id)
}

// Post is a chat message by which a message was told.
type Post struct {
	Message  MessageID `db:"message_id"`
	Kind     string    // of the delivery
	Lane     string
	Part     int
	External // where it is, and its id there
}

// AddPosts notes chat messages. One that was noted before stays.
func (tx *Tx) AddPosts(ctx context.Context, ps []Post) error {
	for _, p := range ps {
		_, err := tx.exec(ctx, `INSERT INTO posts (message_id, kind, lane, part, workspace, channel, external_id) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO NOTHING`, p.Message, p.Kind, p.Lane, p.Part, p.Workspace, p.Channel, p.External.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// Posts returns the chat messages by which a message was told in a lane, in order.
func (tx *Tx) Posts(ctx context.Context, m MessageID, lane string) ([]Post, error) {
	var ps []Post
	return ps, tx.list(ctx, &ps, `SELECT message_id, kind, lane, part, workspace, channel, external_id FROM posts
		WHERE message_id = ? AND lane = ? ORDER BY kind, part`, m, lane)
}

// PostsOf returns the chat messages by which a message was told, in whatever lane, by deliveries of a kind.
func (tx *Tx) PostsOf(ctx context.Context, m MessageID, kind string) ([]Post, error) {
	var ps []Post
	return ps, tx.list(ctx, &ps, `SELECT message_id, kind, lane, part, workspace, channel, external_id FROM posts
		WHERE message_id = ? AND kind = ? ORDER BY lane, part`, m, kind)
}

// Withdraw removes deliveries of a message from a lane, those that nobody is making and that failed for
// certain if anybody tried, and lets the next come forward. It returns how many it removed. The caller holds
// the ticket's lock.
func (tx *Tx) Withdraw(ctx context.Context, lane, kind string, m MessageID) (int, error) {
	var gone []DeliveryID
	err := tx.list(ctx, &gone, `DELETE FROM outbox WHERE lane = ? AND kind = ? AND message_id = ? AND claims = settled RETURNING id`, lane, kind, m)
	if err != nil || len(gone) == 0 {
		return 0, err
	}
	return len(gone), tx.promote(ctx, []string{lane})
}

// Told says whether a message was told in a lane, or is about to be.
func (tx *Tx) Told(ctx context.Context, lane, kind string, m MessageID) (bool, error) {
	var n int
	err := tx.get(ctx, &n, `SELECT COUNT(*) FROM (SELECT part FROM posts WHERE message_id = ? AND kind = ? AND lane = ?
		UNION ALL SELECT part FROM outbox WHERE lane = ? AND kind = ? AND message_id = ?) told`, m, kind, lane, lane, kind, m)
	return n > 0, err
}

// ReviseUnplaced edits a message whose thread is not known yet, or drops it; an empty body does that.
func (tx *Tx) ReviseUnplaced(ctx context.Context, e External, account, body string) error {
	if body == "" {
		_, err := tx.exec(ctx, `DELETE FROM unplaced WHERE workspace = ? AND channel = ? AND external_id = ? AND account = ?`,
			e.Workspace, e.Channel, e.ID, account)
		return err
	}
	_, err := tx.exec(ctx, `UPDATE unplaced SET body = ? WHERE workspace = ? AND channel = ? AND external_id = ? AND account = ?`,
		body, e.Workspace, e.Channel, e.ID, account)
	return err
}

// UnplacedKnown says whether a message is kept until its thread is known.
func (tx *Tx) UnplacedKnown(ctx context.Context, e External) (bool, error) {
	var n int
	err := tx.get(ctx, &n, `SELECT COUNT(*) FROM unplaced WHERE workspace = ? AND channel = ? AND external_id = ?`, e.Workspace, e.Channel, e.ID)
	return n > 0, err
}
