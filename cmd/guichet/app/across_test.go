package app_test

import "testing"

// Somebody in Mattermost asks, agents in Slack answer: one conversation, each on their own side.
func TestAskedInMattermostAnsweredInSlack(t *testing.T) {
	acrossPlatforms(t, false, func(t *testing.T, d *desk, m *team) {
		mine := d.openIn(m.carla, "Excel *crashes* @all", "Since <!channel> this morning.")
		card := d.cardOf("Excel *crashes* @all")
		d.press(nadia, card, "take")
		d.shownIn(m.Direct(m.carla), "Nadia Benali is looking after your ticket.")
		d.write(nadia, support, "Which *version* @carla?", card.TS)
		if reply := d.shownIn(m.Direct(m.carla), "Nadia Benali wrote", "Which version @carla?"); reply.RootID != mine.ID {
			t.Errorf("the reply is below %q, want %q", reply.RootID, mine.ID)
		}
		d.say(m.carla, mine, "The one of **2024**.")
		d.find(support, "Carla Rossi wrote", "The one of *2024*.")
		d.write(nadia, support, "note: ask the vendor", card.TS)
		d.click(m.carla, d.shownIn(m.Direct(m.carla), "Excel", "Reply"), "Close")
		d.find(support, "Excel", "Closed")
		d.settle()
		for _, p := range m.Posts(m.Direct(m.carla)) {
			if containsAll(p.Shown(), []string{"ask the vendor"}) {
				t.Error("the requester sees a note")
			}
		}
	})
}

// The reverse: somebody in Slack asks, an agent in Mattermost answers.
func TestAskedInSlackAnsweredInMattermost(t *testing.T) {
	acrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
		number := d.open(alice, "Outlook", "Does not start.")
		card := d.shownIn(m.queue, "#"+number+" Outlook", "Requester")
		mine := d.conversation(alice, number)
		d.click(m.nina, card, "Take")
		d.find(alice, "Nina Keller is looking after your ticket.")
		d.say(m.nina, card, "Which version?")
		d.find(alice, "Nina Keller wrote", "Which version?")
		d.write(alice, alice, "The one of 2024.", mine.TS)
		if p := d.shownIn(m.queue, "Alice Martin wrote", "The one of 2024."); p.RootID != card.ID {
			t.Errorf("the answer is below %q, want %q", p.RootID, card.ID)
		}
		d.click(m.nina, d.shownIn(m.queue, "#"+number+" Outlook", "Requester"), "Resolve")
		d.find(alice, "#"+number, "Resolved")
	})
}
