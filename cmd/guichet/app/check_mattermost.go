package app

import (
	"context"
	"log/slog"

	"guichet/bot/mattermost"
	"guichet/cmd/guichet/config"
)

// team looks at a Mattermost team.
func (k *checker) team(ctx context.Context, m config.Team) {
	d := mattermost.New(mattermostOptions(m, slog.New(slog.DiscardHandler)), nil)
	report, err := d.Inspect(ctx)
	switch {
	case err != nil && !mattermost.Answered(err):
		k.bad("Check that this machine reaches "+m.URL+": network, proxy, firewall.", "team %s: no answer: %v", m.Key, err)
		return
	case err != nil:
		k.bad("Check the bot account's token, and add the account to the team, see README \"Connect a Mattermost team\".", "team %s: %v", m.Key, err)
		return
	}
	k.ok("team %s: token of %s", m.Key, report.Bot)
	if m.CommandTokens == "" {
		k.bad("Run guichet mattermost setup "+m.Key+", and set what it prints.", "team %s: no tokens of slash commands", m.Key)
	} else {
		k.ok("team %s: commands, buttons and forms come to %s", m.Key, m.Callback)
	}
	k.clock(report.Skew, "Mattermost")
	k.queues(ctx, d, m.Key)
	k.managers(ctx, d, m.Key)
}
