package app_test

import (
	"testing"
)

// A message that is only a file says which one; who speaks French is told in French.
func TestAFileAloneBecomesATicketInFrench(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.strict.SetLocale(bruno, "fr-FR")
		d.strict.SetLocale(alice, "fr-FR")
		ts, err := d.slack.Upload(t.Context(), alice, general, "", "", "facture.pdf", []byte("%PDF"))
		if err != nil {
			t.Fatal(err)
		}
		d.delivered()
		d.shows(d.react(bruno, general, ts), "Le ticket #1001 a été ouvert à partir du message écrit par Alice Martin.")
		d.find(support, "#1001 📎 facture.pdf")
		d.find(alice, "Bruno Petit a ouvert ce ticket pour vous à partir de l’un de vos messages")
		d.find(bruno, "Vous suivez ce ticket. La demande a été faite par Alice Martin.")
		bot := "<@" + d.slack.Config.App.BotUserID + ">"
		d.shows(d.answer(alice, general, func() { d.write(alice, general, bot+" encore une", "") }),
			"Pour demander de l’aide au support, appuyez sur", "Ajouter à #1001")
	})
}

// A message that was deleted between the emoji and the look at it is told to be out of reach.
func TestAnEmojiOnWhatIsNotThereAnyMore(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		ts := d.write(alice, general, "Never mind", "")
		d.stop()
		if err := d.slack.React(t.Context(), bruno, general, ts, "ticket", true); err != nil {
			t.Fatal(err)
		}
		if err := d.slack.DeleteMessage(t.Context(), alice, general, ts); err != nil {
			t.Fatal(err)
		}
		d.shows(d.answer(bruno, general, d.start), "I can't read this message")
		if n := d.number("SELECT COUNT(*) FROM tickets"); n != 0 {
			t.Errorf("there are %d tickets", n)
		}
	})
}

// An agent who files what a colleague said in their channel needs no thread of their own for it: they have
// the card. Taking the emoji off undoes nothing.
func TestAgentsFileWhatIsSaidInTheirChannel(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		ts := d.write(oliver, support, "The build server is slow", "")
		d.react(nadia, support, ts)
		d.find(support, "#1001 The build server is slow", "Opened from a message by Oliver")
		d.find(oliver, "Your ticket has the number 1001")
		d.ticketEmoji(nadia, support, ts, false)
		d.never(nadia, "You follow this ticket")
		if n := d.number("SELECT COUNT(*) FROM followers"); n != 0 {
			t.Errorf("there are %d followers", n)
		}
	})
}

// The draft of a message is used once: [New ticket] after [Add] says where the message is.
func TestNewTicketAfterAdd(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		d.write(alice, alice, "It starts on Mondays", "")
		offer := d.find(alice, "I can't tell which ticket this belongs to")
		d.shows(d.answer(alice, offer.Channel, func() { d.press(alice, offer, "add") }), "Your message is now in #1001.")
		p := d.slack.OpenTest(t, alice)
		d.press(alice, offer, "new")
		d.form(p, map[string]string{"kind": "information", "service": "office"})
		errs := d.form(p, map[string]string{"subject": "Mondays"})
		found := false
		for _, e := range errs {
			found = found || e == "This message is already in #1001."
		}
		if !found {
			t.Errorf("the form says %v", errs)
		}
		if n := d.number("SELECT COUNT(*) FROM tickets"); n != 1 {
			t.Errorf("there are %d tickets", n)
		}
	})
}
