package license

import (
	"context"
	"encoding/json"
	"slices"

	"guichet/helpdesk"
	"guichet/money"
	"guichet/store"
)

// Item is so many of a license that somebody wants. Two items of one family, as many fewer of the one as more of the other, change licenses into
// others: an upgrade, or a downgrade.
type Item struct {
	License  string
	Quantity int64
}

// Changes says whether items change licenses into others.
func Changes(items []Item) bool {
	return len(items) == 2 && items[0].Quantity < 0 && items[0].Quantity == -items[1].Quantity
}

// MostItems is how many licenses one order may have.
const MostItems = 10

// Offer is what items cost a month, and what must be accepted with them.
type Offer struct {
	Organization string
	Quote        int64 // the quote that it is made by; zero: none, prices are the catalog's
	Lines        []OfferLine
	Terms        []OfferedTerms
	Approvers    []store.Account // who must approve it, one after another
}

// OfferLine is what so many of a license cost.
type OfferLine struct {
	License
	Quantity int64
	Now      int64        // how many the organization has
	Unit     money.Amount // what one costs a month, net: by how many there are afterwards
	Net, Tax money.Amount // the tax is rounded line by line
}

// Changes says whether it changes licenses into others.
func (o Offer) Changes() bool { return len(o.Lines) > 0 && o.Lines[0].Quantity < 0 }

// After is how many the organization has then.
func (l OfferLine) After() int64 { return l.Now + l.Quantity }

// Net is what all of it costs, without tax.
func (o Offer) Net() (sum money.Amount) {
	for _, l := range o.Lines {
		sum = sum.Plus(l.Net)
	}
	return sum
}

// Tax is the value added tax of all of it.
func (o Offer) Tax() (sum money.Amount) {
	for _, l := range o.Lines {
		sum = sum.Plus(l.Tax)
	}
	return sum
}

// Seen names what somebody was shown: another price, another text, and it is another offer.
func (o Offer) Seen() string {
	type line struct {
		License                        string
		Quantity, Now, Unit, Net, Rate int64
	}
	var lines []line
	for _, l := range o.Lines {
		lines = append(lines, line{l.Key, l.Quantity, l.Now, l.Unit.Minor, l.Net.Minor, int64(l.VAT)})
	}
	var hashes []string
	for _, t := range o.Terms {
		hashes = append(hashes, t.Hash)
	}
	b, _ := json.Marshal([]any{lines, hashes, o.Net().Currency}) // plain values
	return HashOf(string(b))
}

// Kinds of terms: those of every order, those of a service, and those of using what it gives.
const (
	General    = "general"
	Particular = "particular"
	Specific   = "specific"
)

// TermsKinds are all, in the order in which they are accepted.
var TermsKinds = []string{General, Particular, Specific}

// OfferedTerms is a text that must be accepted.
type OfferedTerms struct {
	Kind     string
	Service  string // empty: of all
	Version  string
	Language string // of the text
	Hash     string
}

// Offer says what items cost a manager's organization.
func (d *Desk) Offer(ctx context.Context, a helpdesk.Actor, items []Item, language string) (Offer, error) {
	return d.offered(ctx, a, func(tx *store.Tx, organization string) (Offer, error) {
		return d.offer(ctx, tx, organization, items, language, tx.Holding)
	})
}

// OfferOf is what a quote costs, whose price holds in place of the catalog's.
func (d *Desk) OfferOf(ctx context.Context, a helpdesk.Actor, quote int64, language string) (Offer, error) {
	return d.offered(ctx, a, func(tx *store.Tx, organization string) (Offer, error) {
		return d.quoted(ctx, tx, organization, quote, language, tx.Quote)
	})
}

func (d *Desk) offered(ctx context.Context, a helpdesk.Actor, read func(*store.Tx, string) (Offer, error)) (o Offer, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		who, err := d.manager(ctx, tx, a)
		if err != nil {
			return err
		}
		o, err = read(tx, who.Person.Organization)
		return err
	})
	return o, err
}

// quoted reckons what a quote costs.
func (d *Desk) quoted(ctx context.Context, tx *store.Tx, organization string, id int64, language string, read func(context.Context, store.TicketID) (store.SalesQuote, error)) (o Offer, err error) {
	q, err := d.acceptable(ctx, tx, organization, id, read)
	if err != nil {
		return o, err
	}
	h, err := tx.Holding(ctx, organization, q.License.Key)
	if err != nil {
		return o, err
	}
	line := OfferLine{License: q.License, Quantity: q.Quantity, Now: h.Ordered, Unit: q.Unit(), Net: q.Unit().Times(q.Quantity)}
	line.Tax = line.Net.Percent(q.License.VAT)
	o = Offer{Organization: organization, Quote: id, Lines: []OfferLine{line}}
	o.Terms, _ = d.termsOf(o.Lines, language)
	o.Approvers = d.approvers(o)
	return o, nil
}

