package app_test

import (
	"slices"
	"strings"
	"testing"

	"guichet/internal/localslack"
)

// asks lists the fields of a form, in order.
func asks(v localslack.View) string {
	var ids []string
	for _, in := range v.Inputs() {
		ids = append(ids, in.BlockID)
	}
	return strings.Join(ids, " ")
}

func TestTheFormAsksKindAndServiceThenTheRest(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		p := d.slack.OpenTest(t, alice)
		d.command(alice, "")
		one := d.view(p)
		if asks(one) != "kind service" || one.Submit != "Continue" {
			t.Errorf("step one asks %q and has the button %q", asks(one), one.Submit)
		}
		var kinds, services []string
		for _, c := range one.Inputs()[0].Options {
			kinds = append(kinds, c.Text)
		}
		for _, c := range one.Inputs()[1].Options {
			services = append(services, c.Text)
		}
		if !slices.Equal(kinds, []string{"Incident", "Technical information request"}) ||
			!slices.Equal(services, []string{"Office", "Domain name", "EMM"}) {
			t.Errorf("one may choose from %q and %q", kinds, services)
		}

		d.form(p, map[string]string{"kind": "incident", "service": "domain"})
		two := d.view(p)
		if asks(two) != "subject description impact urgency files" || two.Submit != "Send" {
			t.Errorf("step two asks %q and has the button %q", asks(two), two.Submit)
		}
		if !strings.Contains(two.AllText(), "Service: Domain name") {
			t.Errorf("step two does not say which service it is about: %s", two.AllText())
		}
		d.form(p, map[string]string{"subject": "Renew acme.example", "description": "It ends soon.", "impact": "all", "urgency": "high"})
		d.shows(d.find(support, "#1001 Renew acme.example"), "Incident", "Domain name", "Urgent", "Everyone", "Work has stopped")
		d.shows(d.find(alice, "#1001 Renew acme.example"), "Your ticket has the number 1001", "“Support”", "New", "It ends soon.")
		d.never(emm, "acme.example")
	})
}

func TestAnInformationRequestAsksNeitherImpactNorUrgency(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		p := d.slack.OpenTest(t, alice)
		d.command(alice, "new")
		d.form(p, map[string]string{"kind": "information", "service": "office"})
		if two := d.view(p); asks(two) != "subject description files" {
			t.Errorf("step two asks %q", asks(two))
		}
		d.form(p, map[string]string{"subject": "Sharing a calendar", "description": "How?"})
		card := d.find(support, "#1001 Sharing a calendar")
		d.shows(card, "Technical information request")
		if strings.Contains(card.AllText(), "*Priority*") {
			t.Errorf("a request for information has a priority: %s", card.AllText())
		}
	})
}

func TestEMMAddsAStepAndGoesToItsOwnChannelInItsLanguage(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		p := d.slack.OpenTest(t, alice)
		d.command(alice, "")
		d.form(p, map[string]string{"kind": "incident", "service": "emm"})
		if two := d.view(p); asks(two) != "subject description impact urgency" || two.Submit != "Continue" {
			t.Errorf("step two asks %q and has the button %q", asks(two), two.Submit)
		}
		d.form(p, map[string]string{"subject": "Tablet not enrolled", "description": "The code is refused.", "impact": "one", "urgency": "low"})
		if three := d.view(p); asks(three) != "platform device instance files" || three.Submit != "Send" {
			t.Errorf("step three asks %q and has the button %q", asks(three), three.Submit)
		}

		errs := d.submit(p, nil)
		if len(errs) != 3 || errs["platform"] != "Please choose one." || errs["device"] != "Please fill this in." {
			t.Errorf("an empty step three has the errors %q", errs)
		}
		d.form(p, map[string]string{"platform": "android", "device": "Galaxy Tab A9", "instance": "mdm.acme.example"})

		card := d.find(emm, "#1001 Tablet not enrolled")
		d.shows(card, "Statut", "Nouveau", "Déclaration d’incident", "Plateforme", "Android", "Terminal", "Galaxy Tab A9",
			"Instance EMM", "mdm.acme.example", "Prendre en charge", "The code is refused.")
		d.shows(d.find(alice, "#1001 Tablet not enrolled"), "Your ticket has the number 1001", "“Mobility”", "Platform", "Galaxy Tab A9")
		d.never(support, "Tablet")
	})
}

func TestTicketWithAServiceStartsAtStepTwo(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		p := d.slack.OpenTest(t, alice)
		d.command(alice, "emm")
		v := d.view(p)
		if asks(v) != "kind subject description impact urgency" || !strings.Contains(v.AllText(), "Service: EMM") || v.Submit != "Continue" {
			t.Errorf("/ticket emm asks %q under %q", asks(v), v.AllText())
		}
		// Nothing is an incident here: impact and urgency are not asked for again.
		d.form(p, map[string]string{"kind": "information", "subject": "Which phones?", "description": "Are supported."})
		d.form(p, map[string]string{"platform": "ios", "device": "any", "instance": "main"})
		d.shows(d.find(emm, "#1001 Which phones?"), "Demande d’information technique", "iOS ou iPadOS")

		d.command(alice, "OFFICE")
		v = d.view(p)
		if asks(v) != "kind subject description impact urgency" || !strings.Contains(v.AllText(), "Service: Office") || v.Submit != "Send" {
			t.Errorf("/ticket OFFICE asks %q under %q", asks(v), v.AllText())
		}
		d.form(p, map[string]string{"kind": "incident", "subject": "Excel", "description": "Crashes.", "impact": "several", "urgency": "medium"})
		d.shows(d.find(support, "#1002 Excel"), "Office", "Several people")
	})
}

