package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"guichet/store"
)

// An incident that is announced is shown to people who are about to open a ticket about the same. All that they are shown is
// its title, which an agent wrote for them: of the ticket itself, which may be another organization's, they read nothing.

// mostKnown is how many incidents are looked at for what somebody's words may be about: the newest ones.
const mostKnown = 50

// Announcement is what people are told of an incident.
type Announcement struct {
	Title     string // empty: they are told of it no more
	Everybody bool   // not only the people of the ticket's own organization, but all whom its queue serves
}

// Announced returns what people are told of a ticket's incident, for an agent who may change that.
func (d *Desk) Announced(ctx context.Context, a Actor, id store.TicketID) (t store.Ticket, is Announcement, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		if _, t, err = d.look(ctx, tx, a, Announce, id, store.DeskSide); err != nil {
			return err
		}
		i, err := tx.Incident(ctx, id)
		if err == nil {
			is = Announcement{Title: i.Title, Everybody: i.Organization == ""}
		}
		return ignoreNotFound(err)
	})
	return t, is, err
}

// Announce has people told of an incident, in other words, or no more. nonce is the form's.
func (d *Desk) Announce(ctx context.Context, a Actor, id store.TicketID, is Announcement, nonce string) (out Outcome, err error) {
	if nonce != "" {
		a.Request = FormKey(nonce)
	}
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		_, t, err := d.begin(ctx, tx, a, Announce, store.DeskSide, id)
		if err != nil {
			return err
		}
		out, err = d.announce(ctx, tx, a, t, is)
		return err
	})
	return out, err
}

// announce is Announce on a locked ticket.
func (d *Desk) announce(ctx context.Context, tx *store.Tx, a Actor, t store.Ticket, is Announcement) (Outcome, error) {
	is.Title = strings.TrimSpace(is.Title)
	switch {
	case is.Title != "" && CheckSubject(is.Title) != "":
		return Outcome{}, refuse(BadForm, t)
	case !active(State(t.State)):
		return Outcome{}, refuse(NotNow, t)
	case t.Parent != 0:
		return Outcome{}, &Refusal{Code: IsPart, Ticket: t, Other: d.catalog.NameOf(t)}
	}
	i, err := tx.Incident(ctx, t.ID)
	if err := ignoreNotFound(err); err != nil {
		return Outcome{}, err
	}
	was := i
	if errors.Is(err, store.ErrNotFound) {
		i = store.Incident{Ticket: t.ID, Since: t.CreatedAt}
	}
	i.Title, i.Known, i.Organization = is.Title, is.Title != "", t.Organization
	if is.Everybody {
		i.Organization = ""
	}
	if i == was || is.Title == "" && !was.Known {
		return Outcome{Ticket: t}, nil
	}
	if err := tx.SaveIncident(ctx, i); err != nil {
		return Outcome{}, err
	}
	e, err := tx.AddEvent(ctx, store.Event{Ticket: t.ID, Actor: a.Person, Act: string(Announce), Source: a.Source, Detail: store.Inside, Words: i.Title})
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{Ticket: t, Event: e.ID, Changed: true},
		d.tell(ctx, tx, t, AudienceOfAct(Announce, store.DeskSide, State(t.State)), store.Message{}, e.ID)
}

// sayAnnounce tells the people of the ticket's own organization.
func (d *Desk) sayAnnounce(ctx context.Context, tx *store.Tx, w typedWord) (Outcome, error) {
	if CheckSubject(w.Rest) != "" {
		return Outcome{}, &misread{what: "title"}
	}
	return d.announce(ctx, tx, w.a, w.t, Announcement{Title: w.Rest})
}

// over has people told no more of an incident that is over, and again of one that is not after all; the same of updates.
func (d *Desk) over(ctx context.Context, tx *store.Tx, t store.Ticket) error {
	i, err := tx.Incident(ctx, t.ID)
	if err != nil {
		return ignoreNotFound(err)
	}
	was := i
	i.Known = i.Title != "" && active(State(t.State))
	switch {
	case !active(State(t.State)):
		i.UpdateAt = store.Time{}
	case t.Major != "":
		i = i.Updated(tx.Now)
		i.EndedAt = store.Time{}
	}
	if i == was {
		return nil
	}
	return tx.SaveIncident(ctx, i)
}

// KnownIncident is an incident as somebody is told of it.
type KnownIncident struct {
	store.Incident
	Affected int // how many are, its own requester included
}

// KnownFor returns the incidents that somebody's words may be about, of those that they are told of: at most three, the newest
// first. They are that if two of the title's words are among theirs, or one that is all it has, or one and the service is the same.
func (d *Desk) KnownFor(ctx context.Context, a Actor, service, words string) (known []KnownIncident, err error) {
	theirs := strings.Fields(store.Stems(words))
	if len(theirs) == 0 {
		return nil, nil
	}
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		all, err := tx.KnownIncidents(ctx, mostKnown)
		if err != nil || len(all) == 0 {
			return err
		}
		var ids []store.TicketID
		for _, i := range all {
			ids = append(ids, i.Ticket)
		}
		ts, err := tx.TicketsAmong(ctx, store.Program, ids)
		if err != nil {
			return err
		}
		for _, i := range all {
			n := slices.IndexFunc(ts, func(t store.Ticket) bool { return t.ID == i.Ticket })
			if n < 0 || !d.tellsOf(i, ts[n], a.Organization) || ts[n].Requester == a.Person {
				continue
			}
			title := telling(strings.Fields(store.Stems(i.Title)))
			same := 0
			for _, w := range title {
				if slices.Contains(theirs, w) {
					same++
				}
			}
			if same >= 2 || same == 1 && (len(title) == 1 || service != "" && ts[n].Service == service) {
				known = append(known, KnownIncident{i, ts[n].Affected + 1})
			}
			if len(known) == 3 {
				break
			}
		}
		return nil
	})
	return known, err
}

