// Package slack is the door to one Slack workspace: Slack's payloads in, as bot requests; cards
// and forms out, as Block Kit. Everything that is Slack's own stays here.
package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"guichet/bot"
	"guichet/bot/card"
	"guichet/store"
)

// DefaultAPI is the address of the real Slack.
const DefaultAPI = "https://slack.com/api/"

// callTimeout bounds one call of the Web API.
const callTimeout = 10 * time.Second

// Options say which workspace a door leads to, and with which keys.
type Options struct {
	Team     string // Slack's id of the workspace
	BotToken string
	APIURL   string // DefaultAPI, or a stand-in's
	Log      *slog.Logger

	// Slack is either connected to, with an app token (Socket Mode), or calls, which its requests'
	// signatures show (HTTP mode, ServeHTTP). The other one is empty.
	AppToken      string
	SigningSecret string
}

// Workspace is the name by which the rest of guichet knows a Slack workspace.
func Workspace(team string) string { return "slack:" + team }

// Door is one Slack workspace.
type Door struct {
	Options
	bot       *bot.Bot
	api       *slack.Client
	http      *http.Client
	files     *http.Client // a file takes its time: the caller's context bounds it
	direct    sync.Map     // account to direct channel
	self      self
	connected atomic.Bool
	names     names
	called    atomic.Int64 // when Slack last called, in HTTP mode; milliseconds
}

// New returns a door for a bot. It connects when it runs.
func New(o Options, b *bot.Bot) *Door {
	client := &http.Client{Timeout: callTimeout}
	return &Door{
		Options: o,
		bot:     b,
		http:    client,
		files:   &http.Client{},
		api: slack.New(o.BotToken, slack.OptionAPIURL(o.APIURL), slack.OptionAppLevelToken(o.AppToken),
			slack.OptionHTTPClient(client)),
	}
}

// Workspace implements bot.Door.
func (d *Door) Workspace() string { return Workspace(d.Team) }

// self is who the bot is in the workspace, asked once.
type self struct {
	mu   sync.Mutex
	user string
}

// Self returns the bot's own user id. It fails when the token is of another workspace.
func (d *Door) Self(ctx context.Context) (string, error) {
	d.self.mu.Lock()
	defer d.self.mu.Unlock()
	if d.self.user != "" {
		return d.self.user, nil
	}
	r, err := d.api.AuthTestContext(ctx)
	if err != nil {
		return "", fmt.Errorf("slack: auth.test: %w", outcome(err))
	}
	if r.TeamID != d.Team {
		return "", fmt.Errorf("%w: of %s, not of %s", errWrongTeam, r.TeamID, d.Team)
	}
	d.self.user = r.UserID
	return r.UserID, nil
}

// Profile implements bot.Door.
func (d *Door) Profile(ctx context.Context, account string) (bot.Profile, error) {
	u, err := d.api.GetUserInfoContext(ctx, account)
	if err != nil {
		return bot.Profile{}, fmt.Errorf("slack: users.info: %w", outcome(err))
	}
	p := bot.Profile{Name: u.Profile.DisplayName, Foreign: u.TeamID != "" && u.TeamID != d.Team}
	p.Gone, p.Program = u.Deleted, u.IsBot || u.IsAppUser || u.ID == slackbot
	if u.RealName != "" {
		p.Name = u.RealName
	}
	if p.Name == "" {
		p.Name = u.Name
	}
	p.Name = clean(p.Name)
	p.Language, _, _ = strings.Cut(u.Locale, "-")
	return p, nil
}

// Away implements bot.Presence.
func (d *Door) Away(ctx context.Context, account string) (bool, error) {
	p, err := d.api.GetUserPresenceContext(ctx, account)
	if err != nil {
		return false, fmt.Errorf("slack: users.getPresence: %w", outcome(err))
	}
	return p.Presence != "active", nil
}

// slackbot is Slack itself.
const slackbot = "USLACKBOT"

// Members implements bot.Door.
func (d *Door) Members(ctx context.Context, channel string) ([]string, error) {
	info, err := d.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: channel})
	if err != nil {
		return nil, fmt.Errorf("slack: conversations.info: %w", outcome(err))
	}
	if !info.IsPrivate {
		return nil, bot.ErrPublic
	}
	self, err := d.Self(ctx)
	if err != nil {
		return nil, err
	}
	var members []string
	page := slack.GetUsersInConversationParameters{ChannelID: channel, Limit: 1000}
	for {
		some, next, err := d.api.GetUsersInConversationContext(ctx, &page)
		if err != nil {
			return nil, fmt.Errorf("slack: conversations.members: %w", outcome(err))
		}
		for _, m := range some {
			if m != self {
				members = append(members, m)
			}
		}
		if next == "" {
			return members, nil
		}
		page.Cursor = next
	}
}

// DirectChannel implements bot.Door.
func (d *Door) DirectChannel(ctx context.Context, account string) (string, error) {
	if c, ok := d.direct.Load(account); ok {
		return c.(string), nil
	}
	c, _, _, err := d.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{account}})
	if err != nil {
		return "", fmt.Errorf("slack: conversations.open: %w", outcome(err))
	}
	d.direct.Store(account, c.ID)
	return c.ID, nil
}

