package license_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// starts gives acme and globex something of everything, so that they can order.
func (o *office) starts() {
	o.t.Helper()
	_, err := o.Import(o.t.Context(), strings.NewReader("organization,license,ordered,activated,assigned\nacme,basic,12,10,7\nacme,drive,5,5,5\nglobex,basic,1,0,0\n"), false)
	o.check(err)
}

func account(id string) store.Account { return store.Account{Workspace: "slack:T1", ID: id} }

// placing is an order of what somebody was just shown, with all terms accepted.
func (o *office) placing(a helpdesk.Actor, nonce string, items ...license.Item) license.Placing {
	o.t.Helper()
	offer, err := o.Offer(o.t.Context(), a, items, "fr")
	o.check(err)
	p := license.Placing{Items: items, Seen: offer.Seen(), Language: "fr", Account: account("max"), Nonce: nonce}
	for _, t := range offer.Terms {
		p.Accepted = append(p.Accepted, t.Hash)
	}
	return p
}

// told are the notices that wait to be delivered: what, and to whom.
func (o *office) told() (all []string) {
	o.t.Helper()
	o.check(o.db.Write(o.t.Context(), func(tx *store.Tx) error {
		all = nil
		for _, w := range []string{"slack:T1", "slack:T2", store.Mail} {
			ds, err := tx.Claim(o.t.Context(), w, 100, 1)
			if err != nil {
				return err
			}
			for _, d := range ds {
				if n, ok := license.NoticeOf(d); ok {
					all = append(all, fmt.Sprintf("%s %d %s:%s", n.What, n.ID, n.Account.Workspace, n.Account.ID))
				}
			}
			if len(ds) == 0 {
				continue
			}
			if _, err := tx.Done(o.t.Context(), ds...); err != nil {
				return err
			}
		}
		slices.Sort(all)
		return nil
	}))
	return all
}

func refusedAs(t *testing.T, what string, err error, code helpdesk.Code) {
	t.Helper()
	if !helpdesk.IsRefusal(err, code) {
		t.Errorf("%s: %v, and not %s", what, err, code)
	}
}

// An offer says what there is then, what it costs by that, with the tax rounded line by line, and what must be accepted.
func TestAnOffer(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		offer, err := o.Offer(t.Context(), o.max, []license.Item{{"basic", 38}, {"standard", 3}, {"drive", 1}}, "en")
		o.check(err)
		var got []string
		for _, l := range offer.Lines {
			got = append(got, fmt.Sprintf("%s %d→%d at %s: %s + %s", l.Key, l.Now, l.After(), l.Unit, l.Net, l.Tax))
		}
		same(t, "the lines", got, []string{"basic 12→50 at 4.60: 174.80 + 34.96", "standard 0→3 at 11.33: 33.99 + 6.80", "drive 5→6 at 1.99: 1.99 + 0.11"})
		same(t, "the sums", []string{offer.Net().String(), offer.Tax().String()}, []string{"210.78", "41.87"})
		var terms []string
		for _, x := range offer.Terms {
			terms = append(terms, x.Kind+" "+x.Service)
		}
		same(t, "the terms", terms, []string{"general ", "particular office", "particular storage", "specific storage"})

		for _, c := range []struct {
			why   string
			items []license.Item
			code  helpdesk.Code
		}{
			{"nothing", nil, helpdesk.BadForm}, {"none of it", []license.Item{{"basic", 0}}, helpdesk.BadForm}, {"fewer", []license.Item{{"basic", -1}}, helpdesk.BadForm},
			{"too many", []license.Item{{"basic", license.MostQuoted + 1}}, helpdesk.BadForm}, {"the same twice", []license.Item{{"basic", 1}, {"basic", 1}}, helpdesk.BadForm},
			{"what there is not", []license.Item{{"gold", 1}}, license.NotOffered},
		} {
			_, err := o.Offer(t.Context(), o.max, c.items, "en")
			if w := (*license.Wanting)(nil); !errors.As(err, &w) || w.Code != c.code {
				t.Errorf("%s: %v", c.why, err)
			}
		}
		_, err = o.Offer(t.Context(), o.gus, []license.Item{{"drive", 1}}, "en")
		if w := (*license.Wanting)(nil); !errors.As(err, &w) || w.Code != license.FirstTime {
			t.Errorf("a first subscription: %v", err)
		}
		_, err = o.Offer(t.Context(), o.ann, []license.Item{{"basic", 1}}, "en")
		refusedAs(t, "an employee", err, license.NotManager)
	})
}

