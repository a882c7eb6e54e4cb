package bot

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"guichet/billing"
	"guichet/bot/card"
	"guichet/helpdesk"
	"guichet/license"
	"guichet/money"
	"guichet/store"
	"guichet/store/storetest"
)

// customers is a bot for two customers, Acme and Globex, over a real database, with something of everything of licenses and invoices at Acme's:
//
//	max, fay   its managers, until fay is one no more
//	ann, eve   employees; ann has asked for a license
//	boss       approves its orders
//	tom        administers its Office
//	gus        manages Globex
//	nina       is an agent
type customers struct {
	*Bot
	t      *testing.T
	people *helpdesk.Desk
	rows   *sql.DB
	ids    map[string]store.PersonID
	nonce  string            // of a list of seats that max has brought
	looked map[string]string // what is kept, as of the version of the file that is its first entry

	activation, quote string // their tickets
	admin, waiting    string // tom, and who has not confirmed yet
}

// hall is a door through which those come who belong there.
type hall struct {
	Door
	workspace string
}

var halls = map[string]string{"max": "w", "fay": "w", "ann": "w", "eve": "w", "boss": "w", "tom": "w", "gus": "x", "nina": "z"}

func (h hall) Workspace() string { return h.workspace }

func (h hall) Members(context.Context, string) ([]string, error) { return []string{"nina"}, nil }

func (h hall) Profile(_ context.Context, account string) (Profile, error) {
	switch halls[account] {
	case h.workspace:
		return Profile{Name: "Mx " + account, Language: "en"}, nil
	case "":
		return Profile{}, ErrNobody
	}
	return Profile{Foreign: true}, nil
}

func newCustomers(t *testing.T) *customers {
	address := storetest.SQLite(t)
	db := storetest.Open(t, address)
	named := func(s string) func(string) string { return func(string) string { return s } }
	place := store.Place{Workspace: "z", Channel: "C-desk"}
	people := helpdesk.NewDesk(db, &helpdesk.Catalog{Mail: "desk@acme.example", Confirms: true, Organizations: []helpdesk.Organization{
		{Key: "acme", Name: "Acme", Language: "en", Workspaces: []string{"w"}}, {Key: "globex", Name: "Globex", Language: "en", Workspaces: []string{"x"}},
		{Key: "desk", Name: "The desk", Language: "en", Workspaces: []string{"z"}}},
		Services: []helpdesk.Service{{Key: "office", Name: named("Office"), Queue: "desk"}, {Key: "emm", Name: named("EMM"), Queue: "desk"}},
		Queues:   []helpdesk.Queue{{Key: "desk", Name: named("Desk"), Place: place, Language: "en", TimeZone: time.UTC}}, DefaultQueue: "desk"})
	terms := func(s string) license.Terms { return license.Terms{Version: "1", Texts: map[string]string{"": s}} }
	euros := func(n int64) money.Amount { return money.Amount{Minor: n, Currency: "EUR"} }
	licenses := license.NewDesk(db, people, license.Catalog{Currency: "EUR", Sales: "desk", Provisioning: "desk", General: terms("general"), Contracts: map[[2]string]time.Time{},
		Licenses: []license.License{{Key: "basic", Service: "office", Name: named("Basic"), Family: "office", Price: euros(510), VAT: 2000},
			{Key: "standard", Service: "office", Name: named("Standard"), Family: "office", Price: euros(1133), VAT: 2000},
			{Key: "device", Service: "emm", Name: named("Device"), Price: euros(200)}},
		Services: map[string]license.Service{"emm": {Unenrolled: true, Help: named("https://help.example/emm")},
			"office": {Particular: terms("office"), AtVendor: true, Vendor: named("https://vendor.example"), Help: named("https://help.example/office")}},
		Reminders: license.Reminders{Before: 60 * 24 * time.Hour},
		Approvals: map[string]license.Approval{"acme": {Quantity: 2, Approvers: []store.Account{{Workspace: "w", ID: "boss"}}}}})
	invoices := billing.NewDesk(db, people, billing.Settings{Accounts: map[string]string{"A1": "acme", "G1": "globex"}, Queue: "desk", Largest: 1000})
	c := &customers{t: t, people: people, Bot: New(people, licenses, invoices, slog.New(slog.DiscardHandler)), ids: map[string]store.PersonID{}}
	var err error
	c.rows, err = sql.Open("sqlite", "file:"+(&url.URL{Path: strings.TrimPrefix(address, "sqlite:")}).EscapedPath()+"?_pragma=busy_timeout(5000)")
	c.check(err)
	c.rows.SetMaxOpenConns(1) // whose versions of the file can be compared
	t.Cleanup(func() { _ = c.rows.Close() })
	for _, w := range []string{"w", "x", "z"} {
		c.Attach(hall{workspace: w})
	}
	for who, workspace := range halls {
		p, err := people.Meet(t.Context(), store.Account{Workspace: workspace, ID: who}, "Mx "+who, "en")
		c.check(err)
		c.ids[who] = p.ID
	}
	q, _ := people.Catalog().Queue("desk")
	c.check(people.SetSeen(t.Context(), q, store.Seen{Private: true, Members: []string{"nina"}}, 0))
	c.managers("max", "fay")
	estates := "organization,license,ordered,activated,assigned\nacme,basic,12,10,7\nacme,device,4,4,0\nglobex,basic,3,2,1\n"
	_, err = licenses.Import(t.Context(), strings.NewReader(estates), false)
	c.check(err)
	batch, err := invoices.Read(fstest.MapFS{
		"invoices.csv": {Data: []byte("number,account,date,due,currency,net,vat,gross\nF-1,A1,2026-10-31,2026-11-30,EUR,10.00,20:2.00,12.00\n")},
		"lines.csv":    {Data: []byte("invoice,service,centre,quantity,unit_price,period,vat_rate,net\nF-1,office,CF-1,2,5.00,2026-10,20,10.00\n")},
		"F-1.pdf":      {Data: []byte("%PDF-1.4")}})
	c.check(err)
	_, err = invoices.Import(t.Context(), batch, false)
	c.check(err)
	c.furnish()
	return c
}

