package fakemattermost

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// What a real server sent is in testdata. Whatever the fake sends has the same fields, of the same types, in the
// same encodings.
func TestTheRecordings(t *testing.T) {
	s := Start(t)
	alice := s.AddUser(User{Name: "alice", First: "Alice", Last: "Employee", Locale: "de", Email: "alice@example.com"})
	bob := s.AddUser(User{Name: "bob", Locale: "en"})
	channel := s.AddChannel("support", "O", s.Bot, alice, bob)
	got := map[string]any{}

	// guichet, as far as the server calls it.
	var answer string
	integration := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if err := r.Body.Close(); err != nil {
			t.Error(err)
		}
		switch {
		case strings.HasPrefix(r.URL.Path, "/command"):
			r.Body = io.NopCloser(bytes.NewReader(body))
			if err := r.ParseForm(); err != nil {
				t.Error(err)
			}
			got[strings.TrimPrefix(r.URL.Path, "/")], got["command.headers"] = toAny(t, r.PostForm), toAny(t, r.Header)
		default:
			got[strings.TrimPrefix(r.URL.Path, "/")] = fromJSON(t, body)
		}
		switch answer {
		case "500":
			w.WriteHeader(500)
		default:
			_, _ = io.WriteString(w, answer)
		}
	}))
	defer integration.Close()

	conn := dial(t, s)
	events := make(chan map[string]any, 100)
	go func() {
		for {
			_, b, err := conn.ReadMessage()
			if err != nil {
				return
			}
			events <- fromJSON(t, b).(map[string]any)
		}
	}()
	next := func(kind string) any {
		for e := range events {
			if e["event"] == kind {
				return e
			}
		}
		return nil
	}
	got["event.hello"] = next("hello")

	s.commands = []*Command{{ID: ID(), Token: ID(), TeamID: s.Team, Trigger: "ticket"}}
	answer = "{}"
	for file, where := range map[string]string{"command.form": channel, "command.form.in-thread": channel, "command.form.direct-channel": s.Direct(alice)} {
		s.commands[0].URL = integration.URL + "/" + file
		text := "x"
		if file == "command.form" {
			text = "Drucker kaputt @bob ~support"
		}
		if _, err := s.Type(alice, where, "/ticket", text); err != nil {
			t.Fatal(err)
		}
	}

	button := func(id, to string, more map[string]any) map[string]any {
		a := map[string]any{"id": id, "name": id, "style": "primary", "type": "button"}
		maps.Copy(a, more)
		a["integration"] = map[string]any{"url": integration.URL + to, "context": map[string]any{"op": "claim", "sig": "s", "ticket": 17}}
		return a
	}
	card := call(t, s, "POST", "/posts", map[string]any{"channel_id": channel, "message": "ticket card @alice", "props": map[string]any{"ticket_id": "17",
		"attachments": []any{map[string]any{"id": 0, "fallback": "Ticket T-1", "color": "#3388ff", "pretext": "pre", "author_name": "", "author_link": "", "author_icon": "",
			"title": "T-1 Printer", "title_link": "", "text": "body", "image_url": "", "thumb_url": "", "footer": "foot", "footer_icon": "", "ts": nil,
			"fields":  []any{map[string]any{"title": "Status", "value": "open", "short": true}},
			"actions": []any{button("claim", "/action.click.button", nil), button("with_underscore", "/", nil), button("prio", "/action.click.select", map[string]any{"type": "select", "default_option": "low", "options": []any{map[string]any{"text": "High", "value": "high"}}})}}}}})
	got["post.with-actions.as-created"] = card
	id := card.(map[string]any)["id"].(string)
	answer = `{}`
	press := func(says string) error { _, err := s.Press(alice, id, says); return err }
	if err := press("claim"); err != nil {
		t.Fatal(err)
	}
	if err := press("High"); err != nil {
		t.Fatal(err)
	}
	got["error.action-id-underscore"] = refused(t, press("with_underscore"))
	answer = ""
	got["error.action-empty-answer"] = refused(t, press("claim"))
	answer = "500"
	got["error.dialog-integration-500"] = refused(t, press("claim"))

	root := call(t, s, "POST", "/posts", map[string]any{"channel_id": channel, "message": "T-7 root"})
	got["post.root"] = root
	rootID := root.(map[string]any)["id"].(string)
	for !strings.Contains(fmt.Sprint(next("posted")), "T-7 root") { // all before it
	}
	reply, err := s.Say(bob, channel, rootID, "bob answers @alice @helpdesk")
	if err != nil {
		t.Fatal(err)
	}
	got["event.posted.thread-reply"] = next("posted")
	s.Edit(reply.ID, "bob edited")
	got["event.post_edited"] = next("post_edited")
	s.React(bob, rootID, "white_check_mark", true)
	got["event.reaction_added"] = next("reaction_added")
	s.Remove(reply.ID)
	got["event.post_deleted"] = next("post_deleted")
	call(t, s, "POST", "/posts", map[string]any{"channel_id": s.Direct(alice), "message": "hello alice"})
	got["event.posted.direct"] = next("posted")
	got["user"] = call(t, s, "GET", "/users/"+alice, nil)

	answer = "{}"
	d := Dialog{URL: integration.URL + "/dialog.submission", Channel: channel}
	d.Dialog.State, d.Dialog.CallbackID = "state-123", "cb1"
	if _, err := s.SendAs(d.URL, s.Submission(alice, d, map[string]any{"details": "", "num": 5, "prio": "high", "summary": "Printer", "urgent": true, "who": bob})); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SendAs(integration.URL+"/dialog.null-submission", s.Submission(alice, d, nil)); err != nil {
		t.Fatal(err)
	}
	cancelled := s.Submission(alice, d, map[string]any{})
	cancelled["cancelled"] = true
	if _, err := s.SendAs(integration.URL+"/dialog.cancelled", cancelled); err != nil {
		t.Fatal(err)
	}
	s.triggers["old"] = trigger{alice, channel, time.Now().Add(-triggerFor)}
	got["error.trigger-expired"] = call(t, s, "POST", "/actions/dialogs/open", map[string]any{"trigger_id": "old", "url": d.URL, "dialog": map[string]any{}})

	// What only people's clients get, guichet never sees.
	notSent := []string{"event.ephemeral_message", "event.open_dialog", "event.user_updated", "dialog.answer.errors-as-client-sees"}
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < 26 {
		t.Fatalf("%d recordings: %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(notSent, name) {
			continue
		}
		if got[name] == nil {
			t.Errorf("%s: the fake sends nothing like it", name)
			continue
		}
		for _, d := range differences(name, fromJSON(t, b), got[name]) {
			t.Error(d)
		}
	}
}

