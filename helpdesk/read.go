package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"guichet/store"
)

// HistoryShown is how many messages, and how many events, a View holds at most.
const HistoryShown = 50

// Cursor is a place in a ticket's history: what lies before it is older.
type Cursor struct {
	Message store.MessageID
	Event   store.EventID
}

// Latest is the end of the history.
var Latest = Cursor{}

func (c Cursor) String() string { return fmt.Sprintf("m%de%d", c.Message, c.Event) }

// ParseCursor reads what String wrote. Anything else is Latest.
func ParseCursor(s string) (c Cursor) {
	if _, err := fmt.Sscanf(s, "m%de%d", &c.Message, &c.Event); err != nil || c.String() != s {
		return Latest
	}
	return c
}

// View is a ticket as one person may see it.
type View struct {
	store.Ticket
	Now      time.Time // when it was read
	Standing Standing  // of the one who looks
	Before   Cursor    // the history shown is what lies before this
	Messages []store.Message
	Events   []store.Event
	Files    map[store.MessageID][]store.File
	Versions map[store.MessageID][]store.Version // of messages that were edited, for agents
	More     struct{ Message, Event bool }       // whether there are older ones
	People   map[store.PersonID]store.Person     // everyone named in it
	Linked   map[store.TicketID]store.Ticket     // every other ticket named in it, with its queue if that has a name for it
}

// View returns a ticket with its history before a place in it, to those who may see it. Internal
// notes are for the queue's agents alone.
func (d *Desk) View(ctx context.Context, a Actor, id store.TicketID, before Cursor) (v View, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		v = View{Before: before, Now: tx.Now.Time}
		if v.Standing, err = d.standing(ctx, tx, a.Person); err != nil {
			return err
		}
		v.Ticket, err = tx.Ticket(ctx, v.Standing.viewer(), id)
		if errors.Is(err, store.ErrNotFound) {
			return d.unseen(ctx, tx, v.Standing, id)
		}
		if err != nil {
			return err
		}
		if v.Standing, err = d.about(ctx, tx, v.Standing, v.Ticket); err != nil {
			return err
		}
		if err := authorize(v.Standing, See, "", v.Ticket); err != nil {
			return err
		}
		agent := May(v.Standing, Note, store.DeskSide, v.Ticket)
		if v.Messages, err = tx.Messages(ctx, id, agent, before.Message, HistoryShown); err != nil {
			return err
		}
		if v.Events, err = tx.Events(ctx, id, agent, before.Event, HistoryShown); err != nil {
			return err
		}
		if v.Files, err = filesOf(ctx, tx, v.Messages); err != nil {
			return err
		}
		if agent {
			if v.Versions, err = versions(ctx, tx, v.Messages); err != nil {
				return err
			}
		}
		goesOn := []store.TicketID{v.Merged}
		for _, e := range v.Events {
			goesOn = append(goesOn, Continuation(e))
		}
		if v.Linked, err = d.linked(ctx, tx, goesOn...); err != nil {
			return err
		}
		v.More.Message, v.More.Event = len(v.Messages) == HistoryShown, len(v.Events) == HistoryShown
		v.People, err = tx.People(ctx, v.named())
		return err
	})
	return v, err
}

func filesOf(ctx context.Context, tx *store.Tx, ms []store.Message) (map[store.MessageID][]store.File, error) {
	var ids []store.MessageID
	for _, m := range ms {
		ids = append(ids, m.ID)
	}
	all, err := tx.FilesOf(ctx, ids)
	by := map[store.MessageID][]store.File{}
	for _, f := range all {
		by[f.Message] = append(by[f.Message], f)
	}
	return by, err
}

func versions(ctx context.Context, tx *store.Tx, ms []store.Message) (map[store.MessageID][]store.Version, error) {
	var edited []store.MessageID
	for _, m := range ms {
		if !m.EditedAt.IsZero() {
			edited = append(edited, m.ID)
		}
	}
	all, err := tx.Versions(ctx, edited)
	by := map[store.MessageID][]store.Version{}
	for _, v := range all {
		by[v.Message] = append(by[v.Message], v)
	}
	return by, err
}

// unseen says why somebody does not see a ticket.
func (d *Desk) unseen(ctx context.Context, tx *store.Tx, who Standing, id store.TicketID) error {
	t, err := tx.Ticket(ctx, store.Program, id)
	if errors.Is(err, store.ErrNotFound) {
		return refuse(UnknownTicket, store.Ticket{ID: id})
	}
	if err != nil {
		return err
	}
	return authorize(who, See, store.DeskSide, t)
}

