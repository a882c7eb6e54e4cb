package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/jmoiron/sqlx"
)

// writer is one call of Write on SQLite, where one writes at a time.
type writer struct {
	f        func(*Tx) error
	tx       *Tx
	panicked any
}

// mostWriters is how many share a commit: others wait for it, and so does another process.
const mostWriters = 64

// writeGathered is Write with those who wait for SQLite's one writing connection in one transaction: a
// commit waits for the disk, as long for many as for one. Each has a savepoint of its own, so that
// what fails there fails alone. All are answered after the commit, those that failed too: what they
// saw may be what another in the group did.
func (db *DB) writeGathered(ctx context.Context, f func(*Tx) error) (*Tx, error) {
	w := &writer{f: f}
	err := db.writers.ask(ctx, w)
	if w.panicked != nil {
		panic(w.panicked)
	}
	return w.tx, err
}

func (db *DB) writeAll(group []*asked[*writer]) {
	if err := db.writeTogether(group); err != nil {
		for _, a := range group {
			if !a.gone {
				a.err = fmt.Errorf("store: commit: %w", err)
			}
		}
	}
}

// writeTogether runs one transaction for a group. When it fails, nothing of it was written.
func (db *DB) writeTogether(group []*asked[*writer]) error {
	if err := db.file.there(); err != nil {
		return err
	}
	stx, group, end, err := db.beginTogether(group)
	defer end()
	if err != nil || len(group) == 0 {
		return err
	}
	defer func() { _ = stx.Rollback() }()
	for _, a := range group {
		if err := a.what.run(a, stx, db.tx(stx, true)); err != nil {
			return err
		}
	}
	return stx.Commit()
}

// beginTogether begins the group's transaction, and returns those of the group who still wait for it
// and what ends it. The wait for another process ends with busy_timeout, or for those whose time is
// over before: they may have waited behind other groups already.
func (db *DB) beginTogether(group []*asked[*writer]) (*sqlx.Tx, []*asked[*writer], func(), error) {
	for group = giveUp(group); len(group) > 0; group = giveUp(group) {
		// No single writer's context: it would end the others' transaction.
		ctx, cancel := context.WithCancel(context.Background())
		var stops []func() bool
		for _, a := range group {
			stops = append(stops, context.AfterFunc(a.ctx, cancel))
		}
		stx, err := db.write.BeginTxx(ctx, nil)
		inTime := true
		for _, stop := range stops {
			inTime = stop() && inTime
		}
		if inTime {
			return stx, group, cancel, err
		}
		if err == nil {
			_ = stx.Rollback()
		}
		cancel()
	}
	return nil, nil, func() {}, nil
}

// run lets one writer write. It fails when the transaction is no more.
func (w *writer) run(a *asked[*writer], stx *sqlx.Tx, tx *Tx) error {
	if _, err := stx.Exec(`SAVEPOINT one`); err != nil {
		return err
	}
	w.tx, a.err = tx, w.safely(tx)
	if err := a.ctx.Err(); a.err == nil && err != nil {
		a.err = fmt.Errorf("store: commit: %w", err) // too late: whoever asked has been given up
	}
	if a.err != nil || w.panicked != nil {
		if _, err := stx.Exec(`ROLLBACK TO one`); err != nil {
			return errors.Join(a.err, err) // the first says why there is nothing to go back to
		}
	}
	_, err := stx.Exec(`RELEASE one`)
	return err
}

// safely has a panic come up where it belongs: in the call of Write.
func (w *writer) safely(tx *Tx) error {
	defer func() {
		if p := recover(); p != nil {
			w.panicked = fmt.Sprintf("%v\n%s", p, debug.Stack())
		}
	}()
	return w.f(tx)
}
