package main

import (
	"context"
	"fmt"
	"time"

	"guichet/helpdesk"
	"guichet/helpdesk/clock"
	"guichet/store"
)

// small is how many tickets the small database has.
const small = 1000

// size is a database with so many tickets, used as the program uses it but without the way there:
// over HTTP, what surrounds a query would hide how it grows.
type size struct {
	*desk
	store *store.DB
	verbs *helpdesk.Desk
	ids   []store.TicketID // of tickets to look at, all over the table
}

// sizes measures what grows with the number of tickets, and should not.
func (b *bench) sizes([]*desk) error {
	rows := [][]string{{fmt.Sprintf("ms; tickets: 1,000 / %s", number(float64(b.large))), "PostgreSQL", "", "SQLite", ""}}
	for _, act := range sizeActs {
		rows = append(rows, []string{act.name})
	}
	for _, kind := range []string{"PostgreSQL", "SQLite"} {
		var pair [2]*size
		for i, n := range []int{small, b.large} {
			s, err := b.newSize(kind, n)
			if err != nil {
				return err
			}
			defer s.close()
			pair[i] = s
			b.say("%s has %d tickets", kind, n)
		}
		for i, act := range sizeActs {
			got, err := b.compareSizes(pair, act)
			if err != nil {
				return fmt.Errorf("%s on %s: %w", act.name, kind, err)
			}
			b.say("%s on %s: %s and %s ms", act.name, kind, got[0], got[1])
			rows[i+1] = append(rows[i+1], got[0].String(), got[1].String())
			act.hold(&b.report, act.name+", "+kind, got, kind)
		}
	}
	b.report.table("A thousand tickets and a million", rows...)
	return nil
}

func (b *bench) newSize(kind string, tickets int) (*size, error) {
	d, err := b.newDatabase(kind, fmt.Sprintf("size%d", tickets))
	if err != nil {
		return nil, err
	}
	if err := d.fillPeople(b); err != nil {
		return nil, err
	}
	s := &size{desk: d}
	if s.store, err = store.Open(b, d.address); err != nil {
		return nil, err
	}
	s.verbs = helpdesk.NewDesk(s.store, sizeCatalog)
	// The queue's settings are new to an empty database: with tickets in it, each would be counted anew.
	if _, err = s.verbs.Tick(b, time.Now(), func(helpdesk.Met) {}); err != nil {
		return nil, err
	}
	// 40 tickets each at least, so that lists are as long in both databases.
	if err := d.fillTickets(b, int64(tickets), int64(min(people, tickets/40))); err != nil {
		return nil, err
	}
	for i := range 50 {
		s.ids = append(s.ids, store.TicketID(1001+i*(tickets-1)/49))
	}
	return s, s.exec(b,
		fmt.Sprintf(`INSERT INTO people (id, organization, name, language, created_at) VALUES (%d, 'acme', 'Employee', 'en', %d)`, employee.Person, now()),
		fmt.Sprintf(`UPDATE tickets SET requester_id = %d WHERE id IN (SELECT 1000 + n * %d FROM %s)`, employee.Person, tickets/40, series(1, 40)),
		fmt.Sprintf(`INSERT INTO channels (workspace, channel, private, refreshed_at) VALUES ('%s', '%s', TRUE, %d)`, workspace, channel, now()),
		fmt.Sprintf(`INSERT INTO members (workspace, channel, account) VALUES ('%s', '%s', '%s')`, workspace, channel, account(7)),
		fmt.Sprintf(`INSERT INTO roles (workspace, account, organization, role) VALUES ('%s', '%s', 'acme', 'manager')`, workspace, account(7)))
}

func (s *size) close() {
	_ = s.store.Close()
	_ = s.db.Close()
}

func label(text string) func(string) string { return func(string) string { return text } }

var sizeCatalog = &helpdesk.Catalog{
	Organizations: []helpdesk.Organization{{Key: "acme", Name: "Acme", Language: "en", Workspaces: []string{workspace}}},
	Services:      []helpdesk.Service{{Key: "office", Name: label("Office"), Queue: "support", Form: helpdesk.StandardForm}},
	Queues: []helpdesk.Queue{{Key: "support", Name: label("Support"), Place: store.Place{Workspace: workspace, Channel: channel}, Language: "en",
		TimeZone: time.UTC, ThreadDefault: helpdesk.Public, CloseAfter: 120 * time.Hour,
		Unassigned: helpdesk.Reminder{Schedule: "*/5 * * * *", Steps: []clock.Step{{After: 30 * time.Minute, Do: helpdesk.ToQueue}}},
		Waiting:    helpdesk.Reminder{Schedule: "0 9-17 * * 1-5", Steps: []clock.Step{{After: 48 * time.Hour, Do: helpdesk.Nudge}}}}},
	DefaultQueue: "support",
}

// sizeAct is one thing whose time is taken, in turns on both sizes.
type sizeAct struct {
	name    string
	times   int // per round
	prepare func(context.Context, *size) error
	do      func(context.Context, *size, int) error
	hold    func(*report, string, [2]figures, string)
}

