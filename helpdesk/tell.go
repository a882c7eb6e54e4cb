package helpdesk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"guichet/markup"
	"guichet/store"
)

// Kinds of deliveries: how the outbox names what to tell.
const (
	TellCard    = "card"    // post the ticket's card, or bring it up to date
	TellMessage = "message" // what somebody wrote
	TellReceipt = "receipt" // whether what an agent typed went out or stayed inside
	TellEvent   = "event"   // what happened, in a line
	TellChannel = "channel" // the same, in the queue's channel rather than in the thread
	TellMoved   = "moved"   // on the card that a ticket leaves behind in another queue: where it went
)

// Telling is one thing to tell on one side of the counter.
type Telling struct {
	Side string
	Kind string
}

// AudienceOf decides who is told of a message: the side it was written on sees it there already
// (the desk gets a receipt instead), the other side gets it unless it is internal. writtenIn is
// the side in whose thread it was typed, empty for a form, which shows on both.
func AudienceOf(a Audience, writtenIn string) []Telling {
	var ts []Telling
	if writtenIn == store.DeskSide {
		ts = append(ts, Telling{store.DeskSide, TellReceipt})
	} else {
		ts = append(ts, Telling{store.DeskSide, TellMessage})
	}
	if a == Public && writtenIn != store.RequesterSide {
		ts = append(ts, Telling{store.RequesterSide, TellMessage})
	}
	return ts
}

// AudienceOfAct decides who is told of an act: the cards on both sides change, and the requester gets
// a line in their thread, as do agents of what the requester did. What the program does is told to the requester.
func AudienceOfAct(act Act, side string, state State) []Telling {
	ts := []Telling{{store.DeskSide, TellCard}, {store.RequesterSide, TellCard}}
	switch act {
	case Assign, HandOver, Release, Prioritize, Transfer:
		return append(ts, Telling{store.DeskSide, TellEvent}, Telling{store.RequesterSide, TellEvent})
	case Merge, Part, Split:
		return append(ts, Telling{store.DeskSide, TellEvent}, Telling{store.RequesterSide, TellEvent})
	case Declare: // in the channel, where those are called who are on call
		return append(ts, Telling{store.DeskSide, TellChannel}, Telling{store.RequesterSide, TellEvent})
	case Link, Announce:
		return []Telling{ts[0], {store.DeskSide, TellEvent}}
	case Refer:
		return append(ts, Telling{store.DeskSide, TellEvent}) // their card shows it
	case Tag:
		return ts[:1] // the card that shows them
	case Snooze, Rate:
		return []Telling{{store.DeskSide, TellEvent}}
	}
	switch {
	case act == Submit:
		return ts // the cards say it
	case side == store.RequesterSide:
		return append(ts, Telling{store.DeskSide, TellEvent}, Telling{store.RequesterSide, TellEvent})
	default:
		return append(ts, Telling{store.RequesterSide, TellEvent})
	}
}

// AudienceOfFollowers decides what a follower is told of what both sides are: what the requester is, and
// what the requester's side wrote, since that stands in no thread of theirs. a is the message's audience,
// if it is about one: what is internal they never get.
func AudienceOfFollowers(ts []Telling, a Audience) (theirs []Telling) {
	for _, t := range ts {
		told := Telling{store.RequesterSide, t.Kind}
		ours := t.Side == store.RequesterSide || a == Public && slices.Contains([]string{TellMessage, TellEdit, TellDeletion, TellFile, TellNoFile}, t.Kind)
		if ours && !slices.Contains(theirs, told) {
			theirs = append(theirs, told)
		}
	}
	return theirs
}

// Lane names one of a ticket's conversations: the desk's thread or the requester's. A follower has one of
// their own, named like the requester's.
func Lane(t store.Ticket, side string) string {
	return store.Lane(t.ID, conversation(t, side))
}

func conversation(t store.Ticket, side string) string {
	if side == store.DeskSide {
		return "desk"
	}
	return fmt.Sprint(t.Requester)
}

