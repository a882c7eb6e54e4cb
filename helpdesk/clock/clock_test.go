package clock

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/robfig/cron/v3"
	"pgregory.net/rapid"
)

var states = []State{New, Open, Waiting, Resolved, Closed}

// drawHistory is any history, on whole minutes, in order.
func drawHistory(t *rapid.T) (history []Fact) {
	now := drawTime(t, "opened")
	history = []Fact{{At: now, Kind: Opened, Queue: "a", Priority: "low"}}
	for range rapid.IntRange(0, 12).Draw(t, "facts") {
		now = now.Add(time.Duration(rapid.IntRange(0, 600).Draw(t, "minutes")) * time.Minute)
		f := Fact{At: now, Kind: rapid.SampledFrom([]Kind{Asked, Answered, Became, Became, Moved, Prioritized, Kept, Snoozed}).Draw(t, "kind")}
		switch f.Kind {
		case Became:
			f.State = rapid.SampledFrom(states).Draw(t, "state")
		case Moved:
			f.Queue = rapid.SampledFrom([]string{"a", "b", "gone"}).Draw(t, "queue")
		case Prioritized:
			f.Priority = rapid.SampledFrom([]string{"low", "high"}).Draw(t, "priority")
		case Snoozed:
			f.Until = now.Add(time.Duration(rapid.IntRange(-10, 2000).Draw(t, "sleeps")) * time.Minute)
		}
		history = append(history, f)
	}
	return history
}

// obvious counts minute by minute, and looks at the whole history for each of them.
type obvious struct {
	history []Fact
	open    map[string]func(time.Time) bool
	sums    map[string][]int // how many minutes each clock has counted, by minute since the first fact
}

func (o obvious) until(m time.Time) (past []Fact) {
	for _, f := range o.history {
		if !f.At.After(m) {
			past = append(past, f)
		}
	}
	return past
}

func (o obvious) state(past []Fact) State {
	s := New
	for _, f := range past {
		if f.Kind == Became {
			s = f.State
		}
	}
	return s
}

func (o obvious) queue(past []Fact) string {
	q := "a"
	for _, f := range past {
		if f.Kind == Moved {
			q = f.Queue
		}
	}
	return q
}

// over says whether the first response is over: somebody has answered, or it was resolved or closed.
func (o obvious) over(past []Fact) bool {
	return slices.ContainsFunc(past, func(f Fact) bool { return f.Kind == Answered || f.Kind == Became && f.State.ends() })
}

// asked is where in the history the oldest question without an answer stands; -1: there is none.
func (o obvious) asked(past []Fact) int {
	at := -1
	for i, f := range past {
		switch {
		case f.Kind == Answered, f.Kind == Became && f.State.ends():
			at = -1
		case f.Kind == Asked && at < 0 && o.over(past[:i]) && o.state(past[:i]).runs():
			at = i
		}
	}
	return at
}

func (o obvious) counts(name string, past []Fact) bool {
	if len(past) == 0 || !o.state(past).runs() {
		return false
	}
	switch name {
	case First:
		return !o.over(past)
	case Next:
		return o.asked(past) >= 0
	}
	return true
}

// used is what a clock has counted by an instant; of the next response, since the present question.
func (o obvious) used(name string, now time.Time) time.Duration {
	from := o.history[0].At
	if name == Next {
		all := o.until(now)
		i := o.asked(all)
		if i < 0 {
			return 0
		}
		from = all[i].At
	}
	return o.counted(name, from, now)
}

// counted is how many minutes between two instants a clock counts; with the empty name, how many are business time.
func (o obvious) counted(name string, from, to time.Time) time.Duration {
	if o.sums[name] == nil {
		o.sums[name] = []int{0}
	}
	minute := func(at time.Time) int { return int(at.Sub(o.history[0].At) / time.Minute) }
	for n := len(o.sums[name]) - 1; n < minute(to); n++ { // minute by minute, each once
		m, counts := o.history[0].At.Add(time.Duration(n)*time.Minute), 0
		if past := o.until(m); o.isOpen(o.queue(past), m) && (name == "" || o.counts(name, past)) {
			counts = 1
		}
		o.sums[name] = append(o.sums[name], o.sums[name][n]+counts)
	}
	return time.Duration(o.sums[name][minute(to)]-o.sums[name][minute(from)]) * time.Minute
}

