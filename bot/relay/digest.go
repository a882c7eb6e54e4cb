package relay

import (
	"context"

	"guichet/bot"
	"guichet/helpdesk"
	"guichet/store"
)

// digest tells a queue of itself, unless there is nothing to tell.
func (r *Relay) digest(ctx context.Context, door bot.Door, d store.Delivery) error {
	g, err := privately(ctx, r, func() (helpdesk.Digest, error) { return r.desk.Digest(ctx, d) },
		func(g helpdesk.Digest) (string, bool) { return g.Queue.Key, g.Private })
	if err != nil || g.Empty() {
		return err
	}
	channel := g.Queue.Place.Channel
	_, err = r.postOnce(ctx, door, d, channel, func() (string, error) { return door.Post(ctx, channel, "", r.bot.DigestCard(g), d.ID) })
	return err
}
