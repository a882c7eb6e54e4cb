package app_test

import (
	"fmt"
	"strings"
	"testing"
)

// manages makes an account of the Mattermost team the manager of Acme, from the next start.
func (d *desk) manages(account string) {
	d.configure(func(s string) string { return strings.Replace(s, `"acme:U02MARTIN"`, `"acme-mm:`+account+`"`, 1) })
}

// goesOn has somebody press Continue below the step of a form that shows these texts, and fill in the next.
func (d *desk) goesOn(user string, values map[string]any, texts ...string) {
	d.t.Helper()
	step := d.shownIn(d.team.Direct(user), texts...)
	says := "Continue"
	if strings.Contains(step.Shown(), "Continuer") {
		says = "Continuer"
	}
	d.click(user, step, says)
	d.sendForm(user, values)
}

// refuses checks what is said at the fields of the form that is open, each filled in wrongly by itself.
func (d *desk) refuses(user string, good map[string]any, wrong ...[3]string) {
	d.t.Helper()
	form, ok := d.team.Dialog(user)
	if !ok {
		d.t.Fatal("no form is open")
	}
	for _, w := range wrong {
		values := map[string]any{w[0]: w[1]}
		for field, v := range good {
			if field != w[0] {
				values[field] = v
			}
		}
		if said, err := d.team.Send(user, form, values); err != nil || len(said) != 1 || !strings.Contains(strings.ReplaceAll(said[w[0]], "\u00a0", " "), w[2]) {
			d.t.Errorf("%s %q: %v, %v", w[0], w[1], said, err)
		}
	}
}

// told is how many posts of somebody's direct channel show a text.
func (m *team) told(user, text string) (n int) {
	for _, p := range m.Posts(m.Direct(user)) {
		if strings.Contains(p.Shown(), text) {
			n++
		}
	}
	return n
}

