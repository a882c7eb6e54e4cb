package bot

import (
	"context"
	"errors"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// profile opens the form for the person's own details. What it shows is kept beside it: only what they change
// in it is changed.
func (c *Call) profile(ctx context.Context) (Answer, error) {
	d, err := c.bot.desk.DetailsOf(ctx, c.Actor)
	if err != nil {
		return Answer{}, err
	}
	pending, err := c.bot.desk.Pending(ctx, c.Actor)
	if err != nil {
		return Answer{}, err
	}
	hidden := c.hidden()
	if err := c.bot.desk.SaveDraft(ctx, c.Actor, hidden.Nonce, writeDetails(d)); err != nil {
		return Answer{}, err
	}
	o, _ := c.catalog().OrganizationOf(c.From.Workspace)
	f := profileForm(c.Words, d, o.AccountURL)
	if c.catalog().Confirms {
		f.Inputs = append(f.Inputs, mailInputs(c.Words, d, pending)...)
	}
	f.Hidden = hidden
	return c.open(f), nil
}

// writeDetails and readDetails are how a form has them.
func writeDetails(d helpdesk.Details) map[string]string {
	return map[string]string{"name": d.Name, "phone": d.Phone, "language": d.Language, "mail": d.Mail, "by_mail": d.ByMail}
}

func readDetails(values map[string]string) helpdesk.Details {
	return helpdesk.Details{Name: values["name"], Phone: values["phone"], Language: values["language"], Mail: values["mail"], ByMail: values["by_mail"]}
}

// profileForm asks for a person's own details. Login and password are never typed in chat: account is where
// they are changed.
func profileForm(w text.Words, d helpdesk.Details, account string) card.Form {
	f := card.Form{ID: "guichet.profile", Title: w.Say("form.profile.title"), Submit: w.Say("form.save"), Cancel: w.Say("form.cancel"),
		Intro: []string{w.Say("form.profile.password")}}
	if account != "" {
		f.Intro = nil
		f.Links = []card.Link{{Text: w.Say("form.profile.account"), URL: account}}
	}
	f.Inputs = []card.Input{
		{ID: "name", Type: card.Text, Label: w.Say("field.name"), Hint: w.Say("form.profile.name.hint"), Longest: helpdesk.MaxName, Initial: d.Name},
		{ID: "phone", Type: card.Text, Label: w.Say("field.phone"), Hint: w.Say("form.profile.phone.hint"), Longest: helpdesk.MaxPhone, Initial: d.Phone, Optional: true},
		{ID: "language", Type: card.Choice, Label: w.Say("field.language"), Initial: d.Language, Options: options(w, "language.", text.Languages)},
	}
	return f
}

// mailInputs are the fields about mail, where there is any.
func mailInputs(w text.Words, d helpdesk.Details, pending string) []card.Input {
	hint := w.Say("form.profile.mail.hint")
	if pending != "" {
		hint = w.Say("form.profile.mail.pending", text.Args{"Address": pending})
	}
	return []card.Input{
		{ID: "mail", Type: card.Text, Label: w.Say("field.mail"), Hint: hint, Longest: helpdesk.MaxMail, Initial: d.Mail, Optional: true},
		{ID: "by_mail", Type: card.Choice, Label: w.Say("field.by_mail"), Initial: d.ByMail, Options: options(w, "by_mail.", helpdesk.ByMail)},
	}
}

// submitProfile takes in the form for the person's own details.
func submitProfile(ctx context.Context, c *Call, s Submission) (Answer, error) {
	draft, err := c.bot.desk.Draft(ctx, c.Actor, s.Hidden.Nonce)
	if errors.Is(err, store.ErrNotFound) {
		return Answer{Problem: c.Words.Say("refused.stale_form")}, nil
	}
	if err != nil {
		return Answer{}, err
	}
	before, to := readDetails(draft), readDetails(s.Values)
	if to.Language == "" { // a prefilled choice that nobody touched comes back empty from some platforms
		to.Language = before.Language
	}
	if to.ByMail == "" { // likewise
		to.ByMail = before.ByMail
	}
	if !c.catalog().Confirms { // it did not ask
		to.Mail, to.ByMail = before.Mail, before.ByMail
	}
	wrong := c.bot.desk.CheckDetails(to, text.Languages)
	var changed helpdesk.ChangedDetails
	if len(wrong) == 0 {
		if changed, err = c.bot.desk.SetDetails(ctx, c.Actor, c.From, before, to); err != nil {
			return Answer{}, err
		}
		wrong = changed.Wrong
	}
	if len(wrong) > 0 {
		errs := c.fieldErrors(wrong, s.Values)
		if wrong["mail"] == helpdesk.FieldInvalid {
			errs["mail"] = c.Words.Say("wrong.mail")
		}
		return Answer{Errors: errs}, nil
	}
	c.done("profile", 0, "changed", changed.Fields, "confirm", changed.Confirm != "")
	c.Words = text.In(changed.Person.Language)
	var lines []string
	if len(changed.Fields) > 0 {
		lines = append(lines, c.Words.Say("profile.saved"))
	}
	if changed.Confirm != "" {
		lines = append(lines, c.Words.Say("profile.confirm", text.Args{"Address": changed.Confirm}))
	}
	if len(lines) == 0 {
		return Answer{}, nil
	}
	return Answer{Direct: &card.Card{Lines: []string{strings.Join(lines, " ")}}}, nil
}

// ConfirmLetter asks somebody who reads an address whether it is the one's who says so.
func ConfirmLetter(a helpdesk.Asked, date store.Time) Letter {
	w := text.In(a.Person.Language)
	args, kind := ConfirmArgs(w, a)
	return Letter{To: a.Address, Name: a.Person.Name, Language: w.Language(), Subject: w.Say("confirm.subject"), Automatic: true, Date: date.Time,
		Card:    card.Card{Lines: []string{w.Say("confirm."+kind+"ask", args), w.Say("confirm."+kind+"else", args)}, Link: &card.Link{Text: w.Say("confirm.link")}},
		Confirm: &a.Confirmation}
}

// ConfirmArgs are what the texts speak of by which an address is confirmed, and what else begins their names, if the address is
// an administrator's.
func ConfirmArgs(w text.Words, a helpdesk.Asked) (args text.Args, kind string) {
	args = text.Args{"Name": a.Person.Name, "Organization": a.Organization.Name, "Address": a.Address, "Other": a.Other, "Span": w.Span(helpdesk.ConfirmWithin), "By": a.By}
	if a.Administrator == 0 {
		return args, ""
	}
	var services []string
	for _, s := range a.Services {
		services = append(services, s.Name(w.Language()))
	}
	args["Services"] = strings.Join(services, ", ")
	return args, "admin."
}

// ConfirmedCard tells somebody that their address counts now, or that another account of theirs is the same person.
func ConfirmedCard(a helpdesk.Asked, kind string) card.Card {
	w := text.In(a.Person.Language)
	key := "profile.confirmed"
	if kind == helpdesk.TellJoined {
		key = "profile.joined"
	}
	return card.Card{Lines: []string{w.Say(key, text.Args{"Address": a.Address, "Name": a.Person.Name, "ByMail": w.Say("by_mail." + a.Person.ByMail)})}}
}
