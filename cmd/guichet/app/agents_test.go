package app_test

import (
	"strings"
	"testing"
)

func TestTakeChangesTheCardsInPlace(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook does not start", "Since this morning.")
		card, mine := d.card("1001"), d.conversation(alice, "1001")
		if got := buttons(card); got != "take reply note resolve" {
			t.Errorf("a new card has the buttons %q", got)
		}
		if got := buttons(mine); got != "reply attach close" {
			t.Errorf("a new conversation has the buttons %q", got)
		}

		d.press(nadia, card, "take")
		d.settle()
		for channel, root := range map[string]string{support: card.TS, alice: mine.TS} {
			now := d.find(channel, "#1001 Outlook does not start", "Status")
			d.shows(now, "In progress", "Nadia Benali")
			if now.TS != root {
				t.Errorf("%s: the card is another message than before", channel)
			}
		}
		if got := buttons(d.card("1001")); got != "take reply note resolve" {
			t.Errorf("a card in progress has the buttons %q", got)
		}
		said := d.find(alice, "Nadia Benali is looking after your ticket.")
		if said.ThreadTS != mine.TS {
			t.Error("the requester is not told in the conversation's thread")
		}

		// A colleague takes it over, knowingly: the card shows whose it is.
		d.press(oliver, d.card("1001"), "take")
		d.find(support, "#1001 Outlook", "Assignee", "Oliver Smith")
		d.find(alice, "Oliver Smith is looking after your ticket.")
	})
}

func TestAReplyFromTheFormIsOnceOnEachSide(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card("1001"), d.conversation(alice, "1001")
		if errs := d.fill(nadia, card, "reply", map[string]string{"body": "Try it in safe mode."}); len(errs) > 0 {
			t.Errorf("the form has the errors %q", errs)
		}
		d.settle()
		for channel, root := range map[string]string{support: card.TS, alice: mine.TS} {
			if m := d.find(channel, "Nadia Benali wrote", "Try it in safe mode."); m.ThreadTS != root {
				t.Errorf("%s: the reply is not in the ticket's thread", channel)
			}
		}
		d.shows(d.card("1001"), "In progress", "Nadia Benali") // a public reply takes a new ticket

		d.fill(alice, d.conversation(alice, "1001"), "reply", map[string]string{"body": "It works there."})
		d.settle()
		if m := d.find(support, "Alice Martin wrote", "It works there."); m.ThreadTS != card.TS {
			t.Error("the requester's reply is not in the card's thread")
		}
		if m := d.find(alice, "You wrote", "It works there."); m.ThreadTS != mine.TS {
			t.Error("the requester's reply is not in the conversation's thread")
		}
	})
}

func TestAReplyInTheThreadOfANewTicketTakesIt(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card("1001"), d.conversation(alice, "1001")
		d.write(oliver, support, "reply: Which version is it?", card.TS)
		answer := d.find(alice, "Oliver Smith wrote", "Which version is it?")
		if answer.ThreadTS != mine.TS || strings.Contains(answer.AllText(), "reply:") {
			t.Errorf("the requester reads, in thread %s: %s", answer.ThreadTS, answer.AllText())
		}
		d.find(support, "#1001 Outlook", "In progress", "Oliver Smith")
		d.never(alice, "is looking after your ticket") // the reply says so itself
		if ms := d.containing(support, "Which version is it?"); len(ms) != 1 {
			t.Errorf("the agents see what they typed %d times", len(ms))
		}
		if receipt := d.find(support, "Reply: goes to Alice Martin."); receipt.ThreadTS != card.TS {
			t.Error("the receipt is not in the thread")
		}
	})
}

