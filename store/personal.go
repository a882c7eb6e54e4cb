package store

import (
	"context"
	"slices"
	"strings"
)

// What there is of somebody beside tickets, for an operator who owes them an answer about their data: to be given to them, and blanked.

// Selves are all that somebody is known by.
type Selves struct {
	People   []PersonID // themselves, and those who have turned out to be them; none: they have never been met
	Accounts []Account  // theirs, with the one that they were named by
}

// SelvesOf returns what somebody is known by. person may be zero, for an account whose owner has never been met.
func (tx *Tx) SelvesOf(ctx context.Context, person PersonID, a Account) (who Selves, err error) {
	if person != 0 {
		err = tx.list(ctx, &who.People, `SELECT id FROM people WHERE id = ? UNION SELECT id FROM people WHERE joined_id = ? AND joined_id <> 0`, person, person)
	}
	if err == nil && person != 0 {
		err = tx.list(ctx, &who.Accounts, `SELECT workspace, account FROM accounts WHERE person_id IN (?) ORDER BY workspace, account`, who.ids())
	}
	if !slices.Contains(who.Accounts, a) {
		who.Accounts = append(who.Accounts, a)
	}
	return who, err
}

// ids are those of the people, for an IN, which needs something.
func (who Selves) ids() []PersonID {
	if len(who.People) == 0 {
		return []PersonID{0}
	}
	return who.People
}

// names are those of the accounts, as Entry.About has them.
func (who Selves) names() (names []string) {
	for _, a := range who.Accounts {
		names = append(names, AccountName(a))
	}
	return names
}

// Mails are the addresses among the accounts.
func (who Selves) Mails() (mails []string) {
	for _, a := range who.Accounts {
		if a.Workspace == Mail {
			mails = append(mails, a.ID)
		}
	}
	return mails
}

// rows is a query for the ids of a table's rows after one of them in which one of these columns names somebody.
func (who Selves) rows(table string, after int64, columns ...string) (query string, args []any) {
	var each []string
	for _, c := range columns {
		each = append(each, `SELECT id FROM `+table+` WHERE `+c+` IN (?) AND id > ?`)
		args = append(args, who.ids(), after)
	}
	return strings.Join(each, ` UNION `), args
}

// mails are the addresses among the accounts, likewise.
func (who Selves) mails() []string { return append(who.Mails(), "-") }

// among reads up to limit rows into dest, in order: those of which a query tells the ids. The two are asked for one after the other, since
// PostgreSQL would rather read a table from end to end than look up as many rows as it takes a query within a query to return.
func (tx *Tx) among(ctx context.Context, dest any, selects, id, query string, args []any, limit int) error {
	var ids []int64
	err := tx.list(ctx, &ids, `SELECT id FROM (`+query+`) AS theirs ORDER BY id LIMIT ?`, append(args, limit)...)
	if err != nil || len(ids) == 0 {
		return err
	}
	return tx.list(ctx, dest, selects+` WHERE `+id+` IN (?) ORDER BY `+id, ids)
}

// PersonEventsOf returns up to limit changes of what is known of somebody after one of them, in order.
func (tx *Tx) PersonEventsOf(ctx context.Context, who Selves, after int64, limit int) (es []PersonEvent, err error) {
	return es, tx.list(ctx, &es, `SELECT `+personEventColumns.as("")+` FROM person_events e WHERE e.person_id IN (?) AND e.id > ? ORDER BY e.id LIMIT ?`, who.ids(), after, limit)
}

// GrantsOf returns the roles that somebody has.
func (tx *Tx) GrantsOf(ctx context.Context, who Selves) (all []Grant, err error) {
	for _, a := range who.Accounts {
		var gs []Grant
		err := tx.list(ctx, &gs, `SELECT `+grantColumns+` FROM roles WHERE workspace = ? AND account = ? ORDER BY organization, role, origin`, a.Workspace, a.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, gs...)
	}
	return all, nil
}

// RequestsOf returns up to limit requests after one of them, in order, that somebody made, asked about or decided.
func (tx *Tx) RequestsOf(ctx context.Context, who Selves, after RequestID, limit int) (rs []Request, err error) {
	query, args := who.rows("requests", int64(after), "person_id", "asked_by_id", "by_id")
	return rs, tx.among(ctx, &rs, `SELECT `+requestColumns+` FROM requests`, `id`, query, args, limit)
}

