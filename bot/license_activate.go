package bot

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// activateAct has ordered licenses made usable.
func activateAct() licenseAct {
	return licenseAct{words: []string{"activate", "activer"},
		run: func(ctx context.Context, c *Call, _ []string) (Answer, error) { return c.startActivate(ctx, "") },
		buttons: map[string]func(context.Context, *Call) (Answer, error){
			"activate":    func(ctx context.Context, c *Call) (Answer, error) { return c.startActivate(ctx, c.Press.Value) },
			"provisioned": pressProvisioned,
			"notdone":     startNotDone,
		},
		forms:   map[string]func(context.Context, *Call, Submission) (Answer, error){"license.activate": submitActivate, "ticket.notdone": submitNotDone},
		notices: map[string]noticing{license.ToldActivation: activationNotice},
	}
}

// startActivate opens the form: for a license and so many of it, if a button says which.
func (c *Call) startActivate(ctx context.Context, chosen string) (Answer, error) {
	chosen, quantity, _ := strings.Cut(chosen, " ")
	e, err := c.bot.licenses.LooksAfter(ctx, c.Actor)
	if err != nil {
		return Answer{}, err
	}
	w := c.Words
	var options []card.Option
	for _, l := range e.Lines {
		if n := l.Inactive(); n > 0 && l.Service != "" {
			options = append(options, card.Option{Value: l.Key, Text: helpdesk.Shorten(w.Say("activate.option", text.Args{"License": c.bot.licenseName(w, l.License), "N": int(n), "Count": w.Number(n)}), longestChoice)})
		}
	}
	if len(options) == 0 {
		return c.say("activate.none"), nil
	}
	i := slices.IndexFunc(options, func(o card.Option) bool { return o.Value == chosen })
	if i < 0 {
		chosen, quantity = "", ""
	}
	f := card.Form{ID: "license.activate", Title: w.Say("form.activate.title"), Submit: w.Say("form.activate.submit"), Cancel: w.Say("form.cancel"), Hidden: c.hidden(),
		Intro: []string{w.Say("form.activate.intro")}, Links: c.bot.helpLinks(w, e, chosen),
		Inputs: []card.Input{{ID: "license", Type: card.Select, Label: w.Say("field.license"), Options: options, Initial: chosen},
			{ID: "quantity", Type: card.Text, Label: w.Say("field.quantity"), Longest: 12, Initial: quantity}}}
	if e.Manager {
		all, err := c.bot.licenses.Administration(ctx, c.Actor)
		if err != nil {
			return Answer{}, err
		}
		if who := administratorOptions(all); len(who) > 0 {
			f.Inputs = append(f.Inputs, card.Input{ID: "administrator", Type: card.Select, Label: w.Say("field.administrator"), Hint: w.Say("form.activate.administrator.hint"), Optional: true, Options: who})
		} else {
			f.Intro = append(f.Intro, w.Say("form.activate.administrator.none"))
		}
	}
	f.Hidden.Seen = chosen
	return c.open(f), nil
}

// administratorOptions are those who administer services of an organization already.
func administratorOptions(all license.Administration) (options []card.Option) {
	for _, a := range all.Administrators {
		options = append(options, card.Option{Value: strconv.FormatInt(int64(a.ID), 10), Text: helpdesk.Shorten(a.Details.Name, longestChoice)})
	}
	return options
}

// mostHelp is of how many services a form links the help: it has room for other things too, on every platform.
const mostHelp = 20

// helpLinks lead to the help of a license's service or, before one is chosen, of each service that there is.
func (b *Bot) helpLinks(w text.Words, e license.Estate, chosen string) (links []card.Link) {
	var services []string
	for _, l := range e.Lines {
		if (l.Key == chosen || chosen == "" && l.Ordered > 0) && !slices.Contains(services, l.Service) {
			services = append(services, l.Service)
		}
	}
	for _, s := range services {
		if help := b.serviceHelp(w, s); help != nil {
			links = append(links, *help)
		}
	}
	return links[:min(len(links), mostHelp)]
}

// serviceHelp leads to the help of a service, if it has any.
func (b *Bot) serviceHelp(w text.Words, service string) *card.Link {
	s := b.licenses.Catalog().Services[service]
	if s.Help == nil || s.Help(w.Language()) == "" {
		return nil
	}
	return &card.Link{Text: w.Say("help.service.link", text.Args{"Service": b.service(w, service)}), URL: s.Help(w.Language())}
}

// submitActivate asks for it.
func submitActivate(ctx context.Context, c *Call, s Submission) (Answer, error) {
	w, wrong := c.Words, map[string]string{}
	if s.Values["license"] == "" { // a prefilled field that nobody touched comes back empty from some platforms
		s.Values["license"] = s.Hidden.Seen
	}
	l, ok := c.bot.licenses.Catalog().Of(s.Values["license"])
	if !ok {
		wrong["license"] = w.Say("wrong.missing.choice")
	}
	n, problem := c.quantity(s.Values["quantity"])
	if problem != "" {
		wrong["quantity"] = problem
	}
	administrator := idOf(s.Values["administrator"]) // empty: whoever it is
	if administrator == 0 && s.Values["administrator"] != "" {
		wrong["administrator"] = w.Say("wrong.missing.choice")
	}
	if len(wrong) > 0 {
		return Answer{Errors: wrong}, nil
	}
	args := text.Args{"N": int(n), "Count": w.Number(n), "License": c.bot.licenseName(w, l)}
	v, err := c.bot.licenses.Activate(ctx, c.Actor, license.Activating{License: l.Key, Quantity: n, Administrator: administrator, Account: c.From, Nonce: s.Hidden.Nonce,
		Subject: helpdesk.Shorten(w.Say("activate.subject", args), helpdesk.MaxSubject), Text: w.Say("activate.text", args)})
	if few := (*license.TooFew)(nil); errors.As(err, &few) {
		return Answer{Errors: map[string]string{"quantity": c.bot.tooFew(w, few)}}, nil
	}
	if err != nil {
		return Answer{}, err
	}
	c.done("activate", v.Ticket, "activation", v.ID, "changed", v.Changed)
	return Answer{}, nil
}

