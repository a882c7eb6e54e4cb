package store

import (
	"context"
	"slices"
	"strings"
)

// Outcome is what became of a ticket that is resolved or closed, or was. Lengths are milliseconds of business time.
type Outcome struct {
	Ticket           TicketID `db:"ticket_id"`
	Queue            string
	Service          string
	Organization     string
	ResolvedAt       Time  `db:"resolved_at"` // zero: it was reopened
	Response         int64 // until the first reply
	ResponseTarget   int64 `db:"response_target"` // zero: none
	Resolution       int64
	ResolutionTarget int64  `db:"resolution_target"`
	Kept             int    // later replies that came in time
	Missed           int    // and those that did not
	Reopened         int    // how often
	Rating           string // the requester's; empty: none. SaveOutcome leaves it as it is
}

// SaveOutcome writes what has become of a ticket.
func (tx *Tx) SaveOutcome(ctx context.Context, o Outcome) error {
	_, err := tx.exec(ctx, `INSERT INTO outcomes (ticket_id, queue, service, organization, resolved_at, response, response_target, resolution,
			resolution_target, kept, missed, reopened) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (ticket_id) DO UPDATE SET queue = excluded.queue, service = excluded.service, resolved_at = excluded.resolved_at,
			response = excluded.response, response_target = excluded.response_target, resolution = excluded.resolution,
			resolution_target = excluded.resolution_target, kept = excluded.kept, missed = excluded.missed, reopened = excluded.reopened`,
		o.Ticket, o.Queue, o.Service, o.Organization, o.ResolvedAt, o.Response, o.ResponseTarget, o.Resolution, o.ResolutionTarget, o.Kept, o.Missed, o.Reopened)
	return err
}

// Outcome returns what became of a ticket; ErrNotFound if it was never resolved.
func (tx *Tx) Outcome(ctx context.Context, id TicketID) (Outcome, error) {
	var o Outcome
	return o, tx.get(ctx, &o, `SELECT ticket_id, queue, service, organization, resolved_at, response, response_target, resolution,
		resolution_target, kept, missed, reopened, rating FROM outcomes WHERE ticket_id = ?`, id)
}

// Rate notes what a requester thinks of how their ticket was handled.
func (tx *Tx) Rate(ctx context.Context, id TicketID, rating string) error {
	_, err := tx.exec(ctx, `UPDATE outcomes SET rating = ? WHERE ticket_id = ?`, rating, id)
	return err
}

// Figures are sums over the tickets of one service, or of all, that were resolved in a period.
type Figures struct {
	Service         string
	Opened          int   // in the period
	Resolved        int   // in the period, as all below
	Response        int64 // sum, milliseconds of business time
	ResponseOf      int   // how many had a target for the first reply
	ResponseKept    int   // and kept it
	Resolution      int64 // sum
	ResolutionOf    int
	ResolutionKept  int
	Kept, Missed    int // later replies
	Reopened        int // tickets that were, once at least
	Good, Fair, Bad int // ratings
}

// Where says whose tickets figures are about: a queue's or an organization's.
type Where struct{ Queue, Organization string }

func (w Where) column() (string, string) {
	if w.Queue != "" {
		return "queue", w.Queue
	}
	return "organization", w.Organization
}

// Figures returns what was resolved between two instants, by service. It reads what was resolved then, and no more.
func (tx *Tx) Figures(ctx context.Context, w Where, from, to Time) ([]Figures, error) {
	column, value := w.column()
	one := func(condition string) string { return `SUM(CASE WHEN ` + condition + ` THEN 1 ELSE 0 END)` }
	var fs []Figures
	return fs, tx.list(ctx, &fs, `SELECT service, COUNT(*) AS resolved, SUM(response) AS response, SUM(resolution) AS resolution,
			`+one(`response_target > 0`)+` AS responseof, `+one(`response_target > 0 AND response <= response_target`)+` AS responsekept,
			`+one(`resolution_target > 0`)+` AS resolutionof, `+one(`resolution_target > 0 AND resolution <= resolution_target`)+` AS resolutionkept,
			SUM(kept) AS kept, SUM(missed) AS missed, `+one(`reopened > 0`)+` AS reopened,
			`+one(`rating = 'good'`)+` AS good, `+one(`rating = 'fair'`)+` AS fair, `+one(`rating = 'bad'`)+` AS bad
		FROM outcomes WHERE `+column+` = ? AND resolved_at >= ? AND resolved_at <= ? GROUP BY service ORDER BY service`, value, from, to)
}

// Count is how many there are of something.
type Count struct {
	Name string
	N    int
}

// Opened counts the tickets that were opened between two instants, by service. It reads those that were changed since the
// first, and no more.
func (tx *Tx) Opened(ctx context.Context, w Where, from, to Time) ([]Count, error) {
	column, value := w.column()
	var cs []Count
	// The limit is never reached; it has SQLite go along the index that is meant.
	return cs, tx.list(ctx, &cs, `SELECT service AS name, COUNT(*) AS n FROM (SELECT service, created_at, queue, organization FROM tickets
			WHERE updated_at >= ? ORDER BY updated_at LIMIT 10000000) AS lately
		WHERE created_at >= ? AND created_at <= ? AND `+column+` = ? GROUP BY service ORDER BY service`, from, from, to, value)
}

// Flow is how many tickets were opened and resolved in a step of a period.
type Flow struct{ Opened, Resolved int }

// Flows counts what was opened and resolved between two instants, step by step. The first step begins with from, each
// other with one of the instants in between, which are in order. It reads what Figures and Opened do, and no more.
func (tx *Tx) Flows(ctx context.Context, w Where, from, to Time, between []Time) ([]Flow, error) {
	column, value := w.column()
	count := func(at, rows string, args ...any) ([]stepped, error) {
		step, begins := `0`, []any{}
		if len(between) > 0 {
			step = `CASE` + strings.Repeat(` WHEN `+at+` >= ? THEN CAST(? AS BIGINT)`, len(between)) + ` ELSE 0 END`
			for i, t := range slices.Backward(between) {
				begins = append(begins, t, i+1)
			}
		}
		var ns []stepped
		return ns, tx.list(ctx, &ns, `SELECT step, COUNT(*) AS n FROM (SELECT `+step+` AS step FROM `+rows+`
			AND `+at+` >= ? AND `+at+` <= ?) AS those GROUP BY step`, slices.Concat(begins, args, []any{from, to})...)
	}
	steps := make([]Flow, len(between)+1)
	resolved, err := count(`resolved_at`, `outcomes WHERE `+column+` = ?`, value)
	if err != nil {
		return nil, err
	}
	// The limit is as that of Opened.
	opened, err := count(`created_at`, `(SELECT created_at, queue, organization FROM tickets WHERE updated_at >= ? ORDER BY updated_at LIMIT 10000000) AS lately
		WHERE `+column+` = ?`, from, value)
	for _, c := range resolved {
		steps[c.Step].Resolved = c.N
	}
	for _, c := range opened {
		steps[c.Step].Opened = c.N
	}
	return steps, err
}

// stepped is a number of a step.
type stepped struct{ Step, N int }

// mostCounted is how far open tickets are counted.
const mostCounted = 1000

// InState counts the tickets of a queue in a state, to a thousand and one.
func (tx *Tx) InState(ctx context.Context, queue, state string) (n int, err error) {
	return n, tx.get(ctx, &n, `SELECT COUNT(*) FROM (SELECT id FROM tickets WHERE queue = ? AND state = ? ORDER BY id LIMIT ?) AS those`,
		queue, state, mostCounted+1)
}