// In French: a quote becomes an offer, the offer an order, which is activated at the second try; then some of it becomes something else, and ends.
func TestAQuoteToItsEndInMattermost(t *testing.T) {
	onceAcrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
		d.stop()
		d.manages(m.lucas)
		d.priced()
		d.start()
		mine := m.Direct(m.lucas)
		d.click(m.lucas, d.types(m.lucas, "/licence", "commander"), "Demander un devis")
		asked := map[string]any{"license": "office-basic", "quantity": "10"}
		d.refuses(m.lucas, asked, [3]string{"quantity", "dix", "Écrivez un nombre entier de 1 à 100"}, [3]string{"quantity", "0", "nombre entier"})
		d.sendForm(m.lucas, asked)
		d.click(m.nina, d.shownIn(m.queue, "#1001 Devis : 10 licences Office, Essentiel"), "Make an offer")
		made := map[string]any{"quantity": "10", "price": "4,80", "days": "30", "words": "Bienvenue !"}
		d.refuses(m.nina, made,
			[3]string{"price", "cheap", "amount"}, [3]string{"price", "-1", "amount"}, [3]string{"days", "400", "days"}, [3]string{"quantity", "", "fill this in"})
		d.sendForm(m.nina, made)

		offer := d.shownIn(mine, "Une offre pour vous (1001)", "Office, Essentiel : 10 × 4,80 € = 48,00 € par mois, hors taxes", "Elle est valable jusqu’au")
		d.shownIn(mine, "Bienvenue !")
		d.click(m.lucas, offer, "Accepter")
		terms, _ := m.Dialog(m.lucas)
		if shown := fmt.Sprintf("%+v", terms); !containsAll(shown, []string{"Accepter et commander", "0 aujourd’hui, 10 ensuite", "48,00 € HT, 9,60 € de TVA, 57,60 € TTC"}) {
			t.Errorf("what is accepted shows as %s", shown)
		}
		for range 2 { // sent twice
			if _, err := m.Send(m.lucas, terms, map[string]any{"general": true, "particular": true}); err != nil {
				t.Error(err)
			}
		}
		order := d.shownIn(mine, "Commande 1 : effectuée", "10 de plus, 10 en tout", "Acceptées : Conditions particulières (Office), version 2026-02")
		d.shownIn(m.queue, "The offer is accepted: order 1.")
		if now := d.shownIn(mine, "Une offre pour vous (1001)", "commande 1"); now.ID != offer.ID || strings.Contains(now.Shown(), "Accepter") {
			t.Errorf("what was accepted shows as %s", now.Shown())
		}

		d.click(m.lucas, order, "Activer")
		d.refuses(m.lucas, map[string]any{"quantity": "10"},
			[3]string{"quantity", "11", "10 peuvent être activées : 10 commandées, 0 activée"}, [3]string{"quantity", "", "Veuillez remplir"})
		d.sendForm(m.lucas, map[string]any{"quantity": "10"})
		d.click(m.nina, d.shownIn(m.queue, "#1002 Activer 10 licences Office, Essentiel"), "Failed")
		d.refuses(m.nina, nil, [3]string{"reason", " ", "fill this in"})
		d.sendForm(m.nina, map[string]any{"reason": "L’éditeur est en panne."})
		d.click(m.lucas, d.shownIn(mine, " : en échec", "n’ont pas pu être mises en service", "Motif : L’éditeur est en panne."), "Réessayer")
		d.sendForm(m.lucas, map[string]any{"quantity": "10"})
		again := d.shownIn(m.queue, "#1003 Activer 10 licences")
		for range 2 { // pressed twice
			d.click(m.nina, again, "Provisioned")
		}
		d.shownIn(mine, " : active", "10 licences Office, Essentiel sont en service")

		d.types(m.lucas, "/licence", "changer")
		changed := map[string]any{"pair": "office-basic>office-standard", "quantity": "4"}
		d.refuses(m.lucas, changed,
			[3]string{"quantity", "11", "10 peuvent être changées : 10 commandées, 0 affectée"}, [3]string{"quantity", "-4", "nombre entier"})
		d.sendForm(m.lucas, changed)
		d.goesOn(m.lucas, map[string]any{"general": true, "particular": true}, "Accepter et commander", "4 de moins", "En tout, par mois : 24,92 € HT")
		d.shownIn(mine, "Commande 2 : effectuée", "Office, Essentiel : 4 de moins, 6 en tout", "Office, Standard : 4 de plus, 4 en tout")

		d.types(m.lucas, "/licence", "résilier")
		d.refuses(m.lucas, map[string]any{"license": "service:office", "when": "month"}, [3]string{"when", "contract", "Aucune fin de contrat"})
		d.sendForm(m.lucas, map[string]any{"license": "service:office", "when": "month"})
		d.goesOn(m.lucas, map[string]any{"when": "month"}, "Fait. Office, Essentiel : affectées 0", "Fait. Office, Standard : affectées 0", "peut être annulée")
		planned := d.shownIn(mine, "Résiliation 1 : prévue", "6 licences Office, Essentiel prennent fin le")
		d.shownIn(mine, "Résiliation 2 : prévue", "4 licences Office, Standard prennent fin le")
		for range 2 {
			if told := d.click(m.lucas, planned, "Annuler la résiliation"); !strings.Contains(told, "annulée.") {
				t.Errorf("undone: %s", told)
			}
		}
		d.shownIn(mine, "Résiliation 1 : annulée", "6 licences Office, Essentiel restent, et ne prennent pas fin le")
		d.settle()
		for text, n := range map[string]int{"Commande 1 : effectuée": 1, " : active": 1, "6 licences Office, Essentiel restent": 1} {
			if got := m.told(m.lucas, text); got != n {
				t.Errorf("told %q %d times", text, got)
			}
		}
		if got := d.types(m.lucas, "/licence", "").Shown(); !containsAll(got, []string{"Office, Essentiel : 6 commandées", "Office, Standard : 4 commandées", "4 à résilier"}) {
			t.Errorf("at last there is %s", got)
		}

		// Reminders: of what is about to end, and of what nobody uses, until it is put off.
		d.fallsDue("UPDATE terminations SET due_at = 1 WHERE id = 2")
		d.eventually("it comes again before it takes effect", func() bool { return m.told(m.lucas, "Résiliation 2 : prévue") == 2 })
		d.mondays()
		unused := d.shownIn(mine, "Licences de l’entreprise Acme Industries que personne n’utilise", "Office, Essentiel :")
		if told := d.click(m.lucas, unused, "Me le rappeler dans 4 semaines"); !strings.Contains(told, "Ce rappel ne reviendra pas avant le ") {
			t.Errorf("put off: %s", told)
		}
		d.mondays()
		if n := m.told(m.lucas, "que personne n’utilise"); n != 1 {
			t.Errorf("reminded %d times", n)
		}
	})
}

