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

// doTable says what comes of a button pressed by an agent, ada, who has the ticket where anybody
// has, and by its requester: the state it leads to, "=" where it is so already, or the refusal.
const doTable = `
	state     act      agent     requester
	new       take     open      not_allowed
	new       wait     not_now   not_allowed
	new       resolve  resolved  not_allowed
	new       close    not_now   closed
	new       reopen   =         =
	open      take     =         not_allowed
	open      wait     waiting   not_allowed
	open      resolve  resolved  not_allowed
	open      close    not_now   closed
	open      reopen   =         =
	waiting   take     =         not_allowed
	waiting   wait     =         not_allowed
	waiting   resolve  resolved  not_allowed
	waiting   close    not_now   closed
	waiting   reopen   =         =
	resolved  take     not_now   not_allowed
	resolved  wait     not_now   not_allowed
	resolved  resolve  =         not_allowed
	resolved  close    closed    closed
	resolved  reopen   open      open
	closed    take     not_now   not_allowed
	closed    wait     not_now   not_allowed
	closed    resolve  not_now   not_allowed
	closed    close    =         =
	closed    reopen   open      open
`

func TestEveryButtonInEveryState(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		lines := strings.Split(strings.TrimSpace(doTable), "\n")[1:]
		if want := len(helpdesk.States) * 5; len(lines) != want {
			t.Fatalf("%d lines, want %d", len(lines), want)
		}
		var before store.Ticket // the one to press on, as long as nothing changes it
		for _, line := range lines {
			cells := strings.Fields(line)
			state, act := helpdesk.State(cells[0]), helpdesk.Act(cells[1])
			for i, side := range []string{store.DeskSide, store.RequesterSide} {
				name := fmt.Sprintf("%s, %s from the %s's side", state, act, side)
				who, want := []helpdesk.Actor{h.ada, h.ann}[i], cells[2+i]
				if before.State != string(state) {
					before = h.into(h.open(h.ann, "office"), state)
				}
				h.age(time.Millisecond)
				out, err := h.Do(t.Context(), who, act, before.ID, side)
				now, told := h.ticket(before.ID), h.told(before.ID)
				_, es := h.history(before.ID)
				last := es[len(es)-1]
				switch want {
				case "=":
					if err != nil || out.Changed || out.Event != 0 || out.Ticket.ID != before.ID || told != "" {
						t.Errorf("%s: %+v, %v, told %q", name, out, err, told)
					}
					same(t, name, now, before)
				case "not_now", "not_allowed":
					refused(t, name, err, helpdesk.Code(want))
					same(t, name, now, before)
					same(t, name+": told", told, "")
				default:
					if err != nil || !out.Changed || now.State != want || !now.StateSince.After(before.StateSince.Time) ||
						now.Active != (want == "new" || want == "open" || want == "waiting") {
						t.Errorf("%s: %+v, %v", name, now, err)
					}
					if last.ID != out.Event || last.Act != string(act) || last.Actor != who.Person || last.Detail != want || last.Source != who.Source {
						t.Errorf("%s: noted %+v", name, last)
					}
					wantTold := "desk: card; requester: card event"
					if side == store.RequesterSide {
						wantTold = "desk: card event; requester: card event"
					}
					same(t, name+": told", told, wantTold)
					before = store.Ticket{}
				}
			}
		}
	})
}

func TestWhoMayPressAButton(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ticket := h.into(h.open(h.ann, "office"), helpdesk.Resolved)
		for _, act := range []helpdesk.Act{helpdesk.Take, helpdesk.Wait, helpdesk.Resolve, helpdesk.Close, helpdesk.Reopen} {
			for _, side := range []string{store.DeskSide, store.RequesterSide} {
				for name, c := range map[string]struct {
					who  helpdesk.Actor
					code helpdesk.Code
				}{
					"colleague": {h.ben, helpdesk.UnknownTicket}, "manager elsewhere": {h.gus, helpdesk.UnknownTicket},
					"agent of another queue": {h.eve, helpdesk.UnknownTicket}, "manager": {h.max, helpdesk.NotAllowed},
				} {
					_, err := h.Do(ctx, c.who, act, ticket.ID, side)
					refused(t, fmt.Sprintf("%s, %s from %q", name, act, side), err, c.code)
				}
			}
			// No such ticket, and another's: nobody can tell which.
			_, err := h.Do(ctx, h.ben, act, 999_999, store.DeskSide)
			refused(t, "no such ticket", err, helpdesk.UnknownTicket)
		}
		for _, act := range []helpdesk.Act{helpdesk.See, helpdesk.Submit, helpdesk.Remind, helpdesk.Follow, "", "drop"} {
			for _, who := range []helpdesk.Actor{h.ann, h.ada, h.max, h.ben} {
				if _, err := h.Do(ctx, who, act, ticket.ID, store.DeskSide); err == nil {
					t.Errorf("%q was done", act)
				}
			}
		}
		same(t, "the ticket", h.ticket(ticket.ID), ticket)
		same(t, "told", h.told(ticket.ID), "")
	})
}

