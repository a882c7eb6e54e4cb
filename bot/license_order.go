package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/license"
)

// Steps of the form for an order.
const (
	stepItem   = "item"   // a license, and how many
	stepBasket = "basket" // all that is ordered, with what it costs
	stepTerms  = "terms"  // what must be accepted
)

// What else is kept beside the form.
const (
	fieldBasket   = "basket"   // its items, a line each
	fieldSeen     = "seen"     // license.Offer.Seen of what was shown
	fieldReplaces = "replaces" // the order that this one is in place of
	fieldQuote    = "quote"    // the quote that is accepted
)

// Choices of the basket, besides a license to take out.
const (
	basketGoOn = "go on"
	basketMore = "more"
	basketDrop = "drop "
)

// orderAct orders licenses, and has orders approved.
func orderAct() licenseAct {
	return licenseAct{words: []string{"order", "commander"},
		run: func(ctx context.Context, c *Call, _ []string) (Answer, error) { return c.startOrder(ctx, nil, "", "") },
		buttons: map[string]func(context.Context, *Call) (Answer, error){
			"order":        func(ctx context.Context, c *Call) (Answer, error) { return c.startOrder(ctx, nil, "", c.Press.Value) },
			"orderstep":    resumeOrder,
			"orderchange":  changeOrder,
			"orderdrop":    withdrawOrder,
			"orderapprove": approveOrder,
			"orderrefuse":  startRefuseOrder,
		},
		forms:   map[string]func(context.Context, *Call, Submission) (Answer, error){"license.order": submitOrder, "license.refuse": submitRefuseOrder},
		notices: map[string]noticing{license.ToldOrder: orderNotice, license.ToldApproval: approvalNotice},
	}
}

// startOrder opens the form with a basket: for a license, if one was chosen; and, with a basket, at the sight of it.
func (c *Call) startOrder(ctx context.Context, basket []license.Item, replaces, chosen string) (Answer, error) {
	values := map[string]string{fieldBasket: writeBasket(basket), fieldReplaces: replaces, "license": chosen}
	if chosen != "" {
		values["quantity"] = "1"
	}
	step := stepItem
	if len(basket) > 0 {
		step = stepBasket
	}
	return c.orderForm(ctx, c.hidden(), step, values, "")
}

// orderForm opens a step of the form, and keeps what was filled in before.
func (c *Call) orderForm(ctx context.Context, hidden card.Hidden, step string, values map[string]string, note string) (Answer, error) {
	w := c.Words
	f := card.Form{ID: "license.order", Step: step, Title: w.Say("form.order.title"), Submit: w.Say("form.continue"), Cancel: w.Say("form.cancel")}
	if note != "" {
		f.Intro = append(f.Intro, note)
	}
	switch step {
	case stepItem:
		options, err := c.orderable(ctx)
		if err != nil {
			return Answer{}, err
		}
		if len(options) == 0 {
			return c.onlyQuotes(), nil
		}
		f.Intro = append(f.Intro, w.Say("form.order.intro"))
		initial := values["license"]
		if !slices.ContainsFunc(options, func(o card.Option) bool { return o.Value == initial }) {
			initial = ""
		}
		hidden.Seen = license.HashOf(values[fieldBasket])
		f.Inputs = []card.Input{{ID: "license", Type: card.Select, Label: w.Say("field.license"), Options: options, Initial: initial},
			{ID: "quantity", Type: card.Text, Label: w.Say("field.quantity"), Longest: 12, Initial: values["quantity"]}}
	case stepBasket, stepTerms:
		o, err := c.offerOf(ctx, values)
		if err != nil {
			return Answer{}, err
		}
		f.Intro = append(f.Intro, c.bot.offerLines(w, o)...)
		if step == stepBasket && (o.Changes() || o.Quote != 0) { // nothing of it can be left out
			step, f.Step, values[fieldSeen] = stepTerms, stepTerms, o.Seen()
		}
		if step == stepBasket {
			f.Inputs = []card.Input{c.basketInput(o)}
			break
		}
		if values[fieldSeen] != o.Seen() {
			return c.orderForm(ctx, hidden, stepBasket, values, w.Say("order.changed"))
		}
		f.Title, f.Submit = w.Say("form.terms.title"), w.Say("form.terms.submit")
		f.Inputs = c.bot.termsInputs(w, o)
		if len(o.Approvers) > 0 {
			f.Intro = append(f.Intro, w.Say("order.approvers"))
		}
	default:
		return c.say("refused.stale_form"), nil
	}
	return c.step(ctx, f, hidden, values, "orderstep")
}

