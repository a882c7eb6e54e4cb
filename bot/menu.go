package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// menuEntry is something that agents can do to a ticket besides what has a button of its own: with a form (changeForms), or a press.
type menuEntry struct {
	id    string       // of its button
	group string       // of entries, under one heading
	act   helpdesk.Act // who may do that has it
	fits  func(b *Bot, t store.Ticket) bool
	press func(context.Context, *Call) (Answer, error) // nil: opens the form of the act
}

// entries are those of the menu, in its order.
var entries = []menuEntry{
	{id: "assign", group: "people", act: helpdesk.Assign, fits: isActive},
	{id: "handover", group: "people", act: helpdesk.HandOver, fits: isActive},
	{id: "release", group: "people", act: helpdesk.Release, fits: func(_ *Bot, t store.Ticket) bool { return t.Active && t.Assignee != 0 }, press: pressAct(helpdesk.Release)},
	{id: "watch", group: "people", act: helpdesk.Watch, fits: always, press: pressWatch(helpdesk.Watch)},
	{id: "unwatch", group: "people", act: helpdesk.Unwatch, fits: always, press: pressWatch(helpdesk.Unwatch)},

	{id: "macro", group: "answer", act: helpdesk.Reply, fits: func(b *Bot, t store.Ticket) bool { return len(b.desk.Catalog().MacrosOf(t.Queue)) > 0 }, press: pressMacro},
	{id: "wait", group: "answer", act: helpdesk.Wait, fits: leads(helpdesk.Wait), press: pressAct(helpdesk.Wait)},
	{id: "resolvewith", group: "answer", act: helpdesk.Resolve, fits: func(b *Bot, t store.Ticket) bool { return t.Major == "" && leads(helpdesk.Resolve)(b, t) }, press: startResolve},

	{id: "priority", group: "ticket", act: helpdesk.Prioritize, fits: isActive},
	{id: "tag", group: "ticket", act: helpdesk.Tag, fits: notClosed},
	{id: "vendor", group: "ticket", act: helpdesk.Refer, fits: func(b *Bot, t store.Ticket) bool { return notClosed(b, t) && b.desk.Catalog().HasVendor(t) }},
	{id: "snooze", group: "ticket", act: helpdesk.Snooze, fits: isActive, press: startSnooze},
	{id: "transfer", group: "ticket", act: helpdesk.Transfer, fits: func(b *Bot, t store.Ticket) bool { return t.Active && len(b.desk.Catalog().Targets(t)) > 0 }},

	{id: "link", group: "related", act: helpdesk.Link, fits: notClosed},
	{id: "merge", group: "related", act: helpdesk.Merge, fits: func(b *Bot, t store.Ticket) bool { return notClosed(b, t) && t.Affected == 0 }},
	{id: "split", group: "related", act: helpdesk.Split, fits: notClosed, press: startSplit},
	{id: "part", group: "related", act: helpdesk.Part, fits: func(_ *Bot, t store.Ticket) bool { return t.Active && t.Affected == 0 }},
	{id: "announce", group: "related", act: helpdesk.Announce, fits: func(_ *Bot, t store.Ticket) bool { return t.Active && t.Parent == 0 }, press: startAnnounce},
	{id: "declare", group: "related", act: helpdesk.Declare, fits: func(_ *Bot, t store.Ticket) bool { return t.Active && t.Parent == 0 }, press: startDeclare},
	{id: "end", group: "related", act: helpdesk.EndIncident, fits: func(_ *Bot, t store.Ticket) bool { return t.Active && t.Major != "" }, press: startEnd},
}

func always(*Bot, store.Ticket) bool { return true }

func isActive(_ *Bot, t store.Ticket) bool { return t.Active }

func notClosed(_ *Bot, t store.Ticket) bool { return t.State != string(helpdesk.Closed) }

// leads says whether an act leads anywhere from a ticket's state.
func leads(act helpdesk.Act) func(*Bot, store.Ticket) bool {
	return func(_ *Bot, t store.Ticket) bool {
		_, ok := helpdesk.Next(helpdesk.State(t.State), act, store.DeskSide, true)
		return ok
	}
}