func TestANoteNeverLeaves(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		card := d.card("1001")
		for _, note := range []string{"note: secret 1", "NOTE : secret 2", "Note\u00a0: secret 3", "  note:secret 4", "note\u202f:\u00a0secret 5", "note:\nsecret 6"} {
			d.write(nadia, support, note, card.TS)
		}
		d.fill(nadia, card, "note", map[string]string{"body": "secret 7"})
		note := d.find(support, "Nadia Benali noted (internal, not sent)", "secret 7")
		if note.ThreadTS != card.TS {
			t.Error("the note is not in the card's thread")
		}
		d.never(alice, "secret")
		if n := len(d.containing(support, "Internal note: it stays here, Alice Martin does not see it.")); n != 6 {
			t.Errorf("%d of 6 notes have a receipt", n)
		}
		d.shows(d.card("1001"), "New", "Nobody yet") // a note is no answer

		if view := d.ask(alice, "1001"); strings.Contains(view.AllText(), "secret") {
			t.Errorf("the requester's history has a note: %s", view.AllText())
		}
		if view := d.ask(martin, "1001"); strings.Contains(view.AllText(), "secret") {
			t.Errorf("the manager's history has a note: %s", view.AllText())
		}
		d.shows(d.ask(oliver, "1001"), "Nadia Benali (internal note):", "secret 1", "secret 7")
	})
}

// The EMM queue's threads are internal unless said otherwise.
func TestInAnInternalThreadOnlyWhatIsMarkedGoesOut(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		p := d.slack.OpenTest(t, alice)
		d.command(alice, "emm")
		d.form(p, map[string]string{"kind": "information", "subject": "Enrolment", "description": "How?"})
		d.form(p, map[string]string{"platform": "ios", "device": "iPad", "instance": "main"})
		card := d.find(emm, "#1001 Enrolment")
		d.shows(card, "Ce que vous écrivez dans ce fil reste ici.")

		d.write(nadia, emm, "secret: ask the vendor", card.TS)
		d.find(emm, "Note interne\u00a0: elle reste ici, Alice Martin ne la voit pas.")
		d.shows(d.find(emm, "#1001 Enrolment"), "Nouveau")
		for prefix, body := range map[string]string{"reply:": "one", "réponse :": "two", "Re\u0301ponse\u00a0: ": "three", "REPLY : ": "four"} {
			d.write(nadia, emm, prefix+body, card.TS)
			m := d.find(alice, "Nadia Benali wrote", body)
			if lower := strings.ToLower(m.AllText()); strings.Contains(lower, "reply") || strings.Contains(lower, "ponse") {
				t.Errorf("the prefix %q has gone out: %s", prefix, m.AllText())
			}
		}
		d.never(alice, "secret")
		if n := len(d.containing(emm, "Réponse\u00a0: transmise à Alice Martin.")); n != 4 {
			t.Errorf("%d of 4 replies have a receipt", n)
		}
		d.shows(d.find(emm, "#1001 Enrolment"), "En cours", "Nadia Benali")

		// What the requester writes needs no mark.
		d.write(alice, alice, "Thank you, and for phones?", d.conversation(alice, "1001").TS)
		d.find(emm, "Alice Martin a écrit", "Thank you, and for phones?")
	})
}

func TestWaitingEndsWhenTheRequesterWrites(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		d.press(nadia, d.card("1001"), "take")
		d.find(support, "#1001 Outlook", "In progress")
		d.press(nadia, d.card("1001"), "wait")
		d.find(support, "#1001 Outlook", "Waiting for the requester")
		d.find(alice, "Nadia Benali needs your answer to go on.")
		if got := buttons(d.card("1001")); got != "take reply note resolve" {
			t.Errorf("a waiting card has the buttons %q", got)
		}

		d.write(alice, alice, "Here I am.", d.conversation(alice, "1001").TS)
		d.find(support, "Alice Martin wrote", "Here I am.")
		d.find(support, "#1001 Outlook", "In progress", "Nadia Benali")
	})
}

func TestAnAgentResolvesAndReopens(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		d.press(nadia, d.card("1001"), "resolve")
		d.find(support, "#1001 Outlook", "Resolved", "Nadia Benali")
		d.find(alice, "Nadia Benali has marked the ticket as resolved.")
		if got := buttons(d.card("1001")); got != "reply note reopen close" {
			t.Errorf("a resolved card has the buttons %q", got)
		}
		if got := buttons(d.conversation(alice, "1001")); got != "reply attach reopen close" {
			t.Errorf("a resolved conversation has the buttons %q", got)
		}
		d.press(oliver, d.card("1001"), "reopen")
		d.find(support, "#1001 Outlook", "In progress")
		d.find(alice, "Oliver Smith has reopened the ticket.")
	})
}

