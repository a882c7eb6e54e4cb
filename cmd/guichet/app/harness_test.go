package app_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"guichet/cmd/guichet/app"
	"guichet/cmd/guichet/config"
	"guichet/internal/localslack"
	"guichet/internal/postoffice"
	"guichet/internal/strictslack"
	"guichet/store/storetest"
)

// The people and channels of the tests.
const (
	alice  = localslack.Alice
	martin = localslack.Martin // manager
	nadia  = localslack.Nadia  // agent of both queues
	oliver = localslack.Oliver // agent of both queues
	bruno  = "U05BRUNO"        // a colleague of Alice's

	general = localslack.General
	support = localslack.Support
	emm     = localslack.EMM
)

// desk is a running guichet, as a test uses it: people act in a local Slack, and between that and
// guichet stands the strict one, which refuses what the real one refuses and sends again what was not
// acknowledged.
type desk struct {
	t      *testing.T
	slack  *localslack.Server
	strict *strictslack.Server
	app    *app.App
	log    *logBuffer

	file, database string
	mode           string // how Slack reaches guichet: socket or http
	stop           func() // stops the program; start starts it again
	running        bool
	team           *team              // its Mattermost, if it has one
	mail           bool               // it has mail
	post           *postoffice.Server // its mail server, where a test has several doors
	password       string             // of its mailbox, if it looks into one
	provisioner    string             // the secret of the program that makes licenses of Office usable, if there is one
	gaveUp         bool               // the test has Slack give up what guichet did not acknowledge
}

// each runs a journey on a fresh desk over each database, beside other tests: SQLite by Socket Mode,
// PostgreSQL by HTTP, so that it takes both roads.
func each(t *testing.T, journey func(t *testing.T, d *desk), options ...strictslack.Option) {
	over(t, storetest.EachAddress, journey, options...)
}

// once is each, but over one database and by its road: for what people see and are told, where neither makes a
// difference. What is done is tested over both below, in helpdesk and store.
func once(t *testing.T, journey func(t *testing.T, d *desk), options ...strictslack.Option) {
	over(t, storetest.OneAddress, journey, options...)
}

func over(t *testing.T, databases func(*testing.T, func(*testing.T, string)), journey func(t *testing.T, d *desk), options ...strictslack.Option) {
	t.Parallel()
	databases(t, func(t *testing.T, address string) {
		t.Parallel()
		mode := "socket"
		if strings.HasPrefix(address, "postgres") {
			mode = "http"
		}
		journey(t, newDesk(t, address, mode, options...))
	})
}

// bySocket runs a journey over each database by Socket Mode, where several copies of the program can
// each have a connection. By HTTP there is one address, and who is behind it is not Slack's business.
func bySocket(t *testing.T, journey func(t *testing.T, d *desk)) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		t.Parallel()
		journey(t, newDesk(t, address, "socket"))
	})
}

// strictly runs a journey by both roads over both databases.
func strictly(t *testing.T, journey func(t *testing.T, d *desk), options ...strictslack.Option) {
	t.Parallel()
	for _, mode := range []string{"socket", "http"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			storetest.EachAddress(t, func(t *testing.T, address string) {
				t.Parallel()
				journey(t, newDesk(t, address, mode, options...))
			})
		})
	}
}

func workspace() localslack.Config {
	c := localslack.Demo()
	c.Users = append(c.Users, localslack.User{ID: bruno, Name: "bruno", RealName: "Bruno Petit"})
	for i := range c.Channels {
		if c.Channels[i].ID == general {
			c.Channels[i].Members = append(c.Channels[i].Members, bruno)
		}
	}
	return c
}

// often is when Slack sends again what was not acknowledged: at once, as the real one does, and then
// not after minutes but several times a second, for as long as a restart may take.
func often() []time.Duration {
	pauses := []time.Duration{0}
	for range 100 {
		pauses = append(pauses, 200*time.Millisecond)
	}
	return pauses
}

