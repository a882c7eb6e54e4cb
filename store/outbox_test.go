package store_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guichet/store"
	"guichet/store/storetest"
)

// outbox is a database as the tests of deliveries use it: with a ticket, and with a second look
// at the tables that the program itself has no need of.
type outbox struct {
	*store.DB
	t       *testing.T
	address string
	raw     *sql.DB
	ticket  store.Ticket
}

func eachOutbox(t *testing.T, test func(t *testing.T, o *outbox)) {
	storetest.EachAddress(t, func(t *testing.T, address string) {
		o := &outbox{DB: storetest.Open(t, address), t: t, address: address}
		o.raw = openRaw(t, address)
		o.ticket = addTicket(t, o.DB, addPerson(t, o.DB, "U1").ID, "n")
		test(t, o)
	})
}

// enqueue puts deliveries into lanes of the ticket; what stands behind a slash is the key.
// openRaw opens a database behind the store's back.
func openRaw(t *testing.T, address string) *sql.DB {
	t.Helper()
	driver, source := "sqlite", "file:"+address+"?_pragma=busy_timeout(5000)"
	if strings.HasPrefix(address, "postgres") {
		driver, source = "postgres", address
	}
	raw, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	return raw
}

func (o *outbox) enqueue(lanes ...string) {
	o.t.Helper()
	write(o.t, o.DB, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.LockTicket(ctx, o.ticket.ID); err != nil {
			return err
		}
		for _, lane := range lanes {
			lane, key, _ := strings.Cut(lane, "/")
			workspace := "w"
			if before, _, ok := strings.Cut(lane, " "); ok {
				workspace = before
			}
			err := tx.Enqueue(ctx, store.Delivery{Lane: lane, Ticket: o.ticket.ID, Workspace: workspace, Kind: "card", Once: key != ""})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (o *outbox) claim(limit int, lease time.Duration) (ds []store.Delivery) {
	o.t.Helper()
	write(o.t, o.DB, func(ctx context.Context, tx *store.Tx) (err error) {
		for _, workspace := range []string{"w", "w1", "w2"} {
			some, err := tx.Claim(ctx, workspace, limit-len(ds), lease)
			if err != nil {
				return err
			}
			ds = append(ds, some...)
		}
		return nil
	})
	return ds
}

func (o *outbox) done(ds ...store.Delivery) {
	o.t.Helper()
	for _, d := range ds {
		write(o.t, o.DB, func(ctx context.Context, tx *store.Tx) error { return done(ctx, tx, d) })
	}
}

// done is for a worker who relies on it that the delivery is still theirs.
func done(ctx context.Context, tx *store.Tx, d store.Delivery) error {
	gone, err := tx.Done(ctx, d)
	if err == nil && len(gone) == 0 {
		err = store.ErrLost
	}
	return err
}

// drain makes every delivery that is due and returns how many there were.
func (o *outbox) drain() (n int) {
	o.t.Helper()
	for ds := o.claim(100, time.Minute); len(ds) > 0; ds = o.claim(100, time.Minute) {
		o.done(ds...)
		n += len(ds)
	}
	return n
}

func (o *outbox) backlog() (b store.Backlog) {
	o.t.Helper()
	if err := o.Read(o.t.Context(), func(tx *store.Tx) (err error) {
		b, err = tx.Backlog(o.t.Context())
		return err
	}); err != nil {
		o.t.Fatal(err)
	}
	return b
}

// lanes lists the conversations of deliveries.
func lanes(ds []store.Delivery) string {
	var names []string
	for _, d := range ds {
		names = append(names, d.Lane)
	}
	// A claim returns its deliveries in no order: they are of different conversations.
	if len(names) == 2 && names[0] > names[1] {
		names[0], names[1] = names[1], names[0]
	}
	return strings.Join(names, ", ")
}

func TestOutbox(t *testing.T) {
	eachOutbox(t, func(t *testing.T, o *outbox) {
		run := func(name string, test func(t *testing.T)) {
			t.Helper()
			t.Run(name, func(t *testing.T) {
				o.t = t
				test(t)
				o.drain()
				if _, err := o.raw.ExecContext(t.Context(), `DELETE FROM outbox`); err != nil {
					t.Fatal(err)
				}
			})
		}

		run("hands out one delivery of a conversation at a time, in order", func(t *testing.T) {
			o.enqueue("a", "a", "b", "a")
			first := o.claim(10, time.Minute)
			if lanes(first) != "a, b" {
				t.Fatalf("claimed %s", lanes(first))
			}
			if again := o.claim(10, time.Minute); len(again) > 0 {
				t.Errorf("claimed again %s", lanes(again))
			}
			o.done(first...)
			second := o.claim(10, time.Minute)
			o.enqueue("a", "b")
			third := o.claim(10, time.Minute)
			if lanes(second) != "a" || lanes(third) != "b" {
				t.Errorf("then %s, then %s", lanes(second), lanes(third))
			}
			o.done(append(second, third...)...)
			for last := second[0].ID; ; {
				ds := o.claim(10, time.Minute)
				if len(ds) == 0 {
					break
				}
				if len(ds) != 1 || ds[0].Lane != "a" || ds[0].ID <= last {
					t.Errorf("after %d: %+v", last, ds)
				}
				last = ds[0].ID
				o.done(ds...)
			}
			if b := o.backlog(); b.Waiting != 0 {
				t.Errorf("left behind: %+v", b)
			}
		})

		run("hands out no more than asked for", func(t *testing.T) {
			o.enqueue("a", "b", "c")
			if ds := o.claim(2, time.Minute); len(ds) != 2 {
				t.Errorf("claimed %s", lanes(ds))
			}
			if ds := o.claim(2, time.Minute); len(ds) != 1 {
				t.Errorf("then claimed %s", lanes(ds))
			}
			if ds := o.claim(0, time.Minute); len(ds) != 0 {
				t.Errorf("claimed %s of none", lanes(ds))
			}
		})

		run("passes what a worker died over to the next, and shuts the late one out", func(t *testing.T) {
			o.enqueue("a", "a")
			late := o.claim(10, 0)[0] // a lease that is over at once
			next := o.claim(10, time.Minute)
			if len(next) != 1 || next[0].ID != late.ID || next[0].Claims != late.Claims+1 {
				t.Fatalf("passed over %+v", next)
			}
			for name, act := range map[string]func(context.Context, *store.Tx) error{
				"done": func(ctx context.Context, tx *store.Tx) error { return done(ctx, tx, late) },
				"retry": func(ctx context.Context, tx *store.Tx) error {
					return tx.Retry(ctx, late, 0, store.Failure{Error: "late"})
				},
				"park": func(ctx context.Context, tx *store.Tx) error { return tx.Park(ctx, late, store.Failure{Error: "late"}) },
			} {
				if err := o.Write(t.Context(), func(tx *store.Tx) error { return act(t.Context(), tx) }); !errors.Is(err, store.ErrLost) {
					t.Errorf("%s by a late worker: %v", name, err)
				}
			}
			if b := o.backlog(); !cmp.Equal(b, store.Backlog{Waiting: 2, Oldest: b.Oldest}) {
				t.Errorf("a late worker left %+v", b)
			}
			o.done(next...)
			for _, d := range []store.Delivery{late, next[0]} {
				if err := o.Write(t.Context(), func(tx *store.Tx) error { return done(t.Context(), tx, d) }); !errors.Is(err, store.ErrLost) {
					t.Errorf("done once more: %v", err)
				}
			}
		})

		run("keeps a failure at the head of its conversation, and holds up no other", func(t *testing.T) {
			o.enqueue("a", "b", "a")
			for attempt := range 3 {
				ds := o.claim(10, time.Minute)
				for _, d := range ds {
					if d.Lane == "b" {
						o.done(d)
						continue
					}
					if d.Attempts != attempt || attempt > 0 && d.Error != "no luck" {
						t.Errorf("attempt %d: %+v", attempt, d)
					}
					wait := time.Duration(0)
					if attempt == 2 {
						wait = time.Hour
					}
					write(t, o.DB, func(ctx context.Context, tx *store.Tx) error {
						return tx.Retry(ctx, d, wait, store.Failure{Error: "no luck"})
					})
				}
			}
			if ds := o.claim(10, time.Minute); len(ds) > 0 {
				t.Errorf("claimed %s, which waits for an hour", lanes(ds))
			}
			if b := o.backlog(); b.Waiting != 2 || b.Failing != 1 || b.Parked != 0 {
				t.Errorf("backlog %+v", b)
			}
		})

		run("parks what can never succeed, with the reason, and goes on", func(t *testing.T) {
			o.enqueue("a", "a")
			bad := o.claim(1, time.Minute)[0]
			write(t, o.DB, func(ctx context.Context, tx *store.Tx) error {
				return tx.Park(ctx, bad, store.Failure{Error: "invalid_blocks"})
			})
			if next := o.claim(10, time.Minute); len(next) != 1 || next[0].ID <= bad.ID {
				t.Errorf("went on with %+v", next)
			}
			var lane, reason string
			var attempts int
			if err := o.raw.QueryRowContext(t.Context(), `SELECT lane, last_error, attempts FROM parked`).Scan(&lane, &reason, &attempts); err != nil ||
				lane != "a" || reason != "invalid_blocks" || attempts != 1 {
				t.Errorf("parked %s %q %d, %v", lane, reason, attempts, err)
			}
			if b := o.backlog(); b.Parked != 1 || b.Waiting != 1 {
				t.Errorf("backlog %+v", b)
			}
		})

		run("takes one waiting delivery of a key for enough", func(t *testing.T) {
			o.enqueue("a/key", "a", "a/key", "b/other")
			o.enqueue("a/key")
			if n := o.drain(); n != 3 {
				t.Errorf("%d deliveries", n)
			}
			o.enqueue("a/key")
			if n := o.drain(); n != 1 {
				t.Errorf("%d deliveries of a key that is free again", n)
			}
		})

		run("tells a change that came after its delivery was claimed", func(t *testing.T) {
			for _, outcome := range []func(context.Context, *store.Tx, store.Delivery) error{
				func(ctx context.Context, tx *store.Tx, d store.Delivery) error { return done(ctx, tx, d) },
				func(ctx context.Context, tx *store.Tx, d store.Delivery) error {
					return tx.Retry(ctx, d, 0, store.Failure{Error: "x"})
				},
				func(ctx context.Context, tx *store.Tx, d store.Delivery) error {
					return tx.Park(ctx, d, store.Failure{Error: "x"})
				},
			} {
				o.enqueue("a/key")
				claimed := o.claim(10, time.Minute)[0]
				o.enqueue("a/key") // the card may have been built already
				o.enqueue("a/key") // but this one waits
				write(t, o.DB, func(ctx context.Context, tx *store.Tx) error { return outcome(ctx, tx, claimed) })
				last := claimed
				for ds := o.claim(10, time.Minute); len(ds) > 0; ds = o.claim(10, time.Minute) {
					last = ds[0]
					o.done(ds...)
				}
				if last.ID <= claimed.ID {
					t.Error("the change was swallowed")
				}
			}
		})

		run("pauses a workspace as a whole, and no other", func(t *testing.T) {
			o.enqueue("w1 a", "w1 b", "w1 b", "w2 a", "w1 c")
			held := o.claim(1, time.Minute)[0] // in the middle of it
			pause := func(wait time.Duration) {
				write(t, o.DB, func(ctx context.Context, tx *store.Tx) error { return tx.Pause(ctx, "w1", wait) })
			}
			pause(time.Hour)
			pause(0) // a shorter one does not end a longer one
			if ds := o.claim(10, time.Minute); lanes(ds) != "w2 a" {
				t.Errorf("claimed %s", lanes(ds))
			}
			o.done(held) // who had begun may finish
		})

		run("wakes whoever delivers, and only for something", func(t *testing.T) {
			woken := func() bool {
				select {
				case <-o.Wakes("w"):
					return true
				default:
					return false
				}
			}
			woken()
			o.enqueue("a", "a")
			if !woken() {
				t.Error("nobody is woken for a new delivery")
			}
			ds := o.claim(10, time.Minute)
			if woken() {
				t.Error("somebody is woken by a claim")
			}
			o.done(ds...)
			if !woken() {
				t.Error("nobody is woken for the next of a conversation")
			}
			o.done(o.claim(10, time.Minute)...)
			if woken() {
				t.Error("somebody is woken for nothing")
			}
			failed := errors.New("changed my mind")
			err := o.Write(t.Context(), func(tx *store.Tx) error {
				if err := tx.Enqueue(t.Context(), store.Delivery{Lane: "a", Ticket: o.ticket.ID, Workspace: "w", Kind: "card"}); err != nil {
					return err
				}
				return failed
			})
			if !errors.Is(err, failed) || woken() || o.backlog().Waiting != 0 {
				t.Errorf("what was undone is on its way: %v", err)
			}
		})

		run("tells how long the oldest has waited", func(t *testing.T) {
			if b := o.backlog(); b.Oldest != 0 || b.Waiting != 0 {
				t.Errorf("an empty outbox: %+v", b)
			}
			at := time.Now()
			defer o.SetClock(time.Now)
			for _, after := range []time.Duration{0, time.Hour} {
				o.SetClock(func() time.Time { return at.Add(after) })
				o.enqueue("a")
			}
			if b := o.backlog(); b.Oldest != time.Hour {
				t.Errorf("oldest %v", b.Oldest)
			}
			o.SetClock(func() time.Time { return at.Add(-time.Hour) }) // another copy's clock is behind
			if b := o.backlog(); b.Oldest != 0 {
				t.Errorf("oldest %v", b.Oldest)
			}
		})
	})
}
