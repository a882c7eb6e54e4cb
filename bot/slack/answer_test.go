package slack

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guichet/bot"
	"guichet/bot/card"
	"guichet/helpdesk"
	"guichet/internal/slackrules"
	"guichet/store"
)

var someForm = card.Form{ID: "ticket.new", Title: "New ticket", Submit: "Send", Cancel: "Cancel",
	Inputs: []card.Input{{ID: "subject", Type: card.Text, Label: "Subject", Longest: 150}}}

// What goes back after a form: it closes, it stays with errors, or it becomes the next step.
func TestRespond(t *testing.T) {
	sent := incoming{firstField: "subject", request: bot.Request{Submission: &bot.Submission{}}}
	for _, c := range []struct {
		name string
		in   incoming
		a    bot.Answer
		want string
	}{
		{"done", sent, bot.Answer{}, `null`},
		{"field errors", sent, bot.Answer{Errors: map[string]string{"kind": "Choose."}}, `{"response_action":"errors","errors":{"kind":"Choose."}}`},
		{"a problem of the whole", sent, bot.Answer{Problem: "Expired."}, `{"response_action":"errors","errors":{"subject":"Expired."}}`},
		{"not a form", incoming{}, bot.Answer{Form: &someForm, Problem: "x"}, `null`},
	} {
		b, err := json.Marshal(testDoor().respond(c.in, c.a))
		if err != nil || string(b) != c.want {
			t.Errorf("%s: %s, %v", c.name, b, err)
		}
	}
	next := asSlack(t, testDoor().respond(sent, bot.Answer{Form: &someForm}))
	if next["response_action"] != "update" {
		t.Errorf("the next step: %v", next)
	}
	for _, err := range slackrules.View(next["view"].(map[string]any)) {
		t.Error(err)
	}
}

// A form opens with the trigger; where that came too late, the person is told.
func TestFollowOpensAForm(t *testing.T) {
	in := incoming{trigger: "1.2.3", request: bot.Request{From: store.Account{ID: "U1"}, Place: store.Place{Channel: "C1"}}}
	s, d := serve(t, answers{"views.open": `{"ok": true}`})
	d.follow(t.Context(), in, bot.Answer{Form: &someForm, Instead: "Too late."})
	forms := s.called("views.open")
	if len(forms) != 1 || len(s.called("chat.postEphemeral")) > 0 {
		t.Fatalf("calls %v", s.calls)
	}

	s, d = serve(t, answers{"views.open": `{"ok": false, "error": "expired_trigger_id"}`, "chat.postEphemeral": `{"ok": true}`})
	d.follow(t.Context(), in, bot.Answer{Form: &someForm, Instead: "Too late."})
	if said := s.called("chat.postEphemeral"); len(said) != 1 || said[0].Get("text") != "Too late." || said[0].Get("user") != "U1" {
		t.Errorf("told %v", said)
	}
}

// Without an address of its own a request is answered below what it answers: alone with the person
// by a message, elsewhere by one that only they see.
func TestTellPrivately(t *testing.T) {
	post := &helpdesk.Post{External: store.External{ID: "1.7"}}
	request := bot.Request{From: store.Account{ID: "U1"}, Place: store.Place{Channel: "C1"}, Post: post}
	direct := request
	direct.Direct = true
	for _, c := range []struct {
		name, method, thread string
		in                   incoming
	}{
		{"directly", "chat.postMessage", "1.7", incoming{request: direct}},
		{"directly, in a thread", "chat.postMessage", "1.0", incoming{request: direct, thread: "1.0"}},
		{"in a channel", "chat.postEphemeral", "1.0", incoming{request: request, thread: "1.0"}},
	} {
		s, d := serve(t, answers{c.method: `{"ok": true, "channel": "C1", "ts": "1.8"}`})
		d.tellPrivately(t.Context(), c.in, bot.Answer{Card: &someCard})
		said := s.called(c.method)
		if len(said) != 1 || len(s.calls) != 1 || said[0].Get("thread_ts") != c.thread || said[0].Get("channel") != "C1" {
			t.Errorf("%s: %v", c.name, s.calls)
		}
		d.tellPrivately(t.Context(), c.in, bot.Answer{})
		if len(s.calls) != 1 {
			t.Errorf("%s: no answer was told", c.name)
		}
	}
}

func TestPostResponse(t *testing.T) {
	var got map[string]any
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = nil
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%v, %v", err, r.Header)
		}
		fmt.Fprint(w, "ok")
	}))
	defer hook.Close()
	want := messageOf(t, someCard)
	want["response_type"], want["replace_original"] = "ephemeral", false
	for _, thread := range []string{"", "1.0"} {
		if thread != "" {
			want["thread_ts"] = thread
		}
		err := testDoor().postResponse(t.Context(), incoming{responseURL: hook.URL, thread: thread}, bot.Answer{Card: &someCard})
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
}

// Whoever has a response address can write in the channel, so no error and no log tells it.
func TestPostResponseKeepsItsAddress(t *testing.T) {
	answering := func(f http.HandlerFunc) string {
		s := httptest.NewServer(f)
		t.Cleanup(s.Close)
		return s.URL + "/s3cret"
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	for name, address := range map[string]string{
		"used up": answering(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "used_url", http.StatusNotFound) }),
		"broken":  answering(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }),
		"silent":  answering(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() }),
		"cut off": answering(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }),
		"in circles": answering(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/s3cret", http.StatusTemporaryRedirect)
		}),
		"moved": answering(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, gone.URL+"/s3cret", http.StatusTemporaryRedirect)
		}),
		"closed":       gone.URL + "/s3cret",
		"no address":   "http://s3cret\x7f/",
		"no protocol":  "s3cret",
		"another sort": "ftp://127.0.0.1/s3cret",
	} {
		s, d := serve(t, nil)
		d.http.Timeout = 100 * time.Millisecond
		in := incoming{responseURL: address}
		err := d.postResponse(t.Context(), in, bot.Answer{Card: &someCard})
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", name, err)
		}
		d.tellPrivately(t.Context(), in, bot.Answer{Card: &someCard})
		if log := s.log.String(); !strings.Contains(log, "private answer not shown") || strings.Contains(log, "s3cret") {
			t.Errorf("%s: the log says %s", name, log)
		}
	}
}
