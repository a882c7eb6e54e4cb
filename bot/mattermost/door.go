// Package mattermost is the door to one team of a Mattermost server: its events and callbacks in, as bot
// requests; cards and forms out, as posts and interactive dialogs. Everything that is Mattermost's own stays here.
package mattermost

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"guichet/bot"
	"guichet/bot/card"
	"guichet/store"
)

// callTimeout bounds one call of the API.
const callTimeout = 10 * time.Second

// Options say which team a door leads to, and with which keys.
type Options struct {
	URL   string // of the server, such as https://chat.example.com
	Team  string // Mattermost's id of the team
	Token string // of the bot account, which no other team's door has
	Log   *slog.Logger

	Key           string   // names the door in the paths that Mattermost calls
	Callback      string   // guichet's own address, as the server reaches it
	CommandTokens []string // which slash commands come with: any of them
	Secrets       []string // the first signs what goes through people's hands; all are accepted
}

// Workspace is the name by which the rest of guichet knows a Mattermost team.
func Workspace(team string) string { return "mattermost:" + team }

// Door is one team.
type Door struct {
	Options
	bot       *bot.Bot
	api       *model.Client4
	files     *http.Client // a file takes its time: the caller's context bounds it
	direct    sync.Map     // account to direct channel
	channels  sync.Map     // channel to its type
	posts     sync.Map     // post to the key that it carries, if it is ours; and to who wrote it
	known     atomic.Int64 // how many of those there are
	self      self
	connected atomic.Bool
	version   atomic.Value // of the server, as its hello tells
	now       func() time.Time
}

// New returns a door for a bot. It connects when it runs.
func New(o Options, b *bot.Bot) *Door {
	api := model.NewAPIv4Client(o.URL)
	api.SetToken(o.Token)
	api.HTTPClient = &http.Client{Timeout: callTimeout}
	return &Door{Options: o, bot: b, api: api, files: &http.Client{}, now: time.Now}
}

// Workspace implements bot.Door.
func (d *Door) Workspace() string { return Workspace(d.Team) }

// self is who the bot is, and its team's name, asked once.
type self struct {
	mu             sync.Mutex
	id, name, team string
}

// Self returns the bot's own user id. It fails when the bot is not in the team.
func (d *Door) Self(ctx context.Context) (string, error) {
	d.self.mu.Lock()
	defer d.self.mu.Unlock()
	if d.self.id != "" {
		return d.self.id, nil
	}
	me, r, err := d.api.GetMe(ctx, "")
	if err != nil {
		return "", outcome("users/me", r, err)
	}
	team, r, err := d.api.GetTeam(ctx, d.Team, "")
	if err != nil {
		return "", outcome("teams", r, err)
	}
	d.self.id, d.self.name, d.self.team = me.Id, me.Username, team.Name
	return me.Id, nil
}

// botID is the bot's own user id, if it is known already.
func (d *Door) botID() string {
	id, err := d.Self(context.Background())
	if err != nil {
		return "?"
	}
	return id
}

// Profile implements bot.Door. Whoever is not in the team, or only its guest, is a stranger.
func (d *Door) Profile(ctx context.Context, account string) (bot.Profile, error) {
	u, r, err := d.api.GetUser(ctx, account, "")
	if err != nil {
		return bot.Profile{}, outcome("users", r, err)
	}
	p := bot.Profile{Name: clean(cmp.Or(strings.TrimSpace(u.FirstName+" "+u.LastName), u.Nickname, u.Username)),
		Gone: u.DeleteAt != 0, Program: u.IsBot, Foreign: u.IsGuest()}
	p.Language, _, _ = strings.Cut(u.Locale, "-")
	m, r, err := d.api.GetTeamMember(ctx, d.Team, account, "")
	switch {
	case err != nil && r != nil && r.StatusCode == http.StatusNotFound:
		p.Foreign = true
	case err != nil:
		return p, outcome("teams/members", r, err)
	case m.DeleteAt != 0:
		p.Foreign = true
	}
	return p, nil
}

// namesAtOnce is how many people are looked up by their names in one request.
const namesAtOnce = 100

// AccountsNamed implements bot.Namer.
func (d *Door) AccountsNamed(ctx context.Context, names []string) (map[string]string, error) {
	accounts := map[string]string{}
	for some := range slices.Chunk(names, namesAtOnce) {
		us, r, err := d.api.GetUsersByUsernames(ctx, some)
		if err != nil {
			return nil, outcome("users/usernames", r, err)
		}
		for _, u := range us {
			if u.DeleteAt == 0 && !u.IsBot {
				accounts[u.Username] = u.Id
			}
		}
	}
	return accounts, nil
}

// Away implements bot.Presence. Whoever does not want to be disturbed reads it later.
func (d *Door) Away(ctx context.Context, account string) (bool, error) {
	s, r, err := d.api.GetUserStatus(ctx, account, "")
	if err != nil {
		return false, outcome("users/status", r, err)
	}
	return s.Status != model.StatusOnline, nil
}

// membersPage is how many members are asked for at once: as many as the server gives.
const membersPage = 200

