package strictslack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// upstreamAnswers bounds what local-slack says at once.
const upstreamAnswers = 64 << 20

// forward has local-slack carry a call out.
func (s *Server) forward(ctx context.Context, method string, args obj) (obj, error) {
	body, err := json.Marshal(args)
	if err != nil {
		return nil, err
	}
	text, err := s.fetch(ctx, http.MethodPost, "/api/"+method, []byte(s.backed.Replace(string(body))))
	if err != nil {
		return nil, err
	}
	var answer obj
	if err := json.Unmarshal([]byte(s.rename.Replace(string(text))), &answer); err != nil {
		return nil, fmt.Errorf("local-slack's answer to %s: %w", method, err)
	}
	if answer["ok"] != true {
		return nil, refuse("%s", answer["error"])
	}
	return answer, nil
}

// fetch asks local-slack.
func (s *Server) fetch(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.up.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+s.up.Config.App.BotToken)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	r, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	return io.ReadAll(io.LimitReader(r.Body, upstreamAnswers))
}

// upstreamSocket is our connection to local-slack, on which it sends what happens.
type upstreamSocket struct {
	s     *Server
	conn  *websocket.Conn
	write sync.Mutex
}

// upstreamEnvelope is what local-slack sends.
type upstreamEnvelope struct {
	ID      string `json:"envelope_id"`
	Type    string `json:"type"`
	Payload obj    `json:"payload"`
}

// openSocket connects. A program that was there before may take a moment to be gone.
func (s *Server) openSocket(ctx context.Context) (*upstreamSocket, error) {
	ctx, cancel := context.WithTimeout(ctx, showsIn)
	defer cancel()
	var before error
	for {
		u, err := s.trySocket(ctx)
		if err != nil && !errors.Is(err, errNotAlone) && before != nil { // out of time
			return nil, before
		}
		if !errors.Is(err, errNotAlone) {
			return u, err
		}
		before = err
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return nil, err
		}
	}
}

var errNotAlone = errors.New("another socket is connected to local-slack: the strict Slack must be its only one")

func (s *Server) trySocket(ctx context.Context) (*upstreamSocket, error) {
	answer, err := s.forward(ctx, "apps.connections.open", obj{})
	if err != nil {
		return nil, err
	}
	conn, _, err := websocket.DefaultDialer.DialContext(ctx, s.backed.Replace(text(answer, "url")), nil)
	if err != nil {
		return nil, err
	}
	var hello struct {
		Type  string `json:"type"`
		Count int    `json:"num_connections"`
	}
	err = conn.ReadJSON(&hello)
	switch {
	case err == nil && hello.Type != "hello":
		err = fmt.Errorf("local-slack says %q instead of hello", hello.Type)
	case err == nil && hello.Count > 1:
		err = errNotAlone
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &upstreamSocket{s: s, conn: conn}, nil
}

func (u *upstreamSocket) read() {
	for {
		_, text, err := u.conn.ReadMessage()
		if err != nil {
			return // local-slack has gone, or we have
		}
		var e upstreamEnvelope
		if json.Unmarshal([]byte(u.s.rename.Replace(string(text))), &e) == nil && e.ID != "" {
			u.s.happened(e)
		}
	}
}

// ack answers local-slack, which waits no longer than 5 s.
func (u *upstreamSocket) ack(id string, payload any) {
	u.write.Lock()
	defer u.write.Unlock()
	_ = u.conn.WriteJSON(obj{"envelope_id": id, "payload": payload}) // a local-slack that has gone needs nothing
}

// feed is what local-slack's page is told. We look on as a person would: it tells what the bot's own
// calls did, which local-slack raises no events for, and when a form was closed.
type feed struct {
	s    *Server
	conn *websocket.Conn

	mu      sync.Mutex
	stack   []string        // ids of the open forms, as local-slack calls them
	seen    map[string]bool // of all that ever were
	changed chan struct{}   // closed, and replaced, whenever the stack changes
}

// told is the union of what the page is told, as far as it matters here.
type told struct {
	T     string `json:"t"`
	State struct {
		Users      []obj            `json:"users"`
		Channels   []conversation   `json:"channels"`
		Messages   map[string][]obj `json:"messages"`
		ModalStack []obj            `json:"modalStack"`
	} `json:"state"`
	Message obj             `json:"message"`
	Channel json.RawMessage `json:"channel"` // an object, or a deleted message's
	TS      string          `json:"ts"`
	Stack   []obj           `json:"stack"`
}

func (s *Server) openFeed(ctx context.Context) (*feed, error) {
	address, err := url.Parse(s.up.URL)
	if err != nil {
		return nil, err
	}
	conn, _, err := websocket.DefaultDialer.DialContext(ctx, "ws://"+address.Host+"/ui", nil)
	if err != nil {
		return nil, err
	}
	f := &feed{s: s, conn: conn, seen: map[string]bool{}, changed: make(chan struct{})}
	var first told
	if err := conn.ReadJSON(&first); err != nil {
		conn.Close()
		return nil, err
	}
	f.take(first)
	return f, nil
}

func (f *feed) read() {
	for {
		_, text, err := f.conn.ReadMessage()
		if err != nil {
			return
		}
		if bytes.HasPrefix(text, []byte(`{"t":"log"`)) {
			continue // most of all that is told, and none of it ours
		}
		var t told
		if json.Unmarshal([]byte(f.s.rename.Replace(string(text))), &t) == nil {
			f.take(t)
		}
	}
}

func (f *feed) take(t told) {
	switch t.T {
	case "init": // at first, and after a reset
		f.s.world.fill(t)
		f.show(t.State.ModalStack)
	case "channel":
		var c conversation
		if json.Unmarshal(t.Channel, &c) == nil {
			f.s.world.meet(c)
		}
	case "message":
		f.s.world.keep(t.Message)
		f.s.ownMessage(t.Message)
	case "message_update":
		before := f.s.world.keep(t.Message)
		f.s.ownUpdate(t.Message, before)
	case "message_delete":
		var channel string
		_ = json.Unmarshal(t.Channel, &channel)
		f.s.ownDelete(f.s.world.forget(channel, t.TS))
	case "view":
		f.show(t.Stack)
	}
}

func (f *feed) show(stack []obj) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stack = nil
	for _, v := range stack {
		f.stack = append(f.stack, text(v, "id"))
		f.seen[text(v, "id")] = true
	}
	close(f.changed)
	f.changed = make(chan struct{})
}

// await waits until the open forms are as wanted, and returns them.
func (f *feed) await(ctx context.Context, wanted func() bool) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, showsIn)
	defer cancel()
	for {
		f.mu.Lock()
		stack, changed, ok := f.stack, f.changed, wanted()
		f.mu.Unlock()
		if ok {
			return stack, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return stack, fmt.Errorf("local-slack does not show the form: %w", ctx.Err())
		}
	}
}

// bearer is the token in a request's header.
func bearer(r *http.Request) string {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return token
}
