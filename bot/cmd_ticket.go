package bot

import (
	"context"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/markup"
	"guichet/store"
)

// ticketCommand is /ticket: open, list, see and work tickets.
func ticketCommand() *Command {
	start := func(act helpdesk.Act) func(context.Context, *Call) (Answer, error) {
		return func(ctx context.Context, c *Call) (Answer, error) { return c.startChange(ctx, act) }
	}
	submit := func(act helpdesk.Act) func(context.Context, *Call, Submission) (Answer, error) {
		return func(ctx context.Context, c *Call, s Submission) (Answer, error) { return c.submitChange(ctx, act, s) }
	}
	cmd := &Command{
		Name:  "ticket",
		Usage: "[list | list open emm | search words | 1042 | emm | help]",
		About: "Ask the support desk for help, and follow your tickets",
		Run:   runTicket,
		Forms: map[string]func(context.Context, *Call, Submission) (Answer, error){
			"ticket.new":         submitNew,
			"ticket.reply":       submitReply,
			"ticket.note":        submitNote,
			"ticket.attach":      submitReply,
			"ticket.add":         submitAdd,
			"ticket.search":      submitSearch,
			"ticket.comment":     submitComment,
			"ticket.macro":       submitMacro,
			"ticket.resolvewith": submitResolve,
			"ticket.split":       submitSplit,
			"ticket.snooze":      submitSnooze,
			"ticket.announce":    submitAnnounce,
			"ticket.declare":     submitDeclare,
			"ticket.end":         submitEnd,
		},
		Buttons: map[string]func(context.Context, *Call) (Answer, error){
			"resume":   func(ctx context.Context, c *Call) (Answer, error) { return c.resume(ctx) },
			"new":      func(ctx context.Context, c *Call) (Answer, error) { return c.startFrom(ctx, c.Press.Value) },
			"page":     func(ctx context.Context, c *Call) (Answer, error) { return c.pressPage(ctx) },
			"search":   startSearch,
			"found":    func(ctx context.Context, c *Call) (Answer, error) { return c.pressFound(ctx) },
			"attach":   func(ctx context.Context, c *Call) (Answer, error) { return c.startMessage(ctx, helpdesk.Reply) },
			"show":     func(ctx context.Context, c *Call) (Answer, error) { return c.pressShow(ctx) },
			"reply":    func(ctx context.Context, c *Call) (Answer, error) { return c.startMessage(ctx, helpdesk.Reply) },
			"note":     func(ctx context.Context, c *Call) (Answer, error) { return c.startMessage(ctx, helpdesk.Note) },
			"undo":     func(ctx context.Context, c *Call) (Answer, error) { return c.pressUndo(ctx) },
			"take":     pressAct(helpdesk.Take),
			"resolve":  pressAct(helpdesk.Resolve),
			"close":    pressAct(helpdesk.Close),
			"reopen":   pressAct(helpdesk.Reopen),
			"keep":     pressAct(helpdesk.Keep),
			"add":      addKept,
			"unfollow": unfollow,
			"metoo":    pressMeToo,
			"comment":  startComment,
			"stats":    func(ctx context.Context, c *Call) (Answer, error) { return c.pressStats(ctx) },
			"picture":  func(ctx context.Context, c *Call) (Answer, error) { return c.pressPicture(ctx) },
		},
		Shortcuts: map[string]MessageShortcut{
			"ticketFromMessage": {Title: "Create ticket", About: "Ask the support desk for help with this message", Run: ticketFromMessage},
			"addToTicket":       {Title: "Add to ticket...", About: "Add this message to an open ticket", Run: addToTicket},
		},
	}
	for _, rating := range helpdesk.Ratings {
		cmd.Buttons["rate"+rating] = pressRate(rating)
	}
	for act := range changeForms {
		cmd.Buttons[string(act)], cmd.Forms["ticket."+string(act)] = start(act), submit(act)
	}
	for _, e := range entries {
		if e.press != nil {
			cmd.Buttons[e.id] = e.press
		}
	}
	return cmd
}

func runTicket(ctx context.Context, c *Call, args []string) (Answer, error) {
	if len(args) == 0 {
		return c.startNew(ctx, "")
	}
	word := strings.ToLower(args[0])
	if searches(word) {
		return c.search(ctx, behindFirst(c.Command.Args))
	}
	if word == "list" && len(args) > 1 || word == "liste" && len(args) > 1 {
		return c.filtered(ctx, args[1:])
	}
	if len(args) == 2 && (word == "why" || word == "pourquoi") {
		if id, ok := c.catalog().ParseName(args[1]); ok {
			return c.why(ctx, id)
		}
	}
	if word == "macro" || word == "modèle" {
		return c.macro(ctx, args[1:])
	}
	if word == "stats" || word == "statistiques" {
		return c.stats(ctx, args[1:])
	}
	if len(args) == 1 {
		switch word {
		case "new":
			return c.startNew(ctx, "")
		case "list", "liste":
			return c.list(ctx)
		case "help":
			return c.help(ctx)
		}
		if _, ok := c.catalog().Service(word); ok {
			return c.startNew(ctx, word)
		}
		if id, ok := c.catalog().ParseName(word); ok {
			return c.show(ctx, id, helpdesk.Latest)
		}
	}
	return c.unknownArgument(word), nil
}

// unknownArgument answers a slip: the nearest word that would do, and the help.
func (c *Call) unknownArgument(word string) Answer {
	candidates := []string{"list", "search", "help", "new", "why", "stats", "macro"}
	for _, s := range c.catalog().Services {
		candidates = append(candidates, s.Key)
	}
	lines := []string{c.Words.Say("unknown.argument", text.Args{"Argument": helpdesk.Shorten(c.Command.Args, 60)})}
	if n := helpdesk.Nearest(word, candidates); n != "" {
		lines = append(lines, c.Words.Say("unknown.nearest", text.Args{"Nearest": n}))
	}
	return Answer{Card: &card.Card{Lines: append(lines, c.usage()...)}}
}

