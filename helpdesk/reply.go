package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"guichet/helpdesk/clock"
	"guichet/store"
)

// Post is a message that somebody wrote in a chat thread. Its text is markup in canonical form, as is every message's.
type Post struct {
	store.External
	Root  string // the message that began the thread
	Text  string
	Files []FileRef
	// Mentioned are the accounts that the text names by a mention of the platform, in their order: as far as it is known.
	Mentioned []string
}

// Revision is what became of a message that somebody wrote in a chat thread: it was edited, or deleted.
type Revision struct {
	store.External
	Root    string // the message that began the thread; empty: none
	Text    string // as it reads now
	Deleted bool
}

// Spoken is what became of a message.
type Spoken struct {
	Outcome
	Message  store.MessageID
	Audience Audience
	Word     *Answered // what came of it, where it was a word; nil: it was none
	Kept     bool      // its thread belongs to no ticket yet: it is kept until it does
}

// Hear takes in what the actor wrote in a thread. account is theirs there, needed should the
// message have to wait until its thread is known.
func (d *Desk) Hear(ctx context.Context, a Actor, account string, p Post) (s Spoken, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		s, err = d.hear(ctx, tx, a, account, p)
		return err
	})
	return s, err
}

func (d *Desk) hear(ctx context.Context, tx *store.Tx, a Actor, account string, p Post) (Spoken, error) {
	place := store.Place{Workspace: p.Workspace, Channel: p.Channel}
	th, err := tx.ThreadByRoot(ctx, place, p.Root)
	if errors.Is(err, store.ErrNotFound) {
		// It may be linked this very moment, by somebody who would not see what is kept here.
		if err := tx.LockThreads(ctx, store.Thread{Workspace: p.Workspace, Channel: p.Channel, Root: p.Root}); err != nil {
			return Spoken{}, err
		}
		th, err = tx.ThreadByRoot(ctx, place, p.Root)
	}
	if errors.Is(err, store.ErrNotFound) {
		return Spoken{Kept: true}, tx.KeepUnplaced(ctx, store.Unplaced{External: p.External, Root: p.Root, Account: account, Body: p.Text, Files: writeRefs(p.Files)})
	}
	if err != nil {
		return Spoken{}, err
	}
	known, err := tx.MessageKnown(ctx, p.External)
	if err != nil {
		return Spoken{}, err
	}
	if known {
		return Spoken{}, ErrDuplicate
	}
	who, t, err := d.begin(ctx, tx, a, See, "", th.Ticket)
	if q, ok := d.catalog.QueueAt(place); IsRefusal(err, UnknownTicket) && ok && slices.Contains(who.Queues, q.Key) {
		return Spoken{}, refuse(Moved, store.Ticket{ID: th.Ticket}) // its card there says where to
	}
	if err != nil {
		return Spoken{}, err
	}
	m := store.Message{External: p.External, Body: p.Text, Side: SideOfLane(t, th.Lane), Audience: store.Public}
	if m.Side == store.DeskSide {
		q, _ := d.catalog.Queue(t.Queue)
		var audience Audience
		audience, m.Body = Sort(p.Text, q.ThreadDefault)
		m.Audience = string(audience)
	}
	if m.Side == store.RequesterSide && who.Watches == t.ID && !May(who, Reply, m.Side, t) {
		return Spoken{}, refuse(Watching, t)
	}
	s, err := d.speak(ctx, tx, a, who, t, m, conversationOf(t, th.Lane), p.Files...)
	if w, ok := WordOf(p.Text); ok && m.Side == store.DeskSide && err == nil {
		var did Answered
		if did, err = d.word(ctx, tx, typedWord{Word: w, a: a, who: who, t: s.Ticket, in: s.Message, mentioned: p.Mentioned}); err == nil {
			s.Word = &did
		}
	}
	return s, err
}

