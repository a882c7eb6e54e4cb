package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Search is full text, which the two databases do each in a way of its own: FTS5, and GIN over tsvector. So this is the one
// file with two texts of a query. What they index is the same, stem by stem (words.go), and is written with what it is of.
//
// Neither can look for one word and then throw away what somebody may not see: of a million tickets with "Outlook" in them
// an employee may see forty. So a document has a scope beside its words, and what may be seen is part of what is looked for.
// That narrows; what decides are the records themselves, as in any read (Viewer.filter).
//
// The newest come first, and few are wanted. FTS5 goes through its documents backwards, which lie by ticket. GIN knows no
// order: it would fetch a million and sort them. So a document is also under the names of the blocks of 2^7, 2^10 ... tickets
// in which its ticket is, and PostgreSQL is asked for the newest blocks, then for ever larger ones, until there are enough:
// in one statement, of which it runs no more than it must. A frequent word is found in the first, and of a rare one there is
// little even in the last. BENCHMARKS.md says what that comes to.

// ofTags stands for a message where a document is the tags; that of the subject is zero.
const ofTags MessageID = -1

// Hit is a ticket in which something was found.
type Hit struct {
	Ticket  TicketID  `db:"ticket_id"`
	Message MessageID `db:"message_id"` // where it was; not positive: in the subject or the tags
}

// Search returns up to limit tickets before one of them (zero: the newest), newest first, that the viewer may see and in
// which they may read all these phrases: in one message with the ticket's subject, or in the subject with the tags. A phrase
// is a text of which the words follow each other; accents, case and endings make no difference.
func (tx *Tx) Search(ctx context.Context, v Viewer, phrases []string, before TicketID, limit int) (hits []Hit, err error) {
	var s search
	for _, p := range phrases {
		words := Stems(p)
		if words == "" {
			continue
		}
		s.words = append(s.words, strings.Fields(words)...)
		if strings.Contains(words, " ") {
			s.said.and(`' ' || d.words || ' ' LIKE ?`, `% `+words+` %`)
		}
	}
	if len(s.words) == 0 {
		return nil, nil
	}
	if before <= 0 || before > math.MaxInt64>>placeBits {
		before = math.MaxInt64 >> placeBits
	}
	if !v.everything {
		where, args := v.filter()
		s.seen.and(where, args...)
		// What is internal is for agents of the queue, and so is what its author can still take back.
		s.seen.and(`(d.message_id = 0 OR t.queue IN (?) OR (m.audience = ? AND m.held_until <= ?))`, v.queues(), Public, tx.Now)
		s.scope = append(s.scope, fmt.Sprint("§p", v.Person))
		if v.Organization != "" {
			s.scope = append(s.scope, fmt.Sprintf("§o%X", v.Organization))
		}
		if v.Home != v.Organization && len(v.Services) > 0 { // a service has no name of its own: its tickets are looked at among the organization's
			s.scope = append(s.scope, fmt.Sprintf("§o%X", v.Home))
		}
		for _, q := range v.Queues {
			s.scope = append(s.scope, fmt.Sprintf("§q%X", q))
		}
	}
	if len(s.scope) == 1 {
		// Who may see but their own looks through those: for each of them, to go through what has the words takes longer.
		for _, w := range s.words {
			s.said.and(`' ' || d.words || ' ' LIKE ?`, `% `+w+` %`)
		}
		s.words = nil
	}
	if tx.driver == sqlite.driver {
		return tx.searchPlaces(ctx, s, before, limit)
	}
	return tx.searchBlocks(ctx, s, before, limit)
}

// search is what is looked for: all of the words, and one of the scope's names if it has any; and what must hold besides of
// a document d, and of its ticket t and message m.
type search struct {
	words, scope []string
	said, seen   conditions
}

// conditions go on after a condition that is there.
type conditions struct {
	where string
	args  []any
}

