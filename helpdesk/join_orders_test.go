package helpdesk_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// seed is that of a test with chances; GUICHET_SEED repeats one.
func seed(t *testing.T) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(os.Getenv("GUICHET_SEED"), 10, 64)
	if err != nil {
		n = uint64(time.Now().UnixNano())
	}
	t.Logf("GUICHET_SEED=%d", n)
	return n
}

// Whoever is joined to whom, in whatever order, whatever they were to a ticket and whatever is under way: in the end
// they are one person, who is told in each ticket, in one conversation, everything once.
func TestJoinedInAnyOrder(t *testing.T) {
	n := seed(t)
	byMail(t, func(t *testing.T, h *house) {
		joinsAll(t, h, rand.New(rand.NewPCG(n, 0)))
	})
}

// joinsAll has four people of Acme's turn out to be one.
func joinsAll(t *testing.T, h *house, r *rand.Rand) {
	t.Helper()
	ctx := t.Context()
	var group []helpdesk.Actor
	account, address := map[store.PersonID]string{}, map[store.PersonID]string{}
	for range 4 {
		name := fmt.Sprint("p", r.Uint32())
		p, err := h.Meet(ctx, store.Account{Workspace: "slack:T1", ID: name}, name, "")
		h.check(err)
		a := helpdesk.Actor{Person: p.ID, Organization: p.Organization, Source: "slack:T1"}
		account[p.ID], address[p.ID] = name, name+"@acme.example"
		h.confirmed(a, address[p.ID], []string{store.AllMail, store.NoMail}[r.IntN(2)])
		group = append(group, a)
	}
	var tickets []store.Ticket
	said := map[store.TicketID][]store.MessageID{}
	for range 8 {
		tk := h.open(append(group, h.max)[r.IntN(5)], "office")
		for _, p := range group {
			if p.Person != tk.Requester && r.IntN(2) == 0 {
				h.add(tk, p)
			}
		}
		h.link(tk)
		tickets = append(tickets, tk)
	}
	say := func() {
		for _, tk := range tickets {
			s, err := h.Say(ctx, h.ada, tk.ID, store.DeskSide, helpdesk.Public, "words", fmt.Sprint("say", r.Uint64()))
			h.check(err)
			said[tk.ID] = append(said[tk.ID], s.Message)
		}
	}
	var hands []store.Delivery // what workers have claimed and not told
	claims := func() {
		for _, w := range []string{"slack:T1", "slack:T9", helpdesk.Mail} {
			_, ds, err := h.Deliver(ctx, helpdesk.Want{Workspace: w, Most: r.IntN(20), Lease: time.Minute})
			h.check(err)
			hands = append(hands, ds...)
		}
	}
	tells := func() {
		for _, d := range hands {
			if d.Ticket == 0 { // a link, or that an address counts
				_, _, err := h.Deliver(ctx, helpdesk.Want{}, helpdesk.Made{Delivery: d})
				h.check(err)
				continue
			}
			b, err := h.Brief(ctx, d)
			if errors.Is(err, helpdesk.ErrJoined) {
				err := h.db.Write(ctx, func(tx *store.Tx) error { return tx.Retry(ctx, d, 0, store.Failure{}) })
				if err != nil && !errors.Is(err, store.ErrLost) {
					t.Fatal(err)
				}
				continue
			}
			h.check(err)
			m := helpdesk.Made{Delivery: d}
			if d.Kind == helpdesk.TellMessage && !helpdesk.Outdated(b, d) {
				m.Posted = &store.Post{Message: d.Message, Kind: d.Kind, Lane: d.Lane,
					External: store.External{Workspace: d.Workspace, Channel: fmt.Sprint("D-", d.Person), ID: fmt.Sprint("p", d.ID)}}
			}
			_, _, err = h.Deliver(ctx, helpdesk.Want{}, m)
			h.check(err)
		}
		hands = nil
	}
	for len(group) > 1 {
		say()
		claims()
		if r.IntN(2) == 0 {
			tells()
			claims()
		}
		r.Shuffle(len(group), func(i, j int) { group[i], group[j] = group[j], group[i] })
		stays, goes := group[0], group[len(group)-1]
		id := h.claims(stays, account[stays.Person], address[goes.Person])
		_, err := h.Confirm(ctx, id)
		h.check(err)
		if _, err := h.Confirm(ctx, id); !errors.Is(err, helpdesk.ErrLapsed) {
			t.Errorf("twice: %v", err)
		}
		if r.IntN(2) == 0 {
			h.check(h.JoinAgain(ctx))
		}
		address[stays.Person] = address[goes.Person]
		group = group[:len(group)-1]
		h.oneOfEach(goes.Person)
		say()
		tells()
	}
	for range 200 {
		before := len(h.list(`SELECT kind FROM outbox`))
		for _, w := range []string{"slack:T1", "slack:T9", helpdesk.Mail} {
			_, ds, err := h.Deliver(ctx, helpdesk.Want{Workspace: w, Most: 100, Lease: time.Minute})
			h.check(err)
			hands = append(hands, ds...)
		}
		if tells(); before == 0 {
			break
		}
	}
	one := group[0].Person
	for _, tk := range tickets {
		now := h.ticket(tk.ID)
		if now.Requester != one && len(h.list(fmt.Sprintf(`SELECT person_id FROM followers WHERE ticket_id = %d`, tk.ID))) == 0 {
			continue // nobody of them has to do with it
		}
		for _, m := range said[tk.ID] {
			if n := len(h.list(fmt.Sprintf(`SELECT part FROM posts WHERE message_id = %d AND kind = 'message' AND lane = '%d/%d'`, m, tk.ID, one))); n != 1 {
				t.Errorf("ticket %d: message %d was told them %d times", tk.ID, m, n)
			}
		}
	}
}

