package mattermost

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/mattermost/mattermost/server/public/model"

	"guichet/bot"
)

// line is where a connection stands, so that the next one goes on there.
type line struct {
	id   string // by which the server knows it
	next int64  // the number of the event that comes next
	lost bool   // something was missed, and what comes next waits until it is read
}

// mostWait is how long what comes waits until what was missed is read. A platform that can't be read holds up
// nobody for longer: then one thing comes before another, and nothing is lost.
const mostWait = 10 * time.Second

// Pauses between attempts to connect.
const (
	firstPause   = 200 * time.Millisecond
	longestPause = 10 * time.Second
)

// Run takes in what Mattermost sends, until ctx ends. Then it lets what is being handled finish, for as long as
// grace, and returns. An error ends it early, such as a revoked token.
func (d *Door) Run(ctx context.Context, grace time.Duration) error {
	defer d.connected.Store(false)
	var busy sync.WaitGroup
	var at line
	pause := firstPause
	for ctx.Err() == nil {
		// A bad token may connect, and be cut off then: whether it is good, only the API tells.
		if _, r, err := d.api.GetMe(ctx, ""); err != nil && ctx.Err() == nil {
			err = outcome("users/me", r, err)
			if Hopeless(err) {
				return err
			}
			d.Log.Warn("no connection to Mattermost", "workspace", d.Workspace(), "error", err)
		} else if err == nil {
			began := time.Now()
			err := d.listen(ctx, &at, &busy)
			d.connected.Store(false)
			if ctx.Err() == nil {
				d.Log.Warn("no connection to Mattermost", "workspace", d.Workspace(), "error", err)
			}
			if time.Since(began) > longestPause {
				pause = firstPause
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
			pause = min(pause*2, longestPause)
		}
	}
	finish(&busy, grace)
	return nil
}

// finish waits for what is being handled, but no longer than grace.
func finish(busy *sync.WaitGroup, grace time.Duration) {
	done := make(chan struct{})
	go func() { busy.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(grace):
	}
}

// listen is one connection: a new client each, since a used one can't be used again.
func (d *Door) listen(ctx context.Context, at *line, busy *sync.WaitGroup) error {
	if _, err := d.Self(ctx); err != nil {
		return err
	}
	dialer := &websocket.Dialer{HandshakeTimeout: callTimeout}
	client, err := model.NewReliableWebSocketClientWithDialer(dialer, "ws"+strings.TrimPrefix(d.api.URL, "http"), d.Token, at.id, int(at.next), true)
	if err != nil {
		return errors.New("mattermost: websocket: can't connect")
	}
	client.Listen()
	defer hangUp(client)
	if at.id != "" { // a line that goes on says nothing before the next event
		d.connected.Store(true)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-client.PingTimeoutChannel:
			return errors.New("mattermost: websocket: silent")
		case _, ok := <-client.ResponseChannel:
			if !ok {
				return errors.New("mattermost: websocket: closed")
			}
		case e, ok := <-client.EventChannel:
			if !ok {
				return errors.New("mattermost: websocket: closed")
			}
			d.receive(ctx, e, at, busy)
		}
	}
}

// hangUp closes a client and empties its channels, at which it would wait for a reader.
func hangUp(client *model.WebSocketClient) {
	go func() {
		for range client.EventChannel { //nolint:revive // emptied
		}
	}()
	go func() {
		for range client.ResponseChannel { //nolint:revive // emptied
		}
	}()
	client.Close()
}

// receive takes in one event.
func (d *Door) receive(ctx context.Context, e *model.WebSocketEvent, at *line, busy *sync.WaitGroup) {
	if e.EventType() == model.WebsocketEventHello {
		d.hello(e, at)
		return
	}
	d.connected.Store(true)
	switch n := e.GetSequence(); {
	case n < at.next:
		return // sent again
	case n > at.next:
		at.lost = true
		d.lost("events are missing")
		fallthrough
	default:
		at.next = n + 1
	}
	if at.lost {
		at.lost = false
		d.bot.UntilRead(ctx, d.Workspace(), mostWait)
		if ctx.Err() != nil {
			return // the next start reads it, with what was missed
		}
	}
	ins, err := d.decode(ctx, e)
	if err != nil && ctx.Err() == nil {
		d.Log.Error("event refused", "workspace", d.Workspace(), "type", string(e.EventType()), "error", err)
		d.lost("an event could not be read")
		return
	}
	for _, in := range ins {
		busy.Add(1)
		d.bot.Go(context.WithoutCancel(ctx), in.request, func(a bot.Answer, err error) {
			defer busy.Done()
			if err != nil {
				a, err = d.again(ctx, in.request)
			}
			if err != nil {
				d.lost("something could not be taken in") // unless it is an emoji, it is read again
				return
			}
			d.follow(context.WithoutCancel(ctx), in, a)
		})
	}
}

// hello begins a line. One that goes on where the last one broke has lost nothing; a new one may have.
func (d *Door) hello(e *model.WebSocketEvent, at *line) {
	id, _ := e.GetData()["connection_id"].(string)
	if version, ok := e.GetData()["server_version"].(string); ok {
		d.version.Store(version)
	}
	if id != at.id || id == "" {
		at.id, at.next, at.lost = id, e.GetSequence()+1, true
		d.lost("a new connection")
	} else if n := e.GetSequence() + 1; n > at.next {
		at.next = n
	}
	d.connected.Store(true)
	d.Log.Info("connected to Mattermost", "workspace", d.Workspace())
}

// lost has the bot read what may have been missed.
func (d *Door) lost(why string) {
	d.Log.Info("what was missed is read", "workspace", d.Workspace(), "why", why)
	d.bot.FellBehind(d.Workspace())
}

// mostAgain is how often a request is handled again that could not be: for a minute. Mattermost, other than
// Slack, never sends anything again.
const mostAgain = 7

// again handles a request that failed, until it does not, in its place in the conversation.
func (d *Door) again(ctx context.Context, r bot.Request) (a bot.Answer, err error) {
	pause := 500 * time.Millisecond
	for range mostAgain {
		select {
		case <-ctx.Done():
			return a, ctx.Err()
		case <-time.After(pause):
			pause *= 2
		}
		if a, err = d.bot.Handle(context.WithoutCancel(ctx), r); err == nil {
			return a, nil
		}
	}
	return a, fmt.Errorf("mattermost: given up: %w", err)
}
