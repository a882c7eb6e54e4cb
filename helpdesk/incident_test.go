package helpdesk_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"guichet/helpdesk"
	"guichet/store"
)

// announced has an incident announced.
func (h *house) announced(t store.Ticket, title string, everybody bool) {
	h.t.Helper()
	_, err := h.Announce(h.t.Context(), h.ada, t.ID, helpdesk.Announcement{Title: title, Everybody: everybody}, uuid.NewString())
	h.check(err)
}

// known are the titles of the incidents that somebody's words may be about.
func (h *house) known(a helpdesk.Actor, service, words string) (titles []string) {
	h.t.Helper()
	is, err := h.KnownFor(h.t.Context(), a, service, words)
	h.check(err)
	for _, i := range is {
		titles = append(titles, i.Title)
	}
	return titles
}

func TestWhoIsToldOfAnIncident(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		incident := h.open(h.ann, "office")
		for who, a := range map[string]helpdesk.Actor{"the requester": h.ann, "their manager": h.max, "a stranger": h.gus, "another queue's agent": h.eve} {
			if _, err := h.Announce(t.Context(), a, incident.ID, helpdesk.Announcement{Title: "x"}, ""); err == nil {
				t.Errorf("%s announces", who)
			}
		}
		h.announced(incident, "Outlook ne s’ouvre plus", false)
		none := []string(nil)
		title := []string{"Outlook ne s’ouvre plus"}
		same(t, "a colleague, in other words", h.known(h.ben, "office", "Impossible d'ouvrir outlook"), title)
		same(t, "one word, and the service", h.known(h.ben, "office", "OUTLOOK!"), title)
		same(t, "one word of several, and another service", h.known(h.ben, "storage", "outlook"), none)
		same(t, "other words", h.known(h.ben, "office", "Word is slow, and the printer too"), none)
		same(t, "words that any text has", h.known(h.ben, "office", "ne plus le la les pour"), none)
		same(t, "no words", h.known(h.ben, "office", "  "), none)
		same(t, "whose own it is", h.known(h.ann, "office", "outlook"), none)
		same(t, "another organization", h.known(h.gus, "office", "outlook ouvre"), none)
		h.announced(incident, "Outlook does not open", true)
		same(t, "everybody", h.known(h.gus, "office", "Outlook opens no more"), []string{"Outlook does not open"})
		h.announced(incident, "", true)
		same(t, "no more", h.known(h.gus, "office", "Outlook opens no more"), none)
		h.announced(incident, "Outlook does not open", true)
		_, err := h.Do(t.Context(), h.ada, helpdesk.Resolve, incident.ID, store.DeskSide)
		h.check(err)
		same(t, "it is over", h.known(h.gus, "office", "Outlook opens no more"), none)
		_, err = h.Do(t.Context(), h.ada, helpdesk.Reopen, incident.ID, store.DeskSide)
		h.check(err)
		same(t, "it is not", len(h.known(h.gus, "office", "Outlook opens no more")), 1)
	})
}

