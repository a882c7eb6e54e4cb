package localslack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"
)

// Page is a person with Slack open: it shows modals and the home tab and fills
// them in. local-slack has one stack of modals for everybody, so only one
// person of a server should have a modal open at a time.
type Page struct {
	srv  *Server
	user string
	conn *websocket.Conn

	write sync.Mutex // the library allows one writer at a time
	done  chan struct{}

	mu      sync.Mutex
	now     shown
	byBot   bool          // the next change of views was asked for over the Web API
	changed chan struct{} // closed, and replaced, whenever now changes
}

// shown is all that waiting is about.
type shown struct {
	stack    []View
	errors   map[string]string
	answers  int // how many submissions were answered
	homes    map[string]View
	homeSeen int
	closed   error // why nothing comes any more
}

// OpenPage opens the page of one person until Close.
func (s *Server) OpenPage(ctx context.Context, user string) (*Page, error) {
	url := "ws" + strings.TrimPrefix(s.URL, "http") + "/ui"
	conn, _, err := websocket.DefaultDialer.DialContext(ctx, url, nil)
	if err != nil {
		return nil, fmt.Errorf("opening local-slack's page: %w", err)
	}
	p := &Page{srv: s, user: user, conn: conn, done: make(chan struct{}), changed: make(chan struct{})}
	go p.read()
	// The first thing the server sends is the state: nothing of before is missed.
	_, err = p.wait(ctx, "the page's first state", func(n shown) bool { return n.homes != nil })
	if err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// OpenTest opens a page that closes with the test.
func (s *Server) OpenTest(t testing.TB, user string) *Page {
	t.Helper()
	p, err := s.OpenPage(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// Close closes the page, and with it no modal: that is CloseView.
func (p *Page) Close() {
	p.conn.Close()
	<-p.done
}

// View waits until a modal is open and returns the one on top.
func (p *Page) View(ctx context.Context) (View, error) {
	return p.WaitView(ctx, "a modal", func(View) bool { return true })
}

// WaitView waits until the modal on top is the one that is meant: the way to
// await views.update, which follows no submission.
func (p *Page) WaitView(ctx context.Context, what string, meant func(View) bool) (View, error) {
	n, err := p.wait(ctx, what, func(n shown) bool {
		return len(n.stack) > 0 && meant(n.stack[len(n.stack)-1])
	})
	if err != nil {
		return View{}, err
	}
	return n.stack[len(n.stack)-1], nil
}

// WaitNoView waits until no modal is open.
func (p *Page) WaitNoView(ctx context.Context) error {
	_, err := p.wait(ctx, "no modal", func(n shown) bool { return len(n.stack) == 0 })
	return err
}

// Submit sends the modal on top and waits for the bot's answer: the stack of
// modals after it, or what it finds wrong, by block id. Fields that values
// leaves out keep what they were prefilled with, as on Slack.
//
// A bot that fails or stays silent also closes the modal here, after 5 s;
// Slack would keep it open with an error.
func (p *Page) Submit(ctx context.Context, values Values) (stack []View, fieldErrors map[string]string, err error) {
	top, err := p.View(ctx)
	if err != nil {
		return nil, nil, err
	}
	before := p.shown().answers
	err = p.send(map[string]any{
		"t": "view_submit", "user": p.user, "values": values.withPrefilled(top.Inputs()),
	})
	if err != nil {
		return nil, nil, err
	}
	n, err := p.wait(ctx, "the answer to a submission", func(n shown) bool { return n.answers > before })
	return n.stack, n.errors, err
}

// CloseView closes all modals and waits until they are closed.
func (p *Page) CloseView(ctx context.Context) error {
	if err := p.send(map[string]any{"t": "view_close", "user": p.user}); err != nil {
		return err
	}
	return p.WaitNoView(ctx)
}

// Act does something to an element of the modal on top or of the home tab. It
// does not wait: the bot's answer is a changed view or nothing at all.
func (p *Page) Act(action Action) error {
	return p.send(map[string]any{
		"t": "block_action", "user": p.user, "channel": "", "messageTs": "",
		"appId": p.srv.Config.App.AppID, "action": action,
	})
}

// OpenHome opens the bot's home tab and waits until the bot has published it anew.
func (p *Page) OpenHome(ctx context.Context) (View, error) {
	before := p.shown().homeSeen
	if err := p.send(map[string]any{"t": "open_home", "user": p.user}); err != nil {
		return View{}, err
	}
	n, err := p.wait(ctx, "the home tab", func(n shown) bool { return n.homeSeen > before })
	return n.homes[p.user], err
}

// Home waits until the home tab is the one that is meant.
func (p *Page) Home(ctx context.Context, what string, meant func(View) bool) (View, error) {
	n, err := p.wait(ctx, what, func(n shown) bool {
		home, ok := n.homes[p.user]
		return ok && meant(home)
	})
	return n.homes[p.user], err
}

// Slash types a slash command.
func (p *Page) Slash(ctx context.Context, channel, command, text string) error {
	return p.srv.Command(ctx, p.user, channel, command, text)
}

// Press presses a button of a message.
func (p *Page) Press(ctx context.Context, m Message, b Button) error {
	return p.srv.Press(ctx, p.user, m.Channel, m.TS, b.BlockID, b.ActionID, b.Value)
}

// Post writes a message.
func (p *Page) Post(ctx context.Context, channel, text, threadTS string) (ts string, err error) {
	return p.srv.PostMessage(ctx, p.user, channel, text, threadTS)
}

func (p *Page) send(what map[string]any) error {
	p.write.Lock()
	defer p.write.Unlock()
	return p.conn.WriteJSON(what)
}

func (p *Page) shown() shown {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

// wait returns the first state that is as wanted.
func (p *Page) wait(ctx context.Context, what string, wanted func(shown) bool) (shown, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		p.mu.Lock()
		now, changed := p.now, p.changed
		p.mu.Unlock()
		if wanted(now) {
			return now, nil
		}
		if now.closed != nil {
			return shown{}, fmt.Errorf("waiting for %s: %w", what, now.closed)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return shown{}, fmt.Errorf("waiting for %s: %w", what, ctx.Err())
		}
	}
}

// read takes in what the server tells, until the connection ends.
func (p *Page) read() {
	defer close(p.done)
	for {
		_, text, err := p.conn.ReadMessage()
		var e event
		if err == nil {
			err = json.Unmarshal(text, &e)
		}
		p.mu.Lock()
		if err != nil {
			p.now.closed = errors.Join(errors.New("the page is closed"), err)
		} else {
			p.take(e)
		}
		close(p.changed)
		p.changed = make(chan struct{})
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// event is the union of what the server sends over /ui, as far as it matters here.
type event struct {
	T     string
	State struct {
		ModalStack []View
		HomeViews  map[string]map[string]View // by user, then by app
	}
	Stack  []View
	Errors map[string]string
	Entry  LogEntry
	User   string
	View   View
}

// take changes what is shown; p.mu is held. Maps and slices are replaced, never
// changed, since a waiting caller may still hold the old ones.
func (p *Page) take(e event) {
	n := &p.now
	byBot := false
	switch e.T {
	case "init": // at first, and after a reset
		n.stack, n.errors = e.State.ModalStack, nil
		n.homes = map[string]View{}
		for user, views := range e.State.HomeViews {
			n.homes[user] = views[p.srv.Config.App.AppID]
		}
	case "view":
		n.stack, n.errors = e.Stack, nil
		if !p.byBot {
			n.answers++
		}
	case "view_errors":
		n.errors = e.Errors
		n.answers++
	case "home":
		homes := map[string]View{e.User: e.View}
		for user, view := range n.homes {
			if user != e.User {
				homes[user] = view
			}
		}
		n.homes = homes
		if e.User == p.user {
			n.homeSeen++
		}
	case "log":
		// A bot may call views.update before it answers a submission, and the
		// page is told of both in the same way. But local-slack logs a Web API
		// call right before it carries it out: the next view is then no answer.
		byBot = e.Entry.Direction == "from_bot" && e.Entry.Kind == "web_api" &&
			strings.HasPrefix(e.Entry.Summary, "views.")
	}
	p.byBot = byBot
}