func pressAct(act helpdesk.Act) func(context.Context, *Call) (Answer, error) {
	return func(ctx context.Context, c *Call) (Answer, error) { return c.do(ctx, act) }
}

// pressWatch has an agent watch a ticket, or no more.
func pressWatch(act helpdesk.Act) func(context.Context, *Call) (Answer, error) {
	return func(ctx context.Context, c *Call) (Answer, error) {
		id, _, err := c.pressed()
		if err != nil {
			return Answer{}, err
		}
		out, err := c.bot.desk.Watch(ctx, c.Actor, act, id)
		if err != nil {
			return Answer{}, err
		}
		c.done(string(act), id, "changed", out.Changed)
		return c.say("done."+string(act), text.Args{"Ticket": c.bot.called(out.Ticket)}), nil
	}
}

// redraw has the card drawn anew from whose menu something was chosen. Where that fails, an entry can't be chosen twice in a row, and no
// more.
func (c *Call) redraw(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookWait)
	defer cancel()
	if err := c.bot.desk.Redraw(ctx, c.Place, c.Press.Message); err != nil {
		c.bot.log.Warn("card not drawn anew", "request", c.ID, "error", err)
	}
}

// startChange opens the form of an entry of the menu, with what the ticket is now.
func (c *Call) startChange(ctx context.Context, act helpdesk.Act) (Answer, error) {
	t, _, err := c.about(ctx, act)
	if err != nil {
		return Answer{}, err
	}
	f := c.ticketForm(string(act), t, "form.save", changeForms[act].inputs(c.bot, c.Words, t)...)
	f.Hidden.Seen = helpdesk.Sees(t, act)
	return c.open(f), nil
}

// about is the ticket in whose menu at the desk something was chosen, and its requester, if the agent may do an act to it.
func (c *Call) about(ctx context.Context, act helpdesk.Act) (t store.Ticket, requester store.Person, err error) {
	id, _, err := c.pressed()
	if err != nil {
		return t, requester, err
	}
	return c.bot.desk.Addressee(ctx, c.Actor, act, id, store.DeskSide)
}

// ticketForm is the form of an entry of the menu: id is the entry's, submit the key of what its button says.
func (c *Call) ticketForm(id string, t store.Ticket, submit string, inputs ...card.Input) card.Form {
	f := card.Form{ID: "ticket." + id, Title: titled(c.Words, id, c.bot.called(t)), Submit: c.Words.Say(submit), Cancel: c.Words.Say("form.cancel"),
		Hidden: c.hidden(), Inputs: inputs}
	f.Hidden.Ticket = int64(t.ID)
	return f
}

// submitChange does what was chosen from the menu.
func (c *Call) submitChange(ctx context.Context, act helpdesk.Act, s Submission) (Answer, error) {
	change := helpdesk.Change{Act: act, Seen: s.Hidden.Seen}
	wrong, err := changeForms[act].read(ctx, c, s.Values, &change)
	if err != nil || len(wrong) > 0 {
		return Answer{Errors: wrong}, err
	}
	do := func() (helpdesk.Outcome, error) {
		return c.bot.desk.Change(ctx, c.Actor, store.TicketID(s.Hidden.Ticket), change, s.Hidden.Nonce)
	}
	out, err := do()
	if refused := (*helpdesk.Refusal)(nil); errors.As(err, &refused) && refused.Code == helpdesk.NotAgent {
		if c.bot.LookAgain(ctx, refused.Queue) {
			out, err = do()
		}
		if errors.As(err, &refused) && refused.Code == helpdesk.NotAgent {
			return Answer{Errors: c.notAgent(refused.Queue)}, nil
		}
	}
	if wrong := c.otherWrong(err); wrong != nil {
		return Answer{Errors: wrong}, nil
	}
	if err != nil {
		return Answer{}, err
	}
	c.done(string(act), out.Ticket.ID, "changed", out.Changed)
	if act == helpdesk.HandOver && !out.Changed { // what they wrote is not to be lost
		return Answer{Errors: map[string]string{"whom": c.Words.Say("form.handover.same")}}, nil
	}
	return Answer{}, nil
}

