package relay_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"guichet/bot/relay"
	"guichet/helpdesk"
	"guichet/store"
)

// outcome lets a relay run until it has made, or not made, its first delivery, and says which. What
// failed is not tried again.
func (w *world) outcome(o relay.Options) string {
	w.t.Helper()
	o.Backoff = func(int) time.Duration { return time.Hour }
	r := w.relay(w.copies[0], o)
	outcomes := make(chan string, 100)
	r.Count = func(outcome string) { outcomes <- outcome }
	run := w.start(r, soon)
	defer run.stop()
	select {
	case o := <-outcomes:
		return o
	case <-time.After(soon):
		return "nothing"
	}
}

// gate stops the first call that comes by until it is opened.
type gate struct {
	reached, opened chan struct{}
	used            atomic.Bool
}

func (w *world) gate() *gate {
	g := &gate{reached: make(chan struct{}), opened: make(chan struct{})}
	w.chat.meet(func(context.Context, string, stamp) error {
		if g.used.CompareAndSwap(false, true) {
			close(g.reached)
			<-g.opened
		}
		return nil
	})
	return g
}

func TestStopFinishesWhatIsUnderWay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		before := goleak.IgnoreCurrent()
		ticket, lane := w.alone(store.DeskSide)
		w.say(w.ann, ticket, "and then?")
		g := w.gate()
		r := w.start(w.relay(w.copies[0], relay.Options{}), soon)
		<-g.reached
		r.cancel()
		select {
		case <-r.done:
			t.Error("it did not wait for what was under way")
		case <-time.After(20 * time.Millisecond):
		}
		close(g.opened)
		<-r.done
		if w.chat.cardOf(lane) == nil {
			t.Error("the delivery was cut off")
		}
		if got := w.rows(); !slices.Contains(got, lane+" message claims 0 attempts 0 ") || strings.Contains(strings.Join(got, "\n"), lane+" card") {
			t.Errorf("the outbox holds %q", got)
		}
		goleak.VerifyNone(t, before)
	})
}

func TestStopCutsWhatHangsAfterItsGrace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		before := goleak.IgnoreCurrent()
		_, lane := w.alone(store.RequesterSide)
		hangs := make(chan struct{}, 1)
		w.chat.meet(func(ctx context.Context, _ string, _ stamp) error {
			hangs <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		})
		const grace = 50 * time.Millisecond
		r := w.start(w.relay(w.copies[0], relay.Options{Lease: time.Second}), grace)
		<-hangs
		asked := time.Now()
		r.stop()
		if took := time.Since(asked); took < grace || took > 700*time.Millisecond {
			t.Errorf("it stopped after %v", took)
		}
		if got := w.rows(); len(got) != 1 {
			t.Errorf("the outbox holds %q", got)
		}
		goleak.VerifyNone(t, before)

		w.chat.calm()
		r = w.start(w.relay(w.copies[0], relay.Options{}), soon)
		w.must(w.drained())
		r.stop()
		if w.chat.cardOf(lane) == nil {
			t.Error("it was not taken up again")
		}
		w.chat.check(t)
	})
}

func TestStopBeforeTheBeginning(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone(store.DeskSide)
		before := w.rows()
		ctx, cancel := context.WithCancel(w.ctx)
		cancel()
		w.relay(w.copies[0], relay.Options{}).Run(ctx, soon)
		if got := w.rows(); !slices.Equal(got, before) || len(w.chat.calls) > 0 {
			t.Errorf("%d calls; the outbox holds %q", len(w.chat.calls), got)
		}
	})
}

func TestADeadWorkersDeliveryIsMadeByAnother(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ticket, lane := w.alone(store.RequesterSide)
		told := w.say(w.ada, ticket, "so!")
		const lease = 300 * time.Millisecond
		dead, began := w.copies[len(w.copies)-1], time.Now()
		w.must(dead.db.Write(w.ctx, func(tx *store.Tx) error {
			ds, err := tx.Claim(w.ctx, 10, lease)
			if len(ds) != 2 { // one on each side
				t.Errorf("claimed %+v", ds)
			}
			return err
		}))
		r := w.start(w.relay(w.copies[0], relay.Options{}), soon)
		w.must(w.drained())
		r.stop()
		for _, c := range w.chat.calls {
			if early := lease - c.at.Sub(began); early > tolerance {
				t.Errorf("%q came %v before the lease was over", c.stamp, early)
			}
		}
		if got := w.chat.toldIn(lane); !slices.Equal(got, []string{told}) {
			t.Errorf("told %q", got)
		}
		w.chat.check(t)
	})
}

