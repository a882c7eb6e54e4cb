package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"guichet/store"
)

// Source is a chat message with which a ticket is opened, or that is added to one. A chat message is in one
// ticket: whoever comes second is told which.
type Source struct {
	store.External
	Author store.PersonID // who wrote it; zero: nobody whom the desk knows
	Name   string         // what the author is called
	Link   string         // where it stands; empty: nothing to go to
	Files  []FileRef      // on it
}

// Names of authors who have none here.
const (
	AProgram = "-"
	Somebody = "?" // of another organization, or gone
)

// quoted is a message that somebody takes over from a source.
func (s Source) quoted(m store.Message, by store.PersonID) store.Message {
	m.External, m.Link = s.External, s.Link
	if s.Author != by {
		m.Quotes = s.Name
	}
	return m
}

// File opens a ticket from a message at once, without a form: what it is about nobody has said yet. The
// subject is how it is called.
func (d *Desk) File(ctx context.Context, a Actor, s Source, subject, text string) (Outcome, error) {
	t := store.Ticket{Kind: Information, Subject: subject, Nonce: "message:" + s.Workspace + ":" + s.Channel + ":" + s.External.ID}
	return d.openFrom(ctx, a, t, store.Message{Body: text}, s)
}

// openFrom opens a ticket from a chat message, for whoever wrote that, if they are of the actor's
// organization. The actor follows it then, unless it comes before their eyes as an agent anyhow. A message
// that has a ticket returns that, with Changed false, and the actor follows it from now on.
func (d *Desk) openFrom(ctx context.Context, a Actor, t store.Ticket, first store.Message, s Source, files ...FileRef) (out Outcome, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.LockMessage(ctx, s.External); err != nil {
			return err
		}
		if out, err = d.join(ctx, tx, a, s.External); !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if fresh, err := tx.FirstTime(ctx, a.Request); err != nil || !fresh {
			return cmp.Or(err, ErrDuplicate)
		}
		who, err := d.standing(ctx, tx, a.Person)
		if err != nil {
			return err
		}
		t.Organization, t.Origin, t.Requester = who.Person.Organization, a.Source, a.Person
		if s.Author != 0 && s.Author != a.Person {
			author, err := tx.Person(ctx, s.Author)
			if err != nil {
				return err
			}
			if author.Organization == t.Organization {
				t.Requester = author.ID
			}
		}
		o, err := d.opening(ctx, tx, a, t, s.quoted(first, a.Person), Arrival{})
		if err != nil {
			return err
		}
		follows := MayFollow(who, o.Ticket)
		o, added, err := tx.Open(ctx, o)
		if err != nil {
			return err
		}
		if !added {
			return refuse(NotYourForm, store.Ticket{})
		}
		if err := d.attach(ctx, tx, o.Ticket, o.Message, a.Source, "", append(files, s.Files...)); err != nil {
			return err
		}
		out = Outcome{Ticket: o.Ticket, Event: o.Event.ID, Changed: true}
		if !follows {
			return nil
		}
		out.Ticket, err = d.follower(ctx, tx, a, o.Ticket, beginning(first.Body), o.Message)
		return err
	})
	return out, err
}

// Join has the actor follow the ticket that was opened with a message; store.ErrNotFound when there is
// none. Whoever sees that ticket anyhow is only told which it is.
func (d *Desk) Join(ctx context.Context, a Actor, e store.External) (out Outcome, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.LockMessage(ctx, e); err != nil {
			return err
		}
		out, err = d.join(ctx, tx, a, e)
		return err
	})
	return out, err
}