// tellsOf says whether the people of an organization are told of an incident.
func (d *Desk) tellsOf(i store.Incident, t store.Ticket, organization string) bool {
	q, ok := d.catalog.Queue(t.Queue)
	return ok && i.Known && active(State(t.State)) && q.serves(organization) && (i.Organization == "" || i.Organization == organization)
}

// telling are the words, without their endings, that tell what a text is about: each once, and none of those that any text has.
func telling(stems []string) (words []string) {
	for _, s := range stems {
		if len(s) > 2 && !slices.Contains(common, s) && !slices.Contains(words, s) {
			words = append(words, s)
		}
	}
	return words
}

// common are words that tell nothing, in French and English.
var common = strings.Fields(store.Stems(`the and not for with are was has have does did can cannot from this that there since when all any
	les des une pas plus que qui est sont dans sur avec pour par depuis aux fait peut ont son ses leur tout tous cette`))

// MeToo has somebody say that an incident affects them too: they get a ticket of their own, of which the desk is told nothing more
// than that there is one more, and what the desk answers on the incident is answered in it. text is what they wrote of it, if they
// did. nonce is the form's, or that of the message that offered it.
func (d *Desk) MeToo(ctx context.Context, a Actor, incident store.TicketID, text, nonce string, files ...FileRef) (out Outcome, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		// Whose part is there already is locked alone: everybody locks a part before its incident.
		has, err := tx.PartOf(ctx, incident, a.Person)
		if err := ignoreNotFound(err); err != nil {
			return err
		}
		read := tx.LockTicket
		if has.ID != 0 {
			read = func(ctx context.Context, id store.TicketID) (store.Ticket, error) {
				return tx.Ticket(ctx, store.Program, id)
			}
		}
		p, err := read(ctx, incident)
		if err := ignoreNotFound(err); err != nil {
			return err
		}
		i, err := tx.Incident(ctx, incident)
		if err := ignoreNotFound(err); err != nil {
			return err
		}
		switch {
		case !d.tellsOf(i, p, a.Organization):
			return refuse(NoIncident, store.Ticket{})
		case p.Requester == a.Person:
			return refuse(Yours, p)
		}
		out.Ticket, err = tx.PartOf(ctx, p.ID, a.Person)
		if err == nil {
			out, err = d.meTooAgain(ctx, tx, a, out.Ticket, text, nonce, files)
			return err
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		t := store.Ticket{Kind: Incident, Service: p.Service, Organization: a.Organization, Requester: a.Person, Subject: i.Title,
			Impact: "one", Urgency: p.Urgency, Origin: a.Source, Nonce: nonce, Parent: p.ID, Quiet: true}
		if t.Urgency == "" {
			t.Urgency = "medium"
		}
		said := cmp.Or(strings.TrimSpace(text), i.Title)
		o, err := d.opening(ctx, tx, a, t, store.Message{Body: typed(said)}, Arrival{Continues: p.Queue})
		if err != nil {
			return err
		}
		o, added, err := tx.Open(ctx, o)
		if err != nil {
			return err
		}
		if o.Ticket.Requester != a.Person {
			return refuse(NotYourForm, store.Ticket{})
		}
		out = Outcome{Ticket: o.Ticket, Event: o.Event.ID, Changed: added}
		if !added {
			return nil
		}
		if err := d.attach(ctx, tx, o.Ticket, o.Message, a.Source, "", files); err != nil {
			return err
		}
		if err := d.affect(ctx, tx, p.ID, 1); err != nil {
			return err
		}
		return d.saidLast(ctx, tx, p, o.Ticket)
	})
	return out, err
}

// meTooAgain takes in what somebody wrote who has said that already, once for each form.
func (d *Desk) meTooAgain(ctx context.Context, tx *store.Tx, a Actor, t store.Ticket, text, nonce string, files []FileRef) (Outcome, error) {
	if t.Nonce == nonce || strings.TrimSpace(text) == "" && len(files) == 0 {
		return Outcome{Ticket: t}, nil
	}
	a.Request = FormKey(nonce)
	who, t, err := d.begin(ctx, tx, a, Reply, store.RequesterSide, t.ID)
	if errors.Is(err, ErrDuplicate) {
		return Outcome{Ticket: t}, nil
	}
	if err != nil {
		return Outcome{}, err
	}
	s, err := d.speak(ctx, tx, a, who, t, store.Message{Body: typed(text), Side: store.RequesterSide, Audience: store.Public}, "", files...)
	return s.Outcome, err
}

// saidLast has a new part of an incident say what the desk said last on that, since people are told of it: what it said before
// was for its requester alone.
func (d *Desk) saidLast(ctx context.Context, tx *store.Tx, p, t store.Ticket) error {
	told, err := tx.LastEvent(ctx, p.ID, []string{string(Announce)})
	if err != nil {
		return ignoreNotFound(err)
	}
	ms, err := tx.Messages(ctx, p.ID, false, 0, HistoryShown)
	if err != nil {
		return err
	}
	for i := len(ms) - 1; i >= 0; i-- {
		held := ms[i].HeldUntil.After(tx.Now.Time) // once it goes out it is told to all anyhow
		if ms[i].Side == store.DeskSide && !held && !ms[i].CreatedAt.Before(told.At.Time) {
			return d.copyTo(ctx, tx, t, ms[i])
		}
	}
	return nil
}
