package helpdesk_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guichet/helpdesk"
	"guichet/helpdesk/clock"
	"guichet/store"
	"guichet/store/storetest"
)

// catalog is what the desk of these tests offers: the customers acme and globex, and a desk with
// the queues support and emm, in which what is typed in the thread stays inside.
func catalog() *helpdesk.Catalog {
	named := func(s string) func(string) string { return func(string) string { return s } }
	queue := func(key string, by helpdesk.Audience) helpdesk.Queue {
		return helpdesk.Queue{Key: key, Name: named(key), Place: store.Place{Workspace: "slack:T9", Channel: "C-" + key}, Language: "en",
			TimeZone: time.UTC, ThreadDefault: by, CloseAfter: 72 * time.Hour, ReopenWithin: 7 * 24 * time.Hour,
			Unassigned: helpdesk.Reminder{Schedule: "*/5 * * * *", Steps: []clock.Step{{After: 30 * time.Minute, Do: helpdesk.ToQueue}}},
			Waiting:    helpdesk.Reminder{Schedule: "0 9-17 * * *", Steps: []clock.Step{{After: 48 * time.Hour, Do: helpdesk.Nudge}}}}
	}
	return &helpdesk.Catalog{
		Organizations: []helpdesk.Organization{
			{Key: "acme", Name: "Acme", Language: "fr", Workspaces: []string{"slack:T1"}},
			{Key: "globex", Name: "Globex", Language: "en", Workspaces: []string{"slack:T2"}},
			{Key: "desk", Name: "Desk", Language: "en", Workspaces: []string{"slack:T9"}},
		},
		Services: []helpdesk.Service{{Key: "office", Name: named("Office"), Queue: "support"},
			{Key: "emm", Name: named("EMM"), Queue: "emm", Form: helpdesk.EMMForm}},
		Queues:       []helpdesk.Queue{queue("support", helpdesk.Public), queue("emm", helpdesk.Internal)},
		DefaultQueue: "support",
	}
}

// house is a desk with people around it.
type house struct {
	*helpdesk.Desk
	t  *testing.T
	db *store.DB

	raw *sql.DB // the same database, behind the desk's back; only where a test needs that

	ann, ben, max helpdesk.Actor // employee, colleague, manager; of acme
	gus           helpdesk.Actor // manager of globex
	ada, amy, eve helpdesk.Actor // agents: two of support, one of emm

	mu     sync.Mutex
	now    time.Time
	looked time.Time // when the agents were last looked up
	forms  int
	linked map[store.TicketID]bool
}

// each runs a test with a house of its own on each database.
func each(t *testing.T, test func(t *testing.T, h *house)) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) { test(t, newHouse(t, db)) })
}

func newHouse(t *testing.T, db *store.DB) *house {
	h := &house{t: t, db: db, Desk: helpdesk.NewDesk(db, catalog()), linked: map[store.TicketID]bool{},
		now: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)}
	db.SetClock(h.clock)
	ctx := t.Context()
	meet := func(workspace, id string) helpdesk.Actor {
		p, err := h.Meet(ctx, store.Account{Workspace: workspace, ID: id}, strings.ToTitle(id), "")
		h.check(err)
		return helpdesk.Actor{Person: p.ID, Organization: p.Organization, Source: workspace}
	}
	h.ann, h.ben, h.max = meet("slack:T1", "ann"), meet("slack:T1", "ben"), meet("slack:T1", "max")
	h.gus = meet("slack:T2", "gus")
	h.ada, h.amy, h.eve = meet("slack:T9", "ada"), meet("slack:T9", "amy"), meet("slack:T9", "eve")
	h.check(h.SetManagers(ctx, map[string][]store.Account{
		"acme": {{Workspace: "slack:T1", ID: "max"}}, "globex": {{Workspace: "slack:T2", ID: "gus"}}}))
	h.refresh()
	return h
}

