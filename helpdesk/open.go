package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"guichet/markup"
	"guichet/store"
)

// Request is a filled-in form for a new ticket, step by step or whole.
type Request struct {
	Kind        string
	Service     string
	Subject     string
	Description string
	Impact      string // incidents only: one, several, all
	Urgency     string // incidents only: low, medium, high
	Platform    string // EMM only, as the next two
	Device      string
	Instance    string
	Files       []FileRef

	// What the form could not hold of the description, which goes on with it; and all of it as it was written where
	// it comes from, formatting included, if nothing was changed of it in the form.
	Rest    string
	Written string

	From *Source // the message that it is opened from, if there is one; never the form's own word
}

// What a person may choose from, in the order shown.
var (
	Kinds     = []string{Incident, Information}
	Impacts   = []string{"one", "several", "all"}
	Urgencies = []string{"low", "medium", "high"}
	Platforms = []string{"android", "ios", "windows", "macos", "other"}
)

// Longest texts, in characters. A description is what one Slack text field can hold.
const (
	MaxSubject     = 150
	MaxDescription = 3000
	MaxDetail      = 150
)

// What can be wrong with a field.
const (
	FieldMissing = "missing"
	FieldTooLong = "too_long"
	FieldUnknown = "unknown" // not one of the choices
)

// Check says what is wrong with a request, by the name of the field; nothing when it is fine.
func Check(c *Catalog, r Request) map[string]string {
	wrong := map[string]string{}
	choice := func(field, value string, from []string) {
		switch {
		case value == "":
			wrong[field] = FieldMissing
		case !slices.Contains(from, value):
			wrong[field] = FieldUnknown
		}
	}
	text := func(field, value string, longest int) {
		switch {
		case strings.TrimSpace(value) == "":
			wrong[field] = FieldMissing
		case utf8.RuneCountInString(value) > longest:
			wrong[field] = FieldTooLong
		}
	}
	choice("kind", r.Kind, Kinds)
	s, known := c.Service(r.Service)
	if !known {
		choice("service", r.Service, nil)
	}
	text("subject", r.Subject, MaxSubject)
	text("description", r.Description, MaxDescription)
	if r.Kind == Incident {
		choice("impact", r.Impact, Impacts)
		choice("urgency", r.Urgency, Urgencies)
	}
	if s.Form == EMMForm {
		choice("platform", r.Platform, Platforms)
		text("device", r.Device, MaxDetail)
		text("instance", r.Instance, MaxDetail)
	}
	return wrong
}

// CheckBody says what is wrong with a message written in a form, empty when it is fine.
func CheckBody(text string) string {
	switch {
	case strings.TrimSpace(text) == "":
		return FieldMissing
	case utf8.RuneCountInString(text) > MaxDescription:
		return FieldTooLong
	}
	return ""
}

// Open opens a ticket for the actor. nonce is the form's: a form that is sent twice opens one
// ticket, and the second time returns it with Changed false.
func (d *Desk) Open(ctx context.Context, a Actor, r Request, nonce string) (out Outcome, err error) {
	if wrong := Check(d.catalog, r); len(wrong) > 0 {
		return out, refuse(BadForm, store.Ticket{})
	}
	if a.Organization == "" {
		return out, errors.New("helpdesk: whoever opens a ticket belongs to an organization")
	}
	t := store.Ticket{Kind: r.Kind, Service: r.Service, Organization: a.Organization, Requester: a.Person,
		Subject: strings.TrimSpace(r.Subject), Origin: a.Source, Nonce: nonce}
	if r.Kind == Incident {
		t.Impact, t.Urgency = r.Impact, r.Urgency
	}
	if s, _ := d.catalog.Service(r.Service); s.Form == EMMForm {
		t.Details = store.Details{"platform": r.Platform, "device": strings.TrimSpace(r.Device), "instance": strings.TrimSpace(r.Instance)}
	}
	first := store.Message{Body: cmp.Or(r.Written, typed(r.Description+r.Rest))}
	if r.From != nil {
		return d.openFrom(ctx, a, t, first, *r.From, r.Files...)
	}
	o, err := d.opening(ctx, nil, a, t, first, Arrival{})
	if err != nil {
		return out, err
	}
	o, added, err := d.openWith(ctx, a, o, r.Files)
	if err != nil {
		return out, err
	}
	if o.Ticket.Requester != a.Person {
		return out, refuse(NotYourForm, store.Ticket{})
	}
	return Outcome{Ticket: o.Ticket, Event: o.Event.ID, Changed: added}, nil
}

// openWith opens a ticket, with files if there are any.
func (d *Desk) openWith(ctx context.Context, a Actor, o store.Opening, files []FileRef) (_ store.Opening, added bool, err error) {
	if len(files) == 0 {
		return d.db.Open(ctx, o)
	}
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		if o, added, err = tx.Open(ctx, o); err != nil || !added {
			return err
		}
		return d.attach(ctx, tx, o.Ticket, o.Message, a.Source, "", files)
	})
	return o, added, err
}

