package app_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"

	"guichet/internal/strictslack"
	"guichet/store/storetest"
)

// saysNotSaved says whether a text is what whoever waits for an answer is told when the database fails:
// the second where not even a look shows whether it was saved.
func saysNotSaved(text string) bool {
	return strings.Contains(text, "this was not saved. Please try again.") ||
		strings.Contains(text, "this may not have been saved. Please try again: nothing is done twice.")
}

// trouble is a way in which a database fails; begin returns how it ends.
type trouble struct {
	name  string
	on    string // sqlite, postgres, or both if empty
	begin func(d *desk) (end func())
}

var troubles = []trouble{
	{"locked", "", (*desk).lock},
	{"gone", "sqlite", (*desk).moveFile},
	{"gone", "postgres", (*desk).shutOut},
	{"slow", "postgres", func(d *desk) func() { return d.onInsert(`PERFORM pg_sleep(3)`) }},
	{"disk full", "postgres", func(d *desk) func() {
		return d.onInsert(`RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'`)
	}},
}

func (d *desk) onPostgres() bool { return strings.HasPrefix(d.database, "postgres") }

// lock has somebody else hold what every act needs.
func (d *desk) lock() (release func()) {
	d.t.Helper()
	db := d.sql()
	db.SetMaxOpenConns(1)
	begin := []string{"BEGIN IMMEDIATE"}
	if d.onPostgres() {
		begin = []string{"BEGIN", "LOCK TABLE tickets, messages IN ACCESS EXCLUSIVE MODE"}
	}
	for _, s := range begin {
		if _, err := db.ExecContext(d.t.Context(), s); err != nil {
			d.t.Fatal(err)
		}
	}
	return func() {
		if _, err := db.ExecContext(context.WithoutCancel(d.t.Context()), "ROLLBACK"); err != nil {
			d.t.Error(err)
		}
		_ = db.Close()
	}
}

// moveFile takes the file away under the running program.
func (d *desk) moveFile() (putBack func()) {
	d.t.Helper()
	if err := os.Rename(d.database, d.database+".away"); err != nil {
		d.t.Fatal(err)
	}
	return func() {
		if err := os.Rename(d.database+".away", d.database); err != nil {
			d.t.Error(err)
		}
	}
}

