package helpdesk_test

import (
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

func TestSay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()

		h.run("who may write a reply or a note, from which side", func(t *testing.T) {
			for _, c := range []struct {
				name     string
				who      helpdesk.Actor
				side     string
				audience helpdesk.Audience
				told     string
				code     helpdesk.Code
			}{
				{"agent replies", h.ada, store.DeskSide, helpdesk.Public, "desk: message card; requester: message card", ""},
				{"agent notes", h.ada, store.DeskSide, helpdesk.Internal, "desk: message", ""},
				{"agent notes, by a form from the wrong side", h.ada, store.RequesterSide, helpdesk.Internal, "desk: message", ""},
				{"requester replies", h.ann, store.RequesterSide, helpdesk.Public, "desk: message; requester: message", ""},
				{"manager replies", h.max, store.RequesterSide, helpdesk.Public, "desk: message; requester: message", ""},
				{"administrator replies", h.administrator("tom", "office"), store.RequesterSide, helpdesk.Public, "desk: message; requester: message", ""},
				{"administrator as the desk", h.administrator("tom", "office"), store.DeskSide, helpdesk.Public, "", helpdesk.NotAllowed},
				{"administrator of another service replies", h.administrator("tia", "emm"), store.RequesterSide, helpdesk.Public, "", helpdesk.UnknownTicket},
				{"requester as the desk", h.ann, store.DeskSide, helpdesk.Public, "", helpdesk.NotAllowed},
				{"manager as the desk", h.max, store.DeskSide, helpdesk.Public, "", helpdesk.NotAllowed},
				{"agent as the requester", h.ada, store.RequesterSide, helpdesk.Public, "", helpdesk.NotAllowed},
				{"requester notes", h.ann, store.DeskSide, helpdesk.Internal, "", helpdesk.NotAllowed},
				{"manager notes", h.max, store.RequesterSide, helpdesk.Internal, "", helpdesk.NotAllowed},
				{"colleague replies", h.ben, store.RequesterSide, helpdesk.Public, "", helpdesk.UnknownTicket},
				{"another's manager replies", h.gus, store.RequesterSide, helpdesk.Public, "", helpdesk.UnknownTicket},
				{"another queue's agent notes", h.eve, store.DeskSide, helpdesk.Internal, "", helpdesk.UnknownTicket},
			} {
				ticket := h.open(h.ann, "office")
				s, err := h.Say(ctx, c.who, ticket.ID, c.side, c.audience, "x", "say "+c.name)
				if c.code != "" {
					refused(t, c.name, err, c.code)
				} else if err != nil || s.Audience != c.audience {
					t.Errorf("%s: %+v, %v", c.name, s, err)
				}
				same(t, c.name+": told", h.told(ticket.ID), c.told)
			}
		})

		h.run("happens once for a form that is sent twice, or at once", func(t *testing.T) {
			ticket := h.open(h.ann, "office")
			var taken, doubled atomic.Int32
			together(5, func(int) {
				_, err := h.Say(ctx, h.ann, ticket.ID, store.RequesterSide, helpdesk.Public, "x", "one form")
				switch {
				case err == nil:
					taken.Add(1)
				case errors.Is(err, helpdesk.ErrDuplicate):
					doubled.Add(1)
				default:
					t.Error(err)
				}
			})
			if taken.Load() != 1 || doubled.Load() != 4 {
				t.Errorf("taken %d times, %d times not", taken.Load(), doubled.Load())
			}
			_, err := h.Say(ctx, h.ann, ticket.ID, store.RequesterSide, helpdesk.Public, "other words", "one form")
			duplicate(t, "sent again", err)
			same(t, "told", h.told(ticket.ID), "desk: message; requester: message")
		})

		h.run("nothing is refused", func(t *testing.T) {
			ticket := h.open(h.ann, "office")
			_, err := h.Say(ctx, h.ann, ticket.ID, store.RequesterSide, helpdesk.Public, " \n\u00a0\u202f", "empty")
			refused(t, "spaces", err, helpdesk.Empty)
			_, err = h.Say(ctx, h.ann, ticket.ID, store.RequesterSide, helpdesk.Public, "x", "empty")
			h.check(err) // the form was not used up
		})

		h.run("on no ticket at all is refused like on another's", func(t *testing.T) {
			for _, id := range []store.TicketID{0, -1, 1, 1 << 62} {
				_, err := h.Say(ctx, h.ann, id, store.RequesterSide, helpdesk.Public, "x", "nowhere")
				refused(t, "no such ticket", err, helpdesk.UnknownTicket)
			}
		})

		h.run("a long message is told in pieces", func(t *testing.T) {
			ticket := h.into(h.open(h.ann, "office"), helpdesk.Open)
			_, err := h.hear(h.ann, ticket, store.RequesterSide, strings.Repeat("é", 2*helpdesk.PartLength+1))
			h.check(err)
			for i, d := range h.deliveries() {
				if d.Part != i || d.Kind != helpdesk.TellMessage {
					t.Errorf("piece %d: %+v", i, d)
				}
			}
		})
	})
}

