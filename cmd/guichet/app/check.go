package app

import (
	"context"
	"fmt"
	"io"
	"time"

	"guichet/bot/slack"
	"guichet/cmd/guichet/config"
	"guichet/store"
)

// clockSlack is how far the clock may be off before guichet's dates, and Slack's 5-minute rule for
// signatures, suffer.
const clockSlack = 30 * time.Second

// Check looks at everything that guichet depends on and writes what it finds, with what to do
// about what is wrong. It returns how many things are.
func Check(ctx context.Context, c *config.Config, out io.Writer) (wrong int) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	ok := func(what string, args ...any) { fmt.Fprintf(out, "ok    "+what+"\n", args...) }
	bad := func(todo, what string, args ...any) {
		wrong++
		fmt.Fprintf(out, "WRONG "+what+"\n      "+todo+"\n", args...)
	}

	checkDatabase(ctx, c, ok, bad)
	for _, w := range c.Slack {
		d := slack.New(slack.Options{Team: w.Team, BotToken: w.BotToken.Reveal(), AppToken: w.AppToken.Reveal(), APIURL: w.APIURL}, nil)
		report, err := d.Inspect(ctx)
		if err != nil {
			bad("Install the app in this workspace again and put its Bot User OAuth Token (xoxb-) into "+
				"the environment, see README \"Connect a Slack workspace\".", "workspace %s: bot token: %v", w.Key, err)
			continue
		}
		ok("workspace %s: bot token of %s", w.Key, report.Bot)
		if report.AppTokenError != nil {
			bad("Create an app-level token (xapp-) with the scope connections:write, and turn Socket Mode on.",
				"workspace %s: app token: %v", w.Key, report.AppTokenError)
		} else {
			ok("workspace %s: app token, Socket Mode", w.Key)
		}
		switch {
		case report.Scopes == nil:
			ok("workspace %s: scopes are not told by this server", w.Key)
		case len(report.MissingScopes()) > 0:
			bad("Paste manifest.yaml into the app's settings (App Manifest) and install the app again.",
				"workspace %s: scopes missing: %v", w.Key, report.MissingScopes())
		default:
			ok("workspace %s: scopes", w.Key)
		}
		if skew := report.Skew.Abs(); skew > clockSlack {
			bad("Set this machine's clock, best by NTP.", "clock: %s off from Slack's", skew.Round(time.Second))
		} else {
			ok("clock")
		}
		for _, q := range c.Queues {
			if q.Workspace != w.Key {
				continue
			}
			info, err := d.Channel(ctx, q.Channel)
			switch {
			case err != nil:
				bad("Invite the app to the channel (/invite in it), and check the id in \"queues\".",
					"queue %s: channel %s: %v", q.Key, q.Channel, err)
			case !info.Private:
				bad("Make the channel private (channel settings), or name another: whoever is in it reads every ticket.",
					"queue %s: channel %s (%s) is public", q.Key, q.Channel, info.Name)
			case info.Archived:
				bad("Unarchive the channel, or name another.", "queue %s: channel %s (%s) is archived", q.Key, q.Channel, info.Name)
			case !info.Member:
				bad("Invite the app to the channel (/invite in it).", "queue %s: the app is not in channel %s (%s)", q.Key, q.Channel, info.Name)
			case len(info.Agents) == 0:
				bad("Invite the agents to the channel: its members are the queue's agents.", "queue %s: nobody is in channel %s (%s)", q.Key, q.Channel, info.Name)
			default:
				ok("queue %s: private channel %s (%s), %d agents", q.Key, q.Channel, info.Name, len(info.Agents))
			}
		}
		for _, o := range c.Organizations {
			for _, m := range o.Managers {
				if m.Workspace != w.Key {
					continue
				}
				if p, err := d.Profile(ctx, m.User); err != nil {
					bad("Check the user id in \"managers\" (profile, …, Copy member ID).", "organization %s: manager %s: %v", o.Key, m.User, err)
				} else {
					ok("organization %s: manager %s (%s)", o.Key, m.User, p.Name)
				}
			}
		}
	}
	return wrong
}

func checkDatabase(ctx context.Context, c *config.Config, ok func(string, ...any), bad func(string, string, ...any)) {
	db, err := store.Open(ctx, c.Database.Reveal())
	if err != nil {
		bad("Check \"database\" in the configuration, or GUICHET_DATABASE: does the server run, may this user connect, is the folder writable?",
			"database %s: %v", c.Database, err)
		return
	}
	defer db.Close()
	have, newest, err := db.Version(ctx)
	switch {
	case err != nil:
		bad("Give this user the right to create tables.", "database %s: %v", c.Database, err)
	case have < newest:
		ok("database %s: schema at %d, guichet serve or guichet migrate brings it to %d", c.Database, have, newest)
	case have > newest:
		bad("Run the newer guichet that made this schema.", "database %s: schema at %d is newer than this program's %d", c.Database, have, newest)
	default:
		ok("database %s: schema at %d", c.Database, have)
	}
	if err := db.Writable(ctx); err != nil {
		bad("Check the disk's free space and the user's rights.", "database %s: can't write: %v", c.Database, err)
	}
}
