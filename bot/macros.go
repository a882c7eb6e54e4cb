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

// macro answers /ticket macro: the canned answers that an agent may use, or one of them for a ticket.
func (c *Call) macro(ctx context.Context, args []string) (Answer, error) {
	if len(args) == 2 {
		if id, ok := c.catalog().ParseName(args[1]); ok {
			return c.startMacro(ctx, id, args[0])
		}
	}
	if len(args) > 0 {
		return c.say("macros.usage"), nil
	}
	all, err := c.bot.desk.Macros(ctx, c.Actor)
	if err != nil {
		return Answer{}, err
	}
	out := card.Card{Title: c.Words.Say("macros.title"), Context: c.Words.Say("macros.hint")}
	for _, m := range all {
		out.Lines = append(out.Lines, c.Words.Say("macros.line", text.Args{"Key": m.Key, "Title": m.Title(c.Words.Language())}))
	}
	if len(all) == 0 {
		return c.say("macros.none"), nil
	}
	return Answer{Card: &out}, nil
}

// pressMacro opens the form in which a canned answer is chosen or, where the button names one, that in which it is sent.
func pressMacro(ctx context.Context, c *Call) (Answer, error) {
	t, _, err := c.about(ctx, helpdesk.Reply)
	if err != nil {
		return Answer{}, err
	}
	if parts := strings.SplitN(c.Press.Value, "/", 3); len(parts) == 3 {
		return c.startMacro(ctx, t.ID, parts[2])
	}
	var macros []card.Option
	for _, m := range c.catalog().MacrosOf(t.Queue) {
		macros = append(macros, card.Option{Value: m.Key, Text: m.Title(c.Words.Language())})
	}
	if len(macros) == 0 {
		return c.say("macros.none"), nil
	}
	return c.open(c.ticketForm("macro", t, "form.continue",
		card.Input{ID: "macro", Type: card.Select, Label: c.Words.Say("form.macro.which"), Options: macros})), nil
}

// startMacro opens the form in which a canned answer, filled in, is read once more, changed if need be, and sent.
func (c *Call) startMacro(ctx context.Context, id store.TicketID, key string) (Answer, error) {
	t, m, filled, err := c.bot.desk.Filled(ctx, c.Actor, id, key)
	if err != nil {
		return Answer{}, err
	}
	_, requester, err := c.bot.desk.Addressee(ctx, c.Actor, helpdesk.Reply, id, store.DeskSide)
	if err != nil {
		return Answer{}, err
	}
	f := messageForm(c.Words, helpdesk.Reply, c.bot.called(t), store.DeskSide, requester, c.Person.ID)
	f.ID, f.Step = "ticket.macro", "send"
	f.Inputs[0].Initial = clip(filled, helpdesk.MaxDescription-1, "…")
	if m.Then != "" {
		f.Intro = append(f.Intro, c.Words.Say("form.macro.then."+string(m.Then)))
	}
	f.Hidden = c.hidden()
	f.Hidden.Ticket, f.Hidden.Step, f.Hidden.Seen = int64(id), f.Step, m.Key
	return c.open(f), nil
}

// submitMacro takes in which canned answer was chosen, or sends it.
func submitMacro(ctx context.Context, c *Call, s Submission) (Answer, error) {
	id := store.TicketID(s.Hidden.Ticket)
	if s.Hidden.Step == "" {
		key := s.Values["macro"]
		if key == "" {
			return Answer{Errors: map[string]string{"macro": c.Words.Say("wrong.missing.choice")}}, nil
		}
		a, err := c.startMacro(ctx, id, key)
		if err == nil {
			a.Resume = &card.Card{Title: a.Form.Title, Lines: []string{c.Words.Say("form.resume")},
				Buttons: []card.Button{{ID: "macro", Value: fmt.Sprintf("%d/%s/%s", id, store.DeskSide, key), Text: c.Words.Say("form.continue"), Style: card.Primary}}}
		}
		return a, err
	}
	body := s.Values["body"]
	if wrong := helpdesk.CheckBody(body); wrong != "" {
		return Answer{Errors: map[string]string{"body": c.fieldError("body", wrong, body)}}, nil
	}
	spoken, err := c.bot.desk.Answer(ctx, c.Actor, id, s.Hidden.Seen, body, s.Hidden.Nonce)
	if err == nil {
		c.done("macro", spoken.Ticket.ID, "message", spoken.Message)
	}
	return Answer{}, err
}
