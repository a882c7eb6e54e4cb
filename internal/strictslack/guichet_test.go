package strictslack

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"guichet/internal/localslack"
)

// The real program works through the strict Slack, by both of its ways to be told: a ticket goes
// there and back, although every event comes twice and acknowledgements get lost.
func TestGuichetWorksThroughIt(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "guichet")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", program, "guichet/cmd/guichet").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, mode := range []string{"socket", "http"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s, up := start(t, WithRates(Rates{Scale: 1e6}), WithEvents("message.groups", "message.im"),
				WithScopes("channels:read", "chat:write", "commands", "groups:history", "groups:read", "im:history", "im:write", "users:read", "reactions:write"),
				WithClock(Clock{Retries: []time.Duration{0, 500 * time.Millisecond, 2 * time.Second}}))
			serve(t, s, program, mode)
			journey(t, s, up)
			for _, r := range s.Refusals() {
				t.Errorf("guichet breaks a rule: %v", r)
			}
			for _, d := range s.Unacked() {
				t.Errorf("guichet does not acknowledge %+v", d)
			}
		})
	}
}

const configuration = `listen: 127.0.0.1:%d
stop_timeout: 2s
organizations:
  - {key: acme, managers: ["acme:U02MARTIN"]}
slack:
  - {key: acme, team: T01ACME, organization: acme, api_url: "%s", mode: %s}
queues:
  - {key: support, workspace: acme, channel: G02SUPPORT}
services:
  - {key: office, name: Office}
`

// serve runs the program until the test ends.
func serve(t *testing.T, s *Server, program, mode string) {
	t.Helper()
	dir := t.TempDir()
	port := freePort(t) // the program does not tell which one it was given
	file := filepath.Join(dir, "guichet.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, configuration, port, s.APIURL, mode), 0o600); err != nil {
		t.Fatal(err)
	}
	keys := s.up.Config.App
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, "--config", file, "serve")
	c.Dir, c.Stdout, c.Stderr = dir, log, log
	c.Env = []string{"GUICHET_DATABASE=" + filepath.Join(dir, "guichet.db"), "GUICHET_SLACK_ACME_BOT_TOKEN=" + keys.BotToken,
		"GUICHET_SLACK_ACME_APP_TOKEN=" + keys.AppToken, "GUICHET_SLACK_ACME_SIGNING_SECRET=" + keys.SigningSecret}
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		if err := c.Wait(); err != nil {
			t.Errorf("the program ends with: %v", err)
		}
		if text, _ := os.ReadFile(log.Name()); t.Failed() {
			t.Logf("guichet's log:\n%s", text)
		}
		log.Close()
	})
	base := fmt.Sprintf("http://127.0.0.1:%d", port)
	if mode == "http" {
		s.SetHTTP(base+"/slack/acme", "")
	}
	eventually(t, "guichet is ready", func() bool {
		r, err := http.Get(base + "/readyz")
		if err != nil {
			return false
		}
		defer r.Body.Close()
		b, _ := io.ReadAll(r.Body)
		return string(b) == "ready\n"
	})
	if mode == "http" {
		if err := s.VerifyURL(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// journey opens a ticket and has both sides talk.
func journey(t *testing.T, s *Server, up *localslack.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	find := func(channel, text string) (found localslack.Message) {
		t.Helper()
		if channel == alice {
			dm, err := up.DM(ctx, alice)
			if err != nil {
				t.Fatal(err)
			}
			channel = dm
		}
		eventually(t, channel+" shows "+text, func() bool {
			ms, err := up.Messages(ctx, channel)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, m := range ms {
				if strings.Contains(m.AllText(), text) {
					found = m
					n++
				}
			}
			if n > 1 {
				t.Fatalf("%s shows %q %d times", channel, text, n)
			}
			return n == 1
		})
		return found
	}
	say := func(who, channel, text, root string) {
		t.Helper()
		if _, err := up.PostMessage(ctx, who, channel, text, root); err != nil {
			t.Fatal(err)
		}
	}

	page := up.OpenTest(t, alice)
	if err := page.Slash(ctx, general, "/ticket", "office"); err != nil {
		t.Fatal(err)
	}
	form, err := page.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	values, err := form.Fill(map[string]string{"kind": "incident", "subject": "Outlook", "description": "Does not start & <b>",
		"impact": "one", "urgency": "medium"})
	if err != nil {
		t.Fatal(err)
	}
	if _, errs, err := page.Submit(ctx, values); err != nil || len(errs) > 0 {
		t.Fatalf("the form: %v, %v", errs, err)
	}
	card := find(support, "Does not start & <b>")
	mine := find(alice, "Your ticket has the number")

	s.SetCopies(2)
	say(nadia, support, "Which <version> & where?", card.TS)
	reply := find(alice, "Which <version> & where?")
	if reply.ThreadTS != mine.TS {
		t.Errorf("the reply is in the thread %q, want %q", reply.ThreadTS, mine.TS)
	}
	s.SetCopies(1)
	s.LoseAcks(2)
	s.Disconnect("refresh_requested")
	say(alice, mine.Channel, "The one of 2024", mine.TS)
	find(support, "The one of 2024")
	if err := s.Settle(ctx); err != nil {
		t.Error(err)
	}
	if err := s.Replay(ctx, 10); err != nil {
		t.Error(err)
	}
	find(support, "The one of 2024")
	find(alice, "Which <version> & where?")
}
