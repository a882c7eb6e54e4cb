package bot

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// seatsAct shows who has what.
func seatsAct() licenseAct {
	return licenseAct{words: []string{"seats", "affectations"},
		run: func(ctx context.Context, c *Call, args []string) (Answer, error) { return c.typedSeats(ctx, args) },
		buttons: map[string]func(context.Context, *Call) (Answer, error){
			"seats":    func(ctx context.Context, c *Call) (Answer, error) { return c.pressSeats(ctx) },
			"takeback": startTakeBack,
			"seatfile": askSeats,
			"seatlist": doSeats,
		},
		forms: map[string]func(context.Context, *Call, Submission) (Answer, error){"license.takeback": submitTakeBack},
	}
}

// typedSeats shows whose licenses, or of which license, somebody asks.
func (c *Call) typedSeats(ctx context.Context, args []string) (Answer, error) {
	who, rest, answer, err := c.typedHolder(ctx, args)
	if answer.Card != nil || err != nil {
		return answer, err
	}
	f := store.SeatFilter{Holder: who}
	if rest != "" {
		l, answer := c.typedLicense(rest)
		if answer.Card != nil {
			return answer, nil
		}
		f.License = l.Key
	}
	return c.seats(ctx, f, 0)
}

// pressSeats turns the page, or shows the first. What it is about is looked up.
func (c *Call) pressSeats(ctx context.Context) (Answer, error) {
	var f store.SeatFilter
	parts := strings.Split(c.Press.Value+"  ", " ")
	from, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil || from < 0 {
		from = 0
	}
	if f.License = parts[1]; parts[2] != "" {
		f.Holder = holderOf(parts[2])
	}
	a, err := c.seats(ctx, f, from)
	a.Replaces = c.Press.Value != ""
	return a, err
}

func (c *Call) seats(ctx context.Context, f store.SeatFilter, from int64) (Answer, error) {
	page, err := c.bot.licenses.Seats(ctx, c.Actor, f, from)
	if err != nil {
		return Answer{}, err
	}
	c.done("license.seats", 0)
	a := c.bot.seatsCard(c.Words, page)
	return Answer{Card: &a}, nil
}

// seatsCard is a page of who has what.
func (b *Bot) seatsCard(w text.Words, page license.SeatPage) card.Card {
	out := card.Card{Title: w.Say("seats.title")}
	if page.Who != "" {
		out.Title = w.Say("seats.title.of", text.Args{"Name": page.Who})
	}
	zone := b.zone(store.Ticket{Queue: b.desk.Catalog().DefaultQueue})
	for _, s := range page.Seats {
		args := text.Args{"Name": s.Who, "License": b.licenseName(w, s.License), "By": s.By, "Date": s.At.In(zone).Format(w.Say("seats.date"))}
		out.Lines = append(out.Lines, w.Say("seats.line", args))
		out.Buttons = append(out.Buttons, card.Button{ID: "seat", Value: license.Unassigned + " " + s.Seat.License + " " + holderValue(s.Holder),
			Text: helpdesk.Shorten(w.Say("seats.unassign", args), longestChoice), Label: helpdesk.Shorten(w.Say("seats.unassign.label", args), longestChoice)})
	}
	if len(page.Seats) == 0 {
		out.Lines = append(out.Lines, w.Say("seats.none"))
	}
	for _, u := range page.Unnamed {
		out.Lines = append(out.Lines, w.Say("seats.unnamed", text.Args{"License": b.licenseName(w, u.License), "N": int(u.Count), "Count": w.Number(u.Count)}))
	}
	turn := func(key string, from int64) {
		value := fmt.Sprintf("%d %s ", from, page.Filter.License)
		if page.Filter.Holder != (store.Holder{}) {
			value += holderValue(page.Filter.Holder)
		}
		out.Buttons = append(out.Buttons, card.Button{ID: "seats", Value: value, Text: w.Say(key)})
	}
	if page.From != 0 {
		turn("button.first", 0)
	}
	if page.Next != 0 {
		turn("button.older", page.Next)
	}
	if len(page.Unnamed) > 0 {
		out.Buttons = append(out.Buttons, card.Button{ID: "takeback", Text: w.Say("seats.takeback")})
	}
	if page.Who == "" {
		out.Buttons = append(out.Buttons, card.Button{ID: "giveseat", Text: w.Say("seat.button.assign")})
		out.Context = w.Say("seats.hint")
	}
	return out
}

