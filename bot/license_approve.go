package bot

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// orderLines are an order in words: what was ordered, what it costs, and what was accepted with it.
func (b *Bot) orderLines(w text.Words, v license.OrderView, hashes bool) (lines []string) {
	for _, l := range v.Lines {
		off := v.State == store.OrderRefused || v.State == store.OrderWithdrawn // there are not so many then
		key, count := "order.line", l.Quantity
		switch {
		case count < 0 && off:
			key, count = "order.line.less.off", -count
		case count < 0:
			key, count = "order.line.less", -count
		case off:
			key = "order.line.off"
		}
		lines = append(lines, w.Say(key, text.Args{"License": b.licenseName(w, l.License), "Count": w.Number(count), "After": w.Number(l.Before + l.Quantity),
			"Unit": w.Money(v.Money(l.Price)), "Net": w.Money(v.Money(l.Net)), "Rate": w.Rate(l.VATRate())}))
	}
	lines = append(lines, w.Say("order.total", text.Args{"Net": w.Money(v.Money(v.Net)), "VAT": w.Money(v.Money(v.VAT)), "Gross": w.Money(v.Money(v.Net + v.VAT))}))
	for _, t := range v.Accepted {
		name := b.termsName(w, t.Kind, t.Service, t.Version)
		if hashes {
			lines = append(lines, w.Say("order.accepted.hash", text.Args{"Terms": name, "Hash": t.Hash, "URL": b.termsURL(t.Hash)}))
		} else {
			lines = append(lines, w.Say("order.accepted", text.Args{"Terms": name}))
		}
	}
	return lines
}

// orderNotice tells whoever made an order what became of it.
func orderNotice(ctx context.Context, b *Bot, w text.Words, n license.Notice, to store.Person) (out Notice, err error) {
	v, err := b.licenses.Ordered(ctx, n.ID)
	if err != nil {
		return out, err
	}
	out.Card = b.orderCard(w, v)
	if n.Account.Workspace == store.Mail {
		c := card.Card{Title: out.Card.Title, Lines: append([]string{w.Say("order.mail", text.Args{"Name": v.By.Name, "Organization": b.organization(v.Organization)})},
			b.orderLines(w, v, true)...)}
		out.Letter = &Letter{Subject: out.Card.Title, Card: c}
	}
	return out, nil
}

// orderCard is an order as whoever made it sees it.
func (b *Bot) orderCard(w text.Words, v license.OrderView) card.Card {
	number := strconv.FormatInt(int64(v.ID), 10)
	c := card.Card{Title: w.Say("order.title", text.Args{"Order": number, "State": w.Say("order.state." + v.State)}), Lines: b.orderLines(w, v, false)}
	switch v.State {
	case store.OrderPending:
		c.Buttons = []card.Button{{ID: "orderdrop", Value: number, Text: w.Say("button.order.drop")}}
		if v.Changeable() {
			c.Context = w.Say("order.pending.hint")
			c.Buttons = append([]card.Button{{ID: "orderchange", Value: number, Text: w.Say("button.order.change")}}, c.Buttons...)
		}
		if v.Stranded() {
			c.Context = w.Say("order.pending.stranded")
		}
	case store.OrderPlaced:
		more := v.Lines[slices.IndexFunc(v.Lines, func(l license.OrderedLine) bool { return l.Quantity > 0 })]
		c.Buttons = []card.Button{{ID: "activate", Value: more.OrderLine.License, Text: w.Say("button.activate"), Style: card.Primary}}
	case store.OrderRefused:
		c.Lines = append(c.Lines, w.Say("order.reason", text.Args{"Reason": orGone(v.Reason)}))
	}
	return c
}

// approvalNotice asks somebody to approve an order. For whoever is away, the organization's fallback is asked too.
func approvalNotice(ctx context.Context, b *Bot, w text.Words, n license.Notice, _ store.Person) (out Notice, err error) {
	v, err := b.licenses.Ordered(ctx, n.ID)
	if err != nil {
		return out, err
	}
	s, waits := v.Waits()
	if !waits || s.Account != n.Account && s.StandIn() != n.Account {
		return Notice{Over: true, Card: b.approvedCard(w, v)}, nil
	}
	out.Card = b.approvalCard(w, v)
	out.Card.Buttons = append(out.Card.Buttons, laterButton(w, n, inAWeek))
	if s.Account != n.Account {
		out.Card.Context = w.Say("approval.stand_in")
		return out, nil
	}
	if n.Told == 0 && b.isAway(ctx, n.Account) {
		err = b.licenses.AskStandIn(ctx, n.ID, n.Account)
	}
	return out, err
}

// approvalCard is an order as those see it whom it waits for.
func (b *Bot) approvalCard(w text.Words, v license.OrderView) card.Card {
	number := strconv.FormatInt(int64(v.ID), 10)
	return card.Card{Title: w.Say("approval.title", text.Args{"Order": number, "Name": v.By.Name}), Lines: b.orderLines(w, v, false), Buttons: []card.Button{
		{ID: "orderapprove", Value: number, Text: w.Say("button.approve"), Style: card.Primary}, {ID: "orderrefuse", Value: number, Text: w.Say("button.refuse")}}}
}

