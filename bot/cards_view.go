package bot

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// A view shows as much history as one message can carry on every platform.
const (
	viewLength  = 8000 // characters
	viewEntries = 30
)

// A page ends before the history that was read does, so what was not read is never missed in between.
const _ = uint(helpdesk.HistoryShown - viewEntries)

// viewCard is one ticket as one person may see it: status, history, and what they may do.
func (b *Bot) viewCard(w text.Words, v helpdesk.View) card.Card {
	side := store.RequesterSide
	if helpdesk.May(v.Standing, helpdesk.Note, store.DeskSide, v.Ticket) && v.Requester != v.Standing.Person.ID {
		side = store.DeskSide
	}
	c := card.Card{Title: w.Say("card.title", text.Args{"Ticket": b.called(v.Ticket), "Subject": v.Subject})}
	c.Fields = append(c.Fields,
		field(w, "state", w.Say("state."+v.State)),
		field(w, "assignee", name(v.People, v.Assignee, w)),
		field(w, "requester", name(v.People, v.Requester, w)),
		field(w, "queue", b.queue(w, v.Queue)))
	c.Fields = append(c.Fields, b.about(w, v.Ticket)...)

	entries, earlier := history(w, v, b.zone(v.Ticket), func(e store.Event, args text.Args) {
		args["Follow"] = b.goesOn(v.Linked, e)
		b.changed(w, v.Ticket, e, v.People, args)
	})
	c.Lines = append([]string{w.Say("history")}, entries...)
	q, _ := b.desk.Catalog().Queue(v.Queue)
	may := func(act helpdesk.Act) bool { return helpdesk.May(v.Standing, act, side, v.Ticket) }
	c.Buttons = buttons(w, q, v.Now, v.Ticket, side, may)
	if side == store.DeskSide {
		c.Fields = append(append(c.Fields, b.relatedFields(w, v.Ticket)...), tagFields(w, v.Ticket)...)
		c.Fields = append(c.Fields, b.dueFields(w, v.Ticket, v.Now)...)
		c.Menu, c.More = b.menu(w, v.Ticket, may), w.Say("menu.more")
	} else {
		c.Buttons = b.attachButton(w, v.Ticket, c.Buttons)
	}
	if earlier != helpdesk.Latest {
		c.Context = w.Say("history.earlier", text.Args{"N": len(entries)})
		c.Buttons = append(c.Buttons, card.Button{ID: "show", Value: fmt.Sprintf("%d/%s", v.ID, earlier), Text: w.Say("button.earlier"),
			Label: w.Say("button.label", text.Args{"Button": w.Say("button.earlier"), "Ticket": b.called(v.Ticket), "Subject": v.Subject})})
	}
	return c
}

// entry is one line of a ticket's history: a message or an event.
type entry struct {
	at      store.Time
	words   string
	message store.MessageID
	event   store.EventID
	rank    int // among what happened in the same instant
}

// A ticket is opened, and then what was said with that; what else happened followed from what was said.
const (
	opening = iota
	saying
	following
)

