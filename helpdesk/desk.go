// Package helpdesk holds the rules and verbs of tickets. Rules are pure functions over records:
// states (state.go), authority (may.go), routing (catalog.go), audience (tell.go), reminders
// (remind.go). Verbs are the methods of Desk: each is one thing that a person does, in one
// transaction, with what must be told written to the outbox in it. No verb touches the network.
package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"guichet/helpdesk/clock"
	"guichet/store"
)

// MembersFresh is how long it is relied upon that a queue's channel is private, and that who was
// seen in it is its agent.
const MembersFresh = 5 * time.Minute

// Desk is the support desk.
type Desk struct {
	db       *store.DB
	catalog  *Catalog
	policies clock.Policies
	met      met
	attends  map[string]func(context.Context, *store.Tx, store.Ticket) error // by what tickets are about
	counted  atomic.Bool                                                     // what is due rests on the present policies
}

// NewDesk returns a desk over a migrated database. It panics at a schedule that can't be read: the configuration has read it.
func NewDesk(db *store.DB, c *Catalog) *Desk {
	return &Desk{db: db, catalog: c, policies: c.policies()}
}

// Catalog returns what the desk offers.
func (d *Desk) Catalog() *Catalog { return d.catalog }

// Actor is who does something, and by which request.
type Actor struct {
	Person       store.PersonID
	Organization string // theirs, from our own record of them
	Source       string // the workspace it came from
	Request      string // the platform's id of the request, so that it is handled once; empty: it has none
	Reason       string // kept with the event
	AtOnce       bool   // what they say is told at once: it is not held for [Undo]
	Wordless     bool   // they did it by a sign, which says nothing to others: the thread is told in words
}

// Outcome is what became of an act.
type Outcome struct {
	Ticket  store.Ticket
	Event   store.EventID
	Changed bool   // false: it was so already
	By      string // name of the colleague by whom it was so already
}

// Known returns the person behind an account, store.ErrNotFound at first sight. What it says was so
// within the last minute: their organization never changes, what they may do is read by each verb, and
// should they have turned out to be another (Confirm), JoinAgain sees to what they did meanwhile.
func (d *Desk) Known(ctx context.Context, a store.Account) (p store.Person, err error) {
	if p, ok := d.met.remembered(a); ok {
		return p, nil
	}
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		p, err = tx.PersonByAccount(ctx, a)
		return err
	})
	if err == nil {
		d.met.remember(a, p)
	}
	return p, err
}

// Person is who somebody is now, should they have turned out to be another.
func (d *Desk) Person(ctx context.Context, id store.PersonID) (p store.Person, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		p, err = d.self(ctx, tx, id)
		return err
	})
	return p, err
}

// met are persons met lately.
type met struct {
	mu     sync.Mutex
	people map[store.Account]store.Person
	since  time.Time
}

// How long, and how many persons, are remembered.
const (
	metFor  = time.Minute
	mostMet = 10_000
)

func (m *met) remembered(a store.Account) (store.Person, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, ok := m.people[a]
	return p, ok && time.Since(m.since) < metFor
}

func (m *met) remember(a store.Account, p store.Person) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.people) >= mostMet || time.Since(m.since) >= metFor {
		m.people, m.since = map[store.Account]store.Person{}, time.Now()
	}
	m.people[a] = p
}

// forget has everybody looked up again: somebody has turned out to be another.
func (m *met) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.people, m.since = nil, time.Time{}
}

// Meet records a person at first sight. Their organization is that of the workspace they write
// from; an unknown workspace is refused.
func (d *Desk) Meet(ctx context.Context, a store.Account, name, language string) (p store.Person, err error) {
	o, ok := d.catalog.OrganizationOf(a.Workspace)
	if !ok {
		return p, refuse(Stranger, store.Ticket{})
	}
	if language == "" {
		language = o.Language
	}
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		p, err = tx.AddPerson(ctx, store.Person{Organization: o.Key, Name: name, Language: language}, a)
		return err
	})
	if errors.Is(err, store.ErrKnown) {
		return d.Known(ctx, a)
	}
	return p, err
}

// Rename gives a person the name, and the language if one is known, that could not be looked up at first
// sight.
func (d *Desk) Rename(ctx context.Context, a store.Account, name, language string) (p store.Person, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		if p, err = tx.PersonByAccount(ctx, a); err != nil {
			return err
		}
		p.Name, p.Language = name, cmp.Or(language, p.Language)
		return tx.SavePerson(ctx, p)
	})
	if err == nil {
		d.met.remember(a, p)
	}
	return p, err
}

