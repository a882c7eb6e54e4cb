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
	open    int // deliveries that are neither acknowledged nor given up
	copies  int
	before  map[string]<-chan struct{} // by channel: the first attempt before has been answered
}

func (q *queue) add(e event) {
	n := q.begin()
	q.mu.Lock()
	defer q.mu.Unlock()
	e.copies = n
	q.waiting = append(q.waiting, e)
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// begin opens a delivery, and says how often it is made.
func (q *queue) begin() (copies int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	copies = max(1, q.copies)
	q.open += copies
	return copies
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

// SetCopies has Slack send every event, press and form so many times at once: it promises once at
// least, no more. The people here see the first answer that comes.
func (s *Server) SetCopies(n int) {
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	s.queue.copies = n
}

// Settle waits until every event, press and form so far was acknowledged or given up.
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
			return fmt.Errorf("%d deliveries are under way: %w", open, ctx.Err())
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
const headStart = time.Second

func (s *Server) launch(e event) {
	env := e.envelope()
	for _, wait := range s.inTurn(env, e.copies) {
		s.spawn(func() { s.pursue(env, wait) })
	}
}

// inTurn makes first attempts, all at once, after those before them in their channel.
func (s *Server) inTurn(e envelope, copies int) (waits []func() (outcome, Delivery)) {
	if s.hub.address().url == "" {
		for range copies {
			waits = append(waits, s.attempt(e)) // written now: a connection keeps the order
		}
		return waits
	}
	before, answered := s.queue.follow(e.channel)
	begun := make(chan struct{})
	attempts := make([]func() (outcome, Delivery), copies)
	for i := range copies {
		waits = append(waits, func() (outcome, Delivery) {
			select {
			case <-begun:
			case <-s.ctx.Done():
				return outcome{verdict: ended}, Delivery{}
			}
			o, d := attempts[i]()
			answered()
			return o, d
		})
	}
	s.spawn(func() {
		if before != nil {
			s.pause(headStart, before)
		}
		for i := range attempts {
			attempts[i] = s.attempt(e)
		}
		close(begun)
	})
	return waits
}

// follow takes the place after the last in a channel, which closes before once it is answered.
func (q *queue) follow(channel string) (before <-chan struct{}, answered func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.before == nil {
		q.before = map[string]<-chan struct{}{}
	}
	mine := make(chan struct{})
	before, q.before[channel] = q.before[channel], mine
	return before, sync.OnceFunc(func() { close(mine) })
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
		o, d = s.inTurn(e, 1)[0]()
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

// Replay sends the last n events, presses and forms again, with their ids, as if their
// acknowledgements had been lost. (Slack promises to send events again; that it never sends the
// others again it does not promise.) It returns once each was answered, with an error if one was not
// acknowledged.
func (s *Server) Replay(ctx context.Context, n int) error {
	s.book.mu.Lock()
	last := slices.Clone(s.book.sent[max(0, len(s.book.sent)-n):])
	s.book.mu.Unlock()
	if len(last) == 0 {
		return errors.New("there is nothing to send again")
	}
	var waits []func() (outcome, Delivery)
	for _, e := range last {
		switch {
		case e.kind != "events_api":
			e = s.anew(e)
		case s.hub.address().url != "":
			e.attempt, e.reason = 1, "http_timeout"
		default:
			e.attempt, e.reason = 1, "timeout"
		}
		waits = append(waits, s.inTurn(e, 1)...)
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
