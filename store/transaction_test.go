package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"guichet/store"
	"guichet/store/storetest"
)

func TestReadSeesOneState(t *testing.T) {
	eachOutbox(t, func(t *testing.T, o *outbox) {
		ctx := t.Context()
		err := o.Read(ctx, func(tx *store.Tx) error {
			before, err := tx.Ticket(ctx, store.Program, o.ticket.ID)
			if err != nil {
				return err
			}
			changed := before
			changed.State = "open"
			write(t, o.DB, func(ctx context.Context, tx *store.Tx) error { return tx.SaveTicket(ctx, changed) })
			after, err := tx.Ticket(ctx, store.Program, o.ticket.ID)
			if after.State != before.State {
				t.Errorf("one read saw the states %s and %s", before.State, after.State)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// A delivery that waits shows the state at the time it is made. One that stands for a change that
// is not committed yet must not be made yet, or nobody would ever be told of the change.
func TestAChangeIsNotToldBeforeItIsCommitted(t *testing.T) {
	eachOutbox(t, func(t *testing.T, o *outbox) {
		o.enqueue("a/key")
		write(t, o.DB, func(ctx context.Context, tx *store.Tx) error {
			if _, err := tx.LockTicket(ctx, o.ticket.ID); err != nil {
				return err
			}
			err := tx.Enqueue(ctx, store.Delivery{Lane: "a", Ticket: o.ticket.ID, Workspace: "a", Kind: "card", Once: true})
			if err != nil {
				return err
			}
			// On SQLite nobody else gets a turn before this transaction ends.
			soon, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
			defer cancel()
			_ = o.Write(soon, func(tx *store.Tx) error {
				ds, err := tx.Claim(soon, "a", 10, time.Minute)
				if len(ds) > 0 {
					t.Errorf("claimed %+v", ds)
				}
				return err
			})
			return nil
		})
		if ds := o.claim(10, time.Minute); len(ds) != 1 {
			t.Errorf("afterwards claimed %+v", ds)
		}
	})
}

// A commit may fail: a full disk, a lost connection. Nothing of it must remain, and the database
// must go on.
func TestAFailedCommitLeavesNothing(t *testing.T) {
	eachOutbox(t, func(t *testing.T, o *outbox) {
		ctx := t.Context()
		for _, s := range refuseCommits(o) {
			if _, err := o.raw.ExecContext(ctx, s); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			err := o.Write(ctx, func(tx *store.Tx) error {
				_, err := tx.FirstTime(ctx, "doomed")
				return err
			})
			if err == nil || !strings.Contains(err.Error(), "store: commit") {
				t.Fatalf("the commit did not fail: %v", err)
			}
		}
		if _, err := o.raw.ExecContext(ctx, map[bool]string{true: `DROP TRIGGER refuse`, false: `DROP TRIGGER refuse ON inbound`}[isSQLite(o)]); err != nil {
			t.Fatal(err)
		}
		write(t, o.DB, func(ctx context.Context, tx *store.Tx) error {
			first, err := tx.FirstTime(ctx, "doomed")
			if !first {
				t.Error("what was not committed is there")
			}
			return err
		})
	})
}

func isSQLite(o *outbox) bool {
	var v string
	return o.raw.QueryRow(`SELECT sqlite_version()`).Scan(&v) == nil
}

// refuseCommits are statements after which every transaction that writes to inbound fails, when
// it commits.
func refuseCommits(o *outbox) []string {
	if isSQLite(o) {
		return []string{
			`CREATE TABLE parent (id INTEGER PRIMARY KEY)`,
			`CREATE TABLE child (id INTEGER REFERENCES parent(id) DEFERRABLE INITIALLY DEFERRED)`,
			`CREATE TRIGGER refuse AFTER INSERT ON inbound BEGIN INSERT INTO child VALUES (1); END`,
		}
	}
	return []string{
		`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$`,
		`CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON inbound DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()`,
	}
}

func TestAPanicLetsTheLockGo(t *testing.T) {
	eachOutbox(t, func(t *testing.T, o *outbox) {
		func() {
			defer func() { _ = recover() }()
			_ = o.Write(t.Context(), func(tx *store.Tx) error {
				if _, err := tx.LockTicket(t.Context(), o.ticket.ID); err != nil {
					return err
				}
				panic("a bug")
			})
		}()
		soon, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		err := o.Write(soon, func(tx *store.Tx) error {
			_, err := tx.LockTicket(soon, o.ticket.ID)
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestACanceledRequestWritesNothing(t *testing.T) {
	eachOutbox(t, func(t *testing.T, o *outbox) {
		ctx, cancel := context.WithCancel(t.Context())
		err := o.Write(ctx, func(tx *store.Tx) error {
			first, err := tx.FirstTime(ctx, "key")
			cancel() // between the statement and the commit
			if !first {
				t.Error("the key was there")
			}
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a canceled write returned %v", err)
		}
		write(t, o.DB, func(ctx context.Context, tx *store.Tx) error {
			first, err := tx.FirstTime(ctx, "key")
			if !first {
				t.Error("it was written all the same")
			}
			return err
		})
	})
}

// Those who write at the same time share a commit on SQLite: what fails or is given up there
// concerns them alone, and the others are written.
func TestOneWritersFailureIsItsOwn(t *testing.T) {
	eachOutbox(t, func(t *testing.T, o *outbox) {
		fail := errors.New("refused")
		want := []error{nil, fail, context.Canceled}
		var all sync.WaitGroup
		for i := range 300 {
			all.Go(func() {
				ctx, giveUp := context.WithCancel(t.Context())
				defer giveUp()
				err := o.Write(ctx, func(tx *store.Tx) error {
					_, err := tx.FirstTime(ctx, fmt.Sprint("key ", i))
					switch want[i%3] {
					case fail:
						return fail
					case context.Canceled:
						giveUp()
					}
					return err
				})
				if !errors.Is(err, want[i%3]) {
					t.Errorf("%d: %v, want %v", i, err, want[i%3])
				}
			})
		}
		all.Wait()
		for i := range 300 {
			write(t, o.DB, func(ctx context.Context, tx *store.Tx) error {
				written, err := tx.CameIn(ctx, fmt.Sprint("key ", i))
				if written != (want[i%3] == nil) {
					t.Errorf("%d: written %v", i, written)
				}
				return err
			})
		}
	})
}

// A closed SQLite database is one file: nothing of it is left in a journal beside it, which whoever
// copies the file would miss.
func TestAClosedDatabaseIsOneFile(t *testing.T) {
	address := filepath.Join(t.TempDir(), "guichet.db")
	db := storetest.Open(t, address)
	p := addPerson(t, db, "U1")
	addTicket(t, db, p.ID, "n")
	if err := db.Read(t.Context(), func(tx *store.Tx) error {
		_, err := tx.TicketsOf(t.Context(), p.ID, 10)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(address + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the journal is still there: %v", err)
	}
}

// Of those who open tickets together, one whose ticket can't be opened fails alone.
func TestOneOpenersFailureIsItsOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := addPerson(t, db, "U1")
		errs := make(chan error)
		const n = 30
		for i := range n {
			requester := p.ID
			if i == 7 {
				requester = 999 // nobody
			}
			go func() {
				_, _, err := db.Open(t.Context(), store.Opening{
					Ticket:  store.Ticket{Kind: "incident", Service: "office", Queue: "support", Organization: "acme", Requester: requester, State: "new", Active: true, Nonce: fmt.Sprint("n", i)},
					Message: store.Message{Author: requester, Audience: store.Public, Side: store.RequesterSide, Body: "x"},
					Event:   store.Event{Act: "open"}})
				errs <- err
			}()
		}
		failed := 0
		for range n {
			if err := <-errs; err != nil {
				failed++
			}
		}
		if failed != 1 {
			t.Errorf("%d of %d failed, want one", failed, n)
		}
	})
}

// Another process has the database. Whoever waits for it behind others' wait is answered when his own
// time is over, not a whole wait later; the others still get their turn.
func TestAWriterBehindAWaitHasHisOwnTime(t *testing.T) {
	address := filepath.Join(t.TempDir(), "guichet.db") // SQLite: on PostgreSQL writers have connections of their own
	db := storetest.Open(t, address)
	lock, err := openRaw(t, address).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.ExecContext(t.Context(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	write := func(wait time.Duration) chan error {
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		done := make(chan error, 1)
		go func() {
			defer cancel()
			done <- db.Write(ctx, func(tx *store.Tx) error { return nil })
		}()
		return done
	}
	first := write(time.Minute)
	for !db.WriterAtWork() {
		time.Sleep(time.Millisecond)
	}
	since := time.Now()
	short, long := write(1600*time.Millisecond), write(time.Minute)
	if err := <-first; err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the first is told %v, want that the database is locked", err)
	}
	if err := <-short; err == nil { // that its time is over or, on a slow machine, that the database is locked
		t.Error("the second has written")
	}
	if took := time.Since(since); took > 2500*time.Millisecond {
		t.Errorf("the second waited %v", took)
	}
	if err := <-long; err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the third is told %v, want that the database is locked", err)
	}
	patient := write(time.Minute)
	if _, err := lock.ExecContext(t.Context(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	if err := <-patient; err != nil {
		t.Errorf("the fourth is told %v", err)
	}
}

// Copies that start together hold the lock in turns, each for longer than one waits for it at a time.
func TestAStartWaitsForTheOthers(t *testing.T) {
	address := filepath.Join(t.TempDir(), "guichet.db")
	db := storetest.Open(t, address)
	lock, err := openRaw(t, address).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.ExecContext(t.Context(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	refused := db.Write(t.Context(), func(tx *store.Tx) error { return nil })
	if refused == nil {
		t.Fatal("the lock keeps nobody out")
	}
	done := make(chan error, 1)
	go func() { done <- db.Insist(t.Context(), func(tx *store.Tx) error { return nil }) }()
	select {
	case err := <-done:
		t.Fatalf("a start ended with %v before the lock was let go", err)
	case <-time.After(2 * time.Second): // longer than busy_timeout
	}
	if _, err := lock.ExecContext(t.Context(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	own := errors.New("the act's own")
	if err := db.Insist(t.Context(), func(tx *store.Tx) error { return own }); !errors.Is(err, own) {
		t.Errorf("an act's own failure becomes %v", err)
	}
}
