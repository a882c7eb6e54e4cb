package bot

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// Compose builds the card of a delivery: what the outbox only names, in the words of whoever
// reads it.
func (b *Bot) Compose(del store.Delivery, brief helpdesk.Brief) (card.Card, error) {
	q, ok := b.desk.Catalog().Queue(brief.Ticket.Queue)
	if !ok {
		return card.Card{}, fmt.Errorf("bot: ticket %d is in queue %q, which is not configured", brief.Ticket.ID, brief.Ticket.Queue)
	}
	language := q.Language
	if del.Kind == helpdesk.TellMoved {
		from, _ := helpdesk.Queues(brief.Event)
		left, _ := b.desk.Catalog().Queue(from)
		language = left.Language
	}
	if del.Person != 0 {
		language = brief.People[del.Person].Language
	}
	w := text.In(language)
	side := helpdesk.SideOfLane(brief.Ticket, del.Lane)
	follower := del.Person != 0 && del.Person != brief.Ticket.Requester
	switch del.Kind {
	case helpdesk.TellCard:
		if side == store.DeskSide {
			return b.deskCard(w, q, brief), nil
		}
		if follower {
			return b.followerCard(w, q, brief, del.Person), nil
		}
		return b.requesterCard(w, q, brief), nil
	case helpdesk.TellMessage:
		return messageCard(w, del, brief), nil
	case helpdesk.TellReceipt:
		return receiptCard(w, brief), nil
	case helpdesk.TellFile, helpdesk.TellNoFile:
		return fileCard(w, del, brief), nil
	case helpdesk.TellMoved:
		return b.movedCard(w, brief), nil
	case helpdesk.TellEvent, helpdesk.TellChannel:
		return b.eventCard(w, q, side, follower, brief), nil
	}
	return card.Card{}, fmt.Errorf("bot: delivery %d is of the unknown kind %q", del.ID, del.Kind)
}

// deskCard is a ticket in its queue's channel: the one message that agents work from.
func (b *Bot) deskCard(w text.Words, q helpdesk.Queue, brief helpdesk.Brief) card.Card {
	c := card.Card{
		Title: w.Say("card.title", text.Args{"Ticket": q.NameOf(brief.Ticket), "Subject": brief.Ticket.Subject}),
		Body:  first(w, brief),
	}
	c.Fields = append(c.Fields,
		field(w, "state", w.Say("state."+brief.Ticket.State)),
		field(w, "assignee", name(brief.People, brief.Ticket.Assignee, w)),
		field(w, "requester", name(brief.People, brief.Ticket.Requester, w)),
		field(w, "organization", b.organization(brief.Ticket.Organization)))
	c.Fields = append(c.Fields, b.about(w, brief.Ticket)...)
	c.Fields = append(c.Fields, b.relatedFields(w, brief.Ticket)...)
	if brief.Major.OwnChannel() {
		c.Fields = append(c.Fields, field(w, "room", RoomName(brief.Ticket)))
	}
	c.Fields = append(append(c.Fields, tagFields(w, brief.Ticket)...), b.dueFields(w, brief.Ticket, brief.Now)...)
	c.Context = w.Say("card.desk.hint")
	if q.ThreadDefault == helpdesk.Internal {
		c.Context = w.Say("card.desk.hint.internal")
	}
	if brief.Ticket.Follows != 0 {
		c.Lines = append(c.Lines, w.Say("card.follows", text.Args{"Ticket": b.linked(brief.Linked, brief.Ticket.Follows)}))
	}
	c.Lines = append(c.Lines, b.relatedLines(w, brief)...)
	all := func(helpdesk.Act) bool { return true }
	c.Buttons = append(matterButtons(w, brief.Ticket), buttons(w, q, brief.Now, brief.Ticket, store.DeskSide, all)...)
	c.Menu, c.More = b.menu(w, brief.Ticket, all), w.Say("menu.more")
	c.Lines, c.Link = append(c.Lines, openedFrom(w, brief, 0)...), link(w, brief.First)
	c.Lines = append(c.Lines, senderLines(w, brief.First)...)
	return c
}

