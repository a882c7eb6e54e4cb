package helpdesk_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"guichet/helpdesk"
	"guichet/store"
)

func declaration() helpdesk.Declaration {
	return helpdesk.Declaration{Announcement: helpdesk.Announcement{Title: "Outlook does not open", Everybody: true}, Severity: "sev1", Every: 30 * time.Minute}
}

// incident is what is known of one.
func (h *house) incident(id store.TicketID) (i store.Incident) {
	h.t.Helper()
	h.check(h.db.Look(h.t.Context(), func(tx *store.Tx) (err error) {
		i, err = tx.Incident(h.t.Context(), id)
		return err
	}))
	return i
}

func TestAMajorIncidentFromDeclarationToSummary(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ticket, theirs := h.open(h.ann, "office"), h.open(h.gus, "office")
		others := map[string]helpdesk.Actor{"the requester": h.ann, "a colleague": h.ben, "their manager": h.max, "a stranger": h.gus, "another queue's agent": h.eve}
		for who, a := range others {
			if _, err := h.Declare(ctx, a, ticket.ID, declaration(), uuid.NewString()); err == nil {
				t.Errorf("%s declares a major incident", who)
			}
		}
		for name, spoil := range map[string]func(*helpdesk.Declaration){
			"no title":      func(d *helpdesk.Declaration) { d.Title = " " },
			"no severity":   func(d *helpdesk.Declaration) { d.Severity = "sev0" },
			"no schedule":   func(d *helpdesk.Declaration) { d.Every = 0 },
			"every instant": func(d *helpdesk.Declaration) { d.Every = time.Second },
		} {
			is := declaration()
			spoil(&is)
			_, err := h.Declare(ctx, h.ada, ticket.ID, is, uuid.NewString())
			refused(t, name, err, helpdesk.BadForm)
		}
		if h.ticket(ticket.ID).Major != "" || h.ticket(ticket.ID).Assignee != 0 {
			t.Error("what was refused has left something")
		}
		h.told(0)

		_, err := h.Declare(ctx, h.ada, ticket.ID, declaration(), "form")
		h.check(err)
		if _, err := h.Declare(ctx, h.ada, ticket.ID, declaration(), "form"); !errors.Is(err, helpdesk.ErrDuplicate) {
			t.Errorf("the form again: %v", err)
		}
		rooms, channel := 0, 0
		for _, d := range h.deliveries() {
			if d.Kind == helpdesk.TellRoom {
				rooms++
			}
			if d.Kind == helpdesk.TellChannel {
				channel++
			}
		}
		if now := h.ticket(ticket.ID); now.Major != "sev1" || now.Assignee != h.ada.Person || rooms != 1 || channel != 1 {
			t.Errorf("it is %+v, with %d rooms and %d lines in the channel", now, rooms, channel)
		}
		same(t, "others are told", h.known(h.ben, "office", "outlook"), []string{"Outlook does not open"})
		_, err = h.change(h.ada, helpdesk.Part, theirs, fmt.Sprint(ticket.ID))
		h.check(err)

		// Updates are due on schedule; any public answer is one; what was missed is made up for once.
		reminders := func() (n int) {
			_, err := h.Tick(ctx, h.clock(), func(helpdesk.Met) {})
			h.check(err)
			_, es := h.history(ticket.ID)
			for _, e := range es {
				if e.Act == string(helpdesk.UpdateDue) {
					n++
				}
			}
			return n
		}
		h.told(0)
		h.pass(29 * time.Minute)
		same(t, "too early", reminders(), 0)
		_, err = h.hear(h.ada, ticket, store.DeskSide, "We found it.")
		h.check(err)
		h.pass(29 * time.Minute)
		same(t, "there was one", reminders(), 0)
		h.pass(2 * time.Minute)
		same(t, "due", reminders(), 1)
		same(t, "told once", reminders(), 1)
		h.pass(24 * time.Hour)
		same(t, "after an outage", reminders(), 2)
		var reminded int
		for _, d := range h.deliveries() {
			switch {
			case d.Kind == helpdesk.TellSpread:
				h.check(h.Spread(ctx, d))
			case d.Kind == helpdesk.TellEvent && d.Person == 0 && d.Ticket == ticket.ID:
				reminded++
			}
		}
		same(t, "the owner is told", reminded, 2)
		same(t, "the part is told", h.said(theirs)[1:], []string{"We found it."})

		// The timeline.
		mark := func(id, body string, at time.Duration) store.Mark {
			p := h.post(ticket, store.DeskSide, id, body)
			return store.Mark{External: p.External, Author: "ADA", Body: body, SaidAt: store.At(h.clock().Add(at))}
		}
		root := h.thread(ticket, store.DeskSide).Root
		for who, a := range others {
			if out, err := h.Pin(ctx, a, mark("m1", "x", 0), root); err == nil {
				t.Errorf("%s keeps the timeline: %+v", who, out)
			}
		}
		ms, _ := h.history(ticket.ID)
		copied := store.External{Workspace: "slack:T9", Channel: "C-support", ID: "copy"}
		h.check(h.db.Write(ctx, func(tx *store.Tx) error {
			return tx.AddPosts(ctx, []store.Post{{Message: ms[0].ID, Kind: helpdesk.TellMessage, Lane: helpdesk.Lane(ticket, store.DeskSide), External: copied}})
		}))
		_, err = h.Pin(ctx, h.ada, store.Mark{External: copied, Author: helpdesk.AProgram, Body: "Guichet says", SaidAt: store.At(h.clock())}, root)
		h.check(err)
		for range 2 {
			_, err = h.Pin(ctx, h.ada, mark("m2", "Restarted it.", 0), root)
			h.check(err)
		}
		_, err = h.Pin(ctx, h.amy, mark("m1", "The disk was full.", -time.Hour), root)
		h.check(err)
		_, err = h.Pin(ctx, h.amy, mark("m3", "Never mind.", 0), root)
		h.check(err)
		for _, who := range []helpdesk.Actor{h.ada, h.amy} { // only who has marked it
			_, err = h.Unpin(ctx, who, mark("m3", "", 0).External, root)
			h.check(err)
		}
		if _, err = h.Pin(ctx, h.ada, mark("m4", "x", 0), h.thread(theirs, store.DeskSide).Root); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a message of no major incident: %v", err)
		}
		_, err = h.Timeline(ctx, h.eve, ticket.ID)
		refused(t, "another queue's agent reads it", err, helpdesk.UnknownTicket)
		l, err := h.Timeline(ctx, h.ada, ticket.ID)
		h.check(err)
		if len(l.Marks) != 3 || l.Marks[0].Author != "ANN" || l.Marks[0].Body != ms[0].Body || l.Marks[1].Body != "The disk was full." || l.Marks[2].Person != h.ada.Person {
			t.Errorf("the timeline is %+v", l.Marks)
		}

		// The end.
		_, err = h.Do(ctx, h.ada, helpdesk.Resolve, ticket.ID, store.DeskSide)
		refused(t, "without a summary", err, helpdesk.EndsSummed)
		_, err = h.EndMajor(ctx, h.eve, ticket.ID, "x", uuid.NewString())
		refused(t, "by another queue's agent", err, helpdesk.UnknownTicket)
		_, err = h.EndMajor(ctx, h.ada, ticket.ID, "", uuid.NewString())
		refused(t, "an empty summary", err, helpdesk.BadForm)
		_, err = h.EndMajor(ctx, h.ada, ticket.ID, "A disk was full.", uuid.NewString())
		h.check(err)
		for h.spread() > 0 {
		}
		if a, b := h.ticket(ticket.ID), h.ticket(theirs.ID); a.State != "resolved" || b.State != "resolved" {
			t.Errorf("they are %s and %s", a.State, b.State)
		}
		same(t, "the part reads the summary", h.said(theirs)[2], "A disk was full.")
		if i := h.incident(ticket.ID); i.Known || !i.UpdateAt.IsZero() || i.EndedAt.IsZero() || i.Summary == 0 {
			t.Errorf("it is over: %+v", i)
		}
		h.pass(2 * time.Hour)
		same(t, "no more updates", reminders(), 2)
		_, err = h.EndMajor(ctx, h.ada, ticket.ID, "Again.", uuid.NewString())
		refused(t, "twice", err, helpdesk.NotNow)
		_, err = h.Do(ctx, h.ada, helpdesk.Reopen, ticket.ID, store.DeskSide)
		h.check(err)
		if i := h.incident(ticket.ID); !i.Known || i.UpdateAt.IsZero() || !i.EndedAt.IsZero() {
			t.Errorf("it goes on: %+v", i)
		}
	})
}
