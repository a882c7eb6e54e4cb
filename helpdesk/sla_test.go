package helpdesk_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guichet/helpdesk"
	"guichet/helpdesk/clock"
	"guichet/store"
)

// watched is the catalog with targets, office hours and reminders that escalate.
func watched() *helpdesk.Catalog {
	c := catalog()
	week := []time.Weekday{1, 2, 3, 4, 5}
	for i := range c.Queues {
		q := &c.Queues[i]
		q.Calendar = clock.NewCalendar(time.UTC, []clock.Hours{{Days: week, From: 9 * time.Hour, To: 12 * time.Hour},
			{Days: week, From: 13 * time.Hour, To: 18 * time.Hour}}, clock.French)
		q.Targets = map[string]clock.Targets{"low": {First: 2 * time.Hour, Next: 4 * time.Hour, Resolution: 16 * time.Hour}, "urgent": {First: time.Hour}}
		q.Lead = store.Account{Workspace: "slack:T9", ID: "eve"}
		q.Unassigned = helpdesk.Reminder{Schedule: "*/5 * * * *", Steps: []clock.Step{{After: 30 * time.Minute, Do: helpdesk.ToQueue}, {After: time.Hour, Do: helpdesk.ToLead}}}
		q.Risk = helpdesk.Reminder{Schedule: "* * * * *", Percent: 75, Steps: []clock.Step{{Do: helpdesk.ToAgent}}}
		q.Breach = helpdesk.Reminder{Schedule: "* * * * *", Steps: []clock.Step{{Do: helpdesk.ToAgent}, {After: time.Hour, Do: helpdesk.ToQueue}, {After: 2 * time.Hour, Do: helpdesk.ToLead}}}
		q.Waiting = helpdesk.Reminder{Schedule: "0 * * * *", Steps: []clock.Step{{After: 48 * time.Hour, Do: helpdesk.Nudge},
			{After: 96 * time.Hour, Do: helpdesk.Warn}, {After: 120 * time.Hour, Do: helpdesk.Finish}}}
	}
	return c
}

// until lets time go by, minute by minute as a program that runs does, and lists what was done by itself.
func (h *house) until(day string) (done []string) {
	h.t.Helper()
	end, err := time.Parse("2006-01-02 15:04", day)
	h.check(err)
	for h.clock().Before(end) {
		next, err := h.Tick(h.t.Context(), h.clock(), func(m helpdesk.Met) {
			done = append(done, fmt.Sprintf("%s %s %s", h.clock().Format("01-02 15:04"), m.Rule, m.Do))
		})
		h.check(err)
		if next.After(end) {
			next = end
		}
		h.pass(next.Sub(h.clock()))
	}
	return done
}

func TestRemindersEscalateInBusinessHours(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.Desk = helpdesk.NewDesk(h.db, watched())
		h.until("2026-11-20 17:20") // a Friday
		ticket := h.open(h.ann, "office")
		h.link(ticket)
		same(t, "nobody takes it", h.until("2026-11-23 09:30"), []string{"11-20 17:50 unassigned queue", "11-23 09:20 unassigned lead"})
		_, err := h.Take(ctx, h.ada, ticket.ID, 0)
		h.check(err)
		// 40 minutes on Friday, then from 9: three quarters of two hours are over at 9:50.
		same(t, "no answer", h.until("2026-11-23 11:00"), []string{"11-23 09:50 risk/first agent", "11-23 10:20 breach/first agent"})
		_, err = h.hear(h.ada, ticket, store.DeskSide, "Which version?")
		h.check(err)
		same(t, "answered: nobody is told any more", h.until("2026-11-23 15:00"), nil)
		_, err = h.hear(h.ann, ticket, store.RequesterSide, "The newest.")
		h.check(err)
		// 4 hours from 15:00: 3 on Monday, one on Tuesday. And the resolution's 12 of 16 hours: 40 min + 8 h + 3 h 20 min. What would
		// come as the desk closes, or at lunch, comes when it opens.
		same(t, "asked again", h.until("2026-11-24 13:30"), []string{"11-24 09:00 risk/next agent", "11-24 10:00 breach/next agent",
			"11-24 11:00 breach/next queue", "11-24 13:00 breach/next lead", "11-24 13:20 risk/resolution agent"})
	})
}

