package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"guichet/store"
)

// A major incident is one that an agent has declared: people are told of it; who is on call is pulled in; the desk works on it in a
// channel of its own, or in its ticket's thread where guichet may not make channels; its owner, who has the ticket, is reminded of
// updates; and it ends with a summary. A public reply on its ticket is an update: it reaches all who are affected (spread.go).

// Severities of a major incident, the worst first.
var Severities = []string{"sev1", "sev2", "sev3"}

// UpdateEvery are the schedules of updates that may be chosen.
var UpdateEvery = []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour}

// TellRoom is a delivery that makes the place where the desk works on a major incident or, with a message, tells it there.
const TellRoom = "room"

// Declaration is what an agent declares.
type Declaration struct {
	Announcement
	Severity string
	Every    time.Duration // from one update to the next
}

// Declared returns what a ticket was declared, for an agent who may do that.
func (d *Desk) Declared(ctx context.Context, a Actor, id store.TicketID) (t store.Ticket, is Declaration, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		if _, t, err = d.look(ctx, tx, a, Declare, id, store.DeskSide); err != nil {
			return err
		}
		i, err := tx.Incident(ctx, id)
		is = Declaration{Announcement{i.Title, i.Title != "" && i.Organization == ""}, t.Major, i.Every}
		return ignoreNotFound(err)
	})
	return t, is, err
}

// Declare makes a ticket a major incident, or changes what it was declared. nonce is the form's.
func (d *Desk) Declare(ctx context.Context, a Actor, id store.TicketID, is Declaration, nonce string) (out Outcome, err error) {
	if nonce == "" {
		return out, errors.New("helpdesk: a form without a nonce might be sent twice")
	}
	a.Request = FormKey(nonce)
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		_, t, err := d.begin(ctx, tx, a, Declare, store.DeskSide, id)
		if err != nil {
			return err
		}
		if CheckSubject(is.Title) != "" || !slices.Contains(Severities, is.Severity) || !slices.Contains(UpdateEvery, is.Every) {
			return refuse(BadForm, t)
		}
		if _, err := d.announce(ctx, tx, a, t, is.Announcement); err != nil {
			return err
		}
		if t.Assignee == 0 { // whoever declares it owns it, until somebody else does
			taken, err := d.press(ctx, tx, a, t, Take, store.DeskSide)
			if err != nil {
				return err
			}
			t = taken.Ticket
		}
		i, err := tx.Incident(ctx, id)
		if err != nil {
			return err
		}
		begins := !i.Runs()
		i.Every, i.EndedAt = is.Every, store.Time{}
		i = i.Updated(tx.Now)
		if err := tx.SaveIncident(ctx, i); err != nil {
			return err
		}
		t.Major = is.Severity
		e, err := tx.AddEvent(ctx, store.Event{Ticket: id, Actor: a.Person, Act: string(Declare), Source: a.Source, Detail: is.Severity, Words: strings.TrimSpace(is.Title)})
		if err != nil {
			return err
		}
		if err := d.save(ctx, tx, &t); err != nil {
			return err
		}
		out = Outcome{Ticket: t, Event: e.ID, Changed: true}
		if begins {
			if err := d.toRoom(ctx, tx, t, i, 0); err != nil {
				return err
			}
		}
		return d.tell(ctx, tx, t, AudienceOfAct(Declare, store.DeskSide, State(t.State)), store.Message{}, e.ID)
	})
	return out, err
}

// intoRoom brings who works by now on a major incident into its room.
func (d *Desk) intoRoom(ctx context.Context, tx *store.Tx, t store.Ticket) error {
	if t.Major == "" {
		return nil
	}
	i, err := tx.Incident(ctx, t.ID)
	if err != nil || !i.Runs() {
		return err
	}
	return d.toRoom(ctx, tx, t, i, 0)
}