// usage is the short guide: one line per form of the command.
func (c *Call) usage() []string {
	var services []string
	for _, s := range c.catalog().Services {
		services = append(services, s.Key)
	}
	return []string{
		c.Words.Say("help.new"),
		c.Words.Say("help.service", text.Args{"Services": strings.Join(services, " | ")}),
		c.Words.Say("help.list"),
		c.Words.Say("help.list.filters"),
		c.Words.Say("help.search"),
		c.Words.Say("help.number"),
		c.Words.Say("help.why"),
		c.Words.Say("help.help"),
	}
}

// help says what this person may do.
func (c *Call) help(ctx context.Context) (Answer, error) {
	who, err := c.bot.desk.Standing(ctx, c.Actor)
	if err != nil {
		return Answer{}, err
	}
	lines := append(append(c.usage(), c.guichetUsage()...), c.Words.Say("help.thread"))
	if who.Manager || len(who.Queues) > 0 {
		lines = append(lines, c.Words.Say("help.stats"))
	}
	if len(c.bot.licenses.Catalog().Licenses) > 0 {
		lines = append(lines, c.licenseUsage(who.Manager)...)
	}
	if who.Manager {
		lines = append(append(lines, c.invoiceUsage()...), c.Words.Say("help.manager", text.Args{"Organization": c.bot.organization(who.Person.Organization)}))
	}
	if len(who.Services) > 0 {
		lines = append(lines, c.Words.Say("help.administrator", text.Args{"Services": c.bot.services(c.Words, who.Services), "Organization": c.bot.organization(who.Person.Organization)}))
	}
	if len(who.Queues) > 0 {
		var queues []string
		for _, q := range who.Queues {
			queues = append(queues, c.bot.queue(c.Words, q))
		}
		lines = append(lines, c.Words.Say("help.agent", text.Args{"Queues": strings.Join(queues, ", ")}), c.Words.Say("help.agent.menu"))
	}
	return Answer{Card: &card.Card{Title: c.Words.Say("help.title"), Lines: lines}}, nil
}

func (c *Call) list(ctx context.Context) (Answer, error) {
	l, err := c.bot.desk.List(ctx, c.Actor)
	if err != nil {
		return Answer{}, err
	}
	a := c.bot.listCard(c.Words, l)
	c.done("list", 0)
	return Answer{Card: &a}, nil
}

func (c *Call) show(ctx context.Context, id store.TicketID, before helpdesk.Cursor) (Answer, error) {
	v, err := c.bot.desk.View(ctx, c.Actor, id, before)
	if err != nil {
		return Answer{}, err
	}
	a := c.bot.viewCard(c.Words, v)
	c.done("show", id)
	return Answer{Card: &a}, nil
}

// pressed reads a ticket's button: the ticket, and the side of the counter on which it was shown.
// What it says is looked up and checked, never believed.
func (c *Call) pressed() (id store.TicketID, side string, err error) {
	number, rest, _ := strings.Cut(c.Press.Value, "/")
	side, _, _ = strings.Cut(rest, "/")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return 0, "", &helpdesk.Refusal{Code: helpdesk.UnknownTicket}
	}
	if side != store.DeskSide {
		side = store.RequesterSide
	}
	return store.TicketID(n), side, nil
}

// seenAssignee is who had the ticket when the button was shown.
func (c *Call) seenAssignee() store.PersonID {
	seen, _ := strconv.ParseInt(c.Press.Value[strings.LastIndexByte(c.Press.Value, '/')+1:], 10, 64)
	return store.PersonID(seen)
}

func (c *Call) pressShow(ctx context.Context) (Answer, error) {
	id, _, err := c.pressed()
	if err != nil {
		return Answer{}, err
	}
	_, rest, _ := strings.Cut(c.Press.Value, "/")
	return c.show(ctx, id, helpdesk.ParseCursor(rest))
}

// do is a press of a button that is an act by itself.
func (c *Call) do(ctx context.Context, act helpdesk.Act) (Answer, error) {
	id, side, err := c.pressed()
	if err != nil {
		return Answer{}, err
	}
	var out helpdesk.Outcome
	if act == helpdesk.Take {
		out, err = c.bot.desk.Take(ctx, c.Actor, id, c.seenAssignee())
	} else {
		out, err = c.bot.desk.Do(ctx, c.Actor, act, id, side)
	}
	if err != nil {
		return Answer{}, err
	}
	c.done(string(act), id, "changed", out.Changed)
	if !out.Changed && out.By != "" {
		return c.already(act, out), nil
	}
	if onCard, err := c.bot.desk.ShowsCard(ctx, c.Place, c.Press.Message); err == nil && onCard {
		return Answer{}, nil // the card says it, right where they pressed
	}
	return c.say("done."+string(act), text.Args{"Ticket": c.bot.called(out.Ticket)}), nil
}

func (c *Call) hidden() card.Hidden {
	return card.Hidden{Nonce: uuid.NewString(), Person: int64(c.Person.ID)}
}

func (c *Call) catalog() *helpdesk.Catalog { return c.bot.desk.Catalog() }

// plain is what somebody wrote, in plain words: for where it is read and not shown as it was written.
func plain(body string) string { return markup.FromCanonical(body).Plain() }

func clip(s string, longest int, more string) string {
	r := []rune(s)
	if len(r) <= longest {
		return s
	}
	return strings.TrimRight(string(r[:longest]), " \n") + more
}
