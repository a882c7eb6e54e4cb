package strictslack

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"guichet/internal/localslack"
)

const (
	alice, nadia, oliver  = localslack.Alice, localslack.Nadia, localslack.Oliver
	botUser               = localslack.Bot
	general, support, emm = localslack.General, localslack.Support, localslack.EMM

	secretPlace  = "G09SECRET"  // private, without the bot
	foreignPlace = "C08FOREIGN" // public, without the bot
)

// quick are Slack's times, far shorter, but long enough for a busy machine.
var quick = Clock{Ack: time.Second, Retries: []time.Duration{0, 20 * time.Millisecond, 50 * time.Millisecond},
	Leave: 100 * time.Millisecond}

func start(t *testing.T, opts ...Option) (*Server, *localslack.Server) {
	t.Helper()
	c := localslack.Demo()
	c.Channels = append(c.Channels,
		localslack.Channel{ID: secretPlace, Name: "secret", Private: true, Members: []string{nadia}},
		localslack.Channel{ID: foreignPlace, Name: "foreign", Members: []string{nadia}})
	up := localslack.StartTest(t, c)
	return StartTest(t, up, append([]Option{WithClock(quick)}, opts...)...), up
}

// do calls a method with the bot's token, as a form as slack-go does.
func do(t *testing.T, s *Server, method string, args obj) obj {
	t.Helper()
	form := url.Values{"token": {s.up.Config.App.BotToken}}
	for name, v := range args {
		if text, ok := v.(string); ok {
			form.Set(name, text)
			continue
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		form.Set(name, string(b))
	}
	r, err := http.PostForm(s.APIURL+method, form)
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return read(t, r)
}

func read(t *testing.T, r *http.Response) (answer obj) {
	t.Helper()
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatalf("%d: %v: %.200s", r.StatusCode, err, text)
	}
	return answer
}

// must calls a method that has to work.
func must(t *testing.T, s *Server, method string, args obj) obj {
	t.Helper()
	answer := do(t, s, method, args)
	if answer["ok"] != true {
		t.Fatalf("%s: %v", method, answer)
	}
	return answer
}

// refused calls a method that has to be refused.
func refused(t *testing.T, s *Server, code, method string, args obj) obj {
	t.Helper()
	answer := do(t, s, method, args)
	if answer["ok"] != false || answer["error"] != code {
		t.Errorf("%s: %v, want %s", method, answer, code)
	}
	return answer
}

// send posts raw JSON, or whatever it is.
func send(t *testing.T, address, kind, token, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// got is an envelope as guichet would get it.
type got struct {
	Type    string
	ID      string `json:"envelope_id"`
	Payload obj
	Attempt int    `json:"retry_attempt"`
	Reason  string `json:"retry_reason"`
	Accepts bool   `json:"accepts_response_payload"`
	Why     string `json:"reason"` // of a disconnect

	header http.Header
	over   *line
}

func (g got) event() obj {
	e, _ := g.Payload["event"].(obj)
	return e
}

// line is a raw Socket Mode client.
type line struct {
	t    *testing.T
	conn *websocket.Conn
	mu   sync.Mutex
	got  chan got
	done chan struct{}
}

// ticket asks where to connect.
func ticket(t *testing.T, s *Server) string {
	t.Helper()
	answer := read(t, send(t, s.APIURL+"apps.connections.open", "application/json", s.up.Config.App.AppToken, ""))
	if answer["ok"] != true {
		t.Fatal(answer)
	}
	return text(answer, "url")
}

// connect opens a connection and takes in the hello.
func connect(t *testing.T, s *Server) *line {
	t.Helper()
	l := dial(t, s)
	if hello := l.next(); hello.Type != "hello" {
		t.Fatalf("the first is %+v", hello)
	}
	return l
}

func dial(t *testing.T, s *Server) *line {
	t.Helper()
	conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), ticket(t, s), http.Header{"Origin": {"https://api.slack.com"}})
	if err != nil {
		t.Fatal(err)
	}
	l := &line{t: t, conn: conn, got: make(chan got, 100), done: make(chan struct{})}
	go func() {
		defer close(l.done)
		for {
			_, text, err := conn.ReadMessage()
			if err != nil {
				return
			}
			var g got
			if err := json.NewDecoder(bytes.NewReader(text)).Decode(&g); err != nil {
				t.Errorf("%v: %s", err, text)
			}
			g.over = l
			l.got <- g
		}
	}()
	t.Cleanup(l.close)
	return l
}

func (l *line) close() {
	l.conn.Close()
	<-l.done
}

// patience is far above what anything here takes.
const patience = 5 * time.Second

func (l *line) next() got {
	l.t.Helper()
	return next(l.t, l.got)
}

func next(t *testing.T, from <-chan got) got {
	t.Helper()
	select {
	case g := <-from:
		return g
	case <-time.After(patience):
		t.Fatal("nothing comes")
		return got{}
	}
}

// ack acknowledges, with a payload if one is given.
func (g got) ack(payload ...any) {
	g.over.t.Helper()
	m := obj{"envelope_id": g.ID}
	if len(payload) > 0 {
		m["payload"] = payload[0]
	}
	g.over.mu.Lock()
	defer g.over.mu.Unlock()
	if err := g.over.conn.WriteJSON(m); err != nil {
		g.over.t.Error(err)
	}
}

// heard takes in and acknowledges one event.
func (l *line) heard() obj {
	l.t.Helper()
	g := l.next()
	if g.Type != "events_api" || g.Accepts {
		l.t.Fatalf("no event, but %+v", g)
	}
	g.ack()
	return g.event()
}

// silent checks that nothing more has come, once all events have been dealt with.
func (l *line) silent(s *Server) {
	l.t.Helper()
	if err := s.Settle(l.t.Context()); err != nil {
		l.t.Error(err)
	}
	select {
	case g := <-l.got:
		l.t.Errorf("there is more: %+v", g)
	default:
	}
}

// beside runs what waits for an answer. The result waits for its end.
func beside(t *testing.T, f func() error) (wait func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := f(); err != nil {
			t.Error(err)
		}
	}()
	return func() { <-done }
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	localslack.Eventually(t, what, ok)
}

func plain(text string) obj { return obj{"type": "plain_text", "text": text} }

func section(text string) obj { return obj{"type": "section", "text": plain(text)} }

func modal(title string, blocks ...any) obj {
	return obj{"type": "modal", "title": plain(title), "submit": plain("Send"), "close": plain("Cancel"),
		"callback_id": strings.ToLower(title), "blocks": blocks}
}

func input(id string, element obj) obj {
	element["action_id"] = "value"
	return obj{"type": "input", "block_id": id, "label": plain(id), "element": element, "optional": true}
}
