package helpdesk_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// deliver makes every delivery that is due as the relay does: what tells of a message leaves a post behind.
func (h *house) deliver() {
	h.t.Helper()
	for {
		var made []helpdesk.Made
		for _, w := range []string{"slack:T1", "slack:T9", helpdesk.Mail} {
			_, ds, err := h.Deliver(h.t.Context(), helpdesk.Want{Workspace: w, Most: 100, Lease: time.Minute})
			h.check(err)
			for _, d := range ds {
				m := helpdesk.Made{Delivery: d}
				if d.Kind == helpdesk.TellMessage {
					m.Posted = &store.Post{Message: d.Message, Kind: d.Kind, Lane: d.Lane, Part: d.Part,
						External: store.External{Workspace: d.Workspace, Channel: fmt.Sprint("D-", d.Person), ID: fmt.Sprint("p", d.ID)}}
				}
				made = append(made, m)
			}
		}
		if len(made) == 0 {
			return
		}
		_, _, err := h.Deliver(h.t.Context(), helpdesk.Want{}, made...)
		h.check(err)
	}
}

// Both were told of the same message, one as requester, the other as follower: the two are joined all the same, and
// what is deleted later is taken away in both places.
func TestBothWereToldTheSame(t *testing.T) {
	for name, roles := range map[string]func(h *house) (asks, follows []helpdesk.Actor){
		"the one who goes asks":  func(h *house) (a, f []helpdesk.Actor) { return []helpdesk.Actor{h.ann}, []helpdesk.Actor{h.ben} },
		"the one who stays asks": func(h *house) (a, f []helpdesk.Actor) { return []helpdesk.Actor{h.ben}, []helpdesk.Actor{h.ann} },
		"both follow":            func(h *house) (a, f []helpdesk.Actor) { return []helpdesk.Actor{h.max}, []helpdesk.Actor{h.ann, h.ben} },
	} {
		t.Run(name, func(t *testing.T) {
			byMail(t, func(t *testing.T, h *house) {
				ctx := t.Context()
				h.confirmed(h.ann, "ann@acme.example", store.NoMail)
				asks, follows := roles(h)
				tk := h.open(asks[0], "office")
				for _, f := range follows {
					h.add(tk, f)
				}
				h.link(tk)
				said := h.post(tk, store.DeskSide, "said", "reply: for all of you")
				_, err := h.Hear(ctx, h.ada, "ada", said)
				h.check(err)
				h.deliver()
				told := len(h.list(`SELECT lane FROM posts WHERE kind = 'message'`))
				h.join()
				if now := h.list(`SELECT lane FROM posts WHERE kind = 'message'`); len(now) != told {
					t.Fatalf("of %d posts there are %q left", told, now)
				}
				h.deliver()
				s, err := h.Revise(ctx, h.ada, "ada", helpdesk.Revision{External: said.External, Root: said.Root, Deleted: true})
				h.check(err)
				if !s.Changed {
					t.Fatal("nothing was deleted")
				}
				gone := map[string]bool{}
				for _, d := range h.deliveries() {
					if d.Kind != helpdesk.TellDeletion || d.Person == 0 {
						continue
					}
					b, err := h.Brief(ctx, d)
					h.check(err)
					if helpdesk.Outdated(b, d) {
						t.Errorf("%+v is told to nobody", d)
					}
					for _, p := range b.Posts {
						gone[p.External.ID] = true
					}
				}
				if len(gone) != told {
					t.Errorf("%d of %d posts are taken away", len(gone), told)
				}
			})
		})
	}
}

// What a worker has in hand when two are joined is not lost: it is not told as it stands, and found again by its new name.
func TestJoinedBeforeItWasLookedUp(t *testing.T) {
	byMail(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.confirmed(h.ann, "ann@acme.example", store.AllMail)
		tk := h.open(h.ann, "office")
		h.link(tk)
		_, err := h.Say(ctx, h.ada, tk.ID, store.DeskSide, helpdesk.Public, "for you", "say")
		h.check(err)
		claimed := 0
		var ds []store.Delivery
		for _, w := range []string{tk.Origin, helpdesk.Mail} {
			_, some, err := h.Deliver(ctx, helpdesk.Want{Workspace: w, Most: 9, Lease: time.Minute})
			h.check(err)
			ds = append(ds, some...)
		}
		h.join()
		for _, d := range ds {
			if d.Kind != helpdesk.TellMessage {
				continue
			}
			claimed++
			if b, err := h.Brief(ctx, d); err == nil {
				t.Errorf("%s in %s: told to nobody: %v", d.Kind, d.Lane, helpdesk.Outdated(b, d))
			}
			h.check(h.db.Write(ctx, func(tx *store.Tx) error { return tx.Retry(ctx, d, 0, store.Failure{}) }))
		}
		if claimed != 2 {
			t.Fatalf("%d were in hand", claimed)
		}
		found := 0
		for _, d := range h.deliveries() {
			if d.Kind != helpdesk.TellMessage || d.Person == 0 {
				continue
			}
			found++
			if b, err := h.Brief(ctx, d); err != nil || helpdesk.Outdated(b, d) || d.Person != h.ben.Person {
				t.Errorf("%+v: %v", d, err)
			}
		}
		if found != 2 {
			t.Errorf("%d are found again", found)
		}
	})
}

