package relay

import (
	"context"
	"fmt"

	"guichet/bot"
	"guichet/store"
)

// digest tells a queue of itself, unless there is nothing to tell.
func (r *Relay) digest(ctx context.Context, door bot.Door, d store.Delivery) error {
	g, err := r.desk.Digest(ctx, d)
	if err == nil && !g.Private && r.bot.LookAgain(ctx, g.Queue.Key) {
		g, err = r.desk.Digest(ctx, d)
	}
	switch {
	case err != nil:
		return bot.Because("database", err)
	case !g.Private:
		return bot.Because("not_private", fmt.Errorf("relay: the channel of queue %q is not known to be private", g.Queue.Key))
	case g.Empty():
		return nil
	}
	channel := g.Queue.Place.Channel
	_, err = r.postOnce(ctx, door, d, channel, func() (string, error) { return door.Post(ctx, channel, "", r.bot.DigestCard(g), d.ID) })
	return err
}