// requesterCard is a ticket in its requester's direct channel: the root of their conversation.
func (b *Bot) requesterCard(w text.Words, q helpdesk.Queue, brief helpdesk.Brief) card.Card {
	c := card.Card{
		Title: w.Say("card.title", text.Args{"Ticket": q.NameOf(brief.Ticket), "Subject": brief.Ticket.Subject}),
		Lines: []string{w.Say("card.requester.opened", text.Args{"Number": number(q, brief.Ticket), "Queue": q.Name(w.Language())})},
		Body:  first(w, brief),
		Fields: []card.Field{
			field(w, "state", yourState(w, brief.Ticket.State)),
			field(w, "assignee", name(brief.People, brief.Ticket.Assignee, w)),
		},
		Context: w.Say("card.requester.hint"),
	}
	if brief.Ticket.State == string(helpdesk.Closed) {
		c.Lines, c.Context = []string{w.Say("card.requester.closed", text.Args{"Number": number(q, brief.Ticket)})}, w.Say("card.requester.hint.closed")
		if q.Final(brief.Ticket, brief.Now) {
			c.Context = w.Say("card.requester.hint.final")
		}
		if brief.Ticket.Merged != 0 {
			c.Context = w.Say("card.requester.hint.merged")
		}
	}
	c.Fields = append(c.Fields, b.about(w, brief.Ticket)...)
	if brief.Ticket.Follows != 0 {
		c.Lines = append(c.Lines, w.Say("card.follows", text.Args{"Ticket": b.linked(brief.Linked, brief.Ticket.Follows)}))
	}
	c.Lines = append(c.Lines, b.relatedLines(w, brief)...)
	c.Lines, c.Link = append(c.Lines, openedFrom(w, brief, brief.Ticket.Requester)...), link(w, brief.First)
	c.Buttons = buttons(w, q, brief.Now, brief.Ticket, store.RequesterSide, func(act helpdesk.Act) bool {
		return act == helpdesk.Reply || act == helpdesk.Close || act == helpdesk.Reopen
	})
	c.Buttons = b.attachButton(w, brief.Ticket, c.Buttons)
	return c
}

// yourState is a state in words addressed to the requester.
func yourState(w text.Words, state string) string {
	if state == string(helpdesk.Waiting) {
		return w.Say("state.waiting.yours")
	}
	return w.Say("state." + state)
}

// messageCard carries what somebody wrote to where it was not written.
func messageCard(w text.Words, del store.Delivery, brief helpdesk.Brief) card.Card {
	m := brief.Message
	author := text.Args{"Name": name(brief.People, m.Author, w)}
	if m.Deleted() || del.Person != 0 && !brief.Watches && m.Audience == store.Internal { // a note is no one's to read outside the queue's channel
		return card.Card{Lines: []string{w.Say("message.deleted", author)}}
	}
	parts := helpdesk.Parts(m.Body)
	if del.Part >= len(parts) {
		return card.Card{Lines: []string{w.Say("message.shorter", author)}}
	}
	title := w.Say("message.from", author)
	switch {
	case m.Audience == store.Internal:
		title = w.Say("message.note", author)
	case del.Person != 0 && m.Author == del.Person:
		title = w.Say("message.yours")
	}
	if m.Quotes != "" {
		key := "message.quoted"
		if m.Audience == store.Internal {
			key = "message.quoted.note"
		}
		title = w.Say(key, text.Args{"Name": name(brief.People, m.Author, w), "Author": quotedName(w, m.Quotes)})
	}
	c := card.Card{Title: title, Body: parts[del.Part]}
	if del.Part == len(parts)-1 {
		c.Link = link(w, m)
	}
	if len(parts) > 1 {
		c.Title += " " + w.Say("message.part", text.Args{"Part": del.Part + 1, "Parts": len(parts)})
	}
	if !m.EditedAt.IsZero() {
		c.Title += " " + w.Say("message.edited")
	}
	if del.Part == len(parts)-1 {
		c.Lines = append(c.Lines, fileLines(w, brief.Files)...)
	}
	if del.Person == 0 {
		c.Buttons = undo(w, brief)
		c.Lines = append(c.Lines, senderLines(w, m)...)
	}
	return c
}