// sub is the house as a subtest uses it.
func (h *house) run(name string, test func(t *testing.T)) {
	h.t.Helper()
	was := h.t
	defer func() { h.t = was }()
	was.Run(name, func(t *testing.T) {
		h.t = t
		h.refresh()
		h.told(0)
		test(t)
	})
}

func (h *house) check(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// pass lets time go by; whoever is an agent is known to be one all the while.
func (h *house) pass(d time.Duration) {
	h.age(d)
	h.refresh()
}

// age lets time go by in which nobody looks up the agents.
func (h *house) age(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *house) refresh() {
	h.t.Helper()
	if h.looked.Equal(h.clock()) {
		return
	}
	h.looked = h.clock()
	q := h.Catalog().Queues
	h.check(h.SetSeen(h.t.Context(), q[0], store.Seen{Private: true, Members: []string{"ada", "amy"}}, 0))
	h.check(h.SetSeen(h.t.Context(), q[1], store.Seen{Private: true, Members: []string{"eve"}}, 0))
}

// open opens a ticket about a service.
func (h *house) open(a helpdesk.Actor, service string) store.Ticket {
	h.t.Helper()
	h.mu.Lock()
	h.forms++
	nonce := fmt.Sprintf("form-%d", h.forms)
	h.mu.Unlock()
	r := whole()
	r.Service = service
	out, err := h.Open(h.t.Context(), a, r, nonce)
	h.check(err)
	h.told(0)
	return out.Ticket
}

// link notes the two threads of a ticket, once.
func (h *house) link(t store.Ticket) {
	h.t.Helper()
	if h.linked[t.ID] {
		return
	}
	h.linked[t.ID] = true
	for _, side := range []string{store.DeskSide, store.RequesterSide} {
		h.check(h.Link(h.t.Context(), h.thread(t, side)))
	}
}

// thread is where a ticket lives on one side.
func (h *house) thread(t store.Ticket, side string) store.Thread {
	th := store.Thread{Ticket: t.ID, Lane: helpdesk.Lane(t, side), IsCard: true, Workspace: "slack:T9",
		Channel: "C-" + t.Queue, Root: fmt.Sprintf("%s-%d", side, t.ID)}
	if side == store.RequesterSide {
		th.Workspace, th.Channel = t.Origin, fmt.Sprintf("D-%d", t.Requester)
	}
	return th
}

// post is a message typed in a ticket's thread. Its id must be its own.
func (h *house) post(t store.Ticket, side, id, text string) helpdesk.Post {
	th := h.thread(t, side)
	return helpdesk.Post{External: store.External{Workspace: th.Workspace, Channel: th.Channel, ID: id}, Root: th.Root, Text: text}
}

// hear has somebody type a message in a ticket's thread.
func (h *house) hear(a helpdesk.Actor, t store.Ticket, side, text string) (helpdesk.Spoken, error) {
	h.t.Helper()
	h.link(t)
	h.mu.Lock()
	h.forms++
	id := fmt.Sprintf("m%d", h.forms)
	h.mu.Unlock()
	return h.Hear(h.t.Context(), a, "account", h.post(t, side, id, text))
}

// ticket reads a ticket as it is now.
func (h *house) ticket(id store.TicketID) (t store.Ticket) {
	h.t.Helper()
	h.check(h.db.Read(h.t.Context(), func(tx *store.Tx) (err error) {
		t, err = tx.Ticket(h.t.Context(), store.Program, id)
		return err
	}))
	return t
}

// history reads what was said and done in a ticket.
func (h *house) history(id store.TicketID) (ms []store.Message, es []store.Event) {
	h.t.Helper()
	h.check(h.db.Read(h.t.Context(), func(tx *store.Tx) (err error) {
		if ms, err = tx.Messages(h.t.Context(), id, true, 0, 10_000); err == nil {
			es, err = tx.Events(h.t.Context(), id, true, 0, 10_000)
		}
		return err
	}))
	return ms, es
}

// deliveries empties the outbox and returns what was in it, lane by lane in order.
func (h *house) deliveries() (all []store.Delivery) {
	h.t.Helper()
	ctx := h.t.Context()
	h.check(h.db.Write(ctx, func(tx *store.Tx) error {
		for {
			ds, err := claim(ctx, tx)
			if err != nil || len(ds) == 0 {
				return err
			}
			all = append(all, ds...)
			if _, err := tx.Done(ctx, ds...); err != nil {
				return err
			}
		}
	}))
	return all
}

// delivered notes that a delivery was made, and began a thread.
func (h *house) delivered(d store.Delivery, began store.Thread) {
	h.t.Helper()
	noted, _, err := h.Deliver(h.t.Context(), helpdesk.Want{}, helpdesk.Made{Delivery: d, Began: &began})
	h.check(err)
	if len(noted) != 1 {
		h.t.Error("the delivery was not noted")
	}
}

// claim takes what is due, of all workspaces.
func claim(ctx context.Context, tx *store.Tx) (ds []store.Delivery, err error) {
	workspaces, err := tx.OutboxWorkspaces(ctx)
	for _, w := range workspaces {
		some, failed := tx.Claim(ctx, w, 1000, time.Minute)
		ds, err = append(ds, some...), errors.Join(err, failed)
	}
	return ds, err
}

// told empties the outbox and says what one ticket's sides were told: "desk: card event; requester: card event".
func (h *house) told(id store.TicketID) string {
	h.t.Helper()
	sides := map[string][]string{}
	for _, d := range h.deliveries() {
		if d.Ticket != id {
			continue
		}
		side := store.DeskSide
		if d.Person != 0 {
			side = store.RequesterSide
		}
		sides[side] = append(sides[side], d.Kind)
	}
	var out []string
	for _, side := range []string{store.DeskSide, store.RequesterSide} {
		if len(sides[side]) > 0 {
			out = append(out, side+": "+strings.Join(sides[side], " "))
		}
	}
	return strings.Join(out, "; ")
}

// refused checks that an act was refused for a reason.
func refused(t *testing.T, what string, err error, code helpdesk.Code) {
	t.Helper()
	if !helpdesk.IsRefusal(err, code) {
		t.Errorf("%s: %v, want a refusal: %s", what, err, code)
	}
}

// duplicate checks that a request was recognized as handled before.
func duplicate(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, helpdesk.ErrDuplicate) {
		t.Errorf("%s: %v, want ErrDuplicate", what, err)
	}
}

