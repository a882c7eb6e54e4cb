package bot

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// Steps of the form that designates an administrator. Only for somebody new there is the second.
const (
	stepWhom   = "whom"
	stepNobody = "nobody" // who somebody new is
)

// What is chosen in it, beside the id of an administrator or the key of a service.
const (
	somebodyNew = "new"
	allServices = "*"
)

// startDesignation opens the form that designates an administrator.
func startDesignation(ctx context.Context, c *Call) (Answer, error) {
	all, err := c.bot.licenses.Administration(ctx, c.Actor)
	if err != nil {
		return Answer{}, err
	}
	return c.open(c.whomForm(c.hidden(), all)), nil
}

// whomForm asks who is to administer what.
func (c *Call) whomForm(hidden card.Hidden, all license.Administration) card.Form {
	w := c.Words
	f := c.adminForm(hidden, stepWhom)
	f.Intro = []string{w.Say("form.admin.intro")}
	var who []card.Option
	if c.catalog().Confirms {
		who = append(who, card.Option{Value: somebodyNew, Text: w.Say("form.admin.new")})
	} else {
		f.Intro = append(f.Intro, w.Say("form.admin.no_mail"))
	}
	who = append(who, administratorOptions(all)...)
	f.Inputs = []card.Input{{ID: "picked", Type: card.Person, Label: w.Say("field.picked"), Hint: w.Say("form.admin.picked.hint"), Optional: true}}
	if len(who) > 0 {
		f.Inputs = append(f.Inputs, card.Input{ID: "who", Type: card.Select, Label: w.Say("field.who"), Hint: w.Say("form.admin.who.hint"), Optional: true, Options: who})
	}
	services := []card.Option{{Value: allServices, Text: w.Say("form.admin.all")}}
	for _, s := range c.catalog().Services {
		services = append(services, card.Option{Value: s.Key, Text: helpdesk.Shorten(s.Name(w.Language()), longestChoice)})
	}
	f.Inputs = append(f.Inputs, card.Input{ID: "service", Type: card.Select, Label: w.Say("field.administered"), Hint: w.Say("form.admin.service.hint"), Options: services})
	return f
}

// newAdminForm asks who somebody new is.
func (c *Call) newAdminForm(hidden card.Hidden) card.Form {
	f := c.adminForm(hidden, stepNobody)
	f.Intro = []string{c.Words.Say("form.admin.new.intro", text.Args{"Span": c.Words.Span(helpdesk.ConfirmWithin)})}
	f.Inputs = personInputs(c.Words, helpdesk.Details{Language: c.Words.Language()})
	return f
}

func (c *Call) adminForm(hidden card.Hidden, step string) card.Form {
	f := card.Form{ID: "license.admin", Step: step, Title: c.Words.Say("form.admin.title"), Submit: c.Words.Say("form.continue"), Cancel: c.Words.Say("form.cancel"), Hidden: hidden}
	f.Hidden.Step = step
	if step == stepNobody {
		f.Submit = c.Words.Say("form.send")
	}
	return f
}

// personInputs ask who somebody is, of whom nothing is known but what a manager says.
func personInputs(w text.Words, d helpdesk.Details) []card.Input {
	return []card.Input{
		{ID: "name", Type: card.Text, Label: w.Say("field.name"), Longest: helpdesk.MaxName, Initial: d.Name},
		{ID: "phone", Type: card.Text, Label: w.Say("field.phone"), Longest: helpdesk.MaxPhone, Initial: d.Phone, Optional: true},
		{ID: "mail", Type: card.Text, Label: w.Say("field.mail"), Hint: w.Say("form.admin.mail.hint"), Longest: helpdesk.MaxMail, Initial: d.Mail},
		{ID: "language", Type: card.Choice, Label: w.Say("field.language"), Initial: d.Language, Options: options(w, "language.", text.Languages)},
	}
}

// detailsIn reads what personInputs asked. A prefilled choice that nobody touched comes back empty from some platforms.
func detailsIn(values map[string]string, language string) helpdesk.Details {
	d := helpdesk.Details{Name: values["name"], Phone: strings.TrimSpace(values["phone"]), Mail: values["mail"], Language: values["language"]}
	if d.Language == "" {
		d.Language = language
	}
	return d
}

