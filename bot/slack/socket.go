package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack/socketmode"

	"guichet/bot"
)

// Run takes in what Slack sends, until ctx ends. Then it lets what is being handled finish, for as
// long as grace, and returns. An error ends it early, such as a revoked token.
func (d *Door) Run(ctx context.Context, grace time.Duration) error {
	self, err := d.Self(ctx)
	if err != nil {
		return err
	}
	if d.SigningSecret != "" {
		return d.runHTTP(ctx)
	}
	return d.runSocket(ctx, grace, self)
}

func (d *Door) runSocket(ctx context.Context, grace time.Duration, self string) error {
	defer d.connected.Store(false)
	options := []socketmode.Option{}
	if u, err := url.Parse(d.APIURL); err == nil && strings.HasPrefix(u.Hostname(), "127.") {
		// The local stand-in sends no pings, without which the client would think the line dead.
		options = append(options, socketmode.OptionPingInterval(24*time.Hour))
	}
	client := socketmode.New(d.api, options...)

	// The line outlives ctx: what is being handled must still be acknowledged on it.
	line, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	ended := make(chan error, 1)
	go func() { ended <- client.RunContext(line) }()

	var busy sync.WaitGroup
	for {
		select {
		case <-ctx.Done():
			finish(&busy, grace)
			time.Sleep(lastAcks) // they are queued: there is no asking whether they have gone
			hangUp()
			drain(client, ended)
			return nil
		case err := <-ended:
			finish(&busy, grace)
			return fmt.Errorf("slack: socket mode: %w", err)
		case e := <-client.Events:
			d.receive(line, client, e, self, &busy)
		}
	}
}

// lastAcks is the time that the last acknowledgements get to leave before the line is cut.
const lastAcks = 100 * time.Millisecond

// ackWait bounds the wait for room in the queue of acknowledgements: while the line is down nobody
// empties it, and what could not be acknowledged is sent again.
const ackWait = 5 * time.Second

// finish waits for what is being handled, but no longer than grace.
func finish(busy *sync.WaitGroup, grace time.Duration) {
	done := make(chan struct{})
	go func() { busy.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(grace):
	}
}

// drain empties the client's events until it has ended: it would wait for a reader.
func drain(client *socketmode.Client, ended <-chan error) {
	for {
		select {
		case <-ended:
			return
		case <-client.Events:
		}
	}
}

// receive passes one envelope on. It is acknowledged once what it asks for is durable, never
// before: Slack sends again what is not.
func (d *Door) receive(ctx context.Context, client *socketmode.Client, e socketmode.Event, self string, busy *sync.WaitGroup) {
	switch e.Type {
	case socketmode.EventTypeConnected:
		d.Log.Info("connected to Slack", "workspace", d.Workspace())
		d.connected.Store(true)
	case socketmode.EventTypeConnecting:
		d.connected.Store(false)
	case socketmode.EventTypeConnectionError:
		d.Log.Warn("no connection to Slack", "workspace", d.Workspace())
	}
	request := e.Request
	if bad, ok := e.Data.(*socketmode.ErrorBadMessage); ok {
		// The library decodes every payload in full and stumbles over what it does not know; what
		// we need of it is little, and may well be there.
		request = &socketmode.Request{}
		if json.Unmarshal(bad.Message, request) != nil {
			return
		}
	}
	if request == nil || request.EnvelopeID == "" {
		return
	}
	in, err := d.decode(request.Type, request.Payload, self)
	if err != nil {
		if !errors.Is(err, errIgnored) {
			d.Log.Error("payload refused", "workspace", d.Workspace(), "error", err)
		}
		busy.Go(func() { d.ack(ctx, client, request, nil) }) // never wait here: the line would stand still
		return
	}
	busy.Add(1)
	d.bot.Go(ctx, in.request, func(a bot.Answer, err error) {
		defer busy.Done()
		if err != nil {
			return // not acknowledged: it comes again
		}
		d.ack(ctx, client, request, d.respond(in, a))
		d.follow(ctx, in, a)
	})
}

func (d *Door) ack(ctx context.Context, client *socketmode.Client, r *socketmode.Request, payload any) {
	ctx, cancel := context.WithTimeout(ctx, ackWait)
	defer cancel()
	if err := client.AckCtx(ctx, r.EnvelopeID, payload); err != nil {
		d.Log.Error("not acknowledged", "workspace", d.Workspace(), "error", err)
	}
}