// offerOf is what the basket costs, or the quote that is accepted.
func (c *Call) offerOf(ctx context.Context, values map[string]string) (license.Offer, error) {
	if quote, err := strconv.ParseInt(values[fieldQuote], 10, 64); err == nil {
		return c.bot.licenses.OfferOf(ctx, c.Actor, quote, c.Words.Language())
	}
	return c.bot.licenses.Offer(ctx, c.Actor, readBasket(values), c.Words.Language())
}

// orderable are the licenses with a price, of services of which the organization has any already.
func (c *Call) orderable(ctx context.Context) (options []card.Option, err error) {
	e, err := c.bot.licenses.Estate(ctx, c.Actor)
	if err != nil {
		return nil, err
	}
	now := map[string]int64{}
	for _, line := range e.Lines {
		now[line.Key] = line.Ordered
	}
	for _, l := range c.bot.licenses.Catalog().Offered() {
		if slices.ContainsFunc(e.Lines, func(line license.Line) bool { return line.Service == l.Service && line.Ordered > 0 }) {
			text := c.Words.Say("order.option", text.Args{"License": c.bot.licenseName(c.Words, l), "Price": c.Words.Money(l.PriceAt(now[l.Key] + 1)), "Now": c.Words.Number(now[l.Key])})
			options = append(options, card.Option{Value: l.Key, Text: helpdesk.Shorten(text, longestChoice)})
		}
	}
	return options, nil
}

// onlyQuotes says that a first subscription begins with a quote.
func (c *Call) onlyQuotes() Answer {
	return Answer{Card: &card.Card{Lines: []string{c.Words.Say("order.first")},
		Buttons: []card.Button{{ID: "quote", Text: c.Words.Say("button.quote"), Style: card.Primary}}}}
}

// offerLines are what an offer costs, in words.
func (b *Bot) offerLines(w text.Words, o license.Offer) (lines []string) {
	for _, l := range o.Lines {
		key := "order.offered"
		if l.Quantity < 0 {
			key = "order.offered.less"
		}
		lines = append(lines, w.Say(key, text.Args{"License": b.licenseName(w, l.License), "Now": w.Number(l.Now), "After": w.Number(l.After()),
			"Count": w.Number(max(l.Quantity, -l.Quantity)), "Unit": w.Money(l.Unit), "Net": w.Money(l.Net), "Rate": w.Rate(l.VAT)}))
	}
	return append(lines, w.Say("order.total", text.Args{"Net": w.Money(o.Net()), "VAT": w.Money(o.Tax()), "Gross": w.Money(o.Net().Plus(o.Tax()))}))
}

// basketInput asks what is to become of a basket.
func (c *Call) basketInput(o license.Offer) card.Input {
	w := c.Words
	in := card.Input{ID: "next", Type: card.Select, Label: w.Say("field.basket"), Initial: basketGoOn, Options: []card.Option{{Value: basketGoOn, Text: w.Say("basket.go_on")}}}
	if len(o.Lines) < license.MostItems {
		in.Options = append(in.Options, card.Option{Value: basketMore, Text: w.Say("basket.more")})
	}
	for _, l := range o.Lines {
		in.Options = append(in.Options, card.Option{Value: basketDrop + l.Key,
			Text: helpdesk.Shorten(w.Say("basket.drop", text.Args{"License": c.bot.licenseName(w, l.License)}), longestChoice)})
	}
	return in
}

