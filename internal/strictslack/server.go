// Package strictslack is a stricter Slack for tests and for the demo. It stands between guichet and
// local-slack, the lenient stand-in (internal/localslack), on both roads:
//
//   - the Web API (api.go and below): what real Slack refuses is refused, with Slack's own codes;
//     rates are limited, and calls fail on demand (faults.go, rates.go);
//   - delivery (deliver.go and below): events are sent again until they are acknowledged, by Socket
//     Mode or by signed requests, and look like Slack's.
//
// A test reads what went over both roads (logbook.go). Of what guichet must not do, Refusals tells.
//
// Facts of Slack that nobody here has measured are marked [U], as in the notes that they come from.
package strictslack

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"guichet/internal/localslack"
)

// obj is a JSON object.
type obj = map[string]any

// Server is a running strict Slack.
type Server struct {
	URL    string // http://127.0.0.1:port
	APIURL string // for guichet's api_url

	up     *localslack.Server
	o      options
	gate   *gate
	http   *http.Server
	client *http.Client // to local-slack
	files  *httputil.ReverseProxy
	rename *strings.Replacer // puts our address where local-slack's stood
	backed *strings.Replacer // and back
	ctx    context.Context
	cancel context.CancelFunc
	life   life

	book      book
	world     world
	views     views
	triggers  triggers
	responses responses
	faults    faults
	rates     rates
	auth      auth
	hub       hub
	queue     queue
	calledAt  calledAt
	mints     mints
	socket    *upstreamSocket
	feed      *feed
}

type options struct {
	port   int
	clock  Clock
	rates  *Rates
	scopes []string
	events []string
	spoken []string // commands whose text arrives with tokens; see WithTokens
	to     address
}

// An Option changes how a Server is started.
type Option func(*options)

// WithPort asks for one fixed port. Otherwise the system picks a free one.
func WithPort(port int) Option { return func(o *options) { o.port = port } }

// WithHTTP delivers by signed requests to a URL, and not by Socket Mode. See Server.SetHTTP.
func WithHTTP(requestURL, signingSecret string) Option {
	return func(o *options) { o.to = address{requestURL, signingSecret} }
}

// WithScopes grants the bot token these scopes and no others: calls that need another are refused.
func WithScopes(scopes ...string) Option { return func(o *options) { o.scopes = scopes } }

// WithEvents subscribes the app to these events, called as in a manifest, and no others.
func WithEvents(names ...string) Option { return func(o *options) { o.events = names } }

// WithTokens has mentions and links in the text of these commands arrive as tokens, as "should_escape" in a manifest does.
func WithTokens(commands ...string) Option { return func(o *options) { o.spoken = commands } }

// WithRates limits the rate of calls as Slack does. Otherwise nothing is limited.
func WithRates(r Rates) Option { return func(o *options) { o.rates = &r } }

// WithClock shortens Slack's times for a test.
func WithClock(c Clock) Option { return func(o *options) { o.clock = c } }

// Clock is how long things last. What is left out lasts as long as on Slack.
type Clock struct {
	Ack      time.Duration   // until an acknowledgement is late: 3 s. More than 4 s tires local-slack.
	Retries  []time.Duration // from a failed attempt to the next: 0, 1 min, 5 min
	Trigger  time.Duration   // life of a trigger_id: 3 s
	Response time.Duration   // life of a response_url: 30 min
	Leave    time.Duration   // from "disconnect" to the end of the connection: 10 s
}

func (c Clock) orSlacks() Clock {
	or := func(d *time.Duration, slacks time.Duration) {
		if *d == 0 {
			*d = slacks
		}
	}
	or(&c.Ack, 3*time.Second)
	or(&c.Trigger, 3*time.Second)
	or(&c.Response, 30*time.Minute)
	or(&c.Leave, 10*time.Second)
	if c.Retries == nil {
		c.Retries = []time.Duration{0, time.Minute, 5 * time.Minute}
	}
	return c
}

// Start stands before a local-slack, which must be in Socket Mode, and becomes its only socket
// client. The context bounds the start only: Close ends the server.
func Start(ctx context.Context, upstream *localslack.Server, opts ...Option) (*Server, error) {
	s := &Server{up: upstream, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	for _, opt := range opts {
		opt(&s.o)
	}
	s.o.clock = s.o.clock.orSlacks()
	s.hub.to = s.o.to
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", s.o.port))
	if err != nil {
		return nil, err
	}
	s.gate = &gate{Listener: listener, open: map[net.Conn]bool{}}
	s.URL = "http://" + listener.Addr().String()
	s.APIURL = s.URL + "/api/"
	theirs, err := url.Parse(upstream.URL)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	s.rename = strings.NewReplacer(theirs.Host, listener.Addr().String())
	s.backed = strings.NewReplacer(listener.Addr().String(), theirs.Host)
	s.files = &httputil.ReverseProxy{Transport: s.client.Transport, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(theirs) }}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.queue.wake = make(chan struct{}, 1)

	if err := s.join(ctx); err != nil {
		s.cancel()
		return nil, errors.Join(fmt.Errorf("standing before local-slack: %w", err), listener.Close())
	}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	s.spawn(func() { _ = s.http.Serve(s.gate) })
	s.spawn(s.dispatch)
	return s, nil
}

