package bot

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"guichet/billing"
	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// invoiceCommand is /invoice: what an organization was invoiced, for its managers, where each is alone with guichet.
func invoiceCommand() *Command {
	return &Command{
		Name:    "invoice",
		Aliases: []string{"facture"},
		Usage:   "[2026-10 | consumption | help]",
		About:   "The invoices of your organization",
		Run:     runInvoice,
		Buttons: map[string]func(context.Context, *Call) (Answer, error){
			"invoices": func(ctx context.Context, c *Call) (Answer, error) {
				return c.invoices(ctx, parseInvoicePlace(c.Press.Value))
			},
			"invoice":        func(ctx context.Context, c *Call) (Answer, error) { return c.invoice(ctx, c.Press.Value) },
			"invoicecentres": pressCentres,
			"invoicepdf":     sendsInvoice(billing.PDF),
			"invoicecsv":     sendsInvoice(billing.CSV),
			"consumption":    func(ctx context.Context, c *Call) (Answer, error) { return c.consumption(ctx) },
			"dispute":        startDispute,
		},
		Forms: map[string]func(context.Context, *Call, Submission) (Answer, error){"invoice.dispute": submitDispute},
	}
}

func runInvoice(ctx context.Context, c *Call, args []string) (Answer, error) {
	if len(args) == 0 {
		return c.invoices(ctx, store.InvoicePlace{})
	}
	switch word := strings.ToLower(args[0]); {
	case word == "help" || word == "aide":
		return c.help(ctx)
	case word == "consumption" || word == "consommation":
		return c.consumption(ctx)
	case len(args) > 1:
		return c.unknownInvoice(ctx)
	}
	if month, ok := parseMonth(args[0]); ok {
		return c.month(ctx, month)
	}
	a, err := c.invoice(ctx, args[0])
	if helpdesk.IsRefusal(err, billing.UnknownInvoice) {
		return c.unknownInvoice(ctx)
	}
	return a, err
}

// monthFirst and yearFirst are the ways in which a month is typed.
var (
	yearFirst  = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})$`)
	monthFirst = regexp.MustCompile(`^(\d{1,2})[-/.](\d{4})$`)
)

// parseMonth reads a month as people type it: 2026-10, 10/2026.
func parseMonth(typed string) (store.Date, bool) {
	year, month := "", ""
	if m := yearFirst.FindStringSubmatch(typed); m != nil {
		year, month = m[1], m[2]
	} else if m := monthFirst.FindStringSubmatch(typed); m != nil {
		month, year = m[1], m[2]
	}
	if len(month) == 1 {
		month = "0" + month
	}
	d, err := store.ParseMonth(year + "-" + month)
	return d, err == nil
}

// unknownInvoice answers what is neither a month nor a number of theirs: the nearest that is, and what can be typed.
func (c *Call) unknownInvoice(ctx context.Context) (Answer, error) {
	p, err := c.bot.invoices.List(ctx, c.Actor, store.InvoicePlace{}, 4*billing.PageShown)
	if err != nil {
		return Answer{}, err
	}
	known := []string{"help", "aide", "consumption", "consommation"}
	for _, i := range p.Invoices {
		known = append(known, i.Issued.String()[:len("2026-10")], strings.ToLower(i.Number))
	}
	typed := strings.TrimSpace(c.Command.Args)
	lines := []string{c.Words.Say("unknown.invoice", text.Args{"Argument": helpdesk.Shorten(typed, 60)})}
	if n := helpdesk.Nearest(strings.ToLower(typed), known); n != "" {
		if i := slices.IndexFunc(p.Invoices, func(h billing.Head) bool { return strings.EqualFold(h.Number, n) }); i >= 0 {
			n = p.Invoices[i].Number
		}
		lines = append(lines, c.Words.Say("unknown.invoice.nearest", text.Args{"Nearest": n}))
	}
	return Answer{Card: &card.Card{Lines: append(lines, c.invoiceUsage()...)}}, nil
}

// invoiceUsage is what can be typed.
func (c *Call) invoiceUsage() []string {
	return []string{c.Words.Say("help.invoice"), c.Words.Say("help.invoice.month"), c.Words.Say("help.invoice.consumption")}
}

// privately answers where the person is alone with guichet, and stays there. Elsewhere it only says so: what was invoiced shows nowhere else.
func (c *Call) privately(out card.Card) Answer {
	a := c.say("invoice.sent")
	a.Direct = &out
	if c.Direct {
		a.Card = nil
	}
	return a
}

// invoices answers with a page of the list.
func (c *Call) invoices(ctx context.Context, after store.InvoicePlace) (Answer, error) {
	p, err := c.bot.invoices.List(ctx, c.Actor, after, billing.PageShown)
	if err != nil {
		return Answer{}, err
	}
	c.done("invoices", 0)
	return c.privately(c.bot.invoicesCard(c.Words, p, after)), nil
}

// month answers with the invoices of a month: with one as by its number, else with the beginning of each.
func (c *Call) month(ctx context.Context, of store.Date) (Answer, error) {
	m, err := c.bot.invoices.Month(ctx, c.Actor, of)
	if err != nil {
		return Answer{}, err
	}
	c.done("invoices", 0)
	if len(m.Invoices) == 1 {
		return c.privately(c.invoiceCard(m.Invoices[0])), nil
	}
	return c.privately(c.bot.monthCard(c.Words, m)), nil
}

// invoice answers with one invoice.
func (c *Call) invoice(ctx context.Context, number string) (Answer, error) {
	i, err := c.bot.invoices.Invoice(ctx, c.Actor, number)
	if upper := strings.ToUpper(number); helpdesk.IsRefusal(err, billing.UnknownInvoice) && upper != number {
		i, err = c.bot.invoices.Invoice(ctx, c.Actor, upper)
	}
	if err != nil {
		return Answer{}, err
	}
	c.done("invoice", 0)
	return c.privately(c.invoiceCard(i)), nil
}

func pressCentres(ctx context.Context, c *Call) (Answer, error) {
	i, err := c.bot.invoices.Invoice(ctx, c.Actor, c.Press.Value)
	if err != nil {
		return Answer{}, err
	}
	c.done("invoice", 0)
	return c.privately(c.bot.centresCard(c.Words, i)), nil
}
