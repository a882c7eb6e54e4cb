package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const examplePath = "../../../guichet.example.yaml"

var tokens = []string{
	"GUICHET_SLACK_ACME_BOT_TOKEN=xoxb-open-sesame",
	"GUICHET_SLACK_ACME_APP_TOKEN=xapp-open-sesame",
	"PATH=/bin", // not ours, never judged
}

// small is the shortest file that is right. Cases that add a line add it at the end, or replace a line of it.
const small = `organizations:
  - key: acme
slack:
  - key: acme
    team: T01ACME
    organization: acme
queues:
  - key: support
    workspace: acme
    channel: C0SUPPORT
services:
  - key: office
`

func write(t *testing.T, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "guichet.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func loadText(t *testing.T, text string, environ ...string) (*Config, error) {
	t.Helper()
	path := write(t, text)
	c, err := Load(path, environ)
	if err != nil {
		var problems Problems
		if !errors.As(err, &problems) || len(problems) == 0 || c != nil {
			t.Fatalf("Load = %v, %#v; want no Config and some Problems", c, err)
		}
		for i := range problems {
			problems[i].File = strings.Replace(problems[i].File, path, "guichet.yaml", 1)
		}
	}
	return c, err
}

func mustLoad(t *testing.T, text string, environ ...string) *Config {
	t.Helper()
	c, err := loadText(t, text, environ...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDefaults(t *testing.T) {
	c := mustLoad(t, small, tokens...)
	want := &Config{
		Database: "guichet.db", Listen: "127.0.0.1:8080", Language: "en",
		Log: Log{slog.LevelInfo, "text"}, StopTimeout: 10 * time.Second,
		Files: Files{Dir: "files", S3: S3{Region: "us-east-1"}, Largest: 25_000_000, Refuse: mustLoad(t, small, tokens...).Files.Refuse},
		Mail: Mail{SMTP: SMTP{TLS: "starttls"}, Receive: Receive{Protocol: "smtp", Hourly: 30,
			IMAP: IMAP{TLS: "tls", Folder: "INBOX", Poll: time.Minute}}},
		Organizations: []Organization{{Key: "acme", Name: "acme", Language: "en"}},
		Slack: []Workspace{{Key: "acme", Team: "T01ACME", Organization: "acme", Mode: "socket",
			APIURL: "https://slack.com/api/", BotToken: "xoxb-open-sesame", AppToken: "xapp-open-sesame"}},
		Queues: []Queue{{Key: "support", Name: Words{"": "support"}, Workspace: "acme", Channel: "C0SUPPORT",
			Language: "en", TimeZone: time.UTC, ThreadDefault: "reply",
			Undo: 10 * time.Second, CloseAfter: 120 * time.Hour, ReopenWithin: 336 * time.Hour,
			Holidays: "none", Assign: "by_hand", OpenTo: "everyone",
			Reminders: Reminders{
				Unassigned: Unassigned{Schedule: mustSchedule("*/5 * * * *"), After: 30 * time.Minute, Tell: []string{"queue"}, Every: time.Hour},
				Risk:       Risk{Schedule: mustSchedule("* * * * *"), At: 75, Tell: "agent"},
				Breach:     Breach{Schedule: mustSchedule("* * * * *"), Tell: []string{"agent", "queue", "on_call", "lead"}, Every: time.Hour},
				Waiting:    Waiting{Schedule: mustSchedule("0 9-17 * * 1-5"), After: 48 * time.Hour, Warn: 120 * time.Hour, Close: 168 * time.Hour},
				Daily:      Digest{Schedule: mustSchedule("0 9 * * 1-5")},
				Weekly:     Digest{Schedule: mustSchedule("0 9 * * 1")},
			}}},
		Priorities:   Priorities{One: ByUrgency{"low", "normal", "normal"}, Several: ByUrgency{"normal", "normal", "high"}, All: ByUrgency{"normal", "high", "urgent"}},
		DefaultQueue: "support", SalesQueue: "support", BillingQueue: "support", ProvisioningQueue: "support", Currency: "EUR",
		Services: []Service{{Key: "office", Name: Words{"": "office"}, Queue: "support", Form: "standard", Seats: "here", Gate: "unassigned",
			Provisioner: Provisioner{By: "ticket", Timeout: 24 * time.Hour}}},
		LicenseReminders: LicenseReminders{TimeZone: time.UTC, Calendar: "support", Undecided: LicenseReminder{Schedule: mustSchedule("0 9 * * 1-5")}, Unused: LicenseReminder{Schedule: mustSchedule("0 9 * * 1")},
			Ending: EndingReminder{Schedule: mustSchedule("0 9 * * 1-5"), Before: 60 * 24 * time.Hour}},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
}

func TestExample(t *testing.T) {
	c, err := Load(examplePath, tokens)
	if err != nil {
		t.Fatal(err)
	}
	got := []any{
		c.Listen, c.Organizations[0].Managers[0].String(), c.Slack[0].BotToken.Reveal(), c.Queues[0].Name.In("fr"),
		c.Queues[0].TimeZone.String(), c.Queues[0].Reminders.Waiting.Schedule.String(), c.Queues[1].Name.In("fr"),
		c.Queues[1].Language, c.Services[1].Queue, c.Services[1].Form,
	}
	want := []any{
		"127.0.0.1:8080", "acme:U02MARTIN", "xoxb-open-sesame", "Assistance",
		"Europe/Paris", "0 9-17 * * 1-5", "EMM",
		"en", "emm", "emm",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Every key and variable that is read is in the example, explained by a comment above or beside it.
func TestExampleHasEveryKey(t *testing.T) {
	example, err := os.ReadFile(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	var visit func(reflect.Type)
	visit = func(typ reflect.Type) {
		for f := range typ.Fields() {
			key := f.Tag.Get("yaml")
			if key == "" || key == "-" {
				continue
			}
			if !regexp.MustCompile(`(?m)(^[ #-]*|[{,] *)` + key + `:`).Match(example) {
				t.Errorf("guichet.example.yaml lacks the key %s of %s", key, typ.Name())
			}
			if env := f.Tag.Get("env"); !bytes.Contains(example, []byte(env)) {
				t.Errorf("guichet.example.yaml lacks the variable %s", env)
			}
			inner := f.Type
			if inner.Kind() == reflect.Slice {
				inner = inner.Elem()
			}
			if inner.Kind() == reflect.Struct {
				visit(inner)
			}
		}
	}
	visit(reflect.TypeFor[Config]())
}

func TestEnvironmentWins(t *testing.T) {
	text := "database: a.db\nlisten: 127.0.0.1:1\nlanguage: en\nlog: {level: error, format: text}\nstop_timeout: 1s\n" + small
	c := mustLoad(t, text, append(tokens, "GUICHET_DATABASE=postgres://u:p@h/d", "GUICHET_LISTEN=", "GUICHET_LANGUAGE=fr",
		"GUICHET_LOG_LEVEL=debug", "GUICHET_LOG_FORMAT=json", "GUICHET_STOP_TIMEOUT=1m",
		"GUICHET_CONFIG=x", "GUICHET_LOCAL_SLACK=x", "GUICHET_TEST_ANYTHING=x",
		"GUICHET_PORT=tcp://10.0.0.1:80", "GUICHET_PORT_80_TCP_ADDR=10.0.0.1", "GUICHET_SERVICE_HOST=10.0.0.1", "GUICHET_SERVICE_PORT_HTTP=80")...)
	if c.Database.Reveal() != "postgres://u:p@h/d" || c.Listen != "" || c.StopTimeout != time.Minute ||
		c.Log != (Log{slog.LevelDebug, "json"}) {
		t.Errorf("got %+v", c)
	}
	if c.Organizations[0].Language != "fr" || c.Queues[0].Language != "fr" {
		t.Error("the environment's language is not inherited")
	}
}

func TestValues(t *testing.T) {
	text := small + `    queue: ~
    name:
      fr: Bureau
    form: emm
language: fr
listen: off
default_queue: support
`
	text = strings.Replace(text, "    channel:", `    name: "2024"
    language: en
    time_zone: Europe/Paris
    close_after: 1d12h
    reopen_within: 0
    reminders: {unassigned: {off: true}, waiting: {schedule: "@daily"}}
    channel:`, 1)
	text = strings.Replace(text, "    team:", "    api_url: http://127.0.0.1:9/api\n    team:", 1)
	c := mustLoad(t, text, tokens...)
	q, s := c.Queues[0], c.Services[0]
	if c.Listen != "" || c.Slack[0].APIURL != "http://127.0.0.1:9/api/" {
		t.Errorf("listen %q, api_url %q", c.Listen, c.Slack[0].APIURL)
	}
	if q.Name.In("fr") != "2024" || q.Language != "en" || q.CloseAfter != 36*time.Hour || q.ReopenWithin != 0 {
		t.Errorf("queue %+v", q)
	}
	if r := q.Reminders; !r.Unassigned.Off || r.Unassigned.After != 30*time.Minute || r.Waiting.Off || r.Waiting.After != 48*time.Hour {
		t.Errorf("reminders %+v", r)
	}
	noon := time.Date(2026, 3, 28, 12, 0, 0, 0, q.TimeZone)
	if next := q.Reminders.Waiting.Schedule.Next(noon); next.Format(time.RFC3339) != "2026-03-29T00:00:00+01:00" {
		t.Errorf("@daily after %v is %v", noon, next)
	}
	if s.Queue != "support" || s.Name.In("en") != "Bureau" || s.Form != "emm" {
		t.Errorf("service %+v", s)
	}
}

func TestSecretFiles(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	bot, app, other := file("bot", "xoxb-1\r\n"), file("app", "xapp-1\n"), file("other", "xoxb-2")
	text := strings.ReplaceAll(small, "    team:", fmt.Sprintf("    bot_token_file: %q\n    app_token_file: %q\n    team:", bot, app))
	text = strings.ReplaceAll(text, "acme", "acme-eu")

	for name, test := range map[string]struct {
		environ []string
		bot     string
	}{
		"the file's":       {nil, "xoxb-1"},
		"variable's file":  {[]string{"GUICHET_SLACK_ACME_EU_BOT_TOKEN_FILE=" + other}, "xoxb-2"},
		"variable":         {[]string{"GUICHET_SLACK_ACME_EU_BOT_TOKEN=xoxb-3"}, "xoxb-3"},
		"variable, a line": {[]string{"GUICHET_SLACK_ACME_EU_BOT_TOKEN=xoxb-3\n"}, "xoxb-3"},
	} {
		t.Run(name, func(t *testing.T) {
			s := mustLoad(t, text, test.environ...).Slack[0]
			if s.BotToken.Reveal() != test.bot || s.AppToken.Reveal() != "xapp-1" {
				t.Errorf("tokens %q and %q", s.BotToken.Reveal(), s.AppToken.Reveal())
			}
		})
	}
}

func TestNothingPrintsASecret(t *testing.T) {
	for _, address := range []string{
		"postgres://me:sesame@h/d?sslmode=disable",
		"postgresql://h/d?password=sesame&sslpassword=sesame",
	} {
		c := mustLoad(t, small, append(tokens, "GUICHET_DATABASE="+address)...)
		var logged bytes.Buffer
		for _, h := range []slog.Handler{slog.NewTextHandler(&logged, nil), slog.NewJSONHandler(&logged, nil)} {
			slog.New(h).Info("x", "config", c, "token", c.Slack[0].BotToken, "database", c.Database)
		}
		marshaled, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{
			fmt.Sprintf("%v %+v %#v %q %x", c, *c, *c, c.Slack, c.Slack),
			fmt.Sprint(c.Database, c.Slack[0].AppToken), string(marshaled), logged.String(),
		} {
			if strings.Contains(s, "sesame") || strings.Contains(s, fmt.Sprintf("%x", "sesame")) {
				t.Errorf("a secret shows in %s", s)
			}
		}
		if !strings.Contains(c.Database.String(), "h/d") {
			t.Errorf("%s hides more than the password", c.Database)
		}
	}
}

func TestWordsIn(t *testing.T) {
	for _, test := range []struct {
		words Words
		want  string
	}{{Words{"en": "a", "fr": "b"}, "b"}, {Words{"en": "a"}, "a"}, {Words{"": "c"}, "c"}, {nil, ""}} {
		if got := test.words.In("fr"); got != test.want {
			t.Errorf("%v.In(fr) = %q, want %q", test.words, got, test.want)
		}
	}
}
