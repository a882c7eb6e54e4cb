package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// DeliveryID names one thing to be told, in the outbox and, as metadata, on what was posted.
type DeliveryID int64

// Delivery is one row of the outbox: something to tell in one conversation. It names what to
// tell, never its text; the words are looked up when it is delivered.
type Delivery struct {
	ID        DeliveryID
	Lane      string    // the conversation; deliveries of one lane are made one by one, in order
	Ticket    TicketID  `db:"ticket_id"`
	Workspace string    // the workspace it goes to
	Kind      string    // how to render it
	Person    PersonID  `db:"person_id"`  // whose direct channel, or zero: the queue's channel
	Message   MessageID `db:"message_id"` // what it is about, if a message
	Event     EventID   `db:"event_id"`   // what it is about, if an event
	Part      int       // which piece of a message too long for one post, from 0
	Key       string    `db:"-"` // one waiting delivery per key is enough; empty: no such
	Claims    int64     // how often it was claimed: the fence against a late worker
	Settled   int64     // the latest claim up to which nothing was posted, for certain
	Attempts  int       // how often delivering failed
	LastError string    `db:"last_error"`
	CreatedAt Time      `db:"created_at"`
}

// Doubtful says whether an earlier worker may have posted the delivery all the same: it died, or
// never got its answer.
func (d Delivery) Doubtful() bool { return d.Claims-1 > d.Settled }

// ErrLost is returned to a worker whose claim has run out and passed to another.
var ErrLost = errors.New("store: the delivery was claimed by somebody else")

const deliveryColumns = `id, lane, ticket_id, workspace, kind, COALESCE(person_id, 0) AS person_id,
	COALESCE(message_id, 0) AS message_id, COALESCE(event_id, 0) AS event_id, part, claims, settled, attempts, last_error, created_at`

// Enqueue puts deliveries at the end of their lanes. The caller holds the ticket's lock.
func (tx *Tx) Enqueue(ctx context.Context, ds ...Delivery) error {
	var rows []string
	var args []any
	for i, d := range ds {
		// Only the head of a lane is visible: those behind it cost a claim nothing.
		visible := `NULL`
		args = append(args, d.Lane, d.Ticket, d.Workspace, d.Kind, int64(d.Person), int64(d.Message), int64(d.Event), d.Part, d.Key)
		if !slices.ContainsFunc(ds[:i], func(before Delivery) bool { return before.Lane == d.Lane }) {
			visible = `CASE WHEN EXISTS (SELECT 1 FROM outbox o WHERE o.lane = ?) THEN NULL ELSE ` + tx.now + ` END`
			args = append(args, d.Lane)
		}
		args = append(args, tx.Now)
		rows = append(rows, `(?, CAST(? AS BIGINT), ?, ?, NULLIF(CAST(? AS BIGINT), 0), NULLIF(CAST(? AS BIGINT), 0),
			NULLIF(CAST(? AS BIGINT), 0), CAST(? AS BIGINT), NULLIF(?, ''), `+visible+`, 0, 0, 0, '', CAST(? AS BIGINT))`)
	}
	if len(ds) == 0 {
		return nil
	}
	// A key that waits already is written again, not passed over: that keeps it from being claimed,
	// and told of the state before this transaction, until this one commits.
	_, err := tx.exec(ctx, `INSERT INTO outbox (lane, ticket_id, workspace, kind, person_id, message_id, event_id, part,
			unique_key, visible_at, claims, settled, attempts, last_error, created_at) VALUES `+strings.Join(rows, ", ")+`
		ON CONFLICT (unique_key) DO UPDATE SET unique_key = excluded.unique_key`, args...)
	tx.queued = true
	return err
}

// Claim takes up to limit deliveries that are due and hides them for the length of the lease:
// should the worker die, they reappear by themselves. Its unique key is freed, so that a change
// made from now on is told again.
func (tx *Tx) Claim(ctx context.Context, limit int, lease time.Duration) ([]Delivery, error) {
	var ds []Delivery
	return ds, tx.list(ctx, &ds, `WITH due AS (SELECT id AS due_id FROM outbox WHERE visible_at <= `+tx.now+`
			ORDER BY visible_at, id LIMIT ?`+tx.skipLocked+`)
		UPDATE outbox SET claims = claims + 1, unique_key = NULL, visible_at = `+tx.now+` + ?
		WHERE id IN (SELECT due_id FROM due) RETURNING `+deliveryColumns, limit, lease.Milliseconds())
}

