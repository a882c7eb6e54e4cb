package helpdesk_test

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// met counts what the rules did, by rule and ticket.
type met map[string]int

// tick has several copies of the program look at their schedules at once.
func (h *house) tick(copies int) met {
	h.t.Helper()
	out, now := met{}, h.clock()
	var mu sync.Mutex
	together(copies, func(int) {
		next, err := helpdesk.NewDesk(h.db, h.Catalog()).Tick(h.t.Context(), now, func(m helpdesk.Met) {
			mu.Lock()
			defer mu.Unlock()
			out[fmt.Sprintf("%s %d", m.Rule, m.Ticket)]++
		})
		if err != nil || !next.After(now) || next.After(now.Add(24*time.Hour)) {
			h.t.Errorf("tick at %s: next %s, %v", now, next, err)
		}
	})
	return out
}

// later lets time go by until a moment when every schedule has come round, and ticks.
func (h *house) later(d time.Duration, copies int) met {
	h.t.Helper()
	h.pass(d)
	return h.tick(copies)
}

func TestReminders(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.warm(3)
		h.tick(3) // the schedules become known

		h.run("come once for each cause, however many copies run", func(t *testing.T) {
			fresh, waits, done := h.open(h.ann, "office"), h.into(h.open(h.ann, "office"), helpdesk.Waiting), h.into(h.open(h.ann, "emm"), helpdesk.New)
			_, err := h.Do(ctx, h.eve, helpdesk.Resolve, done.ID, store.DeskSide)
			h.check(err)
			h.told(0)
			name := func(rule string, t store.Ticket) string { return fmt.Sprintf("%s %d", rule, t.ID) }

			same(t, "too early", h.later(29*time.Minute, 3), met{})
			same(t, "after half an hour", h.later(6*time.Minute, 3), met{name("unassigned", fresh): 1})
			same(t, "told", h.told(fresh.ID), "desk: channel")
			same(t, "later that day", h.later(2*time.Hour, 3), met{})
			same(t, "after two days", h.later(48*time.Hour, 3), met{name("waiting", waits): 1})
			same(t, "told", h.told(waits.ID), "requester: event")
			same(t, "after three days", h.later(24*time.Hour, 3), met{name("close", done): 1})
			same(t, "told", h.told(done.ID), "desk: card; requester: card event")
			same(t, "after a month", h.later(30*24*time.Hour, 3), met{})

			now := h.ticket(done.ID)
			_, es := h.history(done.ID)
			if last := es[len(es)-1]; now.State != "closed" || now.Active || last.Act != "close" || last.Actor != 0 || last.Source != "cron" {
				t.Errorf("closed: %+v, %+v", now, last)
			}
			for _, id := range []store.TicketID{fresh.ID, waits.ID} {
				_, es := h.history(id)
				if last := es[len(es)-1]; last.Act != "remind" || last.Actor != 0 {
					t.Errorf("reminded: %+v", last)
				}
			}
			for _, id := range []store.TicketID{fresh.ID, waits.ID} {
				_, err := h.Do(ctx, h.ann, helpdesk.Close, id, store.RequesterSide)
				h.check(err)
			}
		})

		h.run("come again when a ticket leaves its state and comes back", func(t *testing.T) {
			ticket := h.into(h.open(h.ann, "office"), helpdesk.Waiting)
			reminded := met{fmt.Sprintf("waiting %d", ticket.ID): 1}
			same(t, "first", h.later(49*time.Hour, 1), reminded)
			_, err := h.Do(ctx, h.amy, helpdesk.Take, ticket.ID, store.DeskSide) // another agent: the same cause
			h.check(err)
			same(t, "not again", h.later(49*time.Hour, 1), met{})
			_, err = h.hear(h.ann, ticket, store.RequesterSide, "x")
			h.check(err)
			_, err = h.Do(ctx, h.amy, helpdesk.Wait, ticket.ID, store.DeskSide)
			h.check(err)
			same(t, "too early", h.later(47*time.Hour, 1), met{})
			same(t, "again", h.later(2*time.Hour, 1), reminded)
			h.into(ticket, helpdesk.Open)
		})

		h.run("catch up once after three days in which nothing ran", func(t *testing.T) {
			ticket := h.open(h.ann, "office")
			same(t, "afterwards", h.later(72*time.Hour+time.Minute, 3), met{fmt.Sprintf("unassigned %d", ticket.ID): 1})
			same(t, "told", h.told(ticket.ID), "desk: channel")
			same(t, "at once again", h.tick(3), met{})
		})

		h.run("wait for their schedule", func(t *testing.T) { // every five minutes, and it is one minute past
			ticket := h.open(h.ann, "office")
			at := h.clock()
			h.pass(at.Truncate(time.Hour).Add(time.Hour + 30*time.Minute).Sub(at))
			h.tick(1)
			other := h.open(h.ann, "office")
			same(t, "due, but nobody looks", h.later(5*time.Minute-time.Millisecond, 1), met{})
			h.into(ticket, helpdesk.Open)
			same(t, "due", h.later(25*time.Minute+time.Millisecond, 1), met{fmt.Sprintf("unassigned %d", other.ID): 1})
			h.into(other, helpdesk.Open)
		})

		h.run("pass over a ticket that somebody took meanwhile", func(t *testing.T) {
			first, second := h.open(h.ann, "office"), h.open(h.ann, "office")
			h.pass(time.Hour)
			var got []store.TicketID
			_, err := h.Tick(ctx, h.clock(), func(m helpdesk.Met) {
				got = append(got, m.Ticket)
				other := first.ID + second.ID - m.Ticket
				if _, err := h.Do(ctx, h.ada, helpdesk.Take, other, store.DeskSide); err != nil {
					t.Error(err)
				}
			})
			h.check(err)
			if len(got) != 1 {
				t.Errorf("reminded of %v", got)
			}
		})
	})
}

