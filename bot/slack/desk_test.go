package slack

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"guichet/billing"
	"guichet/bot"
	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
	"guichet/store/storetest"
)

// A small desk, to render what it says.

const team = "T01ACME"

var (
	workspace = Workspace(team)
	quiet     = slog.New(slog.NewTextHandler(io.Discard, nil))
	began     = time.Date(2026, 9, 15, 7, 30, 0, 0, time.UTC)
)

// people are those of the desk, by account.
var people = map[string]string{"U01ALICE": "Alice Martin", "U02MARTIN": "Martin & Sons <IT>", "U03NADIA": "Nadia Benali"}

func in(en, fr string) func(string) string {
	return func(language string) string {
		if language == "fr" {
			return fr
		}
		return en
	}
}

// catalogIn is what the desk offers; its queues speak one language.
func catalogIn(language string) *helpdesk.Catalog {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err)
	}
	queue := func(key, channel string, name func(string) string, by helpdesk.Audience) helpdesk.Queue {
		return helpdesk.Queue{Key: key, Name: name, Place: store.Place{Workspace: workspace, Channel: channel}, Language: language,
			TimeZone: paris, ThreadDefault: by, CloseAfter: 5 * 24 * time.Hour, ReopenWithin: 14 * 24 * time.Hour}
	}
	return &helpdesk.Catalog{
		Organizations: []helpdesk.Organization{{Key: "acme", Name: "Acme & Co", Language: language, Workspaces: []string{workspace}}},
		Services: []helpdesk.Service{
			{Key: "office", Name: in("Office", "Office"), Queue: "support"},
			{Key: "domain", Name: in("Domain name", "Nom de domaine"), Queue: "support"},
			{Key: "emm", Name: in("EMM", "EMM"), Queue: "emm", Form: helpdesk.EMMForm},
		},
		Queues: []helpdesk.Queue{
			queue("support", "G02SUPPORT", in("Support", "Assistance"), helpdesk.Public),
			queue("emm", "G03EMM", in("Mobility", "Mobilité"), helpdesk.Internal),
		},
		DefaultQueue: "support",
	}
}

// incident is a ticket of Alice's, and what is known around it, in a state.
func incident(language string, state helpdesk.State) helpdesk.Brief {
	person := func(id store.PersonID, account string) store.Person {
		return store.Person{ID: id, Organization: "acme", Name: people[account], Language: language}
	}
	b := helpdesk.Brief{
		Now: began,
		Ticket: store.Ticket{ID: 1042, Kind: helpdesk.Incident, Service: "office", Queue: "support", Organization: "acme",
			Requester: 1, Assignee: 2, Subject: "Excel <crashes> & *burns* since `9:00`", Impact: "several", Urgency: "high",
			Priority: "high", State: string(state), StateSince: store.At(began), Origin: workspace},
		First:  store.Message{ID: 1, Ticket: 1042, Author: 1, Body: "I open a file:\n\n    </script>\n\n<!channel> can you help? 🙏 תודה"},
		People: map[store.PersonID]store.Person{1: person(1, "U01ALICE"), 2: person(2, "U03NADIA")},
	}
	if state == helpdesk.New {
		b.Ticket.Assignee = 0
	}
	return b
}

// mobile is a ticket about EMM, with the answers to its own questions.
func mobile(language string) helpdesk.Brief {
	b := incident(language, helpdesk.New)
	b.Ticket.Service, b.Ticket.Queue, b.Ticket.Follows = "emm", "emm", 977
	b.Ticket.Details = store.Details{"platform": "ios", "device": "iPhone 15_pro_max", "instance": "https://emm.acme.example/?a=1&b=2"}
	return b
}

// compose is what the bot says of a brief on one side of the counter.
func compose(t *testing.T, language, side, kind string, b helpdesk.Brief) card.Card {
	t.Helper()
	return composePart(t, language, side, kind, b, len(helpdesk.Parts(b.Message.Body))-1)
}

