package main

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	team      = "T01BENCH"
	workspace = "slack:" + team
	channel   = "G01SUPPORT"
	agent     = "U01AGENT"
	secret    = "bench-signing-secret"
)

// slackLatency is what a post to the real Slack takes, at best.
const slackLatency = 100 * time.Millisecond

// webAPI stands in for Slack's Web API: it takes everything, and answers at once or as slowly as Slack.
type webAPI struct {
	address string
	delay   atomic.Int64 // of a post
	serial  atomic.Int64

	mu    sync.Mutex
	posts []time.Time // when each was answered
}

func startWebAPI() (*webAPI, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	api := &webAPI{address: "http://" + l.Addr().String() + "/api/"}
	go func() { _ = http.Serve(l, api) }()
	return api, nil
}

func (a *webAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(a.answer(strings.TrimPrefix(r.URL.Path, "/api/"), r)))
}

func (a *webAPI) answer(method string, r *http.Request) string {
	switch method {
	case "auth.test":
		return `{"ok": true, "team_id": "` + team + `", "user_id": "U0BOT"}`
	case "conversations.info":
		return `{"ok": true, "channel": {"id": "` + channel + `", "is_private": true}}`
	case "conversations.members":
		return `{"ok": true, "members": ["` + agent + `"]}`
	case "conversations.open":
		return `{"ok": true, "channel": {"id": "D` + strings.TrimPrefix(r.FormValue("users"), "U") + `"}}`
	case "conversations.history", "conversations.replies":
		return `{"ok": true, "messages": []}`
	case "chat.postMessage", "chat.update":
		time.Sleep(time.Duration(a.delay.Load()))
		a.mu.Lock()
		a.posts = append(a.posts, time.Now())
		a.mu.Unlock()
		n := a.serial.Add(1)
		return fmt.Sprintf(`{"ok": true, "channel": %q, "ts": "%d.%06d"}`, r.FormValue("channel"), 1_700_000_000+n/1_000_000, n%1_000_000)
	}
	return `{"ok": true}`
}

// posted returns when posts were answered since forget.
func (a *webAPI) posted() []time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.posts
}

func (a *webAPI) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.posts = nil
}
