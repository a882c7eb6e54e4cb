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

// May says whether somebody may do something to a ticket. It is the whole of guichet's authority.
func May(who Standing, act Act, t store.Ticket) bool {
	agent := slices.Contains(who.Queues, t.Queue)
	requester := who.Person.ID != 0 && who.Person.ID == t.Requester
	manager := who.Manager && who.Person.Organization == t.Organization
	switch act {
	case See, Reply:
		return agent || requester || manager
	case Close, Reopen:
		return agent || requester
	case Note, Take, Wait, Resolve:
		return agent
	}
	return false
}

// MaySpeakFrom says whether somebody may do something from one side of the counter: the desk's
// side is for its agents, the other for the requester, and for a manager who answers for them.
func MaySpeakFrom(who Standing, side string, t store.Ticket) bool {
	agent := slices.Contains(who.Queues, t.Queue)
	if side == store.DeskSide {
		return agent
	}
	who.Queues = nil
	return May(who, See, t)
}

// viewer is the same standing as the store's reads take it.
func (w Standing) viewer() store.Viewer {
	v := store.Viewer{Person: w.Person.ID, Queues: w.Queues}
	if w.Manager {
		v.Organization = w.Person.Organization
	}
	return v
}
