package bot

import (
	"context"
	"strconv"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/license"
	"guichet/money"
	"guichet/store"
)

// waitingAct shows what waits for a decision.
func waitingAct() licenseAct {
	return licenseAct{buttons: map[string]func(context.Context, *Call) (Answer, error){"ordershow": showOrder, "requestshow": showRequest}}
}

// waitingSection is what waits for a decision, in a manager's home view.
func (b *Bot) waitingSection(w text.Words, all license.Waiting) card.Section {
	s := card.Section{Title: w.Say("section.waiting"), Empty: w.Say("section.none")}
	show := func(id, value, line string) {
		s.Items = append(s.Items, card.Item{Text: line, Button: card.Button{ID: id, Value: value, Text: w.Say("button.show"), Label: w.Say("button.show.label", text.Args{"What": line})}})
	}
	for _, v := range all.Requests {
		show("requestshow", strconv.FormatInt(int64(v.ID), 10), b.requestTitle(w, v))
	}
	for _, o := range all.Orders {
		number := strconv.FormatInt(int64(o.ID), 10)
		show("ordershow", number, w.Say("order.title", text.Args{"Order": number, "State": w.Say("order.state." + o.State)})+", "+w.Money(money.Amount{Minor: o.Net, Currency: o.Currency}))
	}
	return s
}

// mostWaiting is of how many of these /license tells; the home view tells of more.
const mostWaiting = 3

// addWaiting adds the same to a card, with buttons that lead there.
func (b *Bot) addWaiting(w text.Words, c *card.Card, all license.Waiting) {
	items := b.waitingSection(w, all).Items
	for _, i := range items[:min(len(items), mostWaiting)] {
		c.Lines = append(c.Lines, w.Say("license.waits", text.Args{"What": i.Text}))
		i.Button.Text, i.Button.Label = helpdesk.Shorten(i.Button.Label, longestChoice), ""
		c.Buttons = append(c.Buttons, i.Button)
	}
	if len(items) > mostWaiting {
		c.Lines = append(c.Lines, w.Say("license.waits.more"))
	}
}

// showOrder shows an order with what can be done about it.
func showOrder(ctx context.Context, c *Call) (Answer, error) {
	v, err := c.pressedOrder(ctx)
	if err != nil {
		return Answer{}, err
	}
	turn, err := c.bot.licenses.MayApprove(ctx, c.Actor, v)
	if err != nil {
		return Answer{}, err
	}
	out := c.bot.orderCard(c.Words, v)
	if turn {
		out = c.bot.approvalCard(c.Words, v)
	}
	return Answer{Card: &out}, nil
}

// showRequest shows a request with what can be done about it.
func showRequest(ctx context.Context, c *Call) (Answer, error) {
	id, err := numbered(c.Press.Value, license.UnknownRequest)
	if err != nil {
		return Answer{}, err
	}
	v, err := c.bot.licenses.RequestFor(ctx, c.Actor, id)
	if err != nil {
		return Answer{}, err
	}
	if v.State != store.RequestOpen {
		return c.requestAnswer(v), nil
	}
	out := c.bot.requestCard(c.Words, v)
	return Answer{Card: &out}, nil
}
