package slack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guichet/bot"
	"guichet/bot/card"
	"guichet/internal/slackrules"
)

const secret = "xoxb-s3cret"

// server answers calls of the Web API as a test says, and remembers them.
type server struct {
	*httptest.Server
	log bytes.Buffer

	mu    sync.Mutex
	calls []call
}

type call struct {
	Method string
	Form   url.Values
}

// answers says what each method answers: JSON, or for what is not so simple a handler.
type answers map[string]any

func serve(t testing.TB, as answers) (*server, *Door) {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method := strings.TrimPrefix(r.URL.Path, "/api/")
		_ = r.ParseForm()
		s.mu.Lock()
		s.calls = append(s.calls, call{method, r.Form})
		s.mu.Unlock()
		switch a := as[method].(type) {
		case string:
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, a)
		case func(http.ResponseWriter, *http.Request):
			a(w, r)
		default:
			fmt.Fprint(w, `{"ok": false, "error": "unknown_method"}`)
		}
	}))
	t.Cleanup(s.Close)
	d := New(Options{Team: team, BotToken: secret, AppToken: "xapp-s3cret", APIURL: s.URL + "/api/",
		Log: slog.New(slog.NewTextHandler(&s.log, nil))}, nil)
	return s, d
}

// called are the calls of one method.
func (s *server) called(method string) (forms []url.Values) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		if c.Method == method {
			forms = append(forms, c.Form)
		}
	}
	return forms
}

// sent is the message in a call's arguments, as Slack reads it.
func sent(t *testing.T, form url.Values) map[string]any {
	t.Helper()
	var blocks []any
	if err := json.Unmarshal([]byte(form.Get("blocks")), &blocks); err != nil {
		t.Fatal(err)
	}
	return map[string]any{"text": form.Get("text"), "blocks": blocks}
}

var someCard = card.Card{Title: "Alice <wrote>", Body: strings.Repeat("<!channel> é\n", 500), Buttons: []card.Button{{ID: "take", Value: "7/desk", Text: "Take"}}}

