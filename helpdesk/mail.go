package helpdesk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"guichet/store"
)

// What mail adds to a ticket's history.
const (
	Bounce    Act = "bounce"    // a mail to somebody did not arrive
	AutoReply Act = "autoreply" // a program answered in their stead
)

// Letter is a mail that came in.
type Letter struct {
	store.External                // in the workspace Mail: the channel is the address that it is from
	Name           string         // what its sender goes by
	Ticket         store.TicketID // whose conversation it answers, by the address that it came to; zero: none
	Person         store.PersonID // likewise, whom that was written to
	Queue          string         // whose address it came to, if it answers nothing
	Subject        string
	Text           string
	Files          []FileRef
	Original       string // see store.Message
	Sender         Sender
	Automatic      bool   // no person wrote it
	Silent         bool   // nothing may answer it by itself (RFC 3834)
	Bounced        bool   // it says that a mail did not arrive (RFC 3464)
	Reason         string // why, as the other server says
}

// Sender is what is known of whether a mail is from whom it says.
type Sender struct {
	Trust Trust  `json:"trust"`
	Found string `json:"found,omitempty"` // what the server that took it in found out, in its words
	Other string `json:"other,omitempty"` // the address that it is from, where that is not the one's whom it counts as
}

// Trust is that in a word.
type Trust string

const (
	Believed   Trust = "believed"
	Disproved  Trust = "disproved"
	Unexamined Trust = "unexamined"
)

// String is what is kept of it (store.Message).
func (s Sender) String() string {
	b, _ := json.Marshal(s) // plain strings
	return string(b)
}

// ReadSender reads what String wrote.
func ReadSender(kept string) (s Sender) {
	if json.Unmarshal([]byte(kept), &s) != nil || s.Trust == "" {
		s.Trust = Unexamined
	}
	return s
}

// NoAddress is why a mail did not arrive where the person has given up their address.
const NoAddress = "no_address"

// ErrTooManyMails is returned for a mail of somebody who has sent too many within the hour: it may come again.
var ErrTooManyMails = errors.New("helpdesk: too many mails of one sender within the hour")

// ErrIgnored is returned for a mail that is taken in and of no use: a program's, to nobody's ticket.
var ErrIgnored = errors.New("helpdesk: a mail that no person wrote, and that concerns no ticket")

// longestWords is how much of what a program says of a mail is kept, in characters.
const longestWords = 300

// Receive takes in a mail: into the ticket that it answers, or else as a new one. hourly is how many are taken
// in of one sender within an hour. Who they are follows from the address alone: whether that can be believed is
// in Letter.Sender, and agents see it.
func (d *Desk) Receive(ctx context.Context, l Letter, hourly int) (s Spoken, err error) {
	for {
		err = d.db.Write(ctx, func(tx *store.Tx) error {
			s, err = d.receive(ctx, tx, l, hourly)
			return err
		})
		if !errors.Is(err, store.ErrKnown) { // else somebody has met the sender meanwhile
			return s, err
		}
	}
}

func (d *Desk) receive(ctx context.Context, tx *store.Tx, l Letter, hourly int) (Spoken, error) {
	a := Actor{Source: Mail, Request: Mail + ":" + l.Channel + ":" + l.External.ID}
	switch first, err := tx.FirstTime(ctx, a.Request); {
	case err != nil:
		return Spoken{}, err
	case !first:
		return Spoken{}, ErrDuplicate
	}
	a.Request = "" // it is noted
	mails, err := tx.CountMail(ctx, l.Channel, time.Hour)
	if err != nil {
		return Spoken{}, err
	}
	if mails > hourly {
		return Spoken{}, ErrTooManyMails
	}
	from, err := tx.PersonByAccount(ctx, store.Account{Workspace: Mail, ID: l.Channel})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return Spoken{}, err
	}
	switch {
	case l.Ticket != 0:
		return d.answered(ctx, tx, a, l, from)
	case l.Automatic || l.Bounced:
		return Spoken{}, ErrIgnored
	}
	return d.openByMail(ctx, tx, a, l, from)
}

