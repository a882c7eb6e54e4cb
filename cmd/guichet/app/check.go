package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"guichet/bot"
	"guichet/bot/slack"
	"guichet/cmd/guichet/config"
	"guichet/store"
	"guichet/store/blob"
)

// clockSlack is how far the clock may be off before guichet's dates, and Slack's 5-minute rule for
// signatures, suffer.
const clockSlack = 30 * time.Second

// Check looks at everything that guichet depends on and writes what it finds, with what to do
// about what is wrong. It changes nothing, and returns how many things are wrong.
func Check(ctx context.Context, c *config.Config, out io.Writer) (wrong int) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	k := &checker{config: c, out: out}
	k.database(ctx)
	k.files(ctx)
	for _, w := range c.Slack {
		k.workspace(ctx, w)
	}
	for _, m := range c.Mattermost {
		k.team(ctx, m)
	}
	k.mail(ctx)
	return k.wrong
}

type checker struct {
	config *config.Config
	out    io.Writer
	wrong  int
}

func (k *checker) ok(what string, args ...any) { fmt.Fprintf(k.out, "ok    "+what+"\n", args...) }

func (k *checker) bad(todo, what string, args ...any) {
	k.wrong++
	fmt.Fprintf(k.out, "WRONG "+what+"\n", args...)
	fmt.Fprintf(k.out, "      %s\n", todo)
}

func (k *checker) database(ctx context.Context) {
	address := k.config.Database
	if _, err := os.Stat(address.Reveal()); !address.IsPostgres() && errors.Is(err, fs.ErrNotExist) {
		k.newFile(address.Reveal())
		return
	}
	db, err := store.Open(ctx, address.Reveal())
	if err != nil {
		k.bad("Check \"database\" in the configuration, or GUICHET_DATABASE: does the server run, may this user connect?",
			"database %s: %v", address, err)
		return
	}
	defer db.Close()
	have, newest, err := db.Version(ctx)
	switch {
	case err != nil:
		k.bad("Give this user the right to create tables.", "database %s: %v", address, err)
	case have < newest:
		k.ok("database %s: schema at %d, guichet serve or guichet migrate brings it to %d", address, have, newest)
	case have > newest:
		k.bad("Run the newer guichet that made this schema.", "database %s: schema at %d is newer than this program's %d", address, have, newest)
	default:
		k.ok("database %s: schema at %d", address, have)
	}
	if err := db.Writable(ctx); err != nil {
		k.bad("Check the disk's free space and the user's rights.", "database %s: can't write: %v", address, err)
	}
}

// newFile looks at where a database that is not there yet will be.
// files looks whether the folder for files, or the one in which it is to be made, can be written to.
func (k *checker) files(ctx context.Context) {
	dir := k.config.Files.Dir
	if k.config.Files.Off {
		k.ok("files: off, conversations only name them")
		return
	}
	if c := k.config.Files.S3; c.Endpoint != "" {
		place, err := blob.OpenS3(s3(c))
		if err == nil {
			err = place.Ready(ctx)
		}
		if err != nil {
			k.bad("Check \"files\" in the configuration, and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.", "files in %s: %v", c.Endpoint, err)
			return
		}
		k.ok("files in bucket %s of %s", c.Bucket, c.Endpoint)
		return
	}
	about, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		about, err = os.Stat(filepath.Dir(dir))
	}
	switch {
	case err != nil:
		k.bad("Make the folder, or check \"files\" in the configuration.", "files %s: %v", dir, err)
	case !about.IsDir():
		k.bad("Name a folder under \"files\" in the configuration.", "files %s: not a folder", dir)
	case about.Mode().Perm()&0o200 == 0:
		k.bad("Let this user write there.", "files %s: the folder can't be written to", dir)
	default:
		k.ok("files %s: up to %d MB each", dir, k.config.Files.Largest/1_000_000)
	}
}

func (k *checker) newFile(path string) {
	f, err := os.CreateTemp(filepath.Dir(path), ".guichet-check-*")
	if err != nil {
		k.bad("Make the folder, and let the user that runs guichet write there.", "database %s: can't be created: %v", path, err)
		return
	}
	_ = f.Close()
	_ = os.Remove(f.Name())
	k.ok("database %s: will be created", path)
}

