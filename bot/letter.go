package bot

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/markup"
	"guichet/store"
)

// Correspondent is a Door that writes letters: what it tells of a ticket stands by itself, with the history
// below it, and can't be changed afterwards.
type Correspondent interface {
	// Write sends a letter and returns its id. The same letter for the same delivery is one, however often it is sent.
	// One that its recipient's server refuses for good is ErrReturned.
	Write(ctx context.Context, l Letter, id store.DeliveryID) (string, error)
}

// Presence is a Door that knows who is there.
type Presence interface {
	// Away says whether a person is not there to read what comes.
	Away(ctx context.Context, account string) (bool, error)
}

// Letter is what one person is written.
type Letter struct {
	To        string         // their address
	Name      string         // what they are called
	Language  string         // "en" or "fr"
	Queue     string         // on whose behalf; empty: the desk's as a whole
	Ticket    store.TicketID // whose conversation it belongs to; zero: none, and nobody can answer
	Called    string         // what that ticket is called
	Opened    time.Time      // when that began
	Person    store.PersonID // to whom it is written: who answers it answers for them
	Subject   string
	Card      card.Card           // what it says; its body is what somebody wrote
	Earlier   []Earlier           // what was said before, the latest first
	Answers   []string            // the ids of their mails that it goes on from, the latest last
	Automatic bool                // no person wrote it
	Confirm   *store.Confirmation // the link on its card shows that the address is theirs; the door makes it
	File      *Enclosure
	Date      time.Time // when that came to be told of
}

// Earlier is something that was said before.
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

// mailedActs are those of which people are told by mail: what they need to know where it is all they see.
var mailedActs = []helpdesk.Act{helpdesk.Resolve, helpdesk.Reopen, helpdesk.Close, helpdesk.Remind, helpdesk.Follow, helpdesk.Transfer,
	helpdesk.Merge, helpdesk.MergedIn, helpdesk.Split, helpdesk.Part, helpdesk.Declare}

// ComposeLetter writes the letter of a delivery. It is not wanted where a letter would say nothing new. To whom has
// given up their address it is to nobody.
func (b *Bot) ComposeLetter(del store.Delivery, brief helpdesk.Brief) (l Letter, wanted bool) {
	p, t := brief.People[del.Person], brief.Ticket
	w := text.In(p.Language)
	q, _ := b.desk.Catalog().Queue(t.Queue)
	l = Letter{To: p.Mail, Name: p.Name, Language: w.Language(), Queue: t.Queue, Ticket: t.ID, Opened: t.CreatedAt.Time, Person: p.ID,
		Called: q.NameOf(t), Date: del.CreatedAt.Time}
	l.Subject = w.Say("mail.subject", text.Args{"Ticket": l.Called, "Subject": t.Subject})
	if t.Origin == helpdesk.Mail {
		l.Subject = answering(t.Subject)
	}
	author := brief.Message.Author
	if brief.Message.ID != 0 && (author == p.ID || brief.People[author].Joined == p.ID) && del.Kind != helpdesk.TellNoFile {
		return l, false // they wrote it in the chat: what follows quotes it
	}
	switch del.Kind {
	case helpdesk.TellCard:
		if brief.Card.Root != "" {
			return l, false // cards change; letters don't
		}
		l.Automatic = true
		l.Card.Lines = []string{w.Say("mail.opened", text.Args{"Number": number(q, t), "Queue": q.Name(w.Language())})}
	case helpdesk.TellMessage, helpdesk.TellEdit:
		if del.Kind == helpdesk.TellEdit && !mailedBefore(brief) {
			return l, false
		}
		l.Card = wholeMessage(w, del, brief)
	case helpdesk.TellFile, helpdesk.TellNoFile:
		l.Automatic = del.Kind == helpdesk.TellNoFile
		l.Card = fileCard(w, del, brief)
	case helpdesk.TellEvent:
		if !slices.Contains(mailedActs, helpdesk.Act(brief.Event.Act)) {
			return l, false
		}
		l.Automatic = true
		l.Card = card.Card{Lines: []string{mailed(w, b.eventCard(w, q, store.RequesterSide, false, brief), brief, q.TimeZone)}}
	default:
		return l, false
	}
	return l, true
}

// AddEarlier adds to a letter what was said before, and which of their mails it goes on from.
func (b *Bot) AddEarlier(l *Letter, said helpdesk.Mailed) {
	w := text.In(l.Language)
	q, _ := b.desk.Catalog().Queue(l.Queue)
	l.Answers = said.Answers
	for _, m := range said.Earlier {
		l.Earlier = append(l.Earlier, Earlier{Who: name(said.People, m.Author, w), When: w.Date(m.CreatedAt.Time, q.TimeZone), Body: excerpt(m.Body)})
	}
}

// longestExcerpt is how much of a message is shown of what was said before, in characters.
const longestExcerpt = 2000

func excerpt(body string) string {
	if parts := markup.Split(body, longestExcerpt); len(parts) > 1 {
		return parts[0] + "…"
	}
	return body
}

// answering is the subject of an answer to a mail: some programs show two threads where it is another.
func answering(subject string) string {
	if len(subject) >= 3 && strings.EqualFold(subject[:3], "re:") {
		return subject
	}
	return "Re: " + subject
}

// mailedBefore says whether an older wording of a message went out by mail: its post says which.
func mailedBefore(brief helpdesk.Brief) bool {
	return slices.ContainsFunc(brief.Posts, func(p store.Post) bool {
		return p.Kind == helpdesk.TellMessage && !strings.HasSuffix(p.External.ID, Wording(brief.Message))
	})
}

// Wording names what a message says now among what it has said: letters can't be changed.
func Wording(m store.Message) string { return fmt.Sprintf("/%d", m.EditedAt.UnixMilli()) }

// wholeMessage is messageCard for where there is room for all of it.
func wholeMessage(w text.Words, del store.Delivery, brief helpdesk.Brief) card.Card {
	m := brief.Message
	author := text.Args{"Name": name(brief.People, m.Author, w)}
	c := card.Card{Title: w.Say("message.from", author), Body: m.Body, Lines: fileLines(w, brief.Files)}
	if del.Kind == helpdesk.TellEdit {
		c.Title = w.Say("mail.corrected", author)
	}
	return c
}

// mailed is the line of an event for those who have neither buttons nor a thread.
func mailed(w text.Words, c card.Card, brief helpdesk.Brief, zone *time.Location) string {
	switch act := helpdesk.Act(brief.Event.Act); {
	case act == helpdesk.Resolve, act == helpdesk.Remind:
		return w.Say("mail."+brief.Event.Act, text.Args{"Name": name(brief.People, brief.Event.Actor, w), "Date": w.Date(brief.Ticket.StateSince.Time, zone)})
	}
	return c.Lines[0]
}

// senderLines tell agents how a message came by mail, and whether its sender can be believed.
func senderLines(w text.Words, m store.Message) []string {
	if m.Sender == "" {
		return nil
	}
	from := helpdesk.ReadSender(m.Sender)
	lines := []string{w.Say("mail.sender."+string(from.Trust), text.Args{"Found": from.Found})}
	if from.Other != "" {
		lines = append(lines, w.Say("mail.sender.other", text.Args{"Address": from.Other}))
	}
	return lines
}
