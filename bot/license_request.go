package bot

import (
	"cmp"
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

// requestAct has anybody ask their managers for a license, and these decide.
func requestAct() licenseAct {
	ask := func(ctx context.Context, c *Call, _ []string) (Answer, error) { return startRequest(ctx, c) }
	return licenseAct{words: []string{"request", "demander"}, everyone: true, run: ask,
		buttons: map[string]func(context.Context, *Call) (Answer, error){
			"request":        startRequest,
			"requestapprove": approveRequest,
			"requestrefuse":  startRequestWords("refuse"),
			"requestask":     startRequestWords("ask"),
			"requestanswer":  startAnswer,
		},
		forms: map[string]func(context.Context, *Call, Submission) (Answer, error){"license.request": submitRequest,
			"license.requestrefuse": submitRequestWords((*license.Desk).RefuseRequest),
			"license.requestask":    submitRequestWords((*license.Desk).AskBack),
			"license.requestanswer": submitAnswer},
		notices: map[string]noticing{license.ToldRequest: requestNotice, license.ToldQuestion: questionNotice, license.ToldDecided: decidedNotice, license.ToldToOrder: toOrderNotice},
	}
}

// licenseOptions are all licenses that there are, by name.
func (c *Call) licenseOptions() (options []card.Option) {
	for _, l := range c.bot.licenses.Catalog().Licenses {
		options = append(options, card.Option{Value: l.Key, Text: helpdesk.Shorten(c.bot.licenseName(c.Words, l), longestChoice)})
	}
	return options
}

// startRequest opens the form by which somebody asks for a license.
func startRequest(_ context.Context, c *Call) (Answer, error) {
	w := c.Words
	licenses := c.licenseOptions()
	if len(licenses) == 0 {
		return c.say("license.none.offered"), nil
	}
	return c.open(card.Form{ID: "license.request", Title: w.Say("form.request.title"), Submit: w.Say("form.send"), Cancel: w.Say("form.cancel"), Hidden: c.hidden(),
		Intro: []string{w.Say("form.request.intro")},
		Inputs: []card.Input{{ID: "license", Type: card.Select, Label: w.Say("field.license"), Options: licenses},
			{ID: "reason", Type: card.Area, Label: w.Say("form.request.reason"), Longest: license.MaxWords}}}), nil
}

// submitRequest asks for it.
func submitRequest(ctx context.Context, c *Call, s Submission) (Answer, error) {
	w, wrong := c.Words, map[string]string{}
	l, ok := c.bot.licenses.Catalog().Of(s.Values["license"])
	if !ok {
		wrong["license"] = w.Say("wrong.missing.choice")
	}
	reason := s.Values["reason"]
	if is := license.CheckWords(reason); is != "" {
		wrong["reason"] = c.wrongWords(is, reason)
	}
	if len(wrong) > 0 {
		return Answer{Errors: wrong}, nil
	}
	args := text.Args{"License": c.bot.licenseName(w, l)}
	v, ticket, err := c.bot.licenses.Ask(ctx, c.Actor, license.Wish{License: l.Key, Reason: reason, Account: c.From, Nonce: s.Hidden.Nonce,
		Subject: helpdesk.Shorten(w.Say("request.subject", args), helpdesk.MaxSubject), Text: w.Say("request.text", args) + "\n\n" + strings.TrimSpace(reason)})
	if err != nil {
		return Answer{}, err
	}
	c.done("license request", ticket.Ticket.ID, "asked", v.ID, "changed", v.Changed || ticket.Changed)
	if ticket.Ticket.ID != 0 {
		return Answer{Direct: &card.Card{Lines: []string{w.Say("request.no_manager", text.Args{"Ticket": c.bot.called(ticket.Ticket)})}}}, nil
	}
	said := w.Say("request.asked", args)
	if len(v.Managers) > 0 { // and not only such as have not been met yet
		args["Managers"] = strings.Join(v.Managers, ", ")
		said = w.Say("request.asked.managers", args)
	}
	return Answer{Direct: &card.Card{Lines: []string{said}}}, nil
}

func (c *Call) wrongWords(code, words string) string {
	return c.wrongLength(code, words, license.MaxWords)
}

// wrongLength says what is wrong with words of which there may be so many.
func (c *Call) wrongLength(code, words string, longest int) string {
	if code == helpdesk.FieldMissing {
		return c.Words.Say("wrong.missing")
	}
	return c.Words.Say("wrong.too_long", text.Args{"N": len([]rune(words)) - longest, "Longest": longest})
}

// orGone are words of somebody's, or what stands for them when they have been forgotten.
func orGone(words string) string { return cmp.Or(words, "–") }

// requestTitle is who asks for what, and requestLines the rest of a request in words.
func (b *Bot) requestTitle(w text.Words, v license.RequestView) string {
	return w.Say("request.title", text.Args{"Name": v.From.Name, "License": b.licenseName(w, v.License)})
}

func (b *Bot) requestLines(w text.Words, v license.RequestView) []string {
	lines := []string{w.Say("request.reason", text.Args{"Reason": orGone(v.Reason)}), w.Say("request.free", text.Args{"Count": w.Number(v.Free)})}
	if v.Answer != "" {
		lines = append(lines, w.Say("request.question", text.Args{"Question": orGone(v.Question)}), w.Say("request.answer", text.Args{"Answer": v.Answer}))
	}
	return lines
}

// requestNotice asks managers to decide. For one who is away the organization's fallback is asked too.
func requestNotice(ctx context.Context, b *Bot, w text.Words, n license.Notice, _ store.Person) (out Notice, err error) {
	v, err := b.licenses.Requested(ctx, n.ID)
	if err != nil {
		return out, err
	}
	out.Card = b.requestCard(w, v)
	if v.State != store.RequestOpen {
		out.Over = true
		return out, nil
	}
	out.Card.Buttons = append(out.Card.Buttons, laterButton(w, n, inAWeek))
	if n.Told == 0 && b.isAway(ctx, n.Account) {
		err = b.licenses.AskFallback(ctx, n.ID)
	}
	return out, err
}

// requestCard is a request as those see it who decide.
func (b *Bot) requestCard(w text.Words, v license.RequestView) card.Card {
	c := card.Card{Title: b.requestTitle(w, v), Lines: b.requestLines(w, v)}
	if v.State != store.RequestOpen {
		c.Lines = append(c.Lines, b.requestWas(w, v))
		return c
	}
	number := strconv.FormatInt(int64(v.ID), 10)
	c.Buttons = []card.Button{{ID: "requestapprove", Value: number, Text: w.Say("button.approve"), Style: card.Primary}, {ID: "requestrefuse", Value: number, Text: w.Say("button.refuse")},
		{ID: "requestask", Value: number, Text: w.Say("button.ask")}}
	return c
}

// requestWas says what was decided about a request, and by whom.
func (b *Bot) requestWas(w text.Words, v license.RequestView) string {
	return w.Say("request.was."+v.State, text.Args{"Name": v.By.Name})
}

// questionNotice asks whoever made a request what a manager wants to know.
func questionNotice(ctx context.Context, b *Bot, w text.Words, n license.Notice, _ store.Person) (out Notice, err error) {
	v, err := b.licenses.Requested(ctx, n.ID)
	if err != nil {
		return out, err
	}
	decided := v.State != store.RequestOpen
	out.Over = decided || v.Answer != ""
	out.Card = card.Card{Title: w.Say("request.question.title", text.Args{"Name": v.Asker.Name, "License": b.licenseName(w, v.License)}), Lines: []string{orGone(v.Question)}}
	if v.Answer != "" {
		out.Card.Lines = append(out.Card.Lines, w.Say("request.answer", text.Args{"Answer": v.Answer}))
	}
	if decided {
		out.Card.Lines = append(out.Card.Lines, b.requestWas(w, v))
	}
	if !out.Over {
		out.Card.Buttons = []card.Button{{ID: "requestanswer", Value: strconv.FormatInt(n.ID, 10), Text: w.Say("button.answer"), Style: card.Primary}}
	}
	return out, nil
}

// decidedNotice tells whoever made a request what was decided.
func decidedNotice(ctx context.Context, b *Bot, w text.Words, n license.Notice, _ store.Person) (out Notice, err error) {
	v, err := b.licenses.Requested(ctx, n.ID)
	if err != nil {
		return out, err
	}
	args := text.Args{"Name": v.By.Name, "License": b.licenseName(w, v.License), "Reason": orGone(v.Words)}
	out.Card = card.Card{Lines: []string{w.Say("request.decided."+v.State, args)}}
	return out, nil
}

// toOrderNotice tells managers of what somebody has approved in their place.
func toOrderNotice(ctx context.Context, b *Bot, w text.Words, n license.Notice, _ store.Person) (out Notice, err error) {
	v, err := b.licenses.Requested(ctx, n.ID)
	if err != nil {
		return out, err
	}
	out.Card = b.toOrderCard(w, v)
	return out, nil
}

// toOrderCard says what is to be done for a request that was approved.
func (b *Bot) toOrderCard(w text.Words, v license.RequestView) card.Card {
	c := card.Card{Lines: []string{w.Say("request.approved", text.Args{"Name": v.By.Name, "Other": v.From.Name, "License": b.licenseName(w, v.License)}),
		w.Say("request.free", text.Args{"Count": w.Number(v.Free)})}}
	c.Buttons = []card.Button{{ID: "seat", Value: license.Assigned + " " + v.License.Key + " " + holderValue(store.Holder{Person: v.From.ID}),
		Text: w.Say("seat.button.assign"), Style: card.Primary}} // whose it is was asked already
	if v.Free == 0 {
		c.Buttons = []card.Button{{ID: "order", Value: v.License.Key, Text: w.Say("button.order"), Style: card.Primary}}
	}
	return c
}

// approveRequest says yes: what is missing is ordered at once, in the form with it.
func approveRequest(ctx context.Context, c *Call) (Answer, error) {
	id, err := numbered(c.Press.Value, license.UnknownRequest)
	if err != nil {
		return Answer{}, err
	}
	v, err := c.bot.licenses.ApproveRequest(ctx, c.Actor, id)
	if err != nil {
		return Answer{}, err
	}
	c.done("license request approve", 0, "asked", id, "changed", v.Changed)
	if !v.Changed && v.State != store.RequestApproved {
		return c.requestAnswer(v), nil
	}
	if !v.Changed { // by a colleague, or before the form was closed
		what := c.bot.toOrderCard(c.Words, v)
		return Answer{Card: &what}, nil
	}
	return c.orderFor(ctx, v)
}

// orderFor opens the order of what was approved, if there is none free and the actor may order it.
func (c *Call) orderFor(ctx context.Context, v license.RequestView) (Answer, error) {
	what := c.bot.toOrderCard(c.Words, v)
	if c.bot.licenses.MustManage(ctx, c.Actor) != nil { // managers are told
		what.Buttons = nil
	}
	if v.Free > 0 || len(what.Buttons) == 0 {
		return Answer{Card: &what}, nil
	}
	options, err := c.orderable(ctx)
	if err != nil {
		return Answer{}, err
	}
	if !slices.ContainsFunc(options, func(o card.Option) bool { return o.Value == v.License.Key }) {
		return c.onlyQuotes(), nil
	}
	return c.startOrder(ctx, nil, "", v.License.Key)
}

// requestAnswer says what was decided about a request, and by whom.
func (c *Call) requestAnswer(v license.RequestView) Answer {
	return Answer{Card: &card.Card{Lines: []string{c.bot.requestWas(c.Words, v)}}}
}

// startRequestWords opens a form of one field about a request: why it is refused, or what is asked.
func startRequestWords(what string) func(context.Context, *Call) (Answer, error) {
	return func(ctx context.Context, c *Call) (Answer, error) {
		id, err := numbered(c.Press.Value, license.UnknownRequest)
		if err != nil {
			return Answer{}, err
		}
		v, err := c.bot.licenses.RequestFor(ctx, c.Actor, id)
		if err != nil {
			return Answer{}, err
		}
		if v.State != store.RequestOpen {
			return c.requestAnswer(v), nil
		}
		hidden := c.hidden()
		hidden.Seen = c.Press.Value
		return c.open(c.requestForm(what, hidden, "")), nil
	}
}

// requestForm asks for words about a request.
func (c *Call) requestForm(what string, hidden card.Hidden, words string) card.Form {
	w := c.Words
	return card.Form{ID: "license.request" + what, Title: w.Say("form.request." + what), Submit: w.Say("form.send"), Cancel: w.Say("form.cancel"), Hidden: hidden,
		Inputs: []card.Input{{ID: "words", Type: card.Area, Label: w.Say("form.request." + what + ".label"), Longest: license.MaxWords, Initial: words}}}
}

func submitRequestWords(do func(*license.Desk, context.Context, helpdesk.Actor, int64, string) (license.RequestView, error)) func(context.Context, *Call, Submission) (Answer, error) {
	return func(ctx context.Context, c *Call, s Submission) (Answer, error) {
		id, err := numbered(s.Hidden.Seen, license.UnknownRequest)
		if err != nil {
			return Answer{}, err
		}
		words := s.Values["words"]
		if wrong := license.CheckWords(words); wrong != "" {
			return Answer{Errors: map[string]string{"words": c.wrongWords(wrong, words)}}, nil
		}
		v, err := do(c.bot.licenses, ctx, c.Actor, id, words)
		if err != nil {
			return Answer{}, err
		}
		c.done(strings.ReplaceAll(s.Form, ".", " "), 0, "asked", id, "changed", v.Changed)
		return c.requestWritten(v), nil
	}
}

// requestWritten is the answer to words about a request. If it was decided before they came, they are not to be lost.
func (c *Call) requestWritten(v license.RequestView) Answer {
	if v.Changed || v.State == store.RequestOpen {
		return Answer{}
	}
	return Answer{Errors: map[string]string{"words": c.bot.requestWas(c.Words, v)}}
}

// stepAgain is the step of an answer whose question has become another meanwhile, and fieldRequest which request its draft is about.
const (
	stepAgain    = "again"
	fieldRequest = "request"
)

// startAnswer opens the form by which whoever asks for a license answers what they were asked back, or opens it again.
func startAnswer(ctx context.Context, c *Call) (Answer, error) {
	if strings.Contains(c.Press.Value, " ") {
		return c.resumed(ctx, func(hidden card.Hidden, step string, values map[string]string) (Answer, error) {
			return c.answerForm(ctx, hidden, step, values)
		})
	}
	return c.answerForm(ctx, c.hidden(), "", map[string]string{fieldRequest: c.Press.Value})
}

// answerForm shows what is asked now; again: with what was written in answer to something else.
func (c *Call) answerForm(ctx context.Context, hidden card.Hidden, step string, values map[string]string) (Answer, error) {
	id, err := numbered(values[fieldRequest], license.UnknownRequest)
	if err != nil {
		return Answer{}, err
	}
	v, err := c.bot.licenses.RequestOf(ctx, c.Actor, id)
	if err != nil {
		return Answer{}, err
	}
	if v.State != store.RequestOpen {
		return c.requestAnswer(v), nil
	}
	hidden.Seen = values[fieldRequest] + " " + v.Asked()
	f := c.requestForm("answer", hidden, values["words"])
	f.Intro = []string{c.Words.Say("form.request.asked", text.Args{"Name": v.By.Name, "Question": orGone(v.Question)})}
	if step == "" {
		return c.open(f), nil
	}
	f.Step, f.Intro = step, append([]string{c.Words.Say("form.request.asked_anew")}, f.Intro...)
	return c.step(ctx, f, hidden, values, "requestanswer")
}

// submitAnswer takes in the answer. To a question that was not seen there is none yet: the form comes again.
func submitAnswer(ctx context.Context, c *Call, s Submission) (Answer, error) {
	request, question, _ := strings.Cut(s.Hidden.Seen, " ")
	id, err := numbered(request, license.UnknownRequest)
	if err != nil {
		return Answer{}, err
	}
	words := s.Values["words"]
	if wrong := license.CheckWords(words); wrong != "" {
		return Answer{Errors: map[string]string{"words": c.wrongWords(wrong, words)}}, nil
	}
	v, err := c.bot.licenses.Answer(ctx, c.Actor, id, question, words)
	if err != nil {
		return Answer{}, err
	}
	c.done("license requestanswer", 0, "asked", id, "changed", v.Changed)
	if v.State == store.RequestOpen && v.Asked() != question {
		return c.answerForm(ctx, s.Hidden, stepAgain, map[string]string{fieldRequest: request, "words": words})
	}
	return c.requestWritten(v), nil
}
