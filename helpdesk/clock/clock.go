package clock

import (
	"maps"
	"slices"
	"time"
)

// State is where a ticket is in its life, as the helpdesk names it.
type State string

const (
	New      State = "new"
	Open     State = "open"
	Waiting  State = "waiting"  // for the requester: clocks are paused
	Resolved State = "resolved" // clocks have stopped
	Closed   State = "closed"   // likewise
)

func (s State) runs() bool { return s == New || s == Open }
func (s State) ends() bool { return s == Resolved || s == Closed }

// Kind is what a Fact tells.
type Kind string

const (
	Opened      Kind = "opened"      // in Queue, with Priority
	Asked       Kind = "asked"       // the requester's side wrote
	Answered    Kind = "answered"    // the desk wrote to the requester
	Became      Kind = "became"      // State
	Moved       Kind = "moved"       // to Queue
	Prioritized Kind = "prioritized" // as Priority
	Reminded    Kind = "reminded"    // by Rule, for the Step-th time (from 0)
	Snoozed     Kind = "snoozed"     // reminders sleep until Until; an Until that is past wakes them
	Kept        Kind = "kept"        // the requester wants it kept open: their time begins anew
)

// Fact is one thing in a ticket's history that matters to its clocks.
type Fact struct {
	At       time.Time
	Kind     Kind
	Queue    string
	Priority string
	State    State
	Rule     string
	Step     int
	Until    time.Time
}

// Instant is a point in time, in milliseconds since 1970; zero is none.
type Instant int64

// InstantOf is the instant of a time; none of the zero time.
func InstantOf(t time.Time) Instant {
	if t.IsZero() {
		return 0
	}
	return Instant(t.UnixMilli())
}

// Time is the instant as a time.
func (i Instant) Time() time.Time { return time.UnixMilli(int64(i)).UTC() }

// Names of the clocks of a ticket.
const (
	First      = "first"      // from opening to the desk's first public reply, or its resolution
	Next       = "next"       // from what the requester wrote to the reply to it
	Resolution = "resolution" // from opening to resolution; it goes on when the ticket is reopened
)

// Names are the clocks in the order in which people are shown them.
var Names = []string{First, Next, Resolution}

// Clock counts business time. It runs while Since is set, and has counted Used until then.
type Clock struct {
	Started Instant       `json:"b,omitempty"`
	Since   Instant       `json:"r,omitempty"`
	Stopped Instant       `json:"e,omitempty"` // it did what it was there for; none: not yet
	Used    time.Duration `json:"u,omitempty"`
}

// Runs says whether a clock is running.
func (c Clock) Runs() bool { return c.Since != 0 }

// Targets are how much business time clocks may count; zero: as much as they like.
type Targets struct{ First, Next, Resolution time.Duration }

func (t Targets) of(name string) time.Duration {
	return map[string]time.Duration{First: t.First, Next: t.Next, Resolution: t.Resolution}[name]
}

// Policy is what a queue does about time.
type Policy struct {
	Calendar *Calendar
	Targets  map[string]Targets // by priority
	Rules    []Rule
}

// Policies are those of all queues.
type Policies map[string]Policy

// always is the calendar of a queue that is not known any more.
var always = NewCalendar(time.UTC, nil, "")

func (p Policies) calendar(queue string) *Calendar {
	if c := p[queue].Calendar; c != nil {
		return c
	}
	return always
}

// Ticket is where the clocks of a ticket stand. It follows from the ticket's history (see After), and says all that is
// needed to go on from there.
type Ticket struct {
	Queue      string         `json:"q"`
	Priority   string         `json:"p"`
	State      State          `json:"s"`
	StateSince Instant        `json:"ss"`
	QueueSince Instant        `json:"qs"`
	Snoozed    Instant        `json:"z,omitempty"` // until when reminders of the desk sleep
	First      Clock          `json:"f"`
	Next       Clock          `json:"n"`
	Resolution Clock          `json:"l"`
	Told       map[string]int `json:"t,omitempty"` // how many steps of each rule are done for its present cause
	Kept       int            `json:"k,omitempty"` // replies that came in time, of those that had a target
	Missed     int            `json:"m,omitempty"` // and those that did not
	Reopened   int            `json:"o,omitempty"` // how often it was reopened
}

