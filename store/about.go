package store

import (
	"context"
	"strings"
)

// About is what a delivery is about, and where it goes.
type About struct {
	Ticket  Ticket  `db:"t"`
	First   Message `db:"m"` // with which the ticket was opened: its description
	Card    Thread  `db:"c"` // the ticket's card in this conversation: the latest, should an older one have been deleted; zero: not posted yet
	Account Account `db:"a"` // of the person whose direct channel it is, if it is one

	Requester, Assignee Person // the second: if there is one
}

// About reads all this in one statement, since every delivery needs it.
func (tx *Tx) About(ctx context.Context, d Delivery) (About, error) {
	var a About
	err := tx.get(ctx, &a, `SELECT `+ticketColumns.as("t")+`, `+messageColumns.as("m")+`, `+personColumns.as("requester")+`,
			COALESCE(s.id, 0) AS "assignee.id", COALESCE(s.organization, '') AS "assignee.organization", COALESCE(s.name, '') AS "assignee.name",
			COALESCE(s.language, '') AS "assignee.language", COALESCE(s.created_at, 0) AS "assignee.created_at",
			COALESCE(c.workspace, '') AS "c.workspace", COALESCE(c.channel, '') AS "c.channel", COALESCE(c.root, '') AS "c.root",
			COALESCE((SELECT MIN(account) FROM accounts WHERE person_id = ? AND workspace = ?), '') AS "a.account"
		FROM tickets t JOIN messages m ON m.id = (SELECT MIN(id) FROM messages WHERE ticket_id = t.id)
		JOIN people p ON p.id = t.requester_id LEFT JOIN people s ON s.id = t.assignee_id
		LEFT JOIN threads c ON c.id = (SELECT MAX(id) FROM threads WHERE lane = ? AND is_card)
		WHERE t.id = ?`, d.Person, d.Workspace, d.Lane, d.Ticket)
	if a.Account.ID != "" {
		a.Account.Workspace = d.Workspace
	}
	if a.Card.Root != "" {
		a.Card.Ticket, a.Card.Lane, a.Card.IsCard = d.Ticket, d.Lane, true
	}
	return a, err
}

// columns are those of a record: how each is read, and under which name.
type columns [][2]string

// columnsOf lists the columns of a table, which a statement calls by a short name. A "?" after a
// column says that it may be NULL, which is read as zero.
func columnsOf(table, names string) (cs columns) {
	for name := range strings.FieldsSeq(names) {
		name, null := strings.CutSuffix(name, "?")
		read := table + "." + name
		if null {
			read = "COALESCE(" + read + ", 0)"
		}
		cs = append(cs, [2]string{read, name})
	}
	return cs
}

// insert lists the columns but the id, which the database gives, and their values in a row of the
// table that goes by a short name; some come from elsewhere.
func (cs columns) insert(row string, elsewhere map[string]string) (names, values string) {
	var ns, vs []string
	for _, c := range cs {
		value, ok := elsewhere[c[1]]
		switch {
		case c[1] == "id":
			continue
		case !ok && strings.HasPrefix(c[0], "COALESCE"):
			value = "NULLIF(" + row + "." + c[1] + ", 0)"
		case !ok:
			value = row + "." + c[1]
		}
		ns, vs = append(ns, c[1]), append(vs, value)
	}
	return strings.Join(ns, ", "), strings.Join(vs, ", ")
}

// as lists the columns for a field of a struct; empty: for the struct itself.
func (cs columns) as(field string) string {
	var list []string
	for _, c := range cs {
		if field == "" {
			list = append(list, c[0]+" AS "+c[1])
		} else {
			list = append(list, c[0]+` AS "`+field+"."+c[1]+`"`)
		}
	}
	return strings.Join(list, ", ")
}
