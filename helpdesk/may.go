package helpdesk

import (
	"slices"

	"guichet/store"
)

// Standing is who somebody is to the desk, read from the database in the transaction that uses it.
type Standing struct {
	Person   store.Person
	Manager  bool           // of their own organization
	Services []string       // that they administer, of their own organization
	Queues   []string       // whose agent they are
	Unsure   []string       // queues whose members were looked up too long ago to rely on
	Follows  store.TicketID // the ticket in question, where they follow it
	Watches  store.TicketID // likewise, where they watch it as an agent: no right to anything
}

// May says whether somebody may do something to a ticket from one side of the counter. It is the
// whole of guichet's authority. Which side one sees a ticket from makes no difference.
func May(who Standing, act Act, side string, t store.Ticket) bool {
	agent := slices.Contains(who.Queues, t.Queue)
	requester := who.Person.ID != 0 && who.Person.ID == t.Requester
	colleague := t.Organization != "" && who.Person.Organization == t.Organization
	manager := who.Manager && colleague
	administrator := colleague && t.Service != "" && slices.Contains(who.Services, t.Service)
	follower := colleague && t.ID != 0 && who.Follows == t.ID
	if act == See {
		return agent || requester || manager || administrator || follower
	}
	switch side {
	case store.DeskSide:
		switch act {
		case Reply, Note, Take, Wait, Resolve, Close, Reopen, Assign, Release, Prioritize, Transfer, Refer, HandOver, Tag, Snooze, Watch, Unwatch,
			Merge, Link, Part, Split, Announce, Declare, EndIncident, Pin:
			return agent
		}
	case store.RequesterSide:
		switch act {
		case Reply:
			// A manager answers for the requester, who is told, and so does the service's administrator. So does a follower: who
			// brought it to the desk mostly knows about it.
			return requester || manager || administrator || follower
		case Close, Reopen, Keep, Rate:
			return requester
		case Unwatch:
			return follower || t.ID != 0 && who.Watches == t.ID
		}
	}
	return false
}

// MayFollow says whether somebody may follow a ticket that was opened with a message which they can read:
// a colleague of the requester's, who does not yet, and is no agent, before whom it is anyhow.
func MayFollow(who Standing, t store.Ticket) bool {
	return t.Organization != "" && who.Person.Organization == t.Organization && who.Person.ID != t.Requester &&
		!slices.Contains(who.Queues, t.Queue) && (t.ID == 0 || who.Follows != t.ID)
}

// viewer is the same standing as the store's reads take it.
func (w Standing) viewer() store.Viewer {
	v := store.Viewer{Person: w.Person.ID, Queues: w.Queues}
	if w.Manager {
		v.Organization = w.Person.Organization
	}
	if len(w.Services) > 0 {
		v.Home, v.Services = w.Person.Organization, w.Services
	}
	return v
}
