package helpdesk_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"guichet/helpdesk"
)

// A canned answer that something follows can't be taken back: the requester would be told of what followed all the same. Any other can.
func TestACannedAnswerThatSomethingFollowsGoesOutAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		c := catalog()
		c.Queues[0].Undo = 10 * time.Second
		for _, then := range []helpdesk.Act{"", helpdesk.Wait, helpdesk.Resolve} {
			c.Macros = append(c.Macros, helpdesk.Macro{Key: "m" + string(then), Title: func(string) string { return "VPN" }, Then: then, Text: func(string) string { return "Restart it." }})
		}
		h.Desk = helpdesk.NewDesk(h.db, c)
		for _, m := range c.Macros {
			ticket := h.open(h.ann, "office")
			s, err := h.Answer(t.Context(), h.ada, ticket.ID, m.Key, "Restart it.", uuid.NewString())
			h.check(err)
			_, err = h.Undo(t.Context(), h.ada, ticket.ID, s.Message)
			if m.Then == "" {
				h.check(err)
				continue
			}
			refused(t, string(m.Then), err, helpdesk.Sent)
			if state := h.ticket(ticket.ID).State; len(h.said(ticket)) != 2 || state == string(helpdesk.Open) {
				t.Errorf("after %s it is %s, and %q is said", m.Then, state, h.said(ticket))
			}
		}
	})
}
