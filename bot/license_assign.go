package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// assignAct gives people licenses.
func assignAct() licenseAct {
	return seatAct(license.Assigned, []string{"assign", "affecter"}, map[string]func(context.Context, *Call) (Answer, error){
		"giveseat": func(ctx context.Context, c *Call) (Answer, error) {
			return c.startSeat(ctx, license.Assigned, store.Holder{}, c.Press.Value)
		},
		"seat":   func(ctx context.Context, c *Call) (Answer, error) { return c.pressSeat(ctx, false) },
		"attest": func(ctx context.Context, c *Call) (Answer, error) { return c.pressSeat(ctx, true) },
	})
}

// unassignAct takes them back.
func unassignAct() licenseAct {
	return seatAct(license.Unassigned, []string{"unassign", "désaffecter", "desaffecter"}, nil)
}

func seatAct(act string, words []string, buttons map[string]func(context.Context, *Call) (Answer, error)) licenseAct {
	return licenseAct{words: words, buttons: buttons,
		run: func(ctx context.Context, c *Call, args []string) (Answer, error) { return c.typedSeat(ctx, act, args) },
		forms: map[string]func(context.Context, *Call, Submission) (Answer, error){
			"license." + act: func(ctx context.Context, c *Call, s Submission) (Answer, error) { return c.submitSeat(ctx, act, s) }},
		notices: map[string]noticing{act: func(ctx context.Context, b *Bot, w text.Words, n license.Notice, to store.Person) (Notice, error) {
			return b.holderNotice(ctx, w, act, n, to)
		}}}
}

// typedSeat reads who is meant by a command, and which license; what it does not say, a form asks.
func (c *Call) typedSeat(ctx context.Context, act string, args []string) (Answer, error) {
	if act == license.Assigned && len(args) == 1 && strings.EqualFold(args[0], "csv") {
		return c.askSeatFile(ctx)
	}
	who, rest, answer, err := c.typedHolder(ctx, args)
	if answer.Card != nil || err != nil {
		return answer, err
	}
	if rest == "" {
		return c.startSeat(ctx, act, who)
	}
	l, answer := c.typedLicense(rest)
	if answer.Card != nil {
		return answer, nil
	}
	if who == (store.Holder{}) {
		return c.startSeat(ctx, act, who, l.Key)
	}
	return c.seat(ctx, act, license.Seating{License: l.Key, Holder: who})
}

// typedLicense is the license that somebody means, or the answer if they mean none, or several.
func (c *Call) typedLicense(typed string) (license.License, Answer) {
	ls := c.bot.licenses.Called(typed)
	if len(ls) == 1 {
		return ls[0], Answer{}
	}
	var names []string
	for _, l := range c.bot.licenses.Catalog().Licenses {
		names = append(names, fmt.Sprintf("%s (%s)", c.bot.licenseName(c.Words, l), l.Key))
	}
	return license.License{}, c.say("seat.which", text.Args{"Typed": helpdesk.Shorten(typed, 60), "Known": strings.Join(names, "; ")})
}

// typedHolder finds who is meant among what was typed, and what else was.
func (c *Call) typedHolder(ctx context.Context, args []string) (h store.Holder, rest string, _ Answer, err error) {
	var others, mails []string
	who := c.Command.Mentioned
	for _, word := range args {
		switch name, mention := strings.CutPrefix(word, "@"); {
		case mention && len(c.Command.Mentioned) == 0:
			account, err := c.accountNamed(ctx, name)
			if err != nil {
				return h, "", Answer{}, err
			}
			who = append(slices.Clone(who), account)
		case mention:
		case strings.Contains(word, "@"):
			mails = append(mails, strings.ToLower(word))
		default:
			others = append(others, word)
		}
	}
	switch {
	case len(who)+len(mails) > 1:
		return h, "", c.say("seat.one_at_a_time"), nil
	case len(mails) == 1:
		h.Mail = mails[0]
	case len(who) == 1:
		h.Person, err = c.colleague(ctx, who[0])
	}
	return h, strings.Join(others, " "), Answer{}, err
}

// accountNamed is the account of whoever is called so on this platform.
func (c *Call) accountNamed(ctx context.Context, name string) (string, error) {
	namer, ok := c.bot.doors[c.From.Workspace].(Namer)
	if !ok {
		return "", &helpdesk.Refusal{Code: license.UnknownPerson}
	}
	ctx, cancel := context.WithTimeout(ctx, profileWait)
	defer cancel()
	name = strings.ToLower(name)
	found, err := namer.AccountsNamed(ctx, []string{name})
	if err == nil && found[name] == "" {
		err = &helpdesk.Refusal{Code: license.UnknownPerson}
	}
	return found[name], err
}

