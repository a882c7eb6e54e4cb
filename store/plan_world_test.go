package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"guichet/store"
)

// world is a database with so many rows in each table that reading one from end to end shows.
type world struct {
	person  store.Person // who opened many tickets
	account store.Account
	ticket  store.Ticket // with a long history
	written store.External
	head    store.Delivery    // of a lane, claimed
	parked  store.Undelivered // but for its being parked, any delivery
	now     store.Time

	many, lanes int // rows of most sorts, and lanes of the outbox
}

func fill(t *testing.T, db *store.DB, address string) (w world) {
	t.Helper()
	onPostgres := strings.HasPrefix(address, "postgres")
	w.many, w.lanes = 20, 20 // SQLite chooses its way without counting
	if onPostgres {
		w.many, w.lanes = 1000, 700
	}
	now := time.Now().Add(-2 * time.Hour)
	db.SetClock(func() time.Time { return now })
	write(t, db, w.meet)
	write(t, db, func(ctx context.Context, tx *store.Tx) error { // what the sweep will find
		return w.comeIn(ctx, tx, "old", 10)
	})
	now = now.Add(2 * time.Hour)
	write(t, db, func(ctx context.Context, tx *store.Tx) error { return w.comeIn(ctx, tx, "new", w.many) })
	write(t, db, w.open)
	write(t, db, w.talk)
	write(t, db, w.tell)
	write(t, db, w.order)
	write(t, db, w.seat)
	write(t, db, w.audit)
	write(t, db, w.bill)
	write(t, db, w.administer)
	if onPostgres { // as its autovacuum does
		raw, err := sql.Open("postgres", address)
		if err != nil {
			t.Fatal(err)
		}
		defer raw.Close()
		if _, err := raw.ExecContext(t.Context(), `ANALYZE`); err != nil {
			t.Fatal(err)
		}
	}
	w.now = store.At(now)
	return w
}

func place(i int) store.Place {
	return store.Place{Workspace: "slack:T1", Channel: fmt.Sprint("C", i)}
}

// meet fills in people, with their roles and the channels that they are in.
func (w *world) meet(ctx context.Context, tx *store.Tx) error {
	var grants []store.Grant
	for i := range w.many {
		p := store.Person{Organization: []string{"acme", "globex"}[i%2], Name: "x", Language: "en"}
		a := store.Account{Workspace: "slack:T1", ID: fmt.Sprint("U", i)}
		p, err := tx.AddPerson(ctx, p, a)
		if err != nil {
			return err
		}
		if i == 0 {
			w.person, w.account = p, a
		}
		if err := tx.AddPersonEvent(ctx, store.PersonEvent{Person: p.ID, Actor: p.ID, Field: "name"}); err != nil {
			return err
		}
		now := tx.Now
		tx.Now = store.At(now.Add(-time.Hour))
		err = tx.SaveHome(ctx, store.Home{Account: a, Person: p.ID, Tab: "mine"})
		if err == nil {
			_, err = tx.SetShown(ctx, store.Home{Account: a, OpenedAt: tx.Now}, "", i == 0)
		}
		if tx.Now = now; err != nil {
			return err
		}
		grants = append(grants, store.Grant{Account: a, Organization: p.Organization, Role: store.Manager})
	}
	for i := range w.many {
		if err := tx.SetSeen(ctx, place(i), store.Seen{Private: true, Members: []string{fmt.Sprint("U", i)}}, tx.Now); err != nil {
			return err
		}
	}
	_, _, err := tx.SetGrants(ctx, grants)
	return err
}

// audit fills in a chain of an organization, and what is not in it yet.
func (w *world) audit(ctx context.Context, tx *store.Tx) error {
	for i := range w.many {
		e := store.Entry{Organization: "acme", Act: "role.grant", Actor: w.person.ID + store.PersonID(i), Subject: w.person.ID + store.PersonID(i),
			About: fmt.Sprint("slack:T1/U", i)}
		if err := tx.Audit(ctx, e); err != nil {
			return err
		}
	}
	_, err := tx.SealNext(ctx, "acme", w.many-10)
	return err
}

