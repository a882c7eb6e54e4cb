package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"guichet/helpdesk/clock"
	"guichet/store"
)

// Do is every act that is one press of a button: Take, Wait, Resolve, Close, Reopen. side is the
// side of the counter on which the button was.
func (d *Desk) Do(ctx context.Context, a Actor, act Act, id store.TicketID, side string) (Outcome, error) {
	return d.do(ctx, a, act, id, side, func(*store.Tx, store.Ticket) error { return nil })
}

// Take makes the actor the assignee of a ticket that, as far as they saw, was seen's (zero:
// nobody's). When somebody else was quicker it is refused: a colleague's ticket is taken over
// knowingly or not at all.
func (d *Desk) Take(ctx context.Context, a Actor, id store.TicketID, seen store.PersonID) (Outcome, error) {
	return d.do(ctx, a, Take, id, store.DeskSide, func(tx *store.Tx, t store.Ticket) error {
		if t.Assignee != seen && t.Assignee != 0 && t.Assignee != a.Person {
			return d.overtaken(ctx, tx, a, t, Taken, Take, Assign, HandOver)
		}
		return nil
	})
}

func (d *Desk) do(ctx context.Context, a Actor, act Act, id store.TicketID, side string, check func(*store.Tx, store.Ticket) error) (out Outcome, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		_, t, err := d.begin(ctx, tx, a, act, side, id)
		if err != nil {
			return err
		}
		out.Ticket = t
		if err := check(tx, t); err != nil {
			return err
		}
		out, err = d.press(ctx, tx, a, t, act, side)
		return err
	})
	return out, err
}

// press does an act to a locked ticket, if its state allows it.
func (d *Desk) press(ctx context.Context, tx *store.Tx, a Actor, t store.Ticket, act Act, side string) (Outcome, error) {
	if done(t, act, a.Person) { // pressed twice, or by two people: it is as they wanted it
		by, err := d.colleague(ctx, tx, a, t, act)
		return Outcome{Ticket: t, By: by}, err
	}
	next, ok := Next(State(t.State), act, side, t.Assignee != 0)
	if !ok {
		return Outcome{}, refuse(NotNow, t)
	}
	if act == Resolve && t.Major != "" {
		if i, err := tx.Incident(ctx, t.ID); err != nil || i.Runs() {
			return Outcome{}, cmp.Or(err, refuse(EndsSummed, t))
		}
	}
	if t.Merged != 0 {
		o, err := tx.Ticket(ctx, store.Program, t.Merged)
		if err != nil {
			return Outcome{}, err
		}
		return Outcome{}, &Refusal{Code: GoesOn, Ticket: t, Other: d.catalog.NameOf(o)}
	}
	if d.final(t, tx.Now) {
		return Outcome{}, refuse(TooLate, t)
	}
	return d.move(ctx, tx, a, t, act, side, next)
}

// done says whether the ticket is already what the act would make it.
func done(t store.Ticket, act Act, person store.PersonID) bool {
	switch act {
	case Take:
		return t.Assignee == person && active(State(t.State))
	case Wait:
		return State(t.State) == Waiting
	case Resolve:
		return State(t.State) == Resolved
	case Close:
		return State(t.State) == Closed
	case Reopen:
		return active(State(t.State))
	case Release:
		return t.Assignee != person
	}
	return false
}

// colleague is the name of whoever, other than the actor, did an act last; empty: nobody.
func (d *Desk) colleague(ctx context.Context, tx *store.Tx, a Actor, t store.Ticket, acts ...Act) (string, error) {
	var names []string
	for _, act := range acts {
		names = append(names, string(act))
	}
	e, err := tx.LastEvent(ctx, t.ID, names)
	if errors.Is(err, store.ErrNotFound) || err == nil && (e.Actor == 0 || e.Actor == a.Person) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	p, err := tx.Person(ctx, e.Actor)
	return p.Name, err
}

// overtaken refuses what rests on something that a colleague has changed meanwhile, by one of these acts.
func (d *Desk) overtaken(ctx context.Context, tx *store.Tx, a Actor, t store.Ticket, code Code, acts ...Act) error {
	by, err := d.colleague(ctx, tx, a, t, acts...)
	if err != nil {
		return err
	}
	return &Refusal{Code: code, Ticket: t, By: by}
}

// move brings a locked ticket into its next state, writes that into its history and tells both
// sides. A state that does not change keeps its date. facts are what has happened to it besides.
func (d *Desk) move(ctx context.Context, tx *store.Tx, a Actor, t store.Ticket, act Act, side string, next State, facts ...clock.Fact) (Outcome, error) {
	had := t.Assignee
	switch {
	case act == Release:
		t.Assignee = 0
	case side == store.DeskSide && (act == Take || t.Assignee == 0 && a.Person != 0 && act != Close):
		t.Assignee = a.Person // whoever works on a ticket that nobody has, has it
	}
	if t.Quiet && (side == store.RequesterSide && active(next) || side == store.DeskSide && a.Source != spreadSource) {
		t.Quiet = false // they want more than to be told, or an agent looks after it
	}
	was := clock.State(t.State)
	ends := active(State(t.State)) != active(next)
	if State(t.State) != next {
		t.State, t.Active, t.StateSince = string(next), active(next), tx.Now
	}
	e, err := tx.AddEvent(ctx, store.Event{Ticket: t.ID, Actor: a.Person, Act: string(act), Source: a.Source, Detail: string(next), Words: a.Reason})
	if err != nil {
		return Outcome{}, err
	}
	if err := d.save(ctx, tx, &t, append(factOf(e, was), facts...)...); err != nil {
		return Outcome{}, err
	}
	if ends {
		if err := d.over(ctx, tx, t); err != nil {
			return Outcome{}, err
		}
	}
	if t.Assignee != had {
		if err := d.intoRoom(ctx, tx, t); err != nil {
			return Outcome{}, err
		}
	}
	if ends && !active(next) {
		if err := d.spread(ctx, tx, t, store.Message{}, e.ID); err != nil {
			return Outcome{}, err
		}
	}
	ts := AudienceOfAct(act, side, next)
	switch {
	case act == Reply:
		ts = ts[:2] // the message itself says what happened: only the cards change
	case a.Wordless && !slices.Contains(ts, Telling{store.DeskSide, TellEvent}):
		ts = append(ts, Telling{store.DeskSide, TellEvent})
	}
	return Outcome{Ticket: t, Event: e.ID, Changed: true}, d.tell(ctx, tx, t, ts, store.Message{}, e.ID)
}
