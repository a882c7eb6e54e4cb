package helpdesk_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"guichet/helpdesk"
	"guichet/store"
)

// Undo of a canned answer takes back also what it had follow, unless somebody has changed that since. The clocks agree with the history.
func TestUndoOfACannedAnswerUndoesWhatFollowed(t *testing.T) {
	for _, then := range []helpdesk.Act{helpdesk.Resolve, helpdesk.Wait} {
		t.Run(string(then), func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				c := watched()
				c.Queues[0].Undo = 10 * time.Second
				c.Macros = []helpdesk.Macro{{Key: "vpn", Title: func(string) string { return "VPN" }, Then: then, Text: func(string) string { return "Restart it." }}}
				h.Desk = helpdesk.NewDesk(h.db, c)
				ticket := h.into(h.open(h.ann, "office"), helpdesk.Open)
				h.link(ticket)
				said := func() store.MessageID {
					t.Helper()
					h.pass(time.Minute)
					s, err := h.Answer(t.Context(), h.ada, ticket.ID, "vpn", "Restart it.", uuid.NewString())
					h.check(err)
					return s.Message
				}
				undone := func(m store.MessageID) string {
					t.Helper()
					h.pass(time.Second)
					_, err := h.Undo(t.Context(), h.ada, ticket.ID, m)
					h.check(err)
					if wrong := h.disagree(ticket.ID); wrong != "" {
						t.Error(wrong)
					}
					return h.ticket(ticket.ID).State
				}
				same(t, "undone", undone(said()), "open")
				m := said()
				_, err := h.Do(t.Context(), h.amy, helpdesk.Resolve, ticket.ID, store.DeskSide)
				h.check(err)
				want := "resolved" // by somebody, who meant it
				if then == helpdesk.Resolve {
					want = "open" // it was so already
				}
				same(t, "a colleague's", undone(m), want)
			})
		})
	}
}