// submitDesignation takes in a step of that form.
func submitDesignation(ctx context.Context, c *Call, s Submission) (Answer, error) {
	if s.Hidden.Step == stepNobody {
		return c.submitNewAdmin(ctx, s)
	}
	picked, who, service := s.Values["picked"], s.Values["who"], s.Values["service"]
	wrong := map[string]string{}
	switch {
	case picked == "" && who == "":
		wrong["picked"] = c.Words.Say("wrong.admin.nobody")
	case picked != "" && who != "":
		wrong["who"] = c.Words.Say("wrong.admin.both")
	}
	services := c.chosenServices(service)
	if len(services) == 0 {
		wrong["service"] = c.Words.Say("wrong.missing.choice")
	}
	if len(wrong) > 0 {
		return Answer{Errors: wrong}, nil
	}
	to := license.Designation{Services: services}
	switch {
	case picked != "":
		if err := c.bot.licenses.MustManage(ctx, c.Actor); err != nil { // before anybody is looked up
			return Answer{}, err
		}
		id, _, err := c.bot.author(ctx, store.Account{Workspace: c.From.Workspace, ID: picked})
		if err != nil {
			return Answer{}, err
		}
		if id == 0 {
			return Answer{Errors: map[string]string{"picked": c.Words.Say("wrong." + license.NotColleague)}}, nil
		}
		to.Person = id
	case who == somebodyNew:
		return c.askNewAdmin(ctx, s, service)
	default:
		if to.Administrator = idOf(who); to.Administrator == 0 {
			return Answer{Errors: map[string]string{"who": c.Words.Say("wrong.missing.choice")}}, nil
		}
	}
	return c.designate(ctx, to, s)
}

// chosenServices are those that a choice means: one, or all that there are.
func (c *Call) chosenServices(choice string) (keys []string) {
	for _, s := range c.catalog().Services {
		if choice == allServices || choice == s.Key {
			keys = append(keys, s.Key)
		}
	}
	return keys
}

// askNewAdmin asks who somebody new is, which needs a step of its own.
func (c *Call) askNewAdmin(ctx context.Context, s Submission, service string) (Answer, error) {
	if err := c.bot.licenses.MustManage(ctx, c.Actor); err != nil {
		return Answer{}, err
	}
	if !c.catalog().Confirms {
		return Answer{Errors: map[string]string{"who": c.Words.Say("wrong." + license.NoMail)}}, nil
	}
	return c.step(ctx, c.newAdminForm(s.Hidden), s.Hidden, map[string]string{"service": service}, "admincontinue")
}

// resumeDesignation opens the second step, the first of which was sent.
func resumeDesignation(ctx context.Context, c *Call) (Answer, error) {
	return c.resumed(ctx, func(hidden card.Hidden, _ string, _ map[string]string) (Answer, error) {
		return c.open(c.newAdminForm(hidden)), nil
	})
}

// submitNewAdmin takes in who somebody new is.
func (c *Call) submitNewAdmin(ctx context.Context, s Submission) (Answer, error) {
	draft, stale, err := c.filledIn(ctx, s)
	switch {
	case err != nil:
		return Answer{}, err
	case stale != nil:
		return *stale, nil
	}
	to := detailsIn(s.Values, c.Words.Language())
	if wrong := c.bot.licenses.CheckAdministrator(to, text.Languages); len(wrong) > 0 {
		return Answer{Errors: c.adminErrors(wrong, s.Values)}, nil
	}
	return c.designate(ctx, license.Designation{New: &to, Services: c.chosenServices(draft["service"])}, s)
}

// adminErrors puts what is wrong with an administrator into words.
func (c *Call) adminErrors(wrong, values map[string]string) map[string]string {
	out := c.fieldErrors(wrong, values)
	if wrong["mail"] == helpdesk.FieldInvalid {
		out["mail"] = c.Words.Say("wrong.mail")
	}
	return out
}

// designate does it, and tells the manager what follows.
func (c *Call) designate(ctx context.Context, to license.Designation, s Submission) (Answer, error) {
	out, err := c.bot.licenses.Designate(ctx, c.Actor, c.From, to, s.Hidden.Nonce)
	if err != nil {
		return Answer{}, err
	}
	if len(out.Wrong) > 0 {
		return Answer{Errors: c.adminErrors(out.Wrong, s.Values)}, nil
	}
	c.done("designate administrator", 0, "administrator", out.ID, "services", out.Given, "confirm", out.Sent != "")
	return c.designatedCard(out), nil
}

