package app_test

import (
	"strings"
	"testing"

	"guichet/internal/localslack"
)

// atVendor has the licenses of Office assigned at the vendor's.
func atVendor(s string) string {
	return strings.Replace(s, "    name: Office\n", "    name: Office\n    seats: vendor\n    vendor: \"https://portal.example/licenses\"\n", 1)
}

// A manager gives somebody a license by a mention, and takes it back; whoever gets it is told once.
func TestALicenseIsAssignedInSlack(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		licenses := func(who, args string) localslack.Message {
			return d.answer(who, general, func() {
				if err := d.slack.Command(t.Context(), who, general, "/license", args); err != nil {
					t.Fatal(err)
				}
			})
		}
		d.estate()
		d.shows(licenses(alice, "assign <@U05BRUNO|bruno>"), "looked after by the managers")
		d.shows(licenses(martin, "assign <@U05BRUNO|bruno>"), "Bruno Petit has Office, Basic now", "8 assigned, 2 free")
		d.shows(licenses(martin, "assign <@U05BRUNO|bruno>"), "Bruno Petit has Office, Basic already")
		d.find(bruno, "Martin Dupont has assigned you a license: Office, Basic.")
		d.shows(licenses(martin, "seats"), "Bruno Petit: Office, Basic, since", "from Martin Dupont", "7 are assigned to people whom guichet does not know")
		d.shows(licenses(martin, "unassign <@U05BRUNO|bruno>"), "Bruno Petit doesn't have Office, Basic any more", "7 assigned, 3 free")
		d.find(bruno, "Martin Dupont has taken your license back: Office, Basic.")
	})
}

