package bot

import (
	"context"

	"guichet/helpdesk"
	"guichet/store"
)

// startMessage opens the form for a reply or a note.
func (c *Call) startMessage(ctx context.Context, act helpdesk.Act) (Answer, error) {
	id, side, err := c.pressed()
	if err != nil {
		return Answer{}, err
	}
	t, requester, err := c.bot.desk.Addressee(ctx, c.Actor, act, id, side)
	if err != nil {
		return Answer{}, err
	}
	f := messageForm(c.Words, act, c.bot.called(t), side, requester, c.Person.ID)
	if c.Press.Button == "attach" {
		f = attachForm(c.Words, f, c.bot.called(t))
	} else if !c.catalog().Files.Off {
		f.Inputs = append(f.Inputs, filesInput(c.Words, true))
	}
	f.Hidden = c.hidden()
	f.Hidden.Ticket, f.Hidden.Side = int64(id), side
	return c.open(f), nil
}

func submitReply(ctx context.Context, c *Call, s Submission) (Answer, error) {
	return c.submitMessage(ctx, s, helpdesk.Public)
}

func submitNote(ctx context.Context, c *Call, s Submission) (Answer, error) {
	return c.submitMessage(ctx, s, helpdesk.Internal)
}

func (c *Call) submitMessage(ctx context.Context, s Submission, audience helpdesk.Audience) (Answer, error) {
	body := s.Values["body"]
	if wrong := c.wrongFiles(s); wrong != nil {
		return Answer{Errors: wrong}, nil
	}
	if wrong := helpdesk.CheckBody(body); wrong != "" && !(wrong == helpdesk.FieldMissing && len(s.Files) > 0) {
		return Answer{Errors: map[string]string{"body": c.fieldError("body", wrong, body)}}, nil
	}
	spoken, err := c.bot.desk.Say(ctx, c.Actor, store.TicketID(s.Hidden.Ticket), s.Hidden.Side, audience, body, s.Hidden.Nonce, s.Files...)
	if err == nil {
		c.done("message", spoken.Ticket.ID, "message", spoken.Message, "audience", spoken.Audience)
	}
	return Answer{}, err
}
