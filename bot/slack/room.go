package slack

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/slack-go/slack"

	"guichet/bot"
)

// MakeRoom implements bot.RoomMaker. It needs the optional scope groups:write.
func (d *Door) MakeRoom(ctx context.Context, name string, members []string) (string, error) {
	made, err := d.api.CreateConversationContext(ctx, slack.CreateConversationParams{ChannelName: name, IsPrivate: true})
	channel := ""
	switch {
	case says(err, "name_taken"): // made before a crash
		if channel, err = d.channelNamed(ctx, name); err != nil {
			return "", err
		}
	case err != nil:
		return "", granted("conversations.create", err)
	default:
		channel = made.ID
	}
	self, err := d.Self(ctx)
	if err != nil {
		return "", err
	}
	members = slices.DeleteFunc(slices.Clone(members), func(m string) bool { return m == self })
	for _, m := range members { // one by one: of several, Slack refuses all where one is there already
		_, err := d.api.InviteUsersToConversationContext(ctx, channel, m)
		if err != nil && !says(err, "already_in_channel") && !says(err, "user_not_found") && !says(err, "cant_invite") {
			return "", granted("conversations.invite", err)
		}
	}
	return channel, nil
}

// channelNamed finds a private channel that guichet is in, by its name.
func (d *Door) channelNamed(ctx context.Context, name string) (string, error) {
	self, err := d.Self(ctx)
	if err != nil {
		return "", err
	}
	page := slack.GetConversationsParameters{Types: []string{"private_channel"}, Limit: 200, ExcludeArchived: true}
	for {
		channels, next, err := d.api.GetConversationsContext(ctx, &page)
		if err != nil {
			return "", fmt.Errorf("slack: conversations.list: %w", outcome(err))
		}
		for _, c := range channels {
			if c.Name == name && c.IsMember && c.Creator == self { // people may make channels of that name, and bring guichet in
				return c.ID, nil
			}
		}
		if page.Cursor = next; next == "" { // somebody else has a channel of that name
			return "", fmt.Errorf("%w: the name %s is taken", bot.ErrNotGranted, name)
		}
	}
}

// Pin implements bot.RoomMaker. It needs the optional scope pins:write.
func (d *Door) Pin(ctx context.Context, channel, ts string) error {
	err := d.api.AddPinContext(ctx, channel, slack.NewRefToMessage(channel, ts))
	if err == nil || says(err, "already_pinned") {
		return nil
	}
	return granted("pins.add", err)
}

// says says whether Slack answers with a code.
func says(err error, code string) bool {
	var answer slack.SlackErrorResponse
	return errors.As(err, &answer) && answer.Err == code
}

// granted is the error of a call that needs an optional scope, or which the workspace may keep to its own people.
func granted(method string, err error) error {
	for _, code := range []string{"missing_scope", "restricted_action", "user_is_restricted", "no_permission", "too_many_pins", "permission_denied"} {
		if says(err, code) {
			return fmt.Errorf("%w: slack: %s: %s", bot.ErrNotGranted, method, code)
		}
	}
	return fmt.Errorf("slack: %s: %w", method, outcome(err))
}

var _ bot.RoomMaker = (*Door)(nil)
