// Package store keeps guichet's records: people, tickets, messages, threads, and the outbox of
// deliveries to make. All SQL of the program is here, written once for SQLite and PostgreSQL.
//
// It knows nouns, not rules: what may be done, by whom and what follows from it is decided in
// helpdesk. The one rule kept here is visibility: whoever reads a ticket says for whom (Viewer).
package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
)

// ErrNotFound is returned for a record that does not exist or that the viewer may not see: the
// two look alike on purpose.
var ErrNotFound = errors.New("store: not found")

// DB is guichet's database.
type DB struct {
	dialect
	write, read *sqlx.DB
	writers     *gather[*writer] // on SQLite, where one writes at a time
	openers     *gather[*opener] // on PostgreSQL
	clock       func() time.Time
	wakes       wakes
	file        *file // on SQLite
}

// Open connects to a SQLite file, or to PostgreSQL when address begins with postgres://.
// It does not migrate; see Migrate.
func Open(ctx context.Context, address string) (*DB, error) {
	return openWrapped(ctx, address, func(c driver.Connector) driver.Connector { return preparing{c} })
}

func openWrapped(ctx context.Context, address string, wrap wrapper) (*DB, error) {
	d, write, read, err := open(address, wrap)
	if err != nil {
		return nil, err
	}
	db := &DB{dialect: d, write: write, read: read, clock: time.Now}
	if d.driver == sqlite.driver {
		if db.file, err = opened(address); err != nil {
			return nil, errors.Join(err, db.Close())
		}
		db.writers = &gather[*writer]{workers: 1, most: mostWriters, serve: db.writeAll}
	} else {
		db.openers = &gather[*opener]{workers: openWorkers, most: mostOpened, serve: db.openAll}
	}
	if err := write.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("store: can't open the database: %w", err), db.Close())
	}
	return db, nil
}

// SetClock replaces the wall clock that Tx.Now is taken from. For tests.
func (db *DB) SetClock(clock func() time.Time) { db.clock = clock }

// Now is what the clock shows that Tx.Now is taken from.
func (db *DB) Now() Time { return At(db.clock()) }

// Close closes every connection.
func (db *DB) Close() error {
	if db.read == db.write {
		return db.write.Close()
	}
	return errors.Join(db.write.Close(), db.read.Close())
}

// Ping says whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	return errors.Join(db.file.there(), db.read.PingContext(ctx))
}

// Wakes delivers a value soon after a transaction of this process left something for a workspace in
// the outbox.
func (db *DB) Wakes(workspace string) <-chan struct{} { return db.wakes.of(workspace) }

// Tx is one transaction. Now is the same instant for all that happens in it.
type Tx struct {
	Now Time

	dialect
	on     querier
	shared bool     // with the acts of others: see writeGathered
	queued []string // the workspaces for which something came into the outbox
}

// querier is a transaction, or a database outside of one.
type querier interface {
	GetContext(ctx context.Context, dest any, query string, args ...any) error
	SelectContext(ctx context.Context, dest any, query string, args ...any) error
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func (db *DB) tx(on querier, shared bool) *Tx {
	return &Tx{Now: At(db.clock()), dialect: db.dialect, on: on, shared: shared}
}

// Write runs f in a transaction and commits it, unless f fails. The network has no place in f, which may be run up to three times: again
// where PostgreSQL has undone it, two acts that name each other's tickets having waited for each other. A pause keeps them apart then.
func (db *DB) Write(ctx context.Context, f func(*Tx) error) (err error) {
	var tx *Tx
	if db.writers != nil {
		tx, err = db.writeGathered(ctx, f)
	} else {
		// The outbox rests on this level: a statement sees what was committed before it, not before
		// the transaction.
		tx, err = db.run(ctx, db.write, sql.LevelReadCommitted, false, f)
		for try := 1; try < 3 && deadlocked(err); try++ {
			time.Sleep(rand.N(100 * time.Millisecond))
			tx, err = db.run(ctx, db.write, sql.LevelReadCommitted, false, f)
		}
	}
	if err == nil {
		db.wakes.wake(tx.queued)
	}
	return err
}

// patience is how long a start waits for SQLite's one writer: copies of the program that start together, each with much
// to make up for, hold it in turns.
const patience = 30 * time.Second

// Insist is Write for a program's start: where a person would be told to try again, it does.
func (db *DB) Insist(ctx context.Context, f func(*Tx) error) error {
	for began := time.Now(); ; {
		err := db.Write(ctx, f)
		if !busy(err) || time.Since(began) > patience {
			return err
		}
	}
}

// Read runs f in a transaction that sees one state of the database and cannot change it.
func (db *DB) Read(ctx context.Context, f func(*Tx) error) error {
	_, err := db.run(ctx, db.read, sql.LevelRepeatableRead, true, f)
	return err
}

// Look runs f outside of any transaction: for what one statement says, or several that need not agree.
func (db *DB) Look(ctx context.Context, f func(*Tx) error) error { return f(db.tx(db.read, false)) }

// wakes are the ways to tell who waits for deliveries of a workspace.
type wakes struct {
	mu  sync.Mutex
	all map[string]chan struct{}
}

func (w *wakes) of(workspace string) chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all == nil {
		w.all = map[string]chan struct{}{}
	}
	if w.all[workspace] == nil {
		w.all[workspace] = make(chan struct{}, 1)
	}
	return w.all[workspace]
}

