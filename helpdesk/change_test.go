package helpdesk_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// a change of each sort, that of a ticket of support which nobody has touched.
func changes(h *house) map[string]helpdesk.Change {
	return map[string]helpdesk.Change{
		"assign":   {Act: helpdesk.Assign, Whom: h.amy.Person, Seen: "0"},
		"priority": {Act: helpdesk.Prioritize, To: "urgent", Seen: h.open(h.ann, "office").Priority},
		"transfer": {Act: helpdesk.Transfer, To: "emm", Reason: "It is about a phone.", Seen: "support"},
	}
}

func TestChangesAreMadeNotedAndTold(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		for name, c := range changes(h) {
			ticket := h.into(h.open(h.ann, "office"), helpdesk.New)
			out, err := h.Change(ctx, h.ada, ticket.ID, c, "form "+name)
			h.check(err)
			now := h.ticket(ticket.ID)
			if !out.Changed || helpdesk.Sees(now, c.Act) == c.Seen {
				t.Errorf("%s: %+v, now %q", name, out, helpdesk.Sees(now, c.Act))
			}
			_, es := h.history(ticket.ID)
			last := es[len(es)-1]
			if last.Act != name || last.Actor != h.ada.Person || last.Whom != c.Whom || last.Words != c.Reason || last.Source != h.ada.Source {
				t.Errorf("%s: noted %+v", name, last)
			}
			want := "desk: card event; requester: card event"
			if name == "transfer" {
				want = "desk: moved card event; requester: card event"
			}
			same(t, name+": told", h.told(ticket.ID), want)
			_, err = h.Change(ctx, h.ada, ticket.ID, c, "form "+name)
			if name != "transfer" { // after that it is not hers any more
				duplicate(t, name+", sent twice", err)
			}
		}
	})
}

func TestAnAssigneeIsAnAgentOfTheQueue(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ticket := h.into(h.open(h.ann, "office"), helpdesk.New)
		for _, who := range []helpdesk.Actor{h.ann, h.max, h.eve, h.gus, {Person: 0}} {
			_, err := h.Change(ctx, h.ada, ticket.ID, helpdesk.Change{Act: helpdesk.Assign, Whom: who.Person, Seen: "0"}, fmt.Sprint("form ", who.Person))
			refused(t, "assigned to "+fmt.Sprint(who.Person), err, helpdesk.NotAgent)
		}
		same(t, "told", h.told(ticket.ID), "")
		out, err := h.Change(ctx, h.ada, ticket.ID, helpdesk.Change{Act: helpdesk.Assign, Whom: h.amy.Person, Seen: "0"}, "form")
		h.check(err)
		if out.Ticket.State != string(helpdesk.Open) || !out.Ticket.Active {
			t.Errorf("a new ticket that is assigned is %q", out.Ticket.State)
		}
		h.age(time.Minute)
		out, err = h.Do(ctx, h.amy, helpdesk.Release, ticket.ID, store.DeskSide)
		h.check(err)
		if now := h.ticket(ticket.ID); now.State != string(helpdesk.New) || now.Assignee != 0 || !out.Changed {
			t.Errorf("given back: %+v", now)
		}
		out, err = h.Do(ctx, h.ada, helpdesk.Release, ticket.ID, store.DeskSide)
		if err != nil || out.Changed {
			t.Errorf("given back by somebody who does not have it: %+v, %v", out, err)
		}
	})
}

