package app_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"guichet/internal/fakemattermost"
)

// forgery is a callback that guichet did not hand out, or not so.
type forgery struct {
	name  string
	path  func(string) string  // where it is sent, from where it belongs
	form  func(url.Values)     // changes a command
	body  func(map[string]any) // changes a button's or a form's
	heads func(http.Header)    // changes the headers
	raw   string               // is sent in its place
}

// What somebody forges who reaches guichet's port is refused, and logged; and nothing comes of it.
func TestForgedCallbacks(t *testing.T) {
	acrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
		mine := d.openIn(m.carla, "Excel", "Crashes.")
		other := d.openIn(m.carla, "Word", "Crashes too.")
		card := d.shownIn(m.queue, "Excel", "Requester")
		elsewhere := m.AddChannel("elsewhere", "P", m.Bot, m.nina)
		planted, err := m.Say(m.nina, m.queue, "", "Take")
		if err != nil {
			t.Fatal(err)
		}
		list := d.types(m.carla, "/ticket", "list")
		d.click(m.carla, mine, "Reply")
		reply, _ := m.Dialog(m.carla)
		d.settle()
		before := d.number("SELECT COUNT(*) FROM messages") + d.number("SELECT COUNT(*) FROM events") + d.number("SELECT COUNT(*) FROM tickets")
		dialogs := m.Dialogs(m.carla) + m.Dialogs(m.nina)

		command := m.CommandRequest(m.carla, m.Direct(m.carla), "/ticket", "office")
		inQueue := m.CommandRequest(m.carla, m.queue, "/ticket", "office")
		press := func(user string, p fakemattermost.Post, says string) (map[string]any, string) {
			body, address, err := m.Request(user, p.ID, says)
			if err != nil {
				t.Fatal(err)
			}
			return body, address
		}
		take, actions := press(m.nina, card, "Take")
		menu, _ := press(m.nina, card, "Priority")
		listed, _ := press(m.carla, list, "#"+numberIn(mine))
		form := m.Submission(m.carla, reply, map[string]any{"body": "forged"})
		set := func(key string, v any) func(map[string]any) { return func(b map[string]any) { b[key] = v } }
		context := func(key string, v any) func(map[string]any) {
			return func(b map[string]any) { b["context"].(map[string]any)[key] = v }
		}
		state := func(change func(string) string) func(map[string]any) {
			return func(b map[string]any) { b["state"] = change(b["state"].(string)) }
		}

		try := func(kind, address string, request any, all []forgery) {
			for _, f := range all {
				t.Run(kind+"/"+f.name, func(t *testing.T) {
					to := address
					if f.path != nil {
						to = f.path(address)
					}
					logged := strings.Count(d.log.String(), "callback refused")
					r := forge(t, to, request, f)
					if r == http.StatusOK {
						t.Error("it is accepted")
					}
					if r != http.StatusNotFound && strings.Count(d.log.String(), "callback refused") != logged+1 {
						t.Error("it is not logged")
					}
				})
			}
		}
		try("command", command.URL, command.Form, []forgery{
			{name: "no token", form: func(v url.Values) { v.Del("token") }, heads: func(h http.Header) { h.Del("Authorization") }},
			{name: "an empty token", form: func(v url.Values) { v.Set("token", "") }, heads: func(h http.Header) { h.Del("Authorization") }},
			{name: "another token", form: func(v url.Values) { v.Set("token", fakemattermost.ID()) }},
			{name: "another token in the header", heads: func(h http.Header) { h.Set("Authorization", "Token "+fakemattermost.ID()) }},
			{name: "the bot's token", form: func(v url.Values) { v.Set("token", m.Token) }, heads: func(h http.Header) { h.Del("Authorization") }},
			{name: "no person", form: func(v url.Values) { v.Del("user_id") }},
			{name: "a person who is no id", form: func(v url.Values) { v.Set("user_id", "../../admin") }},
			{name: "no channel", form: func(v url.Values) { v.Del("channel_id") }},
			{name: "at the path of buttons", path: func(string) string { return actions }},
			{name: "at the path of forms", path: func(string) string { return reply.URL }},
			{name: "at a guessed path", path: func(s string) string { return s[:len(s)-32] + strings.Repeat("0", 32) }},
			{name: "at a path without its secret part", path: func(s string) string { return s[:strings.LastIndex(s, "/")] }},
			{name: "huge", raw: "token=" + strings.Repeat("x", 1<<20)},
		})
		try("command", inQueue.URL, inQueue.Form, []forgery{
			{name: "of another team", form: func(v url.Values) { v.Set("team_id", fakemattermost.ID()) }},
		})
		try("button", actions, take, []forgery{
			{name: "no signature", body: context("sig", nil)},
			{name: "another signature", body: context("sig", "AAAAAAAAAAAAAAAAAAAAAAAA")},
			{name: "another act", body: context("op", "resolve")},
			{name: "another ticket", body: context("value", numberIn(other)+"/desk")},
			{name: "another side", body: context("value", numberIn(mine)+"/requester")},
			{name: "another post's key", body: context("key", "d99999")},
			{name: "moved to another post", body: set("post_id", d.shownIn(m.queue, "Word", "Requester").ID)},
			{name: "moved to a post that somebody planted", body: set("post_id", planted.ID)},
			{name: "on a post that is not there", body: set("post_id", fakemattermost.ID())},
			{name: "on no post", body: set("post_id", "")},
			{name: "from a foreign channel", body: set("channel_id", elsewhere)},
			{name: "no person", body: set("user_id", "")},
			{name: "no context", body: set("context", nil)},
			{name: "said to be for one person", body: context("to", m.nina)},
			{name: "not JSON", raw: "{"},
			{name: "at the path of forms", path: func(string) string { return reply.URL }},
			{name: "at a guessed path", path: func(s string) string { return s[:len(s)-32] + strings.Repeat("f", 32) }},
		})
		try("menu", actions, menu, []forgery{
			{name: "an entry that is not there", body: context("selected_option", "resolve "+numberIn(mine)+"/desk")},
			{name: "no entry", body: context("selected_option", nil)},
			{name: "another ticket's entry", body: context("selected_option", "priority "+numberIn(other)+"/desk")},
		})
		try("answer", actions, listed, []forgery{
			{name: "somebody else's", body: set("user_id", m.lucas)},
			{name: "kept for longer", body: context("until", "99999999999")},
			{name: "made somebody else's", body: func(b map[string]any) {
				set("user_id", m.lucas)(b)
				context("to", m.lucas)(b)
			}},
		})
		try("form", reply.URL, form, []forgery{
			{name: "somebody else's", body: set("user_id", m.lucas)},
			{name: "no state", body: set("state", "")},
			{name: "a state without its signature", body: state(func(s string) string { s, _, _ = strings.Cut(s, "."); return s })},
			{name: "a state with another signature", body: state(func(s string) string { return s[:len(s)-4] + "AAAA" })},
			{name: "a changed state", body: state(func(s string) string { return "e" + strings.Replace(s[1:], "A", "B", 1) })},
			{name: "another form's state", body: set("callback_id", "ticket.note")},
			{name: "no person", body: set("user_id", "")},
			{name: "not JSON", raw: "submission"},
			{name: "at the path of buttons", path: func(string) string { return actions }},
			{name: "at a guessed path", path: func(s string) string { return s[:len(s)-32] + strings.Repeat("a", 32) }},
		})

		d.settle()
		if n := d.number("SELECT COUNT(*) FROM messages") + d.number("SELECT COUNT(*) FROM events") + d.number("SELECT COUNT(*) FROM tickets"); n != before {
			t.Errorf("something came of it: %d rows, before %d", n, before)
		}
		if n := m.Dialogs(m.carla) + m.Dialogs(m.nina); n != dialogs {
			t.Error("a form was opened")
		}
		// The true ones still work; and sent twice, once.
		form["channel_id"] = elsewhere // wherever they are by then
		if wrong, err := m.SendAs(reply.URL, form); err != nil || len(wrong) > 0 {
			t.Errorf("the true form: %v %v", wrong, err)
		}
		if _, err := m.SendAs(reply.URL, form); err != nil {
			t.Error(err)
		}
		for range 2 {
			if _, err := m.PressWith(card.ID, actions, take); err != nil {
				t.Errorf("the true button: %v", err)
			}
		}
		d.shownIn(m.Direct(m.carla), "Nina Keller is looking after your ticket.")
		d.settle()
		if n := d.number("SELECT COUNT(*) FROM messages WHERE body = 'forged'"); n != 1 {
			t.Errorf("the form was taken in %d times", n)
		}
	})
}

// forge sends a request with something about it changed, and returns the status of the answer.
func forge(t *testing.T, to string, request any, f forgery) int {
	t.Helper()
	header := http.Header{}
	var body string
	switch r := request.(type) {
	case url.Values:
		form := maps.Clone(r)
		header.Set("Content-Type", "application/x-www-form-urlencoded")
		header.Set("Authorization", "Token "+form.Get("token"))
		if f.form != nil {
			f.form(form)
			if form.Get("token") != r.Get("token") && form.Get("token") != "" && f.heads == nil {
				header.Set("Authorization", "Token "+form.Get("token"))
			}
		}
		body = form.Encode()
	case map[string]any:
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var changed map[string]any
		if err := json.Unmarshal(b, &changed); err != nil {
			t.Fatal(err)
		}
		if f.body != nil {
			f.body(changed)
		}
		if b, err = json.Marshal(changed); err != nil {
			t.Fatal(err)
		}
		header.Set("Content-Type", "application/json")
		body = string(b)
	}
	if f.raw != "" {
		body = f.raw
	}
	if f.heads != nil {
		f.heads(header)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to, bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	return r.StatusCode
}
