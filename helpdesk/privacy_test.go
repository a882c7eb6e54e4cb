package helpdesk_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// Whatever people do, in whatever order: no note is ever on its way to a requester, and everything
// public is told exactly once on each side that does not see it anyway.
func TestNotesStayInsideAndRepliesArriveOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		random := rand.New(rand.NewPCG(seed, 0))
		people := []helpdesk.Actor{h.ann, h.ann, h.ben, h.max, h.gus, h.ada, h.ada, h.amy, h.eve, h.administrator("tom", "office"), h.administratorAt("slack:T2", "tia", "office", "emm")}
		tickets := map[store.TicketID]store.Ticket{}
		add := func(t store.Ticket) {
			if t.ID != 0 {
				tickets[t.ID] = t
				h.link(t)
			}
		}
		var told []store.Delivery
		ctx := t.Context()
		for _, service := range []string{"office", "emm"} {
			out, err := h.Open(ctx, h.ann, func() helpdesk.Request { r := whole(); r.Service = service; return r }(), service)
			h.check(err)
			add(out.Ticket)
		}
		_, err := h.hear(h.ada, tickets[1001], store.DeskSide, "note: x") // one there is, whatever chance has in store
		h.check(err)
		for i := range 160 {
			var ids []store.TicketID
			for id := range store.TicketID(len(tickets)) {
				ids = append(ids, 1001+id)
			}
			ticket := tickets[ids[random.IntN(len(ids))]]
			who := people[random.IntN(len(people))]
			side := []string{store.DeskSide, store.RequesterSide}[random.IntN(2)]
			text := []string{"x", "note: x", "reply: x", "merci", "", "note:"}[random.IntN(6)]
			var err error
			var s helpdesk.Spoken
			switch random.IntN(7) {
			case 0, 1:
				s, err = h.hear(who, ticket, side, text)
			case 2:
				s, err = h.Say(ctx, who, ticket.ID, side, helpdesk.Public, text, fmt.Sprint("public ", i))
			case 3:
				s, err = h.Say(ctx, who, ticket.ID, side, helpdesk.Internal, text, fmt.Sprint("internal ", i))
			case 4, 5:
				_, err = h.Do(ctx, who, []helpdesk.Act{helpdesk.Take, helpdesk.Wait, helpdesk.Resolve, helpdesk.Close, helpdesk.Reopen}[random.IntN(5)], ticket.ID, side)
			case 6:
				h.pass([]time.Duration{time.Minute, 49 * time.Hour, 8 * 24 * time.Hour}[random.IntN(3)])
				_, err = h.Tick(ctx, h.clock(), func(helpdesk.Met) {})
			}
			var r *helpdesk.Refusal
			if err != nil && !errors.As(err, &r) && !errors.Is(err, helpdesk.ErrDuplicate) {
				t.Fatalf("step %d: %v", i, err)
			}
			add(s.Ticket)
			if i%40 == 39 {
				told = append(told, h.deliveries()...)
			}
		}

		type key struct {
			message store.MessageID
			side    string
			kind    string
		}
		count := map[key]int{}
		for _, d := range told {
			if d.Message != 0 {
				count[key{d.Message, helpdesk.SideOfLane(tickets[d.Ticket], d.Lane), d.Kind}]++
			}
			if toRequester := d.Person != 0; toRequester != (helpdesk.SideOfLane(tickets[d.Ticket], d.Lane) == store.RequesterSide) ||
				toRequester && (d.Person != h.ann.Person || d.Workspace != "slack:T1") || !toRequester && d.Workspace != "slack:T9" {
				t.Errorf("goes astray: %+v", d)
			}
		}
		notes := 0
		for id := range tickets {
			ms, _ := h.history(id)
			for i, m := range ms {
				want := map[string]int{"desk message": 1, "requester message": 1}
				switch {
				case i == 0: // the description: the cards show it
					want = map[string]int{}
				case m.Channel != "" && m.Side == store.DeskSide:
					want = map[string]int{"desk receipt": 1, "requester message": 1}
				case m.Channel != "":
					want = map[string]int{"desk message": 1}
					if told := (key{m.ID, store.RequesterSide, helpdesk.TellMessage}); tickets[id].Follows != 0 && count[told] == 1 {
						want["requester message"] = 1 // typed in the thread of the ticket that this one follows
					}
				}
				if m.Audience == store.Internal {
					notes++
					delete(want, "requester message")
				}
				for _, side := range []string{store.DeskSide, store.RequesterSide} {
					for _, kind := range []string{helpdesk.TellMessage, helpdesk.TellReceipt, helpdesk.TellEvent} {
						if got := count[key{m.ID, side, kind}]; got != want[side+" "+kind] {
							t.Errorf("message %d (%s, from the %s's side, typed in %q) is told %d times to the %s as %s",
								m.ID, m.Audience, m.Side, m.Channel, got, side, kind)
						}
					}
				}
			}
		}
		if notes == 0 || len(count) < 10 {
			t.Errorf("%d notes and %d deliveries prove little", notes, len(count))
		}
	})
}
