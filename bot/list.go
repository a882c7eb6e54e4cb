package bot

import (
	"context"
	"fmt"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// filtered answers /ticket list with a filter.
func (c *Call) filtered(ctx context.Context, words []string) (Answer, error) {
	f, wrong := helpdesk.ParseFilter(c.catalog(), words)
	if wrong != "" {
		return c.unknownFilter(wrong), nil
	}
	return c.page(ctx, f, helpdesk.Place{})
}

// unknownFilter names what was not understood, the nearest word that would have been, and all there are.
func (c *Call) unknownFilter(wrong string) Answer {
	lines := []string{c.Words.Say("list.unknown", text.Args{"Word": helpdesk.Shorten(wrong, 60)})}
	first, key, _ := strings.Cut(wrong, " ")
	candidates := helpdesk.FilterWords
	switch first = strings.ToLower(first); {
	case first == "queue" || first == "file":
		candidates = nil
		for _, q := range c.catalog().Queues {
			candidates = append(candidates, q.Key)
		}
		lines = []string{c.Words.Say("list.unknown.queue", text.Args{"Word": helpdesk.Shorten(key, 60), "Known": strings.Join(candidates, ", ")})}
	case first == "service":
		candidates = nil
		for _, s := range c.catalog().Services {
			candidates = append(candidates, s.Key)
		}
		lines = []string{c.Words.Say("list.unknown.service", text.Args{"Word": helpdesk.Shorten(key, 60), "Known": strings.Join(candidates, ", ")})}
	case first == "tag" || first == "étiquette":
		lines, candidates = []string{c.Words.Say("list.unknown.tag")}, nil
	default:
		key = first
	}
	if n := helpdesk.Nearest(strings.ToLower(key), candidates); n != "" {
		lines = append(lines, c.Words.Say("list.nearest", text.Args{"Nearest": n}))
	}
	return Answer{Card: &card.Card{Lines: append(lines, c.Words.Say("help.list.filters"))}}
}

// pressPage answers a button of a list: its filter and place are read like words that were typed.
func (c *Call) pressPage(ctx context.Context) (Answer, error) {
	place, filter, _ := strings.Cut(c.Press.Value, " ")
	f, wrong := helpdesk.ParseFilter(c.catalog(), strings.Fields(filter))
	if wrong != "" {
		return c.unknownFilter(wrong), nil
	}
	a, err := c.page(ctx, f, helpdesk.ParsePlace(place))
	a.Replaces = true
	return a, err
}

func (c *Call) page(ctx context.Context, f helpdesk.Filter, from helpdesk.Place) (Answer, error) {
	p, err := c.bot.desk.Page(ctx, c.Actor, f, from)
	if err != nil {
		return Answer{}, err
	}
	a := c.bot.pageCard(c.Words, p)
	c.done("list", 0)
	return Answer{Card: &a}, nil
}

// pageCard is one page of a list.
func (b *Bot) pageCard(w text.Words, p helpdesk.Page) card.Card {
	c := card.Card{Title: b.listTitle(w, p.Filter)}
	for _, t := range p.Tickets {
		c.Lines = append(c.Lines, b.ticketLine(w, t))
		if len(c.Buttons) < listButtons {
			c.Buttons = append(c.Buttons, b.showButton(w, t))
		}
	}
	turn := func(key string, to helpdesk.Place) {
		c.Buttons = append(c.Buttons, card.Button{ID: "page", Value: strings.TrimSpace(to.String() + " " + p.Filter.String()), Text: w.Say(key)})
	}
	if p.From != (helpdesk.Place{}) {
		turn("button.first", helpdesk.Place{})
	}
	if p.More {
		turn("button.older", p.Next)
		c.Context = w.Say("list.page")
	}
	c.Buttons = append(c.Buttons, searchButton(w))
	if len(p.Tickets) == 0 {
		c.Lines = []string{w.Say("list.empty")}
	}
	return c
}

// listTitle says in words what a list shows.
func (b *Bot) listTitle(w text.Words, f helpdesk.Filter) string {
	var parts []string
	add := func(is bool, part string) {
		if is {
			parts = append(parts, part)
		}
	}
	add(f.Mine, w.Say("filter.mine"))
	add(f.State == "open", w.Say("filter.open"))
	add(f.State == "closed", w.Say("filter.closed"))
	add(f.EMM, w.Say("filter.emm"))
	add(f.Queue != "", w.Say("filter.queue", text.Args{"Queue": b.queue(w, f.Queue)}))
	add(f.Service != "", w.Say("filter.service", text.Args{"Service": b.service(w, f.Service)}))
	add(f.Tag != "", w.Say("filter.tag", text.Args{"Tag": f.Tag}))
	return w.Say("list.filtered", text.Args{"Filter": strings.Join(parts, ", ")})
}

// ticketLine is a ticket in a list. A vendor's reference shows where there is one.
func (b *Bot) ticketLine(w text.Words, t store.Ticket) string {
	line := w.Say("list.line", text.Args{"Ticket": b.called(t), "Subject": t.Subject,
		"State": w.Say("state." + t.State), "Service": b.service(w, t.Service), "Date": w.Date(t.CreatedAt.Time, b.zone(t))})
	if t.VendorRef != "" {
		line = w.Say("list.line.vendor", text.Args{"Line": line, "Reference": t.VendorRef})
	}
	return line
}

func (b *Bot) showButton(w text.Words, t store.Ticket) card.Button {
	return card.Button{ID: "show", Value: fmt.Sprint(t.ID), Text: b.called(t),
		Label: w.Say("button.label", text.Args{"Button": w.Say("button.show"), "Ticket": b.called(t), "Subject": t.Subject})}
}
