package helpdesk_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"guichet/helpdesk"
	"guichet/store"
)

func TestCursorComesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := helpdesk.Cursor{Message: store.MessageID(rapid.Int64().Draw(t, "message")), Event: store.EventID(rapid.Int64().Draw(t, "event"))}
		if got := helpdesk.ParseCursor(c.String()); got != c {
			t.Fatalf("%v became %v", c, got)
		}
	})
	for _, s := range []string{"", "m", "e", "m1", "m1e", "e1m1", "1", "desk", "m x e y", "m99999999999999999999e1", "\x00"} {
		if got := helpdesk.ParseCursor(s); got != helpdesk.Latest {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestView(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		const secret, said = 60, 140
		ticket := h.into(h.open(h.ann, "office"), helpdesk.Open)
		h.check(h.db.Write(ctx, func(tx *store.Tx) error { // what 200 requests would write
			for i := range secret + said {
				m := store.Message{Ticket: ticket.ID, Author: h.ada.Person, Audience: store.Public, Side: store.DeskSide, Body: "said"}
				if i%10 < 3 {
					m.Audience, m.Body = store.Internal, "secret"
				}
				if _, _, err := tx.AddMessage(ctx, m); err != nil {
					return err
				}
				if i%2 == 0 {
					if _, err := tx.AddEvent(ctx, store.Event{Ticket: ticket.ID, Actor: h.ada.Person, Act: "wait"}); err != nil {
						return err
					}
				}
			}
			return nil
		}))

		h.run("pages back through everything that is for one's eyes, once", func(t *testing.T) {
			for _, c := range []struct {
				who      helpdesk.Actor
				messages int
			}{{h.ann, 1 + said}, {h.max, 1 + said}, {h.ada, 1 + said + secret}} {
				var messages, events []int64
				for at := helpdesk.Latest; ; {
					v, err := h.View(ctx, c.who, ticket.ID, at)
					h.check(err)
					for _, m := range slices.Backward(v.Messages) {
						messages, at.Message = append(messages, int64(m.ID)), m.ID
						if m.Audience == store.Internal && c.who != h.ada {
							t.Fatalf("%d saw a note", c.who.Person)
						}
					}
					for _, e := range slices.Backward(v.Events) {
						events, at.Event = append(events, int64(e.ID)), e.ID
					}
					if !v.More.Message && !v.More.Event {
						break
					}
				}
				for what, got := range map[string][]int64{"messages": messages, "events": events} {
					if !slices.IsSortedFunc(got, func(a, b int64) int { return int(b - a) }) || len(slices.Compact(slices.Clone(got))) != len(got) {
						t.Errorf("%s: %v", what, got)
					}
				}
				if len(messages) != c.messages || len(events) != 2+100 {
					t.Errorf("%d saw %d messages and %d events", c.who.Person, len(messages), len(events))
				}
			}
		})

		h.run("is refused to everyone else, as if there were no such ticket", func(t *testing.T) {
			for _, who := range []helpdesk.Actor{h.ben, h.gus, h.eve} {
				_, err := h.View(ctx, who, ticket.ID, helpdesk.Latest)
				refused(t, "view", err, helpdesk.UnknownTicket)
				_, _, err = h.Addressee(ctx, who, helpdesk.Reply, ticket.ID, store.RequesterSide)
				refused(t, "form", err, helpdesk.UnknownTicket)
			}
			_, err := h.View(ctx, h.ada, 999_999, helpdesk.Latest)
			refused(t, "no such ticket", err, helpdesk.UnknownTicket)
			_, _, err = h.Addressee(ctx, h.ada, helpdesk.Reply, 999_999, store.DeskSide)
			refused(t, "no such ticket", err, helpdesk.UnknownTicket)
		})

		h.run("names everyone in it", func(t *testing.T) {
			v, err := h.View(ctx, h.max, ticket.ID, helpdesk.Latest)
			h.check(err)
			for _, id := range []store.PersonID{h.ann.Person, h.ada.Person} {
				if v.People[id].Name == "" {
					t.Errorf("%d has no name", id)
				}
			}
		})

		h.run("a form for a message is for those who may send it", func(t *testing.T) {
			for _, c := range []struct {
				who  helpdesk.Actor
				act  helpdesk.Act
				side string
				code helpdesk.Code
			}{
				{h.ada, helpdesk.Note, store.DeskSide, ""}, {h.ada, helpdesk.Reply, store.DeskSide, ""},
				{h.ann, helpdesk.Reply, store.RequesterSide, ""}, {h.max, helpdesk.Reply, store.RequesterSide, ""},
				{h.ann, helpdesk.Note, store.DeskSide, helpdesk.NotAllowed}, {h.max, helpdesk.Note, store.RequesterSide, helpdesk.NotAllowed},
				{h.ann, helpdesk.Reply, store.DeskSide, helpdesk.NotAllowed}, {h.ada, helpdesk.Reply, store.RequesterSide, helpdesk.NotAllowed},
			} {
				_, requester, err := h.Addressee(ctx, c.who, c.act, ticket.ID, c.side)
				if c.code != "" {
					refused(t, string(c.act), err, c.code)
				} else if err != nil || requester.ID != h.ann.Person {
					t.Errorf("%s by %d: %+v, %v", c.act, c.who.Person, requester, err)
				}
			}
		})
	})
}

