package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const mattermostFile = `
organizations:
  - key: acme
    managers: ["mm:aqpqrg8c5pfzdc3wt5e3jo7u7w"]
mattermost:
  - key: mm
    url: https://chat.acme.example/
    team: f8hg5wfktbddteg6n7iz98116o
    organization: acme
    callback_url: http://guichet.internal:8080/
queues:
  - key: support
    workspace: mm
    channel: 4byszdkegfdutcfo8xcycfoeor
services:
  - key: office
`

var mattermostEnv = []string{"GUICHET_MATTERMOST_MM_TOKEN=" + strings.Repeat("t", 26), "GUICHET_MATTERMOST_MM_SECRET=" + strings.Repeat("s", 32) + "," + strings.Repeat("o", 40),
	"GUICHET_MATTERMOST_MM_COMMAND_TOKENS=" + strings.Repeat("1", 26) + "," + strings.Repeat("2", 26)}

func TestMattermostAlone(t *testing.T) {
	c := loadMattermost(t, mattermostFile, mattermostEnv)
	m := c.Mattermost[0]
	if m.URL != "https://chat.acme.example" || m.Callback != "http://guichet.internal:8080" || m.Token.Reveal() != strings.Repeat("t", 26) {
		t.Errorf("%+v", m)
	}
	if !slices.Equal(m.Secret.Parts(), []string{strings.Repeat("s", 32), strings.Repeat("o", 40)}) || len(m.CommandTokens.Parts()) != 2 {
		t.Errorf("secrets %d, tokens %d", len(m.Secret.Parts()), len(m.CommandTokens.Parts()))
	}
	if c := loadMattermost(t, mattermostFile, mattermostEnv[:2]); len(c.Mattermost[0].CommandTokens.Parts()) != 0 {
		t.Error("commands that are not registered have tokens")
	}
}

func loadMattermost(t *testing.T, text string, env []string) *Config {
	t.Helper()
	c, err := Load(mattermostAt(t, text), env)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func mattermostAt(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "guichet.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestMattermostProblems(t *testing.T) {
	second := "    callback_url: http://guichet.internal:8080/\n  - {key: mm-two, url: \"https://c.example\", team: " + strings.Repeat("b", 26) + ", organization: acme, callback_url: \"http://g\"}\n"
	for _, c := range []struct {
		name, old, text string
		env             []string
		want            string
	}{
		{"a team's name", "f8hg5wfktbddteg6n7iz98116o", "acme", nil, "mattermost[0].team: is not Mattermost's id of a team"},
		{"no address", "    url: https://chat.acme.example/\n", "", nil, "mattermost[0].url: is missing"},
		{"an address that is none", "https://chat.acme.example/", "chat.acme.example", nil, "mattermost[0].url: must be an http:// or https:// address"},
		{"no callback", "    callback_url: http://guichet.internal:8080/\n", "", nil, "mattermost[0].callback_url: is missing"},
		{"nowhere to listen", "services:", "listen: off\nservices:", nil, "mattermost[0].callback_url: needs an address to listen on"},
		{"no organization", "organization: acme", "organization: other", nil, "mattermost[0].organization: names no organization"},
		{"Slack's id of a channel", "4byszdkegfdutcfo8xcycfoeor", "C0SUPPORT", nil, "queues[0].channel: is not an id of that workspace's platform"},
		{"Slack's id of a person", "mm:aqpqrg8c5pfzdc3wt5e3jo7u7w", "mm:U02MARTIN", nil, "managers[0]: is not an id of that workspace's platform"},
		{"no token", "", "", mattermostEnv[1:], "mattermost[0].token_file: is missing"},
		{"no secret", "", "", append(mattermostEnv[:1:1], mattermostEnv[2]), "mattermost[0].secret_file: is missing"},
		{"a short secret", "", "", append(mattermostEnv[:1:1], "GUICHET_MATTERMOST_MM_SECRET=short"), "must hold a secret of at least 32 characters"},
		{"odd tokens of commands", "", "", append(mattermostEnv[:2:2], "GUICHET_MATTERMOST_MM_COMMAND_TOKENS=a b"), "must hold the slash commands' tokens"},
		{"a bot account for two teams", "    callback_url: http://guichet.internal:8080/\n", second,
			append(mattermostEnv[:3:3], "GUICHET_MATTERMOST_MM_TWO_TOKEN="+strings.Repeat("t", 26), "GUICHET_MATTERMOST_MM_TWO_SECRET="+strings.Repeat("x", 32)),
			"mattermost[1].token_file: gives the token of mattermost[0]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			env := c.env
			if env == nil {
				env = mattermostEnv
			}
			_, err := Load(mattermostAt(t, strings.Replace(mattermostFile, c.old, c.text, 1)), env)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if err != nil && (strings.Contains(err.Error(), strings.Repeat("t", 26)) || strings.Contains(err.Error(), strings.Repeat("s", 32))) {
				t.Error("a secret is told")
			}
		})
	}
}
