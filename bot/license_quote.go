package bot

import (
	"context"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/license"
)

// quoteAct asks for a quote.
func quoteAct() licenseAct {
	return licenseAct{words: []string{"quote", "devis"},
		run:     func(ctx context.Context, c *Call, _ []string) (Answer, error) { return startQuote(ctx, c) },
		buttons: map[string]func(context.Context, *Call) (Answer, error){"quote": startQuote},
		forms:   map[string]func(context.Context, *Call, Submission) (Answer, error){"license.quote": submitQuote}}
}

// startQuote opens the form by which a manager asks for a quote.
func startQuote(ctx context.Context, c *Call) (Answer, error) {
	if err := c.bot.licenses.MustManage(ctx, c.Actor); err != nil {
		return Answer{}, err
	}
	w := c.Words
	licenses := c.licenseOptions()
	if len(licenses) == 0 {
		return c.say("license.none.offered"), nil
	}
	return c.open(card.Form{ID: "license.quote", Title: w.Say("form.quote.title"), Submit: w.Say("form.send"), Cancel: w.Say("form.cancel"), Hidden: c.hidden(),
		Intro: []string{w.Say("form.quote.intro")},
		Inputs: []card.Input{
			{ID: "license", Type: card.Select, Label: w.Say("field.license"), Options: licenses},
			{ID: "quantity", Type: card.Text, Label: w.Say("field.quantity"), Longest: 12},
			{ID: "description", Type: card.Area, Label: w.Say("form.quote.remark"), Optional: true, Longest: longestRemark},
		}}), nil
}

// longestRemark leaves room for our own words in the description of a ticket.
const longestRemark = helpdesk.MaxDescription - 500

// licenseName is what a license is called beside those of other services.
func (b *Bot) licenseName(w text.Words, l license.License) string {
	if l.Service == "" {
		return l.Name(w.Language())
	}
	return w.Say("license.name", text.Args{"Service": b.service(w, l.Service), "Name": l.Name(w.Language())})
}

// submitQuote asks for it.
func submitQuote(ctx context.Context, c *Call, s Submission) (Answer, error) {
	w, wrong := c.Words, map[string]string{}
	l, ok := c.bot.licenses.Catalog().Of(s.Values["license"])
	if !ok {
		wrong["license"] = w.Say("wrong.missing.choice")
	}
	n, problem := c.quantity(s.Values["quantity"])
	if problem != "" {
		wrong["quantity"] = problem
	}
	remark := strings.TrimSpace(s.Values["description"])
	if over := len([]rune(remark)) - longestRemark; over > 0 {
		wrong["description"] = w.Say("wrong.too_long", text.Args{"N": over, "Longest": longestRemark})
	}
	if len(wrong) > 0 {
		return Answer{Errors: wrong}, nil
	}
	args := text.Args{"N": int(n), "Count": w.Number(n), "License": c.bot.licenseName(w, l)}
	q := license.Quote{License: l.Key, Quantity: n, Account: c.From, Subject: helpdesk.Shorten(w.Say("quote.subject", args), helpdesk.MaxSubject),
		Text: strings.TrimSpace(w.Say("quote.text", args) + "\n\n" + remark)}
	out, err := c.bot.licenses.AskQuote(ctx, c.Actor, q, s.Hidden.Nonce)
	if err != nil {
		return Answer{}, err
	}
	c.done("quote", out.Ticket.ID, "changed", out.Changed)
	return Answer{}, nil
}
