package bot

import (
	"context"
	"strconv"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/license"
	"guichet/money"
	"guichet/store"
)

// offerAct has sales make an offer in the ticket that asks for a quote, and managers accept it as an order.
func offerAct() licenseAct {
	return licenseAct{
		buttons: map[string]func(context.Context, *Call) (Answer, error){"offer": startOffer, "acceptoffer": acceptOffer},
		forms:   map[string]func(context.Context, *Call, Submission) (Answer, error){"ticket.offer": submitOffer},
		notices: map[string]noticing{license.ToldQuote: quoteNotice},
	}
}

// quoteButtons are those of a ticket by which a quote is asked for.
func quoteButtons(w text.Words, t store.Ticket) []card.Button {
	if t.Details[helpdesk.Matter] != license.Quoting || !t.Active {
		return nil
	}
	return []card.Button{{ID: "offer", Value: strconv.FormatInt(int64(t.ID), 10) + "/" + store.DeskSide, Text: w.Say("button.offer"), Style: card.Primary}}
}

// defaultDays is how long an offer is valid unless sales say otherwise.
const defaultDays = 30

// startOffer opens the form by which an agent makes an offer.
func startOffer(ctx context.Context, c *Call) (Answer, error) {
	id, _, err := c.pressed()
	if err != nil {
		return Answer{}, err
	}
	t, _, err := c.bot.desk.Addressee(ctx, c.Actor, helpdesk.Reply, id, store.DeskSide)
	if err != nil {
		return Answer{}, err
	}
	q, err := c.bot.licenses.Quoted(ctx, int64(id))
	if err != nil {
		return Answer{}, err
	}
	w := c.Words
	price := ""
	if q.Price > 0 {
		price = q.Unit().String()
	} else if q.License.Price.Currency != "" {
		price = q.License.Price.String()
	}
	f := c.ticketForm("offer", t, "form.offer.submit",
		card.Input{ID: "quantity", Type: card.Text, Label: w.Say("field.quantity"), Longest: 12, Initial: strconv.FormatInt(q.Quantity, 10)},
		card.Input{ID: "price", Type: card.Text, Label: w.Say("field.price"), Hint: w.Say("form.offer.price.hint", text.Args{"Currency": c.bot.licenses.Catalog().Currency}), Longest: 20, Initial: price},
		card.Input{ID: "days", Type: card.Text, Label: w.Say("field.days"), Longest: 3, Initial: strconv.Itoa(defaultDays)},
		card.Input{ID: "words", Type: card.Area, Label: w.Say("form.offer.words"), Optional: true, Longest: license.MaxWords})
	f.Intro = append(f.Intro, w.Say("form.offer.intro", text.Args{"License": c.bot.licenseName(w, q.License)}))
	return c.open(f), nil
}

// submitOffer makes it.
func submitOffer(ctx context.Context, c *Call, s Submission) (Answer, error) {
	w, wrong := c.Words, map[string]string{}
	o := license.Offering{Words: s.Values["words"]}
	var problem string
	if o.Quantity, problem = c.quantity(s.Values["quantity"]); problem != "" {
		wrong["quantity"] = problem
	}
	var err error
	if o.Price, err = money.Parse(strings.Join(strings.Fields(s.Values["price"]), ""), c.bot.licenses.Catalog().Currency); err != nil || o.Price.Minor < 1 {
		wrong["price"] = w.Say("wrong.price")
	}
	if o.Days, err = strconv.Atoi(strings.TrimSpace(s.Values["days"])); err != nil || o.Days < 1 || o.Days > license.MostDays {
		wrong["days"] = w.Say("wrong.days", text.Args{"Most": license.MostDays})
	}
	if len([]rune(o.Words)) > license.MaxWords {
		wrong["words"] = c.wrongWords(helpdesk.FieldTooLong, o.Words)
	}
	if len(wrong) > 0 {
		return Answer{Errors: wrong}, nil
	}
	_, requester, err := c.bot.desk.Addressee(ctx, c.Actor, helpdesk.Reply, store.TicketID(s.Hidden.Ticket), store.DeskSide)
	if err != nil {
		return Answer{}, err
	}
	q, err := c.bot.licenses.Quoted(ctx, s.Hidden.Ticket)
	if err != nil {
		return Answer{}, err
	}
	theirs := text.In(requester.Language)
	q.Quantity, q.Price, q.Currency = o.Quantity, o.Price.Minor, o.Price.Currency
	o.Words = strings.TrimSpace(c.bot.offerLine(theirs, q) + "\n\n" + o.Words)
	v, err := c.bot.licenses.MakeOffer(ctx, c.Actor, store.TicketID(s.Hidden.Ticket), o, s.Hidden.Nonce)
	if err != nil {
		return Answer{}, err
	}
	c.done("offer", v.Ticket)
	return Answer{}, nil
}

// offerLine is an offer in words.
func (b *Bot) offerLine(w text.Words, v license.QuoteView) string {
	return w.Say("offer.line", text.Args{"License": b.licenseName(w, v.License), "Count": w.Number(v.Quantity), "Unit": w.Money(v.Unit()), "Net": w.Money(v.Unit().Times(v.Quantity))})
}

// quoteNotice tells a manager what sales offer.
func quoteNotice(ctx context.Context, b *Bot, w text.Words, n license.Notice, _ store.Person) (out Notice, err error) {
	v, err := b.licenses.Quoted(ctx, n.ID)
	if err != nil {
		return out, err
	}
	out.Card = card.Card{Title: w.Say("offer.title", text.Args{"Quote": strconv.FormatInt(n.ID, 10)}), Lines: []string{b.offerLine(w, v)}}
	if v.Order != 0 {
		out.Over = true
		out.Card.Lines = append(out.Card.Lines, w.Say("offer.order.pending", text.Args{"Order": strconv.FormatInt(int64(v.Order), 10)}))
		return out, nil
	}
	out.Card.Lines = append(out.Card.Lines, w.Say("offer.valid", text.Args{"Date": w.Date(v.ValidUntil.Time, b.licenses.Zone())}))
	out.Card.Buttons = []card.Button{{ID: "acceptoffer", Value: strconv.FormatInt(n.ID, 10), Text: w.Say("button.accept"), Style: card.Primary}}
	return out, nil
}

// OfferNote is what sales read of an order by which an offer is accepted, in their language.
func OfferNote(language string, o store.Order) string {
	return text.In(language).Say("offer.order."+o.State, text.Args{"Order": strconv.FormatInt(int64(o.ID), 10)})
}

// acceptOffer opens the order of an offer.
func acceptOffer(ctx context.Context, c *Call) (Answer, error) {
	id, err := numbered(c.Press.Value, license.UnknownQuote)
	if err != nil {
		return Answer{}, err
	}
	if _, err := c.bot.licenses.QuoteFor(ctx, c.Actor, id); err != nil {
		return Answer{}, err
	}
	return c.orderForm(ctx, c.hidden(), stepBasket, map[string]string{fieldQuote: c.Press.Value}, "")
}
