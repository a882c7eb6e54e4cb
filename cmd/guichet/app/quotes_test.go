package app_test

import (
	"strings"
	"testing"

	"guichet/internal/localslack"
)

// react puts the ticket emoji on a message and returns what the person is told, alone.
func (d *desk) react(who, channel, ts string) localslack.Message {
	d.t.Helper()
	return d.answer(who, channel, func() { d.ticketEmoji(who, channel, ts, true) })
}

func (d *desk) ticketEmoji(who, channel, ts string, there bool) {
	d.t.Helper()
	d.emoji(who, localslack.Message{Channel: channel, TS: ts}, "ticket", there)
}

// shortcut chooses something from the menu of a message.
func (d *desk) shortcut(who, channel, ts, name string) {
	d.t.Helper()
	if err := d.strict.MessageShortcut(d.t.Context(), who, channel, ts, name); err != nil {
		d.t.Fatal(err)
	}
}

// following is the root of a follower's conversation.
func (d *desk) following(who, number string) localslack.Message {
	d.t.Helper()
	return d.find(who, "#"+number+" ", "You follow this ticket of")
}

func TestATicketEmojiOpensATicketForTheAuthor(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ts := d.write(alice, general, "The <printer> & I disagree\nIt prints *nothing*.", "")
		d.shows(d.react(bruno, general, ts), "Ticket #1001 was opened from Alice Martin's message.")
		card := d.find(support, "#1001 The <printer> & I disagree", "It prints *nothing*.", "Not stated",
			"Opened from a message by Alice Martin, by Bruno Petit.", "Go to the message http")
		mine := d.find(alice, "#1001 ", "Your ticket has the number 1001", "Bruno Petit opened this ticket for you")
		his := d.following(bruno, "1001")
		d.settle()

		// Who follows reads the answers, adds what they know, and never sees a note.
		d.write(nadia, support, "Which printer?", card.TS)
		d.write(nadia, support, "note: always those two", card.TS)
		if m := d.find(bruno, "Nadia Benali wrote", "Which printer?"); m.ThreadTS != his.TS {
			t.Error("the answer is not in the follower's thread")
		}
		d.find(alice, "Nadia Benali wrote", "Which printer?")
		d.write(bruno, bruno, "The one by the stairs.", his.TS)
		d.find(support, "Bruno Petit wrote", "The one by the stairs.")
		if m := d.find(alice, "Bruno Petit wrote", "The one by the stairs."); m.ThreadTS != mine.TS {
			t.Error("what the follower wrote is not in the requester's thread")
		}
		d.write(alice, alice, "Yes, that one.", mine.TS)
		d.find(bruno, "Alice Martin wrote", "Yes, that one.")
		d.never(bruno, "always those two")
		d.never(bruno, "Bruno Petit wrote")

		// Until they have read enough.
		d.press(bruno, his, "unfollow")
		d.find(bruno, "You no longer follow #1001.")
		d.settle()
		d.write(nadia, support, "Turn it off.", card.TS)
		d.find(alice, "Turn it off.")
		d.never(bruno, "Turn it off.")
		d.write(bruno, bruno, "And on again?", his.TS)
		d.never(support, "And on again?")
		d.shows(d.ask(bruno, "1001"), unseen)
		d.shows(d.ask(alice, "1001"), "Bruno Petit no longer follows the ticket", "with a message by Alice Martin:")
	})
}

func TestOneMessageIsOneTicket(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ts := d.write(alice, general, "No network in room 4", "")
		d.react(bruno, general, ts)
		d.ticketEmoji(bruno, general, ts, false)
		d.shows(d.react(bruno, general, ts), "This message is already in #1001.")
		d.shows(d.react(alice, general, ts), "This message is already in #1001.")
		d.settle()
		d.shows(d.react(martin, general, ts), "This message is already in #1001.")
		d.following(martin, "1001")
		d.find(alice, "Martin Dupont now follows this ticket")
		d.shows(d.answer(bruno, general, func() { d.shortcut(bruno, general, ts, "ticketFromMessage") }), "This message is already in #1001.")
		d.again()
		d.settle()
		if n := d.number("SELECT COUNT(*) FROM tickets"); n != 1 {
			t.Errorf("there are %d tickets", n)
		}
		if n := d.number("SELECT COUNT(*) FROM followers"); n != 2 {
			t.Errorf("there are %d followers", n)
		}
	})
}