func composePart(t *testing.T, language, side, kind string, b helpdesk.Brief, part int) card.Card {
	t.Helper()
	d := store.Delivery{ID: 7, Ticket: b.Ticket.ID, Kind: kind, Lane: helpdesk.Lane(b.Ticket, side), Part: part}
	if side == store.RequesterSide {
		d.Person = b.Ticket.Requester
	}
	c, err := bot.New(helpdesk.NewDesk(nil, catalogIn(language)), nil, nil, quiet).Compose(d, b)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// counter is a running desk with a database, where people do things, one each second.
type counter struct {
	t    *testing.T
	db   *store.DB
	desk *helpdesk.Desk
	bot  *bot.Bot
	now  time.Time

	invoices *billing.Desk
}

func newCounter(t *testing.T, language string) *counter {
	t.Helper()
	db := storetest.Open(t, storetest.SQLite(t))
	c := &counter{t: t, now: began}
	db.SetClock(func() time.Time { return c.now })
	catalog := catalogIn(language)
	desk := helpdesk.NewDesk(db, catalog)
	c.invoices = billing.NewDesk(db, desk, billing.Settings{Accounts: map[string]string{"A1": "acme"}, Queue: "support", Largest: 1000})
	c.db, c.desk, c.bot = db, desk, bot.New(desk, nil, c.invoices, quiet)
	c.bot.Attach(lobby{language: language})
	if err := c.bot.RefreshMembers(t.Context(), catalog.Queues); err != nil {
		t.Fatal(err)
	}
	if err := desk.SetManagers(t.Context(), map[string][]store.Account{"acme": {{Workspace: workspace, ID: "U02MARTIN"}}}); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *counter) handle(who string, r bot.Request) bot.Answer {
	c.t.Helper()
	c.now = c.now.Add(time.Second)
	r.From = store.Account{Workspace: workspace, ID: who}
	a, err := c.bot.Handle(c.t.Context(), r)
	if err != nil || a.Problem != "" || len(a.Errors) > 0 {
		c.t.Fatalf("error %v, problem %q, errors %v", err, a.Problem, a.Errors)
	}
	return a
}

// types is a person typing /ticket.
func (c *counter) types(who, args string) bot.Answer {
	c.t.Helper()
	return c.handle(who, bot.Request{Command: &bot.Typed{Name: "ticket", Args: args}})
}

// presses is a person pressing a button, from a form that must open.
func (c *counter) presses(who, button, value string) card.Form {
	c.t.Helper()
	a := c.handle(who, bot.Request{Press: &bot.Press{Button: button, Value: value}})
	if a.Form == nil {
		c.t.Fatalf("%s: no form but %+v", button, a.Card)
	}
	return *a.Form
}

// sends is a person sending a form.
func (c *counter) sends(who string, f card.Form, values map[string]string) bot.Answer {
	c.t.Helper()
	return c.handle(who, bot.Request{Submission: &bot.Submission{Form: f.ID, Hidden: f.Hidden, Values: values}})
}

// opens is a person opening an incident about Office.
func (c *counter) opens(who, subject string) {
	c.t.Helper()
	f := c.types(who, "office").Form
	c.sends(who, *f, map[string]string{"kind": "incident", "subject": subject, "description": "It does not work.", "impact": "one", "urgency": "low"})
}

// lobby is a door that knows everybody and through which nothing goes out.
type lobby struct{ language string }

func (lobby) Workspace() string { return workspace }
func (l lobby) Profile(_ context.Context, account string) (bot.Profile, error) {
	return bot.Profile{Name: people[account], Language: l.language}, nil
}
func (lobby) Members(context.Context, string) ([]string, error) { return []string{"U03NADIA"}, nil }
func (lobby) DirectChannel(_ context.Context, account string) (string, error) {
	return "D" + account, nil
}
func (lobby) Post(context.Context, string, string, card.Card, store.DeliveryID) (string, error) {
	return "", fmt.Errorf("nothing goes out here")
}
func (lobby) Update(context.Context, string, string, card.Card, store.DeliveryID) error {
	return fmt.Errorf("nothing goes out here")
}

var languages = text.Languages
