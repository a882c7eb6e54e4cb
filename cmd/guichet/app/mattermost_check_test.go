package app_test

import (
	"strings"
	"testing"

	"guichet/cmd/guichet/app"
	"guichet/cmd/guichet/config"
	"guichet/internal/fakemattermost"
)

// What is wrong with a team's setup is said, each with what to do.
func TestCheckOfATeam(t *testing.T) {
	onceAcrossPlatforms(t, true, func(t *testing.T, d *desk, m *team) {
		look := func() (string, int) {
			t.Helper()
			c, err := config.Load(d.file, d.environ())
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			wrong := app.Check(t.Context(), c, &out)
			return out.String(), wrong
		}
		says := func(want int, texts ...string) {
			t.Helper()
			out, wrong := look()
			if wrong != want || !containsAll(out, texts) {
				t.Errorf("%d wrong, want %d with %q:\n%s", wrong, want, texts, out)
			}
		}
		says(0, "team acme-mm: token of helpdesk", "queue support: private channel "+m.queue+" (support), 1 agents")
		tokens := m.commandTokens
		m.commandTokens = ""
		says(1, "no tokens of slash commands", "guichet mattermost setup acme-mm")
		m.commandTokens = tokens

		town := m.AddChannel("town", "O", m.Bot, m.nina)
		foreign := m.AddChannel("secret", "P", m.nina)
		empty := m.AddChannel("empty", "P", m.Bot)
		at := m.queue
		for channel, text := range map[string]string{town: "is public", foreign: "the app is not in", empty: "nobody is in", fakemattermost.ID(): "status 404"} {
			d.configure(func(s string) string { return strings.Replace(s, at, channel, 1) })
			at = channel
			if channel == foreign {
				text = "status 403" // whose name it does not tell
			}
			says(1, text)
		}
		d.configure(func(s string) string { return strings.Replace(s, at, m.queue, 1) })

		token := m.Token
		m.Token = fakemattermost.ID()
		says(1, "status 401", "bot account's token")
		m.Token = token
		m.SetDown(true)
		says(1, "team acme-mm: no answer", "Check that this machine reaches "+m.URL)
		m.SetDown(false)
		m.Leave(m.Bot)
		says(1, "status 403", "add the account to the team")

		var out strings.Builder
		c, err := config.Load(d.file, d.environ())
		if err != nil {
			t.Fatal(err)
		}
		if err := app.CommandsByHand(c, "acme-mm", &out); err != nil || !containsAll(out.String(), []string{"trigger word: ticket", "trigger word: guichet", m.front.URL + "/mattermost/acme-mm/commands/"}) {
			t.Errorf("by hand: %v\n%s", err, out.String())
		}
		if err := app.CommandsByHand(c, "nosuch", &out); err == nil {
			t.Error("a team that is not configured is set up")
		}
		if err := app.RegisterCommands(t.Context(), c, "acme-mm", m.Admin, &out); err != nil || !strings.Contains(out.String(), m.commandTokens) {
			t.Errorf("registered once more: %v\n%s", err, out.String())
		}
		if err := app.RegisterCommands(t.Context(), c, "acme-mm", m.Token, &out); err == nil {
			t.Error("somebody who is no admin registers commands")
		}
	})
}
