package store

import (
	"cmp"
	"context"
)

// EventID names an event of a ticket's history.
type EventID int64

// Event is one act on a ticket: who did what, when, and by which door.
type Event struct {
	ID     EventID
	Ticket TicketID `db:"ticket_id"`
	Actor  PersonID `db:"actor_id"` // zero: the program
	Whom   PersonID `db:"whom_id"`  // whom it concerns besides, such as a new assignee; zero: nobody
	Act    string
	Detail string // a word that the act needs, such as the state it led to; never what people wrote
	Words  string // what the actor gave as a reason, or as a reference
	Source string // the workspace it came from, or "cron"
	At     Time
}

// Inside is the detail of an event that agents of the ticket's queue alone are told of.
const Inside = "desk"

var eventColumns = columnsOf("e", "id ticket_id actor_id? whom_id? act detail words source at")

var selectEvent = `SELECT ` + eventColumns.as("") + ` FROM events e `

// AddEvent appends to a ticket's history.
func (tx *Tx) AddEvent(ctx context.Context, e Event) (Event, error) {
	e.At = tx.Now
	return e, tx.get(ctx, &e.ID, `INSERT INTO events (ticket_id, actor_id, whom_id, act, detail, words, source, at)
		VALUES (?, NULLIF(CAST(? AS BIGINT), 0), NULLIF(CAST(? AS BIGINT), 0), ?, ?, ?, ?, ?) RETURNING id`,
		e.Ticket, int64(e.Actor), int64(e.Whom), e.Act, e.Detail, e.Words, e.Source, e.At)
}

// Event returns one event by id.
func (tx *Tx) Event(ctx context.Context, id EventID) (Event, error) {
	var e Event
	return e, tx.get(ctx, &e, selectEvent+`WHERE e.id = ?`, id)
}

// Events returns the latest limit events of a ticket before one of them (zero: the latest of
// all), oldest first; what is told to agents alone only where inside is asked for.
func (tx *Tx) Events(ctx context.Context, id TicketID, inside bool, before EventID, limit int) ([]Event, error) {
	var es []Event
	return es, tx.list(ctx, &es, `SELECT * FROM (`+selectEvent+`WHERE e.ticket_id = ?
		AND (CAST(? AS BOOLEAN) OR e.detail <> ?) AND e.id < ? ORDER BY e.id DESC LIMIT ?) AS latest ORDER BY id`,
		id, inside, Inside, orLatest(int64(before)), limit)
}

// LastEvent returns the latest event of a ticket by one of these acts; ErrNotFound if there is none.
func (tx *Tx) LastEvent(ctx context.Context, id TicketID, acts []string) (Event, error) {
	var es []Event
	err := tx.list(ctx, &es, selectEvent+`WHERE e.ticket_id = ? AND e.act IN (?) ORDER BY e.id DESC LIMIT 1`, id, acts)
	if err != nil || len(es) == 0 {
		return Event{}, cmp.Or(err, ErrNotFound)
	}
	return es[0], nil
}