// administer fills in many organizations' administrators, two of each: one who is known, and one who waits.
func (w *world) administer(ctx context.Context, tx *store.Tx) error {
	for i := range 2 + w.many/2 {
		known := store.Administrator{Organization: []string{"acme", "globex"}[i%2], Person: w.person.ID + store.PersonID(i)}
		if i > 1 {
			known.Organization = fmt.Sprint("o", i)
		}
		for _, a := range []store.Administrator{known, {Organization: known.Organization, Name: "x", Mail: "x@acme.example", Language: "en"}} {
			a, err := tx.AddAdministrator(ctx, a)
			if err == nil {
				err = tx.Administer(ctx, store.Administered{Organization: a.Organization, Service: "office", Waiting: a.Person == 0, Administrator: a.ID})
			}
			if err == nil {
				_, err = tx.AddConfirmation(ctx, store.Confirmation{Person: w.person.ID + store.PersonID(i), Account: w.account, Address: "x@acme.example", Administrator: a.ID})
			}
			if err != nil {
				return err
			}
			if err := tx.Audit(ctx, store.Entry{Organization: a.Organization, Act: store.AuditAdministrators + "designate"}); err != nil {
				return err
			}
		}
	}
	_, err := tx.AddAdministrator(ctx, store.Administrator{Organization: "acme", Name: "x", Mail: "waits@acme.example", Language: "en"})
	return err
}

