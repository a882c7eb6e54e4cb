package helpdesk_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

func TestHear(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, c := range []struct {
			name     string
			who      helpdesk.Actor
			service  string
			side     string
			typed    string
			body     string
			audience string
			told     string
			state    helpdesk.State
		}{
			{"an agent's words go out and take the ticket", h.ada, "office", store.DeskSide, "Hello", "Hello", store.Public,
				"desk: receipt card; requester: message card", helpdesk.Open},
			{"an agent's note stays inside", h.ada, "office", store.DeskSide, "Note\u202f: secret", "secret", store.Internal,
				"desk: receipt", helpdesk.New},
			{"what an agent types stays inside where the queue says so", h.eve, "emm", store.DeskSide, "hm", "hm", store.Internal,
				"desk: receipt", helpdesk.New},
			{"what is marked as a reply goes out all the same", h.eve, "emm", store.DeskSide, "réponse : oui", "oui", store.Public,
				"desk: receipt card; requester: message card", helpdesk.Open},
			{"the requester's words reach the desk", h.ann, "office", store.RequesterSide, "Any news?", "Any news?", store.Public,
				"desk: message", helpdesk.New},
			{"a prefix means nothing on the requester's side", h.ann, "emm", store.RequesterSide, "note: x", "note: x", store.Public,
				"desk: message", helpdesk.New},
		} {
			h.run(c.name, func(t *testing.T) {
				ticket := h.open(h.ann, c.service)
				s, err := h.hear(c.who, ticket, c.side, c.typed)
				h.check(err)
				if !s.Changed || s.Kept || string(s.Audience) != c.audience || s.Message == 0 {
					t.Errorf("spoken: %+v", s)
				}
				same(t, "told", h.told(ticket.ID), c.told)
				ms, _ := h.history(ticket.ID)
				if m := ms[len(ms)-1]; len(ms) != 2 || m.Body != c.body || m.Audience != c.audience || m.Side != c.side || m.Author != c.who.Person {
					t.Errorf("kept %+v", ms)
				}
				now := h.ticket(ticket.ID)
				same(t, "state", helpdesk.State(now.State), c.state)
				if got := now.Assignee != 0; got != (c.state == helpdesk.Open) {
					t.Errorf("assigned to %d", now.Assignee)
				}
			})
		}

		h.run("who has no business in a thread is refused", func(t *testing.T) {
			ticket := h.open(h.ann, "office")
			for name, c := range map[string]struct {
				who  helpdesk.Actor
				side string
				code helpdesk.Code
			}{
				"requester at the desk":            {h.ann, store.DeskSide, helpdesk.NotAllowed},
				"manager at the desk":              {h.max, store.DeskSide, helpdesk.NotAllowed},
				"agent in the requester's":         {h.ada, store.RequesterSide, helpdesk.NotAllowed},
				"colleague":                        {h.ben, store.RequesterSide, helpdesk.UnknownTicket},
				"manager of another organization":  {h.gus, store.RequesterSide, helpdesk.UnknownTicket},
				"agent of another queue":           {h.eve, store.DeskSide, helpdesk.UnknownTicket},
				"an agent who writes nothing":      {h.ada, store.DeskSide, helpdesk.Empty},
				"an agent whose note says nothing": {h.amy, store.DeskSide, helpdesk.Empty},
			} {
				text := map[string]string{"an agent who writes nothing": " \n\u00a0", "an agent whose note says nothing": "note :\u202f"}[name]
				if text == "" {
					text = "x"
				}
				_, err := h.hear(c.who, ticket, c.side, text)
				refused(t, name, err, c.code)
			}
			ms, es := h.history(ticket.ID)
			same(t, "told", h.told(ticket.ID), "")
			if len(ms) != 1 || len(es) != 1 {
				t.Errorf("history: %+v %+v", ms, es)
			}
		})

		h.run("a message that comes twice changes nothing", func(t *testing.T) {
			ticket := h.open(h.ann, "office")
			h.link(ticket)
			post := h.post(ticket, store.RequesterSide, "twice", "x")
			by := h.ann
			by.Request = "event-1"
			_, err := h.Hear(t.Context(), by, "ann", post)
			h.check(err)
			h.told(0)
			_, err = h.Hear(t.Context(), h.ann, "ann", post)
			duplicate(t, "same id", err)
			post.External.ID = "other"
			_, err = h.Hear(t.Context(), by, "ann", post)
			duplicate(t, "same request", err)
			ms, _ := h.history(ticket.ID)
			if len(ms) != 2 || h.told(ticket.ID) != "" {
				t.Errorf("history %+v", ms)
			}
		})

		h.run("a refused message may come again once it is allowed", func(t *testing.T) {
			ticket := h.open(h.ann, "office")
			h.link(ticket)
			post := h.post(ticket, store.DeskSide, "again", "x")
			by := h.ada
			by.Request = "event-2"
			h.age(helpdesk.MembersFresh)
			_, err := h.Hear(t.Context(), by, "ada", post)
			refused(t, "stale", err, helpdesk.Unverified)
			h.refresh()
			_, err = h.Hear(t.Context(), by, "ada", post)
			h.check(err)
		})

		h.run("a message that comes several times at once is taken once", func(t *testing.T) {
			ticket := h.into(h.open(h.ann, "office"), helpdesk.Closed)
			h.pass(8 * 24 * time.Hour) // so long that it opens another ticket, which must be one as well
			h.link(ticket)
			post := h.post(ticket, store.RequesterSide, "at once", "x")
			h.warm(6)
			var taken, doubled atomic.Int32
			together(6, func(int) {
				_, err := h.Hear(t.Context(), h.ann, "ann", post)
				switch {
				case err == nil:
					taken.Add(1)
				case errors.Is(err, helpdesk.ErrDuplicate):
					doubled.Add(1)
				default:
					t.Error(err)
				}
			})
			_, es := h.history(ticket.ID)
			if taken.Load() != 1 || doubled.Load() != 5 || es[len(es)-1].Act != "follow" || es[len(es)-2].Act == "follow" {
				t.Errorf("taken %d times, %d times not; history %+v", taken.Load(), doubled.Load(), es)
			}
			same(t, "told", h.told(ticket.ID), "requester: event")
		})
	})
}

