package bot

import (
	"strconv"
	"strings"

	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// called is what people call a ticket.
func (b *Bot) called(t store.Ticket) string { return b.desk.Catalog().NameOf(t) }

// number is the same where a text says in words that it is a number.
func number(q helpdesk.Queue, t store.Ticket) string { return strings.TrimPrefix(q.NameOf(t), "#") }

// linked is what another ticket is called.
func (b *Bot) linked(known map[store.TicketID]store.Ticket, id store.TicketID) string {
	t := known[id]
	t.ID = id
	return b.called(t)
}

// goesOn is what the ticket is called in which an event says that another goes on; its detail, if it says nothing of the kind.
func (b *Bot) goesOn(known map[store.TicketID]store.Ticket, e store.Event) string {
	if id := helpdesk.Continuation(e); id != 0 {
		return b.linked(known, id)
	}
	return e.Detail
}

// longestTitle is how long a form's title may be on every platform, in bytes.
const longestTitle = 24

// titled is the title of a form about a ticket. Where the prefix is too long for it, the number says as much.
func titled(w text.Words, form, called string) string {
	title := w.Say("form."+form+".title", text.Args{"Ticket": called})
	if len(title) <= longestTitle {
		return title
	}
	return w.Say("form."+form+".title", text.Args{"Ticket": "#" + called[strings.LastIndexByte(called, '-')+1:]})
}

// numbered reads the number of a record that a button, or a form, is about; what can't be one is refused as unknown.
func numbered(text string, unknown helpdesk.Code) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, &helpdesk.Refusal{Code: unknown}
	}
	return id, nil
}
