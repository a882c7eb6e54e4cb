package bot

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// Steps of the form by which licenses end.
const (
	stepEnd  = "end"  // which, how many, and when
	stepGate = "gate" // what must be done before
)

// What is kept beside the form: how the gate stood that was shown last.
const (
	fieldGate = "gate"
	gateShut  = "shut" // something must be done first
	gateAsks  = "asks" // it opens once whoever ends licenses says what nobody else can tell
	gateOpen  = "open"
)

// ofService begins the choice of all licenses of a service, among licenses.
const ofService = "service:"

// terminateAct ends licenses.
func terminateAct() licenseAct {
	return licenseAct{words: []string{"terminate", "résilier", "resilier"},
		run: func(ctx context.Context, c *Call, _ []string) (Answer, error) { return c.startTerminate(ctx, "") },
		buttons: map[string]func(context.Context, *Call) (Answer, error){
			"terminate":     func(ctx context.Context, c *Call) (Answer, error) { return c.startTerminate(ctx, c.Press.Value) },
			"terminatestep": resumeTerminate,
			"terminateundo": undoTerminate,
		},
		forms:   map[string]func(context.Context, *Call, Submission) (Answer, error){"license.terminate": submitTerminate},
		notices: map[string]noticing{license.ToldTermination: terminationNotice},
	}
}

// startTerminate opens the form: for a license and so many of it, if a button says which.
func (c *Call) startTerminate(ctx context.Context, chosen string) (Answer, error) {
	values := map[string]string{"when": license.AtEndOfMonth}
	values["license"], values["quantity"], _ = strings.Cut(chosen, " ")
	return c.endForm(ctx, c.hidden(), values)
}

// endForm asks which licenses end, how many, and when.
func (c *Call) endForm(ctx context.Context, hidden card.Hidden, values map[string]string) (Answer, error) {
	w := c.Words
	e, err := c.bot.licenses.Estate(ctx, c.Actor)
	if err != nil {
		return Answer{}, err
	}
	what := c.endable(e)
	if len(what) == 0 {
		return c.say("terminate.none"), nil
	}
	if !slices.ContainsFunc(what, func(o card.Option) bool { return o.Value == values["license"] }) {
		values["license"], values["quantity"] = "", ""
	}
	f := c.terminateForm(stepEnd)
	f.Intro, f.Links = []string{w.Say("form.terminate.intro")}, c.bot.helpLinks(w, e, "")
	f.Inputs = []card.Input{{ID: "license", Type: card.Select, Label: w.Say("field.license"), Options: what, Initial: values["license"]},
		{ID: "quantity", Type: card.Text, Label: w.Say("field.quantity"), Hint: w.Say("form.terminate.quantity.hint"), Longest: 12, Optional: true, Initial: values["quantity"]},
		c.whenInput(values)}
	return c.step(ctx, f, hidden, values, "terminatestep")
}

func (c *Call) terminateForm(step string) card.Form {
	return card.Form{ID: "license.terminate", Step: step, Title: c.Words.Say("form.terminate.title"), Submit: c.Words.Say("form.continue"), Cancel: c.Words.Say("form.cancel")}
}

func (c *Call) whenInput(values map[string]string) card.Input {
	ends := license.Ends
	if !c.bot.licenses.Catalog().HasContract(c.Person.Organization) {
		ends = slices.DeleteFunc(slices.Clone(ends), func(when string) bool { return when == license.AtEndOfContract })
	}
	return card.Input{ID: "when", Type: card.Choice, Label: c.Words.Say("form.terminate.when"), Options: options(c.Words, "terminate.when.", ends), Initial: values["when"]}
}

// endable are the services as a whole, and the licenses of which there are any.
func (c *Call) endable(e license.Estate) (all []card.Option) {
	w := c.Words
	var services []string
	var whole []card.Option
	for _, l := range e.Lines {
		if l.Ordered <= l.Ending || l.Service == "" {
			continue
		}
		all = append(all, card.Option{Value: l.Key, Text: helpdesk.Shorten(w.Say("terminate.option", text.Args{"License": c.bot.licenseName(w, l.License), "Count": w.Number(l.Ordered)}), longestChoice)})
		if len(services) == 0 || services[len(services)-1] != l.Service {
			services = append(services, l.Service)
		}
	}
	for _, s := range services {
		whole = append(whole, card.Option{Value: ofService + s, Text: helpdesk.Shorten(w.Say("terminate.service", text.Args{"Service": c.bot.service(w, s)}), longestChoice)})
	}
	all = append(whole, all...) // as many licenses as there is room for
	return all[:min(len(all), mostChoices)]
}