func TestAMoveToAnotherQueue(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ticket := h.into(h.open(h.ann, "office"), helpdesk.Open)
		move := helpdesk.Change{Act: helpdesk.Transfer, To: "emm", Reason: " It is about a phone. ", Seen: "support"}
		for name, c := range map[string]helpdesk.Change{
			"no reason":       {Act: helpdesk.Transfer, To: "emm", Reason: " ", Seen: "support"},
			"too long":        {Act: helpdesk.Transfer, To: "emm", Reason: strings.Repeat("x", helpdesk.MaxReason+1), Seen: "support"},
			"no such queue":   {Act: helpdesk.Transfer, To: "moon", Reason: "r", Seen: "support"},
			"no queue at all": {Act: helpdesk.Transfer, Reason: "r", Seen: "support"},
		} {
			_, err := h.Change(ctx, h.ada, ticket.ID, c, "form "+name)
			refused(t, name, err, helpdesk.BadForm)
		}
		_, err := h.Change(ctx, h.ada, ticket.ID, move, "form")
		h.check(err)
		now := h.ticket(ticket.ID)
		if now.Queue != "emm" || now.Assignee != 0 || now.State != string(helpdesk.New) {
			t.Errorf("moved: %+v", now)
		}
		if got, err := h.View(ctx, h.ada, ticket.ID, helpdesk.Latest); err == nil {
			t.Errorf("who moved it sees it still: %+v", got.Ticket)
		}
		_, err = h.View(ctx, h.eve, ticket.ID, helpdesk.Latest)
		h.check(err)

		_, err = h.hear(h.ada, ticket, store.DeskSide, "One more thing")
		refused(t, "written where it was", err, helpdesk.Moved)
		_, err = h.hear(h.ben, ticket, store.DeskSide, "Hello?")
		refused(t, "written there by a stranger to it", err, helpdesk.UnknownTicket)

		// Back again: the agent of the other queue moves it, and whoever works in both keeps it.
		h.check(h.SetSeen(ctx, h.Catalog().Queues[0], store.Seen{Private: true, Members: []string{"ada", "amy", "eve"}}, -time.Second))
		_, err = h.Do(ctx, h.eve, helpdesk.Take, ticket.ID, store.DeskSide)
		h.check(err)
		_, err = h.Change(ctx, h.eve, ticket.ID, helpdesk.Change{Act: helpdesk.Transfer, To: "support", Reason: "No phone.", Seen: "emm"}, "back")
		h.check(err)
		if now := h.ticket(ticket.ID); now.Queue != "support" || now.Assignee != h.eve.Person || now.State != string(helpdesk.Open) {
			t.Errorf("moved back: %+v", now)
		}
	})
}

func TestAVendorsReference(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		office, emm := h.open(h.ann, "office"), h.open(h.ann, "emm")
		_, err := h.Change(ctx, h.ada, office.ID, helpdesk.Change{Act: helpdesk.Refer, To: "V-1"}, "a")
		refused(t, "of a service without a vendor", err, helpdesk.BadForm)
		_, err = h.Change(ctx, h.eve, emm.ID, helpdesk.Change{Act: helpdesk.Refer, To: strings.Repeat("x", helpdesk.MaxVendorRef+1)}, "b")
		refused(t, "too long", err, helpdesk.BadForm)
		h.told(0)
		_, err = h.Change(ctx, h.eve, emm.ID, helpdesk.Change{Act: helpdesk.Refer, To: " V-1 "}, "c")
		h.check(err)
		same(t, "the reference", h.ticket(emm.ID).VendorRef, "V-1")
		same(t, "told", h.told(emm.ID), "desk: card event; requester: card")
		_, err = h.Change(ctx, h.eve, emm.ID, helpdesk.Change{Act: helpdesk.Refer, To: "", Seen: "V-1"}, "d")
		h.check(err)
		same(t, "taken off again", h.ticket(emm.ID).VendorRef, "")
	})
}

func TestWhoMayChange(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ticket := h.into(h.open(h.ann, "office"), helpdesk.New)
		for name, c := range changes(h) {
			for who, as := range map[string]struct {
				helpdesk.Actor
				code helpdesk.Code
			}{
				"requester": {h.ann, helpdesk.NotAllowed}, "manager": {h.max, helpdesk.NotAllowed}, "colleague": {h.ben, helpdesk.UnknownTicket},
				"manager elsewhere": {h.gus, helpdesk.UnknownTicket}, "agent of another queue": {h.eve, helpdesk.UnknownTicket},
			} {
				_, err := h.Change(t.Context(), as.Actor, ticket.ID, c, name+who)
				refused(t, who+" changes "+name, err, as.code)
				_, err = h.SetUrgent(t.Context(), as.Actor, ticket.ID, true)
				refused(t, who+" makes it urgent", err, as.code)
			}
		}
		same(t, "the ticket", h.ticket(ticket.ID), ticket)
		same(t, "told", h.told(ticket.ID), "")
		for _, act := range []helpdesk.Act{"", helpdesk.See, helpdesk.Take, helpdesk.Close} {
			if _, err := h.Change(t.Context(), h.ada, ticket.ID, helpdesk.Change{Act: act}, "odd "+string(act)); err == nil {
				t.Errorf("a change by %q was made", act)
			}
		}
	})
}

