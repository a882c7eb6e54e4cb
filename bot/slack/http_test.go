package slack

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"guichet/bot"
	"guichet/helpdesk"
	"guichet/store"
	"guichet/store/storetest"
)

const signing = "signing-s3cret"

// caller is Slack, which calls a door in HTTP mode.
type caller struct {
	t    testing.TB
	api  *server // what the door calls in turn
	door *Door
	db   *store.DB
	desk *helpdesk.Desk
	at   time.Time // when requests are said to be sent; zero: now
	key  string
}

func newCaller(t testing.TB) *caller {
	t.Helper()
	api, _ := serve(t, answers{
		"auth.test":        `{"ok": true, "team_id": "T01ACME", "user_id": "U00GUICHET"}`,
		"users.info":       `{"ok": true, "user": {"id": "U01ALICE", "team_id": "T01ACME", "real_name": "Alice Martin", "locale": "en-US"}}`,
		"views.open":       `{"ok": true, "view": {"id": "V1"}}`,
		"chat.postMessage": `{"ok": true, "channel": "D01", "ts": "9.1"}`,
	})
	catalog := catalogIn("en")
	db := storetest.Open(t, storetest.SQLite(t))
	c := &caller{t: t, api: api, key: signing, db: db, desk: helpdesk.NewDesk(db, catalog)}
	b := bot.New(c.desk, nil, nil, quiet)
	c.door = New(Options{Team: team, BotToken: secret, SigningSecret: signing, APIURL: api.URL + "/api/", Log: quiet}, b)
	b.Attach(c.door)
	return c
}

// call sends a body as Slack does, signed.
func (c *caller) call(contentType, body string, change func(*http.Request)) *httptest.ResponseRecorder {
	c.t.Helper()
	at := c.at
	if at.IsZero() {
		at = time.Now()
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(c.key))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	r := httptest.NewRequest(http.MethodPost, "/slack/acme", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	c.door.ServeHTTP(w, r)
	return w
}

func (c *caller) json(body string) *httptest.ResponseRecorder {
	c.t.Helper()
	return c.call("application/json", body, nil)
}

func (c *caller) form(values url.Values) *httptest.ResponseRecorder {
	c.t.Helper()
	return c.call("application/x-www-form-urlencoded", values.Encode(), nil)
}

// alices are the tickets that there are.
func (c *caller) alices() []store.Ticket {
	c.t.Helper()
	p, err := c.desk.Known(c.t.Context(), store.Account{Workspace: workspace, ID: "U01ALICE"})
	if err != nil {
		return nil
	}
	l, err := c.desk.List(c.t.Context(), helpdesk.Actor{Person: p.ID})
	if err != nil {
		c.t.Fatal(err)
	}
	return l.Mine
}

// Nothing is parsed whose signature is not right, and nothing that was sent more than five minutes
// ago or from now.
func TestOnlyWhatSlackSignedComesIn(t *testing.T) {
	const verification = `{"type": "url_verification", "challenge": "abc"}`
	for _, tt := range []struct {
		name   string
		at     time.Duration
		key    string
		body   string
		change func(*http.Request)
		want   int
	}{
		{"signed", 0, signing, verification, nil, 200},
		{"nearly five minutes old", -5*time.Minute + 5*time.Second, signing, verification, nil, 200},
		{"too old", -5*time.Minute - 2*time.Second, signing, verification, nil, 401},
		{"from the future", 5*time.Minute + 2*time.Second, signing, verification, nil, 401},
		{"by another secret", 0, "other", verification, nil, 401},
		{"without a signature", 0, signing, verification, func(r *http.Request) { r.Header.Del("X-Slack-Signature") }, 401},
		{"without a date", 0, signing, verification, func(r *http.Request) { r.Header.Del("X-Slack-Request-Timestamp") }, 401},
		{"with another body", 0, signing, verification, func(r *http.Request) {
			r.Body = io.NopCloser(strings.NewReader(strings.Replace(verification, "abc", "abd", 1)))
		}, 401},
		{"with half a signature", 0, signing, verification, func(r *http.Request) {
			r.Header.Set("X-Slack-Signature", r.Header.Get("X-Slack-Signature")[:20])
		}, 401},
		{"empty and unsigned", 0, "", "", nil, 401},
		{"too large", 0, signing, strings.Repeat(" ", maxBody+1), nil, 413},
		{"not JSON", 0, signing, "{", nil, 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCaller(t)
			c.at, c.key = time.Now().Add(tt.at), tt.key
			w := c.call("application/json", tt.body, tt.change)
			if w.Code != tt.want {
				t.Errorf("status %d, want %d", w.Code, tt.want)
			}
			if said := w.Body.String() == "abc"; said != (tt.want == 200) {
				t.Errorf("answered %q", w.Body)
			}
		})
	}
}

