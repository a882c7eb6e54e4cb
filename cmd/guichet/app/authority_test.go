package app_test

import (
	"slices"
	"strings"
	"testing"

	"guichet/bot"
	"guichet/internal/localslack"
	"guichet/internal/strictslack"
)

const (
	unseen     = "There is no ticket #1001 among those you may see."
	notAllowed = "You may not do that on #1001."
)

// ticketButtons are those that name a ticket.
var ticketButtons = everyTicketButton()

// elsewhere are the buttons that name no ticket, or nobody in particular.
var elsewhere = []string{"new", "resume", "page", "search", "found", "add", "stats", "metoo", "picture"}

// everyTicketButton leaves none out that there will be.
func everyTicketButton() (all []string) {
	for _, c := range bot.Commands() {
		if c.Name != "ticket" {
			continue
		}
		for id := range c.Buttons {
			if !slices.Contains(elsewhere, id) {
				all = append(all, id)
			}
		}
	}
	slices.Sort(all)
	return all
}

func TestAColleagueSeesAndDoesNothing(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Hush hush", "A secret.")
		places := []localslack.Message{d.mark(bruno, general), d.mark(bruno, bruno)}
		before := d.seen(alice)

		answers := []localslack.Message{d.ask(bruno, "1001"), d.ask(bruno, "#1001")}
		for _, place := range places {
			for _, button := range ticketButtons {
				for _, value := range []string{"1001", "1001/requester/0", "1001/desk/0"} {
					answers = append(answers, d.answer(bruno, place.Channel, func() { d.forge(bruno, place, button, value) }))
				}
			}
		}
		for _, a := range answers {
			d.shows(a, unseen)
			if strings.Contains(a.AllText(), "ush") || strings.Contains(a.AllText(), "Alice") {
				t.Errorf("bruno is told of a ticket that is not his: %s", a.AllText())
			}
		}
		if list := d.ask(bruno, "list"); strings.Contains(list.AllText(), "#1001") {
			t.Errorf("bruno's list has it: %s", list.AllText())
		}
		if after := d.seen(alice); after != before {
			t.Errorf("something has changed: before\n%s\nafter\n%s", before, after)
		}
		if n := d.number("SELECT COUNT(*) FROM events"); n != 1 {
			t.Errorf("the history has %d events", n)
		}
	})
}

// mark writes a message to forge buttons on.
func (d *desk) mark(who, channel string) localslack.Message {
	d.t.Helper()
	d.write(who, channel, "a message like any other", "")
	return d.find(channel, "a message like any other")
}

// A person who gets into the channel's thread by some mistake of Slack's is still no agent.
func TestWhatAColleagueWritesInAThreadOfOthersGoesNowhere(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Hush hush", "A secret.")
		card, mine := d.card("1001"), d.conversation(alice, "1001")
		d.write(bruno, support, "Let me in 1", card.TS)
		d.wouldTell(bruno, support, unseen)
		d.write(bruno, mine.Channel, "Let me in 2", mine.TS)
		d.write(bruno, support, "note: Let me in 3", card.TS)
		d.never(alice, "Bruno Petit wrote")
		d.never(support, "Bruno Petit wrote")
		if n := d.number("SELECT COUNT(*) FROM messages"); n != 1 {
			t.Errorf("the ticket has %d messages", n)
		}
	})
}

// wouldTell waits until guichet has tried to tell somebody something, for their eyes only, where
// Slack shows them nothing.
func (d *desk) wouldTell(who, channel, text string) {
	d.t.Helper()
	d.eventually(who+" would be told "+text, func() bool {
		return slices.ContainsFunc(d.strict.Called("chat.postEphemeral"), func(c strictslack.Call) bool {
			said, _ := c.Args["text"].(string)
			return c.Channel == channel && c.Args["user"] == who && strings.Contains(said, text) && c.Verdict == "user_not_in_channel"
		})
	})
}

func TestAManagerSeesAndAnswersButDoesNotDecide(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		view := d.ask(martin, "1001")
		d.shows(view, "#1001 Outlook", "Does not start.")
		before := d.seen(alice)
		for _, button := range slices.DeleteFunc(everyTicketButton(), func(b string) bool { return slices.Contains([]string{"show", "reply", "attach"}, b) }) {
			for _, value := range []string{"1001", "1001/requester/0", "1001/desk/0"} {
				d.shows(d.answer(martin, general, func() { d.forge(martin, view, button, value) }), notAllowed)
			}
		}
		d.shows(d.answer(martin, general, func() { d.forge(martin, view, "reply", "1001/desk") }), notAllowed)
		if d.seen(alice) != before {
			t.Error("something has changed all the same")
		}

		d.fill(martin, view, "reply", map[string]string{"body": "We all have this."})
		for channel, root := range map[string]string{support: d.card("1001").TS, alice: d.conversation(alice, "1001").TS} {
			if m := d.find(channel, "Martin Dupont wrote", "We all have this."); m.ThreadTS != root {
				t.Errorf("%s: the manager's reply is not in the ticket's thread", channel)
			}
		}
		d.never(martin, "We all have this.")
	})
}

