package license_test

import (
	"fmt"
	"testing"

	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// Whoever manages an organization no more is told nothing more of its orders, licenses and requests: its managers are.
func TestFormerManagersAreToldNothing(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		ctx := t.Context()
		ann, eve, fred, _ := o.approval(5)
		order, err := o.PlaceOrder(ctx, o.max, o.placing(o.max, "order", license.Item{License: "basic", Quantity: 5}))
		o.check(err)
		activation, err := o.Activate(ctx, o.max, activating("activation", 1))
		o.check(err)
		request, _, err := o.Ask(ctx, fred, license.Wish{License: "basic", Reason: "To work.", Account: account("fred"), Nonce: "request"})
		o.check(err)
		id := int64(order.ID)
		all := []license.Notice{{What: license.ToldOrder, ID: id}, {What: license.ToldApproval, ID: id}, {What: license.ToldActivation, ID: int64(activation.ID)},
			{What: license.ToldRequest, ID: int64(request.ID)}, {What: license.ToldDecided, ID: int64(request.ID)}, {What: license.ToldUnused}, {What: license.ToldTerms}}
		concern := func(a helpdesk.Actor) (what []string) {
			for _, n := range all {
				yes, err := o.Concerns(ctx, n, a.Person)
				o.check(err)
				if yes {
					what = append(what, n.What)
				}
			}
			return what
		}
		managers := []string{license.ToldOrder, license.ToldActivation, license.ToldRequest, license.ToldDecided, license.ToldUnused, license.ToldTerms}
		for _, c := range []struct {
			who  string
			a    helpdesk.Actor
			want []string
		}{
			{"a manager", o.max, managers},
			{"an approver", ann, []string{license.ToldApproval, license.ToldDecided}},
			{"the fallback, who has asked", fred, []string{license.ToldDecided}},
			{"another organization's manager", o.gus, []string{license.ToldDecided, license.ToldUnused, license.ToldTerms}}, // these two are of what is theirs
		} {
			same(t, "what concerns "+c.who, concern(c.a), c.want)
		}

		o.managers("eve")
		same(t, "what concerns a former manager", concern(o.max), []string{license.ToldDecided})
		_, err = o.Designate(ctx, eve, account("eve"), license.Designation{Person: eve.Person, Services: []string{"office"}}, "designation")
		o.check(err)
		o.told()
		_, err = o.Refuse(ctx, ann, id, "Not now.")
		o.check(err)
		_, err = o.people.Do(ctx, o.agent(), helpdesk.Take, activation.Ticket, store.DeskSide)
		o.check(err)
		same(t, "who is told instead, once, though they administer the service too", o.told(), []string{fmt.Sprintf("activation %d slack:T1:eve", activation.ID), fmt.Sprintf("order %d slack:T1:eve", id)})
		same(t, "and then", o.told(), nil)
	})
}
