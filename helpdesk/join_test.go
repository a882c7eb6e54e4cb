package helpdesk_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// claims has somebody say that an address is theirs, and returns the confirmation.
func (h *house) claims(a helpdesk.Actor, account, address string) store.ConfirmationID {
	h.t.Helper()
	before, err := h.DetailsOf(h.t.Context(), a)
	h.check(err)
	to := before
	to.Mail = address
	c, err := h.SetDetails(h.t.Context(), a, store.Account{Workspace: a.Source, ID: account}, before, to)
	h.check(err)
	if c.Confirm != address {
		h.t.Fatalf("no link is sent: %+v", c)
	}
	var id store.ConfirmationID
	h.check(h.db.Read(h.t.Context(), func(tx *store.Tx) error {
		cs, err := tx.Confirmations(h.t.Context(), a.Person, 1)
		id = cs[0].ID
		return err
	}))
	return id
}

// join has ben confirm an address that is ann's: the two are one person, ben.
func (h *house) join() {
	h.t.Helper()
	_, err := h.Confirm(h.t.Context(), h.claims(h.ben, "ben", "ann@acme.example"))
	h.check(err)
}

func (h *house) add(t store.Ticket, a helpdesk.Actor) {
	h.t.Helper()
	h.check(h.db.Write(h.t.Context(), func(tx *store.Tx) error {
		if _, err := tx.LockTicket(h.t.Context(), t.ID); err != nil {
			return err
		}
		_, err := tx.AddFollower(h.t.Context(), t.ID, store.Follower{Person: a.Person, Workspace: a.Source})
		return err
	}))
}

// Whatever the two were to a ticket, the one person is that once: its requester rather than a follower. What they
// wrote is theirs to edit; what waits is told, where it would have been, once.
func TestTwoPeopleAreOne(t *testing.T) {
	byMail(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.confirmed(h.ann, "ann@acme.example", store.NoMail)
		asked, mine := h.open(h.ann, "office"), h.open(h.ben, "office")
		of, both, followed := h.open(h.ann, "office"), h.open(h.max, "office"), h.open(h.max, "office")
		h.add(mine, h.ann) // who follows what ben asked
		h.add(of, h.ben)   // the reverse
		h.add(both, h.ann)
		h.add(both, h.ben)
		h.add(followed, h.ann)
		all := []store.Ticket{asked, mine, of, both, followed}
		said := h.post(asked, store.RequesterSide, "mine", "my wrods")
		h.link(asked)
		_, err := h.Hear(ctx, h.ann, "ann", said)
		h.check(err)
		h.told(0)
		for i, tk := range all {
			h.link(tk)
			_, err := h.Say(ctx, h.ada, tk.ID, store.DeskSide, helpdesk.Public, "waits", fmt.Sprint("say", i))
			h.check(err)
		}
		h.join()

		ben := fmt.Sprint(int64(h.ben.Person))
		for i, want := range []struct{ requester, told string }{
			{ben, ben + ": message card"}, {ben, ben + ": message card"}, {ben, ben + ": message card"},
			{fmt.Sprint(int64(h.max.Person)), ""}, {fmt.Sprint(int64(h.max.Person)), ""},
		} {
			tk := h.ticket(all[i].ID)
			if fmt.Sprint(int64(tk.Requester)) != want.requester {
				t.Errorf("ticket %d: the requester is %d", i, tk.Requester)
			}
			lanes := h.list(fmt.Sprintf(`SELECT lane || ' ' || kind FROM outbox WHERE ticket_id = %d AND person_id = %d AND kind = 'message'`, tk.ID, h.ben.Person))
			if len(lanes) != 1 || lanes[0] != store.Lane(tk.ID, ben)+" message" {
				t.Errorf("ticket %d: what waits is %q", i, lanes)
			}
			if left := h.list(fmt.Sprintf(`SELECT lane FROM outbox WHERE ticket_id = %d AND person_id = %d`, tk.ID, h.ann.Person)); len(left) != 0 {
				t.Errorf("ticket %d: for the other there waits %q", i, left)
			}
			if i < 3 {
				if f := h.list(fmt.Sprintf(`SELECT person_id FROM followers WHERE ticket_id = %d`, tk.ID)); len(f) != 0 {
					t.Errorf("ticket %d: they ask and follow", i)
				}
			} else if f := h.list(fmt.Sprintf(`SELECT person_id FROM followers WHERE ticket_id = %d`, tk.ID)); len(f) != 1 || f[0] != ben {
				t.Errorf("ticket %d: the followers are %q", i, f)
			}
		}
		visible := h.list(`SELECT lane FROM outbox WHERE visible_at IS NOT NULL GROUP BY lane HAVING COUNT(*) > 1`)
		hidden := h.list(`SELECT lane FROM outbox o WHERE NOT EXISTS (SELECT 1 FROM outbox p WHERE p.lane = o.lane AND p.visible_at IS NOT NULL)`)
		if len(visible) != 0 || len(hidden) != 0 {
			t.Errorf("lanes with several heads %q, with none %q", visible, hidden)
		}

		// By either account it is one person, who sees all that, and edits what they wrote.
		p, err := h.Known(ctx, annsAccount)
		if err != nil || p.ID != h.ben.Person {
			t.Errorf("ann's account is %d's: %v", p.ID, err)
		}
		for _, tk := range all {
			if _, err := h.View(ctx, h.ann, tk.ID, helpdesk.Latest); err != nil { // as a copy has it that does not know yet
				t.Errorf("ticket %d: %v", tk.ID, err)
			}
		}
		s, err := h.Revise(ctx, h.ben, "ann", helpdesk.Revision{External: said.External, Root: said.Root, Text: "my words"})
		if err != nil || !s.Changed {
			t.Errorf("their own words: %+v, %v", s, err)
		}
	})
}