// termsInputs are a box for each kind of terms, with what is to be read before.
func (b *Bot) termsInputs(w text.Words, o license.Offer) (inputs []card.Input) {
	for _, kind := range license.TermsKinds {
		in := card.Input{ID: kind, Type: card.Box, Label: w.Say("terms." + kind), Options: []card.Option{{Value: card.Ticked, Text: w.Say("terms.accept")}}}
		for _, t := range o.Terms {
			if t.Kind == kind {
				in.Links = append(in.Links, card.Link{Text: b.termsName(w, t.Kind, t.Service, t.Version), URL: b.termsURL(t.Hash)})
			}
		}
		if len(in.Links) > 0 {
			inputs = append(inputs, in)
		}
	}
	return inputs
}

// TermsPath is where texts of terms are read: what follows it is the text's hash.
const TermsPath = "/terms/"

func (b *Bot) termsURL(hash string) string { return b.licenses.Catalog().Link + TermsPath + hash }

// termsName is what a text of terms is called.
func (b *Bot) termsName(w text.Words, kind, service, version string) string {
	if service == "" {
		return w.Say("terms.name", text.Args{"Terms": w.Say("terms." + kind), "Version": version})
	}
	return w.Say("terms.name.service", text.Args{"Terms": w.Say("terms." + kind), "Service": b.service(w, service), "Version": version})
}

// writeBasket and readBasket are how items are kept beside the form.
func writeBasket(items []license.Item) string {
	var lines []string
	for _, i := range items {
		lines = append(lines, fmt.Sprintf("%s %d", i.License, i.Quantity))
	}
	return strings.Join(lines, "\n")
}

func readBasket(values map[string]string) (items []license.Item) {
	for line := range strings.Lines(values[fieldBasket]) {
		key, n, _ := strings.Cut(strings.TrimSpace(line), " ")
		if quantity, err := strconv.ParseInt(n, 10, 64); err == nil {
			items = append(items, license.Item{License: key, Quantity: quantity})
		}
	}
	return items
}

// resumeOrder opens a step whose earlier ones have been sent.
func resumeOrder(ctx context.Context, c *Call) (Answer, error) {
	return c.resumed(ctx, func(hidden card.Hidden, step string, values map[string]string) (Answer, error) {
		return c.orderForm(ctx, hidden, step, values, "")
	})
}

// submitOrder takes in a step of the form.
func submitOrder(ctx context.Context, c *Call, s Submission) (Answer, error) {
	values, stale, err := c.filledIn(ctx, s)
	switch {
	case err != nil:
		return Answer{}, err
	case stale != nil:
		return *stale, nil
	}
	switch s.Hidden.Step {
	case stepItem:
		return c.submitItem(ctx, s, values)
	case stepBasket:
		return c.submitBasket(ctx, s, values)
	}
	return c.submitTerms(ctx, s, values)
}

// submitItem puts a license into the basket: more of what is in it already.
func (c *Call) submitItem(ctx context.Context, s Submission, values map[string]string) (Answer, error) {
	w, wrong := c.Words, map[string]string{}
	if s.Hidden.Seen != license.HashOf(values[fieldBasket]) { // sent again: it is in the basket
		return c.orderForm(ctx, s.Hidden, stepBasket, values, "")
	}
	if s.Values["license"] == "" { // a prefilled field that nobody touched comes back empty from some platforms
		s.Values["license"] = values["license"]
	}
	l, ok := c.bot.licenses.Catalog().Of(s.Values["license"])
	if !ok {
		wrong["license"] = w.Say("wrong.missing.choice")
	}
	n, problem := c.quantity(s.Values["quantity"])
	if problem != "" {
		wrong["quantity"] = problem
	}
	basket := readBasket(values)
	i := slices.IndexFunc(basket, func(i license.Item) bool { return i.License == l.Key })
	if i < 0 {
		basket, i = append(basket, license.Item{License: l.Key}), len(basket)
	}
	basket[i].Quantity += n
	if len(wrong) == 0 {
		_, err := c.bot.licenses.Offer(ctx, c.Actor, basket, w.Language())
		if wanting := (*license.Wanting)(nil); errors.As(err, &wanting) {
			field := "license"
			if wanting.Code == helpdesk.BadForm {
				field = "quantity"
			}
			wrong[field] = c.bot.wanting(w, wanting)
		} else if err != nil {
			return Answer{}, err
		}
	}
	if len(wrong) > 0 {
		return Answer{Errors: wrong}, nil
	}
	values[fieldBasket], values["license"], values["quantity"] = writeBasket(basket), "", ""
	return c.orderForm(ctx, s.Hidden, stepBasket, values, "")
}

