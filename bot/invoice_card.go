package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"guichet/billing"
	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/store"
)

// How many lines of an invoice a card shows: alone, and beside others. The CSV has all.
const (
	linesShown   = 25
	linesInMonth = 6
	centresShown = 30
)

// invoicesCard is a page of the list.
func (b *Bot) invoicesCard(w text.Words, p billing.Page, after store.InvoicePlace) card.Card {
	out := card.Card{Title: w.Say("invoices.title", text.Args{"Organization": b.organization(p.Organization)})}
	var lines []string
	for _, i := range p.Invoices {
		lines = append(lines, invoiceLine(w, i))
		out.Buttons = append(out.Buttons, invoiceButton(w, i))
	}
	if len(lines) == 0 {
		out.Lines = []string{w.Say("invoices.none")}
		return out
	}
	out.Lines, out.Context = lines, w.Say("invoices.hint")
	if after != (store.InvoicePlace{}) {
		out.Buttons = append(out.Buttons, card.Button{ID: "invoices", Text: w.Say("button.first")})
	}
	if p.More {
		out.Buttons = append(out.Buttons, card.Button{ID: "invoices", Value: invoicePlace(p.Next), Text: w.Say("button.invoices.more"), Label: w.Say("button.invoices.more.label")})
	}
	return out
}

// invoiceLine is an invoice in a list.
func invoiceLine(w text.Words, i billing.Head) string {
	return w.Say("invoices.line", text.Args{"Month": w.Month(i.Issued.Time()), "Number": i.Number, "Gross": w.Money(i.Gross), "Due": w.FullDate(i.Due.Time())})
}

func invoiceButton(w text.Words, i billing.Head) card.Button {
	return card.Button{ID: "invoice", Value: i.Number, Text: i.Number, Label: w.Say("button.invoice.label", text.Args{"Number": i.Number, "Month": w.Month(i.Issued.Time())})}
}

// invoicePlace writes a place in the list for a button, and parseInvoicePlace reads it: the beginning, if it is none.
func invoicePlace(p store.InvoicePlace) string { return fmt.Sprintf("%d-%d", p.Issued, p.ID) }

func parseInvoicePlace(s string) (p store.InvoicePlace) {
	if _, err := fmt.Sscanf(s, "%d-%d", &p.Issued, &p.ID); err != nil || invoicePlace(p) != s {
		return store.InvoicePlace{}
	}
	return p
}

// invoiceCard is one invoice with its consumption detail, and what can be done with it.
func (c *Call) invoiceCard(i billing.Invoice) card.Card {
	w := c.Words
	out := card.Card{Title: w.Say("invoice.title", text.Args{"Number": i.Number, "Month": w.Month(i.Issued.Time())}),
		Fields: []card.Field{field(w, "invoice.issued", w.FullDate(i.Issued.Time())), field(w, "invoice.due", w.FullDate(i.Due.Time())),
			field(w, "invoice.account", i.Account), field(w, "invoice.net", w.Money(i.Net))}}
	for _, t := range billing.Rates(i.Lines) {
		out.Fields = append(out.Fields, card.Field{Name: w.Say("field.invoice.vat", text.Args{"Rate": w.Rate(t.Rate)}), Value: w.Money(t.VAT)})
	}
	out.Fields = append(out.Fields, field(w, "invoice.gross", w.Money(i.Gross)))
	out.Lines = append([]string{w.Say("invoice.detail")}, c.bot.detail(w, i, linesShown)...)
	for _, d := range i.Disputes {
		out.Lines = append(out.Lines, w.Say("invoice.disputed", text.Args{"Line": d.Line, "Ticket": c.bot.called(d.Ticket), "State": w.Say("state." + d.Ticket.State)}))
	}
	out.Lines = spread(out.Lines)
	add := func(id, text, label string) {
		out.Buttons = append(out.Buttons, card.Button{ID: id, Value: i.Number, Text: text, Label: label})
	}
	if c.takesFiles() {
		add("invoicepdf", w.Say("button.invoice.pdf"), w.Say("button.invoice.pdf.label", text.Args{"Number": i.Number}))
		add("invoicecsv", w.Say("button.invoice.csv"), w.Say("button.invoice.csv.label", text.Args{"Number": i.Number}))
	}
	add("consumption", w.Say("button.consumption"), w.Say("button.consumption.label"))
	add("invoicecentres", w.Say("button.invoice.centres"), w.Say("button.invoice.centres.label", text.Args{"Number": i.Number}))
	add("dispute", w.Say("button.dispute"), w.Say("button.dispute.label", text.Args{"Number": i.Number}))
	for n, d := range i.Disputes {
		if n < 3 {
			out.Buttons = append(out.Buttons, c.bot.showButton(w, d.Ticket))
		}
	}
	return out
}

// detail are the lines of an invoice, as far as most of them; and what is said of the others.
func (b *Bot) detail(w text.Words, i billing.Invoice, most int) (paragraphs []string) {
	shown := i.Lines[:min(most, len(i.Lines))]
	var lines []string
	for n, l := range shown {
		args := text.Args{"Line": n + 1, "Service": b.service(w, l.Service), "Centre": l.Centre, "Quantity": w.Number(l.Quantity), "Unit": w.Money(l.Unit),
			"Period": period(w, l.Begins, l.Ends), "Net": w.Money(l.Net)}
		key := "invoice.line"
		if l.Centre != "" {
			key = "invoice.line.centre"
		}
		lines = append(lines, w.Say(key, args))
	}
	paragraphs = []string{strings.Join(lines, "\n")}
	if rest := len(i.Lines) - len(shown); rest > 0 {
		paragraphs = append(paragraphs, w.Say("invoice.rest", text.Args{"N": rest, "Count": w.Number(int64(rest))}))
	}
	return paragraphs
}