// shutOut has the server end every connection to the database, and take no more.
func (d *desk) shutOut() (letIn func()) {
	d.t.Helper()
	name := d.database[strings.LastIndex(d.database, "/")+1:]
	name, _, _ = strings.Cut(name, "?")
	other := &desk{t: d.t, database: strings.Replace(d.database, "/"+name, "/postgres", 1)}
	other.exec(`ALTER DATABASE ` + pq.QuoteIdentifier(name) + ` ALLOW_CONNECTIONS false`)
	other.exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '` + name + `'`)
	return func() { other.exec(`ALTER DATABASE ` + pq.QuoteIdentifier(name) + ` ALLOW_CONNECTIONS true`) }
}

// onInsert has PostgreSQL do something whenever a message comes in.
func (d *desk) onInsert(do string) (undo func()) {
	d.t.Helper()
	d.exec(`CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ` + do + `; RETURN NEW; END $$`)
	d.exec(`CREATE TRIGGER trouble BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION trouble()`)
	return func() { d.exec(`DROP TRIGGER trouble ON messages`) }
}

// Whatever befalls the database: whoever waits for an answer is told that nothing was saved, in time,
// and nothing was; what nobody waits for is not acknowledged, and comes again. Afterwards the same form
// opens one ticket, and all goes on as if nothing had been.
func TestADatabaseInTroubleSavesNothingAndSaysSo(t *testing.T) {
	t.Parallel()
	for _, c := range troubles {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			storetest.EachAddress(t, func(t *testing.T, address string) {
				if kind := t.Name()[strings.LastIndex(t.Name(), "/")+1:]; c.on != "" && !strings.HasPrefix(kind, c.on) {
					return
				}
				t.Parallel()
				mode := "socket"
				if strings.HasPrefix(address, "postgres") {
					mode = "http"
				}
				d := newDesk(t, address, mode)
				number := d.open(alice, "Excel", "Crashes.")
				card := d.card(number)
				p := d.slack.OpenTest(t, alice)
				d.command(alice, "office")
				view := d.view(p)
				values, err := view.Fill(map[string]string{"kind": "information", "subject": "Outlook", "description": "How?"})
				if err != nil {
					t.Fatal(err)
				}

				end := c.begin(d)
				began := time.Now()
				errs := fmt.Sprint(d.submit(p, values))
				if took := time.Since(began); took > 3*time.Second {
					t.Errorf("the answer took %v", took)
				}
				if !saysNotSaved(errs) {
					t.Errorf("the form says %s", errs)
				}
				d.writes(nadia, support, "Which version?", card.TS)
				d.eventually("it is not acknowledged", func() bool { return strings.Contains(d.log.String(), "not handled, to be sent again") })
				end()

				if n := d.number("SELECT COUNT(*) FROM tickets"); n != 1 {
					t.Errorf("%d tickets are there, want the one of before", n)
				}
				if errs := d.submit(p, values); len(errs) > 0 { // pressed again
					t.Fatalf("the form has errors: %v", errs)
				}
				d.find(alice, "Nadia Benali wrote", "Which version?")
				d.toldOnce("Outlook")
				d.once(alice, "Which version?")
				d.counts(map[string]int64{"tickets": 2, "messages": 3})
			})
		})
	}
}

// A command and a button whose act the database fails say so too.
func TestACommandAndAButtonSayThatNothingWasSaved(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		number := d.open(alice, "Outlook", "Does not start.")
		card := d.card(number)
		release := d.lock()
		told := d.answer(nadia, support, func() { d.press(nadia, card, "take") })
		if !saysNotSaved(told.AllText()) {
			t.Errorf("she is told %s", told.AllText())
		}
		release()
		d.shows(d.card(number), "New")
		d.press(nadia, card, "take")
		d.find(support, "#"+number, "In progress")
		d.settle()
		d.counts(map[string]int64{"events WHERE act = 'take'": 1})
	})
}

// A database that is slow, but not too slow, is waited for.
func TestADatabaseThatIsABitSlowIsWaitedFor(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		p := d.slack.OpenTest(t, alice)
		d.command(alice, "office")
		d.view(p)
		release := d.lock()
		time.AfterFunc(700*time.Millisecond, release)
		if errs := d.form(p, map[string]string{"kind": "information", "subject": "Outlook", "description": "How?"}); len(errs) > 0 {
			t.Errorf("the form has errors: %v", errs)
		}
		d.toldOnce("Outlook")
	})
}

// The clock is put back by two hours while deliveries wait: as far as the database tells, all that was
// noted is to come. What people do goes on at once, what waits is told before long.
func TestAClockThatIsPutBackHoldsUpNobody(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		number := d.open(alice, "Outlook", "Does not start.")
		card := d.card(number)
		mend := d.strict.Inject(strictslack.Fault{Method: "chat.postMessage", Kind: strictslack.Cut})
		d.write(nadia, support, "Which version?", card.TS)
		d.eventually("reply and receipt wait", func() bool { return d.number("SELECT COUNT(*) FROM outbox WHERE attempts > 0") == 2 })
		d.stop()
		mend()
		for column, table := range map[string]string{"visible_at": "outbox", "refreshed_at": "channels", "next_at": "schedules", "at": "heard"} {
			d.exec(fmt.Sprintf("UPDATE %s SET %s = %s + 7200000", table, column, column))
		}
		d.start()
		d.press(nadia, card, "resolve") // she is an agent still
		d.within(40*time.Second, "both are told", func() bool {
			return len(d.containing(support, "#"+number, "Resolved")) == 1 && len(d.containing(alice, "Nadia Benali wrote", "Which version?")) == 1
		})
		d.settle()
		d.once(alice, "Which version?")
	})
}