func (c *Call) notAgent(queue string) map[string]string {
	return map[string]string{"whom": c.Words.Say("refused.not_agent", text.Args{"Queue": c.bot.queue(c.Words, queue)})}
}

// startResolve opens the form that asks what solved a ticket.
func startResolve(ctx context.Context, c *Call) (Answer, error) {
	t, requester, err := c.about(ctx, helpdesk.Resolve)
	if err != nil {
		return Answer{}, err
	}
	w := c.Words
	return c.open(c.ticketForm("resolvewith", t, "form.resolvewith.submit",
		card.Input{ID: "resolution", Type: card.Area, Label: w.Say("form.resolvewith.label"), Longest: helpdesk.MaxResolution},
		card.Input{ID: "told", Type: card.Choice, Label: w.Say("form.resolvewith.told"), Initial: "requester", Options: []card.Option{
			{Value: "requester", Text: w.Say("form.resolvewith.told.requester", text.Args{"Requester": requester.Name})},
			{Value: "desk", Text: w.Say("form.resolvewith.told.desk")}}})), nil
}

// submitResolve resolves a ticket with a note. Who has not said who may read it keeps it inside.
func submitResolve(ctx context.Context, c *Call, s Submission) (Answer, error) {
	note := s.Values["resolution"]
	if wrong := helpdesk.CheckResolution(note); wrong != "" {
		return Answer{Errors: map[string]string{"resolution": c.fieldError("resolution", wrong, note)}}, nil
	}
	out, err := c.bot.desk.ResolveWith(ctx, c.Actor, store.TicketID(s.Hidden.Ticket), note, s.Values["told"] == "requester", s.Hidden.Nonce)
	if err != nil {
		return Answer{}, err
	}
	c.done("resolve", out.Ticket.ID, "changed", out.Changed)
	if !out.Changed { // what they wrote is not to be lost
		args := text.Args{"Ticket": c.bot.called(out.Ticket), "Name": out.By}
		if out.By == "" {
			args["Name"] = c.Words.Say("colleague")
		}
		return Answer{Errors: map[string]string{"resolution": c.Words.Say("already.resolve", args)}}, nil
	}
	return Answer{}, nil
}

// changeForm is the form of an act of the menu.
type changeForm struct {
	inputs func(b *Bot, w text.Words, t store.Ticket) []card.Input
	// read makes a change of what was filled in, or says what is wrong with it, by field.
	read func(ctx context.Context, c *Call, values map[string]string, change *helpdesk.Change) (wrong map[string]string, err error)
}

