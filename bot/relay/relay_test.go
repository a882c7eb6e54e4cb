package relay_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"guichet/bot"
	"guichet/bot/relay"
	"guichet/helpdesk"
	"guichet/store"
)

// drawWeather draws how bad things are.
func drawWeather(t *rapid.T) weather {
	often := func(what string, most int) int { return rapid.IntRange(0, most).Draw(t, what) }
	return weather{fail: often("fail", 25), busy: often("busy", 15), panics: often("panics", 10), slow: often("slow", 50)}
}

// Whatever fails before it has posted anything, and however often relays are stopped and started
// while they deliver: every conversation is told all, once, in the order in which it was committed.
func TestEveryConversationIsToldAllOnceInOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		rapid.Check(t, func(t *rapid.T) {
			n := w.town(t, drawWeather(t))
			if err := n.live(); err != nil {
				t.Fatal(err)
			}
			n.check(t)
		})
	})
}

// On a platform that can't be asked, an error that hides a success is a success that nobody knows of:
// something is told twice, as often as that happened and no more. Still nothing is left out, and
// nothing out of order.
func TestWhatIsToldTwiceIsToldInOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		rapid.Check(t, func(t *rapid.T) {
			weather := drawWeather(t)
			weather.lie = rapid.IntRange(1, 30).Draw(t, "lie")
			n := w.town(t, weather)
			if err := n.live(); err != nil {
				t.Fatal(err)
			}
			n.check(t)
		})
	})
}

// Some conversations hang or fail for as long as all the others need to be told everything.
func TestAStuckConversationHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		rapid.Check(t, func(t *rapid.T) {
			n := w.town(t, weather{})
			stuck := map[string]string{} // by lane: how
			hanging := 0
			var free []string
			for _, l := range n.lives {
				if err := l.live(); err != nil {
					t.Fatal(err)
				}
				for _, side := range []string{store.DeskSide, store.RequesterSide} {
					switch how := rapid.SampledFrom([]string{"", "", "fails", "hangs"}).Draw(t, "stuck"); how {
					case "":
						free = append(free, l.lane(side))
					case "hangs":
						hanging++
						fallthrough
					default:
						stuck[l.lane(side)] = how
					}
				}
			}
			w.chat.meet(func(ctx context.Context, _ string, s stamp) error {
				if stuck[s.lane] == "hangs" {
					<-ctx.Done()
				}
				if stuck[s.lane] != "" {
					return errStorm
				}
				return nil
			})
			r := w.start(w.relay(w.copies[0], relay.Options{Workers: hanging + 1}), 0)
			err := w.until("all others are told", func() bool {
				return !slices.ContainsFunc(w.list(`SELECT DISTINCT lane FROM outbox`), func(lane string) bool { return slices.Contains(free, lane) })
			})
			r.stop()
			if err != nil {
				t.Fatal(err)
			}
			for lane := range stuck {
				if len(w.chat.toldIn(lane)) > 0 || w.chat.cardOf(lane) != nil {
					t.Errorf("%s was told something", lane)
				}
			}
			for _, l := range n.lives {
				for lane, awaited := range l.awaited {
					if diff := cmp.Diff(awaited, w.chat.toldIn(lane)); stuck[lane] == "" && diff != "" {
						t.Errorf("told in %s (-want +got):\n%s", lane, diff)
					}
				}
			}
		})
	})
}

// A workspace that asks to be left alone is, as a whole; whatever goes elsewhere goes on.
func TestABusyWorkspaceIsLeftAlone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		rapid.Check(t, func(t *rapid.T) {
			n := w.town(t, weather{})
			for _, l := range n.lives {
				if err := l.live(); err != nil {
					t.Fatal(err)
				}
			}
			busy := rapid.SliceOfN(rapid.IntRange(0, 30), 1, 5).Draw(t, "busy")
			wait := time.Duration(rapid.IntRange(5, 60).Draw(t, "wait")) * time.Millisecond
			var mu sync.Mutex
			until, calls := map[string]time.Time{}, 0
			w.chat.meet(func(_ context.Context, workspace string, s stamp) error {
				mu.Lock()
				defer mu.Unlock()
				if early := time.Until(until[workspace]); early > tolerance {
					t.Errorf("%s was called %v too early, for %q", workspace, early, s)
				}
				if calls++; slices.Contains(busy, calls-1) {
					until[workspace] = time.Now().Add(wait)
					return &bot.Busy{For: wait}
				}
				return nil
			})
			// One worker: what others have under way when one of them is told to wait goes on.
			r := w.start(w.relay(w.copies[0], relay.Options{Workers: 1}), soon)
			err := w.drained()
			r.stop()
			if err != nil {
				t.Fatal(err)
			}
			n.check(t)
		})
	})
}

