package helpdesk

import (
	"slices"

	"guichet/store"
)

// Standing is who somebody is to the desk, read from the database in the transaction that uses it.
type Standing struct {
	Person  store.Person
	Manager bool     // of their own organization
	Queues  []string // whose agent they are
	Unsure  []string // queues whose members were looked up too long ago to rely on
}

// May says whether somebody may do something to a ticket from one side of the counter. It is the
// whole of guichet's authority. Which side one sees a ticket from makes no difference.
func May(who Standing, act Act, side string, t store.Ticket) bool {
	agent := slices.Contains(who.Queues, t.Queue)
	requester := who.Person.ID != 0 && who.Person.ID == t.Requester
	manager := who.Manager && t.Organization != "" && who.Person.Organization == t.Organization
	if act == See {
		return agent || requester || manager
	}
	switch side {
	case store.DeskSide:
		switch act {
		case Reply, Note, Take, Wait, Resolve, Close, Reopen, Assign, Release, Prioritize, Transfer, Refer:
			return agent
		}
	case store.RequesterSide:
		switch act {
		case Reply:
			return requester || manager // a manager answers for the requester, who is told
		case Close, Reopen:
			return requester
		}
	}
	return false
}

// viewer is the same standing as the store's reads take it.
func (w Standing) viewer() store.Viewer {
	v := store.Viewer{Person: w.Person.ID, Queues: w.Queues}
	if w.Manager {
		v.Organization = w.Person.Organization
	}
	return v
}
