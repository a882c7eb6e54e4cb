package helpdesk

import (
	"context"
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
	Act    Act // one of changes
	To     string
	Whom   store.PersonID  // Assign, HandOver: the new assignee
	Reason string          // Transfer: why; HandOver: what they need to know
	Note   store.MessageID // HandOver: the message that says it already; zero: none does
	Seen   string          // see Sees
	Any    bool            // whatever it was before: by a sign or a word, which shows nothing of it
}

// Sees is what a ticket shows of what an act changes, as a word for Change.Seen.
func Sees(t store.Ticket, act Act) string {
	if c, ok := changes[act]; ok {
		return c.sees(t)
	}
	return ""
}

// Change does what an agent chose from the menu. nonce is the form's; with a request of the actor's own
// it may be empty.
func (d *Desk) Change(ctx context.Context, a Actor, id store.TicketID, c Change, nonce string) (out Outcome, err error) {
	if nonce != "" {
		a.Request = FormKey(nonce)
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

// change does to a locked ticket what one of changes says.
func (d *Desk) change(ctx context.Context, tx *store.Tx, a Actor, t store.Ticket, c Change) (Outcome, error) {
	kind, ok := changes[c.Act]
	if !ok {
		return Outcome{}, refuse(BadForm, t)
	}
	acts := append([]Act{c.Act}, kind.rivals...)
	old, was := t, kind.sees(t)
	e := store.Event{Ticket: t.ID, Actor: a.Person, Act: string(c.Act), Source: a.Source}
	if err := kind.make(d, ctx, tx, &t, &e, c); err != nil {
		return Outcome{}, err
	}
	switch now := kind.sees(t); {
	case was == now:
		by, err := d.colleague(ctx, tx, a, t, acts...)
		return Outcome{Ticket: t, By: by}, err
	case was != c.Seen && !c.Any:
		return Outcome{}, d.overtaken(ctx, tx, a, old, Overtaken, acts...)
	}
	if !kind.later && !active(State(old.State)) || State(old.State) == Closed {
		return Outcome{}, refuse(NotNow, old)
	}
	t.Quiet = false // an agent looks after it
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
	if t.Assignee != old.Assignee {
		if err := d.intoRoom(ctx, tx, t); err != nil {
			return Outcome{}, err
		}
	}
	var said store.Message
	if kind.after != nil {
		if said, err = kind.after(d, ctx, tx, old, t, e, c); err != nil {
			return Outcome{}, err
		}
	}
	ts := AudienceOfAct(c.Act, store.DeskSide, State(t.State))
	if inThread := (Telling{store.DeskSide, TellEvent}); a.Wordless && !slices.Contains(ts, inThread) {
		ts = append(ts, inThread)
	}
	return Outcome{Ticket: t, Event: e.ID, Changed: true}, d.tell(ctx, tx, t, ts, said, e.ID)
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
