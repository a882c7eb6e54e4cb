package slack

import (
	"encoding/json"
	"testing"

	"guichet/bot"
	"guichet/internal/slackrules"
	"guichet/store"
)

// Whatever somebody types after /ticket, or a forged button carries, is answered with something
// that Slack takes; nothing is silent.
func FuzzWhatIsTypedIsAnswered(f *testing.F) {
	for _, s := range append([]string{"list", "LIST", "1", "#1", "1001", "#001001", "-1", "99999999999999999999", "emm", "office now", "lsit", "help me", "new",
		"1001/desk", "1001/requester/2", "1001/m3e4", "1/m-1e-1"}, nasty...) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		c := newCounter(t, "en")
		c.opens("U01ALICE", "Outlook")
		door := testDoor()
		p, err := json.Marshal(map[string]any{"team_id": team, "user_id": "U01ALICE", "channel_id": "C1", "command": "/ticket", "text": typed,
			"trigger_id": "1.2", "response_url": "https://slack.example"})
		if err != nil {
			t.Fatal(err)
		}
		command, err := door.decode("slash_commands", p, botUser)
		if err != nil {
			t.Fatalf("%q: %v", typed, err)
		}
		answered(t, c, command.request)
		answered(t, c, bot.Request{Press: &bot.Press{Button: "show", Value: typed}})
		answered(t, c, bot.Request{Press: &bot.Press{Button: typed, Value: typed}})
	})
}

func answered(t *testing.T, c *counter, r bot.Request) {
	t.Helper()
	r.From = store.Account{Workspace: workspace, ID: "U01ALICE"}
	a, err := c.bot.Handle(t.Context(), r)
	switch {
	case err != nil:
		t.Fatal(err)
	case a.Form != nil:
		for _, err := range slackrules.View(viewOf(t, *a.Form)) {
			t.Error(err)
		}
	case a.Card != nil:
		for _, err := range slackrules.Message(messageOf(t, *a.Card)) {
			t.Error(err)
		}
	default:
		t.Errorf("%+v: no answer", r)
	}
}