func TestTake(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.run("over from a colleague keeps the state and its date", func(t *testing.T) {
			for _, state := range []helpdesk.State{helpdesk.Open, helpdesk.Waiting} {
				before := h.into(h.open(h.ann, "office"), state)
				h.age(time.Minute)
				_, err := h.Do(ctx, h.amy, helpdesk.Take, before.ID, store.DeskSide)
				h.check(err)
				now := h.ticket(before.ID)
				if now.Assignee != h.amy.Person || now.State != before.State || !now.StateSince.Equal(before.StateSince.Time) {
					t.Errorf("%s: %+v", state, now)
				}
			}
		})

		h.run("by two agents at once leaves the ticket with one, as its history says", func(t *testing.T) {
			ticket := h.open(h.ann, "office")
			h.warm(8)
			agents := []helpdesk.Actor{h.ada, h.amy}
			together(8, func(i int) {
				if _, err := h.Do(ctx, agents[i%2], helpdesk.Take, ticket.ID, store.DeskSide); err != nil {
					t.Error(err)
				}
			})
			now := h.ticket(ticket.ID)
			_, es := h.history(ticket.ID)
			for i, e := range es[1:] {
				if e.Act != "take" || i > 0 && e.Actor == es[i].Actor {
					t.Errorf("event %d: %+v", i, e)
				}
			}
			if last := es[len(es)-1]; now.Assignee != last.Actor || now.State != "open" {
				t.Errorf("%+v, but %+v", now, last)
			}
			events := strings.Count(h.told(ticket.ID), "event")
			if events != len(es)-1 {
				t.Errorf("the requester was told of %d of %d changes", events, len(es)-1)
			}
		})

		h.run("a request that comes twice is done once", func(t *testing.T) {
			ticket := h.open(h.ann, "office")
			by := h.ada
			by.Request = "press-1"
			_, err := h.Do(ctx, by, helpdesk.Take, ticket.ID, store.DeskSide)
			h.check(err)
			_, err = h.Do(ctx, h.amy, helpdesk.Take, ticket.ID, store.DeskSide)
			h.check(err)
			_, err = h.Do(ctx, by, helpdesk.Take, ticket.ID, store.DeskSide) // must not take it back
			duplicate(t, "again", err)
			if now := h.ticket(ticket.ID); now.Assignee != h.amy.Person {
				t.Errorf("assigned to %d", now.Assignee)
			}
		})

		h.run("resolving or reopening what nobody has takes it", func(t *testing.T) {
			ticket := h.open(h.ann, "office")
			_, err := h.Do(ctx, h.amy, helpdesk.Resolve, ticket.ID, store.DeskSide)
			h.check(err)
			if now := h.ticket(ticket.ID); now.Assignee != h.amy.Person {
				t.Errorf("resolved by amy, assigned to %d", now.Assignee)
			}
			ticket = h.open(h.ann, "office")
			for _, c := range []struct {
				who  helpdesk.Actor
				act  helpdesk.Act
				side string
			}{{h.ann, helpdesk.Close, store.RequesterSide}, {h.ada, helpdesk.Reopen, store.DeskSide}} {
				_, err := h.Do(ctx, c.who, c.act, ticket.ID, c.side)
				h.check(err)
			}
			if now := h.ticket(ticket.ID); now.Assignee != h.ada.Person || now.State != "open" {
				t.Errorf("reopened by ada: %+v", now)
			}
		})
	})
}

