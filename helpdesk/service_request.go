package helpdesk

import (
	"context"

	"guichet/store"
)

// Requested is a service request as another room words it.
type Requested struct {
	Queue   string // key of the queue that takes it
	Service string
	Subject string
	Text    string        // plain words
	Details store.Details // facts that are shown beside it
	Nonce   string        // of the form: the same form asks once
}

// Matter is the detail that says what a service request is about, for the room that has opened it.
const Matter = "matter"

// Attend has another room told, in the same transaction, when a ticket that it opened about a matter changes. Call it before the desk is used.
func (d *Desk) Attend(matter string, f func(context.Context, *store.Tx, store.Ticket) error) {
	if d.attends == nil {
		d.attends = map[string]func(context.Context, *store.Tx, store.Ticket) error{}
	}
	d.attends[matter] = f
}

// BeginIn begins a verb of another room on an existing ticket, in its transaction: the ticket is locked, and the actor may do this at the desk.
func (d *Desk) BeginIn(ctx context.Context, tx *store.Tx, a Actor, act Act, id store.TicketID) (store.Ticket, error) {
	_, t, err := d.begin(ctx, tx, a, act, store.DeskSide, id)
	return t, err
}

// ResolveIn resolves a ticket that such a verb has begun with; its requester reads the words. One that is resolved stays so.
func (d *Desk) ResolveIn(ctx context.Context, tx *store.Tx, a Actor, t store.Ticket, words string) error {
	if !t.Active {
		return nil
	}
	a.Reason = words
	_, err := d.press(ctx, tx, a, t, Resolve, store.DeskSide)
	return err
}

// AwaitIn says something to the requester of a ticket that such a verb has begun with, at once, and hands the turn to them.
func (d *Desk) AwaitIn(ctx context.Context, tx *store.Tx, a Actor, t store.Ticket, text string) error {
	who, err := d.standing(ctx, tx, a.Person)
	if err == nil {
		_, err = d.answer(ctx, tx, a, who, t, Macro{Then: Wait}, text)
	}
	return err
}

// NoteIn adds an internal note to a ticket, for the program, in such a verb.
func (d *Desk) NoteIn(ctx context.Context, tx *store.Tx, id store.TicketID, by store.PersonID, words string) error {
	t, err := tx.LockTicket(ctx, id)
	if err != nil {
		return err
	}
	m, err := d.inside(ctx, tx, t, by, words)
	if err != nil {
		return err
	}
	return d.tell(ctx, tx, t, []Telling{{store.DeskSide, TellMessage}}, m, 0)
}

// OpenRequest opens a service request of the actor's, in the transaction of a verb that has judged that they may ask for it. A second time
// it returns the first with Changed false.
func (d *Desk) OpenRequest(ctx context.Context, tx *store.Tx, a Actor, r Requested) (Outcome, error) {
	t := store.Ticket{Kind: ServiceRequest, Service: r.Service, Organization: a.Organization, Requester: a.Person, Subject: r.Subject, Details: r.Details, Origin: a.Source, Nonce: r.Nonce}
	o, err := d.opening(ctx, tx, a, t, store.Message{Body: typed(r.Text)}, Arrival{Continues: r.Queue})
	if err != nil {
		return Outcome{}, err
	}
	o, added, err := tx.Open(ctx, o)
	if err != nil {
		return Outcome{}, err
	}
	if o.Ticket.Requester != a.Person {
		return Outcome{}, refuse(NotYourForm, store.Ticket{})
	}
	return Outcome{Ticket: o.Ticket, Event: o.Event.ID, Changed: added}, nil
}
