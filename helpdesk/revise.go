package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"guichet/store"
)

// Kinds of deliveries that concern a message that was told before.
const (
	TellEdit     = "edit"     // its text has changed
	TellDeletion = "deletion" // it is no more, or not for those who were told
	TellOutcome  = "outcome"  // on what shows it to its author: whether it was sent, or taken back
)

// Revised is what becomes of a message, given what its author made of its text. An edit never makes a
// note public; a reply may become a note, or nothing.
func Revised(m store.Message, text string, byDefault Audience) (now store.Message) {
	now = m
	audience := Audience(m.Audience)
	body := text
	if m.Side == store.DeskSide {
		audience, body = Sort(text, byDefault)
		if m.Audience == store.Internal && audience != Internal {
			audience, body = Internal, text // as it stands: it says reply, but is none
		}
	}
	if strings.TrimSpace(body) == "" {
		return m // a deletion is another matter
	}
	now.Audience, now.Body = string(audience), body
	return now
}

// Revise takes in that a message was edited or deleted where it was written. account is its author's there.
func (d *Desk) Revise(ctx context.Context, a Actor, account string, r Revision) (s Spoken, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		first, err := tx.FirstTime(ctx, a.Request)
		if err == nil && !first {
			return ErrDuplicate
		}
		if err != nil {
			return err
		}
		gone := r.Deleted || strings.TrimSpace(r.Text) == ""
		m, err := tx.MessageByExternal(ctx, r.External)
		if errors.Is(err, store.ErrNotFound) {
			if gone {
				r.Text = ""
			}
			return tx.ReviseUnplaced(ctx, r.External, account, r.Text)
		}
		if err != nil {
			return err
		}
		t, err := tx.LockTicket(ctx, m.Ticket)
		if err != nil {
			return err
		}
		if m, err = tx.Message(ctx, m.ID); err != nil { // as it is now that nobody else changes it
			return err
		}
		who, err := d.standing(ctx, tx, a.Person)
		if err != nil {
			return err
		}
		if who, err = d.about(ctx, tx, who, t); err != nil {
			return err
		}
		if m.Quotes != "" {
			return nil // the ticket has it as it was when somebody added it
		}
		author, err := d.self(ctx, tx, m.Author)
		if err != nil {
			return err
		}
		if author.ID != who.Person.ID {
			return refuse(UnknownTicket, store.Ticket{ID: t.ID})
		}
		if err := authorize(who, actOf(Audience(m.Audience)), m.Side, t); err != nil {
			return err
		}
		if gone && !r.Deleted { // no words are left, but perhaps a file
			fs, err := tx.FilesOf(ctx, []store.MessageID{m.ID})
			if err != nil {
				return err
			}
			gone = len(fs) == 0
		}
		s, err = d.revise(ctx, tx, t, m, r.Text, gone)
		return err
	})
	return s, err
}

func (d *Desk) revise(ctx context.Context, tx *store.Tx, t store.Ticket, was store.Message, text string, gone bool) (Spoken, error) {
	q, ok := d.catalog.QueueAt(store.Place{Workspace: was.Workspace, Channel: was.Channel})
	if !ok {
		q, _ = d.catalog.Queue(t.Queue)
	}
	now := was
	if gone {
		now.DeletedAt = tx.Now
	} else {
		now = Revised(was, text, q.ThreadDefault)
		now.EditedAt = tx.Now
	}
	s := Spoken{Outcome: Outcome{Ticket: t}, Message: was.ID, Audience: Audience(now.Audience)}
	if was.Deleted() || !gone && now.Body == was.Body && now.Audience == was.Audience {
		return s, nil
	}
	s.Changed = true
	if err := tx.ReviseMessage(ctx, was, now); err != nil {
		return s, err
	}
	if err := d.reheard(ctx, tx, &t, was, now); err != nil {
		return s, err
	}
	return s, d.tellRevision(ctx, tx, t, was, now)
}

// tellRevision has those who were told of a message told what has become of it. In a conversation in
// which it was not told there is nothing to change, and nothing is.
func (d *Desk) tellRevision(ctx context.Context, tx *store.Tx, t store.Ticket, was, now store.Message) error {
	var ts []Telling
	first, err := tx.FirstMessage(ctx, t.ID)
	if err != nil {
		return err
	}
	if first == now.ID { // the cards show it
		ts = append(ts, Telling{store.DeskSide, TellCard}, Telling{store.RequesterSide, TellCard})
	}
	wasPublic := was.Audience == store.Public
	switch {
	case !wasPublic && !now.Deleted():
		ts = append(ts, Telling{store.DeskSide, TellReceipt}) // it is a note still
		if err := d.tellWatchers(ctx, tx, t, now); err != nil {
			return err
		}
	case !wasPublic:
		if err := d.tellWatchers(ctx, tx, t, now); err != nil {
			return err
		}
	case now.Deleted() || now.Audience == store.Internal:
		if _, err := d.withdraw(ctx, tx, t, now); err != nil {
			return err
		}
		if err := d.tellFormer(ctx, tx, t, now.ID); err != nil {
			return err
		}
		ts = append(ts, Telling{store.RequesterSide, TellDeletion})
		if was.Side == store.DeskSide {
			ts = append(ts, Telling{store.DeskSide, TellOutcome})
		} else {
			ts = append(ts, Telling{store.DeskSide, TellDeletion})
		}
	default:
		ts = append(ts, Telling{store.RequesterSide, TellEdit})
		if was.Side == store.RequesterSide {
			ts = append(ts, Telling{store.DeskSide, TellEdit})
		}
	}
	if wasPublic {
		if err := d.spreadRevised(ctx, tx, t, now); err != nil {
			return err
		}
	}
	return d.tell(ctx, tx, t, ts, now, 0)
}