// What is assigned at the vendor's takes a word of honor; forms ask what was not typed; forged buttons do nothing.
func TestSeatsByFormsInSlack(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.restart(func(s string) string {
			return strings.Replace(atVendor(s), "name: EMM,", "name: EMM, licenses: [{key: emm, name: Device}],", 1)
		})
		_, err := d.app.Licenses().Import(t.Context(), strings.NewReader("organization,license,ordered,activated,assigned\nacme,office-basic,12,10,7\nacme,emm,2,1,0\n"), false)
		if err != nil {
			t.Fatal(err)
		}
		licenses := func(who, args string) localslack.Message {
			return d.answer(who, general, func() {
				if err := d.slack.Command(t.Context(), who, general, "/license", args); err != nil {
					t.Fatal(err)
				}
			})
		}
		pressed := func(who string, m localslack.Message, button string) localslack.Message {
			return d.answer(who, general, func() { d.press(who, m, button) })
		}
		vendor := licenses(martin, "assign <@U05BRUNO|bruno> office basic")
		d.shows(vendor, "assigned at the vendor's", "give it to Bruno Petit", "press Done", "https://portal.example/licenses")
		d.shows(licenses(martin, ""), "7 assigned")
		d.shows(pressed(martin, vendor, "attest"), "Bruno Petit has Office, Basic now")
		d.shows(pressed(martin, vendor, "attest"), "has Office, Basic already")
		d.find(bruno, "has assigned you a license")

		list := licenses(martin, "seats bruno") // not a mention, and no license
		d.shows(list, "I don't know which license you mean by “bruno”", "Office, Basic (office-basic)")
		list = licenses(martin, "seats <@U05BRUNO|bruno>")
		d.shows(list, "What Bruno Petit has", "Office, Basic")
		d.shows(pressed(martin, list, "seat"), "take it from Bruno Petit there")

		// A form asks for the person, and for the license; what is wrong is said at its field.
		start := licenses(martin, "")
		for field, answers := range map[string]map[string]string{"whom": {"license": "emm"}, "license": {"whom": bruno}} {
			if errs := d.wrongly(martin, start, "giveseat", answers); errs[field] == "" {
				t.Errorf("without %s: %q", field, errs)
			}
		}
		if errs := d.fill(martin, start, "giveseat", map[string]string{"whom": bruno, "license": "emm"}); len(errs) > 0 {
			t.Fatal(errs)
		}
		d.find(martin, "Bruno Petit has EMM, Device now")
		if errs := d.wrongly(martin, start, "giveseat", map[string]string{"whom": oliver, "license": "emm"}); !strings.Contains(errs["license"], "2 ordered, 1 activated, 1 assigned, 0 free") || !strings.Contains(errs["license"], "once it is activated") {
			t.Errorf("none is free: %q", errs)
		}
		d.shows(licenses(martin, "assign <@"+oliver+"|oliver> emm"), "Nothing was assigned", "0 free")
		d.shows(licenses(martin, "assign eve@acme.example emm"), "0 free")
		d.shows(licenses(martin, "assign <@U05BRUNO|bruno> <@U04OLIVER|oliver>"), "One person at a time")
		d.shows(licenses(martin, "assign a@acme.example b@acme.example emm"), "One person at a time")
		d.shows(licenses(martin, "assign @zoe"), "I know nobody here by that name")

		p := d.slack.OpenTest(t, martin)
		d.pressAt(p, d.shownAt(p), "tab", "organization")
		d.pressAt(p, d.becomes(p, "Licenses"), "seats", "")
		if v := d.view(p); !strings.Contains(v.AllText(), "Bruno Petit: EMM, Device, since") {
			t.Errorf("from the home view: %s", v.AllText())
		}
		if err := p.CloseView(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.Close()

		// By number, with the word of honor.
		answers := map[string]string{"license": "office-basic", "quantity": "8", "attest": "yes"}
		if errs := d.wrongly(martin, licenses(martin, "seats"), "takeback", answers); !strings.Contains(errs["quantity"], "Only 7") {
			t.Errorf("too many: %q", errs)
		}
		answers["quantity"] = "3"
		delete(answers, "attest")
		if errs := d.wrongly(martin, licenses(martin, "seats"), "takeback", answers); !strings.Contains(errs["attest"], "do it there first") {
			t.Errorf("without the box: %q", errs)
		}
		answers["attest"] = "yes"
		if errs := d.fill(martin, licenses(martin, "seats"), "takeback", answers); len(errs) > 0 {
			t.Fatal(errs)
		}
		d.find(martin, "3 licenses of Office, Basic are unassigned", "5 assigned, 5 free")

		for _, value := range []string{"assign office-basic 4711", "assign gold 1", "unassign office-basic eve@acme.example", "", "assign", "seats"} {
			had := licenses(martin, "").AllText()
			d.forge(alice, start, "seat", value)
			d.forge(alice, start, "attest", value)
			d.forge(alice, start, "seatlist", value)
			d.forge(alice, start, "seats", value)
			d.forge(martin, start, "attest", value)
			d.settle()
			if now := licenses(martin, "").AllText(); now != had {
				t.Errorf("a forged %q: %s", value, now)
			}
		}
	})
}

