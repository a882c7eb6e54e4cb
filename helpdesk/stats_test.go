package helpdesk_test

import (
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// Two tickets, one answered and resolved in time, the other late, reopened and resolved again.
func TestStatisticsSayWhatWasDone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.Desk = helpdesk.NewDesk(h.db, watched())
		h.until("2026-11-23 09:00") // a Monday
		first, second, third := h.open(h.ann, "office"), h.open(h.ben, "office"), h.open(h.ann, "emm")
		h.link(first)
		h.link(second)
		h.until("2026-11-23 10:00")
		_, err := h.hear(h.ada, first, store.DeskSide, "Which version?")
		h.check(err)
		_, err = h.hear(h.ann, first, store.RequesterSide, "The newest.")
		h.check(err)
		h.until("2026-11-23 11:00")
		_, err = h.hear(h.ada, first, store.DeskSide, "Try again.")
		h.check(err)
		resolve := func(id store.TicketID) {
			_, err := h.Do(ctx, h.ada, helpdesk.Resolve, id, store.DeskSide)
			h.check(err)
		}
		resolve(first.ID)
		h.until("2026-11-23 15:00")
		resolve(second.ID) // 5 business hours, of 2 for a first reply
		_, err = h.Do(ctx, h.ben, helpdesk.Reopen, second.ID, store.RequesterSide)
		h.check(err)
		h.until("2026-11-25 11:00")

		got := func(who helpdesk.Actor) (s store.Figures) {
			all, err := h.Stats(ctx, who, 7)
			h.check(err)
			return all.Parts[0].Total
		}
		// The one that is open again is resolved no more.
		same(t, "before", got(h.ada), store.Figures{Opened: 2, Resolved: 1, Response: (time.Hour).Milliseconds(), ResponseOf: 1, ResponseKept: 1,
			Resolution: (2 * time.Hour).Milliseconds(), ResolutionOf: 1, ResolutionKept: 1, Kept: 1})
		h.refresh()
		resolve(second.ID) // 5 h, and 3 on Monday, 8 on Tuesday, 2 on Wednesday: 18 of 16
		for who, code := range map[*helpdesk.Actor]helpdesk.Code{&h.ben: helpdesk.UnknownTicket, &h.gus: helpdesk.UnknownTicket, &h.max: helpdesk.NotAllowed, &h.ada: helpdesk.NotAllowed} {
			_, err := h.Rate(ctx, *who, first.ID, "bad")
			refused(t, "rated by somebody else", err, code)
		}
		_, err = h.Rate(ctx, h.ann, first.ID, "superb")
		refused(t, "no rating", err, helpdesk.BadForm)
		_, err = h.Rate(ctx, h.ann, third.ID, "good")
		refused(t, "not resolved", err, helpdesk.NotNow)
		for _, rating := range []string{"bad", "good", "good"} { // thinking again; twice is once
			_, err = h.Rate(ctx, h.ann, first.ID, rating)
			h.check(err)
		}
		_, err = h.Comment(ctx, h.ann, first.ID, "Quick!", "a form")
		h.check(err)
		_, es := h.history(first.ID)
		if n := len(es); es[n-1].Words != "Quick!" || es[n-1].Detail != "good" || es[n-2].Detail != "good" || es[n-3].Detail != "bad" {
			t.Errorf("noted: %+v", es)
		}
		want := store.Figures{Opened: 2, Resolved: 2, Response: (6 * time.Hour).Milliseconds(), ResponseOf: 2, ResponseKept: 1,
			Resolution: (20 * time.Hour).Milliseconds(), ResolutionOf: 2, ResolutionKept: 1, Kept: 1, Reopened: 1, Good: 1}
		same(t, "after", got(h.ada), want)

		// A manager sees the organization's, agents their queues', nobody else any.
		want.Opened++
		same(t, "the manager", got(h.max), want)
		same(t, "the manager of another organization", got(h.gus), store.Figures{})
		same(t, "another queue's agent", got(h.eve), store.Figures{Opened: 1})
		for _, who := range []helpdesk.Actor{h.ann, h.ben} {
			_, err := h.Stats(ctx, who, 7)
			refused(t, "an employee", err, helpdesk.NoStats)
		}
		_, err = h.Stats(ctx, h.ada, 8)
		refused(t, "eight days", err, helpdesk.BadForm)
		s, err := h.Stats(ctx, h.eve, 30)
		h.check(err)
		if s.Parts[0].Now[helpdesk.New] != 1 || len(s.Parts) != 1 {
			t.Errorf("now: %+v", s.Parts)
		}
	})
}

// A digest comes once, whoever looks; and once after a downtime.
func TestDigestsComeOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		c := watched()
		c.Queues[0].Daily.Schedule, c.Queues[0].Weekly.Schedule = "0 9 * * *", "0 9 * * 1"
		h.Desk = helpdesk.NewDesk(h.db, c)
		h.until("2026-11-23 08:00") // a Monday
		h.told(0)
		lanes := func() (all []string) {
			for _, d := range h.deliveries() {
				if d.Kind == helpdesk.TellDigest {
					all = append(all, d.Lane[:len("digest/support/daily")])
				}
			}
			h.told(0)
			return all
		}
		h.tick(3)
		same(t, "before nine", lanes(), nil)
		h.pass(time.Hour)
		together(3, func(int) {
			if _, err := helpdesk.NewDesk(h.db, c).Tick(ctx, h.clock(), func(helpdesk.Met) {}); err != nil {
				t.Error(err)
			}
		})
		if all := lanes(); len(all) != 2 {
			t.Errorf("at nine: %q", all)
		}
		h.tick(3)
		same(t, "once more", lanes(), nil)
		h.pass(5 * 24 * time.Hour) // until Saturday
		h.tick(3)
		same(t, "after a week of silence", lanes(), []string{"digest/support/daily"})
		h.pass(24 * time.Hour)
		h.tick(3)
		same(t, "on a Sunday", lanes(), nil)

		h.open(h.ann, "office")
		ds := []store.Delivery{{Lane: "digest/support/daily/1", Kind: helpdesk.TellDigest}, {Lane: "digest/support/weekly/1", Kind: helpdesk.TellDigest}}
		h.pass(10 * 24 * time.Hour)
		g, err := h.Digest(ctx, ds[0])
		h.check(err)
		if !g.Private || g.Empty() || len(g.Late) != 1 || len(g.New) != 0 || g.Now[helpdesk.New] != 1 {
			t.Errorf("daily: %+v", g)
		}
		if g, err = h.Digest(ctx, ds[1]); err != nil || !g.Empty() {
			t.Errorf("weekly: %+v, %v", g, err)
		}
		if _, err := h.Digest(ctx, store.Delivery{Lane: "digest/gone/daily/1"}); err == nil {
			t.Error("a queue that is gone has a digest")
		}
	})
}
