package bot

import (
	"context"
	"encoding/json"
	"errors"
	"path"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// Lists of people who are to be given licenses come as a file that a manager drops into their direct channel. Files are fetched over the
// network, so a delivery of its own reads it and shows what would be done; a button does it.

// askSeatFile says where such a file goes, and what is in it.
func (c *Call) askSeatFile(ctx context.Context) (Answer, error) {
	if _, _, err := c.bot.licenses.Assignable(ctx, c.Actor); err != nil {
		return Answer{}, err
	}
	if c.catalog().Files.Off {
		return c.say("seats.file.off"), nil
	}
	w := c.Words
	a := card.Card{Title: w.Say("seats.file.title"), Lines: []string{w.Say("seats.file.drop"), w.Say("seats.file.columns"), w.Say("seats.file.example")},
		Context: w.Say("seats.file.hint", text.Args{"Most": w.Number(license.MostSeatRows)})}
	return Answer{Direct: &a, Card: &card.Card{Lines: []string{w.Say("seats.file.there")}}}, nil
}

// seatFile is the button that reads a list from what was dropped into the direct channel, for those who may do what it says; zero if there
// is none.
func (c *Call) seatFile(ctx context.Context, kept string, files []helpdesk.FileRef) (card.Button, error) {
	if _, ok := listOf(files); !ok || !c.Direct || c.catalog().Files.Off || len(c.bot.licenses.Catalog().Licenses) == 0 {
		return card.Button{}, nil
	}
	lines, _, err := c.bot.licenses.Assignable(ctx, c.Actor)
	if refused := (*helpdesk.Refusal)(nil); errors.As(err, &refused) || len(lines) == 0 {
		return card.Button{}, nil
	}
	return card.Button{ID: "seatfile", Value: kept, Text: c.Words.Say("seats.button.file")}, err
}

// listBelow says whether what was written is a list that was dropped below something that is no ticket's: below what says where to drop it.
func (c *Call) listBelow(ctx context.Context) (bool, error) {
	if c.Post.Root == "" {
		return false, nil
	}
	list, err := c.seatFile(ctx, "", c.Post.Files)
	if err != nil || list.ID == "" {
		return false, err
	}
	known, err := c.bot.desk.KnowsThread(ctx, c.Place, c.Post.Root)
	return !known, err
}

// listOf is the one file that may be a list.
func listOf(files []helpdesk.FileRef) (helpdesk.FileRef, bool) {
	if len(files) != 1 || !strings.EqualFold(path.Ext(files[0].Name), ".csv") {
		return helpdesk.FileRef{}, false
	}
	return files[0], true
}

// askSeats has the file read.
func askSeats(ctx context.Context, c *Call) (Answer, error) {
	err := c.bot.licenses.AskSeats(ctx, c.Actor, c.From, c.Press.Value)
	if errors.Is(err, store.ErrNotFound) {
		return c.say("add.gone"), nil
	}
	if err != nil {
		return Answer{}, err
	}
	c.done("license.list", 0)
	return c.say("seats.file.reading"), nil
}

// SeatFile is the file that a delivery is to read; store.ErrNotFound when it is not kept any more.
func (b *Bot) SeatFile(ctx context.Context, del store.Delivery) (helpdesk.FileRef, error) {
	actor, nonce, err := b.seatDelivery(ctx, del)
	if err != nil {
		return helpdesk.FileRef{}, err
	}
	values, err := b.desk.Draft(ctx, actor, nonce)
	if err != nil {
		return helpdesk.FileRef{}, err
	}
	var o origin
	if err := json.Unmarshal([]byte(values[fieldOrigin]), &o); err != nil {
		return helpdesk.FileRef{}, store.ErrNotFound
	}
	f, ok := listOf(o.Files)
	if !ok {
		return f, store.ErrNotFound
	}
	return f, nil
}

func (b *Bot) seatDelivery(ctx context.Context, del store.Delivery) (helpdesk.Actor, string, error) {
	p, err := b.desk.Person(ctx, del.Person)
	nonce, _ := license.SeatsOf(del)
	return helpdesk.Actor{Person: p.ID, Organization: p.Organization, Source: del.Workspace}, nonce, err
}

// SeatPlan says what would be done of a list, with the button that does it, or what is wrong with it. why is why it could not be fetched.
func (b *Bot) SeatPlan(ctx context.Context, del store.Delivery, f helpdesk.FileRef, file []byte, why string) (Notice, error) {
	actor, nonce, err := b.seatDelivery(ctx, del)
	if err != nil {
		return Notice{}, err
	}
	_, to := license.SeatsOf(del)
	p, err := b.desk.Person(ctx, actor.Person)
	if err != nil {
		return Notice{}, err
	}
	w, name := text.In(p.Language), helpdesk.SafeName(f.Name)
	n := Notice{Account: to.ID, Card: card.Card{Title: w.Say("seats.list.title", text.Args{"File": name})}}
	if why != "" {
		n.Card.Lines = []string{w.Say("file.refused", text.Args{"File": name, "Reason": w.Say("file.refused." + why)})}
		return n, nil
	}
	plan, list, err := b.plan(ctx, actor, nonce, file)
	var wrong license.SeatErrors
	var none *license.NoneFree
	var refused *helpdesk.Refusal
	switch {
	case errors.As(err, &wrong):
		n.Card.Lines = seatErrors(w, wrong)
	case errors.As(err, &none):
		n.Card.Lines = append([]string{w.Say("seats.list.nothing")}, b.noneFree(w, none)...)
	case errors.As(err, &refused):
		n.Card.Lines = []string{b.refusal(w, refused)}
	case errors.Is(err, store.ErrNotFound):
		n.Over = true
	case err != nil:
		return n, err
	default:
		b.showPlan(w, &n.Card, plan, list, nonce)
	}
	return n, nil
}

// mostMet is how many people of a list who are not known yet are looked up on their platform: each takes a request.
const mostMet = 50

// plan reads a list. Whom it names by what they are called on their platform is looked up there.
func (b *Bot) plan(ctx context.Context, actor helpdesk.Actor, nonce string, file []byte) (plan []license.Planned, list license.SeatList, err error) {
	rows, err := license.ParseSeats(file)
	if err != nil {
		return nil, list, err
	}
	accounts, err := b.accountsIn(ctx, actor.Source, rows)
	if err != nil {
		return nil, list, err
	}
	plan, list, err = b.licenses.PlanSeats(ctx, actor, nonce, file, rows, accounts)
	if wrong := (license.SeatErrors)(nil); errors.As(err, &wrong) {
		met, err := b.meetAll(ctx, actor.Source, rows, wrong, accounts)
		if err != nil {
			return nil, list, err
		}
		if met {
			return b.licenses.PlanSeats(ctx, actor, nonce, file, rows, accounts)
		}
		return nil, list, wrong
	}
	return plan, list, err
}

// accountsIn are the accounts of those whom a list names by what they are called on the platform, where it tells.
func (b *Bot) accountsIn(ctx context.Context, workspace string, rows []license.SeatRow) (map[string]string, error) {
	namer, ok := b.doors[workspace].(Namer)
	if !ok {
		return nil, nil
	}
	var names []string
	for _, r := range rows {
		if name := strings.ToLower(strings.TrimPrefix(r.Who, "@")); !license.IsMail(r.Who) && name != "" && !strings.Contains(name, " ") {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	return namer.AccountsNamed(ctx, names)
}

// meetAll meets those of a list who are not known yet, and says whether there is any among them who belongs here.
func (b *Bot) meetAll(ctx context.Context, workspace string, rows []license.SeatRow, wrong license.SeatErrors, accounts map[string]string) (met bool, err error) {
	looked := 0
	for _, r := range rows {
		name := strings.TrimPrefix(r.Who, "@")
		unknown := false
		for _, e := range wrong {
			unknown = unknown || e.Line == r.Line && e.Code == license.SeatUnknown
		}
		if !unknown || strings.Contains(name, " ") || looked == mostMet {
			continue
		}
		looked++
		account := name
		if known := accounts[strings.ToLower(name)]; known != "" {
			account = known
		}
		id, _, err := b.author(ctx, store.Account{Workspace: workspace, ID: account})
		switch busy := (*Busy)(nil); {
		case errors.As(err, &busy): // the delivery is made again
			return met, err
		case err != nil: // who can't be looked up: the line says so
			b.log.Warn("somebody in a list not found", "error", err)
		}
		met = met || id != 0 // else it is nobody, or a program
	}
	return met, nil
}

// errorsShown is how many wrong lines of a list are told.
const errorsShown = 10

// seatErrors says what is wrong with a list, line by line.
func seatErrors(w text.Words, wrong license.SeatErrors) []string {
	lines := []string{w.Say("seats.list.wrong")}
	for i, e := range wrong {
		if i == errorsShown {
			more := len(wrong) - i
			return append(lines, w.Say("seats.list.more", text.Args{"N": more, "Count": w.Number(int64(more))}))
		}
		lines = append(lines, w.Say("seats.line."+e.Code, text.Args{"Line": e.Line, "Value": e.Value, "Other": e.Other, "Most": w.Number(license.MostSeatRows)}))
	}
	return lines
}

// showPlan says what would be done.
func (b *Bot) showPlan(w text.Words, c *card.Card, plan []license.Planned, list license.SeatList, nonce string) {
	var assigned, unassigned int64
	for _, p := range plan {
		args := text.Args{"License": b.licenseName(w, p.License), "Free": w.Number(p.Free()), "After": w.Number(p.Free() - p.Assign + p.Unassign)}
		counted := func(n int64) text.Args {
			return text.Args{"License": args["License"], "N": int(n), "Count": w.Number(n)}
		}
		if p.Assign > 0 {
			c.Lines = append(c.Lines, w.Say("seats.list.assign", counted(p.Assign)))
		}
		if p.Unassign > 0 {
			c.Lines = append(c.Lines, w.Say("seats.list.unassign", counted(p.Unassign)))
		}
		c.Lines = append(c.Lines, w.Say("seats.list.free", args))
		if p.Service.AtVendor {
			c.Lines = append(c.Lines, w.Say("seats.list.vendor", args))
			if p.Service.Vendor != nil && p.Service.Vendor(w.Language()) != "" {
				c.Link = &card.Link{Text: w.Say("seat.vendor.link"), URL: p.Service.Vendor(w.Language())}
			}
		}
		assigned, unassigned = assigned+p.Assign, unassigned+p.Unassign
	}
	if list.Unchanged > 0 {
		c.Lines = append(c.Lines, w.Say("seats.list.unchanged", text.Args{"N": list.Unchanged, "Count": w.Number(int64(list.Unchanged))}))
	}
	if len(plan) == 0 {
		return
	}
	key, n := "seats.list.do.both", assigned+unassigned
	switch {
	case unassigned == 0:
		key = "seats.list.do.assign"
	case assigned == 0:
		key = "seats.list.do.unassign"
	}
	c.Buttons = []card.Button{{ID: "seatlist", Value: nonce, Style: card.Primary, Text: w.Say(key, text.Args{"N": int(n), "Count": w.Number(n)})}}
}

// doSeats does what a list says.
func doSeats(ctx context.Context, c *Call) (Answer, error) {
	plan, again, err := c.bot.licenses.DoSeats(ctx, c.Actor, c.Press.Value)
	w := c.Words
	switch none := (*license.NoneFree)(nil); {
	case errors.As(err, &none):
		return Answer{Card: &card.Card{Lines: append([]string{w.Say("seats.list.nothing")}, c.bot.noneFree(w, none)...)}}, nil
	case errors.Is(err, store.ErrNotFound):
		return c.say("seats.list.gone"), nil
	case err != nil:
		return Answer{}, err
	case again:
		return c.say("seats.list.again"), nil
	}
	var lines []string
	for _, p := range plan {
		if p.Assign+p.Unassign > 0 {
			after := p.Line
			after.Assigned += p.Assign - p.Unassign
			lines = append(lines, w.Say("license.line", text.Args{"Name": c.bot.licenseName(w, p.License), "Counts": licenseCounts(w, after)}))
		}
	}
	c.done("license.list.done", 0)
	return Answer{Direct: &card.Card{Lines: append([]string{w.Say("seats.list.done")}, lines...)}}, nil
}