// changeForms are those of helpdesk.Change.
var changeForms = map[helpdesk.Act]changeForm{
	helpdesk.Assign: {
		inputs: func(_ *Bot, w text.Words, _ store.Ticket) []card.Input { return []card.Input{whomInput(w)} },
		read:   readWhom,
	},
	helpdesk.HandOver: {
		inputs: func(_ *Bot, w text.Words, _ store.Ticket) []card.Input {
			return []card.Input{whomInput(w), {ID: "summary", Type: card.Area, Label: w.Say("form.handover.summary"), Hint: w.Say("form.handover.hint"),
				Longest: helpdesk.MaxDescription}}
		},
		read: func(ctx context.Context, c *Call, values map[string]string, change *helpdesk.Change) (map[string]string, error) {
			change.Reason = values["summary"]
			if wrong := helpdesk.CheckBody(change.Reason); wrong != "" {
				return map[string]string{"summary": c.fieldError("summary", wrong, change.Reason)}, nil
			}
			return readWhom(ctx, c, values, change)
		},
	},
	helpdesk.Prioritize: {
		inputs: func(_ *Bot, w text.Words, t store.Ticket) []card.Input {
			return []card.Input{{ID: "to", Type: card.Select, Label: w.Say("field.priority"), Initial: t.Priority,
				Options: options(w, "priority.", helpdesk.Priorities)}}
		},
		read: func(ctx context.Context, c *Call, values map[string]string, change *helpdesk.Change) (map[string]string, error) {
			if values["to"] == "" { // a prefilled field that nobody touched comes back empty from some platforms
				values["to"] = change.Seen
			}
			return readTo(ctx, c, values, change)
		},
	},
	helpdesk.Transfer: {
		inputs: func(b *Bot, w text.Words, t store.Ticket) []card.Input {
			var queues []card.Option
			for _, key := range b.desk.Catalog().Targets(t) {
				queues = append(queues, card.Option{Value: key, Text: b.queue(w, key)})
			}
			return []card.Input{{ID: "to", Type: card.Select, Label: w.Say("field.queue"), Options: queues},
				{ID: "reason", Type: card.Area, Label: w.Say("form.transfer.reason"), Hint: w.Say("form.transfer.hint"), Longest: helpdesk.MaxReason}}
		},
		read: func(ctx context.Context, c *Call, values map[string]string, change *helpdesk.Change) (map[string]string, error) {
			wrong, err := readTo(ctx, c, values, change)
			change.Reason = values["reason"]
			if is := helpdesk.CheckReason(change.Reason); is != "" && wrong == nil {
				wrong = map[string]string{"reason": c.fieldError("reason", is, change.Reason)}
			}
			return wrong, err
		},
	},
	helpdesk.Refer: {
		inputs: func(_ *Bot, w text.Words, t store.Ticket) []card.Input {
			return []card.Input{{ID: "reference", Type: card.Text, Label: w.Say("field.vendor"), Hint: w.Say("form.vendor.hint"),
				Optional: true, Initial: t.VendorRef, Longest: helpdesk.MaxVendorRef}}
		},
		read: func(_ context.Context, _ *Call, values map[string]string, change *helpdesk.Change) (map[string]string, error) {
			change.To = values["reference"]
			return nil, nil
		},
	},
	helpdesk.Tag: {
		inputs: func(_ *Bot, w text.Words, t store.Ticket) []card.Input {
			return []card.Input{{ID: "tags", Type: card.Text, Label: w.Say("field.tags"), Hint: w.Say("form.tag.hint"),
				Optional: true, Initial: shownTags(t), Longest: helpdesk.MostTags * (helpdesk.MaxTag + 2)}}
		},
		read: func(_ context.Context, c *Call, values map[string]string, change *helpdesk.Change) (map[string]string, error) {
			change.To = values["tags"]
			if _, wrong := helpdesk.ParseTags(change.To); wrong != "" {
				return map[string]string{"tags": c.Words.Say("wrong." + wrong)}, nil
			}
			return nil, nil
		},
	},
	helpdesk.Merge: otherForm(helpdesk.Merge, false, func(store.Ticket) string { return "" }),
	helpdesk.Link:  otherForm(helpdesk.Link, true, shownLinks),
	helpdesk.Part: otherForm(helpdesk.Part, true, func(t store.Ticket) string {
		if t.Parent == 0 {
			return ""
		}
		return fmt.Sprintf("#%d", t.Parent)
	}),
}

// shownTags are a ticket's tags as people read and write them.
func shownTags(t store.Ticket) string { return strings.ReplaceAll(t.Tags, " ", ", ") }

func whomInput(w text.Words) card.Input {
	return card.Input{ID: "whom", Type: card.Person, Label: w.Say("field.assignee"), Hint: w.Say("form.assign.hint")}
}

// readWhom reads who is to have the ticket.
func readWhom(ctx context.Context, c *Call, values map[string]string, change *helpdesk.Change) (map[string]string, error) {
	account := values["whom"]
	if account == "" {
		return map[string]string{"whom": c.Words.Say("wrong.missing.choice")}, nil
	}
	whom, err := c.bot.person(ctx, Request{From: store.Account{Workspace: c.From.Workspace, ID: account}, Name: account})
	if refused := (*helpdesk.Refusal)(nil); errors.As(err, &refused) {
		return c.notAgent(refused.Queue), nil
	}
	change.Whom = whom.ID
	return nil, err
}

// readTo reads what the ticket is to become.
func readTo(_ context.Context, c *Call, values map[string]string, change *helpdesk.Change) (map[string]string, error) {
	if change.To = values["to"]; change.To == "" {
		return map[string]string{"to": c.Words.Say("wrong.missing.choice")}, nil
	}
	return nil, nil
}