// granted are the scopes and the events that manifest.yaml asks for: no journey gets others.
var granted = sync.OnceValues(func() (options []strictslack.Option, err error) {
	text, err := os.ReadFile("../../../manifest.yaml")
	if err != nil {
		return nil, err
	}
	var manifest struct {
		Features struct {
			Commands []struct {
				Command string
				Tokens  bool `yaml:"should_escape"`
			} `yaml:"slash_commands"`
		}
		OAuth struct {
			Scopes struct{ Bot []string }
		} `yaml:"oauth_config"`
		Settings struct {
			Subscriptions struct {
				Bot []string `yaml:"bot_events"`
			} `yaml:"event_subscriptions"`
		}
	}
	err = yaml.Unmarshal(text, &manifest)
	var tokens []string
	for _, c := range manifest.Features.Commands {
		if c.Tokens {
			tokens = append(tokens, c.Command)
		}
	}
	return []strictslack.Option{strictslack.WithTokens(tokens...), strictslack.WithScopes(manifest.OAuth.Scopes.Bot...),
		strictslack.WithEvents(manifest.Settings.Subscriptions.Bot...)}, err
})

// nowhere is where Slack sends its requests while the program is stopped: its port may by then be
// another test's.
const nowhere = "http://127.0.0.1:1/"

func newDesk(t *testing.T, database, mode string, options ...strictslack.Option) *desk {
	t.Helper()
	d := &desk{t: t, slack: localslack.StartTest(t, workspace()), log: &logBuffer{}, database: database, mode: mode}
	usual, err := granted()
	if err != nil {
		t.Fatal(err)
	}
	usual = append(usual[:len(usual):len(usual)], strictslack.WithClock(strictslack.Clock{Retries: often()}))
	d.strict = strictslack.StartTest(t, d.slack, append(usual, options...)...)
	d.reachableAt(nowhere)
	template, err := os.ReadFile("testdata/desk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d.file = filepath.Join(t.TempDir(), "guichet.yaml")
	d.configure(func(s string) string { return string(template) })
	d.start()
	t.Cleanup(func() {
		d.delivered()
		d.stop()
		d.obeysSlack()
		if t.Failed() {
			t.Logf("guichet's log:\n%s", d.log)
		}
	})
	return d
}

// configure changes the configuration file; it holds from the next start.
func (d *desk) configure(change func(string) string) {
	d.t.Helper()
	old, _ := os.ReadFile(d.file)
	text := strings.NewReplacer("API_URL", d.strict.APIURL, "MODE", d.mode).Replace(change(string(old)))
	if err := os.WriteFile(d.file, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) environ() []string {
	vars := d.team.environ()
	if d.mail {
		vars = append(vars, "GUICHET_MAIL_SECRET="+mailSecret)
	}
	if d.password != "" {
		vars = append(vars, "GUICHET_MAIL_IMAP_PASSWORD="+d.password)
	}
	if d.provisioner != "" {
		vars = append(vars, "GUICHET_PROVISIONER_OFFICE_SECRET="+d.provisioner)
	}
	return append(vars,
		"GUICHET_DATABASE="+d.database,
		"GUICHET_FILES="+filepath.Join(filepath.Dir(d.file), "files"),
		"GUICHET_SLACK_ACME_BOT_TOKEN="+d.slack.Config.App.BotToken,
		"GUICHET_SLACK_ACME_APP_TOKEN="+d.slack.Config.App.AppToken,
		"GUICHET_SLACK_ACME_SIGNING_SECRET="+d.slack.Config.App.SigningSecret,
	)
}

// start runs the program until stop, waits until it is ready, and tells Slack where it is.
func (d *desk) start() {
	d.t.Helper()
	program, stop := d.run()
	d.app, d.running = program, true
	d.stop = func() {
		stop()
		d.running = false
		d.reachableAt(nowhere)
	}
	d.reachableAt("http://" + program.Address() + "/slack/acme")
	d.team.leadTo(program.Address())
	if d.mode == "http" {
		if err := d.strict.VerifyURL(d.t.Context()); err != nil {
			d.t.Fatal(err)
		}
	}
}

// reachableAt says where Slack sends its requests, if it sends any.
func (d *desk) reachableAt(url string) {
	if d.mode == "http" {
		d.strict.SetHTTP(url, d.slack.Config.App.SigningSecret)
	}
}

// restart changes the configuration file and starts the program again.
func (d *desk) restart(change func(string) string) {
	d.t.Helper()
	d.stop()
	d.configure(change)
	d.start()
}

// run starts one copy of the program and waits until it is ready.
func (d *desk) run() (_ *app.App, stop func()) {
	d.t.Helper()
	c, err := config.Load(d.file, d.environ())
	if err != nil {
		d.t.Fatal(err)
	}
	a, err := app.New(context.Background(), c, d.logger())
	if err != nil {
		d.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			d.t.Errorf("the program ended with: %v", err)
		}
		if err := a.Close(); err != nil {
			d.t.Error(err)
		}
	})
	d.eventually("guichet is ready", func() bool {
		if len(ended) > 0 {
			d.t.Errorf("the program ended at once with: %v", <-ended)
			ended <- nil
			return true
		}
		return get(d.t, a.Address(), "/readyz") == "200 ready\n"
	})
	return a, stop
}

