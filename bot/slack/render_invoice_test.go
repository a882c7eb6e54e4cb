package slack

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"guichet/billing"
	"guichet/bot"
	"guichet/store"
)

// takes has the counter take in invoices, of so many lines each.
func (c *counter) takes(lines int, numbers ...string) {
	c.t.Helper()
	heads, all := "number,account,date,due,currency,net,vat,gross\n", "invoice,service,centre,quantity,unit_price,period,vat_rate,net\n"
	files := fstest.MapFS{}
	for _, n := range numbers {
		number, date, _ := strings.Cut(n, " ")
		heads += fmt.Sprintf("%s,A1,%s,2026-12-31,EUR,%d.00,20:%d.00,%d.00\n", number, date, 10*lines, 2*lines, 12*lines)
		all += strings.Repeat(number+",office,Lyon <!channel> & *burns*,2,5.00,2026-08,20,10.00\n", lines)
		files[number+".pdf"] = &fstest.MapFile{Data: []byte("%PDF-")}
	}
	files[billing.InvoicesFile], files[billing.LinesFile] = &fstest.MapFile{Data: []byte(heads)}, &fstest.MapFile{Data: []byte(all)}
	b, err := c.invoices.Read(files)
	if err == nil {
		_, err = c.invoices.Import(c.t.Context(), b, false)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

func TestRenderInvoices(t *testing.T) {
	inEach(t, func(t *testing.T, language string) {
		g, c := golden{}, newCounter(t, language)
		c.bot.Attach(struct {
			lobby
			bot.Uploader
		}{lobby: lobby{language: language}})
		types := func(name, args string) {
			t.Helper()
			a := c.handle("U02MARTIN", bot.Request{Command: &bot.Typed{Name: "invoice", Args: args}})
			g.answer(t, name+", where it was typed", a)
			if a.Direct != nil {
				g.card(t, name, *a.Direct)
			}
		}
		types("none", "")
		types("none of a month", "2026-08")
		c.takes(2, "F-1 2026-08-31")
		for n := range 11 {
			c.takes(1, fmt.Sprintf("O-%02d 2025-0%d-28", n, 1+n/2))
		}
		c.takes(1000, "L-1 2024-05-31", "L-2 2024-05-31")
		types("list", "")
		types("none of this month", "2026-07")
		types("several of a month", "2024-05")
		types("long", "L-1")
		types("not understood", "F-01 <!channel>")
		c.sends("U02MARTIN", c.presses("U02MARTIN", "dispute", "F-1"), map[string]string{"line": "2", "description": "Why <!channel>?"})
		types("one", "F-1")
		types("by what it is called", "2026-08")
		press := func(name, button, value string) {
			t.Helper()
			a := c.handle("U02MARTIN", bot.Request{Press: &bot.Press{Button: button, Value: value}})
			if a.Direct == nil {
				g.answer(t, name, a)
				return
			}
			g.card(t, name, *a.Direct)
		}
		press("older ones", "invoices", "20250128-3")
		press("by centre", "invoicecentres", "F-1")
		press("PDF", "invoicepdf", "F-1")
		press("consumption", "consumption", "")
		for _, number := range []string{"F-1", "L-1"} {
			f := c.presses("U02MARTIN", "dispute", number)
			g.form(t, "dispute "+number, &f)
		}
		g.answer(t, "an employee", c.handle("U01ALICE", bot.Request{Command: &bot.Typed{Name: "invoice"}}))
		g.answer(t, "the ticket", c.types("U02MARTIN", "1001"))
		n, err := c.bot.Notice(t.Context(), store.Delivery{Lane: "statement/1/2/U02MARTIN", Workspace: workspace, Kind: billing.TellStatement})
		if err != nil || n.Over {
			t.Fatalf("%+v, %v", n, err)
		}
		g.card(t, "statement", n.Card)
		g.check(t, "invoice."+language)
	})
}