// SideOfLane is the reverse of Lane.
func SideOfLane(t store.Ticket, lane string) string {
	if lane == Lane(t, store.DeskSide) {
		return store.DeskSide
	}
	return store.RequesterSide
}

// writtenOn is the side in whose thread something is that was written in a conversation; empty: in none, a
// follower's being no side's own.
func writtenOn(t store.Ticket, writtenIn string) string {
	for _, side := range []string{store.DeskSide, store.RequesterSide} {
		if writtenIn == conversation(t, side) {
			return side
		}
	}
	return ""
}

// conversationOf is the conversation that a lane of a ticket is.
func conversationOf(t store.Ticket, lane string) string {
	return strings.TrimPrefix(lane, store.Lane(t.ID, ""))
}

// PartLength is how many characters of a message go into one post, however it is written there: what Slack takes
// with room for the words around it.
const PartLength = 10_000

// Parts cuts a message into posts, without cutting through its formatting. There is always one.
func Parts(body string) []string { return markup.Split(body, PartLength) }

// tell puts what is to be told into the outbox. The caller holds the ticket's lock.
func (d *Desk) tell(ctx context.Context, tx *store.Tx, t store.Ticket, ts []Telling, m store.Message, e store.EventID) error {
	return d.tellBut(ctx, tx, "", t, ts, m, e)
}

// tellBut is tell of a message that was written in a conversation, where a follower sees it already.
func (d *Desk) tellBut(ctx context.Context, tx *store.Tx, writtenIn string, t store.Ticket, ts []Telling, m store.Message, e store.EventID) error {
	ds, err := d.deliveries(t, ts, m, e)
	if err != nil {
		return err
	}
	for i := range ds {
		ds[i].Lane = store.Lane(t.ID, ds[i].Lane)
	}
	if err := tx.Enqueue(ctx, ds...); err != nil {
		return err
	}
	if err := d.copyByMail(ctx, tx, t, ts, m); err != nil || !t.Followed {
		return err
	}
	fs, err := tx.Followers(ctx, t.ID)
	if err != nil {
		return err
	}
	return d.tellFollowers(ctx, tx, fs, t, ts, m, e, writtenIn)
}

// deliveries are those by which it is told. They name their conversation in place of the lane, since a
// ticket that is being opened has no number yet.
func (d *Desk) deliveries(t store.Ticket, ts []Telling, m store.Message, e store.EventID) (ds []store.Delivery, err error) {
	q, ok := d.catalog.Queue(t.Queue)
	if !ok {
		return nil, fmt.Errorf("helpdesk: ticket %d is in queue %q, which is not configured", t.ID, t.Queue)
	}
	for _, what := range ts {
		del := store.Delivery{Lane: conversation(t, what.Side), Ticket: t.ID, Kind: what.Kind, Workspace: t.Origin, Person: t.Requester}
		if what.Side == store.DeskSide {
			del.Workspace, del.Person = q.Place.Workspace, 0
		}
		if t.Quiet && what.Side == store.DeskSide {
			continue
		}
		switch what.Kind {
		case TellCard:
			del.Once = true // the card shows the state at delivery
		case TellMessage, TellReceipt, TellEdit, TellDeletion, TellOutcome, TellFile, TellNoFile:
			del.Message, del.File = m.ID, m.File
		case TellEvent, TellChannel:
			del.Event = e
			if what.Side == store.DeskSide {
				del.Message = m.ID // what was said with it, for colleagues
			}
		}
		if (what.Kind == TellMessage || what.Kind == TellFile) && what.Side == store.RequesterSide {
			del.HeldUntil = m.HeldUntil
		}
		parts := 1
		if what.Kind == TellMessage && del.Workspace != Mail { // a letter has room
			parts = len(Parts(m.Body))
		}
		for del.Part = range parts {
			ds = append(ds, del)
		}
	}
	return ds, nil
}
