package relay

import (
	"context"
	"errors"

	"guichet/bot"
	"guichet/store"
)

// notice tells one person something that is of no ticket, once.
func (r *Relay) notice(ctx context.Context, door bot.Door, d store.Delivery) error {
	n, err := r.bot.Notice(ctx, d)
	if err != nil {
		return bot.Because("database", err)
	}
	if n.Over {
		return nil
	}
	if writer, ok := door.(bot.Correspondent); ok {
		if n.Letter == nil || n.Letter.To == "" { // they have no address: the chat has told them
			return nil
		}
		_, err := writer.Write(ctx, *n.Letter, d.ID)
		if errors.Is(err, bot.ErrReturned) { // likewise
			r.log.Warn("a mail was refused", "delivery", d.ID, "error", err)
			return nil
		}
		return err
	}
	channel, err := door.DirectChannel(ctx, n.Account)
	if err != nil {
		return err
	}
	_, err = r.postOnce(ctx, door, d, channel, func() (string, error) { return door.Post(ctx, channel, "", n.Card, d.ID) })
	return err
}
