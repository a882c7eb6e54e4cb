package billing

import (
	"cmp"
	"context"
	"slices"

	"guichet/helpdesk"
	"guichet/money"
	"guichet/store"
)

// monthsShown is how many months consumption is told of: those of a year, the present one included.
const monthsShown = 12

// Consumption is what an organization consumed over the last months, net.
type Consumption struct {
	Organization string
	Months       []store.Date // the first day of each, the oldest first
	Currencies   []Spent      // each by itself: no amount of one is added to another's
}

// Spent is what was consumed in one currency.
type Spent struct {
	Currency string
	Total    money.Amount
	Months   []money.Amount // of each month
	Services []Part         // those that cost the most first
}

// Consumption returns what the actor's organization consumed.
func (d *Desk) Consumption(ctx context.Context, a helpdesk.Actor) (c Consumption, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		who, err := d.manager(ctx, tx, a)
		if err != nil {
			return err
		}
		c, err = consumption(ctx, tx, who.Person.Organization)
		return err
	})
	return c, err
}

// consumption sums the lines of an organization's invoices. A line counts in the month in which its period begins.
func consumption(ctx context.Context, tx *store.Tx, organization string) (c Consumption, err error) {
	next := store.DateOf(tx.Now.Time).AddMonths(1)
	c = Consumption{Organization: organization}
	for n := range monthsShown {
		c.Months = append(c.Months, next.AddMonths(n-monthsShown))
	}
	all, err := tx.Consumed(ctx, organization, c.Months[0], next)
	for _, one := range all {
		i := slices.IndexFunc(c.Currencies, func(s Spent) bool { return s.Currency == one.Currency })
		if i < 0 {
			i, c.Currencies = len(c.Currencies), append(c.Currencies, Spent{Currency: one.Currency, Months: make([]money.Amount, monthsShown)})
		}
		s, net := &c.Currencies[i], money.Amount{Minor: one.Net, Currency: one.Currency}
		s.Total = s.Total.Plus(net)
		month := slices.Index(c.Months, one.Month)
		s.Months[month] = s.Months[month].Plus(net)
		n := slices.IndexFunc(s.Services, func(p Part) bool { return p.Key == one.Service })
		if n < 0 {
			n, s.Services = len(s.Services), append(s.Services, Part{Key: one.Service})
		}
		s.Services[n].Net = s.Services[n].Net.Plus(net)
	}
	slices.SortFunc(c.Currencies, func(a, b Spent) int { return cmp.Compare(a.Currency, b.Currency) })
	for _, s := range c.Currencies {
		slices.SortStableFunc(s.Services, func(a, b Part) int { return cmp.Compare(b.Net.Minor, a.Net.Minor) })
	}
	return c, err
}
