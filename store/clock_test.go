package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"guichet/store"
	"guichet/store/storetest"
)

// What waits for an instant that was near when it was written, and is far since the clock was put
// back, is tried now. What waits as it should goes on waiting.
func TestAClockThatIsPutBackHoldsUpNoDelivery(t *testing.T) {
	eachOutbox(t, func(t *testing.T, o *outbox) {
		o.enqueue("a", "b")
		o.claim(2, time.Minute)
		unwind := func() (n int64) {
			write(t, o.DB, func(ctx context.Context, tx *store.Tx) (err error) {
				n, err = tx.Unwind(ctx, "w")
				return err
			})
			return n
		}
		if n := unwind(); n != 0 {
			t.Errorf("%d leases were cut short", n)
		}
		if _, err := o.raw.ExecContext(t.Context(), `UPDATE outbox SET visible_at = visible_at + 3600000 WHERE lane = 'a'`); err != nil {
			t.Fatal(err)
		}
		if n := unwind(); n != 1 {
			t.Errorf("%d deliveries were brought forward, want one", n)
		}
		if ds := o.claim(2, time.Minute); len(ds) != 1 || ds[0].Lane != "a" {
			t.Errorf("claimed %s, want a", lanes(ds))
		}
	})
}

// No delivery is put off for longer than that, however long the platform asks to be left alone.
func TestNoDeliveryIsPutOffForHours(t *testing.T) {
	eachOutbox(t, func(t *testing.T, o *outbox) {
		o.enqueue("a")
		d := o.claim(1, time.Minute)[0]
		write(t, o.DB, func(ctx context.Context, tx *store.Tx) error { return tx.Retry(ctx, d, 24*time.Hour, store.Failure{}) })
		var wait int64
		if err := o.raw.QueryRowContext(t.Context(), `SELECT visible_at FROM outbox`).Scan(&wait); err != nil {
			t.Fatal(err)
		}
		if wait := time.Until(time.UnixMilli(wait)); wait > 11*time.Minute {
			t.Errorf("it is put off for %v", wait)
		}
	})
}

// A look at a channel counts although an earlier one claims to be from the future; of two copies
// whose clocks differ a little, the later look counts.
func TestALookAtAChannelCountsAfterTheClockWasPutBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		now := time.Now()
		place := store.Place{Workspace: "slack:T1", Channel: "C1"}
		p := addPerson(t, db, "U1")
		for _, look := range []struct {
			at     time.Duration
			member string
			counts bool
		}{{0, "U1", true}, {-time.Second, "U2", false}, {20 * time.Second, "U2", true}, {10 * time.Second, "U1", false},
			{time.Hour, "U2", true}, {0, "U1", true}} {
			write(t, db, func(ctx context.Context, tx *store.Tx) error {
				return tx.SetSeen(ctx, place, store.Seen{Private: true, Members: []string{look.member}}, store.At(now.Add(look.at)))
			})
			var in []store.Membership
			if err := db.Read(t.Context(), func(tx *store.Tx) (err error) {
				in, err = tx.MembershipsOf(t.Context(), p.ID)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if is := len(in) == 1; is != (look.counts == (look.member == "U1")) {
				t.Errorf("after a look at %v that shows %s U1 is a member: %v", look.at, look.member, is)
			}
		}
	})
}

// Whoever writes into a file that is no longer in its place is told so, and nothing of it counts.
func TestADatabaseFileThatIsGoneTakesNothing(t *testing.T) {
	for _, what := range []string{"deleted", "replaced"} {
		t.Run(what, func(t *testing.T) {
			address := t.TempDir() + "/guichet.db"
			db := storetest.Open(t, address)
			addPerson(t, db, "U1")
			moved := address + ".moved"
			if err := rename(address, moved); err != nil {
				t.Fatal(err)
			}
			if what == "replaced" {
				storetest.Open(t, address)
			}
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				_, err := tx.AddPerson(t.Context(), store.Person{Organization: "acme"}, store.Account{Workspace: "slack:T1", ID: "U2"})
				return err
			})
			if !errors.Is(err, store.ErrGone) {
				t.Errorf("a write ends with %v", err)
			}
			if err := db.Ping(t.Context()); !errors.Is(err, store.ErrGone) {
				t.Errorf("asked whether it is there: %v", err)
			}
			if what == "deleted" { // put back, it goes on
				if err := rename(moved, address); err != nil {
					t.Fatal(err)
				}
				addPerson(t, db, "U2")
			}
		})
	}
}

func rename(from, to string) (err error) {
	for _, part := range []string{"", "-wal", "-shm"} {
		err = errors.Join(err, os.Rename(from+part, to+part))
	}
	return err
}