// Clock is one of the ticket's clocks.
func (t Ticket) Clock(name string) Clock {
	switch name {
	case First:
		return t.First
	case Next:
		return t.Next
	}
	return t.Resolution
}

func (t *Ticket) clock(name string) *Clock {
	switch name {
	case First:
		return &t.First
	case Next:
		return &t.Next
	}
	return &t.Resolution
}

// Target is how much business time a clock may count by the present queue and priority; zero: there is none.
func (t Ticket) Target(p Policies, name string) time.Duration {
	return p[t.Queue].Targets[t.Priority].of(name)
}

// After is where the clocks stand once something has happened. These are the rules:
//   - Clocks count the business time of the queue that the ticket is in. A move keeps what was counted; from then on the new queue's
//     calendar counts, towards the new queue's target. A change of priority changes the target alone.
//   - All pause while the requester's answer is waited for, and stop when the ticket is resolved or closed. One that is reopened goes
//     on with its time of resolution where that stood: the time in between is nobody's.
//   - The first response is the first public reply of the desk, or the resolution if there was none before.
//   - What the requester writes after that starts the clock of the next response, unless it runs already: it counts from the oldest
//     message without an answer.
//   - A new cause has its reminders from the first on: a state that is entered, a queue that is come into, an answer that is owed.
func (t Ticket) After(f Fact, p Policies) Ticket {
	if !t.Matters(f) {
		return t
	}
	t.Told = maps.Clone(t.Told)
	if f.Kind != Opened {
		t.count(p.calendar(t.Queue), f.At)
	}
	at := InstantOf(f.At)
	switch f.Kind {
	case Opened:
		t = Ticket{Queue: f.Queue, Priority: f.Priority, State: New, StateSince: at, QueueSince: at,
			First: Clock{Started: at, Since: at}, Resolution: Clock{Started: at, Since: at}}
	case Answered:
		t.stop(p, First, at)
		t.stop(p, Next, at)
	case Asked:
		t.Next = Clock{Started: at, Since: at}
		t.forget(Risk+"/"+Next, Breach+"/"+Next)
	case Became:
		t.become(p, f.State, at)
	case Moved:
		t.Queue, t.QueueSince = f.Queue, at
		t.forget(Unassigned, Assign)
	case Prioritized:
		t.Priority = f.Priority
	case Reminded:
		if t.Told == nil {
			t.Told = map[string]int{}
		}
		t.Told[f.Rule] = max(t.Told[f.Rule], f.Step+1)
	case Snoozed:
		t.Snoozed = InstantOf(f.Until)
	case Kept:
		t.StateSince = at
		t.forget(Wait)
	}
	return t
}

// Matters says whether anything of a ticket's clocks is other after a fact than before.
func (t Ticket) Matters(f Fact) bool {
	owed := t.Next.Started != 0 && t.Next.Stopped == 0
	switch f.Kind {
	case Asked:
		return t.First.Stopped != 0 && t.State.runs() && !owed
	case Answered:
		return t.First.Stopped == 0 || owed
	case Became:
		return t.State != f.State
	case Kept:
		return t.State == Waiting
	}
	return true
}

// become is After of another state.
func (t *Ticket) become(p Policies, s State, at Instant) {
	before := t.State
	if s.ends() && !before.ends() {
		for _, name := range Names {
			t.stop(p, name, at)
		}
	}
	t.State, t.StateSince = s, at
	t.forget(Unassigned, Wait, Close)
	if before.ends() && !s.ends() {
		t.forget(Assign) // one that somebody has given back stays with everybody
		t.Reopened++
		t.Resolution.Stopped = 0
	}
	for _, name := range Names {
		c := t.clock(name)
		switch {
		case c.Started == 0 || c.Stopped != 0:
		case s.runs() && c.Since == 0:
			c.Since = at
		case !s.runs():
			c.Since = 0
		}
	}
}

