package bot

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// searchWords are what people type for it, behind /ticket.
var searchWords = []string{"search", "chercher", "recherche", "rechercher"}

// search answers /ticket search; without anything to look for it says how.
func (c *Call) search(ctx context.Context, words string) (Answer, error) {
	q := helpdesk.ParseQuery(words)
	if len(q.Phrases) == 0 {
		return Answer{Card: &card.Card{Lines: []string{c.Words.Say("search.what")}, Buttons: []card.Button{searchButton(c.Words)}}}, nil
	}
	return c.findings(ctx, q, 0)
}

func (c *Call) findings(ctx context.Context, q helpdesk.Query, before store.TicketID) (Answer, error) {
	f, err := c.bot.desk.Search(ctx, c.Actor, q, before)
	if err != nil {
		return Answer{}, err
	}
	a := c.bot.findingsCard(c.Words, f)
	c.done("search", 0, "found", len(f.Tickets))
	return Answer{Card: &a}, nil
}

// pressFound turns a page: the words go with the button, and are read like those that were typed.
func (c *Call) pressFound(ctx context.Context) (Answer, error) {
	place, words, _ := strings.Cut(c.Press.Value, " ")
	before, err := strconv.ParseInt(place, 10, 64)
	if err != nil || before < 0 {
		before = 0
	}
	q := helpdesk.ParseQuery(words)
	if len(q.Phrases) == 0 {
		return c.say("refused.stale_button"), nil
	}
	a, err := c.findings(ctx, q, store.TicketID(before))
	a.Replaces = true
	return a, err
}

// findingsCard is one page of what was found.
func (b *Bot) findingsCard(w text.Words, f helpdesk.Findings) card.Card {
	c := card.Card{Title: w.Say("search.title", text.Args{"Words": f.Query.Text})}
	for _, t := range f.Tickets {
		line := b.ticketLine(w, t.Ticket)
		if t.Excerpt != "" {
			line = w.Say("search.line", text.Args{"Line": line, "Excerpt": t.Excerpt})
		}
		c.Lines = append(c.Lines, line)
		if len(c.Buttons) < listButtons {
			c.Buttons = append(c.Buttons, b.showButton(w, t.Ticket))
		}
	}
	if len(f.Tickets) == 0 {
		c.Lines = []string{w.Say("search.none")}
	}
	turn := func(key string, before store.TicketID) {
		c.Buttons = append(c.Buttons, card.Button{ID: "found", Value: fmt.Sprintf("%d %s", before, f.Query.Text), Text: w.Say(key)})
	}
	var small []string
	if f.From != 0 {
		turn("button.first", 0)
	}
	if f.Next != 0 {
		turn("button.older", f.Next)
		small = append(small, w.Say("list.page"))
	}
	if f.Query.Cut {
		small = append(small, w.Say("search.cut", text.Args{"N": helpdesk.MaxSought}))
	}
	c.Buttons = append(c.Buttons, searchButton(w))
	c.Context = strings.Join(small, " ")
	return c
}

func searchButton(w text.Words) card.Button {
	return card.Button{ID: "search", Text: w.Say("button.search")}
}

// startSearch opens the form with the one field.
func startSearch(_ context.Context, c *Call) (Answer, error) {
	f := searchForm(c.Words)
	f.Hidden = c.hidden()
	return c.open(f), nil
}

func searchForm(w text.Words) card.Form {
	return card.Form{ID: "ticket.search", Title: w.Say("form.search.title"), Submit: w.Say("button.search"), Cancel: w.Say("form.cancel"),
		Inputs: []card.Input{{ID: "words", Type: card.Text, Label: w.Say("form.search.words"), Hint: w.Say("form.search.hint"), Longest: helpdesk.MaxQuery}}}
}

// submitSearch answers in the direct channel: where a form was opened, there may be no channel.
func submitSearch(ctx context.Context, c *Call, s Submission) (Answer, error) {
	q := helpdesk.ParseQuery(s.Values["words"])
	if len(q.Phrases) == 0 {
		return Answer{Errors: map[string]string{"words": c.Words.Say("wrong.words")}}, nil
	}
	a, err := c.findings(ctx, q, 0)
	return Answer{Direct: a.Card}, err
}

// behindFirst is what was typed behind the first word of a command.
func behindFirst(args string) string {
	_, rest, _ := strings.Cut(strings.Join(strings.Fields(args), " "), " ")
	return rest
}

func searches(word string) bool { return slices.Contains(searchWords, word) }