// An order is there once, at the price that was shown, with what was accepted; whoever made it is told in chat and by mail.
func TestAnOrder(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		p := o.placing(o.max, "form", license.Item{License: "basic", Quantity: 10}, license.Item{License: "drive", Quantity: 2})
		var all sync.WaitGroup
		ids := make([]store.OrderID, 4)
		for i := range ids {
			all.Go(func() {
				v, err := o.PlaceOrder(t.Context(), o.max, p)
				if err != nil {
					t.Error(err)
				}
				ids[i] = v.ID
			})
		}
		all.Wait()
		same(t, "the orders", slices.Compact(ids), ids[:1])
		same(t, "what there is", o.has(o.max)["basic"], [4]int64{22, 12, 7, 3})
		same(t, "and of the other", o.has(o.max)["drive"], [4]int64{7, 2, 5, 0})
		same(t, "who was told", o.told(), []string{fmt.Sprintf("order %d mail:%d", ids[0], o.max.Person), fmt.Sprintf("order %d slack:T1:max", ids[0])})

		v, err := o.Ordered(t.Context(), int64(ids[0]))
		o.check(err)
		same(t, "its state", v.State, store.OrderPlaced)
		same(t, "its sums", []int64{v.Net, v.VAT}, []int64{10*510 + 2*199, 1020 + 22})
		same(t, "what was accepted", len(v.Accepted), 4)
		for _, a := range v.Accepted {
			text, err := o.Text(t.Context(), a.Hash)
			o.check(err)
			same(t, "the hash of "+text, license.HashOf(text), a.Hash)
		}
		// The catalog changes; the order does not, and its texts are still to be read.
		other := catalog()
		other.Licenses[0].Price, other.General = euros(999), license.Terms{Version: "2", Texts: map[string]string{"": "others"}}
		later := license.NewDesk(o.db, o.people, other)
		again, err := later.Ordered(t.Context(), int64(ids[0]))
		o.check(err)
		same(t, "its price", again.Lines[0].Price, int64(510))
		if text, err := later.Text(t.Context(), v.Accepted[0].Hash); err != nil || text != "general" {
			t.Errorf("its terms are %q, %v", text, err)
		}
		_, err = later.PlaceOrder(t.Context(), o.max, o.renamed(p, "later"))
		refusedAs(t, "a price that was shown before", err, license.OfferChanged)
		if _, err := o.Text(t.Context(), "nothing"); !errors.Is(err, store.ErrNotFound) {
			t.Error(err)
		}
	})
}

func (o *office) renamed(p license.Placing, nonce string) license.Placing {
	p.Nonce = nonce
	return p
}

// Nothing is ordered by those who may not, of what was not shown, or without what must be accepted.
func TestWhatIsNotOrdered(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		ctx := t.Context()
		item := license.Item{License: "basic", Quantity: 30}
		p := o.placing(o.max, "form", item)
		refused := func(what string, a helpdesk.Actor, p license.Placing, code helpdesk.Code) {
			t.Helper()
			_, err := o.PlaceOrder(ctx, a, p)
			refusedAs(t, what, err, code)
		}
		refused("an employee", o.ann, p, license.NotManager)
		refused("an employee who says they are of the other organization", helpdesk.Actor{Person: o.ann.Person, Organization: "globex"}, p, license.NotManager)
		refused("what another organization was shown", o.gus, p, license.OfferChanged)
		for i := range p.Accepted {
			some := p
			some.Accepted = slices.Delete(slices.Clone(p.Accepted), i, i+1)
			refused("a text that was not accepted", o.max, some, license.NotAccepted)
		}
		more := p
		more.Items = []license.Item{{License: "basic", Quantity: 300}}
		refused("more than was shown", o.max, more, license.OfferChanged)
		if _, err := o.PlaceOrder(ctx, o.max, o.renamed(p, "")); err == nil {
			t.Error("a form without a nonce")
		}
		// Somebody else is quicker, and with theirs another price would hold.
		_, err := o.PlaceOrder(ctx, o.max, o.placing(o.max, "quicker", license.Item{License: "basic", Quantity: 20}))
		o.check(err)
		refused("a price that does not hold any more", o.max, p, license.OfferChanged)
		same(t, "what there is", o.has(o.max)["basic"], [4]int64{32, 22, 7, 3})

		p = o.placing(o.max, "mine", item)
		_, err = o.PlaceOrder(ctx, o.max, p)
		o.check(err)
		o.managers("ann")
		refused("a former manager", o.max, o.renamed(p, "more"), license.NotManager)
		refused("somebody else's form", o.ann, p, helpdesk.NotYourForm)
		_, err = o.OrderFor(ctx, o.max, 1)
		refusedAs(t, "a former manager who looks", err, license.UnknownOrder)
		_, err = o.OrderFor(ctx, o.gus, 1)
		refusedAs(t, "another organization's manager who looks", err, license.UnknownOrder)
	})
}