// A worker that is held up for longer than its lease and then posts all the same, posts what another
// has posted meanwhile: nobody can call that back. It changes nothing else.
func TestALateWorkerChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ticket, lane := w.alone(store.DeskSide)
		g := w.gate()
		late := w.start(w.relay(w.copies[0], relay.Options{Lease: 200 * time.Millisecond}), soon)
		<-g.reached
		told := []string{w.say(w.ann, ticket, "one"), w.say(w.ann, ticket, "two")}
		late.cancel()
		r := w.start(w.relay(w.copies[len(w.copies)-1], relay.Options{}), soon)
		w.must(w.drained())
		close(g.opened)
		<-late.done
		third := w.say(w.ann, ticket, "three")
		w.must(w.drained())
		r.stop()
		if got := w.chat.toldIn(lane); !slices.Equal(got, append(told, third)) {
			t.Errorf("told %q", got)
		}
	})
}

func TestAChannelThatIsNotPrivateIsToldNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, lane := w.alone(store.DeskSide)
		q := w.desk().Catalog().Queues[0]
		w.chat.public = true
		w.must(w.desk().SetSeen(w.ctx, q, store.Seen{}, 0))
		if got := w.outcome(relay.Options{}); got != "failed" || len(w.chat.posts) > 0 {
			t.Errorf("it is %s, and the channel was told %v", got, w.chat.posts)
		}
		w.chat.public = false
		w.must(w.desk().SetSeen(w.ctx, q, store.Seen{Private: true, Members: agents}, 0))
		_, err := w.raw.ExecContext(w.ctx, `UPDATE outbox SET visible_at = 0`)
		w.must(err)
		if got := w.outcome(relay.Options{}); got != "delivered" || w.chat.cardOf(lane) == nil {
			t.Errorf("once it is private it is %s", got)
		}
	})
}

func TestAQueueThatMovesGetsItsCardsThere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ticket, lane := w.alone(store.DeskSide)
		r := w.start(w.relay(w.copies[0], relay.Options{}), soon)
		w.must(w.drained())
		r.stop()
		moved := catalog()
		moved.Queues[0].Place.Channel = "C-elsewhere"
		c := w.copy(w.copies[0].db, moved)
		w.must(c.SetSeen(w.ctx, moved.Queues[0], store.Seen{Private: true, Members: agents}, 0))
		w.chat.delete(lane) // so that nobody has two cards
		told := w.say(w.ann, ticket, "still there?")
		r = w.start(w.relay(c, relay.Options{}), soon)
		w.must(w.drained())
		r.stop()
		if p := w.chat.cardOf(lane); p == nil || p.channel != "C-elsewhere" {
			t.Errorf("the card is %+v", p)
		}
		if got := w.chat.toldIn(helpdesk.Lane(ticket, store.DeskSide)); !slices.Equal(got, []string{told}) {
			t.Errorf("told %q", got)
		}
		w.chat.check(t)
	})
}

func TestBackoff(t *testing.T) {
	for _, attempts := range []int{0, 1, 2, 5, 8, 9, 10, 11, 63, 64, 1000, math.MaxInt} {
		want := min(time.Second<<min(attempts, 20), 5*time.Minute)
		seen := map[time.Duration]bool{}
		for range 200 {
			got := relay.Backoff(attempts)
			if got < want*3/4 || got >= want*5/4 {
				t.Errorf("after %d failures it waits %v, want %v or a quarter more or less", attempts, got, want)
			}
			seen[got] = true
		}
		if len(seen) < 100 {
			t.Errorf("after %d failures it waits %d different times out of 200: what failed together is tried together", attempts, len(seen))
		}
	}
}
