package helpdesk_test

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"guichet/helpdesk"
	"guichet/store"
)

// Who there is, in the order of the columns below: the requester, another employee of the same organization, their manager, another
// organization's manager, an agent of the queue, an agent of another queue, the administrator of the service, that of another service.
func (h *house) everybody() []helpdesk.Actor {
	return []helpdesk.Actor{h.ann, h.ben, h.max, h.gus, h.ada, h.eve, h.administrator("tom", "office"), h.administrator("tia", "emm")}
}

// administrator is somebody of acme who administers services there.
func (h *house) administrator(id string, services ...string) helpdesk.Actor {
	h.t.Helper()
	return h.administratorAt("slack:T1", id, services...)
}

// administratorAt is the same in another workspace.
func (h *house) administratorAt(workspace, id string, services ...string) helpdesk.Actor {
	h.t.Helper()
	ctx := h.t.Context()
	p, err := h.Meet(ctx, store.Account{Workspace: workspace, ID: id}, strings.ToTitle(id), "")
	h.check(err)
	h.check(h.db.Write(ctx, func(tx *store.Tx) error {
		all, err := tx.Administrators(ctx, p.Organization)
		if err != nil || slices.ContainsFunc(all, func(a store.Administrator) bool { return a.Person == p.ID }) {
			return err
		}
		a, err := tx.AddAdministrator(ctx, store.Administrator{Organization: p.Organization, Person: p.ID})
		for _, s := range services {
			err = errors.Join(err, tx.Administer(ctx, store.Administered{Organization: p.Organization, Service: s, Administrator: a.ID}))
		}
		return err
	}))
	return helpdesk.Actor{Person: p.ID, Organization: p.Organization, Source: workspace}
}