// eventCard says what happened, in a line, with what can be done about it.
func (b *Bot) eventCard(w text.Words, q helpdesk.Queue, side string, follower bool, brief helpdesk.Brief) card.Card {
	t, e := brief.Ticket, brief.Event
	since := e.At.Sub(t.StateSince.Time)
	args := text.Args{"Ticket": q.NameOf(t), "Subject": t.Subject, "Name": name(brief.People, e.Actor, w), "Requester": name(brief.People, t.Requester, w), "Follow": b.goesOn(brief.Linked, e),
		"Date": w.Date(t.StateSince.Time, q.TimeZone), "Span": w.Span(since), "Within": w.Span(q.ReopenWithin)}
	only := func(acts ...helpdesk.Act) []card.Button {
		return buttons(w, q, brief.Now, t, side, func(act helpdesk.Act) bool {
			return slices.Contains(acts, act) && (!follower || act == helpdesk.Reply && !brief.Watches)
		})
	}
	key := "event." + e.Act
	c := card.Card{}
	switch helpdesk.Act(e.Act) {
	case helpdesk.HandOver:
		if side == store.DeskSide {
			c.Calls, c.Body = brief.Calls, brief.Message.Body
		}
	case helpdesk.Assign:
		if side == store.DeskSide {
			c.Calls = brief.Calls
			if e.Actor == 0 {
				key += ".auto"
			}
		}
	case helpdesk.Declare:
		args["Severity"] = w.Say("severity." + e.Detail)
		if side == store.DeskSide {
			c.Calls = brief.Calls
			key += ".desk"
		}
	case helpdesk.UpdateDue:
		c.Calls = brief.Calls
	case helpdesk.Remind:
		r := helpdesk.ReminderOf(e)
		key += "." + reminderKey(r)
		b.reminderArgs(w, t, r, brief.Now, args)
		c.Calls = brief.Calls
		c.Buttons = only(helpdesk.Take, helpdesk.Reply, helpdesk.Close)
		if r.Do == helpdesk.Warn {
			c.Buttons = only(helpdesk.Keep, helpdesk.Reply, helpdesk.Close)
		}
		if side == store.DeskSide {
			c.Buttons = only(helpdesk.Take)
		}
	case helpdesk.Resolve:
		c.Lines = noted(w, e)
		c.Buttons = only(helpdesk.Reopen, helpdesk.Close)
		if asked, _ := b.desk.Clocks(t); side == store.RequesterSide && !follower && asked.Reopened == 0 {
			c.Buttons = append(rateButtons(w, q, t), c.Buttons...)
			c.Context = w.Say("rate.ask")
		}
	case helpdesk.Part:
		if e.Detail == "" {
			key += ".none"
		}
	case helpdesk.Rate:
		if e.Words != "" {
			key += ".comment"
		}
	case helpdesk.Close:
		if e.Actor == 0 {
			key += ".auto"
			args["Span"] = w.Span(q.CloseAfter)
			if e.Words == helpdesk.Unanswered {
				key = "event.close.unanswered"
				args["Span"] = w.Span(q.Waiting.After(helpdesk.Finish))
			}
			if q.ReopenWithin < time.Minute {
				key = strings.TrimSuffix(key, ".auto") + ".final"
			}
		}
		c.Buttons = only(helpdesk.Reopen)
	}
	b.changed(w, t, e, brief.People, args)
	switch {
	case side == store.DeskSide && slices.Contains(saidOtherwise, helpdesk.Act(e.Act)):
		key += ".desk"
	case follower && slices.Contains(toRequester, key):
		key += ".follower"
	}
	if c.Body != "" { // which comes below
		c.Title = w.Say(key, args)
		return c
	}
	c.Lines = append([]string{w.Say(key, args)}, c.Lines...)
	return c
}

// noted is what somebody wrote with an act.
func noted(w text.Words, e store.Event) []string {
	if e.Words == "" {
		return nil
	}
	return []string{w.Say("event.noted", text.Args{"Words": e.Words})}
}

// toRequester are the events whose words are the requester's own: followers get others.
var toRequester = []string{"event.take", "event.assign", "event.handover", "event.wait", "event.resolve", "event.merge", "event.part", "event.part.none", "event.split", "event.declare", "event.close.auto", "event.follow", "event.remind.waiting", "event.remind.warn"}