// Addressee checks that the actor may write on a ticket from one side of the counter, before a
// form opens for it, and returns whom it is for.
func (d *Desk) Addressee(ctx context.Context, a Actor, act Act, id store.TicketID, side string) (t store.Ticket, requester store.Person, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		if _, t, err = d.look(ctx, tx, a, act, id, side); err != nil {
			return err
		}
		requester, err = tx.Person(ctx, t.Requester)
		return err
	})
	return t, requester, err
}

// look is begin for what only reads.
func (d *Desk) look(ctx context.Context, tx *store.Tx, a Actor, act Act, id store.TicketID, side string) (who Standing, t store.Ticket, err error) {
	t, err = tx.Ticket(ctx, store.Program, id)
	if errors.Is(err, store.ErrNotFound) {
		return who, t, refuse(UnknownTicket, store.Ticket{ID: id})
	}
	if err != nil {
		return who, t, err
	}
	if who, err = d.standing(ctx, tx, a.Person); err != nil {
		return who, t, err
	}
	if who, err = d.about(ctx, tx, who, t); err != nil {
		return who, t, err
	}
	return who, t, authorize(who, act, side, t)
}

// Standing returns who somebody is to the desk.
func (d *Desk) Standing(ctx context.Context, a Actor) (w Standing, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		w, err = d.standing(ctx, tx, a.Person)
		return err
	})
	return w, err
}

// named lists the persons that appear in a view.
func (v View) named() []store.PersonID {
	ids := []store.PersonID{v.Requester}
	add := func(id store.PersonID) {
		if id != 0 && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	add(v.Assignee)
	for _, m := range v.Messages {
		add(m.Author)
	}
	for _, e := range v.Events {
		add(e.Actor)
		add(e.Whom)
	}
	return ids
}

// Lists are the tickets that concern one person, at most ListShown of each sort, and one more that
// tells that there are more.
type Lists struct {
	Mine         []store.Ticket // opened by them, active ones first
	Organization []store.Ticket // of a manager's organization, active ones first
	Administered []store.Ticket // of the services that somebody administers who is no manager, likewise
	Queues       []store.Ticket // active ones of an agent's queues, oldest first
	Standing     Standing
}

// ListShown is how many tickets a list shows.
const ListShown = 15

// List returns the tickets that concern a person.
func (d *Desk) List(ctx context.Context, a Actor) (l Lists, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		if l.Standing, err = d.standing(ctx, tx, a.Person); err != nil {
			return err
		}
		if l.Mine, err = tx.TicketsOf(ctx, l.Standing.Person.ID, ListShown+1); err != nil {
			return err
		}
		if l.Standing.Manager {
			if l.Organization, err = tx.TicketsOfOrganization(ctx, l.Standing.Person.Organization, ListShown+1); err != nil {
				return err
			}
		}
		if l.Administered, err = administered(ctx, tx, l.Standing, ListShown+1); err != nil {
			return err
		}
		l.Queues, err = tx.TicketsOfQueues(ctx, l.Standing.Queues, ListShown+1)
		return err
	})
	return l, err
}

// administered are up to limit tickets of the services that somebody administers, active ones first, newest first. A manager sees them among all.
func administered(ctx context.Context, tx *store.Tx, who Standing, limit int) (all []store.Ticket, err error) {
	if who.Manager {
		return nil, nil
	}
	for _, s := range who.Services {
		some, err := tx.TicketsOfService(ctx, who.Person.Organization, s, limit)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b store.Ticket) int {
		if a.Active != b.Active {
			if a.Active {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.ID, a.ID)
	})
	return all[:min(limit, len(all))], nil
}

