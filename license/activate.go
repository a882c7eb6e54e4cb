package license

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"guichet/helpdesk"
	"guichet/store"
)

// ToldActivation is told of activations: to whoever asked for one, and to the administrator, at each of its states.
const ToldActivation = "activation"

// Provisioning is what a ticket is about by which agents make licenses usable.
const Provisioning = "provisioning"

// Acts of the audit log that are about activations.
const (
	activationStarted = "activation.start"
	activationDone    = "activation.done"
	activationFailed  = "activation.fail"
)

// Refusals about activations.
const (
	UnknownActivation helpdesk.Code = "unknown_activation"
)

// TooFew refuses what there are not enough licenses for, with the numbers.
type TooFew struct {
	Line
	Wanted int64
}

func (t *TooFew) Error() string { return "license: there are not that many" }

// Activating is what somebody wants to be made usable.
type Activating struct {
	License       string
	Quantity      int64
	Administrator store.AdministratorID // who administers the service from now on; zero: whoever does
	Account       store.Account         // by which whoever asks is told
	Nonce         string                // of the form
	// Subject and Text are those of the ticket, where agents do it.
	Subject, Text string
}

// ActivationView is an activation with who is concerned.
type ActivationView struct {
	store.Activation
	License License
	By      store.Person
	Changed bool
}

// Activate has ordered licenses made usable: by agents, who get a ticket, or by a program, which is called. No more than are ordered, and
// neither activated nor being activated nor to be terminated.
func (d *Desk) Activate(ctx context.Context, a helpdesk.Actor, w Activating) (v ActivationView, err error) {
	l, ok := d.catalog.Of(w.License)
	if !ok || w.Quantity < 1 || w.Quantity > MostQuoted || w.Nonce == "" {
		return v, &helpdesk.Refusal{Code: helpdesk.BadForm}
	}
	s := d.catalog.Services[l.Service]
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		who, err := d.administers(ctx, tx, a, l.Service)
		if err != nil {
			return err
		}
		if w.Administrator != 0 { // before what there is of the license, as by those who confirm their address
			if err := tx.LockAdministrators(ctx, who.Person.Organization); err != nil {
				return err
			}
		}
		if _, err := tx.FirstTime(ctx, helpdesk.FormKey(w.Nonce)); err != nil { // the activation has it too
			return err
		}
		organization := who.Person.Organization
		h, err := tx.LockHolding(ctx, organization, w.License)
		if err != nil {
			return err
		}
		x := store.Activation{Organization: organization, License: w.License, Quantity: w.Quantity, Person: who.Person.ID, Source: w.Account.Workspace, Account: w.Account.ID,
			Nonce: w.Nonce, State: store.Requested}
		x.Deadline = store.At(tx.Now.Add(ticketEvery))
		if s.Webhook {
			x.Deadline = store.At(tx.Now.Add(s.Timeout))
		}
		x, added, err := tx.AddActivation(ctx, x)
		if err != nil {
			return err
		}
		if x.Person != who.Person.ID {
			return &helpdesk.Refusal{Code: helpdesk.NotYourForm}
		}
		if v, err = d.activationView(ctx, tx, x); err != nil || !added {
			return err
		}
		v.Changed = true
		if w.Administrator != 0 {
			if err := d.entrust(ctx, tx, who, a.Source, l.Service, w); err != nil {
				return err
			}
		}
		if err := d.activatable(ctx, tx, h, x); err != nil {
			return err
		}
		if err := d.start(ctx, tx, a, &v, w, s.Webhook); err != nil {
			return err
		}
		return d.auditActivation(ctx, tx, v, who.Person.ID, a.Source, activationStarted)
	})
	return v, err
}

// entrust makes somebody who administers services already the administrator of this one: managers do. Nobody else changes them meanwhile
// (LockAdministrators).
func (d *Desk) entrust(ctx context.Context, tx *store.Tx, who helpdesk.Standing, source, service string, w Activating) error {
	if !who.Manager {
		return &helpdesk.Refusal{Code: NotManager}
	}
	r, err := d.roster(ctx, tx, who.Person.Organization)
	if err != nil {
		return err
	}
	one, ok := r.byID(w.Administrator)
	if !ok {
		return &helpdesk.Refusal{Code: NoAdministrator}
	}
	_, err = d.appoint(ctx, tx, appointment{by: who.Person.ID, source: source, account: w.Account}, one, []string{service})
	return err
}

