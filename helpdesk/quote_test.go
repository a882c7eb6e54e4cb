package helpdesk_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// said is a chat message as somebody else brings it.
func said(id string, by helpdesk.Actor) helpdesk.Source {
	return helpdesk.Source{External: store.External{Workspace: "slack:T1", Channel: "C1", ID: id}, Author: by.Person, Name: "Author", Link: "https://x/" + id}
}

// by is an actor with a request of their own.
func by(a helpdesk.Actor, request string) helpdesk.Actor {
	a.Request = request
	return a
}

// toldWho empties the outbox and says who was told what of a ticket: "desk: card; 4: card".
func (h *house) toldWho(id store.TicketID) string {
	h.t.Helper()
	told := map[string][]string{}
	for _, d := range h.deliveries() {
		if d.Ticket == id {
			lane := strings.TrimPrefix(d.Lane, fmt.Sprintf("%d/", id))
			told[lane] = append(told[lane], d.Kind)
		}
	}
	var out []string
	for lane, kinds := range told {
		out = append(out, lane+": "+strings.Join(kinds, " "))
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

func TestATicketIsFiledForTheAuthor(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		out, err := h.File(ctx, by(h.ben, "Ev1"), said("1", h.ann), "Printer", "It jams.")
		h.check(err)
		tk := h.ticket(out.Ticket.ID)
		same(t, "requester", tk.Requester, h.ann.Person)
		same(t, "organization, queue, service", []string{tk.Organization, tk.Queue, tk.Service}, []string{"acme", "support", ""})
		same(t, "told", h.toldWho(tk.ID), fmt.Sprintf("%d: card; %d: card; desk: card", h.ann.Person, h.ben.Person))
		ms, es := h.history(tk.ID)
		same(t, "the message", []any{ms[0].Author, ms[0].Quotes, ms[0].Link}, []any{h.ben.Person, "Author", "https://x/1"})
		same(t, "who opened it", es[0].Actor, h.ben.Person)

		_, err = h.File(ctx, by(h.ben, "Ev1"), said("2", h.ann), "Another", "By the same request.")
		duplicate(t, "the same event again", err)

		for name, who := range map[string]helpdesk.Actor{"the requester": h.ann, "an agent": h.ada, "a follower": h.ben} {
			again, err := h.File(ctx, who, said("1", h.ann), "Printer", "It jams.")
			if err != nil || again.Changed || again.Ticket.ID != tk.ID {
				t.Errorf("%s: %+v, %v", name, again, err)
			}
		}
		_, err = h.File(ctx, h.gus, said("1", h.ann), "Printer", "It jams.")
		refused(t, "somebody of another organization", err, helpdesk.Filed)
		_, err = h.Join(ctx, h.eve, said("1", h.ann).External)
		refused(t, "an agent of another queue", err, helpdesk.Filed)
		same(t, "told in between", h.toldWho(tk.ID), "")

		_, err = h.Join(ctx, by(h.max, "Ev2"), said("1", h.ann).External)
		h.check(err)
		same(t, "told when the manager follows", h.toldWho(tk.ID),
			fmt.Sprintf("%d: event; %d: event; %d: card", h.ann.Person, h.ben.Person, h.max.Person))
		if _, err := h.Join(ctx, h.ben, said("9", h.ann).External); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a message without a ticket: %v", err)
		}
	})
}

func TestAnAuthorWhoDoesNotBelongHereIsOnlyNamed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for name, s := range map[string]helpdesk.Source{
			"of another organization": said("1", h.gus), "unknown": said("2", helpdesk.Actor{}), "themselves": said("3", h.ben),
		} {
			out, err := h.File(t.Context(), h.ben, s, "Printer", "It jams.")
			h.check(err)
			tk := h.ticket(out.Ticket.ID)
			if tk.Requester != h.ben.Person || tk.Organization != "acme" || tk.Followed {
				t.Errorf("%s: %+v", name, tk)
			}
		}
	})
}

func TestManyFileOneMessageAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		const n = 6
		h.warm(n)
		who := []helpdesk.Actor{h.ben, h.max, h.ann}
		outs, errs := make([]helpdesk.Outcome, n), make([]error, n)
		together(n, func(i int) {
			outs[i], errs[i] = h.File(t.Context(), by(who[i%3], fmt.Sprint("Ev", i)), said("1", h.ann), "Printer", "It jams.")
		})
		opened := 0
		for i := range n {
			h.check(errs[i])
			if outs[i].Changed {
				opened++
			}
			same(t, "the ticket", outs[i].Ticket.ID, outs[0].Ticket.ID)
		}
		same(t, "tickets opened", opened, 1)
	})
}

func TestAFormFromAMessageIsSentTwice(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		s := said("1", h.ann)
		r := whole()
		r.From, r.Rest = &s, "the rest"
		out, err := h.Open(t.Context(), h.ben, r, "nonce")
		h.check(err)
		again, err := h.Open(t.Context(), h.ben, r, "nonce")
		h.check(err)
		same(t, "opened", []bool{out.Changed, again.Changed}, []bool{true, false})
		same(t, "the ticket", again.Ticket.ID, out.Ticket.ID)
		ms, _ := h.history(out.Ticket.ID)
		same(t, "description", ms[0].Body, r.Description+"the rest")
	})
}

func TestAMessageIsAddedOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		tk := h.open(h.ann, "office")
		other := h.open(h.gus, "office")
		add := func(a helpdesk.Actor, id store.TicketID, to helpdesk.Audience, message, nonce string) error {
			_, err := h.Add(ctx, a, id, to, "Words", said(message, h.ben), nonce)
			return err
		}
		refused(t, "a colleague", add(h.ben, tk.ID, helpdesk.Public, "1", "n1"), helpdesk.UnknownTicket)
		refused(t, "another organization's manager", add(h.gus, tk.ID, helpdesk.Public, "1", "n2"), helpdesk.UnknownTicket)
		refused(t, "an agent of another queue", add(h.eve, tk.ID, helpdesk.Internal, "1", "n3"), helpdesk.UnknownTicket)
		refused(t, "the requester, as a note", add(h.ann, tk.ID, helpdesk.Internal, "1", "n4"), helpdesk.NotAllowed)
		refused(t, "a manager, as a note", add(h.max, tk.ID, helpdesk.Internal, "1", "n5"), helpdesk.NotAllowed)
		same(t, "told", h.toldWho(tk.ID), "")

		h.check(add(h.ann, tk.ID, helpdesk.Public, "1", "n6"))
		same(t, "told of the requester's", h.toldWho(tk.ID), fmt.Sprintf("%d: message; desk: message", h.ann.Person))
		duplicate(t, "the same form", add(h.ann, tk.ID, helpdesk.Public, "1", "n6"))
		refused(t, "the same message", add(h.max, tk.ID, helpdesk.Public, "1", "n7"), helpdesk.InTicket)
		refused(t, "the same message, elsewhere", add(h.gus, other.ID, helpdesk.Public, "1", "n8"), helpdesk.Filed)

		h.check(add(h.ada, tk.ID, helpdesk.Internal, "2", "n9"))
		same(t, "told of a note", h.toldWho(tk.ID), "desk: message")
		h.check(add(h.ada, tk.ID, helpdesk.Public, "3", "n10"))
		ms, _ := h.history(tk.ID)
		var got []string
		for _, m := range ms[1:] {
			got = append(got, m.Side+" "+m.Audience)
		}
		same(t, "messages", got, []string{"requester public", "desk internal", "desk public"})
	})
}