func (c *conditions) and(condition string, args ...any) {
	c.where, c.args = c.where+` AND `+condition, append(c.args, args...)
}

// terms is what the index is asked for, in either database's signs. Neither words nor names have any of their own.
func (s search) terms(quote, and, or string) string {
	var all []string
	for _, w := range s.words {
		all = append(all, quote+w+quote)
	}
	if len(s.scope) > 0 {
		all = append(all, `(`+quote+strings.Join(s.scope, quote+or+quote)+quote+`)`)
	}
	return strings.Join(all, and)
}

// placeBits is what the place of a document has for those of one ticket.
const placeBits = 20

// searchPlaces is Search on SQLite: document after document, of each ticket the first.
func (tx *Tx) searchPlaces(ctx context.Context, s search, before TicketID, limit int) (hits []Hit, err error) {
	match := s.terms(`"`, ` AND `, ` OR `)
	for place := int64(before) << placeBits; len(hits) < limit; {
		var some []Hit
		err := tx.list(ctx, &some, `SELECT d.ticket_id, d.message_id FROM search_index f CROSS JOIN search d ON d.place = f.rowid
			CROSS JOIN tickets t ON t.id = d.ticket_id LEFT JOIN messages m ON m.id = d.message_id
			WHERE f.search_index MATCH ? AND f.rowid < ?`+s.said.where+s.seen.where+` ORDER BY f.rowid DESC LIMIT ?`,
			slices.Concat([]any{match, place}, s.said.args, s.seen.args, []any{limit})...)
		if err != nil {
			return nil, err
		}
		for _, h := range some {
			if len(hits) == 0 || hits[len(hits)-1].Ticket != h.Ticket {
				hits = append(hits, h)
			}
		}
		if len(some) < limit {
			break
		}
		place = int64(some[len(some)-1].Ticket) << placeBits // a ticket of many documents is passed over
	}
	return hits[:min(limit, len(hits))], nil
}

// blockBits are the sizes of the blocks, each eight times the one before.
var blockBits = []int{7, 10, 13, 16, 19}

// blocks is some of the tickets, as the blocks in which they are.
type blocks struct {
	least, below TicketID
	names        []string // none: it goes by least and below alone
}

// blocksBefore parts all tickets before one of them, newest first. Each part has two blocks of a size, since the newer of
// them may have but few tickets that are wanted; the last has what is left.
func blocksBefore(below TicketID) (all []blocks) {
	for _, bits := range blockBits {
		newest := int64(below-1) >> bits
		b := blocks{least: TicketID(max(newest-1, 0) << bits), below: below}
		for n := newest; n >= max(newest-1, 0); n-- {
			b.names = append(b.names, fmt.Sprintf("=%d:%d", bits, n))
		}
		all = append(all, b)
		if below = b.least; below == 0 {
			return all
		}
	}
	return append(all, blocks{below: below})
}

// searchBlocks is Search on PostgreSQL.
func (tx *Tx) searchBlocks(ctx context.Context, s search, before TicketID, limit int) (hits []Hit, err error) {
	var newest TicketID
	if err := tx.get(ctx, &newest, `SELECT COALESCE(MAX(id), 0) FROM tickets`); err != nil || newest == 0 {
		return nil, err
	}
	all := blocksBefore(min(before, newest+1))
	if len(s.words) == 0 {
		all = []blocks{{below: before}}
	}
	var parts []string
	var args []any
	for _, b := range all {
		terms := s.terms(`'`, ` & `, ` | `)
		if len(b.names) > 0 {
			terms += ` & ('` + strings.Join(b.names, `' | '`) + `')`
		}
		parts = append(parts, `(CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS tsquery))`)
		args = append(args, b.least, b.below, terms)
	}
	// What the index has found is put in order before its tickets are looked at, so that no more of them are than are wanted
	// (OFFSET 0). It is not looked for along the primary key (+ 0), which would spare that: the way may be long.
	return hits, tx.list(ctx, &hits, `SELECT h.ticket_id, h.message_id FROM (VALUES `+strings.Join(parts, `, `)+`) AS b (least, below, terms)
		CROSS JOIN LATERAL (SELECT d.ticket_id, MAX(d.message_id) AS message_id
			FROM (SELECT d.ticket_id, d.message_id FROM search d WHERE search_terms(d.ticket_id, d.words, d.desk, d.others) @@ b.terms
				AND d.ticket_id + 0 >= b.least AND d.ticket_id + 0 < b.below`+s.said.where+` ORDER BY d.ticket_id DESC OFFSET 0) AS d
			JOIN tickets t ON t.id = d.ticket_id LEFT JOIN messages m ON m.id = d.message_id WHERE TRUE`+s.seen.where+`
			GROUP BY d.ticket_id ORDER BY d.ticket_id DESC LIMIT ?) AS h LIMIT ?`, slices.Concat(args, s.said.args, s.seen.args, []any{limit, limit})...)
}

