package bot

import (
	"context"
	"errors"

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
	hidden := c.hidden()
	if err := c.bot.desk.SaveDraft(ctx, c.Actor, hidden.Nonce, map[string]string{"name": d.Name, "phone": d.Phone, "language": d.Language}); err != nil {
		return Answer{}, err
	}
	o, _ := c.catalog().OrganizationOf(c.From.Workspace)
	f := profileForm(c.Words, d, o.AccountURL)
	f.Hidden = hidden
	return c.open(f), nil
}

// profileForm asks for a person's own details. Login and password are never typed in chat: account is where
// they are changed.
func profileForm(w text.Words, d helpdesk.Details, account string) card.Form {
	f := card.Form{ID: "guichet.profile", Title: w.Say("form.profile.title"), Submit: w.Say("form.save"), Cancel: w.Say("form.cancel"),
		Intro: []string{w.Say("form.profile.password")}}
	if account != "" {
		f.Intro = nil
		f.Link = &card.Link{Text: w.Say("form.profile.account"), URL: account}
	}
	f.Inputs = []card.Input{
		{ID: "name", Type: card.Text, Label: w.Say("field.name"), Hint: w.Say("form.profile.name.hint"), Longest: helpdesk.MaxName, Initial: d.Name},
		{ID: "phone", Type: card.Text, Label: w.Say("field.phone"), Hint: w.Say("form.profile.phone.hint"), Longest: helpdesk.MaxPhone, Initial: d.Phone, Optional: true},
		{ID: "language", Type: card.Choice, Label: w.Say("field.language"), Initial: d.Language, Options: options(w, "language.", text.Languages)},
	}
	return f
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
	before := helpdesk.Details{Name: draft["name"], Phone: draft["phone"], Language: draft["language"]}
	to := helpdesk.Details{Name: s.Values["name"], Phone: s.Values["phone"], Language: s.Values["language"]}
	if to.Language == "" { // a prefilled choice that nobody touched comes back empty from some platforms
		to.Language = before.Language
	}
	if wrong := to.Check(text.Languages); len(wrong) > 0 {
		return Answer{Errors: c.fieldErrors(wrong, s.Values)}, nil
	}
	p, changed, err := c.bot.desk.SetDetails(ctx, c.Actor, c.From, before, to)
	if err != nil {
		return Answer{}, err
	}
	c.done("profile", 0, "changed", changed)
	c.Words = text.In(p.Language)
	if len(changed) == 0 {
		return Answer{}, nil
	}
	return Answer{Direct: c.say("profile.saved").Card}, nil
}
