package strictslack

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"guichet/internal/localslack"
)

// answered takes in a command or an interaction and acknowledges it.
func (l *line) answered(payload ...any) obj {
	l.t.Helper()
	g := l.interaction()
	g.ack(payload...)
	return g.Payload
}

func (l *line) interaction() got {
	l.t.Helper()
	g := l.next()
	if g.Type == "events_api" || !g.Accepts {
		l.t.Fatalf("no interaction, but %+v", g)
	}
	return g
}

// said are the texts that a person sees in a channel.
func said(t *testing.T, up *localslack.Server, channel string) (texts []string) {
	t.Helper()
	ms, err := up.Messages(t.Context(), channel)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range ms {
		texts = append(texts, m.Text)
	}
	return texts
}

func TestCommands(t *testing.T) {
	t.Parallel()
	s, up := start(t)
	ctx := t.Context()
	type2 := func(text string) (wait func()) {
		return beside(t, func() error { return up.Command(ctx, alice, general, "/ticket", text) })
	}

	// Nobody is there; somebody is, but says nothing; then all is well.
	type2("lost")()
	l := connect(t, s)
	wait := type2("ignored")
	l.interaction()
	wait()
	wait = type2("<b> & https://acme.example")
	p := l.answered(obj{"text": "done"})
	wait()
	if p["text"] != "&lt;b&gt; &amp; https://acme.example" || p["user_id"] != alice || p["channel_name"] != "general" || p["team_id"] != "T01ACME" {
		t.Errorf("the command is %v", p)
	}
	want := `/ticket failed with the error "dispatch_failed"|/ticket failed with the error "operation_timeout"|done`
	if got := strings.Join(said(t, up, general), "|"); got != want {
		t.Errorf("alice sees %q", got)
	}
	if given := s.Unacked(); len(given) != 2 || given[0].Verdict != "no connection" || given[1].Verdict != "timeout" || given[1].What != "/ticket" {
		t.Errorf("not acknowledged: %+v", given)
	}
	wait = type2("")
	l.answered(obj{"blocks": []any{section("")}})
	wait()
	if r := s.Refusals(); len(r) != 1 || r[0].Method != "ack" || r[0].Code != "invalid_blocks" || !strings.Contains(r[0].String(), "text") {
		t.Errorf("a bad answer: %v", r)
	}
	l.silent(s)
}

func TestTriggers(t *testing.T) {
	t.Parallel()
	clock := quick
	clock.Trigger = time.Second
	s, up := start(t, WithClock(clock))
	l := connect(t, s)
	get := func() string {
		t.Helper()
		wait := beside(t, func() error { return up.Command(t.Context(), alice, general, "/ticket", "") })
		p := l.answered()
		wait()
		return text(p, "trigger_id")
	}
	open := func(trigger string) obj { return obj{"trigger_id": trigger, "view": modal("Form", section("x"))} }

	id := get()
	refused(t, s, "invalid_arguments", "views.open", obj{"trigger_id": id, "view": modal("Form")})
	must(t, s, "views.open", open(id)) // a bad form has not used it up
	refused(t, s, "exchanged_trigger_id", "views.open", open(id))
	refused(t, s, "exchanged_trigger_id", "views.push", open(id))
	id = get()
	eventually(t, "the trigger expires", func() bool {
		s.triggers.mu.Lock()
		defer s.triggers.mu.Unlock()
		return time.Since(s.triggers.byID[id].at) > clock.Trigger
	})
	refused(t, s, "expired_trigger_id", "views.open", open(id))
	refused(t, s, "invalid_trigger_id", "views.open", open("1.2.abc"))
}

// fill has a person fill a form in while the test answers it.
func fill(t *testing.T, p *localslack.Page, values localslack.Values) (wait func() ([]localslack.View, map[string]string)) {
	var stack []localslack.View
	var errs map[string]string
	done := beside(t, func() (err error) {
		stack, errs, err = p.Submit(t.Context(), values)
		return err
	})
	return func() ([]localslack.View, map[string]string) { done(); return stack, errs }
}

