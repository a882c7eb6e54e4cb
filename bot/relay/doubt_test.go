package relay_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"guichet/bot/relay"
	"guichet/helpdesk"
	"guichet/store"
)

// Workers die, or never learn that the platform has posted, or a bug strikes after it has: whoever
// takes over looks first, and everything is told once all the same.
func TestWhatMayHaveBeenToldIsLookedUp(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.canLook(true)
		rapid.Check(t, func(t *rapid.T) {
			weather := drawWeather(t)
			weather.lie = rapid.IntRange(0, 30).Draw(t, "lie")
			n := w.town(t, weather)
			if err := n.dieOften(rapid.IntRange(0, 8).Draw(t, "deaths")); err != nil {
				t.Fatal(err)
			}
			n.check(t)
		})
	})
}

// A worker dies when it has posted, before it has noted that: after its lease, whoever takes over finds
// what it posted. So for whatever a delivery may post; and likewise if nobody dies.
func TestWhatADeadWorkerPostedIsFound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.canLook(true)
		for name, c := range map[string]struct {
			posted  bool // whether the card is there before, and is then deleted
			deleted bool
			say     bool   // a message; else the ticket is taken
			lost    string // the beginning of what gets no answer
		}{
			"the first card":                      {lost: theCard},
			"a message":                           {posted: true, say: true, lost: helpdesk.TellMessage},
			"a card brought up to date":           {posted: true, lost: theCard},
			"a card posted anew":                  {posted: true, deleted: true, lost: theCard},
			"a card posted anew, for a message":   {posted: true, deleted: true, say: true, lost: theCard},
			"a message, after a card posted anew": {posted: true, deleted: true, say: true, lost: helpdesk.TellMessage},
		} {
			for _, dies := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, dies %v", name, dies), func(t *testing.T) {
					w.clear(1, weather{})
					ticket, lane := w.alone(store.DeskSide)
					var awaited []string
					if c.posted {
						w.deliver()
					}
					if c.deleted {
						w.chat.delete(lane)
					}
					if c.say {
						awaited = append(awaited, w.say(w.ann, ticket, "hello?"))
					} else if c.posted {
						_, err := w.desk().Do(w.ctx, w.ada, helpdesk.Take, ticket.ID, store.DeskSide)
						w.must(err)
					}
					if dies {
						w.dieAt(lane, c.lost)
					}
					w.deliver()
					if got := w.chat.toldIn(lane); !slices.Equal(got, awaited) {
						t.Errorf("told %q", got)
					}
					if w.chat.cardOf(lane) == nil {
						t.Error("the card is not there")
					}
					w.chat.check(t)
				})
			}
		}
	})
}

// deliver makes all deliveries there are.
func (w *world) deliver() {
	w.t.Helper()
	r := w.start(w.relay(w.copies[0], relay.Options{}), soon)
	err := w.drained()
	r.stop()
	w.must(err)
}

// dieAt lets a relay die when it has posted something, before it learns that.
func (w *world) dieAt(lane, what string) {
	w.t.Helper()
	life, die := context.WithCancel(w.ctx)
	defer die()
	c, err := w.mortal(life)
	w.must(err)
	w.chat.loses(func(s stamp) bool {
		lost := s.lane == lane && strings.HasPrefix(s.what, what)
		if lost {
			die()
		}
		return lost
	})
	w.relay(c, relay.Options{}).Run(life, 0)
	w.chat.calm()
	w.buried()
}

// As long as nobody knows whether it was posted, it is not posted again.
func TestWhatIsInDoubtWaitsUntilItIsLookedUp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.canLook(true)
		ticket, lane := w.alone(store.DeskSide)
		w.deliver()
		told := w.say(w.ann, ticket, "hello?")
		w.dieAt(lane, helpdesk.TellMessage)
		for range 3 {
			w.chat.meet(func(_ context.Context, _ string, s stamp) error {
				if s == (stamp{}) { // a look
					return errStorm
				}
				return nil
			})
			_, err := w.raw.ExecContext(w.ctx, `DELETE FROM outbox WHERE person_id IS NOT NULL`)
			w.must(err)
			if got := w.outcome(relay.Options{}); got != "failed" {
				t.Errorf("it is %s", got)
			}
			w.buried()
		}
		w.chat.calm()
		w.deliver()
		if got := w.chat.toldIn(lane); !slices.Equal(got, []string{told}) {
			t.Errorf("told %q", got)
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
			for _, workspace := range []string{w.ann.Source, place.Workspace} {
				ds, err := tx.Claim(w.ctx, workspace, 10, lease)
				if len(ds) != 1 || err != nil {
					t.Errorf("claimed %+v: %v", ds, err)
				}
			}
			return nil
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

// A worker is held up for longer than its lease and then posts all the same, on a platform that can't
// be asked: what another posts meanwhile, nobody can call back. It changes nothing else.
func TestALateWorkerChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ticket, lane := w.alone(store.DeskSide)
		first := w.gate(lane)
		outcomes := make(chan string, 100)
		late := w.relay(w.copies[0], relay.Options{Workers: 1}) // which is busy: it claims no more in that workspace
		late.Count = func(outcome string) { outcomes <- outcome }
		running := w.start(late, soon)
		<-first.reached
		running.cancel()
		awaited := []string{w.say(w.ann, ticket, "one"), w.say(w.ann, ticket, "two")}
		w.buried()
		second := w.gate(lane)
		r := w.start(w.relay(w.copies[len(w.copies)-1], relay.Options{Workers: 1}), soon)
		<-second.reached
		close(first.opened)
		<-running.done
		close(outcomes)
		var all []string // also of what other lines had claimed when they were stopped
		for outcome := range outcomes {
			all = append(all, outcome)
		}
		if !slices.Contains(all, "lost") {
			t.Errorf("what the late worker did is %q", all)
		}
		if got := w.list(`SELECT kind FROM outbox WHERE person_id IS NULL ORDER BY id`); !slices.Equal(got, []string{"card", "message", "message"}) {
			t.Errorf("then the outbox holds %q", got)
		}
		close(second.opened)
		w.must(w.drained())
		r.stop()
		if got := w.chat.toldIn(lane); !slices.Equal(got, awaited) {
			t.Errorf("told %q", got)
		}
	})
}

// While a delivery is under way its lease runs out, since the clock was put forward or the machine
// slept. The same copy does not begin it once more beside itself.
func TestAClockThatIsPutForwardTellsNothingTwice(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ticket, lane := w.alone(store.DeskSide)
		w.canLook(true)
		g := w.gate(lane)
		outcomes := make(chan string, 100)
		r := w.relay(w.copies[0], relay.Options{})
		r.Count = func(outcome string) { outcomes <- outcome }
		running := w.start(r, soon)
		<-g.reached
		w.buried()
		w.must(w.until("it was claimed again", func() bool {
			return slices.Equal(w.list(`SELECT claims FROM outbox WHERE person_id IS NULL`), []string{"2"})
		}))
		close(g.opened)
		if got := <-outcomes; got != "lost" {
			t.Errorf("at first it is %s", got)
		}
		w.buried()
		w.must(w.drained())
		running.stop()
		if w.chat.cardOf(lane) == nil {
			t.Errorf("ticket %d has no card", ticket.ID)
		}
		w.chat.check(t) // that it has one card, too
	})
}
