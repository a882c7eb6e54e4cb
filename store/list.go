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
		{"organization", s.Organization, s.Organization != ""}, {"queue", s.Queue, s.Queue != ""}, {"service", s.Service, s.Service != ""}} {
		if c.set {
			and(`t.`+c.column+` = ?`, c.value)
		}
	}
	if s.State != "" {
		and(`t.state = ?`, s.State)
	} else {
		and(`t.active = ?`, s.Active)
	}
	and(`t.id < ?`, orLatest(int64(before)))
	var ts []Ticket
	return ts, tx.list(ctx, &ts, selectTicket+`WHERE `+strings.Join(where, ` AND `)+` ORDER BY t.id DESC LIMIT ?`, append(args, limit)...)
}
