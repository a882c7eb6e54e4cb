package license_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// Licenses become others of their family for the difference of their prices: those that nobody has, and those that are not activated first.
func TestLicensesBecomeOthers(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts() // basic: 12 ordered, 10 activated, 7 assigned
		ctx := t.Context()
		up := func(n int64) []license.Item { return []license.Item{{"basic", -n}, {"standard", n}} }
		offer, err := o.Offer(ctx, o.max, up(3), "en")
		o.check(err)
		same(t, "the difference", []string{offer.Net().String(), offer.Tax().String()}, []string{"18.69", "3.74"})
		v, err := o.PlaceOrder(ctx, o.max, o.placing(o.max, "up", up(3)...))
		o.check(err)
		same(t, "its state", v.State, store.OrderPlaced)
		same(t, "what is left", o.has(o.max)["basic"], [4]int64{9, 0, 7, 2})
		same(t, "what it became", o.has(o.max)["standard"], [4]int64{3, 3, 0, 0})
		down, err := o.PlaceOrder(ctx, o.max, o.placing(o.max, "down", license.Item{License: "standard", Quantity: -2}, license.Item{License: "basic", Quantity: 2}))
		o.check(err)
		same(t, "the difference downwards", down.Net, int64(2*(510-1133)))
		same(t, "what is left", o.has(o.max)["standard"], [4]int64{1, 1, 0, 0})

		_, err = o.Offer(ctx, o.max, up(5), "en") // of 11, 7 are assigned
		if few := (*license.TooFew)(nil); !errors.As(err, &few) || few.Spare() != 4 {
			t.Errorf("what somebody has: %v", err)
		}
		for what, items := range map[string][]license.Item{
			"of another family": {{"basic", -1}, {"drive", 1}}, "more than go": {{"basic", -1}, {"standard", 2}}, "only fewer": {{"basic", -1}},
			"itself": {{"basic", -1}, {"basic", 1}}, "the other way round": {{"standard", 1}, {"basic", -1}},
		} {
			_, err := o.Offer(ctx, o.max, items, "en")
			if w := (*license.Wanting)(nil); !errors.As(err, &w) || w.Code != helpdesk.BadForm {
				t.Errorf("%s: %v", what, err)
			}
		}

		// Approved when somebody has them by then: it can't be placed.
		ann, _, _, _ := o.approval(1)
		pending, err := o.PlaceOrder(ctx, o.max, o.placing(o.max, "pending", up(4)...))
		o.check(err)
		_, err = o.Approve(ctx, ann, int64(pending.ID))
		o.check(err)
		_, err = o.Terminate(ctx, o.max, ending("end", "basic", 4, license.AtOnce))
		o.check(err)
		eve, err := o.people.Known(ctx, account("eve"))
		o.check(err)
		if _, err := o.Approve(ctx, helpdesk.Actor{Person: eve.ID, Source: "slack:T1"}, int64(pending.ID)); !errors.As(err, new(*license.TooFew)) {
			t.Errorf("approved too late: %v", err)
		}
		same(t, "what there is", o.has(o.max)["standard"][0], int64(1))
	})
}

// A first subscription begins with a quote: sales offer a price, and a manager accepts it as an order, once, as long as it is valid.
func TestAQuoteBecomesAnOrder(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		nadia := o.agent()
		asked, err := o.AskQuote(ctx, o.max, license.Quote{License: "standard", Quantity: 10, Account: account("max"), Subject: "Quote", Text: "Please."}, "form")
		o.check(err)
		id := asked.Ticket.ID
		offering := license.Offering{Quantity: 12, Price: euros(990), Days: 30, Words: "For two more."}
		for what, spoil := range map[string]func(*license.Offering){"none": func(o *license.Offering) { o.Quantity = 0 }, "for nothing": func(o *license.Offering) { o.Price.Minor = 0 },
			"in dollars": func(o *license.Offering) { o.Price.Currency = "USD" }, "for no day": func(o *license.Offering) { o.Days = 0 }, "for ever": func(o *license.Offering) { o.Days = 1000 }} {
			w := offering
			spoil(&w)
			_, err := o.MakeOffer(ctx, nadia, id, w, "x")
			refusedAs(t, what, err, helpdesk.BadForm)
		}
		for who, a := range map[string]helpdesk.Actor{"who asked": o.max, "another organization's manager": o.gus} {
			if _, err := o.MakeOffer(ctx, a, id, offering, "x"); !helpdesk.IsRefusal(err, helpdesk.UnknownTicket) && !helpdesk.IsRefusal(err, helpdesk.NotAllowed) {
				t.Errorf("%s: %v", who, err)
			}
		}
		_, err = o.QuoteFor(ctx, o.max, int64(id))
		refusedAs(t, "what is not offered yet", err, license.UnknownQuote)
		_, err = o.MakeOffer(ctx, nadia, id, offering, "one")
		o.check(err)
		offering.Price = euros(980)
		_, err = o.MakeOffer(ctx, nadia, id, offering, "two")
		o.check(err)
		if all := o.told(); len(all) != 2 || !strings.HasPrefix(all[0], "quote ") {
			t.Errorf("told: %q", all)
		}
		for who, a := range map[string]helpdesk.Actor{"an employee": o.ann, "another organization's manager": o.gus} {
			if _, err := o.OfferOf(ctx, a, int64(id), "en"); !helpdesk.IsRefusal(err, license.NotManager) && !helpdesk.IsRefusal(err, license.UnknownQuote) {
				t.Errorf("%s: %v", who, err)
			}
		}
		placing := func(nonce string) license.Placing {
			offer, err := o.OfferOf(ctx, o.max, int64(id), "fr")
			o.check(err)
			p := license.Placing{Quote: int64(id), Seen: offer.Seen(), Language: "fr", Account: account("max"), Nonce: nonce}
			for _, t := range offer.Terms {
				p.Accepted = append(p.Accepted, t.Hash)
			}
			return p
		}
		one, other := placing("one"), placing("other")
		o.db.SetClock(func() time.Time { return time.Now().AddDate(0, 0, 31) })
		_, err = o.PlaceOrder(ctx, o.max, o.renamed(one, "late"))
		refusedAs(t, "too late", err, license.QuoteLapsed)
		o.db.SetClock(time.Now)
		var all sync.WaitGroup
		var mu sync.Mutex
		placed := 0
		for _, p := range []license.Placing{one, other, one, other} {
			all.Go(func() {
				v, err := o.PlaceOrder(ctx, o.max, p)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil && v.Changed:
					placed++
				case err != nil && !helpdesk.IsRefusal(err, license.QuoteAccepted) && !helpdesk.IsRefusal(err, helpdesk.NotYourForm):
					t.Error(err)
				}
			})
		}
		all.Wait()
		same(t, "how often it was placed", placed, 1)
		same(t, "what there is", o.has(o.max)["standard"], [4]int64{12, 12, 0, 0})
		_, err = o.MakeOffer(ctx, nadia, id, offering, "three")
		refusedAs(t, "offered again", err, license.QuoteAccepted)
	})
}