// join connects to local-slack both as an app and as a person who looks on.
func (s *Server) join(ctx context.Context) (err error) {
	if s.feed, err = s.openFeed(ctx); err != nil {
		return err
	}
	if s.socket, err = s.openSocket(ctx); err != nil {
		s.feed.conn.Close()
		return err
	}
	s.spawn(s.feed.read)
	s.spawn(s.socket.read)
	return nil
}

// StartTest starts a server that ends with the test. When the test fails, the last that went over
// both roads is in the test's output.
func StartTest(t testing.TB, upstream *localslack.Server, opts ...Option) *Server {
	t.Helper()
	s, err := Start(t.Context(), upstream, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		if t.Failed() {
			t.Logf("the strict Slack's last steps:\n%s", s.book.last(40))
		}
	})
	return s
}

// Close ends the server, and not the local-slack behind it. It may be called again.
func (s *Server) Close() {
	s.cancel()
	_ = s.http.Close()
	s.gate.shut(true) // also what http no longer knows: the sockets
	s.socket.conn.Close()
	s.feed.conn.Close()
	s.life.end()
	s.client.CloseIdleConnections()
}

// Down cuts both roads until Up: connections break, and new ones too; what happens meanwhile finds
// nobody. People can still write in the local Slack: it is the way to it that is cut.
func (s *Server) Down() { s.gate.shut(true) }

// Up mends what Down cut.
func (s *Server) Up() { s.gate.shut(false) }

// SetHTTP delivers from now on by signed requests to a URL; guichet's may be known only once it
// runs. An empty secret is that of local-slack's configuration, an empty URL means Socket Mode.
func (s *Server) SetHTTP(requestURL, signingSecret string) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	s.hub.to = address{requestURL, signingSecret}
}

// life counts what is running, so that Close can wait for it.
type life struct {
	mu    sync.Mutex
	over  bool
	count sync.WaitGroup
}

// begin says whether something may still begin, which must then call count.Done.
func (l *life) begin() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.over {
		l.count.Add(1)
	}
	return !l.over
}

func (l *life) end() {
	l.mu.Lock()
	l.over = true
	l.mu.Unlock()
	l.count.Wait()
}

// spawn runs something beside, unless the server has ended.
func (s *Server) spawn(f func()) {
	if s.life.begin() {
		go func() {
			defer s.life.count.Done()
			f()
		}()
	}
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.life.begin() {
		return
	}
	defer s.life.count.Done()
	first, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch first {
	case "api":
		s.serveAPI(w, r, rest)
	case "link":
		s.serveSocket(w, r, rest)
	case "response":
		s.serveResponse(w, r, rest)
	case "upload":
		s.files.ServeHTTP(w, r)
	case "files-pri":
		s.serveFile(w, r)
	default:
		http.NotFound(w, r)
	}
}

// signIn is what Slack shows of a file to who has no access, with the status 200.
const signIn = "<!DOCTYPE html><html><head><title>Slack</title></head><body>Sign in to your workspace</body></html>"

func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	if _, err := s.auth.check(s, "files.info", bearer(r)); err != nil || s.missing([]string{"files:read"}) != "" {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(signIn))
		return
	}
	r.Header.Set("Authorization", "Bearer "+s.up.Config.App.BotToken)
	s.files.ServeHTTP(w, r)
}

// gate is a listener whose connections can all be cut, and be refused from then on. It keeps its
// port meanwhile, which another process would else be given.
type gate struct {
	net.Listener
	mu     sync.Mutex
	closed bool
	open   map[net.Conn]bool
}

// Accept implements net.Listener.
func (g *gate) Accept() (net.Conn, error) {
	for {
		c, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		g.mu.Lock()
		closed := g.closed
		if !closed {
			c = &gated{c, g}
			g.open[c] = true
		}
		g.mu.Unlock()
		if !closed {
			return c, nil
		}
		reset(c)
	}
}

func (g *gate) shut(closed bool) {
	g.mu.Lock()
	g.closed = closed
	var cut []net.Conn
	for c := range g.open {
		if closed {
			cut = append(cut, c)
		}
	}
	g.mu.Unlock()
	for _, c := range cut {
		reset(c)
	}
}

func (g *gate) down() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.closed
}

// reset ends a connection as a broken network does, without a goodbye.
func reset(c net.Conn) {
	inner := c
	if g, ok := c.(*gated); ok {
		inner = g.Conn
	}
	if tcp, ok := inner.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}

type gated struct {
	net.Conn
	gate *gate
}

// Close implements net.Conn.
func (c *gated) Close() error {
	c.gate.mu.Lock()
	delete(c.gate.open, c)
	c.gate.mu.Unlock()
	return c.Conn.Close()
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// random is an id that nobody can guess by counting.
func random(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[rand.IntN(len(letters))]
	}
	return string(b)
}

// text reads a string out of an object, whatever else may stand there.
func text(m obj, path ...string) string {
	for _, name := range path[:len(path)-1] {
		m, _ = m[name].(obj)
	}
	s, _ := m[path[len(path)-1]].(string)
	return s
}