// colleague is somebody of this workspace, met at first sight: no program, nor who is only a guest there.
func (c *Call) colleague(ctx context.Context, account string) (store.PersonID, error) {
	a := store.Account{Workspace: c.From.Workspace, ID: account}
	p, err := c.bot.desk.Known(ctx, a)
	if !errors.Is(err, store.ErrNotFound) {
		return p.ID, err
	}
	ctx, cancel := context.WithTimeout(ctx, profileWait)
	defer cancel()
	id, _, err := c.bot.author(ctx, a)
	if id == 0 && err == nil {
		err = &helpdesk.Refusal{Code: license.UnknownPerson}
	}
	return id, err
}

// startSeat does it if there is one license only that can be meant, and else asks in a form what is not known.
func (c *Call) startSeat(ctx context.Context, act string, who store.Holder, chosen ...string) (Answer, error) {
	lines, _, err := c.bot.licenses.Assignable(ctx, c.Actor)
	if err != nil {
		return Answer{}, err
	}
	if len(lines) == 0 {
		return c.say("license.none"), nil
	}
	w := c.Words
	if who != (store.Holder{}) && len(lines) == 1 {
		return c.seat(ctx, act, license.Seating{License: lines[0].Key, Holder: who})
	}
	f := card.Form{ID: "license." + act, Title: w.Say("form.seat." + act + ".title"), Submit: w.Say("seat.button." + act), Cancel: w.Say("form.cancel"), Hidden: c.hidden()}
	if who == (store.Holder{}) {
		f.Inputs = append(f.Inputs, card.Input{ID: "whom", Type: card.Person, Label: w.Say("seat.whom"), Hint: w.Say("seat.whom.hint." + act)})
	} else {
		f.Hidden.Seen = holderValue(who)
		name, err := c.bot.licenses.HolderName(ctx, c.Actor, who)
		if err != nil {
			return Answer{}, err
		}
		f.Intro = []string{w.Say("seat.for."+act, text.Args{"Name": name})}
	}
	in := card.Input{ID: "license", Type: card.Select, Label: w.Say("field.license")}
	for _, l := range lines {
		in.Options = append(in.Options, card.Option{Value: l.Key, Text: c.bot.countedName(w, l, act)})
		if slices.Contains(chosen, l.Key) {
			in.Initial = l.Key
		}
	}
	if in.Initial != "" {
		f.Hidden.Step = in.Initial // a prefilled field that nobody touched comes back empty from some platforms
	}
	f.Inputs = append(f.Inputs, in)
	return c.open(f), nil
}

// countedName is a license as a choice, with how many are free, or assigned.
func (b *Bot) countedName(w text.Words, l license.Line, act string) string {
	what, n := "free", l.Free()
	if act == license.Unassigned {
		what, n = "assigned", l.Assigned
	}
	count := w.Say("license."+what, text.Args{"N": int(n), "Count": w.Number(n)})
	room := longestChoice - len([]rune(count)) - len(" ()")
	return helpdesk.Shorten(b.licenseName(w, l.License), room) + " (" + count + ")"
}

// submitSeat takes in the form.
func (c *Call) submitSeat(ctx context.Context, act string, s Submission) (Answer, error) {
	w, wrong := c.Words, map[string]string{}
	who, field := holderOf(s.Hidden.Seen), "license"
	if who == (store.Holder{}) {
		field = "whom"
		if s.Values["whom"] == "" {
			wrong["whom"] = w.Say("wrong.missing.choice")
		} else {
			person, err := c.colleague(ctx, s.Values["whom"])
			if helpdesk.IsRefusal(err, license.UnknownPerson) {
				wrong["whom"] = w.Say("refused.unknown_person")
			} else if err != nil {
				return Answer{}, err
			}
			who.Person = person
		}
	}
	key := s.Values["license"]
	if key == "" {
		key = s.Hidden.Step
	}
	if key == "" {
		wrong["license"] = w.Say("wrong.missing.choice")
	}
	if len(wrong) > 0 {
		return Answer{Errors: wrong}, nil
	}
	a, err := c.seat(ctx, act, license.Seating{License: key, Holder: who})
	none := (*license.NoneFree)(nil)
	switch {
	case errors.As(err, &none):
		return Answer{Errors: map[string]string{"license": strings.Join(c.bot.noneFree(w, none), " ")}}, nil
	case helpdesk.IsRefusal(err, license.UnknownPerson):
		return Answer{Errors: map[string]string{field: w.Say("refused.unknown_person")}}, nil
	}
	return Answer{Direct: a.Card}, err
}

