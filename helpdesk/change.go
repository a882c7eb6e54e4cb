package helpdesk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"guichet/helpdesk/clock"
	"guichet/store"
)

// Longest reason of a move, and longest vendor's reference, in characters.
const (
	MaxReason    = 300
	MaxVendorRef = 100
)

// Change is one entry of the menu of the agents' card, filled in. Seen is what the agent saw when they
// chose it: should a colleague have changed that meanwhile, theirs is refused, not the colleague's undone.
type Change struct {
	Act    Act // Assign, Prioritize, Transfer or Refer
	To     string
	Whom   store.PersonID // Assign: the new assignee
	Reason string         // Transfer
	Seen   string         // see Ticket.Sees
	Any    bool           // whatever it was before: by a sign, which shows nothing of it
}

// Sees is what a ticket shows of what an act changes, as a word for Change.Seen.
func Sees(t store.Ticket, act Act) string {
	switch act {
	case Assign:
		return fmt.Sprint(t.Assignee)
	case Prioritize:
		return t.Priority
	case Transfer:
		return t.Queue
	case Refer:
		return t.VendorRef
	}
	return ""
}

// Change does what an agent chose from the menu. nonce is the form's; with a request of the actor's own
// it may be empty.
func (d *Desk) Change(ctx context.Context, a Actor, id store.TicketID, c Change, nonce string) (out Outcome, err error) {
	if nonce != "" {
		a.Request = formKey(nonce)
	}
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		_, t, err := d.begin(ctx, tx, a, c.Act, store.DeskSide, id)
		if err != nil {
			return err
		}
		out, err = d.change(ctx, tx, a, t, c)
		return err
	})
	return out, err
}

// SetUrgent makes a ticket urgent, or gives it back the priority that follows from its impact and urgency.
func (d *Desk) SetUrgent(ctx context.Context, a Actor, id store.TicketID, urgent bool) (out Outcome, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		_, t, err := d.begin(ctx, tx, a, Prioritize, store.DeskSide, id)
		if err != nil {
			return err
		}
		to := "urgent"
		if !urgent && t.Priority == to {
			to = d.catalog.Priority(t.Kind, t.Impact, t.Urgency)
		} else if !urgent {
			to = t.Priority // somebody has given it another one since
		}
		out, err = d.change(ctx, tx, a, t, Change{Act: Prioritize, To: to, Any: true})
		return err
	})
	return out, err
}

func (d *Desk) change(ctx context.Context, tx *store.Tx, a Actor, t store.Ticket, c Change) (Outcome, error) {
	acts := []Act{c.Act}
	if c.Act == Assign {
		acts = []Act{Assign, Take, Release}
	}
	old, was := t, Sees(t, c.Act)
	e := store.Event{Ticket: t.ID, Actor: a.Person, Act: string(c.Act), Source: a.Source}
	if err := d.fill(ctx, tx, &t, &e, c); err != nil {
		return Outcome{}, err
	}
	switch now := Sees(t, c.Act); {
	case was == now:
		by, err := d.colleague(ctx, tx, a, t, acts...)
		return Outcome{Ticket: t, By: by}, err
	case was != c.Seen && !c.Any:
		return Outcome{}, d.overtaken(ctx, tx, a, old, Overtaken, acts...)
	}
	if c.Act != Refer && !active(State(old.State)) || State(old.State) == Closed {
		return Outcome{}, refuse(NotNow, old)
	}
	if t.State != old.State {
		t.Active, t.StateSince = active(State(t.State)), tx.Now
	}
	e, err := tx.AddEvent(ctx, e)
	if err != nil {
		return Outcome{}, err
	}
	if err := d.save(ctx, tx, &t, factOf(e, clock.State(old.State))...); err != nil {
		return Outcome{}, err
	}
	if c.Act == Transfer {
		if err := d.leave(ctx, tx, old, t, e); err != nil {
			return Outcome{}, err
		}
	}
	return Outcome{Ticket: t, Event: e.ID, Changed: true}, d.tell(ctx, tx, t, AudienceOfAct(c.Act, store.DeskSide, State(t.State)), store.Message{}, e.ID)
}