func TestAChangeInEveryState(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, state := range helpdesk.States {
			for name, c := range changes(h) {
				ticket := h.into(h.open(h.ann, "office"), state)
				c.Any = true
				out, err := h.Change(t.Context(), h.ada, ticket.ID, c, fmt.Sprint(state, name))
				if state == helpdesk.Resolved || state == helpdesk.Closed {
					refused(t, fmt.Sprint(name, " when ", state), err, helpdesk.NotNow)
				} else if err != nil || !out.Changed {
					t.Errorf("%s when %s: %+v, %v", name, state, out, err)
				}
			}
		}
	})
}

func TestUrgentAndBack(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ticket := h.into(h.open(h.ann, "office"), helpdesk.New)
		was := ticket.Priority
		set := func(urgent bool, want string) {
			t.Helper()
			_, err := h.SetUrgent(ctx, h.ada, ticket.ID, urgent)
			h.check(err)
			same(t, "priority", h.ticket(ticket.ID).Priority, want)
		}
		set(true, "urgent")
		set(true, "urgent")
		set(false, was)
		set(true, "urgent")
		_, err := h.Change(ctx, h.amy, ticket.ID, helpdesk.Change{Act: helpdesk.Prioritize, To: "low", Seen: "urgent"}, "form")
		h.check(err)
		set(false, "low") // a colleague gave it that meanwhile
	})
}

// Two agents fill in the same form at the same time: one wins, the other is told by whom.
func TestTwoAgentsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for name, first := range changes(h) {
			if name == "transfer" {
				h.check(h.SetSeen(t.Context(), h.Catalog().Queues[1], store.Seen{Private: true, Members: []string{"eve", "ada", "amy"}}, -time.Second))
			}
			second := first
			switch name {
			case "assign":
				second.Whom = h.ada.Person
			case "priority":
				second.To = "high"
			case "transfer": // there is no third queue: the same again is what both wanted
				second = first
			}
			ticket := h.into(h.open(h.ann, "office"), helpdesk.New)
			var mu sync.Mutex
			errs := map[string]error{}
			outs := map[string]helpdesk.Outcome{}
			together(2, func(i int) {
				who, c := []helpdesk.Actor{h.ada, h.amy}[i], []helpdesk.Change{first, second}[i]
				out, err := h.Change(t.Context(), who, ticket.ID, c, fmt.Sprint(name, i))
				mu.Lock()
				defer mu.Unlock()
				by := []string{"ADA", "AMY"}[i]
				errs[by], outs[by] = err, out
			})
			won, lost := "ADA", "AMY"
			if !outs[won].Changed {
				won, lost = lost, won
			}
			if !outs[won].Changed || outs[lost].Changed {
				t.Fatalf("%s: %+v %v", name, outs, errs)
			}
			by := outs[lost].By
			if name != "transfer" {
				refused(t, name, errs[lost], helpdesk.Overtaken)
				by = errs[lost].(*helpdesk.Refusal).By
			}
			same(t, name+": by whom", by, won)
		}
	})
}

// A second press on what a colleague has just done changes nothing and names the colleague.
func TestWhoWasQuicker(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ticket := h.into(h.open(h.ann, "office"), helpdesk.Open)
		for _, act := range []helpdesk.Act{helpdesk.Wait, helpdesk.Resolve} {
			_, err := h.Do(ctx, h.amy, act, ticket.ID, store.DeskSide)
			h.check(err)
			for who, by := range map[helpdesk.Actor]string{h.ada: "AMY", h.amy: ""} {
				out, err := h.Do(ctx, who, act, ticket.ID, store.DeskSide)
				if err != nil || out.Changed || out.By != by {
					t.Errorf("%s once more: %+v, %v; want by %q", act, out, err, by)
				}
			}
		}
		ticket = h.into(h.open(h.ann, "office"), helpdesk.New)
		_, err := h.Take(ctx, h.amy, ticket.ID, 0)
		h.check(err)
		_, err = h.Take(ctx, h.ada, ticket.ID, 0)
		refused(t, "taken", err, helpdesk.Taken)
		same(t, "by whom", err.(*helpdesk.Refusal).By, "AMY")
	})
}
