package mattermost

import (
	"context"
	"fmt"
	"net/http"

	"github.com/mattermost/mattermost/server/public/model"

	"guichet/bot"
)

// MakeRoom implements bot.RoomMaker. A team's permissions decide whether a bot may make channels.
func (d *Door) MakeRoom(ctx context.Context, name string) (string, error) {
	self, err := d.Self(ctx)
	if err != nil {
		return "", err
	}
	c, r, err := d.api.GetChannelByName(ctx, name, d.Team, "")
	if status(r) == http.StatusNotFound {
		c, r, err = d.api.CreateChannel(ctx, &model.Channel{TeamId: d.Team, Name: name, DisplayName: name, Type: model.ChannelTypePrivate})
	}
	if err != nil && status(r) == http.StatusBadRequest { // somebody else's, or archived
		return "", fmt.Errorf("%w: %w", bot.ErrNotGranted, outcome("channels", r, err))
	}
	if err != nil {
		return "", granted("channels", r, err)
	}
	if c.CreatorId != self {
		return "", fmt.Errorf("%w: mattermost: the channel %s is somebody else's", bot.ErrNotGranted, name)
	}
	return c.Id, nil
}

// Invite implements bot.RoomMaker. One who is there stays there.
func (d *Door) Invite(ctx context.Context, channel, user string) error {
	_, r, err := d.api.AddChannelMember(ctx, channel, user)
	switch status(r) {
	case http.StatusNotFound, http.StatusBadRequest: // nobody whom the team has
		return fmt.Errorf("%w: %w", bot.ErrNotGranted, outcome("channel members", r, err))
	}
	if err != nil {
		return granted("channel members", r, err)
	}
	return nil
}

// Pin implements bot.RoomMaker.
func (d *Door) Pin(ctx context.Context, _, post string) error {
	r, err := d.api.PinPost(ctx, post)
	if err != nil {
		return granted("pin", r, err)
	}
	return nil
}

func status(r *model.Response) int {
	if r == nil {
		return 0
	}
	return r.StatusCode
}

// granted is the error of a call that a team's permissions may keep to its own people.
func granted(call string, r *model.Response, err error) error {
	if status(r) == http.StatusForbidden {
		return fmt.Errorf("%w: %w", bot.ErrNotGranted, outcome(call, r, err))
	}
	return outcome(call, r, err)
}

var _ bot.RoomMaker = (*Door)(nil)
