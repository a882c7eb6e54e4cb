package helpdesk_test

import (
	"fmt"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// What an edit makes of a message, by who wrote it, whom it was for, and the queue's default.
func TestWhatAnEditMakesOfAMessage(t *testing.T) {
	const desk, requester = store.DeskSide, store.RequesterSide
	for _, c := range []struct {
		side, audience string
		byDefault      helpdesk.Audience
		text           string
		want, body     string
	}{
		{requester, "public", helpdesk.Public, "note: mine", "public", "note: mine"},
		{desk, "public", helpdesk.Public, "Better words", "public", "Better words"},
		{desk, "public", helpdesk.Public, "note: hush", "internal", "hush"},
		{desk, "public", helpdesk.Public, "*Note :* hush", "internal", "hush"},
		{desk, "public", helpdesk.Internal, "reply: still", "public", "still"},
		{desk, "public", helpdesk.Internal, "no word of whom for", "internal", "no word of whom for"},
		{desk, "internal", helpdesk.Public, "note: better", "internal", "better"},
		{desk, "internal", helpdesk.Public, "no word of whom for", "internal", "no word of whom for"},
		{desk, "internal", helpdesk.Public, "reply: out with it", "internal", "reply: out with it"},
		{desk, "internal", helpdesk.Internal, "réponse : dehors", "internal", "réponse : dehors"},
		{desk, "public", helpdesk.Public, "note: ", "public", "was"},
	} {
		got := helpdesk.Revised(store.Message{Side: c.side, Audience: c.audience, Body: "was"}, c.text, c.byDefault)
		if got.Audience != c.want || got.Body != c.body {
			t.Errorf("%s, %s by %s, becomes %q: %s %q, want %s %q", c.side, c.audience, c.byDefault, c.text, got.Audience, got.Body, c.want, c.body)
		}
	}
}

// revise edits what was written in a thread of a ticket; an empty text deletes it.
func (h *house) revise(a helpdesk.Actor, account string, p helpdesk.Post, text string) (helpdesk.Spoken, error) {
	h.t.Helper()
	return h.Revise(h.t.Context(), a, account, helpdesk.Revision{External: p.External, Root: p.Root, Text: text, Deleted: text == ""})
}

func TestWhoIsToldOfARevision(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ticket := h.into(h.open(h.ann, "office"), helpdesk.Open)
		h.link(ticket)
		h.told(ticket.ID)
		say := func(a helpdesk.Actor, side, id, text string) helpdesk.Post {
			t.Helper()
			p := h.post(ticket, side, id, text)
			_, err := h.Hear(ctx, a, "x", p)
			h.check(err)
			return p
		}
		reply := say(h.ada, store.DeskSide, "1", "Which version?")
		same(t, "edited while it waits", func() string { _, err := h.revise(h.ada, "ada", reply, "Which one?"); h.check(err); return "" }(), "")
		same(t, "told", h.told(ticket.ID), "desk: receipt; requester: message edit")

		_, err := h.revise(h.ada, "ada", reply, "Which release?")
		h.check(err)
		same(t, "edited later", h.told(ticket.ID), "requester: edit")
		_, err = h.revise(h.ada, "ada", reply, "Which release?")
		h.check(err)
		same(t, "not changed", h.told(ticket.ID), "")
		_, err = h.revise(h.ada, "ada", reply, "note: which")
		h.check(err)
		same(t, "made a note", h.told(ticket.ID), "desk: outcome; requester: deletion")
		_, err = h.revise(h.ada, "ada", reply, "reply: which")
		h.check(err)
		same(t, "it stays one", h.told(ticket.ID), "desk: receipt")

		mine := say(h.ann, store.RequesterSide, "2", "Red.")
		h.told(ticket.ID)
		_, err = h.revise(h.ann, "ann", mine, "Blue.")
		h.check(err)
		same(t, "the requester's", h.told(ticket.ID), "desk: edit; requester: edit")
		_, err = h.revise(h.ann, "ann", mine, "")
		h.check(err)
		same(t, "deleted", h.told(ticket.ID), "desk: deletion; requester: deletion")
		_, err = h.revise(h.ann, "ann", mine, "Green.")
		h.check(err)
		same(t, "after that", h.told(ticket.ID), "")

		// Nobody but its author, and no author who may not write there any more.
		theirs := say(h.ada, store.DeskSide, "3", "Hello")
		h.told(ticket.ID)
		for name, who := range map[string]helpdesk.Actor{"colleague": h.amy, "requester": h.ann, "manager": h.max, "another's colleague": h.ben, "agent of another queue": h.eve, "elsewhere": h.gus} {
			_, err := h.revise(who, name, theirs, "Changed")
			refused(t, name, err, helpdesk.UnknownTicket)
		}
		h.check(h.SetSeen(ctx, h.Catalog().Queues[0], store.Seen{Private: true, Members: []string{"amy"}}, -time.Second))
		_, err = h.revise(h.ada, "ada", theirs, "Changed")
		refused(t, "no agent any more", err, helpdesk.UnknownTicket)
		same(t, "told of none of it", h.told(ticket.ID), "")
	})
}