// A file that is still being fetched when its sender turns out to be another does not come back to them.
func TestJoinedWhileAFileIsFetched(t *testing.T) {
	byMail(t, func(t *testing.T, h *house) {
		h.Catalog().Files = helpdesk.Files{Largest: 1000}
		h.confirmed(h.ann, "ann@acme.example", store.NoMail)
		tk := h.open(h.ann, "office")
		h.link(tk)
		p := h.post(tk, store.RequesterSide, "with a file", "see there")
		p.Files = []helpdesk.FileRef{{ID: "F1", Name: "a.txt", Size: 5}}
		_, err := h.Hear(t.Context(), h.ann, "ann", p)
		h.check(err)
		h.join()
		same(t, "who is told", h.fetched(tk, func(f store.File) store.File {
			f.State, f.Blob = store.FileKept, "key"
			return f
		}), "desk: file")
	})
}

// What their accounts may do, the one person may: a manager's, and an agent's.
func TestRolesOfAllAccountsCount(t *testing.T) {
	byMail(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.confirmed(h.max, "max@acme.example", store.NoMail)
		asked := h.open(h.ann, "office")
		if _, err := h.View(ctx, h.ben, asked.ID, helpdesk.Latest); err == nil {
			t.Fatal("everybody sees it")
		}
		h.check(h.db.Write(ctx, func(tx *store.Tx) error { // ben works in Acme's Slack as in the desk's
			return tx.SetAccount(ctx, store.Account{Workspace: "slack:T9", ID: "amy"}, h.max.Person)
		}))
		_, err := h.Confirm(ctx, h.claims(h.ben, "ben", "max@acme.example"))
		h.check(err)
		w, err := h.Standing(ctx, h.ben)
		h.check(err)
		if !w.Manager || len(w.Queues) != 1 {
			t.Errorf("the standing is %+v", w)
		}
		if _, err := h.View(ctx, h.ben, asked.ID, helpdesk.Latest); err != nil {
			t.Error(err)
		}
	})
}

// What somebody changes of their details by a copy of the program that does not know yet is theirs; so is what they
// take back.
func TestDetailsOfWhoeverDidNotKnowYet(t *testing.T) {
	byMail(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.confirmed(h.ann, "ann@acme.example", store.NoMail)
		before, err := h.DetailsOf(ctx, h.ann)
		h.check(err)
		h.join()
		to := before
		to.Phone = "0102"
		_, err = h.SetDetails(ctx, h.ann, annsAccount, before, to)
		h.check(err)
		if d, err := h.DetailsOf(ctx, h.ben); err != nil || d.Phone != "0102" {
			t.Errorf("details %+v: %v", d, err)
		}
		if p, err := h.Known(ctx, annsAccount); err != nil || p.ID != h.ben.Person {
			t.Errorf("ann's account is %d's: %v", p.ID, err)
		}
	})
}

// What somebody has begun in a form, or with a message to guichet, goes on.
func TestDraftsOfBoth(t *testing.T) {
	byMail(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.confirmed(h.ann, "ann@acme.example", store.NoMail)
		h.check(h.SaveDraft(ctx, h.ann, "begun", map[string]string{"subject": "x"}))
		h.join()
		if is, err := h.Is(ctx, h.ann.Person, h.ben.Person); err != nil || !is {
			t.Errorf("whose form it is: %v, %v", is, err)
		}
		for _, other := range []store.PersonID{h.max.Person, 0, 999} {
			if is, err := h.Is(ctx, other, h.ben.Person); err != nil || is {
				t.Errorf("%d: %v, %v", other, is, err)
			}
		}
		if fields, err := h.Draft(ctx, h.ben, "begun"); err != nil || fields["subject"] != "x" {
			t.Errorf("%v, %v", fields, err)
		}
	})
}

