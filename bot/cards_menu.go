package bot

import (
	"fmt"
	"strings"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// menu is what agents can do besides what has a button. A card is the same for all who read its channel.
func (b *Bot) menu(w text.Words, t store.Ticket, may func(helpdesk.Act) bool) []card.Button {
	var items []card.Button
	for _, e := range entries {
		if may(e.act) && e.fits(b, t) {
			items = append(items, card.Button{ID: e.id, Value: fmt.Sprintf("%d/%s", t.ID, store.DeskSide), Text: w.Say("button." + e.id), Group: w.Say("menu." + e.group)})
		}
	}
	return items
}

// tagFields are a ticket's tags, for agents.
func tagFields(w text.Words, t store.Ticket) []card.Field {
	if t.Tags == "" {
		return nil
	}
	return []card.Field{field(w, "tags", shownTags(t))}
}

// movedCard is what stays of a ticket's card in the queue that it left.
func (b *Bot) movedCard(w text.Words, brief helpdesk.Brief) card.Card {
	_, to := helpdesk.Queues(brief.Event)
	return card.Card{
		Title: w.Say("card.title", text.Args{"Ticket": b.called(brief.Ticket), "Subject": brief.Ticket.Subject}),
		Lines: []string{w.Say("card.moved", text.Args{"Name": name(brief.People, brief.Event.Actor, w), "Queue": b.queue(w, to), "Reason": brief.Event.Words})},
	}
}

// saidOtherwise are the acts that colleagues are told of in other words than the requester.
var saidOtherwise = []helpdesk.Act{helpdesk.Take, helpdesk.Resolve, helpdesk.Assign, helpdesk.HandOver, helpdesk.Transfer,
	helpdesk.Merge, helpdesk.MergedIn, helpdesk.Part, helpdesk.Split}

// changed adds what the words for an act of the menu need.
func (b *Bot) changed(w text.Words, t store.Ticket, e store.Event, people map[store.PersonID]store.Person, args text.Args) {
	from, to := helpdesk.Queues(e)
	args["Whom"], args["From"], args["To"], args["Words"] = name(people, e.Whom, w), b.queue(w, from), b.queue(w, to), e.Words
	if e.Act == string(helpdesk.Prioritize) {
		args["Priority"] = strings.ToLower(w.Say("priority." + e.Detail))
	}
	if e.Act == string(helpdesk.Tag) && e.Words == "" {
		args["Words"] = w.Say("tags.none")
	}
	if e.Act == string(helpdesk.Link) && e.Words == "" {
		args["Words"] = w.Say("links.none")
	}
	if e.Act == string(helpdesk.Announce) && e.Words == "" {
		args["Words"] = w.Say("announce.none")
	}
	if e.Act == string(helpdesk.Refer) && e.Words == "" {
		args["Words"] = w.Say("vendor.none")
	}
	if e.Act == string(helpdesk.Remind) {
		args["What"] = w.Say("do." + helpdesk.ReminderOf(e).Do)
	}
	if e.Act == string(helpdesk.Rate) {
		if args["Rating"] = w.Say("rating.none"); e.Detail != "" {
			args["Rating"] = w.Say("rating." + e.Detail)
		}
	}
	if e.Act == string(helpdesk.Snooze) {
		args["Until"] = w.Date(helpdesk.SnoozedUntil(e), b.zone(t))
	}
	if e.Act == string(helpdesk.Bounce) && e.Words == helpdesk.NoAddress {
		args["Words"] = w.Say("bounce.no_address")
	}
}
