package strictslack

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

// Calls fail in the way that is asked for, as often as is asked for; and afterwards all is well.
func TestFaults(t *testing.T) {
	t.Parallel()
	s, up := start(t)
	ask := func(name string, within time.Duration) (status int, body string, err error) {
		ctx, cancel := context.WithTimeout(t.Context(), within)
		defer cancel()
		form := url.Values{"token": {s.up.Config.App.BotToken}, "channel": {support}, "text": {name}}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.APIURL+"chat.postMessage", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0, "", err
		}
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		return r.StatusCode, string(b), err
	}
	for _, c := range []struct {
		name    string
		fault   Fault
		status  int
		body    string
		err     error
		posted  bool
		verdict string
	}{
		{"rate", Fault{Kind: RateLimited, RetryAfter: 1500 * time.Millisecond}, 429, `"ratelimited"`, nil, false, "fault: 429"},
		{"server error", Fault{Kind: ServerError}, 503, "Service Unavailable", nil, false, "fault: 5xx"},
		{"another", Fault{Kind: ServerError, Status: 500}, 500, "", nil, false, "fault: 5xx"},
		{"late server error", Fault{Kind: ServerError, AfterDone: true}, 503, "", nil, true, "fault: 5xx after ok"},
		{"timeout", Fault{Kind: Timeout}, 0, "", context.DeadlineExceeded, false, "fault: timeout"},
		{"late timeout", Fault{Kind: Timeout, AfterDone: true}, 0, "", context.DeadlineExceeded, true, "fault: timeout after ok"},
		{"slow", Fault{Kind: Slow, Delay: 50 * time.Millisecond}, 200, `"ok":true`, nil, true, "fault: slow after ok"},
		{"cut", Fault{Kind: Cut}, 200, "", io.ErrUnexpectedEOF, false, "fault: cut"},
		{"late cut", Fault{Kind: Cut, AfterDone: true}, 200, "", io.ErrUnexpectedEOF, true, "fault: cut after ok"},
		{"drop", Fault{Kind: Drop}, 0, "", io.EOF, false, "fault: drop"},
		{"late drop", Fault{Kind: Drop, AfterDone: true}, 0, "", io.EOF, true, "fault: drop after ok"},
		{"refusal", Fault{Kind: Refuse, Code: "fatal_error"}, 200, `"fatal_error"`, nil, false, "fault: fatal_error"},
		{"page", Fault{Kind: HTML}, 200, "<html>", nil, false, "fault: html"},
		{"pattern", Fault{Kind: Refuse, Code: "fatal_error", Method: "chat.*"}, 200, `"fatal_error"`, nil, false, "fault: fatal_error"},
		{"channel", Fault{Kind: Refuse, Code: "fatal_error", Channel: support}, 200, `"fatal_error"`, nil, false, "fault: fatal_error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.fault.Method == "" {
				c.fault.Method = "chat.postMessage"
			}
			c.fault.Times = 1
			s.Inject(c.fault)
			must(t, s, "auth.test", nil)
			if c.fault.Channel != "" {
				must(t, s, "chat.postMessage", obj{"channel": emm, "text": "elsewhere"})
			}
			within := patience
			if c.fault.Kind == Timeout {
				within = 300 * time.Millisecond
			}
			status, body, err := ask(c.name, within)
			if status != c.status || !strings.Contains(body, c.body) || !errors.Is(err, c.err) {
				t.Errorf("%d %q %v", status, body, err)
			}
			calls := s.Called("chat.postMessage")
			if got := calls[len(calls)-1].Verdict; got != c.verdict {
				t.Errorf("the log says %q", got)
			}
			if status, body, err := ask("after "+c.name, patience); status != 200 || err != nil || !strings.Contains(body, `"ok":true`) {
				t.Errorf("afterwards: %d %s %v", status, body, err)
			}
			ms, err := up.Messages(t.Context(), support)
			if err != nil {
				t.Fatal(err)
			}
			posted := false
			for _, m := range ms {
				posted = posted || m.Text == c.name
			}
			if posted != c.posted {
				t.Errorf("posted: %v", posted)
			}
		})
	}

	api := slack.New(s.up.Config.App.BotToken, slack.OptionAPIURL(s.APIURL))
	mend := s.Inject(Fault{Method: "auth.test", Kind: RateLimited, RetryAfter: 2 * time.Second})
	for range 3 {
		limited := (*slack.RateLimitedError)(nil)
		if _, err := api.AuthTest(); !errors.As(err, &limited) || limited.RetryAfter != 2*time.Second {
			t.Errorf("slack-go sees %v", err)
		}
	}
	mend()
	if _, err := api.AuthTest(); err != nil {
		t.Errorf("after the fault is removed: %v", err)
	}
	s.Inject(Fault{Method: "*", Kind: ServerError})
	s.Mend()
	if _, err := api.AuthTest(); err != nil {
		t.Errorf("after all faults are removed: %v", err)
	}
	if r := s.Refusals(); len(r) > 0 {
		t.Errorf("refusals: %v", r)
	}
}