// differences says where two values are not of the same shape: fields, types, and JSON within strings.
func differences(at string, want, got any) (ds []string) {
	say := func(format string, args ...any) { ds = append(ds, at+": "+fmt.Sprintf(format, args...)) }
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			say("is %T, the real one an object", got)
			return ds
		}
		free := strings.HasSuffix(at, ".submission") || strings.HasSuffix(at, ".context") || at == "command.headers" // whatever was asked for
		for _, k := range slices.Sorted(maps.Keys(w)) {
			if _, ok := g[k]; !ok {
				if !free {
					say("lacks %q", k)
				}
				continue
			}
			ds = append(ds, differences(at+"."+k, w[k], g[k])...)
		}
		for _, k := range slices.Sorted(maps.Keys(g)) {
			if _, ok := w[k]; !ok && !free {
				say("has %q, the real one has not", k)
			}
		}
	case []any:
		g, ok := got.([]any)
		if !ok {
			say("is %T, the real one a list", got)
		} else if len(w) > 0 && len(g) > 0 {
			ds = append(ds, differences(at+"[0]", w[0], g[0])...)
		}
	case string:
		g, ok := got.(string)
		if !ok {
			say("is %T, the real one a string", got)
		} else if inner := any(nil); strings.HasPrefix(w, "{") && json.Unmarshal([]byte(w), &inner) == nil {
			var is any
			if json.Unmarshal([]byte(g), &is) != nil {
				say("is no JSON within JSON")
				return ds
			}
			ds = append(ds, differences(at, inner, is)...)
		}
	default:
		if fmt.Sprintf("%T", want) != fmt.Sprintf("%T", got) {
			say("is %T, the real one %T", got, want)
		}
	}
	return ds
}

func dial(t *testing.T, s *Server) *websocket.Conn {
	t.Helper()
	conn, r, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.URL, "http")+"/api/v4/websocket", http.Header{"Authorization": {"Bearer " + s.Token}})
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func call(t *testing.T, s *Server, method, path string, body any) any {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/api/v4"+path, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.Token)
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fromJSON(t, text)
}

func refused(t *testing.T, err error) any {
	t.Helper()
	r, ok := err.(refusal)
	if !ok {
		t.Fatalf("not refused: %v", err)
	}
	return toAny(t, r)
}

func toAny(t *testing.T, v any) any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return fromJSON(t, b)
}

func fromJSON(t *testing.T, b []byte) (v any) {
	if err := json.Unmarshal(b, &v); err != nil {
		t.Errorf("%q: %v", b, err)
	}
	return v
}