func (w *wakes) wake(workspaces []string) {
	for _, workspace := range workspaces {
		select {
		case w.of(workspace) <- struct{}{}:
		default: // one waiting wake-up is as good as two
		}
	}
}

func (db *DB) run(ctx context.Context, on *sqlx.DB, level sql.IsolationLevel, readOnly bool, f func(*Tx) error) (*Tx, error) {
	options := &sql.TxOptions{} // SQLite has one level, and its own handle for reading
	if db.driver == postgres.driver {
		options.Isolation, options.ReadOnly = level, readOnly
	}
	stx, err := on.BeginTxx(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("store: begin: %w", err)
	}
	// After a commit this does nothing; after an error or a panic it lets the lock go.
	defer func() { _ = stx.Rollback() }()
	tx := db.tx(stx, false)
	if err := f(tx); err != nil {
		return nil, err
	}
	if err := stx.Commit(); err != nil {
		// When time ran out in between, the driver only knows that the transaction is over.
		return nil, fmt.Errorf("store: commit: %w", errors.Join(err, ctx.Err()))
	}
	return tx, nil
}

// within returns the context for a statement. Where it is cut short SQLite undoes the whole
// transaction, and so what others did in it: there, time is looked at between statements only, none
// of which waits for anything.
func (tx *Tx) within(ctx context.Context) (context.Context, error) {
	if !tx.shared {
		return ctx, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return context.WithoutCancel(ctx), nil
}

// get reads one row into dest; no row is ErrNotFound.
func (tx *Tx) get(ctx context.Context, dest any, query string, args ...any) error {
	ctx, err := tx.within(ctx)
	if err != nil {
		return err
	}
	err = tx.on.GetContext(ctx, dest, sqlx.Rebind(tx.bind, query), args...)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// list reads every row into dest, a pointer to a slice. A slice among args fills an IN (?).
func (tx *Tx) list(ctx context.Context, dest any, query string, args ...any) error {
	ctx, err := tx.within(ctx)
	if err != nil {
		return err
	}
	query, args, err = sqlx.In(query, args...)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if err := tx.on.SelectContext(ctx, dest, sqlx.Rebind(tx.bind, query), args...); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// exec runs a statement and says how many rows it changed.
func (tx *Tx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	ctx, err := tx.within(ctx)
	if err != nil {
		return 0, err
	}
	res, err := tx.on.ExecContext(ctx, sqlx.Rebind(tx.bind, query), args...)
	if err != nil {
		return 0, fmt.Errorf("store: %w", err)
	}
	return res.RowsAffected()
}

// distinct lists the values of a column, with a query for the next one after another.
func (tx *Tx) distinct(ctx context.Context, next string) (values []string, err error) {
	for last := ""; ; values = append(values, last) {
		if err := tx.get(ctx, &last, next, last); errors.Is(err, ErrNotFound) {
			return values, nil
		} else if err != nil {
			return nil, err
		}
	}
}

// Writable says whether the database can be written to, by a transaction that leaves nothing.
func (db *DB) Writable(ctx context.Context) error {
	undo := errors.New("undo")
	err := db.Write(ctx, func(tx *Tx) error {
		if _, err := tx.exec(ctx, `CREATE TABLE guichet_check (id BIGINT)`); err != nil {
			return err
		}
		return undo
	})
	if errors.Is(err, undo) {
		return nil
	}
	return err
}
