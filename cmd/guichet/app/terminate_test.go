package app_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"guichet/internal/postoffice"
)

// A manager ends licenses: what is assigned keeps the gate closed until fewer are chosen; then it is planned, undone, and told by mail.
func TestTerminationInSlack(t *testing.T) {
	byMailOnce(t, func(t *testing.T, d *desk, post *postoffice.Server) {
		d.estate() // 12 ordered, 10 activated, 7 assigned
		d.shows(d.licenses(alice, "terminate"), "looked after by the managers")
		d.answer(martin, general, func() { d.guichet(martin, general, "language fr") })
		d.wishes("Martin Dupont", "martin@acme.example", "none")
		p := d.slack.OpenTest(t, martin)
		if err := d.slack.Command(t.Context(), martin, general, "/licence", "résilier"); err != nil {
			t.Fatal(err)
		}
		for quantity, want := range map[string]string{"": "Veuillez remplir", "ten": "nombre entier", "13": "12 commandées\u00a0: écrivez moins"} {
			if errs := d.form(p, map[string]string{"license": "office-basic", "quantity": quantity, "when": "month"}); !strings.Contains(errs["quantity"], want) {
				t.Errorf("%q is %q", quantity, errs)
			}
		}
		if when := d.view(p).Inputs()[2].Options; len(when) != 2 {
			t.Errorf("no end of a contract is known, and licenses can end %v", when)
		}
		d.form(p, map[string]string{"license": "office-basic", "quantity": "6", "when": "month"})
		if v := d.view(p); !strings.Contains(v.AllText(), "À faire") || !strings.Contains(v.AllText(), "désaffectez-en d’abord") || v.Submit != "Vérifier à nouveau" {
			t.Errorf("the gate shows %s [%s]", v.AllText(), v.Submit)
		}
		d.form(p, map[string]string{"quantity": "5"})
		if v := d.view(p); !strings.Contains(v.AllText(), "Fait") || v.Submit != "Résilier" {
			t.Errorf("the gate shows %s [%s]", v.AllText(), v.Submit)
		}
		d.form(p, map[string]string{"quantity": "5"})
		p.Close()
		planned := d.find(martin, "Résiliation 1", "prévue", "5 licences Office, Essentiel prennent fin le")
		d.got(post, "martin@acme.example", "Résiliation 1", "a résilié des licences", "prennent fin le")
		d.shows(d.licenses(martin, ""), "5 à résilier", "0 libre")
		d.forge(alice, planned, "terminateundo", "1")
		d.settle()
		d.shows(d.told(martin, planned, "terminateundo", "1"), "annulée")
		d.find(martin, "Résiliation 1", "annulée", "restent")
		d.bare(martin, planned, "Résiliation 1", "Un message plus récent")
		d.shows(d.told(martin, planned, "terminateundo", "1"), "annulée")
		d.shows(d.licenses(martin, ""), "12 commandées", "3 libres")
	})
}

// Devices must be unenrolled: a program knows how many are or, while it does not, a manager says so and is named for it. In Mattermost.
func TestTerminationInMattermost(t *testing.T) {
	onceAcrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
		var enrolled atomic.Int64
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			n := enrolled.Load()
			if n < 0 {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			_ = json.NewEncoder(w).Encode(map[string]int64{"devices": n})
		}))
		t.Cleanup(s.Close)
		d.provisioner = provisionerSecret
		d.restart(func(text string) string {
			return strings.NewReplacer("    name: Office\n", "    name: Office\n    gate: unenrolled\n    provisioner: {by: webhook, url: "+s.URL+", devices: "+s.URL+"}\n", `"acme:U02MARTIN"`, `"acme-mm:`+m.lucas+`"`).Replace(text)
		})
		d.estate()
		end := func(quantity string) {
			t.Helper()
			d.types(m.lucas, "/licence", "resilier")
			d.sendForm(m.lucas, map[string]any{"license": "office-basic", "quantity": quantity, "when": "now"})
		}
		enrolled.Store(12)
		end("1")
		gate := d.shownIn(m.Direct(m.lucas), "terminaux enrôlés 12", "désenrôlez-en d’abord")
		enrolled.Store(11)
		d.click(m.lucas, gate, "Continuer")
		d.sendForm(m.lucas, map[string]any{"quantity": "1"})
		d.shownIn(m.Direct(m.lucas), "Résiliation 1", "effectuée", "1 licence Office, Essentiel a pris fin")

		enrolled.Store(-1)
		end("2")
		d.click(m.lucas, d.shownIn(m.Direct(m.lucas), "À déclarer"), "Continuer")
		form, _ := m.Dialog(m.lucas)
		if wrong, err := m.Send(m.lucas, form, map[string]any{"quantity": "2", "attest": false}); err != nil || !strings.Contains(wrong["attest"], "Cochez") {
			t.Errorf("nothing attested: %v %v", wrong, err)
		}
		d.sendForm(m.lucas, map[string]any{"quantity": "2", "attest": true})
		d.shownIn(m.Direct(m.lucas), "Résiliation 2", "effectuée", "Lucas Moreau a déclaré que les terminaux sont désenrôlés")
	})
}