func TestViews(t *testing.T) {
	t.Parallel()
	s, up := start(t)
	l := connect(t, s)
	page := up.OpenTest(t, alice)
	trigger := func() string { return s.newTrigger(upstreamTrigger(t, s), alice) }
	var first obj
	open := func(method, title string, blocks ...any) obj {
		t.Helper()
		return must(t, s, method, obj{"trigger_id": trigger(), "view": modal(title, blocks...)})["view"].(obj)
	}
	top := func() (title string) {
		t.Helper()
		v, err := page.View(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return v.Title
	}

	first = open("views.open", "One", input("name", obj{"type": "plain_text_input"}))
	id, hash := text(first, "id"), text(first, "hash")
	if first["root_view_id"] != id || first["previous_view_id"] != nil || first["private_metadata"] != "" {
		t.Errorf("the view is %v", first)
	}
	// A view keeps its id over updates; its hash changes, and an old one is refused.
	update := func(hash, title string) obj {
		return obj{"view_id": id, "hash": hash, "view": modal(title, input("name", obj{"type": "plain_text_input"}))}
	}
	second := must(t, s, "views.update", update(hash, "Two"))["view"].(obj)
	if second["id"] != id || second["hash"] == hash {
		t.Errorf("the updated view is %v", second)
	}
	refused(t, s, "hash_conflict", "views.update", update(hash, "Late"))
	must(t, s, "views.update", update(text(second, "hash"), "Three"))
	must(t, s, "views.update", update("", "Four"))
	_, err := page.WaitView(t.Context(), "the fourth", func(v localslack.View) bool { return v.Title == "Four" })
	if err != nil {
		t.Fatal(err)
	}
	refused(t, s, "invalid_arguments", "views.update", obj{"view_id": id, "view": obj{"type": "home", "blocks": []any{section("x")}}})

	// The person's answer names the view by that id; an update by the answer keeps it, too.
	wait := fill(t, page, localslack.Values{"name": {"value": localslack.Text("Alice")}})
	p := l.answered(obj{"response_action": "update", "view": modal("Five", input("name", obj{"type": "plain_text_input"}))})
	if text(p, "view", "id") != id || text(p, "view", "state", "values", "name", "value", "value") != "Alice" || text(p, "view", "callback_id") != "four" {
		t.Errorf("the form is %v", p)
	}
	if stack, _ := wait(); len(stack) != 1 || stack[0].Title != "Five" {
		t.Errorf("alice sees %+v", stack)
	}
	must(t, s, "views.update", update("", "Six"))

	// At most three lie on each other. An empty answer closes the one on top.
	pushed := open("views.push", "Seven", section("x"))
	if pushed["previous_view_id"] != id || pushed["root_view_id"] != id {
		t.Errorf("the view on top is %v", pushed)
	}
	wait = fill(t, page, nil)
	l.answered(obj{"response_action": "push", "view": modal("Eight", section("x"))})
	wait()
	refused(t, s, "push_limit_reached", "views.push", obj{"trigger_id": trigger(), "view": modal("Nine", section("x"))})
	must(t, s, "views.update", update("", "Below"))
	if got := top(); got != "Eight" {
		t.Errorf("on top is %s", got)
	}
	for _, want := range []string{"Seven", "Below"} {
		wait = fill(t, page, nil)
		l.answered()
		wait()
		if got := top(); got != want {
			t.Errorf("below is %s, want %s", got, want)
		}
	}
	must(t, s, "views.update", update("", "Still there"))
	wait = fill(t, page, nil)
	l.answered()
	if stack, _ := wait(); len(stack) > 0 {
		t.Errorf("after the last answer alice sees %+v", stack)
	}
	refused(t, s, "not_found", "views.update", update("", "Gone"))

	// External ids find a view, and are each used once; what a person closes is gone.
	v := modal("External", section("x"))
	v["external_id"] = "mine"
	must(t, s, "views.open", obj{"trigger_id": trigger(), "view": v})
	must(t, s, "views.update", obj{"external_id": "mine", "view": v})
	refused(t, s, "duplicate_external_id", "views.push", obj{"trigger_id": trigger(), "view": v})
	if err := page.CloseView(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a closed view is gone", func() bool {
		return do(t, s, "views.update", obj{"external_id": "mine", "view": v})["error"] == "not_found"
	})

	// A home tab keeps its id, too.
	home := func(text string) obj {
		return obj{"user_id": alice, "view": obj{"type": "home", "blocks": []any{section(text), obj{"type": "actions", "elements": []any{
			obj{"type": "button", "action_id": "go", "text": plain("Go")}}}}}}
	}
	h := must(t, s, "views.publish", home("one"))["view"].(obj)
	again := home("two")
	again["hash"] = h["hash"]
	if h2 := must(t, s, "views.publish", again)["view"].(obj); h2["id"] != h["id"] {
		t.Errorf("the home tab has the ids %v and %v", h["id"], h2["id"])
	}
	refused(t, s, "hash_conflict", "views.publish", again)
	must(t, s, "views.update", obj{"view_id": h["id"], "view": home("three")["view"]})
	if err := page.Act(localslack.Action{Type: "button", ActionID: "go"}); err != nil {
		t.Fatal(err)
	}
	p = l.answered()
	if text(p, "container", "view_id") != h["id"] || text(p, "view", "type") != "home" || p["channel"] != nil || p["response_url"] != nil {
		t.Errorf("a press on the home tab is %v", p)
	}
}

