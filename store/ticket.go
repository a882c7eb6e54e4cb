package store

import (
	"cmp"
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
)

// TicketID is a ticket's number, the one people say and type.
type TicketID int64

// Ticket is one request for help. What its words mean is told in helpdesk.
type Ticket struct {
	ID           TicketID
	Kind         string
	Service      string // key of the catalog's service
	Queue        string // key of the queue that works it
	Organization string
	Requester    PersonID `db:"requester_id"`
	Assignee     PersonID `db:"assignee_id"` // zero: nobody
	Subject      string
	Impact       string
	Urgency      string
	Priority     string
	Details      Details // what the service's own step of the form asked
	State        string
	Active       bool     // not resolved or closed; lists show these first
	StateSince   Time     `db:"state_since"`
	Clocks       string   // where its clocks stand: helpdesk's; empty: nobody has counted yet
	DueAt        Time     `db:"due_at"` // when something of it may be due by itself; zero: nothing will be
	Origin       string   // workspace by which it came: the requester's conversation is there
	Nonce        string   // of the form that opened it: one form, one ticket
	Follows      TicketID `db:"follows_id"` // the closed ticket that it continues, or zero
	VendorRef    string   `db:"vendor_ref"` // by which the service's vendor knows it, empty: by none
	Followed     bool     // it has, or has had, followers
	Tags         string   // words of the desk's own, in order, with a space between each two
	Merged       TicketID `db:"merged_id"` // the ticket in which it goes on since the two were merged, or zero
	Parent       TicketID `db:"parent_id"` // the incident that it is part of, or zero
	Affected     int      // how many tickets are part of it
	Links        string   // numbers of others that it has to do with, in order, with a space between each two
	Major        string   // how severe a major incident it is; empty: it is none
	Quiet        bool     // its queue is told nothing of it, until its requester writes
	CreatedAt    Time     `db:"created_at"`
	UpdatedAt    Time     `db:"updated_at"`
}

// Details are the answers to a service's own questions, by field name; kept as a JSON object.
type Details map[string]string

// Viewer is somebody on whose behalf tickets are read. The zero Viewer sees nothing.
type Viewer struct {
	Person       PersonID
	Organization string   // set for a manager: sees every ticket of it
	Queues       []string // those whose agent the viewer is
	Home         string   // the viewer's own organization, with Services
	Services     []string // those of it that the viewer administers: sees every ticket about them
	everything   bool
}

// Program is guichet itself, which delivers and reminds. It never answers a person directly.
var Program = Viewer{everything: true}

// filter is the WHERE condition that holds for the tickets that v may see.
func (v Viewer) filter() (string, []any) {
	if v.everything {
		return `1 = 1`, nil
	}
	where := `(t.requester_id = ? OR (t.organization <> '' AND t.organization = ?) OR t.queue IN (?)
		OR (t.followed AND EXISTS (SELECT 1 FROM followers WHERE ticket_id = t.id AND person_id = ? AND NOT desk))`
	args := []any{v.Person, v.Organization, v.queues(), v.Person}
	if v.Home != "" && len(v.Services) > 0 {
		where, args = where+` OR (t.organization = ? AND t.service <> '' AND t.service IN (?))`, append(args, v.Home, v.Services)
	}
	return where + `)`, args
}

// queues are those of the viewer for an IN (?), which takes no empty list; no queue is named "".
func (v Viewer) queues() []string {
	if len(v.Queues) == 0 {
		return []string{""}
	}
	return v.Queues
}

var ticketColumns = columnsOf("t", `id kind service queue organization requester_id assignee_id? subject impact urgency
	priority details state active state_since clocks due_at origin nonce follows_id? vendor_ref followed tags merged_id? parent_id? affected links major quiet created_at updated_at`)

var selectTicket = `SELECT ` + ticketColumns.as("") + ` FROM tickets t `