// pressSeat does what a button is about, whose license it is about is looked up.
func (c *Call) pressSeat(ctx context.Context, attested bool) (Answer, error) {
	parts := strings.Split(c.Press.Value, " ")
	if len(parts) != 3 || parts[0] != license.Assigned && parts[0] != license.Unassigned {
		return c.say("refused.stale_button"), nil
	}
	return c.seat(ctx, parts[0], license.Seating{License: parts[1], Holder: holderOf(parts[2]), Attested: attested})
}

// seat assigns somebody a license, or takes it back, and says what came of it.
func (c *Call) seat(ctx context.Context, act string, s license.Seating) (Answer, error) {
	do := c.bot.licenses.Assign
	if act == license.Unassigned {
		do = c.bot.licenses.Unassign
	}
	out, err := do(ctx, c.Actor, s)
	if none := (*license.NoneFree)(nil); errors.As(err, &none) && c.Submission == nil {
		more := card.Button{ID: "quote", Text: c.Words.Say("button.quote")}
		switch {
		case none.Inactive() > 0:
			more = card.Button{ID: "activate", Value: none.Key, Text: c.Words.Say("button.activate")}
		case none.Price.Currency != "":
			more = card.Button{ID: "order", Value: none.Key, Text: c.Words.Say("button.order")}
		}
		return Answer{Card: &card.Card{Lines: c.bot.noneFree(c.Words, none), Buttons: []card.Button{more, {ID: "seats", Text: c.Words.Say("seats.button")}}}}, nil
	}
	if err != nil {
		return Answer{}, err
	}
	w := c.Words
	args := text.Args{"Name": out.Who, "License": c.bot.licenseName(w, out.License), "Counts": licenseCounts(w, out.Line)}
	switch {
	case out.ToAttest:
		a := c.bot.attestCard(w, act, out, args, card.Button{ID: "attest", Value: act + " " + s.License + " " + holderValue(s.Holder)})
		return Answer{Card: &a}, nil
	case !out.Changed:
		return c.say("seat."+act+".already", args), nil
	}
	c.done("license."+act, 0, "license", s.License)
	return c.say("seat."+act+".done", args), nil
}

// attestCard says what is to be done at the vendor's, and where; its button says that it is.
func (b *Bot) attestCard(w text.Words, act string, out license.Seated, args text.Args, done card.Button) card.Card {
	done.Text, done.Style = w.Say("seat.button.attest"), card.Primary
	c := card.Card{Lines: []string{w.Say("seat."+act+".vendor", args), w.Say("seat.attest")}, Buttons: []card.Button{done}}
	if out.Service.Vendor != nil && out.Service.Vendor(w.Language()) != "" {
		c.Link = &card.Link{Text: w.Say("seat.vendor.link"), URL: out.Service.Vendor(w.Language())}
	}
	return c
}

// noneFree says that not that many are free, with the numbers, and what can be done.
func (b *Bot) noneFree(w text.Words, e *license.NoneFree) []string {
	args := text.Args{"N": int(e.Wanted), "Count": w.Number(e.Wanted), "License": b.licenseName(w, e.License), "Counts": licenseCounts(w, e.Line)}
	next := "seat.none.order"
	if e.Inactive() > 0 {
		next = "seat.none.activate"
	}
	return []string{w.Say("seat.none", args), w.Say(next)}
}

// holderNotice tells somebody that they have a license, or have it no more.
func (b *Bot) holderNotice(ctx context.Context, w text.Words, act string, n license.Notice, to store.Person) (Notice, error) {
	told, err := b.licenses.HolderNotice(ctx, n, to.ID)
	if err != nil {
		return Notice{}, err
	}
	c := card.Card{Lines: []string{w.Say("seat."+act+".notice", text.Args{"Name": told.By, "License": b.licenseName(w, told.License)})}}
	if help := told.Service.Help; act == license.Assigned && help != nil && help(w.Language()) != "" {
		c.Link = &card.Link{Text: w.Say("seat.help.link"), URL: help(w.Language())}
	}
	return Notice{Card: c, Over: told.Over}, nil
}

// holderValue and holderOf are whom a button or a form is about.
func holderValue(h store.Holder) string {
	if h.Person != 0 {
		return fmt.Sprint(h.Person)
	}
	return h.Mail
}

func holderOf(value string) (h store.Holder) {
	if n, err := strconv.ParseInt(value, 10, 64); err == nil {
		h.Person = store.PersonID(n)
	} else {
		h.Mail = value
	}
	return h
}