// Without a good answer in time a form stays open, with a word about it.
func TestFormsThatAreNotAnswered(t *testing.T) {
	t.Parallel()
	s, up := start(t)
	l := connect(t, s)
	page := up.OpenTest(t, alice)
	must(t, s, "views.open", obj{"trigger_id": s.newTrigger(upstreamTrigger(t, s), alice),
		"view": modal("Form", section("x"), input("name", obj{"type": "plain_text_input"}))})
	trouble := func(name, code string, answer func(g got)) {
		t.Helper()
		before := len(s.Refusals())
		wait := fill(t, page, nil)
		answer(l.interaction())
		stack, errs := wait()
		if errs["name"] != noTrouble || len(stack) != 1 {
			t.Errorf("%s: alice sees %v above %+v", name, errs, stack)
		}
		var codes []string
		for _, r := range s.Refusals()[before:] {
			codes = append(codes, r.Code)
		}
		if got := strings.Join(codes, " "); got != code {
			t.Errorf("%s: refused as %q, want %q", name, got, code)
		}
	}
	trouble("no answer", "", func(got) {})
	trouble("an error at no input", "invalid_errors", func(g got) { g.ack(obj{"response_action": "errors", "errors": obj{"other": "wrong"}}) })
	trouble("no errors", "errors_missing", func(g got) { g.ack(obj{"response_action": "errors"}) })
	trouble("a bad form", "invalid_arguments", func(g got) {
		g.ack(obj{"response_action": "update", "view": modal(strings.Repeat("x", 25), section("x"))})
	})
	trouble("an unknown answer", "unknown_response_action", func(g got) { g.ack(obj{"response_action": "explode"}) })
	trouble("a text", "ack_not_an_object", func(g got) { g.ack("thanks") })

	wait := fill(t, page, nil)
	l.answered(obj{"response_action": "errors", "errors": obj{"name": "Who are you?"}})
	if stack, errs := wait(); errs["name"] != "Who are you?" || len(stack) != 1 {
		t.Errorf("a good answer: %v", errs)
	}
	wait = fill(t, page, nil)
	l.answered(obj{"response_action": "clear"})
	if stack, _ := wait(); len(stack) > 0 {
		t.Errorf("clear leaves %+v", stack)
	}
}

