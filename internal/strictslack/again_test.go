package strictslack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"

	"guichet/internal/localslack"
)

// A form or a press that comes several times is answered once: the first answer is what the person
// sees. Sent again later, it brings a fresh trigger, as a press does.
func TestInteractionsComeSeveralTimes(t *testing.T) {
	t.Parallel()
	s, up := start(t)
	l := connect(t, s)
	page := up.OpenTest(t, alice)
	must(t, s, "views.open", obj{"trigger_id": s.newTrigger(upstreamTrigger(t, s), alice),
		"view": modal("Form", input("name", obj{"type": "plain_text_input"}))})

	s.SetCopies(3)
	wait := fill(t, page, localslack.Values{"name": {"value": localslack.Text("Alice")}})
	all := []got{l.interaction(), l.interaction(), l.interaction()}
	all[1].ack(obj{"response_action": "errors", "errors": obj{"name": "the first answer"}})
	if stack, errs := wait(); errs["name"] != "the first answer" || len(stack) != 1 {
		t.Errorf("alice sees %v above %+v", errs, stack)
	}
	for _, i := range []int{0, 2} {
		all[i].ack(obj{"response_action": "clear"})
	}
	ids := map[string]bool{}
	for _, g := range all {
		ids[g.ID] = true
		if text(g.Payload, "view", "state", "values", "name", "value", "value") != "Alice" || g.Attempt != 0 {
			t.Errorf("a copy is %+v", g)
		}
	}
	if len(ids) != 3 {
		t.Errorf("three copies have the envelopes %v", ids)
	}
	l.silent(s)
	if v, err := page.View(t.Context()); err != nil || v.Title != "Form" {
		t.Errorf("a later answer counts: %+v, %v", v, err)
	}

	wait = fill(t, page, nil)
	l.interaction()
	l.interaction().ack(obj{"response_action": "clear"})
	l.interaction().ack(obj{"response_action": "clear"})
	wait()
	l.silent(s)
	if given := s.Unacked(); len(given) != 1 || given[0].Verdict != "timeout" || given[0].What != "view_submission" {
		t.Errorf("a copy that is not acknowledged: %+v", given)
	}
	s.SetCopies(1)

	button := obj{"type": "actions", "block_id": "b", "elements": []any{obj{"type": "button", "action_id": "go", "value": "v", "text": plain("Go")}}}
	ts := text(must(t, s, "chat.postMessage", obj{"channel": support, "text": "press", "blocks": []any{button}}), "ts")
	l.heard()
	done := beside(t, func() error { return up.Press(t.Context(), nadia, support, ts, "b", "go", "v") })
	first := l.answered()
	done()
	open := func(p obj) {
		t.Helper()
		must(t, s, "views.open", obj{"trigger_id": p["trigger_id"], "view": modal("Form", section("x"))})
	}
	open(first)
	done = beside(t, func() error { return s.Replay(t.Context(), 2) })
	if e := l.heard(); e["ts"] != ts {
		t.Errorf("first comes %v", e)
	}
	again := l.answered()
	done()
	if text(again, "response_url") != text(first, "response_url") || fmt.Sprint(again["actions"]) != fmt.Sprint(first["actions"]) {
		t.Errorf("again comes %v, not %v", again, first)
	}
	open(again)
}

// By signed requests copies come at once, and what is sent again keeps the order of its channel.
func TestSignedRequestsComeSeveralTimes(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, "secret")
	s, up := start(t, WithHTTP(r.URL, "secret"))
	var together sync.WaitGroup
	together.Add(3)
	r.answer = func(got, http.ResponseWriter) { together.Done(); together.Wait() } // each waits for the others
	s.SetCopies(3)
	if _, err := up.PostMessage(t.Context(), nadia, support, "at once", ""); err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(t.Context()); err != nil {
		t.Error(err)
	}
	for range 3 {
		if g := next(t, r.got); g.event()["text"] != "at once" || g.header.Get("X-Slack-Retry-Num") != "" {
			t.Errorf("a copy is %+v", g)
		}
	}

	s.SetCopies(1)
	r.answer = func(got, http.ResponseWriter) {}
	for i := range 10 {
		if _, err := up.PostMessage(t.Context(), nadia, support, strconv.Itoa(i), ""); err != nil {
			t.Fatal(err)
		}
		next(t, r.got)
	}
	if err := s.Replay(t.Context(), 10); err != nil {
		t.Error(err)
	}
	var again []string
	for range 10 {
		g := next(t, r.got)
		again = append(again, text(g.event(), "text"))
		if g.header.Get("X-Slack-Retry-Num") != "1" || g.header.Get("X-Slack-Retry-Reason") != "http_timeout" {
			t.Errorf("again comes %v", g.header)
		}
	}
	if !slices.IsSorted(again) {
		t.Errorf("again comes %q", again)
	}
}

// What a test alone can type reaches guichet unchanged, and can be answered.
func TestCommandsAsTheyAre(t *testing.T) {
	t.Parallel()
	s, up := start(t)
	l := connect(t, s)
	wait := beside(t, func() error {
		return s.Command(t.Context(), alice, general, "/ticket", "<@"+alice+"|alice> & <!channel>")
	})
	p := l.answered()
	wait()
	if p["text"] != "<@"+alice+"|alice> & <!channel>" || p["command"] != "/ticket" || p["user_name"] != "alice" || p["channel_name"] != "general" || p["team_id"] != "T01ACME" {
		t.Errorf("the command is %v", p)
	}
	send(t, text(p, "response_url"), "application/json", "", `{"text":"for her"}`).Body.Close()
	if all := said(t, up, general); len(all) != 1 || all[0] != "for her" {
		t.Errorf("alice sees %q", all)
	}
	must(t, s, "views.open", obj{"trigger_id": p["trigger_id"], "view": modal("Form", section("x"))})

	wait = beside(t, func() error { return s.Command(t.Context(), alice, general, "/ticket", json.RawMessage(`"\ud83d"`)) })
	l.answered()
	wait()
	all := s.Deliveries()
	var sent struct{ Text json.RawMessage }
	if err := json.Unmarshal(all[len(all)-1].Payload, &sent); err != nil || string(sent.Text) != `"\ud83d"` {
		t.Errorf("half a character is sent as %s, %v", sent.Text, err)
	}

	r := newReceiver(t, "secret")
	s.SetHTTP(r.URL, "secret")
	for want, typed := range map[string]any{"<!here>": "<!here>", "\uFFFD": json.RawMessage(`"\ud83d"`)} { // a form has no halves
		if err := s.Command(t.Context(), alice, general, "/ticket", typed); err != nil {
			t.Error(err)
		}
		if g := next(t, r.got); g.Payload["text"] != want {
			t.Errorf("the form has %v, want %s", g.Payload["text"], want)
		}
	}
	r.Close()
	if err := s.Command(t.Context(), alice, general, "/ticket", "x"); err == nil || len(s.Unacked()) != 1 {
		t.Errorf("nobody is there: %v, %+v", err, s.Unacked())
	}
}
