package relay

import (
	"context"
	"errors"
	"fmt"

	"guichet/bot"
	"guichet/helpdesk"
	"guichet/store"
)

// room makes the place where the desk works on a major incident, or tells a message there. Where guichet may make no channel, or the
// platform has none, that is the thread of the incident's card, which everybody in the queue's channel sees.
func (r *Relay) room(ctx context.Context, door bot.Door, d store.Delivery) error {
	room, err := r.desk.Room(ctx, d)
	if err == nil && !room.Private && r.bot.LookAgain(ctx, room.Queue.Key) {
		room, err = r.desk.Room(ctx, d)
	}
	switch {
	case err != nil:
		return bot.Because("database", err)
	case !room.Private:
		return bot.Because("not_private", fmt.Errorf("relay: the channel of queue %q is not known to be private", room.Queue.Key))
	case room.Message.Deleted():
		return nil
	case d.Message != 0 && (room.Incident.Channel == "" || room.Incident.Root != ""):
		return nil // it stands in that thread
	case d.Message != 0:
		_, err := r.postOnce(ctx, door, d, room.Incident.Channel, func() (string, error) {
			return door.Post(ctx, room.Incident.Channel, "", r.bot.SummaryCard(room), d.ID)
		})
		return err
	case room.Incident.Channel != "":
		return nil // it was made before
	}
	maker, ok := door.(bot.RoomMaker)
	channel := ""
	if ok {
		channel, err = maker.MakeRoom(ctx, bot.RoomName(room.Ticket), room.Members)
	}
	if !ok || errors.Is(err, bot.ErrNotGranted) {
		return r.roomInThread(ctx, maker, room)
	}
	if err != nil {
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
	if err := r.desk.SetRoom(ctx, room.Ticket.ID, p, root); err != nil {
		return bot.Because("database", err)
	}
	return nil
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
	if finder, ok := door.(bot.Finder); ok && d.Doubtful() {
		id, err := finder.Find(ctx, channel, "", d.ID, d.CreatedAt.Add(-clockSlack))
		if id != "" || err != nil {
			return id, doubt(err)
		}
	}
	return post()
}
