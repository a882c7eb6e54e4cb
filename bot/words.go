package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// wordAnswer tells an agent, alone, what came of a word that they typed in a thread, unless the thread tells it.
func (c *Call) wordAnswer(ctx context.Context, id store.TicketID, w helpdesk.Answered) (Answer, error) {
	var refused *helpdesk.Refusal
	switch {
	case errors.As(w.Refused, &refused):
		return Answer{Card: &card.Card{Lines: []string{c.bot.refusal(c.Words, refused)}}}, nil
	case w.Wrong != "":
		return c.wordWrong(w), nil
	case w.Name == "help":
		return Answer{Card: &card.Card{Title: c.Words.Say("word.help.title"), Lines: strings.Split(c.Words.Say("word.help"), "\n")}}, nil
	case w.Name == "note":
		return Answer{}, nil
	}
	c.done(w.Name, id, "changed", w.Changed)
	if !w.Changed {
		if w.By != "" {
			return c.already(helpdesk.Act(w.Name), w.Outcome), nil
		}
		return c.say("word.already", text.Args{"Ticket": fmt.Sprint(id)}), nil
	}
	return Answer{}, nil
}

// wordWrong says what about a word was not understood, and what would be.
func (c *Call) wordWrong(w helpdesk.Answered) Answer {
	args := text.Args{"Word": helpdesk.Shorten(w.Name, 40), "Rest": helpdesk.Shorten(w.Rest, 60)}
	key, nearby := "word.unknown", slices.Sorted(maps.Keys(helpdesk.Words))
	switch w.Wrong {
	case "whom":
		key, nearby = "word.whom", nil
	case "priority":
		key, nearby = "word.priority", nil
	case "queue":
		key, nearby = "word.queue", nil
		for _, q := range c.catalog().Queues {
			nearby = append(nearby, q.Key)
		}
		args["Queues"] = strings.Join(nearby, ", ")
	case "macro":
		key, nearby = "word.macro", nil
		for _, m := range c.catalog().Macros {
			nearby = append(nearby, m.Key)
		}
		args["Macros"] = strings.Join(nearby, ", ")
	case "reason":
		key, nearby = "word.reason", nil
	case "until":
		key, nearby = "word.until", nil
	}
	lines := []string{c.Words.Say(key, args)}
	typed := w.Name
	if w.Wrong == "queue" || w.Wrong == "macro" {
		typed, _, _ = strings.Cut(w.Rest, " ")
	}
	if n := helpdesk.Nearest(strings.ToLower(typed), nearby); n != "" {
		lines = append(lines, c.Words.Say("word.nearest", text.Args{"Nearest": n}))
	}
	return Answer{Card: &card.Card{Lines: lines}}
}

// macros answers /ticket macro: the canned answers that an agent may use.
func (c *Call) macros(ctx context.Context) (Answer, error) {
	all, err := c.bot.desk.Macros(ctx, c.Actor)
	if err != nil {
		return Answer{}, err
	}
	out := card.Card{Title: c.Words.Say("macros.title"), Context: c.Words.Say("macros.hint")}
	for _, m := range all {
		out.Lines = append(out.Lines, c.Words.Say("macros.line", text.Args{"Key": m.Key, "Title": m.Title(c.Words.Language())}))
	}
	if len(all) == 0 {
		return c.say("macros.none"), nil
	}
	return Answer{Card: &out}, nil
}
