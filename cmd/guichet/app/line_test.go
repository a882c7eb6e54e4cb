package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gorilla/websocket"

	"guichet/internal/localslack"
)

// line is the way between guichet and the local Slack. Over it a test sees what guichet asks for,
// has Slack fail, and has it send again what it believes lost, as the real one does.
type line struct {
	d      *desk
	server *httptest.Server
	proxy  *httputil.ReverseProxy

	mu       sync.Mutex
	calls    map[string]bool // methods of the Web API that guichet has called
	fail     failure
	copies   int // how often Slack sends each envelope
	sent     []envelope
	answered map[string]bool // ids of envelopes that guichet has acknowledged
	guichet  []*end
}

// A failure answers a call in Slack's place, or says that it did not. The call of a response_url
// has the name "response".
type failure func(method string, w http.ResponseWriter) bool

// envelope is what Slack sends over Socket Mode.
type envelope struct {
	ID      string          `json:"envelope_id"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload"`
}

// end is one copy's end of the line; one goroutine may write at a time.
type end struct {
	mu   sync.Mutex
	conn *websocket.Conn
}

func (e *end) write(text []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	_ = e.conn.WriteMessage(websocket.TextMessage, text) // a copy that has gone needs nothing
}

// through starts guichet again, on a line.
func (d *desk) through() *line {
	d.t.Helper()
	slack, err := url.Parse(d.slack.URL)
	if err != nil {
		d.t.Fatal(err)
	}
	l := &line{d: d, calls: map[string]bool{}, copies: 1, answered: map[string]bool{},
		proxy: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(slack) }}}
	l.server = httptest.NewServer(l)
	l.proxy.ModifyResponse = l.here
	d.t.Cleanup(func() {
		d.stop() // first, or it would try to get through
		l.server.Close()
	})
	d.restart(func(s string) string { return strings.ReplaceAll(s, d.slack.URL, l.server.URL) })
	return l
}

// ServeHTTP implements http.Handler.
func (l *line) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/socket/") {
		l.socket(w, r)
		return
	}
	method := strings.TrimPrefix(r.URL.Path, "/api/")
	if strings.HasPrefix(r.URL.Path, "/_hooks/response/") {
		method = "response"
	} else {
		l.mu.Lock()
		l.calls[method] = true
		l.mu.Unlock()
	}
	l.mu.Lock()
	fail := l.fail
	l.mu.Unlock()
	if fail == nil || !fail(method, w) {
		l.proxy.ServeHTTP(w, r)
	}
}

// here puts the line's own address into an answer that names Slack's.
func (l *line) here(r *http.Response) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	_ = r.Body.Close()
	body = l.rename(body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	r.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return nil
}

func (l *line) rename(text []byte) []byte {
	_, slack, _ := strings.Cut(l.d.slack.URL, "//")
	return bytes.ReplaceAll(text, []byte(slack), []byte(l.server.Listener.Addr().String()))
}

// socket carries Socket Mode both ways, until either end hangs up.
func (l *line) socket(w http.ResponseWriter, r *http.Request) {
	slack, _, err := websocket.DefaultDialer.DialContext(r.Context(), "ws"+strings.TrimPrefix(l.d.slack.URL, "http")+r.URL.Path, nil)
	if err != nil {
		http.Error(w, "Slack is not there", http.StatusBadGateway)
		return
	}
	defer slack.Close()
	fromAnywhere := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := fromAnywhere.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	guichet := &end{conn: conn}
	l.mu.Lock()
	l.guichet = append(l.guichet, guichet)
	l.mu.Unlock()
	go func() {
		defer conn.Close()
		for {
			_, text, err := slack.ReadMessage()
			if err != nil {
				return
			}
			l.toGuichet(guichet, l.rename(text))
		}
	}()
	for {
		_, text, err := conn.ReadMessage()
		if err != nil {
			break
		}
		l.toSlack(slack, text)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.guichet = slices.DeleteFunc(l.guichet, func(e *end) bool { return e == guichet })
}

func (l *line) toGuichet(guichet *end, text []byte) {
	guichet.write(text)
	var e envelope
	if json.Unmarshal(text, &e) != nil || e.ID == "" {
		return // a hello
	}
	l.mu.Lock()
	l.sent = append(l.sent, e)
	more := l.copies - 1
	l.mu.Unlock()
	for n := range more {
		guichet.write(e.copy(fmt.Sprintf("%s-%d", e.ID, n)))
	}
}

func (l *line) toSlack(slack *websocket.Conn, text []byte) {
	var ack envelope
	if json.Unmarshal(text, &ack) == nil {
		l.mu.Lock()
		l.answered[ack.ID] = true
		l.mu.Unlock()
	}
	_ = slack.WriteMessage(websocket.TextMessage, text)
}

// copy is the same thing sent again: Slack gives the envelope a new id.
func (e envelope) copy(id string) []byte {
	e.ID = id
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // it came in as JSON
	}
	return text
}

// times has Slack send what it sends meanwhile so many times.
func (l *line) times(n int, do func()) {
	set := func(n int) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.copies = n
	}
	set(n)
	defer set(1)
	do()
}

// again has Slack send once more all that it has sent so far, and waits until guichet has dealt
// with that. Commands are not among it: Slack sends those once.
func (l *line) again() {
	l.d.t.Helper()
	l.mu.Lock()
	sent := slices.DeleteFunc(slices.Clone(l.sent), func(e envelope) bool { return e.Type == "slash_commands" })
	l.mu.Unlock()
	if len(sent) == 0 {
		l.d.t.Fatal("Slack has sent nothing yet")
	}
	l.send(sent)
}

// late has Slack send a message that was written while guichet was not there.
func (l *line) late(m localslack.Message) {
	l.d.t.Helper()
	kind := "group"
	if strings.HasPrefix(m.Channel, "D") {
		kind = "im"
	}
	payload, err := json.Marshal(map[string]any{"type": "event_callback", "team_id": l.d.slack.Config.Workspace.TeamID, "event_id": "Ev" + m.TS,
		"event": map[string]any{"type": "message", "channel_type": kind, "channel": m.Channel, "user": m.User, "text": m.Text, "ts": m.TS, "thread_ts": m.ThreadTS}})
	if err != nil {
		l.d.t.Fatal(err)
	}
	l.send([]envelope{{ID: m.TS, Type: "events_api", Payload: payload}})
}

func (l *line) send(es []envelope) {
	l.d.t.Helper()
	l.mu.Lock()
	guichet := slices.Clone(l.guichet)
	l.mu.Unlock()
	ids := map[string]bool{}
	for i, e := range es {
		id := fmt.Sprintf("%s-again-%d", e.ID, i)
		ids[id] = true
		for _, g := range guichet {
			g.write(e.copy(id))
		}
	}
	l.d.eventually("guichet has dealt with what came again", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		maps.DeleteFunc(ids, func(id string, _ bool) bool { return l.answered[id] })
		return len(ids) == 0
	})
}

// failing has calls fail until the returned function is called.
func (l *line) failing(f failure) (mend func()) {
	set := func(f failure) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.fail = f
	}
	set(f)
	return func() { set(nil) }
}

// cut is the failure of a network: nothing of a method that begins so gets through.
func cut(prefixes ...string) failure {
	return func(method string, w http.ResponseWriter) bool {
		if !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(method, p) }) {
			return false
		}
		if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
			_ = conn.Close()
		}
		return true
	}
}

// refuse is Slack's own answer to a method.
func refuse(method, code string) failure {
	return func(m string, w http.ResponseWriter) bool {
		if m != method {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"ok":false,"error":%q}`, code)
		return true
	}
}