// What another copy of the program did for one of them a moment later, not knowing it yet, is theirs too.
func TestWhoeverDidNotKnowYet(t *testing.T) {
	byMail(t, func(t *testing.T, h *house) {
		h.confirmed(h.ann, "ann@acme.example", store.NoMail)
		h.join()
		tk := h.open(h.ann, "office") // as the one she was
		if h.ticket(tk.ID).Requester != h.ann.Person {
			t.Fatal("it is known")
		}
		h.check(h.JoinAgain(t.Context()))
		if got := h.ticket(tk.ID).Requester; got != h.ben.Person {
			t.Errorf("the requester is %d", got)
		}
		h.pass(time.Hour)
		late := h.open(h.ann, "office") // nobody is remembered for so long
		h.check(h.JoinAgain(t.Context()))
		if got := h.ticket(late.ID).Requester; got != h.ann.Person {
			t.Errorf("the sweep looks back for an hour: %d", got)
		}
	})
}

// A delivery that was under way meanwhile is noted in the conversation by its new name, and the next comes forward.
func TestJoinedWhileADeliveryIsUnderWay(t *testing.T) {
	byMail(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.confirmed(h.ann, "ann@acme.example", store.NoMail)
		tk := h.open(h.ann, "office")
		h.check(h.db.Write(ctx, func(tx *store.Tx) error {
			return tx.Enqueue(ctx, store.Delivery{Lane: helpdesk.Lane(tk, store.RequesterSide), Ticket: tk.ID, Workspace: tk.Origin, Kind: helpdesk.TellCard, Person: tk.Requester},
				store.Delivery{Lane: helpdesk.Lane(tk, store.RequesterSide), Ticket: tk.ID, Workspace: tk.Origin, Kind: helpdesk.TellEvent, Person: tk.Requester, Event: 1})
		}))
		_, ds, err := h.Deliver(ctx, helpdesk.Want{Workspace: tk.Origin, Most: 9, Lease: time.Minute})
		h.check(err)
		h.join()
		was := ds[0]
		began := store.Thread{Ticket: tk.ID, Lane: was.Lane, IsCard: true, Workspace: tk.Origin, Channel: "D", Root: "r"}
		h.delivered(was, began)
		lane := helpdesk.Lane(h.ticket(tk.ID), store.RequesterSide)
		h.check(h.db.Read(ctx, func(tx *store.Tx) error {
			th, err := tx.CardThread(ctx, lane)
			if err != nil || th.Root != "r" {
				t.Errorf("the card of %s is %+v: %v", lane, th, err)
			}
			return nil
		}))
		if got := h.list(`SELECT kind FROM outbox WHERE visible_at IS NOT NULL AND lane = '` + lane + `'`); len(got) != 1 || got[0] != helpdesk.TellEvent {
			t.Errorf("the next is %q", got)
		}
	})
}

// Two links pressed at once count once; and people who write meanwhile lose nothing.
func TestConfirmedAtOnce(t *testing.T) {
	byMail(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.confirmed(h.ann, "ann@acme.example", store.NoMail)
		tk := h.open(h.ann, "office")
		h.link(tk)
		id := h.claims(h.ben, "ben", "ann@acme.example")
		h.warm(6)
		results := make([]error, 6)
		together(6, func(i int) {
			if i < 3 {
				_, results[i] = h.Confirm(ctx, id)
				return
			}
			_, results[i] = h.Hear(context.WithoutCancel(ctx), h.ann, "ann", h.post(tk, store.RequesterSide, fmt.Sprint("at once", i), "words"))
		})
		done := 0
		for i, err := range results {
			switch {
			case i < 3 && err == nil:
				done++
			case i < 3 && !errors.Is(err, helpdesk.ErrLapsed), i >= 3 && err != nil:
				t.Errorf("%d: %v", i, err)
			}
		}
		ms, _ := h.history(tk.ID)
		if done != 1 || len(ms) != 4 {
			t.Errorf("confirmed %d times, %d messages", done, len(ms))
		}
	})
}
