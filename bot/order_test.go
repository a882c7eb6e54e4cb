package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"guichet/bot/card"
	"guichet/helpdesk"
	"guichet/store"
	"guichet/store/storetest"
)

// slow is a door whose platform takes its time to say who somebody is, or who is in a channel.
type slow struct {
	Door
	took func(what string) time.Duration
}

func (s slow) Workspace() string { return "w" }

func (s slow) Profile(ctx context.Context, account string) (Profile, error) {
	return Profile{Name: account}, s.wait(ctx, account)
}

func (s slow) Members(ctx context.Context, channel string) ([]string, error) {
	return nil, s.wait(ctx, channel)
}

func (s slow) wait(ctx context.Context, what string) error {
	select {
	case <-time.After(s.took(what)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lobby is a bot on a real database whose work takes as long as a test says, by a clock that only
// moves while everybody waits. A command "work" does what work says.
type lobby struct {
	*Bot
	t    *testing.T
	db   *store.DB
	work func(ctx context.Context, what string) error

	mu      sync.Mutex
	worked  []string // what has been done, in order
	answers map[string]time.Duration
	began   time.Time
}

func inLobby(t *testing.T, took func(what string) time.Duration, test func(l *lobby)) {
	synctest.Test(t, func(t *testing.T) {
		db := storetest.Open(t, storetest.SQLite(t))
		l := &lobby{t: t, db: db, answers: map[string]time.Duration{}, began: time.Now(),
			Bot: New(helpdesk.NewDesk(db, testCatalog()), nil, nil, slog.New(slog.DiscardHandler))}
		l.Attach(slow{took: took})
		l.commands = []*Command{{Name: "work", Run: func(ctx context.Context, c *Call, args []string) (Answer, error) {
			err := l.work(ctx, args[0])
			l.mu.Lock()
			defer l.mu.Unlock()
			if l.worked = append(l.worked, args[0]); err != nil {
				return Answer{}, err
			}
			return Answer{Card: &card.Card{Body: args[0]}}, nil
		}}}
		test(l)
		if len(l.order.tail) > 0 {
			t.Errorf("conversations are kept for ever: %v", l.order.tail)
		}
	})
}

func quick(string) time.Duration { return 0 }

// asked is a command of somebody in their direct channel.
func asked(who, what string) Request {
	return Request{From: store.Account{Workspace: "w", ID: who}, Home: AtHome, Direct: true,
		Place: store.Place{Workspace: "w", Channel: "D-" + who}, Command: &Typed{Name: "work", Args: what}}
}

// wrote is a message of somebody in a thread.
func wrote(who, root, id string) Request {
	p := store.Place{Workspace: "w", Channel: "C-support"}
	return Request{From: store.Account{Workspace: "w", ID: who}, Home: AtHome, Place: p,
		Post: &helpdesk.Post{External: store.External{Workspace: p.Workspace, Channel: p.Channel, ID: id}, Root: root, Text: "hello"}}
}

// goes hands a request over and notes when its answer came.
func (l *lobby) goes(ctx context.Context, name string, r Request, want func(Answer, error) bool) <-chan struct{} {
	return l.Go(ctx, r, func(a Answer, err error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.answers[name] = time.Since(l.began); !want(a, err) {
			l.t.Errorf("%s: %+v, %v", name, a, err)
		}
	})
}

func fine(_ Answer, err error) bool { return err == nil }

// Everybody who writes is met for the first time, which takes longer for some than for others: their
// messages stand in the order in which they came, thread by thread, and no thread waits for another.
func TestMessagesOfAThreadKeepTheirOrder(t *testing.T) {
	const threads, messages = 3, 6
	random := rand.New(rand.NewPCG(1, 2))
	took := map[string]time.Duration{} // by who writes, who is named like what they write
	for i := range messages {
		for n := range threads {
			took[fmt.Sprintf("m-%d-%d", n, i)] = time.Duration(random.IntN(int(handleWait/messages/time.Millisecond))) * time.Millisecond
		}
	}
	inLobby(t, func(account string) time.Duration { return took[account] }, func(l *lobby) {
		want, whole := map[string][]string{}, map[string]time.Duration{}
		var all []<-chan struct{}
		for i := range messages {
			for n := range threads {
				root, id := fmt.Sprint("root-", n), fmt.Sprintf("m-%d-%d", n, i)
				whole[root] += took[id]
				want[root] = append(want[root], id)
				all = append(all, l.goes(l.t.Context(), id, wrote(id, root, id), fine))
			}
		}
		for _, finished := range all {
			<-finished
		}
		for root, ids := range want {
			var us []store.Unplaced
			if err := l.db.Read(l.t.Context(), func(tx *store.Tx) (err error) {
				us, err = tx.Unplaced(l.t.Context(), store.Place{Workspace: "w", Channel: "C-support"}, root)
				return err
			}); err != nil {
				l.t.Fatal(err)
			}
			var got []string
			for _, u := range us {
				got = append(got, u.External.ID)
			}
			if !slices.Equal(got, ids) {
				l.t.Errorf("in %s stand %v, want %v", root, got, ids)
			}
			if last := l.answers[ids[messages-1]]; last != whole[root] {
				l.t.Errorf("%s took %v, but its own messages take %v", root, last, whole[root])
			}
		}
	})
}

func TestEachPersonsCommandsKeepTheirOrder(t *testing.T) {
	inLobby(t, quick, func(l *lobby) {
		l.work = func(_ context.Context, what string) error {
			time.Sleep(map[byte]time.Duration{'a': 300, 'b': 200, 'c': 100}[what[0]] * time.Millisecond)
			return nil
		}
		var all []<-chan struct{}
		for _, what := range []string{"a1", "b1", "c1", "a2", "b2", "c2"} {
			all = append(all, l.goes(l.t.Context(), what, asked(what[:1], what), fine))
		}
		for _, finished := range all {
			<-finished
		}
		for what, want := range map[string]time.Duration{"a1": 300, "a2": 600, "b1": 200, "b2": 400, "c1": 100, "c2": 200} {
			if got := l.answers[what]; got != want*time.Millisecond {
				t.Errorf("%s was answered after %v, want %v ms", what, got, int(want))
			}
		}
	})
}

// Whatever hangs is given up in time for the platform, with all that waits for it; what comes then
// goes on, and others never notice.
func TestNoRequestTakesLongerThanItsBound(t *testing.T) {
	inLobby(t, quick, func(l *lobby) {
		l.work = func(ctx context.Context, what string) error {
			if what == "hangs" {
				<-ctx.Done()
			}
			return ctx.Err()
		}
		complains := func(a Answer, err error) bool { return err == nil && a.Card != nil && a.Card.Body == "" }
		first := l.goes(l.t.Context(), "hangs", asked("a", "hangs"), complains)
		second := l.goes(l.t.Context(), "waits", asked("a", "hangs"), complains)
		other := l.goes(l.t.Context(), "other", asked("b", "quick"), fine)
		<-other
		<-first
		<-second
		for name, most := range map[string]time.Duration{"hangs": handleWait, "waits": handleWait, "other": 0} {
			if got := l.answers[name]; got > most {
				t.Errorf("%s was answered after %v, want %v at most", name, got, most)
			}
		}
		later := l.goes(l.t.Context(), "later", asked("a", "quick"), fine)
		<-later
		if got := l.answers["later"] - max(l.answers["hangs"], l.answers["waits"]); got != 0 {
			t.Errorf("what came then took %v", got)
		}
	})
}

// A bug in one request is that request's alone.
func TestAPanicEndsOneRequest(t *testing.T) {
	inLobby(t, quick, func(l *lobby) {
		l.work = func(_ context.Context, what string) error {
			if what == "bug" {
				panic("oops")
			}
			return nil
		}
		<-l.goes(l.t.Context(), "bug", asked("a", "bug"), func(a Answer, err error) bool { return err == nil && a.Card != nil })
		<-l.goes(l.t.Context(), "next", asked("a", "next"), fine)
		if !slices.Equal(l.worked, []string{"next"}) {
			t.Errorf("worked %v", l.worked)
		}
	})
}

// When the program stops, what waits is given up at once and comes again.
func TestWhatWaitsIsGivenUpWhenTheProgramStops(t *testing.T) {
	inLobby(t, func(string) time.Duration { return profileWait }, func(l *lobby) {
		ctx, stop := context.WithCancel(l.t.Context())
		again := func(_ Answer, err error) bool { return errors.Is(err, context.Canceled) }
		first := l.goes(ctx, "first", wrote("a", "root", "m1"), again)
		second := l.goes(ctx, "second", wrote("b", "root", "m2"), again)
		synctest.Wait()
		stop()
		<-first
		<-second
		if l.answers["first"] != 0 || l.answers["second"] != 0 {
			t.Errorf("answered after %v", l.answers)
		}
	})
}
