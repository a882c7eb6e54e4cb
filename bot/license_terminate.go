package bot

import (
	"context"
	"errors"
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

// What is kept beside the form: whether the gate that was shown last was open.
const (
	fieldGate = "gate"
	gateOpen  = "open"
	gateAsks  = "asks" // it is, once whoever ends licenses says what nobody else can tell
)

// ofService begins the choice of all licenses of a service, among licenses.
const ofService = "service:"

// terminateAct ends licenses.
func terminateAct() licenseAct {
	return licenseAct{words: []string{"terminate", "résilier", "resilier"},
		run: func(ctx context.Context, c *Call, _ []string) (Answer, error) { return c.startTerminate(ctx) },
		buttons: map[string]func(context.Context, *Call) (Answer, error){
			"terminate":     func(ctx context.Context, c *Call) (Answer, error) { return c.startTerminate(ctx) },
			"terminatestep": resumeTerminate,
			"terminateundo": undoTerminate,
		},
		forms:   map[string]func(context.Context, *Call, Submission) (Answer, error){"license.terminate": submitTerminate},
		notices: map[string]noticing{license.ToldTermination: terminationNotice},
	}
}

// startTerminate opens the form.
func (c *Call) startTerminate(ctx context.Context) (Answer, error) {
	return c.terminateForm(ctx, c.hidden(), stepEnd, map[string]string{"when": license.AtEndOfMonth}, "")
}

// terminateForm opens a step of the form, and keeps what was filled in before.
func (c *Call) terminateForm(ctx context.Context, hidden card.Hidden, step string, values map[string]string, note string) (Answer, error) {
	w := c.Words
	e, err := c.bot.licenses.Estate(ctx, c.Actor)
	if err != nil {
		return Answer{}, err
	}
	f := card.Form{ID: "license.terminate", Step: step, Title: w.Say("form.terminate.title"), Submit: w.Say("form.continue"), Cancel: w.Say("form.cancel")}
	if note != "" {
		f.Intro = append(f.Intro, note)
	}
	if step == stepGate {
		if err := c.gateStep(ctx, &f, e, values); err != nil {
			return Answer{}, err
		}
	} else {
		what := c.endable(e)
		if len(what) == 0 {
			return c.say("terminate.none"), nil
		}
		f.Intro, f.Link = append(f.Intro, w.Say("form.terminate.intro")), c.bot.helpLink(w, e, "")
		f.Inputs = []card.Input{{ID: "license", Type: card.Select, Label: w.Say("field.license"), Options: what, Initial: values["license"]},
			{ID: "quantity", Type: card.Text, Label: w.Say("field.quantity"), Hint: w.Say("form.terminate.quantity.hint"), Longest: 12, Optional: true, Initial: values["quantity"]},
			{ID: "when", Type: card.Choice, Label: w.Say("form.terminate.when"), Options: options(w, "terminate.when.", license.Ends), Initial: values["when"]}}
	}
	if err := c.bot.desk.SaveDraft(ctx, c.Actor, hidden.Nonce, values); err != nil {
		return Answer{}, err
	}
	f.Hidden = hidden
	f.Hidden.Step = step
	a := c.open(f)
	a.Resume = c.resumeBy("terminatestep", f)
	return a, nil
}

// endable are the licenses of which there are any, and the services as a whole.
func (c *Call) endable(e license.Estate) (all []card.Option) {
	w := c.Words
	var services []string
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
		all = append(all, card.Option{Value: ofService + s, Text: helpdesk.Shorten(w.Say("terminate.service", text.Args{"Service": c.bot.service(w, s)}), longestChoice)})
	}
	return all[:min(len(all), mostChoices)]
}