func (d *desk) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(d.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (d *desk) eventually(what string, ok func() bool) {
	d.t.Helper()
	localslack.Eventually(d.t, what, ok)
}

// delivered waits until the program, if it runs, has acknowledged all that Slack had to tell it.
func (d *desk) delivered() {
	d.t.Helper()
	if !d.running {
		return
	}
	// Cleanups wait too, when the test's own context has ended.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(d.t.Context()), time.Minute)
	defer cancel()
	if err := d.strict.Settle(ctx); err != nil {
		d.t.Fatal(err)
	}
}

// settle waits until the outbox is empty: everything that had to be told has been.
func (d *desk) settle() {
	d.t.Helper()
	d.delivered()
	d.eventually("the outbox is empty", func() bool {
		metrics := get(d.t, d.app.Address(), "/metrics")
		if strings.Contains(metrics, "guichet_outbox_deliveries") && !strings.Contains(metrics, `guichet_outbox_deliveries{state="parked"} 0`+"\n") {
			d.t.Fatal("Slack would not take a message: it is parked")
		}
		return strings.Contains(metrics, `guichet_outbox_deliveries{state="waiting"} 0`+"\n") &&
			strings.Contains(metrics, `guichet_outbox_deliveries{state="failing"} 0`+"\n")
	})
}

// never checks that a channel does not show a text, once everything has been told.
func (d *desk) never(channel, text string) {
	d.t.Helper()
	d.settle()
	if ms := d.containing(channel, text); len(ms) > 0 {
		d.t.Errorf("%s shows %q: %s", channel, text, ms[0].AllText())
	}
}

// sql opens the program's database behind its back.
func (d *desk) sql() *sql.DB {
	d.t.Helper()
	driver, address := "postgres", d.database
	if !strings.HasPrefix(address, "postgres") {
		driver, address = "sqlite", "file:"+(&url.URL{Path: address}).EscapedPath()+"?_pragma=busy_timeout(5000)"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		d.t.Fatal(err)
	}
	return db
}

// exec changes the database behind the program's back: time passes only there.
func (d *desk) exec(statement string) {
	d.t.Helper()
	db := d.sql()
	defer db.Close()
	if _, err := db.ExecContext(d.t.Context(), statement); err != nil {
		d.t.Fatal(err)
	}
}

// number reads one number from the database.
func (d *desk) number(query string) (n int64) {
	d.t.Helper()
	db := d.sql()
	defer db.Close()
	if err := db.QueryRowContext(d.t.Context(), query).Scan(&n); err != nil {
		d.t.Fatal(err)
	}
	return n
}

// get asks the program over HTTP and returns status and body, or the error.
func get(t *testing.T, address, path string) string {
	t.Helper()
	bounded := http.Client{Timeout: 10 * time.Second}
	r, err := bounded.Get("http://" + address + path)
	if err != nil {
		return err.Error()
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d %s", r.StatusCode, b)
}

// logBuffer keeps what the program logs.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