// about are the facts of a ticket that follow from its form.
func (b *Bot) about(w text.Words, t store.Ticket) []card.Field {
	fs := []card.Field{
		field(w, "kind", w.Say("kind."+t.Kind)),
		field(w, "service", b.service(w, t.Service)),
	}
	if t.Kind == helpdesk.Incident || t.Priority != b.desk.Catalog().Priority(t.Kind, t.Impact, t.Urgency) {
		fs = append(fs, field(w, "priority", w.Say("priority."+t.Priority)))
	}
	if t.Kind == helpdesk.Incident {
		fs = append(fs, field(w, "weight", w.Say("impact."+t.Impact)+" · "+w.Say("urgency."+t.Urgency)))
	}
	if p, ok := t.Details["platform"]; ok {
		fs = append(fs, field(w, "platform", w.Say("platform."+p)), field(w, "device", t.Details["device"]),
			field(w, "instance", t.Details["instance"]))
	}
	if t.VendorRef != "" {
		fs = append(fs, field(w, "vendor", t.VendorRef))
	}
	return append(fs, invoiceFields(w, t)...)
}

// buttons are what can be done to a ticket in its state from one side of the counter, as far as
// may allows. Pressing one that has become stale is refused by the verb, not by its absence here.
func buttons(w text.Words, q helpdesk.Queue, now time.Time, t store.Ticket, side string, may func(helpdesk.Act) bool) []card.Button {
	var bs []card.Button
	add := func(act helpdesk.Act, style card.Style) {
		said := w.Say(label(t, act))
		bs = append(bs, card.Button{ID: string(act), Value: fmt.Sprintf("%d/%s/%d", t.ID, side, t.Assignee), Text: said, Style: style,
			Label: w.Say("button.label", text.Args{"Button": said, "Ticket": q.NameOf(t), "Subject": t.Subject})})
	}
	final := q.Final(t, now)
	moves := func(act helpdesk.Act) bool {
		if act == helpdesk.Reopen && final || act == helpdesk.Resolve && t.Major != "" { // which ends with a summary
			return false
		}
		_, ok := helpdesk.Next(helpdesk.State(t.State), act, side, t.Assignee != 0)
		return ok && may(act)
	}
	if moves(helpdesk.Take) {
		style := card.Plain
		if t.Assignee == 0 {
			style = card.Primary
		}
		add(helpdesk.Take, style)
	}
	if may(helpdesk.Reply) {
		add(helpdesk.Reply, card.Plain)
	}
	if side == store.DeskSide && may(helpdesk.Note) {
		add(helpdesk.Note, card.Plain)
	}
	for _, act := range []helpdesk.Act{helpdesk.Keep, helpdesk.Resolve, helpdesk.Reopen, helpdesk.Close} {
		if moves(act) {
			add(act, card.Plain)
		}
	}
	return bs
}

// label is the key of a button's text: a ticket that a colleague has is taken over.
func label(t store.Ticket, act helpdesk.Act) string {
	if act == helpdesk.Take && t.Assignee != 0 {
		return "button.take.over"
	}
	return "button." + string(act)
}

func field(w text.Words, key, value string) card.Field {
	return card.Field{Name: w.Say("field." + key), Value: value}
}

func name(people map[store.PersonID]store.Person, id store.PersonID, w text.Words) string {
	if id == 0 {
		return w.Say("nobody")
	}
	return people[id].Name
}

func (b *Bot) organization(key string) string {
	if o, ok := b.desk.Catalog().Organization(key); ok {
		return o.Name
	}
	return key
}

func (b *Bot) queue(w text.Words, key string) string {
	if q, ok := b.desk.Catalog().Queue(key); ok {
		return q.Name(w.Language())
	}
	return key
}

func (b *Bot) service(w text.Words, key string) string {
	if key == "" {
		return w.Say("service.none")
	}
	if s, ok := b.desk.Catalog().Service(key); ok {
		return s.Name(w.Language())
	}
	return key
}

// zone is the time zone in which a ticket's dates are shown: its queue's.
func (b *Bot) zone(t store.Ticket) *time.Location {
	if q, ok := b.desk.Catalog().Queue(t.Queue); ok {
		return q.TimeZone
	}
	return time.UTC
}
