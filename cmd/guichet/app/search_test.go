package app_test

import (
	"strings"
	"testing"
)

// sought types a search and checks what is, and is not ("-" before it), among the answer.
func (d *desk) sought(who, words string, texts ...string) {
	d.t.Helper()
	shown := d.ask(who, "search "+words).AllText()
	for _, text := range texts {
		text, not := strings.CutPrefix(text, "-")
		if strings.Contains(shown, text) == not {
			d.t.Errorf("%s searches %.60q and sees %s", who, words, shown)
		}
	}
}

const nothing = "Nothing was found"

func TestSearchInSlack(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Écran noir à Lyon", "Le cœur de l’écran ne s’allume plus.")
		card, mine := d.card("1001"), d.conversation(alice, "1001")
		reply := d.write(nadia, support, "Avez-vous essayé un *autre* câble ?", card.TS)
		d.write(nadia, support, "note: garantie expirée", card.TS)
		own := d.write(alice, mine.Channel, "Oui, hélas.", mine.TS)
		d.settle()

		for _, who := range []string{alice, martin, nadia, oliver} {
			d.sought(who, "ECRAN lyon", "Tickets with: ECRAN lyon", "#1001 Écran noir à Lyon")
			d.sought(who, "coeur", "#1001", "“Le cœur de l’écran ne s’allume plus.”")
			d.sought(who, "autres câbles", "#1001", "“Avez-vous essayé un autre câble ?”")
			d.sought(who, "#1001", "#1001")
		}
		d.sought(bruno, "ecran", nothing, "-#1001")
		d.sought(bruno, "#1001", nothing, "-Écran")
		for who, finds := range map[string]string{alice: nothing, martin: nothing, nadia: "“garantie expirée”"} {
			d.sought(who, "garanties", finds)
		}

		// What was said is found by its new words alone, and by none once it is gone.
		d.edit(nadia, support, reply, "Avez-vous essayé une autre prise ?")
		d.edit(alice, mine.Channel, own, "")
		d.settle()
		d.sought(alice, "cable", nothing)
		d.sought(alice, "prise", "“Avez-vous essayé une autre prise ?”")
		d.sought(nadia, "helas", nothing)

		for _, words := range []string{"*", `"`, `" OR "`, "NEAR(a b)", "(", "'; DROP TABLE tickets; --", "-", "😀", "´ `", "\\", "%", "_", "a:b:*|!&",
			strings.Repeat("x", 3000), "http://" + strings.Repeat("x", 3000), strings.Repeat("é ", 1500)} {
			if a := d.ask(alice, "search "+words).AllText(); !strings.Contains(a, nothing) && !strings.Contains(a, "Type what to look for") {
				t.Errorf("%.40q: %s", words, a)
			}
		}
		// A word that no database would index is kept all the same.
		d.write(alice, mine.Channel, "Voir "+strings.Repeat("é", 3000)+" final", mine.TS)
		d.settle()
		d.sought(nadia, "voir final", "#1001")

		d.shows(d.ask(alice, "search"), "Type what to look for, as in “/ticket search outlook lyon”")
		d.shows(d.ask(alice, "serch ecran"), "/ticket search words")
	})
}

// Tickets from before there was a search are found as soon as the program has started; many are shown a page at a time.
func TestSearchByPages(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		d.copies("1001", 20)
		d.exec(`DELETE FROM search`)
		d.exec(`INSERT INTO search_fill VALUES (0)`)
		d.stop()
		d.start()

		found := d.ask(alice, "search outlook")
		d.shows(found, "#1021 Outlook", "#1007 Outlook", "The newest come first.")
		if strings.Contains(found.AllText(), "#1006") {
			t.Errorf("the first page is %s", found.AllText())
		}
		before := len(d.private(alice, general))
		d.press(alice, found, "found")
		d.eventually("the next page stands in its place", func() bool {
			ms := d.private(alice, general)
			last := ms[len(ms)-1].AllText()
			return len(ms) == before && strings.Contains(last, "#1006 ") && strings.Contains(last, "#1001 ") && !strings.Contains(last, "#1007 ")
		})
		d.sought(alice, "outlook #1003", "#1003")

		// What a button carries is read like words, and no more is believed.
		place := d.mark(bruno, general)
		for _, value := range []string{"0 outlook", "9223372036854775807 outlook", "-5 outlook", "x outlook", "", "0 ", "1022 " + strings.Repeat("outlook ", 240)} {
			if a := d.answer(bruno, general, func() { d.forge(bruno, place, "found", value) }); strings.Contains(a.AllText(), "#10") {
				t.Errorf("%q shows %s", value, a.AllText())
			}
		}
	})
}

func TestSearchInFrenchFromTheHomeView(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.strict.SetLocale(alice, "fr-FR")
		p := d.slack.OpenTest(t, alice)
		v := d.shownAt(p)
		d.pressAt(p, v, "search", "")
		d.titled(p, "Chercher un ticket")
		if errs := d.form(p, map[string]string{"words": "?!"}); errs["words"] != "Indiquez un mot à chercher." {
			t.Errorf("nothing to look for: %v", errs)
		}
		if errs := d.form(p, map[string]string{"words": "imprimante"}); len(errs) > 0 {
			t.Error(errs)
		}
		p.Close()
		d.find(alice, "Tickets avec\u00a0: imprimante", "Rien n’a été trouvé")
		for _, word := range []string{"chercher", "recherche", "Search"} {
			d.shows(d.ask(alice, word+" l’imprimante"), "Tickets avec\u00a0: l’imprimante", "Rien n’a été trouvé")
		}
		d.shows(d.ask(alice, "chercher"), "«\u202f/ticket chercher outlook lyon\u202f»")
		d.shows(d.ask(alice, "help"), "/ticket chercher mots")
	})
}

func TestSearchInMattermost(t *testing.T) {
	onceAcrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
		mine := d.openIn(m.lucas, "Imprimante", "Elle ne répond plus depuis l’été.")
		card := d.shownIn(m.queue, "Imprimante", "Lucas Moreau")
		d.settle()
		d.say(m.nina, card, "note: à remplacer")
		d.shownIn(m.queue, "Internal note: it stays here")
		d.say(m.lucas, mine, "Elle est au **2e** étage.")
		d.shownIn(m.queue, "Elle est au", "étage.")
		for words, texts := range map[string][]string{"IMPRIMANTES etage": {"IMPRIMANTES etage", "#1001 Imprimante", "«\u202fElle est au 2e étage.\u202f»"},
			"remplacer": {"Rien n’a été trouvé"}, "": {"Indiquez ce que vous cherchez"}} {
			if a := d.types(m.lucas, "/ticket", "chercher "+words); !containsAll(a.Shown(), texts) {
				t.Errorf("%q: %s", words, a.Shown())
			}
		}
		if a := d.types(m.nina, "/ticket", "search remplacer"); !containsAll(a.Shown(), []string{"Imprimante", "“à remplacer”"}) {
			t.Errorf("the agent finds %s", a.Shown())
		}
		if a := d.types(m.carla, "/ticket", "search imprimante"); !containsAll(a.Shown(), []string{nothing}) {
			t.Errorf("a colleague finds %s", a.Shown())
		}
		d.types(m.lucas, "/guichet", "")
		home := d.shownIn(m.Direct(m.lucas), "Vos tickets")
		d.click(m.lucas, home, "Chercher")
		d.sendForm(m.lucas, map[string]any{"words": "étage imprimante"})
		d.shownIn(m.Direct(m.lucas), "Tickets avec", "étage imprimante", "«\u202fElle est au 2e étage.\u202f»")
	})
}