func (k *checker) workspace(ctx context.Context, w config.Workspace) {
	d := slack.New(slack.Options{Team: w.Team, BotToken: w.BotToken.Reveal(), AppToken: w.AppToken.Reveal(), APIURL: w.APIURL}, nil)
	report, err := d.Inspect(ctx)
	switch {
	case err != nil && !slack.Answered(err) && !slack.Hopeless(err):
		k.bad("Check that this machine reaches "+w.APIURL+": network, proxy, firewall.", "workspace %s: no answer: %v", w.Key, err)
		return
	case err != nil:
		k.bad("Install the app in this workspace again and put its Bot User OAuth Token (xoxb-) into "+
			"the environment, see README \"Connect a Slack workspace\".", "workspace %s: bot token: %v", w.Key, err)
		return
	}
	k.ok("workspace %s: bot token of %s", w.Key, report.Bot)
	switch {
	case w.Mode == "http":
		k.ok("workspace %s: HTTP mode, requests come to /slack/%s", w.Key, w.Key)
	case report.AppTokenError != nil:
		k.bad("Create an app-level token (xapp-) with the scope connections:write, and turn Socket Mode on.",
			"workspace %s: app token: %v", w.Key, report.AppTokenError)
	default:
		k.ok("workspace %s: app token, Socket Mode", w.Key)
	}
	switch {
	case report.Scopes == nil:
		k.ok("workspace %s: scopes are not told by this server", w.Key)
	case len(report.MissingScopes()) > 0:
		k.bad("Paste manifest.yaml into the app's settings (App Manifest) and install the app again.",
			"workspace %s: scopes missing: %v", w.Key, report.MissingScopes())
	default:
		k.ok("workspace %s: scopes", w.Key)
	}
	k.clock(report.Skew, "Slack")
	k.queues(ctx, d, w.Key)
	k.managers(ctx, d, w.Key)
}

func (k *checker) clock(skew time.Duration, whose string) {
	if skew = skew.Abs(); skew > clockSlack {
		k.bad("Set this machine's clock, best by NTP.", "clock: %s off from %s's", skew.Round(time.Second), whose)
	} else {
		k.ok("clock")
	}
}

// inspected is a door as an operator's check sees it.
type inspected interface {
	Channel(ctx context.Context, id string) (bot.Channel, error)
	Profile(ctx context.Context, account string) (bot.Profile, error)
}

func (k *checker) queues(ctx context.Context, d inspected, workspace string) {
	for _, q := range k.config.Queues {
		if q.Workspace == workspace {
			k.queue(ctx, d, q)
		}
	}
}

func (k *checker) queue(ctx context.Context, d inspected, q config.Queue) {
	const invite = "Invite the app to the channel (/invite in it)."
	info, err := d.Channel(ctx, q.Channel)
	channel := fmt.Sprintf("channel %s (%s)", q.Channel, info.Name)
	switch {
	case err != nil:
		k.bad("Invite the app to the channel (/invite in it), and check the id in \"queues\".", "queue %s: channel %s: %v", q.Key, q.Channel, err)
	case !info.Private:
		k.bad("Make the channel private (channel settings), or name another: whoever is in it reads every ticket.",
			"queue %s: %s is public", q.Key, channel)
	case info.Archived:
		k.bad("Unarchive the channel, or name another.", "queue %s: %s is archived", q.Key, channel)
	case !info.Member:
		k.bad(invite, "queue %s: the app is not in %s", q.Key, channel)
	case len(info.Agents) == 0:
		k.bad("Invite the agents to the channel: its members are the queue's agents.", "queue %s: nobody is in %s", q.Key, channel)
	default:
		k.ok("queue %s: private %s, %d agents", q.Key, channel, len(info.Agents))
	}
}

func (k *checker) managers(ctx context.Context, d inspected, workspace string) {
	for _, o := range k.config.Organizations {
		for _, m := range o.Managers {
			if m.Workspace != workspace {
				continue
			}
			if p, err := d.Profile(ctx, m.User); err != nil {
				k.bad("Check the user id in \"managers\" (profile, …, Copy member ID).", "organization %s: manager %s: %v", o.Key, m.User, err)
			} else {
				k.ok("organization %s: manager %s (%s)", o.Key, m.User, p.Name)
			}
		}
	}
}
