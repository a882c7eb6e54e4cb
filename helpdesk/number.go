package helpdesk

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"guichet/store"
)

// NameOf is what people call a ticket: "#1042" or, in a queue with a prefix, "EMM-1042". The number is the ticket's id and stays; what
// stands before it says where the ticket is by now. A ticket of which no queue is known (where it must not be told) is "#1042".
func (c *Catalog) NameOf(t store.Ticket) string {
	q, _ := c.Queue(t.Queue)
	return q.NameOf(t)
}

// NameOf is the Catalog's, of a ticket of this queue.
func (q Queue) NameOf(t store.Ticket) string {
	prefix := q.Prefix
	if prefix == "" {
		prefix = "#"
	}
	return prefix + strconv.FormatInt(int64(t.ID), 10)
}

// ParseName reads what people call a ticket: "1042", "#1042", or with the prefix of any queue, since it may have come from there.
func (c *Catalog) ParseName(word string) (store.TicketID, bool) {
	word = strings.ToUpper(strings.TrimPrefix(word, "#"))
	for _, q := range c.Queues {
		if number, ok := strings.CutPrefix(word, strings.ToUpper(q.Prefix)); ok && q.Prefix != "" {
			word = number
			break
		}
	}
	n, err := strconv.ParseUint(word, 10, 63)
	return store.TicketID(n), err == nil && n > 0
}

// linked are the tickets that a ticket, or its history, names by their numbers: what they are called depends on their queues.
func (d *Desk) linked(ctx context.Context, tx *store.Tx, ids ...store.TicketID) (map[store.TicketID]store.Ticket, error) {
	all := map[store.TicketID]store.Ticket{}
	prefixed := slices.ContainsFunc(d.catalog.Queues, func(q Queue) bool { return q.Prefix != "" })
	for _, id := range ids {
		if _, known := all[id]; known || id == 0 {
			continue
		}
		all[id] = store.Ticket{ID: id}
		if !prefixed {
			continue
		}
		t, err := tx.Ticket(ctx, store.Program, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all[id] = t
	}
	return all, nil
}

// Continuation is the ticket in which an event says that another, or a part of it, goes on; zero: it says nothing of the kind.
func Continuation(e store.Event) store.TicketID {
	if e.Act != string(Follow) && e.Act != string(Merge) && e.Act != string(Split) && e.Act != string(Part) {
		return 0
	}
	id, _ := strconv.ParseInt(e.Detail, 10, 64)
	return store.TicketID(id)
}
