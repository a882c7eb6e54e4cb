package helpdesk_test

import (
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/helpdesk/clock"
	"guichet/store"
)

// handing is a desk whose queue support gives its tickets out, and one who looks at what is due.
func (h *house) handing(policy string, rota ...string) {
	c := watched()
	c.Queues[0].Assign = policy
	c.Queues[0].Rota = func(time.Time) []string { return rota }
	h.Desk = helpdesk.NewDesk(h.db, c)
}

func (h *house) given(t store.Ticket) string {
	h.t.Helper()
	switch now := h.ticket(t.ID); now.Assignee {
	case 0:
		return now.State + ": nobody"
	case h.ada.Person:
		return now.State + ": ada"
	case h.amy.Person:
		return now.State + ": amy"
	}
	return "somebody else"
}

func TestTicketsAreGivenInTurn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.until("2026-11-22 12:00") // a Sunday
		h.handing(helpdesk.RoundRobin)
		var all []store.Ticket
		for range 5 {
			all = append(all, h.open(h.ann, "office"))
		}
		h.tick(3)
		same(t, "on a Sunday", h.given(all[0]), "new: nobody")
		h.pass(21 * time.Hour) // Monday, 9:00
		h.tick(3)
		for i, want := range []string{"open: ada", "open: amy", "open: ada", "open: amy", "open: ada"} {
			same(t, "given", h.given(all[i]), want)
		}
		same(t, "told", h.told(all[0].ID), "desk: card event; requester: card event")
		_, es := h.history(all[0].ID)
		if last := es[len(es)-1]; last.Act != "assign" || last.Actor != 0 || last.Whom != h.ada.Person || last.Source != "cron" {
			t.Errorf("noted: %+v", last)
		}
		h.tick(2)
		if _, es := h.history(all[0].ID); len(es) != 2 {
			t.Errorf("given again: %v", es)
		}

		// What somebody gives back stays with everybody; what comes back from elsewhere, or is reopened, is given out anew.
		_, err := h.Do(ctx, h.ada, helpdesk.Release, all[0].ID, store.DeskSide)
		h.check(err)
		h.tick(2)
		same(t, "given back", h.given(all[0]), "new: nobody")
		_, err = h.Change(ctx, h.ada, all[0].ID, helpdesk.Change{Act: helpdesk.Transfer, To: "emm", Reason: "x", Any: true}, "")
		h.check(err)
		_, err = h.Change(ctx, h.eve, all[0].ID, helpdesk.Change{Act: helpdesk.Transfer, To: "support", Reason: "x", Any: true}, "")
		h.check(err)
		h.tick(2)
		same(t, "back from elsewhere", h.given(all[0]), "open: amy")
	})
}

func TestWhoHasTheFewestTicketsGetsTheNext(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.until("2026-11-23 10:00")
		h.handing(helpdesk.LeastLoaded)
		for range 3 {
			_, err := h.Take(t.Context(), h.ada, h.open(h.ann, "office").ID, 0)
			h.check(err)
		}
		var got []string
		for range 4 {
			ticket := h.open(h.ann, "office")
			h.tick(2)
			got = append(got, h.given(ticket))
		}
		same(t, "given", got, []string{"open: amy", "open: amy", "open: amy", "open: ada"})
	})
}

func TestWhoIsOnCallGetsTheTicketByNightToo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.until("2026-11-22 03:00")
		for _, named := range []string{"AMY", "amy", "acme:amy"} {
			h.handing(helpdesk.OnCall, "Somebody", named)
			ticket := h.open(h.ann, "office")
			h.tick(2)
			same(t, named, h.given(ticket), "open: amy")
		}
		h.handing(helpdesk.OnCall, "Eve", "Somebody") // no agent of this queue
		ticket := h.open(h.ann, "office")
		h.tick(2)
		same(t, "nobody", h.given(ticket), "new: nobody")
		h.tick(2)
		_, es := h.history(ticket.ID)
		if len(es) != 2 || es[1].Act != "remind" {
			t.Errorf("noted: %+v", es)
		}
		same(t, "the queue hears of it", h.until("2026-11-23 09:31"), []string{"11-23 09:30 unassigned queue"})
	})
}

// Who is an agent that nobody has looked up for too long is no agent: nobody is given a ticket.
func TestNobodyIsGivenATicketUnseen(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.until("2026-11-23 10:00")
		h.handing(helpdesk.RoundRobin)
		ticket := h.open(h.ann, "office")
		h.age(time.Hour)
		h.tick(1)
		same(t, "unseen", h.given(ticket), "new: nobody")
	})
}

// On call, and leading: whom a reminder calls.
func TestWhomAReminderCalls(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.until("2026-11-23 10:00")
		c := watched()
		c.Queues[0].Rota = func(time.Time) []string { return []string{"Amy", "Ada"} }
		c.Queues[0].Unassigned.Steps = []clock.Step{{After: 10 * time.Minute, Do: helpdesk.ToQueue}, {After: 20 * time.Minute, Do: helpdesk.ToOnCall}, {After: 30 * time.Minute, Do: helpdesk.ToLead}}
		h.Desk = helpdesk.NewDesk(h.db, c)
		ticket := h.open(h.ann, "office")
		h.link(ticket)
		h.told(0)
		for _, want := range [][]string{nil, {"amy", "ada"}, {"eve"}} {
			h.pass(10 * time.Minute)
			h.tick(2)
			ds := h.deliveries()
			if len(ds) != 1 {
				t.Fatalf("%d deliveries", len(ds))
			}
			b, err := h.Brief(t.Context(), ds[0])
			h.check(err)
			same(t, "called", b.Calls, want)
			h.told(0)
		}
	})
}
