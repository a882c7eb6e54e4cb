package store_test

import (
	"context"
	"testing"
	"time"

	"guichet/store"
)

// put puts one delivery of a message into a lane, held for a while.
func (o *outbox) put(lane string, message store.MessageID, held time.Duration) {
	o.t.Helper()
	write(o.t, o.DB, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.LockTicket(ctx, o.ticket.ID); err != nil {
			return err
		}
		d := store.Delivery{Lane: lane, Ticket: o.ticket.ID, Workspace: "w", Kind: "message", Message: message}
		if held > 0 {
			d.HeldUntil = store.At(tx.Now.Add(held))
		}
		return tx.Enqueue(ctx, d)
	})
}

// next claims what is due, which is one delivery or none, and says of which message it is.
func (o *outbox) next() (store.Delivery, store.MessageID) {
	o.t.Helper()
	ds := o.claim(10, time.Minute)
	if len(ds) == 0 {
		return store.Delivery{}, 0
	}
	if len(ds) > 1 {
		o.t.Fatalf("%d are due at once", len(ds))
	}
	return ds[0], ds[0].Message
}

// comes waits until the delivery of a message is due.
func (o *outbox) comes(want store.MessageID) store.Delivery {
	o.t.Helper()
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		if d, m := o.next(); m == want {
			return d
		} else if m != 0 {
			o.t.Fatalf("message %d comes, not %d", m, want)
		}
	}
	o.t.Fatalf("message %d does not come", want)
	return store.Delivery{}
}

func TestWhatIsHeldKeepsItsPlace(t *testing.T) {
	eachOutbox(t, func(t *testing.T, o *outbox) {
		since := time.Now()
		o.put("a", 1, 400*time.Millisecond)
		o.put("a", 2, 0)
		if _, m := o.next(); m != 0 {
			t.Errorf("message %d comes at once", m)
		}
		first := o.comes(1)
		if waited := time.Since(since); waited < 395*time.Millisecond {
			t.Errorf("it was held for %v", waited)
		}
		if _, m := o.next(); m != 0 {
			t.Errorf("message %d passes it", m)
		}
		o.done(first)
		o.done(o.comes(2))

		// Held behind another: it counts from when it was said.
		since = time.Now()
		o.put("a", 3, 0)
		o.put("a", 4, 400*time.Millisecond)
		o.done(o.comes(3))
		o.done(o.comes(4))
		if waited := time.Since(since); waited < 395*time.Millisecond || waited > 5*time.Second {
			t.Errorf("it was held for %v", waited)
		}
	})
}

func TestWhatIsTakenBackLetsTheNextComeForward(t *testing.T) {
	eachOutbox(t, func(t *testing.T, o *outbox) {
		withdraw := func(message store.MessageID) (n int) {
			write(t, o.DB, func(ctx context.Context, tx *store.Tx) (err error) {
				if _, err := tx.LockTicket(ctx, o.ticket.ID); err != nil {
					return err
				}
				n, err = tx.Withdraw(ctx, "a", "message", message)
				return err
			})
			return n
		}
		o.put("a", 1, time.Minute)
		o.put("a", 2, 0)
		if n := withdraw(1); n != 1 {
			t.Errorf("%d were taken back", n)
		}
		if n := withdraw(1); n != 0 {
			t.Errorf("taken back again: %d", n)
		}
		second := o.comes(2)
		if n := withdraw(2); n != 0 {
			t.Errorf("one that is under way was taken back: %d", n)
		}
		o.done(second)
	})
}

// What is held until long after a clock was put back is not held that long.
func TestAClockThatIsPutBackHoldsNothingForEver(t *testing.T) {
	eachOutbox(t, func(t *testing.T, o *outbox) {
		o.put("a", 1, 0)
		o.put("a", 2, 2*time.Hour) // as it looks after the clock was put back by as much
		o.done(o.comes(1))
		if _, m := o.next(); m != 0 {
			t.Errorf("message %d comes at once", m)
		}
		write(t, o.DB, func(ctx context.Context, tx *store.Tx) error {
			n, err := tx.Unwind(ctx, "w")
			if n != 1 {
				t.Errorf("%d were let go", n)
			}
			return err
		})
		o.comes(2)
	})
}