// quantity reads how many licenses somebody has typed, and what is wrong with that.
func (c *Call) quantity(typed string) (n int64, wrong string) {
	n, code := license.ParseQuantity(typed)
	switch code {
	case helpdesk.FieldMissing:
		wrong = c.Words.Say("wrong.missing")
	case license.NoNumber:
		wrong = c.Words.Say("wrong.no_number", text.Args{"Most": c.Words.Number(license.MostQuoted)})
	}
	return n, wrong
}

// wanting says why a basket can't be ordered.
func (b *Bot) wanting(w text.Words, err *license.Wanting) string {
	return w.Say("wrong."+string(err.Code), text.Args{"Service": b.service(w, err.License.Service), "Most": w.Number(license.MostQuoted)})
}

// wants is what an error says that is about licenses that there are not, or not so many; empty: it is about something else.
func (c *Call) wants(err error) string {
	if wanting := (*license.Wanting)(nil); errors.As(err, &wanting) {
		return c.bot.wanting(c.Words, wanting)
	}
	if errors.As(err, new(*license.TooFew)) {
		return c.Words.Say("refused.offer_changed")
	}
	return ""
}

// submitBasket takes something out of the basket, asks for more, or goes on to the terms.
func (c *Call) submitBasket(ctx context.Context, s Submission, values map[string]string) (Answer, error) {
	basket := readBasket(values)
	next := s.Values["next"]
	if key, drops := strings.CutPrefix(next, basketDrop); drops {
		basket = slices.DeleteFunc(basket, func(i license.Item) bool { return i.License == key })
		values[fieldBasket] = writeBasket(basket)
		if len(basket) == 0 {
			return c.orderForm(ctx, s.Hidden, stepItem, values, "")
		}
		return c.orderForm(ctx, s.Hidden, stepBasket, values, "")
	}
	if next == basketMore {
		return c.orderForm(ctx, s.Hidden, stepItem, values, "")
	}
	o, err := c.offerOf(ctx, values)
	if err != nil {
		return Answer{}, err
	}
	values[fieldSeen] = o.Seen()
	return c.orderForm(ctx, s.Hidden, stepTerms, values, "")
}

// submitTerms places the order.
func (c *Call) submitTerms(ctx context.Context, s Submission, values map[string]string) (Answer, error) {
	w := c.Words
	if v, made, err := c.bot.licenses.OrderOfForm(ctx, c.Actor, s.Hidden.Nonce); made || err != nil { // sent twice, or gone on with once more
		return Answer{Problem: c.orderIs(v)}, err
	}
	o, err := c.offerOf(ctx, values)
	if err != nil {
		return Answer{}, err
	}
	p := license.Placing{Items: readBasket(values), Seen: values[fieldSeen], Language: w.Language(), Account: c.From, Nonce: s.Hidden.Nonce}
	p.Replaces, _ = strconv.ParseInt(values[fieldReplaces], 10, 64) // empty: none
	p.Quote = o.Quote
	wrong := map[string]string{}
	for _, t := range o.Terms {
		if s.Values[t.Kind] == card.Ticked {
			p.Accepted = append(p.Accepted, t.Hash)
		} else {
			wrong[t.Kind] = w.Say("wrong.not_accepted")
		}
	}
	if len(wrong) > 0 {
		return Answer{Errors: wrong}, nil
	}
	v, err := c.bot.licenses.PlaceOrder(ctx, c.Actor, p)
	if refused := (*helpdesk.Refusal)(nil); errors.As(err, &refused) && refused.Code == license.OfferChanged {
		return c.orderForm(ctx, s.Hidden, stepBasket, values, w.Say("order.changed"))
	}
	if err != nil {
		return Answer{}, err
	}
	c.done("order", 0, "order", v.ID, "state", v.State, "changed", v.Changed)
	return Answer{}, nil
}
