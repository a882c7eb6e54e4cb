package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// Before somebody opens a ticket, they are told of known incidents that their words may be about: before the form where they have
// written something already, else before what the form says is sent. They say "me too", or go on.

// stepKnown is the step of the form for a new ticket that asks whether it is about a known incident.
const stepKnown = "known"

// Fields of a draft about that.
const (
	fieldKnown   = "known"    // what was answered: the number of the incident, or anotherMatter
	fieldKnownOf = "known_of" // what was asked, as JSON: [offered]
	fieldFiles   = "files"    // likewise, those that were put on the form before
)

const anotherMatter = "none"

// offered is an incident as it is offered.
type offered struct {
	Ticket   store.TicketID `json:"ticket"`
	Title    string         `json:"title"`
	Affected int            `json:"affected"`
}

func offeredOf(known []helpdesk.KnownIncident) (all []offered) {
	for _, k := range known {
		all = append(all, offered{k.Ticket, k.Title, k.Affected})
	}
	return all
}

func (o offered) say(w text.Words) string {
	return w.Say("known.one", text.Args{"Title": o.Title, "Affected": w.Say("affected", text.Args{"N": o.Affected})})
}

// knownFor are the incidents that what is filled in so far may be about, unless they have been asked.
func (c *Call) knownFor(ctx context.Context, values map[string]string) ([]offered, error) {
	words := strings.TrimSpace(values["subject"] + "\n" + values["description"])
	if values[fieldKnown] != "" || words == "" {
		return nil, nil
	}
	known, err := c.bot.desk.KnownFor(ctx, c.Actor, values["service"], words)
	return offeredOf(known), err
}

// offerKnown tells of known incidents in place of a form, which begins with a draft.
func (c *Call) offerKnown(draft string, known []offered) Answer {
	w := c.Words
	out := card.Card{Title: w.Say("known.title"), Context: w.Say("known.hint")}
	for _, k := range known {
		out.Lines = append(out.Lines, k.say(w))
		out.Buttons = append(out.Buttons, card.Button{ID: "metoo", Value: fmt.Sprintf("%d/%s", k.Ticket, draft), Text: w.Say("button.metoo"), Style: card.Primary,
			Label: w.Say("button.metoo.label", text.Args{"Title": k.Title})})
	}
	out.Buttons = append(out.Buttons, card.Button{ID: "new", Value: draft, Text: w.Say("button.another")})
	return Answer{Card: &out}
}

// pressMeToo says that a known incident affects the presser too, with what they wrote before.
func pressMeToo(ctx context.Context, c *Call) (Answer, error) {
	number, draft, _ := strings.Cut(c.Press.Value, "/")
	n, _ := strconv.ParseInt(number, 10, 64)
	values, err := c.bot.desk.Draft(ctx, c.Actor, draft)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return Answer{}, err
	}
	out, err := c.meToo(ctx, store.TicketID(n), values, draft)
	if err != nil {
		return Answer{}, err
	}
	a := c.say("done.metoo", text.Args{"Ticket": c.bot.called(out.Ticket)})
	a.Replaces = true
	return a, nil
}

func (c *Call) meToo(ctx context.Context, incident store.TicketID, values map[string]string, nonce string) (helpdesk.Outcome, error) {
	words := strings.TrimSpace(values["subject"] + "\n" + values["description"])
	out, err := c.bot.desk.MeToo(ctx, c.Actor, incident, words, nonce, filesBefore(values)...)
	if err == nil {
		c.done("metoo", out.Ticket.ID, "incident", incident, "changed", out.Changed)
	}
	return out, err
}

// askKnown asks in the form for a new ticket, all of which is filled in, whether it is about a known incident.
func (c *Call) askKnown(ctx context.Context, s Submission, values map[string]string, known []offered) (Answer, error) {
	asked, err := json.Marshal(known)
	if err != nil {
		return Answer{}, err
	}
	files, err := json.Marshal(s.Files)
	if err != nil {
		return Answer{}, err
	}
	values[fieldKnownOf] = string(asked)
	if len(s.Files) > 0 { // asked again, the form has no field for them
		values[fieldFiles] = string(files)
	}
	return c.nextForm(ctx, s, stepKnown, values)
}

