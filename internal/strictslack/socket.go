package strictslack

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// maxSockets is how many connections an app may have.
const maxSockets = 10

// pingEvery is how often Slack shows that a connection lives.
const pingEvery = 5 * time.Second

// hub is all that guichet can be reached by.
type hub struct {
	mu      sync.Mutex
	to      address // HTTP instead, if it has a URL
	tickets map[string]time.Time
	sockets []*socket
	turn    int
	lose    int // so many acknowledgements get lost
}

// socket is one of guichet's connections. Slack gives each envelope to one of them.
type socket struct {
	conn    *websocket.Conn
	write   sync.Mutex
	leaving bool // told to disconnect; guarded by hub.mu
	ended   chan struct{}

	mu      sync.Mutex
	waiting map[string]chan json.RawMessage // by envelope id
}

// connectionsOpen gives out the address of a connection, good for one.
func (s *Server) connectionsOpen(context.Context, *request) (obj, error) {
	ticket := strings.ToLower(random(24))
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	if s.hub.tickets == nil {
		s.hub.tickets = map[string]time.Time{}
	}
	s.hub.tickets[ticket] = time.Now()
	return obj{"url": "ws" + strings.TrimPrefix(s.URL, "http") + "/link/?ticket=" + ticket + "&app_id=" + s.up.Config.App.AppID}, nil
}

// ticketLife is how long an address waits for its connection.
const ticketLife = 30 * time.Second

func (h *hub) redeem(ticket string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	at, ok := h.tickets[ticket]
	delete(h.tickets, ticket)
	return ok && time.Since(at) < ticketLife
}

func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request, _ string) {
	if !s.hub.redeem(r.URL.Query().Get("ticket")) {
		http.Error(w, "", http.StatusNotFound)
		return
	}
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c := &socket{conn: conn, ended: make(chan struct{}), waiting: map[string]chan json.RawMessage{}}
	number, ok := s.hub.join(c)
	if !ok {
		c.send(obj{"type": "disconnect", "reason": "too_many_websockets", "debug_info": debugInfo()})
		conn.Close()
		return
	}
	c.send(obj{"type": "hello", "num_connections": number, "debug_info": debugInfo(),
		"connection_info": obj{"app_id": s.up.Config.App.AppID}})
	s.spawn(func() { c.ping(s.ctx) })
	s.listen(c)
}

func debugInfo() obj {
	return obj{"host": "applink-1", "build_number": 1, "approximate_connection_time": 18060}
}

// listen takes in acknowledgements until the connection ends.
func (s *Server) listen(c *socket) {
	for {
		_, text, err := c.conn.ReadMessage()
		if err != nil {
			break
		}
		var ack struct {
			ID      string          `json:"envelope_id"`
			Payload json.RawMessage `json:"payload"`
		}
		if json.Unmarshal(text, &ack) != nil || ack.ID == "" {
			s.book.refuse("ack", "not_an_acknowledgement")
			continue
		}
		if s.hub.loses() {
			continue
		}
		// An acknowledgement counts on the connection on which the envelope came [U].
		c.mu.Lock()
		waiter := c.waiting[ack.ID]
		delete(c.waiting, ack.ID)
		c.mu.Unlock()
		if waiter == nil {
			s.book.late(ack.ID)
			continue
		}
		waiter <- ack.Payload
	}
	s.hub.leave(c)
	close(c.ended)
	c.conn.Close()
}

func (h *hub) join(c *socket) (number int, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.sockets) >= maxSockets {
		return 0, false
	}
	h.sockets = append(h.sockets, c)
	return len(h.sockets), true
}

func (h *hub) leave(c *socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sockets = slices.DeleteFunc(h.sockets, func(other *socket) bool { return other == c })
}

func (h *hub) address() address {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.to
}

// loses says whether an acknowledgement gets lost.
func (h *hub) loses() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lose > 0 {
		h.lose--
		return true
	}
	return false
}

// next is the connection that gets the next envelope, nil if there is none. All have their turn,
// but those that are told to leave only when there is no other.
func (h *hub) next() *socket {
	h.mu.Lock()
	defer h.mu.Unlock()
	from := slices.DeleteFunc(slices.Clone(h.sockets), func(c *socket) bool { return c.leaving })
	if len(from) == 0 {
		from = h.sockets
	}
	if len(from) == 0 {
		return nil
	}
	h.turn++
	return from[h.turn%len(from)]
}

// overSocket writes an envelope to one of guichet's connections.
func (s *Server) overSocket(e envelope, id string, payload []byte) func() outcome {
	c := s.hub.next()
	if c == nil {
		return func() outcome { return outcome{verdict: "no connection", reason: "connection_failed"} }
	}
	answer := make(chan json.RawMessage, 1)
	c.mu.Lock()
	c.waiting[id] = answer
	c.mu.Unlock()
	sent := obj{"envelope_id": id, "type": e.kind, "payload": json.RawMessage(payload), "accepts_response_payload": e.kind != "events_api"}
	if e.kind == "events_api" {
		sent["retry_attempt"], sent["retry_reason"] = e.attempt, e.reason
	}
	late := time.NewTimer(s.o.clock.Ack)
	c.send(sent)
	return func() (o outcome) {
		defer late.Stop()
		select {
		case a := <-answer:
			return outcome{acked: true, verdict: "acked", answer: a}
		case <-late.C:
			o = outcome{verdict: "timeout", reason: "timeout"}
		case <-c.ended:
			o = outcome{verdict: "hung up", reason: "connection_failed"}
		case <-s.ctx.Done():
			o = outcome{verdict: ended}
		}
		c.mu.Lock()
		delete(c.waiting, id)
		c.mu.Unlock()
		select {
		case a := <-answer: // just in time
			return outcome{acked: true, verdict: "acked", answer: a}
		default:
			return o
		}
	}
}

func (c *socket) send(v any) {
	c.write.Lock()
	defer c.write.Unlock()
	_ = c.conn.SetWriteDeadline(time.Now().Add(time.Second))
	if c.conn.WriteJSON(v) != nil {
		_ = c.conn.Close() // then it is not acknowledged either
	}
}

func (c *socket) ping(ctx context.Context) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_ = c.conn.WriteControl(websocket.PingMessage, []byte("Ping from applink-1"), time.Now().Add(time.Second))
		case <-c.ended:
			return
		case <-ctx.Done():
			return
		}
	}
}

// Disconnect tells all of guichet's connections to go, for a reason such as "warning" or
// "refresh_requested", and ends those a while later that have not.
func (s *Server) Disconnect(reason string) {
	s.hub.mu.Lock()
	told := slices.Clone(s.hub.sockets)
	for _, c := range told {
		c.leaving = true
	}
	s.hub.mu.Unlock()
	for _, c := range told {
		c.send(obj{"type": "disconnect", "reason": reason, "debug_info": debugInfo()})
	}
	s.spawn(func() {
		s.pause(s.o.clock.Leave, nil)
		for _, c := range told {
			_ = c.conn.Close()
		}
	})
}

// Sockets is how many connections guichet has.
func (s *Server) Sockets() int {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	return len(s.hub.sockets)
}

// LoseAcks has the next n acknowledgements get lost on the way, those of commands and interactions
// too: what guichet has done, Slack does not know, and sends again what it sends again.
func (s *Server) LoseAcks(n int) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	s.hub.lose = n
}