func TestPost(t *testing.T) {
	s, d := serve(t, answers{"chat.postMessage": `{"ok": true, "channel": "G02", "ts": "1.5"}`})
	id, err := d.Post(t.Context(), "G02", "1.1", someCard, 42)
	if err != nil || id != "1.5" {
		t.Fatalf("posted %q, %v", id, err)
	}
	if _, err := d.Post(t.Context(), "G02", "", someCard, 43); err != nil {
		t.Fatal(err)
	}
	forms := s.called("chat.postMessage")
	for name, want := range map[string]string{"channel": "G02", "thread_ts": "1.1", "unfurl_links": "false", "unfurl_media": "false",
		"metadata": `{"event_type":"guichet_delivery","event_payload":{"id":"42"}}`} {
		if got := forms[0].Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if forms[1].Has("thread_ts") {
		t.Error("a message for the channel is in a thread")
	}
	if diff := cmp.Diff(messageOf(t, someCard), sent(t, forms[0])); diff != "" {
		t.Errorf("-rendered +sent:\n%s", diff)
	}
}

// An update takes less text than a post, so what notifications and screen readers get is cut.
func TestUpdate(t *testing.T) {
	s, d := serve(t, answers{"chat.update": `{"ok": true, "channel": "G02", "ts": "1.5"}`})
	if err := d.Update(t.Context(), "G02", "1.5", someCard, 42); err != nil {
		t.Fatal(err)
	}
	form := s.called("chat.update")[0]
	if form.Get("channel") != "G02" || form.Get("ts") != "1.5" || len(form["text"]) != 1 {
		t.Errorf("sent %v", form)
	}
	for _, err := range slackrules.Update(sent(t, form)) {
		t.Error(err)
	}
}

// Whatever goes wrong comes out as one of the few kinds that the relay tells apart, or as a plain
// error to try again after; and never with a key in its text.
func TestOutcomes(t *testing.T) {
	refusing := func(code string) string {
		return `{"ok": false, "error": "` + code + `", "response_metadata": {"messages": ["[ERROR] must be shorter [json-pointer:/blocks/0]"]}}`
	}
	status := func(code int, header, value, body string) any {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(header, value)
			w.WriteHeader(code)
			fmt.Fprint(w, body)
		}
	}
	isBusy := func(wait time.Duration) func(error) bool {
		return func(err error) bool {
			busy := (*bot.Busy)(nil)
			return errors.As(err, &busy) && busy.For == wait
		}
	}
	is := func(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }
	isPlain := func(err error) bool {
		return !isBusy(0)(err) && !errors.Is(err, bot.ErrGone) && !errors.Is(err, bot.ErrBadCard) && !Hopeless(err)
	}
	for _, c := range []struct {
		name     string
		answer   any
		expected func(error) bool
		reason   string
	}{
		{"a rate limit", status(429, "Retry-After", "7", `{"ok": false, "error": "ratelimited"}`), isBusy(7 * time.Second), "rate_limited"},
		{"a rate limit with status 200", refusing("ratelimited"), isBusy(time.Second), "rate_limited"},
		{"a message that is gone", refusing("message_not_found"), is(bot.ErrGone), "message_not_found"},
		{"a thread that is gone", refusing("thread_not_found"), is(bot.ErrGone), "thread_not_found"},
		{"bad blocks", refusing("invalid_blocks"), is(bot.ErrBadCard), "invalid_blocks"},
		{"too many blocks", refusing("msg_blocks_too_long"), is(bot.ErrBadCard), "msg_blocks_too_long"},
		{"too much text", refusing("msg_too_long"), is(bot.ErrBadCard), "msg_too_long"},
		{"a revoked token", refusing("token_revoked"), Hopeless, "token_revoked"},
		{"a missing scope", refusing("missing_scope"), Hopeless, "missing_scope"},
		{"a channel that it is not in", refusing("not_in_channel"), isPlain, "not_in_channel"},
		{"an odd code", refusing("Oops: 1"), isPlain, "other"},
		{"Slack's own trouble", refusing("internal_error"), isPlain, "internal_error"},
		{"a page for people", status(200, "Content-Type", "text/html", "<!DOCTYPE html><html>sign in</html>"), isPlain, "no_json"},
		{"nothing", status(200, "Content-Type", "application/json", ""), isPlain, "unreachable"},
		{"a server's error", status(500, "Content-Type", "text/html", "<h1>oops</h1>"), isPlain, "http_500"},
		{"an odd rate limit", status(429, "Retry-After", "soon", ""), isPlain, "other"},
		{"an answer that is cut off", status(200, "Content-Length", "500", `{"ok": tr`), isPlain, "unreachable"},
		{"silence", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, isPlain, "timeout"},
		{"a broken line", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, isPlain, "unreachable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, d := serve(t, answers{"chat.postMessage": c.answer, "chat.update": c.answer, "conversations.open": c.answer,
				"users.info": c.answer, "conversations.info": c.answer, "auth.test": c.answer})
			if c.name == "silence" {
				d.http.Timeout = 100 * time.Millisecond
			}
			_, posting := d.Post(t.Context(), "G02", "", someCard, 42)
			_, opening := d.DirectChannel(t.Context(), "U01ALICE")
			_, looking := d.Profile(t.Context(), "U01ALICE")
			_, listing := d.Members(t.Context(), "G02")
			_, asking := d.Self(t.Context())
			for name, err := range map[string]error{"chat.postMessage": posting, "chat.update": d.Update(t.Context(), "G02", "1.1", someCard, 42),
				"conversations.open": opening, "users.info": looking, "conversations.info": listing, "auth.test": asking} {
				if err == nil || !c.expected(err) {
					t.Errorf("%s: %v", name, err)
				} else if strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "channel>") || !strings.Contains(err.Error(), name) {
					t.Errorf("%s: the error is %q", name, err)
				} else if got := bot.Reason(err); got != c.reason {
					t.Errorf("%s: the reason of %v is %s, want %s", name, err, got, c.reason)
				}
			}
		})
	}
}

func TestMembers(t *testing.T) {
	page := func(w http.ResponseWriter, r *http.Request) {
		switch cursor := r.FormValue("cursor"); cursor {
		case "":
			fmt.Fprint(w, `{"ok": true, "members": ["U1", "U00GUICHET"], "response_metadata": {"next_cursor": "more"}}`)
		case "more":
			fmt.Fprint(w, `{"ok": true, "members": ["U2"], "response_metadata": {"next_cursor": "last="}}`)
		case "last=":
			fmt.Fprint(w, `{"ok": true, "members": ["U3"], "response_metadata": {"next_cursor": ""}}`)
		default:
			t.Errorf("cursor %q", cursor)
		}
	}
	s, d := serve(t, answers{"conversations.members": page, "auth.test": `{"ok": true, "team_id": "T01ACME", "user_id": "U00GUICHET"}`,
		"conversations.info": `{"ok": true, "channel": {"id": "G02", "is_private": true}}`})
	members, err := d.Members(t.Context(), "G02")
	if err != nil || !slices.Equal(members, []string{"U1", "U2", "U3"}) {
		t.Errorf("members %v, %v", members, err)
	}
	if _, err := d.Members(t.Context(), "G02"); err != nil {
		t.Error(err)
	}
	if n := len(s.called("auth.test")); n != 1 {
		t.Errorf("asked %d times who we are", n)
	}

	s, d = serve(t, answers{"conversations.members": page, "conversations.info": `{"ok": true, "channel": {"id": "C01", "is_private": false}}`})
	if members, err := d.Members(t.Context(), "C01"); !errors.Is(err, bot.ErrPublic) || members != nil {
		t.Errorf("a public channel has the members %v, %v", members, err)
	}
	if len(s.called("conversations.members")) > 0 {
		t.Error("the members of a public channel were looked up")
	}
}

