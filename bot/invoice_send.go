package bot

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"strings"

	"guichet/billing"
	"guichet/bot/card"
	"guichet/bot/chart"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/money"
	"guichet/store"
)

// takesFiles says whether a file can be sent to this person where they are.
func (c *Call) takesFiles() bool {
	_, ok := c.bot.doors[c.From.Workspace].(Uploader)
	return ok && !c.catalog().Files.Off
}

// sendsInvoice has an invoice sent as a file to where its reader is alone with guichet: an answer for them alone can't hold one.
func sendsInvoice(format string) func(context.Context, *Call) (Answer, error) {
	return func(ctx context.Context, c *Call) (Answer, error) {
		if err := c.bot.invoices.SendInvoice(ctx, c.Actor, c.Press.Value, format); err != nil {
			return Answer{}, err
		}
		c.done("invoice."+format, 0)
		return c.say("invoice.comes"), nil
	}
}

// consumption has what was consumed sent as a picture with its numbers; in words alone where files can't be sent.
func (c *Call) consumption(ctx context.Context) (Answer, error) {
	if c.takesFiles() {
		if err := c.bot.invoices.SendConsumption(ctx, c.Actor); err != nil {
			return Answer{}, err
		}
		c.done("consumption", 0)
		return c.say("picture.comes"), nil
	}
	spent, err := c.bot.invoices.Consumption(ctx, c.Actor)
	if err != nil {
		return Answer{}, err
	}
	c.done("consumption", 0)
	said := c.bot.spentLines(c.Words, spent)
	return c.privately(card.Card{Title: said[0], Lines: said[1:]}), nil
}

// File is something that one person asked for, on its way to where they are alone with guichet.
type File struct {
	Account string // in chat
	Name    string
	Words   string // beside it
	Alt     string // what is to be seen on a picture
	Bytes   []byte
	Kept    string // the key under which they are kept, in place of Bytes
	Over    bool   // it is no business of theirs any more
}

// IsInvoiceFile says whether a delivery is such a file.
func IsInvoiceFile(d store.Delivery) bool {
	return d.Kind == billing.TellInvoice || d.Kind == billing.TellConsumption
}

// InvoiceFile makes the file of a delivery.
func (b *Bot) InvoiceFile(ctx context.Context, d store.Delivery) (File, error) {
	if d.Kind == billing.TellConsumption {
		p, err := b.invoices.Drawing(ctx, d)
		if err != nil || p.Over {
			return File{Over: p.Over}, err
		}
		drawn, err := b.drawConsumption(p)
		return File{Account: p.To.ID, Name: drawn.Name, Words: drawn.Words, Alt: drawn.Alt, Bytes: drawn.PNG}, err
	}
	p, err := b.invoices.Parcel(ctx, d)
	if err != nil || p.Over {
		return File{Over: p.Over}, err
	}
	w := text.In(p.Language)
	f := File{Account: p.To.ID, Name: helpdesk.SafeName(p.Number + "." + p.Format), Words: w.Say("invoice.title", text.Args{"Number": p.Number, "Month": w.Month(p.Issued.Time())})}
	if p.Format == billing.PDF {
		f.Kept = p.PDF
		return f, nil
	}
	f.Bytes, err = b.invoiceCSV(p)
	return f, err
}

// bom begins the file: without it Excel takes UTF-8 for another encoding, and shows é as Ã©. Others pass over it, guichet's imports too.
const bom = "\ufeff"

// invoiceCSV is the consumption detail of an invoice as a table, in its reader's language: in French with semicolons and decimal commas,
// as Excel reads and writes it there.
func (b *Bot) invoiceCSV(p billing.Parcel) ([]byte, error) {
	w := text.In(p.Language)
	var out bytes.Buffer
	out.WriteString(bom)
	table := csv.NewWriter(&out)
	table.UseCRLF = true
	if w.Say("rate.point") == "," {
		table.Comma = ';'
	}
	point := w.Say("rate.point")
	amount := func(a money.Amount) string { return strings.Replace(a.String(), ".", point, 1) }
	rows := [][]string{strings.Split(w.Say("invoice.csv.head"), ", ")}
	for n, l := range p.Lines {
		rows = append(rows, []string{harmless(p.Number), p.Issued.String(), p.Due.String(), harmless(p.Account), fmt.Sprint(n + 1), harmless(b.service(w, l.Service)), harmless(l.Centre),
			fmt.Sprint(l.Quantity), amount(l.Unit), l.Begins.String(), l.Ends.String(), strings.Replace(l.Rate.String(), ".", point, 1), amount(l.Net), amount(l.VAT), l.Net.Currency})
	}
	err := table.WriteAll(rows)
	return out.Bytes(), err
}

