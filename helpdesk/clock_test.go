package helpdesk_test

import (
	"fmt"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// A clock that is put back by days neither silences the reminders until it has caught up, nor has
// anybody reminded twice. That it was put forward before makes up for nothing that is not due.
func TestRemindersSurviveAClockThatJumps(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.tick(1) // the schedules become known
		early := h.open(h.ann, "office")
		reminded := func(x store.Ticket) met { return met{fmt.Sprintf("unassigned %d", x.ID): 1} }
		same(t, "after two days", h.later(48*time.Hour, 2), reminded(early))

		h.pass(-47 * time.Hour)
		late := h.open(h.ann, "office")
		same(t, "at once after the clock was put back", h.tick(2), met{})
		same(t, "half an hour later", h.later(36*time.Minute, 2), reminded(late))
		same(t, "once more", h.later(10*time.Minute, 2), met{})
	})
}

// An agent whom a look from the future has shown is not believed to be one: how old that look is,
// nobody knows. The next look counts.
func TestALookFromTheFutureMakesNobodyAnAgent(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ticket := h.open(h.ann, "office")
		h.age(-time.Hour)
		_, err := h.Take(t.Context(), h.ada, ticket.ID, 0)
		refused(t, "after the clock was put back", err, helpdesk.Unverified)
		h.refresh()
		_, err = h.Take(t.Context(), h.ada, ticket.ID, 0)
		h.check(err)
	})
}
