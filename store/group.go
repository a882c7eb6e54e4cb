package store

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
)

// writers lets those who wait for SQLite's one writing connection share a transaction: a commit
// waits for the disk, as long for many as for one. Each has a savepoint of its own, so that what
// fails there fails alone. All are answered after the commit, those that failed too: what they saw
// may be what another in the group did.
type writers struct {
	on      *sqlx.DB
	begin   func(*sqlx.Tx) *Tx
	mu      sync.Mutex
	waiting []*writer
	busy    bool // somebody is writing, and will see to those who wait
}

// writer is one call of Write.
type writer struct {
	ctx      context.Context
	f        func(*Tx) error
	tx       *Tx
	err      error
	panicked any
	done     chan struct{}
}

// How much one commit may hold: others wait for it, and so does another process.
const (
	maxWriters = 64
	maxHold    = 50 * time.Millisecond
)

func (w *writers) write(ctx context.Context, f func(*Tx) error) (*Tx, error) {
	one := &writer{ctx: ctx, f: f, done: make(chan struct{})}
	if w.join(one) {
		go w.work()
	}
	select {
	case <-one.done:
	case <-ctx.Done():
		if w.withdraw(one) {
			return nil, fmt.Errorf("store: begin: %w", ctx.Err())
		}
		<-one.done // its turn has come: what becomes of it counts
	}
	if one.panicked != nil {
		panic(one.panicked)
	}
	return one.tx, one.err
}

// join lines up, and says whether there is nobody yet who sees to those in the line.
func (w *writers) join(one *writer) (first bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	first = !w.busy
	w.waiting, w.busy = append(w.waiting, one), true
	return first
}

func (w *writers) withdraw(one *writer) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.waiting {
		if w.waiting[i] == one {
			w.waiting = append(w.waiting[:i], w.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// next takes the first from the line; nil when it is empty.
func (w *writers) next() *writer {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiting) == 0 {
		return nil
	}
	one := w.waiting[0]
	w.waiting = w.waiting[1:]
	return one
}

// rest says that nobody waits any more: whoever comes next begins anew.
func (w *writers) rest() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy = len(w.waiting) > 0
	return !w.busy
}

func (w *writers) work() {
	for !w.rest() {
		w.together()
	}
}

// together runs one transaction for those who wait.
func (w *writers) together() {
	// No single writer's context: the wait for another process is bounded by busy_timeout.
	stx, err := w.on.BeginTxx(context.Background(), nil)
	if err != nil {
		for one := w.next(); one != nil; one = w.next() {
			one.err = fmt.Errorf("store: begin: %w", err)
			close(one.done)
		}
		return
	}
	defer func() { _ = stx.Rollback() }()
	var group []*writer
	for began := time.Now(); err == nil && len(group) < maxWriters && time.Since(began) < maxHold; {
		one := w.next()
		if one == nil {
			break
		}
		group, err = append(group, one), one.run(stx, w.begin(stx))
	}
	if err == nil {
		err = stx.Commit()
	}
	for _, one := range group {
		if err != nil {
			one.err = fmt.Errorf("store: commit: %w", err)
		}
		close(one.done)
	}
}

// run lets one writer write. It fails when the transaction is no more: then nothing of it was written.
func (one *writer) run(stx *sqlx.Tx, tx *Tx) error {
	if _, err := stx.Exec(`SAVEPOINT one`); err != nil {
		return err
	}
	one.tx, one.err = tx, one.safely(tx)
	if err := one.ctx.Err(); one.err == nil && err != nil {
		one.err = fmt.Errorf("store: commit: %w", err) // too late: whoever asked has been given up
	}
	if one.err != nil || one.panicked != nil {
		if _, err := stx.Exec(`ROLLBACK TO one`); err != nil {
			return err
		}
	}
	_, err := stx.Exec(`RELEASE one`)
	return err
}

// safely has a panic come up where it belongs: in the call of Write.
func (one *writer) safely(tx *Tx) error {
	defer func() {
		if p := recover(); p != nil {
			one.panicked = fmt.Sprintf("%v\n%s", p, debug.Stack())
		}
	}()
	return one.f(tx)
}
