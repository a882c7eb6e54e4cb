package store

import (
	"context"
	"strings"
)

// Slice is some of the tickets: those of one requester, assignee, organization or queue, narrowed by the
// other fields that are set. What may be long has an index: an organization or a queue by service, a queue by state.
type Slice struct {
	Requester    PersonID
	Assignee     PersonID
	Organization string
	Queue        string
	Service      string // empty: any
	State        string // empty: by Active; only with Queue
	Active       bool
	Tag          string // empty: any; only with Queue
}

// Tickets returns up to limit tickets of a slice before one of them (zero: the newest), newest first.
func (tx *Tx) Tickets(ctx context.Context, s Slice, before TicketID, limit int) ([]Ticket, error) {
	var where []string
	var args []any
	and := func(condition string, arg any) {
		where, args = append(where, condition), append(args, arg)
	}
	for _, c := range []struct {
		column string
		value  any
		set    bool
	}{{"requester_id", s.Requester, s.Requester != 0}, {"assignee_id", s.Assignee, s.Assignee != 0},
		{"organization", s.Organization, s.Organization != ""}, {"queue", s.Queue, s.Queue != ""}, {"service", s.Service, s.Service != ""},
		{"tag", s.Tag, s.Tag != ""}} {
		if c.set {
			and(c.column+` = ?`, c.value)
		}
	}
	if s.State != "" {
		and(`state = ?`, s.State)
	} else {
		and(`active = ?`, s.Active)
	}
	query := selectTicket + `WHERE ` + strings.Join(where, ` AND `) + ` AND t.id < ? ORDER BY t.id DESC LIMIT ?`
	args = append(args, orLatest(int64(before)), limit)
	if s.Tag != "" { // first the few, then what they are: a join might go along all tickets
		query = selectTicket + `JOIN (SELECT ticket_id FROM tags WHERE ` + strings.Join(where, ` AND `) +
			` AND ticket_id < ? ORDER BY ticket_id DESC LIMIT ?) AS g ON g.ticket_id = t.id ORDER BY t.id DESC`
	}
	var ts []Ticket
	return ts, tx.list(ctx, &ts, query, args...)
}
