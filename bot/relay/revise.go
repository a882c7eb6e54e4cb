package relay

import (
	"context"
	"errors"
	"fmt"

	"guichet/bot"
	"guichet/helpdesk"
	"guichet/store"
)

// revise changes what told of a message, or takes it away. What is gone already is not missed, and to do
// it once more is harmless.
func (r *Relay) revise(ctx context.Context, door bot.Door, d store.Delivery, brief helpdesk.Brief) error {
	for _, p := range brief.Posts {
		if err := r.reviseOne(ctx, d, brief, p); err != nil && !errors.Is(err, bot.ErrGone) {
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

func (r *Relay) reviseOne(ctx context.Context, d store.Delivery, brief helpdesk.Brief, p store.Post) error {
	receipt := p.Kind == helpdesk.TellReceipt
	behind := r.behind(d, brief, p)
	switch {
	case d.Kind == helpdesk.TellOutcome && !receipt && d.Person != 0,
		d.Kind != helpdesk.TellOutcome && receipt:
		return nil
	case behind && !receipt && !brief.Message.Deleted():
		return nil // what was written since is not for those in the channel that the ticket has left
	}
	door, ok := r.bot.Door(p.Workspace)
	switch {
	case !ok && behind:
		return nil // nobody reads there any more
	case !ok:
		return bot.Because("no_workspace", fmt.Errorf("relay: workspace %s is not configured", p.Workspace))
	}
	if eraser, ok := door.(bot.Eraser); ok && d.Kind == helpdesk.TellDeletion && d.Person != 0 {
		return eraser.Delete(ctx, p.Channel, p.External.ID)
	}
	as := d
	as.Kind, as.Part = p.Kind, p.Part
	c, err := r.bot.Compose(as, brief)
	if err != nil {
		return err
	}
	err = door.Update(ctx, p.Channel, p.External.ID, c, d.ID)
	if behind && givesUp(d, err) {
		return nil
	}
	return err
}

// behind says whether a post at the desk is not where the ticket's queue is now: the ticket, or the queue,
// was moved since.
func (r *Relay) behind(d store.Delivery, brief helpdesk.Brief, p store.Post) bool {
	q, _ := r.desk.Catalog().Queue(brief.Ticket.Queue)
	return d.Person == 0 && q.Place != (store.Place{Workspace: p.Workspace, Channel: p.Channel})
}

// triesBehind is how often what concerns a channel that a ticket has left is tried: it must not keep for
// ever from being told what follows it, in the channel where the ticket is now.
const triesBehind = 5

// givesUp says whether that was tried often enough. A platform that asks to be left alone has not refused.
func givesUp(d store.Delivery, err error) bool {
	busy := (*bot.Busy)(nil)
	return err != nil && d.Attempts+1 >= triesBehind && !errors.As(err, &busy)
}
