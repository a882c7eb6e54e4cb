package relay

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"guichet/bot"
	"guichet/helpdesk"
	"guichet/store"
)

// mostPictures is how often a picture is tried to be sent, with the usual pauses: for an hour. Its figures were told in words, or whoever asked asks again.
const mostPictures = 20

// errGivenUp is the outcome of a delivery that is not tried any more. An operator finds it among what was not delivered.
var errGivenUp = errors.New("relay: given up")

// giveUp is what becomes of a picture, or another file that somebody asked for, that could not be sent.
func giveUp(d store.Delivery, err error) error {
	if busy := (*bot.Busy)(nil); err != nil && d.Attempts+1 >= mostPictures && !errors.As(err, &busy) {
		return fmt.Errorf("%w: %w", errGivenUp, err)
	}
	return err
}

// picture sends statistics as a picture: to a queue's channel, or to whoever asked for it.
func (r *Relay) picture(ctx context.Context, door bot.Door, d store.Delivery) error {
	p, err := privately(ctx, r, func() (helpdesk.Picture, error) { return r.desk.Picture(ctx, d) },
		func(p helpdesk.Picture) (string, bool) { queue := unknown(d, p); return queue, queue == "" })
	if err != nil || p.Over || r.desk.Catalog().Files.Off {
		return err
	}
	channel := p.Channel
	if d.Person != 0 {
		if channel, err = door.DirectChannel(ctx, p.Account.ID); err != nil {
			return err
		}
	}
	drawn, err := r.bot.Draw(p)
	if err != nil {
		return bot.Because("not_drawn", err)
	}
	return r.share(ctx, door, parcel{uploaded: d.Upload, name: drawn.Name, words: drawn.Words, channel: channel,
		upload: func(ctx context.Context, up bot.Uploader) (string, error) {
			return up.Upload(ctx, channel, drawn.Name, drawn.Alt, int64(len(drawn.PNG)), bytes.NewReader(drawn.PNG))
		},
		note: func(ctx context.Context, id string) error { return r.desk.NoteUpload(ctx, d, id) }})
}

// unknown is the queue of whose channel something must be looked up before a picture goes out.
func unknown(d store.Delivery, p helpdesk.Picture) string {
	if !p.Private && !p.Over {
		return p.Part.Queue
	}
	return p.Unsure
}
