// Package mail is the door to people's mailboxes. It writes letters (bot.Correspondent), and takes in what is
// written to the addresses of queues, or in answer to its letters. How mails are carried and read is in wire
// and letter; what they mean is helpdesk's.
package mail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/mail"
	"strings"
	"time"

	"guichet/bot"
	"guichet/bot/card"
	"guichet/bot/mail/letter"
	"guichet/bot/mail/wire"
	"guichet/helpdesk"
	"guichet/store"
	"guichet/store/blob"
)

// Options are what a door needs.
type Options struct {
	From      string // the address of the desk as a whole
	Server    Server
	Secrets   []string // sign the addresses that people answer to, and links: the first does, all are accepted
	Link      string   // where people's browsers reach ServeHTTP
	Listening Listening
	Mailbox   Mailbox
	Trust     []string   // whose Authentication-Results are believed (letter.Options)
	Hourly    int        // how many mails of one sender are taken in within an hour
	Largest   int64      // bytes of a mail that is taken in
	Files     blob.Place // where mails are kept as they came; nil: they are not
	Log       *slog.Logger
	Handled   func(kind string, took time.Duration, err error) // of each mail that came, for metrics; may be nil
}

// Door is the door.
type Door struct {
	Options
	catalog *helpdesk.Catalog
	desk    Desk
}

// Desk takes in mails, and the word of those who confirm an address.
type Desk interface {
	Asked(ctx context.Context, id store.ConfirmationID) (helpdesk.Asked, error)
	Confirm(ctx context.Context, id store.ConfirmationID) (helpdesk.Asked, error)
	Receive(ctx context.Context, l helpdesk.Letter, hourly int) (helpdesk.Spoken, error)
}

// New returns a door over a desk.
func New(o Options, catalog *helpdesk.Catalog, desk Desk) *Door {
	return &Door{Options: o, catalog: catalog, desk: desk}
}

// Workspace is that of all addresses.
func (d *Door) Workspace() string { return helpdesk.Mail }

// Profile knows nothing but the address.
func (d *Door) Profile(_ context.Context, account string) (bot.Profile, error) {
	return bot.Profile{Name: account}, nil
}

// errNoChat is what becomes of all that needs a channel or a card.
var errNoChat = bot.Because("no_chat", errors.New("mail has neither channels nor cards"))

// Members is not for mail.
func (d *Door) Members(context.Context, string) ([]string, error) { return nil, errNoChat }

// DirectChannel is the address itself.
func (d *Door) DirectChannel(_ context.Context, account string) (string, error) { return account, nil }

// Post is not for mail: see Write.
func (d *Door) Post(context.Context, string, string, card.Card, store.DeliveryID) (string, error) {
	return "", errNoChat
}

// Update is not for mail.
func (d *Door) Update(context.Context, string, string, card.Card, store.DeliveryID) error {
	return errNoChat
}

// Write sends a letter.
func (d *Door) Write(ctx context.Context, l bot.Letter, id store.DeliveryID) (string, error) {
	m, err := d.compose(ctx, l, id)
	if err != nil {
		return "", err
	}
	return m.MessageID, outcome(d.server().Send(ctx, m))
}

// outcome turns a failure of the wire into one of a door.
func outcome(err error) error {
	if err == nil {
		return nil
	}
	kind, reason := err, cmp.Or(wire.Reason(err), "other")
	var sent *wire.SendError
	switch refused := errors.As(err, &sent) && errors.Is(err, wire.ErrRefused); {
	case errors.Is(err, wire.ErrUnsure):
		kind = fmt.Errorf("%w: %w", bot.ErrUnsure, err)
	case refused && sent.Step == "rcpt" && !strings.HasPrefix(sent.Status, "5.7."): // it is the recipient's address
		kind = fmt.Errorf("%w: %w", bot.ErrReturned, err)
		reason = strings.TrimSpace(fmt.Sprintf("%d %s", sent.Code, sent.Status))
	case refused: // it is us, or the mail: an operator may mend that
		kind = fmt.Errorf("%w: %w", bot.ErrBadCard, err)
	}
	return bot.Because(reason, kind)
}

// sender is from whom a letter comes: the queue, by its address and name.
func (d *Door) sender(queue, language string) mail.Address {
	q, ok := d.catalog.Queue(queue)
	if !ok {
		return mail.Address{Address: d.From}
	}
	return mail.Address{Name: q.Name(language), Address: cmp.Or(q.Mail, d.From)}
}

// Fetch copies a file out of the mail that it came with.
func (d *Door) Fetch(ctx context.Context, f helpdesk.FileRef, to io.Writer, most int64) (int64, error) {
	key, n, err := parseFileID(f.ID)
	if err != nil || d.Files == nil {
		return 0, bot.ErrGone
	}
	raw, _, err := d.Files.Open(ctx, key)
	if err != nil {
		return 0, bot.Because("files", err)
	}
	defer func() { _ = raw.Close() }()
	l, err := letter.Read(raw, letter.Options{})
	var data []byte
	switch {
	case err == nil && n == wholeText:
		data = []byte(l.Words)
	case err == nil && n < len(l.Files):
		data = l.Files[n].Data
	default:
		return 0, bot.ErrGone
	}
	if int64(len(data)) > most {
		return 0, bot.ErrTooLarge
	}
	size, err := to.Write(data)
	return int64(size), err
}

// wholeText is in the place of a file the text of a mail.
const wholeText = 1 << 20

// fileID names a file of a mail: under which key that is, and which of its files it is.
func fileID(key string, n int) string { return fmt.Sprintf("%s/%d", key, n) }

func parseFileID(id string) (key string, n int, err error) {
	i := strings.LastIndexByte(id, '/')
	if i < 0 {
		return "", 0, errors.New("mail: not the id of a file")
	}
	_, err = fmt.Sscanf(id[i+1:], "%d", &n)
	return id[:i], max(n, 0), err
}