// activatable refuses an activation, which is written already, for which there are not enough ordered licenses.
func (d *Desk) activatable(ctx context.Context, tx *store.Tx, h store.Holding, x store.Activation) error {
	line, err := d.line(ctx, tx, h)
	if err != nil {
		return err
	}
	line.Pending -= x.Quantity
	if x.Quantity > line.Inactive() {
		return &TooFew{line, x.Quantity}
	}
	return nil
}

// start hands an activation to those who do it.
func (d *Desk) start(ctx context.Context, tx *store.Tx, a helpdesk.Actor, v *ActivationView, w Activating, webhook bool) error {
	if err := d.markHomes(ctx, tx, v.Organization); err != nil {
		return err
	}
	if webhook {
		if err := tx.Enqueue(ctx, store.Delivery{Lane: fmt.Sprintf("provision/%d", v.ID), Workspace: ProvisionerOf(v.License.Service), Kind: ToProvision}); err != nil {
			return err
		}
		return d.tellActivation(ctx, tx, *v)
	}
	a.Person, a.Organization = v.Person, v.Organization
	out, err := d.people.OpenRequest(ctx, tx, a, helpdesk.Requested{Queue: d.catalog.Provisioning, Service: v.License.Service, Subject: w.Subject, Text: w.Text,
		Details: store.Details{helpdesk.Matter: Provisioning}, Nonce: w.Nonce})
	if err != nil {
		return err
	}
	v.Ticket = out.Ticket.ID
	if err := tx.SaveActivation(ctx, v.Activation); err != nil {
		return err
	}
	if out.Ticket.Assignee != 0 { // some queues give tickets out at once
		return d.attended(ctx, tx, out.Ticket)
	}
	return d.tellAdministratorOf(ctx, tx, v.Organization, v.License.Service, ToldActivation, int64(v.ID), v.Person) // whoever asked gets the ticket itself
}

// attended brings an activation that an agent has begun with into progress: its ticket has somebody.
func (d *Desk) attended(ctx context.Context, tx *store.Tx, t store.Ticket) error {
	if t.Assignee == 0 || !t.Active {
		return nil
	}
	x, err := tx.ActivationOfTicket(ctx, t.ID)
	if errors.Is(err, store.ErrNotFound) { // it is being opened
		return nil
	}
	if err == nil {
		x, err = tx.LockActivation(ctx, x.ID)
	}
	if err != nil || x.State != store.Requested {
		return err
	}
	v, err := d.activationView(ctx, tx, x)
	if err != nil {
		return err
	}
	return d.become(ctx, tx, &v, helpdesk.Actor{Person: t.Assignee, Source: t.Origin}, store.InProgress, "")
}

// tellActivation tells whoever asked for an activation, and the administrator, where it stands: each of them once.
func (d *Desk) tellActivation(ctx context.Context, tx *store.Tx, v ActivationView) error {
	n := Notice{What: ToldActivation, ID: int64(v.ID), Account: store.Account{Workspace: v.Source, ID: v.Account}}
	to, err := d.whoseBusiness(ctx, tx, n, v.Person, v.Organization)
	if err != nil {
		return err
	}
	told := []store.PersonID{v.Person}
	for _, a := range to {
		p, err := d.personOf(ctx, tx, a)
		if err != nil {
			return err
		}
		told = append(told, p)
	}
	return errors.Join(notify(ctx, tx, n.What, n.ID, to...), d.tellAdministratorOf(ctx, tx, v.Organization, v.License.Service, n.What, n.ID, told...))
}

func (d *Desk) activationView(ctx context.Context, tx *store.Tx, x store.Activation) (v ActivationView, err error) {
	v = ActivationView{Activation: x, License: d.named(x.License)}
	v.By, err = tx.Person(ctx, x.Person)
	return v, err
}

