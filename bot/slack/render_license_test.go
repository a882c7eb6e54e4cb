package slack

import (
	"fmt"
	"strings"
	"testing"

	"guichet/bot"
	"guichet/license"
	"guichet/money"
	"guichet/store"
)

// licensed gives the counter licenses of some sorts; the organization has the first few of them.
func (c *counter) licensed(language string, sorts, has int) {
	c.t.Helper()
	catalog := license.Catalog{Currency: "EUR", Services: map[string]license.Service{"office": {}}, Approvals: map[string]license.Approval{}}
	estate := "organization,license,ordered,activated,assigned\n"
	for i := range sorts {
		name := fmt.Sprintf("Basic <%d> & *burns* <!channel>", i)
		catalog.Licenses = append(catalog.Licenses, license.License{Key: fmt.Sprint("basic-", i), Service: "office", Name: in(name, name), Family: "office",
			Price: money.Amount{Minor: int64(500 + 100*i), Currency: "EUR"}})
		if i < has {
			estate += fmt.Sprintf("acme,basic-%d,12,10,%d\n", i, 10-i%4)
		}
	}
	d := license.NewDesk(c.db, c.desk, catalog)
	if _, err := d.Import(c.t.Context(), strings.NewReader(estate), false); err != nil {
		c.t.Fatal(err)
	}
	c.bot = bot.New(c.desk, d, c.invoices, quiet)
	c.bot.Attach(lobby{language: language})
}

func TestRenderLicenses(t *testing.T) {
	inEach(t, func(t *testing.T, language string) {
		g := golden{}
		for name, sorts := range map[string]int{"one sort": 1, "several": 3, "many": 9} {
			c := newCounter(t, language)
			c.licensed(language, sorts, max(1, sorts-1))
			g.answer(t, name+", /license", c.handle("U02MARTIN", bot.Request{Command: &bot.Typed{Name: "license"}}))
			n, err := c.bot.Notice(t.Context(), store.Delivery{Lane: "notice/unused/0/0/U02MARTIN", Workspace: workspace, Kind: "license.unused"})
			if err != nil || n.Over {
				t.Fatal(n, err)
			}
			g.card(t, name+", unused", n.Card)
			if sorts != 3 {
				continue
			}
			if n, err = c.bot.Notice(t.Context(), store.Delivery{Lane: "notice/unused/0/0/U01ALICE", Workspace: workspace, Kind: "license.unused"}); err != nil || !n.Over {
				t.Errorf("an employee is told %+v (%v)", n, err)
			}
			for _, b := range []struct{ button, value string }{{"terminate", "basic-1 1"}, {"terminate", "gold 7"}, {"giveseat", "basic-1"}} {
				f := c.presses("U02MARTIN", b.button, b.value)
				g.form(t, b.button+" "+b.value, &f)
			}
			g.answer(t, "put off", c.handle("U02MARTIN", bot.Request{Press: &bot.Press{Button: "remindlater", Value: "unused 0 28"}}))
			g.answer(t, "put off, out of date", c.handle("U02MARTIN", bot.Request{Press: &bot.Press{Button: "remindlater", Value: "unused"}}))
		}
		g.check(t, "license."+language)
	})
}
