package relay_test

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"guichet/bot"
	"guichet/bot/card"
	"guichet/bot/relay"
	"guichet/helpdesk"
	"guichet/store"
	"guichet/store/storetest"
)

// Every property is tried this often on each database, unless the command line says otherwise:
// each try is a small desk at work.
func TestMain(m *testing.M) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		_ = flag.Set("rapid.checks", "6")
	}
	// What is drawn does not decide who is quicker: a failure need not come again.
	_ = flag.Set("rapid.nofailfile", "true")
	_ = flag.Set("rapid.shrinktime", "3s")
	goleak.VerifyTestMain(m)
}

const (
	soon  = time.Minute // far above what anything here takes, so that a slow machine fails no test
	lease = soon / 2    // likewise
)

var agents = []string{"ada"}

// place is the channel of the desk's queue.
var place = store.Place{Workspace: "chat:desk", Channel: "C-support"}

func catalog() *helpdesk.Catalog {
	named := func(s string) func(string) string { return func(string) string { return s } }
	return &helpdesk.Catalog{
		Organizations: []helpdesk.Organization{
			{Key: "acme", Name: "Acme", Language: "en", Workspaces: []string{"chat:acme"}},
			{Key: "globex", Name: "Globex", Language: "fr", Workspaces: []string{"chat:globex"}},
			{Key: "desk", Name: "Desk", Language: "en", Workspaces: []string{place.Workspace}},
		},
		Services: []helpdesk.Service{{Key: "office", Name: named("Office"), Queue: "support"}},
		Queues: []helpdesk.Queue{{Key: "support", Name: named("Support"), Place: place, Language: "en",
			TimeZone: time.UTC, ThreadDefault: helpdesk.Public, ReopenWithin: time.Hour}},
		DefaultQueue: "support",
	}
}

// world is a desk with a chat, served by copies of the program on one database.
type world struct {
	t       *testing.T
	ctx     context.Context
	address string
	chat    *chat
	copies  []*copied
	raw     *sql.DB // a second look at the tables

	ann, gus, ada helpdesk.Actor // requesters from acme and globex, an agent
	forms         int
	mu            sync.Mutex // over forms
}

// copied is one copy of the program.
type copied struct {
	*helpdesk.Desk
	db  *store.DB
	bot stamping
}

// stamping is the bot with a stamp on each of its cards.
type stamping struct {
	*bot.Bot
	chat *chat
}

func (s stamping) Compose(d store.Delivery, b helpdesk.Brief) (card.Card, error) {
	s.chat.shake()
	c, err := s.Bot.Compose(d, b)
	c.Context = stampOf(d).String()
	return c, err
}

// each runs a test in a world on each database.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.EachAddress(t, func(t *testing.T, address string) { test(t, newWorld(t, address)) })
}

func newWorld(t *testing.T, address string) *world {
	w := &world{t: t, ctx: t.Context(), address: address, chat: &chat{}}
	driver, copies := "sqlite", 1 // whose one file serves one copy
	if strings.HasPrefix(address, "postgres") {
		driver, copies = "postgres", 2
	}
	for range copies {
		w.copies = append(w.copies, w.copy(storetest.Open(t, address), catalog()))
	}
	source := address
	if driver == "sqlite" {
		source = "file:" + address + "?_pragma=busy_timeout(5000)"
	}
	var err error
	w.raw, err = sql.Open(driver, source)
	w.must(err)
	t.Cleanup(func() { _ = w.raw.Close() })
	meet := func(workspace, id string) helpdesk.Actor {
		p, err := w.desk().Meet(w.ctx, store.Account{Workspace: workspace, ID: id}, id, "")
		w.must(err)
		return helpdesk.Actor{Person: p.ID, Organization: p.Organization, Source: workspace}
	}
	w.ann, w.gus, w.ada = meet("chat:acme", "ann"), meet("chat:globex", "gus"), meet(place.Workspace, "ada")
	w.clear(1, weather{})
	return w
}

func (w *world) copy(db *store.DB, catalog *helpdesk.Catalog) *copied {
	desk := helpdesk.NewDesk(db, catalog)
	b := bot.New(desk, nil, nil, slog.New(slog.DiscardHandler))
	c := &copied{desk, db, stamping{b, w.chat}}
	w.attach(c)
	return c
}

func (w *world) attach(c *copied) {
	for _, workspace := range []string{"chat:acme", "chat:globex", place.Workspace} {
		if d := (door{w.chat, workspace}); w.chat.looks {
			c.bot.Attach(finder{d})
		} else {
			c.bot.Attach(d)
		}
	}
}

// canLook says whether the platform can be asked what was posted. No relay may run meanwhile.
func (w *world) canLook(looks bool) {
	w.chat.looks = looks
	for _, c := range w.copies {
		w.attach(c)
	}
}

