package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"guichet/store"
	"guichet/store/storetest"
)

// list is what has failed, in a line each.
func (o *outbox) list() (lines []string, us []store.Undelivered) {
	o.t.Helper()
	if err := o.Read(o.t.Context(), func(tx *store.Tx) (err error) {
		us, err = tx.ListUndelivered(o.t.Context(), 10)
		return err
	}); err != nil {
		o.t.Fatal(err)
	}
	for _, u := range us {
		lines = append(lines, fmt.Sprintf("%s parked=%v tries=%d %s", u.Lane, u.Parked, u.Attempts, u.Reason))
	}
	return lines, us
}

func (o *outbox) locked(f func(ctx context.Context, tx *store.Tx) error) {
	o.t.Helper()
	write(o.t, o.DB, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.LockTicket(ctx, o.ticket.ID); err != nil {
			return err
		}
		return f(ctx, tx)
	})
}

func TestWhatFailedIsListedRetriedAndDropped(t *testing.T) {
	eachOutbox(t, func(t *testing.T, o *outbox) {
		o.enqueue("a", "a", "b", "c")
		ds := o.claim(3, time.Minute)
		slices.SortFunc(ds, func(a, b store.Delivery) int { return strings.Compare(a.Lane, b.Lane) })
		write(t, o.DB, func(ctx context.Context, tx *store.Tx) error {
			return tx.Retry(ctx, ds[0], time.Hour, store.Failure{Reason: "not in the channel"})
		})
		write(t, o.DB, func(ctx context.Context, tx *store.Tx) error {
			return tx.Park(ctx, ds[1], store.Failure{Reason: "bad card"})
		})
		lines, us := o.list()
		if got, want := fmt.Sprint(lines), "[a parked=false tries=1 not in the channel b parked=true tries=1 bad card]"; got != want {
			t.Fatalf("listed %s, want %s", got, want)
		}

		if n := o.drain(); n != 0 { // c is being delivered, a waits, b is parked
			t.Errorf("%d deliveries are due", n)
		}
		o.locked(func(ctx context.Context, tx *store.Tx) error { return tx.RetrySoon(ctx, us[0], 0) })
		o.locked(func(ctx context.Context, tx *store.Tx) error { return tx.RetrySoon(ctx, us[1], 0) })
		if n := o.drain(); n != 3 {
			t.Errorf("%d of 3 deliveries were retried", n)
		}
		if lines, _ := o.list(); len(lines) > 0 {
			t.Errorf("still listed: %v", lines)
		}
		for _, u := range us {
			err := o.Read(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Undelivered(t.Context(), u.ID)
				return err
			})
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("delivery %d is still there: %v", u.ID, err)
			}
		}
	})
}

// A delivery that is under way stays its worker's, however often it is retried by hand.
func TestARetryByHandLeavesALeaseAlone(t *testing.T) {
	eachOutbox(t, func(t *testing.T, o *outbox) {
		o.enqueue("a")
		d := o.claim(1, time.Minute)[0]
		o.locked(func(ctx context.Context, tx *store.Tx) error {
			return tx.RetrySoon(ctx, store.Undelivered{Delivery: d}, time.Minute)
		})
		if n := o.drain(); n != 0 {
			t.Error("a second worker has it")
		}
		o.done(d)
	})
}

func TestDroppingLetsTheNextComeForward(t *testing.T) {
	eachOutbox(t, func(t *testing.T, o *outbox) {
		o.enqueue("a", "a", "b")
		ds := o.claim(2, time.Minute)
		write(t, o.DB, func(ctx context.Context, tx *store.Tx) error {
			return tx.Retry(ctx, ds[0], time.Hour, store.Failure{Reason: "x"})
		})
		write(t, o.DB, func(ctx context.Context, tx *store.Tx) error { return tx.Park(ctx, ds[1], store.Failure{Reason: "x"}) })
		_, us := o.list()
		for _, u := range us {
			o.locked(func(ctx context.Context, tx *store.Tx) error { return tx.Drop(ctx, u) })
		}
		if n := o.drain(); n != 1 {
			t.Errorf("%d deliveries are left, want the one behind", n)
		}
		for _, u := range us { // twice is too late
			err := o.Write(t.Context(), func(tx *store.Tx) error { return tx.Drop(t.Context(), u) })
			if !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrLost) {
				t.Errorf("dropped twice: %v", err)
			}
		}
	})
}