// history puts messages and events in one order and keeps the latest that fit; earlier is where
// the page before begins, Latest when there is none. more adds what the words for an event need besides.
func history(w text.Words, v helpdesk.View, zone *time.Location, more func(store.Event, text.Args)) (lines []string, earlier helpdesk.Cursor) {
	// Pages are cut by id. So each sort stays in the order of its ids, even where the clocks of two
	// copies of the program, or of one that was set back, say otherwise.
	later := func(a, b store.Time) store.Time {
		if a.After(b.Time) {
			return a
		}
		return b
	}
	var all []entry
	var at store.Time
	for _, m := range v.Messages {
		at = later(at, m.CreatedAt)
		key := "history.message"
		if m.Audience == store.Internal {
			key = "history.note"
		}
		if m.Quotes != "" {
			key += ".quoted"
		}
		words := w.Say(key, text.Args{"Date": w.Date(m.CreatedAt.Time, zone), "Name": name(v.People, m.Author, w), "Author": quotedName(w, m.Quotes)}) +
			"\n" + clip(wording(w, v, m), viewLength-500, w.Say("card.more"))
		if m.Link != "" {
			words += "\n" + m.Link
		}
		all = append(all, entry{at: at, words: words, message: m.ID, rank: saying})
	}
	at = store.Time{}
	for _, e := range v.Events {
		at = later(at, e.At)
		by := name(v.People, e.Actor, w)
		if e.Actor == 0 {
			by = w.Say("guichet")
		}
		state := ""
		if e.Act == string(helpdesk.Reply) {
			state = w.Say("state." + e.Detail)
		}
		rank := following
		if e.Act == string(helpdesk.Submit) {
			rank = opening
		}
		args := text.Args{"Date": w.Date(e.At.Time, zone), "Name": by, "State": state, "Follow": e.Detail}
		more(e, args)
		all = append(all, entry{at: at, event: e.ID, rank: rank, words: w.Say("history."+e.Act, args)})
	}
	slices.SortStableFunc(all, func(a, b entry) int { return cmp.Or(a.at.Compare(b.at.Time), a.rank-b.rank) })

	first, length := len(all), 0
	for first > 0 {
		length += utf8.RuneCountInString(all[first-1].words)
		if first < len(all) && (length > viewLength || len(all)-first >= viewEntries) {
			break
		}
		first--
	}
	page := all[first:]
	for _, e := range page {
		lines = append(lines, e.words)
	}
	if first == 0 && !v.More.Message && !v.More.Event {
		return lines, helpdesk.Latest
	}
	earlier = v.Before
	for _, e := range slices.Backward(page) {
		if e.message != 0 {
			earlier.Message = e.message
		}
		if e.event != 0 {
			earlier.Event = e.event
		}
	}
	return lines, earlier
}

// wording is what a message says, with what became of it and, to agents, what it said before.
func wording(w text.Words, v helpdesk.View, m store.Message) string {
	said := plain(m.Body)
	if m.Deleted() {
		said = w.Say("history.deleted") + " " + said
	} else if !m.EditedAt.IsZero() {
		said += " " + w.Say("message.edited")
	}
	for _, line := range fileLines(w, v.Files[m.ID]) {
		said = strings.TrimLeft(said+"\n"+line, "\n")
	}
	if helpdesk.May(v.Standing, helpdesk.Note, store.DeskSide, v.Ticket) {
		for _, line := range senderLines(w, m) {
			said += "\n" + line
		}
	}
	for _, before := range v.Versions[m.ID] {
		said += "\n" + w.Say("history.before", text.Args{"Text": plain(before.Body)})
	}
	return said
}

// listButtons is how many tickets of a list have a button: the first ones. The others are a number away.
const listButtons = 10

// listCard is what /ticket list answers: tickets that concern this person, open ones first.
func (b *Bot) listCard(w text.Words, l helpdesk.Lists) card.Card {
	c := card.Card{Title: w.Say("list.title")}
	more := false
	add := func(heading string, ts []store.Ticket) {
		if len(ts) == 0 {
			return
		}
		c.Lines = append(c.Lines, heading)
		more = more || len(ts) > helpdesk.ListShown
		for _, t := range ts[:min(len(ts), helpdesk.ListShown)] {
			c.Lines = append(c.Lines, b.ticketLine(w, t))
			show := b.showButton(w, t)
			if len(c.Buttons) < listButtons && !slices.Contains(c.Buttons, show) {
				c.Buttons = append(c.Buttons, show)
			}
		}
	}
	add(w.Say("list.mine"), l.Mine)
	add(w.Say("list.queues"), l.Queues)
	add(w.Say("list.organization", text.Args{"Organization": b.organization(l.Standing.Person.Organization)}), l.Organization)
	add(w.Say("list.administered", text.Args{"Services": b.services(w, l.Standing.Services)}), l.Administered)
	if len(c.Lines) == 0 {
		c.Lines = []string{w.Say("list.none")}
	} else {
		c.Buttons = append(c.Buttons, searchButton(w))
	}
	c.Context = w.Say("list.hint")
	if more {
		c.Context = w.Say("list.more", text.Args{"N": helpdesk.ListShown})
	}
	return c
}