// verbs are all that anybody can do to one ticket, by name of the method and, where it has several sorts, of the sort; with who may.
var verbs = map[string]struct {
	may string // y or -, for each of everybody
	do  func(h *house, a helpdesk.Actor, t store.Ticket) error
}{
	"View": {"y-y-y-y-", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, err := h.View(h.t.Context(), a, t.ID, helpdesk.Latest)
		return err
	}},
	"Why": {"y-y-y-y-", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, err := h.Why(h.t.Context(), a, t.ID)
		return err
	}},
	"Addressee": {"y-y---y-", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, _, err := h.Addressee(h.t.Context(), a, helpdesk.Reply, t.ID, store.RequesterSide)
		return err
	}},
	"Addressee desk": {"----y---", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, _, err := h.Addressee(h.t.Context(), a, helpdesk.Reply, t.ID, store.DeskSide)
		return err
	}},
	"Say": {"y-y---y-", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, err := h.Say(h.t.Context(), a, t.ID, store.RequesterSide, helpdesk.Public, "x", uuid.NewString())
		return err
	}},
	"Say desk": {"----y---", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, err := h.Say(h.t.Context(), a, t.ID, store.DeskSide, helpdesk.Public, "x", uuid.NewString())
		return err
	}},
	"Say note": {"----y---", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, err := h.Say(h.t.Context(), a, t.ID, store.DeskSide, helpdesk.Internal, "x", uuid.NewString())
		return err
	}},
	"Add": {"y-y-y-y-", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, err := h.Add(h.t.Context(), a, t.ID, helpdesk.Public, "x", helpdesk.Source{External: store.External{Workspace: a.Source, Channel: "C", ID: uuid.NewString()}}, uuid.NewString())
		return err
	}},
	"Take": {"----y---", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, err := h.Take(h.t.Context(), a, t.ID, 0)
		return err
	}},
	"Do resolve": {"----y---", press(helpdesk.Resolve, store.DeskSide)},
	"Do wait": {"----y---", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		return press(helpdesk.Wait, store.DeskSide)(h, a, h.into(t, helpdesk.Open))
	}},
	"Do release": {"----y---", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		return press(helpdesk.Release, store.DeskSide)(h, a, h.into(t, helpdesk.Open))
	}},
	"Do close": {"y-------", press(helpdesk.Close, store.RequesterSide)},
	"Do close desk": {"----y---", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		return press(helpdesk.Close, store.DeskSide)(h, a, h.into(t, helpdesk.Resolved))
	}},
	"Do reopen": {"y-------", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		return press(helpdesk.Reopen, store.RequesterSide)(h, a, h.into(t, helpdesk.Resolved))
	}},
	"Do reopen desk": {"----y---", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		return press(helpdesk.Reopen, store.DeskSide)(h, a, h.into(t, helpdesk.Resolved))
	}},
	"Do keep": {"y-------", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		return press(helpdesk.Keep, store.RequesterSide)(h, a, h.into(t, helpdesk.Waiting))
	}},
	"SetUrgent": {"----y---", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, err := h.SetUrgent(h.t.Context(), a, t.ID, true)
		return err
	}},
	"Change assign":   {"----y---", alter(func(h *house, c *helpdesk.Change) { c.Act, c.Whom = helpdesk.Assign, h.amy.Person })},
	"Change handover": {"----y---", alter(func(h *house, c *helpdesk.Change) { c.Act, c.Whom, c.Reason = helpdesk.HandOver, h.amy.Person, "x" })},
	"Change priority": {"----y---", alter(func(_ *house, c *helpdesk.Change) { c.Act, c.To = helpdesk.Prioritize, "high" })},
	"Change transfer": {"----y---", alter(func(_ *house, c *helpdesk.Change) { c.Act, c.To, c.Reason = helpdesk.Transfer, "emm", "x" })},
	"Change tag":      {"----y---", alter(func(_ *house, c *helpdesk.Change) { c.Act, c.To = helpdesk.Tag, "vpn" })},
	"Change vendor":   {"----y---", func(h *house, a helpdesk.Actor, _ store.Ticket) error { return h.vendor(a) }},
	"Change link": {"----y---", alter(func(h *house, c *helpdesk.Change) {
		c.Act, c.To = helpdesk.Link, fmt.Sprint(h.open(h.ann, "office").ID)
	})},
	"Change merge": {"----y---", alter(func(h *house, c *helpdesk.Change) {
		c.Act, c.To = helpdesk.Merge, fmt.Sprint(h.open(h.ann, "office").ID)
	})},
	"Change part": {"----y---", alter(func(h *house, c *helpdesk.Change) {
		c.Act, c.To = helpdesk.Part, fmt.Sprint(h.open(h.ann, "office").ID)
	})},
	"Announced": {"----y---", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, _, err := h.Announced(h.t.Context(), a, t.ID)
		return err
	}},
	"Announce": {"----y---", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, err := h.Announce(h.t.Context(), a, t.ID, helpdesk.Announcement{Title: "x"}, uuid.NewString())
		return err
	}},
	"Declared": {"----y---", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, _, err := h.Declared(h.t.Context(), a, t.ID)
		return err
	}},
	"Declare": {"----y---", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, err := h.Declare(h.t.Context(), a, t.ID, declaration(), uuid.NewString())
		return err
	}},
	"EndMajor": {"----y---", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, err := h.EndMajor(h.t.Context(), a, h.major(t).ID, "x", uuid.NewString())
		return err
	}},
	"Timeline": {"----y---", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, err := h.Timeline(h.t.Context(), a, h.major(t).ID)
		return err
	}},
	"MeToo": {"-yy---yy", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, err := h.MeToo(h.t.Context(), a, h.told1(t).ID, "", uuid.NewString())
		return err
	}},
	"Snooze": {"----y---", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, err := h.Snooze(h.t.Context(), a, t.ID, "2h", uuid.NewString())
		return err
	}},
	"Splittable": {"----y---", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, _, err := h.Splittable(h.t.Context(), a, t.ID)
		return err
	}},
	"Split": {"----y---", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		ms, _ := h.history(t.ID)
		_, err := h.Split(h.t.Context(), a, t.ID, ms[0].ID, "x", uuid.NewString())
		return err
	}},
	"ResolveWith": {"----y---", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, err := h.ResolveWith(h.t.Context(), a, t.ID, "x", true, uuid.NewString())
		return err
	}},
	"Watch": {"----y---", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, err := h.Watch(h.t.Context(), a, helpdesk.Watch, t.ID)
		return err
	}},
	"Unfollow": {"--------", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, err := h.Unfollow(h.t.Context(), a, t.ID)
		return err
	}}, // nobody follows it
	"Undo": {"--------", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		ms, _ := h.history(t.ID)
		_, err := h.Undo(h.t.Context(), a, t.ID, ms[0].ID)
		return err
	}},
	"Rate": {"y-------", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, err := h.Rate(h.t.Context(), a, h.into(t, helpdesk.Resolved).ID, helpdesk.Ratings[0])
		return err
	}},
	"Comment": {"y-------", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, err := h.Comment(h.t.Context(), a, h.into(t, helpdesk.Resolved).ID, "x", uuid.NewString())
		return err
	}},
	"Filled": {"----y---", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, _, _, err := h.Filled(h.t.Context(), a, t.ID, "vpn")
		return err
	}},
	"Answer": {"----y---", func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, err := h.Answer(h.t.Context(), a, t.ID, "vpn", "x", uuid.NewString())
		return err
	}},
}

