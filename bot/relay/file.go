package relay

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"guichet/bot"
	"guichet/helpdesk"
	"guichet/store"
	"guichet/store/blob"
)

// mostFetches is how often a file is tried to be fetched, with the usual pauses: for some hours.
const mostFetches = 40

// fetch brings a file here from where it was sent, and has it handed on.
func (r *Relay) fetch(ctx context.Context, door bot.Door, d store.Delivery) error {
	f, err := r.desk.FileToFetch(ctx, d.File)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	fetcher, ok := door.(bot.Fetcher)
	if !ok || r.Files == nil {
		return r.refuse(ctx, f, helpdesk.FileFailed)
	}
	switch err := r.bring(ctx, fetcher, &f); {
	case errors.Is(err, bot.ErrTooLarge):
		return r.refuse(ctx, f, helpdesk.FileTooLarge)
	case errors.Is(err, bot.ErrGone):
		return r.refuse(ctx, f, helpdesk.FileGone)
	case errors.Is(err, bot.ErrNoAccess):
		return r.refuse(ctx, f, helpdesk.FileNoAccess)
	case err != nil && d.Attempts+1 >= mostFetches:
		return r.refuse(ctx, f, helpdesk.FileFailed)
	case err != nil:
		return err
	}
	return r.desk.Fetched(ctx, f)
}

func (r *Relay) refuse(ctx context.Context, f store.File, why string) error {
	f.State, f.Reason = store.FileRefused, why
	return r.desk.Fetched(ctx, f)
}

// bring puts a file's bytes into the place for them. How many they are is known once they are here: until
// then they are in a temporary file.
func (r *Relay) bring(ctx context.Context, from bot.Fetcher, f *store.File) error {
	tmp, err := os.CreateTemp("", "guichet-file-")
	if err != nil {
		return fmt.Errorf("relay: %w", err)
	}
	defer func() { _ = tmp.Close(); _ = os.Remove(tmp.Name()) }()
	sum := sha256.New()
	rules := r.desk.Catalog().Files
	ref := helpdesk.FileRef{ID: f.ExternalID, Name: f.Name, Type: f.Type, URL: f.URL, Size: f.Size}
	if f.Size, err = from.Fetch(ctx, ref, io.MultiWriter(tmp, sum), rules.Largest); err != nil {
		return err
	}
	begins := make([]byte, 512)
	n, err := tmp.ReadAt(begins, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("relay: %w", err)
	}
	why := rules.Check(f.Name, f.Size, begins[:n])
	if n == 0 {
		why = helpdesk.FileEmpty
	}
	if why != "" {
		f.State, f.Reason = store.FileRefused, why
		return nil
	}
	if _, err := tmp.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("relay: %w", err)
	}
	f.State, f.Blob, f.SHA256 = store.FileKept, blob.NewKey(), hex.EncodeToString(sum.Sum(nil))
	if err := r.Files.Put(ctx, f.Blob, tmp, f.Size); err != nil {
		return bot.Because("files", err)
	}
	return nil
}

// parcel is a file on its way to a conversation.
type parcel struct {
	uploaded      string // the platform's id of it, if an earlier worker got that far
	upload        func(ctx context.Context, up bot.Uploader) (id string, err error)
	note          func(ctx context.Context, id string) error
	name, words   string
	channel, root string
}

// share shows a file in a conversation, once: that it was uploaded is noted before anybody sees it, and what an earlier worker
// uploaded is shared, unless it is to be seen already.
func (r *Relay) share(ctx context.Context, door bot.Door, p parcel) error {
	up, ok := door.(bot.Uploader)
	if !ok {
		return bot.Because("no_files", errors.New("relay: the platform takes no files"))
	}
	if p.uploaded != "" {
		shared, err := up.Shared(ctx, p.uploaded, p.channel)
		if err != nil || shared {
			return err
		}
		return up.Share(ctx, p.uploaded, p.name, p.channel, p.root, p.words)
	}
	id, err := p.upload(ctx, up)
	if err == nil {
		err = p.note(ctx, id)
	}
	if err != nil {
		return err
	}
	return up.Share(ctx, id, p.name, p.channel, p.root, p.words)
}

// handOn uploads a file into a conversation.
func (r *Relay) handOn(ctx context.Context, door bot.Door, d store.Delivery, brief helpdesk.Brief) error {
	id, err := r.desk.UploadOf(ctx, d)
	if err != nil {
		return err
	}
	words, err := r.bot.Compose(d, brief)
	if err != nil {
		return err
	}
	return r.share(ctx, door, parcel{uploaded: id, name: brief.File.Name, words: words.Text(), channel: brief.Card.Channel, root: brief.Card.Root,
		upload: func(ctx context.Context, up bot.Uploader) (string, error) { return r.upload(ctx, up, brief) },
		note:   func(ctx context.Context, id string) error { return r.desk.SetUpload(ctx, d, id) }})
}

func (r *Relay) upload(ctx context.Context, up bot.Uploader, brief helpdesk.Brief) (id string, err error) {
	if r.Files == nil {
		return "", bot.Because("files", errors.New("relay: no place for files is configured"))
	}
	bytes, size, err := r.Files.Open(ctx, brief.File.Blob)
	if err != nil {
		return "", bot.Because("files", err)
	}
	defer func() { _ = bytes.Close() }()
	return up.Upload(ctx, brief.Card.Channel, brief.File.Name, "", size, bytes)
}
