package app_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"guichet/cmd/guichet/app"
	"guichet/cmd/guichet/config"
	"guichet/internal/localslack"
	"guichet/internal/strictslack"
)

// sesame is in everything that is typed and in the database's password: none of it may be in what
// an operator reads, who may be of another company than those who write.
const sesame = "sesame"

// withPassword gives the database's address a password, where it can have one and has none.
func withPassword(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal("the database's address is not a URL")
	}
	if _, has := u.User.Password(); u.Scheme == "" || has {
		return address
	}
	u.User = url.UserPassword(u.User.Username(), "open-"+sesame)
	return u.String()
}

// keeps checks that a text for operators quotes nobody and holds no secret.
func (d *desk) keeps(what, text string, besides ...string) {
	d.t.Helper()
	slack := d.slack.Config.App
	secrets := append(besides, sesame, slack.BotToken, slack.AppToken, slack.SigningSecret, "/_hooks/response/", "/socket/", "/response/", "/link/")
	if u, err := url.Parse(d.database); err == nil {
		if password, has := u.User.Password(); has {
			secrets = append(secrets, password)
		}
	}
	for _, secret := range secrets {
		if i := strings.Index(text, secret); i >= 0 {
			d.t.Errorf("%s holds %q: …%s…", what, secret, text[max(0, i-200):min(len(text), i+200)])
		}
	}
}

// names are those of the people who do something here.
var names = []string{"Alice", "Bruno", "Nadia", "Benali"}

// speakUp does all that people can do, with sesame in it.
func (d *desk) speakUp(p *localslack.Page) (card, mine localslack.Message) {
	d.t.Helper()
	d.command(alice, "emm")
	d.form(p, map[string]string{"kind": "information", "subject": "subject sesame", "description": "description sesame"})
	d.form(p, map[string]string{"platform": "ios", "device": "device sesame", "instance": "instance sesame"})
	card, mine = d.find(emm, "#1001 "), d.conversation(alice, "1001")
	d.settle()
	d.press(nadia, card, "take")
	d.write(nadia, emm, "reply: reply sesame", card.TS)
	d.write(nadia, emm, "note sesame", card.TS)
	d.write(alice, alice, "message sesame", mine.TS)
	d.write(alice, alice, "alone sesame", "")
	d.fill(nadia, card, "note", map[string]string{"body": "form sesame"})
	if _, err := d.slack.Upload(d.t.Context(), alice, alice, "upload sesame", mine.TS, "sesame.txt", []byte("file sesame")); err != nil {
		d.t.Fatal(err)
	}
	d.find(emm, "sesame.txt")
	for _, text := range []string{"sesame", "list", "1001", "help"} {
		d.ask(alice, text)
	}
	d.forge(alice, mine, "sesame", "sesame")
	d.forge(alice, mine, "reply", "1001/sesame/sesame")
	d.settle()
	return card, mine
}

// badGateway is the failure of something before Slack.
var badGateway = strictslack.Fault{Method: "*", Kind: strictslack.ServerError, Status: 502}

// cut is the failure of a network.
func cut(method string) strictslack.Fault {
	return strictslack.Fault{Method: method, Kind: strictslack.Drop}
}

// refuse is Slack's own answer to a method.
func refuse(method, code string) strictslack.Fault {
	return strictslack.Fault{Method: method, Kind: strictslack.Refuse, Code: code}
}

// goWrong has all go wrong that can, with sesame in it. It returns what a person is told of a fault.
func (d *desk) goWrong(card, mine localslack.Message) (fault localslack.Message) {
	d.t.Helper()
	logged := func(text string, do func()) {
		d.t.Helper()
		before := strings.Count(d.log.String(), text)
		do()
		d.eventually("the log says "+text, func() bool { return strings.Count(d.log.String(), text) > before })
	}
	fail := func(f strictslack.Fault, text string, do func()) {
		d.t.Helper()
		defer d.strict.Inject(f)()
		logged(text, do)
	}
	fail(cut("response"), "private answer not shown", func() { d.command(alice, "unknown sesame") })
	fail(refuse("views.open", "internal_error"), "form not opened", func() { d.press(nadia, card, "reply") })
	fail(refuse("users.info", "internal_error"), "profile not found", func() { d.command(bruno, "sesame") })
	fail(refuse("chat.postEphemeral", "internal_error"), "private answer not shown", func() { d.write(nadia, emm, "reply:", card.TS) })
	fail(refuse("chat.postMessage", "invalid_blocks"), "msg=parked", func() { d.write(alice, alice, "parked sesame", mine.TS) })
	fail(badGateway, "msg=failed", func() { d.write(alice, alice, "gateway sesame", mine.TS) }) // on its way to the agents
	fail(unreachable, "msg=failed", func() { d.write(nadia, emm, "reply: network sesame", card.TS) })

	d.exec("ALTER TABLE messages RENAME TO hidden")
	logged("to be sent again", func() {
		if _, err := d.slack.PostMessage(d.t.Context(), alice, mine.Channel, "table sesame", mine.TS); err != nil {
			d.t.Fatal(err)
		}
	})
	fault = d.ask(nadia, "1001")
	d.exec("ALTER TABLE hidden RENAME TO messages")
	return fault
}

