package slack

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"guichet/bot"
)

// Message implements bot.Reader. conversations.replies shows any message by its own ts, in a thread or not;
// conversations.history would not show an answer in a thread.
func (d *Door) Message(ctx context.Context, channel, ts string) (bot.Quoted, error) {
	page, _, _, err := d.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
		ChannelID: channel, Timestamp: ts, Oldest: ts, Latest: ts, Inclusive: true, Limit: 1})
	if err != nil {
		err = fmt.Errorf("slack: conversations.replies: %w", outcome(err))
		if Answered(err) && !unsure(err) { // Slack won't show it, now or later
			err = fmt.Errorf("%w: %w", bot.ErrGone, err)
		}
		return bot.Quoted{}, err
	}
	i := slices.IndexFunc(page, func(m slack.Message) bool { return m.Timestamp == ts && m.SubType != "tombstone" })
	if i < 0 {
		return bot.Quoted{}, fmt.Errorf("%w: it is not where it was", bot.ErrGone)
	}
	q := d.quoted(payloadOf(page[i]), ts)
	q.At = writtenAt(ts)
	return q, nil
}

// writtenAt is the instant that Slack's name for a message is.
func writtenAt(ts string) time.Time {
	seconds, rest, _ := strings.Cut(ts, ".")
	s, _ := strconv.ParseInt(seconds, 10, 64)
	us, _ := strconv.ParseInt(rest, 10, 64)
	return time.Unix(s, us*1000)
}

// payloadOf is a message of the Web API as it would come in an event.
func payloadOf(m slack.Message) messagePayload {
	p := messagePayload{Subtype: m.SubType, User: m.User, BotID: m.BotID, Text: m.Text, TS: m.Timestamp, ThreadTS: m.ThreadTimestamp}
	for _, f := range m.Files {
		p.Files = append(p.Files, filePayload{ID: f.ID, Name: f.Name, Mimetype: f.Mimetype, Size: int64(f.Size), URL: f.URLPrivateDownload, Mode: f.Mode})
	}
	return p
}

// Permalink implements bot.Linker.
func (d *Door) Permalink(ctx context.Context, channel, ts string) (string, error) {
	link, err := d.api.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: channel, Ts: ts})
	if err != nil {
		return "", fmt.Errorf("slack: chat.getPermalink: %w", outcome(err))
	}
	return clean(link), nil
}

var (
	_ bot.Reader = (*Door)(nil)
	_ bot.Linker = (*Door)(nil)
)
