package bot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"guichet/bot/card"
	"guichet/helpdesk"
	"guichet/store"
)

// Door is a chat platform's workspace: the small part that every platform has. Ids are opaque;
// only the door that made them looks inside.
type Door interface {
	// Workspace is the door's name in store.Account and store.Place.
	Workspace() string
	// Profile looks a person up at first sight.
	Profile(ctx context.Context, account string) (Profile, error)
	// Members lists who is in a channel. A channel that is not private is refused with ErrPublic:
	// being in it must mean something.
	Members(ctx context.Context, channel string) ([]string, error)
	// DirectChannel returns the channel in which the bot and a person talk alone.
	DirectChannel(ctx context.Context, account string) (string, error)
	// Post sends a card and returns the id of what was posted. root is the message below whose
	// thread it goes, empty for the channel itself. id stays with the message as metadata.
	Post(ctx context.Context, channel, root string, c card.Card, id store.DeliveryID) (string, error)
	// Update replaces a card in place.
	Update(ctx context.Context, channel, message string, c card.Card, id store.DeliveryID) error
}

// Finder is a Door that can look up what it posted.
type Finder interface {
	// Find returns the id of what Post sent for a delivery, since an instant, to a channel or, with
	// root, to the thread below that message; empty when there is none.
	Find(ctx context.Context, channel, root string, id store.DeliveryID, since time.Time) (string, error)
}

// Eraser is a Door that can delete what it posted.
type Eraser interface {
	Delete(ctx context.Context, channel, message string) error
}

// Fetcher is a Door whose people can send files.
type Fetcher interface {
	// Fetch copies a file, of most bytes at the most, and says how many they are.
	Fetch(ctx context.Context, f helpdesk.FileRef, to io.Writer, most int64) (int64, error)
}

// Namer is a Door whose people have names by which others call them, as in "@nina".
type Namer interface {
	// AccountsNamed returns the accounts of those who are called so, by name; whom nobody knows is left out.
	AccountsNamed(ctx context.Context, names []string) (map[string]string, error)
}

// Uploader is a Door that can hand files on, in two steps: what is uploaded is noted before it is shared,
// so that after a crash it is not shared twice.
type Uploader interface {
	// Upload hands the platform a file's bytes, for a channel, and returns its id there. Nobody sees it yet. about says
	// what is to be seen on a picture, where the platform has a place for that; empty: nobody knows.
	Upload(ctx context.Context, channel, name, about string, size int64, from io.Reader) (id string, err error)
	// Unshare deletes what was uploaded, wherever it was shared.
	Unshare(ctx context.Context, id string) error
	// Shared says whether what was uploaded is to be seen in a channel.
	Shared(ctx context.Context, id, channel string) (bool, error)
	// Share shows what was uploaded in a channel, below a message, with some words.
	Share(ctx context.Context, id, name, channel, root, words string) error
}

// Channel is a queue's channel as an operator's check sees it.
type Channel struct {
	Name     string
	Private  bool
	Archived bool
	Member   bool // guichet is in it
	Agents   []string
}

// Profile is what a platform says of a person.
type Profile struct {
	Name     string
	Language string // "en", "fr" or empty when unknown
	Foreign  bool   // of another workspace, met in a shared channel
	Gone     bool   // the account is closed
	Program  bool   // nobody: an app
}

var (
	// ErrPublic is a queue's channel that everyone may enter.
	ErrPublic = errors.New("the channel is public: a queue's channel must be private")
	// ErrGone is a message, to be updated or answered, that no longer exists.
	ErrGone = errors.New("the message is gone")
	// ErrNobody is a person whom the platform can no longer reach: a closed account.
	ErrNobody = errors.New("the person can't be reached")
	// ErrReturned is a letter that its recipient's server refuses for good.
	ErrReturned = errors.New("the letter is returned")
	// ErrUnsure is a post of which the outcome is not known: it may be there all the same.
	ErrUnsure = errors.New("it may have been posted")
	// ErrNoAccess is a file that the platform does not let guichet have.
	ErrNoAccess = errors.New("the platform does not let guichet have the file")
	// ErrTooLarge is a file larger than is wanted.
	ErrTooLarge = errors.New("the file is too large")
	// ErrBadCard is a card that the platform will never accept: our own fault.
	ErrBadCard = errors.New("the platform refuses the card")
)

// because is an error with its reason.
type because struct {
	reason string
	error
}

func (b because) Unwrap() error { return b.error }

// Because gives an error a reason: one word, of which there are few, such as the platform's own code. By
// reasons failures are counted, so that an operator sees what to mend.
func Because(reason string, err error) error { return because{reason, err} }

// Reason returns the reason of an error, in one word.
func Reason(err error) string {
	var b because
	var busy *Busy
	var network net.Error
	switch {
	case errors.As(err, &busy):
		return "rate_limited"
	case errors.As(err, &b):
		return b.reason
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "timeout"
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "unreachable"
	}
	return "other"
}

// Busy is returned by a door whose platform asks to be left alone for a while.
type Busy struct{ For time.Duration }

func (b *Busy) Error() string { return fmt.Sprintf("the platform asks to wait %s", b.For) }
