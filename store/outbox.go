package store

import (
	"context"
	"errors"
	"fmt"
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
	Ticket    TicketID  `db:"ticket_id"` // zero: it is about none, and its lane has only what came with it
	Workspace string    // the workspace it goes to
	Kind      string    // how to render it
	Person    PersonID  `db:"person_id"`  // whose direct channel, or zero: the queue's channel
	Message   MessageID `db:"message_id"` // what it is about, if a message
	Event     EventID   `db:"event_id"`   // what it is about, if an event
	File      FileID    `db:"file_id"`    // what it is about, if a file
	Part      int       // which piece of a message too long for one post, from 0
	Upload    string    // the platform's id of what was uploaded for it and may not be shared yet; see NoteUpload
	HeldUntil Time      `db:"held_until"` // not to be made before; zero: at once
	Once      bool      `db:"-"`          // one waiting delivery of this kind is enough in its lane
	Claims    int64     // how often it was claimed: the fence against a late worker
	Settled   int64     // the latest claim up to which nothing was posted, for certain
	Attempts  int       // how often delivering failed
	Failure             // the last one
	CreatedAt Time      `db:"created_at"`
}

// Failure is why a delivery was not made.
type Failure struct {
	Reason string // in one word, by which failures are counted
	Error  string `db:"last_error"` // in full, for the operator
}

// Doubtful says whether an earlier worker may have posted the delivery all the same: it died, or
// never got its answer.
func (d Delivery) Doubtful() bool { return d.Claims-1 > d.Settled }

// ErrLost is returned to a worker whose claim has run out and passed to another.
var ErrLost = errors.New("store: the delivery was claimed by somebody else")

const deliveryColumns = `id, lane, COALESCE(ticket_id, 0) AS ticket_id, workspace, kind, COALESCE(person_id, 0) AS person_id,
	COALESCE(message_id, 0) AS message_id, COALESCE(event_id, 0) AS event_id, COALESCE(file_id, 0) AS file_id, part, upload, held_until, claims, settled, attempts, reason, last_error, created_at`

// Enqueue puts deliveries at the end of their lanes. The caller holds the ticket's lock.
func (tx *Tx) Enqueue(ctx context.Context, ds ...Delivery) error {
	var rows []string
	var args []any
	for i, d := range ds {
		// Only the head of a lane is visible: those behind it cost a claim nothing.
		visible, key := `NULL`, ""
		if d.Once {
			key = d.Kind + ":" + d.Lane
		}
		args = append(args, d.Lane, int64(d.Ticket), d.Workspace, d.Kind, int64(d.Person), int64(d.Message), int64(d.Event), int64(d.File), d.Part, d.Upload, key, d.HeldUntil)
		if !slices.ContainsFunc(ds[:i], func(before Delivery) bool { return before.Lane == d.Lane }) {
			visible = `CASE WHEN EXISTS (SELECT 1 FROM outbox o WHERE o.lane = ?) THEN NULL
				WHEN CAST(? AS BIGINT) > ` + tx.now + ` THEN CAST(? AS BIGINT) ELSE ` + tx.now + ` END`
			args = append(args, d.Lane, d.HeldUntil, d.HeldUntil)
		}
		args = append(args, tx.Now)
		rows = append(rows, `(?, NULLIF(CAST(? AS BIGINT), 0), ?, ?, NULLIF(CAST(? AS BIGINT), 0), NULLIF(CAST(? AS BIGINT), 0),
			NULLIF(CAST(? AS BIGINT), 0), NULLIF(CAST(? AS BIGINT), 0), CAST(? AS BIGINT), ?, NULLIF(?, ''), CAST(? AS BIGINT), `+visible+`, 0, 0, 0, '', CAST(? AS BIGINT))`)
	}
	if len(ds) == 0 {
		return nil
	}
	// A key that waits already is written again, not passed over: that keeps it from being claimed,
	// and told of the state before this transaction, until this one commits.
	_, err := tx.exec(ctx, `INSERT INTO outbox (lane, ticket_id, workspace, kind, person_id, message_id, event_id, file_id, part, upload,
			unique_key, held_until, visible_at, claims, settled, attempts, last_error, created_at) VALUES `+strings.Join(rows, ", ")+`
		ON CONFLICT (unique_key) DO UPDATE SET unique_key = excluded.unique_key`, args...)
	for _, d := range ds {
		tx.queued = append(tx.queued, d.Workspace)
	}
	return err
}

