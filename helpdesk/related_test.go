package helpdesk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"guichet/helpdesk"
	"guichet/store"
)

// change does what an entry of the menu does, whatever was before.
func (h *house) change(a helpdesk.Actor, act helpdesk.Act, t store.Ticket, to string) (helpdesk.Outcome, error) {
	h.t.Helper()
	return h.Change(h.t.Context(), a, t.ID, helpdesk.Change{Act: act, To: to, Any: true}, uuid.NewString())
}

// said are the public messages of a ticket, in order.
func (h *house) said(t store.Ticket) (all []string) {
	h.t.Helper()
	ms, _ := h.history(t.ID)
	for _, m := range ms {
		if m.Audience == store.Public && !m.Deleted() {
			all = append(all, m.Body)
		}
	}
	return all
}

// spread makes what is due to parts of incidents, and says how many deliveries that were.
func (h *house) spread() (n int) {
	h.t.Helper()
	for _, d := range h.deliveries() {
		if d.Kind == helpdesk.TellSpread {
			h.check(h.Spread(h.t.Context(), d))
			h.check(h.Spread(h.t.Context(), d)) // by a worker that thinks the first one died
			n++
		}
	}
	return n
}

func TestMergedTicketsGoOnInOne(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		kept, other := h.open(h.ann, "office"), h.open(h.ben, "office")
		for who, a := range map[string]helpdesk.Actor{"the requester": h.ben, "a colleague": h.ann, "their manager": h.max, "a stranger": h.gus, "another queue's agent": h.eve} {
			if _, err := h.change(a, helpdesk.Merge, other, fmt.Sprint(kept.ID)); err == nil {
				t.Errorf("%s merges tickets", who)
			}
		}
		foreign, emm := h.open(h.gus, "office"), h.open(h.ann, "emm")
		for to, code := range map[string]helpdesk.Code{"9999": helpdesk.NoOther, "x": helpdesk.NoOther, fmt.Sprint(other.ID): helpdesk.Itself,
			fmt.Sprint(foreign.ID): helpdesk.Elsewhere, fmt.Sprint(emm.ID): helpdesk.NoOther} {
			_, err := h.change(h.ada, helpdesk.Merge, other, to)
			refused(t, "into "+to, err, code)
		}
		h.told(0)
		out, err := h.change(h.ada, helpdesk.Merge, other, fmt.Sprint("#", kept.ID))
		h.check(err)
		if now := h.ticket(other.ID); out.Ticket.State != "closed" || now.State != "closed" || now.Merged != kept.ID {
			t.Errorf("it is %+v", now)
		}
		var tells []string
		for _, d := range h.deliveries() {
			tells = append(tells, fmt.Sprintf("%s %s", d.Lane, d.Kind))
		}
		for _, want := range []string{"%[1]d/desk card", "%[1]d/desk event", "%[1]d/desk message", "%[1]d/%[3]d card", "%[2]d/%[3]d event"} { // the other's people read along
			if !strings.Contains(strings.Join(tells, "\n")+"\n", fmt.Sprintf(want, kept.ID, other.ID, h.ben.Person)+"\n") {
				t.Errorf("%q is not among\n%s", want, strings.Join(tells, "\n"))
			}
		}
		ms, _ := h.history(kept.ID)
		if last := ms[len(ms)-1]; last.Audience != store.Internal || last.Quotes != "BEN" {
			t.Errorf("what it began with is %+v", last)
		}
		_, err = h.change(h.ada, helpdesk.Merge, kept, fmt.Sprint(other.ID))
		refused(t, "back again", err, helpdesk.OtherClosed)
		for _, side := range []struct {
			who  helpdesk.Actor
			side string
		}{{h.ben, store.RequesterSide}, {h.ada, store.DeskSide}} {
			_, err = h.Do(ctx, side.who, helpdesk.Reopen, other.ID, side.side)
			refused(t, "reopened", err, helpdesk.GoesOn)
		}

		// What is written in the old threads goes on in the one that is left, long after too.
		h.pass(90 * 24 * 3600e9)
		s, err := h.hear(h.ben, other, store.RequesterSide, "here too")
		h.check(err)
		if s.Ticket.ID != kept.ID {
			t.Errorf("the requester's words went to %d", s.Ticket.ID)
		}
		_, err = h.hear(h.ada, other, store.DeskSide, "note: between us")
		h.check(err)
		_, err = h.hear(h.ada, other, store.DeskSide, "try again")
		h.check(err)
		same(t, "it says", strings.Join(h.said(kept)[1:], ", "), "here too, try again")
		if n := len(h.said(other)); n != 1 {
			t.Errorf("the old one has %d messages", n)
		}
	})
}