// Everything in a form comes with a value: what was chosen, or what it began with.
func TestStateOfForms(t *testing.T) {
	t.Parallel()
	s, up := start(t)
	l := connect(t, s)
	page := up.OpenTest(t, alice)
	opt := func(v string) obj { return obj{"text": plain(v), "value": v} }
	both := []any{opt("a"), opt("b")}
	accessory := section("x")
	accessory["block_id"] = "menu"
	accessory["accessory"] = obj{"type": "static_select", "action_id": "value", "options": both, "initial_option": opt("a")}
	must(t, s, "views.open", obj{"trigger_id": s.newTrigger(upstreamTrigger(t, s), alice), "view": modal("Form", accessory,
		input("text", obj{"type": "plain_text_input", "initial_value": "before"}),
		input("emptied", obj{"type": "plain_text_input", "initial_value": "before"}),
		input("typed", obj{"type": "plain_text_input", "initial_value": "before"}),
		input("bare", obj{"type": "plain_text_input"}),
		input("select", obj{"type": "static_select", "options": both, "initial_option": opt("b")}),
		input("radio", obj{"type": "radio_buttons", "options": both}),
		input("boxes", obj{"type": "checkboxes", "options": both, "initial_options": []any{opt("b")}}),
		input("none", obj{"type": "checkboxes", "options": both}),
		input("date", obj{"type": "datepicker", "initial_date": "2026-02-28"}))})
	if _, err := page.View(t.Context()); err != nil {
		t.Fatal(err)
	}
	check := func(values obj, want map[string]string) {
		t.Helper()
		for block, want := range want {
			v, _ := values[block].(obj)["value"].(obj)
			if got := fmt.Sprint(v); got != want {
				t.Errorf("%s is %s, want %s", block, got, want)
			}
		}
		if len(values) != 10 {
			t.Errorf("there are %d values", len(values))
		}
	}
	state := func(p obj) obj { return p["view"].(obj)["state"].(obj)["values"].(obj) }
	untouched := map[string]string{
		"text":   "map[type:plain_text_input value:before]",
		"bare":   "map[type:plain_text_input value:<nil>]",
		"select": "map[selected_option:map[text:map[text:b type:plain_text] value:b] type:static_select]",
		"radio":  "map[selected_option:<nil> type:radio_buttons]",
		"boxes":  "map[selected_options:[map[text:map[text:b type:plain_text] value:b]] type:checkboxes]",
		"none":   "map[selected_options:[] type:checkboxes]",
		"date":   "map[selected_date:2026-02-28 type:datepicker]",
		"menu":   "map[selected_option:map[text:map[text:a type:plain_text] value:a] type:static_select]",
	}

	// A choice in the form comes with the state of all of it.
	if err := page.Act(localslack.Action{Type: "static_select", BlockID: "menu", ActionID: "value", SelectedOption: opt("b")}); err != nil {
		t.Fatal(err)
	}
	p := l.answered()
	if got := fmt.Sprint(state(p)["menu"].(obj)["value"].(obj)["selected_option"].(obj)["value"]); got != "b" || text(p, "container", "type") != "view" {
		t.Errorf("the choice is %v", p)
	}

	// local-slack's own way to submit, which sends nothing for what was not touched.
	wait := fill(t, page, localslack.Values{"typed": {"value": localslack.Text("now")}, "emptied": {"value": localslack.Text("")}})
	values := state(l.answered())
	check(values, untouched)
	check(values, map[string]string{"typed": "map[type:plain_text_input value:now]", "emptied": "map[type:plain_text_input value:<nil>]"})
	wait()
}

