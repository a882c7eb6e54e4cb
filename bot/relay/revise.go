package relay

import (
	"context"
	"errors"

	"guichet/bot"
	"guichet/helpdesk"
	"guichet/store"
)

// revise changes what told of a message, or takes it away. What is gone already is not missed, and to do
// it once more is harmless.
func (r *Relay) revise(ctx context.Context, door bot.Door, d store.Delivery, brief helpdesk.Brief) error {
	for _, p := range brief.Posts {
		if err := r.reviseOne(ctx, door, d, brief, p); err != nil && !errors.Is(err, bot.ErrGone) {
			return err
		}
	}
	if up, ok := door.(bot.Uploader); ok && d.Kind == helpdesk.TellDeletion {
		for _, id := range brief.Uploads {
			if err := up.Unshare(ctx, id); err != nil && !errors.Is(err, bot.ErrGone) {
				return err
			}
		}
	}
	return nil
}

func (r *Relay) reviseOne(ctx context.Context, door bot.Door, d store.Delivery, brief helpdesk.Brief, p store.Post) error {
	receipt := p.Kind == helpdesk.TellReceipt
	switch {
	case d.Kind == helpdesk.TellOutcome && !receipt && d.Person != 0,
		d.Kind != helpdesk.TellOutcome && receipt:
		return nil
	case d.Kind == helpdesk.TellDeletion && d.Person != 0:
		if eraser, ok := door.(bot.Eraser); ok {
			return eraser.Delete(ctx, p.Channel, p.External.ID)
		}
	}
	as := d
	as.Kind, as.Part = p.Kind, p.Part
	c, err := r.bot.Compose(as, brief)
	if err != nil {
		return err
	}
	return door.Update(ctx, p.Channel, p.External.ID, c, d.ID)
}
