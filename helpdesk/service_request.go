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
	Text    string // plain words
	Nonce   string // of the form: the same form asks once
}

// OpenRequest opens a service request of the actor's, in the transaction of a verb that has judged that they may ask for it. A second time
// it returns the first with Changed false.
func (d *Desk) OpenRequest(ctx context.Context, tx *store.Tx, a Actor, r Requested) (Outcome, error) {
	t := store.Ticket{Kind: ServiceRequest, Service: r.Service, Organization: a.Organization, Requester: a.Person, Subject: r.Subject, Origin: a.Source, Nonce: r.Nonce}
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
