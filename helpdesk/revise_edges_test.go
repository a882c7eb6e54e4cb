package helpdesk_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// held is a reply that ada can take back for a while, and the delivery by which it is to be told.
func (h *house) held(text string) (t store.Ticket, s helpdesk.Spoken, p helpdesk.Post) {
	h.t.Helper()
	h.Catalog().Queues[0].Undo = 10 * time.Second
	t = h.into(h.open(h.ann, "office"), helpdesk.Open)
	h.link(t)
	h.told(t.ID)
	p = h.post(t, store.DeskSide, text[:5], text)
	s, err := h.Hear(h.t.Context(), h.ada, "ada", p)
	h.check(err)
	return t, s, p
}

// begins has a worker take up what is due in the requester's workspace, and does something with it.
func (h *house) begins(with func(ctx context.Context, tx *store.Tx, d store.Delivery) error) {
	h.t.Helper()
	ctx := h.t.Context()
	h.check(h.db.Write(ctx, func(tx *store.Tx) error {
		ds, err := tx.Claim(ctx, "slack:T1", 10, time.Minute)
		if err == nil && len(ds) != 1 {
			h.t.Fatalf("%d deliveries are due", len(ds))
		}
		if err != nil || with == nil {
			return err
		}
		return with(ctx, tx, ds[0])
	}))
}

// What can be taken back is what nobody has been told, and is not about to be; nothing else decides.
func TestWhatCanBeTakenBack(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		long := strings.Repeat("x", helpdesk.PartLength+1)
		undo := func(ticket store.Ticket, s helpdesk.Spoken) error {
			out, err := h.Undo(ctx, h.ada, ticket.ID, s.Message)
			if err == nil && !out.Changed {
				t.Error("nothing was taken back")
			}
			h.told(ticket.ID)
			return err
		}
		failing := store.Failure{Reason: "down"}

		ticket, s, _ := h.held("retry")
		h.begins(func(ctx context.Context, tx *store.Tx, d store.Delivery) error {
			return tx.Retry(ctx, d, time.Hour, failing)
		})
		h.check(undo(ticket, s)) // the platform has refused it, and nobody is at it

		ticket, s, _ = h.held("doubt")
		h.begins(func(ctx context.Context, tx *store.Tx, d store.Delivery) error {
			return tx.RetryInDoubt(ctx, d, time.Hour, failing)
		})
		refused(t, "in doubt", undo(ticket, s), helpdesk.Sent)

		ticket, s, p := h.held("longer than it was")
		_, err := h.revise(h.ada, "ada", p, long)
		h.check(err)
		h.check(undo(ticket, s))

		ticket, s, p = h.held("shorter" + long)
		h.begins(nil) // its first part
		_, err = h.revise(h.ada, "ada", p, "short")
		h.check(err)
		refused(t, "its first part is being sent", undo(ticket, s), helpdesk.Sent)

		h.Catalog().Queues[0].Undo = 0
		ticket = h.into(h.open(h.ann, "office"), helpdesk.Open)
		s, err = h.hear(h.ada, ticket, store.DeskSide, "at once")
		h.check(err)
		h.told(ticket.ID) // its delivery left no post, as those of earlier releases did
		refused(t, "sent at once", undo(ticket, s), helpdesk.Sent)
	})
}

// Whoever begins to follow a ticket while a reply is held has not been told it.
func TestAFollowerWhoComesMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.Catalog().Queues[0].Undo = 10 * time.Second
		out, err := h.File(ctx, by(h.ben, "Ev1"), said("1", h.ann), "Printer", "It jams.")
		h.check(err)
		s, err := h.hear(h.ada, h.ticket(out.Ticket.ID), store.DeskSide, "Sorry")
		h.check(err)
		_, err = h.Join(ctx, by(h.max, "Ev2"), said("1", h.ann).External)
		h.check(err)
		if out, err := h.Undo(ctx, h.ada, out.Ticket.ID, s.Message); err != nil || !out.Changed {
			t.Errorf("%+v, %v", out, err)
		}
	})
}

// Followers are told in their own language, and what was taken away from everybody is from those too who
// have stopped following.
func TestFollowersAndFormerOnes(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		out, err := h.File(ctx, by(h.ben, "Ev1"), said("1", h.ann), "Printer", "It jams.")
		h.check(err)
		_, err = h.Join(ctx, by(h.max, "Ev2"), said("1", h.ann).External)
		h.check(err)
		ticket := h.ticket(out.Ticket.ID)
		h.link(ticket)
		h.told(ticket.ID)
		p := h.post(ticket, store.DeskSide, "1", "My password is 1234")
		s, err := h.Hear(ctx, h.ada, "ada", p)
		h.check(err)
		lane := helpdesk.Lane(store.Ticket{ID: ticket.ID, Requester: h.max.Person}, store.RequesterSide)
		for _, d := range h.deliveries() {
			if d.Lane != lane || d.Kind != helpdesk.TellMessage {
				continue
			}
			b, err := h.Brief(ctx, d)
			h.check(err)
			same(t, "the follower's language", b.People[h.max.Person].Language, "fr")
			h.check(h.db.Write(ctx, func(tx *store.Tx) error {
				return tx.AddPosts(ctx, []store.Post{{Message: s.Message, Kind: d.Kind, Lane: lane, External: store.External{Workspace: d.Workspace, Channel: "D-max", ID: "7"}}})
			}))
		}
		_, err = h.Unfollow(ctx, h.max, ticket.ID)
		h.check(err)
		h.told(ticket.ID)
		_, err = h.revise(h.ada, "ada", p, "note: forget it")
		h.check(err)
		var former []store.Delivery
		for _, d := range h.deliveries() {
			if d.Lane == lane {
				former = append(former, d)
			}
		}
		if len(former) != 1 || former[0].Kind != helpdesk.TellDeletion || former[0].Person != h.max.Person || former[0].Workspace != "slack:T1" {
			t.Fatalf("max is to be told %+v", former)
		}
		b, err := h.Brief(ctx, former[0])
		h.check(err)
		if helpdesk.Outdated(b, former[0]) || len(b.Posts) != 1 {
			t.Errorf("it would not be taken away: %+v", b)
		}
		former[0].Kind = helpdesk.TellEdit
		if !helpdesk.Outdated(b, former[0]) {
			t.Error("he is still told of edits")
		}
	})
}

// What its author can still take back is in the history that agents see, and in nobody else's.
func TestAHeldReplyIsNoHistoryYet(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ticket, _, _ := h.held("Which version?")
		reads := func(who helpdesk.Actor) int {
			v, err := h.View(t.Context(), who, ticket.ID, helpdesk.Latest)
			h.check(err)
			return len(v.Messages)
		}
		same(t, "held", []int{reads(h.ada), reads(h.ann), reads(h.max)}, []int{2, 1, 1})
		h.pass(10 * time.Second)
		same(t, "sent", []int{reads(h.ada), reads(h.ann), reads(h.max)}, []int{2, 2, 2})
	})
}
