package strictslack

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Call is one call of the Web API, or of a response_url, whose method is "response".
type Call struct {
	At      time.Time
	Took    time.Duration
	Method  string
	Channel string
	Args    map[string]any // without the token
	Verdict string         // "ok", Slack's error code, "ratelimited", or "fault: ..."
	// TooSoon says that the last answer to this method, for this channel where rates are a
	// channel's, was "not before so many seconds", and these had not passed.
	TooSoon bool
}

// Delivery is one attempt to deliver something to guichet.
type Delivery struct {
	At         time.Time
	Took       time.Duration
	Type       string // events_api, slash_commands or interactive
	What       string // the event's type, the command, or the kind of interaction
	Channel    string
	User       string
	EventID    string
	EnvelopeID string
	Attempt    int    // from 0
	Reason     string // of the failure before
	Verdict    string // "acked", "timeout", "no connection", "hung up", "ack lost", "http 500" ...
	Late       bool   // an acknowledgement came after all, when nobody waited any more
	Payload    json.RawMessage
	Answer     json.RawMessage // what came with the acknowledgement
}

// Refusal is a rule of Slack that guichet has broken. What may befall a correct program (a lost
// channel, a rate, an injected fault, a race about a view) is none.
type Refusal struct {
	At     time.Time
	Method string // or "ack" or "response"
	Code   string
	Detail []string
}

// String says what was wrong.
func (r Refusal) String() string {
	return fmt.Sprintf("%s: %s %s", r.Method, r.Code, strings.Join(r.Detail, "; "))
}

// keeps bounds what is remembered of each kind: a long run must not fill the memory.
const keeps = 20_000

// book remembers what went over both roads.
type book struct {
	mu         sync.Mutex
	calls      []Call
	deliveries []Delivery
	refusals   []Refusal
	given      []Delivery // given up
	sent       []envelope // events and interactions, for Replay
}

func add[T any](list []T, item T) []T {
	if len(list) >= keeps {
		list = slices.Delete(list, 0, keeps/10)
	}
	return append(list, item)
}

func (b *book) call(c Call) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls = add(b.calls, c)
}

func (b *book) delivery(d Delivery) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.deliveries = add(b.deliveries, d)
}

func (b *book) refuse(method, code string, detail ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refusals = add(b.refusals, Refusal{At: time.Now(), Method: method, Code: code, Detail: detail})
}

func (b *book) giveUp(d Delivery) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.given = add(b.given, d)
}

func (b *book) send(e envelope) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent = add(b.sent, e)
}

// late marks a delivery as acknowledged when it was too late.
func (b *book) late(envelopeID string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := len(b.deliveries) - 1; i >= 0; i-- {
		if b.deliveries[i].EnvelopeID == envelopeID {
			b.deliveries[i].Late = true
			return
		}
	}
}

// Calls are the calls of the Web API so far, in the order in which they were answered.
func (s *Server) Calls() []Call {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	return slices.Clone(s.book.calls)
}

// Called are the calls of one method.
func (s *Server) Called(method string) []Call {
	return slices.DeleteFunc(s.Calls(), func(c Call) bool { return c.Method != method })
}

// Deliveries are the attempts to deliver so far, in the order in which they ended.
func (s *Server) Deliveries() []Delivery {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	return slices.Clone(s.book.deliveries)
}

// Refusals are the rules that guichet has broken. A test of guichet wants none.
func (s *Server) Refusals() []Refusal {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	return slices.Clone(s.book.refusals)
}

// Unacked are the commands and interactions that nobody acknowledged in time, and the events that
// were given up: the last attempt of each.
func (s *Server) Unacked() []Delivery {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	return slices.Clone(s.book.given)
}

// last is for the reader of a failed test.
func (b *book) last(n int) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	type line struct {
		at   time.Time
		text string
	}
	var lines []line
	for _, c := range b.calls[max(0, len(b.calls)-n):] {
		lines = append(lines, line{c.At, fmt.Sprintf("call %s %s: %s", c.Method, c.Channel, c.Verdict)})
	}
	for _, d := range b.deliveries[max(0, len(b.deliveries)-n):] {
		lines = append(lines, line{d.At, fmt.Sprintf("deliver %s %s %s %s attempt %d: %s", d.Type, d.What, d.Channel, d.EventID, d.Attempt, d.Verdict)})
	}
	for _, r := range b.refusals[max(0, len(b.refusals)-n):] {
		lines = append(lines, line{r.At, "REFUSED " + r.String()})
	}
	slices.SortStableFunc(lines, func(a, b line) int { return a.at.Compare(b.at) })
	var out strings.Builder
	for _, l := range lines[max(0, len(lines)-n):] {
		fmt.Fprintf(&out, "  %s %s\n", l.at.Format("15:04:05.000"), l.text)
	}
	return out.String()
}