// In English: a basket that is refused, changed and approved; a request; seats, an administrator, and the home card.
func TestAManagersDayInMattermost(t *testing.T) {
	onceAcrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
		d.stop()
		d.manages(m.carla)
		d.priced(`["acme-mm:`+m.carla+`"]`, `["acme-mm:`+m.carla+`"]`+"\n    approval: {quantity: 20, approvers: [\"acme-mm:"+m.lucas+"\"]}")
		d.start()
		d.estate() // 12 ordered, 10 activated, 7 assigned
		mine, his := m.Direct(m.carla), m.Direct(m.lucas)
		accepts := map[string]any{"general": true, "particular": true}
		d.click(m.carla, d.types(m.carla, "/license", ""), "Order")
		d.refuses(m.carla, map[string]any{"license": "office-basic", "quantity": "38"},
			[3]string{"quantity", "100001", "whole number"}, [3]string{"quantity", "1.5", "whole number"}, [3]string{"license", "", "choose one"})
		d.sendForm(m.carla, map[string]any{"license": "office-basic", "quantity": "38"})
		d.goesOn(m.carla, map[string]any{"next": "more"}, "12 now, 50 then. 38 × €4.60 = €174.80 a month", "€209.76 gross")
		d.goesOn(m.carla, map[string]any{"license": "office-standard", "quantity": "3"}, "Order licenses", "Prices are")
		d.goesOn(m.carla, map[string]any{"next": "drop office-basic"}, "12 now, 50 then", "0 now, 3 then. 3 × €11.33")
		d.goesOn(m.carla, map[string]any{"next": "more"}, "€33.99 net, €6.80 VAT, €40.79 gross")
		d.settle()
		form, _ := m.Dialog(m.carla) // the second step of a form that is filled in anew
		if _, err := m.Send(m.carla, form, map[string]any{"next": "go on"}); err != nil {
			t.Error(err)
		}
		d.goesOn(m.carla, accepts, "Accept and order", "€40.79 gross")
		d.shownIn(mine, "Order 1: placed", "Office, Standard: 3 more, 3 in all")

		d.types(m.carla, "/license", "order")
		d.sendForm(m.carla, map[string]any{"license": "office-basic", "quantity": "20"})
		d.goesOn(m.carla, map[string]any{"next": "go on"}, "12 now, 32 then")
		d.goesOn(m.carla, accepts, "Accept and order", "12 now, 32 then", "approved before it counts")
		d.click(m.lucas, d.shownIn(his, "La commande 2 de Carla Rossi attend votre approbation", "20 de plus, 32 en tout"), "Refuser")
		d.refuses(m.lucas, nil, [3]string{"reason", "", "Veuillez remplir"}, [3]string{"reason", strings.Repeat("non ", 300), "trop"})
		d.sendForm(m.lucas, map[string]any{"reason": "Pas cette année."})
		d.shownIn(mine, "Order 2: refused", "The reason: Pas cette année.")

		d.types(m.lucas, "/licence", "demander")
		d.refuses(m.lucas, map[string]any{"license": "office-basic", "reason": "Pour écrire."},
			[3]string{"reason", " ", "Veuillez remplir"}, [3]string{"license", "", "faire un choix"})
		d.sendForm(m.lucas, map[string]any{"license": "office-basic", "reason": "Pour écrire."})
		d.shownIn(his, "Vos gestionnaires sont sollicités pour une licence Office, Essentiel")
		d.click(m.carla, d.shownIn(mine, "Lucas Moreau asks for a license", "Pour écrire.", "Free now: 3"), "Ask back")
		d.sendForm(m.carla, map[string]any{"words": "Since when?"})
		d.click(m.lucas, d.shownIn(his, "Carla Rossi vous pose une question sur votre demande de licence Office, Essentiel", "Since when?"), "Répondre")
		d.sendForm(m.lucas, map[string]any{"words": "Depuis lundi."})
		d.click(m.carla, d.shownIn(mine, "The question: Since when?", "The answer: Depuis lundi."), "Approve")
		d.shownIn(his, "Carla Rossi a approuvé votre demande de licence Office, Essentiel.")
		d.click(m.carla, d.shownIn(mine, "Carla Rossi has approved the request of Lucas Moreau"), "Assign a license")
		d.shownIn(his, "Carla Rossi vous a affecté une licence : Office, Essentiel.")
		d.types(m.carla, "/license", "assign")
		d.refuses(m.carla, map[string]any{"whom": m.lucas, "license": "office-basic"},
			[3]string{"whom", "", "choose one"}, [3]string{"whom", m.Bot, "know nobody"}, [3]string{"license", "office-standard", "0 free"})
		d.sendForm(m.carla, map[string]any{"whom": m.lucas, "license": "office-basic"})
		d.shownIn(mine, "Lucas Moreau has Office, Basic already.")

		seats := d.types(m.carla, "/license", "seats")
		d.click(m.carla, seats, "Unassign by number")
		d.refuses(m.carla, map[string]any{"license": "office-basic", "quantity": "2"}, [3]string{"quantity", "8", "Only 7"})
		d.sendForm(m.carla, map[string]any{"license": "office-basic", "quantity": "2"})
		d.shownIn(mine, "2 licenses of Office, Basic are unassigned", "6 assigned, 4 free")
		file := m.Upload(m.carla, mine, "people.csv", []byte("person,license,action\n@zoe,basic,\neve@,basic,\n@nina,gold,\n@lucas,basic,\n@lucas,basic,\n"))
		if _, err := m.Say(m.carla, mine, "", "", file); err != nil {
			t.Fatal(err)
		}
		d.click(m.carla, d.shownIn(mine, "Assign from this file"), "Assign from this file")
		d.shownIn(mine, "Nothing is done", "Line 2: I know nobody called “@zoe”", "Line 3: “eve@” is no mail address", "Line 4: I don't know which license “gold” is",
			"Line 6 is about the same as line 5")

		d.click(m.carla, d.types(m.carla, "/license", "admin"), "Add")
		d.refuses(m.carla, map[string]any{"picked": m.lucas, "service": "office"},
			[3]string{"picked", "", "Choose somebody"}, [3]string{"picked", m.Bot, "choose a colleague"}, [3]string{"service", "", "choose one"})
		d.sendForm(m.carla, map[string]any{"picked": m.lucas, "service": "office"})
		d.shownIn(his, "Vous administrez Office pour l’entreprise Acme Industries")
		d.click(m.carla, d.shownIn(mine, "Lucas Moreau administers Office from now on"), "Administrators")
		d.click(m.carla, d.shownIn(mine, "Office: Lucas Moreau (confirmed)"), "Update Lucas Moreau")
		d.sendForm(m.carla, map[string]any{"services": "+emm"})
		d.click(m.carla, d.types(m.carla, "/license", "admin"), "History")
		d.shownIn(mine, "Carla Rossi designated Lucas Moreau for Office.", "Carla Rossi designated Lucas Moreau for EMM.")
		if got := d.types(m.lucas, "/licence", "").Shown(); !containsAll(got, []string{"Office, Essentiel : 12 commandées", "Affecter une licence"}) || strings.Contains(got, "Commander") {
			t.Errorf("an administrator is shown %s", got)
		}

		d.invoiced(october, octoberSums, "F-1 2026-10-31")
		d.types(m.carla, "/license", "order")
		d.sendForm(m.carla, map[string]any{"license": "office-basic", "quantity": "21"})
		d.goesOn(m.carla, map[string]any{"next": "go on"}, "12 now, 33 then")
		d.goesOn(m.carla, accepts, "Accept and order", "12 now, 33 then")
		d.shownIn(mine, "Order 3: waits for approval")
		d.types(m.carla, "/guichet", "")
		d.click(m.carla, d.shownIn(mine, "Your tickets", "Your organization"), "Your organization")
		home := d.shownIn(mine, "Open tickets of Acme Industries", "Waiting for a decision", "Order 3: waits for approval", "Licenses",
			"Office, Basic: 12 ordered, 10 activated, 6 assigned, 4 free",
			"Technical administrators", "Office: Lucas Moreau (confirmed)", "Latest invoices", "October 2026: F-1, €98.63", "Manage", "Who has what")
		d.click(m.carla, home, "F-1")
		d.shownIn(mine, "Invoice F-1, October 2026", "Total", "€98.63")
		d.click(m.carla, home, "Show")
		d.click(m.carla, d.shownIn(mine, "Order 3: waits for approval", "Withdraw", "33 in all"), "Withdraw")
		d.shownIn(mine, "Order 3: withdrawn")
	})
}