func TestErrorsAreAtTheirFieldsAndWhatWasTypedIsKept(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		p := d.slack.OpenTest(t, alice)
		d.command(alice, "office")
		before := d.view(p)
		for _, test := range []struct {
			answers map[string]string
			errors  map[string]string
		}{
			{nil, map[string]string{"kind": "Please choose one.", "subject": "Please fill this in.", "description": "Please fill this in."}},
			{map[string]string{"kind": "information", "subject": " \u00a0 ", "description": "\n\t\n"},
				map[string]string{"subject": "Please fill this in.", "description": "Please fill this in."}},
			{map[string]string{"kind": "incident", "subject": "Word", "description": "Stops."},
				map[string]string{"impact": "Please choose one.", "urgency": "Please choose one."}},
			{map[string]string{"kind": "information", "subject": strings.Repeat("é", 151), "description": strings.Repeat("é", 3002)},
				map[string]string{"subject": "That is 1 character too long: 150 at most.", "description": "That is 2 characters too long: 3000 at most."}},
		} {
			errs := d.form(p, test.answers)
			if len(errs) != len(test.errors) {
				t.Errorf("%v: the errors are %q, want %q", test.answers, errs, test.errors)
			}
			for field, want := range test.errors {
				if errs[field] != want {
					t.Errorf("%s: the error is %q, want %q", field, errs[field], want)
				}
			}
			if now := d.view(p); now.ID != before.ID {
				t.Errorf("the form was replaced, and what was typed is lost")
			}
		}
		if errs := d.form(p, map[string]string{"kind": "information", "subject": "Word", "description": "How?"}); len(errs) > 0 {
			t.Errorf("a good form has the errors %q", errs)
		}
		d.find(support, "#1001 Word")
	})
}

// Nobody can choose what is not on the list, but a forged submission may say so.
func TestWhatIsNotOnTheListIsRefusedAtItsField(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		p := d.slack.OpenTest(t, alice)
		d.command(alice, "")
		errs := d.submit(p, localslack.Values{
			"kind":    {"kind": localslack.Option("radio_buttons", "emergency")},
			"service": {"service": localslack.Option("static_select", "payroll")},
		})
		if len(errs) != 2 || errs["kind"] != "Please choose one from the list." || errs["service"] != "Please choose one from the list." {
			t.Errorf("the errors are %q", errs)
		}
		d.form(p, map[string]string{"kind": "incident", "service": "office"})
		errs = d.submit(p, localslack.Values{
			"subject": {"subject": localslack.Text("Word")}, "description": {"description": localslack.Text("Stops.")},
			"impact":  {"impact": localslack.Option("static_select", "planet")},
			"urgency": {"urgency": localslack.Option("static_select", "low")},
		})
		if len(errs) != 1 || errs["impact"] != "Please choose one from the list." {
			t.Errorf("the errors are %q", errs)
		}
		if n := d.number("SELECT COUNT(*) FROM tickets"); n != 0 {
			t.Errorf("%d tickets were opened", n)
		}
	})
}

func TestAFormLeftOpenForWeeksSaysThatItHasExpired(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		p := d.slack.OpenTest(t, alice)
		d.command(alice, "office")
		d.view(p)
		d.exec("DELETE FROM drafts") // as the sweep does
		errs := d.form(p, map[string]string{"kind": "information", "subject": "Word", "description": "How?"})
		if errs["kind"] != "This form has expired. Please open it again." {
			t.Errorf("the errors are %q", errs)
		}
	})
}

// What was written where no ticket is meant is where the form begins, and is nobody else's.
func TestADirectMessageBecomesATicketsDescription(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.write(alice, alice, "My screen stays <black> & cold.", "")
		offer := d.find(alice, "what you just wrote becomes its description")
		p := d.slack.OpenTest(t, alice)
		d.press(alice, offer, "new")
		d.form(p, map[string]string{"kind": "information", "service": "office"})
		d.form(p, map[string]string{"subject": "Screen"})
		d.find(support, "#1001 Screen", "My screen stays <black> & cold.")

		thief := d.slack.OpenTest(t, bruno)
		d.forge(bruno, offer, "new", offer.Buttons()[0].Value)
		d.titled(thief, "New ticket")
		d.form(thief, map[string]string{"kind": "information", "service": "office"})
		if errs := d.form(thief, map[string]string{"subject": "Mine"}); errs["description"] == "" {
			t.Errorf("bruno's form begins with Alice's words: the errors are %q", errs)
		}
	})
}