func TestAReplyIsHeldAndCanBeTakenBack(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.Catalog().Queues[0].Undo = 10 * time.Second
		ticket := h.into(h.open(h.ann, "office"), helpdesk.Open)
		say := func(text string) helpdesk.Spoken {
			t.Helper()
			s, err := h.hear(h.ada, ticket, store.DeskSide, text)
			h.check(err)
			return s
		}
		s := say("Sorry")
		for name, c := range map[string]struct {
			who  helpdesk.Actor
			code helpdesk.Code
		}{"colleague": {h.amy, helpdesk.NotAllowed}, "requester": {h.ann, helpdesk.NotAllowed}, "manager": {h.max, helpdesk.NotAllowed},
			"employee": {h.ben, helpdesk.UnknownTicket}, "agent of another queue": {h.eve, helpdesk.UnknownTicket}, "elsewhere": {h.gus, helpdesk.UnknownTicket}} {
			_, err := h.Undo(ctx, c.who, ticket.ID, s.Message)
			refused(t, name, err, c.code)
		}
		for i := range 2 {
			out, err := h.Undo(ctx, h.ada, ticket.ID, s.Message)
			if err != nil || out.Changed != (i == 0) {
				t.Errorf("press %d: %+v, %v", i, out, err)
			}
		}
		same(t, "told", h.told(ticket.ID), "desk: receipt outcome")

		// A note is not held, and no other message can be taken back.
		note, err := h.Say(ctx, h.ada, ticket.ID, store.DeskSide, helpdesk.Internal, "hush", "form")
		h.check(err)
		_, err = h.Undo(ctx, h.ada, ticket.ID, note.Message)
		refused(t, "a note", err, helpdesk.Sent)
		other := h.open(h.ann, "office")
		_, err = h.Undo(ctx, h.ada, other.ID, s.Message)
		refused(t, "a message of another ticket", err, helpdesk.NotAllowed)
		_, err = h.Undo(ctx, h.ada, ticket.ID, 999_999)
		refused(t, "no message", err, helpdesk.NotAllowed)
	})
}

// A press at the very moment at which the reply is sent: either it is taken back, or it is too late.
func TestUndoAndSendingAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.Catalog().Queues[0].Undo = time.Millisecond
		for i := range 20 {
			ticket := h.into(h.open(h.ann, "office"), helpdesk.Open)
			h.told(ticket.ID)
			s, err := h.hear(h.ada, ticket, store.DeskSide, fmt.Sprint("reply ", i))
			h.check(err)
			var claimed int
			var undone error
			together(2, func(n int) {
				if n == 0 {
					_, undone = h.Undo(ctx, h.ada, ticket.ID, s.Message)
					return
				}
				_ = h.db.Write(ctx, func(tx *store.Tx) error {
					ds, err := tx.Claim(ctx, "slack:T1", 10, time.Minute)
					for _, d := range ds {
						if d.Message == s.Message {
							claimed++
						}
					}
					return err
				})
			})
			if (undone == nil) == (claimed > 0) {
				t.Errorf("taken back: %v, and claimed %d times", undone, claimed)
			}
			if undone != nil {
				refused(t, "too late", undone, helpdesk.Sent)
			}
		}
	})
}

// Whatever the outbox says, what is internal, or is no more, is posted to nobody who should not read it.
func TestWhatIsInternalIsToldToNobodyOutside(t *testing.T) {
	note := store.Message{ID: 1, Audience: store.Internal}
	reply := store.Message{ID: 1, Audience: store.Public}
	gone := reply
	gone.DeletedAt = store.At(time.Now())
	for _, kind := range []string{helpdesk.TellMessage, helpdesk.TellEdit, helpdesk.TellFile, helpdesk.TellNoFile} {
		for _, c := range []struct {
			m      store.Message
			person store.PersonID
			want   bool
		}{{note, 7, true}, {note, 0, false}, {reply, 7, false}, {reply, 0, false}, {gone, 7, true}, {gone, 0, true}} {
			if got := helpdesk.Outdated(helpdesk.Brief{Message: c.m}, store.Delivery{Kind: kind, Person: c.person}); got != c.want {
				t.Errorf("%s of %+v to %d is outdated: %v", kind, c.m, c.person, got)
			}
		}
	}
}
