package relay

import (
	"context"
	"fmt"
	"time"

	"guichet/bot"
	"guichet/helpdesk"
	"guichet/store"
)

// clockSlack is how far the platform's clock, which dates what was posted, may be behind ours.
const clockSlack = 5 * time.Minute

// onBehalf is the id under which a card is posted for a delivery that found none: the delivery's own
// is for the delivery.
func onBehalf(id store.DeliveryID) store.DeliveryID { return -id }

// find looks whether a delivery was posted by an earlier worker, which died or never got its answer.
// posted is the thread that it began, if it began one. A door that can't look finds nothing.
func (r *Relay) find(ctx context.Context, d store.Delivery) (posted told, found bool, err error) {
	door, _ := r.bot.Door(d.Workspace)
	finder, ok := door.(bot.Finder)
	if !ok {
		return told{}, false, nil
	}
	brief, err := r.desk.Brief(ctx, d)
	if err != nil {
		return told{}, false, err
	}
	if err := r.moved(&brief, d); err != nil {
		return told{}, false, err
	}
	since := d.CreatedAt.Add(-clockSlack)
	switch d.Kind {
	case helpdesk.TellMoved, helpdesk.TellEdit, helpdesk.TellDeletion, helpdesk.TellOutcome, helpdesk.TellFetch, helpdesk.TellFile:
		return told{}, false, nil // to do it once more is harmless
	}
	begins := d.Kind == helpdesk.TellCard || d.Kind == helpdesk.TellChannel
	if !begins && brief.Card.Root != "" {
		id, err := finder.Find(ctx, brief.Card.Channel, brief.Card.Root, d.ID, since)
		if id != "" || err != nil {
			return told{post: postOf(d, brief.Card.Channel, id)}, id != "", doubt(err)
		}
	}
	channel, err := r.channel(ctx, door, d, brief)
	if err != nil {
		return told{}, false, err
	}
	id := d.ID
	if !begins {
		id = onBehalf(id) // where the card was gone, a new one was posted first
	}
	root, err := finder.Find(ctx, channel, "", id, since)
	if root == "" || err != nil {
		return told{}, false, doubt(err)
	}
	th := &store.Thread{Ticket: d.Ticket, Lane: d.Lane, IsCard: d.Kind != helpdesk.TellChannel,
		Workspace: d.Workspace, Channel: channel, Root: root}
	if begins {
		return told{began: th}, true, nil
	}
	return told{}, false, r.desk.Link(ctx, *th) // and now the delivery itself goes below it
}

func doubt(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("relay: whether it was posted can't be looked up: %w", err)
}
