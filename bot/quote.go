package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// Reader is a Door that can read one message.
type Reader interface {
	// Message returns a message of a channel or of a thread in it; ErrGone when it is not, or not for
	// guichet, to be read.
	Message(ctx context.Context, channel, message string) (Quoted, error)
}

// Linker is a Door whose messages have addresses.
type Linker interface {
	// Permalink returns the address of a message, which shows it to those who may read it.
	Permalink(ctx context.Context, channel, message string) (string, error)
}

// origin is the message that a form is about, as it is kept with the form's draft: on our side, where
// nobody forges it.
type origin struct {
	Channel string             `json:"channel"`
	Message string             `json:"message"`
	Author  string             `json:"author,omitempty"` // account; empty: a program
	Files   []helpdesk.FileRef `json:"files,omitempty"`
	Alone   bool               `json:"alone,omitempty"` // it was written to guichet: nobody else could go there
}

// Fields of a draft that no form asks for.
const (
	fieldOrigin  = "origin"
	fieldWritten = "written" // the message itself, where the description is its plain words
	fieldRest    = "rest"    // of a text too long for the form's field
	fieldAgent   = "agent"
)

// draftFrom begins a draft with a message. The form shows its plain words; with what it was written like it goes
// on if nobody changes them there.
func draftFrom(o origin, message string) map[string]string {
	b, _ := json.Marshal(o) // strings, numbers and a flag
	words := plain(message)
	values := map[string]string{fieldOrigin: string(b), fieldWritten: message, "description": words}
	if r := []rune(words); len(r) > helpdesk.MaxDescription {
		values["description"], values[fieldRest] = string(r[:helpdesk.MaxDescription-1])+"…", string(r[helpdesk.MaxDescription-1:])
	}
	return values
}

// written is the message that a draft was begun with.
func written(values map[string]string) string { return values[fieldWritten] }

// unchanged says whether a draft's description is still what the message says that it was begun with. Forms take
// spaces off, and have their own line breaks.
func unchanged(values map[string]string) bool {
	words := values["description"]
	if rest := values[fieldRest]; rest != "" {
		words = strings.TrimSuffix(words, "…") + rest
	}
	return values[fieldWritten] != "" && slices.Equal(strings.Fields(words), strings.Fields(plain(values[fieldWritten])))
}

// source looks up what a draft was begun with: who wrote that, and where it stands; nil when it was begun
// with nothing.
func (c *Call) source(ctx context.Context, values map[string]string) (*helpdesk.Source, error) {
	if values[fieldOrigin] == "" {
		return nil, nil
	}
	var o origin
	if err := json.Unmarshal([]byte(values[fieldOrigin]), &o); err != nil {
		return nil, err
	}
	return c.sourceOf(ctx, o)
}

func (c *Call) sourceOf(ctx context.Context, o origin) (*helpdesk.Source, error) {
	ctx, cancel := context.WithTimeout(ctx, profileWait)
	defer cancel()
	s := helpdesk.Source{External: store.External{Workspace: c.From.Workspace, Channel: o.Channel, ID: o.Message}, Files: o.Files}
	var err error
	switch o.Author {
	case "":
		s.Name = helpdesk.AProgram
	case c.From.ID:
		s.Author, s.Name = c.Person.ID, c.Person.Name
	default:
		s.Author, s.Name, err = c.bot.author(ctx, store.Account{Workspace: c.From.Workspace, ID: o.Author})
	}
	if door, ok := c.bot.doors[c.From.Workspace].(Linker); ok && err == nil && !o.Alone {
		link, failed := door.Permalink(ctx, o.Channel, o.Message)
		if failed != nil { // without the address the words are still there
			c.bot.log.Warn("address of a message not found", "error", failed)
		}
		s.Link = link
	}
	return &s, err
}