func TestRemindersOfManyTickets(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.warm(3)
		h.tick(1)
		const many = 250
		want := met{}
		h.check(h.db.Write(ctx, func(tx *store.Tx) error {
			for i := range many {
				ticket, _, err := tx.AddTicket(ctx, store.Ticket{Kind: "incident", Service: "office", Queue: "support", Organization: "acme",
					Requester: h.ann.Person, Subject: "x", State: "new", Active: true, StateSince: tx.Now, DueAt: store.At(tx.Now.Add(30 * time.Minute)), Origin: "slack:T1", Nonce: fmt.Sprint("many ", i)})
				if err != nil {
					return err
				}
				want[fmt.Sprintf("unassigned %d", ticket.ID)] = 1
			}
			return nil
		}))
		got := h.later(time.Hour, 3)
		same(t, "reminded", got, want)
		if n := len(h.deliveries()); n != many {
			t.Errorf("%d deliveries", n)
		}
		if again := h.later(time.Hour, 3); len(again) > 0 {
			t.Errorf("reminded again of %d", len(again))
		}
	})
}

// A failure halfway, here of the clock's owner being cut off, leaves the rest for the next run.
func TestRemindersGoOnAfterAFailure(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.tick(1)
		want := met{}
		for range 3 {
			want[fmt.Sprintf("unassigned %d", h.open(h.ann, "office").ID)] = 1
		}
		h.pass(time.Hour)
		got := met{}
		ctx, cut := context.WithCancel(t.Context())
		_, err := h.Tick(ctx, h.clock(), func(m helpdesk.Met) {
			got[fmt.Sprintf("%s %d", m.Rule, m.Ticket)]++
			cut()
		})
		if err == nil || len(got) != 1 {
			t.Fatalf("%v, %v", got, err)
		}
		maps.Copy(got, h.later(5*time.Minute, 1))
		same(t, "reminded in all", got, want)
	})
}
