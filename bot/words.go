package bot

import (
	"slices"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// wordAnswer tells an agent, alone, what came of a word that they typed in a thread, unless the thread tells it.
func (c *Call) wordAnswer(t store.Ticket, w helpdesk.Answered) Answer {
	args := text.Args{"Ticket": c.bot.called(t)}
	switch {
	case w.Refused != nil:
		return c.refused(w.Refused)
	case w.Wrong != "":
		return c.wordWrong(w)
	case w.Name == "help":
		return c.wordHelp()
	case w.Name == "note":
		return Answer{}
	}
	c.done(w.Name, t.ID, "changed", w.Changed)
	switch {
	case w.Name == "watch" || w.Name == "unwatch": // which colleagues are not told
		return c.say("done."+w.Name, args)
	case w.Changed:
		return Answer{}
	case w.By != "" && slices.Contains(toldWho, helpdesk.Act(w.Name)):
		return c.already(helpdesk.Act(w.Name), w.Outcome)
	}
	return c.say("word.already", args)
}

// toldWho are the acts of which it is told who was quicker.
var toldWho = []helpdesk.Act{helpdesk.Take, helpdesk.Wait, helpdesk.Resolve, helpdesk.Close, helpdesk.Reopen, helpdesk.Prioritize}

// wordHelp lists the words, a line each.
func (c *Call) wordHelp() Answer {
	out := card.Card{Title: c.Words.Say("word.help.title"), Context: c.Words.Say("word.help.hint")}
	for _, name := range helpdesk.MainWords() {
		out.Lines = append(out.Lines, c.Words.Say("word.help."+name))
	}
	return Answer{Card: &out}
}

// wordWrong says what about a word was not understood, and what would be.
func (c *Call) wordWrong(w helpdesk.Answered) Answer {
	lines := []string{c.Words.Say("word.wrong."+w.Wrong, text.Args{
		"Word": helpdesk.Shorten(w.Name, 40), "Rest": helpdesk.Shorten(w.Rest, 60), "Known": strings.Join(w.Known, ", ")})}
	typed := w.Name
	if w.Wrong != "word" {
		typed, _, _ = strings.Cut(w.Rest, " ")
	}
	if n := helpdesk.Nearest(strings.ToLower(typed), w.Known); n != "" {
		lines = append(lines, c.Words.Say("word.nearest", text.Args{"Nearest": n}))
	}
	return Answer{Card: &card.Card{Lines: lines}}
}
