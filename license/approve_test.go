package license_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// approval has orders of acme approved by ann, then eve; fred decides for who is away.
func (o *office) approval(quantity int64) (ann, eve, fred helpdesk.Actor, desk *license.Desk) {
	o.t.Helper()
	meet := func(id string) helpdesk.Actor {
		p, err := o.people.Meet(o.t.Context(), account(id), id, "")
		o.check(err)
		return helpdesk.Actor{Person: p.ID, Organization: p.Organization, Source: "slack:T1"}
	}
	c := catalog()
	c.Approvals["acme"] = license.Approval{Quantity: quantity, Approvers: []store.Account{account("ann"), account("eve")}, Fallback: account("fred")}
	o.Desk = license.NewDesk(o.db, o.people, c)
	return o.ann, meet("eve"), meet("fred"), o.Desk
}

// homeFollows says whether the home view of max has become out of date since it was opened, or since this was asked last.
func (o *office) homeFollows() (stale bool) {
	o.t.Helper()
	o.db.SetClock(func() time.Time { return time.Now().Add(time.Minute) })
	o.check(o.db.Look(o.t.Context(), func(tx *store.Tx) (err error) {
		stale, err = tx.HasStaleHome(o.t.Context(), "slack:T1")
		return err
	}))
	o.db.SetClock(time.Now)
	o.check(o.db.Write(o.t.Context(), func(tx *store.Tx) error {
		return tx.SaveHome(o.t.Context(), store.Home{Account: account("max"), Person: o.max.Person})
	}))
	return stale
}

// An order that is large waits for all who are to approve it, in turns; each once, and nobody else.
func TestApproval(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		ctx := t.Context()
		ann, eve, fred, _ := o.approval(10)
		small, err := o.PlaceOrder(ctx, o.max, o.placing(o.max, "small", license.Item{License: "basic", Quantity: 9}))
		o.check(err)
		same(t, "a small one", small.State, store.OrderPlaced)
		o.told()

		o.homeFollows()
		v, err := o.PlaceOrder(ctx, o.max, o.placing(o.max, "form", license.Item{License: "basic", Quantity: 10}))
		o.check(err)
		same(t, "a manager's home view follows", o.homeFollows(), true)
		same(t, "a large one", v.State, store.OrderPending)
		id := int64(v.ID)
		same(t, "who was told", o.told(), []string{fmt.Sprintf("approval %d slack:T1:ann", id), fmt.Sprintf("order %d slack:T1:max", id)})
		same(t, "what there is", o.has(o.max)["basic"][0], int64(21))
		for who, a := range map[string]helpdesk.Actor{"who made it": o.max, "whose turn it is not": eve, "the fallback of nobody": fred} {
			_, err := o.Approve(ctx, a, id)
			refusedAs(t, who, err, license.NotApprover)
		}
		_, err = o.Approve(ctx, o.gus, id)
		refusedAs(t, "another organization's manager", err, license.UnknownOrder)
		_, err = o.Approve(ctx, ann, id+1)
		refusedAs(t, "an order that there is not", err, license.UnknownOrder)

		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if _, err := o.Approve(ctx, ann, id); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		same(t, "the home view follows its next turn", o.homeFollows(), true)
		same(t, "who is asked next", o.told(), []string{fmt.Sprintf("approval %d slack:T1:eve", id), fmt.Sprintf("order %d slack:T1:max", id)})
		o.check(o.AskStandIn(ctx, id, account("ann"))) // whose turn is over
		o.check(o.AskStandIn(ctx, id, account("eve")))
		o.check(o.AskStandIn(ctx, id, account("eve")))
		same(t, "who is asked in their place", o.told(), []string{fmt.Sprintf("approval %d slack:T1:fred", id)})
		v, err = o.Approve(ctx, fred, id)
		o.check(err)
		same(t, "its state", v.State, store.OrderPlaced)
		v, err = o.Approve(ctx, eve, id)
		o.check(err)
		same(t, "changed by who is back", v.Changed, false)
		same(t, "what there is then", o.has(o.max)["basic"][0], int64(31))
		same(t, "who is told", o.told(), []string{fmt.Sprintf("order %d mail:%d", id, o.max.Person), fmt.Sprintf("order %d slack:T1:max", id)})
	})
}

// An order whose approver the configuration names no more is asked for anew of whom it names now; if it names nobody, managers are told, once, that it
// waits in vain. It is never placed by that.
func TestApproversWhoAreNamedNoMore(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		ctx := t.Context()
		ann, eve, fred, _ := o.approval(1)
		v, err := o.PlaceOrder(ctx, o.max, o.placing(o.max, "form", license.Item{License: "basic", Quantity: 1}))
		o.check(err)
		id := int64(v.ID)
		approval, order := []string{fmt.Sprintf("approval %d slack:T1:", id)}, fmt.Sprintf("order %d slack:T1:max", id)
		by := func(approvers ...string) {
			t.Helper()
			c := catalog()
			for _, a := range approvers {
				c.Approvals["acme"] = license.Approval{Quantity: 1, Approvers: append(c.Approvals["acme"].Approvers, account(a))}
			}
			o.Desk = license.NewDesk(o.db, o.people, c)
			for range 2 { // once is enough
				o.later(0)
			}
		}
		o.told()
		by("ann", "fred")
		same(t, "while whose turn it is may decide", o.told(), nil)
		by("fred", "eve")
		same(t, "who is asked in place of another", o.told(), []string{approval[0] + "fred", order})
		_, err = o.Approve(ctx, ann, id)
		refusedAs(t, "who was asked first", err, license.NotApprover)

		c := catalog()
		c.Approvals["acme"] = license.Approval{Quantity: 1, Approvers: []store.Account{account("fred"), account("ann")}}
		o.Desk = license.NewDesk(o.db, o.people, c)
		o.later(0)
		v, err = o.Approve(ctx, fred, id)
		o.check(err)
		same(t, "its turn", v.Step, 2)
		same(t, "who is asked in a later turn", o.told(), []string{approval[0] + "ann", order})

		o.homeFollows()
		by()
		same(t, "who is told if nobody may decide", o.told(), []string{order})
		same(t, "home views follow", o.homeFollows(), true)
		v, err = o.Ordered(ctx, id)
		o.check(err)
		same(t, "it waits in vain", v.Stranded(), true)
		_, err = o.Approve(ctx, ann, id)
		refusedAs(t, "who was asked last", err, license.NotApprover)
		by("fred")
		same(t, "who is told if those are left who have approved", o.told(), nil)
		by("eve")
		same(t, "who is asked later on", o.told(), []string{approval[0] + "eve", order})
		v, err = o.Approve(ctx, fred, id)
		refusedAs(t, "who has approved, and is named no more", err, license.NotApprover)
		v, err = o.Approve(ctx, eve, id)
		o.check(err)
		same(t, "its state", v.State, store.OrderPlaced)
		same(t, "who approved", []store.PersonID{v.Steps[0].Person, v.Steps[1].Person}, []store.PersonID{fred.Person, eve.Person})
		o.check(o.people.SealAudit(ctx))
		found, err := o.people.VerifyAudit(ctx)
		o.check(err)
		same(t, "what is wrong with the audit log", found[0].Broken, "")

		o.approval(1)
		v, err = o.PlaceOrder(ctx, o.max, o.placing(o.max, "vain", license.Item{License: "basic", Quantity: 1}))
		o.check(err)
		by()
		v, err = o.Withdraw(ctx, o.max, int64(v.ID))
		o.check(err)
		same(t, "what waited in vain can be withdrawn", v.State, store.OrderWithdrawn)
	})
}
