package app_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
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

// each runs a journey on a fresh desk over each database.
func each(t *testing.T, journey func(t *testing.T, d *desk)) {
	storetest.EachAddress(t, func(t *testing.T, address string) {
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
	}
}

// start runs the program until stop, and waits until it is ready.
func (d *desk) start() {
	d.t.Helper()
	c, err := config.Load(d.file, d.environ())
	if err != nil {
		d.t.Fatal(err)
	}
	a, err := app.New(context.Background(), c, slog.New(slog.NewTextHandler(d.log, nil)))
	if err != nil {
		d.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	d.app = a
	d.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			d.t.Errorf("the program ended with: %v", err)
		}
		if err := a.Close(); err != nil {
			d.t.Error(err)
		}
	})
	d.eventually("guichet is ready", func() bool { return get(d.t, a.Address(), "/readyz") == "200 ready\n" })
}

func (d *desk) eventually(what string, ok func() bool) {
	d.t.Helper()
	localslack.Eventually(d.t, what, ok)
}

// messages are those of a channel; a person's id stands for their direct channel.
func (d *desk) messages(channel string) []localslack.Message {
	d.t.Helper()
	if strings.HasPrefix(channel, "U") {
		dm, err := d.slack.DM(d.t.Context(), channel)
		if err != nil {
			d.t.Fatal(err)
		}
		channel = dm
	}
	ms, err := d.slack.Messages(d.t.Context(), channel)
	if err != nil {
		d.t.Fatal(err)
	}
	return ms
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
		return strings.Contains(get(d.t, d.app.Address(), "/metrics"), `guichet_outbox_oldest_seconds 0`+"\n")
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

// form waits for the form that a person sees and fills it in. It returns the field errors.
func (d *desk) form(p *localslack.Page, answers map[string]string) map[string]string {
	d.t.Helper()
	v, err := p.View(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	values, err := v.Fill(answers)
	if err != nil {
		d.t.Fatal(err)
	}
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