// OrdersOf returns up to limit orders after one of them, in order, that somebody made or refused, or that they were asked to approve.
func (tx *Tx) OrdersOf(ctx context.Context, who Selves, after OrderID, limit int) (os []Order, err error) {
	query, args := who.rows("orders", int64(after), "person_id", "refused_by_id")
	query, args = query+` UNION SELECT order_id FROM approvals WHERE person_id IN (?) AND order_id > ?`, append(args, who.ids(), after)
	for _, a := range who.Accounts {
		query += ` UNION SELECT order_id FROM approvals WHERE workspace = ? AND account = ? AND order_id > ?
			UNION SELECT order_id FROM approvals WHERE stand_in_workspace = ? AND stand_in = ? AND stand_in <> '' AND order_id > ?`
		args = append(args, a.Workspace, a.ID, after, a.Workspace, a.ID, after)
	}
	return os, tx.among(ctx, &os, `SELECT `+orderColumns+` FROM orders`, `id`, query, args, limit)
}

// ActivationsOf returns up to limit activations after one of them, in order, that somebody asked for, or of which they said why they failed.
func (tx *Tx) ActivationsOf(ctx context.Context, who Selves, after ActivationID, limit int) (as []Activation, err error) {
	query, args := who.rows("activations", int64(after), "person_id", "failed_by_id")
	return as, tx.among(ctx, &as, `SELECT `+activationColumns+` FROM activations`, `id`, query, args, limit)
}

// TerminationsOf returns up to limit of somebody's terminations after one of them, in order.
func (tx *Tx) TerminationsOf(ctx context.Context, who Selves, after TerminationID, limit int) (ts []Termination, err error) {
	query, args := who.rows("terminations", int64(after), "person_id")
	return ts, tx.among(ctx, &ts, `SELECT `+terminationColumns+` FROM terminations`, `id`, query, args, limit)
}

// SeatsOf returns up to limit licenses that somebody has after one of them, in order, of whatever organization.
func (tx *Tx) SeatsOf(ctx context.Context, who Selves, after int64, limit int) (ss []Seat, err error) {
	query, args := who.rows("seats", after, "person_id")
	query, args = query+` UNION SELECT id FROM seats WHERE mail IN (?) AND mail <> '' AND id > ?`, append(args, who.mails(), after)
	return ss, tx.among(ctx, &ss, selectSeat, `s.id`, query, args, limit)
}

// AdministratorsOf returns up to limit records of somebody as an administrator after one of them, in order, also where they have still to
// confirm their address.
func (tx *Tx) AdministratorsOf(ctx context.Context, who Selves, after AdministratorID, limit int) (as []Administrator, err error) {
	query, args := who.rows("administrators", int64(after), "person_id")
	query, args = query+` UNION SELECT id FROM administrators WHERE mail IN (?) AND mail <> '' AND id > ?`, append(args, who.mails(), after)
	return as, tx.among(ctx, &as, selectAdministrator, `d.id`, query, args, limit)
}

// blanked are the columns that Blank blanks, with those of the same row that say who can have it so: whoever wrote it, and to whom and of
// whom it was written.
var blanked = []struct {
	table, column string
	of            []string
}{
	{"requests", "reason", []string{"person_id"}},
	{"requests", "question", []string{"person_id", "asked_by_id"}},
	{"requests", "answer", []string{"person_id", "asked_by_id"}},
	{"requests", "words", []string{"person_id", "by_id"}},
	{"orders", "reason", []string{"person_id", "refused_by_id"}},
	{"activations", "reason", []string{"person_id", "failed_by_id"}},
	{"people", "phone", []string{"id"}},
	{"person_events", "was", []string{"person_id"}},
	{"person_events", "became", []string{"person_id"}},
}

// Blank blanks up to limit fields of somebody's beside the audit log, and returns how many that were: words in requests, orders and
// activations, their phone number, and what they changed in their profile. Their name, address and accounts stay.
func (tx *Tx) Blank(ctx context.Context, who Selves, limit int) (n int, err error) {
	for _, b := range blanked {
		still := b.column + ` <> ''`
		if b.table == "activations" { // a program's words are no person's, and some of them are ours
			still += ` AND failed_by_id IS NOT NULL`
		}
		var each []string
		var args []any
		for _, c := range b.of {
			each = append(each, `SELECT id FROM `+b.table+` WHERE `+c+` IN (?) AND `+still)
			args = append(args, who.ids())
		}
		var ids []int64
		err := tx.list(ctx, &ids, `UPDATE `+b.table+` SET `+b.column+` = '' WHERE `+still+` AND id IN (`+strings.Join(each, ` UNION `)+` LIMIT ?) RETURNING id`,
			append(args, limit-n)...)
		if err != nil {
			return n, err
		}
		if n += len(ids); n == limit {
			break
		}
	}
	return n, nil
}
