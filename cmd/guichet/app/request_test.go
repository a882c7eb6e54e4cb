package app_test

import (
	"strings"
	"testing"
)

// An employee asks for a license; the manager asks back, approves, and orders in the form that opens with it.
func TestARequestInSlack(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.stop()
		d.priced()
		d.start()
		if _, err := d.app.Licenses().Import(t.Context(), strings.NewReader("organization,license,ordered,activated,assigned\nacme,office-basic,7,7,7\n"), false); err != nil {
			t.Fatal(err)
		}
		d.answer(martin, general, func() { d.guichet(martin, general, "language fr") })
		p := d.slack.OpenTest(t, alice)
		if err := d.slack.Command(t.Context(), alice, general, "/license", "request"); err != nil {
			t.Fatal(err)
		}
		if errs := d.form(p, map[string]string{"license": "office-basic", "reason": " "}); !strings.Contains(errs["reason"], "Please fill this in") {
			t.Errorf("no reason: %q", errs)
		}
		d.form(p, map[string]string{"license": "office-basic", "reason": "For the *new* laptop <!channel>."})
		p.Close()
		d.find(alice, "Your managers are asked for a license of Office, Basic: Martin Dupont.")
		asked := d.find(martin, "Alice Martin demande une licence", "Office, Essentiel", "For the *new* laptop <!channel>.", "Libres aujourd’hui\u00a0: 0")
		d.fill(martin, asked, "requestask", map[string]string{"words": "Depuis quand ?"})
		question := d.find(alice, "Martin Dupont asks, about your request", "Depuis quand ?")
		d.fill(alice, question, "requestanswer", map[string]string{"words": "Since Monday."})
		d.bare(alice, question, "Depuis quand ?", "The answer: Since Monday.")
		again := d.find(martin, "Question\u00a0: Depuis quand ?", "Réponse\u00a0: Since Monday.")
		d.bare(martin, asked, "Alice Martin demande une licence", "Un message plus récent")

		p = d.slack.OpenTest(t, martin)
		d.press(martin, again, "requestapprove")
		if v := d.view(p); v.Title != "Commander des licences" {
			t.Errorf("the form is %q", v.Title)
		}
		d.form(p, map[string]string{"license": "office-basic", "quantity": "1"})
		d.form(p, map[string]string{"next": "go on"})
		d.form(p, map[string]string{"general": "yes", "particular": "yes"})
		p.Close()
		d.find(alice, "Martin Dupont has approved your request for Office, Basic.")
		d.bare(martin, again, "Alice Martin demande une licence", "Martin Dupont a déjà approuvé")
		d.find(martin, "Commande 1", "effectuée")
		d.shows(d.told(martin, asked, "requestrefuse", "x"), "pas de demande de ce numéro")
		d.forge(nadia, asked, "requestapprove", "1")
		d.shows(d.told(martin, asked, "requestrefuse", "1"), "a déjà approuvé")
	})
}

// The same in Mattermost, where nobody manages: it is a ticket. Then somebody does, and refuses.
func TestARequestInMattermost(t *testing.T) {
	onceAcrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
		d.restart(func(s string) string { return strings.Replace(s, `managers: ["acme:U02MARTIN"]`, "managers: []", 1) })
		ask := func(reason string) {
			d.types(m.carla, "/license", "request")
			d.sendForm(m.carla, map[string]any{"license": "office-basic", "reason": reason})
		}
		ask("To write.")
		d.shownIn(m.Direct(m.carla), "Nobody manages the licenses", "#1001")
		d.shownIn(m.queue, "#1001 Request: a license of Office, Basic", "To write.")
		d.restart(func(s string) string {
			return strings.Replace(s, "managers: []", `managers: ["acme-mm:`+m.lucas+`"]`, 1)
		})
		ask("To read.")
		d.click(m.lucas, d.shownIn(m.Direct(m.lucas), "Carla Rossi demande une licence", "To read."), "Refuser")
		d.sendForm(m.lucas, map[string]any{"words": "Pas cette année."})
		d.shownIn(m.Direct(m.carla), "Lucas Moreau has refused your request for Office, Basic. The reason: Pas cette année.")

		// While he is away somebody in Slack is asked too; what is approved is for him to order.
		d.restart(func(s string) string {
			return strings.Replace(s, "    managers:", "    approval: {quantity: 100, approvers: [\"acme-mm:"+m.lucas+"\"], fallback: \"acme:"+bruno+"\"}\n    managers:", 1)
		})
		m.SetAway(m.lucas, true)
		ask("To draw.")
		asked := d.find(bruno, "Carla Rossi asks for a license", "To draw.")
		d.shownIn(m.Direct(m.lucas), "Carla Rossi demande une licence", "To draw.")
		d.press(bruno, asked, "requestapprove")
		d.shownIn(m.Direct(m.lucas), "Bruno Petit a approuvé la demande faite par Carla Rossi", "Commander")
		d.shownIn(m.Direct(m.carla), "Bruno Petit has approved your request for Office, Basic.")
	})
}
