package bot

import (
	"context"
	"maps"
	"slices"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/license"
)

// licenseAct is something that can be done to licenses, by a word behind /license, buttons and forms. Adding one touches its own file,
// licenseActs and the catalogs.
type licenseAct struct {
	words    []string // that it is typed by: the first in English, as help names it; none: it has buttons alone
	everyone bool     // anybody does it, and not managers alone
	run      func(ctx context.Context, c *Call, args []string) (Answer, error)
	buttons  map[string]func(context.Context, *Call) (Answer, error)
	forms    map[string]func(context.Context, *Call, Submission) (Answer, error)
	notices  map[string]noticing // by what they tell of
}

// licenseActs are all, in the order in which help tells of them.
func licenseActs() []licenseAct {
	return []licenseAct{orderAct(), activateAct(), changeAct(), terminateAct(), requestAct(), quoteAct(), offerAct(), assignAct(), unassignAct(), seatsAct(), adminAct(), waitingAct(), remindAct()}
}

// licenseCommand is /license: what licenses an organization has, and what its managers do with them.
func licenseCommand() *Command {
	cmd := &Command{
		Name:    "license",
		Aliases: []string{"licence"},
		About:   "The licenses of your organization",
		Run:     runLicense,
		Buttons: map[string]func(context.Context, *Call) (Answer, error){
			"licenses": func(ctx context.Context, c *Call) (Answer, error) { return c.estate(ctx) },
		},
		Forms: map[string]func(context.Context, *Call, Submission) (Answer, error){},
	}
	for _, a := range licenseActs() {
		if len(a.words) > 0 {
			cmd.Usage += a.words[0] + " | "
		}
		maps.Copy(cmd.Buttons, a.buttons)
		maps.Copy(cmd.Forms, a.forms)
	}
	cmd.Usage = "[" + cmd.Usage + "help]"
	return cmd
}

func runLicense(ctx context.Context, c *Call, args []string) (Answer, error) {
	if len(args) == 0 {
		return c.estate(ctx)
	}
	word := strings.ToLower(args[0])
	known := []string{"help"}
	for _, a := range licenseActs() {
		if slices.Contains(a.words, word) {
			return a.run(ctx, c, args[1:])
		}
		known = append(known, a.words...)
	}
	if word == "help" || word == "aide" {
		return c.help(ctx)
	}
	lines := []string{c.Words.Say("unknown.license", text.Args{"Argument": helpdesk.Shorten(c.Command.Args, 60)})}
	if n := helpdesk.Nearest(word, known); n != "" {
		lines = append(lines, c.Words.Say("unknown.license.nearest", text.Args{"Nearest": n}))
	}
	return Answer{Card: &card.Card{Lines: append(lines, c.licenseUsage(true)...)}}, nil
}

// licenseUsage is what can be typed: all, or what everyone may.
func (c *Call) licenseUsage(all bool) (lines []string) {
	if all {
		lines = append(lines, c.Words.Say("help.license"))
	}
	for _, a := range licenseActs() {
		if len(a.words) > 0 && (all || a.everyone) {
			lines = append(lines, c.Words.Say("help.license."+a.words[0]))
		}
	}
	return lines
}

// estate answers /license.
func (c *Call) estate(ctx context.Context) (Answer, error) {
	e, err := c.bot.licenses.LooksAfter(ctx, c.Actor)
	if err != nil {
		return Answer{}, err
	}
	c.done("license", 0)
	a := c.bot.estateCard(c.Words, e)
	if e.Manager {
		waiting, err := c.bot.licenses.Waiting(ctx, c.Actor, mostWaiting+1)
		if err != nil {
			return Answer{}, err
		}
		c.bot.addWaiting(c.Words, &a, waiting)
	}
	return Answer{Card: &a}, nil
}

// estateCard shows what an organization has, service by service.
func (b *Bot) estateCard(w text.Words, e license.Estate) card.Card {
	out := card.Card{Title: w.Say("license.title", text.Args{"Organization": b.organization(e.Organization)}), Lines: b.licenseLines(w, e), Context: w.Say("license.hint")}
	if len(b.licenses.Catalog().Offered()) > 0 && e.Manager {
		out.Buttons = append(out.Buttons, card.Button{ID: "order", Text: w.Say("button.order"), Style: card.Primary})
	}
	if len(e.Lines) > 0 && e.Manager {
		out.Buttons = append(out.Buttons, card.Button{ID: "quote", Text: w.Say("button.quote")})
	}
	if len(out.Lines) > 0 {
		out.Buttons = append(out.Buttons, card.Button{ID: "giveseat", Text: w.Say("seat.button.assign")}, card.Button{ID: "seats", Text: w.Say("seats.button")})
	}
	switch {
	case len(out.Lines) == 0:
		out.Lines, out.Context = []string{w.Say("license.none")}, ""
	case slices.ContainsFunc(e.Lines, func(l license.Line) bool { return l.Inactive() > 0 }):
		out.Lines = append(out.Lines, w.Say("license.inactive.hint"))
		out.Buttons = append(out.Buttons, card.Button{ID: "activate", Text: w.Say("button.activate")})
	}
	if e.Manager {
		out.Menu, out.More = b.estateMenu(w, e), w.Say("menu.more")
	}
	return out
}

// estateMenu is what managers do less often.
func (b *Bot) estateMenu(w text.Words, e license.Estate) (menu []card.Button) {
	if len(b.changeable(w, e)) > 0 {
		menu = append(menu, card.Button{ID: "licensechange", Text: w.Say("form.change.title")})
	}
	if slices.ContainsFunc(e.Lines, func(l license.Line) bool { return l.Ordered > 0 }) {
		menu = append(menu, card.Button{ID: "terminate", Text: w.Say("form.terminate.title")})
	}
	return append(menu, card.Button{ID: "admins", Text: w.Say("section.admins")})
}

// licenseSection shows the same in a manager's home view.
func (b *Bot) licenseSection(w text.Words, e license.Estate) card.Section {
	s := card.Section{Title: w.Say("section.licenses"), Empty: w.Say("license.none")}
	s.More = &card.Button{ID: "licenses", Text: w.Say("button.licenses"), Label: w.Say("button.licenses.label")}
	for i, line := range b.licenseLines(w, e) {
		if i == helpdesk.HomeShown {
			s.More.Text, s.More.Label = w.Say("button.all"), w.Say("button.all.label", text.Args{"Section": s.Title})
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
			lines = append(lines, w.Say("license.line", text.Args{"Name": b.licenseName(w, l.License), "Counts": licenseCounts(w, l)}))
		}
	}
	return lines
}

// licenseCounts are the numbers of one license in words: all, or some.
func licenseCounts(w text.Words, l license.Line, only ...string) string {
	var all []string
	for _, n := range []struct {
		what  string
		count int64
	}{{"ordered", l.Ordered}, {"activated", l.Activated}, {"assigned", l.Assigned}, {"free", l.Free()}, {"pending", l.Pending}, {"ending", l.Ending}} {
		if n.count == 0 && (n.what == "pending" || n.what == "ending") || len(only) > 0 && !slices.Contains(only, n.what) {
			continue
		}
		all = append(all, w.Say("license."+n.what, text.Args{"N": int(n.count), "Count": w.Number(n.count)}))
	}
	return strings.Join(all, ", ")
}
