package app_test

import (
	"fmt"
	"strings"
	"testing"

	"guichet/internal/localslack"
)

// estate has Acme begin with some licenses.
func (d *desk) estate() {
	d.t.Helper()
	_, err := d.app.Licenses().Import(d.t.Context(), strings.NewReader("organization,license,ordered,activated,assigned\nacme,office-basic,12,10,7\n"), false)
	if err != nil {
		d.t.Fatal(err)
	}
}

// A manager sees what licenses there are; others are told whom to ask.
func TestLicensesInSlack(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		licenses := func(who, args string) localslack.Message {
			return d.answer(who, general, func() {
				if err := d.slack.Command(t.Context(), who, general, "/license", args); err != nil {
					t.Fatal(err)
				}
			})
		}
		d.shows(licenses(martin, ""), "Licenses of Acme Industries", "no licenses yet")
		d.estate()
		d.shows(licenses(martin, ""), "Office, Basic: 12 ordered, 10 activated, 7 assigned, 3 free", "once it is activated")
		d.shows(licenses(alice, ""), "looked after by the managers", "Martin")
		d.shows(licenses(nadia, ""), "looked after by the managers")
		d.shows(licenses(martin, "hlep <!channel>"), "I don't know “/license hlep", "Did you mean “/license help”?")
		d.shows(licenses(martin, "help"), "/license — what licenses your organization has")
		if text := licenses(alice, "help").AllText(); strings.Contains(text, "/license —") || !strings.Contains(text, "/license request — ") {
			t.Errorf("an employee is told %s", text)
		}
		d.answer(martin, general, func() { d.guichet(martin, general, "language fr") })
		d.shows(licenses(martin, ""), "Licences de l’entreprise Acme Industries", "Office, Essentiel\u00a0: 12 commandées, 10 activées, 7 affectées, 3 libres")
		d.shows(licenses(martin, "aide"), "/licence — les licences de votre entreprise")

		// Who was a manager once sees nothing any more.
		d.restart(func(s string) string { return strings.Replace(s, "acme:U02MARTIN", "acme:"+nadia, 1) })
		d.shows(licenses(martin, ""), "l’affaire des gestionnaires", "Nadia")
		d.shows(licenses(nadia, ""), "12 ordered")
		d.eventually("who was given the role, and from whom it was taken, is sealed", func() bool {
			all, err := d.app.Desk().VerifyAudit(t.Context())
			return err == nil && len(all) == 1 && all[0].Sealed == 3 && all[0].Broken == ""
		})
	})
}

// A manager asks for a quote by the button, and sales answer in their thread as with any ticket.
func TestAQuoteInSlack(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		licenses := func(who, args string) localslack.Message {
			return d.answer(who, general, func() {
				if err := d.slack.Command(t.Context(), who, general, "/license", args); err != nil {
					t.Fatal(err)
				}
			})
		}
		d.estate()
		d.shows(licenses(alice, "quote"), "looked after by the managers")
		for _, wrong := range []struct{ quantity, want string }{{"", "Please fill this in"}, {"ten", "whole number from 1 to 100,000"}, {"0", "whole number"}} {
			if errs := d.wrongly(martin, licenses(martin, ""), "quote", map[string]string{"license": "office-basic", "quantity": wrong.quantity}); !strings.Contains(errs["quantity"], wrong.want) {
				t.Errorf("%q is %q", wrong.quantity, errs)
			}
		}
		if errs := d.fill(martin, licenses(martin, ""), "quote", map[string]string{"license": "office-basic", "quantity": "1 000", "description": "By *Monday* <!channel>."}); len(errs) > 0 {
			t.Fatalf("asked: %q", errs)
		}
		card := d.find(support, "#1001 Quote: 1,000 licenses of Office, Basic", "Service request", "Please quote for 1,000 licenses of Office, Basic.", "By *Monday* <!channel>.")
		d.find(martin, "Your ticket has the number 1001")
		d.write(nadia, support, "That is 5,600 euros a month.", card.TS)
		d.find(martin, "Nadia Benali", "That is 5,600 euros a month.")

		// Who is a manager no more by the time they send it asks for nothing.
		p := d.slack.OpenTest(t, martin)
		d.press(martin, licenses(martin, ""), "quote")
		d.view(p)
		d.restart(func(s string) string { return strings.Replace(s, "acme:U02MARTIN", "acme:"+nadia, 1) })
		d.form(p, map[string]string{"license": "office-basic", "quantity": "7"})
		p.Close()
		d.never(support, "#1002")
	})
}

// A manager's home view shows them, with the rest of them behind a button, and follows what changes; nobody else's does.
func TestLicensesAtHome(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		p := d.slack.OpenTest(t, martin)
		d.pressAt(p, d.shownAt(p), "tab", "organization")
		d.becomes(p, "Licenses", "no licenses yet")
		d.estate()
		d.becomes(p, "Office, Basic: 12 ordered, 10 activated, 7 assigned, 3 free", "-no licenses yet")
		p.Close()

		d.restart(func(s string) string {
			var more strings.Builder
			for i := range 10 {
				fmt.Fprintf(&more, "      - {key: more-%d}\n", i)
			}
			return strings.Replace(s, "      - {key: office-standard, name: Standard}\n", more.String(), 1)
		})
		var file strings.Builder
		file.WriteString("organization,license,ordered,activated,assigned\n")
		for i := range 10 {
			fmt.Fprintf(&file, "acme,more-%d,%d,0,0\n", i, i+1)
		}
		if _, err := d.app.Licenses().Import(t.Context(), strings.NewReader(file.String()), false); err != nil {
			t.Fatal(err)
		}
		p = d.slack.OpenTest(t, martin)
		d.shownAt(p)
		v := d.becomes(p, "more-6: 7 ordered", "-more-7")
		d.pressAt(p, v, "licenses", "")
		if v := d.view(p); !strings.Contains(v.AllText(), "more-9: 10 ordered") {
			t.Errorf("all of them show as %s", v.AllText())
		}
		p.Close()
		p = d.slack.OpenTest(t, alice)
		if v := d.shownAt(p); strings.Contains(v.AllText(), "Licenses") {
			t.Errorf("an employee's shows %s", v.AllText())
		}
	})
}

// The same in Mattermost.
func TestLicensesInMattermost(t *testing.T) {
	onceAcrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
		d.estate()
		d.restart(func(s string) string { return strings.Replace(s, `"acme:U02MARTIN"`, `"acme-mm:`+m.lucas+`"`, 1) })
		for who, want := range map[string]string{
			m.lucas: "12 commandées, 10 activées, 7 affectées, 3 libres",
			m.carla: "looked after by the managers",
			m.nina:  "looked after by the managers",
		} {
			for _, name := range []string{"license", "licence"} { // by either name
				if got := d.types(who, "/"+name, "").Shown(); !strings.Contains(got, want) {
					t.Errorf("/%s says %s, want %q", name, got, want)
				}
			}
		}
		d.click(m.lucas, d.types(m.lucas, "/licence", ""), "Demander un devis")
		d.sendForm(m.lucas, map[string]any{"license": "office-basic", "quantity": "1", "description": "Pour lundi."})
		d.shownIn(m.queue, "#1001 Devis", "1 licence Office, Essentiel", "Pour lundi.")
	})
}
