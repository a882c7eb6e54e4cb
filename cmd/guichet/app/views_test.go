package app_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestTheListShowsEachPersonTheirOwn(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.shows(d.ask(alice, "list"), "You have no tickets yet. Type “/ticket” to open one.")

		d.open(alice, "First of Alice", "One.")
		d.open(alice, "Second of Alice", "Two.")
		d.open(alice, "Third of Alice", "Three.")
		d.open(bruno, "First of Bruno", "Four.")
		d.press(alice, d.conversation(alice, "1003"), "close")
		d.find(support, "#1003 Third of Alice", "Closed")

		list := d.ask(alice, "list")
		inOrder(t, list.AllText(), "Your tickets", "#1002 Second of Alice — New, Office", "#1001 First of Alice — New", "#1003 Third of Alice — Closed")
		if strings.Contains(list.AllText(), "Bruno") {
			t.Errorf("Alice's list has a ticket of Bruno's: %s", list.AllText())
		}
		d.shows(d.answer(alice, general, func() { d.press(alice, list, "show") }), "#1002 Second of Alice", "Two.")

		list = d.ask(martin, "LIST")
		inOrder(t, list.AllText(), "Tickets of Acme Industries", "#1004 First of Bruno", "#1002", "#1001", "#1003 Third of Alice — Closed")

		if strings.Contains(list.AllText(), "Your tickets") {
			t.Errorf("a manager without tickets has a list of their own: %s", list.AllText())
		}

		list = d.ask(nadia, "list")
		inOrder(t, list.AllText(), "Open tickets of your queues", "#1001", "#1002", "#1004")
		if buttons(list) != "show show show search" {
			t.Errorf("the queue's list has the buttons %s", buttons(list))
		}
		if strings.Contains(list.AllText(), "#1003") {
			t.Errorf("the queue's list has a closed ticket: %s", list.AllText())
		}
	})
}

// inOrder checks that texts follow one another in a text.
func inOrder(t *testing.T, in string, texts ...string) {
	t.Helper()
	rest := in
	for _, text := range texts {
		_, after, ok := strings.Cut(rest, text)
		if !ok {
			t.Errorf("%q is missing, or not where it should be, in: %s", text, in)
			return
		}
		rest = after
	}
}

func TestATicketIsShownWithItsWholeHistory(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook does not start", "Since this morning.")
		card, mine := d.card("1001"), d.conversation(alice, "1001")
		d.press(nadia, card, "take")
		d.find(support, "#1001", "In progress")
		d.write(nadia, support, "Which version?", card.TS)
		d.write(nadia, support, "note: ask the vendor", card.TS)
		d.write(alice, alice, "The one of 2024.", mine.TS)
		d.press(nadia, d.card("1001"), "resolve")
		d.find(support, "#1001", "Resolved")

		for _, typed := range []string{"1001", "#1001", "  1001  "} {
			view := d.ask(alice, typed)
			inOrder(t, view.AllText(), "#1001 Outlook does not start", "Status Resolved", "Assignee Nadia Benali", "Requester Alice Martin",
				"Queue Support", "Kind Incident", "Service Office", "Priority", "History", "opened by Alice Martin", "taken by Nadia Benali",
				"Nadia Benali:\nWhich version?", "Alice Martin:\nThe one of 2024.", "resolved by Nadia Benali")
			d.shows(view, "Alice Martin:\nSince this morning.")
			if strings.Contains(view.AllText(), "vendor") {
				t.Errorf("the requester sees a note: %s", view.AllText())
			}
			if got := buttons(view); got != "reply attach reopen close" {
				t.Errorf("the requester has the buttons %q", got)
			}
		}

		view := d.ask(nadia, "1001")
		d.shows(view, "Nadia Benali (internal note):\nask the vendor")
		if got := buttons(view); got != "reply note reopen close" {
			t.Errorf("the agent has the buttons %q", got)
		}
		view = d.ask(martin, "1001")
		d.shows(view, "Which version?")
		if got := buttons(view); strings.Contains(view.AllText(), "vendor") || got != "reply attach" {
			t.Errorf("the manager has the buttons %q and sees: %s", got, view.AllText())
		}
	})
}