func TestLinksGoBothWays(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b, c := h.open(h.ann, "office"), h.open(h.ben, "office"), h.open(h.gus, "office")
		_, err := h.change(h.ada, helpdesk.Link, a, fmt.Sprintf("#%d, %d", c.ID, b.ID))
		h.check(err)
		links := func(t store.Ticket) string { return h.ticket(t.ID).Links }
		same(t, "a", links(a), fmt.Sprintf("%d %d", b.ID, c.ID))
		same(t, "b", links(b), fmt.Sprint(a.ID))
		_, err = h.change(h.ada, helpdesk.Link, a, fmt.Sprint(c.ID))
		h.check(err)
		same(t, "b is free", links(b), "")
		out, err := h.change(h.ada, helpdesk.Link, a, fmt.Sprint(c.ID))
		h.check(err)
		if out.Changed {
			t.Error("the same links are a change")
		}
		_, err = h.change(h.ada, helpdesk.Link, a, fmt.Sprint(a.ID))
		refused(t, "itself", err, helpdesk.Itself)
		_, err = h.change(h.ada, helpdesk.Link, a, fmt.Sprint(h.open(h.ann, "emm").ID))
		refused(t, "another queue's", err, helpdesk.NoOther)
		var many []string
		for range helpdesk.MostLinks + 1 {
			many = append(many, fmt.Sprint(h.open(h.ann, "office").ID))
		}
		_, err = h.change(h.ada, helpdesk.Link, a, strings.Join(many, " "))
		refused(t, "too many", err, helpdesk.ManyLinks)
		if _, err = h.change(h.ann, helpdesk.Link, a, ""); err == nil {
			t.Error("a requester takes links away")
		}
		v, err := h.View(t.Context(), h.ann, a.ID, helpdesk.Latest)
		h.check(err)
		for _, e := range v.Events {
			if e.Act == string(helpdesk.Link) {
				t.Error("the requester reads of links")
			}
		}
	})
}

// Two agents who name each other's tickets at once do so one after the other.
func TestLinksMadeCrosswiseAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b := h.open(h.ann, "office"), h.open(h.ben, "office")
		for round := range 2 { // PostgreSQL takes a second to see each deadlock
			to := []string{fmt.Sprint(b.ID), fmt.Sprint(a.ID)}
			if round%2 == 1 {
				to = []string{"", ""}
			}
			together(2, func(i int) {
				if _, err := h.change(h.ada, helpdesk.Link, []store.Ticket{a, b}[i], to[i]); err != nil {
					t.Errorf("round %d: %v", round, err)
				}
			})
			if x, y := h.ticket(a.ID).Links, h.ticket(b.ID).Links; x != to[0] || y != to[1] {
				t.Errorf("round %d: the links are %q and %q", round, x, y)
			}
		}
	})
}

func TestAMessageIsSplitOffOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ticket := h.open(h.ann, "office")
		_, err := h.hear(h.max, ticket, store.RequesterSide, "And the **printer** jams.")
		h.check(err)
		_, err = h.hear(h.ada, ticket, store.DeskSide, "We look.")
		h.check(err)
		_, ms, err := h.Splittable(ctx, h.ada, ticket.ID)
		h.check(err)
		if len(ms) != 2 || ms[0].Body != "And the **printer** jams." {
			t.Fatalf("what can be split off is %+v", ms)
		}
		for who, a := range map[string]helpdesk.Actor{"the requester": h.ann, "their manager": h.max, "another queue's agent": h.eve} {
			if _, err := h.Split(ctx, a, ticket.ID, ms[0].ID, "Printer", uuid.NewString()); err == nil {
				t.Errorf("%s splits", who)
			}
		}
		other := h.open(h.gus, "office")
		_, err = h.Split(ctx, h.ada, other.ID, ms[0].ID, "Printer", uuid.NewString())
		refused(t, "another ticket's message", err, helpdesk.NoMessage)
		_, err = h.Split(ctx, h.ada, ticket.ID, ms[0].ID, " ", uuid.NewString())
		refused(t, "no subject", err, helpdesk.BadForm)
		h.told(0)
		out, err := h.Split(ctx, h.ada, ticket.ID, ms[0].ID, "Printer", "form")
		h.check(err)
		now := h.ticket(out.Ticket.ID)
		if now.Requester != h.ann.Person || now.Queue != "support" || now.Subject != "Printer" || now.Links != fmt.Sprint(ticket.ID) || h.ticket(ticket.ID).Links != fmt.Sprint(now.ID) {
			t.Errorf("the new one is %+v", now)
		}
		first, _ := h.history(now.ID)
		if first[0].Author != h.max.Person || first[0].Body != ms[0].Body {
			t.Errorf("it begins with %+v", first[0])
		}
		_, err = h.Split(ctx, h.ada, ticket.ID, ms[0].ID, "Printer", "form")
		if err != helpdesk.ErrDuplicate {
			t.Errorf("the form again: %v", err)
		}
		_, err = h.Split(ctx, h.amy, ticket.ID, ms[0].ID, "Printers", uuid.NewString())
		refused(t, "once more", err, helpdesk.SplitOff)
		s, err := h.hear(h.ada, ticket, store.DeskSide, "?split Again")
		h.check(err)
		if s.Word.Refused == nil || s.Word.Refused.Code != helpdesk.SplitOff {
			t.Errorf("the last message was split off already: %+v", s.Word)
		}
	})
}