// answered takes in an answer to a mail about a ticket. Whoever has that mail's address may answer for the one to
// whom it was written, since nobody else can make one up; from whom it really is, agents are told.
func (d *Desk) answered(ctx context.Context, tx *store.Tx, a Actor, l Letter, from store.Person) (Spoken, error) {
	t, err := tx.LockTicket(ctx, l.Ticket)
	if errors.Is(err, store.ErrNotFound) {
		return Spoken{}, refuse(UnknownTicket, store.Ticket{})
	}
	if err != nil {
		return Spoken{}, err
	}
	if l.Bounced || l.Automatic {
		return d.noted(ctx, tx, a, t, l)
	}
	if l.Sender.Trust == Disproved {
		from = store.Person{} // whoever it is, it is not they
	}
	who, err := d.mayAnswer(ctx, tx, from.ID, t)
	if err == nil && who.Person.ID == 0 {
		to, errTo := tx.Person(ctx, l.Person)
		if errTo != nil {
			return Spoken{}, errTo
		}
		if to.ID = cmp.Or(to.Joined, to.ID); to.ID != from.ID {
			l.Sender.Other = l.Channel
		}
		who, err = d.mayAnswer(ctx, tx, to.ID, t)
	}
	if err != nil {
		return Spoken{}, err
	}
	if who.Person.ID == 0 {
		return Spoken{}, refuse(UnknownTicket, store.Ticket{})
	}
	a.Person, a.Organization = who.Person.ID, who.Person.Organization
	writtenIn := "" // in no chat
	if t.Origin == Mail && t.Requester == a.Person {
		writtenIn = conversation(t, store.RequesterSide)
	}
	m := store.Message{External: l.External, Body: l.Text, Side: store.RequesterSide, Audience: store.Public, Original: l.Original, Sender: l.Sender.String()}
	return d.speak(ctx, tx, a, who, t, m, writtenIn, l.Files...)
}

// mayAnswer is the standing of somebody who may answer from the requester's side of a ticket; of nobody, if not.
func (d *Desk) mayAnswer(ctx context.Context, tx *store.Tx, id store.PersonID, t store.Ticket) (Standing, error) {
	if id == 0 {
		return Standing{}, nil
	}
	who, err := d.standing(ctx, tx, id)
	if err == nil {
		who, err = d.about(ctx, tx, who, t)
	}
	if err != nil || !May(who, Reply, store.RequesterSide, t) {
		return Standing{}, err
	}
	return who, nil
}

// noted writes into a ticket's history what no person wrote, and tells the desk. Nothing else follows from it.
func (d *Desk) noted(ctx context.Context, tx *store.Tx, a Actor, t store.Ticket, l Letter) (Spoken, error) {
	e := store.Event{Ticket: t.ID, Actor: l.Person, Act: string(AutoReply), Source: a.Source, Words: Shorten(said(l.Text), longestWords)}
	if l.Bounced {
		e.Act, e.Words = string(Bounce), Shorten(l.Reason, longestWords)
	}
	e, err := tx.AddEvent(ctx, e)
	if err != nil {
		return Spoken{}, err
	}
	return Spoken{Outcome: Outcome{Ticket: t, Event: e.ID}}, d.tell(ctx, tx, t, []Telling{{store.DeskSide, TellEvent}}, store.Message{}, e.ID)
}

// openByMail opens a ticket with a mail to a queue's address.
func (d *Desk) openByMail(ctx context.Context, tx *store.Tx, a Actor, l Letter, from store.Person) (Spoken, error) {
	q, ok := d.catalog.Queue(l.Queue)
	if !ok {
		return Spoken{}, refuse(UnknownTicket, store.Ticket{})
	}
	if strings.TrimSpace(l.Text) == "" && strings.TrimSpace(l.Subject) == "" && len(l.Files) == 0 {
		return Spoken{}, refuse(Empty, store.Ticket{})
	}
	if from.ID == 0 {
		var err error
		if from, err = d.meetByMail(ctx, tx, q, l); err != nil {
			return Spoken{}, err
		}
	}
	a.Person, a.Organization = from.ID, from.Organization
	t := store.Ticket{Kind: Information, Subject: Shorten(l.Subject, MaxSubject), Organization: from.Organization, Requester: from.ID,
		Origin: Mail, Nonce: Mail + ":" + l.Channel + ":" + l.External.ID}
	if t.Subject == "" {
		t.Subject = Shorten(said(l.Text), MaxSubject)
	}
	// The desk's own address is every queue's; one of a queue's own says more.
	arrival := Arrival{Address: q.Key, Forged: l.Sender.Trust == Disproved}
	if q.Mail == d.catalog.Mail {
		arrival.Address = ""
	}
	o, err := d.opening(ctx, tx, a, t, store.Message{External: l.External, Body: cmp.Or(l.Text, l.Subject), Original: l.Original, Sender: l.Sender.String()}, arrival)
	if err != nil {
		return Spoken{}, err
	}
	if l.Silent {
		o.Tell = slices.DeleteFunc(o.Tell, func(del store.Delivery) bool { return del.Person != 0 })
	}
	o, added, err := tx.Open(ctx, o)
	if err == nil && !added {
		err = ErrDuplicate
	}
	if err == nil && l.Silent { // their conversation has begun all the same
		_, err = tx.AddThreads(ctx, MailThread(o.Ticket, from))
	}
	if err != nil {
		return Spoken{}, err
	}
	s := Spoken{Outcome: Outcome{Ticket: o.Ticket, Event: o.Event.ID, Changed: true}, Message: o.Message.ID, Audience: Public}
	return s, d.attach(ctx, tx, o.Ticket, o.Message, Mail, conversation(o.Ticket, store.RequesterSide), l.Files)
}