// Wanting is a list of items that can't be ordered.
type Wanting struct {
	Code    helpdesk.Code // NotOffered, FirstTime or helpdesk.BadForm
	License License
}

func (w *Wanting) Error() string { return "license: can't be ordered: " + string(w.Code) }

// Why items can't be ordered.
const (
	NotOffered = "not_offered"        // it has no price
	FirstTime  = "first_subscription" // the organization has nothing of that service yet: sales make a quote
)

// offer reckons what items cost; holding reads what the organization has.
func (d *Desk) offer(ctx context.Context, tx *store.Tx, organization string, items []Item, language string,
	holding func(context.Context, string, string) (store.Holding, error)) (o Offer, err error) {
	o.Organization = organization
	if len(items) == 0 || len(items) > MostItems {
		return o, &Wanting{Code: helpdesk.BadForm}
	}
	hs, err := tx.Holdings(ctx, organization)
	if err != nil {
		return o, err
	}
	changes := Changes(items) && d.sameFamily(items[0].License, items[1].License)
	for _, i := range items {
		l, ok := d.catalog.Of(i.License)
		repeated := slices.ContainsFunc(o.Lines, func(line OfferLine) bool { return line.Key == i.License })
		switch {
		case !ok || l.Price.Currency == "":
			return o, &Wanting{NotOffered, l}
		case repeated || i.Quantity < 1 && !changes || i.Quantity > MostQuoted || i.Quantity < -MostQuoted:
			return o, &Wanting{helpdesk.BadForm, l}
		case !d.subscribed(hs, l.Service):
			return o, &Wanting{FirstTime, l}
		}
		h, err := holding(ctx, organization, l.Key)
		if err != nil {
			return o, err
		}
		line := OfferLine{License: l, Quantity: i.Quantity, Now: h.Ordered}
		line.Unit = l.PriceAt(max(line.Now, line.After())) // of those that go: as it is now
		if i.Quantity < 0 {
			has, err := d.line(ctx, tx, h)
			if err != nil {
				return o, err
			}
			if -i.Quantity > has.Spare() {
				return o, &TooFew{has, -i.Quantity}
			}
		}
		line.Net = line.Unit.Times(i.Quantity)
		line.Tax = line.Net.Percent(l.VAT)
		o.Lines = append(o.Lines, line)
	}
	o.Terms, _ = d.termsOf(o.Lines, language)
	o.Approvers = d.approvers(o)
	return o, nil
}

// sameFamily says whether licenses can be changed into one another.
func (d *Desk) sameFamily(a, b string) bool {
	one, other := d.named(a), d.named(b)
	return one.Family != "" && one.Family == other.Family && one.Service == other.Service && a != b
}

// subscribed says whether there is anything of a service among holdings.
func (d *Desk) subscribed(hs []store.Holding, service string) bool {
	return slices.ContainsFunc(hs, func(h store.Holding) bool {
		l, _ := d.catalog.Of(h.License)
		return h.Ordered > 0 && l.Service == service
	})
}

// termsOf are the texts that are accepted with lines, and what they say, by their hashes.
func (d *Desk) termsOf(lines []OfferLine, language string) (all []OfferedTerms, texts map[string]string) {
	texts = map[string]string{}
	add := func(kind, service string, t Terms) {
		if len(t.Texts) == 0 {
			return
		}
		text, in := t.In(language)
		hash := HashOf(text)
		texts[hash] = text
		all = append(all, OfferedTerms{kind, service, t.Version, in, hash})
	}
	add(General, "", d.catalog.General)
	for _, kind := range TermsKinds[1:] {
		var done []string
		for _, l := range lines {
			if slices.Contains(done, l.Service) {
				continue
			}
			done = append(done, l.Service)
			s := d.catalog.Services[l.Service]
			if kind == Particular {
				add(kind, l.Service, s.Particular)
			} else {
				add(kind, l.Service, s.Specific)
			}
		}
	}
	return all, texts
}

// approvers are who must approve an offer, by how much it is.
func (d *Desk) approvers(o Offer) []store.Account {
	rule, ok := d.catalog.Approvals[o.Organization]
	var quantity int64
	for _, l := range o.Lines {
		quantity += max(0, l.Quantity)
	}
	much := rule.Amount.Currency != "" && !o.Net().Less(rule.Amount)
	many := rule.Quantity > 0 && quantity >= rule.Quantity
	if !ok || !much && !many {
		return nil
	}
	return rule.Approvers
}

// Text returns a text of terms by its hash: one that can be accepted now, or that was accepted once. store.ErrNotFound if it is neither.
func (d *Desk) Text(ctx context.Context, hash string) (text string, err error) {
	all := []Terms{d.catalog.General}
	for _, s := range d.catalog.Services {
		all = append(all, s.Particular, s.Specific)
	}
	for _, t := range all {
		for _, text := range t.Texts {
			if HashOf(text) == hash {
				return text, nil
			}
		}
	}
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		text, err = tx.Terms(ctx, hash)
		return err
	})
	return text, err
}
