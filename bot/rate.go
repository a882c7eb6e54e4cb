package bot

import (
	"context"
	"fmt"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// rateButtons ask a requester what they think of how their ticket was handled: one press.
func rateButtons(w text.Words, q helpdesk.Queue, t store.Ticket) (bs []card.Button) {
	for _, rating := range helpdesk.Ratings {
		said := w.Say("rating." + rating)
		bs = append(bs, card.Button{ID: "rate" + rating, Value: fmt.Sprintf("%d/%s", t.ID, store.RequesterSide), Text: said,
			Label: w.Say("button.label", text.Args{"Button": said, "Ticket": q.NameOf(t), "Subject": t.Subject})})
	}
	return bs
}

// pressRate takes in a rating, and offers to add a word.
func pressRate(rating string) func(context.Context, *Call) (Answer, error) {
	return func(ctx context.Context, c *Call) (Answer, error) {
		id, _, err := c.pressed()
		if err != nil {
			return Answer{}, err
		}
		out, err := c.bot.desk.Rate(ctx, c.Actor, id, rating)
		if err != nil {
			return Answer{}, err
		}
		c.done("rate", id, "changed", out.Changed)
		a := c.say("rated", text.Args{"Rating": c.Words.Say("rating." + rating)})
		a.Card.Buttons = []card.Button{{ID: "comment", Value: fmt.Sprintf("%d/%s", id, store.RequesterSide), Text: c.Words.Say("button.comment")}}
		return a, nil
	}
}

// startComment opens the form for a word on a rating.
func startComment(ctx context.Context, c *Call) (Answer, error) {
	id, _, err := c.pressed()
	if err != nil {
		return Answer{}, err
	}
	if _, _, err := c.bot.desk.Addressee(ctx, c.Actor, helpdesk.Rate, id, store.RequesterSide); err != nil {
		return Answer{}, err
	}
	f := card.Form{ID: "ticket.comment", Title: c.Words.Say("form.comment.title"), Submit: c.Words.Say("form.send"), Cancel: c.Words.Say("form.cancel"),
		Inputs: []card.Input{{ID: "comment", Type: card.Area, Label: c.Words.Say("form.comment.label"), Hint: c.Words.Say("form.comment.hint"), Longest: helpdesk.MaxComment}}}
	f.Hidden = c.hidden()
	f.Hidden.Ticket = int64(id)
	return c.open(f), nil
}

func submitComment(ctx context.Context, c *Call, s Submission) (Answer, error) {
	words := s.Values["comment"]
	switch {
	case strings.TrimSpace(words) == "":
		return Answer{Errors: map[string]string{"comment": c.fieldError("comment", helpdesk.FieldMissing, words)}}, nil
	case len([]rune(words)) > helpdesk.MaxComment:
		return Answer{Errors: map[string]string{"comment": c.fieldError("comment", helpdesk.FieldTooLong, words)}}, nil
	}
	out, err := c.bot.desk.Comment(ctx, c.Actor, store.TicketID(s.Hidden.Ticket), words, s.Hidden.Nonce)
	if err == nil {
		c.done("comment", out.Ticket.ID)
	}
	return Answer{}, err
}