// oneOfEach checks that whoever has turned out to be another is nobody of their own any more, and that no conversation
// waits for ever.
func (h *house) oneOfEach(gone store.PersonID) {
	h.t.Helper()
	for _, query := range []string{
		`SELECT account FROM accounts WHERE person_id = %d`,
		`SELECT subject FROM tickets WHERE requester_id = %d`,
		`SELECT subject FROM tickets WHERE assignee_id = %d`,
		`SELECT workspace FROM followers WHERE person_id = %d`,
		`SELECT kind FROM outbox WHERE person_id = %d AND ticket_id IS NOT NULL`, // the others go by the confirmation
		`SELECT kind FROM parked WHERE person_id = %d`,
		`SELECT nonce FROM drafts WHERE person_id = %d`,
		`SELECT name FROM people WHERE joined_id = %d`,
		`SELECT name FROM people WHERE id = %d AND joined_id = 0`,
	} {
		if got := h.list(fmt.Sprintf(query, gone)); len(got) != 0 {
			h.t.Errorf("%s: %q", query, got)
		}
	}
	for name, query := range map[string]string{
		"who asks and follows": `SELECT t.subject FROM tickets t JOIN followers f ON f.ticket_id = t.id AND f.person_id = t.requester_id`,
		"lanes with two heads": `SELECT lane FROM outbox WHERE visible_at IS NOT NULL GROUP BY lane HAVING COUNT(*) > 1`,
		"lanes without a head": `SELECT lane FROM outbox o WHERE NOT EXISTS (SELECT 1 FROM outbox p WHERE p.lane = o.lane AND p.visible_at IS NOT NULL)`,
		"what is set aside":    `SELECT lane FROM posts WHERE lane LIKE '%aside%' UNION ALL SELECT lane FROM outbox WHERE lane LIKE '%aside%'`,
	} {
		if got := h.list(query); len(got) != 0 {
			h.t.Errorf("%s: %q", name, got)
		}
	}
}

// Each of two says that the other's address is theirs, and both press at once: one of them is left, with both accounts.
func TestEachIsTheOther(t *testing.T) {
	byMail(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.confirmed(h.ann, "ann@acme.example", store.NoMail)
		h.confirmed(h.ben, "ben@acme.example", store.NoMail)
		h.open(h.ann, "office")
		h.open(h.ben, "office")
		ids := []store.ConfirmationID{h.claims(h.ann, "ann", "ben@acme.example"), h.claims(h.ben, "ben", "ann@acme.example")}
		h.warm(2)
		together(2, func(i int) {
			if _, err := h.Confirm(ctx, ids[i]); err != nil {
				t.Error(err)
			}
		})
		for _, query := range []string{`SELECT DISTINCT requester_id FROM tickets`, `SELECT DISTINCT person_id FROM accounts WHERE account LIKE 'ann%' OR account LIKE 'ben%'`} {
			if got := h.list(query); len(got) != 1 {
				t.Errorf("%s: %q", query, got)
			}
		}
		if got := h.list(`SELECT name FROM people WHERE joined_id <> 0`); len(got) != 1 {
			t.Errorf("joined: %q", got)
		}
	})
}