// terminating is what was filled in, with how many devices are enrolled, where a program knows that.
func (c *Call) terminating(ctx context.Context, values map[string]string) license.Terminating {
	t := license.Terminating{License: values["license"], When: values["when"], Account: c.From, Devices: -1}
	if service, whole := strings.CutPrefix(t.License, ofService); whole {
		t.License, t.Service = "", service
	} else {
		t.Quantity, _ = license.ParseQuantity(values["quantity"])
	}
	service := c.bot.serviceOf(t)
	if c.bot.CountDevices == nil || !c.bot.licenses.Catalog().Services[service].CountsDevices {
		return t
	}
	ctx, cancel := context.WithTimeout(ctx, countWait)
	defer cancel()
	n, err := c.bot.CountDevices(ctx, service, c.Person.Organization, t.License)
	if err != nil {
		c.bot.log.Warn("devices not counted", "service", service, "error", err)
		return t
	}
	t.Devices = n
	return t
}

// countWait is how long a program may take to count devices: whoever waits for it has to be answered in time.
const countWait = 700 * time.Millisecond

// serviceOf is the service whose licenses end.
func (b *Bot) serviceOf(t license.Terminating) string {
	if t.Service != "" {
		return t.Service
	}
	l, _ := b.licenses.Catalog().Of(t.License)
	return l.Service
}

// gateForm shows what must be done before licenses end, as a list; and asks what nobody else can tell.
func (c *Call) gateForm(ctx context.Context, hidden card.Hidden, values map[string]string, t license.Terminating) (Answer, error) {
	w := c.Words
	g, err := c.bot.licenses.Gate(ctx, c.Actor, t)
	if err != nil {
		return Answer{}, err
	}
	f := c.terminateForm(stepGate)
	for _, check := range g.Checks {
		key := "gate." + check.What
		switch {
		case check.Unknown():
			key += ".unknown"
		case !check.OK():
			key += ".no"
		}
		f.Intro = append(f.Intro, w.Say(key, text.Args{"License": c.bot.licenseName(w, check.License), "Count": w.Number(check.Count), "Left": w.Number(check.Left)}))
	}
	when := w.Say("terminate.at.now")
	if !g.EffectiveAt.IsZero() {
		when = w.Say("terminate.at", text.Args{"Date": endOf(w, g.EffectiveAt, g.EffectiveAt.Location())})
	}
	f.Intro = append(f.Intro, when)
	f.Links = c.gateLinks(c.bot.serviceOf(t))
	if t.Service == "" {
		f.Inputs = append(f.Inputs, card.Input{ID: "quantity", Type: card.Text, Label: w.Say("field.quantity"), Longest: 12, Initial: values["quantity"]})
	} else {
		f.Inputs = append(f.Inputs, c.whenInput(values))
	}
	values[fieldGate] = gateOf(g)
	if f.Submit = w.Say("form.terminate.submit"); values[fieldGate] == gateShut {
		f.Submit = w.Say("gate.again")
	}
	if values[fieldGate] == gateAsks {
		f.Inputs = append(f.Inputs, card.Input{ID: "attest", Type: card.Box, Label: w.Say("gate.attest"),
			Options: []card.Option{{Value: card.Ticked, Text: w.Say("gate.attest.text")}}, Hint: w.Say("gate.attest.hint", text.Args{"Name": c.Person.Name})})
	}
	return c.step(ctx, f, hidden, values, "terminatestep")
}

// endOf is when licenses end: the day at whose end they do, which is what people call the end of a month, or else the instant.
func endOf(w text.Words, at time.Time, zone *time.Location) string {
	if at = at.In(zone); at.Equal(time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, zone)) {
		return w.FullDate(at.AddDate(0, 0, -1))
	}
	return w.Date(at, zone)
}

// gateLinks lead to where what must be done is done, the vendor's portal, and to the service's help.
func (c *Call) gateLinks(service string) (links []card.Link) {
	s := c.bot.licenses.Catalog().Services[service]
	if s.AtVendor && s.Vendor != nil {
		links = append(links, card.Link{Text: c.Words.Say("gate.vendor", text.Args{"Service": c.bot.service(c.Words, service)}), URL: s.Vendor(c.Words.Language())})
	}
	if help := c.bot.serviceHelp(c.Words, service); help != nil {
		links = append(links, *help)
	}
	return links
}

// gateOf is how a gate stands.
func gateOf(g license.Gate) string {
	switch {
	case !g.Open(true):
		return gateShut
	case g.Asks():
		return gateAsks
	}
	return gateOpen
}

// resumeTerminate opens a step whose earlier ones have been sent.
func resumeTerminate(ctx context.Context, c *Call) (Answer, error) {
	return c.resumed(ctx, func(hidden card.Hidden, step string, values map[string]string) (Answer, error) {
		if step == stepGate {
			return c.gateForm(ctx, hidden, values, c.terminating(ctx, values))
		}
		return c.endForm(ctx, hidden, values)
	})
}