// opening is a new ticket with its first message, of which both sides are told. t names what the ticket
// is about; queue, priority and state follow from it, and from where it comes. tx is nil outside of a transaction.
func (d *Desk) opening(ctx context.Context, tx *store.Tx, a Actor, t store.Ticket, first store.Message, from Arrival) (o store.Opening, err error) {
	from.Service, from.Kind, from.Organization, from.At = t.Service, t.Kind, t.Organization, d.db.Now().Time
	if len(d.catalog.Routes) > 0 {
		from.Text = t.Subject + "\n" + said(first.Body)
	}
	way, err := d.way(ctx, tx, a, from)
	if err != nil {
		return o, err
	}
	t.Queue = way.Queue
	t.Priority = d.catalog.Priority(t.Kind, t.Impact, t.Urgency)
	t.State, t.Active = string(New), true
	if t.DueAt = d.firstDue(t); sleeps(t) {
		t.DueAt = store.Time{}
	}
	first.Author, first.Audience, first.Side = a.Person, store.Public, store.RequesterSide
	ts := beginning(first.Body)
	if t.Origin == Mail { // it stands in the mail that they wrote
		ts = slices.DeleteFunc(ts, func(what Telling) bool { return what == Telling{store.RequesterSide, TellMessage} })
	}
	o = store.Opening{Ticket: t, Message: first, Event: store.Event{Actor: a.Person, Act: string(Submit), Source: a.Source, Detail: t.Queue + "/" + t.Priority}}
	first.ID = store.ThisMessage
	o.Tell, err = d.deliveries(t, ts, first, store.ThisEvent)
	return o, err
}

// way finds the queue of a new ticket, or refuses one that is not theirs to ask for. Who they are is read where it makes a
// difference, in tx if there is one.
func (d *Desk) way(ctx context.Context, tx *store.Tx, a Actor, from Arrival) (Way, error) {
	w := d.catalog.Route(from)
	if !w.Barred {
		return w, nil
	}
	refusal := &Refusal{Code: NotOpen}
	look := func(tx *store.Tx) (err error) {
		if !from.Forged {
			from.Manager, err = tx.HasRole(ctx, a.Person, store.Manager)
		}
		if err == nil && w.Refused && !from.Manager {
			refusal.Managers, err = tx.NamesOf(ctx, from.Organization, store.Manager, mostNamed)
		}
		return err
	}
	var err error
	if tx != nil {
		err = look(tx)
	} else {
		err = d.db.Look(ctx, look)
	}
	if err != nil {
		return w, err
	}
	if w = d.catalog.Route(from); w.Refused {
		return w, refusal
	}
	return w, nil
}

// mostNamed is how many managers a refusal names.
const mostNamed = 5

// MayOpen refuses a service that the actor may not open tickets about, before they have written anything.
func (d *Desk) MayOpen(ctx context.Context, a Actor, service string) error {
	_, err := d.way(ctx, nil, a, Arrival{Service: service, Organization: a.Organization, At: d.db.Now().Time})
	return err
}

// cardLength is how much of a description a card shows in any case, as markup.Split measures it: on every platform
// there is room for it beside the facts.
const cardLength = 2 * MaxDescription

// OnCard is a description as the cards show it: all that a form takes, or the beginning of what is longer.
func OnCard(description string) (shown string, whole bool) {
	if len(markup.Split(description, cardLength)) == 1 && utf8.RuneCountInString(said(description)) <= MaxDescription {
		return description, true
	}
	return markup.Split(description, MaxDescription)[0], false
}

// beginning is what is told of a new ticket.
func beginning(description string) []Telling {
	ts := AudienceOfAct(Submit, store.RequesterSide, New)
	if _, whole := OnCard(description); !whole {
		ts = append(ts, Telling{store.DeskSide, TellMessage}, Telling{store.RequesterSide, TellMessage})
	}
	return ts
}

// Saved says whether an act was committed whose outcome did not reach us: by the request's key, or the
// form's nonce. A commit that is still under way is not seen; doing it again is harmless all the same.
func (d *Desk) Saved(ctx context.Context, request, nonce string) (saved bool, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		saved, err = tx.CameIn(ctx, request)
		if err == nil && !saved {
			saved, err = tx.CameIn(ctx, FormKey(nonce))
		}
		if err == nil && !saved {
			saved, err = tx.NonceUsed(ctx, nonce)
		}
		return err
	})
	return saved, err
}

// FormKey names what a form does once, among the keys of requests.
func FormKey(nonce string) string {
	if nonce == "" {
		return ""
	}
	return "form:" + nonce
}

// KeepDraft begins a form with what the actor wrote elsewhere; a request that was handled before is
// ErrDuplicate.
func (d *Desk) KeepDraft(ctx context.Context, a Actor, nonce string, fields map[string]string) error {
	return d.db.Write(ctx, func(tx *store.Tx) error {
		first, err := tx.FirstTime(ctx, a.Request)
		if err != nil {
			return err
		}
		if !first {
			return ErrDuplicate
		}
		return tx.SaveDraft(ctx, store.Draft{Nonce: nonce, Person: a.Person, Fields: fields})
	})
}

// SaveDraft keeps the steps of a form filled in so far.
func (d *Desk) SaveDraft(ctx context.Context, a Actor, nonce string, fields map[string]string) error {
	return d.db.Write(ctx, func(tx *store.Tx) error {
		return tx.SaveDraft(ctx, store.Draft{Nonce: nonce, Person: a.Person, Fields: fields})
	})
}

// Draft returns the steps of a form filled in so far; store.ErrNotFound when there are none. It stays
// for a while after the form was sent: see Sweep.
func (d *Desk) Draft(ctx context.Context, a Actor, nonce string) (fields map[string]string, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		draft, err := tx.Draft(ctx, nonce, a.Person)
		fields = draft.Fields
		return err
	})
	return fields, err
}