// meetByMail records whoever writes by mail for the first time: one of an organization's people, by the domain, or
// a stranger, where the queue takes their mail.
func (d *Desk) meetByMail(ctx context.Context, tx *store.Tx, q Queue, l Letter) (store.Person, error) {
	o, ok := d.catalog.OrganizationOfMail(l.Channel)
	if !ok && q.Strangers != "" {
		o, ok = d.catalog.Organization(q.Strangers)
	}
	if !ok {
		return store.Person{}, refuse(Stranger, store.Ticket{})
	}
	name := Shorten(l.Name, MaxName)
	return tx.AddPerson(ctx, store.Person{Organization: o.Key, Name: cmp.Or(name, l.Channel), Language: o.Language, Mail: l.Channel},
		store.Account{Workspace: Mail, ID: l.Channel})
}

// copyByMail adds what a ticket's requester is told by mail besides the chat: the desk's public replies, in a lane
// of their own, that one may hold up the other as little as possible. Whether they wish it is looked at again
// when it is due.
func (d *Desk) copyByMail(ctx context.Context, tx *store.Tx, t store.Ticket, ts []Telling, m store.Message) error {
	if d.catalog.Mail == "" || t.Origin == Mail || m.ID == 0 || m.Side != store.DeskSide || m.Audience != store.Public {
		return nil
	}
	told := slices.DeleteFunc(slices.Clone(ts), func(what Telling) bool {
		return what.Side != store.RequesterSide || !slices.Contains([]string{TellMessage, TellEdit, TellFile}, what.Kind)
	})
	if len(told) == 0 {
		return nil
	}
	p, err := tx.Person(ctx, t.Requester)
	if err != nil || p.Mail == "" || p.ByMail == store.NoMail {
		return err
	}
	var ds []store.Delivery
	for _, what := range told {
		ds = append(ds, store.Delivery{Lane: MailLane(t), Ticket: t.ID, Workspace: Mail, Kind: what.Kind, Person: t.Requester, Message: m.ID, File: m.File, HeldUntil: m.HeldUntil})
	}
	return tx.Enqueue(ctx, ds...)
}

// MailLane names the conversation by mail that a ticket has besides its requester's.
func MailLane(t store.Ticket) string {
	if t.Origin == Mail {
		return Lane(t, store.RequesterSide)
	}
	return Lane(t, store.RequesterSide) + "/" + Mail
}

// MailThread is the conversation by mail of a ticket that was opened by mail. No chat message begins it.
func MailThread(t store.Ticket, p store.Person) store.Thread {
	return store.Thread{Ticket: t.ID, Lane: MailLane(t), IsCard: true, Workspace: Mail, Channel: p.Mail, Root: fmt.Sprint(t.ID)}
}

// Mailed is what was said in a ticket, as far as its requester may read it.
type Mailed struct {
	Earlier []store.Message // before the message that a letter is about, or the latest; the latest first
	Answers []string        // the ids of mails by which the requester wrote, oldest first: the first and the latest
	People  map[store.PersonID]store.Person
}

// How much of what was said before goes below a letter.
const mostEarlier = 10

// Mailed reads what goes with a letter about a ticket.
func (d *Desk) Mailed(ctx context.Context, t store.Ticket, before store.MessageID) (m Mailed, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		ms, err := tx.Messages(ctx, t.ID, false, before, mostEarlier)
		if err != nil {
			return err
		}
		slices.Reverse(ms)
		m.Earlier = ms
		if m.Answers, err = tx.MailsOf(ctx, t.ID, t.Requester); err != nil {
			return err
		}
		var ids []store.PersonID
		for _, one := range ms {
			ids = append(ids, one.Author)
		}
		m.People, err = tx.People(ctx, ids)
		return err
	})
	return m, err
}

// AccountIn returns a person's account in a workspace; store.ErrNotFound if they have none.
func (d *Desk) AccountIn(ctx context.Context, p store.PersonID, workspace string) (a store.Account, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		a, err = tx.AccountIn(ctx, p, workspace)
		return err
	})
	return a, err
}

// Undeliverable notes that a delivery by mail was refused for good, as a bounce would.
func (d *Desk) Undeliverable(ctx context.Context, del store.Delivery, why string) error {
	return d.db.Write(ctx, func(tx *store.Tx) error {
		if del.Ticket == 0 {
			return nil
		}
		t, err := tx.LockTicket(ctx, del.Ticket)
		if err != nil {
			return err
		}
		first, err := tx.FirstTime(ctx, fmt.Sprintf("undeliverable:%d", del.ID))
		if err != nil || !first {
			return err
		}
		_, err = d.noted(ctx, tx, Actor{Source: Mail}, t, Letter{Person: del.Person, Bounced: true, Reason: why})
		return err
	})
}