// toRoom has the room of a major incident made and people brought into it, or told of a message.
func (d *Desk) toRoom(ctx context.Context, tx *store.Tx, t store.Ticket, i store.Incident, m store.MessageID) error {
	q, _ := d.catalog.Queue(t.Queue)
	workspace := cmp.Or(i.Workspace, q.Place.Workspace) // where it is stays, whatever queue the ticket goes to
	return tx.Enqueue(ctx, store.Delivery{Lane: store.Lane(t.ID, "room"), Ticket: t.ID, Workspace: workspace, Kind: TellRoom, Message: m, Once: m == 0})
}

// Room is what a delivery of the kind TellRoom needs.
type Room struct {
	Now      time.Time // when it was read
	Ticket   store.Ticket
	Incident store.Incident
	Queue    Queue
	Members  []string      // accounts in its workspace of its owner, of who is on call, and of agents who watch it
	Card     store.Thread  // the ticket's, in its queue
	Message  store.Message // to be told there, if there is one
	Private  bool          // the queue's channel was lately seen to be private, and so who its agents are is known
}

// Room reads that.
func (d *Desk) Room(ctx context.Context, del store.Delivery) (r Room, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		if r.Ticket, err = tx.Ticket(ctx, store.Program, del.Ticket); err != nil {
			return err
		}
		r.Now = tx.Now.Time
		r.Queue, _ = d.catalog.Queue(r.Ticket.Queue)
		if r.Incident, err = tx.Incident(ctx, del.Ticket); err != nil {
			return err
		}
		if r.Private, err = d.private(ctx, tx, store.Delivery{}, r.Ticket.Queue); err != nil {
			return err
		}
		if del.Message != 0 {
			if r.Message, err = tx.Message(ctx, del.Message); err != nil {
				return err
			}
		}
		if r.Queue.Place.Workspace == del.Workspace { // it may have gone to a queue elsewhere since
			if r.Members, err = d.membersOf(ctx, tx, r); err != nil {
				return err
			}
		}
		r.Card, err = tx.CardThread(ctx, Lane(r.Ticket, store.DeskSide))
		return ignoreNotFound(err)
	})
	return r, err
}

func (d *Desk) membersOf(ctx context.Context, tx *store.Tx, r Room) (accounts []string, err error) {
	agents, err := tx.AgentsAt(ctx, r.Queue.Place)
	if err != nil {
		return nil, err
	}
	work := []store.PersonID{r.Ticket.Assignee}
	for _, a := range onCall(r.Queue.OnCall(r.Now), agents) {
		work = append(work, a.Person)
	}
	fs, err := tx.Followers(ctx, r.Ticket.ID)
	if err != nil {
		return nil, err
	}
	for _, f := range fs {
		if f.Desk {
			work = append(work, f.Person)
		}
	}
	for _, a := range agents {
		if slices.Contains(work, a.Person) {
			accounts = append(accounts, a.Account)
		}
	}
	return accounts, nil
}

// SetRoom notes where the desk works on a major incident: in a channel, or below a message in it.
func (d *Desk) SetRoom(ctx context.Context, id store.TicketID, p store.Place, root string) error {
	return d.db.Write(ctx, func(tx *store.Tx) error {
		t, err := tx.LockTicket(ctx, id)
		if err != nil {
			return err
		}
		i, err := tx.Incident(ctx, id)
		if err != nil {
			return err
		}
		i.Place, i.Root = p, root
		if err := tx.SaveIncident(ctx, i); err != nil || root != "" {
			return err
		}
		return d.tell(ctx, tx, t, []Telling{{store.DeskSide, TellCard}}, store.Message{}, 0) // which names it
	})
}

