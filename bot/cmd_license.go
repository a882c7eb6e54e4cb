package bot

import (
	"context"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/license"
)

// licenseCommand is /license: what licenses an organization has, for its managers.
func licenseCommand() *Command {
	return &Command{
		Name:    "license",
		Aliases: []string{"licence"},
		Usage:   "[help]",
		About:   "The licenses of your organization",
		Run:     runLicense,
	}
}

func runLicense(ctx context.Context, c *Call, args []string) (Answer, error) {
	if len(args) == 0 {
		return c.estate(ctx)
	}
	word := strings.ToLower(args[0])
	if word == "help" || word == "aide" {
		return c.help(ctx)
	}
	lines := []string{c.Words.Say("unknown.license", text.Args{"Argument": helpdesk.Shorten(c.Command.Args, 60)})}
	if n := helpdesk.Nearest(word, []string{"help"}); n != "" {
		lines = append(lines, c.Words.Say("unknown.license.nearest", text.Args{"Nearest": n}))
	}
	return Answer{Card: &card.Card{Lines: append(lines, c.Words.Say("help.license"))}}, nil
}

// estate answers /license.
func (c *Call) estate(ctx context.Context) (Answer, error) {
	e, err := c.bot.licenses.Estate(ctx, c.Actor)
	if err != nil {
		return Answer{}, err
	}
	c.done("license", 0)
	a := c.bot.estateCard(c.Words, e)
	return Answer{Card: &a}, nil
}

// estateCard shows what an organization has, service by service.
func (b *Bot) estateCard(w text.Words, e license.Estate) card.Card {
	out := card.Card{Title: w.Say("license.title", text.Args{"Organization": b.organization(e.Organization)}), Context: w.Say("license.hint")}
	waits := false
	for _, l := range e.Lines {
		if l.Ordered > 0 {
			out.Lines = append(out.Lines, w.Say("license.line", text.Args{"Service": b.service(w, l.Service), "Name": l.Name(w.Language()), "Counts": licenseCounts(w, l)}))
			waits = waits || l.Inactive() > 0
		}
	}
	switch {
	case len(out.Lines) == 0:
		out.Lines, out.Context = []string{w.Say("license.none")}, ""
	case waits:
		out.Lines = append(out.Lines, w.Say("license.inactive.hint"))
	}
	return out
}

// licenseCounts are the numbers of one license in words.
func licenseCounts(w text.Words, l license.Line) string {
	var all []string
	for _, n := range []struct {
		what  string
		count int64
	}{{"ordered", l.Ordered}, {"activated", l.Activated}, {"assigned", l.Assigned}, {"free", l.Free()}} {
		all = append(all, w.Say("license."+n.what, text.Args{"N": int(n.count)}))
	}
	return strings.Join(all, ", ")
}
