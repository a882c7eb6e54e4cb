package strictslack

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
)

// What is not acknowledged comes again, thrice, with the same event and a new envelope.
func TestEventsComeAgain(t *testing.T) {
	t.Parallel()
	s, up := start(t)
	l := connect(t, s)
	post := func(text string) {
		t.Helper()
		if _, err := up.PostMessage(t.Context(), nadia, support, text, ""); err != nil {
			t.Fatal(err)
		}
	}
	post("never acked")
	var ids []any
	envelopes := map[string]bool{}
	for attempt := range 4 {
		g := l.next()
		reason := map[bool]string{true: "timeout"}[attempt > 0]
		if g.Attempt != attempt || g.Reason != reason || g.Accepts {
			t.Errorf("attempt %d is %+v", attempt, g)
		}
		ids = append(ids, g.Payload["event_id"])
		envelopes[g.ID] = true
		if attempt == 3 {
			defer g.ack() // far too late
		}
	}
	if len(slices.Compact(slices.Clone(ids))) != 1 || len(envelopes) != 4 {
		t.Errorf("event ids %v, envelopes %v", ids, envelopes)
	}
	l.silent(s)
	if given := s.Unacked(); len(given) != 1 || given[0].EventID != ids[0] || given[0].Verdict != "timeout" || given[0].Attempt != 3 {
		t.Errorf("given up: %+v", given)
	}

	post("acked at the second attempt")
	late := l.next()
	l.next().ack()
	l.silent(s)
	late.ack()
	eventually(t, "the late acknowledgement is noted", func() bool {
		return slices.ContainsFunc(s.Deliveries(), func(d Delivery) bool { return d.EnvelopeID == late.ID && d.Late && d.Verdict == "timeout" })
	})

	s.LoseAcks(1)
	post("the acknowledgement gets lost")
	l.next().ack()
	l.next().ack()
	l.silent(s)

	s.SetCopies(3)
	post("three times")
	s.SetCopies(1)
	var same []any
	for range 3 {
		g := l.next()
		g.ack()
		same = append(same, g.Payload["event_id"])
	}
	if len(slices.Compact(same)) != 1 {
		t.Errorf("copies have the ids %v", same)
	}
	l.silent(s)

	wait := beside(t, func() error { return s.Replay(t.Context(), 2) })
	for _, want := range []string{"the acknowledgement gets lost", "three times"} {
		g := l.next()
		g.ack()
		if g.event()["text"] != want || g.Attempt != 1 || g.Reason != "timeout" {
			t.Errorf("again comes %+v, want %s", g, want)
		}
	}
	wait()
	if n := len(s.Unacked()); n != 1 {
		t.Errorf("%d are given up", n)
	}
}