func (d *Desk) join(ctx context.Context, tx *store.Tx, a Actor, e store.External) (Outcome, error) {
	id, opened, err := tx.TicketOfMessage(ctx, e)
	if err != nil {
		return Outcome{}, err
	}
	t, err := tx.LockTicket(ctx, id)
	if err != nil {
		return Outcome{}, err
	}
	who, err := d.standing(ctx, tx, a.Person)
	if err == nil {
		who, err = d.about(ctx, tx, who, t)
	}
	if err != nil {
		return Outcome{}, err
	}
	switch {
	case slices.Contains(who.Unsure, t.Queue):
		return Outcome{}, &Refusal{Code: Unverified, Queue: t.Queue}
	case !May(who, See, "", t) && !(opened && MayFollow(who, t)):
		return Outcome{}, refuse(Filed, store.Ticket{})
	case !opened || !MayFollow(who, t):
		return Outcome{Ticket: t}, nil
	}
	if fresh, err := tx.FirstTime(ctx, a.Request); err != nil || !fresh {
		return Outcome{}, cmp.Or(err, ErrDuplicate)
	}
	// Who begins to read along is told to whoever asked for help.
	ev, err := tx.AddEvent(ctx, store.Event{Ticket: t.ID, Actor: a.Person, Act: string(Watch), Source: a.Source})
	if err == nil {
		err = d.tell(ctx, tx, t, []Telling{{store.RequesterSide, TellEvent}}, store.Message{}, ev.ID)
	}
	if err != nil {
		return Outcome{}, err
	}
	if who.Watches == t.ID { // as an agent of its queue, who they are no more
		if err := tx.DropFollower(ctx, t.ID, a.Person); err != nil {
			return Outcome{}, err
		}
	}
	t, err = d.follower(ctx, tx, a, t, []Telling{{store.RequesterSide, TellCard}}, store.Message{})
	return Outcome{Ticket: t}, err
}

// Add takes a chat message into a ticket, as something that the actor says there: from the desk's side
// where they are an agent, else from the requester's. nonce is a form's.
func (d *Desk) Add(ctx context.Context, a Actor, id store.TicketID, audience Audience, text string, s Source, nonce string) (spoken Spoken, err error) {
	a.Request = cmp.Or(FormKey(nonce), a.Request)
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.LockMessage(ctx, s.External); err != nil {
			return err
		}
		who, t, err := d.begin(ctx, tx, a, See, "", id)
		if err != nil {
			return err
		}
		switch known, _, err := tx.TicketOfMessage(ctx, s.External); {
		case err == nil:
			in, err := tx.Ticket(ctx, who.viewer(), known)
			if errors.Is(err, store.ErrNotFound) {
				return refuse(Filed, store.Ticket{})
			}
			return cmp.Or(err, refuse(InTicket, in))
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
		m := store.Message{Body: text, Side: store.RequesterSide, Audience: string(audience)}
		if audience == Internal || t.Requester != a.Person && May(who, Reply, store.DeskSide, t) {
			m.Side = store.DeskSide
		}
		spoken, err = d.speak(ctx, tx, a, who, t, s.quoted(m, a.Person), "", s.Files...)
		return err
	})
	return spoken, err
}

// Addable are the open tickets to which the actor may add something, newest first, and whether they are an
// agent, who may say for whom it is. mine: only those that they opened.
func (d *Desk) Addable(ctx context.Context, a Actor, mine bool, most int) (ts []store.Ticket, agent bool, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		if ts, err = tx.TicketsOf(ctx, a.Person, most); err != nil || mine {
			return err
		}
		who, err := d.standing(ctx, tx, a.Person)
		if err != nil {
			return err
		}
		agent = len(who.Queues) > 0
		if who.Manager {
			some, err := tx.TicketsOfOrganization(ctx, who.Person.Organization, most)
			if err != nil {
				return err
			}
			ts = append(ts, some...)
		}
		theirs, err := administered(ctx, tx, who, most)
		if err != nil {
			return err
		}
		ts = append(ts, theirs...)
		some, err := tx.NewestOfQueues(ctx, who.Queues, most)
		ts = append(ts, some...)
		return err
	})
	ts = slices.DeleteFunc(ts, func(t store.Ticket) bool { return !t.Active })
	slices.SortFunc(ts, func(a, b store.Ticket) int { return cmp.Compare(b.ID, a.ID) })
	ts = slices.CompactFunc(ts, func(a, b store.Ticket) bool { return a.ID == b.ID })
	return ts[:min(most, len(ts))], agent, err
}
