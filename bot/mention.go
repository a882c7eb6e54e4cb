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

// mentioned answers somebody who called the bot by name.
func (c *Call) mentioned(ctx context.Context) (Answer, error) {
	return c.offer(ctx, *c.Mention, "mention.top", "mention.empty")
}

// offeredTickets is how many open tickets are offered to add a message to.
const offeredTickets = 3

// offer keeps what was written where no ticket is meant, and offers to open one with it or to add it to one
// that is open.
func (c *Call) offer(ctx context.Context, p helpdesk.Post, said, empty string) (Answer, error) {
	mine, _, err := c.bot.desk.Addable(ctx, c.Actor, true, offeredTickets)
	if err != nil {
		return Answer{}, err
	}
	kept := c.hidden().Nonce
	list, err := c.seatFile(ctx, kept, p.Files)
	if err != nil {
		return Answer{}, err
	}
	o := origin{Channel: p.Channel, Message: p.External.ID, Author: c.From.ID, Files: p.Files, Alone: c.Direct}
	words := draftFrom(o, p.Text)
	if err := c.bot.desk.KeepDraft(ctx, c.Actor, kept, words); err != nil {
		return Answer{}, err
	}
	c.done("draft", 0)
	a := card.Card{Lines: []string{c.Words.Say(said)},
		Buttons: []card.Button{{ID: "new", Value: kept, Text: c.Words.Say("button.new"), Style: card.Primary}}}
	if list.ID != "" {
		a.Buttons = append(a.Buttons, list)
	}
	if strings.TrimSpace(p.Text) == "" {
		a.Lines = []string{c.Words.Say(empty)}
		return Answer{Card: &a}, nil
	}
	for _, t := range mine {
		add := c.Words.Say("button.add", text.Args{"Ticket": c.bot.called(t)})
		a.Buttons = append(a.Buttons, card.Button{ID: "add", Value: fmt.Sprintf("%s/%d", kept, t.ID), Text: add,
			Label: fmt.Sprintf("%s %s", add, t.Subject)})
	}
	return Answer{Card: &a}, nil
}

// addKept adds what was kept to the ticket that the presser meant.
func addKept(ctx context.Context, c *Call) (Answer, error) {
	kept, number, _ := strings.Cut(c.Press.Value, "/")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return Answer{}, &helpdesk.Refusal{Code: helpdesk.UnknownTicket}
	}
	values, err := c.bot.desk.Draft(ctx, c.Actor, kept)
	if errors.Is(err, store.ErrNotFound) {
		return c.say("add.gone"), nil
	}
	if err != nil {
		return Answer{}, err
	}
	s, err := c.source(ctx, values)
	if err != nil {
		return Answer{}, err
	}
	if s == nil { // a draft that a form began
		return c.say("add.gone"), nil
	}
	return c.added(c.bot.desk.Add(ctx, c.Actor, store.TicketID(n), helpdesk.Public, written(values), *s, ""))
}

// added says what became of a message that was added.
func (c *Call) added(spoken helpdesk.Spoken, err error) (Answer, error) {
	if err != nil {
		return Answer{}, err
	}
	c.done("message", spoken.Ticket.ID, "message", spoken.Message, "audience", spoken.Audience)
	return c.say("add.done", text.Args{"Ticket": c.bot.called(spoken.Ticket)}), nil
}
