package app_test

import (
	"strings"
	"testing"
	"time"

	"guichet/internal/localslack"
	"guichet/internal/strictslack"
)

// shownAt opens a person's home view as they do, and returns what it shows.
func (d *desk) shownAt(p *localslack.Page) localslack.View {
	d.t.Helper()
	v, err := p.OpenHome(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return v
}

// becomes waits until a person's home view has, and has not, some texts ("-" before those).
func (d *desk) becomes(p *localslack.Page, texts ...string) localslack.View {
	d.t.Helper()
	ctx := d.t.Context()
	v, err := p.Home(ctx, strings.Join(texts, ", "), func(v localslack.View) bool {
		for _, text := range texts {
			text, not := strings.CutPrefix(text, "-")
			if strings.Contains(v.AllText(), text) == not {
				return false
			}
		}
		return true
	})
	if err != nil {
		d.t.Fatalf("%v; it shows %s", err, v.AllText())
	}
	return v
}

// pressAt presses a button of a home view.
func (d *desk) pressAt(p *localslack.Page, v localslack.View, button, value string) {
	d.t.Helper()
	for _, b := range v.Buttons() {
		if id, _, _ := strings.Cut(b.ActionID, "."); id == button && strings.HasPrefix(b.Value, value) {
			if err := p.Act(localslack.Action{Type: "button", BlockID: b.BlockID, ActionID: b.ActionID, Value: b.Value}); err != nil {
				d.t.Fatal(err)
			}
			return
		}
	}
	d.t.Fatalf("no button %s %s on %s", button, value, v.AllText())
}

func TestTheHomeViewOfEachRole(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		p := d.slack.OpenTest(t, alice)
		v := d.shownAt(p)
		d.becomes(p, "Your tickets", "Waiting for you", "None.", "Your open tickets", "#1001 Outlook — New, Office")
		if strings.Contains(v.AllText(), "The desk") || strings.Contains(v.AllText(), "organization") {
			t.Errorf("an employee's home shows %s", v.AllText())
		}
		d.pressAt(p, v, "show", "1001")
		if v := d.view(p); !strings.Contains(v.AllText(), "#1001 Outlook") || !strings.Contains(v.AllText(), "Does not start.") {
			t.Errorf("the ticket shows as %s", v.AllText())
		}
		p.Close()

		// It follows what others do.
		d.press(nadia, d.card("1001"), "take")
		d.find(support, "#1001 Outlook", "In progress")
		d.settle()
		p = d.slack.OpenTest(t, alice)
		d.press(nadia, d.card("1001"), "wait")
		d.within(40*time.Second, "Alice's home shows that it is her turn", func() bool {
			return len(d.strict.Called("views.publish")) > 1
		})
		d.becomes(p, "Waiting for the requester", "-New,")
		p.Close()

		p = d.slack.OpenTest(t, martin)
		v = d.shownAt(p)
		d.pressAt(p, v, "tab", "organization")
		d.becomes(p, "Open tickets of Acme Industries", "#1001 Outlook")
		p.Close()

		p = d.slack.OpenTest(t, nadia)
		v = d.shownAt(p)
		d.pressAt(p, v, "tab", "desk")
		d.becomes(p, "The desk", "Yours to work on", "#1001 Outlook", "Nobody has these yet", "Open for longest")
		p.Close()

		// Each finds the tab where they left it, also after a restart.
		d.stop()
		d.start()
		p = d.slack.OpenTest(t, nadia)
		d.shownAt(p)
		d.becomes(p, "The desk", "Yours to work on")
	})
}

func TestTheHomeViewInFrench(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.strict.SetLocale(alice, "fr-FR")
		p := d.slack.OpenTest(t, alice)
		d.shownAt(p)
		v := d.becomes(p, "Vos tickets", "On attend votre réponse", "Aucun.")
		d.pressAt(p, v, "new", "")
		d.titled(p, "Nouveau ticket")
		p.Close()
		p = d.slack.OpenTest(t, alice)
		answer := d.answer(alice, general, func() { d.guichet(alice, general, "language en") })
		d.shows(answer, "From now on I speak English to you.")
		d.shownAt(p)
		d.becomes(p, "Your tickets", "-Aucun")
	})
}

// guichet types /guichet.
func (d *desk) guichet(who, channel, text string) {
	d.t.Helper()
	if err := d.slack.Command(d.t.Context(), who, channel, "/guichet", text); err != nil {
		d.t.Fatal(err)
	}
}

func TestGuichetByCommand(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		say := func(who, text string) localslack.Message {
			return d.answer(who, general, func() { d.guichet(who, general, text) })
		}
		d.shows(say(alice, ""), "I have sent it to your direct messages with guichet.")
		home := d.find(alice, "Waiting for you", "Your open tickets", "#1001 Outlook")
		d.shows(d.answer(alice, home.Channel, func() { d.press(alice, home, "show") }), "#1001 Outlook", "Does not start.")

		d.shows(say(alice, "language"), "I speak English to you.")
		d.shows(say(alice, "language klingon"), "I don't speak “klingon”.")
		d.shows(say(alice, "lnguage fr"), "I don't know “/guichet lnguage fr”.", "Did you mean “/guichet language”?")
		d.shows(say(alice, "language français"), "Désormais, je vous parle en français.")
		d.press(nadia, d.card("1001"), "take")
		d.find(alice, "Nadia Benali s’occupe de votre ticket.")
		d.find(alice, "#1001 Outlook", "En cours")

		d.shows(say(alice, "help"), "Ce que vous pouvez faire", "/ticket list", "/guichet language")
		for who, has := range map[string][]string{bruno: {}, martin: {"As a manager"}, nadia: {"As an agent", "Support, Mobility", "menu of a card"}} {
			help := say(who, "help")
			for _, text := range []string{"As a manager", "As an agent"} {
				want := false
				for _, h := range has {
					want = want || h == text
				}
				if strings.Contains(help.AllText(), text) != want {
					t.Errorf("%s's help has %q: %v", who, text, !want)
				}
			}
			d.shows(help, has...)
		}
	})
}

// What changed is shown within Slack's rates, also to many, and never what somebody may no longer see.
func TestHomeViewsFollowWithinTheRates(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		p := d.slack.OpenTest(t, oliver)
		v := d.shownAt(p)
		d.pressAt(p, v, "tab", "desk")
		d.becomes(p, "#1001 Outlook")
		published := len(d.strict.Called("views.publish"))
		for range 5 {
			d.emoji(nadia, d.card("1001"), "eyes", true)
			d.emoji(nadia, d.card("1001"), "eyes", false)
		}
		d.emoji(nadia, d.card("1001"), "rotating_light", true)
		d.settle()
		d.press(nadia, d.card("1001"), "resolve")
		d.find(support, "#1001 Outlook", "Resolved")
		d.within(40*time.Second, "his home has lost it", func() bool {
			return len(d.strict.Called("views.publish")) > published && func() bool {
				v, err := p.Home(t.Context(), "any", func(localslack.View) bool { return true })
				return err == nil && !strings.Contains(v.AllText(), "#1001")
			}()
		})
		if n := len(d.strict.Called("views.publish")) - published; n > 3 {
			t.Errorf("it was published %d times", n)
		}
		for _, c := range d.strict.Called("views.publish") {
			if c.Verdict != "ok" {
				t.Errorf("Slack says %s", c.Verdict)
			}
		}
	}, strictslack.WithRates(strictslack.Rates{}))
}
