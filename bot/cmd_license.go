package bot

import (
	"context"
	"slices"
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
		Buttons: map[string]func(context.Context, *Call) (Answer, error){
			"licenses": func(ctx context.Context, c *Call) (Answer, error) { return c.estate(ctx) },
		},
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
	out := card.Card{Title: w.Say("license.title", text.Args{"Organization": b.organization(e.Organization)}), Lines: b.licenseLines(w, e), Context: w.Say("license.hint")}
	switch {
	case len(out.Lines) == 0:
		out.Lines, out.Context = []string{w.Say("license.none")}, ""
	case slices.ContainsFunc(e.Lines, func(l license.Line) bool { return l.Inactive() > 0 }):
		out.Lines = append(out.Lines, w.Say("license.inactive.hint"))
	}
	return out
}

// licenseSection shows the same in a manager's home view.
func (b *Bot) licenseSection(w text.Words, e license.Estate) card.Section {
	s := card.Section{Title: w.Say("section.licenses"), Empty: w.Say("license.none")}
	for i, line := range b.licenseLines(w, e) {
		if i == helpdesk.HomeShown {
			s.More = &card.Button{ID: "licenses", Text: w.Say("button.all"), Label: w.Say("button.all.label", text.Args{"Section": s.Title})}
			break
		}
		s.Items = append(s.Items, card.Item{Text: line})
	}
	return s
}

// licenseLines are a line for each license of which there are any.
func (b *Bot) licenseLines(w text.Words, e license.Estate) (lines []string) {
	for _, l := range e.Lines {
		if l.Ordered > 0 {
			lines = append(lines, w.Say("license.line", text.Args{"Service": b.service(w, l.Service), "Name": l.Name(w.Language()), "Counts": licenseCounts(w, l)}))
		}
	}
	return lines
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