func TestAMessageWaitsForItsThread(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		// begun opens a ticket whose cards are not posted yet, and claims the card of one side.
		begun := func(nonce, side string) (store.Ticket, store.Delivery) {
			r := whole()
			r.Service = "office"
			out, err := h.Open(ctx, h.ann, r, nonce)
			h.check(err)
			var card store.Delivery
			h.check(h.db.Write(ctx, func(tx *store.Tx) error {
				ds, err := claim(ctx, tx)
				for _, d := range ds {
					if helpdesk.SideOfLane(out.Ticket, d.Lane) == side {
						card = d
					} else if _, err := tx.Done(ctx, d); err != nil {
						return err
					}
				}
				return err
			}))
			return out.Ticket, card
		}

		h.run("and is placed with the others in order when the thread is known", func(t *testing.T) {
			ticket, card := begun("waits", store.DeskSide)
			for i, by := range []struct {
				who     helpdesk.Actor
				account string
				text    string
			}{{h.ada, "ada", "first"}, {h.ben, "ben", "not allowed"}, {h.amy, "amy", "note: second"}, {h.ada, "ada", "note:"}, {h.ada, "ada", "third"}} {
				post := h.post(ticket, store.DeskSide, string(rune('a'+i)), by.text)
				account := by.account
				for range 2 { // each comes twice
					s, err := h.Hear(ctx, by.who, account, post)
					h.check(err)
					if !s.Kept || s.Changed {
						t.Errorf("%s: %+v", by.text, s)
					}
				}
			}
			_, err := h.Meet(ctx, store.Account{Workspace: "slack:T9", ID: "ben"}, "Ben at the desk", "")
			h.check(err)
			th := h.thread(ticket, store.DeskSide)
			h.delivered(card, th)
			ms, _ := h.history(ticket.ID)
			var bodies []string
			for _, m := range ms[1:] {
				bodies = append(bodies, m.Audience+" "+m.Body)
			}
			same(t, "placed", bodies, []string{"public first", "internal second", "public third"})
			same(t, "told", h.told(ticket.ID), "desk: receipt card receipt receipt; requester: message card message")
			now := h.ticket(ticket.ID)
			if now.Assignee != h.ada.Person || now.State != "open" {
				t.Errorf("afterwards: %+v", now)
			}
			_, err = h.Hear(ctx, h.ada, "ada", h.post(ticket, store.DeskSide, "a", "first"))
			duplicate(t, "redelivered after it was placed", err)
		})

		h.run("also on the requester's side, and once", func(t *testing.T) {
			ticket, card := begun("waits too", store.RequesterSide)
			_, err := h.Hear(ctx, h.ann, "ann", h.post(ticket, store.RequesterSide, "r", "by the way"))
			h.check(err)
			th := h.thread(ticket, store.RequesterSide)
			h.delivered(card, th)
			h.check(h.Link(ctx, th))
			if noted, _, err := h.Deliver(ctx, helpdesk.Want{}, helpdesk.Made{Delivery: card, Began: &th}); len(noted) > 0 || err != nil {
				t.Errorf("delivered twice: %v, %v", noted, err)
			}
			if ms, _ := h.history(ticket.ID); len(ms) != 2 || ms[1].Body != "by the way" {
				t.Errorf("placed %+v", ms)
			}
		})

		h.run("and is not placed in another thread", func(t *testing.T) {
			ticket, card := begun("elsewhere", store.DeskSide)
			post := h.post(ticket, store.DeskSide, "e", "x")
			for _, change := range []func(*helpdesk.Post){
				func(p *helpdesk.Post) { p.Root = "other" }, func(p *helpdesk.Post) { p.Channel = "C-emm" }, func(p *helpdesk.Post) { p.Workspace = "slack:T1" }} {
				p := post
				change(&p)
				_, err := h.Hear(ctx, h.ada, "ada", p)
				h.check(err)
			}
			th := h.thread(ticket, store.DeskSide)
			h.delivered(card, th)
			if ms, _ := h.history(ticket.ID); len(ms) != 1 {
				t.Errorf("placed %+v", ms)
			}
		})
	})
}
