package bot

import (
	"context"
	"errors"
	"maps"

	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// startNew opens the form for a new ticket, at its second step when the service is known.
func (c *Call) startNew(ctx context.Context, service string) (Answer, error) {
	values := map[string]string{}
	if service != "" {
		values["service"] = service
		if err := c.bot.desk.MayOpen(ctx, c.Actor, service); err != nil {
			return Answer{}, err
		}
	}
	return c.startWith(ctx, values)
}

// startFrom opens the form for a new ticket with a draft, if that is still there.
func (c *Call) startFrom(ctx context.Context, draft string) (Answer, error) {
	values, err := c.bot.desk.Draft(ctx, c.Actor, draft)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return Answer{}, err
	}
	return c.startWith(ctx, values)
}

func (c *Call) startWith(ctx context.Context, values map[string]string) (Answer, error) {
	hidden := c.hidden()
	if len(values) > 0 {
		if err := c.bot.desk.SaveDraft(ctx, c.Actor, hidden.Nonce, values); err != nil {
			return Answer{}, err
		}
	}
	known, err := c.knownFor(ctx, values)
	if err != nil {
		return Answer{}, err
	}
	if len(known) > 0 {
		values[fieldKnown] = anotherMatter // whoever goes on from there has said so
		if err := c.bot.desk.SaveDraft(ctx, c.Actor, hidden.Nonce, values); err != nil {
			return Answer{}, err
		}
		return c.offerKnown(hidden.Nonce, known), nil
	}
	f := newForm(c.Words, c.catalog(), firstStep(values), values)
	f.Hidden = hidden
	f.Hidden.Step = f.Step
	return c.open(f), nil
}

// nextForm asks for the next step of the form for a new ticket.
func (c *Call) nextForm(ctx context.Context, s Submission, step string, values map[string]string) (Answer, error) {
	return c.step(ctx, newForm(c.Words, c.catalog(), step, values), s.Hidden, values, "resume")
}

// submitNew takes in one step of the form for a new ticket: it asks for the next, or opens it.
func submitNew(ctx context.Context, c *Call, s Submission) (Answer, error) {
	step := s.Hidden.Step
	values, err := c.bot.desk.Draft(ctx, c.Actor, s.Hidden.Nonce)
	if errors.Is(err, store.ErrNotFound) {
		values = map[string]string{}
	} else if err != nil {
		return Answer{}, err
	}
	if step != stepWhat && len(values) == 0 {
		return Answer{Problem: c.Words.Say("refused.stale_form")}, nil
	}
	asked := newForm(c.Words, c.catalog(), step, values)
	for field, v := range s.Values {
		if v != "" && asked.Asks(field) { // a prefilled field that nobody touched comes back empty from some platforms
			values[field] = v
		}
	}
	request := requestOf(values)
	wrong := helpdesk.Check(c.catalog(), request)
	maps.DeleteFunc(wrong, func(field, _ string) bool { return !asked.Asks(field) })
	if len(wrong) > 0 {
		return Answer{Errors: c.fieldErrors(wrong, values)}, nil
	}
	if asked.Asks("service") {
		err := c.bot.desk.MayOpen(ctx, c.Actor, values["service"])
		if refused := (*helpdesk.Refusal)(nil); errors.As(err, &refused) {
			return Answer{Errors: map[string]string{"service": c.bot.refusal(c.Words, refused)}}, nil
		}
		if err != nil {
			return Answer{}, err
		}
	}
	if next := nextStep(c.catalog(), step, values); next != "" {
		return c.nextForm(ctx, s, next, values)
	}
	if wrong := c.wrongFiles(s); wrong != nil {
		return Answer{Errors: wrong}, nil
	}
	if known, err := c.knownFor(ctx, values); err != nil || len(known) > 0 {
		if err != nil {
			return Answer{}, err
		}
		return c.askKnown(ctx, s, values, known)
	}
	if too, err := c.affectedToo(ctx, values, s.Hidden.Nonce); too || err != nil {
		return Answer{}, err
	}
	if request.From, err = c.source(ctx, values); err != nil {
		return Answer{}, err
	}
	request.Files = append(filesBefore(values), s.Files...)
	out, err := c.bot.desk.Open(ctx, c.Actor, request, s.Hidden.Nonce)
	if err != nil {
		return Answer{}, err
	}
	c.done("open", out.Ticket.ID, "queue", out.Ticket.Queue, "changed", out.Changed)
	if request.From != nil && out.Ticket.Nonce != s.Hidden.Nonce { // from the same message, by somebody who was quicker
		return Answer{Problem: c.Words.Say("refused.in_ticket", text.Args{"Ticket": c.bot.called(out.Ticket)})}, nil
	}
	return Answer{}, nil
}
