package app

import (
	"fmt"
	"strings"

	"guichet/bot/mattermost"
	"guichet/bot/slack"
	"guichet/cmd/guichet/config"
	"guichet/store"
)

// named are the workspaces of a configuration by their keys there.
func named(c *config.Config) map[string]place {
	all := map[string]place{}
	for _, w := range c.Slack {
		all[w.Key] = place{slack.Workspace(w.Team), w.Organization}
	}
	for _, m := range c.Mattermost {
		all[m.Key] = place{mattermost.Workspace(m.Team), m.Organization}
	}
	return all
}

// place is a workspace as the store knows it, and whose it is.
type place struct{ workspace, organization string }

// AccountOf reads an account as an operator names it: a workspace's key and an id there, or a mail address. The organization is that of the
// workspace, empty for a mail address.
func (a *App) AccountOf(text string) (account store.Account, organization string, err error) {
	if strings.Contains(text, "@") {
		return store.Account{Workspace: store.Mail, ID: strings.ToLower(text)}, "", nil
	}
	key, id, _ := strings.Cut(text, ":")
	p, ok := named(a.config)[key]
	if !ok || id == "" {
		return account, "", fmt.Errorf("%q names nobody: write the key of a workspace of the configuration and the id of an account there, such as acme:U02MARTIN", text)
	}
	return store.Account{Workspace: p.workspace, ID: id}, p.organization, nil
}

// NameOf is the reverse.
func (a *App) NameOf(account store.Account) string {
	for key, p := range named(a.config) {
		if p.workspace == account.Workspace {
			return key + ":" + account.ID
		}
	}
	return account.Workspace + ":" + account.ID
}