// remindOfUpdates reminds the owners of major incidents of the updates that are due, and says when the next is.
func (d *Desk) remindOfUpdates(ctx context.Context, now time.Time) (next time.Time, err error) {
	var errs []error
	for {
		var due []store.Incident
		err := d.db.Look(ctx, func(tx *store.Tx) (err error) {
			due, err = tx.IncidentsDue(ctx, store.At(now), spreadBatch)
			return err
		})
		if err != nil {
			return next, err
		}
		for _, i := range due {
			errs = append(errs, d.remindOfUpdate(ctx, i.Ticket, now)) // one that fails keeps no other from its turn
		}
		if len(due) < spreadBatch || errors.Join(errs...) != nil {
			break
		}
	}
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		at, err := tx.NextUpdate(ctx)
		next = at.Time
		return err
	})
	return next, errors.Join(append(errs, err)...)
}

func (d *Desk) remindOfUpdate(ctx context.Context, id store.TicketID, now time.Time) error {
	return d.db.Write(ctx, func(tx *store.Tx) error {
		t, err := tx.LockTicket(ctx, id)
		if err != nil {
			return err
		}
		i, err := tx.Incident(ctx, id)
		if err != nil || !i.Runs() || i.UpdateAt.After(now) {
			return err // somebody has posted one, or another copy was quicker
		}
		if err := tx.SaveIncident(ctx, i.Updated(tx.Now)); err != nil { // once, however many were missed
			return err
		}
		e, err := tx.AddEvent(ctx, store.Event{Ticket: id, Act: string(UpdateDue), Source: byItself, Detail: store.Inside})
		if err != nil {
			return err
		}
		kind := TellEvent
		if t.Assignee == 0 {
			kind = TellChannel
		}
		return d.tell(ctx, tx, t, []Telling{{store.DeskSide, kind}}, store.Message{}, e.ID)
	})
}

// updated notes that the desk has told all who are affected by a major incident how it stands.
func (d *Desk) updated(ctx context.Context, tx *store.Tx, t store.Ticket) error {
	if t.Major == "" {
		return nil
	}
	i, err := tx.Incident(ctx, t.ID)
	if err != nil || !i.Runs() {
		return err
	}
	return tx.SaveIncident(ctx, i.Updated(tx.Now))
}

// EndMajor ends a major incident: it is resolved, and the summary goes to all who are affected, also by mail, and to where the
// desk worked on it. nonce is the form's.
func (d *Desk) EndMajor(ctx context.Context, a Actor, id store.TicketID, summary, nonce string) (out Outcome, err error) {
	if nonce == "" {
		return out, errors.New("helpdesk: a form without a nonce might be sent twice")
	}
	a.Request = FormKey(nonce)
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		who, t, err := d.begin(ctx, tx, a, EndIncident, store.DeskSide, id)
		if err != nil {
			return err
		}
		i, err := tx.Incident(ctx, id)
		switch {
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return err
		case !i.Runs():
			return refuse(NotNow, t)
		case CheckBody(summary) != "":
			return refuse(BadForm, t)
		}
		a.AtOnce = true // what follows can't be taken back either
		s, err := d.speak(ctx, tx, a, who, t, store.Message{Body: typed(summary), Side: store.DeskSide, Audience: store.Public}, "")
		if err != nil {
			return err
		}
		i.UpdateAt, i.EndedAt, i.Summary = store.Time{}, tx.Now, s.Message
		if err := tx.SaveIncident(ctx, i); err != nil {
			return err
		}
		if err := d.toRoom(ctx, tx, s.Ticket, i, s.Message); err != nil {
			return err
		}
		out, err = d.press(ctx, tx, a, s.Ticket, Resolve, store.DeskSide)
		return err
	})
	return out, err
}

// sumsUp says whether a message sums a major incident up, on it or on a part of it: then it is also mailed.
func (d *Desk) sumsUp(ctx context.Context, tx *store.Tx, t store.Ticket, m store.Message) (bool, error) {
	id, named := t.ID, m.ID
	if t.Parent != 0 && m.Workspace == spreadSource {
		id, named = t.Parent, copiedFrom(m)
	} else if t.Major == "" {
		return false, nil
	}
	i, err := tx.Incident(ctx, id)
	return err == nil && i.Summary != 0 && i.Summary == named, ignoreNotFound(err)
}
