package relay

import (
	"context"
	"errors"
	"fmt"

	"guichet/bot"
	"guichet/helpdesk"
	"guichet/store"
)

// room makes the place where the desk works on a major incident, brings people into it who have come since, or tells a message there.
// Where guichet may make no channel, or the platform has none, that is the thread of the incident's card, which everybody in the
// queue's channel sees.
func (r *Relay) room(ctx context.Context, door bot.Door, d store.Delivery) error {
	room, err := privately(ctx, r, func() (helpdesk.Room, error) { return r.desk.Room(ctx, d) },
		func(room helpdesk.Room) (string, bool) { return room.Queue.Key, room.Private })
	channel := room.Incident.Channel
	switch {
	case err != nil || room.Message.Deleted() || room.Incident.Root != "": // in a thread all is told already
		return err
	case d.Message != 0 && channel == "":
		return nil
	case d.Message != 0:
		_, err := r.postOnce(ctx, door, d, channel, func() (string, error) {
			return door.Post(ctx, channel, "", r.bot.SummaryCard(room), d.ID)
		})
		return err
	}
	maker, ok := door.(bot.RoomMaker)
	if channel != "" {
		return r.invite(ctx, maker, channel, room.Members)
	}
	if ok {
		channel, err = maker.MakeRoom(ctx, bot.RoomName(room.Ticket))
	}
	if !ok || errors.Is(err, bot.ErrNotGranted) {
		return r.roomInThread(ctx, maker, room)
	}
	if err != nil {
		return err
	}
	if err := r.invite(ctx, maker, channel, room.Members); err != nil {
		return err
	}
	first, err := r.postOnce(ctx, door, d, channel, func() (string, error) { return door.Post(ctx, channel, "", r.bot.RoomCard(room), d.ID) })
	if err != nil {
		return err
	}
	if err = r.pin(ctx, maker, channel, first); err == nil {
		err = r.setRoom(ctx, room, store.Place{Workspace: d.Workspace, Channel: channel}, "")
	}
	if err != nil { // the first message is there: the next worker must find it
		return fmt.Errorf("%w: %w", bot.ErrUnsure, err)
	}
	return nil
}

// invite brings people into a channel. Whoever can't be brought in keeps nobody else out.
func (r *Relay) invite(ctx context.Context, maker bot.RoomMaker, channel string, accounts []string) error {
	if maker == nil { // the platform has changed since
		return nil
	}
	var errs []error
	for _, account := range accounts {
		err := maker.Invite(ctx, channel, account)
		if errors.Is(err, bot.ErrNotGranted) {
			r.log.Warn("somebody is not brought into the channel of a major incident", "account", account, "error", err)
			continue
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (r *Relay) roomInThread(ctx context.Context, maker bot.RoomMaker, room helpdesk.Room) error {
	if room.Card.Root == "" {
		return bot.Because("no_card", errors.New("relay: the incident's card is not posted yet"))
	}
	if err := r.pin(ctx, maker, room.Card.Channel, room.Card.Root); err != nil {
		return err
	}
	return r.setRoom(ctx, room, store.Place{Workspace: room.Card.Workspace, Channel: room.Card.Channel}, room.Card.Root)
}

func (r *Relay) setRoom(ctx context.Context, room helpdesk.Room, p store.Place, root string) error {
	return because("database", r.desk.SetRoom(ctx, room.Ticket.ID, p, root))
}

// pin pins a message where that can be done: nobody misses anything but the pin.
func (r *Relay) pin(ctx context.Context, maker bot.RoomMaker, channel, message string) error {
	if maker == nil {
		return nil
	}
	err := maker.Pin(ctx, channel, message)
	if errors.Is(err, bot.ErrNotGranted) || errors.Is(err, bot.ErrGone) {
		r.log.Warn("a message is not pinned", "error", err)
		return nil
	}
	return err
}

// postOnce posts for a delivery that is in no conversation of a ticket, unless an earlier worker did and died.
func (r *Relay) postOnce(ctx context.Context, door bot.Door, d store.Delivery, channel string, post func() (string, error)) (string, error) {
	if id, err := postedBefore(ctx, door, d, channel); id != "" || err != nil {
		return id, err
	}
	return post()
}

// postedBefore is what an earlier worker has posted in a channel for a delivery; empty: it did not, or nobody can tell.
func postedBefore(ctx context.Context, door bot.Door, d store.Delivery, channel string) (string, error) {
	finder, ok := door.(bot.Finder)
	if !ok || !d.Doubtful() {
		return "", nil
	}
	id, err := finder.Find(ctx, channel, "", d.ID, d.CreatedAt.Add(-clockSlack))
	if err != nil {
		return "", doubt(err)
	}
	return id, nil
}
