package slack

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"guichet/bot"
)

// Report is what Slack says of the app in a workspace.
type Report struct {
	Bot           string   // the bot's name and workspace
	Scopes        []string // granted; nil where the server does not tell
	AppTokenError error
	Skew          time.Duration // of our clock against Slack's
}

// MissingScopes are those that guichet needs and was not granted.
func (r Report) MissingScopes() []string {
	return slices.DeleteFunc(Scopes(), func(s string) bool { return slices.Contains(r.Scopes, s) })
}

// Inspect looks at both tokens, the scopes and the clock.
func (d *Door) Inspect(ctx context.Context) (Report, error) {
	var mu sync.Mutex
	var headers http.Header
	api := slack.New(d.BotToken, slack.OptionAPIURL(d.APIURL), slack.OptionAppLevelToken(d.AppToken), slack.OptionHTTPClient(d.http),
		slack.OptionOnResponseHeaders(func(_ string, h http.Header) {
			mu.Lock()
			defer mu.Unlock()
			headers = h
		}))
	who, err := api.AuthTestContext(ctx)
	if err != nil {
		return Report{}, err
	}
	if who.TeamID != d.Team {
		return Report{}, fmt.Errorf("%w: of %s, not of %s", errWrongTeam, who.TeamID, d.Team)
	}
	r := Report{Bot: who.User + " in " + who.Team}
	mu.Lock()
	granted := headers.Get("X-OAuth-Scopes")
	if at, err := http.ParseTime(headers.Get("Date")); err == nil {
		r.Skew = time.Since(at)
	}
	mu.Unlock()
	for s := range strings.SplitSeq(granted, ",") {
		if s = strings.TrimSpace(s); s != "" {
			r.Scopes = append(r.Scopes, s)
		}
	}
	if d.AppToken != "" {
		_, _, r.AppTokenError = api.StartSocketModeContext(ctx)
	}
	return r, nil
}

// Channel looks at a channel and, if the app is in it, at its members.
func (d *Door) Channel(ctx context.Context, id string) (bot.Channel, error) {
	info, err := d.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
	if err != nil {
		return bot.Channel{}, err
	}
	c := bot.Channel{Name: info.Name, Private: info.IsPrivate, Archived: info.IsArchived, Member: info.IsMember}
	if c.Private && c.Member {
		c.Agents, err = d.Members(ctx, id)
	}
	return c, err
}

var _ bot.Door = (*Door)(nil)