func TestNeitherWordsNorSecretsReachTheOperator(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.database = withPassword(t, d.database)
		d.stop()
		d.start()
		card, mine := d.speakUp(d.slack.OpenTest(t, alice))
		fault := d.goWrong(card, mine)

		metrics := get(t, d.app.Address(), "/metrics")
		d.keeps("the log", d.log.String(), names...)
		d.keeps("/metrics", metrics, names...)
		for _, name := range []string{`guichet_outbox_deliveries{state="parked"} 1`, "guichet_outbox_oldest_seconds ", `guichet_handler_seconds_count{kind="form"} `,
			`guichet_handler_errors_total{kind="message"} `, `guichet_handler_errors_total{kind="command"} 1`, `guichet_deliveries_total{outcome="delivered"} `,
			`guichet_deliveries_total{outcome="failed"} `, `guichet_deliveries_total{outcome="parked"} 1`} {
			if !strings.Contains(metrics, "\n"+name) {
				t.Errorf("/metrics lacks %s:\n%s", name, metrics)
			}
		}

		// The person who met a fault can quote what the operator finds in the log.
		_, reference, _ := strings.Cut(fault.Text, "Reference: ")
		if reference == "" || !strings.Contains(d.log.String(), "reference="+reference) {
			t.Errorf("the reference %q is not in the log: %s", reference, fault.Text)
		}
	})
}

// What Check, New and Run say when something is wrong goes to terminals, logs and other people's
// tickets.
func TestErrorsAtTheStartKeepSecrets(t *testing.T) {
	t.Parallel()
	d := newDesk(t, filepath.Join(t.TempDir(), "guichet.db"), "socket")
	d.stop()
	load := func(database string) *config.Config {
		d.database = database
		c, err := config.Load(d.file, d.environ())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	check := func(what string, c *config.Config) {
		var out bytes.Buffer
		if n := app.Check(t.Context(), c, &out); n == 0 {
			t.Errorf("%s: check finds nothing: %s", what, &out)
		}
		d.keeps("check, "+what, out.String())
	}

	good := load(d.database)
	for what, f := range map[string]strictslack.Fault{
		"bot token refused": refuse("auth.test", "invalid_auth"),
		"app token refused": refuse("apps.connections.open", "not_allowed_token_type"),
		"no channel":        refuse("conversations.info", "channel_not_found"),
		"nobody":            refuse("users.info", "user_not_found"),
		"a broken network":  cut("*"),
		"no Slack":          badGateway,
	} {
		mend := d.strict.Inject(f)
		check(what, good)
		mend()
	}
	d.strict.Down()
	check("no network", good)
	d.strict.Up()

	d.strict.Inject(refuse("auth.test", "invalid_auth"))
	a, err := app.New(t.Context(), good, slog.New(slog.NewTextHandler(d.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(a.Run(t.Context()), a.Close())
	if err == nil || !strings.Contains(err.Error(), "invalid_auth") {
		t.Errorf("with a token that Slack refuses it ends with: %v", err)
	}
	d.keeps("the error of Run", fmt.Sprint(err))
	d.keeps("the log", d.log.String())

	for _, database := range []string{
		"postgres://guichet:sesame@127.0.0.1:1/guichet?sslmode=disable",
		"postgres://guichet:sesame@127.0.0.1:1/guichet?sslmode=disable&connect_timeout=x",
		"postgres://guichet@127.0.0.1:1/guichet?sslmode=disable&password=sesame",
		"postgres://guichet:%73esame@nowhere.invalid/guichet",
	} {
		c := load(database)
		check(c.Database.String(), c)
		if _, err := app.New(t.Context(), c, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%s can be opened", c.Database)
		} else {
			d.keeps("the error of New, "+c.Database.String(), err.Error())
		}
	}
}
