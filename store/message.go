package store

import (
	"context"
	"math"
)

// MessageID names a message of a ticket.
type MessageID int64

// Who a message is for.
const (
	Public   = "public"   // the requester and the desk
	Internal = "internal" // the desk alone; it never leaves the queue's channel
)

// From which side of the counter a message was written.
const (
	RequesterSide = "requester" // the requester, or somebody of the organization for them
	DeskSide      = "desk"      // an agent
)

// External is a chat message's own name: where it was written and its id there.
type External struct {
	Workspace string
	Channel   string
	ID        string `db:"external_id"` // empty: not written as a chat message but in a form
}

// Message is one thing that was written in a ticket.
type Message struct {
	ID       MessageID
	Ticket   TicketID `db:"ticket_id"`
	Author   PersonID `db:"author_id"`
	Audience string
	Side     string
	Body     string
	Quotes   string // whose words it is, where its author quotes somebody else
	Link     string // where those stand
	External
	Original  string // the key, among the files, of the mail that it came as; empty: as none
	Sender    string // what is known of whether its mail's sender is who they say: empty: it came by no mail
	CreatedAt Time   `db:"created_at"`
	EditedAt  Time   `db:"edited_at"`  // zero: never
	DeletedAt Time   `db:"deleted_at"` // by its author; zero: not
	HeldUntil Time   `db:"held_until"` // until then its author can take it back; zero: not at all
	File      FileID `db:"-"`          // where only one file on it is meant
}

// Deleted says whether its author deleted it, or took it back.
func (m Message) Deleted() bool { return !m.DeletedAt.IsZero() }

var messageColumns = columnsOf("m", "id ticket_id author_id audience side body quotes link workspace channel external_id original sender created_at edited_at deleted_at held_until")

var selectMessage = `SELECT ` + messageColumns.as("") + ` FROM messages m `

// AddMessage inserts m. A chat message that is there already returns added = false.
func (tx *Tx) AddMessage(ctx context.Context, m Message) (_ Message, added bool, err error) {
	m.CreatedAt = tx.Now
	err = tx.get(ctx, &m.ID, `INSERT INTO messages
			(ticket_id, author_id, audience, side, body, quotes, link, workspace, channel, external_id, original, sender, created_at, held_until)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (workspace, channel, external_id) WHERE external_id <> '' DO NOTHING RETURNING id`,
		m.Ticket, m.Author, m.Audience, m.Side, m.Body, m.Quotes, m.Link, m.Workspace, m.Channel, m.External.ID, m.Original, m.Sender, m.CreatedAt, m.HeldUntil)
	if err == ErrNotFound {
		return m, false, nil
	}
	if err == nil {
		err = tx.indexNew(ctx, m.Ticket, m.ID, m.Body, m.Audience == Public)
	}
	return m, err == nil, err
}

// Message returns one message by id. The viewer must have been checked on its ticket.
func (tx *Tx) Message(ctx context.Context, id MessageID) (Message, error) {
	var m Message
	return m, tx.get(ctx, &m, selectMessage+`WHERE m.id = ?`, id)
}

// MessagesAmong returns messages by their ids. The viewer must have been checked on each.
func (tx *Tx) MessagesAmong(ctx context.Context, ids []MessageID) (ms []Message, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return ms, tx.list(ctx, &ms, selectMessage+`WHERE m.id IN (?)`, ids)
}

// MessageKnown says whether a chat message has been taken into a ticket.
func (tx *Tx) MessageKnown(ctx context.Context, e External) (bool, error) {
	var n int
	err := tx.get(ctx, &n, `SELECT COUNT(*) FROM messages WHERE workspace = ? AND channel = ? AND external_id = ?
		AND external_id <> ''`, e.Workspace, e.Channel, e.ID)
	return n > 0, err
}

// TicketOfMessage returns the ticket into which a chat message has been taken, and whether that ticket was
// opened with it; ErrNotFound for any other message.
func (tx *Tx) TicketOfMessage(ctx context.Context, e External) (id TicketID, opened bool, err error) {
	var found struct {
		Ticket TicketID `db:"ticket_id"`
		Opened bool
	}
	err = tx.get(ctx, &found, `SELECT m.ticket_id, m.id = (SELECT MIN(id) FROM messages WHERE ticket_id = m.ticket_id) AS opened
		FROM messages m WHERE m.workspace = ? AND m.channel = ? AND m.external_id = ? AND m.external_id <> ''`, e.Workspace, e.Channel, e.ID)
	return found.Ticket, found.Opened, err
}

// Messages returns the latest limit messages of a ticket before one of them (zero: the latest of
// all), oldest first; internal notes, what was deleted and what can still be taken back only for those who may read them.
func (tx *Tx) Messages(ctx context.Context, id TicketID, internal bool, before MessageID, limit int) ([]Message, error) {
	where, args := `m.ticket_id = ? AND m.audience IN (?)`, []any{id, []string{Public, Internal}}
	if !internal { // nor what its author deleted, or can still take back
		where, args = where+` AND m.deleted_at = 0 AND m.held_until <= ?`, []any{id, []string{Public}, tx.Now}
	}
	var ms []Message
	return ms, tx.list(ctx, &ms, `SELECT * FROM (`+selectMessage+`WHERE `+where+` AND m.id < ? ORDER BY m.id DESC LIMIT ?) AS latest ORDER BY id`,
		append(args, orLatest(int64(before)), limit)...)
}

// orLatest makes an id to read before out of zero, which stands for no such id.
func orLatest(id int64) int64 {
	if id == 0 {
		return math.MaxInt64
	}
	return id
}