func (o obvious) isOpen(queue string, m time.Time) bool {
	open, ok := o.open[queue]
	return !ok || open(m)
}

func TestClocksAreWhatAnObviousCountSays(t *testing.T) {
	all := zones(t)
	rapid.Check(t, func(t *rapid.T) {
		p, o := Policies{}, obvious{history: drawHistory(t), open: map[string]func(time.Time) bool{}, sums: map[string][]int{}}
		for _, q := range []string{"a", "b"} {
			c, hours, closures, holidays := drawCalendar(t, all)
			p[q], o.open[q] = Policy{Calendar: c}, slowly(c.Zone(), hours, closures, holidays)
		}
		now := o.history[len(o.history)-1].At.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "later")) * time.Minute)
		ticket := Of(o.history, p)
		spans := Explain(o.history, p, now)
		for _, name := range Names {
			want := o.used(name, now)
			if c := ticket.Clock(name); name == Next && c.Stopped != 0 {
				continue // of what is answered, obvious knows nothing more
			}
			if got := ticket.Used(p, name, now); got != want {
				t.Fatalf("%s has counted %v, want %v", name, got, want)
			}
			var explained time.Duration
			for _, s := range spans {
				if s.Clock == name && (name != Next || !s.From.Before(ticket.Next.Started.Time())) {
					explained += s.Counted
				}
			}
			if explained != want {
				t.Fatalf("%s: %v is explained, of %v", name, explained, want)
			}
		}
	})
}

// What is kept of a ticket's clocks is enough to go on from, at any point of its history.
func TestClocksGoOnFromWhatIsKept(t *testing.T) {
	all := zones(t)
	rapid.Check(t, func(t *rapid.T) {
		c, _, _, _ := drawCalendar(t, all)
		p := Policies{"a": {Calendar: c, Targets: map[string]Targets{"low": {time.Hour, time.Hour, 4 * time.Hour}}}}
		history := drawHistory(t)
		at := rapid.IntRange(0, len(history)).Draw(t, "kept")
		b, err := json.Marshal(Of(history[:at], p))
		if err != nil {
			t.Fatal(err)
		}
		var kept Ticket
		if err := json.Unmarshal(b, &kept); err != nil {
			t.Fatal(err)
		}
		for _, f := range history[at:] {
			kept = kept.After(f, p)
		}
		if want := Of(history, p); !cmp.Equal(want, kept) && cmp.Diff(normal(want), normal(kept)) != "" {
			t.Fatal(cmp.Diff(want, kept))
		}
	})
}

func normal(t Ticket) Ticket {
	if len(t.Told) == 0 {
		t.Told = nil
	}
	return t
}