func TestSelf(t *testing.T) {
	_, d := serve(t, answers{"auth.test": `{"ok": true, "team_id": "T02OTHER", "user_id": "U00GUICHET"}`})
	if _, err := d.Self(t.Context()); !Hopeless(err) {
		t.Errorf("a token of another workspace: %v", err)
	}
}

func TestProfile(t *testing.T) {
	for user, want := range map[string]bot.Profile{
		`{"team_id": "T01ACME", "real_name": "Alice Martin", "name": "alice", "locale": "fr-FR"}`:                 {Name: "Alice Martin", Language: "fr"},
		`{"team_id": "T01ACME", "name": "alice", "profile": {"display_name": "Ali"}}`:                             {Name: "Ali"},
		`{"name": "alice", "profile": {"display_name": ""}, "locale": "en-US"}`:                                   {Name: "alice", Language: "en"},
		`{"team_id": "T02OTHER", "real_name": "A Stranger", "profile": {"display_name": "s"}, "locale": "de-DE"}`: {Name: "A Stranger", Language: "de", Foreign: true},
	} {
		_, d := serve(t, answers{"users.info": `{"ok": true, "user": ` + user + `}`})
		p, err := d.Profile(t.Context(), "U01ALICE")
		if diff := cmp.Diff(want, p); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", user, err, diff)
		}
	}
}

func TestDirectChannelIsOpenedOnce(t *testing.T) {
	s, d := serve(t, answers{"conversations.open": `{"ok": true, "channel": {"id": "D01"}}`})
	for range 2 {
		if c, err := d.DirectChannel(t.Context(), "U01ALICE"); err != nil || c != "D01" {
			t.Errorf("channel %q, %v", c, err)
		}
	}
	if forms := s.called("conversations.open"); len(forms) != 1 || forms[0].Get("users") != "U01ALICE" {
		t.Errorf("opened by %v", forms)
	}
}

func TestInspect(t *testing.T) {
	auth := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-OAuth-Scopes", "chat:write, commands,im:write")
		w.Header().Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
		fmt.Fprint(w, `{"ok": true, "team": "Acme", "team_id": "T01ACME", "user": "guichet", "user_id": "U00GUICHET"}`)
	}
	_, d := serve(t, answers{"auth.test": auth, "apps.connections.open": `{"ok": false, "error": "not_allowed_token_type"}`})
	r, err := d.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r.Bot != "guichet in Acme" || r.AppTokenError == nil || r.Skew.Round(time.Minute) != time.Hour {
		t.Errorf("report %+v", r)
	}
	want := slices.DeleteFunc(Scopes(), func(s string) bool { return s == "chat:write" || s == "commands" || s == "im:write" })
	if diff := cmp.Diff(want, r.MissingScopes()); diff != "" {
		t.Errorf("missing scopes (-want +got):\n%s", diff)
	}
}

// A conversation that is out of reach is passed over; a door that is shut is not, or all that was missed
// behind it would be lost.
func TestMissed(t *testing.T) {
	for code, gone := range map[string]bool{"channel_not_found": true, "not_in_channel": true, "thread_not_found": true,
		"token_revoked": false, "missing_scope": false, "internal_error": false, "ratelimited": false} {
		_, d := serve(t, answers{"auth.test": `{"ok": true, "team_id": "T01ACME", "user_id": "U00GUICHET"}`,
			"conversations.replies": `{"ok": false, "error": "` + code + `"}`})
		if _, err := d.Missed(t.Context(), "G02", "1.1", time.Now()); err == nil || errors.Is(err, bot.ErrGone) != gone {
			t.Errorf("%s: %v", code, err)
		}
	}
	s, d := serve(t, answers{"auth.test": `{"ok": true, "team_id": "T01ACME", "user_id": "U00GUICHET"}`,
		"conversations.replies": `{"ok": true, "messages": [
			{"type": "message", "user": "U00GUICHET", "bot_id": "B1", "ts": "1.1", "thread_ts": "1.1", "text": "card"},
			{"type": "message", "user": "U03NADIA", "ts": "1.2", "thread_ts": "1.1", "parent_user_id": "U00GUICHET", "text": "a &lt;b&gt;"}]}`})
	missed, err := d.Missed(t.Context(), "G02", "1.1", time.Unix(100, 0))
	if err != nil || len(missed) != 1 || missed[0].Post.Text != "a <b>" || missed[0].Post.Root != "1.1" || missed[0].From.ID != "U03NADIA" {
		t.Errorf("missed %+v, %v", missed, err)
	}
	if form := s.called("conversations.replies")[0]; form.Get("oldest") != "100.000000" || form.Get("ts") != "1.1" {
		t.Errorf("asked with %v", form)
	}
}
