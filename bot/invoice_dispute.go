package bot

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"guichet/billing"
	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// startDispute opens the form by which a manager objects to a line of an invoice.
func startDispute(ctx context.Context, c *Call) (Answer, error) {
	i, err := c.bot.invoices.Invoice(ctx, c.Actor, c.Press.Value)
	if err != nil {
		return Answer{}, err
	}
	w := c.Words
	line := card.Input{ID: "line", Type: card.Text, Label: w.Say("field.line"), Longest: 5, Hint: w.Say("form.dispute.line.hint", text.Args{"Most": w.Number(int64(len(i.Lines)))})}
	if len(i.Lines) <= mostChoices {
		line = card.Input{ID: "line", Type: card.Select, Label: w.Say("field.line")}
		for n := range i.Lines {
			line.Options = append(line.Options, card.Option{Value: fmt.Sprint(n + 1), Text: helpdesk.Shorten(c.bot.lineName(w, i, n), longestChoice)})
		}
	}
	f := card.Form{ID: "invoice.dispute", Title: w.Say("form.dispute.title"), Submit: w.Say("form.send"), Cancel: w.Say("form.cancel"), Hidden: c.hidden(),
		Intro:  []string{w.Say("form.dispute.intro", text.Args{"Number": i.Number, "Month": w.Month(i.Issued.Time())})},
		Inputs: []card.Input{line, {ID: "description", Type: card.Area, Label: w.Say("form.dispute.why"), Longest: longestRemark}}}
	f.Hidden.Seen = i.Number // looked up again when it is sent
	return c.open(f), nil
}

// lineName is what a line of an invoice is called where one is chosen.
func (b *Bot) lineName(w text.Words, i billing.Invoice, n int) string {
	l := i.Lines[n]
	args := text.Args{"Line": n + 1, "Service": b.service(w, l.Service), "Centre": l.Centre, "Net": w.Money(l.Net)}
	if l.Centre == "" {
		return w.Say("invoice.choice", args)
	}
	return w.Say("invoice.choice.centre", args)
}

// submitDispute opens the ticket.
func submitDispute(ctx context.Context, c *Call, s Submission) (Answer, error) {
	w, wrong := c.Words, map[string]string{}
	i, err := c.bot.invoices.Invoice(ctx, c.Actor, s.Hidden.Seen)
	if err != nil {
		return Answer{}, err
	}
	line, err := strconv.Atoi(strings.TrimSpace(s.Values["line"]))
	if err != nil || line < 1 || line > len(i.Lines) {
		wrong["line"] = w.Say("wrong.line", text.Args{"Most": w.Number(int64(len(i.Lines)))})
	}
	why := strings.TrimSpace(s.Values["description"])
	switch over := len([]rune(why)) - longestRemark; {
	case why == "":
		wrong["description"] = w.Say("wrong.missing")
	case over > 0:
		wrong["description"] = w.Say("wrong.too_long", text.Args{"N": over, "Longest": longestRemark})
	}
	if len(wrong) > 0 {
		return Answer{Errors: wrong}, nil
	}
	l := i.Lines[line-1]
	args := text.Args{"Number": i.Number, "Line": line, "Service": c.bot.service(w, l.Service), "Quantity": w.Number(l.Quantity), "Unit": w.Money(l.Unit),
		"Period": period(w, l.Begins, l.Ends), "Net": w.Money(l.Net), "Rate": w.Rate(l.Rate)}
	out, err := c.bot.invoices.Dispute(ctx, c.Actor, billing.Objection{Invoice: i.Number, Line: line, Subject: helpdesk.Shorten(w.Say("dispute.subject", args), helpdesk.MaxSubject),
		Text: w.Say("dispute.text", args) + "\n\n" + why}, s.Hidden.Nonce)
	if err != nil {
		return Answer{}, err
	}
	c.done("dispute", out.Ticket.ID, "changed", out.Changed)
	return Answer{}, nil
}

// invoiceFields are the facts of a ticket about a line of an invoice.
func invoiceFields(w text.Words, t store.Ticket) (fs []card.Field) {
	number, ok := t.Details[billing.DetailInvoice]
	if !ok {
		return nil
	}
	fs = append(fs, field(w, "invoice", w.Say("invoice.of", text.Args{"Number": number, "Line": t.Details[billing.DetailLine]})))
	if centre := t.Details[billing.DetailCentre]; centre != "" {
		fs = append(fs, field(w, "centre", centre))
	}
	return fs
}
