package app_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"guichet/cmd/guichet/app"
	"guichet/cmd/guichet/config"
	"guichet/internal/localslack"
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

// desk is a running guichet in a local Slack, as a test uses it.
type desk struct {
	t     *testing.T
	slack *localslack.Server
	app   *app.App
	log   *logBuffer

	file, database string
	stop           func() // stops the program; start starts it again
}

// each runs a journey on a fresh desk over each database, beside other tests.
func each(t *testing.T, journey func(t *testing.T, d *desk)) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		t.Parallel()
		journey(t, newDesk(t, address))
	})
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

func newDesk(t *testing.T, database string) *desk {
	t.Helper()
	d := &desk{t: t, slack: localslack.StartTest(t, workspace()), log: &logBuffer{}, database: database}
	template, err := os.ReadFile("testdata/desk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d.file = filepath.Join(t.TempDir(), "guichet.yaml")
	d.configure(func(s string) string { return string(template) })
	d.start()
	t.Cleanup(func() {
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
	text := strings.ReplaceAll(change(string(old)), "API_URL", d.slack.APIURL)
	if err := os.WriteFile(d.file, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) environ() []string {
	return []string{
		"GUICHET_DATABASE=" + d.database,
		"GUICHET_SLACK_ACME_BOT_TOKEN=" + d.slack.Config.App.BotToken,
		"GUICHET_SLACK_ACME_APP_TOKEN=" + d.slack.Config.App.AppToken,
		"GUICHET_SLACK_ACME_SIGNING_SECRET=" + d.slack.Config.App.SigningSecret,
	}
}

// start runs the program until stop, and waits until it is ready.
func (d *desk) start() {
	d.t.Helper()
	d.app, d.stop = d.run()
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
	a, err := app.New(context.Background(), c, slog.New(slog.NewTextHandler(d.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
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
	d.eventually("guichet is ready", func() bool { return get(d.t, a.Address(), "/readyz") == "200 ready\n" })
	return a, stop
}

func (d *desk) eventually(what string, ok func() bool) {
	d.t.Helper()
	localslack.Eventually(d.t, what, ok)
}

// all is everything in a channel; a person's id stands for their direct channel.
func (d *desk) all(channel string) []localslack.Message {
	d.t.Helper()
	// Cleanups look at messages too, when the test's own context has ended.
	ctx := context.WithoutCancel(d.t.Context())
	if strings.HasPrefix(channel, "U") {
		dm, err := d.slack.DM(ctx, channel)
		if err != nil {
			d.t.Fatal(err)
		}
		channel = dm
	}
	ms, err := d.slack.Messages(ctx, channel)
	if err != nil {
		d.t.Fatal(err)
	}
	return ms
}

// messages are those of a channel that everybody in it sees.
func (d *desk) messages(channel string) []localslack.Message {
	d.t.Helper()
	return slices.DeleteFunc(d.all(channel), func(m localslack.Message) bool { return m.EphemeralTo != "" })
}

// private are the messages of a channel that only one person sees: guichet's answers.
func (d *desk) private(who, channel string) []localslack.Message {
	d.t.Helper()
	return slices.DeleteFunc(d.all(channel), func(m localslack.Message) bool { return m.EphemeralTo != who })
}

// find waits for the one message of a channel that contains all of these texts.
func (d *desk) find(channel string, texts ...string) (found localslack.Message) {
	d.t.Helper()
	d.eventually(fmt.Sprintf("%s shows %q", channel, texts), func() bool {
		ms := d.containing(channel, texts...)
		if len(ms) > 1 {
			d.t.Fatalf("%s shows %q %d times", channel, texts, len(ms))
		}
		if len(ms) == 1 {
			found = ms[0]
		}
		return len(ms) == 1
	})
	return found
}

func (d *desk) containing(channel string, texts ...string) []localslack.Message {
	d.t.Helper()
	return slices.DeleteFunc(d.messages(channel), func(m localslack.Message) bool {
		for _, text := range texts {
			if !strings.Contains(m.AllText(), text) {
				return true
			}
		}
		return false
	})
}

// settle waits until the outbox is empty: everything that had to be told has been.
func (d *desk) settle() {
	d.t.Helper()
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

// press presses the button of a message.
func (d *desk) press(who string, m localslack.Message, button string) {
	d.t.Helper()
	for _, b := range m.Buttons() {
		if b.ActionID == button || strings.HasPrefix(b.ActionID, button+".") {
			if err := d.slack.Press(d.t.Context(), who, m.Channel, m.TS, b.BlockID, b.ActionID, b.Value); err != nil {
				d.t.Fatal(err)
			}
			return
		}
	}
	d.t.Fatalf("no button %q on: %s", button, m.AllText())
}

// forge presses a button that is not there.
func (d *desk) forge(who string, m localslack.Message, button, value string) {
	d.t.Helper()
	if err := d.slack.Press(d.t.Context(), who, m.Channel, m.TS, "actions", button, value); err != nil {
		d.t.Fatal(err)
	}
}

// write posts a message as a person, in a thread when root is given.
func (d *desk) write(who, channel, text, root string) string {
	d.t.Helper()
	ts, err := d.slack.PostMessage(d.t.Context(), who, channel, text, root)
	if err != nil {
		d.t.Fatal(err)
	}
	return ts
}

// command types a slash command in the general channel.
func (d *desk) command(who, text string) {
	d.t.Helper()
	if err := d.slack.Command(d.t.Context(), who, general, "/ticket", text); err != nil {
		d.t.Fatal(err)
	}
}

// answer does something and returns what the person is then told, alone, in a channel.
func (d *desk) answer(who, channel string, do func()) (got localslack.Message) {
	d.t.Helper()
	before := len(d.private(who, channel))
	do()
	d.eventually(who+" gets an answer", func() bool {
		ms := d.private(who, channel)
		if len(ms) > before {
			got = ms[len(ms)-1]
		}
		return len(ms) > before
	})
	return got
}

// ask types a command and returns the answer.
func (d *desk) ask(who, text string) localslack.Message {
	d.t.Helper()
	return d.answer(who, general, func() { d.command(who, text) })
}

// shows checks that a person's answer, or any message, has these texts.
func (d *desk) shows(m localslack.Message, texts ...string) {
	d.t.Helper()
	for _, text := range texts {
		if !strings.Contains(m.AllText(), text) {
			d.t.Errorf("%q is not in: %s", text, m.AllText())
		}
	}
}

// buttons are the ids of a message's buttons, in order.
func buttons(m localslack.Message) string {
	var ids []string
	for _, b := range m.Buttons() {
		id, _, _ := strings.Cut(b.ActionID, ".")
		ids = append(ids, id)
	}
	return strings.Join(ids, " ")
}

// view waits for the form that a person sees.
func (d *desk) view(p *localslack.Page) localslack.View {
	d.t.Helper()
	v, err := p.View(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return v
}

// titled waits for a form by its title.
func (d *desk) titled(p *localslack.Page, title string) {
	d.t.Helper()
	_, err := p.WaitView(d.t.Context(), title, func(v localslack.View) bool { return v.Title == title })
	if err != nil {
		d.t.Fatal(err)
	}
}

// fill presses a button that opens a form and sends that filled in. It returns the field errors.
func (d *desk) fill(who string, m localslack.Message, button string, answers map[string]string) map[string]string {
	d.t.Helper()
	p := d.slack.OpenTest(d.t, who)
	defer p.Close()
	d.press(who, m, button)
	return d.form(p, answers)
}

// form waits for the form that a person sees and fills it in. It returns the field errors.
func (d *desk) form(p *localslack.Page, answers map[string]string) map[string]string {
	d.t.Helper()
	values, err := d.view(p).Fill(answers)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.submit(p, values)
}

// submit sends the form that a person sees, also with what nobody could have filled in.
func (d *desk) submit(p *localslack.Page, values localslack.Values) map[string]string {
	d.t.Helper()
	_, errs, err := p.Submit(d.t.Context(), values)
	if err != nil {
		d.t.Fatal(err)
	}
	return errs
}

// open opens an incident about Office as a person does, and returns its number.
func (d *desk) open(who, subject, description string) string {
	d.t.Helper()
	p := d.slack.OpenTest(d.t, who)
	defer p.Close()
	d.command(who, "office")
	if errs := d.form(p, map[string]string{"kind": "incident", "subject": subject, "description": description,
		"impact": "one", "urgency": "medium"}); len(errs) > 0 {
		d.t.Fatalf("the form has errors: %v", errs)
	}
	card := d.find(support, subject, "Office")
	d.find(who, subject)
	d.settle() // only then is it known whose the two threads are
	number, _, _ := strings.Cut(strings.TrimPrefix(card.AllText(), "#"), " ")
	return strings.TrimPrefix(number, "#")
}

// card and conversation are a ticket's roots: in the queue's channel, and in its requester's.
func (d *desk) card(number string) localslack.Message {
	d.t.Helper()
	return d.find(support, "#"+number+" ", "Requester")
}

func (d *desk) conversation(who, number string) localslack.Message {
	d.t.Helper()
	return d.find(who, "Your ticket has the number "+number)
}

// seen is all that a ticket's two sides see, to tell whether anything has changed.
func (d *desk) seen(requester string) string {
	d.t.Helper()
	d.settle()
	var b strings.Builder
	for _, channel := range []string{support, emm, requester} {
		for _, m := range d.messages(channel) {
			fmt.Fprintln(&b, m.Channel, m.TS, m.ThreadTS, m.AllText(), buttons(m))
		}
	}
	return b.String()
}

// sql opens the program's database behind its back.
func (d *desk) sql() *sql.DB {
	d.t.Helper()
	driver, address := "postgres", d.database
	if !strings.HasPrefix(address, "postgres") {
		driver, address = "sqlite", "file:"+address+"?_pragma=busy_timeout(5000)"
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
	r, err := http.Get("http://" + address + path)
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