// designatedCard tells a manager what became of what they asked for.
func (c *Call) designatedCard(out license.Designated) Answer {
	w := c.Words
	args := text.Args{"Name": out.Details.Name, "Address": out.Details.Mail, "Services": c.bot.services(w, out.Services), "Given": c.bot.services(w, out.Given)}
	var lines []string
	switch {
	case len(out.Given) > 0 && out.Waits():
		lines = append(lines, w.Say("admin.named", args))
	case len(out.Given) > 0:
		lines = append(lines, w.Say("admin.designated", args))
	default:
		lines = append(lines, w.Say("admin.same", args))
	}
	if out.Sent != "" {
		lines = append(lines, w.Say("admin.sent", args))
	} else if out.Waits() {
		lines = append(lines, w.Say("admin.sent.before", args))
	}
	return Answer{Direct: &card.Card{Lines: []string{strings.Join(lines, " ")}, Buttons: []card.Button{{ID: "admins", Text: w.Say("button.admins.back")}}}}
}

// startAdminUpdate opens the form that changes an administrator.
func startAdminUpdate(ctx context.Context, c *Call) (Answer, error) {
	all, err := c.bot.licenses.Administration(ctx, c.Actor)
	if err != nil {
		return Answer{}, err
	}
	i := slices.IndexFunc(all.Administrators, func(a license.Administrator) bool { return a.ID == idOf(c.Press.Value) })
	if i < 0 {
		return Answer{}, &helpdesk.Refusal{Code: license.NoAdministrator}
	}
	return c.open(c.adminUpdateForm(all.Administrators[i])), nil
}

// keepServices leaves services as they are.
const keepServices = "="

// adminUpdateForm asks what is to change. Whoever has confirmed says of themselves who they are.
func (c *Call) adminUpdateForm(a license.Administrator) card.Form {
	w := c.Words
	args := text.Args{"Name": a.Details.Name, "Services": c.bot.services(w, a.Services)}
	f := card.Form{ID: "license.adminupdate", Title: w.Say("form.adminupdate.title"), Submit: w.Say("form.save"), Cancel: w.Say("form.cancel"), Hidden: c.hidden(),
		Intro: []string{w.Say("form.adminupdate.intro", args)}}
	f.Hidden.Seen = strconv.FormatInt(int64(a.ID), 10)
	if a.Waits() {
		f.Hidden.Seen += " " + a.Details.Language
		f.Intro = []string{w.Say("form.adminupdate.waits", args)}
		f.Inputs = personInputs(w, a.Details)
	}
	services := []card.Option{{Value: keepServices, Text: helpdesk.Shorten(w.Say("form.adminupdate.keep", args), longestChoice)}, {Value: "+" + allServices, Text: w.Say("form.admin.all")}}
	for _, s := range c.catalog().Services {
		name := text.Args{"Service": s.Name(w.Language())}
		switch has := slices.Contains(a.Services, s.Key); {
		case !has:
			services = append(services, card.Option{Value: "+" + s.Key, Text: helpdesk.Shorten(w.Say("form.adminupdate.add", name), longestChoice)})
		case len(a.Services) > 1:
			services = append(services, card.Option{Value: "-" + s.Key, Text: helpdesk.Shorten(w.Say("form.adminupdate.drop", name), longestChoice)})
		}
	}
	f.Inputs = append(f.Inputs, card.Input{ID: "services", Type: card.Select, Label: w.Say("field.administered"), Initial: keepServices, Options: services})
	return f
}

// submitAdminUpdate changes an administrator.
func submitAdminUpdate(ctx context.Context, c *Call, s Submission) (Answer, error) {
	id, language, asked := strings.Cut(s.Hidden.Seen, " ")
	var to license.AdminChange
	if asked {
		details := detailsIn(s.Values, language)
		if wrong := c.bot.licenses.CheckAdministrator(details, text.Languages); len(wrong) > 0 {
			return Answer{Errors: c.adminErrors(wrong, s.Values)}, nil
		}
		to.Details = &details
	}
	if sign, rest := cutSign(s.Values["services"]); sign == "+" {
		to.Add = c.chosenServices(rest)
	} else if sign == "-" {
		to.Drop = []string{rest}
	}
	out, err := c.bot.licenses.ChangeAdministrator(ctx, c.Actor, c.From, idOf(id), to, s.Hidden.Nonce)
	if err != nil {
		return Answer{}, err
	}
	if len(out.Wrong) > 0 {
		return Answer{Errors: c.adminErrors(out.Wrong, s.Values)}, nil
	}
	c.done("update administrator", 0, "administrator", id, "services", out.Given, "confirm", out.Sent != "")
	if out.ID == 0 {
		return Answer{Direct: &card.Card{Lines: []string{c.Words.Say("admin.gone")}}}, nil
	}
	return c.designatedCard(out), nil
}

// cutSign parts a choice of services into its sign and what it is about.
func cutSign(choice string) (sign, rest string) {
	if len(choice) < 2 {
		return "", ""
	}
	return choice[:1], choice[1:]
}
