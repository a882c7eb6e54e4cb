package helpdesk_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// A rehearsal with the settings that held tells what was done; with others, what would have been. It changes nothing.
func TestARehearsalTellsWhatWouldHaveBeenSent(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.Desk = helpdesk.NewDesk(h.db, watched())
		h.until("2026-11-23 09:00")
		from := h.clock()
		first := h.open(h.ann, "office")
		h.link(first)
		did := h.until("2026-11-23 15:10")
		_, err := h.Take(ctx, h.ada, first.ID, 0)
		h.check(err)
		second := h.open(h.ben, "office")
		_, err = h.Do(ctx, h.ada, helpdesk.Wait, first.ID, store.DeskSide)
		h.check(err)
		did = append(did, h.until("2026-11-28 12:00")...)
		_, err = h.hear(h.ann, first, store.RequesterSide, "Here.")
		h.check(err)
		did = append(did, h.until("2026-12-01 09:00")...)
		h.told(0)
		_, es := h.history(first.ID)

		rehearse := func(d *helpdesk.Desk, from, to time.Time) (done []string) {
			h.check(d.Rehearse(ctx, from, to, func(r helpdesk.Rehearsed) {
				done = append(done, fmt.Sprintf("%s %s %s", r.At.Format("01-02 15:04"), r.Rule, r.Do))
			}))
			slices.Sort(done)
			return done
		}
		slices.Sort(did)
		same(t, "as it was", rehearse(h.Desk, from, h.clock()), did)
		if len(did) < 8 {
			t.Errorf("little was done: %v", did)
		}
		same(t, "of one hour", rehearse(h.Desk, from, from.Add(45*time.Minute)), []string{"11-23 09:30 unassigned queue"})
		other := watched()
		other.Queues[0].Unassigned.Steps = other.Queues[0].Unassigned.Steps[:1]
		other.Queues[0].Unassigned.Steps[0].After = 2 * time.Hour
		other.Queues[0].Targets = nil
		same(t, "with other settings", rehearse(helpdesk.NewDesk(h.db, other), from, from.Add(4*time.Hour)), []string{"11-23 11:00 unassigned queue"})

		_, now := h.history(first.ID)
		if len(now) != len(es) || h.told(0) != "" {
			t.Error("the rehearsal has changed something")
		}
		_ = second
	})
}