// Of another organization's person the page says nothing but that it can't be.
func TestNobodyIsNamedInAnotherOrganization(t *testing.T) {
	byMail(t, func(t *testing.T, h *house) {
		h.confirmed(h.gus, "gus@globex.example", store.NoMail)
		id := h.claims(h.ann, "ann", "gus@globex.example")
		a, err := h.Asked(t.Context(), id)
		if !helpdesk.IsRefusal(err, helpdesk.Filed) || a.Other != "" {
			t.Errorf("%q, %v", a.Other, err)
		}
		if _, err := h.Confirm(t.Context(), id); !helpdesk.IsRefusal(err, helpdesk.Filed) {
			t.Error(err)
		}
		if _, err := h.Confirm(t.Context(), id+1); !errors.Is(err, helpdesk.ErrLapsed) {
			t.Error(err)
		}
	})
}

// Mails go on from those that were written before the two were one, so that a mailbox shows one conversation.
func TestMailsGoOnFromThoseOfBefore(t *testing.T) {
	byMail(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		first := mail("ann@acme.example", "help")
		s, err := h.Receive(ctx, first, hourly)
		h.check(err)
		h.join()
		tk := h.ticket(s.Ticket.ID)
		if tk.Requester != h.ben.Person {
			t.Fatal("they are two people")
		}
		m, err := h.Mailed(ctx, tk, 0)
		h.check(err)
		if len(m.Answers) != 1 || m.Answers[0] != first.External.ID {
			t.Errorf("it goes on from %q", m.Answers)
		}
	})
}

func TestWhatIsNoAddress(t *testing.T) {
	byMail(t, func(t *testing.T, h *house) {
		for address, want := range map[string]string{
			"": "", "Ann@Acme.Example ": "", "ann.o'hara+x@mail.acme.example": "", "ann@xn--caf-dma.example": "",
			"ann": helpdesk.FieldInvalid, "ann@acme": helpdesk.FieldInvalid, "ann@@acme.example": helpdesk.FieldInvalid, "Ann <ann@acme.example>": helpdesk.FieldInvalid,
			"ann@[10.0.0.1]": helpdesk.FieldInvalid, "ann@10.0.0.1": helpdesk.FieldInvalid, "ann@-acme.example": helpdesk.FieldInvalid, "ann@acme.example.": helpdesk.FieldInvalid,
			"ann@café.example": helpdesk.FieldInvalid, "a b@acme.example": helpdesk.FieldInvalid, "ann@acme.example, ben@acme.example": helpdesk.FieldInvalid,
			"ann@acme.example\r\nBcc: ben@acme.example": helpdesk.FieldInvalid, "desk@desk.example": helpdesk.FieldOurs, "Support+1@desk.example": helpdesk.FieldOurs,
			strings.Repeat("a", helpdesk.MaxMail) + "@acme.example": helpdesk.FieldTooLong,
		} {
			if got := h.CheckDetails(helpdesk.Details{Name: "Ann", Language: "en", Mail: address}, []string{"en"})["mail"]; got != want {
				t.Errorf("%q: %q, want %q", address, got, want)
			}
		}
	})
}

// An address that somebody gave is not kept for ever: it may be anybody's.
func TestAddressesAreNotKept(t *testing.T) {
	byMail(t, func(t *testing.T, h *house) {
		h.claims(h.ann, "ann", "stranger@elsewhere.example")
		h.pass(24 * time.Hour)
		h.check(h.Sweep(t.Context()))
		if got := h.list(`SELECT address FROM confirmations`); len(got) != 1 {
			t.Error("it is gone while it may still matter")
		}
		h.pass(7 * 24 * time.Hour)
		h.check(h.Sweep(t.Context()))
		if got := h.list(`SELECT address FROM confirmations`); len(got) != 0 {
			t.Errorf("kept: %q", got)
		}
	})
}

// Somebody stops following by a copy of the program that does not know yet whom they turned out to be.
func TestUnfollowedByWhoeverTheyWere(t *testing.T) {
	byMail(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.confirmed(h.ann, "ann@acme.example", store.NoMail)
		tk := h.open(h.max, "office")
		h.add(tk, h.ann)
		h.join()
		_, err := h.Unfollow(ctx, h.ann, tk.ID)
		h.check(err)
		if f := h.list(`SELECT person_id FROM followers`); len(f) != 0 {
			t.Errorf("still followed by %q", f)
		}
		if _, err := h.Unfollow(ctx, h.ben, tk.ID); err == nil {
			t.Error("they follow it still")
		}
	})
}
