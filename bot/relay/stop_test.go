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

func (w *world) gate(lanes ...string) *gate {
	g := &gate{reached: make(chan struct{}), opened: make(chan struct{})}
	w.chat.meet(func(_ context.Context, _ string, s stamp) error {
		if (len(lanes) == 0 || slices.Contains(lanes, s.lane)) && g.used.CompareAndSwap(false, true) {
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
		g := w.gate(lane)
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
		r := w.start(w.relay(w.copies[0], relay.Options{}), grace)
		<-hangs
		asked := time.Now()
		r.stop()
		if took := time.Since(asked); took < grace || took > lease/2 {
			t.Errorf("it stopped after %v", took)
		}
		if got := w.rows(); len(got) != 1 {
			t.Errorf("the outbox holds %q", got)
		}
		goleak.VerifyNone(t, before)

		w.buried()
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

// A claim that is under way when a relay is stopped is not cut off: it could have been committed, and what it took would wait for its lease. What
// it takes is made.
func TestAStopCutsOffNoClaim(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		statement := "LOCK TABLE outbox IN SHARE MODE"
		if !strings.HasPrefix(w.address, "postgres") {
			statement = "UPDATE outbox SET claims = claims" // whoever writes keeps others from it
		}
		for wait := 10 * time.Millisecond; wait < soon; wait *= 2 { // until it has begun to claim, which nobody sees
			w.clear(1, weather{})
			_, err := w.open(w.copies[0], w.ann)
			w.must(err)
			holds, err := w.raw.BeginTx(w.ctx, nil)
			w.must(err)
			_, err = holds.ExecContext(w.ctx, statement)
			w.must(err)
			r := w.start(w.relay(w.copies[0], relay.Options{}), soon)
			time.Sleep(wait)
			r.cancel()
			w.must(holds.Rollback())
			<-r.done
			if len(w.chat.posts) > 0 {
				return
			}
		}
		t.Error("nothing of what was claimed during a stop was made")
	})
}