func TestTheButtonsOfAViewWork(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		d.fill(alice, d.ask(alice, "1001"), "reply", map[string]string{"body": "Still nothing."})
		d.find(support, "Alice Martin wrote", "Still nothing.")

		view := d.ask(alice, "1001")
		d.shows(d.answer(alice, general, func() { d.press(alice, view, "close") }), "#1001 is closed.")
		d.find(support, "#1001 Outlook", "Closed")
		view = d.ask(alice, "1001")
		if got := buttons(view); got != "reply attach reopen" {
			t.Errorf("a closed ticket's view has the buttons %q", got)
		}
		d.shows(d.answer(alice, general, func() { d.press(alice, view, "reopen") }), "#1001 is open again.")
		d.find(support, "#1001 Outlook", "New")

		view = d.ask(nadia, "1001")
		d.shows(d.answer(nadia, general, func() { d.press(nadia, view, "take") }), "#1001 is yours.")
		d.find(support, "#1001 Outlook", "In progress", "Nadia Benali")
		d.fill(nadia, view, "note", map[string]string{"body": "secret"})
		d.find(support, "Nadia Benali noted (internal, not sent)", "secret")
		d.never(alice, "secret")
	})
}

func TestALongHistoryIsShownPageByPage(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Message 00.")
		mine := d.conversation(alice, "1001")
		for i := range 70 {
			d.write(alice, alice, fmt.Sprintf("Message %02d.", i+1), mine.TS)
		}
		var pages []string
		view := d.ask(alice, "1001")
		for pages = append(pages, view.AllText()); strings.HasSuffix(buttons(view), "show"); pages = append(pages, view.AllText()) {
			if len(pages) > 5 {
				t.Fatal("the history does not end")
			}
			d.shows(view, "press Earlier for those before")
			view = d.answer(alice, general, func() { d.press(alice, view, "show") })
		}
		if len(pages) != 3 {
			t.Errorf("72 entries take %d pages", len(pages))
		}
		for i := range 71 {
			on := 0
			for _, p := range pages {
				if strings.Contains(p, fmt.Sprintf("Message %02d.", i)) {
					on++
				}
			}
			if on != 1 {
				t.Errorf("message %d is on %d pages", i, on)
			}
		}
		inOrder(t, pages[0], "Message 68.", "Message 69.", "Message 70.")
		inOrder(t, pages[len(pages)-1], "opened by Alice Martin", "Message 01.")
	})
}

func TestHelpSaysWhatEachPersonMayDo(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		const manager, agent = "As a manager you also see the tickets of Acme Industries", "As an agent you work in the channels of your queues"
		for _, test := range []struct {
			who   string
			has   []string
			lacks []string
		}{
			{alice, nil, []string{manager, agent}},
			{martin, []string{manager}, []string{agent}},
			{nadia, []string{agent}, []string{manager}},
		} {
			help := d.ask(test.who, "help")
			d.shows(help, "What you can do with guichet", "/ticket — open a ticket", "/ticket office | domain | emm", "/ticket list", "/ticket 1042", "/ticket help")
			d.shows(help, test.has...)
			for _, text := range test.lacks {
				if strings.Contains(help.AllText(), text) {
					t.Errorf("%s is told: %s", test.who, text)
				}
			}
		}
	})
}

func TestAnUnknownArgumentIsAnsweredWithTheNearest(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(bruno, "A secret of Bruno's", "Hush.")
		for typed, want := range map[string]string{
			"lst":                  "Did you mean “/ticket list”?",
			"offcie":               "Did you mean “/ticket office”?",
			"hepl":                 "Did you mean “/ticket help”?",
			"0":                    "I don't know “/ticket 0”.",
			"-1":                   "I don't know “/ticket -1”.",
			"1001 extra":           "I don't know “/ticket 1001 extra”.",
			"show 1001":            "I don't know “/ticket show 1001”.",
			"99999":                "There is no ticket #99999 among those you may see.",
			"1001":                 "There is no ticket #1001 among those you may see.",
			"9223372036854775807":  "There is no ticket #9223372036854775807 among those you may see.",
			"9223372036854775808":  "I don't know “/ticket 9223372036854775808”.",
			"99999999999999999999": "I don't know “/ticket 99999999999999999999”.",
			"##1001":               "I don't know “/ticket ##1001”.",
			"1e3":                  "I don't know “/ticket 1e3”.",
			"my printer is broken": "I don't know “/ticket my printer is broken”.",
		} {
			answer := d.ask(alice, typed)
			d.shows(answer, want)
			if strings.HasPrefix(want, "I don't know") {
				d.shows(answer, "/ticket list — your tickets and where they stand")
			}
			if strings.Contains(answer.AllText(), "secret") {
				t.Errorf("/ticket %s tells of a ticket that is not theirs: %s", typed, answer.AllText())
			}
		}
	})
}