func TestARequesterIsWarnedBeforeTheirTicketIsClosed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.Desk = helpdesk.NewDesk(h.db, watched())
		h.until("2026-11-23 10:00") // a Monday
		ticket := h.into(h.open(h.ann, "office"), helpdesk.Waiting)
		same(t, "reminded and warned", h.until("2026-11-27 10:30"), []string{"11-25 10:00 waiting nudge", "11-27 10:00 waiting warn"})
		for name, who := range map[string]helpdesk.Actor{"a colleague": h.ben, "a stranger": h.gus, "an agent": h.ada} {
			if _, err := h.Do(ctx, who, helpdesk.Keep, ticket.ID, store.RequesterSide); err == nil {
				t.Errorf("%s keeps it open", name)
			}
		}
		out, err := h.Do(ctx, h.ann, helpdesk.Keep, ticket.ID, store.RequesterSide)
		h.check(err)
		if !out.Changed || out.Ticket.State != string(helpdesk.Waiting) {
			t.Errorf("kept open: %+v", out)
		}
		// From Friday 10:30 on: two days end on a Sunday, four on a Tuesday.
		same(t, "all begins anew", h.until("2026-12-02 11:00"), []string{"11-30 09:00 waiting nudge", "12-01 11:00 waiting warn"})
		same(t, "closed", h.until("2026-12-02 11:01"), []string{"12-02 11:00 waiting close"})
		_, es := h.history(ticket.ID)
		if last := es[len(es)-1]; last.Act != "close" || last.Actor != 0 || last.Words != helpdesk.Unanswered {
			t.Errorf("closed by %+v", last)
		}
		_, err = h.Do(ctx, h.ann, helpdesk.Keep, ticket.ID, store.RequesterSide)
		refused(t, "keeping what is closed", err, helpdesk.NotNow)
		_, err = h.Do(ctx, h.ann, helpdesk.Reopen, ticket.ID, store.RequesterSide)
		h.check(err)
	})
}

func TestSnoozedRemindersWait(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.Desk = helpdesk.NewDesk(h.db, watched())
		h.until("2026-11-23 10:00")
		ticket := h.open(h.ann, "office")
		h.link(ticket)
		until := h.clock().Add(3 * time.Hour)
		for name, who := range map[string]helpdesk.Actor{"the requester": h.ann, "a colleague": h.ben, "their manager": h.max, "a stranger": h.gus, "another queue's agent": h.eve} {
			if _, err := h.Snooze(ctx, who, ticket.ID, "3h", ""); err == nil {
				t.Errorf("%s puts reminders off", name)
			}
		}
		_, err := h.Snooze(ctx, h.ada, ticket.ID, "91d", "")
		refused(t, "for ever", err, helpdesk.BadForm)
		_, err = h.Snooze(ctx, h.ada, ticket.ID, "3h", "a form")
		h.check(err)
		_, err = h.Snooze(ctx, h.ada, ticket.ID, "4h", "a form")
		if err != helpdesk.ErrDuplicate {
			t.Errorf("the form again: %v", err)
		}
		same(t, "put off, and made up for once", h.until("2026-11-23 13:30"), []string{"11-23 13:00 unassigned lead", "11-23 13:00 breach/first agent"})
		y, err := h.Why(ctx, h.ada, ticket.ID)
		h.check(err)
		if !y.Agent || y.Clocks.Snoozed.Time() != until || len(y.Spans) == 0 {
			t.Errorf("why: %+v", y)
		}
		_, err = h.Why(ctx, h.gus, ticket.ID)
		refused(t, "a stranger asks why", err, helpdesk.UnknownTicket)
		y, err = h.Why(ctx, h.ann, ticket.ID)
		h.check(err)
		if y.Agent || len(y.Dues) > 0 {
			t.Errorf("the requester sees what agents are reminded of: %v", y.Dues)
		}
	})
}