// withdraw keeps a message from being told to the requester and to followers, as far as that is not too
// late, and says whether any of it was or may be told.
func (d *Desk) withdraw(ctx context.Context, tx *store.Tx, t store.Ticket, m store.Message) (sent bool, err error) {
	type line struct{ lane, kind string }
	lines := []line{{Lane(t, store.RequesterSide), TellMessage}, {spreadLane(t), TellSpread}}
	if mail := MailLane(t); d.catalog.Mail != "" && mail != lines[0].lane {
		lines = append(lines, line{mail, TellMessage})
	}
	if t.Followed {
		fs, err := tx.Followers(ctx, t.ID)
		if err != nil {
			return false, err
		}
		for _, f := range fs {
			lines = append(lines, line{store.Lane(t.ID, fmt.Sprint(f.Person)), TellMessage})
		}
	}
	for _, l := range lines {
		if _, err := tx.Withdraw(ctx, l.lane, l.kind, m.ID); err != nil {
			return false, err
		}
		told, err := tx.Told(ctx, l.lane, l.kind, m.ID)
		if err != nil {
			return false, err
		}
		sent = sent || told
	}
	return sent, nil
}

// tellFormer has what told of a message taken away also from those who have stopped following its ticket
// since: it was meant for nobody's eyes any more.
func (d *Desk) tellFormer(ctx context.Context, tx *store.Tx, t store.Ticket, m store.MessageID) error {
	posts, err := tx.PostsOf(ctx, m, TellMessage)
	if err != nil {
		return err
	}
	fs, err := tx.Followers(ctx, t.ID)
	if err != nil {
		return err
	}
	for _, p := range posts {
		id, err := strconv.ParseInt(conversationOf(t, p.Lane), 10, 64)
		person := store.PersonID(id)
		follows := slices.ContainsFunc(fs, func(f store.Follower) bool { return f.Person == person })
		if err != nil || p.Part != 0 || person == t.Requester || follows {
			continue // the desk, or somebody who is told anyhow
		}
		former, err := d.self(ctx, tx, person)
		if err != nil {
			return err
		}
		err = tx.Enqueue(ctx, store.Delivery{Lane: p.Lane, Ticket: t.ID, Workspace: p.Workspace, Kind: TellDeletion, Person: former.ID, Message: m})
		if err != nil {
			return err
		}
	}
	return nil
}

// edited has what does not fit into the posts of a message, since an edit has made it longer, told after
// them. It is called once a delivery has brought the edit, with its ticket locked.
func (d *Desk) edited(ctx context.Context, tx *store.Tx, del store.Delivery) error {
	m, err := tx.Message(ctx, del.Message)
	if err != nil || m.Deleted() || m.Audience != store.Public {
		return err
	}
	posts, err := tx.Posts(ctx, m.ID, del.Lane)
	if err != nil {
		return err
	}
	told := 0
	for _, p := range posts {
		if p.Kind == TellMessage {
			told = max(told, p.Part+1)
		}
	}
	if told == 0 || told >= len(Parts(m.Body)) {
		return nil // it is not told here, or is whole
	}
	if _, err := tx.Withdraw(ctx, del.Lane, TellMessage, m.ID); err != nil { // what an edit before this one has left to be told
		return err
	}
	var rest []store.Delivery
	for part := told; part < len(Parts(m.Body)); part++ {
		rest = append(rest, store.Delivery{Lane: del.Lane, Ticket: del.Ticket, Workspace: del.Workspace, Kind: TellMessage, Person: del.Person,
			Message: m.ID, Part: part})
	}
	return tx.Enqueue(ctx, rest...)
}

// Undo takes back a reply of the actor's own that was not sent yet.
func (d *Desk) Undo(ctx context.Context, a Actor, id store.TicketID, message store.MessageID) (out Outcome, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		who, t, err := d.begin(ctx, tx, a, Reply, store.DeskSide, id)
		if err != nil {
			return err
		}
		out.Ticket = t
		m, err := tx.Message(ctx, message)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err != nil || m.Ticket != id || m.Side != store.DeskSide {
			return refuse(NotAllowed, t)
		}
		if author, err := d.self(ctx, tx, m.Author); err != nil || author.ID != who.Person.ID {
			return cmp.Or(err, refuse(NotAllowed, t))
		}
		if m.Deleted() {
			return nil
		}
		sent, err := d.withdraw(ctx, tx, t, m)
		if err != nil {
			return err
		}
		if sent || m.HeldUntil.IsZero() || m.Audience != store.Public {
			return refuse(Sent, t) // what was withdrawn of it goes out all the same: nothing of this is written
		}
		now := m
		now.DeletedAt = tx.Now
		if err := tx.ReviseMessage(ctx, m, now); err != nil {
			return err
		}
		if err := d.reheard(ctx, tx, &t, m, now); err != nil {
			return err
		}
		e, err := tx.AddEvent(ctx, store.Event{Ticket: t.ID, Actor: a.Person, Act: string(TakeBack), Source: a.Source})
		if err != nil {
			return err
		}
		out.Event, out.Changed = e.ID, true
		if err := d.spreadRevised(ctx, tx, t, now); err != nil {
			return err
		}
		return d.tell(ctx, tx, t, []Telling{{store.DeskSide, TellOutcome}}, now, 0)
	})
	return out, err
}

// KnowsMessage says whether a message is in a ticket, or kept until its thread is known.
func (d *Desk) KnowsMessage(ctx context.Context, e store.External) (known bool, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		if known, err = tx.MessageKnown(ctx, e); err == nil && !known {
			known, err = tx.UnplacedKnown(ctx, e)
		}
		return err
	})
	return known, err
}