// terminating is what was filled in, with how many devices are enrolled, where a program knows that.
func (c *Call) terminating(ctx context.Context, e license.Estate, values map[string]string) license.Terminating {
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
	n, err := c.bot.CountDevices(ctx, service, e.Organization, t.License)
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

// gateStep shows what must be done before licenses end, as a list; and asks what nobody else can tell.
func (c *Call) gateStep(ctx context.Context, f *card.Form, e license.Estate, values map[string]string) error {
	w := c.Words
	t := c.terminating(ctx, e, values)
	g, err := c.bot.licenses.Gate(ctx, c.Actor, t)
	if err != nil {
		return err
	}
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
	service := c.bot.serviceOf(t)
	s := c.bot.licenses.Catalog().Services[service]
	if s.AtVendor && s.Vendor != nil {
		f.Link = &card.Link{Text: w.Say("gate.vendor", text.Args{"Service": c.bot.service(w, service)}), URL: s.Vendor(w.Language())}
	} else {
		f.Link = c.bot.serviceHelp(w, service)
	}
	when := w.Say("terminate.at.now")
	if !g.EffectiveAt.IsZero() {
		when = w.Say("terminate.at", text.Args{"Date": w.Date(g.EffectiveAt, g.EffectiveAt.Location())})
	}
	f.Intro = append(f.Intro, when)
	if t.Service == "" {
		f.Inputs = append(f.Inputs, card.Input{ID: "quantity", Type: card.Text, Label: w.Say("field.quantity"), Longest: 12, Initial: values["quantity"]})
	}
	if t.Service != "" {
		f.Inputs = append(f.Inputs, card.Input{ID: "when", Type: card.Choice, Label: w.Say("form.terminate.when"), Options: options(w, "terminate.when.", license.Ends), Initial: values["when"]})
	}
	values[fieldGate] = ""
	if f.Submit = w.Say("gate.again"); !g.Open(true) {
		return nil
	}
	values[fieldGate], f.Submit = gateOpen, w.Say("form.terminate.submit")
	if g.Asks() {
		values[fieldGate] = gateAsks
		f.Inputs = append(f.Inputs, card.Input{ID: "attest", Type: card.Box, Label: w.Say("gate.attest"),
			Options: []card.Option{{Value: card.Ticked, Text: w.Say("gate.attest.text")}}, Hint: w.Say("gate.attest.hint", text.Args{"Name": c.Person.Name})})
	}
	return nil
}

// resumeTerminate opens a step whose earlier ones have been sent.
func resumeTerminate(ctx context.Context, c *Call) (Answer, error) {
	nonce, step, _ := strings.Cut(c.Press.Value, " ")
	values, err := c.bot.desk.Draft(ctx, c.Actor, nonce)
	if errors.Is(err, store.ErrNotFound) {
		return c.say("refused.stale_form"), nil
	}
	if err != nil {
		return Answer{}, err
	}
	return c.terminateForm(ctx, card.Hidden{Nonce: nonce, Person: int64(c.Person.ID)}, step, values, "")
}

// submitTerminate takes in a step of the form.
func submitTerminate(ctx context.Context, c *Call, s Submission) (Answer, error) {
	values, err := c.bot.desk.Draft(ctx, c.Actor, s.Hidden.Nonce)
	if errors.Is(err, store.ErrNotFound) {
		return Answer{Problem: c.Words.Say("refused.stale_form")}, nil
	}
	if err != nil {
		return Answer{}, err
	}
	before := values["quantity"] + values["when"]
	for _, field := range []string{"license", "quantity", "when"} {
		if v := s.Values[field]; v != "" {
			values[field] = v
		}
	}
	w, wrong := c.Words, map[string]string{}
	_, whole := strings.CutPrefix(values["license"], ofService)
	if _, ok := c.bot.licenses.Catalog().Of(values["license"]); !ok && !whole {
		wrong["license"] = w.Say("wrong.missing.choice")
	}
	if !whole {
		if _, problem := c.quantity(values["quantity"]); problem != "" {
			wrong["quantity"] = problem
		}
	}
	if len(wrong) > 0 {
		return Answer{Errors: wrong}, nil
	}
	e, err := c.bot.licenses.Estate(ctx, c.Actor)
	if err != nil {
		return Answer{}, err
	}
	t := c.terminating(ctx, e, values)
	g, err := c.bot.licenses.Gate(ctx, c.Actor, t)
	if few := (*license.TooFew)(nil); errors.As(err, &few) {
		return Answer{Errors: map[string]string{"quantity": w.Say("wrong.too_few.end", text.Args{"Ordered": w.Number(few.Ordered), "Ending": w.Number(few.Ending)})}}, nil
	}
	if refused := (*helpdesk.Refusal)(nil); errors.As(err, &refused) && refused.Code == license.NoContract && (whole || s.Hidden.Step == stepEnd) {
		return Answer{Errors: map[string]string{"when": c.bot.refusal(w, refused)}}, nil
	}
	if err != nil {
		return Answer{}, err
	}
	shown := gateOpen
	if g.Asks() {
		shown = gateAsks
	}
	if s.Hidden.Step == stepEnd || values[fieldGate] != shown || !g.Open(true) || values["quantity"]+values["when"] != before { // what they have not seen is shown first
		return c.terminateForm(ctx, s.Hidden, stepGate, values, "")
	}
	t.Attested, t.Nonce = s.Values["attest"] == card.Ticked, s.Hidden.Nonce
	if g.Asks() && !t.Attested {
		return Answer{Errors: map[string]string{"attest": w.Say("wrong.not_attested")}}, nil
	}
	vs, err := c.bot.licenses.Terminate(ctx, c.Actor, t)
	if refused := (*helpdesk.Refusal)(nil); errors.As(err, &refused) && refused.Code == license.GateClosed {
		return c.terminateForm(ctx, s.Hidden, stepGate, values, "")
	}
	if err != nil {
		return Answer{}, err
	}
	for _, v := range vs {
		c.done("terminate", 0, "termination", v.ID, "state", v.State, "changed", v.Changed)
	}
	return Answer{}, nil
}

// terminationNotice tells whoever ended licenses how that stands.
func terminationNotice(ctx context.Context, b *Bot, w text.Words, n license.Notice, _ store.Person) (out Notice, err error) {
	v, err := b.licenses.Ended(ctx, n.ID)
	if err != nil {
		return out, err
	}
	number := strconv.FormatInt(n.ID, 10)
	args := text.Args{"N": int(v.Quantity), "Count": w.Number(v.Quantity), "License": b.licenseName(w, v.License), "Date": w.Date(v.EffectiveAt.Time, b.licenses.Zone())}
	c := card.Card{Title: w.Say("termination.title", text.Args{"Termination": number, "State": w.Say("termination.state." + v.State)}), Lines: []string{w.Say("termination."+v.State, args)}}
	if v.Attested {
		c.Lines = append(c.Lines, w.Say("termination.attested", text.Args{"Name": v.By.Name}))
	}
	if v.State == store.TerminationPlanned {
		c.Buttons = []card.Button{{ID: "terminateundo", Value: number, Text: w.Say("button.undo")}}
	}
	out.Card = c
	if n.Account.Workspace == store.Mail {
		c.Lines = append([]string{w.Say("termination.mail", text.Args{"Name": v.By.Name, "Organization": b.organization(v.Organization)})}, c.Lines...)
		c.Buttons = nil
		out.Letter = &Letter{Subject: c.Title, Card: c}
	}
	return out, nil
}

// undoTerminate keeps licenses that were to end.
func undoTerminate(ctx context.Context, c *Call) (Answer, error) {
	id, err := strconv.ParseInt(c.Press.Value, 10, 64)
	if err != nil {
		return Answer{}, &helpdesk.Refusal{Code: license.UnknownTermination}
	}
	v, err := c.bot.licenses.Undo(ctx, c.Actor, id)
	if err != nil {
		return Answer{}, err
	}
	c.done("terminate undo", 0, "termination", id, "state", v.State, "changed", v.Changed)
	return c.say("termination.is", text.Args{"Termination": c.Press.Value, "State": c.Words.Say("termination.state." + v.State)}), nil
}