// furnish has Acme's people do what leaves something to press.
func (c *customers) furnish() {
	c.sends("max", "license.order", stepTerms)
	c.sends("ann", "license.request", "")
	c.submit("max", c.opens("max", "requestask", "1"), map[string]string{"words": "Why?"})
	c.activation = c.sends("max", "license.activate", "")
	c.quote = c.sends("max", "license.quote", "")
	c.sends("nina", "ticket.offer", "")
	c.sends("max", "license.terminate", stepGate)
	administrator := func(values map[string]string, to ...string) string {
		out, err := c.licenses.Designate(c.t.Context(), c.actor("max"), store.Account{Workspace: "w", ID: "max"}, license.Designation{Person: c.ids[values["picked"]],
			New: map[bool]*helpdesk.Details{true: {Name: "Erin", Mail: "erin@home.example", Language: "en"}}[values["picked"] == ""], Services: to}, fmt.Sprint(to))
		c.check(err)
		return fmt.Sprint(out.ID)
	}
	c.admin, c.waiting = administrator(map[string]string{"picked": "tom"}, "office"), administrator(nil, "emm")
	c.press("max", "attest", c.assigns("ann"))
	c.nonce = "list"
	file := []byte("person,license\neve@acme.example,basic\n")
	c.check(c.people.SaveDraft(c.t.Context(), c.actor("max"), c.nonce, map[string]string{fieldOrigin: `{"Files":[{"Name":"list.csv"}]}`}))
	rows, err := license.ParseSeats(file)
	c.check(err)
	_, _, err = c.licenses.PlanSeats(c.t.Context(), c.actor("max"), c.nonce, file, rows, nil)
	c.check(err)
}

func (c *customers) check(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *customers) managers(acme ...string) {
	c.t.Helper()
	var all []store.Account
	for _, id := range acme {
		all = append(all, store.Account{Workspace: "w", ID: id})
	}
	c.check(c.people.SetManagers(c.t.Context(), map[string][]store.Account{"acme": all, "globex": {{Workspace: "x", ID: "gus"}}}))
}

func (c *customers) actor(who string) helpdesk.Actor {
	return helpdesk.Actor{Person: c.ids[who], Organization: map[string]string{"w": "acme", "x": "globex", "z": "desk"}[halls[who]], Source: halls[who]}
}

// assigns is the value of a button that gives somebody a license.
func (c *customers) assigns(who string) string {
	return fmt.Sprintf("%s basic %d", license.Assigned, c.ids[who])
}

