package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"guichet/store"
	"guichet/store/storetest"
)

// write runs f in a transaction that must succeed.
func write(t *testing.T, db *store.DB, f func(context.Context, *store.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), func(tx *store.Tx) error { return f(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

func addPerson(t *testing.T, db *store.DB, account string) (p store.Person) {
	t.Helper()
	write(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
		p, err = tx.AddPerson(ctx, store.Person{Organization: "acme", Name: account, Language: "en"},
			store.Account{Workspace: "slack:T1", ID: account})
		return err
	})
	return p
}

func addTicket(t *testing.T, db *store.DB, requester store.PersonID, nonce string) (ticket store.Ticket) {
	t.Helper()
	write(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
		ticket, _, err = tx.AddTicket(ctx, store.Ticket{Kind: "incident", Service: "office", Queue: "support",
			Organization: "acme", Requester: requester, Subject: "No mail", State: "new", Active: true,
			StateSince: tx.Now, Nonce: nonce})
		return err
	})
	return ticket
}

func TestMigrateTogether(t *testing.T) {
	storetest.EachUnmigrated(t, func(t *testing.T, address string) {
		var wg sync.WaitGroup
		for range 3 {
			db, err := store.Open(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			wg.Go(func() {
				if _, err := db.Migrate(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		db := storetest.Open(t, address)
		have, newest, err := db.Version(t.Context())
		if err != nil || have != newest || have == 0 {
			t.Errorf("version %d of %d, %v", have, newest, err)
		}
	})
}

func TestFirstTicketIs1001(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := addPerson(t, db, "U1")
		if got := addTicket(t, db, p.ID, "n1"); got.ID != 1001 {
			t.Errorf("the first ticket is %d", got.ID)
		}
	})
}

func TestOneFormOpensOneTicket(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := addPerson(t, db, "U1")
		first, second := addTicket(t, db, p.ID, "same"), addTicket(t, db, p.ID, "same")
		if first.ID != second.ID {
			t.Errorf("two tickets: %d and %d", first.ID, second.ID)
		}
	})
}

func TestFirstSightHappensOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		first := addPerson(t, db, "U1")
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.AddPerson(t.Context(), store.Person{Organization: "acme", Name: "again", Language: "fr"},
				store.Account{Workspace: "slack:T1", ID: "U1"})
			return err
		})
		if !errors.Is(err, store.ErrKnown) {
			t.Errorf("the second time: %v", err)
		}
		err = db.Read(t.Context(), func(tx *store.Tx) error {
			p, err := tx.PersonByAccount(t.Context(), store.Account{Workspace: "slack:T1", ID: "U1"})
			if p != first {
				t.Errorf("%+v became %+v", first, p)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestChatMessageIsTakenOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := addPerson(t, db, "U1")
		ticket := addTicket(t, db, p.ID, "n")
		m := store.Message{Ticket: ticket.ID, Author: p.ID, Audience: store.Public, Side: store.RequesterSide, Body: "x",
			External: store.External{Workspace: "slack:T1", Channel: "D1", ID: "1.2"}}
		for i, want := range []bool{true, false} {
			write(t, db, func(ctx context.Context, tx *store.Tx) error {
				_, added, err := tx.AddMessage(ctx, m)
				if added != want {
					t.Errorf("time %d: added is %v", i+1, added)
				}
				return err
			})
		}
		m.External = store.External{}
		for range 2 { // what comes from forms has no id of its own
			write(t, db, func(ctx context.Context, tx *store.Tx) error {
				_, added, err := tx.AddMessage(ctx, m)
				if !added {
					t.Error("a form's message was dropped")
				}
				return err
			})
		}
	})
}

func TestViewerSeesOnlyTheirs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p, other := addPerson(t, db, "U1"), addPerson(t, db, "U2")
		ticket := addTicket(t, db, p.ID, "n")
		for name, c := range map[string]struct {
			viewer store.Viewer
			sees   bool
		}{
			"nobody":               {store.Viewer{}, false},
			"requester":            {store.Viewer{Person: p.ID}, true},
			"colleague":            {store.Viewer{Person: other.ID}, false},
			"manager":              {store.Viewer{Person: other.ID, Organization: "acme"}, true},
			"manager of others":    {store.Viewer{Person: other.ID, Organization: "globex"}, false},
			"agent":                {store.Viewer{Person: other.ID, Queues: []string{"emm", "support"}}, true},
			"agent of other queue": {store.Viewer{Person: other.ID, Queues: []string{"emm"}}, false},
			"the program":          {store.Program, true},
		} {
			err := db.Read(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Ticket(t.Context(), c.viewer, ticket.ID)
				return err
			})
			if (err == nil) != c.sees || (err != nil && !errors.Is(err, store.ErrNotFound)) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestScheduleAdvancesOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		at := store.At(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
		next := store.At(at.Add(time.Hour))
		won := 0
		for range 3 {
			write(t, db, func(ctx context.Context, tx *store.Tx) error {
				if _, err := tx.ScheduleNext(ctx, "support/waiting", at); err != nil {
					return err
				}
				ok, err := tx.AdvanceSchedule(ctx, "support/waiting", at, next)
				if ok {
					won++
				}
				return err
			})
		}
		if won != 1 {
			t.Errorf("%d copies ran it", won)
		}
	})
}

func TestReadCannotWrite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			_, err := tx.FirstTime(t.Context(), "key")
			return err
		})
		if err == nil {
			t.Error("a read changed the database")
		}
	})
}