// same compares what is with what should be.
func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// into brings a ticket into a state by what people do.
func (h *house) into(t store.Ticket, s helpdesk.State) store.Ticket {
	h.t.Helper()
	do := func(a helpdesk.Actor, acts ...helpdesk.Act) {
		h.t.Helper()
		for _, act := range acts {
			_, err := h.Do(h.t.Context(), a, act, t.ID, store.DeskSide)
			h.check(err)
		}
	}
	switch s {
	case helpdesk.New:
		return h.ticket(t.ID)
	case helpdesk.Open:
		do(h.ada, helpdesk.Take)
	case helpdesk.Waiting:
		do(h.ada, helpdesk.Take, helpdesk.Wait)
	case helpdesk.Resolved:
		do(h.ada, helpdesk.Take, helpdesk.Resolve)
	case helpdesk.Closed:
		do(h.ada, helpdesk.Take, helpdesk.Resolve, helpdesk.Close)
	}
	h.told(0)
	return h.ticket(t.ID)
}

// warm opens connections to the database, so that n transactions really begin at once.
func (h *house) warm(n int) {
	together(n, func(int) {
		if err := h.db.Write(h.t.Context(), func(*store.Tx) error { return nil }); err != nil {
			h.t.Error(err)
		}
	})
}

// together runs f in several goroutines that start at once.
func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() { <-start; f(i) })
	}
	close(start)
	wg.Wait()
}