func TestAFollowerReadsAndWrites(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		out, err := h.File(ctx, h.ben, said("1", h.ann), "Printer", "It jams.")
		h.check(err)
		tk := out.Ticket
		h.link(tk)
		lane := store.Lane(tk.ID, fmt.Sprint(h.ben.Person))
		h.check(h.Link(ctx, store.Thread{Ticket: tk.ID, Lane: lane, IsCard: true, Workspace: "slack:T1", Channel: "D-ben", Root: "his"}))
		h.told(0)
		hear := func(id string) error {
			_, err := h.Hear(ctx, h.ben, "ben", helpdesk.Post{External: store.External{Workspace: "slack:T1", Channel: "D-ben", ID: id}, Root: "his", Text: "I saw it."})
			return err
		}
		h.check(hear("1"))
		same(t, "told of what a follower writes", h.toldWho(tk.ID), fmt.Sprintf("%d: message; desk: message", h.ann.Person))
		_, err = h.hear(h.ada, tk, store.DeskSide, "note: hm")
		h.check(err)
		same(t, "told of a note", h.toldWho(tk.ID), "desk: receipt")
		_, err = h.hear(h.ann, tk, store.RequesterSide, "And?")
		h.check(err)
		same(t, "told of the requester's", h.toldWho(tk.ID), fmt.Sprintf("%d: message; desk: message", h.ben.Person))

		v, err := h.View(ctx, h.ben, tk.ID, helpdesk.Latest)
		h.check(err)
		for _, m := range v.Messages {
			if m.Audience != store.Public {
				t.Error("a follower reads a note")
			}
		}
		_, err = h.Do(ctx, h.ben, helpdesk.Close, tk.ID, store.RequesterSide)
		refused(t, "a follower closes", err, helpdesk.NotAllowed)
		for name, who := range map[string]helpdesk.Actor{"requester": h.ann, "manager": h.max, "agent": h.ada} {
			_, err = h.Unfollow(ctx, who, tk.ID)
			refused(t, name+" unfollows", err, helpdesk.NotAllowed)
		}
		for name, who := range map[string]helpdesk.Actor{"another organization's": h.gus, "another queue's": h.eve} {
			_, err = h.Unfollow(ctx, who, tk.ID)
			refused(t, name+" unfollows", err, helpdesk.UnknownTicket)
		}
		_, err = h.Unfollow(ctx, h.ben, tk.ID)
		h.check(err)
		same(t, "told of the end", h.toldWho(tk.ID), fmt.Sprintf("%d: card", h.ben.Person))
		refused(t, "writing after that", hear("2"), helpdesk.UnknownTicket)
		_, err = h.View(ctx, h.ben, tk.ID, helpdesk.Latest)
		refused(t, "looking after that", err, helpdesk.UnknownTicket)
	})
}

func TestFollowersNeverHearWhatIsInternal(t *testing.T) {
	for _, writtenIn := range []string{"", store.DeskSide, store.RequesterSide} {
		same(t, "internal", helpdesk.AudienceOfFollowers(helpdesk.AudienceOf(helpdesk.Internal, writtenIn), helpdesk.Internal), nil)
		same(t, "public", helpdesk.AudienceOfFollowers(helpdesk.AudienceOf(helpdesk.Public, writtenIn), helpdesk.Public),
			[]helpdesk.Telling{{Side: store.RequesterSide, Kind: helpdesk.TellMessage}})
	}
	same(t, "a reminder to agents", helpdesk.AudienceOfFollowers(helpdesk.AudienceOfReminder(helpdesk.Reminded{Do: helpdesk.ToQueue}, false), ""), nil)
}

// Who follows a ticket that is closed for good follows the one that continues it.
func TestFollowersGoOnWithTheTicket(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		out, err := h.File(t.Context(), h.ben, said("1", h.ann), "Printer", "It jams.")
		h.check(err)
		tk := h.into(out.Ticket, helpdesk.Closed)
		h.pass(8 * 24 * time.Hour)
		s, err := h.hear(h.ann, tk, store.RequesterSide, "It jams again.")
		h.check(err)
		if s.Ticket.ID == tk.ID {
			t.Fatal("it goes on in the old ticket")
		}
		v, err := h.View(t.Context(), h.ben, s.Ticket.ID, helpdesk.Latest)
		h.check(err)
		same(t, "the new one", v.Ticket.Follows, tk.ID)
		same(t, "told", h.toldWho(s.Ticket.ID), fmt.Sprintf("%d: card; %d: card; desk: card", h.ann.Person, h.ben.Person))
	})
}