func press(act helpdesk.Act, side string) func(*house, helpdesk.Actor, store.Ticket) error {
	return func(h *house, a helpdesk.Actor, t store.Ticket) error {
		_, err := h.Do(h.t.Context(), a, act, t.ID, side)
		return err
	}
}

func alter(to func(*house, *helpdesk.Change)) func(*house, helpdesk.Actor, store.Ticket) error {
	return func(h *house, a helpdesk.Actor, t store.Ticket) error {
		c := helpdesk.Change{Any: true}
		to(h, &c)
		_, err := h.Change(h.t.Context(), a, t.ID, c, uuid.NewString())
		return err
	}
}

// vendor notes a vendor's reference on a ticket about EMM that is in the first queue.
func (h *house) vendor(a helpdesk.Actor) error {
	t := h.open(h.ann, "emm")
	_, err := h.Change(h.t.Context(), h.eve, t.ID, helpdesk.Change{Act: helpdesk.Transfer, To: "support", Reason: "x", Any: true}, uuid.NewString())
	h.check(err)
	_, err = h.Change(h.t.Context(), a, t.ID, helpdesk.Change{Act: helpdesk.Refer, To: "X-1", Any: true}, uuid.NewString())
	return err
}

// major makes a ticket a major incident.
func (h *house) major(t store.Ticket) store.Ticket {
	_, err := h.Declare(h.t.Context(), h.amy, t.ID, declaration(), uuid.NewString())
	h.check(err)
	return t
}

// told1 has the people of its own organization told of an incident.
func (h *house) told1(t store.Ticket) store.Ticket {
	_, err := h.Announce(h.t.Context(), h.amy, t.ID, helpdesk.Announcement{Title: "x"}, uuid.NewString())
	h.check(err)
	return t
}

// Every verb, for everybody. What is refused has changed nothing, and says nothing of a ticket that they may not see.
func TestEveryVerbForEverybody(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.Catalog().Macros = []helpdesk.Macro{{Key: "vpn", Text: func(string) string { return "x" }}}
		for _, name := range slices.Sorted(maps.Keys(verbs)) {
			verb := verbs[name]
			for i, who := range h.everybody() {
				ticket := h.open(h.ann, "office")
				h.refresh()
				err := verb.do(h, who, ticket)
				may := verb.may[i] == 'y'
				if (err == nil) != may {
					t.Errorf("%s by %d: %v", name, i, err)
				}
				v, seen := h.View(t.Context(), who, ticket.ID, helpdesk.Latest)
				if seen == nil && !may && who != h.ada { // who has prepared some of them
					for _, e := range v.Events {
						if e.Actor == who.Person && e.Act != string(helpdesk.Submit) {
							t.Errorf("%s by %d was refused, and left %+v", name, i, e)
						}
					}
				}
				if seen != nil && err != nil && name != "Change vendor" && !helpdesk.IsRefusal(err, helpdesk.UnknownTicket) && !helpdesk.IsRefusal(err, helpdesk.NoIncident) {
					t.Errorf("%s by %d, who may not see it: %v", name, i, err)
				}
			}
		}
	})
}

// No verb is forgotten above.
func TestEveryVerbIsThere(t *testing.T) {
	for m := range reflect.TypeFor[*helpdesk.Desk]().Methods() {
		in := m.Type
		about := in.NumIn() > 3 && in.In(2) == reflect.TypeFor[helpdesk.Actor]() && slices.Contains([]reflect.Type{in.In(3), in.In(min(4, in.NumIn()-1))}, reflect.TypeFor[store.TicketID]())
		if about && m.Name != "Search" && !slices.ContainsFunc(slices.Collect(maps.Keys(verbs)), func(name string) bool { first, _, _ := strings.Cut(name, " "); return first == m.Name }) {
			t.Errorf("%s is in no line", m.Name)
		}
	}
}
