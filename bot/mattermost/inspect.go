package mattermost

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"guichet/bot"
)

// Report is what a look at a team shows.
type Report struct {
	Bot  string // name of the bot account
	Skew time.Duration
}

// Inspect looks whether the token is good and the bot is in the team.
func (d *Door) Inspect(ctx context.Context) (Report, error) {
	if _, err := d.Self(ctx); err != nil {
		return Report{}, err
	}
	_, r, err := d.api.GetMe(ctx, "")
	if err != nil {
		return Report{}, outcome("users/me", r, err)
	}
	report := Report{Bot: d.self.name}
	if date, err := time.Parse(time.RFC1123, r.Header.Get("Date")); err == nil {
		report.Skew = time.Since(date)
	}
	return report, nil
}

// Channel looks at a channel and, if the bot is in it, at its members.
func (d *Door) Channel(ctx context.Context, id string) (bot.Channel, error) {
	c, r, err := d.api.GetChannel(ctx, id)
	if err != nil {
		return bot.Channel{}, outcome("channels", r, err)
	}
	look := bot.Channel{Name: c.Name, Private: c.Type == model.ChannelTypePrivate, Archived: c.DeleteAt != 0, Member: true}
	if look.Private {
		look.Agents, err = d.Members(ctx, id)
	}
	if answer := (apiError{}); errors.As(err, &answer) && answer.status == http.StatusForbidden {
		look.Member, err = false, nil
	}
	return look, err
}
