// Package main_test runs the program as an operator does: built, with its command line, its
// environment, its signals and its exit codes.
package main_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"guichet/internal/localslack"
	"guichet/store/storetest"
)

// guichet is the program, built once.
var guichet string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "guichet-program-")
	if err != nil {
		panic(err)
	}
	guichet = filepath.Join(dir, "guichet")
	build := exec.Command("go", "build", "-race", "-buildvcs=false", "-ldflags", "-X main.version=v1.2.3", "-o", guichet, ".")
	out, err := build.CombinedOutput()
	code := 1
	if err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
	} else {
		code = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// site is a folder with a configuration, and the environment that goes with it.
type site struct {
	t       *testing.T
	dir     string
	environ []string
}

// newSite configures one queue in one workspace of a Slack.
func newSite(t *testing.T, database, apiURL string) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir()}
	s.environ = []string{"GUICHET_DATABASE=" + database, "GUICHET_FILES=" + t.TempDir(), "GUICHET_SLACK_ACME_BOT_TOKEN=xoxb-local-guichet", "GUICHET_SLACK_ACME_APP_TOKEN=xapp-local-guichet"}
	s.configure(`listen: 127.0.0.1:0
stop_timeout: 2s
organizations:
  - {key: acme, managers: ["acme:U02MARTIN"]}
slack:
  - {key: acme, team: T01ACME, organization: acme, api_url: "` + apiURL + `"}
queues:
  - {key: support, workspace: acme, channel: G02SUPPORT, undo: 0s, reminders: {daily: {off: true}, weekly: {off: true}}}
services:
  - {key: office}
`)
	return s
}

func (s *site) path(name string) string { return filepath.Join(s.dir, name) }

