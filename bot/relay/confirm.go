package relay

import (
	"context"
	"errors"

	"guichet/bot"
	"guichet/helpdesk"
	"guichet/store"
)

// confirm makes a delivery about an address that somebody gave. What has lapsed meanwhile is told to nobody.
func (r *Relay) confirm(ctx context.Context, door bot.Door, d store.Delivery) error {
	a, err := r.desk.AskedBy(ctx, d)
	if errors.Is(err, helpdesk.ErrLapsed) {
		return nil
	}
	if err != nil {
		return bot.Because("database", err)
	}
	if d.Kind == helpdesk.TellConfirm {
		writer, ok := door.(bot.Correspondent)
		if !ok {
			return bot.Because("no_mail", errors.New("relay: mail is not configured"))
		}
		_, err := writer.Write(ctx, bot.ConfirmLetter(a, d.CreatedAt), d.ID)
		if errors.Is(err, bot.ErrReturned) { // who gave it sees that nothing comes
			r.log.Warn("a mail was refused", "delivery", d.ID, "error", err)
			return nil
		}
		return err
	}
	channel, err := door.DirectChannel(ctx, a.Account.ID)
	if err != nil {
		return err
	}
	_, err = r.postOnce(ctx, door, d, channel, func() (string, error) { return door.Post(ctx, channel, "", bot.ConfirmedCard(a, d.Kind), d.ID) })
	return err
}