func (c *customers) does(who string, r Request) Answer {
	c.t.Helper()
	r.From, r.Home, r.Direct = store.Account{Workspace: halls[who], ID: who}, AtHome, true
	r.Place = store.Place{Workspace: r.From.Workspace, Channel: "D-" + who}
	a, err := c.Handle(c.t.Context(), r)
	c.check(err)
	return a
}

func (c *customers) press(who, button, value string) Answer {
	c.t.Helper()
	return c.does(who, Request{Press: &Press{Button: button, Value: value}})
}

// opens presses a button that opens a form.
func (c *customers) opens(who, button, value string) card.Form {
	c.t.Helper()
	return c.form(who+" presses "+button, c.press(who, button, value))
}

func (c *customers) form(what string, a Answer) card.Form {
	c.t.Helper()
	if a.Form == nil {
		c.t.Fatalf("%s: no form opens, but %s", what, shownBy(a))
	}
	return *a.Form
}

func (c *customers) submit(who string, f card.Form, values map[string]string) Answer {
	c.t.Helper()
	all := map[string]string{}
	for _, i := range f.Inputs {
		all[i.ID] = i.Initial
	}
	for field, v := range values {
		if !f.Asks(field) {
			c.t.Fatalf("%s does not ask for %s", f.ID, field)
		}
		all[field] = v
	}
	return c.does(who, Request{Submission: &Submission{Form: f.ID, Values: all, Hidden: f.Hidden}})
}

// sends fills in a form as it is meant to be, and returns the number of the last ticket by then.
func (c *customers) sends(who, form, step string) string {
	c.t.Helper()
	i := slices.IndexFunc(formsOfLicenses, func(f formAct) bool { return f.form == form && f.step == step })
	if a := c.submit(who, formsOfLicenses[i].open(c, who), formsOfLicenses[i].good); a.Problem != "" || len(a.Errors) > 0 || a.Card != nil {
		c.t.Fatalf("%s %s by %s: %s", form, step, who, shownBy(a))
	}
	var last sql.NullInt64
	c.check(c.rows.QueryRow("SELECT MAX(id) FROM tickets").Scan(&last))
	return fmt.Sprint(last.Int64)
}

// shownBy is all that an answer shows.
func shownBy(a Answer) string {
	b, _ := json.Marshal(a)
	return string(b)
}

// passing are tables that hold what is only begun, or was heard.
var passing = []string{"drafts", "homes", "heard", "people", "accounts", "marks", "channels"}

// holds is what is kept, table by table.
func (c *customers) holds() map[string]string {
	c.t.Helper()
	version := c.read("PRAGMA data_version")
	if c.looked["version"] == version {
		return c.looked
	}
	c.looked = map[string]string{"version": version}
	for name := range strings.Lines(c.read("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search%'")) {
		if name = strings.TrimSpace(name); !slices.Contains(passing, name) {
			c.looked[name] = c.read("SELECT * FROM " + name)
		}
	}
	if len(c.looked) < 30 {
		c.t.Fatalf("there are but %d tables", len(c.looked))
	}
	return c.looked
}

// read is a query's rows as text.
func (c *customers) read(query string) string {
	c.t.Helper()
	rows, err := c.rows.Query(query)
	c.check(err)
	defer rows.Close()
	columns, err := rows.Columns()
	c.check(err)
	var lines []string
	for rows.Next() {
		row, at := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			at[i] = &row[i]
		}
		c.check(rows.Scan(at...))
		lines = append(lines, strings.TrimSpace(strings.ReplaceAll(strings.Trim(fmt.Sprint(row), "[]"), "\n", "\\n")))
	}
	c.check(errors.Join(rows.Err(), rows.Close()))
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// unchanged checks that what is kept is what it was; what is new, and what Globex has, may be Globex's business.
func (c *customers) unchanged(what string, before map[string]string, globex bool) {
	c.t.Helper()
	now := c.holds()
	for name, rows := range now {
		was := strings.Split(before[name], "\n")
		for line := range strings.Lines(rows) {
			if i := slices.Index(was, strings.TrimSpace(line)); i >= 0 {
				was = slices.Delete(was, i, i+1)
			} else if name != "version" && line != "" && !globex {
				c.t.Errorf("%s: %s has %s", what, name, line)
			}
		}
		if globex {
			was = slices.DeleteFunc(was, func(line string) bool { return strings.HasPrefix(line, "globex") })
		}
		if len(was) > 0 && name != "version" && was[0] != "" {
			c.t.Errorf("%s: %s has no more %q", what, name, was)
		}
	}
}