func (s *site) configure(text string) {
	s.t.Helper()
	if err := os.WriteFile(s.path("guichet.yaml"), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// change replaces something in the configuration.
func (s *site) change(old, text string) {
	s.t.Helper()
	now, err := os.ReadFile(s.path("guichet.yaml"))
	if err != nil || !strings.Contains(string(now), old) {
		s.t.Fatalf("no %q in the configuration: %v", old, err)
	}
	s.configure(strings.Replace(string(now), old, text, 1))
}

func (s *site) command(args ...string) *exec.Cmd {
	// A program that should end and does not must fail its test, not hang it.
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	s.t.Cleanup(cancel)
	c := exec.CommandContext(ctx, guichet, args...)
	c.Dir, c.Env = s.dir, append(slices.Clone(s.environ), "GORACE=atexit_sleep_ms=10") // a second, by default: of many starts, minutes
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return c
}

// run runs the program to its end.
func (s *site) run(args ...string) (code int, stdout, stderr string) {
	s.t.Helper()
	var out, errs bytes.Buffer
	c := s.command(args...)
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); c.ProcessState == nil {
		s.t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), out.String(), errs.String()
}

// ends runs the program and checks its exit code, and that what it writes matches.
func (s *site) ends(code int, stdout, stderr string, args ...string) {
	s.t.Helper()
	got, out, errs := s.run(args...)
	if got != code {
		s.t.Errorf("guichet %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, code, out, errs)
	}
	for _, written := range []struct{ text, want string }{{out, stdout}, {errs, stderr}} {
		if !regexp.MustCompile(`(?s)\A` + written.want + `\z`).MatchString(written.text) {
			s.t.Errorf("guichet %s writes\n%s\nwant\n%s", strings.Join(args, " "), written.text, written.want)
		}
	}
}

func TestTheCommandLine(t *testing.T) {
	t.Parallel()
	s := newSite(t, "guichet.db", "http://127.0.0.1:1/api")
	s.ends(0, `guichet v1\.2\.3\n`, "", "version")
	s.ends(0, `Usage: guichet <command>.*serve.*migrate.*check.*refresh.*deliveries.*version.*`, "", "--help")
	for _, command := range []string{"serve", "migrate", "check", "refresh", "route", "rehearse", "deliveries", "deliveries list", "deliveries retry", "deliveries drop", "version"} {
		s.ends(0, `Usage: guichet `+command+`.*--config.*`, "", append(strings.Fields(command), "--help")...)
	}
	for _, wrong := range [][]string{{}, {"nonsense"}, {"serve", "--nonsense"}, {"check", "nonsense"}, {"--config"}} {
		s.ends(2, `.*`, `guichet: .*Try: guichet --help\n`, wrong...)
	}
	if _, err := os.Stat(s.path("guichet.db")); err == nil {
		t.Error("a command that does not need the database makes one")
	}
}

func TestAConfigurationThatIsWrong(t *testing.T) {
	t.Parallel()
	s := newSite(t, "guichet.db", "http://127.0.0.1:1/api")
	s.change("stop_timeout: 2s", "stop_timeout: 2")
	s.change("- {key: office}", "- {key: list}\n  - {key: emm, colour: red}")
	s.environ = append(s.environ[:2], "GUICHET_LANGAUGE=fr")
	for _, command := range []string{"serve", "migrate", "check", "refresh"} {
		s.ends(2, "", strings.Join([]string{`guichet: .*guichet\.yaml:2: stop_timeout: must be a length of time, such as 30m, 48h or 5d`,
			`.*guichet\.yaml:6: slack\[0\]\.app_token_file: is missing: set GUICHET_SLACK_ACME_APP_TOKEN .*`,
			`.*guichet\.yaml:10: services\[0\]\.key: is a word of the /ticket command .*`,
			`.*guichet\.yaml:11: services\[1\]\.colour: is not a known key: .*`,
			`GUICHET_LANGAUGE: is not a variable that is read: .*`, ``}, `\n`), command)
	}
	s.ends(2, "", `guichet: .*elsewhere\.yaml: cannot be read .*guichet\.example\.yaml is one to start from\n`, "check", "--config", "elsewhere.yaml")
	if _, err := os.Stat(s.path("guichet.db")); err == nil {
		t.Error("a command with a wrong configuration makes a database")
	}
}

func TestMigrateTwice(t *testing.T) {
	t.Parallel()
	storetest.EachUnmigrated(t, func(t *testing.T, address string) {
		s := newSite(t, address, "http://127.0.0.1:1/api")
		s.ends(0, `(applied \d+_\w+\.sql\n)+the schema is up to date, at version \d+\n`, "", "migrate")
		s.ends(0, `the schema is up to date, at version \d+\n`, "", "migrate")
	})
	s := newSite(t, filepath.Join("nowhere", "guichet.db"), "http://127.0.0.1:1/api")
	s.ends(1, "", `guichet: store: can't open the database: .*\n`, "migrate")
}

// someSlack is a Slack that answers every call alike.
func someSlack(t *testing.T, answer string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/api"
}

func TestCheckSaysWhatToMend(t *testing.T) {
	t.Parallel()
	slack := localslack.StartTest(t, localslack.Demo())
	s := newSite(t, "guichet.db", slack.APIURL)
	s.ends(0, `ok    database guichet\.db: [^\n]*
ok    files [^\n]*: up to 25 MB each
ok    workspace acme: bot token of guichet in Acme
ok    workspace acme: app token, Socket Mode
ok    workspace acme: scopes are not told by this server
ok    clock
ok    queue support: private channel G02SUPPORT \(support\), 2 agents
ok    organization acme: manager U02MARTIN \(Martin Dupont\)
ok    mail: off [^\n]*
`, "", "check")
	if files, err := os.ReadDir(s.dir); err != nil || len(files) != 1 {
		t.Errorf("check leaves something behind: %v, %v", files, err)
	}

	for _, test := range []struct{ name, old, text, says string }{
		{"a public channel", "G02SUPPORT", "C01GENERAL", `WRONG queue support: channel C01GENERAL \(general\) is public\n      Make the channel private .*`},
		{"no channel", "G02SUPPORT", "G99", `WRONG queue support: channel G99: channel_not_found\n      Invite the app to the channel .*`},
		{"no manager", "U02MARTIN", "U99", `WRONG organization acme: manager U99: .*user_not_found\n      Check the user id .*`},
		{"another workspace", "T01ACME", "T99", `WRONG workspace acme: bot token: .*of T01ACME, not of T99\n      Install the app .*`},
		{"a wrong token", slack.APIURL, someSlack(t, `{"ok":false,"error":"invalid_auth"}`), `WRONG workspace acme: bot token: invalid_auth\n      Install the app .*`},
		{"no network", slack.APIURL, "http://127.0.0.1:1/api", `WRONG workspace acme: .*connection refused\n      Check that this machine reaches .*`},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t, "guichet.db", slack.APIURL)
			s.change(test.old, test.text)
			s.ends(3, `.*`+test.says, `guichet: 1 to mend\n`, "check")
		})
	}

	t.Run("no database", func(t *testing.T) {
		s := newSite(t, filepath.Join("nowhere", "guichet.db"), slack.APIURL)
		s.ends(3, `WRONG database nowhere/guichet\.db: .*\n      Make the folder.*ok    clock.*`, `guichet: 1 to mend\n`, "check")
	})
	for name, c := range map[string]struct {
		make func(dir string) error
		says string
	}{
		"a folder for files that can't be written to": {func(dir string) error { return os.Mkdir(dir, 0o500) }, `the folder can't be written to\n      Let this user write there\..*`},
		"a file where the folder for files should be": {func(dir string) error { return os.WriteFile(dir, nil, 0o600) }, `not a folder\n      Name a folder .*`},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, "guichet.db", slack.APIURL)
			dir := filepath.Join(t.TempDir(), "kept")
			if err := c.make(dir); err != nil {
				t.Fatal(err)
			}
			s.environ = append(s.environ, "GUICHET_FILES="+dir)
			s.ends(3, `.*WRONG files [^\n]*: `+c.says, `guichet: 1 to mend\n`, "check")
		})
	}
	t.Run("no bucket", func(t *testing.T) {
		s := newSite(t, "guichet.db", slack.APIURL)
		s.change("stop_timeout: 2s", "stop_timeout: 2s\nfiles: {s3: {endpoint: '127.0.0.1:1', bucket: files, insecure: true}}")
		s.ends(3, `.*WRONG files in 127\.0\.0\.1:1: [^\n]*\n      Check "files" in the configuration, .*`, `guichet: 1 to mend\n`, "check")
	})
}

// What only an operator can mend ends the program at its start, with the reason.
func TestServeRefusesToStart(t *testing.T) {
	t.Parallel()
	slack := localslack.StartTest(t, localslack.Demo())
	busy := httptest.NewServer(nil)
	t.Cleanup(busy.Close)
	for _, test := range []struct{ name, old, text, says string }{
		{"a public channel", "G02SUPPORT", "C01GENERAL", `workspace slack:T01ACME: queue support, channel C01GENERAL: .*`},
		{"a wrong token", slack.APIURL, someSlack(t, `{"ok":false,"error":"invalid_auth"}`), `workspace slack:T01ACME: slack: auth\.test: invalid_auth`},
		{"another workspace", "T01ACME", "T99", `workspace slack:T99: .*of T01ACME, not of T99`},
		{"an address that is taken", "127.0.0.1:0", busy.Listener.Addr().String(), `listen: .*address already in use.*`},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t, "guichet.db", slack.APIURL)
			s.change(test.old, test.text)
			s.ends(1, "", `.*guichet: `+test.says+`\n`, "serve")
		})
	}
}
