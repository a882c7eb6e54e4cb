package main

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"guichet/store"
)

// firstPerson is the number of the first of those who send forms.
const firstPerson = 100_001

// desk is guichet running on one kind of database, with a way into that database beside it.
type desk struct {
	kind    string // of the database
	address string
	db      *sql.DB
	program *program
	sender  *sender
	drafts  int64 // forms under way, by number
}

func (d *desk) url() string { return d.program.base + "/slack/acme" }

// openDesks starts guichet on PostgreSQL and on SQLite.
func (b *bench) openDesks() (desks []*desk, stop func(), err error) {
	stop = func() {
		for _, d := range desks {
			d.program.stop()
			_ = d.db.Close()
		}
	}
	for _, kind := range []string{"PostgreSQL", "SQLite"} {
		d, err := b.newDatabase(kind, "desk")
		if err != nil {
			return desks, stop, err
		}
		if err := d.fillPeople(b); err != nil {
			return desks, stop, err
		}
		if d.program, _, err = b.startGuichet("guichet-"+kind, d.address); err != nil {
			return desks, stop, err
		}
		desks = append(desks, d)
	}
	return desks, stop, nil
}

// newDatabase makes a database and migrates it.
func (b *bench) newDatabase(kind, name string) (d *desk, err error) {
	d = &desk{kind: kind, sender: newSender()}
	driver, address := "postgres", ""
	if kind == "PostgreSQL" {
		if d.address, err = b.pg.create(name); err != nil {
			return nil, err
		}
		address = d.address
	} else {
		d.address = filepath.Join(b.dir, name+".db")
		driver, address = "sqlite", "file:"+d.address+"?_pragma=busy_timeout(10000)"
	}
	ours, err := store.Open(b, d.address)
	if err != nil {
		return nil, err
	}
	defer ours.Close()
	if _, err := ours.Migrate(b); err != nil {
		return nil, err
	}
	d.db, err = sql.Open(driver, address)
	return d, err
}

// exec runs statements, in one transaction.
func (d *desk) exec(ctx context.Context, statements ...string) error {
	tx, err := d.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%w in %.200s", err, s)
		}
	}
	return tx.Commit()
}

// count returns one number.
func (d *desk) count(ctx context.Context, query string) (n int, err error) {
	err = d.db.QueryRowContext(ctx, query).Scan(&n)
	return n, err
}

// series is a table s of the numbers n from one to another, for both databases.
func series(from, to int64) string {
	return fmt.Sprintf("(WITH RECURSIVE c(n) AS (SELECT %d UNION ALL SELECT n + 1 FROM c WHERE n < %d) SELECT n FROM c) AS s", from, to)
}

// now is milliseconds, as the database keeps them.
func now() int64 { return time.Now().UnixMilli() }

// fillPeople adds those who send forms: the person of each number, and the account of each.
func (d *desk) fillPeople(ctx context.Context) error {
	return d.exec(ctx,
		fmt.Sprintf(`INSERT INTO people (id, organization, name, language, created_at)
			SELECT %d + n, 'acme', 'Person ' || n, 'en', %d FROM %s`, firstPerson, now(), series(0, people-1)),
		fmt.Sprintf(`INSERT INTO accounts (workspace, account, person_id)
			SELECT '%s', 'U' || substr(CAST(100000000 + n AS TEXT), 2), %d + n FROM %s`, workspace, firstPerson, series(0, people-1)))
}

// fillDrafts has so many forms under way that wait for their last step, as the first step leaves them.
func (d *desk) fillDrafts(ctx context.Context, ahead int) error {
	have, want := d.drafts, d.sender.next.Load()+int64(ahead)
	if have >= want {
		return nil
	}
	d.drafts = want
	return d.exec(ctx, fmt.Sprintf(`INSERT INTO drafts (nonce, person_id, fields, updated_at)
		SELECT 'N-' || substr(CAST(1000000000 + n AS TEXT), 2), %d + n %% %d, '{"kind":"information","service":"office"}', %d FROM %s`,
		firstPerson, people, now(), series(have+1, want)))
}

// clearOutbox drops what is still to be told, so that guichet rests while others have their turn.
func (d *desk) clearOutbox(ctx context.Context) error {
	if d.kind == "PostgreSQL" {
		return d.exec(ctx, `TRUNCATE outbox`)
	}
	return d.exec(ctx, `DELETE FROM outbox`)
}

