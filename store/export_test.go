package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/lib/pq"
)

// Step is one step of the way by which a database runs a statement.
type Step struct {
	What  string
	Table string  // or its alias; empty: none
	Whole bool    // it reads most of the table. PostgreSQL counts instead, and rightly reads a small one
	Rows  float64 // that it looked at, on PostgreSQL
}

// WithPlans makes the statements run with a context, on a database opened by OpenPlanned, be
// explained first: tell gets each with its steps.
func WithPlans(ctx context.Context, tell func(statement string, steps []Step)) context.Context {
	return context.WithValue(ctx, plansKey{}, tell)
}

type plansKey struct{}

// OpenPlanned is Open, with drivers in between that explain; see WithPlans.
func OpenPlanned(ctx context.Context, address string) (*DB, error) {
	return openWrapped(ctx, address, func(c driver.Connector) driver.Connector {
		if _, ok := c.(*pq.Connector); ok {
			return planned{preparing{c}, explainPostgres}
		}
		return planned{preparing{c}, explainSQLite}
	})
}

// MigrateTo brings an empty database to an early version of the schema.
func MigrateTo(ctx context.Context, address string, version int64) error {
	db, err := Open(ctx, address)
	if err != nil {
		return err
	}
	p, err := db.provider()
	if err == nil {
		_, err = p.UpTo(ctx, version)
	}
	return errors.Join(err, db.Close())
}

type planned struct {
	preparing
	explain func(ctx context.Context, c driver.Conn, statement string, args []driver.NamedValue) ([]Step, error)
}

func (p planned) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := p.preparing.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return plannedConn{c.(*preparingConn), p}, nil
}

type plannedConn struct {
	*preparingConn
	planned planned
}

func (c plannedConn) QueryContext(ctx context.Context, statement string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.tell(ctx, statement, args); err != nil {
		return nil, err
	}
	return c.preparingConn.QueryContext(ctx, statement, args)
}

func (c plannedConn) ExecContext(ctx context.Context, statement string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.tell(ctx, statement, args); err != nil {
		return nil, err
	}
	return c.preparingConn.ExecContext(ctx, statement, args)
}

func (c plannedConn) tell(ctx context.Context, statement string, args []driver.NamedValue) error {
	tell, ok := ctx.Value(plansKey{}).(func(string, []Step))
	if !ok {
		return nil
	}
	steps, err := c.planned.explain(ctx, c.conn, statement, args)
	if err != nil {
		return fmt.Errorf("explain %s: %w", statement, err)
	}
	tell(statement, steps)
	return nil
}

// What SQLite says of its steps. What has been made on the way is no table, and an index by nothing
// but a coarse column is searched in vain.
var (
	looks = regexp.MustCompile(`^(SCAN|SEARCH) (\S+)`)
	made  = regexp.MustCompile(`^(?:CO-ROUTINE|MATERIALIZE) (\S+)`)
	// A table of FTS5 is an index itself, of which a part is read where it is given words (M) or places (=, >, <).
	ownIndex = regexp.MustCompile(`VIRTUAL TABLE INDEX \d+:.+`)
	coarse   = regexp.MustCompile(`\((?:workspace|channel|organization|queue|kind|state|active|audience|is_card)=\?\)$`)
)

func explainSQLite(ctx context.Context, c driver.Conn, statement string, args []driver.NamedValue) (steps []Step, err error) {
	derived := map[string]bool{"CONSTANT": true}
	err = read(ctx, c, "EXPLAIN QUERY PLAN "+statement, args, func(row []driver.Value) error {
		s := Step{What: fmt.Sprint(row[3])}
		if m := made.FindStringSubmatch(s.What); m != nil {
			derived[m[1]] = true
		}
		if m := looks.FindStringSubmatch(s.What); m != nil && !derived[m[2]] {
			// The plan of an INSERT names the tables that refer to its own, which it looks at only
			// where it makes good a reference that was broken before: never here.
			refers := strings.HasPrefix(statement, "INSERT") && !strings.Contains(statement, " "+m[2]+" ")
			s.Table, s.Whole = m[2], !refers && (m[1] == "SCAN" && !ownIndex.MatchString(s.What) || coarse.MatchString(s.What))
		}
		steps = append(steps, s)
		return nil
	})
	return steps, err
}

// explainPostgres runs the statement and undoes it, so as to count the rows that it looks at.
func explainPostgres(ctx context.Context, c driver.Conn, statement string, args []driver.NamedValue) (steps []Step, err error) {
	exec := c.(driver.ExecerContext)
	if _, err := exec.ExecContext(ctx, "SAVEPOINT explain", nil); err != nil {
		return nil, err
	}
	err = read(ctx, c, "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) "+statement, args, func(row []driver.Value) error {
		var plans []struct{ Plan node }
		text, ok := row[0].([]byte)
		if !ok {
			text = fmt.Append(nil, row[0])
		}
		if err := json.Unmarshal(text, &plans); err != nil {
			return err
		}
		for _, p := range plans {
			p.Plan.steps(&steps)
		}
		return nil
	})
	_, undo := exec.ExecContext(ctx, "ROLLBACK TO SAVEPOINT explain", nil)
	return steps, errors.Join(err, undo)
}

// node is a step of PostgreSQL's plans.
type node struct {
	Type    string  `json:"Node Type"`
	Table   string  `json:"Relation Name"`
	Index   string  `json:"Index Name"`
	Rows    float64 `json:"Actual Rows"`
	Loops   float64 `json:"Actual Loops"`
	Removed float64 `json:"Rows Removed by Filter"`
	Plans   []node
}

func (n node) steps(all *[]Step) {
	if n.Table != "" || n.Index != "" {
		*all = append(*all, Step{What: fmt.Sprintf("%s %s %s", n.Type, n.Table, n.Index), Table: n.Table, Rows: (n.Rows + n.Removed) * n.Loops})
	}
	for _, p := range n.Plans {
		p.steps(all)
	}
}

// read passes the rows of a query on.
func read(ctx context.Context, c driver.Conn, query string, args []driver.NamedValue, pass func([]driver.Value) error) error {
	rows, err := c.(driver.QueryerContext).QueryContext(ctx, query, args)
	if err != nil {
		return err
	}
	defer rows.Close()
	for row := make([]driver.Value, len(rows.Columns())); ; {
		if err := rows.Next(row); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := pass(row); err != nil {
			return err
		}
	}
}

// WriterAtWork says whether somebody's turn to write has come, and nobody waits for one.
func (db *DB) WriterAtWork() bool {
	db.writers.mu.Lock()
	defer db.writers.mu.Unlock()
	return db.writers.working == 1 && len(db.writers.waiting) == 0
}