// comeIn fills in what the sweep takes away again, and what is one row per name.
func (w *world) comeIn(ctx context.Context, tx *store.Tx, name string, n int) error {
	for i := range n {
		key := fmt.Sprint(name, " ", i)
		if _, err := tx.FirstTime(ctx, key); err != nil {
			return err
		}
		if err := tx.SaveDraft(ctx, store.Draft{Nonce: key, Person: w.person.ID}); err != nil {
			return err
		}
		if _, err := tx.AddConfirmation(ctx, store.Confirmation{Person: w.person.ID + store.PersonID(i), Account: store.Account{Workspace: "slack:T1", ID: "U1"}}); err != nil {
			return err
		}
		lost := store.External{Workspace: "slack:T1", Channel: "D", ID: key}
		if i == 0 { // of these there are never many
			if err := tx.KeepUnplaced(ctx, store.Unplaced{Root: key, External: lost}); err != nil {
				return err
			}
		}
		if _, err := tx.ScheduleNext(ctx, key, tx.Now); err != nil {
			return err
		}
		if err := tx.SetHeard(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// open fills in tickets, nearly all of them closed, with their threads.
func (w *world) open(ctx context.Context, tx *store.Tx) error {
	for i := range w.many {
		t := store.Ticket{Kind: "incident", Service: "office", Queue: []string{"support", "emm"}[i%2], Organization: "acme",
			Requester: w.person.ID + store.PersonID(i%3), State: "closed", StateSince: tx.Now, Nonce: fmt.Sprint("form ", i)}
		if i%40 < 2 {
			t.State, t.Active = "waiting", true
		}
		if i%10 == 9 {
			t.Follows = w.ticket.ID + store.TicketID(i-1)
		}
		if i%20 == 1 { // part of one incident
			t.Parent = w.ticket.ID
		}
		t, _, err := tx.AddTicket(ctx, t)
		if err != nil {
			return err
		}
		if i == 0 {
			w.ticket = t
		}
		in := store.Incident{Ticket: t.ID, Title: "x", Known: i%10 == 0, Place: place(i)}
		if i == 0 {
			in.UpdateAt = tx.Now
		}
		if err := tx.SaveIncident(ctx, in); err != nil {
			return err
		}
		o := store.Outcome{Ticket: t.ID, Queue: t.Queue, Service: t.Service, Organization: t.Organization, ResolvedAt: tx.Now}
		if err := tx.SaveOutcome(ctx, o); err != nil {
			return err
		}
		if _, err := tx.AddFollower(ctx, t.ID, store.Follower{Person: w.person.ID, Workspace: "slack:T1"}); err != nil {
			return err
		}
		if err := tx.SetTags(ctx, t, []string{"common", fmt.Sprint("rare", i)}); err != nil {
			return err
		}
		for side := range 2 {
			th := store.Thread{Ticket: t.ID, Lane: fmt.Sprintf("%d/%d", t.ID, side), IsCard: true, Workspace: "slack:T1",
				Channel: fmt.Sprint("C", side), Root: fmt.Sprint("root ", t.ID)}
			if _, err := tx.AddThreads(ctx, th); err != nil {
				return err
			}
		}
	}
	return nil
}

// talk fills in messages and events, one per ticket, and in one of them a long talk.
func (w *world) talk(ctx context.Context, tx *store.Tx) error {
	for i := range w.many + 200 {
		id := w.ticket.ID
		if i < w.many {
			id += store.TicketID(i)
		}
		m := store.Message{Ticket: id, Author: w.person.ID, Audience: store.Public, Side: store.DeskSide, Body: fmt.Sprint("x x", i),
			External: store.External{Workspace: "slack:T1", Channel: "C0", ID: fmt.Sprint(i)}}
		if i%5 == 0 {
			m.Audience = store.Internal
		}
		m, _, err := tx.AddMessage(ctx, m)
		if err != nil {
			return err
		}
		f, _, err := tx.AddFile(ctx, store.File{Ticket: id, Message: m.ID, ExternalID: fmt.Sprint("F", i)})
		told := []store.Post{{Message: m.ID, Kind: "message", Lane: "lane", External: m.External}}
		if err := errors.Join(err, tx.SaveUpload(ctx, f.ID, "lane", "F"), tx.AddPosts(ctx, told)); err != nil {
			return err
		}
		w.written = m.External
		if _, err := tx.AddEvent(ctx, store.Event{Ticket: id, Actor: w.person.ID, Act: "take"}); err != nil {
			return err
		}
	}
	return nil
}

// order fills the ledger of licenses: many movements of one license, and many organizations with a few of some.
func (w *world) order(ctx context.Context, tx *store.Tx) error {
	for i := range w.many {
		m := store.Movement{Organization: "acme", License: "office", Act: "order", Counts: store.Counts{Ordered: 1}, Actor: w.person.ID}
		other := m
		other.Organization, other.License = fmt.Sprint("o", i), fmt.Sprint("l", i%10)
		for _, m := range []store.Movement{m, other} {
			if _, err := tx.Move(ctx, m); err != nil {
				return err
			}
		}
	}
	if err := tx.AddTerms(ctx, map[string]string{"known": "text"}); err != nil {
		return err
	}
	if err := tx.AddQuote(ctx, store.SalesQuote{Ticket: w.ticket.ID, Organization: "acme"}); err != nil {
		return err
	}
	for i := range 1000 {
		by := w.person.ID + store.PersonID(i%w.many)
		o := store.Order{Organization: fmt.Sprint("o", i%200), Person: by, Nonce: fmt.Sprint("order", i), State: store.OrderPlaced, Currency: "EUR"}
		x := store.Activation{Organization: o.Organization, License: "l", Person: o.Person, Nonce: o.Nonce, State: store.Active}
		if i == 0 {
			x.Ticket = w.ticket.ID
		}
		ends := store.Termination{Organization: o.Organization, License: "l", Person: o.Person, Nonce: o.Nonce, State: store.TerminationDone}
		r := store.Request{Organization: o.Organization, Person: o.Person, Nonce: o.Nonce, State: store.RequestApproved}
		if i%50 == 0 {
			r.State, r.RemindAt = store.RequestOpen, store.At(tx.Now.Add(time.Hour))
			x.State, x.Deadline = store.Requested, store.At(tx.Now.Add(time.Hour))
			ends.State, ends.EffectiveAt, ends.DueAt = store.TerminationPlanned, store.At(tx.Now.Add(time.Hour)), store.At(tx.Now.Add(time.Hour))
			o.State, o.RemindAt = store.OrderPending, store.At(tx.Now.Add(time.Hour))
		}
		if _, err := tx.AddNotice(ctx, store.Notice{What: "order", Record: int64(i), Account: fmt.Sprint("U", i), External: store.External{Workspace: "slack:T1", Channel: "D1", ID: fmt.Sprint(i)}}); err != nil {
			return err
		}
		if err := tx.PutOff(ctx, store.Snooze{Account: store.Account{Workspace: "slack:T1", ID: fmt.Sprint("U", i)}, What: "unused", Until: store.At(tx.Now.Add(time.Hour))}); err != nil {
			return err
		}
		if _, err := tx.AddTermination(ctx, ends); err != nil {
			return err
		}
		if _, _, err := tx.AddActivation(ctx, x); err != nil {
			return err
		}
		if _, _, err := tx.AddRequest(ctx, r); err != nil {
			return err
		}
		if _, _, err := tx.AddOrder(ctx, o, []store.OrderLine{{License: "l", Quantity: 1}}, nil, []store.ApprovalStep{{Account: store.Account{Workspace: "slack:T1", ID: fmt.Sprint("U", i%w.many)}}}); err != nil {
			return err
		}
	}
	return nil
}

// seat fills in who has which license: many people, and many who have not been met.
func (w *world) seat(ctx context.Context, tx *store.Tx) error {
	for _, license := range []string{"office", "storage"} {
		n := int64(w.many)
		if _, err := tx.Move(ctx, store.Movement{Organization: "acme", License: license, Act: "assign", Counts: store.Counts{Ordered: n, Activated: n, Assigned: n}}); err != nil {
			return err
		}
	}
	for i := range w.many / 2 {
		hs := []store.Holder{{Mail: fmt.Sprintf("a%d@example.com", i)}}
		if p := w.person.ID + store.PersonID(i+1); i+1 < w.many {
			hs = append(hs, store.Holder{Person: p})
		}
		if err := tx.AddSeats(ctx, "acme", "office", w.person.ID, hs); err != nil {
			return err
		}
	}
	return nil
}

// bill fills in invoices, nearly all of other organizations and other years, with a few lines each, and disputes about one in two.
func (w *world) bill(ctx context.Context, tx *store.Tx) error {
	for i := range w.many {
		of := store.Invoice{Number: fmt.Sprint("F-", i), Organization: fmt.Sprint("o", i%50), Issued: store.Date(20260101 + 10000*(i/50%20)), Currency: "EUR"}
		if i%10 == 0 {
			of.Organization = "acme"
		}
		var lines []store.InvoiceLine
		for n := range 3 {
			lines = append(lines, store.InvoiceLine{Line: n + 1, Service: "office", Begins: of.Issued, Ends: of.Issued})
		}
		of, _, err := tx.AddInvoice(ctx, of, lines)
		if err == nil && i%2 == 1 {
			err = tx.AddDispute(ctx, store.Dispute{Ticket: w.ticket.ID + store.TicketID(i), Invoice: of.ID, Line: 1})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tell fills the outbox, with four deliveries in each lane. One of each is parked, the next is in
// most lanes claimed, and in five of workspace slack:T3 due.
func (w *world) tell(ctx context.Context, tx *store.Tx) error {
	for i := range 4 * w.lanes {
		d := store.Delivery{Lane: fmt.Sprint("lane ", i/4), Ticket: w.ticket.ID + store.TicketID(i/4), Kind: "card",
			Workspace: fmt.Sprint("slack:T", i/4%10), Once: i%4 == 3}
		if err := tx.Enqueue(ctx, d); err != nil {
			return err
		}
	}
	claim := func(workspace, limit int) (ds []store.Delivery, err error) {
		return tx.Claim(ctx, fmt.Sprint("slack:T", workspace), limit, time.Hour)
	}
	var ds []store.Delivery
	for n := range 10 {
		some, err := claim(n, w.lanes)
		if err != nil {
			return err
		}
		ds = append(ds, some...)
	}
	for _, d := range ds {
		w.parked = store.Undelivered{Delivery: d, Parked: true}
		if err := tx.Park(ctx, d, store.Failure{Error: "refused"}); err != nil {
			return err
		}
	}
	for n := range 10 {
		due := 0
		if n == 3 {
			due = 5
		}
		ds, err := claim(n, w.lanes/10-due)
		if err != nil {
			return err
		}
		w.head = ds[0]
	}
	return nil
}