// vacuum gathers statistics after a table was filled.
func (d *desk) vacuum(ctx context.Context) error {
	statement := "ANALYZE"
	if d.kind == "PostgreSQL" {
		statement = "VACUUM ANALYZE"
	}
	_, err := d.db.ExecContext(ctx, statement)
	return err
}

// fillTickets adds tickets of which nine in ten are active, each with its message and its event.
func (d *desk) fillTickets(ctx context.Context, n, requesters int64) error {
	rebuild, err := d.dropIndexes(ctx)
	if err != nil {
		return err
	}
	place, first, second := "", "", ""
	if d.kind == "SQLite" {
		place, first, second = "place, ", "d.ticket_id << 20, ", "(d.ticket_id << 20) + 1, "
	}
	const says = "It says that the profile is damaged, since this morning."
	for _, s := range []string{
		`INSERT INTO tickets (kind, service, queue, organization, requester_id, subject, impact, urgency, priority, details,
				state, active, state_since, due_at, origin, nonce, created_at, updated_at)
			SELECT 'information', 'office', 'support', 'acme', {first} + n % {requesters}, 'Outlook does not open ' || n, '', '', 'p3', '{}',
				CASE WHEN n % 10 = 0 THEN 'closed' WHEN n % 3 = 0 THEN 'new' WHEN n % 3 = 1 THEN 'open' ELSE 'waiting' END,
				n % 10 <> 0, {now} - n, {now} + 2592000000 + n, '{workspace}', 'F-' || n, {now} - n, {now} - n FROM {series}`,
		`INSERT INTO messages (ticket_id, author_id, audience, side, body, workspace, channel, external_id, created_at)
			SELECT id, requester_id, 'public', 'requester', '` + says + `', '', '', '', created_at FROM tickets`,
		`INSERT INTO events (ticket_id, actor_id, act, detail, source, at)
			SELECT id, requester_id, 'open', '', '{workspace}', created_at FROM tickets`,
		`INSERT INTO search (` + place + `ticket_id, message_id, words, desk, others)
			SELECT ` + first + `d.ticket_id, 0, '{subject} ' || (d.ticket_id - 1000), d.desk, d.others FROM search_scopes d`,
		`INSERT INTO search (` + place + `ticket_id, message_id, words, desk, others)
			SELECT ` + second + `d.ticket_id, m.id, '{subject} ' || (d.ticket_id - 1000) || ' {says}', d.desk, d.others
			FROM search_scopes d JOIN messages m ON m.ticket_id = d.ticket_id`,
	} {
		s = strings.NewReplacer("{first}", fmt.Sprint(firstPerson), "{requesters}", fmt.Sprint(requesters), "{now}", fmt.Sprint(now()),
			"{workspace}", workspace, "{series}", series(1, n), "{subject}", store.Stems("Outlook does not open"), "{says}", store.Stems(says)).Replace(s)
		trust := "SELECT 1"
		if d.kind == "PostgreSQL" {
			trust = "SET LOCAL session_replication_role = replica" // references are right: looking up each takes minutes
		}
		if err := d.exec(ctx, trust, s); err != nil {
			return err
		}
	}
	if err := d.exec(ctx, rebuild...); err != nil {
		return err
	}
	return d.vacuum(ctx)
}

// dropIndexes takes the indexes off PostgreSQL's tables, and the triggers off SQLite's, which are filled faster without, and
// returns what makes them again.
func (d *desk) dropIndexes(ctx context.Context) (rebuild []string, err error) {
	list := `SELECT 'DROP TRIGGER ' || name, sql FROM sqlite_master WHERE type = 'trigger'`
	if d.kind == "PostgreSQL" {
		list = `SELECT 'DROP INDEX ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
			AND tablename IN ('tickets', 'messages', 'events', 'search') AND indexdef LIKE 'CREATE INDEX %'`
	} else {
		rebuild = []string{`INSERT INTO search_index (search_index) VALUES ('rebuild')`}
	}
	rows, err := d.db.QueryContext(ctx, list)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var drop []string
	for rows.Next() {
		var away, again string
		if err := rows.Scan(&away, &again); err != nil {
			return nil, err
		}
		drop, rebuild = append(drop, away), append(rebuild, again)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return rebuild, d.exec(ctx, drop...)
}
