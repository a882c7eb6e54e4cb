package bot

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestADoubtIsSettledOncePerPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ds doubts
		looks := map[string]int{}
		ask := func(queue string) bool {
			return ds.about(queue).settle(func() { looks[queue]++; time.Sleep(doubtWait) })
		}
		for _, step := range []struct {
			wait    time.Duration // before asking
			queue   string
			settled bool
			looks   int // at that queue's channel, so far
		}{
			{0, "support", true, 1},
			{0, "support", false, 1}, // the answer has not changed meanwhile
			{0, "emm", true, 1},      // another queue, another doubt
			{0, "support", false, 1},
			{doubtPause - 2*doubtWait - 1, "support", false, 1}, // the pause counts from the beginning of a look
			{1, "support", true, 2},
			{time.Hour, "support", true, 3},
			{doubtPause - doubtWait - 1, "support", false, 3},
			{0, "emm", true, 2},
		} {
			time.Sleep(step.wait)
			if got := ask(step.queue); got != step.settled || looks[step.queue] != step.looks {
				t.Errorf("%+v: settled %v by %d looks", step, got, looks[step.queue])
			}
		}
	})
}

// Those who ask while somebody looks are served by that look, and do not look themselves.
func TestADoubtIsSettledForAllWhoWait(t *testing.T) {
	const waiting = 20
	var ds doubts
	var looks, settled atomic.Int32
	var all sync.WaitGroup
	ask := func() {
		if ds.about("support").settle(func() { looks.Add(1) }) {
			settled.Add(1)
		}
	}
	if !ds.about("support").settle(func() {
		looks.Add(1)
		for range waiting {
			all.Go(ask)
		}
		for waitingForDoubt() < waiting {
			runtime.Gosched()
		}
	}) {
		t.Error("whoever looked was not served")
	}
	all.Wait()
	if looks.Load() != 1 || settled.Load() != waiting {
		t.Errorf("%d looks served %d of %d who waited", looks.Load(), settled.Load(), waiting)
	}
	if ask(); looks.Load() != 1 || settled.Load() != waiting {
		t.Error("whoever came later was served by an old look, or looked again")
	}
}

// waitingForDoubt counts who waits for somebody else's look.
func waitingForDoubt() (n int) {
	all := make([]byte, 1<<20)
	for _, g := range strings.Split(string(all[:runtime.Stack(all, true)]), "\n\n") {
		if strings.Contains(g, "[sync.Mutex.Lock") && strings.Contains(g, "(*doubt).settle") {
			n++
		}
	}
	return n
}

// Each queue has its own doubts; a look that hangs is given up while a form can still be opened.
func TestLookAgain(t *testing.T) {
	looks := map[string]int{}
	took := func(channel string) time.Duration {
		looks[channel]++
		return map[string]time.Duration{"C-support": time.Second, "C-other": time.Hour}[channel]
	}
	inLobby(t, took, func(l *lobby) {
		for _, step := range []struct {
			queue   string
			settled bool
			took    time.Duration
		}{
			{"support", true, time.Second},
			{"support", false, 0},
			{"other", true, doubtWait},
			{"other", false, 0},
			{"nowhere", false, 0},
		} {
			began := time.Now()
			if got := l.LookAgain(l.t.Context(), step.queue); got != step.settled || time.Since(began) != step.took {
				l.t.Errorf("%+v: settled %v after %v", step, got, time.Since(began))
			}
		}
	})
	if looks["C-support"] != 1 || looks["C-other"] != 1 || len(looks) != 2 {
		t.Errorf("looks %v", looks)
	}
}
