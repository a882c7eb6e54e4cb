package bot

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// MessageShortcut is an entry of the menu of every message.
type MessageShortcut struct {
	Title string // as the platform shows it: 24 characters at most
	About string // likewise, one line
	Run   func(ctx context.Context, c *Call) (Answer, error)
}

// shortcut does what was chosen from the menu of a message.
func (c *Call) shortcut(ctx context.Context) (Answer, error) {
	for _, cmd := range c.bot.commands {
		if s, ok := cmd.Shortcuts[c.Shortcut.Name]; ok {
			return s.Run(ctx, c)
		}
	}
	return c.say("unknown.command"), nil
}

// ticketFromMessage opens the form for a new ticket, with a message as its description.
func ticketFromMessage(ctx context.Context, c *Call) (Answer, error) {
	q := c.Shortcut.Quoted
	if a, joined, err := c.join(ctx, q.Message); joined || err != nil {
		return a, err
	}
	values := draftFrom(c.originOf(q), q.Text)
	values["subject"] = subjectOf(plain(q.Text))
	return c.startWith(ctx, values)
}

// join says which ticket a message has already, if it has one, and has the actor follow that.
func (c *Call) join(ctx context.Context, message string) (_ Answer, joined bool, err error) {
	out, err := c.bot.desk.Join(ctx, c.Actor, store.External{Workspace: c.From.Workspace, Channel: c.Place.Channel, ID: message})
	if errors.Is(err, store.ErrNotFound) {
		return Answer{}, false, nil
	}
	if err != nil {
		return Answer{}, false, err
	}
	c.done("join", out.Ticket.ID)
	return c.say("refused.in_ticket", text.Args{"Ticket": c.bot.called(out.Ticket)}), true, nil
}

func (c *Call) originOf(q Quoted) origin {
	return origin{Channel: c.Place.Channel, Message: q.Message, Author: q.Author, Files: q.Files, Alone: c.Direct}
}

// subjectOf is what a ticket is called that is opened with a message: the first line that says something.
func subjectOf(words string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(words), "\n")
	return helpdesk.Shorten(first, helpdesk.MaxSubject)
}

// file opens a ticket from a message at once: an emoji has no form.
func file(ctx context.Context, c *Call) (Answer, error) {
	if a, joined, err := c.join(ctx, c.Reaction.Message); joined || err != nil {
		return a, err
	}
	door, ok := c.bot.doors[c.From.Workspace].(Reader)
	if !ok {
		return c.say("file.unreadable"), nil
	}
	q, err := door.Message(ctx, c.Place.Channel, c.Reaction.Message)
	switch {
	case errors.Is(err, ErrGone):
		c.bot.log.Warn("a message can't be read", "error", err)
		return c.say("file.unreadable"), nil
	case err != nil:
		return Answer{}, err
	case q.Author == "":
		return c.say("file.program"), nil
	case strings.TrimSpace(q.Text) == "":
		return c.say("file.empty"), nil
	}
	s, err := c.sourceOf(ctx, c.originOf(q))
	if err != nil {
		return Answer{}, err
	}
	out, err := c.bot.desk.File(ctx, c.Actor, *s, subjectOf(plain(q.Text)), q.Text)
	if err != nil {
		return Answer{}, err
	}
	c.done("open", out.Ticket.ID, "queue", out.Ticket.Queue, "changed", out.Changed)
	args := text.Args{"Ticket": c.bot.called(out.Ticket), "Author": quotedName(c.Words, s.Name)}
	switch {
	case !out.Changed: // somebody was quicker
		return c.say("refused.in_ticket", args), nil
	case s.Author == c.Person.ID:
		return c.say("file.done.own", args), nil
	}
	return c.say("file.done", args), nil
}

// mostAddable is how many tickets a menu offers.
const mostAddable = 100

// addToTicket opens the form that adds a message to a ticket.
func addToTicket(ctx context.Context, c *Call) (Answer, error) {
	q := c.Shortcut.Quoted
	if strings.TrimSpace(q.Text) == "" {
		return c.say("file.empty"), nil
	}
	ts, agent, err := c.bot.desk.Addable(ctx, c.Actor, false, mostAddable)
	if err != nil {
		return Answer{}, err
	}
	if len(ts) == 0 {
		return c.say("add.none"), nil
	}
	values := draftFrom(c.originOf(q), q.Text)
	if agent {
		values[fieldAgent] = "yes"
	}
	hidden := c.hidden()
	if err := c.bot.desk.SaveDraft(ctx, c.Actor, hidden.Nonce, values); err != nil {
		return Answer{}, err
	}
	f := c.bot.addForm(c.Words, ts, agent, q.Text)
	f.Hidden = hidden
	return c.open(f), nil
}

// shownOfQuote is how much of a message its form shows, in characters.
const shownOfQuote = 300

// addForm asks which ticket a message is for and, of agents, who may read it there.
func (b *Bot) addForm(w text.Words, ts []store.Ticket, agent bool, quoted string) card.Form {
	f := card.Form{ID: "ticket.add", Title: w.Say("form.add.title"), Submit: w.Say("form.add.submit"), Cancel: w.Say("form.cancel"),
		Intro: []string{clip(plain(quoted), shownOfQuote, "…")}}
	tickets := make([]card.Option, len(ts))
	for i, t := range ts {
		tickets[i] = card.Option{Value: fmt.Sprint(t.ID), Text: w.Say("card.title", text.Args{"Ticket": b.called(t), "Subject": t.Subject})}
	}
	f.Inputs = []card.Input{{ID: "ticket", Type: card.Select, Label: w.Say("form.add.ticket"), Options: tickets}}
	if agent {
		f.Inputs = append(f.Inputs, card.Input{ID: "audience", Type: card.Choice, Label: w.Say("form.add.audience"), Initial: "note",
			Hint: w.Say("form.add.audience.hint"), Options: options(w, "form.add.audience.", []string{"note", "reply"})})
	}
	return f
}

// submitAdd takes in the form that adds a message to a ticket.
func submitAdd(ctx context.Context, c *Call, s Submission) (Answer, error) {
	values, err := c.bot.desk.Draft(ctx, c.Actor, s.Hidden.Nonce)
	if errors.Is(err, store.ErrNotFound) {
		return Answer{Problem: c.Words.Say("refused.stale_form")}, nil
	}
	if err != nil {
		return Answer{}, err
	}
	n, err := strconv.ParseInt(s.Values["ticket"], 10, 64)
	if err != nil {
		return Answer{Errors: map[string]string{"ticket": c.Words.Say("wrong.missing.choice")}}, nil
	}
	source, err := c.source(ctx, values)
	if err != nil {
		return Answer{}, err
	}
	if source == nil {
		return Answer{Problem: c.Words.Say("refused.stale_form")}, nil
	}
	audience := helpdesk.Public
	if values[fieldAgent] != "" && s.Values["audience"] != "reply" { // an agent who has not chosen keeps it inside
		audience = helpdesk.Internal
	}
	_, err = c.added(c.bot.desk.Add(ctx, c.Actor, store.TicketID(n), audience, written(values), *source, s.Hidden.Nonce))
	var refused *helpdesk.Refusal
	if errors.As(err, &refused) && audience == helpdesk.Internal && refused.Code == helpdesk.NotAllowed {
		return Answer{Errors: map[string]string{"audience": c.Words.Say("wrong.note_elsewhere", text.Args{"Ticket": c.bot.called(refused.Ticket)})}}, nil
	}
	return Answer{}, err
}