// Say takes in what the actor typed in a form, plain words: a reply, or a note. nonce is the form's.
func (d *Desk) Say(ctx context.Context, a Actor, id store.TicketID, side string, audience Audience, text, nonce string, files ...FileRef) (s Spoken, err error) {
	if nonce == "" {
		return s, errors.New("helpdesk: a form without a nonce might be sent twice")
	}
	a.Request = FormKey(nonce)
	if audience == Internal {
		side = store.DeskSide
	}
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		who, t, err := d.begin(ctx, tx, a, actOf(audience), side, id)
		if err != nil {
			return err
		}
		s, err = d.speak(ctx, tx, a, who, t, store.Message{Body: typed(text), Side: side, Audience: string(audience)}, "", files...)
		return err
	})
	return s, err
}

// speak adds a message to a locked ticket, with all that follows from it. writtenIn is the
// conversation in which it was typed, empty for a form.
func (d *Desk) speak(ctx context.Context, tx *store.Tx, a Actor, who Standing, t store.Ticket, m store.Message, writtenIn string, files ...FileRef) (Spoken, error) {
	if err := authorize(who, actOf(Audience(m.Audience)), m.Side, t); err != nil {
		return Spoken{}, err
	}
	if strings.TrimSpace(m.Body) == "" && len(files) == 0 {
		return Spoken{}, refuse(Empty, t)
	}
	thanks := m.Side == store.RequesterSide && !active(State(t.State)) && OnlyThanks(said(m.Body))
	for m.Side == store.RequesterSide && !thanks && d.final(t, tx.Now) || t.Merged != 0 {
		if t.Merged != 0 {
			var err error
			if who, t, err = d.goesOn(ctx, tx, who, t, actOf(Audience(m.Audience)), m.Side); err != nil {
				return Spoken{}, err
			}
			writtenIn = ""
			continue
		}
		next, err := tx.LockFollower(ctx, t.ID)
		if errors.Is(err, store.ErrNotFound) {
			return d.follow(ctx, tx, a, t, m, files)
		}
		if err != nil {
			return Spoken{}, err
		}
		t, writtenIn = next, "" // it goes on there, in whose threads it does not stand yet
	}

	m.Ticket, m.Author = t.ID, a.Person
	if q, _ := d.catalog.Queue(t.Queue); q.Undo > 0 && m.Side == store.DeskSide && m.Audience == store.Public && !a.AtOnce {
		m.HeldUntil = store.At(tx.Now.Add(q.Undo))
	}
	m, added, err := tx.AddMessage(ctx, m)
	if err != nil {
		return Spoken{}, err
	}
	if !added {
		return Spoken{}, ErrDuplicate
	}
	if err := d.attach(ctx, tx, t, m, cmp.Or(m.Workspace, a.Source), writtenIn, files); err != nil {
		return Spoken{}, err
	}
	if t.Quiet && m.Side == store.RequesterSide && !OnlyThanks(said(m.Body)) {
		t.Quiet = false // they have more to say
		if err := d.keep(ctx, tx, &t, clocksOf(t)); err != nil {
			return Spoken{}, err
		}
	}
	s := Spoken{Outcome: Outcome{Ticket: t, Changed: true}, Message: m.ID, Audience: Audience(m.Audience)}
	if err := d.tellBut(ctx, tx, writtenIn, t, AudienceOf(s.Audience, writtenOn(t, writtenIn)), m, 0); err != nil {
		return s, err
	}
	if s.Audience == Internal {
		return s, d.tellWatchers(ctx, tx, t, m)
	}
	if m.Side == store.DeskSide {
		if err := d.spread(ctx, tx, t, m, 0); err != nil {
			return s, err
		}
		if err := d.updated(ctx, tx, t); err != nil {
			return s, err
		}
	}
	var facts []clock.Fact
	if f, ok := wrote(m); ok {
		facts = append(facts, f)
	}

	// The act that the message amounts to, if it changes the ticket.
	act := Reply
	switch {
	case thanks:
		return s, nil
	case m.Side == store.RequesterSide && State(t.State) == Closed:
		act = Reopen
	}
	next, ok := Next(State(t.State), act, m.Side, t.Assignee != 0)
	if !ok {
		return s, d.heard(ctx, tx, &t, facts...)
	}
	s.Outcome, err = d.move(ctx, tx, a, t, act, m.Side, next, facts...)
	return s, err
}