// AddTicket inserts t and gives it its number. A nonce that has been used returns added = false
// and the ticket that it opened.
func (tx *Tx) AddTicket(ctx context.Context, t Ticket) (_ Ticket, added bool, err error) {
	t.CreatedAt, t.UpdatedAt = tx.Now, tx.Now
	err = tx.get(ctx, &t.ID, `INSERT INTO tickets (kind, service, queue, organization, requester_id, assignee_id,
			subject, impact, urgency, priority, details, state, active, state_since, clocks, due_at, origin, nonce, follows_id,
			vendor_ref, followed, parent_id, quiet, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, NULLIF(CAST(? AS BIGINT), 0), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULLIF(CAST(? AS BIGINT), 0), ?, ?,
			NULLIF(CAST(? AS BIGINT), 0), ?, ?, ?)
		ON CONFLICT (nonce) DO NOTHING RETURNING id`,
		t.Kind, t.Service, t.Queue, t.Organization, t.Requester, int64(t.Assignee),
		t.Subject, t.Impact, t.Urgency, t.Priority, t.Details, t.State, t.Active, t.StateSince, t.Clocks, t.DueAt, t.Origin, t.Nonce,
		int64(t.Follows), t.VendorRef, t.Followed, int64(t.Parent), t.Quiet, t.CreatedAt, t.UpdatedAt)
	if err == ErrNotFound { // nothing came back: the nonce is taken
		t, err = tx.ticketByNonce(ctx, t.Nonce)
		return t, false, err
	}
	if err == nil {
		err = tx.indexTicket(ctx, t.ID, t.Subject)
	}
	return t, err == nil, err
}

func (tx *Tx) ticketByNonce(ctx context.Context, nonce string) (t Ticket, err error) {
	return t, tx.get(ctx, &t, selectTicket+`WHERE t.nonce = ?`, nonce)
}

// NonceUsed says whether a form has opened a ticket.
func (tx *Tx) NonceUsed(ctx context.Context, nonce string) (bool, error) {
	var n int
	err := tx.get(ctx, &n, `SELECT COUNT(*) FROM tickets WHERE nonce = ?`, nonce)
	return n > 0, err
}

// Ticket returns one ticket, if the viewer may see it.
func (tx *Tx) Ticket(ctx context.Context, v Viewer, id TicketID) (Ticket, error) {
	where, args := v.filter()
	var ts []Ticket
	if err := tx.list(ctx, &ts, selectTicket+`WHERE t.id = ? AND `+where, append([]any{id}, args...)...); err != nil {
		return Ticket{}, err
	}
	if len(ts) == 0 {
		return Ticket{}, ErrNotFound
	}
	return ts[0], nil
}

// TicketsAmong returns those of some tickets that the viewer may see.
func (tx *Tx) TicketsAmong(ctx context.Context, v Viewer, ids []TicketID) (ts []Ticket, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	where, args := v.filter()
	return ts, tx.list(ctx, &ts, selectTicket+`WHERE t.id IN (?) AND `+where, append([]any{ids}, args...)...)
}

// LockTicket returns a ticket that nobody else changes until this transaction ends. Whoever puts
// something into a ticket's lanes of the outbox holds this lock: so id order is commit order.
func (tx *Tx) LockTicket(ctx context.Context, id TicketID) (Ticket, error) {
	var t Ticket
	return t, tx.get(ctx, &t, selectTicket+`WHERE t.id = ?`+tx.forUpdate, id)
}

// LockFollower returns, locked, the latest ticket that continues a closed one; ErrNotFound if none does.
func (tx *Tx) LockFollower(ctx context.Context, id TicketID) (Ticket, error) {
	var t Ticket
	return t, tx.get(ctx, &t, selectTicket+`WHERE t.follows_id = ? ORDER BY t.id DESC LIMIT 1`+tx.forUpdate, id)
}

// SaveTicket writes what may change in a ticket's life, but for its tags (SetTags), its links and who is affected.
func (tx *Tx) SaveTicket(ctx context.Context, t Ticket) error {
	_, err := tx.exec(ctx, `UPDATE tickets SET queue = ?, assignee_id = NULLIF(CAST(? AS BIGINT), 0), priority = ?, state = ?,
		active = ?, state_since = ?, clocks = ?, due_at = ?, vendor_ref = ?,
		merged_id = NULLIF(CAST(? AS BIGINT), 0), parent_id = NULLIF(CAST(? AS BIGINT), 0), major = ?, quiet = ?, updated_at = ? WHERE id = ?`,
		t.Queue, int64(t.Assignee), t.Priority, t.State, t.Active, t.StateSince, t.Clocks, t.DueAt, t.VendorRef,
		int64(t.Merged), int64(t.Parent), t.Major, t.Quiet, tx.Now, t.ID)
	if err == nil && t.Tags != "" { // what lists by tags go by
		_, err = tx.exec(ctx, `UPDATE tags SET queue = ?, active = ? WHERE ticket_id = ?`, t.Queue, t.Active, t.ID)
	}
	return err
}

// TicketsOf returns up to limit tickets that the person opened, active ones first, newest first.
func (tx *Tx) TicketsOf(ctx context.Context, id PersonID, limit int) ([]Ticket, error) {
	return tx.activeFirst(ctx, `t.requester_id = ?`, id, limit)
}