// tooFew says how many there are of what there is not enough of.
func (b *Bot) tooFew(w text.Words, f *license.TooFew) string {
	return w.Say("wrong.too_few", text.Args{"N": int(f.Inactive()), "Count": w.Number(f.Inactive()), "Counts": licenseCounts(w, f.Line, "ordered", "activated", "pending", "ending")})
}

// activationNotice tells how an activation stands.
func activationNotice(ctx context.Context, b *Bot, w text.Words, n license.Notice, _ store.Person) (out Notice, err error) {
	v, err := b.licenses.Activated(ctx, n.ID)
	if err != nil {
		return out, err
	}
	args := text.Args{"N": int(v.Quantity), "Count": w.Number(v.Quantity), "License": b.licenseName(w, v.License)}
	out.Card = card.Card{Title: w.Say("activation.title", text.Args{"Activation": strconv.FormatInt(n.ID, 10), "State": w.Say("activation.state." + v.State)}),
		Lines: []string{w.Say("activation."+v.State, args)}, Link: b.serviceHelp(w, v.License.Service)}
	switch {
	case v.Unfinished():
		out.Card.Lines = append(out.Card.Lines, w.Say("activation.unfinished"))
	case v.TimedOut():
		out.Card.Lines = append(out.Card.Lines, w.Say("activation.timeout"))
	case v.Reason != "":
		out.Card.Lines = append(out.Card.Lines, w.Say("order.reason", text.Args{"Reason": v.Reason}))
	}
	if v.State == store.Failed {
		out.Card.Buttons = []card.Button{{ID: "activate", Value: v.License.Key, Text: w.Say("button.again")}}
	}
	return out, nil
}

// matterButtons are what agents do to a service request by its matter.
func matterButtons(w text.Words, t store.Ticket) []card.Button {
	return append(provisioningButtons(w, t), quoteButtons(w, t)...)
}

// provisioningButtons are those of a ticket by which agents make licenses usable.
func provisioningButtons(w text.Words, t store.Ticket) []card.Button {
	if t.Details[helpdesk.Matter] != license.Provisioning || !t.Active {
		return nil
	}
	value := strconv.FormatInt(int64(t.ID), 10) + "/" + store.DeskSide
	return []card.Button{{ID: "provisioned", Value: value, Text: w.Say("button.provisioned"), Style: card.Primary}, {ID: "notdone", Value: value, Text: w.Say("button.notdone")}}
}

// pressProvisioned says that the licenses of a ticket are usable.
func pressProvisioned(ctx context.Context, c *Call) (Answer, error) {
	id, _, err := c.pressed()
	if err != nil {
		return Answer{}, err
	}
	v, err := c.bot.licenses.Provisioned(ctx, c.Actor, id, "")
	if errors.Is(err, store.ErrTooFew) {
		return c.say("activation.gone"), nil
	}
	if err != nil {
		return Answer{}, err
	}
	c.done("provisioned", id, "activation", v.ID, "changed", v.Changed)
	return Answer{Card: &card.Card{Lines: []string{c.activationIs(v)}}}, nil
}

// activationIs says how an activation stands.
func (c *Call) activationIs(v license.ActivationView) string {
	return c.Words.Say("activation.is", text.Args{"Activation": strconv.FormatInt(int64(v.ID), 10), "State": c.Words.Say("activation.state." + v.State)})
}

// startNotDone asks why licenses could not be made usable.
func startNotDone(ctx context.Context, c *Call) (Answer, error) {
	id, _, err := c.pressed()
	if err != nil {
		return Answer{}, err
	}
	t, _, err := c.bot.desk.Addressee(ctx, c.Actor, helpdesk.Resolve, id, store.DeskSide)
	if err != nil {
		return Answer{}, err
	}
	return c.open(c.ticketForm("notdone", t, "form.notdone.submit",
		card.Input{ID: "reason", Type: card.Area, Label: c.Words.Say("form.refuse.reason"), Hint: c.Words.Say("form.refuse.hint"), Longest: license.MaxWords})), nil
}

func submitNotDone(ctx context.Context, c *Call, s Submission) (Answer, error) {
	reason := s.Values["reason"]
	if wrong := license.CheckWords(reason); wrong != "" {
		return Answer{Errors: map[string]string{"reason": c.wrongWords(wrong, reason)}}, nil
	}
	v, err := c.bot.licenses.FailedAt(ctx, c.Actor, store.TicketID(s.Hidden.Ticket), reason)
	if err != nil {
		return Answer{}, err
	}
	c.done("not provisioned", v.Ticket, "activation", v.ID, "changed", v.Changed)
	if !v.Changed { // what they wrote is not to be lost
		return Answer{Errors: map[string]string{"reason": c.activationIs(v)}}, nil
	}
	return Answer{}, nil
}
