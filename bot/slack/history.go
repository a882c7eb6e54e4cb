package slack

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"guichet/bot"
	"guichet/store"
)

// deliveryMetadata is the type of the metadata by which a post is found again; its payload has the
// delivery's id.
const deliveryMetadata = "guichet_delivery"

// historyPage is how many messages are read at once: as many as Slack advises at most.
const historyPage = 200

// Find implements bot.Finder.
func (d *Door) Find(ctx context.Context, channel, root string, id store.DeliveryID, since time.Time) (found string, err error) {
	self, err := d.Self(ctx)
	if err != nil {
		return "", err
	}
	want := strconv.FormatInt(int64(id), 10)
	err = d.read(ctx, channel, root, timestamp(since), func(m slack.Message) bool {
		if m.User == self && m.Metadata.EventType == deliveryMetadata && m.Metadata.EventPayload["id"] == want {
			found = m.Timestamp
		}
		return found == ""
	})
	if errors.Is(err, bot.ErrGone) { // the thread itself is no more
		return "", nil
	}
	return found, err
}

// read goes through the messages of a channel or, with root, of the thread below that message, since
// an instant, until more says that it is enough.
func (d *Door) read(ctx context.Context, channel, root, oldest string, more func(slack.Message) bool) error {
	cursor := ""
	for {
		messages, next, err := d.readPage(ctx, channel, root, oldest, cursor)
		if err != nil {
			return err
		}
		for _, m := range messages {
			if !more(m) {
				return nil
			}
		}
		if next == "" {
			return nil
		}
		cursor = next
	}
}

// Missed implements bot.Hearer.
func (d *Door) Missed(ctx context.Context, channel, root string, since time.Time) (missed []bot.Request, err error) {
	self, err := d.Self(ctx)
	if err != nil {
		return nil, err
	}
	err = d.read(ctx, channel, root, timestamp(since), func(m slack.Message) bool {
		var p eventPayload
		p.TeamID = d.Team
		e := &p.Event
		e.Type, e.Team, e.ParentUser, e.Channel = "message", m.Team, m.ParentUserId, channel
		e.messagePayload = payloadOf(m)
		if strings.HasPrefix(channel, "D") {
			e.ChannelType = "im"
		}
		in, err := complete(d.event(p, self))
		if err == nil && in.request.Post != nil && in.request.Post.Root == root { // not the root itself
			missed = append(missed, in.request)
		}
		return true
	})
	if Answered(err) && !unsure(err) && !Hopeless(err) { // Slack won't show this one, now or later
		err = fmt.Errorf("%w: %w", bot.ErrGone, err)
	}
	return missed, err
}

// Hearing implements bot.Hearer. Slack sends again at once, after a minute and after five, and shows 50
// conversations a minute (tier 3).
func (d *Door) Hearing() bot.Hearing {
	return bot.Hearing{Resends: 5 * time.Minute, Pace: 1300 * time.Millisecond}
}

func (d *Door) readPage(ctx context.Context, channel, root, oldest, cursor string) ([]slack.Message, string, error) {
	if root != "" {
		messages, _, next, err := d.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
			ChannelID: channel, Timestamp: root, Oldest: oldest, Cursor: cursor, Limit: historyPage, IncludeAllMetadata: true})
		if err != nil {
			err = fmt.Errorf("slack: conversations.replies: %w", outcome(err))
		}
		return messages, next, err
	}
	page, err := d.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
		ChannelID: channel, Oldest: oldest, Cursor: cursor, Limit: historyPage, IncludeAllMetadata: true})
	if err != nil {
		return nil, "", fmt.Errorf("slack: conversations.history: %w", outcome(err))
	}
	return page.Messages, page.ResponseMetaData.NextCursor, nil
}

// timestamp is an instant as Slack writes it, to the microsecond.
func timestamp(t time.Time) string {
	return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000)
}

var (
	_ bot.Finder       = (*Door)(nil)
	_ bot.ThreadReader = (*Door)(nil)
)