func TestWithdrawnAndReopened(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		press := func(who helpdesk.Actor, act helpdesk.Act, id store.TicketID, side string) error {
			_, err := h.Do(ctx, who, act, id, side)
			return err
		}
		h.run("what nobody had is new again", func(t *testing.T) {
			ticket := h.open(h.ann, "office")
			var mu sync.Mutex
			errs := []error{}
			together(3, func(int) { // pressed several times
				err := press(h.ann, helpdesk.Close, ticket.ID, store.RequesterSide)
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			})
			for _, err := range errs {
				h.check(err)
			}
			same(t, "told", h.told(ticket.ID), "desk: card event; requester: card event")
			h.check(press(h.ann, helpdesk.Reopen, ticket.ID, store.RequesterSide))
			now := h.ticket(ticket.ID)
			if now.State != "new" || now.Assignee != 0 || !now.Active {
				t.Errorf("reopened: %+v", now)
			}
		})
		h.run("what somebody had is theirs again", func(t *testing.T) {
			ticket := h.into(h.open(h.ann, "office"), helpdesk.Waiting)
			h.check(press(h.ann, helpdesk.Close, ticket.ID, store.RequesterSide))
			h.check(press(h.ann, helpdesk.Reopen, ticket.ID, store.RequesterSide))
			if now := h.ticket(ticket.ID); now.State != "open" || now.Assignee != h.ada.Person {
				t.Errorf("reopened: %+v", now)
			}
		})
		h.run("not after the queue's days", func(t *testing.T) {
			within := h.Catalog().Queues[0].ReopenWithin
			ticket := h.into(h.open(h.ann, "office"), helpdesk.Closed)
			h.pass(within + time.Millisecond)
			refused(t, "requester", press(h.ann, helpdesk.Reopen, ticket.ID, store.RequesterSide), helpdesk.TooLate)
			refused(t, "agent", press(h.ada, helpdesk.Reopen, ticket.ID, store.DeskSide), helpdesk.TooLate)
			h.check(press(h.ann, helpdesk.Close, ticket.ID, store.RequesterSide)) // it is so already
			same(t, "the ticket", h.ticket(ticket.ID), ticket)
			ticket = h.into(h.open(h.ann, "office"), helpdesk.Closed)
			h.pass(within)
			h.check(press(h.ada, helpdesk.Reopen, ticket.ID, store.DeskSide))
		})
	})
}

func TestAnAgentNotSeenForTooLongIsLookedUpFirst(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ticket, hers := h.open(h.ann, "office"), h.open(h.ada, "office")
		h.age(helpdesk.MembersFresh - time.Millisecond)
		_, err := h.Do(ctx, h.ada, helpdesk.Take, ticket.ID, store.DeskSide)
		h.check(err)
		h.age(time.Millisecond)
		_, err = h.Do(ctx, h.ada, helpdesk.Wait, ticket.ID, store.DeskSide)
		refused(t, "button", err, helpdesk.Unverified)
		_, err = h.Say(ctx, h.ada, ticket.ID, store.DeskSide, helpdesk.Internal, "x", "unsure")
		refused(t, "note", err, helpdesk.Unverified)
		_, err = h.View(ctx, h.ada, ticket.ID, helpdesk.Latest)
		refused(t, "view", err, helpdesk.Unverified)
		_, _, err = h.Addressee(ctx, h.ada, helpdesk.Reply, ticket.ID, store.DeskSide)
		refused(t, "form", err, helpdesk.Unverified)
		_, err = h.Do(ctx, h.eve, helpdesk.Wait, ticket.ID, store.DeskSide)
		refused(t, "an agent of another queue", err, helpdesk.UnknownTicket)
		_, err = h.Do(ctx, h.ada, helpdesk.Close, hers.ID, store.RequesterSide) // as requester she needs no looking up
		h.check(err)
		h.check(h.SetSeen(ctx, h.Catalog().Queues[0], store.Seen{Private: true, Members: []string{"amy"}}, 0)) // she has left
		_, err = h.Do(ctx, h.ada, helpdesk.Wait, ticket.ID, store.DeskSide)
		refused(t, "afterwards", err, helpdesk.UnknownTicket)
	})
}