// submitTerminate takes in a step of the form.
func submitTerminate(ctx context.Context, c *Call, s Submission) (Answer, error) {
	values, stale, err := c.filledIn(ctx, s)
	switch {
	case err != nil:
		return Answer{}, err
	case stale != nil:
		return *stale, nil
	}
	before := values["quantity"] + values["when"]
	for _, field := range []string{"license", "quantity", "when"} {
		if v := s.Values[field]; v != "" {
			values[field] = v
		}
	}
	w, wrong := c.Words, map[string]string{}
	whole := strings.HasPrefix(values["license"], ofService)
	if _, ok := c.bot.licenses.Catalog().Of(values["license"]); !ok && !whole {
		wrong["license"] = w.Say("wrong.missing.choice")
	}
	if _, problem := c.quantity(values["quantity"]); problem != "" && !whole {
		wrong["quantity"] = problem
	}
	if len(wrong) > 0 {
		return Answer{Errors: wrong}, nil
	}
	t := c.terminating(ctx, values)
	g, err := c.bot.licenses.Gate(ctx, c.Actor, t)
	if few := (*license.TooFew)(nil); errors.As(err, &few) {
		return Answer{Errors: map[string]string{"quantity": w.Say("wrong.too_few.end", text.Args{"Counts": licenseCounts(w, few.Line, "ordered", "ending")})}}, nil
	}
	if refused := (*helpdesk.Refusal)(nil); errors.As(err, &refused) && refused.Code == license.NoContract && (whole || s.Hidden.Step == stepEnd) {
		return Answer{Errors: map[string]string{"when": c.bot.refusal(w, refused)}}, nil
	}
	if err != nil {
		return Answer{}, err
	}
	stands := gateOf(g)
	if s.Hidden.Step == stepEnd || stands == gateShut || values[fieldGate] != stands || values["quantity"]+values["when"] != before { // what they have not seen is shown first
		return c.gateForm(ctx, s.Hidden, values, t)
	}
	t.Attested, t.Nonce = s.Values["attest"] == card.Ticked, s.Hidden.Nonce
	if stands == gateAsks && !t.Attested {
		return Answer{Errors: map[string]string{"attest": w.Say("wrong.not_attested")}}, nil
	}
	vs, err := c.bot.licenses.Terminate(ctx, c.Actor, t)
	if refused := (*helpdesk.Refusal)(nil); errors.As(err, &refused) && refused.Code == license.GateClosed {
		return c.gateForm(ctx, s.Hidden, values, t)
	}
	if err != nil {
		return Answer{}, err
	}
	for _, v := range vs {
		c.done("terminate", 0, "termination", v.ID, "state", v.State, "changed", v.Changed)
	}
	return Answer{}, nil
}

// terminationNotice tells whoever ended licenses how that stands, or another manager.
func terminationNotice(ctx context.Context, b *Bot, w text.Words, n license.Notice, to store.Person) (out Notice, err error) {
	v, err := b.licenses.Ended(ctx, n.ID)
	if err != nil {
		return out, err
	}
	number := strconv.FormatInt(n.ID, 10)
	args := text.Args{"N": int(v.Quantity), "Count": w.Number(v.Quantity), "License": b.licenseName(w, v.License), "Date": endOf(w, v.EffectiveAt.Time, b.licenses.Zone())}
	c := card.Card{Title: w.Say("termination.title", text.Args{"Termination": number, "State": w.Say("termination.state." + v.State)}), Lines: []string{w.Say("termination."+v.State, args)}}
	if v.Attested {
		c.Lines = append(c.Lines, w.Say("termination.attested", text.Args{"Name": v.By.Name}))
	}
	if v.State == store.TerminationPlanned {
		c.Buttons = []card.Button{{ID: "terminateundo", Value: number, Text: w.Say("button.terminate.undo")}}
	}
	if n.Account.Workspace == store.Mail || to.ID != v.By.ID {
		c.Lines = append([]string{w.Say("termination.mail", text.Args{"Name": v.By.Name, "Organization": b.organization(v.Organization)})}, c.Lines...)
	}
	out.Card = c
	if n.Account.Workspace == store.Mail {
		c.Buttons = nil
		out.Letter = &Letter{Subject: c.Title, Card: c}
	}
	return out, nil
}

// undoTerminate keeps licenses that were to end.
func undoTerminate(ctx context.Context, c *Call) (Answer, error) {
	id, err := numbered(c.Press.Value, license.UnknownTermination)
	if err != nil {
		return Answer{}, err
	}
	v, err := c.bot.licenses.Undo(ctx, c.Actor, id)
	if err != nil {
		return Answer{}, err
	}
	c.done("terminate undo", 0, "termination", id, "state", v.State, "changed", v.Changed)
	return c.say("termination.is", text.Args{"Termination": c.Press.Value, "State": c.Words.Say("termination.state." + v.State)}), nil
}