func TestMeToo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.Desk = helpdesk.NewDesk(h.db, watched())
		incident := h.open(h.ann, "office")
		h.announced(incident, "Outlook does not open", true)
		_, err := h.hear(h.ada, incident, store.DeskSide, "We are on it.")
		h.check(err)
		h.spread()
		_, err = h.MeToo(ctx, h.ann, incident.ID, "", uuid.NewString())
		refused(t, "by its own requester", err, helpdesk.Yours)
		_, err = h.MeToo(ctx, h.gus, h.open(h.ben, "office").ID, "", uuid.NewString())
		refused(t, "what was not announced", err, helpdesk.NoIncident)
		_, err = h.MeToo(ctx, h.gus, 9999, "", uuid.NewString())
		refused(t, "what is not there", err, helpdesk.NoIncident)
		h.told(0)

		out, err := h.MeToo(ctx, h.gus, incident.ID, "Mine closes at once.", "form")
		h.check(err)
		for _, nonce := range []string{"form", "another"} { // twice, by the same form and by another
			again, err := h.MeToo(ctx, h.gus, incident.ID, "", nonce)
			h.check(err)
			if again.Changed || again.Ticket.ID != out.Ticket.ID {
				t.Errorf("again: %+v", again)
			}
		}
		for range 2 { // what they write then is not lost, nor said twice
			_, err := h.MeToo(ctx, h.amy, incident.ID, "", "first")
			h.check(err)
			_, err = h.MeToo(ctx, h.amy, incident.ID, "Since nine.", "second")
			h.check(err)
		}
		if again, err := h.MeToo(ctx, h.amy, incident.ID, "", "third"); err != nil || strings.Join(h.said(again.Ticket), ", ") != "Outlook does not open, We are on it., Since nine." || again.Ticket.Quiet {
			t.Errorf("twice: %q, %v", h.said(again.Ticket), err)
		}
		mine := h.ticket(out.Ticket.ID)
		if mine.Organization != "globex" || mine.Requester != h.gus.Person || mine.Subject != "Outlook does not open" || mine.Queue != incident.Queue || !mine.Quiet {
			t.Errorf("it is %+v", mine)
		}
		if n := h.ticket(incident.ID).Affected; n != 2 {
			t.Errorf("%d are affected", n)
		}
		same(t, "they read what was said last", h.said(mine)[1], "We are on it.")
		byLane := map[string]int{}
		for _, d := range h.deliveries() {
			byLane[d.Lane]++
		}
		if byLane[helpdesk.Lane(mine, store.DeskSide)] > 0 || byLane[helpdesk.Lane(mine, store.RequesterSide)] != 2 || byLane[helpdesk.Lane(incident, store.DeskSide)] != 1 {
			t.Errorf("told: %v", byLane)
		}

		// Who has closed theirs and wants it open again wants the desk to know.
		again, err := h.MeToo(ctx, h.ben, incident.ID, "", uuid.NewString())
		h.check(err)
		_, err = h.Do(ctx, h.ben, helpdesk.Close, again.Ticket.ID, store.RequesterSide)
		h.check(err)
		same(t, "closed", h.ticket(again.Ticket.ID).Quiet, true)
		_, err = h.Do(ctx, h.ben, helpdesk.Reopen, again.Ticket.ID, store.RequesterSide)
		h.check(err)
		same(t, "open again", h.ticket(again.Ticket.ID).Quiet, false)

		// Nobody is reminded of it, until they have more to say.
		h.pass(80 * 3600e9)
		_, err = h.Tick(ctx, h.clock(), func(m helpdesk.Met) {
			if m.Ticket == mine.ID {
				t.Errorf("reminded: %+v", m)
			}
		})
		h.check(err)
		h.told(0)
		_, err = h.hear(h.gus, mine, store.RequesterSide, "It still does not.")
		h.check(err)
		if now := h.ticket(mine.ID); now.Quiet || now.DueAt.IsZero() {
			t.Errorf("now it is %+v", now)
		}
		same(t, "the desk is told", h.told(mine.ID), "desk: message")

		_, err = h.hear(h.ada, incident, store.DeskSide, "Restart it.")
		h.check(err)
		_, err = h.ResolveWith(ctx, h.ada, incident.ID, "A server was down.", true, uuid.NewString())
		h.check(err)
		for h.spread() > 0 {
		}
		same(t, "all of it", h.said(mine)[1:], []string{"We are on it.", "It still does not.", "Restart it."})
		_, es := h.history(mine.ID)
		if last := es[len(es)-1]; last.Act != "resolve" || last.Words != "A server was down." || last.Actor != h.ada.Person {
			t.Errorf("it ends with %+v", last)
		}
		_, err = h.MeToo(ctx, h.max, incident.ID, "", uuid.NewString())
		refused(t, "too late", err, helpdesk.NoIncident)
	})
}

// Many at once are counted once each.
func TestManyMeToo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		incident := h.open(h.ann, "office")
		h.announced(incident, "Outlook does not open", true)
		people := []helpdesk.Actor{h.ben, h.max, h.gus, h.amy}
		together(12, func(i int) {
			for { // until the database is not busy
				_, err := h.MeToo(t.Context(), people[i%4], incident.ID, "", fmt.Sprint("form ", i))
				if err == nil {
					return
				}
				if t.Context().Err() != nil {
					return
				}
			}
		})
		if n := h.ticket(incident.ID).Affected; n != 4 {
			t.Errorf("%d are affected", n)
		}
	})
}