// Post implements bot.Door.
func (d *Door) Post(ctx context.Context, channel, root string, c card.Card, id store.DeliveryID) (string, error) {
	options := append(message(c, maxFallback, id),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: deliveryMetadata,
			EventPayload: map[string]any{"id": strconv.FormatInt(int64(id), 10)}}))
	if root != "" {
		options = append(options, slack.MsgOptionTS(root))
	}
	_, ts, err := d.api.PostMessageContext(ctx, channel, options...)
	if err != nil {
		err = fmt.Errorf("slack: chat.postMessage: %w", outcome(err))
		if unsure(err) {
			err = fmt.Errorf("%w: %w", bot.ErrUnsure, err)
		}
		return "", err
	}
	return ts, nil
}

// unsure says whether a call that failed may have been carried out all the same: Slack did not
// answer, or says itself that it does not know.
func unsure(err error) bool {
	if busy := (*bot.Busy)(nil); errors.As(err, &busy) {
		return false
	}
	for _, known := range []error{bot.ErrGone, bot.ErrBadCard, bot.ErrNobody} {
		if errors.Is(err, known) {
			return false
		}
	}
	if dial := (*net.OpError)(nil); errors.As(err, &dial) && dial.Op == "dial" {
		return false
	}
	var answer slack.SlackErrorResponse
	if !errors.As(err, &answer) {
		return true
	}
	return slices.Contains([]string{"internal_error", "fatal_error", "request_timeout", "service_unavailable"}, answer.Err)
}

// Update implements bot.Door.
func (d *Door) Update(ctx context.Context, channel, ts string, c card.Card, id store.DeliveryID) error {
	if _, _, _, err := d.api.UpdateMessageContext(ctx, channel, ts, message(c, maxUpdated, id)...); err != nil {
		return fmt.Errorf("slack: chat.update: %w", outcome(err))
	}
	return nil
}

// Delete implements bot.Eraser.
func (d *Door) Delete(ctx context.Context, channel, ts string) error {
	if _, _, err := d.api.DeleteMessageContext(ctx, channel, ts); err != nil {
		return fmt.Errorf("slack: chat.delete: %w", outcome(err))
	}
	return nil
}

// message is a card with so many bytes of text at most, for a delivery.
func message(c card.Card, text int, id store.DeliveryID) []slack.MsgOption {
	return []slack.MsgOption{slack.MsgOptionText(fallback(c, text), false), slack.MsgOptionBlocks(anew(blocks(c), id)...)}
}

// outcome puts Slack's errors into the few kinds that the relay tells apart, with Slack's own code as
// the reason.
func outcome(err error) error {
	if limited := (*slack.RateLimitedError)(nil); errors.As(err, &limited) {
		return &bot.Busy{For: limited.RetryAfter}
	}
	var status slack.StatusCodeError
	if errors.As(err, &status) {
		return bot.Because(fmt.Sprintf("http_%d", status.Code), err)
	}
	if page := (*json.SyntaxError)(nil); errors.As(err, &page) {
		return bot.Because("no_json", err) // something on the way answers in Slack's place
	}
	var answer slack.SlackErrorResponse
	if !errors.As(err, &answer) {
		return err
	}
	switch answer.Err {
	case "message_not_found", "thread_not_found", "cant_update_message", "cant_delete_message", "file_not_found", "file_deleted", "edit_window_closed", "cannot_reply_to_message":
		err = fmt.Errorf("%w: %s", bot.ErrGone, answer.Err)
	case "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "no_text", "invalid_arguments", "invalid_metadata_format", "metadata_too_large":
		err = fmt.Errorf("%w: %s %v", bot.ErrBadCard, answer.Err, answer.ResponseMetadata.Messages)
	case "user_disabled", "user_not_found", "users_not_found", "cannot_dm_bot":
		err = fmt.Errorf("%w: %s", bot.ErrNobody, answer.Err)
	case "ratelimited", "rate_limited":
		return &bot.Busy{For: time.Second}
	}
	return bot.Because(cmp.Or(code.FindString(answer.Err), "other"), err)
}

// code is what Slack's error codes look like.
var code = regexp.MustCompile(`^[a-z_]{1,50}$`)

// Connected says whether this door is open to Slack.
func (d *Door) Connected() bool { return d.connected.Load() }

// lately is how long a call of Slack's shows that it reaches guichet. When nobody calls for longer, all may
// be quiet, or a proxy on the way be down: which of the two, the conversations tell that are read at the
// next call.
const lately = time.Minute

// Hears implements bot.Hearer.
func (d *Door) Hears() bool {
	if d.SigningSecret == "" {
		return d.Connected()
	}
	return d.Connected() && time.Since(time.UnixMilli(d.called.Load())) < lately
}

// Answered says whether an error is Slack's own answer, rather than that Slack was not reached.
func Answered(err error) bool {
	var answer slack.SlackErrorResponse
	return errors.As(err, &answer)
}

// Hopeless says whether an error will last until an operator mends it: a token that Slack does
// not, or no longer, accept.
func Hopeless(err error) bool {
	var answer slack.SlackErrorResponse
	if !errors.As(err, &answer) {
		return errors.Is(err, errWrongTeam)
	}
	switch answer.Err {
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "no_permission", "missing_scope":
		return true
	}
	return false
}

var errWrongTeam = errors.New("slack: the bot token is of another workspace")
