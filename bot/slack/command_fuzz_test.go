package slack

import (
	"encoding/json"
	"strings"
	"testing"

	"guichet/bot"
	"guichet/internal/slackrules"
	"guichet/license"
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

// So is whatever a manager types after /license, with or without a mention, and whatever its buttons carry.
func FuzzWhatIsTypedOfLicenses(f *testing.F) {
	for _, s := range append([]string{"", "assign", "assign <@U01ALICE|alice>", "assign <@U01ALICE> office basic", "affecter a@b.example", "unassign @a @b basic", "seats",
		"seats basic", "assign csv", "désaffecter <@U99> x", "assign basic 1", "unassign basic a@b.example", "0 basic 1", "-1  "}, nasty...) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		c := newCounter(t, "fr")
		licenses := license.NewDesk(c.db, c.desk, license.Catalog{Licenses: []license.License{{Key: "basic", Service: "office", Name: func(string) string { return "Basic" }}}})
		if _, err := licenses.Import(t.Context(), strings.NewReader("organization,license,ordered,activated,assigned\nacme,basic,3,2,1\n"), false); err != nil {
			t.Fatal(err)
		}
		c.bot = bot.New(c.desk, licenses, c.invoices, quiet)
		c.bot.Attach(lobby{language: "fr"})
		p, err := json.Marshal(map[string]any{"team_id": team, "user_id": "U02MARTIN", "channel_id": "C1", "command": "/license", "text": typed,
			"trigger_id": "1.2", "response_url": "https://slack.example"})
		if err != nil {
			t.Fatal(err)
		}
		command, err := testDoor().decode("slash_commands", p, botUser)
		if err != nil {
			t.Fatalf("%q: %v", typed, err)
		}
		requests := []bot.Request{command.request}
		for _, button := range []string{"seat", "attest", "seats", "seatfile", "seatlist", "giveseat", "takeback"} {
			requests = append(requests, bot.Request{Press: &bot.Press{Button: button, Value: typed}})
		}
		for _, r := range requests {
			if a := answeredTo(t, c, "U02MARTIN", r); a.Card != nil && strings.Contains(a.Card.Text(), "Référence") {
				t.Errorf("%+v is a fault of ours", r)
			}
		}
	})
}

func answered(t *testing.T, c *counter, r bot.Request) {
	t.Helper()
	answeredTo(t, c, "U01ALICE", r)
}

func answeredTo(t *testing.T, c *counter, who string, r bot.Request) bot.Answer {
	t.Helper()
	r.From = store.Account{Workspace: workspace, ID: who}
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
	return a
}