func TestList(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		numbers := func(ts []store.Ticket) string {
			var ids []int64
			for _, t := range ts {
				ids = append(ids, int64(t.ID-1000))
			}
			return fmt.Sprint(ids)
		}
		for i := range 4 { // ann: 1, 3, 5, 7 in support; ben: 2, 4, 6, 8 in emm
			mine := h.open(h.ann, "office")
			h.open(h.ben, "emm")
			if i%2 == 0 {
				h.into(mine, []helpdesk.State{helpdesk.Closed, helpdesk.Waiting, helpdesk.Resolved}[i])
			}
		}
		h.open(h.gus, "office") // 9

		for name, c := range map[string]struct {
			who                                      helpdesk.Actor
			mine, organization, queues, administered string
		}{
			"requester":       {h.ann, "[7 3 5 1]", "[]", "[]", "[]"},
			"manager":         {h.max, "[]", "[8 7 6 4 3 2 5 1]", "[]", "[]"},
			"administrator":   {h.administrator("tom", "office"), "[]", "[]", "[]", "[7 3 5 1]"},
			"another manager": {h.gus, "[9]", "[9]", "[]", "[]"},
			"agent":           {h.ada, "[]", "[]", "[3 7 9]", "[]"},
			"agent of emm":    {h.eve, "[]", "[]", "[2 4 6 8]", "[]"},
			"nobody's agent":  {h.ben, "[8 6 4 2]", "[]", "[]", "[]"},
		} {
			l, err := h.List(ctx, c.who)
			h.check(err)
			same(t, name, []string{numbers(l.Mine), numbers(l.Organization), numbers(l.Queues), numbers(l.Administered)},
				[]string{c.mine, c.organization, c.queues, c.administered})
		}

		both, err := h.List(ctx, h.administrator("tim", "office", "emm"))
		h.check(err)
		same(t, "administrator of two", numbers(both.Administered), "[8 7 6 4 3 2 5 1]")

		for range helpdesk.ListShown {
			h.open(h.ann, "office") // 10 to 24
		}
		l, err := h.List(ctx, h.ann)
		h.check(err)
		same(t, "one more than a list shows, newest first", numbers(l.Mine), "[24 23 22 21 20 19 18 17 16 15 14 13 12 11 10 7]")
		l, err = h.List(ctx, h.ada)
		h.check(err)
		same(t, "one more than a list shows, oldest first", numbers(l.Queues), "[3 7 9 10 11 12 13 14 15 16 17 18 19 20 21 22]")
		h.age(helpdesk.MembersFresh + time.Second)
		l, err = h.List(ctx, h.ada)
		h.check(err)
		same(t, "an agent not looked up for long", numbers(l.Queues), "[]")
	})
}
