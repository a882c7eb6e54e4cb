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
	"guichet/store"
)

// relatedLines say where a ticket goes on, and what it is part of.
func (b *Bot) relatedLines(w text.Words, brief helpdesk.Brief) (lines []string) {
	t := brief.Ticket
	if t.Merged != 0 {
		lines = append(lines, w.Say("card.merged", text.Args{"Ticket": b.linked(brief.Linked, t.Merged)}))
	}
	if t.Parent != 0 {
		lines = append(lines, w.Say("card.part"))
	}
	return lines
}

// relatedFields are the others that a ticket has to do with, for agents.
func (b *Bot) relatedFields(w text.Words, t store.Ticket) (fs []card.Field) {
	if t.Major != "" {
		fs = append(fs, field(w, "severity", w.Say("severity."+t.Major)))
	}
	if t.Affected > 0 {
		fs = append(fs, field(w, "affected", w.Say("affected", text.Args{"N": t.Affected + 1})))
	}
	if t.Parent != 0 {
		fs = append(fs, field(w, "parent", fmt.Sprintf("#%d", t.Parent)))
	}
	if t.Links != "" {
		fs = append(fs, field(w, "links", shownLinks(t)))
	}
	return fs
}

// shownLinks are a ticket's links as people read and write them.
func shownLinks(t store.Ticket) string {
	var names []string
	for _, id := range helpdesk.LinksOf(t) {
		names = append(names, fmt.Sprintf("#%d", id))
	}
	return strings.Join(names, ", ")
}

// otherForm asks for the number of another ticket; what it is then judged by needs the database.
func otherForm(act helpdesk.Act, optional bool, initial func(store.Ticket) string) changeForm {
	return changeForm{
		inputs: func(_ *Bot, w text.Words, t store.Ticket) []card.Input {
			return []card.Input{{ID: "other", Type: card.Text, Label: w.Say("form." + string(act) + ".label"), Hint: w.Say("form." + string(act) + ".hint"),
				Optional: optional, Initial: initial(t), Longest: longestNames}}
		},
		read: func(_ context.Context, c *Call, values map[string]string, change *helpdesk.Change) (map[string]string, error) {
			change.To = strings.TrimSpace(values["other"])
			if change.To == "" && !optional {
				return map[string]string{"other": c.Words.Say("wrong.missing")}, nil
			}
			return nil, nil
		},
	}
}

// longestNames is how long the numbers of all the tickets may be that are typed into a form.
const longestNames = helpdesk.MostLinks * 20

// aboutOther are the refusals that belong at the field for another ticket.
var aboutOther = []helpdesk.Code{helpdesk.NoOther, helpdesk.Itself, helpdesk.Elsewhere, helpdesk.OtherClosed, helpdesk.IsPart, helpdesk.ManyLinks}

// otherWrong says at the field what is wrong with another ticket that was named; nil: nothing is.
func (c *Call) otherWrong(err error) map[string]string {
	refused := (*helpdesk.Refusal)(nil)
	if !errors.As(err, &refused) || !slices.Contains(aboutOther, refused.Code) {
		return nil
	}
	return map[string]string{"other": c.bot.refusal(c.Words, refused)}
}

// splitShown is how much of a message its choice shows, in characters: what every platform takes.
const splitShown = 60

// startSplit opens the form that makes a ticket of its own of a message.
func startSplit(ctx context.Context, c *Call) (Answer, error) {
	id, _, err := c.pressed()
	if err != nil {
		return Answer{}, err
	}
	t, ms, err := c.bot.desk.Splittable(ctx, c.Actor, id)
	if err != nil {
		return Answer{}, err
	}
	if len(ms) == 0 {
		return Answer{}, &helpdesk.Refusal{Code: helpdesk.NoMessage, Ticket: t}
	}
	w := c.Words
	messages := make([]card.Option, len(ms))
	for i, m := range ms {
		messages[i] = card.Option{Value: fmt.Sprint(m.ID), Text: helpdesk.Shorten(plain(m.Body), splitShown)}
	}
	f := c.ticketForm("split", t, "form.split.submit",
		card.Input{ID: "message", Type: card.Select, Label: w.Say("form.split.message"), Initial: messages[0].Value, Options: messages},
		card.Input{ID: "subject", Type: card.Text, Label: w.Say("field.subject"), Hint: w.Say("form.split.hint"), Longest: helpdesk.MaxSubject})
	f.Hidden.Seen = messages[0].Value
	return c.open(f), nil
}

func submitSplit(ctx context.Context, c *Call, s Submission) (Answer, error) {
	if s.Values["message"] == "" { // a prefilled field that nobody touched comes back empty from some platforms
		s.Values["message"] = s.Hidden.Seen
	}
	m, _ := strconv.ParseInt(s.Values["message"], 10, 64)
	if wrong := helpdesk.CheckSubject(s.Values["subject"]); wrong != "" {
		return Answer{Errors: map[string]string{"subject": c.fieldError("subject", wrong, s.Values["subject"])}}, nil
	}
	out, err := c.bot.desk.Split(ctx, c.Actor, store.TicketID(s.Hidden.Ticket), store.MessageID(m), s.Values["subject"], s.Hidden.Nonce)
	if refused := (*helpdesk.Refusal)(nil); errors.As(err, &refused) && (refused.Code == helpdesk.SplitOff || refused.Code == helpdesk.NoMessage) {
		return Answer{Errors: map[string]string{"message": c.bot.refusal(c.Words, refused)}}, nil
	}
	if err != nil {
		return Answer{}, err
	}
	c.done("split", store.TicketID(s.Hidden.Ticket), "into", out.Ticket.ID)
	return Answer{}, nil
}

// startSnooze opens the form that puts reminders of a ticket off.
func startSnooze(ctx context.Context, c *Call) (Answer, error) {
	t, _, err := c.about(ctx, helpdesk.Snooze)
	if err != nil {
		return Answer{}, err
	}
	w := c.Words
	return c.open(c.ticketForm("snooze", t, "form.save",
		card.Input{ID: "until", Type: card.Choice, Label: w.Say("form.snooze.label"), Options: options(w, "form.snooze.", snoozes)})), nil
}

// snoozes are how long the form offers to put reminders off, in words of ?snooze.
var snoozes = []string{"2h", "tomorrow", "3d", "7d", "off"}

func submitSnooze(ctx context.Context, c *Call, s Submission) (Answer, error) {
	if !slices.Contains(snoozes, s.Values["until"]) {
		return Answer{Errors: map[string]string{"until": c.Words.Say("wrong.missing.choice")}}, nil
	}
	out, err := c.bot.desk.Snooze(ctx, c.Actor, store.TicketID(s.Hidden.Ticket), s.Values["until"], s.Hidden.Nonce)
	if err != nil {
		return Answer{}, err
	}
	c.done("snooze", out.Ticket.ID, "changed", out.Changed)
	return Answer{}, nil
}