// Done removes a delivery that was made and lets the next of its lane come forward.
func (tx *Tx) Done(ctx context.Context, d Delivery) error {
	return tx.remove(ctx, d, func() error { return nil })
}

// Park takes a delivery that can never succeed out of its lane, where it holds up the others, and
// keeps it with the reason for the operator.
func (tx *Tx) Park(ctx context.Context, d Delivery, reason string) error {
	return tx.remove(ctx, d, func() error {
		_, err := tx.exec(ctx, `INSERT INTO parked (id, lane, ticket_id, workspace, kind, person_id, message_id,
				event_id, part, attempts, last_error, created_at, parked_at)
			SELECT id, lane, ticket_id, workspace, kind, person_id, message_id, event_id, part, attempts + 1, ?, created_at, ?
			FROM outbox WHERE id = ?`, reason, tx.Now, d.ID)
		return err
	})
}

func (tx *Tx) remove(ctx context.Context, d Delivery, before func() error) error {
	// The lock keeps anyone from queueing behind d between the delete and the promotion.
	if _, err := tx.LockTicket(ctx, d.Ticket); err != nil {
		return err
	}
	if err := before(); err != nil {
		return err
	}
	n, err := tx.exec(ctx, `DELETE FROM outbox WHERE id = ? AND claims = ?`, d.ID, d.Claims)
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrLost
	}
	promoted, err := tx.exec(ctx, `UPDATE outbox SET visible_at = `+tx.now+`
		WHERE id = (SELECT MIN(id) FROM outbox WHERE lane = ?) AND visible_at IS NULL`, d.Lane)
	tx.queued = tx.queued || promoted > 0
	return err
}

// Retry leaves a delivery that was not made at the head of its lane, to be tried again after wait.
func (tx *Tx) Retry(ctx context.Context, d Delivery, wait time.Duration, reason string) error {
	return tx.retry(ctx, d, d.Claims, wait, reason)
}

// RetryInDoubt is Retry for a delivery that may have been made all the same; see Doubtful.
func (tx *Tx) RetryInDoubt(ctx context.Context, d Delivery, wait time.Duration, reason string) error {
	return tx.retry(ctx, d, d.Settled, wait, reason)
}

func (tx *Tx) retry(ctx context.Context, d Delivery, settled int64, wait time.Duration, reason string) error {
	n, err := tx.exec(ctx, `UPDATE outbox SET visible_at = `+tx.now+` + ?, settled = ?, attempts = attempts + 1, last_error = ?
		WHERE id = ? AND claims = ?`, wait.Milliseconds(), settled, reason, d.ID, d.Claims)
	if err == nil && n == 0 {
		return ErrLost
	}
	return err
}

// Pause delays all that is due in a workspace: its platform asked to be left alone for a while. It is
// a transaction's only act on the outbox.
func (tx *Tx) Pause(ctx context.Context, workspace string, wait time.Duration) error {
	// What somebody else holds is being told or changed: it is passed over, since two that wait for
	// each other's rows would never end.
	_, err := tx.exec(ctx, `UPDATE outbox SET visible_at = `+tx.now+` + ? WHERE id IN (SELECT id FROM outbox
		WHERE workspace = ? AND visible_at < `+tx.now+` + ?`+tx.skipLocked+`)`, wait.Milliseconds(), workspace, wait.Milliseconds())
	return err
}

// Backlog says what the outbox holds.
type Backlog struct {
	Waiting int // to be delivered, or being delivered
	Failing int // of these, those that failed at least once
	Parked  int
	Oldest  time.Duration // age of the oldest not yet delivered; zero when there is none
}

// Backlog counts what is not yet delivered; it costs what is there, not what was.
func (tx *Tx) Backlog(ctx context.Context) (Backlog, error) {
	var row struct {
		Waiting, Failing, Parked int
		Oldest                   int64
	}
	err := tx.get(ctx, &row, `SELECT COUNT(*) AS waiting, COALESCE(SUM(CASE WHEN attempts > 0 THEN 1 ELSE 0 END), 0) AS failing,
		COALESCE(MIN(created_at), 0) AS oldest, (SELECT COUNT(*) FROM parked) AS parked FROM outbox`)
	b := Backlog{Waiting: row.Waiting, Failing: row.Failing, Parked: row.Parked}
	if row.Oldest > 0 {
		b.Oldest = max(0, time.Duration(tx.Now.UnixMilli()-row.Oldest)*time.Millisecond)
	}
	return b, err
}
