package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"guichet/bot"
	"guichet/internal/localslack"
	"guichet/internal/postoffice"
)

// priced gives the licenses of a desk that is stopped prices and terms.
func (d *desk) priced(more ...string) {
	d.t.Helper()
	terms := func(name, text string) string {
		file := filepath.Join(filepath.Dir(d.file), name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			d.t.Fatal(err)
		}
		return file
	}
	d.configure(func(s string) string {
		if !strings.Contains(s, "\nlink:") {
			s = strings.Replace(s, "\norganizations:", "\nlink: https://guichet.acme.example\norganizations:", 1)
		}
		s = strings.Replace(s, "\norganizations:", "\ngeneral_terms: {version: 2026-01, file: {en: "+terms("general.en.txt", "The general terms.")+
			", fr: "+terms("general.fr.txt", "Les conditions générales.")+"}}\norganizations:", 1)
		s = strings.Replace(s, "    licenses:\n", "    particular_terms: {version: 2026-02, file: "+terms("office.txt", "The terms of Office.")+"}\n    licenses:\n", 1)
		s = strings.Replace(s, "{key: office-basic, name", "{key: office-basic, family: office, price: 5.10, tiers: [{from: 50, price: 4.60}], name", 1)
		s = strings.Replace(s, "{key: office-standard, name", "{key: office-standard, family: office, price: 11.33, name", 1)
		return strings.NewReplacer(more...).Replace(s)
	})
}

// A manager orders: a basket, the terms, and the order is there, in chat and by mail, once.
func TestAnOrderInSlack(t *testing.T) {
	byMailOnce(t, func(t *testing.T, d *desk, post *postoffice.Server) {
		d.stop()
		d.priced()
		d.start()
		d.shows(d.licenses(alice, "order"), "looked after by the managers")
		d.shows(d.licenses(martin, "order"), "begins with a quote", "Ask for a quote")
		d.estate()
		d.wishes("Martin Dupont", "martin@acme.example", "none")

		p := d.slack.OpenTest(t, martin)
		d.press(martin, d.licenses(martin, ""), "order")
		for _, wrong := range []struct{ quantity, want string }{{"", "Please fill this in"}, {"ten", "whole number"}, {"0", "whole number"}, {"100001", "whole number"}} {
			if errs := d.form(p, map[string]string{"license": "office-basic", "quantity": wrong.quantity}); !strings.Contains(errs["quantity"], wrong.want) {
				t.Errorf("%q is %q", wrong.quantity, errs)
			}
		}
		d.times(3, func() { d.form(p, map[string]string{"license": "office-basic", "quantity": "38"}) })
		if v := d.view(p); !containsAll(v.AllText(), []string{"Office, Basic: 12 now, 50 then. 38 × €4.60 = €174.80 a month, plus VAT (20%)", "€174.80 net, €34.96 VAT, €209.76 gross"}) {
			t.Errorf("the basket shows %s", v.AllText())
		}
		d.form(p, map[string]string{"next": "more"})
		d.form(p, map[string]string{"license": "office-standard", "quantity": "3"})
		d.form(p, map[string]string{"next": "drop office-basic"})
		if v := d.view(p); strings.Contains(v.AllText(), "38") || !strings.Contains(v.AllText(), "Office, Standard: 0 now, 3 then. 3 × €11.33 = €33.99") {
			t.Errorf("the basket shows %s", v.AllText())
		}
		d.form(p, map[string]string{"next": "go on"})
		v := d.view(p)
		if asks(v) != "general particular" || v.Submit != "Place order" || !strings.Contains(v.AllText(), "General terms, version 2026-01") {
			t.Errorf("the last step asks %q and shows %s", asks(v), v.AllText())
		}
		if errs := d.submit(p, nil); len(errs) != 2 || !strings.Contains(errs["general"], "Tick this box") {
			t.Errorf("nothing accepted: %q", errs)
		}
		if errs := d.form(p, map[string]string{"general": "yes", "particular": "yes"}); len(errs) > 0 {
			t.Fatalf("ordered: %q", errs)
		}
		d.find(martin, "Order 1: placed", "Office, Standard: 3 more, 3 in all. 3 × €11.33 = €33.99 a month", "€33.99 net, €6.80 VAT, €40.79 gross", "Accepted: Particular terms of Office, version 2026-02")
		d.shows(d.licenses(martin, ""), "Office, Standard: 3 ordered, 0 activated")
		mail := d.got(post, "martin@acme.example", "Order 1: placed", "€40.79 gross", "General terms, version 2026-01, SHA-256 ")
		d.settle()
		if n := len(d.containing(martin, "Order 1: placed")); n != 1 || len(post.Mails("martin@acme.example")) != 1 {
			t.Errorf("told %d times in chat and %d by mail", n, len(post.Mails("martin@acme.example")))
		}

		// What was accepted is read at its hash, whoever reads it.
		_, hash, _ := strings.Cut(mail.Whole, "SHA-256 ")
		hash, _, _ = strings.Cut(hash, ",")
		if status, text := d.visit("GET", bot.TermsPath+hash); status != 200 || text != "The general terms." {
			t.Errorf("the terms are %d %q", status, text)
		}
		if status, _ := d.visit("GET", bot.TermsPath+strings.Repeat("0", 64)); status != 404 {
			t.Errorf("unknown terms are %d", status)
		}
		p.Close()

		d.restart(func(s string) string {
			return strings.Replace(s, "{version: 2026-01, file", "{version: 2026-03, file", 1)
		})
		d.find(martin, "Terms have changed", "In force now: General terms, version 2026-03", "accepted with the next order")
	})
}

