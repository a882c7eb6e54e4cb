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
func (d *Door) MakeRoom(ctx context.Context, name string) (string, error) {
	made, err := d.api.CreateConversationContext(ctx, slack.CreateConversationParams{ChannelName: name, IsPrivate: true})
	switch {
	case says(err, "name_taken"): // made before a crash
		return d.channelNamed(ctx, name)
	case err != nil:
		return "", granted("conversations.create", err)
	}
	return made.ID, nil
}

// Invite implements bot.RoomMaker, by the same scope. Of several at once, Slack refuses all where one is there already.
func (d *Door) Invite(ctx context.Context, channel, user string) error {
	_, err := d.api.InviteUsersToConversationContext(ctx, channel, user)
	if err == nil || says(err, "already_in_channel") || says(err, "cant_invite_self") {
		return nil
	}
	return granted("conversations.invite", err, "user_not_found", "cant_invite", "ura_max_channels", "org_user_not_in_team",
		"is_archived", "channel_not_found", "not_in_channel")
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

// granted is the error of a call that needs an optional scope, or which the workspace may keep to its own people,
// so that trying again is of no use; besides, by one of these codes.
func granted(method string, err error, codes ...string) error {
	var answer slack.SlackErrorResponse
	if errors.As(err, &answer) && slices.Contains(append(codes, "missing_scope", "restricted_action", "user_is_restricted", "no_permission", "too_many_pins", "permission_denied"), answer.Err) {
		return fmt.Errorf("%w: slack: %s: %s", bot.ErrNotGranted, method, answer.Err)
	}
	return fmt.Errorf("slack: %s: %w", method, outcome(err))
}

var _ bot.RoomMaker = (*Door)(nil)