func TestWhatAMessageDoesToATicket(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		const long = 8 * 24 * time.Hour // longer than a closed ticket can be reopened
		for _, c := range []struct {
			name string
			from helpdesk.State
			who  helpdesk.Actor
			text string
			want helpdesk.State
			told string
		}{
			{"a reply leaves an open ticket open", helpdesk.Open, h.amy, "x", helpdesk.Open, "desk: message; requester: message"},
			{"a reply leaves a waiting ticket waiting", helpdesk.Waiting, h.ada, "x", helpdesk.Waiting, "desk: message; requester: message"},
			{"a reply leaves a resolved ticket resolved", helpdesk.Resolved, h.ada, "x", helpdesk.Resolved, "desk: message; requester: message"},
			{"a reply leaves a closed ticket closed", helpdesk.Closed, h.ada, "x", helpdesk.Closed, "desk: message; requester: message"},
			{"an answer leaves an open ticket open", helpdesk.Open, h.ann, "x", helpdesk.Open, "desk: message; requester: message"},
			{"an answer ends the waiting", helpdesk.Waiting, h.ann, "x", helpdesk.Open, "desk: message card; requester: message card"},
			{"thanks end the waiting too", helpdesk.Waiting, h.ann, "merci", helpdesk.Open, "desk: message card; requester: message card"},
			{"a manager's answer ends the waiting", helpdesk.Waiting, h.max, "x", helpdesk.Open, "desk: message card; requester: message card"},
			{"an answer reopens a resolved ticket", helpdesk.Resolved, h.ann, "no", helpdesk.Open, "desk: message card; requester: message card"},
			{"thanks do not", helpdesk.Resolved, h.ann, "Merci beaucoup !", helpdesk.Resolved, "desk: message; requester: message"},
			{"an answer reopens a closed ticket", helpdesk.Closed, h.ann, "no", helpdesk.Open, "desk: message card event; requester: message card event"},
		} {
			h.run(c.name, func(t *testing.T) {
				ticket := h.into(h.open(h.ann, "office"), c.from)
				side := store.RequesterSide
				if c.who == h.ada || c.who == h.amy {
					side = store.DeskSide
				}
				h.pass(time.Hour)
				_, err := h.Say(ctx, c.who, ticket.ID, side, helpdesk.Public, c.text, c.name)
				h.check(err)
				same(t, "told", h.told(ticket.ID), c.told)
				now := h.ticket(ticket.ID)
				same(t, "state", helpdesk.State(now.State), c.want)
				if now.Assignee != h.ada.Person {
					t.Errorf("assigned to %d", now.Assignee)
				}
				if since := now.StateSince; (c.want == c.from) != since.Equal(ticket.StateSince.Time) {
					t.Errorf("in this state since %v, was %v", since, ticket.StateSince)
				}
				ms, _ := h.history(ticket.ID)
				if ms[len(ms)-1].Body != c.text {
					t.Errorf("kept %+v", ms)
				}
			})
		}

		h.run("on a ticket closed for too long it opens another, with the message inside", func(t *testing.T) {
			var old store.Ticket
			for name, c := range map[string]struct {
				who   helpdesk.Actor
				speak func(helpdesk.Actor) (helpdesk.Spoken, error)
			}{
				"typed": {h.ann, func(a helpdesk.Actor) (helpdesk.Spoken, error) { return h.hear(a, old, store.RequesterSide, "still") }},
				"form": {h.ann, func(a helpdesk.Actor) (helpdesk.Spoken, error) {
					return h.Say(ctx, a, old.ID, store.RequesterSide, helpdesk.Public, "still", "f")
				}},
				"manager": {h.max, func(a helpdesk.Actor) (helpdesk.Spoken, error) {
					return h.Say(ctx, a, old.ID, store.RequesterSide, helpdesk.Public, "still", "g")
				}},
			} {
				old = h.into(h.open(h.ann, "emm"), helpdesk.New)
				_, err := h.Do(ctx, h.ann, helpdesk.Close, old.ID, store.RequesterSide)
				h.check(err)
				h.deliveries()
				h.pass(long)
				s, err := c.speak(c.who)
				h.check(err)
				next := h.ticket(s.Ticket.ID)
				if next.ID == old.ID || next.Follows != old.ID || next.State != "new" || next.Requester != h.ann.Person || next.Assignee != 0 ||
					next.Subject != old.Subject || next.Queue != "emm" || next.Details["device"] != "iPhone 15" {
					t.Errorf("%s: %+v", name, next)
				}
				all := h.deliveries()
				var kinds []string
				for _, d := range all {
					kinds = append(kinds, d.Kind)
				}
				if len(all) != 3 {
					t.Errorf("%s: told %v, want both cards and the old requester's thread", name, kinds)
				}
				ms, es := h.history(next.ID)
				if len(ms) != 1 || ms[0].Body != "still" || ms[0].Author != c.who.Person || len(es) != 1 {
					t.Errorf("%s: %+v %+v", name, ms, es)
				}
				same(t, "the old ticket", h.ticket(old.ID).State, "closed")

				// More of it goes into the same ticket, and thanks into the old one.
				more, err := h.hear(h.ann, old, store.RequesterSide, "and another thing")
				h.check(err)
				same(t, "the ticket of the second message", more.Ticket.ID, next.ID)
				var told []string
				for _, d := range h.deliveries() {
					told = append(told, d.Kind)
				}
				if !slices.Equal(told, []string{helpdesk.TellMessage, helpdesk.TellMessage}) {
					t.Errorf("%s: the second message is told %v", name, told)
				}
				thanks, err := h.hear(h.ann, old, store.RequesterSide, "merci !")
				h.check(err)
				same(t, "the ticket that the thanks are in", thanks.Ticket.ID, old.ID)
				same(t, "the thanked ticket", h.ticket(old.ID).State, "closed")
				h.deliveries()
			}
		})

		h.run("an agent's words on a ticket closed for long still go out", func(t *testing.T) {
			old := h.into(h.open(h.ann, "office"), helpdesk.Closed)
			h.pass(long)
			_, err := h.hear(h.ada, old, store.DeskSide, "one more thing")
			h.check(err)
			same(t, "told", h.told(old.ID), "desk: receipt; requester: message")
		})

		h.run("a long message that opens another ticket is told in full", func(t *testing.T) {
			old := h.into(h.open(h.ann, "office"), helpdesk.Closed)
			h.pass(long)
			s, err := h.hear(h.ann, old, store.RequesterSide, strings.Repeat("x", helpdesk.MaxDescription+1))
			h.check(err)
			same(t, "told", h.told(s.Ticket.ID), "desk: card message; requester: card message")
		})
	})
}