// approvedCard is an order as those see it whom it does not wait for any more.
func (b *Bot) approvedCard(w text.Words, v license.OrderView) card.Card {
	c := card.Card{Title: w.Say("approval.over", text.Args{"Order": strconv.FormatInt(int64(v.ID), 10), "Name": v.By.Name, "State": w.Say("order.state." + v.State)}), Lines: b.orderLines(w, v, false)}
	if v.State == store.OrderRefused {
		c.Lines = append(c.Lines, w.Say("order.reason", text.Args{"Reason": orGone(v.Reason)}))
	}
	return c
}

// pressedOrder is the order that a button is about.
func (c *Call) pressedOrder(ctx context.Context) (v license.OrderView, err error) {
	id, err := numbered(c.Press.Value, license.UnknownOrder)
	if err != nil {
		return v, err
	}
	return c.bot.licenses.OrderFor(ctx, c.Actor, id)
}

// changeOrder opens the form with what an order that waits for approval has: what becomes of it is asked for anew.
func changeOrder(ctx context.Context, c *Call) (Answer, error) {
	v, err := c.pressedOrder(ctx)
	if err != nil {
		return Answer{}, err
	}
	if v.State != store.OrderPending || !v.Changeable() {
		return c.orderAnswer(v), nil
	}
	var items []license.Item
	for _, l := range v.Lines {
		items = append(items, license.Item{License: l.OrderLine.License, Quantity: l.Quantity})
	}
	return c.startOrder(ctx, items, c.Press.Value, "")
}

// orderIs says where an order stands.
func (c *Call) orderIs(v license.OrderView) string {
	return c.Words.Say("order.is", text.Args{"Order": strconv.FormatInt(int64(v.ID), 10), "State": c.Words.Say("order.state." + v.State)})
}

func (c *Call) orderAnswer(v license.OrderView) Answer {
	return Answer{Card: &card.Card{Lines: []string{c.orderIs(v)}}}
}

func withdrawOrder(ctx context.Context, c *Call) (Answer, error) {
	return c.pressOrder(ctx, "withdraw", c.bot.licenses.Withdraw)
}

func approveOrder(ctx context.Context, c *Call) (Answer, error) {
	return c.pressOrder(ctx, "approve", c.bot.licenses.Approve)
}

// pressOrder does something to an order, and says where it stands then.
func (c *Call) pressOrder(ctx context.Context, what string, do func(context.Context, helpdesk.Actor, int64) (license.OrderView, error)) (Answer, error) {
	id, err := numbered(c.Press.Value, license.UnknownOrder)
	if err != nil {
		return Answer{}, err
	}
	v, err := do(ctx, c.Actor, id)
	if errors.As(err, new(*license.TooFew)) { // somebody has them by now that were to become others
		return c.say("order.gone", text.Args{"Order": c.Press.Value}), nil
	}
	if err != nil {
		return Answer{}, err
	}
	c.done("order "+what, 0, "order", id, "state", v.State, "changed", v.Changed)
	if what == "approve" && v.State == store.OrderPending && !v.Stranded() {
		return c.say("order.approved.next", text.Args{"Order": c.Press.Value}), nil
	}
	return c.orderAnswer(v), nil
}

// startRefuseOrder asks why an order is refused.
func startRefuseOrder(ctx context.Context, c *Call) (Answer, error) {
	v, err := c.pressedOrder(ctx)
	if err != nil {
		return Answer{}, err
	}
	if v.State != store.OrderPending {
		return c.orderAnswer(v), nil
	}
	w := c.Words
	hidden := c.hidden()
	hidden.Seen = c.Press.Value
	return c.open(card.Form{ID: "license.refuse", Title: w.Say("form.refuse.title"), Submit: w.Say("form.refuse.submit"), Cancel: w.Say("form.cancel"), Hidden: hidden,
		Intro:  []string{w.Say("approval.title", text.Args{"Order": c.Press.Value, "Name": v.By.Name})},
		Inputs: []card.Input{{ID: "reason", Type: card.Area, Label: w.Say("form.refuse.reason"), Hint: w.Say("form.refuse.hint"), Longest: license.MaxWords}}}), nil
}

func submitRefuseOrder(ctx context.Context, c *Call, s Submission) (Answer, error) {
	id, err := numbered(s.Hidden.Seen, license.UnknownOrder)
	if err != nil {
		return Answer{}, err
	}
	reason := s.Values["reason"]
	if wrong := license.CheckWords(reason); wrong != "" {
		return Answer{Errors: map[string]string{"reason": c.wrongWords(wrong, reason)}}, nil
	}
	v, err := c.bot.licenses.Refuse(ctx, c.Actor, id, reason)
	if err != nil {
		return Answer{}, err
	}
	c.done("order refuse", 0, "order", id, "state", v.State, "changed", v.Changed)
	if !v.Changed {
		return Answer{Problem: c.orderIs(v)}, nil
	}
	return Answer{}, nil
}
