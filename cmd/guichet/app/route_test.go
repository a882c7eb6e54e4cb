package app_test

import (
	"strings"
	"testing"

	"guichet/internal/postoffice"
)

// routed gives a desk routes, a prefix for EMM, and a service whose queue is for managers alone.
func routed(s string) string {
	return strings.NewReplacer("    channel: G03EMM\n", "    channel: G03EMM\n    prefix: EMM-\n    mail: emm@acme.example\n    open_to: OPEN\n",
		"\nservices:\n", "\nroutes:\n  - {words: [intune, \"téléphone mobile\"], queue: emm}\n\nservices:\n").Replace(s)
}

func openTo(who string) func(string) string {
	return func(s string) string { return strings.Replace(routed(s), "open_to: OPEN", "open_to: "+who, 1) }
}

func withoutMail(s string) string { return strings.Replace(s, "    mail: emm@acme.example\n", "", 1) }

func TestRoutesAndPrefixes(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.restart(func(s string) string { return withoutMail(openTo("everyone")(s)) })
		d.strict.SetLocale(alice, "fr-FR")

		// By words, whatever service the form says; everywhere it is called by its queue's prefix.
		p := d.slack.OpenTest(t, alice)
		d.command(alice, "office")
		d.form(p, map[string]string{"kind": "information", "subject": "Mon TELEPHONE mobile", "description": "Il est perdu."})
		card := d.find(emm, "EMM-1001 Mon TELEPHONE mobile", "Demande faite par")
		d.find(alice, "EMM-1001 Mon TELEPHONE mobile", "Votre ticket porte le numéro EMM-1001.")
		d.never(support, "TELEPHONE")
		for _, word := range []string{"EMM-1001", "emm-1001", "#1001", "1001"} {
			d.shows(d.ask(alice, word), "EMM-1001 Mon TELEPHONE mobile")
		}
		d.shows(d.ask(nadia, "why EMM-1001"), "The clocks of EMM-1001")
		d.shows(d.ask(alice, "list"), "EMM-1001 Mon TELEPHONE mobile — Nouveau")
		d.shows(d.ask(bruno, "EMM-1001"), "There is no ticket #1001 among those you may see.")

		// By an emoji in the other queue's channel too.
		ts := d.write(nadia, support, "Intune refuses a phone.", "")
		d.shows(d.react(nadia, support, ts), "Ticket EMM-1002 was opened from your message.")
		d.find(emm, "EMM-1002", "Intune refuses a phone.", "Demande faite par")

		// Moved, it has its new queue's name; the old one still finds it.
		if errs := d.fill(nadia, card, "transfer", map[string]string{"to": "support", "reason": "C’est un fixe."}); len(errs) > 0 {
			t.Fatal(errs)
		}
		d.find(support, "#1001 Mon TELEPHONE mobile", "Requester")
		d.find(alice, "#1001 Mon TELEPHONE mobile", "Votre ticket porte le numéro 1001.")
		d.shows(d.ask(alice, "EMM-1001"), "#1001 Mon TELEPHONE mobile")
	})
}

// A service for managers refuses others before the form and at its field, and says whom to ask.
func TestAQueueForManagers(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.restart(func(s string) string { return withoutMail(openTo("managers")(s)) })
		d.strict.SetLocale(alice, "fr-FR")
		d.shows(d.ask(alice, "emm"), "Seuls les gestionnaires de votre entreprise peuvent ouvrir un ticket à ce sujet")
		d.ask(martin, "list") // so that his name is known
		d.shows(d.ask(alice, "emm"), "Adressez-vous à l’un d’eux\u00a0: Martin Dupont.")
		p := d.slack.OpenTest(t, alice)
		d.command(alice, "")
		if errs := d.form(p, map[string]string{"kind": "incident", "service": "emm"}); !strings.Contains(errs["service"], "l’un d’eux\u00a0: Martin Dupont.") {
			t.Errorf("the field says %q", errs)
		}
		d.form(p, map[string]string{"kind": "information", "service": "office"})
		d.form(p, map[string]string{"subject": "Intune", "description": "Il est perdu."})
		d.find(support, "#1001 Intune", "Requester") // the rule is passed over

		boss := d.slack.OpenTest(t, martin)
		d.command(martin, "emm")
		d.form(boss, map[string]string{"kind": "information", "subject": "Tablets", "description": "How many?"})
		d.form(boss, map[string]string{"platform": "ios", "device": "iPad", "instance": "mdm"})
		d.find(emm, "EMM-1002 Tablets", "Demande faite par")
	})
}

func TestRoutesInMattermost(t *testing.T) {
	onceAcrossPlatforms(t, false, func(t *testing.T, d *desk, m *team) {
		d.restart(func(s string) string { return withoutMail(openTo("everyone")(s)) })
		mine := d.openIn(m.lucas, "Intune", "My phone is lost.")
		if !strings.Contains(mine.Shown(), "EMM-1001 Intune") {
			t.Errorf("the card says %s", mine.Shown())
		}
		d.find(emm, "EMM-1001 Intune", "Demande faite par")
		if a := d.types(m.lucas, "/ticket", "emm-1001"); !strings.Contains(a.Shown(), "EMM-1001 Intune") {
			t.Errorf("it answers %s", a.Shown())
		}
		d.restart(func(s string) string { return strings.Replace(s, "open_to: everyone", "open_to: managers", 1) })
		if a := d.types(m.lucas, "/ticket", "emm"); !strings.Contains(a.Shown(), "Seuls les gestionnaires de votre entreprise peuvent ouvrir un ticket à ce sujet") {
			t.Errorf("it answers %s", a.Shown())
		}
	})
}

func TestRoutesByMail(t *testing.T) {
	byMailOnce(t, func(t *testing.T, d *desk, p *postoffice.Server) {
		d.restart(openTo("everyone"))
		p.Write(erin, desksAddress, "Intune", "My phone is lost.")
		card := d.find(emm, "EMM-1001 Intune", "Demande faite par")
		d.write(nadia, emm, "réponse : Where?", card.TS)
		asked := d.got(p, erin.Address, "Where?", "to ticket EMM-1001")
		p.Reply(erin, asked, "In the train.")
		d.find(emm, "In the train.")
		p.Write(erin, "emm@acme.example", "Tablet", "It is broken.")
		d.find(emm, "EMM-1002 Tablet", "It is broken.")
		d.settle()

		d.restart(func(s string) string { return strings.Replace(s, "open_to: everyone", "open_to: managers", 1) })
		p.Write(erin, "emm@acme.example", "Another", "It is broken too.")
		if said := d.refusedSoon(p, 1); !strings.Contains(said, "Only the managers of your organization may write to this address") {
			t.Errorf("it is refused with %q", said)
		}
		p.Reply(erin, asked, "Found it.") // what is there goes on
		d.find(emm, "Found it.")
	})
}