// What has no author here is filed for whoever files it; what can't be read is said to be so.
func TestEmojiOnWhatIsNobodysMessage(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		long := strings.Repeat("Line after line of a log file.\n", 370) // 11 KB
		ts := d.write(alice, general, "A log\n"+long, "")
		d.react(bruno, general, ts)
		d.find(support, "#1001 A log", "Opened from a message")
		d.settle()
		if n := d.number("SELECT LENGTH(body) FROM messages"); n < 11_000 {
			t.Errorf("of 11 KB %d characters are kept", n)
		}

		gone := d.write(alice, general, "Never mind", "")
		if err := d.slack.React(t.Context(), oliver, general, gone, "wave", true); err != nil {
			t.Fatal(err)
		}
		card := d.card("1001")
		d.shows(d.react(nadia, support, card.TS), "A program wrote this message")

		// A person whose account is closed is named, and the one who files it is the requester.
		left := d.write(oliver, general, "My last words", "")
		d.strict.SetDeactivated(oliver, true)
		d.shows(d.react(bruno, general, left), "Ticket #1002 was opened from Oliver")
		d.find(bruno, "Your ticket has the number 1002", "Opened from a message by Oliver")
		d.strict.SetDeactivated(oliver, false)

		// An answer in a thread is a message too.
		answer := d.write(alice, general, "The scanner as well", gone)
		d.shows(d.react(alice, general, answer), "Ticket #1003 was opened from your message.")
	})
}

func TestTheShortcutOpensTheForm(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.strict.SetLocale(alice, "fr-FR")
		long := strings.Repeat("Encore une ligne. ", 250) // 4,500 characters
		ts := d.write(alice, general, "L'imprimante\n"+long+"FIN", "")
		p := d.slack.OpenTest(t, bruno)
		d.shortcut(bruno, general, ts, "ticketFromMessage")
		d.form(p, map[string]string{"kind": "information", "service": "emm"})
		d.form(p, map[string]string{"subject": "Imprimante"})
		if errs := d.form(p, map[string]string{"platform": "other", "device": "imprimante", "instance": "aucune"}); len(errs) > 0 {
			t.Fatalf("the form has errors: %v", errs)
		}
		d.find(emm, "#1001 Imprimante", "Ouvert à partir d’un message écrit par Alice Martin, par Bruno Petit.", "Voir le message http")
		d.find(alice, "Votre ticket porte le numéro 1001", "Bruno Petit a ouvert ce ticket pour vous")
		d.following(bruno, "1001")
		d.settle()
		if n := d.number("SELECT COUNT(*) FROM messages WHERE body LIKE '%FIN'"); n != 1 {
			t.Error("the end of the message is lost")
		}
	})
}

func TestAMessageIsAddedToATicket(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		number := d.open(alice, "Outlook", "Does not start.")
		ts := d.write(bruno, general, "Mine does not start either", "")
		p := d.slack.OpenTest(t, alice)
		d.shortcut(alice, general, ts, "addToTicket")
		if errs := d.form(p, map[string]string{"ticket": number}); len(errs) > 0 {
			t.Fatalf("the form has errors: %v", errs)
		}
		d.find(support, "Alice Martin added a message by Bruno Petit", "Mine does not start either", "Go to the message http")
		d.find(alice, "Alice Martin added a message by Bruno Petit", "Mine does not start either")
		d.settle()

		// An agent keeps it inside, unless they say otherwise.
		inside := d.write(oliver, general, "They are on the old image", "")
		agent := d.slack.OpenTest(t, nadia)
		d.shortcut(nadia, general, inside, "addToTicket")
		d.form(agent, map[string]string{"ticket": number, "audience": "note"})
		d.find(support, "Nadia Benali noted a message by Oliver", "They are on the old image")
		outside := d.write(oliver, general, "Version 7 mends it", "")
		d.shortcut(nadia, general, outside, "addToTicket")
		d.form(agent, map[string]string{"ticket": number, "audience": "reply"})
		d.find(alice, "Nadia Benali added a message by Oliver", "Version 7 mends it")
		d.never(alice, "They are on the old image")

		// Who has no ticket is told.
		d.shows(d.answer(bruno, general, func() { d.shortcut(bruno, general, ts, "addToTicket") }), "You have no open ticket")

		// A second time changes nothing, and says so.
		d.shortcut(alice, general, ts, "addToTicket")
		if errs := d.form(p, map[string]string{"ticket": number}); !strings.Contains(errs["ticket"], "This message is already in #1001.") {
			t.Errorf("adding it twice: %v", errs)
		}
		if n := d.number("SELECT COUNT(*) FROM messages"); n != 4 {
			t.Errorf("there are %d messages", n)
		}
	})
}

