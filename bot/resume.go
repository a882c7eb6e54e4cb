package bot

import (
	"context"
	"errors"
	"slices"
	"strings"

	"guichet/bot/card"
	"guichet/store"
)

// resumeCard has the button that leads to a step of the form for a new ticket.
func (c *Call) resumeCard(f card.Form) *card.Card { return c.resumeBy("resume", f) }

// resumeBy is the same for another form: the button's id is whose press opens it.
func (c *Call) resumeBy(button string, f card.Form) *card.Card {
	return &card.Card{Title: f.Title, Lines: append(slices.Clone(f.Intro), c.Words.Say("form.resume")),
		Buttons: []card.Button{{ID: button, Value: f.Hidden.Nonce + " " + f.Step, Text: c.Words.Say("form.continue"), Style: card.Primary}}}
}

// resume opens a step of the form for a new ticket whose earlier steps have been sent.
func (c *Call) resume(ctx context.Context) (Answer, error) {
	nonce, step, _ := strings.Cut(c.Press.Value, " ")
	values, err := c.bot.desk.Draft(ctx, c.Actor, nonce)
	if errors.Is(err, store.ErrNotFound) {
		return c.say("refused.stale_form"), nil
	}
	if err != nil {
		return Answer{}, err
	}
	f := newForm(c.Words, c.catalog(), step, values)
	f.Hidden = card.Hidden{Nonce: nonce, Person: int64(c.Person.ID), Step: step}
	return c.open(f), nil
}