// author returns who wrote a message that somebody else brought, meeting them at first sight; nobody, with
// a name at best, where they do not belong here, or no more.
func (b *Bot) author(ctx context.Context, a store.Account) (store.PersonID, string, error) {
	known, err := b.desk.Known(ctx, a)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return 0, "", err
	}
	profile, failed := b.doors[a.Workspace].Profile(ctx, a.ID)
	switch {
	case errors.Is(failed, ErrNobody):
		return 0, helpdesk.Somebody, nil
	case failed != nil && err == nil:
		return known.ID, known.Name, nil
	case failed != nil:
		return 0, "", fmt.Errorf("bot: the author of a message can't be looked up: %w", failed)
	case profile.Program:
		return 0, helpdesk.AProgram, nil
	case profile.Foreign || profile.Gone:
		return 0, profile.Name, nil
	case err == nil:
		return known.ID, known.Name, nil
	}
	p, err := b.meet(ctx, a, profile)
	return p.ID, p.Name, err
}

// quotedName is the name of whoever a message quotes.
func quotedName(w text.Words, name string) string {
	switch name {
	case helpdesk.AProgram:
		return w.Say("quoted.program")
	case helpdesk.Somebody:
		return w.Say("quoted.somebody")
	}
	return name
}

// quotes says whether a message stands somewhere else too.
func quotes(m store.Message) bool { return m.Quotes != "" || m.Link != "" }

// link is the way to what a message quotes, nil when there is none.
func link(w text.Words, m store.Message) *card.Link {
	if m.Link == "" {
		return nil
	}
	return &card.Link{Text: w.Say("quoted.link"), URL: m.Link}
}

// openedFrom says from which message a ticket was opened, and by whom; nothing when it was by a form alone.
func openedFrom(w text.Words, brief helpdesk.Brief, reader store.PersonID) []string {
	t, first := brief.Ticket, brief.First
	args := text.Args{"Name": name(brief.People, first.Author, w), "Author": quotedName(w, first.Quotes)}
	switch {
	case !quotes(first):
		return nil
	case first.Quotes == "":
		return []string{w.Say("card.quoted.own", args)}
	case reader == t.Requester && first.Author != t.Requester:
		return []string{w.Say("card.quoted.yours", args)}
	}
	return []string{w.Say("card.quoted", args)}
}

// followerCard is a ticket in the direct channel of somebody who follows it.
func (b *Bot) followerCard(w text.Words, q helpdesk.Queue, brief helpdesk.Brief, reader store.PersonID) card.Card {
	t := brief.Ticket
	called := q.NameOf(t)
	if brief.Left {
		return card.Card{Lines: []string{w.Say("card.follower.left", text.Args{"Ticket": called})}}
	}
	args := text.Args{"Requester": name(brief.People, t.Requester, w), "Queue": q.Name(w.Language())}
	c := card.Card{
		Title: w.Say("card.title", text.Args{"Ticket": called, "Subject": t.Subject}),
		Lines: append([]string{w.Say("card.follower", args)}, openedFrom(w, brief, reader)...),
		Body:  onCard(w, brief.First.Body),
		Link:  link(w, brief.First),
		Fields: []card.Field{
			field(w, "state", w.Say("state."+t.State)),
			field(w, "assignee", name(brief.People, t.Assignee, w)),
			field(w, "requester", name(brief.People, t.Requester, w)),
		},
		Context: w.Say("card.follower.hint", args),
	}
	c.Fields = append(c.Fields, b.about(w, t)...)
	stop := w.Say("button.unfollow")
	if brief.Watches {
		c.Lines[0], c.Context, stop = w.Say("card.watcher", args), w.Say("card.watcher.hint", args), w.Say("button.unwatch")
		c.Fields = append(c.Fields, tagFields(w, t)...)
	}
	c.Buttons = buttons(w, q, brief.Now, t, store.RequesterSide, func(act helpdesk.Act) bool { return act == helpdesk.Reply && !brief.Watches })
	c.Buttons = append(c.Buttons, card.Button{ID: "unfollow", Value: fmt.Sprint(t.ID), Text: stop,
		Label: w.Say("button.label", text.Args{"Button": stop, "Ticket": called, "Subject": t.Subject})})
	return c
}

// unfollow has the presser follow a ticket no more.
func unfollow(ctx context.Context, c *Call) (Answer, error) {
	id, _, err := c.pressed()
	if err != nil {
		return Answer{}, err
	}
	out, err := c.bot.desk.Unfollow(ctx, c.Actor, id)
	if err != nil {
		return Answer{}, err
	}
	c.done("unfollow", id, "changed", out.Changed)
	return Answer{}, nil // the card says it, right where they pressed
}
