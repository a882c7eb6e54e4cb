package slack

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/slack-go/slack"

	"guichet/bot"
	"guichet/bot/card"
	"guichet/helpdesk"
	"guichet/internal/slackrules"
	"guichet/store"
)

var update = flag.Bool("update", false, "write the golden files anew")

// asSlack turns what we send into what Slack reads.
func asSlack(t testing.TB, v any) (m map[string]any) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func messageOf(t testing.TB, c card.Card) map[string]any {
	t.Helper()
	return asSlack(t, map[string]any{"text": fallback(c, maxFallback), "blocks": slack.Blocks{BlockSet: blocks(c)}})
}

func viewOf(t testing.TB, f card.Form) map[string]any {
	t.Helper()
	f.Hidden.Nonce = "nonce" // a new one each time
	v, err := view(f)
	if err != nil {
		t.Fatal(err)
	}
	return asSlack(t, v)
}

// golden collects renderings that belong together and holds them against a file.
type golden map[string]map[string]any

func (g golden) card(t *testing.T, name string, c card.Card) {
	t.Helper()
	m := messageOf(t, c)
	for _, err := range slackrules.Message(m) {
		t.Errorf("%s: %v", name, err)
	}
	g[name] = m
}

func (g golden) answer(t *testing.T, name string, a bot.Answer) {
	t.Helper()
	if a.Card == nil {
		t.Fatalf("%s: no card", name)
	}
	for i, b := range a.Card.Buttons {
		if draft, more, _ := strings.Cut(b.Value, "/"); uuid.Validate(draft) == nil { // another one each time
			a.Card.Buttons[i].Value = strings.TrimSuffix("draft/"+more, "/")
		}
	}
	g.card(t, name, *a.Card)
}

func (g golden) form(t *testing.T, name string, f *card.Form) {
	t.Helper()
	if f == nil {
		t.Fatalf("%s: no form", name)
	}
	v := viewOf(t, *f)
	for _, err := range slackrules.View(v) {
		t.Errorf("%s: %v", name, err)
	}
	g[name] = v
}

func (g golden) check(t *testing.T, name string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden.json")
	if *update {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("", " ")
		if err := errors.Join(e.Encode(g), os.WriteFile(file, b.Bytes(), 0o644)); err != nil {
			t.Fatal(err)
		}
		return
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want golden
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, g); diff != "" {
		t.Errorf("%s (-golden +now; go test ./bot/slack -update writes it anew):\n%s", file, diff)
	}
}

// inEach runs a test in each language.
func inEach(t *testing.T, test func(t *testing.T, language string)) {
	for _, l := range languages {
		t.Run(l, func(t *testing.T) { test(t, l) })
	}
}

func TestRenderCards(t *testing.T) {
	inEach(t, func(t *testing.T, language string) {
		for _, side := range []string{store.DeskSide, store.RequesterSide} {
			g := golden{}
			for _, s := range helpdesk.States {
				g.card(t, string(s), compose(t, language, side, helpdesk.TellCard, incident(language, s)))
			}
			g.card(t, "emm", compose(t, language, side, helpdesk.TellCard, mobile(language)))
			g.check(t, "card-"+side+"."+language)
		}
	})
}

func TestRenderMessages(t *testing.T) {
	inEach(t, func(t *testing.T, language string) {
		g := golden{}
		say := func(name, side, kind string, author store.PersonID, audience, body string) {
			b := incident(language, helpdesk.Open)
			b.Message = store.Message{ID: 3, Ticket: 1042, Author: author, Audience: audience, Body: body}
			g.card(t, name, compose(t, language, side, kind, b))
		}
		const desk, requester = store.DeskSide, store.RequesterSide
		say("to the requester", requester, helpdesk.TellMessage, 2, store.Public, "Try *this*:\n1 < 2 && echo `ok`\n\n<!here> :wave:")
		say("to the desk", desk, helpdesk.TellMessage, 1, store.Public, "Still the same & worse.")
		say("their own, sent with the form", requester, helpdesk.TellMessage, 1, store.Public, "Any news?")
		say("note", desk, helpdesk.TellMessage, 2, store.Internal, "Their laptop is from 2009.")
		say("last part", desk, helpdesk.TellMessage, 1, store.Public, strings.Repeat("x", helpdesk.PartLength)+"and that is the end.")
		say("receipt: sent", desk, helpdesk.TellReceipt, 2, store.Public, "x")
		say("receipt: internal", desk, helpdesk.TellReceipt, 2, store.Internal, "x")
		g.check(t, "message."+language)
	})
}