// licenses types /license, and returns the answer.
func (d *desk) licenses(who, args string) localslack.Message {
	return d.answer(who, general, func() {
		if err := d.slack.Command(d.t.Context(), who, general, "/license", args); err != nil {
			d.t.Fatal(err)
		}
	})
}

// A large order is approved by whoever is named, in French; it can be changed, withdrawn and refused before.
func TestApprovalInSlack(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.stop()
		d.priced(`["acme:U02MARTIN"]`, `["acme:U02MARTIN"]`+"\n    approval: {amount: 100, approvers: [\"acme:"+bruno+`"], fallback: "acme:`+alice+`"}`)
		d.start()
		d.estate()
		d.answer(martin, general, func() { d.guichet(martin, general, "language fr") })
		order := func(quantity string) {
			t.Helper()
			p := d.slack.OpenTest(t, martin)
			defer p.Close()
			d.press(martin, d.licenses(martin, ""), "order")
			d.form(p, map[string]string{"license": "office-basic", "quantity": quantity})
			d.form(p, map[string]string{"next": "go on"})
			if v := d.view(p); !strings.Contains(v.AllText(), "doit être approuvée") {
				t.Errorf("the last step shows %s", v.AllText())
			}
			d.form(p, map[string]string{"general": "yes", "particular": "yes"})
		}
		order("20")
		mine := d.find(martin, "Commande 1", "en attente d’approbation", "102,00\u00a0€")
		asked := d.find(bruno, "Order 1 by Martin Dupont waits for your approval", "20 × €5.10 = €102.00")
		d.settle()
		d.shows(d.told(alice, asked, "orderapprove", "1"), "somebody else's turn")

		// Changed: the first comes to nothing, and the second is asked for anew.
		p := d.slack.OpenTest(t, martin)
		d.press(martin, mine, "orderchange")
		d.form(p, map[string]string{"next": "more"})
		d.form(p, map[string]string{"license": "office-basic", "quantity": "10"})
		d.form(p, map[string]string{"next": "go on"})
		d.form(p, map[string]string{"general": "yes", "particular": "yes"})
		p.Close()
		d.find(martin, "Commande 1", "retirée", "20 ×")
		d.bare(martin, mine, "Commande 1", "Un message plus récent")
		d.bare(bruno, asked, "Order 1 by Martin Dupont: withdrawn", "20 ×")
		second := d.find(bruno, "Order 2 by Martin Dupont waits for your approval", "30 × €5.10")
		d.shows(d.told(bruno, asked, "orderapprove", "1"), "Order 1: withdrawn.")

		if errs := d.fill(bruno, second, "orderrefuse", map[string]string{"reason": ""}); !strings.Contains(errs["reason"], "Please fill this in") {
			t.Errorf("no reason: %q", errs)
		}
		d.fill(bruno, second, "orderrefuse", map[string]string{"reason": "Not this year."})
		d.find(martin, "Commande 2", "refusée", "Motif", "Not this year.")
		d.bare(bruno, second, "Order 2 by Martin Dupont: refused", "The reason: Not this year.")

		order("21")
		third := d.find(bruno, "Order 3 by")
		d.settle()
		d.shows(d.told(bruno, third, "orderapprove", "3"), "Order 3: placed.")
		d.find(martin, "Commande 3", "effectuée", "21 ×")
		d.bare(bruno, third, "Order 3 by Martin Dupont: placed")
		d.shows(d.told(bruno, third, "orderapprove", "3"), "Order 3: placed.")
		d.shows(d.licenses(martin, ""), "33 commandées")

		order("22")
		home := d.slack.OpenTest(t, martin)
		d.pressAt(home, d.shownAt(home), "tab", "organization")
		v := d.becomes(home, "En attente d’une décision", "Commande 4")
		d.pressAt(home, v, "ordershow", "4")
		if v := d.view(home); !strings.Contains(v.AllText(), "22 × 4,60") {
			t.Errorf("the order shows as %s", v.AllText())
		}
		home.Close()

		// Whoever is to approve is reminded; once they are away, somebody else is asked too.
		d.strict.SetAway(bruno, true)
		d.fallsDue("UPDATE orders SET remind_at = 1 WHERE id = 4")
		fourth := d.find(alice, "Order 4 by Martin Dupont waits for your approval", "You are asked in place of somebody who is away.")
		d.settle()
		if n := len(d.containing(bruno, "Order 4 by")); n != 2 {
			t.Errorf("whoever is to approve is asked %d times", n)
		}
		d.shows(d.told(alice, fourth, "orderapprove", "4"), "Order 4: placed.")
		for _, m := range d.containing(bruno, "Order 4 by") {
			d.bare(bruno, m, "Order 4 by Martin Dupont: placed")
		}
		d.bare(alice, fourth, "Order 4 by Martin Dupont: placed")
		d.shows(d.told(bruno, d.containing(bruno, "Order 4 by")[0], "orderapprove", "4"), "Order 4: placed.")
	})
}