// Whether a delivery may have been posted already follows from how its claims have ended.
func TestDoubt(t *testing.T) {
	eachOutbox(t, func(t *testing.T, o *outbox) {
		o.enqueue("a")
		var d store.Delivery
		claim := func(want bool, after string) {
			t.Helper()
			ds := o.claim(1, 0)
			if len(ds) != 1 {
				t.Fatalf("%s: %d claimed", after, len(ds))
			}
			if d = ds[0]; d.Doubtful() != want {
				t.Errorf("%s: doubtful is %v", after, !want)
			}
		}
		retry := func(ctx context.Context, tx *store.Tx) error { return tx.Retry(ctx, d, 0, store.Failure{Reason: "no"}) }
		inDoubt := func(ctx context.Context, tx *store.Tx) error {
			return tx.RetryInDoubt(ctx, d, 0, store.Failure{Reason: "no answer"})
		}
		claim(false, "at first")
		write(t, o.DB, retry)
		claim(false, "after a refusal")
		write(t, o.DB, inDoubt)
		claim(true, "after no answer")
		write(t, o.DB, retry)
		claim(false, "after it was looked up and refused")
		claim(true, "after a worker that died") // its lease of no length is over
		write(t, o.DB, inDoubt)
		claim(true, "after it could not be looked up")
	})
}

func TestHeardIsKept(t *testing.T) {
	eachOutbox(t, func(t *testing.T, o *outbox) {
		heard := func() (at store.Time, err error) {
			err = o.Read(t.Context(), func(tx *store.Tx) error {
				at, err = tx.Heard(t.Context(), "w")
				return err
			})
			return at, err
		}
		if _, err := heard(); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("at first: %v", err)
		}
		for i := range 2 {
			now := time.Date(2026, 11, 24, 9, i, 0, 0, time.UTC)
			o.SetClock(func() time.Time { return now })
			write(t, o.DB, func(ctx context.Context, tx *store.Tx) error { return tx.SetHeard(ctx, "w") })
			if at, err := heard(); err != nil || !at.Equal(now) {
				t.Errorf("heard at %v, %v; want %v", at, err, now)
			}
		}
	})
}

// What was uploaded for a delivery is known to whoever claims it next, also after it was parked; a late worker notes nothing.
func TestAnUploadIsNotForgotten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const place = "slack:T1"
		claim := func() (d store.Delivery) {
			t.Helper()
			write(t, db, func(ctx context.Context, tx *store.Tx) error {
				ds, err := tx.Claim(ctx, place, 1, time.Minute)
				if err == nil && len(ds) != 1 {
					t.Fatalf("claimed %+v", ds)
				}
				d = ds[0]
				return err
			})
			return d
		}
		write(t, db, func(ctx context.Context, tx *store.Tx) error {
			return tx.Enqueue(ctx, store.Delivery{Lane: "digest", Workspace: place, Kind: "picture"})
		})
		late := claim()
		write(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.Retry(ctx, late, 0, store.Failure{}) })
		d := claim()
		write(t, db, func(ctx context.Context, tx *store.Tx) error {
			if err := tx.NoteUpload(ctx, late, "F1"); !errors.Is(err, store.ErrLost) {
				t.Errorf("a late worker: %v", err)
			}
			return errors.Join(tx.NoteUpload(ctx, d, "F2"), tx.Park(ctx, d, store.Failure{Reason: "refused"}))
		})
		write(t, db, func(ctx context.Context, tx *store.Tx) error {
			us, err := tx.ListUndelivered(ctx, 5)
			if err != nil || len(us) != 1 || us[0].Upload != "F2" {
				t.Errorf("listed %+v, %v", us, err)
			}
			u, err := tx.Undelivered(ctx, d.ID)
			return errors.Join(err, tx.RetrySoon(ctx, u, time.Minute))
		})
		if again := claim(); again.Upload != "F2" {
			t.Errorf("the next has %q", again.Upload)
		}
	})
}
