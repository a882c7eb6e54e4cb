package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// ErrNotGranted is what the platform does not let guichet do, by its own settings.
var ErrNotGranted = errors.New("guichet was not granted that")

// RoomMaker is a Door that can make channels for major incidents.
type RoomMaker interface {
	// MakeRoom returns a private channel of this name that is guichet's own, which it makes if there is none. ErrNotGranted: guichet
	// may not.
	MakeRoom(ctx context.Context, name string) (channel string, err error)
	// Invite brings somebody into a channel, who may be there already. ErrNotGranted: the platform does not let guichet bring them.
	Invite(ctx context.Context, channel, account string) error
	// Pin pins a message in its channel; one that is pinned already stays so. ErrNotGranted: guichet may not.
	Pin(ctx context.Context, channel, message string) error
}

// RoomName is what the channel of a major incident is called, on every platform.
func RoomName(t store.Ticket) string { return fmt.Sprintf("incident-%d", t.ID) }

// RoomCard is what the channel of a major incident begins with.
func (b *Bot) RoomCard(r helpdesk.Room) card.Card {
	w := text.In(r.Queue.Language)
	return card.Card{
		Title: w.Say("major.title", text.Args{"Ticket": r.Queue.NameOf(r.Ticket), "Title": r.Incident.Title}),
		Fields: []card.Field{field(w, "severity", w.Say("severity."+r.Ticket.Major)),
			field(w, "updates", w.Say("every", text.Args{"Span": w.Span(r.Incident.Every)}))},
		Lines:   []string{w.Say("major.room", text.Args{"Ticket": r.Queue.NameOf(r.Ticket)})},
		Context: w.Say("major.pin"),
	}
}

// SummaryCard tells where the desk worked on a major incident that it is over.
func (b *Bot) SummaryCard(r helpdesk.Room) card.Card {
	w := text.In(r.Queue.Language)
	return card.Card{Title: w.Say("major.ended", text.Args{"Ticket": r.Queue.NameOf(r.Ticket), "Title": r.Incident.Title}), Body: r.Message.Body}
}

// startDeclare opens the form that declares a major incident.
func startDeclare(ctx context.Context, c *Call) (Answer, error) {
	id, _, err := c.pressed()
	if err != nil {
		return Answer{}, err
	}
	t, is, err := c.bot.desk.Declared(ctx, c.Actor, id)
	if err != nil {
		return Answer{}, err
	}
	w := c.Words
	every := make([]card.Option, len(helpdesk.UpdateEvery))
	for i, d := range helpdesk.UpdateEvery {
		every[i] = card.Option{Value: d.String(), Text: w.Span(d)}
	}
	if is.Every == 0 {
		is.Every = time.Hour
	}
	f := c.ticketForm("declare", t, "form.declare.submit", append([]card.Input{
		{ID: "severity", Type: card.Choice, Label: w.Say("field.severity"), Initial: is.Severity, Options: options(w, "severity.", helpdesk.Severities)},
		{ID: "every", Type: card.Select, Label: w.Say("form.declare.every"), Hint: w.Say("form.declare.hint"), Initial: is.Every.String(), Options: every},
	}, c.announceInputs(t, is.Announcement, false)...)...)
	f.Hidden.Seen = is.Every.String()
	return c.open(f), nil
}

func submitDeclare(ctx context.Context, c *Call, s Submission) (Answer, error) {
	wrong := map[string]string{}
	if !slices.Contains(helpdesk.Severities, s.Values["severity"]) {
		wrong["severity"] = c.Words.Say("wrong.missing.choice")
	}
	if title := s.Values["title"]; helpdesk.CheckSubject(title) != "" {
		wrong["title"] = c.fieldError("title", helpdesk.CheckSubject(title), title)
	}
	if s.Values["every"] == "" { // a prefilled field that nobody touched comes back empty from some platforms
		s.Values["every"] = s.Hidden.Seen
	}
	every, err := time.ParseDuration(s.Values["every"])
	if err != nil || !slices.Contains(helpdesk.UpdateEvery, every) {
		wrong["every"] = c.Words.Say("wrong.missing.choice")
	}
	if len(wrong) > 0 {
		return Answer{Errors: wrong}, nil
	}
	is := helpdesk.Declaration{Announcement: announcementOf(s), Severity: s.Values["severity"], Every: every}
	out, err := c.bot.desk.Declare(ctx, c.Actor, store.TicketID(s.Hidden.Ticket), is, s.Hidden.Nonce)
	if err != nil {
		return Answer{}, err
	}
	c.done("declare", out.Ticket.ID, "severity", is.Severity)
	return Answer{}, nil
}