// actOf is the act that a message of an audience is.
func actOf(a Audience) Act {
	if a == Internal {
		return Note
	}
	return Reply
}

// final says whether a ticket has been closed for longer than its queue reopens.
func (d *Desk) final(t store.Ticket, now store.Time) bool {
	q, _ := d.catalog.Queue(t.Queue)
	return q.Final(t, now.Time)
}

// follow continues a ticket that is closed for good in a new one, with m as its first message.
func (d *Desk) follow(ctx context.Context, tx *store.Tx, a Actor, old store.Ticket, m store.Message, files []FileRef) (Spoken, error) {
	t := store.Ticket{Kind: old.Kind, Service: old.Service, Organization: old.Organization, Requester: old.Requester,
		Subject: old.Subject, Impact: old.Impact, Urgency: old.Urgency, Details: old.Details, Origin: old.Origin, Follows: old.ID,
		Nonce: "follow:" + m.Workspace + ":" + m.Channel + ":" + m.External.ID}
	if m.External.ID == "" {
		t.Nonce = "follow:" + a.Request
	}
	o, err := d.opening(ctx, tx, a, t, m, Arrival{Continues: old.Queue})
	if err != nil {
		return Spoken{}, err
	}
	o, added, err := tx.Open(ctx, o)
	if err != nil {
		return Spoken{}, err
	}
	if !added { // the same message, while this one waited for the lock
		return Spoken{}, ErrDuplicate
	}
	if err := d.attach(ctx, tx, o.Ticket, o.Message, cmp.Or(m.Workspace, a.Source), "", files); err != nil {
		return Spoken{}, err
	}
	if err := d.keepFollowers(ctx, tx, old, o); err != nil {
		return Spoken{}, err
	}
	e, err := tx.AddEvent(ctx, store.Event{Ticket: old.ID, Actor: a.Person, Act: string(Follow), Source: a.Source, Detail: fmt.Sprint(o.Ticket.ID)})
	if err != nil {
		return Spoken{}, err
	}
	err = d.tell(ctx, tx, old, []Telling{{store.RequesterSide, TellEvent}}, store.Message{}, e.ID)
	return Spoken{Outcome: Outcome{Ticket: o.Ticket, Event: o.Event.ID, Changed: true}, Audience: Public}, err
}

// place puts what was written into a thread before it was known into the ticket it belongs to, in
// the transaction that links the thread. Whatever is from somebody who can't be verified now is kept
// for PlaceLeft, with all that was written after it.
func (d *Desk) place(ctx context.Context, tx *store.Tx, th store.Thread) error {
	us, err := tx.Unplaced(ctx, store.Place{Workspace: th.Workspace, Channel: th.Channel}, th.Root)
	if err != nil {
		return err
	}
	for _, u := range us {
		p, err := tx.PersonByAccount(ctx, store.Account{Workspace: u.Workspace, ID: u.Account})
		if err != nil {
			return err
		}
		a := Actor{Person: p.ID, Source: u.Workspace}
		_, err = d.hear(ctx, tx, a, u.Account, Post{External: u.External, Root: u.Root, Text: u.Body, Files: readRefs(u.Files)})
		var refused *Refusal
		switch {
		case IsRefusal(err, Unverified):
			return nil
		case err != nil && !errors.As(err, &refused) && !errors.Is(err, ErrDuplicate):
			return err
		}
		if err := tx.DropUnplaced(ctx, u.External); err != nil {
			return err
		}
	}
	return nil
}

// PlaceLeft tries again to place what place had to keep.
func (d *Desk) PlaceLeft(ctx context.Context) error {
	var threads []store.Thread
	err := d.db.Read(ctx, func(tx *store.Tx) (err error) {
		threads, err = tx.ThreadsWithUnplaced(ctx, 100)
		return err
	})
	for _, th := range threads {
		err = errors.Join(err, d.db.Write(ctx, func(tx *store.Tx) error { return d.place(ctx, tx, th) }))
	}
	return err
}