// spread has each line of paragraphs be one of its own, which reads better, unless these would be very many.
func spread(paragraphs []string) []string {
	lines := strings.Split(strings.Join(paragraphs, "\n"), "\n")
	if len(lines) > linesShown {
		return paragraphs
	}
	return lines
}

// period is a month, or its first and last day.
func period(w text.Words, begins, ends store.Date) string {
	if begins == begins.Month() && ends.Month() == begins && store.DateOf(ends.Time().AddDate(0, 0, 1)) == begins.AddMonths(1) {
		return w.Month(begins.Time())
	}
	return w.Say("invoice.period", text.Args{"From": w.FullDate(begins.Time()), "To": w.FullDate(ends.Time())})
}

// monthCard is what there is of a month: none or several.
func (b *Bot) monthCard(w text.Words, m billing.Month) card.Card {
	name := w.Month(m.First.Time())
	out := card.Card{Title: w.Say("invoices.month", text.Args{"Month": name})}
	if len(m.Invoices) == 0 {
		out.Lines = []string{w.Say("invoices.month.none", text.Args{"Month": name})}
		for _, near := range []struct {
			key string
			at  store.Date
		}{{"invoices.month.before", m.Before}, {"invoices.month.after", m.After}} {
			if near.at != 0 {
				out.Lines = append(out.Lines, w.Say(near.key, text.Args{"Month": w.Month(near.at.Time()), "Typed": near.at.String()[:len("2026-10")]}))
			}
		}
		out.Buttons = []card.Button{{ID: "invoices", Text: w.Say("button.invoices")}}
		return out
	}
	for _, i := range m.Invoices {
		head := w.Say("invoices.head", text.Args{"Number": i.Number, "Net": w.Money(i.Net), "VAT": w.Money(i.VAT), "Gross": w.Money(i.Gross), "Due": w.FullDate(i.Due.Time())})
		out.Lines = append(out.Lines, strings.Join(append([]string{head}, b.detail(w, i, linesInMonth)...), "\n"))
		out.Buttons = append(out.Buttons, invoiceButton(w, i.Head))
	}
	out.Lines, out.Context = spread(out.Lines), w.Say("invoices.hint")
	if m.More {
		out.Context = w.Say("invoices.month.more")
		out.Buttons = append(out.Buttons, card.Button{ID: "invoices", Text: w.Say("button.invoices")})
	}
	return out
}

// centresCard is one invoice by billing centre, and each by service.
func (b *Bot) centresCard(w text.Words, i billing.Invoice) card.Card {
	out := card.Card{Title: w.Say("invoice.centres.title", text.Args{"Number": i.Number})}
	all := billing.ByCentre(i.Lines)
	slices.SortStableFunc(all, func(a, b billing.Part) int { return strings.Compare(a.Key, b.Key) })
	for n, centre := range all {
		if n == centresShown {
			rest := len(all) - n
			out.Lines = append(out.Lines, w.Say("invoice.centres.rest", text.Args{"N": rest, "Count": w.Number(int64(rest))}))
			break
		}
		name := centre.Key
		if name == "" {
			name = w.Say("invoice.centre.none")
		}
		lines := []string{w.Say("invoice.centre", text.Args{"Centre": name, "Net": w.Money(centre.Net)})}
		for _, s := range centre.Parts {
			lines = append(lines, w.Say("invoice.centre.service", text.Args{"Service": b.service(w, s.Key), "Net": w.Money(s.Net)}))
		}
		out.Lines = append(out.Lines, strings.Join(lines, "\n"))
	}
	out.Lines = spread(append(out.Lines, w.Say("invoice.centres.total", text.Args{"Net": w.Money(i.Net)})))
	return out
}

// invoiceSection shows the latest invoices in a manager's home view.
func invoiceSection(w text.Words, p billing.Page) card.Section {
	s := card.Section{Title: w.Say("section.invoices"), Empty: w.Say("invoices.none")}
	for _, i := range p.Invoices {
		b := invoiceButton(w, i)
		s.Items = append(s.Items, card.Item{Text: invoiceLine(w, i), Button: b})
	}
	if p.More {
		s.More = &card.Button{ID: "invoices", Text: w.Say("button.all"), Label: w.Say("button.all.label", text.Args{"Section": s.Title})}
	}
	return s
}

// statement tells a manager that there are new invoices.
func (b *Bot) statement(ctx context.Context, d store.Delivery) (Notice, error) {
	account := billing.NewsFor(d)
	to, err := b.person(ctx, Request{From: account, Name: account.ID}) // whoever has not been met yet is looked up
	if err != nil {
		return Notice{}, err
	}
	n, err := b.invoices.News(ctx, d, to.ID)
	if err != nil || n.Over {
		return Notice{Over: n.Over}, err
	}
	return Notice{Account: account.ID, Card: b.statementCard(text.In(to.Language), n)}, nil
}

func (b *Bot) statementCard(w text.Words, n billing.News) card.Card {
	return card.Card{Title: w.Say("statement.title", text.Args{"Organization": b.organization(n.Latest.Organization)}),
		Lines:   []string{w.Say("statement.new", text.Args{"N": n.Count, "Count": w.Number(int64(n.Count))}), invoiceLine(w, n.Latest)},
		Buttons: []card.Button{invoiceButton(w, n.Latest), {ID: "invoices", Text: w.Say("button.invoices")}}}
}
