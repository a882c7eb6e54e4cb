package helpdesk

import (
	"cmp"
	"time"

	"guichet/store"
)

// State is where a ticket is in its life.
type State string

const (
	New      State = "new"      // nobody has it
	Open     State = "open"     // an agent has it
	Waiting  State = "waiting"  // it is the requester's turn
	Resolved State = "resolved" // answered, not yet final
	Closed   State = "closed"   // final
)

// States are all states, in the order of a ticket's life.
var States = []State{New, Open, Waiting, Resolved, Closed}

// Act is something that is done to a ticket. The names are those of the events in its history
// and of the buttons.
type Act string

const (
	See     Act = "see"     // read it
	Submit  Act = "open"    // open it with the form
	Reply   Act = "reply"   // say something that the other side reads
	Note    Act = "note"    // say something that stays on the desk's side
	Take    Act = "take"    // become its assignee
	Wait    Act = "wait"    // hand the turn to the requester
	Resolve Act = "resolve" // answered
	Close   Act = "close"   // final
	Reopen  Act = "reopen"  // not final after all
	Remind  Act = "remind"  // by the program: it has been like this for too long
	Follow  Act = "follow"  // continue a closed ticket in a new one
	Watch   Act = "watch"   // follow it: read along; as an agent, with what stays inside
	Unwatch Act = "unwatch" // no more
	Drop    Act = "drop"    // by the operator: give up something that could not be delivered

	TakeBack Act = "undo" // take back a reply that was not sent yet

	// From the menu of the agents' card.
	Assign      Act = "assign"   // make somebody its assignee
	Release     Act = "release"  // be its assignee no more
	Prioritize  Act = "priority" // give it another priority
	Transfer    Act = "transfer" // move it to another queue
	Refer       Act = "vendor"   // note by which reference the service's vendor knows it
	HandOver    Act = "handover" // make somebody else its assignee, and tell them what they need to know
	Tag         Act = "tag"      // give it other tags
	Snooze      Act = "snooze"   // be reminded of it later
	Merge       Act = "merge"    // close it: it goes on in another ticket
	MergedIn    Act = "merged"   // (in that other ticket's history)
	Link        Act = "link"     // note which others it has to do with
	Part        Act = "part"     // make it part of an incident, whose answers go to its requester too
	Split       Act = "split"    // make a ticket of its own of a message
	Declare     Act = "declare"  // make it a major incident
	EndIncident Act = "end"      // say that a major incident is over, and sum it up
	Pin         Act = "pin"      // put a message on the timeline of a major incident
	UpdateDue   Act = "update"   // by the program: who is affected is to be told how it stands
	Announce    Act = "announce" // tell people of it before they open a ticket about the same

	Rate Act = "rate" // by the requester: say how it was handled
	Keep Act = "keep" // by the requester: it is not to be closed yet
)

// move names an act together with the side of the counter it comes from.
type move struct {
	act  Act
	side string
}

// moves is the state table. What is not in it leaves the state as it is (talk) or is refused
// (everything else). Requesters may withdraw a ticket at any time: Close works for them from
// every state; agents close what is resolved.
var moves = map[State]map[move]State{
	New: {
		{Take, store.DeskSide}:       Open,
		{Reply, store.DeskSide}:      Open, // a public reply takes it
		{Resolve, store.DeskSide}:    Resolved,
		{Close, store.RequesterSide}: Closed,
	},
	Open: {
		{Take, store.DeskSide}:       Open, // over from a colleague
		{Release, store.DeskSide}:    New,
		{Wait, store.DeskSide}:       Waiting,
		{Resolve, store.DeskSide}:    Resolved,
		{Close, store.RequesterSide}: Closed,
	},
	Waiting: {
		{Reply, store.RequesterSide}: Open,
		{Keep, store.RequesterSide}:  Waiting,
		{Take, store.DeskSide}:       Waiting,
		{Release, store.DeskSide}:    Waiting,
		{Resolve, store.DeskSide}:    Resolved,
		{Close, store.RequesterSide}: Closed,
	},
	Resolved: {
		{Reply, store.RequesterSide}:  Open,
		{Reopen, store.RequesterSide}: Open,
		{Reopen, store.DeskSide}:      Open,
		{Close, store.RequesterSide}:  Closed,
		{Close, store.DeskSide}:       Closed,
	},
	Closed: {
		{Reopen, store.RequesterSide}: Open,
		{Reopen, store.DeskSide}:      Open,
	},
}

// Next returns the state that an act from one side leads to. ok is false where the table has no
// such move. Open means that an agent has it: a ticket that goes back to work without one is New.
func Next(s State, act Act, side string, assigned bool) (_ State, ok bool) {
	next, ok := moves[s][move{act, side}]
	if next == Open && act != Take && side == store.RequesterSide && !assigned {
		next = New
	}
	return next, ok
}

// Final says whether a ticket has been closed for longer than its queue reopens, or goes on in another.
func (q Queue) Final(t store.Ticket, now time.Time) bool {
	return t.Merged != 0 || State(t.State) == Closed && (q.ReopenWithin == 0 || now.Sub(t.StateSince.Time) > q.ReopenWithin)
}

// active says whether a state counts as work to be done.
func active(s State) bool { return s == New || s == Open || s == Waiting }

// Priorities, the least pressing first.
var Priorities = []string{"low", "normal", "high", "urgent"}

// Kinds of tickets that a person may open.
const (
	Incident    = "incident"
	Information = "information"
)

// ServiceRequest is the kind of tickets that guichet opens for somebody, such as one that asks for a quote.
const ServiceRequest = "service"

// PriorityTable says how pressing an incident is, by how many are affected (impact) and how urgent it is.
type PriorityTable map[string]map[string]string

// DefaultPriorities is the table that a configuration may change.
var DefaultPriorities = PriorityTable{
	"one":     {"low": "low", "medium": "normal", "high": "normal"},
	"several": {"low": "normal", "medium": "normal", "high": "high"},
	"all":     {"low": "normal", "medium": "high", "high": "urgent"},
}

// Priority is that of a ticket by its form. What is not an incident is always "normal".
func (c *Catalog) Priority(kind, impact, urgency string) string {
	if kind != Incident {
		return "normal"
	}
	table := c.Priorities
	if table == nil {
		table = DefaultPriorities
	}
	return cmp.Or(table[impact][urgency], "low")
}
