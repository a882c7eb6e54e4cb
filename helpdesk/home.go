package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"guichet/store"
)

// Tabs of the home view.
const (
	TabMine         = "mine"         // for everybody: their own tickets
	TabOrganization = "organization" // for managers
	TabServices     = "services"     // for administrators who are no managers
	TabDesk         = "desk"         // for agents
)

// Sections of the home view.
const (
	NeedsMe       = "needs"         // it is their turn
	MyOpen        = "open"          // opened by them
	InCompany     = "company"       // of a manager's organization
	Administered  = "administered"  // of the services that somebody administers
	Mine          = "assigned"      // an agent's own
	Unassigned    = "unassigned"    // nobody's, in an agent's queues
	Oldest        = "oldest"        // of an agent's queues
	MobileDevices = "mobiledevices" // EMM, in an agent's queues
)

// HomeShown is how many tickets a section of the home view shows at most.
const HomeShown = 8

// Section is a part of the home view.
type Section struct {
	Name    string
	Tickets []store.Ticket
	More    Filter // the list of all of them, where there are more
	IsMore  bool
}

// HomeView is what a person's home view shows.
type HomeView struct {
	Tab      string
	Tabs     []string // those that this person has
	Sections []Section
	Standing Standing
}

// Home returns what a tab of a person's home view shows. A tab that is not theirs, or none, is the first.
func (d *Desk) Home(ctx context.Context, person store.PersonID, tab string) (v HomeView, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		v = HomeView{Tabs: []string{TabMine}}
		if v.Standing, err = d.standing(ctx, tx, person); err != nil {
			return err
		}
		if v.Standing.Manager {
			v.Tabs = append(v.Tabs, TabOrganization)
		} else if len(v.Standing.Services) > 0 {
			v.Tabs = append(v.Tabs, TabServices)
		}
		if len(v.Standing.Queues) > 0 {
			v.Tabs = append(v.Tabs, TabDesk)
		}
		v.Tab = TabMine
		if slices.Contains(v.Tabs, tab) {
			v.Tab = tab
		}
		switch v.Tab {
		case TabDesk:
			err = d.deskSections(ctx, tx, &v)
		case TabOrganization:
			var ts []store.Ticket
			ts, err = tx.Tickets(ctx, store.Slice{Organization: v.Standing.Person.Organization, Active: true}, 0, HomeShown+1)
			v.add(InCompany, Filter{State: "open"}, ts)
		case TabServices:
			var ts []store.Ticket
			for _, s := range v.Standing.Services {
				some, err := tx.Tickets(ctx, store.Slice{Organization: v.Standing.Person.Organization, Service: s, Active: true}, 0, HomeShown+1)
				if err != nil {
					return err
				}
				ts = append(ts, some...)
			}
			slices.SortFunc(ts, func(a, b store.Ticket) int { return cmp.Compare(b.ID, a.ID) })
			v.add(Administered, Filter{State: "open"}, ts)
		default:
			err = d.mySections(ctx, tx, &v)
		}
		return err
	})
	return v, err
}

// add appends a section, with one ticket more than it shows when there are more.
func (v *HomeView) add(name string, more Filter, ts []store.Ticket) {
	v.Sections = append(v.Sections, Section{Name: name, Tickets: ts[:min(HomeShown, len(ts))], More: more, IsMore: len(ts) > HomeShown})
}

// mostOpen bounds how many open tickets of one person are read to find those that wait for them.
const mostOpen = 100

func (d *Desk) mySections(ctx context.Context, tx *store.Tx, v *HomeView) error {
	open, err := tx.Tickets(ctx, store.Slice{Requester: v.Standing.Person.ID, Active: true}, 0, mostOpen)
	if err != nil {
		return err
	}
	var needs, others []store.Ticket
	for _, t := range open {
		if State(t.State) == Waiting {
			needs = append(needs, t)
		} else {
			others = append(others, t)
		}
	}
	if len(v.Standing.Queues) > 0 { // an agent's work needs them too
		assigned, err := tx.Tickets(ctx, store.Slice{Assignee: v.Standing.Person.ID, Active: true}, 0, mostOpen)
		if err != nil {
			return err
		}
		for _, t := range assigned {
			if State(t.State) == Open && slices.Contains(v.Standing.Queues, t.Queue) {
				needs = append(needs, t)
			}
		}
	}
	v.add(NeedsMe, Filter{State: "open"}, needs)
	v.add(MyOpen, Filter{Mine: true, State: "open"}, others)
	return nil
}