// knownForm is that step.
func knownForm(w text.Words, f card.Form, values map[string]string) card.Form {
	var known []offered
	_ = json.Unmarshal([]byte(values[fieldKnownOf]), &known) // our own
	f.Intro, f.Submit = []string{w.Say("known.title") + ".", w.Say("known.hint")}, w.Say("form.send")
	in := card.Input{ID: fieldKnown, Type: card.Choice, Label: w.Say("form.new.known")}
	for _, k := range known {
		in.Options = append(in.Options, card.Option{Value: fmt.Sprint(k.Ticket), Text: helpdesk.Shorten(k.say(w), longestChoice)})
	}
	f.Inputs = []card.Input{in}
	f.Inputs[0].Options = append(in.Options, card.Option{Value: anotherMatter, Text: w.Say("form.new.known.none")})
	return f
}

// longestChoice is how long a choice may be on every platform, in characters.
const longestChoice = 75

// affectedToo ends the form for a new ticket if it turned out to be about a known incident.
func (c *Call) affectedToo(ctx context.Context, values map[string]string, nonce string) (bool, error) {
	n, err := strconv.ParseInt(values[fieldKnown], 10, 64)
	if err != nil {
		return false, nil // they have not been asked, or it is another matter
	}
	_, err = c.meToo(ctx, store.TicketID(n), values, nonce)
	if helpdesk.IsRefusal(err, helpdesk.NoIncident) { // it was over by then: what they have written is a ticket like any other, unless it is said already
		return c.bot.desk.Saved(ctx, "", nonce)
	}
	return err == nil, err
}

// filesBefore are those that were put on the form before it asked that.
func filesBefore(values map[string]string) (files []helpdesk.FileRef) {
	_ = json.Unmarshal([]byte(values[fieldFiles]), &files) // our own
	return files
}

// startAnnounce opens the form that says what people are told of an incident.
func startAnnounce(ctx context.Context, c *Call) (Answer, error) {
	id, _, err := c.pressed()
	if err != nil {
		return Answer{}, err
	}
	t, is, err := c.bot.desk.Announced(ctx, c.Actor, id)
	if err != nil {
		return Answer{}, err
	}
	return c.open(c.ticketForm("announce", t, "form.save", c.announceInputs(t, is, true)...)), nil
}

// announceInputs ask what people are told of an incident, and who is.
func (c *Call) announceInputs(t store.Ticket, is helpdesk.Announcement, optional bool) []card.Input {
	w := c.Words
	whom, hint := "organization", "form.announce.hint"
	if is.Everybody {
		whom = "everybody"
	}
	if !optional {
		hint = "form.declare.title.hint"
	}
	return []card.Input{
		{ID: "title", Type: card.Text, Label: w.Say("form.announce.label"), Hint: w.Say(hint), Optional: optional, Initial: is.Title, Longest: helpdesk.MaxSubject},
		{ID: "told", Type: card.Choice, Label: w.Say("form.announce.told"), Initial: whom, Options: []card.Option{
			{Value: "organization", Text: w.Say("form.announce.told.organization", text.Args{"Organization": c.bot.organization(t.Organization)})},
			{Value: "everybody", Text: w.Say("form.announce.told.everybody")}}},
	}
}

// announcementOf reads that. Who has not chosen tells fewer.
func announcementOf(s Submission) helpdesk.Announcement {
	return helpdesk.Announcement{Title: s.Values["title"], Everybody: s.Values["told"] == "everybody"}
}

func submitAnnounce(ctx context.Context, c *Call, s Submission) (Answer, error) {
	title := s.Values["title"]
	if wrong := helpdesk.CheckSubject(title); wrong == helpdesk.FieldTooLong {
		return Answer{Errors: map[string]string{"title": c.fieldError("title", wrong, title)}}, nil
	}
	out, err := c.bot.desk.Announce(ctx, c.Actor, store.TicketID(s.Hidden.Ticket), announcementOf(s), s.Hidden.Nonce)
	if err != nil {
		return Answer{}, err
	}
	c.done("announce", out.Ticket.ID, "changed", out.Changed)
	return Answer{}, nil
}