func TestPresses(t *testing.T) {
	t.Parallel()
	s, up := start(t, WithEvents("none"))
	l := connect(t, s)
	buttons := obj{"type": "actions", "block_id": "b", "elements": []any{obj{"type": "button", "action_id": "go", "value": "v", "text": plain("Go")}}}
	root := text(must(t, s, "chat.postMessage", obj{"channel": support, "text": "root"}), "ts")
	ts := text(must(t, s, "chat.postMessage", obj{"channel": support, "text": "press", "thread_ts": root, "blocks": []any{buttons}}), "ts")
	press := func(ts string) obj {
		t.Helper()
		wait := beside(t, func() error { return up.Press(t.Context(), nadia, support, ts, "b", "go", "v") })
		defer wait()
		return l.answered()
	}
	p := press(ts)
	action := p["actions"].([]any)[0].(obj)
	if text(p, "message", "ts") != ts || text(p, "message", "thread_ts") != root || text(p, "container", "thread_ts") != root || action["value"] != "v" ||
		text(p, "channel", "name") != "privategroup" || text(p, "message", "bot_id") == "" || len(text(action, "action_ts")) != 17 {
		t.Errorf("the press is %v", p)
	}

	// Its response_url takes five good messages.
	address := text(p, "response_url")
	if !strings.HasPrefix(address, s.URL) {
		t.Fatalf("the response_url is %s", address)
	}
	for i := range 7 {
		body := fmt.Sprintf(`{"text":"answer %d","replace_original":false}`, i)
		if i == 2 {
			body = `{"text":""}`
		}
		r := send(t, address, "application/json", "", body)
		r.Body.Close()
		want := 200
		switch {
		case i == 2:
			want = 400
		case i >= 5:
			want = 404
		}
		if r.StatusCode != want {
			t.Errorf("use %d: %d, want %d", i, r.StatusCode, want)
		}
	}
	var alone []localslack.Message
	ms, err := up.Messages(t.Context(), support)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range ms {
		if m.EphemeralTo == nadia {
			alone = append(alone, m)
		}
	}
	if len(alone) != 4 {
		t.Errorf("nadia alone sees %+v", alone)
	}
	var codes []string
	for _, r := range s.Refusals() {
		codes = append(codes, r.Method+" "+r.Code)
	}
	if got := strings.Join(codes, ", "); got != "response no_text, response used_url, response used_url" {
		t.Errorf("refused: %s", got)
	}
	if r := send(t, s.URL+"/response/T01ACME-UNKNOWN", "application/json", "", `{"text":"t"}`); r.StatusCode != 404 {
		t.Errorf("an unknown address: %d", r.StatusCode)
	}
	s.Inject(Fault{Method: "response", Times: 1, Kind: ServerError})
	if r := send(t, text(press(ts), "response_url"), "application/json", "", `{"text":"t"}`); r.StatusCode != 503 {
		t.Errorf("an injected fault: %d", r.StatusCode)
	}
	address = text(press(ts), "response_url")
	s.o.clock.Response = 1
	if r := send(t, address, "application/json", "", `{"text":"t"}`); r.StatusCode != 404 {
		t.Errorf("an old address: %d", r.StatusCode)
	}

	// A message for one person alone is not in the payload.
	must(t, s, "chat.postEphemeral", obj{"channel": support, "user": nadia, "text": "alone", "blocks": []any{buttons}})
	ms, err = up.Messages(t.Context(), support)
	if err != nil {
		t.Fatal(err)
	}
	last := ms[len(ms)-1].TS
	p = press(last)
	if p["message"] != nil || text(p, "container", "message_ts") != last || p["container"].(obj)["is_ephemeral"] != true {
		t.Errorf("the press is %v", p)
	}
	refused(t, s, "message_not_found", "chat.update", obj{"channel": support, "ts": last, "text": "t"})
}

func TestShortcuts(t *testing.T) {
	t.Parallel()
	s, up := start(t)
	l := connect(t, s)
	wait := beside(t, func() error { return s.Shortcut(t.Context(), alice, "ask") })
	p := l.answered()
	wait()
	if p["type"] != "shortcut" || p["callback_id"] != "ask" || text(p, "user", "username") != "alice" || p["channel"] != nil {
		t.Errorf("the shortcut is %v", p)
	}
	must(t, s, "views.open", obj{"trigger_id": p["trigger_id"], "view": modal("Form", section("x"))})

	ts, err := up.PostMessage(t.Context(), nadia, support, "a > b", "")
	if err != nil {
		t.Fatal(err)
	}
	l.heard()
	wait = beside(t, func() error { return s.MessageShortcut(t.Context(), nadia, support, ts, "make_ticket") })
	p = l.answered()
	wait()
	if p["type"] != "message_action" || p["message_ts"] != ts || text(p, "message", "text") != "a &gt; b" || text(p, "message", "user") != nadia ||
		text(p, "channel", "id") != support {
		t.Errorf("the shortcut is %v", p)
	}
	send(t, text(p, "response_url"), "application/json", "", `{"text":"for her"}`).Body.Close()
	if all := said(t, up, support); all[len(all)-1] != "for her" {
		t.Errorf("nadia sees %q", all)
	}
	if err := s.MessageShortcut(t.Context(), nadia, support, "1.000001", "make_ticket"); err == nil {
		t.Error("a shortcut on no message")
	}
	if len(s.Unacked())+len(s.Refusals()) > 0 {
		t.Errorf("%v %v", s.Unacked(), s.Refusals())
	}
}