// Each envelope goes to one connection. One that breaks off is not waited for; one that is told to
// leave gets nothing more.
func TestConnections(t *testing.T) {
	t.Parallel()
	s, up := start(t)
	post := func() {
		t.Helper()
		if _, err := up.PostMessage(t.Context(), nadia, support, "t", ""); err != nil {
			t.Fatal(err)
		}
	}
	var lines []*line
	for range maxSockets {
		lines = append(lines, connect(t, s))
	}
	tooMany := dial(t, s)
	if g := tooMany.next(); g.Type != "disconnect" || g.Why != "too_many_websockets" {
		t.Errorf("the eleventh connection gets %+v", g)
	}
	<-tooMany.done
	for range 2 * maxSockets {
		post()
	}
	for i, l := range lines {
		l.heard()
		l.heard()
		if len(l.got) > 0 {
			t.Errorf("connection %d gets too much", i)
		}
	}
	for _, l := range lines[1:] {
		l.close()
	}
	eventually(t, "the closed connections are forgotten", func() bool { return s.Sockets() == 1 })

	// The rest of what is sent over a connection that breaks off goes to another one.
	other := connect(t, s)
	post()
	post()
	mine, theirs := lines[0].next(), other.next()
	mine.ack()
	_ = theirs // never acked
	other.close()
	again := lines[0].next()
	again.ack()
	if again.Attempt != 1 || again.Payload["event_id"] != theirs.Payload["event_id"] {
		t.Errorf("then comes %+v", again)
	}

	// An acknowledgement counts only where the envelope came.
	other = connect(t, s)
	post()
	first := [](<-chan got){lines[0].got, other.got}
	var g got
	select {
	case g = <-first[0]:
		other.mu.Lock()
		_ = other.conn.WriteJSON(obj{"envelope_id": g.ID})
		other.mu.Unlock()
	case g = <-first[1]:
		lines[0].mu.Lock()
		_ = lines[0].conn.WriteJSON(obj{"envelope_id": g.ID})
		lines[0].mu.Unlock()
	}
	select {
	case g = <-first[0]:
	case g = <-first[1]:
	}
	if g.Attempt != 1 {
		t.Errorf("an acknowledgement elsewhere counts")
	}
	g.ack()
	other.close()
	eventually(t, "one connection is left", func() bool { return s.Sockets() == 1 })

	s.Disconnect("refresh_requested")
	if g := lines[0].next(); g.Type != "disconnect" || g.Why != "refresh_requested" {
		t.Errorf("the disconnect is %+v", g)
	}
	fresh := connect(t, s)
	post()
	fresh.heard()
	<-lines[0].done

	// The address of a connection is good for one.
	address := ticket(t, s)
	for i := range 2 {
		conn, r, err := websocket.DefaultDialer.DialContext(t.Context(), address, nil)
		if i == 1 && (err == nil || r.StatusCode != http.StatusNotFound) {
			t.Errorf("an address serves twice: %v", err)
		}
		if err == nil {
			conn.Close()
		}
	}
}

// receiver takes signed requests as guichet would.
type receiver struct {
	*httptest.Server
	got    chan got
	answer func(g got, w http.ResponseWriter)
}

func newReceiver(t *testing.T, secret string) *receiver {
	t.Helper()
	r := &receiver{got: make(chan got, 100), answer: func(got, http.ResponseWriter) {}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		v, err := slack.NewSecretsVerifier(q.Header, secret)
		if err == nil {
			_, _ = v.Write(body)
			err = v.Ensure()
		}
		if err != nil {
			t.Errorf("signature: %v", err)
		}
		g := got{header: q.Header}
		text := string(body)
		if !strings.HasPrefix(q.Header.Get("Content-Type"), "application/json") {
			values, err := url.ParseQuery(text)
			if err != nil {
				t.Error(err)
			}
			if text = values.Get("payload"); text == "" {
				m := obj{}
				for name, v := range values {
					m[name] = v[0]
				}
				b, _ := json.Marshal(m)
				text = string(b)
			}
		}
		if err := json.Unmarshal([]byte(text), &g.Payload); err != nil {
			t.Errorf("%v: %s", err, text)
		}
		r.answer(g, w)
		r.got <- g
	}))
	t.Cleanup(r.Close)
	return r
}

