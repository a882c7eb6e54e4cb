package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx/reflectx"
)

// Opening is all that is written when a ticket is opened: the ticket, its first message, the event, and
// what is to be told. What has ids of its own gets them here. Deliveries name their conversation in
// place of the lane (see Lane), and what they are about by ThisMessage and ThisEvent.
type Opening struct {
	Ticket  Ticket
	Message Message
	Event   Event
	Tell    []Delivery
}

// What a delivery of an Opening is about.
const (
	ThisMessage MessageID = -1
	ThisEvent   EventID   = -1
)

// Lane names a conversation of a ticket.
func Lane(id TicketID, conversation string) string { return fmt.Sprintf("%d/%s", id, conversation) }

// Open opens a ticket, in a transaction of its own. A nonce that has been used returns added = false
// and the ticket that it opened. On PostgreSQL those who open tickets at the same time share one
// statement, and so the way there and the wait for the disk.
func (db *DB) Open(ctx context.Context, o Opening) (_ Opening, added bool, err error) {
	if db.openers == nil {
		err = db.Write(ctx, func(tx *Tx) error {
			o, added, err = tx.Open(ctx, o)
			return err
		})
		return o, added, err
	}
	one := &opener{Opening: o}
	if err := db.openers.ask(ctx, one); err != nil {
		return o, false, err
	}
	if !one.added {
		err = db.Look(ctx, func(tx *Tx) error {
			one.Ticket, err = tx.ticketByNonce(ctx, o.Ticket.Nonce)
			return err
		})
		return one.Opening, false, err
	}
	db.wakes.wake(one.workspaces())
	return one.Opening, true, nil
}

// Open is DB.Open within a transaction.
func (tx *Tx) Open(ctx context.Context, o Opening) (_ Opening, added bool, err error) {
	if tx.driver == postgres.driver {
		one := &opener{Opening: o}
		if err := tx.openTogether(ctx, []*opener{one}); err != nil {
			return o, false, err
		}
		if !one.added {
			one.Ticket, err = tx.ticketByNonce(ctx, o.Ticket.Nonce)
			return one.Opening, false, err
		}
		tx.queued = append(tx.queued, one.workspaces()...)
		return one.Opening, true, nil
	}
	o.Ticket.StateSince = tx.Now
	if o.Ticket, added, err = tx.AddTicket(ctx, o.Ticket); err != nil || !added {
		return o, false, err
	}
	o.Message.Ticket, o.Event.Ticket = o.Ticket.ID, o.Ticket.ID
	if o.Message, _, err = tx.AddMessage(ctx, o.Message); err != nil {
		return o, false, err
	}
	if o.Event, err = tx.AddEvent(ctx, o.Event); err != nil {
		return o, false, err
	}
	ds := slices.Clone(o.Tell)
	for i := range ds {
		d := &ds[i]
		d.Ticket, d.Lane = o.Ticket.ID, Lane(o.Ticket.ID, d.Lane)
		if d.Message == ThisMessage {
			d.Message = o.Message.ID
		}
		if d.Event == ThisEvent {
			d.Event = o.Event.ID
		}
	}
	return o, true, tx.Enqueue(ctx, ds...)
}

// opener is one Opening on its way to PostgreSQL.
type opener struct {
	Opening
	added bool
}

func (o *opener) workspaces() (ws []string) {
	for _, d := range o.Tell {
		ws = append(ws, d.Workspace)
	}
	return ws
}

// How tickets are opened together: more statements at a time get in each other's way, and a larger
// one takes longer than its first is willing to wait.
const (
	openWorkers = 2
	mostOpened  = 64
)

// openAll serves those who open tickets at the same time. It takes as long as the least patient of
// them has left, so that nobody is told that a ticket was not opened which then is.
func (db *DB) openAll(group []*asked[*opener]) {
	ctx := context.WithoutCancel(group[0].ctx)
	for _, a := range group {
		if until, ok := a.ctx.Deadline(); ok {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, until)
			defer cancel()
		}
	}
	var all []*opener
	for _, a := range group {
		// The same form twice at once: the first opens the ticket, the other finds it opened.
		if !slices.ContainsFunc(all, func(o *opener) bool { return o.Ticket.Nonce == a.what.Ticket.Nonce }) {
			all = append(all, a.what)
		}
	}
	err := db.tx(db.write, false).openTogether(ctx, all)
	switch {
	case err != nil && len(group) > 1: // by whom it fails, or for want of whose time, each finds out alone
		for i := range group {
			db.openAll(group[i : i+1])
		}
	case err != nil:
		group[0].err = err
	}
}