func TestTheRequesterReopensByButtonOrByWriting(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		mine := d.conversation(alice, "1001")
		resolve := func() {
			d.press(nadia, d.card("1001"), "resolve")
			d.find(support, "#1001 Outlook", "Resolved")
			d.settle()
		}
		resolve()
		d.press(alice, d.conversation(alice, "1001"), "reopen")
		d.find(support, "#1001 Outlook", "In progress", "Nadia Benali")
		d.find(support, "Alice Martin has reopened the ticket.")

		resolve()
		d.write(alice, alice, "It is back!", mine.TS)
		d.find(support, "#1001 Outlook", "In progress", "Nadia Benali")
		d.find(support, "Alice Martin wrote", "It is back!")

		resolve()
		d.write(alice, alice, "merci !", mine.TS)
		d.write(alice, alice, "Thanks a lot, it works now 👍", mine.TS)
		d.find(support, "Alice Martin wrote", "merci !")
		d.find(support, "Alice Martin wrote", "it works now")
		d.settle()
		d.shows(d.card("1001"), "Resolved") // thanks are kept and reopen nothing

		d.write(alice, alice, "Thanks, but it fails again", mine.TS)
		d.find(support, "#1001 Outlook", "In progress")
	})
}

func TestTheRequesterClosesAndReopens(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		mine := d.conversation(alice, "1001")
		d.press(alice, mine, "close")
		d.find(support, "#1001 Outlook", "Closed")
		if m := d.find(support, "Alice Martin has closed the ticket."); m.ThreadTS != d.card("1001").TS {
			t.Error("the agents are not told in the card's thread")
		}
		if got := buttons(d.card("1001")); got != "reply note reopen" {
			t.Errorf("a closed card has the buttons %q", got)
		}

		// Nobody ever had it: it goes back to where it was.
		d.settle()
		d.write(alice, alice, "Not yet, sorry.", mine.TS)
		d.find(support, "#1001 Outlook", "New", "Nobody yet")
	})
}

func TestAfterTooLongAMessageContinuesAClosedTicketInANewOne(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		mine := d.conversation(alice, "1001")
		d.press(alice, mine, "close")
		d.find(support, "#1001 Outlook", "Closed")
		d.settle()
		d.exec("UPDATE tickets SET state_since = state_since - 15 * 86400000")

		before := d.seen(alice)
		d.shows(d.answer(alice, mine.Channel, func() { d.press(alice, d.conversation(alice, "1001"), "reopen") }),
			"#1001 was closed too long ago to be reopened.")
		if d.seen(alice) != before {
			t.Error("something has changed all the same")
		}

		d.write(alice, alice, "It is back after all.", mine.TS)
		d.shows(d.find(support, "#1002 Outlook"), "Continues #1001.", "It is back after all.", "New")
		d.find(alice, "Your ticket has the number 1002", "Continues #1001.")
		if m := d.find(alice, "Your message has opened #1002, which continues it."); m.ThreadTS != mine.TS {
			t.Error("the requester is not told in the old conversation")
		}
		d.settle()
		d.shows(d.card("1001"), "Closed")

		d.write(nadia, support, "Let me see.", d.card("1002").TS)
		answer := d.find(alice, "Nadia Benali wrote", "Let me see.")
		if answer.ThreadTS != d.conversation(alice, "1002").TS {
			t.Error("the answer is not in the new conversation")
		}
	})
}

func TestATopLevelDirectMessageIsAnsweredAndSentToNobody(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		p := d.slack.OpenTest(t, alice)
		d.write(alice, alice, "hello, is anybody there?", "")
		answer := d.find(alice, "I can't tell which ticket this belongs to")
		d.never(support, "anybody there")
		d.press(alice, answer, "new")
		if v := d.view(p); asks(v) != "kind service" {
			t.Errorf("the button opens a form that asks %q", asks(v))
		}
	})
}