// Members implements bot.Door.
func (d *Door) Members(ctx context.Context, channel string) ([]string, error) {
	c, r, err := d.api.GetChannel(ctx, channel)
	if err != nil {
		return nil, outcome("channels", r, err)
	}
	if c.Type != model.ChannelTypePrivate {
		return nil, bot.ErrPublic
	}
	if c.TeamId != d.Team {
		return nil, bot.Because("other_team", fmt.Errorf("mattermost: the channel is not the team's"))
	}
	self, err := d.Self(ctx)
	if err != nil {
		return nil, err
	}
	var members []string
	for page := 0; ; page++ {
		some, r, err := d.api.GetChannelMembers(ctx, channel, page, membersPage, "")
		if err != nil {
			return nil, outcome("channels/members", r, err)
		}
		for _, m := range some {
			if m.UserId != self {
				members = append(members, m.UserId)
			}
		}
		if len(some) < membersPage {
			return members, nil
		}
	}
}

// DirectChannel implements bot.Door.
func (d *Door) DirectChannel(ctx context.Context, account string) (string, error) {
	if c, ok := d.direct.Load(account); ok {
		return c.(string), nil
	}
	self, err := d.Self(ctx)
	if err != nil {
		return "", err
	}
	c, r, err := d.api.CreateDirectChannel(ctx, self, account)
	if err != nil {
		return "", outcome("channels/direct", r, err)
	}
	d.direct.Store(account, c.Id)
	d.channels.Store(c.Id, model.ChannelTypeDirect)
	return c.Id, nil
}

// isDirect says whether a channel is one in which the bot and a person talk alone.
func (d *Door) isDirect(ctx context.Context, channel string) (bool, error) {
	if kind, ok := d.channels.Load(channel); ok {
		return kind == model.ChannelTypeDirect, nil
	}
	c, r, err := d.api.GetChannel(ctx, channel)
	if err != nil {
		return false, outcome("channels", r, err)
	}
	d.channels.Store(channel, c.Type)
	return c.Type == model.ChannelTypeDirect, nil
}

// Post implements bot.Door.
func (d *Door) Post(ctx context.Context, channel, root string, c card.Card, id store.DeliveryID) (string, error) {
	return d.post(ctx, channel, root, c, deliveryKey(id))
}

// deliveryKey is what the post of a delivery carries, by which it is found again.
func deliveryKey(id store.DeliveryID) string { return fmt.Sprintf("d%d", id) }

// post posts a card that carries a key. While the server remembers it, for half a minute, the same key is posted
// once.
func (d *Door) post(ctx context.Context, channel, root string, c card.Card, key string) (string, error) {
	p, err := d.render(c, binding{key: key})
	if err != nil {
		return "", err
	}
	p.Message = d.calls(ctx, c.Calls) + p.Message
	p.ChannelId, p.RootId = channel, root
	p.PendingPostId = "guichet-" + d.Key + "-" + key
	return d.create(ctx, p)
}

// calls has people notice a message by their user names. Whoever can't be looked up is not called; the message says the
// rest.
func (d *Door) calls(ctx context.Context, accounts []string) (names string) {
	for _, account := range accounts {
		if u, _, err := d.api.GetUser(ctx, account, ""); err == nil {
			names += "@" + u.Username + " "
		}
	}
	return names
}

func (d *Door) create(ctx context.Context, p *model.Post) (string, error) {
	key := p.GetProp(keyProp)
	made, r, err := d.api.CreatePost(ctx, p)
	if err != nil {
		failed := outcome("posts", r, err)
		if unsure(failed) {
			failed = fmt.Errorf("%w: %w", bot.ErrUnsure, failed)
		}
		return "", failed
	}
	d.remember(made.Id, about{author: made.UserId, channel: made.ChannelId, key: fmt.Sprint(key)})
	return made.Id, nil
}

// Update implements bot.Door. What a card's buttons call is not to be read back, so all of it is sent again.
func (d *Door) Update(ctx context.Context, channel, message string, c card.Card, id store.DeliveryID) error {
	old, err := d.about(ctx, message)
	if err != nil {
		return err
	}
	p, err := d.render(c, binding{key: old.key}) // under its own name it is found again, and its buttons are its own
	if err != nil {
		return err
	}
	props := p.GetProps()
	_, r, err := d.api.PatchPost(ctx, message, &model.PostPatch{Message: &p.Message, Props: &props})
	if err != nil {
		return outcome("posts/patch", r, err)
	}
	return nil
}

// Delete implements bot.Eraser.
func (d *Door) Delete(ctx context.Context, _, message string) error {
	if r, err := d.api.DeletePost(ctx, message); err != nil {
		return outcome("posts/delete", r, err)
	}
	d.forget(message)
	return nil
}

// Connected says whether this door is open to Mattermost.
func (d *Door) Connected() bool { return d.connected.Load() }

// Hears implements bot.Hearer.
func (d *Door) Hears() bool { return d.Connected() }

var (
	_ bot.Door   = (*Door)(nil)
	_ bot.Eraser = (*Door)(nil)
)