// TicketsOfOrganization returns up to limit tickets of an organization, active ones first, newest first.
func (tx *Tx) TicketsOfOrganization(ctx context.Context, organization string, limit int) ([]Ticket, error) {
	return tx.activeFirst(ctx, `t.organization = ?`, organization, limit)
}

// TicketsOfService returns up to limit tickets of an organization about a service, active ones first, newest first.
func (tx *Tx) TicketsOfService(ctx context.Context, organization, service string, limit int) (ts []Ticket, err error) {
	for _, active := range []bool{true, false} {
		some, err := tx.Tickets(ctx, Slice{Organization: organization, Service: service, Active: active}, 0, limit-len(ts))
		if err != nil {
			return nil, err
		}
		if ts = append(ts, some...); len(ts) >= limit {
			break
		}
	}
	return ts, nil
}

// TicketsOfQueues returns up to limit active tickets of these queues, oldest first.
func (tx *Tx) TicketsOfQueues(ctx context.Context, queues []string, limit int) ([]Ticket, error) {
	var all []Ticket
	for _, q := range queues { // each along its index: one query over several would sort them all
		var ts []Ticket
		err := tx.list(ctx, &ts, selectTicket+`WHERE t.queue = ? AND t.active = ? ORDER BY t.id LIMIT ?`, q, true, limit)
		if err != nil {
			return nil, err
		}
		all = append(all, ts...)
	}
	slices.SortFunc(all, func(a, b Ticket) int { return cmp.Compare(a.ID, b.ID) })
	return all[:min(limit, len(all))], nil
}

// NewestOfQueues returns up to limit active tickets of these queues, newest first.
func (tx *Tx) NewestOfQueues(ctx context.Context, queues []string, limit int) ([]Ticket, error) {
	var all []Ticket
	for _, q := range queues {
		var ts []Ticket
		err := tx.list(ctx, &ts, selectTicket+`WHERE t.queue = ? AND t.active = ? ORDER BY t.id DESC LIMIT ?`, q, true, limit)
		if err != nil {
			return nil, err
		}
		all = append(all, ts...)
	}
	slices.SortFunc(all, func(a, b Ticket) int { return cmp.Compare(b.ID, a.ID) })
	return all[:min(limit, len(all))], nil
}

// activeFirst reads in two steps, each along its index, so that it never walks the history.
func (tx *Tx) activeFirst(ctx context.Context, where string, arg any, limit int) ([]Ticket, error) {
	var ts []Ticket
	for _, active := range []bool{true, false} {
		var some []Ticket
		err := tx.list(ctx, &some, selectTicket+`WHERE `+where+` AND t.active = ? ORDER BY t.id DESC LIMIT ?`,
			arg, active, limit-len(ts))
		if err != nil {
			return nil, err
		}
		if ts = append(ts, some...); len(ts) >= limit {
			break
		}
	}
	return ts, nil
}

// ActiveTickets returns up to limit active tickets with numbers above one, in order.
func (tx *Tx) ActiveTickets(ctx context.Context, after TicketID, limit int) ([]TicketID, error) {
	var ids []TicketID
	return ids, tx.list(ctx, &ids, `SELECT id FROM tickets WHERE active = ? AND id > ? ORDER BY id LIMIT ?`, true, after, limit)
}

// TicketsIn returns up to limit tickets in a state with numbers above one, in order.
func (tx *Tx) TicketsIn(ctx context.Context, state string, after TicketID, limit int) ([]TicketID, error) {
	var ids []TicketID
	return ids, tx.list(ctx, &ids, `SELECT id FROM tickets WHERE state = ? AND id > ? ORDER BY id LIMIT ?`, state, after, limit)
}

// QueuesInUse returns the keys of the queues that hold tickets, stepping from one to the next along
// the index rather than reading every ticket.
func (tx *Tx) QueuesInUse(ctx context.Context) ([]string, error) {
	return tx.distinct(ctx, `SELECT queue FROM tickets WHERE queue > ? ORDER BY queue LIMIT 1`)
}

// Value implements driver.Valuer.
func (d Details) Value() (driver.Value, error) {
	if d == nil {
		d = Details{}
	}
	b, err := json.Marshal(map[string]string(d))
	return string(b), err
}

// Scan implements sql.Scanner.
func (d *Details) Scan(src any) error {
	switch src := src.(type) {
	case string:
		return json.Unmarshal([]byte(src), (*map[string]string)(d))
	case []byte:
		return json.Unmarshal(src, (*map[string]string)(d))
	}
	return fmt.Errorf("store: details are kept as text, not as %T", src)
}
