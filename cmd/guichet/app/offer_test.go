package app_test

import (
	"strings"
	"testing"
)

// A first subscription: a quote is asked for, sales offer, the manager accepts the terms, and it is an order; then some become others.
func TestAnOfferInSlack(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.stop()
		d.priced("from: 50, price: 4.60", "from: 10, price: 4.60")
		d.start()
		d.fill(martin, d.licenses(martin, "order"), "quote", map[string]string{"license": "office-basic", "quantity": "10"})
		card := d.find(support, "#1001 Quote: 10 licenses", "Make an offer")
		d.settle()
		d.forge(alice, card, "offer", "1001/desk")
		for field, value := range map[string]string{"quantity": "0", "price": "cheap", "days": "400"} {
			answers := map[string]string{"quantity": "10", "price": "4.80", "days": "30"}
			answers[field] = value
			if errs := d.fill(nadia, card, "offer", answers); errs[field] == "" || len(errs) != 1 {
				t.Errorf("%s %q: %q", field, value, errs)
			}
		}
		d.fill(nadia, card, "offer", map[string]string{"quantity": "10", "price": "4,80", "days": "30", "words": "Welcome!"})
		offer := d.find(martin, "An offer for you (1001)", "Office, Basic: 10 × €4.80 = €48.00 a month, net", "valid until")
		d.find(martin, "Welcome!")
		d.settle()
		p := d.slack.OpenTest(t, martin)
		d.press(martin, offer, "acceptoffer")
		d.form(p, map[string]string{"general": "yes", "particular": "yes"})
		d.find(martin, "Order 1: placed", "10 × €4.80 = €48.00")
		d.find(support, "The offer is accepted: order 1.")
		d.settle()
		d.shows(d.told(martin, offer, "acceptoffer", "1001"), "accepted already")

		if err := d.slack.Command(t.Context(), martin, general, "/license", "change"); err != nil {
			t.Fatal(err)
		}
		d.titled(p, "Change licenses")
		if options := d.view(p).Inputs()[0].Options; len(options) != 1 || options[0].Text != "Office, Basic → Standard (€6.73 a month each)" { // by the tier of ten
			t.Errorf("can become: %v", options)
		}
		if errs := d.form(p, map[string]string{"pair": "office-basic>office-standard", "quantity": "11"}); !strings.Contains(errs["quantity"], "10 can be changed") {
			t.Errorf("too many: %q", errs)
		}
		d.form(p, map[string]string{"pair": "office-basic>office-standard", "quantity": "4"})
		if v := d.view(p); !strings.Contains(v.AllText(), "In all, each month: €26.92 net") {
			t.Errorf("the difference shows as %s", v.AllText())
		}
		d.form(p, map[string]string{"general": "yes", "particular": "yes"})
		p.Close()
		d.find(martin, "Order 2: placed", "4 fewer, 6 in all", "4 more, 4 in all")
		d.shows(d.licenses(martin, ""), "Office, Basic: 6 ordered", "Office, Standard: 4 ordered")
	})
}
