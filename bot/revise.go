package bot

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/markup"
	"guichet/store"
)

// revise takes in that a message was edited or deleted.
func (c *Call) revise(ctx context.Context) (Answer, error) {
	s, err := c.bot.desk.Revise(ctx, c.Actor, c.From.ID, *c.Revision)
	if err == nil && s.Changed {
		c.done("revision", s.Ticket.ID, "message", s.Message, "audience", s.Audience, "deleted", c.Revision.Deleted)
	}
	return Answer{}, err
}

// pressUndo takes back a reply that was not sent yet.
func (c *Call) pressUndo(ctx context.Context) (Answer, error) {
	id, _, err := c.pressed()
	if err != nil {
		return Answer{}, err
	}
	message, _ := strconv.ParseInt(c.Press.Value[strings.LastIndexByte(c.Press.Value, '/')+1:], 10, 64)
	out, err := c.bot.desk.Undo(ctx, c.Actor, id, store.MessageID(message))
	if err == nil {
		c.done("undo", id, "message", message, "changed", out.Changed)
	}
	return Answer{}, err // what shows the reply to them says it
}

// receiptCard says whether what an agent typed goes out, stays inside, or was taken back.
func receiptCard(w text.Words, brief helpdesk.Brief) card.Card {
	m := brief.Message
	args := text.Args{"Requester": name(brief.People, brief.Ticket.Requester, w)}
	key := "receipt.sent"
	switch {
	case m.Deleted():
		key = "receipt.undone"
	case m.Audience == store.Internal:
		key = "receipt.internal"
	case m.HeldUntil.After(brief.Now):
		key, args["Span"] = "receipt.held", w.Span(m.HeldUntil.Sub(brief.Now))
	}
	return card.Card{Context: w.Say(key, args), Buttons: undo(w, brief)}
}

// undo is the button by which a reply can be taken back, as long as it can.
func undo(w text.Words, brief helpdesk.Brief) []card.Button {
	m := brief.Message
	if m.Deleted() || m.Audience != store.Public || !m.HeldUntil.After(brief.Now) {
		return nil
	}
	return []card.Button{{ID: "undo", Value: fmt.Sprintf("%d/%s/%d", m.Ticket, store.DeskSide, m.ID), Text: w.Say("button.undo"), Label: w.Say("button.undo.label")}}
}

// onCard is a description, or what a card shows of it.
func onCard(w text.Words, description string) string {
	shown, whole := helpdesk.OnCard(description)
	if !whole {
		shown += w.Say("card.more")
	}
	return shown
}

// first is the description on a ticket's card.
func first(w text.Words, brief helpdesk.Brief) string {
	if brief.First.Deleted() {
		return markup.FromPlain(w.Say("message.deleted", text.Args{"Name": name(brief.People, brief.Ticket.Requester, w)})).Canonical()
	}
	return onCard(w, brief.First.Body)
}
