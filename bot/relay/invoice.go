package relay

import (
	"bytes"
	"context"
	"errors"
	"io"

	"guichet/bot"
	"guichet/store"
)

// invoice sends an invoice, or what was consumed, as a file to whoever asked for it, if they may still have it.
func (r *Relay) invoice(ctx context.Context, door bot.Door, d store.Delivery) error {
	f, err := r.bot.InvoiceFile(ctx, d)
	if err != nil || f.Over || r.desk.Catalog().Files.Off {
		return because("not_made", err)
	}
	channel, err := door.DirectChannel(ctx, f.Account)
	if err != nil {
		return err
	}
	return r.share(ctx, door, parcel{uploaded: d.Upload, name: f.Name, words: f.Words, channel: channel,
		upload: func(ctx context.Context, up bot.Uploader) (string, error) {
			from, size, err := r.open(ctx, f)
			if err != nil {
				return "", bot.Because("files", err)
			}
			defer func() { _ = from.Close() }()
			return up.Upload(ctx, channel, f.Name, f.Alt, size, from)
		},
		note: func(ctx context.Context, id string) error { return r.desk.NoteUpload(ctx, d, id) }})
}

// open reads a file, wherever its bytes are.
func (r *Relay) open(ctx context.Context, f bot.File) (io.ReadCloser, int64, error) {
	switch {
	case f.Kept == "":
		return io.NopCloser(bytes.NewReader(f.Bytes)), int64(len(f.Bytes)), nil
	case r.Files == nil:
		return nil, 0, errors.New("relay: no place for files is configured")
	}
	return r.Files.Open(ctx, f.Kept)
}
