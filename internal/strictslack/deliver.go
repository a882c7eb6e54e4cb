package strictslack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// envelope is one attempt to deliver something.
type envelope struct {
	kind    string // events_api, slash_commands or interactive
	payload obj
	attempt int
	reason  string

	what, channel, user, eventID string
}

// outcome is what became of an attempt.
type outcome struct {
	acked   bool
	verdict string
	reason  string          // for the headers of the next attempt
	answer  json.RawMessage // what came with the acknowledgement
	no      bool            // no more attempts are wanted
}

// attempt sends an envelope at once. Calling the result waits until it was acknowledged, or not.
func (s *Server) attempt(e envelope) (wait func() (outcome, Delivery)) {
	text, err := json.Marshal(e.payload)
	if err != nil {
		panic(err) // it came as JSON
	}
	d := Delivery{At: time.Now(), Type: e.kind, What: e.what, Channel: e.channel, User: e.user, EventID: e.eventID,
		EnvelopeID: newEnvelopeID(), Attempt: e.attempt, Reason: e.reason, Payload: text}
	send := s.overSocket
	if s.hub.address().url != "" {
		send = s.overHTTP
	}
	var answered func() outcome
	if s.gate.down() {
		answered = func() outcome { return outcome{verdict: "no connection", reason: "connection_failed"} }
	} else {
		answered = send(e, d.EnvelopeID, text)
	}
	return func() (outcome, Delivery) {
		o := answered()
		d.Took, d.Verdict, d.Answer = time.Since(d.At), o.verdict, o.answer
		s.book.delivery(d)
		return o, d
	}
}

// queue holds events that wait for their first attempt.
type queue struct {
	mu      sync.Mutex
	waiting []event
	wake    chan struct{}
	open    int // events that are neither acknowledged nor given up
	copies  int
	before  map[string]<-chan struct{} // by channel: the first attempt before has been answered
}

func (q *queue) add(e event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for range max(1, q.copies) {
		q.waiting = append(q.waiting, e)
		q.open++
	}
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue) done() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.open--
}

func (q *queue) take() []event {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := q.waiting
	q.waiting = nil
	return all
}

// SetCopies has Slack send every event so many times at once: it promises once at least, no more.
func (s *Server) SetCopies(n int) {
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	s.queue.copies = n
}

// Settle waits until every event so far was acknowledged or given up.
func (s *Server) Settle(ctx context.Context) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		s.queue.mu.Lock()
		open := s.queue.open
		s.queue.mu.Unlock()
		if open == 0 {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%d events are not delivered: %w", open, ctx.Err())
		}
	}
}

// dispatch makes the first attempts, in order.
func (s *Server) dispatch() {
	for {
		for _, e := range s.queue.take() {
			s.launch(e)
		}
		select {
		case <-s.queue.wake:
		case <-s.ctx.Done():
			return
		}
	}
}

// headStart is how long an event waits for the answer to the one before it in its channel. Requests
// would else race each other far closer than what people write does on the real Slack.
const headStart = 200 * time.Millisecond

func (s *Server) launch(e event) {
	env := e.envelope()
	if s.hub.address().url == "" {
		wait := s.attempt(env) // written now: a connection keeps the order
		s.spawn(func() { s.pursue(env, wait) })
		return
	}
	if s.queue.before == nil {
		s.queue.before = map[string]<-chan struct{}{}
	}
	before, answered := s.queue.before[e.channel], make(chan struct{})
	s.queue.before[e.channel] = answered
	s.spawn(func() {
		if before != nil {
			s.pause(headStart, before)
		}
		wait := s.attempt(env)
		s.pursue(env, func() (outcome, Delivery) {
			defer close(answered)
			return wait()
		})
	})
}

func (e event) envelope() envelope {
	return envelope{kind: "events_api", payload: e.payload, what: e.what, channel: e.channel, user: e.user, eventID: e.id}
}

// pursue sees an event through: it is sent again until it is acknowledged, or given up.
func (s *Server) pursue(e envelope, wait func() (outcome, Delivery)) {
	defer s.queue.done()
	o, d := wait()
	for i, pause := range s.o.clock.Retries {
		if o.acked || o.no || !s.pause(pause, nil) {
			break
		}
		e.attempt, e.reason = i+1, o.reason
		o, d = s.attempt(e)()
	}
	if !o.acked && s.ctx.Err() == nil {
		s.book.giveUp(d)
	}
}

// pause lasts so long, or until something; false means that the server ends.
func (s *Server) pause(d time.Duration, until <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-until:
	case <-s.ctx.Done():
		return false
	}
	return s.ctx.Err() == nil
}

// Replay sends the last n events again, with their ids, as if their acknowledgements had been lost.
// It returns once each was answered, with an error if one was not acknowledged.
func (s *Server) Replay(ctx context.Context, n int) error {
	s.book.mu.Lock()
	last := slices.Clone(s.book.events[max(0, len(s.book.events)-n):])
	s.book.mu.Unlock()
	if len(last) == 0 {
		return errors.New("there is no event to send again")
	}
	var waits []func() (outcome, Delivery)
	for _, e := range last {
		env := e.envelope()
		env.attempt, env.reason = 1, "timeout"
		if s.hub.address().url != "" {
			env.reason = "http_timeout"
		}
		waits = append(waits, s.attempt(env))
	}
	var errs []error
	for _, wait := range waits {
		if o, d := wait(); !o.acked {
			errs = append(errs, fmt.Errorf("%s %s: %s", d.What, d.EventID, o.verdict))
		}
	}
	return errors.Join(append(errs, ctx.Err())...)
}

// Event sends guichet an event that local-slack knows nothing of, such as "tokens_revoked", and
// returns its id. The inner event is sent as it is.
func (s *Server) Event(inner map[string]any) (eventID string) { return s.raise(inner) }