// Claim takes up to limit deliveries of a workspace that are due, unless it is paused, and hides them
// for the length of the lease: should the worker die, they reappear by themselves. Their unique keys
// are freed, so that a change made from now on is told again.
func (tx *Tx) Claim(ctx context.Context, workspace string, limit int, lease time.Duration) ([]Delivery, error) {
	var ds []Delivery
	return ds, tx.list(ctx, &ds, `WITH due AS (SELECT id AS due_id FROM outbox WHERE workspace = ? AND visible_at <= `+tx.now+`
			AND NOT EXISTS (SELECT 1 FROM paused WHERE workspace = ? AND until BETWEEN `+tx.now+` AND `+tx.now+` + ?)
			ORDER BY visible_at, id LIMIT ?`+tx.skipLocked+`)
		UPDATE outbox SET claims = claims + 1, unique_key = NULL, visible_at = `+tx.now+` + ?
		WHERE id IN (SELECT due_id FROM due) RETURNING `+deliveryColumns,
		workspace, workspace, maxPause.Milliseconds(), limit, lease.Milliseconds())
}

// maxPause is how long a workspace may ask to be left alone. What lies further in the future was
// written before the clock was put back.
const maxPause = time.Hour

// Pause has nothing of a workspace claimed for a while: its platform asked to be left alone.
func (tx *Tx) Pause(ctx context.Context, workspace string, wait time.Duration) error {
	_, err := tx.exec(ctx, `INSERT INTO paused (workspace, until) VALUES (?, `+tx.now+` + ?)
		ON CONFLICT (workspace) DO UPDATE SET until = excluded.until
		WHERE paused.until NOT BETWEEN excluded.until AND `+tx.now+` + ?`, workspace, min(wait, maxPause).Milliseconds(), maxPause.Milliseconds())
	return err
}

// OutboxWorkspaces returns the workspaces to which something is to be delivered, stepping from one to
// the next along the index.
func (tx *Tx) OutboxWorkspaces(ctx context.Context) ([]string, error) {
	return tx.distinct(ctx, `SELECT workspace FROM outbox WHERE workspace > ? ORDER BY workspace LIMIT 1`)
}

// Removed is a delivery that was removed from the outbox, and its lane and person, which may be others by now (Join).
type Removed struct {
	ID     DeliveryID
	Lane   string
	Person PersonID `db:"person_id"`
}

// Done removes deliveries that were made and lets the next of their lanes come forward. It returns
// those that it removed: the others were claimed by somebody else meanwhile.
func (tx *Tx) Done(ctx context.Context, ds ...Delivery) ([]Removed, error) {
	if err := tx.lockTickets(ctx, ds); err != nil {
		return nil, err
	}
	return tx.remove(ctx, ds)
}

// Park takes a delivery that can never succeed out of its lane, where it holds up the others, and
// keeps it with the reason for the operator.
func (tx *Tx) Park(ctx context.Context, d Delivery, why Failure) error {
	if err := tx.lockTickets(ctx, []Delivery{d}); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `INSERT INTO parked (id, lane, ticket_id, workspace, kind, person_id, message_id,
			event_id, file_id, part, upload, attempts, reason, last_error, created_at, parked_at)
		SELECT id, lane, ticket_id, workspace, kind, person_id, message_id, event_id, file_id, part, upload, attempts + 1, ?, ?, created_at, ?
		FROM outbox WHERE id = ?`, why.Reason, why.Error, tx.Now, d.ID)
	if err != nil {
		return err
	}
	gone, err := tx.remove(ctx, []Delivery{d})
	if err == nil && len(gone) == 0 {
		return ErrLost
	}
	return err
}

// lockTickets keeps anyone from queueing behind these deliveries between their removal and the
// promotion of the next.
func (tx *Tx) lockTickets(ctx context.Context, ds []Delivery) error {
	if tx.forUpdate == "" {
		return nil // one writer at a time
	}
	var ids []TicketID
	for _, d := range ds {
		ids = append(ids, d.Ticket)
	}
	return tx.list(ctx, &ids, `SELECT id FROM tickets WHERE id IN (?) ORDER BY id`+tx.forUpdate, ids)
}

func (tx *Tx) remove(ctx context.Context, ds []Delivery) (gone []Removed, err error) {
	var ids []DeliveryID
	var lanes, claims []string
	for _, d := range ds {
		ids, claims = append(ids, d.ID), append(claims, fmt.Sprintf("%d/%d", d.ID, d.Claims))
	}
	err = tx.list(ctx, &gone, `DELETE FROM outbox WHERE id IN (?) AND CAST(id AS TEXT) || '/' || CAST(claims AS TEXT) IN (?)
		RETURNING id, lane, COALESCE(person_id, 0) AS person_id`, ids, claims)
	if err != nil || len(gone) == 0 {
		return nil, err
	}
	for _, g := range gone {
		lanes = append(lanes, g.Lane)
	}
	return gone, tx.promote(ctx, lanes)
}