func every(t interface{ Fatal(...any) }, spec string) cron.Schedule {
	s, err := cron.ParseStandard(spec)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Somebody who looks every minute, and counts, is reminded of the same at the same minute as by jumping from one
// Wakes to the next.
func TestRemindersComeWhenAnObviousLookSays(t *testing.T) {
	all := zones(t)
	schedules := []string{"* * * * *", "*/5 * * * *", "0 * * * *", "30 9 * * 1-5"}
	rapid.Check(t, func(t *rapid.T) {
		c, hours, closures, holidays := drawCalendar(t, all)
		o := obvious{history: drawHistory(t), open: map[string]func(time.Time) bool{"a": slowly(c.Zone(), hours, closures, holidays)}, sums: map[string][]int{}}
		o.history = slices.DeleteFunc(o.history, func(f Fact) bool { return f.Kind == Moved || f.Kind == Prioritized })
		minutes := func(what string) time.Duration {
			return time.Duration(rapid.IntRange(1, 400).Draw(t, what)) * time.Minute
		}
		targets := Targets{minutes("first"), minutes("next"), minutes("resolution")}
		steps := []Step{{minutes("step"), "one"}}
		steps = append(steps, Step{steps[0].After + minutes("step"), "two"})
		var rules []Rule
		specs := map[string]string{}
		for _, name := range []string{Unassigned, Wait, Close, Breach, Risk} {
			specs[name] = rapid.SampledFrom(schedules).Draw(t, name)
			rules = append(rules, Rule{Name: name, Schedule: every(t, specs[name]), Percent: 50, Steps: steps})
		}
		p := Policies{"a": {Calendar: c, Targets: map[string]Targets{"low": targets}, Rules: rules}}
		from := o.history[0].At
		end := o.history[len(o.history)-1].At.Add(600 * time.Minute)

		type told struct {
			At   time.Time
			Rule string
			Step int
		}
		var want []told
		done := map[string]int{} // steps by rule, for the causes below
		cause := map[string]string{}
		for m := from; !m.After(end); m = m.Add(time.Minute) {
			past := o.until(m)
			for _, r := range rules {
				names := []string{""}
				if r.Name == Risk || r.Name == Breach {
					names = Names
				}
				for _, name := range names {
					key := r.Name
					if name != "" {
						key += "/" + name
					}
					why, counted, after := o.cause(r.Name, name, past, m, targets)
					if why == "" {
						continue
					}
					if cause[key] != why {
						cause[key], done[key] = why, 0
					}
					if r.Name == Risk && done[Breach+"/"+name] > 0 && cause[Breach+"/"+name] == why {
						continue
					}
					if r.Name != Wait && r.Name != Close && m.Before(o.snoozed(past)) {
						continue
					}
					ticks := every(t, specs[r.Name]).Next(m.In(c.Zone()).Add(-1)).Equal(m)
					step := -1
					for i := done[key]; i < 2 && ticks && o.isOpen("a", m); i++ {
						if counted >= after+steps[i].After {
							step = i
						}
					}
					if step >= 0 {
						want = append(want, told{m, key, step})
						done[key] = step + 1
					}
				}
			}
		}

		var got []told
		var ticket Ticket
		remind := func(before time.Time) {
			for wakes := ticket.Wakes(p); wakes != 0 && wakes.Time().Before(before); wakes = ticket.Wakes(p) {
				now := wakes.Time()
				due := ticket.Due(p, now)
				if len(due) == 0 {
					t.Fatalf("woken at %v for nothing", now)
				}
				for _, d := range due {
					if d.At.Before(now) && len(got) > 0 && d.At.Before(got[len(got)-1].At) {
						t.Fatalf("%v was due at %v, and it is %v", d.Rule, d.At, now)
					}
					got = append(got, told{now, d.Rule, d.Step})
					ticket = ticket.After(Fact{At: now, Kind: Reminded, Rule: d.Rule, Step: d.Step}, p)
				}
			}
		}
		for i, f := range o.history {
			if i > 0 {
				remind(f.At)
			}
			ticket = ticket.After(f, p)
		}
		remind(end.Add(time.Minute))
		if diff := cmp.Diff(want, got, cmp.Transformer("utc", func(at time.Time) string { return at.UTC().String() })); diff != "" {
			t.Fatalf("of %v:\n%s", o.history, diff)
		}
	})
}

func (o obvious) snoozed(past []Fact) (until time.Time) {
	for _, f := range past {
		if f.Kind == Snoozed {
			until = f.Until
		}
	}
	return until
}

// cause is what a rule rests on at a minute, as a word, with how much has been counted since, and how much of that comes before its
// first step begins to count. Empty: it does not apply.
func (o obvious) cause(rule, clock string, past []Fact, m time.Time, targets Targets) (why string, counted, after time.Duration) {
	var since time.Time
	i := 0
	for j, f := range past {
		if f.Kind == Opened || f.Kind == Became && f.State != o.state(past[:j]) || f.Kind == Kept && o.state(past[:j]) == Waiting {
			since, i = f.At, j
		}
	}
	state := o.state(past)
	switch {
	case rule == Unassigned && state == New:
		counted = o.counted("", since, m)
		return "new " + string(rune('0'+i)), counted, 0
	case rule == Wait && state == Waiting, rule == Close && state == Resolved:
		return string(state) + string(rune('0'+i)), m.Sub(since), 0
	case (rule == Risk || rule == Breach) && o.counts(clock, past):
		target := targets.of(clock)
		if rule == Risk {
			target /= 2
		}
		why = clock
		if clock == Next {
			why += string(rune('0' + o.asked(past)))
		}
		return why, o.used(clock, m), target
	}
	return "", 0, 0
}