func TestASideThatIsNotOnesOwnIsRefused(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card("1001"), d.conversation(alice, "1001")
		before := d.seen(alice)
		for _, button := range []string{"reply", "note", "take", "wait", "resolve", "close", "reopen"} {
			for _, value := range []string{"1001/desk", "1001/desk/0"} {
				d.shows(d.answer(alice, mine.Channel, func() { d.forge(alice, mine, button, value) }), notAllowed)
			}
		}
		for _, button := range []string{"note", "take", "wait", "resolve"} {
			d.shows(d.answer(alice, mine.Channel, func() { d.forge(alice, mine, button, "1001/requester") }), notAllowed)
		}
		for _, button := range []string{"reply", "close", "reopen", "note"} {
			d.shows(d.answer(nadia, support, func() { d.forge(nadia, card, button, "1001/requester") }), notAllowed)
		}
		if d.seen(alice) != before {
			t.Error("something has changed all the same")
		}
	})
}

func TestAButtonThatWasAlteredIsRefused(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Mine", "One.")
		d.open(bruno, "Hush hush", "A secret.")
		mine := d.conversation(alice, "1001")
		before := d.seen(alice) + d.seen(bruno)
		for value, want := range map[string]string{
			"1002/requester":         "There is no ticket #1002 among those you may see.",
			"99999/requester":        "There is no ticket #99999 among those you may see.",
			"0/requester":            "There is no ticket",
			"-1001/requester":        "There is no ticket",
			"":                       "There is no ticket",
			"1001abc/requester":      "There is no ticket",
			"1002/../1001":           "There is no ticket #1002 among those you may see.",
			"99999999999999999999/x": "There is no ticket",
			"' OR 1=1 --":            "There is no ticket",
			"\x00":                   "There is no ticket",
		} {
			for _, button := range []string{"show", "reply", "close"} {
				a := d.answer(alice, mine.Channel, func() { d.forge(alice, mine, button, value) })
				d.shows(a, want)
				if strings.Contains(a.AllText(), "ush") {
					t.Errorf("alice is told of a ticket that is not hers: %s", a.AllText())
				}
			}
		}
		d.shows(d.answer(alice, mine.Channel, func() { d.forge(alice, mine, "explode", "1001/requester") }), "This button no longer works.")
		if d.seen(alice)+d.seen(bruno) != before {
			t.Error("something has changed all the same")
		}
	})
}

func TestAFormIsSentOnlyByWhoOpenedIt(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		before := d.seen(alice)
		thief := d.slack.OpenTest(t, bruno)
		d.ask(bruno, "list") // bruno is known
		const yours = "This form was opened by somebody else. Please open your own with /ticket."

		d.press(nadia, d.card("1001"), "reply")
		d.titled(thief, "Reply to #1001")
		if errs := d.form(thief, map[string]string{"body": "I am Nadia."}); errs["body"] != yours {
			t.Errorf("the errors are %q", errs)
		}
		d.press(nadia, d.card("1001"), "note")
		d.titled(thief, "Note on #1001")
		if errs := d.form(thief, map[string]string{"body": "I am Nadia."}); errs["body"] != yours {
			t.Errorf("the errors are %q", errs)
		}
		d.command(nadia, "office")
		d.titled(thief, "New ticket")
		if errs := d.form(thief, map[string]string{"kind": "information", "subject": "I am Nadia", "description": "I am."}); errs["kind"] != yours {
			t.Errorf("the errors are %q", errs)
		}
		if d.seen(alice) != before {
			t.Error("something has changed all the same")
		}
		if n := d.number("SELECT COUNT(*) FROM tickets"); n != 1 {
			t.Errorf("there are %d tickets", n)
		}
	})
}

// Who is an agent is looked up again when what is known says no, or is too old to rely on.
func TestAnAgentWhoHasJustComeIsLookedUp(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		d.exec("DELETE FROM members WHERE account = '" + oliver + "'")
		d.press(oliver, d.card("1001"), "take")
		d.find(support, "#1001 Outlook", "Assignee", "Oliver Smith")
	})
}

func TestAMembershipKnownForTooLongIsLookedUpAgain(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		d.exec("UPDATE channels SET refreshed_at = refreshed_at - 3600000")
		d.press(nadia, d.card("1001"), "take")
		d.find(support, "#1001 Outlook", "Assignee", "Nadia Benali")
	})
}

// In Mattermost, whoever gets hold of the card in the queue's channel is still no agent: neither the requester, nor a colleague.
func TestACardOfTheQueueOpensNothingInMattermost(t *testing.T) {
	onceAcrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
		d.openIn(m.carla, "Hush hush", "A secret.")
		card := d.shownIn(m.queue, "Hush hush", "Requester")
		d.types(m.lucas, "/ticket", "list") // he is known
		d.settle()
		events := d.number("SELECT COUNT(*) FROM events")
		offers := card.Offers()
		for _, label := range offers {
			if told := d.click(m.carla, card, label); !strings.Contains(strings.ReplaceAll(told, "\u2060", ""), notAllowed) {
				t.Errorf("%s tells its requester %q", label, told)
			}
			if told := d.click(m.lucas, card, label); !strings.Contains(told, "Il n’y a pas de ticket") || strings.Contains(told, "ush") {
				t.Errorf("%s tells a colleague %q", label, told)
			}
		}
		if len(offers) < 15 {
			t.Errorf("on the card are only %q", offers)
		}
		if n := d.number("SELECT COUNT(*) FROM events"); n != events {
			t.Errorf("%d events have come", n-events)
		}
	})
}
