package bot

import (
	"context"
	"errors"
	"slices"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/license"
)

// changeAct changes licenses into others of their family: an order like any other, with the difference of the prices.
func changeAct() licenseAct {
	return licenseAct{words: []string{"change", "changer"},
		run:     func(ctx context.Context, c *Call, _ []string) (Answer, error) { return startLicenseChange(ctx, c) },
		buttons: map[string]func(context.Context, *Call) (Answer, error){"licensechange": startLicenseChange},
		forms:   map[string]func(context.Context, *Call, Submission) (Answer, error){"license.change": submitLicenseChange}}
}

// startLicenseChange opens the form that asks what is to become what.
func startLicenseChange(ctx context.Context, c *Call) (Answer, error) {
	e, err := c.bot.licenses.Estate(ctx, c.Actor)
	if err != nil {
		return Answer{}, err
	}
	w, pairs := c.Words, c.bot.changeable(c.Words, e)
	pairs = pairs[:min(len(pairs), mostChoices)]
	if len(pairs) == 0 {
		return c.say("change.none"), nil
	}
	return c.open(card.Form{ID: "license.change", Title: w.Say("form.change.title"), Submit: w.Say("form.continue"), Cancel: w.Say("form.cancel"), Hidden: c.hidden(),
		Intro: []string{w.Say("form.change.intro")},
		Inputs: []card.Input{{ID: "pair", Type: card.Select, Label: w.Say("field.change"), Options: pairs},
			{ID: "quantity", Type: card.Text, Label: w.Say("field.quantity"), Longest: 12}}}), nil
}

// changeable are what can become what, of what an organization has.
func (b *Bot) changeable(w text.Words, e license.Estate) (pairs []card.Option) {
	for _, from := range e.Lines {
		for _, to := range b.licenses.Catalog().Offered() {
			if from.Ordered > 0 && from.Family != "" && from.Family == to.Family && from.Service == to.Service && from.Key != to.Key && from.Price.Currency != "" {
				has := e.Lines[slices.IndexFunc(e.Lines, func(l license.Line) bool { return l.Key == to.Key })]
				difference := to.PriceAt(has.Ordered + 1).Minus(from.PriceAt(from.Ordered)) // of one, as an order of it reckons
				args := text.Args{"From": b.licenseName(w, from.License), "To": to.Name(w.Language()), "Difference": w.Money(difference)}
				pairs = append(pairs, card.Option{Value: from.Key + ">" + to.Key, Text: helpdesk.Shorten(w.Say("change.option", args), longestChoice)})
			}
		}
	}
	return pairs
}

// submitLicenseChange goes on with what it costs.
func submitLicenseChange(ctx context.Context, c *Call, s Submission) (Answer, error) {
	w, wrong := c.Words, map[string]string{}
	from, to, ok := strings.Cut(s.Values["pair"], ">")
	if !ok {
		wrong["pair"] = w.Say("wrong.missing.choice")
	}
	n, problem := c.quantity(s.Values["quantity"])
	if problem != "" {
		wrong["quantity"] = problem
	}
	items := []license.Item{{License: from, Quantity: -n}, {License: to, Quantity: n}}
	if len(wrong) == 0 {
		_, err := c.bot.licenses.Offer(ctx, c.Actor, items, w.Language())
		if few := (*license.TooFew)(nil); errors.As(err, &few) {
			wrong["quantity"] = w.Say("wrong.too_few.change", text.Args{"N": int(few.Spare()), "Count": w.Number(few.Spare()),
				"Counts": licenseCounts(w, few.Line, "ordered", "assigned")})
		} else if wanting := (*license.Wanting)(nil); errors.As(err, &wanting) {
			wrong["pair"] = c.bot.wanting(w, wanting)
		} else if err != nil {
			return Answer{}, err
		}
	}
	if len(wrong) > 0 {
		return Answer{Errors: wrong}, nil
	}
	return c.orderForm(ctx, s.Hidden, stepBasket, map[string]string{fieldBasket: writeBasket(items)}, "")
}