// SetSeen records what a look at a queue's channel, that long ago, has shown: its members are the
// queue's agents, and it is told of its tickets as long as it is private.
func (d *Desk) SetSeen(ctx context.Context, q Queue, seen store.Seen, ago time.Duration) error {
	return d.db.Write(ctx, func(tx *store.Tx) error {
		return tx.SetSeen(ctx, q.Place, seen, store.At(tx.Now.Add(-ago)))
	})
}

// fresh says whether what was so at an instant can be relied upon. An instant that is to come was noted
// before the clock was put back: how long ago that is, nobody knows.
func fresh(at, now store.Time) bool { return now.Sub(at.Time).Abs() < MembersFresh }

// standing reads who somebody is to the desk.
func (d *Desk) standing(ctx context.Context, tx *store.Tx, id store.PersonID) (w Standing, err error) {
	if w.Person, err = d.self(ctx, tx, id); err != nil {
		return w, err
	}
	id = w.Person.ID
	if w.Manager, err = tx.HasRole(ctx, id, store.Manager); err != nil {
		return w, err
	}
	services, err := tx.ServicesOf(ctx, id)
	if err != nil {
		return w, err
	}
	w.Services = d.catalog.InOrder(services)
	members, err := tx.MembershipsOf(ctx, id)
	if err != nil {
		return w, err
	}
	for _, m := range members {
		q, ok := d.catalog.QueueAt(m.Place)
		switch {
		case !ok:
		case fresh(m.RefreshedAt, tx.Now):
			w.Queues = append(w.Queues, q.Key)
		default:
			w.Unsure = append(w.Unsure, q.Key)
		}
	}
	return w, nil
}

// StandingIn reads who somebody is, for a verb of another room in its own transaction.
func (d *Desk) StandingIn(ctx context.Context, tx *store.Tx, id store.PersonID) (Standing, error) {
	return d.standing(ctx, tx, id)
}

// ManagerIn is StandingIn for what only the managers of an organization may do: anybody else is refused by this code, and told whom to ask.
func (d *Desk) ManagerIn(ctx context.Context, tx *store.Tx, a Actor, otherwise Code) (Standing, error) {
	who, err := d.standing(ctx, tx, a.Person)
	if err != nil || who.Manager && who.Person.Organization != "" {
		return who, err
	}
	names, err := tx.NamesOf(ctx, who.Person.Organization, store.Manager, mostNamed)
	if err != nil {
		return who, err
	}
	return who, &Refusal{Code: otherwise, Managers: names}
}

// begin is how every verb on an existing ticket starts: the request is new, the ticket is there
// and locked, and the actor may do this from their side of the counter.
func (d *Desk) begin(ctx context.Context, tx *store.Tx, a Actor, act Act, side string, id store.TicketID) (Standing, store.Ticket, error) {
	t, err := tx.LockTicket(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return Standing{}, t, refuse(UnknownTicket, store.Ticket{ID: id})
	}
	if err != nil {
		return Standing{}, t, err
	}
	who, err := d.standing(ctx, tx, a.Person)
	if err != nil {
		return who, t, err
	}
	if who, err = d.about(ctx, tx, who, t); err != nil {
		return who, t, err
	}
	if err := authorize(who, act, side, t); err != nil {
		return who, t, err
	}
	first, err := tx.FirstTime(ctx, a.Request)
	if err == nil && !first {
		err = ErrDuplicate
	}
	return who, t, err
}

// authorize turns May into words: whoever may not even see a ticket is not told that it exists.
func authorize(who Standing, act Act, side string, t store.Ticket) error {
	if May(who, act, side, t) {
		return nil
	}
	r := &Refusal{Code: UnknownTicket, Ticket: store.Ticket{ID: t.ID}, Queue: t.Queue}
	switch {
	case slices.Contains(who.Unsure, t.Queue):
		r.Code = Unverified
	case May(who, See, side, t):
		r.Code, r.Ticket = NotAllowed, t
	}
	return r
}

// CheckQueues refuses a configuration without a queue that holds tickets: they would be out of
// everyone's sight.
func (d *Desk) CheckQueues(ctx context.Context) error {
	return d.db.Read(ctx, func(tx *store.Tx) error {
		keys, err := tx.QueuesInUse(ctx)
		if err != nil {
			return err
		}
		for _, k := range keys {
			if _, ok := d.catalog.Queue(k); !ok {
				return fmt.Errorf("queue %q holds tickets but is not in the configuration: put it back", k)
			}
		}
		return nil
	})
}

// keepRequests is how long ids of requests, drafts of forms and unplaced messages are kept: longer
// than any platform sends again.
const keepRequests = 7 * 24 * time.Hour

// Sweep deletes what is no longer of use.
func (d *Desk) Sweep(ctx context.Context) error {
	return d.db.Write(ctx, func(tx *store.Tx) error { return tx.Sweep(ctx, keepRequests) })
}
