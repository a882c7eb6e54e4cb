package bot

import (
	"context"
	"errors"
	"slices"
	"strings"

	"guichet/bot/card"
	"guichet/store"
)

// step answers with one of several steps of a form. What was filled in so far is kept beside it; button is the one that leads there where a form
// can't follow a form.
func (c *Call) step(ctx context.Context, f card.Form, hidden card.Hidden, values map[string]string, button string) (Answer, error) {
	if err := c.bot.desk.SaveDraft(ctx, c.Actor, hidden.Nonce, values); err != nil {
		return Answer{}, err
	}
	f.Hidden = hidden
	f.Hidden.Step = f.Step
	a := c.open(f)
	a.Resume = &card.Card{Title: f.Title, Lines: append(slices.Clone(f.Intro), c.Words.Say("form.resume")),
		Buttons: []card.Button{{ID: button, Value: hidden.Nonce + " " + f.Step, Text: c.Words.Say("form.continue"), Style: card.Primary}}}
	return a, nil
}

// resumed opens, by that button, a step whose earlier ones have been sent.
func (c *Call) resumed(ctx context.Context, open func(hidden card.Hidden, step string, values map[string]string) (Answer, error)) (Answer, error) {
	nonce, step, _ := strings.Cut(c.Press.Value, " ")
	values, err := c.bot.desk.Draft(ctx, c.Actor, nonce)
	if errors.Is(err, store.ErrNotFound) {
		return c.say("refused.stale_form"), nil
	}
	if err != nil {
		return Answer{}, err
	}
	return open(card.Hidden{Nonce: nonce, Person: int64(c.Person.ID), Step: step}, step, values)
}

// filledIn is what was kept beside a step that was sent. Without it the form is out of date, which the answer says.
func (c *Call) filledIn(ctx context.Context, s Submission) (values map[string]string, stale *Answer, err error) {
	values, err = c.bot.desk.Draft(ctx, c.Actor, s.Hidden.Nonce)
	if errors.Is(err, store.ErrNotFound) {
		return nil, &Answer{Problem: c.Words.Say("refused.stale_form")}, nil
	}
	return values, nil, err
}

// resume opens a step of the form for a new ticket.
func (c *Call) resume(ctx context.Context) (Answer, error) {
	return c.resumed(ctx, func(hidden card.Hidden, step string, values map[string]string) (Answer, error) {
		f := newForm(c.Words, c.catalog(), step, values)
		f.Hidden = hidden
		return c.open(f), nil
	})
}