// promote lets the first of each lane come forward, when its time has come.
func (tx *Tx) promote(ctx context.Context, lanes []string) error {
	var promoted []string
	err := tx.list(ctx, &promoted, `UPDATE outbox SET visible_at = CASE WHEN held_until > `+tx.now+` THEN held_until ELSE `+tx.now+` END
		WHERE visible_at IS NULL AND id IN (SELECT MIN(id) FROM outbox WHERE lane IN (?) GROUP BY lane) RETURNING workspace`, lanes)
	tx.queued = append(tx.queued, promoted...)
	return err
}

// NoteUpload notes what was uploaded for a delivery before it is shared, so that whoever claims it after a crash looks
// whether it was. ErrLost if that is somebody else by now.
func (tx *Tx) NoteUpload(ctx context.Context, d Delivery, upload string) error {
	n, err := tx.exec(ctx, `UPDATE outbox SET upload = ? WHERE id = ? AND claims = ?`, upload, d.ID, d.Claims)
	if err == nil && n == 0 {
		return ErrLost
	}
	return err
}

// Redirect has what waits in a lane delivered to another workspace, but for one kind of delivery. The
// caller holds the ticket's lock.
func (tx *Tx) Redirect(ctx context.Context, lane, workspace, but string) error {
	_, err := tx.exec(ctx, `UPDATE outbox SET workspace = ? WHERE lane = ? AND workspace <> ? AND kind <> ?`, workspace, lane, workspace, but)
	tx.queued = append(tx.queued, workspace)
	return err
}

// longestWait is how long a delivery lies in the outbox, at most, until it is tried again. (A workspace
// that asks to be left alone for longer is paused.)
const longestWait = 10 * time.Minute

// Retry leaves a delivery that was not made at the head of its lane, to be tried again after wait.
func (tx *Tx) Retry(ctx context.Context, d Delivery, wait time.Duration, why Failure) error {
	return tx.retry(ctx, d, d.Claims, wait, why)
}

// RetryInDoubt is Retry for a delivery that may have been made all the same; see Doubtful.
func (tx *Tx) RetryInDoubt(ctx context.Context, d Delivery, wait time.Duration, why Failure) error {
	return tx.retry(ctx, d, d.Settled, wait, why)
}

func (tx *Tx) retry(ctx context.Context, d Delivery, settled int64, wait time.Duration, why Failure) error {
	n, err := tx.exec(ctx, `UPDATE outbox SET visible_at = `+tx.now+` + ?, settled = ?, attempts = attempts + 1, reason = ?, last_error = ?
		WHERE id = ? AND claims = ?`, min(wait, longestWait).Milliseconds(), settled, why.Reason, why.Error, d.ID, d.Claims)
	if err == nil && n == 0 {
		return ErrLost
	}
	return err
}

// Unwind has deliveries of a workspace tried now that lie further in the future than anything is put
// off: they were, before the clock was put back.
func (tx *Tx) Unwind(ctx context.Context, workspace string) (n int64, err error) {
	return tx.exec(ctx, `UPDATE outbox SET visible_at = `+tx.now+` WHERE workspace = ? AND visible_at > `+tx.now+` + ?`,
		workspace, longestWait.Milliseconds())
}

// Backlog says what the outbox holds.
type Backlog struct {
	Waiting int // to be delivered, or being delivered
	Failing int // of these, those that failed at least once
	Parked  int
	Oldest  time.Duration // age of the oldest not yet delivered; zero when there is none
	Reasons []Reason
}

// Reason counts what failed for one reason and waits for its next try, or is parked.
type Reason struct {
	Reason string
	Parked bool
	N      int
}

// Backlog counts what is not yet delivered; it costs what is there, not what was.
func (tx *Tx) Backlog(ctx context.Context) (Backlog, error) {
	var row struct {
		Waiting, Failing, Parked int
		Oldest                   int64
	}
	err := tx.get(ctx, &row, `SELECT COUNT(*) AS waiting, COALESCE(SUM(CASE WHEN attempts > 0 THEN 1 ELSE 0 END), 0) AS failing,
		COALESCE(MIN(created_at), 0) AS oldest, (SELECT COUNT(*) FROM parked) AS parked FROM outbox`)
	if err != nil {
		return Backlog{}, err
	}
	b := Backlog{Waiting: row.Waiting, Failing: row.Failing, Parked: row.Parked}
	if row.Oldest > 0 {
		b.Oldest = max(0, time.Duration(tx.Now.UnixMilli()-row.Oldest)*time.Millisecond)
	}
	return b, tx.list(ctx, &b.Reasons, `SELECT reason, FALSE AS parked, COUNT(*) AS n FROM outbox WHERE attempts > 0 GROUP BY reason
		UNION ALL SELECT reason, TRUE AS parked, COUNT(*) AS n FROM parked GROUP BY reason`)
}
