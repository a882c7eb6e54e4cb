package relay

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"guichet/bot"
	"guichet/bot/card"
	"guichet/store"
)

// notice tells one person something that is of no ticket, once, or has what has told it say how that is now.
func (r *Relay) notice(ctx context.Context, door bot.Door, d store.Delivery) error {
	n, err := r.bot.Notice(ctx, d)
	if err != nil {
		return bot.Because("database", err)
	}
	if n.Told != nil {
		return r.draw(ctx, door, d, *n.Told, card.Card{})
	}
	if n.Over && (n.Account == "" || !d.Doubtful()) {
		return nil
	}
	if writer, ok := door.(bot.Correspondent); ok {
		if n.Over || n.Letter == nil || n.Letter.To == "" { // they have no address: the chat has told them
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
	id, err := postedBefore(ctx, door, d, channel)
	if err != nil || id == "" && n.Over {
		return err
	}
	shown := card.Card{} // by an earlier worker: nobody knows
	if id == "" {
		if id, err = door.Post(ctx, channel, "", n.Card, d.ID); err != nil {
			return err
		}
		shown = n.Card
	}
	as := store.External{Workspace: d.Workspace, Channel: channel, ID: id}
	d, changes, err := r.bot.NoticeTold(ctx, d, as)
	if changes && err == nil {
		err = r.draw(ctx, door, d, as, shown)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", bot.ErrUnsure, err) // it is there: the next worker must find it
	}
	return nil
}

// mostDrawn is how often in a row a message may have become another while it was drawn.
const mostDrawn = 5

// draw has the message that told a notice show how that is now, until it does: what it tells of may change meanwhile, and other deliveries may
// draw it too. shown is what it shows as yet.
func (r *Relay) draw(ctx context.Context, door bot.Door, d store.Delivery, as store.External, shown card.Card) error {
	for range mostDrawn {
		n, err := r.bot.Notice(ctx, d)
		if err != nil {
			return bot.Because("database", err)
		}
		if reflect.DeepEqual(n.Card, card.Card{}) || reflect.DeepEqual(n.Card, shown) {
			return nil
		}
		if err := door.Update(ctx, as.Channel, as.ID, n.Card, d.ID); err != nil {
			if errors.Is(err, bot.ErrGone) {
				return nil
			}
			return err
		}
		shown = n.Card
	}
	return nil
}