// A manager drops a list into their direct channel, sees what it would do, and has it done.
func TestAListOfSeatsInSlack(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.estate()
		d.strict.SetLocale(martin, "fr-FR")
		csvBelow := func(who, root, text string) localslack.Message {
			t.Helper()
			ts := d.send(who, who, "", root, "licences.csv", []byte(text))
			if root != "" {
				ts = root
			}
			var offered localslack.Message
			d.eventually("the file is answered", func() bool {
				for _, m := range d.messages(who) {
					if m.ThreadTS == ts && len(m.Buttons()) > 0 {
						offered = m
					}
				}
				return offered.TS != ""
			})
			return offered
		}
		csv := func(who, text string) localslack.Message { t.Helper(); return csvBelow(who, "", text) }
		if err := d.slack.Command(t.Context(), martin, general, "/licence", "affecter csv"); err != nil {
			t.Fatal(err)
		}
		there := d.find(martin, "Déposez un fichier CSV ici", "personne (une adresse, un @nom")
		if got := buttons(csv(alice, "person,license\n")); got != "new" {
			t.Errorf("an employee is offered %s", got)
		}

		wrong := csvBelow(martin, there.TS, "personne;licence\nbruno;Office Essentiel\nanna@acme.example;or\n")
		if got := buttons(wrong); got != "new seatfile" {
			t.Fatalf("a manager is offered %s", got)
		}
		d.press(martin, wrong, "seatfile")
		d.find(martin, "Rien n’est fait", "Ligne 2\u00a0: je ne connais personne du nom de «\u202fbruno\u202f»", "Ligne 3", "«\u202for\u202f»")

		list := "personne;licence;action\nU05BRUNO;Office Essentiel;\n@Alice Martin;office-basic;affecter\nanna@acme.example;office-basic;affecter\n"
		d.press(martin, csv(martin, list), "seatfile")
		shown := d.find(martin, "D’après licences.csv", "Office, Essentiel\u00a0: 3 à affecter", "libres, 3 maintenant et 0 ensuite")
		d.press(martin, shown, "seatlist")
		d.press(martin, shown, "seatlist")
		d.find(martin, "Toute la liste est faite", "10 affectées, 0 libre")
		d.find(bruno, "has assigned you a license: Office, Basic.")
		d.find(alice, "has assigned you a license: Office, Basic.")
		d.press(martin, csv(martin, list), "seatfile")
		d.find(martin, "3 lignes disent ce qui est déjà.")
		d.press(martin, csv(martin, strings.Replace(list, "anna", "zoe", 1)), "seatfile")
		d.find(martin, "Rien de la liste n’est fait", "Il faudrait 1 licence Office, Essentiel libre", "0 libre")
	})
}

// The same in Mattermost, in French, where people are called by their names.
func TestSeatsInMattermost(t *testing.T) {
	onceAcrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
		d.estate()
		d.restart(func(s string) string {
			return atVendor(strings.Replace(s, `"acme:U02MARTIN"`, `"acme-mm:`+m.lucas+`"`, 1))
		})
		says := func(args string, texts ...string) {
			t.Helper()
			if got := d.types(m.lucas, "/licence", args).Shown(); !containsAll(got, texts) {
				t.Errorf("/licence %s says %s", args, got)
			}
		}
		if got := d.types(m.carla, "/licence", "affecter @nina").Shown(); !strings.Contains(got, "looked after by the managers") {
			t.Errorf("an employee is told %s", got)
		}
		says("affecter @zoe", "Je ne connais personne de ce nom")
		vendor := d.types(m.lucas, "/licence", "affecter @Carla")
		if !containsAll(vendor.Shown(), []string{"s’affecte chez l’éditeur", "Carla Rossi", "C’est fait"}) {
			t.Errorf("it says %s", vendor.Shown())
		}
		d.click(m.lucas, vendor, "C’est fait")
		d.shownIn(m.Direct(m.carla), "Lucas Moreau has assigned you a license: Office, Basic.")
		says("affectations", "Carla Rossi : Office, Essentiel", "par Lucas Moreau", "7 sont affectées à des personnes que guichet ne connaît pas")
		says("désaffecter @nina", "Nina Keller n’a pas Office, Essentiel")

		file := m.Upload(m.lucas, m.Direct(m.lucas), "liste.CSV", []byte("personne;licence;action\n@nina;essentiel;\ncarla;essentiel;désaffecter\n"))
		if _, err := m.Say(m.lucas, m.Direct(m.lucas), "", "Pour lundi.", file); err != nil {
			t.Fatal(err)
		}
		d.click(m.lucas, d.shownIn(m.Direct(m.lucas), "Affecter d’après ce fichier"), "Affecter d’après ce fichier")
		plan := d.shownIn(m.Direct(m.lucas), "1 à affecter", "1 à désaffecter", "libres, 2 maintenant et 2 ensuite", "vous attestez en votre nom")
		d.click(m.lucas, plan, "Faire les 2 changements")
		d.shownIn(m.Direct(m.nina), "has assigned you a license")
		d.shownIn(m.Direct(m.carla), "has taken your license back")
		says("affectations", "Nina Keller : Office, Essentiel")
	})
}