// harmless is a text as a cell that no spreadsheet takes for a formula. (Numbers are our own, and may begin with a minus.)
func harmless(cell string) string {
	if strings.IndexAny(cell, "=+-@\t\r\n") == 0 {
		return "'" + cell
	}
	return cell
}

// shownCurrencies is how many currencies a picture shows; the words beside it tell of all.
const shownCurrencies = 3

// drawConsumption draws what was consumed by month and by service, and says it in words.
func (b *Bot) drawConsumption(p billing.Drawing) (d Drawn, err error) {
	w := text.In(p.Language)
	said := b.spentLines(w, p.Consumption)
	pic := chart.Picture{Title: said[0], Note: said[1]}
	for _, s := range p.Currencies[:min(shownCurrencies, len(p.Currencies))] {
		months := chart.Panel{Title: w.Say("consumption.months", text.Args{"Currency": s.Currency})}
		var values []int
		for i, a := range s.Months {
			months.Labels, values = append(months.Labels, w.ShortMonth(p.Months[i].Time())), append(values, bar(a))
		}
		months.Sorts = []chart.Sort{{Values: values}}
		services, bars := chart.Panel{Title: w.Say("consumption.services", text.Args{"Currency": s.Currency}), Lying: true}, []int(nil)
		for _, part := range b.someServices(w, s) {
			services.Labels, bars = append(services.Labels, part.Key), append(bars, bar(part.Net))
		}
		services.Sorts = []chart.Sort{{Values: bars}}
		pic.Panels = append(pic.Panels, months, services)
	}
	d = Drawn{Name: helpdesk.SafeName(fmt.Sprintf("guichet-consumption-%s-%s.png", p.Organization, p.Months[len(p.Months)-1].String()[:len("2026-10")])),
		Words: strings.Join(said, "\n"), Alt: strings.Join(said, "\n")}
	if len([]rune(d.Alt)) > maxAlt {
		d.Alt = string([]rune(d.Alt)[:maxAlt-1]) + "…"
	}
	d.PNG, err = chart.Draw(pic)
	return d, err
}

// bar is how long a bar is: in whole units, and none where more was given back than consumed, which the words tell.
func bar(a money.Amount) int { return int(max(0, a.Units())) }

// someServices are those that cost the most, by name, and all others together.
func (b *Bot) someServices(w text.Words, s billing.Spent) (all []billing.Part) {
	for i, p := range s.Services {
		if i >= shownServices && len(s.Services) > shownServices+1 {
			if i == shownServices {
				all = append(all, billing.Part{Key: w.Say("picture.others")})
			}
			all[shownServices].Net = all[shownServices].Net.Plus(p.Net)
			continue
		}
		all = append(all, billing.Part{Key: b.service(w, p.Key), Net: p.Net})
	}
	return all
}

// spentLines say what was consumed: what it is about, of which months, and in each currency by month and by service.
func (b *Bot) spentLines(w text.Words, c billing.Consumption) []string {
	lines := []string{w.Say("consumption.title", text.Args{"Organization": b.organization(c.Organization)}),
		w.Say("consumption.period", text.Args{"From": w.Month(c.Months[0].Time()), "To": w.Month(c.Months[len(c.Months)-1].Time())})}
	if len(c.Currencies) == 0 {
		return append(lines, w.Say("consumption.none"))
	}
	said := func(title string, items []string) {
		lines = append(lines, w.Say("picture.item", text.Args{"Label": title, "Says": strings.Join(items, w.Say("stats.and"))})+".")
	}
	for _, s := range c.Currencies {
		var months, services []string
		for i, a := range s.Months {
			if a.Currency == "" { // nothing
				a.Currency = s.Currency
			}
			months = append(months, w.Say("picture.item", text.Args{"Label": w.ShortMonth(c.Months[i].Time()), "Says": w.Money(a)}))
		}
		for _, p := range b.someServices(w, s) {
			services = append(services, w.Say("picture.item", text.Args{"Label": p.Key, "Says": w.Money(p.Net)}))
		}
		said(w.Say("consumption.months", text.Args{"Currency": s.Currency}), months)
		said(w.Say("consumption.services", text.Args{"Currency": s.Currency}), services)
		lines = append(lines, w.Say("consumption.total", text.Args{"Total": w.Money(s.Total)}))
	}
	return lines
}