// fill makes the ticket and its event what a change says, or says what is wrong with it.
func (d *Desk) fill(ctx context.Context, tx *store.Tx, t *store.Ticket, e *store.Event, c Change) error {
	switch c.Act {
	case Assign:
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
	case Prioritize:
		if !slices.Contains(Priorities, c.To) {
			return refuse(BadForm, *t)
		}
		t.Priority, e.Detail = c.To, c.To
	case Transfer:
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
	case Refer:
		to := strings.TrimSpace(c.To)
		if utf8.RuneCountInString(to) > MaxVendorRef || !d.catalog.HasVendor(*t) {
			return refuse(BadForm, *t)
		}
		t.VendorRef, e.Words = to, to
	default:
		return refuse(BadForm, *t)
	}
	return nil
}

// works says whether somebody is an agent of a queue, as far as is known: a wrong guess costs a
// colleague a press, and gives nobody any power.
func (d *Desk) works(ctx context.Context, tx *store.Tx, id store.PersonID, queue string) (bool, error) {
	if id == 0 {
		return false, nil
	}
	who, err := d.standing(ctx, tx, id)
	return slices.Contains(who.Queues, queue) || slices.Contains(who.Unsure, queue), err
}

// leave has the card in the queue that a ticket leaves say where it went, and what is still to be told
// at the desk told in the new queue.
func (d *Desk) leave(ctx context.Context, tx *store.Tx, old, t store.Ticket, e store.Event) error {
	before, _ := d.catalog.Queue(old.Queue)
	after, _ := d.catalog.Queue(t.Queue)
	lane := Lane(t, store.DeskSide)
	err := tx.Enqueue(ctx, store.Delivery{Lane: lane, Ticket: t.ID, Workspace: before.Place.Workspace, Kind: TellMoved, Event: e.ID})
	if err != nil {
		return err
	}
	if err := tx.MarkHomes(ctx, before.Place.Workspace, store.Affected{Channels: []string{before.Place.Channel}}); err != nil {
		return err
	}
	if before.Place.Workspace == after.Place.Workspace {
		return nil
	}
	return tx.Redirect(ctx, lane, after.Place.Workspace, TellMoved)
}

// Queues are the queue that a ticket left by a Transfer, and the one that it came to.
func Queues(e store.Event) (from, to string) {
	from, to, _ = strings.Cut(e.Detail, "/")
	to, _, _ = strings.Cut(to, "/")
	return from, to
}

// stateAfter is the state in which a Transfer left a ticket; empty of those before guichet noted it.
func stateAfter(e store.Event) string {
	parts := strings.Split(e.Detail, "/")
	if len(parts) < 3 {
		return ""
	}
	return parts[2]
}

// CheckReason says what is wrong with the reason of a move, empty when it is fine.
func CheckReason(reason string) string {
	switch {
	case strings.TrimSpace(reason) == "":
		return FieldMissing
	case utf8.RuneCountInString(reason) > MaxReason:
		return FieldTooLong
	}
	return ""
}

// CardAt returns the ticket whose present card a message is, and on which side of the counter it shows;
// store.ErrNotFound if it is none.
func (d *Desk) CardAt(ctx context.Context, p store.Place, message string) (id store.TicketID, side string, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		th, err := tx.ThreadByRoot(ctx, p, message)
		if err == nil && th.IsCard {
			th, err = tx.CardThread(ctx, th.Lane)
		}
		if err != nil {
			return err
		}
		if !th.IsCard || th.Root != message || th.Channel != p.Channel {
			return store.ErrNotFound
		}
		id, side = th.Ticket, SideOfLane(store.Ticket{ID: th.Ticket}, th.Lane)
		return nil
	})
	return id, side, err
}