func (d *Desk) deskSections(ctx context.Context, tx *store.Tx, v *HomeView) error {
	assigned, err := tx.Tickets(ctx, store.Slice{Assignee: v.Standing.Person.ID, Active: true}, 0, mostOpen)
	if err != nil {
		return err
	}
	assigned = slices.DeleteFunc(assigned, func(t store.Ticket) bool { return !slices.Contains(v.Standing.Queues, t.Queue) })
	var unassigned, emm []store.Ticket
	for _, q := range v.Standing.Queues {
		ts, err := tx.Tickets(ctx, store.Slice{Queue: q, State: string(New)}, 0, HomeShown+1)
		if err != nil {
			return err
		}
		unassigned = append(unassigned, ts...)
		for _, s := range d.catalog.Services {
			if s.Form != EMMForm {
				continue
			}
			ts, err := tx.Tickets(ctx, store.Slice{Queue: q, Service: s.Key, Active: true}, 0, HomeShown+1)
			if err != nil {
				return err
			}
			emm = append(emm, ts...)
		}
	}
	oldest, err := tx.TicketsOfQueues(ctx, v.Standing.Queues, HomeShown+1)
	if err != nil {
		return err
	}
	for _, ts := range [][]store.Ticket{unassigned, emm} {
		slices.SortFunc(ts, func(a, b store.Ticket) int { return cmp.Compare(b.ID, a.ID) })
	}
	all := Filter{State: "open"}
	v.add(Mine, all, assigned)
	v.add(Unassigned, all, unassigned)
	v.add(Oldest, all, oldest)
	if len(emm) > 0 {
		v.add(MobileDevices, Filter{State: "open", EMM: true}, emm)
	}
	return nil
}

// TabOf is the tab at which somebody left their home view, empty when they never opened it.
func (d *Desk) TabOf(ctx context.Context, a store.Account) (tab string, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		h, err := tx.Home(ctx, a)
		tab = h.Tab
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	})
	return tab, err
}

// SetHome notes that somebody looks at a tab of their home view, and what it shows.
func (d *Desk) SetHome(ctx context.Context, a store.Account, person store.PersonID, tab, shown string) error {
	return d.db.Write(ctx, func(tx *store.Tx) error {
		return tx.SaveHome(ctx, store.Home{Account: a, Person: person, Tab: tab, Shown: shown})
	})
}

// Since is up to where the changes of tickets were looked at for home views.
type Since struct {
	At    store.Time
	After store.TicketID
}

// mostChanged is how many changed tickets are looked at together.
const mostChanged = 200

// slowest is how long after the instant that it is dated with a change is committed, at most.
const slowest = 5 * time.Second

// MarkHomes finds what has changed since, and marks the home views of a workspace that may show it. It
// returns up to when it looked.
func (d *Desk) MarkHomes(ctx context.Context, workspace string, since Since) (Since, error) {
	var ts []store.Ticket
	err := d.db.Look(ctx, func(tx *store.Tx) (err error) {
		ts, err = tx.ChangedTickets(ctx, since.At, since.After, mostChanged)
		return err
	})
	if err != nil || len(ts) == 0 {
		return since, err
	}
	var a store.Affected
	for _, t := range ts {
		a.Requesters = append(a.Requesters, t.Requester)
		a.Organizations = append(a.Organizations, t.Organization)
		if q, ok := d.catalog.Queue(t.Queue); ok && q.Place.Workspace == workspace && !slices.Contains(a.Channels, q.Place.Channel) {
			a.Channels = append(a.Channels, q.Place.Channel)
		}
	}
	last := ts[len(ts)-1]
	next := Since{At: last.UpdatedAt, After: last.ID}
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		if late := store.At(tx.Now.Add(-slowest)); late.Before(next.At.Time) && len(ts) < mostChanged {
			next = Since{At: late} // what is dated before may still be committed
		}
		return tx.MarkHomes(ctx, workspace, a)
	})
	return next, err
}

// TakeStaleHome takes one home view of a workspace to bring up to date; store.ErrNotFound when there is none.
func (d *Desk) TakeStaleHome(ctx context.Context, workspace string) (h store.Home, err error) {
	var some bool
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		some, err = tx.HasStaleHome(ctx, workspace)
		return err
	})
	if err == nil && !some { // nearly always: then nothing is written
		err = store.ErrNotFound
	}
	if err != nil {
		return h, err
	}
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		h, err = tx.TakeStaleHome(ctx, workspace)
		return err
	})
	return h, err
}

// SetShown notes what a home view shows, or that it still has to be brought up to date. It returns it as it is now: if it was opened since it
// was taken, nothing is noted.
func (d *Desk) SetShown(ctx context.Context, taken store.Home, shown string, stale bool) (now store.Home, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		now, err = tx.SetShown(ctx, taken, shown, stale)
		return err
	})
	return now, err
}

// SetLanguage makes a language the person's own.
func (d *Desk) SetLanguage(ctx context.Context, a Actor, account store.Account, language string) (store.Person, error) {
	before, err := d.DetailsOf(ctx, a)
	if err != nil {
		return store.Person{}, err
	}
	to := before
	to.Language = language
	c, err := d.SetDetails(ctx, a, account, before, to)
	return c.Person, err
}