// count has the clocks that run count until now.
func (t *Ticket) count(calendar *Calendar, now time.Time) {
	for _, name := range Names {
		if c := t.clock(name); c.Since != 0 {
			c.Used += calendar.Between(c.Since.Time(), now)
			c.Since = max(c.Since, InstantOf(now))
		}
	}
}

// stop ends a clock that has not ended yet, and notes whether a reply came in time.
func (t *Ticket) stop(p Policies, name string, at Instant) {
	c := t.clock(name)
	if c.Started == 0 || c.Stopped != 0 {
		return
	}
	c.Since, c.Stopped = 0, at
	target := t.Target(p, name)
	switch {
	case name != Next || target == 0:
	case c.Used <= target:
		t.Kept++
	default:
		t.Missed++
	}
}

func (t *Ticket) forget(rules ...string) {
	for _, r := range rules {
		delete(t.Told, r)
	}
}

// Of is where the clocks stand after a history, which is in order.
func Of(history []Fact, p Policies) (t Ticket) {
	for _, f := range history {
		t = t.After(f, p)
	}
	return t
}

// Used is the business time that a clock has counted at an instant.
func (t Ticket) Used(p Policies, name string, now time.Time) time.Duration {
	c := t.Clock(name)
	if c.Since == 0 {
		return c.Used
	}
	return c.Used + p.calendar(t.Queue).Between(c.Since.Time(), now)
}

// Deadline is when a running clock will have reached its target. ok is false if it has none or stands still.
func (t Ticket) Deadline(p Policies, name string) (_ time.Time, ok bool) {
	return t.reaches(p, name, t.Target(p, name))
}

// reaches is when a running clock has, or had, counted so much.
func (t Ticket) reaches(p Policies, name string, d time.Duration) (time.Time, bool) {
	c := t.Clock(name)
	if d == 0 || c.Since == 0 {
		return time.Time{}, false
	}
	return p.calendar(t.Queue).Add(c.Since.Time(), d-c.Used)
}

// Span is what a clock did for a while: it counted, by the calendar of Queue, or paused.
type Span struct {
	Clock   string
	From    time.Time
	To      time.Time // of the last one, now
	Queue   string
	Counted time.Duration // business time
	Paused  bool          // the requester's answer was waited for
}

// Explain is how the clocks came to stand as they do: what each of them did, in order, until now. Stretches in which a clock
// had ended, or not begun, are not there.
func Explain(history []Fact, p Policies, now time.Time) (spans []Span) {
	var t Ticket
	from := now
	upTo := func(to time.Time) {
		for _, name := range Names {
			c := t.Clock(name)
			if c.Started == 0 || c.Stopped != 0 || !from.Before(to) {
				continue
			}
			s := Span{Clock: name, From: from, To: to, Queue: t.Queue, Paused: !c.Runs()}
			if c.Runs() {
				s.Counted = p.calendar(t.Queue).Between(from, to)
			}
			i := slices.IndexFunc(spans, func(before Span) bool {
				return before.Clock == name && before.To.Equal(from) && before.Queue == s.Queue && before.Paused == s.Paused && before.From.Compare(c.Started.Time()) >= 0
			})
			if i >= 0 {
				spans[i].To, spans[i].Counted = to, spans[i].Counted+s.Counted
			} else {
				spans = append(spans, s)
			}
		}
		from = to
	}
	for i, f := range history {
		if i > 0 {
			upTo(f.At)
		} else {
			from = f.At
		}
		t = t.After(f, p)
	}
	upTo(now)
	return spans
}
