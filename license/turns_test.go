package license_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// Whoever was asked in a turn that is over decides nothing in the next; and whoever has decided once is not asked again.
func TestTurnsOfApproval(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		ctx := t.Context()
		ann, eve, fred, _ := o.approval(1)
		v, err := o.PlaceOrder(ctx, o.max, o.placing(o.max, "one", license.Item{License: "basic", Quantity: 1}))
		o.check(err)
		id := int64(v.ID)
		o.check(o.AskStandIn(ctx, id, account("ann")))
		_, err = o.Approve(ctx, fred, id)
		o.check(err)
		v, err = o.Approve(ctx, ann, id) // who is back, at the old card
		o.check(err)
		if v.Changed || v.State != store.OrderPending || v.Step != 2 {
			t.Errorf("approved in another's turn: %+v", v.Order)
		}
		v, err = o.Refuse(ctx, ann, id, "No.")
		o.check(err)
		same(t, "refused in another's turn", v.State, store.OrderPending)
		v, err = o.Approve(ctx, eve, id)
		o.check(err)
		same(t, "its state", v.State, store.OrderPlaced)

		c := o.Catalog()
		c.Approvals["acme"] = license.Approval{Quantity: 1, Approvers: []store.Account{account("ann"), account("fred")}, Fallback: account("fred")}
		o.Desk = license.NewDesk(o.db, o.people, c)
		v, err = o.PlaceOrder(ctx, o.max, o.placing(o.max, "two", license.Item{License: "basic", Quantity: 1}))
		o.check(err)
		o.check(o.AskStandIn(ctx, int64(v.ID), account("ann")))
		v, err = o.Approve(ctx, fred, int64(v.ID))
		o.check(err)
		same(t, "approved by one who has both turns", v.State, store.OrderPlaced)
	})
}

// A ticket that ends without a word that licenses are usable: the activation has failed, and does not hold them for ever. Said afterwards, it counts.
func TestATicketThatEndsWithoutAWord(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		ctx := t.Context()
		nadia := o.agent()
		v, err := o.Activate(ctx, o.max, activating("form", 2))
		o.check(err)
		o.later(2 * time.Hour)
		if v, err = o.Activated(ctx, int64(v.ID)); err != nil || !v.Pending() {
			t.Errorf("while its ticket is open it is %s, %v", v.State, err)
		}
		o.told()
		_, err = o.people.Do(ctx, nadia, helpdesk.Take, v.Ticket, store.DeskSide)
		o.check(err)
		if v, err = o.Activated(ctx, int64(v.ID)); err != nil || v.State != store.InProgress {
			t.Errorf("once somebody has its ticket it is %s, %v", v.State, err)
		}
		same(t, "who is told of that", o.told(), []string{fmt.Sprintf("activation %d slack:T1:max", v.ID)})
		_, err = o.people.Do(ctx, nadia, helpdesk.Release, v.Ticket, store.DeskSide)
		o.check(err)
		_, err = o.people.Do(ctx, nadia, helpdesk.Take, v.Ticket, store.DeskSide)
		o.check(err)
		same(t, "who is told once more", o.told(), nil)
		_, err = o.people.Do(ctx, nadia, helpdesk.Resolve, v.Ticket, store.DeskSide)
		o.check(err)
		o.later(4 * time.Hour)
		if v, err = o.Activated(ctx, int64(v.ID)); err != nil || !v.Unfinished() {
			t.Errorf("once its ticket has ended it is %s, %v", v.State, err)
		}
		same(t, "what can be activated", o.has(o.max)["basic"], [4]int64{12, 2, 7, 3})
		o.agent() // is one still
		again, err := o.Activate(ctx, o.max, activating("again", 2))
		o.check(err)
		_, err = o.people.Do(ctx, nadia, helpdesk.Reopen, v.Ticket, store.DeskSide)
		o.check(err)
		if _, err = o.Provisioned(ctx, nadia, v.Ticket, ""); !errors.Is(err, store.ErrTooFew) {
			t.Errorf("said once somebody has tried again: %v", err)
		}
		same(t, "what there is then", o.has(o.max)["basic"], [4]int64{12, 0, 7, 3})
		_, err = o.FailedAt(ctx, nadia, again.Ticket, "No.")
		o.check(err)
		v, err = o.Provisioned(ctx, nadia, v.Ticket, "")
		o.check(err)
		same(t, "said afterwards", v.State, store.Active)
	})
}

// An offer whose order comes to nothing stands as before.
func TestAnOfferStands(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		nadia := o.agent()
		ann, _, _, _ := o.approval(1)
		asked, err := o.AskQuote(ctx, o.max, license.Quote{License: "standard", Quantity: 10, Account: account("max"), Subject: "Quote", Text: "Please."}, "form")
		o.check(err)
		id := asked.Ticket.ID
		_, err = o.MakeOffer(ctx, nadia, id, license.Offering{Quantity: 10, Price: euros(990), Days: 30, Words: "Here."}, "offer")
		o.check(err)
		_, err = o.MakeOffer(ctx, nadia, id, license.Offering{Quantity: 11, Price: euros(990), Days: 30, Words: "Here."}, "offer")
		if err != helpdesk.ErrDuplicate {
			t.Errorf("the same form again: %v", err)
		}
		accept := func(nonce string) license.OrderView {
			t.Helper()
			offer, err := o.OfferOf(ctx, o.max, int64(id), "en")
			o.check(err)
			p := license.Placing{Quote: int64(id), Seen: offer.Seen(), Language: "en", Account: account("max"), Nonce: nonce}
			for _, x := range offer.Terms {
				p.Accepted = append(p.Accepted, x.Hash)
			}
			v, err := o.PlaceOrder(ctx, o.max, p)
			o.check(err)
			return v
		}
		first := accept("one")
		_, err = o.Refuse(ctx, ann, int64(first.ID), "Not yet.")
		o.check(err)
		history, err := o.people.View(ctx, nadia, id, helpdesk.Latest)
		o.check(err)
		notes := []string{}
		for _, m := range history.Messages {
			if m.Audience == store.Internal {
				notes = append(notes, m.Body)
			}
		}
		same(t, "what sales read of it", notes, []string{fmt.Sprintf("order %d: pending", first.ID), fmt.Sprintf("order %d: refused", first.ID)})
		second := accept("two")
		same(t, "accepted again", second.State, store.OrderPending)
		_, err = o.QuoteFor(ctx, o.max, int64(id))
		refusedAs(t, "while it waits", err, license.QuoteAccepted)
	})
}