// Settings that were changed hold for what is there, from the next start on; and for what is due of a million tickets they are not
// read again.
func TestNewSettingsHoldForWhatIsThere(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.until("2026-11-23 10:00")
		ticket := h.open(h.ann, "office")
		same(t, "as it was", h.until("2026-11-23 10:20"), nil)
		sooner := watched()
		sooner.Queues[0].Unassigned.Steps[0].After = 10 * time.Minute
		h.Desk = helpdesk.NewDesk(h.db, sooner)
		same(t, "as it is now", h.until("2026-11-23 10:21"), []string{"11-23 10:20 unassigned queue"})
		same(t, "and after another start", func() []string { h.Desk = helpdesk.NewDesk(h.db, sooner); return h.until("2026-11-23 10:50") }(), nil)
		if due := h.ticket(ticket.ID).DueAt; due.IsZero() {
			t.Error("nothing is due any more")
		}
	})
}

// Whatever happens to tickets, what is kept of their clocks is what their history says.
func TestKeptClocksAreWhatTheHistorySays(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.Desk = helpdesk.NewDesk(h.db, watched())
		seed := rand.Uint64()
		random := rand.New(rand.NewPCG(seed, 0))
		var tickets []store.Ticket
		for range 3 {
			tickets = append(tickets, h.open(h.ann, "office"))
			h.link(tickets[len(tickets)-1])
		}
		var trail []string
		for n := range 120 {
			ticket := tickets[random.IntN(len(tickets))]
			h.age(time.Millisecond) // of two things in one, nobody knows later which came first
			h.refresh()
			who, side := h.ada, store.DeskSide
			if random.IntN(3) == 0 {
				who, side = h.ann, store.RequesterSide
			}
			var err error
			what := ""
			switch random.IntN(9) {
			case 0, 1:
				act := []helpdesk.Act{helpdesk.Wait, helpdesk.Resolve, helpdesk.Close, helpdesk.Reopen, helpdesk.Keep, helpdesk.Release}[random.IntN(6)]
				what = string(act)
				_, err = h.Do(ctx, who, act, ticket.ID, side)
			case 2:
				what = "take"
				_, err = h.Take(ctx, h.ada, ticket.ID, 0)
			case 3, 4:
				what = "write"
				_, err = h.hear(who, ticket, side, []string{"x", "thanks", "note: y"}[random.IntN(3)])
			case 5:
				what = "priority"
				_, err = h.Change(ctx, h.ada, ticket.ID, helpdesk.Change{Act: helpdesk.Prioritize, To: helpdesk.Priorities[random.IntN(4)], Any: true}, "")
			case 6:
				what = "assign"
				_, err = h.Change(ctx, h.ada, ticket.ID, helpdesk.Change{Act: helpdesk.Assign, Whom: h.amy.Person, Any: true}, "")
			case 7:
				what = "time"
				h.pass(time.Duration(random.IntN(600)) * time.Minute)
				_, err = h.Tick(ctx, h.clock(), func(helpdesk.Met) {})
			case 8:
				what = "unsay"
				if ms, _ := h.history(ticket.ID); len(ms) > 1 {
					m := ms[1+random.IntN(len(ms)-1)]
					author := h.ada
					if m.Side == store.RequesterSide {
						author = h.ann
					}
					_, err = h.Revise(ctx, author, "", helpdesk.Revision{External: m.External, Deleted: true})
				}
			}
			if err != nil && !strings.Contains(err.Error(), "refused") {
				t.Fatalf("seed %d: %s: %v", seed, what, err)
			}
			trail = append(trail, what)
			for _, id := range tickets {
				if wrong := h.disagree(id.ID); wrong != "" {
					t.Fatalf("seed %d, after %d acts (%v): %s", seed, n, trail, wrong)
				}
			}
		}
	})
}

// disagree says in what the clocks that are kept of a ticket are not what its history says; empty: in nothing.
func (h *house) disagree(id store.TicketID) string {
	h.t.Helper()
	y, err := h.Why(h.t.Context(), h.ada, id)
	h.check(err)
	kept, p := h.Clocks(y.Ticket)
	if diff := cmp.Diff(plainly(y.Clocks), plainly(kept)); diff != "" {
		return diff
	}
	if wakes := y.Clocks.Wakes(p); y.Ticket.Clocks != "" && wakes != clock.InstantOf(y.DueAt.Time) {
		return fmt.Sprintf("due at %v, want %v", y.DueAt, wakes.Time())
	}
	return ""
}

// plainly makes no difference between nothing told and none.
func plainly(t clock.Ticket) clock.Ticket {
	if len(t.Told) == 0 {
		t.Told = nil
	}
	return t
}
