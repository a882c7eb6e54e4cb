package bot

import (
	"context"
	"errors"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// startChange opens the form of an entry of the menu, with what the ticket is now.
func (c *Call) startChange(ctx context.Context, act helpdesk.Act) (Answer, error) {
	id, _, err := c.pressed()
	if err != nil {
		return Answer{}, err
	}
	t, _, err := c.bot.desk.Addressee(ctx, c.Actor, act, id, store.DeskSide)
	if err != nil {
		return Answer{}, err
	}
	f := c.bot.changeForm(c.Words, act, t)
	f.Hidden = c.hidden()
	f.Hidden.Ticket, f.Hidden.Seen = int64(id), helpdesk.Sees(t, act)
	return c.open(f), nil
}

// changeForm asks for what an entry of the menu needs.
func (b *Bot) changeForm(w text.Words, act helpdesk.Act, t store.Ticket) card.Form {
	f := card.Form{ID: "ticket." + string(act), Title: titled(w, string(act), b.called(t)),
		Submit: w.Say("form.save"), Cancel: w.Say("form.cancel")}
	switch act {
	case helpdesk.Assign:
		f.Inputs = []card.Input{{ID: "whom", Type: card.Person, Label: w.Say("field.assignee"), Hint: w.Say("form.assign.hint")}}
	case helpdesk.Prioritize:
		f.Inputs = []card.Input{{ID: "to", Type: card.Select, Label: w.Say("field.priority"), Initial: t.Priority,
			Options: options(w, "priority.", helpdesk.Priorities)}}
	case helpdesk.Transfer:
		var queues []card.Option
		for _, key := range b.desk.Catalog().Targets(t) {
			queues = append(queues, card.Option{Value: key, Text: b.queue(w, key)})
		}
		f.Inputs = []card.Input{{ID: "to", Type: card.Select, Label: w.Say("field.queue"), Options: queues},
			{ID: "reason", Type: card.Area, Label: w.Say("form.transfer.reason"), Hint: w.Say("form.transfer.hint"), Longest: helpdesk.MaxReason}}
	case helpdesk.Refer:
		f.Inputs = []card.Input{{ID: "reference", Type: card.Text, Label: w.Say("field.vendor"), Hint: w.Say("form.vendor.hint"),
			Optional: true, Initial: t.VendorRef, Longest: helpdesk.MaxVendorRef}}
	}
	return f
}

// submitChange does what was chosen from the menu.
func (c *Call) submitChange(ctx context.Context, act helpdesk.Act, s Submission) (Answer, error) {
	change := helpdesk.Change{Act: act, To: s.Values["to"], Reason: s.Values["reason"], Seen: s.Hidden.Seen}
	field := "to"
	switch act {
	case helpdesk.Assign:
		field = "whom"
	case helpdesk.Refer:
		change.To, field = s.Values["reference"], ""
	case helpdesk.Prioritize:
		if change.To == "" { // a prefilled field that nobody touched comes back empty from some platforms
			change.To = s.Hidden.Seen
		}
	}
	if field != "" && s.Values[field] == "" && change.To == "" {
		return Answer{Errors: map[string]string{field: c.Words.Say("wrong.missing.choice")}}, nil
	}
	if act == helpdesk.Transfer {
		if wrong := helpdesk.CheckReason(change.Reason); wrong != "" {
			return Answer{Errors: map[string]string{"reason": c.fieldError("reason", wrong, change.Reason)}}, nil
		}
	}
	if act == helpdesk.Assign {
		whom, err := c.bot.person(ctx, Request{From: store.Account{Workspace: c.From.Workspace, ID: s.Values["whom"]}, Name: s.Values["whom"]})
		if refused := (*helpdesk.Refusal)(nil); errors.As(err, &refused) {
			return c.notAgent(refused.Queue), nil
		}
		if err != nil {
			return Answer{}, err
		}
		change.Whom = whom.ID
	}
	out, err := c.bot.desk.Change(ctx, c.Actor, store.TicketID(s.Hidden.Ticket), change, s.Hidden.Nonce)
	if refused := (*helpdesk.Refusal)(nil); errors.As(err, &refused) && refused.Code == helpdesk.NotAgent {
		if c.bot.LookAgain(ctx, refused.Queue) {
			out, err = c.bot.desk.Change(ctx, c.Actor, store.TicketID(s.Hidden.Ticket), change, s.Hidden.Nonce)
		}
		if errors.As(err, &refused) && refused.Code == helpdesk.NotAgent {
			return c.notAgent(refused.Queue), nil
		}
	}
	if err != nil {
		return Answer{}, err
	}
	c.done(string(act), out.Ticket.ID, "changed", out.Changed)
	return Answer{}, nil
}

func (c *Call) notAgent(queue string) Answer {
	return Answer{Errors: map[string]string{"whom": c.Words.Say("refused.not_agent", text.Args{"Queue": c.bot.queue(c.Words, queue)})}}
}