// One answer reaches all that are part of an incident, in tickets of their own; no organization reads another's words.
func TestAnIncidentAnswersAll(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		incident, mine, theirs := h.open(h.ann, "office"), h.open(h.ben, "office"), h.open(h.gus, "office")
		for _, part := range []store.Ticket{mine, theirs} {
			_, err := h.change(h.ada, helpdesk.Part, part, fmt.Sprint(incident.ID))
			h.check(err)
		}
		if n := h.ticket(incident.ID).Affected; n != 2 {
			t.Errorf("%d are affected", n)
		}
		_, err := h.change(h.ada, helpdesk.Part, incident, fmt.Sprint(mine.ID))
		refused(t, "an incident within one of its parts", err, helpdesk.HasParts)
		third := h.open(h.max, "office")
		_, err = h.change(h.ada, helpdesk.Part, third, fmt.Sprint(mine.ID))
		refused(t, "part of a part", err, helpdesk.IsPart)
		_, err = h.change(h.ada, helpdesk.Merge, incident, fmt.Sprint(third.ID))
		refused(t, "an incident is merged", err, helpdesk.HasParts)

		_, err = h.hear(h.ada, incident, store.DeskSide, "note: the disk is full")
		h.check(err)
		_, err = h.hear(h.ann, incident, store.RequesterSide, "Any news?")
		h.check(err)
		_, err = h.hear(h.ada, incident, store.DeskSide, "We are on it.")
		h.check(err)
		if n := h.spread(); n != 1 {
			t.Errorf("%d deliveries spread", n)
		}
		for _, part := range []store.Ticket{mine, theirs} {
			same(t, "a part says", strings.Join(h.said(part)[1:], ", "), "We are on it.")
		}
		ms, _ := h.history(incident.ID)
		last := ms[len(ms)-1]
		_, err = h.Revise(t.Context(), h.ada, "ada", helpdesk.Revision{External: last.External, Root: h.thread(incident, store.DeskSide).Root, Text: "We are on it!"})
		h.check(err)
		h.spread()
		same(t, "edited", strings.Join(h.said(theirs)[1:], ", "), "We are on it!")
		_, err = h.Revise(t.Context(), h.ada, "ada", helpdesk.Revision{External: last.External, Root: h.thread(incident, store.DeskSide).Root, Deleted: true})
		h.check(err)
		h.spread()
		same(t, "deleted", strings.Join(h.said(theirs)[1:], ", "), "")

		// What somebody says in theirs stays there; who is no part any more is told nothing more.
		_, err = h.hear(h.gus, theirs, store.RequesterSide, "Secret of globex.")
		h.check(err)
		if n := h.spread(); n != 0 {
			t.Errorf("a requester's words were spread")
		}
		_, err = h.hear(h.ada, theirs, store.DeskSide, "?part off")
		h.check(err)
		_, err = h.Do(t.Context(), h.ada, helpdesk.Resolve, incident.ID, store.DeskSide)
		h.check(err)
		h.spread()
		if a, b := h.ticket(mine.ID), h.ticket(theirs.ID); a.State != "resolved" || b.State == "resolved" || h.ticket(incident.ID).Affected != 1 {
			t.Errorf("a part is %s, the other %s", a.State, b.State)
		}
	})
}

// A correction, and a deletion, reach also those who are no part any more: what they were told may be wrong, or not for them.
func TestWhoIsNoPartAnyMoreIsCorrectedToo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		incident, left := h.open(h.ann, "office"), h.open(h.gus, "office")
		_, err := h.change(h.ada, helpdesk.Part, left, fmt.Sprint(incident.ID))
		h.check(err)
		_, err = h.hear(h.ada, incident, store.DeskSide, "It works at ten.")
		h.check(err)
		h.spread()
		_, err = h.change(h.ada, helpdesk.Part, left, "")
		h.check(err)
		ms, _ := h.history(incident.ID)
		revise := func(r helpdesk.Revision) []string {
			r.External, r.Root = ms[1].External, h.thread(incident, store.DeskSide).Root
			_, err := h.Revise(t.Context(), h.ada, "ada", r)
			h.check(err)
			h.spread()
			return h.said(left)[1:]
		}
		same(t, "edited", revise(helpdesk.Revision{Text: "It works at eleven."}), []string{"It works at eleven."})
		same(t, "deleted", len(revise(helpdesk.Revision{Deleted: true})), 0)
	})
}