func TestACommandOpensItsForm(t *testing.T) {
	c := newCaller(t)
	w := c.form(url.Values{"team_id": {team}, "user_id": {"U01ALICE"}, "channel_id": {"C01GENERAL"}, "command": {"/ticket"},
		"text": {"office"}, "trigger_id": {"1.2.3"}})
	if w.Code != 200 || w.Body.Len() > 0 {
		t.Errorf("status %d, body %q", w.Code, w.Body)
	}
	if n := len(c.api.called("views.open")); n != 1 {
		t.Errorf("views.open was called %d times", n)
	}
}

// submission is a form for a new ticket, filled in.
func (c *caller) submission(subject string) url.Values {
	c.t.Helper()
	c.form(url.Values{"team_id": {team}, "user_id": {"U01ALICE"}, "command": {"/ticket"}, "text": {"office"}, "trigger_id": {"1.2.3"}})
	p, err := c.desk.Known(c.t.Context(), store.Account{Workspace: workspace, ID: "U01ALICE"})
	if err != nil {
		c.t.Fatal(err)
	}
	draft := fmt.Sprintf("nonce-%d", time.Now().UnixNano())
	if err := c.desk.SaveDraft(c.t.Context(), helpdesk.Actor{Person: p.ID}, draft, map[string]string{"service": "office", "kind": "information"}); err != nil {
		c.t.Fatal(err)
	}
	hidden := fmt.Sprintf(`{"n": %q, "p": %d, "s": "describe"}`, draft, p.ID)
	payload := map[string]any{"type": "view_submission", "team": map[string]any{"id": team}, "user": map[string]any{"id": "U01ALICE", "team_id": team},
		"view": map[string]any{"callback_id": "ticket.new", "private_metadata": hidden,
			"blocks": []any{map[string]any{"type": "input", "block_id": "subject"}, map[string]any{"type": "input", "block_id": "description"}},
			"state": map[string]any{"values": map[string]any{
				"subject":     map[string]any{"subject": map[string]any{"type": "plain_text_input", "value": subject}},
				"description": map[string]any{"description": map[string]any{"type": "plain_text_input", "value": "How?"}},
			}}}}
	b, err := json.Marshal(payload)
	if err != nil {
		c.t.Fatal(err)
	}
	return url.Values{"payload": {string(b)}}
}

func TestAFormIsAnsweredOnceItIsDurable(t *testing.T) {
	c := newCaller(t)
	for range 2 { // the second is Slack's or a proxy's retry
		s := c.submission("A question")
		for range 2 {
			if w := c.form(s); w.Code != 200 || w.Body.Len() > 0 {
				t.Errorf("status %d, body %q", w.Code, w.Body)
			}
		}
	}
	if ts := c.alices(); len(ts) != 2 {
		t.Errorf("two forms, each sent twice, opened %d tickets", len(ts))
	}
	w := c.form(c.submission(" "))
	var answer struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || answer.Action != "errors" || answer.Errors["subject"] == "" ||
		w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("an empty subject is answered by %q (%v)", w.Body, err)
	}
}

// An event is answered with success when it is kept, and again when it comes again.
func TestAnEventThatComesAgainChangesNothing(t *testing.T) {
	c := newCaller(t)
	event := `{"type": "event_callback", "team_id": "T01ACME", "event_id": "Ev1", "event": {"type": "message", "channel_type": "im",
		"channel": "D01", "user": "U01ALICE", "ts": "1.1", "text": "hello?"}}`
	for range 3 {
		if w := c.json(event); w.Code != 200 {
			t.Errorf("status %d", w.Code)
		}
	}
	if n := len(c.api.called("chat.postMessage")); n != 1 {
		t.Errorf("answered %d times", n)
	}
	for _, other := range []string{
		`{"type": "app_rate_limited", "team_id": "T01ACME"}`,
		`{"type": "event_callback", "team_id": "T01ACME", "event": {"type": "pin_added"}}`,
		`{"type": "event_callback", "team_id": "T02OTHER", "event_id": "Ev2", "event": {"type": "message", "user": "U9", "channel": "D9", "ts": "2.1"}}`,
	} {
		if w := c.json(other); w.Code != 200 {
			t.Errorf("%s: status %d: it would come again and again", other, w.Code)
		}
	}
}

// What can't be kept is not acknowledged, so that Slack sends it again; a person is told.
func TestWhatIsNotSavedIsSaidSo(t *testing.T) {
	c := newCaller(t)
	s := c.submission("Lost?")
	event := `{"type": "event_callback", "team_id": "T01ACME", "event_id": "Ev1", "event": {"type": "message", "channel_type": "im",
		"channel": "D01", "user": "U01ALICE", "ts": "1.1", "text": "hello?"}}`
	if err := c.db.Close(); err != nil {
		t.Fatal(err)
	}
	if w := c.json(event); w.Code != 503 {
		t.Errorf("an event is answered with %d", w.Code)
	}
	if w := c.form(s); w.Code != 200 || !strings.Contains(w.Body.String(), "may not have been saved") {
		t.Errorf("a form is answered with %d %q", w.Code, w.Body)
	}
}