// What is held on its way goes on when it is let go; if its caller hangs up before, it is lost.
func TestHold(t *testing.T) {
	t.Parallel()
	s, up := start(t)
	until, held := make(chan struct{}), make(chan struct{}, 2)
	mend := s.Inject(Fault{Method: "chat.postMessage", Kind: Hold, Until: until, Held: held})
	post := func(ctx context.Context, said string) error {
		api := slack.New(s.up.Config.App.BotToken, slack.OptionAPIURL(s.APIURL))
		_, _, err := api.PostMessageContext(ctx, support, slack.MsgOptionText(said, false))
		return err
	}
	wait := beside(t, func() error { return post(t.Context(), "patient") })
	<-held
	impatient, hangUp := context.WithCancel(t.Context())
	failed := make(chan error)
	go func() { failed <- post(impatient, "impatient") }()
	<-held
	if texts := said(t, up, support); len(texts) > 0 {
		t.Errorf("what is held is there: %q", texts)
	}
	hangUp()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("who hangs up gets %v", err)
	}
	verdicts := func() (all []string) {
		for _, c := range s.Called("chat.postMessage") {
			all = append(all, c.Verdict)
		}
		return all
	}
	eventually(t, "the loss is noted", func() bool { return len(verdicts()) == 1 })
	mend()
	if err := post(t.Context(), "afterwards"); err != nil {
		t.Error(err)
	}
	close(until)
	wait()
	if got := strings.Join(said(t, up, support), "|"); got != "afterwards|patient" {
		t.Errorf("there is %q", got)
	}
	if got := strings.Join(verdicts(), "|"); got != "fault: hold, lost|ok|fault: hold after ok" {
		t.Errorf("the log says %q", got)
	}
}

// While Slack is down nothing gets through, either way; afterwards what was not delivered comes.
func TestDownAndUp(t *testing.T) {
	t.Parallel()
	clock := quick
	clock.Retries = []time.Duration{0, time.Hour}
	s, up := start(t, WithClock(clock))
	l := connect(t, s)
	s.Down()
	<-l.done
	if _, err := http.Get(s.APIURL + "auth.test"); err == nil {
		t.Error("Slack answers while it is down")
	}
	if _, err := up.PostMessage(t.Context(), nadia, support, "anybody?", ""); err != nil {
		t.Fatal(err)
	}
	eventually(t, "two attempts fail", func() bool { return len(s.Deliveries()) == 2 })
	s.Up()
	must(t, s, "auth.test", nil)
	for _, d := range s.Deliveries() {
		if d.Verdict != "no connection" || d.Channel != support || d.User != nadia {
			t.Errorf("the log says %+v", d)
		}
	}
	l = connect(t, s)
	wait := beside(t, func() error { return s.Replay(t.Context(), 1) })
	if e := l.heard(); e["text"] != "anybody?" {
		t.Errorf("then comes %v", e)
	}
	wait()
}

func TestFiles(t *testing.T) {
	t.Parallel()
	s, up := start(t)
	l := connect(t, s)
	if _, err := up.Upload(t.Context(), nadia, support, "see", "", "note.txt", []byte("a note")); err != nil {
		t.Fatal(err)
	}
	e := l.heard()
	file := e["files"].([]any)[0].(obj)
	address := text(file, "url_private")
	if !strings.HasPrefix(address, s.URL) {
		t.Fatalf("the file is at %s", address)
	}
	for token, want := range map[string]string{s.up.Config.App.BotToken: "a note", "xoxb-other": signIn} {
		req, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		r, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(r.Body)
		r.Body.Close()
		if r.StatusCode != 200 || string(b) != want {
			t.Errorf("with %s: %d %s", token, r.StatusCode, b)
		}
	}

	// The bot's own files raise an event, too.
	upload := must(t, s, "files.getUploadURLExternal", obj{"filename": "own.txt", "length": "3"})
	if !strings.HasPrefix(text(upload, "upload_url"), s.URL) {
		t.Fatalf("upload to %v", upload)
	}
	send(t, text(upload, "upload_url"), "application/octet-stream", "", "own").Body.Close()
	must(t, s, "files.completeUploadExternal", obj{"channel_id": support, "files": []any{obj{"id": upload["file_id"], "title": "own.txt"}}})
	for {
		if e := l.heard(); e["bot_id"] != nil {
			if e["subtype"] != "file_share" || e["user"] != botUser {
				t.Errorf("the event is %v", e)
			}
			break
		}
	}
}