func TestABusyWorkspaceHoldsUpNoOther(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, by := range []helpdesk.Actor{w.ann, w.gus, w.ann, w.gus} {
			ticket, err := w.open(w.copies[0], by)
			w.must(err)
			w.say(by, ticket, "hello?")
		}
		w.chat.meet(func(_ context.Context, workspace string, _ stamp) error {
			if workspace == w.ann.Source {
				return &bot.Busy{For: time.Hour}
			}
			return nil
		})
		const workers = 2
		var relays []*running
		for _, c := range w.copies {
			relays = append(relays, w.start(w.relay(c, relay.Options{Workers: workers}), soon))
		}
		err := w.until("the others are told", func() bool {
			return len(w.list(`SELECT lane FROM outbox WHERE workspace <> '`+w.ann.Source+`'`)) == 0
		})
		for _, r := range relays {
			r.stop()
		}
		w.must(err)
		called := 0
		for _, c := range w.chat.calls {
			if c.workspace == w.ann.Source {
				called++
			}
		}
		if called == 0 || called > workers*len(w.copies) {
			t.Errorf("the busy workspace was called %d times", called)
		}
	})
}

// A workspace that never answers has its own workers waiting, and nobody else's.
func TestAHangingWorkspaceHoldsUpNoOther(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, by := range []helpdesk.Actor{w.ann, w.ann, w.ann, w.gus} {
			ticket, err := w.open(w.copies[0], by)
			w.must(err)
			w.say(by, ticket, "hello?")
		}
		w.chat.meet(func(ctx context.Context, workspace string, _ stamp) error {
			if workspace == w.ann.Source {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		})
		r := w.start(w.relay(w.copies[0], relay.Options{Workers: 2}), 0)
		defer r.stop()
		w.must(w.until("the others are told", func() bool {
			return len(w.list(`SELECT lane FROM outbox WHERE workspace <> '`+w.ann.Source+`'`)) == 0
		}))
	})
}

// alone leaves one conversation of a new ticket in the outbox: the requester's, or the desk's.
func (w *world) alone(side string) (t store.Ticket, lane string) {
	w.t.Helper()
	t, err := w.open(w.copies[0], w.ann)
	w.must(err)
	_, err = w.raw.ExecContext(w.ctx, `DELETE FROM outbox WHERE (person_id IS NULL) <> `+fmt.Sprint(side == store.DeskSide))
	w.must(err)
	return t, helpdesk.Lane(t, side)
}

func TestWhatBecomesOfADelivery(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		failed := errors.New("some failure")
		for name, c := range map[string]struct {
			call    error
			panics  any
			outcome string
			rows    string // of the conversation: attempts and why
		}{
			"made":                {nil, nil, "delivered", ""},
			"failed":              {failed, nil, "failed", "claims 1 attempts 1 some failure"},
			"a bug":               {nil, "oops", "failed", "claims 1 attempts 1 relay: panic: oops"},
			"busy":                {&bot.Busy{For: time.Hour}, nil, "paused", "claims 1 attempts 1 the platform asks to wait 1h0m0s"},
			"wrapped and busy":    {fmt.Errorf("slack: %w", &bot.Busy{For: time.Hour}), nil, "paused", "claims 1 attempts 1 slack: the platform asks to wait 1h0m0s"},
			"a card to be gone":   {bot.ErrGone, nil, "failed", "claims 1 attempts 1 the message is gone"},
			"a card not accepted": {fmt.Errorf("slack: %w", bot.ErrBadCard), nil, "parked", ""},
			"nobody there":        {fmt.Errorf("slack: %w", bot.ErrNobody), nil, "parked", ""},
		} {
			t.Run(name, func(t *testing.T) {
				w.clear(1, weather{})
				_, lane := w.alone(store.RequesterSide)
				w.chat.meet(func(context.Context, string, stamp) error {
					if c.panics != nil {
						panic(c.panics)
					}
					return c.call
				})
				if got := w.outcome(relay.Options{}); got != c.outcome {
					t.Errorf("it is %s, not %s", got, c.outcome)
				}
				want := []string(nil)
				if c.rows != "" {
					want = []string{lane + " card " + c.rows}
				}
				got := w.rows()
				if c.panics != nil && len(got) == 1 {
					got[0], _, _ = strings.Cut(got[0], "\n") // what follows is the stack
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("the outbox (-want +got):\n%s", diff)
				}
				if parked := w.backlog().Parked == 1; parked != (c.outcome == "parked") {
					t.Errorf("parked: %v", parked)
				}
			})
		}
	})
}