// startEnd opens the form that ends a major incident, with a summary made of its timeline.
func startEnd(ctx context.Context, c *Call) (Answer, error) {
	id, _, err := c.pressed()
	if err != nil {
		return Answer{}, err
	}
	l, err := c.bot.desk.Timeline(ctx, c.Actor, id)
	if err != nil {
		return Answer{}, err
	}
	return c.open(c.ticketForm("end", l.Ticket, "form.end.submit", card.Input{ID: "summary", Type: card.Area,
		Label: c.Words.Say("form.end.label"), Hint: c.Words.Say("form.end.hint"), Initial: c.bot.summary(l), Longest: helpdesk.MaxDescription})), nil
}

// markShown is how much of an entry of the timeline a summary begins with, in characters.
const markShown = 200

// summary is what a summary begins with, in the language of the queue: those who read it are of several.
func (b *Bot) summary(l helpdesk.Timeline) string {
	q, _ := b.desk.Catalog().Queue(l.Ticket.Queue)
	w := text.In(q.Language)
	zone := b.zone(l.Ticket)
	lines := []string{l.Title, w.Say("summary.span", text.Args{"From": w.Date(l.Since.Time, zone), "To": w.Date(l.Now, zone), "Span": w.Span(l.Now.Sub(l.Since.Time)),
		"Affected": w.Say("affected", text.Args{"N": l.Ticket.Affected + 1})}), "", w.Say("summary.cause")}
	if len(l.Marks) > 0 {
		lines = append(lines, "", w.Say("summary.timeline"))
	}
	for _, m := range l.Marks {
		if m.Theirs {
			continue // the summary goes to other organizations too
		}
		lines = append(lines, w.Say("summary.entry", text.Args{"Date": w.Date(m.SaidAt.Time, zone), "Name": m.Author, "Text": helpdesk.Shorten(strings.Join(strings.Fields(m.Body), " "), markShown)}))
	}
	for utf8.RuneCountInString(strings.Join(lines, "\n")) > helpdesk.MaxDescription {
		lines = lines[:len(lines)-1]
	}
	return strings.Join(lines, "\n")
}

func submitEnd(ctx context.Context, c *Call, s Submission) (Answer, error) {
	summary := s.Values["summary"]
	if wrong := helpdesk.CheckBody(summary); wrong != "" {
		return Answer{Errors: map[string]string{"summary": c.fieldError("summary", wrong, summary)}}, nil
	}
	out, err := c.bot.desk.EndMajor(ctx, c.Actor, store.TicketID(s.Hidden.Ticket), summary, s.Hidden.Nonce)
	if err != nil {
		return Answer{}, err
	}
	c.done("end", out.Ticket.ID)
	return Answer{}, nil
}

// pin puts the message with the emoji on the timeline of its major incident, or takes it off. What is of none is nobody's business.
func pin(ctx context.Context, c *Call) (Answer, error) {
	door, ok := c.bot.doors[c.From.Workspace].(Reader)
	if !ok {
		return Answer{}, nil
	}
	q, err := door.Message(ctx, c.Place.Channel, c.Reaction.Message)
	if errors.Is(err, ErrGone) {
		return Answer{}, nil
	}
	if err != nil {
		return Answer{}, err
	}
	at := store.External{Workspace: c.Place.Workspace, Channel: c.Place.Channel, ID: c.Reaction.Message}
	var out helpdesk.Outcome
	key := "pin.done"
	if c.Reaction.Removed {
		key = "pin.undone"
		out, err = c.bot.desk.Unpin(ctx, c.Actor, at, q.Root)
	} else {
		m := store.Mark{External: at, Author: helpdesk.AProgram, Body: plain(q.Text), SaidAt: store.At(q.At)}
		if q.Author != "" {
			if _, m.Author, err = c.bot.author(ctx, store.Account{Workspace: c.Place.Workspace, ID: q.Author}); err != nil {
				return Answer{}, err
			}
		}
		m.Author = quotedName(c.Words, m.Author)
		out, err = c.bot.desk.Pin(ctx, c.Actor, m, q.Root)
	}
	if errors.Is(err, store.ErrNotFound) || err == nil && !out.Changed {
		return Answer{}, nil
	}
	if err != nil {
		return Answer{}, err
	}
	c.done("pin", out.Ticket.ID, "removed", c.Reaction.Removed)
	return c.say(key, text.Args{"Ticket": c.bot.called(out.Ticket)}), nil
}
