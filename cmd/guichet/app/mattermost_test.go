package app_test

import (
	"strings"
	"testing"

	"guichet/internal/fakemattermost"
)

// All in Mattermost: the form in two steps, EMM with its third, agents' menu and emoji, lists, help.
func TestTheMainJourneyInMattermost(t *testing.T) {
	acrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
		direct := m.Direct(m.carla)
		d.types(m.carla, "/ticket", "")
		d.sendForm(m.carla, map[string]any{"kind": "incident", "service": "office"})
		next := d.shownIn(direct, "One more step")
		d.click(m.carla, next, "Continue")
		form, _ := m.Dialog(m.carla)
		if wrong, err := m.Send(m.carla, form, map[string]any{"subject": "", "description": "x", "impact": "one", "urgency": "high"}); err != nil || wrong["subject"] == "" {
			t.Fatalf("an empty subject: %v %v", wrong, err)
		}
		d.sendForm(m.carla, map[string]any{"subject": "Printer", "description": "Jams.", "impact": "one", "urgency": "high"})
		mine := d.shownIn(direct, "Printer", "Your ticket has the number")
		card := d.shownIn(m.queue, "Printer", "Requester", "Carla Rossi")
		d.settle() // until it is noted whose card it is, an emoji on it means nothing
		m.React(m.nina, card.ID, "eyes", true)
		d.shownIn(direct, "Nina Keller is looking after your ticket.")
		m.React(m.nina, card.ID, "rotating_light", true)
		d.shownIn(m.queue, "Printer", "Urgent")
		d.click(m.nina, card, "Internal note")
		d.sendForm(m.nina, map[string]any{"body": "ask the vendor"})
		d.shownIn(m.queue, "ask the vendor")
		d.say(m.nina, card, "Which *printer*?")
		d.shownIn(direct, "Nina Keller wrote", "Which *printer*?")
		answer := d.say(m.carla, mine, "The one of the 2nd floor.")
		d.shownIn(m.queue, "The one of the 2nd floor.")
		m.Edit(answer.ID, "The one of the 3rd floor.")
		d.shownIn(m.queue, "The one of the 3rd floor.")
		m.React(m.nina, card.ID, "white_check_mark", true)
		d.shownIn(direct, "Printer", "Resolved")
		list := d.types(m.carla, "/ticket", "list")
		if !strings.Contains(list.Shown(), "Printer") {
			t.Errorf("the list: %s", list.Shown())
		}
		number := numberIn(mine)
		if view := d.types(m.carla, "/ticket", number); !containsAll(view.Shown(), []string{"Printer", "The one of the 3rd floor."}) || strings.Contains(view.Shown(), "ask the vendor") {
			t.Errorf("the view: %s", view.Shown())
		}
		if help := d.types(m.carla, "/ticket", "help"); !strings.Contains(help.Shown(), "/ticket list") {
			t.Errorf("the help: %s", help.Shown())
		}
		d.types(m.carla, "/guichet", "")
		home := d.shownIn(direct, "Your tickets")
		d.click(m.carla, home, "New ticket")
		if form, _ := m.Dialog(m.carla); len(form.Dialog.Elements) != 2 {
			t.Errorf("[New ticket] opens %v", form.Dialog.Elements)
		}
		d.settle()
		for _, p := range m.Posts(direct) {
			if strings.Contains(p.Shown(), "ask the vendor") {
				t.Error("the requester sees a note")
			}
		}
	})
}

func numberIn(card fakemattermost.Post) string {
	_, rest, _ := strings.Cut(card.Shown(), "#")
	number, _, _ := strings.Cut(rest, " ")
	return number
}

// Files go both ways between the platforms, byte for byte; what the server would drop is noticed.
func TestFilesAcrossPlatforms(t *testing.T) {
	acrossPlatforms(t, false, func(t *testing.T, d *desk, m *team) {
		mine := d.openIn(m.carla, "Excel", "Crashes.")
		card := d.cardOf("Excel")
		picture := []byte("\x89PNG\r\n\x1a\n not quite")
		file := m.Upload(m.carla, mine.ChannelID, "screen.png", picture)
		if _, err := m.Say(m.carla, mine.ChannelID, mine.ID, "See this.", file); err != nil {
			t.Fatal(err)
		}
		d.find(support, "See this.")
		if got := d.received(support, card.TS, "screen.png"); string(got) != string(picture) {
			t.Errorf("Slack has %q", got)
		}
		d.send(nadia, support, "Try this.", card.TS, "fix.txt", []byte("reinstall"))
		d.shownIn(mine.ChannelID, "Try this.")
		d.eventually("the file is in Mattermost", func() bool {
			for _, p := range m.Posts(mine.ChannelID) {
				for _, id := range p.FileIDs {
					if name, data := m.FileData(id); name == "fix.txt" && string(data) == "reinstall" && p.RootID == mine.ID {
						return true
					}
				}
			}
			return false
		})
	})
}

// The connection breaks, the server restarts, guichet restarts: what was written meanwhile arrives, once.
func TestNothingIsLostWhenMattermostIsAway(t *testing.T) {
	acrossPlatforms(t, false, func(t *testing.T, d *desk, m *team) {
		mine := d.openIn(m.carla, "Excel", "Crashes.")
		d.cardOf("Excel")
		d.settle()
		m.Break() // and what is said now is sent when the line goes on
		d.say(m.carla, mine, "while it was broken")
		d.find(support, "while it was broken")
		m.Restart() // and what is said now is never sent
		d.say(m.carla, mine, "during the restart")
		d.find(support, "during the restart")
		said := d.say(m.carla, mine, "said, to be edited")
		regretted := d.say(m.carla, mine, "said, to be deleted")
		d.find(support, "said, to be edited")
		d.find(support, "said, to be deleted")
		d.settle()
		d.stop()
		d.say(m.carla, mine, "while guichet was away")
		m.Edit(said.ID, "edited meanwhile")
		m.Remove(regretted.ID)
		if _, err := m.Say(m.lucas, m.Direct(m.lucas), "", "L’imprimante fume"); err != nil {
			t.Fatal(err)
		}
		d.start()
		d.find(support, "while guichet was away")
		d.find(support, "edited meanwhile")
		d.eventually("the deletion has come through", func() bool { return len(d.containing(support, "said, to be deleted")) == 0 })
		d.eventually("a direct message is answered", func() bool { return m.count(m.Direct(m.lucas), "Nouveau ticket") == 1 })
		m.Inject(fakemattermost.Fault{Method: "POST", Path: "/posts", Status: 429, RetryAfter: 1, Times: 1})
		m.Inject(fakemattermost.Fault{Method: "POST", Path: "/posts", Times: 1, AfterDone: true}) // posted, and not answered
		d.write(nadia, support, "Which version?", d.cardOf("Excel").TS)
		d.shownIn(mine.ChannelID, "Which version?")
		d.settle()
		for text, in := range map[string]int{"while it was broken": 1, "during the restart": 1, "while guichet was away": 1} {
			if n := len(d.containing(support, text)); n != in {
				t.Errorf("%q is %d times in Slack", text, n)
			}
		}
		n := 0
		for _, p := range m.Posts(mine.ChannelID) {
			if strings.Contains(p.Shown(), "Which version?") {
				n++
			}
		}
		if n != 1 {
			t.Errorf("the reply is %d times in Mattermost", n)
		}
	})
}