// mortal is a copy of the program that dies with ctx: from then on it reaches no database.
func (w *world) mortal(ctx context.Context) (*copied, error) {
	db, err := store.Open(w.ctx, w.address)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { _ = db.Close() })
	return w.copy(db, catalog()), nil
}

// buried are all who died, as far as the others can tell: their leases are over.
func (w *world) buried() {
	w.t.Helper()
	longer := time.Now().Add(lease / 2).UnixMilli() // than anything else makes a delivery wait
	_, err := w.raw.ExecContext(w.ctx, fmt.Sprint(`UPDATE outbox SET visible_at = 0 WHERE visible_at > `, longer))
	w.must(err)
	w.chat.forget()
}

func (w *world) desk() *helpdesk.Desk { return w.copies[0].Desk }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// clear makes chat and outbox empty; the queue's channel has just been looked at.
func (w *world) clear(seed uint64, weather weather) {
	w.t.Helper()
	w.chat.empty(seed, weather)
	for _, table := range []string{"outbox", "parked", "paused"} {
		_, err := w.raw.ExecContext(w.ctx, `DELETE FROM `+table)
		w.must(err)
	}
	w.must(w.desk().SetSeen(w.ctx, w.desk().Catalog().Queues[0], store.Seen{Private: true, Members: agents}, 0))
}

func (w *world) nonce() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.forms++
	return fmt.Sprint("form-", w.forms)
}

// open opens a ticket.
func (w *world) open(c *copied, by helpdesk.Actor) (store.Ticket, error) {
	out, err := c.Open(w.ctx, by, helpdesk.Request{Kind: helpdesk.Information, Service: "office", Subject: "help", Description: "please"}, w.nonce())
	return out.Ticket, err
}

// say has somebody reply to a ticket in a form, and returns what both sides are to be told.
func (w *world) say(by helpdesk.Actor, t store.Ticket, text string) string {
	w.t.Helper()
	side := store.RequesterSide
	if by == w.ada {
		side = store.DeskSide
	}
	s, err := w.desk().Say(w.ctx, by, t.ID, side, helpdesk.Public, text, w.nonce())
	w.must(err)
	return told(helpdesk.TellMessage, int64(s.Message), 0)
}

// relay is a relay of one copy, quick enough for a test.
func (w *world) relay(c *copied, o relay.Options) *relay.Relay {
	o.Poll, o.Lease = cmp.Or(o.Poll, 5*time.Millisecond), cmp.Or(o.Lease, lease)
	if o.Backoff == nil {
		o.Backoff = func(attempts int) time.Duration { return rand.N(5 * time.Millisecond) }
	}
	return relay.New(c.db, c.Desk, c.bot, slog.New(slog.DiscardHandler), o)
}

// running is something that goes on beside a test until it is stopped.
type running struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// start runs a relay.
func (w *world) start(r *relay.Relay, grace time.Duration) *running {
	return w.beside(func(ctx context.Context) { r.Run(ctx, grace) })
}

func (w *world) beside(f func(ctx context.Context)) *running {
	ctx, cancel := context.WithCancel(w.ctx)
	r := &running{cancel, make(chan struct{})}
	go func() {
		defer close(r.done)
		f(ctx)
	}()
	return r
}

func (r *running) stop() {
	r.cancel()
	<-r.done
}

// until waits for something that comes about by itself.
func (w *world) until(what string, ok func() bool) error {
	late := time.After(soon)
	again := time.NewTicker(3 * time.Millisecond)
	defer again.Stop()
	for !ok() {
		select {
		case <-late:
			return fmt.Errorf("not within %v: %s; the outbox: %v", soon, what, w.rows())
		case <-again.C:
		}
	}
	return nil
}

func (w *world) drained() error {
	return w.until("the outbox is empty", func() bool { return w.backlog().Waiting == 0 })
}

func (w *world) backlog() (b store.Backlog) {
	if err := w.copies[0].db.Read(w.ctx, func(tx *store.Tx) (err error) {
		b, err = tx.Backlog(w.ctx)
		return err
	}); err != nil {
		w.t.Error(err)
	}
	return b
}

// rows is what the outbox holds, in order.
func (w *world) rows() (out []string) {
	return w.list(`SELECT lane || ' ' || kind || ' claims ' || claims || ' attempts ' || attempts || ' ' || last_error FROM outbox ORDER BY id`)
}

// parked is what was parked in a conversation, in order.
func (w *world) parked(lane string) []string {
	return w.list(`SELECT kind || '/' || message_id || '/' || part FROM parked WHERE lane = '` + lane + `' ORDER BY id`)
}

func (w *world) list(query string) (out []string) {
	rows, err := w.raw.QueryContext(w.ctx, query)
	if err != nil {
		return []string{err.Error()}
	}
	defer rows.Close()
	for rows.Next() {
		var row string
		err = errors.Join(err, rows.Scan(&row))
		out = append(out, row)
	}
	if err = errors.Join(err, rows.Err()); err != nil {
		out = append(out, err.Error())
	}
	return out
}
