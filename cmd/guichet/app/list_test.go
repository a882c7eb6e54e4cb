package app_test

import (
	"fmt"
	"strings"
	"testing"
)

// copies adds tickets like one, behind the program's back.
func (d *desk) copies(number string, n int) {
	d.t.Helper()
	const columns = `kind, service, queue, organization, requester_id, assignee_id, subject, impact, urgency, priority, details, state,
		active, state_since, origin, follows_id, created_at, updated_at`
	for i := range n {
		d.exec(fmt.Sprintf(`INSERT INTO tickets (nonce, %s) SELECT 'copy %s %d', %s FROM tickets WHERE id = %s`, columns, number, i, columns, number))
	}
}

func TestListsByFilter(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		d.copies("1001", 20)

		list := d.ask(alice, "list open service office")
		d.shows(list, "Tickets: open, service Office", "#1021 Outlook", "#1007 Outlook")
		if strings.Contains(list.AllText(), "#1006") || strings.Contains(buttons(list), "first") {
			t.Errorf("the first page is %s", list.AllText())
		}
		before := len(d.private(alice, general))
		d.press(alice, list, "page")
		d.eventually("the next page stands in its place", func() bool {
			ms := d.private(alice, general)
			last := ms[len(ms)-1].AllText()
			return len(ms) == before && strings.Contains(last, "#1006 ") && strings.Contains(last, "#1001 ") && !strings.Contains(last, "#1007 ")
		})

		d.shows(d.ask(nadia, "list queue support"), "Tickets: queue Support", "#1021 Outlook")
		d.shows(d.ask(alice, "list queue support"), "You are not an agent of the queue “Support”")
		d.shows(d.ask(bruno, "list open"), "There are no such tickets.")
		d.shows(d.ask(martin, "list mine"), "There are no such tickets.")
		d.shows(d.ask(martin, "list closed"), "There are no such tickets.")
		d.shows(d.ask(martin, "list office"), "I don't know the filter “office”.", "queue support")
		d.shows(d.ask(alice, "list opens"), "Did you mean “open”?")
		d.shows(d.ask(alice, "list service ofice"), "There is no service “ofice”. There are: office, domain, emm.", "Did you mean “office”?")

		// What a button carries is read like words, and no more is believed.
		place := d.mark(bruno, general)
		for _, value := range []string{"o999999999 queue support", "x", "", "o0 queue moon", "c5 " + strings.Repeat("mine ", 300)} {
			a := d.answer(bruno, general, func() { d.forge(bruno, place, "page", value) })
			if strings.Contains(a.AllText(), "Outlook") {
				t.Errorf("%q shows %s", value, a.AllText())
			}
		}
	})
}

func TestListsInFrench(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.strict.SetLocale(alice, "fr-FR")
		d.shows(d.ask(alice, "list ouverts emm"), "Tickets\u00a0: ouverts, appareils mobiles (EMM)", "Il n’y a aucun ticket de ce genre.")
		d.shows(d.ask(alice, "list file support"), "Vous n’êtes pas agent de la file «\u202fAssistance\u202f»")
		d.shows(d.ask(alice, "liste"), "Vous n’avez pas encore de ticket.")
	})
}