// bare waits until a message says something else than before, and has no buttons any more.
func (d *desk) bare(channel string, m localslack.Message, texts ...string) {
	d.t.Helper()
	d.eventually(fmt.Sprintf("%q has no buttons", texts), func() bool {
		return slices.ContainsFunc(d.containing(channel, texts...), func(now localslack.Message) bool { return now.TS == m.TS && len(now.Buttons()) == 0 })
	})
}

// The same in Mattermost, in both languages.
func TestAnOrderInMattermost(t *testing.T) {
	onceAcrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
		d.stop()
		d.priced(`["acme:U02MARTIN"]`, `["acme-mm:`+m.lucas+`"]`+"\n    approval: {quantity: 10, approvers: [\"acme-mm:"+m.carla+"\"]}")
		d.start()
		d.estate()
		d.click(m.lucas, d.types(m.lucas, "/licence", ""), "Commander")
		d.sendForm(m.lucas, map[string]any{"license": "office-basic", "quantity": "10"})
		d.click(m.lucas, d.shownIn(m.Direct(m.lucas), "22 ensuite", "= 51,00"), "Continuer")
		d.sendForm(m.lucas, map[string]any{"next": "go on"})
		d.click(m.lucas, d.shownIn(m.Direct(m.lucas), "doit être approuvée"), "Continuer")
		form, _ := m.Dialog(m.lucas)
		if !strings.Contains(form.Dialog.Introduction, "[Conditions générales, version 2026-01](https://guichet.acme.example/terms/") {
			t.Errorf("the last step begins with %s", form.Dialog.Introduction)
		}
		if wrong, err := m.Send(m.lucas, form, map[string]any{"general": true, "particular": false}); err != nil || !strings.Contains(wrong["particular"], "Cochez") {
			t.Errorf("one box: %v %v", wrong, err)
		}
		d.sendForm(m.lucas, map[string]any{"general": true, "particular": true})
		d.shownIn(m.Direct(m.lucas), "Commande 1", "en attente d’approbation")
		asked := d.shownIn(m.Direct(m.carla), "Order 1 by Lucas Moreau waits for your approval")
		d.click(m.carla, asked, "Approve")
		d.shownIn(m.Direct(m.lucas), "Commande 1", "effectuée", "61,20", "TTC")
		if now := d.shownIn(m.Direct(m.carla), "Order 1 by Lucas Moreau: placed"); now.ID != asked.ID || strings.Contains(now.Shown(), "Approve") {
			t.Errorf("whoever approved it sees %s", now.Shown())
		}
	})
}
