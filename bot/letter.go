package bot

import (
	"context"
	"io"
	"time"

	"guichet/bot/card"
	"guichet/store"
)

// Correspondent is a Door that writes letters: what it tells of a ticket stands by itself, with the history
// below it, and can't be changed afterwards.
type Correspondent interface {
	// Write sends a letter. id makes it known again: one that is written twice for a delivery is the same letter.
	Write(ctx context.Context, l Letter, id store.DeliveryID) error
}

// Letter is what one person is written.
type Letter struct {
	To        string         // their address
	Name      string         // what they are called
	Language  string         // "en" or "fr"
	Queue     string         // on whose behalf; empty: the desk's as a whole
	Ticket    store.TicketID // whose conversation it belongs to; zero: none, and nobody can answer
	Person    store.PersonID // to whom it is written: who answers it answers for them
	Subject   string
	Card      card.Card // what it says
	Earlier   []Earlier // what was said before, latest first
	Answers   []string  // the ids of the mails that it goes on from, as their senders gave them, the latest last
	Automatic bool      // nobody wrote it
	File      *Enclosure
	Date      time.Time // when that came to be told of
}

// Earlier is something said before.
type Earlier struct {
	Who  string
	When string // in the reader's way
	Body string
}

// Enclosure is a file that goes with a letter.
type Enclosure struct {
	Name, Type string
	Size       int64
	Open       func(ctx context.Context) (io.ReadCloser, error)
}