// Activated reads an activation for those who are told of it.
func (d *Desk) Activated(ctx context.Context, id int64) (v ActivationView, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		x, err := tx.Activation(ctx, store.ActivationID(id))
		if err != nil {
			return err
		}
		v, err = d.activationView(ctx, tx, x)
		return err
	})
	return v, err
}

// Provisioned says, by an agent of the ticket's queue, that the licenses of an activation are usable: they are activated, and the ticket is
// resolved with the words. store.ErrTooFew, if there are not that many any more.
func (d *Desk) Provisioned(ctx context.Context, a helpdesk.Actor, id store.TicketID, words string) (ActivationView, error) {
	return d.finish(ctx, a, id, store.Active, "", words)
}

// FailedAt says, by an agent of the ticket's queue, that it could not be done, and why: the ticket is resolved with that.
func (d *Desk) FailedAt(ctx context.Context, a helpdesk.Actor, id store.TicketID, reason string) (v ActivationView, err error) {
	if CheckWords(reason) != "" {
		return v, &helpdesk.Refusal{Code: helpdesk.BadForm}
	}
	return d.finish(ctx, a, id, store.Failed, strings.TrimSpace(reason), strings.TrimSpace(reason))
}

func (d *Desk) finish(ctx context.Context, a helpdesk.Actor, id store.TicketID, state, reason, words string) (v ActivationView, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		t, err := d.people.BeginIn(ctx, tx, a, helpdesk.Resolve, id)
		if err != nil {
			return err
		}
		x, err := tx.ActivationOfTicket(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			return &helpdesk.Refusal{Code: UnknownActivation, Ticket: t}
		}
		if err != nil {
			return err
		}
		if x, err = tx.LockActivation(ctx, x.ID); err != nil {
			return err
		}
		if v, err = d.activationView(ctx, tx, x); err != nil || !x.Pending() && x.Reason != unfinished {
			return err
		}
		if !x.Pending() && state == store.Active { // somebody may have tried again
			if line, err := d.lockLine(ctx, tx, x); err != nil || line.Inactive() < x.Quantity {
				return cmp.Or(err, store.ErrTooFew)
			}
		}
		if err := d.become(ctx, tx, &v, a, state, reason); err != nil {
			return err
		}
		return d.people.ResolveIn(ctx, tx, a, t, words)
	})
	return v, err
}

// become brings a locked activation into a state.
func (d *Desk) become(ctx context.Context, tx *store.Tx, v *ActivationView, a helpdesk.Actor, state, reason string) error {
	v.State, v.Reason, v.FailedBy, v.Changed = state, reason, 0, true
	act := ""
	switch state {
	case store.Active:
		act = activationDone
		_, err := d.move(ctx, tx, store.Movement{Organization: v.Organization, License: v.Activation.License, Act: "activate", Counts: store.Counts{Activated: v.Quantity},
			Actor: a.Person, Source: a.Source, About: fmt.Sprintf("activation/%d", v.ID)})
		if err != nil {
			return err
		}
	case store.Failed:
		act, v.FailedBy = activationFailed, a.Person
	}
	if !v.Pending() {
		v.Deadline = store.Time{}
	}
	if err := tx.SaveActivation(ctx, v.Activation); err != nil {
		return err
	}
	if err := d.markHomes(ctx, tx, v.Organization); err != nil {
		return err
	}
	if act != "" {
		if err := d.auditActivation(ctx, tx, *v, a.Person, a.Source, act); err != nil {
			return err
		}
	}
	return d.tellActivation(ctx, tx, *v)
}

func (d *Desk) auditActivation(ctx context.Context, tx *store.Tx, v ActivationView, by store.PersonID, source, act string) error {
	detail, err := json.Marshal(map[string]any{"activation": v.ID, "license": v.Activation.License, "quantity": v.Quantity})
	if err != nil {
		return err
	}
	return tx.Audit(ctx, store.Entry{Organization: v.Organization, Actor: by, Act: act, Detail: string(detail), Source: source})
}