// openStatement takes a JSON array of openings. What it leaves out was opened before.
var openStatement = func() string {
	tickets, ticket := ticketColumns.insert("r", nil)
	messages, message := messageColumns.insert("r", map[string]string{"ticket_id": "f.ticket_id"})
	events, event := eventColumns.insert("r", map[string]string{"ticket_id": "f.ticket_id"})
	return `WITH n AS MATERIALIZED (SELECT i, o FROM jsonb_array_elements(CAST(? AS JSONB)) WITH ORDINALITY AS n (o, i)),
	t AS (INSERT INTO tickets (` + tickets + `) SELECT ` + ticket + ` FROM n, jsonb_populate_record(NULL::tickets, n.o -> 'ticket') AS r
		ORDER BY n.i ON CONFLICT (nonce) DO NOTHING RETURNING id, nonce),
	f AS (SELECT t.id AS ticket_id, t.nonce, n.o FROM t JOIN n ON n.o -> 'ticket' ->> 'nonce' = t.nonce),
	m AS (INSERT INTO messages (` + messages + `) SELECT ` + message + ` FROM f, jsonb_populate_record(NULL::messages, f.o -> 'message') AS r
		RETURNING id, ticket_id),
	e AS (INSERT INTO events (` + events + `) SELECT ` + event + ` FROM f, jsonb_populate_record(NULL::events, f.o -> 'event') AS r
		RETURNING id, ticket_id),
	s AS (INSERT INTO search (ticket_id, message_id, words, desk, others)
		SELECT f.ticket_id, x.id, x.words, f.o ->> 'desk', x.others FROM f JOIN m USING (ticket_id),
			LATERAL (VALUES (0, f.o ->> 'subject', f.o ->> 'others'), (m.id, f.o ->> 'words', f.o ->> 'readers')) AS x (id, words, others)),
	d AS (INSERT INTO outbox (lane, ticket_id, workspace, kind, person_id, message_id, event_id, part, unique_key, visible_at,
			claims, settled, attempts, last_error, created_at)
		SELECT f.ticket_id || '/' || r.lane, f.ticket_id, r.workspace, r.kind, NULLIF(r.person_id, 0), CASE WHEN r.message_id <> 0 THEN m.id END,
			CASE WHEN r.event_id <> 0 THEN e.id END, r.part, r.unique_key || ':' || f.ticket_id || '/' || r.lane,
			CASE WHEN r.visible_at = 1 THEN ` + postgres.now + ` END, 0, 0, 0, '', r.created_at
		FROM f JOIN m USING (ticket_id) JOIN e USING (ticket_id), jsonb_array_elements(f.o -> 'tell') WITH ORDINALITY AS x (o, i),
			jsonb_populate_record(NULL::outbox, x.o) AS r ORDER BY f.ticket_id, x.i)
	SELECT f.nonce, f.ticket_id, m.id AS message_id, e.id AS event_id FROM f JOIN m USING (ticket_id) JOIN e USING (ticket_id)`
}()

// openTogether is one statement, whatever the number of tickets, with which they are opened or not.
func (tx *Tx) openTogether(ctx context.Context, all []*opener) error {
	// In one order: two statements that have the same two forms would else wait for each other.
	slices.SortFunc(all, func(a, b *opener) int { return strings.Compare(a.Ticket.Nonce, b.Ticket.Nonce) })
	type object = map[string]any
	var list []object
	for _, o := range all {
		o.Ticket.StateSince, o.Ticket.CreatedAt, o.Ticket.UpdatedAt = tx.Now, tx.Now, tx.Now
		o.Message.CreatedAt, o.Event.At = tx.Now, tx.Now
		tell := []object{}
		for i, d := range o.Tell {
			d.CreatedAt = tx.Now
			row := record(&d)
			if d.Once {
				row["unique_key"] = d.Kind
			}
			if !slices.ContainsFunc(o.Tell[:i], func(before Delivery) bool { return before.Lane == d.Lane }) {
				row["visible_at"] = 1 // the head of its lane
			}
			tell = append(tell, row)
		}
		one := object{"ticket": record(&o.Ticket), "message": record(&o.Message), "event": record(&o.Event), "tell": tell}
		one["desk"], one["others"] = o.Ticket.scope()
		one["subject"], one["words"], one["readers"] = Stems(o.Ticket.Subject), Stems(o.Ticket.Subject+" "+o.Message.Body), ""
		if o.Message.Audience == Public {
			one["readers"] = one["others"]
		}
		list = append(list, one)
	}
	b, err := json.Marshal(list)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	var opened []struct {
		Nonce   string
		Ticket  TicketID  `db:"ticket_id"`
		Message MessageID `db:"message_id"`
		Event   EventID   `db:"event_id"`
	}
	if err := tx.list(ctx, &opened, openStatement, string(b)); err != nil {
		return err
	}
	for _, o := range all {
		for _, is := range opened {
			if o.added = is.Nonce == o.Ticket.Nonce; o.added {
				o.Ticket.ID, o.Message.ID, o.Event.ID = is.Ticket, is.Message, is.Event
				o.Message.Ticket, o.Event.Ticket = is.Ticket, is.Ticket
				break
			}
		}
	}
	return nil
}

// record is what a record, given by its address, has in each column.
func record(r any) map[string]any {
	fields := map[string]any{}
	for name, field := range byColumn.FieldMap(reflect.ValueOf(r).Elem()) {
		value := field.Interface()
		if v, ok := value.(driver.Valuer); ok {
			value, _ = v.Value()
		}
		fields[name] = value
	}
	return fields
}

var byColumn = reflectx.NewMapperFunc("db", strings.ToLower)