// A database of the first schema, with what people had in it, is brought up to date.
func TestAnOlderDatabaseIsBroughtUpToDate(t *testing.T) {
	storetest.EachUnmigrated(t, func(t *testing.T, address string) {
		if err := store.MigrateTo(t.Context(), address, 1); err != nil {
			t.Fatal(err)
		}
		raw := openRaw(t, address)
		for _, statement := range []string{
			`INSERT INTO people (id, organization, name, language, created_at) VALUES (1, 'acme', 'Alice', 'en', 0)`,
			`INSERT INTO tickets (id, kind, service, queue, organization, requester_id, subject, impact, urgency, priority, details, state, active,
				state_since, reminded, origin, nonce, created_at, updated_at)
			 VALUES (1001, 'incident', 'office', 'support', 'acme', 1, 'Outlook', 'one', 'low', 'low', '{}', 'new', TRUE, 0, FALSE, 'slack:T1', 'n', 0, 0)`,
			`INSERT INTO outbox (lane, ticket_id, workspace, kind, part, visible_at, claims, settled, attempts, last_error, created_at)
			 VALUES ('1001/desk', 1001, 'w', 'card', 0, 0, 3, 2, 1, 'no luck', 0)`,
			`INSERT INTO outbox (lane, ticket_id, workspace, kind, part, visible_at, claims, settled, attempts, last_error, created_at)
			 VALUES ('1001/1', 1001, 'w', 'made', 0, 0, 1, 0, 0, '', 0)`,
			`DELETE FROM outbox WHERE kind = 'made'`,
		} {
			if _, err := raw.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		db := storetest.Open(t, address)
		write(t, db, func(ctx context.Context, tx *store.Tx) error {
			ds, err := tx.Claim(ctx, "w", 10, time.Minute)
			if len(ds) != 1 || ds[0].Ticket != 1001 || ds[0].Error != "no luck" || !ds[0].Doubtful() {
				return fmt.Errorf("claimed %+v, %v", ds, err)
			}
			// What was posted carries its delivery's id: no other ever has the same.
			if err := tx.Enqueue(ctx, store.Delivery{Lane: "new", Workspace: "w", Kind: "confirm"}); err != nil {
				return err
			}
			next, err := tx.Claim(ctx, "w", 10, time.Minute)
			if len(next) != 1 || next[0].ID <= ds[0].ID+1 || next[0].Ticket != 0 {
				return fmt.Errorf("after delivery %d, and one that is gone, comes %+v, %v", ds[0].ID, next, err)
			}
			return err
		})
	})
}

// What was known of incidents, and who had a role, is so still.
func TestIncidentsAndRolesAreBroughtUpToDate(t *testing.T) {
	storetest.EachUnmigrated(t, func(t *testing.T, address string) {
		if err := store.MigrateTo(t.Context(), address, 17); err != nil {
			t.Fatal(err)
		}
		raw := openRaw(t, address)
		statements := []string{
			`INSERT INTO people (id, organization, name, language, created_at) VALUES (1, 'acme', 'Alice', 'en', 0)`,
			`INSERT INTO accounts (workspace, account, person_id) VALUES ('slack:T1', 'U1', 1)`,
			`INSERT INTO roles (workspace, account, organization, role) VALUES ('slack:T1', 'U1', 'acme', 'manager')`,
		}
		for _, id := range []int{1001, 1002} {
			statements = append(statements, fmt.Sprintf(`INSERT INTO tickets (id, kind, service, queue, organization, requester_id, subject, impact, urgency, priority, details, state,
				active, state_since, origin, nonce, created_at, updated_at) VALUES (%[1]d, 'incident', 'office', 'support', 'acme', 1, 'Outlook', 'one', 'low', 'low', '{}', 'new', TRUE, 0, 'slack:T1', 'n%[1]d', 0, 0)`, id),
				fmt.Sprintf(`INSERT INTO messages (ticket_id, author_id, audience, side, body, workspace, channel, external_id, created_at)
					VALUES (%[1]d, 1, 'public', 'desk', 'x', 'incident', '%[1]d', '%[2]d', 0)`, id, 2003-id)) // crosswise
		}
		statements = append(statements, `INSERT INTO incidents (ticket_id, title, organization, known, since, every, update_at, ended_at, summary_id, workspace, channel, root)
			VALUES (1001, 'Outlook', '', TRUE, 0, 3600000, 1, 0, 0, '', '', '')`,
			`INSERT INTO marks (ticket_id, workspace, channel, external_id, author, body, said_at, person_id) VALUES (1001, 'slack:T1', 'C1', '1.5', 'Alice', 'x', 0, 1)`)
		for _, statement := range statements {
			if _, err := raw.ExecContext(t.Context(), statement); err != nil {
				t.Fatalf("%v: %s", err, statement)
			}
		}
		db := storetest.Open(t, address)
		write(t, db, func(ctx context.Context, tx *store.Tx) error {
			i, err1 := tx.Incident(ctx, 1001)
			copies, err2 := tx.MessagesFrom(ctx, store.Place{Workspace: "incident", Channel: "1002"}, "", 5)
			marks, err3 := tx.Marks(ctx, 1001, 5)
			is, err4 := tx.HasRole(ctx, 1, store.Manager)
			if i.Every != time.Hour || len(copies) != 1 || copies[0].Ticket != 1001 || copies[0].External.ID != "1001" || len(marks) != 1 || marks[0].Theirs || !is {
				t.Errorf("there is %+v, the copies %+v, the marks %+v, a manager: %t", i, copies, marks, is)
			}
			return errors.Join(err1, err2, err3, err4)
		})
	})
}
