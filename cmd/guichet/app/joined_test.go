package app_test

import (
	"net/http"
	"strings"
	"testing"

	"guichet/internal/postoffice"
	"guichet/store/storetest"
)

// What somebody began before they turned out to be the same person goes on: a form that is open, a message that they
// edit, a conversation; and each conversation stays where it began.
func TestWhatWasBegunGoesOnAsOnePerson(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		t.Parallel()
		d, m := newTeamDeskWithMail(t, address)
		d.open(alice, "Depuis Slack", "Un.")
		d.guichet(alice, general, "language fr")
		mine := d.openIn(m.carla, "From Mattermost", "One.")
		card := d.cardOf("From Mattermost")
		said := d.say(m.carla, mine, "It is reed.")
		d.find(support, "Carla Rossi wrote", "It is reed.")
		d.write(nadia, support, "Before you were one.", card.TS)
		d.shownIn(m.Direct(m.carla), "Before you were one.")

		d.types(m.carla, "/guichet", "profile")
		d.sendForm(m.carla, map[string]any{"mail": "one@acme.example", "by_mail": "none"})
		d.shownIn(m.Direct(m.carla), "We have written to one@acme.example")
		link := d.link(d.post, "one@acme.example", 1)
		if _, page := d.visit(http.MethodGet, link); !containsAll(page, []string{`lang="en"`, "Carla Rossi (Acme Industries) says that"}) {
			t.Errorf("the page is %s", page)
		}
		d.visit(http.MethodPost, link)
		d.shownIn(m.Direct(m.carla), "one@acme.example is confirmed")
		d.types(m.carla, "/ticket", "office") // and looks away
		form, _ := m.Dialog(m.carla)

		if errs := d.details(alice, map[string]string{"mail": "no address"}); !strings.Contains(errs["mail"], "adresse") {
			t.Errorf("wrong in French: %v", errs)
		}
		d.details(alice, map[string]string{"mail": "one@acme.example", "by_mail": "none"})
		d.find(alice, "Nous avons écrit à one@acme.example")
		d.visit(http.MethodPost, d.link(d.post, "one@acme.example", 2))
		d.find(alice, "one@acme.example est confirmée")
		d.shownIn(m.Direct(m.carla), "Alice Martin a confirmé one@acme.example") // in the one person's language

		wrong, err := m.Send(m.carla, form, map[string]any{"kind": "information", "subject": "Begun before", "description": "Sent after."})
		if err != nil || len(wrong) > 0 {
			t.Fatalf("the form that was open is refused: %v %v", wrong, err)
		}
		d.shownIn(m.Direct(m.carla), "Begun before")
		m.Edit(said.ID, "It is red.")
		d.find(support, "(edited)", "It is red.")
		d.say(m.carla, mine, "Still me.")
		d.find(support, "wrote", "Still me.")
		d.write(nadia, support, "Since you are one.", card.TS)
		if reply := d.shownIn(m.Direct(m.carla), "Since you are one."); reply.RootID != mine.ID {
			t.Error("their conversation has moved")
		}
		d.shows(d.ask(alice, "list"), "Depuis Slack", "From Mattermost", "Begun before")
		if list := d.types(m.carla, "/ticket", "list").Shown(); !containsAll(list, []string{"Depuis Slack", "From Mattermost", "Begun before"}) {
			t.Errorf("their list in Mattermost is %s", list)
		}
		d.never(alice, "Since you are one.")
		if n := d.number("SELECT COUNT(DISTINCT requester_id) FROM tickets"); n != 1 {
			t.Errorf("%d requesters", n)
		}
		if n := d.number("SELECT COUNT(*) FROM person_events WHERE field = 'joined' AND source = 'mail'"); n != 1 {
			t.Errorf("%d events tell of it", n)
		}
	})
}

// Whoever gives up the address by which alone they can be reached in a conversation gets nothing there any more, and
// agents are told so.
func TestAnAddressGivenUpIsToldToAgents(t *testing.T) {
	byMailOnce(t, func(t *testing.T, d *desk, p *postoffice.Server) {
		p.Write(alicesMail, desksAddress, "By mail", "Written at home.")
		card := d.find(support, "By mail", "Written at home.")
		d.got(p, alicesMail.Address, "has reached")
		d.details(alice, map[string]string{"mail": alicesMail.Address})
		d.visit(http.MethodPost, d.link(p, alicesMail.Address, 1))
		d.find(alice, "is confirmed")
		d.details(alice, map[string]string{"mail": ""})
		d.find(alice, "Your details are saved.")
		d.write(nadia, support, "into the void", card.TS)
		d.find(support, "did not arrive", "given up their address")
		for _, m := range p.Mails(alicesMail.Address) {
			if strings.Contains(m.Raw, "into the void") {
				t.Error("it was sent")
			}
		}
	})
}