// Brief is all that is needed to make one delivery.
type Brief struct {
	Now     time.Time // when it was read
	Ticket  store.Ticket
	First   store.Message // the description
	Message store.Message // the delivery's, if it has one
	Event   store.Event   // likewise
	People  map[store.PersonID]store.Person
	Linked  map[store.TicketID]store.Ticket // see View
	Account store.Account                   // the person's, whose direct channel it goes to
	Card    store.Thread                    // the ticket's card in this conversation; zero Root: not posted yet
	Files   []store.File                    // on that message
	Uploads []string                        // the platform's ids of what was handed on of them in this conversation, where that is to be deleted
	File    store.File                      // the delivery's, if it is about one
	Posts   []store.Post                    // by which the delivery's message was told in this conversation
	Calls   []string                        // accounts in the queue's workspace that are to be called to a reminder
	Left    bool                            // the person it goes to follows the ticket no more, or may not
	Summary bool                            // its message sums up a major incident
	Major   store.Incident                  // what the ticket is as a major incident, where it goes to the desk
	Watches bool                            // the person it goes to watches it as an agent of its queue: notes are for them too
	Private bool                            // the conversation is a direct channel, or a queue's that was lately seen to be private
}

// ErrJoined is a delivery to somebody who has turned out to be another: it is theirs, under another name.
var ErrJoined = errors.New("helpdesk: the person has turned out to be another")

// Brief reads what a delivery is about.
func (d *Desk) Brief(ctx context.Context, del store.Delivery) (b Brief, err error) {
	// Nothing of this needs to agree but the card's ticket, which is one row.
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		a, err := tx.About(ctx, del)
		if err != nil {
			return err
		}
		b = Brief{Now: tx.Now.Time, Ticket: a.Ticket, First: a.First, Card: a.Card, Account: a.Account}
		if del.Message != 0 {
			if b.Message, err = tx.Message(ctx, del.Message); err != nil {
				return err
			}
			if b.Files, err = tx.FilesOf(ctx, []store.MessageID{del.Message}); err != nil {
				return err
			}
			for _, f := range b.Files {
				if f.ID == del.File {
					b.File = f
				}
			}
			if del.Kind == TellEdit || del.Kind == TellDeletion || del.Kind == TellOutcome {
				if b.Posts, err = tx.Posts(ctx, del.Message, del.Lane); err != nil {
					return err
				}
				if b.Uploads, err = tx.UploadsOf(ctx, del.Message, del.Lane); err != nil {
					return err
				}
			}
		}
		if del.Workspace == Mail && del.Message != 0 {
			if b.Summary, err = d.sumsUp(ctx, tx, b.Ticket, b.Message); err != nil {
				return err
			}
		}
		if b.Ticket.Major != "" && del.Person == 0 {
			if b.Major, err = tx.Incident(ctx, b.Ticket.ID); err != nil {
				return err
			}
		}
		if del.Event != 0 {
			if b.Event, err = tx.Event(ctx, del.Event); err != nil {
				return err
			}
			if b.Calls, err = d.called(ctx, tx, b.Ticket, b.Event); err != nil {
				return err
			}
		}
		if b.Linked, err = d.linked(ctx, tx, b.Ticket.Follows, b.Ticket.Merged, b.Ticket.Parent, Continuation(b.Event)); err != nil {
			return err
		}
		queue := b.Ticket.Queue
		if del.Kind == TellMoved { // on the card that was left behind
			queue, _ = Queues(b.Event)
			q, _ := d.catalog.Queue(queue)
			if b.Card, err = tx.CardThreadAt(ctx, del.Lane, q.Place); err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		if b.Private, err = d.private(ctx, tx, del, queue); err != nil {
			return err
		}
		if del.Person != 0 && del.Person != b.Ticket.Requester {
			if err := d.following(ctx, tx, &b, del.Person); err != nil {
				return err
			}
		}
		b.People = map[store.PersonID]store.Person{a.Requester.ID: a.Requester, a.Assignee.ID: a.Assignee}
		named := View{Ticket: b.Ticket, Messages: []store.Message{b.First, b.Message}, Events: []store.Event{b.Event}}.named()
		if del.Person != 0 && !slices.Contains(named, del.Person) {
			named = append(named, del.Person) // whose language it is told in
		}
		others, err := tx.People(ctx, slices.DeleteFunc(named, func(id store.PersonID) bool { _, known := b.People[id]; return known }))
		maps.Copy(b.People, others)
		if err == nil && b.People[del.Person].Joined != 0 {
			err = ErrJoined
		}
		return err
	})
	return b, err
}

// private says whether those who read a delivery are known to be those it is for.
func (d *Desk) private(ctx context.Context, tx *store.Tx, del store.Delivery, queue string) (bool, error) {
	if del.Person != 0 {
		return true, nil
	}
	q, _ := d.catalog.Queue(queue)
	at, err := tx.SeenPrivate(ctx, q.Place)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil && fresh(at, tx.Now), err
}
