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
