package helpdesk_test

import (
	"fmt"
	"strings"
	"testing"

	"guichet/helpdesk"
	"guichet/store"
)

// Who watches is told of notes too, as long as they are an agent of the queue.
func TestWatching(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ticket := h.open(h.ann, "office")
		h.link(ticket)
		h.told(0)
		for _, who := range []helpdesk.Actor{h.ann, h.ben, h.max, h.gus, h.eve} {
			if _, err := h.Watch(t.Context(), who, helpdesk.Watch, ticket.ID); err == nil {
				t.Errorf("person %d watches", who.Person)
			}
		}
		for i := range 2 {
			out, err := h.Watch(t.Context(), h.amy, helpdesk.Watch, ticket.ID)
			h.check(err)
			if out.Changed != (i == 0) {
				t.Errorf("watching, time %d: %v", i+1, out.Changed)
			}
		}
		lane := store.Lane(ticket.ID, fmt.Sprint(h.amy.Person))
		theirs := func() (ds []store.Delivery, kinds string) {
			for _, del := range h.deliveries() {
				if del.Lane == lane {
					ds, kinds = append(ds, del), strings.TrimSpace(kinds+" "+del.Kind)
				}
			}
			return ds, kinds
		}
		_, kinds := theirs()
		same(t, "who watches is told", kinds, "card")
		said := h.post(ticket, store.DeskSide, "note", "note: inside")
		_, err := h.Hear(t.Context(), h.ada, "ada", said)
		h.check(err)
		ds, kinds := theirs()
		same(t, "of a note", kinds, "message")
		note := func() (helpdesk.Brief, store.Delivery) {
			b, err := h.Brief(t.Context(), ds[0])
			h.check(err)
			return b, ds[0]
		}
		_, err = h.hear(h.ada, ticket, store.DeskSide, "outside")
		h.check(err)
		_, kinds = theirs()
		same(t, "of a reply", kinds, "message card")
		for _, text := range []string{"note: my own", "my own"} {
			_, err = h.hear(h.amy, ticket, store.DeskSide, text)
			h.check(err)
		}
		_, kinds = theirs()
		same(t, "of their own", kinds, "")
		_, err = h.revise(h.ada, "ada", said, "note: further inside")
		h.check(err)
		_, kinds = theirs()
		same(t, "of an edit", kinds, "edit")
		if b, d := note(); !b.Watches || b.Left || helpdesk.Outdated(b, d) {
			t.Errorf("an agent is not told of a note: %+v", b)
		}
		h.age(helpdesk.MembersFresh)
		if b, _ := note(); b.Watches || b.Left || b.Private {
			t.Errorf("it does not wait until it is known whether they are an agent: %+v", b)
		}
		h.refresh()
		h.check(h.SetSeen(t.Context(), h.Catalog().Queues[0], store.Seen{Private: true, Members: []string{"ada"}}, 0))
		if b, d := note(); b.Watches || !b.Left || !helpdesk.Outdated(b, d) {
			t.Errorf("one who is no agent any more is told of a note: %+v", b)
		}
		if _, err := h.View(t.Context(), h.amy, ticket.ID, helpdesk.Latest); !helpdesk.IsRefusal(err, helpdesk.UnknownTicket) {
			t.Errorf("one who watches and is no agent any more sees it: %v", err)
		}
		if _, err := h.Unfollow(t.Context(), h.amy, ticket.ID); err != nil {
			t.Errorf("they can't stop: %v", err)
		}
	})
}