// indexTicket makes a ticket's subject known to searches.
func (tx *Tx) indexTicket(ctx context.Context, id TicketID, subject string) error {
	_, err := tx.exec(ctx, tx.insertDocument()+`d.ticket_id, 0, CAST(? AS TEXT), d.desk, d.others FROM search_scopes d WHERE d.ticket_id = ? ON CONFLICT DO NOTHING`,
		Stems(subject), id)
	return err
}

// IndexTags makes a ticket's tags, in words, known to searches in place of those it had. Agents of its queue alone find them.
func (tx *Tx) IndexTags(ctx context.Context, id TicketID, tags string) error {
	return tx.index(ctx, id, ofTags, tags, false)
}

// indexMessage makes a message known to searches, in place of what it was: unless it was deleted.
func (tx *Tx) indexMessage(ctx context.Context, m Message) error {
	body := m.Body
	if m.Deleted() {
		body = ""
	}
	return tx.index(ctx, m.Ticket, m.ID, body, m.Audience == Public)
}

// index writes a document anew, beside its ticket's subject; without a text it is no more.
func (tx *Tx) index(ctx context.Context, ticket TicketID, m MessageID, text string, public bool) error {
	if _, err := tx.exec(ctx, `DELETE FROM search WHERE ticket_id = ? AND message_id = ?`, ticket, m); err != nil || text == "" {
		return err
	}
	return tx.indexNew(ctx, ticket, m, text, public)
}

// indexNew is index for what has no document yet.
func (tx *Tx) indexNew(ctx context.Context, ticket TicketID, m MessageID, text string, public bool) error {
	_, err := tx.exec(ctx, tx.insertDocument()+`d.ticket_id, CAST(? AS BIGINT), d.words || ' ' || CAST(? AS TEXT), d.desk,
		CASE WHEN CAST(? AS BOOLEAN) THEN d.others ELSE '' END FROM search d WHERE d.ticket_id = ? AND d.message_id = 0 ON CONFLICT DO NOTHING`,
		m, Stems(text), public, ticket)
	return err
}

// insertDocument begins an INSERT from a d; on SQLite with the place after those of its ticket.
func (tx *Tx) insertDocument() string {
	if tx.driver != sqlite.driver {
		return `INSERT INTO search (ticket_id, message_id, words, desk, others) SELECT `
	}
	return `INSERT INTO search (place, ticket_id, message_id, words, desk, others) SELECT COALESCE((SELECT MAX(p.place) + 1 FROM search p
		WHERE p.place >= d.ticket_id << 20 AND p.place < (d.ticket_id + 1) << 20), d.ticket_id << 20), `
}

// scope is what search_scopes says of a ticket without followers.
func (t Ticket) scope() (desk, others string) {
	return fmt.Sprintf("§q%X", t.Queue), fmt.Sprintf("§o%X §p%d", t.Organization, t.Requester)
}