func TestSignedRequests(t *testing.T) {
	t.Parallel()
	const secret = "a-secret-of-the-test"
	r := newReceiver(t, secret)
	s, up := start(t, WithHTTP(r.URL, secret))
	post := func(text string) {
		t.Helper()
		if _, err := up.PostMessage(t.Context(), nadia, support, text, ""); err != nil {
			t.Fatal(err)
		}
	}
	r.answer = func(g got, w http.ResponseWriter) { fmt.Fprint(w, g.Payload["challenge"]) }
	if err := s.VerifyURL(t.Context()); err != nil {
		t.Error(err)
	}
	if g := next(t, r.got); g.Payload["type"] != "url_verification" {
		t.Errorf("the verification is %v", g.Payload)
	}
	r.answer = func(got, http.ResponseWriter) {}
	if err := s.VerifyURL(t.Context()); err == nil {
		t.Error("no challenge is taken for one")
	}
	next(t, r.got)

	post("hello")
	if g := next(t, r.got); g.event()["text"] != "hello" || g.header.Get("X-Slack-Retry-Num") != "" || g.header.Get("Content-Type") != "application/json" {
		t.Errorf("the event is %+v", g)
	}

	r.answer = func(_ got, w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) }
	post("refused")
	for attempt := range 4 {
		g := next(t, r.got)
		num, reason := g.header.Get("X-Slack-Retry-Num"), g.header.Get("X-Slack-Retry-Reason")
		want := strconv.Itoa(attempt)
		if attempt == 0 {
			want = ""
		}
		if num != want || attempt > 0 && reason != "http_error" {
			t.Errorf("attempt %d: %q %q", attempt, num, reason)
		}
	}
	r.answer = func(_ got, w http.ResponseWriter) {
		w.Header().Set("X-Slack-No-Retry", "1")
		w.WriteHeader(http.StatusInternalServerError)
	}
	post("refused for good")
	next(t, r.got)
	if err := s.Settle(t.Context()); err != nil {
		t.Error(err)
	}
	if n := len(r.got); n > 0 {
		t.Errorf("what is refused for good comes %d times more", n)
	}
	late := make(chan struct{})
	r.answer = func(g got, _ http.ResponseWriter) {
		if g.header.Get("X-Slack-Retry-Num") == "" {
			<-late
		}
	}
	post("too slow")
	g := next(t, r.got)
	close(late)
	if g.header.Get("X-Slack-Retry-Reason") != "http_timeout" {
		t.Errorf("after a timeout comes %v", g.header)
	}
	next(t, r.got) // the slow one, at last
	r.answer = func(got, http.ResponseWriter) {}

	if err := s.Settle(t.Context()); err != nil {
		t.Error(err)
	}
	s.LoseAcks(1)
	post("lost")
	if a, b := next(t, r.got), next(t, r.got); a.Payload["event_id"] != b.Payload["event_id"] || b.header.Get("X-Slack-Retry-Num") != "1" {
		t.Errorf("after a lost answer comes %v", b.header)
	}

	// Commands and interactions are forms.
	if err := up.Command(t.Context(), alice, general, "/ticket", "a & b"); err != nil {
		t.Fatal(err)
	}
	if g := next(t, r.got); g.Payload["command"] != "/ticket" || g.Payload["text"] != "a &amp; b" || g.header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		t.Errorf("the command is %+v", g)
	}
	if err := s.Shortcut(t.Context(), alice, "ask"); err != nil {
		t.Error(err)
	}
	if g := next(t, r.got); g.Payload["type"] != "shortcut" || g.Payload["callback_id"] != "ask" {
		t.Errorf("the shortcut is %+v", g)
	}
	r.answer = func(_ got, w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) }
	if err := s.Shortcut(t.Context(), alice, "ask"); err == nil || !strings.Contains(err.Error(), "http 503") {
		t.Errorf("a refused shortcut: %v", err)
	}

	// Messages of one channel keep their order, as far as they are answered in time.
	var heard []string
	r.answer = func(g got, _ http.ResponseWriter) {}
	next(t, r.got)
	for i := range 20 {
		post(fmt.Sprint(i))
	}
	for range 20 {
		heard = append(heard, fmt.Sprint(next(t, r.got).event()["text"]))
	}
	if !slices.IsSortedFunc(heard, func(a, b string) int { x, _ := strconv.Atoi(a); y, _ := strconv.Atoi(b); return x - y }) {
		t.Errorf("the order is %v", heard)
	}

	r.Close()
	post("nobody is there")
	eventually(t, "it is given up", func() bool {
		all := s.Unacked()
		return all[len(all)-1].Verdict == "no connection" && all[len(all)-1].Reason == "connection_failed"
	})
}

// Subscriptions decide what comes at all.
func TestSubscriptions(t *testing.T) {
	t.Parallel()
	s, up := start(t, WithEvents("message.groups", "message.im"))
	l := connect(t, s)
	for _, channel := range []string{general, support, alice} {
		who := map[string]string{general: nadia, support: nadia, alice: alice}[channel]
		if _, err := up.PostMessage(t.Context(), who, channel, "hello <@"+botUser+">", ""); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := l.heard(), l.heard(); a["channel_type"] != "group" || b["channel_type"] != "im" {
		t.Errorf("heard %v and %v", a, b)
	}
	if id := s.Event(obj{"type": "app_uninstalled"}); id != "" {
		t.Error("an event without a subscription comes")
	}
	l.silent(s)
}