func TestAMentionOffersWhatCanBeDone(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		number := d.open(alice, "Outlook", "Does not start.")
		bot := "<@" + d.slack.Config.App.BotUserID + ">"
		answer := d.answer(alice, general, func() { d.write(alice, general, bot+" it also says error 42", "") })
		d.shows(answer, "Press New ticket to ask the support desk for help")
		if got := buttons(answer); got != "new add" {
			t.Errorf("the answer offers %q", got)
		}
		for _, want := range []string{"Your message is now in #1001.", "This message is already in #1001."} {
			d.shows(d.answer(alice, general, func() { d.press(alice, answer, "add") }), want)
		}
		d.find(support, "Alice Martin wrote", "it also says error 42")
		d.never(support, "guichet it also")

		// In a ticket's own thread a mention is a message like any other, and not answered twice.
		before := len(d.private(nadia, support))
		d.write(nadia, support, bot+" and the version?", d.card(number).TS)
		d.find(alice, "and the version?")
		d.settle()
		if n := len(d.private(nadia, support)); n != before {
			t.Errorf("the mention in a ticket's thread is answered %d times", n-before)
		}

		// Without words there is only the form.
		if got := buttons(d.answer(bruno, general, func() { d.write(bruno, general, bot, "") })); got != "new" {
			t.Errorf("an empty mention offers %q", got)
		}
	})
}

func TestADirectMessageIsAddedToATicket(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		d.write(alice, alice, "It starts on Mondays", "")
		offer := d.find(alice, "I can't tell which ticket this belongs to")
		for _, want := range []string{"Your message is now in #1001.", "This message is already in #1001."} {
			d.shows(d.answer(alice, offer.Channel, func() { d.press(alice, offer, "add") }), want)
		}
		d.find(support, "Alice Martin wrote", "It starts on Mondays")
		d.settle()
		if n := d.number("SELECT COUNT(*) FROM messages"); n != 2 {
			t.Errorf("there are %d messages", n)
		}
	})
}

// Whose draft, ticket or following it is not, presses in vain.
func TestNobodyElseAddsOrFollows(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Hush hush", "A secret.")
		d.write(alice, alice, "Another secret", "")
		offer := d.find(alice, "I can't tell which ticket this belongs to")
		var value string
		for _, b := range offer.Buttons() {
			if strings.HasPrefix(b.ActionID, "add") {
				value = b.Value
			}
		}
		d.settle()
		before := d.seen(alice)
		for _, who := range []string{bruno, martin, nadia} {
			d.write(who, general, "A message of "+who, "")
			place := d.find(general, "A message of "+who)
			d.shows(d.told(who, place, "add", value), "This message is no longer kept with me")
			d.told(who, place, "unfollow", "1001")
		}
		// A draft of one's own does not open the ticket of another.
		d.write(bruno, bruno, "Let me in", "")
		his := d.find(bruno, "I can't tell which ticket this belongs to")
		draft := his.Buttons()[0].Value
		d.shows(d.told(bruno, his, "add", draft+"/1001"), unseen)
		if d.seen(alice) != before {
			t.Error("something has changed all the same")
		}
		if n := d.number("SELECT COUNT(*) FROM messages"); n != 1 {
			t.Errorf("there are %d messages", n)
		}
	})
}

// told forges a button in a direct channel and returns what that is answered with there.
func (d *desk) told(who string, m localslack.Message, button, value string) (got localslack.Message) {
	d.t.Helper()
	return d.answer(who, m.Channel, func() { d.forge(who, m, button, value) })
}