func TestRenderEvents(t *testing.T) {
	inEach(t, func(t *testing.T, language string) {
		g := golden{}
		for _, e := range []struct {
			name, side string
			state      helpdesk.State
			event      store.Event
		}{
			{"take", store.RequesterSide, helpdesk.Open, store.Event{Actor: 2, Act: "take"}},
			{"wait", store.RequesterSide, helpdesk.Waiting, store.Event{Actor: 2, Act: "wait"}},
			{"resolve", store.RequesterSide, helpdesk.Resolved, store.Event{Actor: 2, Act: "resolve"}},
			{"reopen", store.DeskSide, helpdesk.Open, store.Event{Actor: 1, Act: "reopen"}},
			{"close", store.DeskSide, helpdesk.Closed, store.Event{Actor: 1, Act: "close"}},
			{"close by itself", store.RequesterSide, helpdesk.Closed, store.Event{Act: "close"}},
			{"follow", store.RequesterSide, helpdesk.Closed, store.Event{Actor: 1, Act: "follow", Detail: "1107"}},
			{"remind the requester", store.RequesterSide, helpdesk.Waiting, store.Event{Act: "remind", Detail: "waiting"}},
			{"remind the desk", store.DeskSide, helpdesk.New, store.Event{Act: "remind", Detail: "unassigned"}},
		} {
			b := incident(language, e.state)
			b.Event = e.event
			b.Event.At = store.At(began.Add(50 * time.Hour))
			g.card(t, e.name, compose(t, language, e.side, helpdesk.TellEvent, b))
		}
		g.check(t, "event."+language)
	})
}

func TestRenderForms(t *testing.T) {
	inEach(t, func(t *testing.T, language string) {
		g, c := golden{}, newCounter(t, language)
		start := func(service, kind string) *card.Form {
			first := c.types("U01ALICE", "").Form
			return c.sends("U01ALICE", *first, map[string]string{"service": service, "kind": kind}).Form
		}
		g.form(t, "1 what", c.types("U01ALICE", "").Form)
		g.form(t, "2 describe an incident", start("office", "incident"))
		g.form(t, "2 describe an information request", start("office", "information"))
		direct := c.types("U01ALICE", "emm").Form
		g.form(t, "2 describe, begun by the service", direct)
		g.form(t, "3 emm", c.sends("U01ALICE", *direct, map[string]string{"kind": "information", "subject": "s", "description": "d"}).Form)

		c.opens("U01ALICE", "Printer")
		for _, press := range []struct{ name, who, button, value string }{ // in order: people get their ids by it
			{"reply by an agent", "U03NADIA", "reply", "1001/desk"},
			{"reply by requester", "U01ALICE", "reply", "1001/requester"},
			{"note", "U03NADIA", "note", "1001/desk"},
			{"reply by a manager", "U02MARTIN", "reply", "1001/requester"},
			{"new, from a message", "U01ALICE", "new", "new"},
		} {
			f := c.presses(press.who, press.button, press.value)
			g.form(t, press.name, &f)
		}
		g.check(t, "form."+language)
	})
}

func TestRenderAnswers(t *testing.T) {
	inEach(t, func(t *testing.T, language string) {
		g, c := golden{}, newCounter(t, language)
		g.answer(t, "no tickets", c.types("U01ALICE", "list"))
		c.opens("U01ALICE", "Excel <crashes> & *burns*")
		say := func(who, button, side, body string) {
			c.sends(who, c.presses(who, button, "1001/"+side), map[string]string{"body": body})
		}
		say("U03NADIA", "reply", "desk", "Have you tried\n\nturning it <off> & on?")
		say("U03NADIA", "note", "desk", "Their *third* this week.")
		say("U01ALICE", "reply", "requester", "Yes.")
		g.answer(t, "ticket, to its requester", c.types("U01ALICE", "1001"))
		g.answer(t, "ticket, to an agent", c.types("U03NADIA", "#1001"))
		g.answer(t, "ticket, to a manager", c.types("U02MARTIN", "1001"))
		for i := range 33 {
			say("U01ALICE", "reply", "requester", fmt.Sprintf("%d: still nothing.", i))
		}
		g.answer(t, "ticket with a long history", c.types("U01ALICE", "1001"))
		for i := range 16 {
			c.opens("U01ALICE", fmt.Sprintf("Question %d", i))
		}
		for name, who := range map[string]string{"requester": "U01ALICE", "agent": "U03NADIA", "manager": "U02MARTIN"} {
			g.answer(t, "list, "+name, c.types(who, "list"))
			g.answer(t, "help, "+name, c.types(who, "help"))
		}
		g.answer(t, "an unknown argument", c.types("U01ALICE", "offise <!channel>"))
		g.answer(t, "a slip", c.types("U01ALICE", "lst"))
		g.answer(t, "an unknown ticket", c.types("U02MARTIN", "4711"))
		g.answer(t, "a message outside any thread", c.handle("U01ALICE", bot.Request{Direct: true, Post: &helpdesk.Post{Text: "hello"}}))
		g.answer(t, "a stale button", c.handle("U01ALICE", bot.Request{Press: &bot.Press{Button: "gone"}}))
		g.check(t, "answer."+language)
	})
}