// Whoever orders at the same time, all of it is in the ledger, at prices that fit how many there were.
func TestOrdersAtTheSameTime(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		round := 0
		rapid.Check(t, func(r *rapid.T) {
			round++
			quantities := rapid.SliceOfN(rapid.Int64Range(1, 30), 2, 4).Draw(r, "quantities")
			before := o.has(o.max)["basic"][0]
			var all sync.WaitGroup
			var want int64
			for i, q := range quantities {
				want += q
				all.Go(func() {
					for try := 0; ; try++ {
						p := o.placing(o.max, fmt.Sprintf("%d/%d/%d", round, i, try), license.Item{License: "basic", Quantity: q}, license.Item{License: "drive", Quantity: 1})
						if _, err := o.PlaceOrder(context.WithoutCancel(t.Context()), o.max, p); err == nil || !helpdesk.IsRefusal(err, license.OfferChanged) {
							if err != nil {
								t.Error(err)
							}
							return
						}
					}
				})
			}
			all.Wait()
			if got := o.has(o.max)["basic"][0] - before; got != want {
				t.Fatalf("%d more, and not %d", got, want)
			}
		})
		o.check(o.db.Look(t.Context(), func(tx *store.Tx) error {
			orders, err := tx.OrdersOf(t.Context(), store.Selves{People: []store.PersonID{o.max.Person}}, 0, 1000)
			for _, order := range orders {
				lines, err := tx.OrderLines(t.Context(), order.ID)
				o.check(err)
				l, _ := o.Catalog().Of("basic")
				if p := l.PriceAt(lines[0].Before + lines[0].Quantity); p.Minor != lines[0].Price {
					t.Errorf("order %d: %d of them cost %d each, and not %s", order.ID, lines[0].Before+lines[0].Quantity, lines[0].Price, p)
				}
			}
			return err
		}))
	})
}

// What is refused, withdrawn or changed counts for nothing; what is changed is asked for anew.
func TestOrdersThatComeToNothing(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		ctx := t.Context()
		ann, eve, _, _ := o.approval(1)
		order := func(nonce string) int64 {
			t.Helper()
			v, err := o.PlaceOrder(ctx, o.max, o.placing(o.max, nonce, license.Item{License: "basic", Quantity: 10}))
			o.check(err)
			return int64(v.ID)
		}
		state := func(id int64, want string) {
			t.Helper()
			v, err := o.Ordered(ctx, id)
			o.check(err)
			same(t, "its state", v.State, want)
		}
		refused := order("refused")
		_, err := o.Refuse(ctx, ann, refused, " ")
		refusedAs(t, "no reason", err, helpdesk.BadForm)
		_, err = o.Refuse(ctx, eve, refused, "No.")
		refusedAs(t, "whose turn it is not", err, license.NotApprover)
		v, err := o.Refuse(ctx, ann, refused, "Too many.")
		o.check(err)
		same(t, "the reason", v.Reason, "Too many.")
		_, err = o.Approve(ctx, ann, refused)
		o.check(err)
		state(refused, store.OrderRefused)

		withdrawn := order("withdrawn")
		_, err = o.Withdraw(ctx, ann, withdrawn)
		refusedAs(t, "no manager", err, license.NotManager)
		_, err = o.Withdraw(ctx, o.gus, withdrawn)
		refusedAs(t, "another organization's", err, license.UnknownOrder)
		_, err = o.Withdraw(ctx, o.max, withdrawn)
		o.check(err)
		_, err = o.Approve(ctx, ann, withdrawn)
		o.check(err)
		state(withdrawn, store.OrderWithdrawn)

		first := order("first")
		_, err = o.Approve(ctx, ann, first)
		o.check(err)
		p := o.placing(o.max, "second", license.Item{License: "basic", Quantity: 11})
		p.Replaces = first
		second, err := o.PlaceOrder(ctx, o.max, p)
		o.check(err)
		state(first, store.OrderWithdrawn)
		same(t, "the turn of the other", second.Step, 1)
		_, err = o.PlaceOrder(ctx, o.max, o.renamed(p, "third"))
		refusedAs(t, "what was changed before", err, license.OrderDecided)
		same(t, "what there is", o.has(o.max)["basic"][0], int64(12))

		// Whoever orders approves their own turn; whom the configuration names no more may not.
		o.managers("ann")
		p = o.placing(ann, "own", license.Item{License: "basic", Quantity: 1})
		p.Account = account("ann")
		own, err := o.PlaceOrder(ctx, ann, p)
		o.check(err)
		same(t, "the turn after their own", own.Step, 2)
		former := license.NewDesk(o.db, o.people, catalog())
		_, err = former.Approve(ctx, eve, int64(own.ID))
		refusedAs(t, "whom the configuration names no more", err, license.NotApprover)
		_, err = o.Approve(ctx, eve, int64(own.ID))
		o.check(err)
		state(int64(own.ID), store.OrderPlaced)

		o.check(o.people.SealAudit(ctx))
		found, err := o.people.VerifyAudit(ctx)
		o.check(err)
		for _, a := range found {
			same(t, "what is wrong with the audit log of "+a.Organization, a.Broken, "")
		}
	})
}