// atMostAsSlow and atLeastAsFast are the targets of reading and of writing.
func atMostAsSlow(r *report, what string, got [2]figures, _ string) {
	r.atMost(what, got[1].over(got[0]), " x the time", 1.3)
}

func atLeastAsFast(r *report, what string, got [2]figures, kind string) {
	r.atLeast(what, got[0].over(got[1]), map[string]float64{"PostgreSQL": 0.8, "SQLite": 0.7}[kind])
}

// who is an agent, a manager and a requester: all three lists are full.
var who = helpdesk.Actor{Person: firstPerson + 7, Organization: "acme", Source: workspace}

// employee has opened 40 tickets, and may see no others.
var employee = helpdesk.Actor{Person: firstPerson + people, Organization: "acme", Source: workspace}

// search looks for words that are in so many tickets, or more than a page of them.
func search(by helpdesk.Actor, words string, want int) func(context.Context, *size, int) error {
	return func(ctx context.Context, s *size, _ int) error {
		f, err := s.verbs.Search(ctx, by, helpdesk.ParseQuery(words), 0)
		if err == nil && len(f.Tickets) != want {
			err = fmt.Errorf("%d tickets were found", len(f.Tickets))
		}
		return err
	}
}

var sizeActs = []sizeAct{
	{name: "/ticket list: mine, my organization's, my queues'", times: 60, hold: atMostAsSlow,
		do: func(ctx context.Context, s *size, _ int) error {
			l, err := s.verbs.List(ctx, who)
			if want := helpdesk.ListShown + 1; err == nil && (len(l.Mine) != want || len(l.Organization) != want || len(l.Queues) != want) {
				err = fmt.Errorf("lists of %d, %d and %d", len(l.Mine), len(l.Organization), len(l.Queues))
			}
			return err
		}},
	{name: "one ticket's view", times: 60, hold: atMostAsSlow,
		do: func(ctx context.Context, s *size, i int) error {
			_, err := s.verbs.View(ctx, who, s.ids[i%len(s.ids)], helpdesk.Latest)
			return err
		}},
	{name: "search of two words, in all tickets, by an agent", times: 60, hold: atMostAsSlow, do: search(who, "outlook damaged", helpdesk.ListShown)},
	{name: "search of two words, in all tickets, by one who may see few", times: 60, hold: atMostAsSlow, do: search(employee, "outlook damaged", helpdesk.ListShown)},
	{name: "search of two words, in one ticket", times: 60, hold: atMostAsSlow, do: search(who, "outlook 77", 1)},
	{name: "a new ticket", times: 200, hold: atLeastAsFast,
		do: func(ctx context.Context, s *size, i int) error {
			out, err := s.verbs.Open(ctx, who, helpdesk.Request{Kind: helpdesk.Information, Service: "office", Subject: "Outlook",
				Description: words(2500)}, fmt.Sprintf("%d-%d", time.Now().UnixNano(), i))
			if err == nil && !out.Changed {
				err = fmt.Errorf("ticket %d was there", out.Ticket.ID)
			}
			return err
		}},
	{name: "a sweep with 100 reminders due", times: 1, hold: atMostAsSlow, prepare: makeDue,
		do: func(ctx context.Context, s *size, _ int) error {
			told := 0
			_, err := s.verbs.Tick(ctx, time.Now(), func(helpdesk.Met) { told++ })
			if err == nil && told != 100 {
				err = fmt.Errorf("%d tickets were met", told)
			}
			return err
		}},
}

// makeDue has a hundred tickets be new since long ago, and looked at.
func makeDue(ctx context.Context, s *size) error {
	return s.exec(ctx, `DELETE FROM events WHERE act = 'remind' AND ticket_id IN (SELECT id FROM tickets WHERE state = 'new' ORDER BY id LIMIT 100)`,
		`UPDATE tickets SET created_at = 1, due_at = 1 WHERE id IN (SELECT id FROM tickets WHERE state = 'new' ORDER BY id LIMIT 100)`)
}

// compareSizes takes the time of one act in milliseconds, the median of each round.
func (b *bench) compareSizes(pair [2]*size, act sizeAct) (got [2]figures, err error) {
	for round := range b.rounds + 1 {
		for i, s := range pair {
			// Filling the large one may have taken longer than it is relied upon who is an agent.
			if err := s.exec(b, fmt.Sprintf(`UPDATE channels SET refreshed_at = %d`, now())); err != nil {
				return got, err
			}
			if act.prepare != nil {
				if err := act.prepare(b, s); err != nil {
					return got, err
				}
			}
			var took figures
			for n := range act.times {
				began := time.Now()
				if err := act.do(b, s, n); err != nil {
					return got, err
				}
				took = append(took, milliseconds(time.Since(began)))
			}
			if err := s.clearOutbox(b); err != nil {
				return got, err
			}
			if round > 0 { // the first one warms up
				got[i] = append(got[i], took.median())
			}
		}
	}
	return got, nil
}
