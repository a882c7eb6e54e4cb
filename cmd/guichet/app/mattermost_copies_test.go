package app_test

import (
	"testing"

	"guichet/internal/fakemattermost"
)

// count is how many posts of a channel show all of these texts.
func (m *team) count(channel string, texts ...string) (n int) {
	for _, p := range m.Posts(channel) {
		if containsAll(p.Shown(), texts) {
			n++
		}
	}
	return n
}

// Every copy of the program has a connection, and each gets every event: what people do is done once, and
// answered once.
func TestTwoCopiesInMattermostDoEverythingOnce(t *testing.T) {
	acrossPlatforms(t, false, func(t *testing.T, d *desk, m *team) {
		_, stop := d.run()
		defer stop()
		mine := d.openIn(m.carla, "Excel", "Crashes.")
		card := d.cardOf("Excel")
		d.settle()
		for _, text := range []string{"first", "second", "third"} {
			d.say(m.carla, mine, text)
		}
		last := d.say(m.carla, mine, "fourth")
		d.find(support, "fourth")
		m.Edit(last.ID, "fifth")
		d.find(support, "fifth")
		d.write(nadia, support, "Which version?", card.TS)
		d.shownIn(mine.ChannelID, "Which version?")
		if _, err := m.Say(m.carla, mine.ChannelID, "", "My printer jams"); err != nil {
			t.Fatal(err)
		}
		d.shownIn(mine.ChannelID, "New ticket")
		town := m.AddChannel("town", "O", m.Bot, m.carla, m.lucas)
		asked, err := m.Say(m.lucas, town, "", "@helpdesk who can help?")
		if err != nil {
			t.Fatal(err)
		}
		d.shownIn(m.Direct(m.lucas), "Nouveau ticket")
		m.React(m.carla, asked.ID, "ticket", true)
		d.find(support, "who can help?", "Requester")
		d.settle()
		for _, text := range []string{"first", "second", "third", "fifth"} {
			if n := len(d.containing(support, text)); n != 1 {
				t.Errorf("%q is %d times in Slack", text, n)
			}
		}
		if n := m.count(mine.ChannelID, "Which version?"); n != 1 {
			t.Errorf("the reply is there %d times", n)
		}
		if n := m.count(mine.ChannelID, "New ticket", "Add to"); n != 1 {
			t.Errorf("the offer is made %d times", n)
		}
		if n := m.count(m.Direct(m.lucas), "Nouveau ticket"); n != 1 {
			t.Errorf("the mention is answered %d times", n)
		}
		if n := d.number("SELECT COUNT(*) FROM tickets"); n != 2 {
			t.Errorf("there are %d tickets", n)
		}
	})
}

// Whoever is not in the team is a stranger, on the same server too; and so is a guest.
func TestStrangersInMattermost(t *testing.T) {
	acrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
		other := m.AddUser(fakemattermost.User{Name: "otto", First: "Otto", Locale: "en"})
		m.Leave(other)
		guest := m.AddUser(fakemattermost.User{Name: "gerda", First: "Gerda", Locale: "en", Guest: true})
		for _, who := range []string{other, guest} {
			answer := d.types(who, "/ticket", "office")
			if m.Dialogs(who) != 0 || answer.Shown() == "" {
				t.Errorf("a form is opened for a stranger: %q", answer.Shown())
			}
			if _, err := m.Say(who, m.Direct(who), "", "Hello?"); err != nil {
				t.Fatal(err)
			}
		}
		d.openIn(m.carla, "Excel", "Crashes.") // and somebody of the team is none
		d.settle()
		if n := d.number("SELECT COUNT(*) FROM people"); n != 1 {
			t.Errorf("%d people are known", n)
		}
	})
}