// What was said before somebody became part of an incident was for others: no edit of it, and no file that comes late, brings it to them.
func TestWhatWasSaidBeforeStaysWhereItWas(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.Catalog().Files = helpdesk.Files{Largest: 1000}
		incident, part := h.open(h.ann, "office"), h.open(h.gus, "office")
		h.link(incident)
		p := h.post(incident, store.DeskSide, "private", "Your password is in the letter.")
		p.Files = []helpdesk.FileRef{{ID: "F", Name: "letter.txt", Size: 3}}
		_, err := h.Hear(t.Context(), h.ada, "ada", p)
		h.check(err)
		h.pass(time.Minute)
		_, err = h.change(h.ada, helpdesk.Part, part, fmt.Sprint(incident.ID))
		h.check(err)
		h.announced(incident, "Outlook does not open", true)
		me, err := h.MeToo(t.Context(), h.ben, incident.ID, "", "form")
		h.check(err)
		h.pass(time.Minute)
		for range 3 {
			for _, d := range h.deliveries() {
				switch d.Kind {
				case helpdesk.TellSpread:
					h.check(h.Spread(t.Context(), d))
				case helpdesk.TellFetch:
					f, err := h.FileToFetch(t.Context(), d.File)
					h.check(err)
					f.State, f.Blob = store.FileKept, "key"
					h.check(h.Fetched(t.Context(), f))
				}
			}
		}
		_, err = h.Revise(t.Context(), h.ada, "ada", helpdesk.Revision{External: p.External, Root: p.Root, Text: "Your password is in the blue letter."})
		h.check(err)
		h.spread()
		_, err = h.hear(h.ada, incident, store.DeskSide, "It works again.")
		h.check(err)
		h.spread()
		for _, id := range []store.TicketID{part.ID, me.Ticket.ID} {
			same(t, "they read", h.said(store.Ticket{ID: id})[1:], []string{"It works again."})
		}
	})
}

// A file that the desk sends on an incident reaches all parts, with words or without, whenever it is fetched.
func TestAnIncidentsFilesReachAll(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.Catalog().Files = helpdesk.Files{Largest: 1000}
		incident, part := h.open(h.ann, "office"), h.open(h.gus, "office")
		h.link(incident)
		_, err := h.change(h.ada, helpdesk.Part, part, fmt.Sprint(incident.ID))
		h.check(err)
		for i, words := range []string{"Restart like this.", "", "note: not for them"} {
			p := h.post(incident, store.DeskSide, fmt.Sprint("f", i), words)
			p.Files = []helpdesk.FileRef{{ID: fmt.Sprint("F", i), Name: fmt.Sprintf("%d.txt", i), Size: 3}}
			_, err := h.Hear(t.Context(), h.ada, "ada", p)
			h.check(err)
		}
		for range 3 { // what was said is spread before its files are fetched, and again then
			for _, d := range h.deliveries() {
				switch d.Kind {
				case helpdesk.TellSpread:
					h.check(h.Spread(t.Context(), d))
				case helpdesk.TellFetch:
					f, err := h.FileToFetch(t.Context(), d.File)
					h.check(err)
					f.State, f.Blob = store.FileKept, "key"+f.Name
					h.check(h.Fetched(t.Context(), f))
				}
			}
		}
		same(t, "the part says", h.said(part)[1:], []string{"Restart like this.", ""})
		ms, _ := h.history(part.ID)
		var files []string
		h.check(h.db.Look(t.Context(), func(tx *store.Tx) error {
			for _, m := range ms {
				fs, err := tx.FilesOf(t.Context(), []store.MessageID{m.ID})
				h.check(err)
				for _, f := range fs {
					files = append(files, f.Name+" "+f.State+" "+f.Blob)
				}
			}
			return nil
		}))
		same(t, "its files", files, []string{"0.txt kept key0.txt", "1.txt kept key1.txt"})
	})
}

func TestUndoOfAnAnswerToAllTakesItBackFromAll(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.Catalog().Queues[0].Undo = 10e9
		incident, part := h.open(h.ann, "office"), h.open(h.gus, "office")
		_, err := h.change(h.ada, helpdesk.Part, part, fmt.Sprint(incident.ID))
		h.check(err)
		s, err := h.hear(h.ada, incident, store.DeskSide, "Too early.")
		h.check(err)
		_, err = h.Undo(t.Context(), h.ada, incident.ID, s.Message)
		h.check(err)
		h.pass(11e9)
		h.spread()
		same(t, "the part says", len(h.said(part)), 1)
	})
}
