package helpdesk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"guichet/store"
)

// aChange is all there is to know about an act of the menu.
type aChange struct {
	sees   func(store.Ticket) string // what it changes, as a word
	rivals []Act                     // by which a colleague may have changed it meanwhile, besides itself
	later  bool                      // it may also be done to a ticket that is resolved
	// make makes the ticket and its event what the change says, or says what is wrong with it. It writes nothing.
	make func(*Desk, context.Context, *store.Tx, *store.Ticket, *store.Event, Change) error
	// after does what else follows from it, once the ticket is saved. Its message is told with the event.
	after func(_ *Desk, _ context.Context, _ *store.Tx, old, now store.Ticket, _ store.Event, _ Change) (store.Message, error)
}

// changes are the acts of the menu: what is said of one elsewhere is who may do it (May), who is told (AudienceOfAct), what it means to
// clocks (factOf), and its form (bot).
var changes = map[Act]aChange{
	Assign:   {sees: seesAssignee, rivals: []Act{HandOver, Take, Release}, make: (*Desk).assigned},
	HandOver: {sees: seesAssignee, rivals: []Act{Assign, Take, Release}, make: (*Desk).handed, after: (*Desk).summed},
	Prioritize: {
		sees: func(t store.Ticket) string { return t.Priority },
		make: func(_ *Desk, _ context.Context, _ *store.Tx, t *store.Ticket, e *store.Event, c Change) error {
			if !slices.Contains(Priorities, c.To) {
				return refuse(BadForm, *t)
			}
			t.Priority, e.Detail = c.To, c.To
			return nil
		},
	},
	Transfer: {
		sees: func(t store.Ticket) string { return t.Queue },
		make: (*Desk).transferred,
		after: func(d *Desk, ctx context.Context, tx *store.Tx, old, now store.Ticket, e store.Event, _ Change) (store.Message, error) {
			return store.Message{}, d.leave(ctx, tx, old, now, e)
		},
	},
	Refer: {
		sees:  func(t store.Ticket) string { return t.VendorRef },
		later: true,
		make: func(d *Desk, _ context.Context, _ *store.Tx, t *store.Ticket, e *store.Event, c Change) error {
			to := strings.TrimSpace(c.To)
			if utf8.RuneCountInString(to) > MaxVendorRef || !d.catalog.HasVendor(*t) {
				return refuse(BadForm, *t)
			}
			t.VendorRef, e.Words = to, to
			return nil
		},
	},
	Tag: {
		sees:  func(t store.Ticket) string { return t.Tags },
		later: true,
		make: func(_ *Desk, _ context.Context, _ *store.Tx, t *store.Ticket, e *store.Event, c Change) error {
			tags, wrong := ParseTags(c.To)
			if wrong != "" {
				return refuse(BadForm, *t)
			}
			t.Tags = strings.Join(tags, " ")
			e.Detail, e.Words = store.Inside, strings.Join(tags, ", ")
			return nil
		},
		after: func(_ *Desk, ctx context.Context, tx *store.Tx, _, now store.Ticket, _ store.Event, _ Change) (store.Message, error) {
			return store.Message{}, tx.SetTags(ctx, now, strings.Fields(now.Tags))
		},
	},
	Merge: {sees: func(t store.Ticket) string { return fmt.Sprint(t.Merged) }, later: true, make: (*Desk).merged, after: (*Desk).mergedInto},
	Link:  {sees: func(t store.Ticket) string { return t.Links }, later: true, make: (*Desk).linkedTo, after: (*Desk).linkedBack},
	Part:  {sees: func(t store.Ticket) string { return fmt.Sprint(t.Parent) }, make: (*Desk).partOf, after: (*Desk).partCounted},
}

func seesAssignee(t store.Ticket) string { return fmt.Sprint(t.Assignee) }

// assigned is what Assign makes of a ticket.
func (d *Desk) assigned(ctx context.Context, tx *store.Tx, t *store.Ticket, e *store.Event, c Change) error {
	fits, err := d.works(ctx, tx, c.Whom, t.Queue)
	if err != nil {
		return err
	}
	if !fits {
		return &Refusal{Code: NotAgent, Ticket: *t, Queue: t.Queue}
	}
	if State(t.State) == New {
		t.State = string(Open)
	}
	t.Assignee, e.Whom = c.Whom, c.Whom
	return nil
}

// handed is assigned with a summary, without which the next one would begin anew.
func (d *Desk) handed(ctx context.Context, tx *store.Tx, t *store.Ticket, e *store.Event, c Change) error {
	if CheckBody(c.Reason) != "" {
		return refuse(BadForm, *t)
	}
	return d.assigned(ctx, tx, t, e, c)
}

// summed keeps the summary of a ticket that was handed over as a note, which is told with the event. What was typed in the
// thread stands there already.
func (d *Desk) summed(ctx context.Context, tx *store.Tx, _, t store.Ticket, e store.Event, c Change) (store.Message, error) {
	if c.Note != 0 {
		return store.Message{}, nil
	}
	return d.inside(ctx, tx, t, e.Actor, c.Reason)
}

// inside adds what an agent typed into a form to a locked ticket as a note, telling nobody but those who watch it.
func (d *Desk) inside(ctx context.Context, tx *store.Tx, t store.Ticket, author store.PersonID, text string) (store.Message, error) {
	m, _, err := tx.AddMessage(ctx, store.Message{Ticket: t.ID, Author: author, Body: typed(text), Side: store.DeskSide, Audience: store.Internal})
	if err != nil {
		return m, err
	}
	return m, d.tellWatchers(ctx, tx, t, m)
}

// transferred is what Transfer makes of a ticket.
func (d *Desk) transferred(ctx context.Context, tx *store.Tx, t *store.Ticket, e *store.Event, c Change) error {
	if !slices.Contains(d.catalog.Targets(*t), c.To) && c.To != t.Queue || CheckReason(c.Reason) != "" {
		return refuse(BadForm, *t)
	}
	stays, err := d.works(ctx, tx, t.Assignee, c.To)
	if err != nil {
		return err
	}
	if !stays && t.Assignee != 0 {
		t.Assignee = 0
		if State(t.State) == Open {
			t.State = string(New)
		}
	}
	e.Detail, e.Words = t.Queue+"/"+c.To+"/"+t.State, strings.TrimSpace(c.Reason)
	t.Queue = c.To
	return nil
}
