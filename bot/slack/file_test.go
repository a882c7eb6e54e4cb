package slack

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"

	"guichet/bot"
	"guichet/helpdesk"
	"guichet/internal/localslack"
	"guichet/internal/strictslack"
)

// What Slack sends in a file's place is not taken for the file.
func TestFetch(t *testing.T) {
	type reply = func(http.ResponseWriter, *http.Request)
	page := func(kind, body string, status int) reply {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	const signIn = "<!DOCTYPE html><html>Sign in</html>"
	for _, c := range []struct {
		name   string
		file   helpdesk.FileRef
		answer reply
		err    error // or
		reason string
	}{
		{"a file", helpdesk.FileRef{Type: "text/plain", Size: 6}, page("text/plain", "a note", 200), nil, ""},
		{"of unknown size and type", helpdesk.FileRef{}, page("application/octet-stream", "a note", 200), nil, ""},
		{"a page that somebody sent", helpdesk.FileRef{Type: "text/html", Size: 6}, page("text/html; charset=utf-8", "a note", 200), nil, ""},
		{"a page of unknown size", helpdesk.FileRef{Type: "text/html"}, page("text/html; charset=utf-8", signIn, 200), bot.ErrNoAccess, "no_access"},
		{"too many requests", helpdesk.FileRef{}, page("text/plain", "", 429), nil, "rate_limited"},
		{"a page to sign in", helpdesk.FileRef{Type: "image/png", Size: 6}, page("text/html; charset=utf-8", signIn, 200), bot.ErrNoAccess, "no_access"},
		{"forbidden", helpdesk.FileRef{Type: "image/png"}, page("text/plain", "", 403), bot.ErrNoAccess, "no_access"},
		{"deleted", helpdesk.FileRef{Type: "image/png"}, page("text/plain", "", 404), bot.ErrGone, "file_deleted"},
		{"a server's trouble", helpdesk.FileRef{Type: "image/png"}, page("text/plain", "", 502), nil, "http_502"},
		{"said to be too large", helpdesk.FileRef{Size: 101}, page("text/plain", "a note", 200), bot.ErrTooLarge, "other"},
		{"too large", helpdesk.FileRef{}, page("text/plain", strings.Repeat("x", 101), 200), bot.ErrTooLarge, "other"},
		{"cut off", helpdesk.FileRef{Size: 7}, page("text/plain", "a note", 200), nil, "other"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, d := serve(t, answers{"/files/f1": c.answer})
			c.file.URL = s.URL + "/files/f1"
			var got bytes.Buffer
			n, err := d.Fetch(t.Context(), c.file, &got, 100)
			switch {
			case c.reason == "" && (err != nil || got.String() != "a note" || n != 6):
				t.Errorf("got %d, %q, %v", n, got.String(), err)
			case c.reason != "" && (err == nil || bot.Reason(err) != c.reason || c.err != nil && !errors.Is(err, c.err)):
				t.Errorf("failed with %v, for the reason %s", err, bot.Reason(err))
			case c.reason == "no_access" && got.Len() > 0:
				t.Errorf("the page was taken for the file")
			}
		})
	}
}

// The bot's token goes to Slack, and to nobody who is named in a payload.
func TestTheTokenIsShownToSlackAlone(t *testing.T) {
	_, d := serve(t, nil)
	other, _ := serve(t, answers{"/x": "{}"})
	for _, address := range []string{other.URL + "/x", "http://slack.com.example/x", "://", "https://files.slack.com/x"} {
		if _, err := d.Fetch(t.Context(), helpdesk.FileRef{URL: address}, &bytes.Buffer{}, 100); bot.Reason(err) != "foreign_address" {
			t.Errorf("%s: %v", address, err)
		}
	}
	real := New(Options{Team: team, BotToken: secret, APIURL: DefaultAPI}, nil)
	for address, is := range map[string]bool{"https://files.slack.com/x": true, "https://slack.com/x": true, "http://files.slack.com/x": false,
		"https://slack.com.example/x": false, "https://notslack.com/x": false} {
		req, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := real.holdsFiles(req.URL); got != is {
			t.Errorf("the token may be shown to %s: %v", address, got)
		}
	}
	if n := len(other.calls); n > 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

// The strict Slack shows a wrong token the same page as the real one.
func TestAPageToSignInIsNoFile(t *testing.T) {
	up := localslack.StartTest(t, localslack.Demo())
	s := strictslack.StartTest(t, up)
	if _, err := up.Upload(t.Context(), localslack.Nadia, localslack.Support, "see", "", "note.txt", []byte("a note")); err != nil {
		t.Fatal(err)
	}
	ms, err := up.Messages(t.Context(), localslack.Support)
	if err != nil {
		t.Fatal(err)
	}
	f := helpdesk.FileRef{Type: "text/plain", URL: strings.Replace(ms[0].Files[0].URLPrivate, up.URL, s.URL, 1)}
	for token, reason := range map[string]string{up.Config.App.BotToken: "", "xoxb-revoked": "no_access"} {
		d := New(Options{Team: team, BotToken: token, APIURL: s.APIURL}, nil)
		var got bytes.Buffer
		_, err := d.Fetch(t.Context(), f, &got, 100)
		if reason == "" && (err != nil || got.String() != "a note") || reason != "" && (bot.Reason(err) != reason || got.Len() > 0) {
			t.Errorf("with %s: %q, %v", token, got.String(), err)
		}
	}
}