// startTakeBack opens the form by which licenses are taken back that are assigned to nobody known.
func startTakeBack(ctx context.Context, c *Call) (Answer, error) {
	_, unnamed, err := c.bot.licenses.Assignable(ctx, c.Actor)
	if err != nil {
		return Answer{}, err
	}
	if len(unnamed) == 0 {
		return c.say("seats.unnamed.none"), nil
	}
	return c.open(takeBackForm(c, unnamed)), nil
}

func takeBackForm(c *Call, unnamed []license.Unnamed) card.Form {
	w := c.Words
	f := card.Form{ID: "license.takeback", Title: w.Say("form.takeback.title"), Submit: w.Say("seat.button.unassign"), Cancel: w.Say("form.cancel"), Hidden: c.hidden(),
		Intro: []string{w.Say("form.takeback.intro")}}
	in := card.Input{ID: "license", Type: card.Select, Label: w.Say("field.license")}
	attests := card.Input{ID: "attest", Type: card.Box, Label: w.Say("seat.attest.label"), Optional: true, Options: []card.Option{{Value: card.Ticked, Text: w.Say("seat.attest.box")}}}
	vendor := false
	for _, u := range unnamed {
		in.Options = append(in.Options, card.Option{Value: u.Key, Text: helpdesk.Shorten(c.bot.licenseName(w, u.Line.License), longestChoice-12) + " (" + w.Number(u.Count) + ")"})
		s := c.bot.licenses.Catalog().Services[u.Service]
		if vendor = vendor || s.AtVendor; s.AtVendor && s.Vendor != nil && s.Vendor(w.Language()) != "" {
			attests.Links = append(attests.Links, card.Link{Text: w.Say("seat.vendor.link"), URL: s.Vendor(w.Language())})
		}
	}
	f.Inputs = []card.Input{in, {ID: "quantity", Type: card.Text, Label: w.Say("field.quantity"), Longest: 12}}
	if vendor {
		attests.Hint = w.Say("seat.attest.hint")
		f.Inputs = append(f.Inputs, attests)
	}
	return f
}

// submitTakeBack takes them back.
func submitTakeBack(ctx context.Context, c *Call, s Submission) (Answer, error) {
	w, wrong := c.Words, map[string]string{}
	l, key := license.License{}, s.Values["license"]
	_, unnamed, err := c.bot.licenses.Assignable(ctx, c.Actor)
	if err != nil {
		return Answer{}, err
	}
	for _, u := range unnamed {
		if u.Key == key {
			l = u.Line.License
		}
	}
	if l.Key == "" {
		wrong["license"] = w.Say("wrong.missing.choice")
	}
	n, problem := c.quantity(s.Values["quantity"])
	if problem != "" {
		wrong["quantity"] = problem
	}
	attests := s.Values["attest"] == card.Ticked
	if c.bot.licenses.Catalog().Services[l.Service].AtVendor && !attests {
		wrong["attest"] = w.Say("seat.attest.missing")
	}
	if len(wrong) > 0 {
		return Answer{Errors: wrong}, nil
	}
	out, err := c.bot.licenses.TakeBack(ctx, c.Actor, key, n, attests, s.Hidden.Nonce)
	if many := (*license.TooManyUnnamed)(nil); errors.As(err, &many) {
		return Answer{Errors: map[string]string{"quantity": w.Say("seats.takeback.many", text.Args{"N": int(many.Count), "Count": w.Number(many.Count)})}}, nil
	}
	if err != nil || !out.Changed {
		return Answer{}, err
	}
	c.done("license.takeback", 0, "license", key, "quantity", n)
	return Answer{Direct: c.say("seats.takeback.done", text.Args{"N": int(n), "Count": w.Number(n), "License": c.bot.licenseName(w, l), "Counts": licenseCounts(w, out.Line)}).Card}, nil
}
