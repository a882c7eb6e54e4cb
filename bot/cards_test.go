package bot

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// buttonTable says which buttons a ticket has in its state: for an agent, on the requester's card,
// and for a manager who looks at it. "!" is the one to press first; "final" is closed for longer than
// the queue reopens.
const buttonTable = `
	state     assigned  desk                           requester            manager
	new       no        take! reply note resolve       reply close          reply
	open      yes       take reply note resolve        reply close          reply
	waiting   yes       take reply note resolve        reply keep close          reply
	resolved  yes       reply note reopen close        reply reopen close   reply
	resolved  no        reply note reopen close        reply reopen close   reply
	closed    yes       reply note reopen              reply reopen         reply
	closed    no        reply note reopen              reply reopen         reply
	final     yes       reply note                     reply                reply
`

func TestButtonsInEveryState(t *testing.T) {
	w, q, now := text.In("en"), testCatalog().Queues[0], time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	lines := strings.Split(strings.TrimSpace(buttonTable), "\n")[1:]
	for _, line := range lines {
		columns := strings.FieldsFunc(strings.ReplaceAll(line, "  ", "\t"), func(r rune) bool { return r == '\t' })
		for i := range columns {
			columns[i] = strings.TrimSpace(columns[i])
		}
		ticket := store.Ticket{ID: 1042, Queue: q.Key, Requester: 1, State: columns[0], StateSince: store.At(now.Add(-q.ReopenWithin))}
		if columns[0] == "final" {
			ticket.State, ticket.StateSince = string(helpdesk.Closed), store.At(now.Add(-q.ReopenWithin-time.Millisecond))
		}
		if columns[1] == "yes" {
			ticket.Assignee = 7
		}
		agent := helpdesk.Standing{Person: store.Person{ID: 9}, Queues: []string{q.Key}}
		requester := helpdesk.Standing{Person: store.Person{ID: 1}}
		manager := helpdesk.Standing{Person: store.Person{ID: 2, Organization: "acme"}, Manager: true}
		ticket.Organization = "acme"
		for i, who := range []struct {
			helpdesk.Standing
			side string
		}{{agent, store.DeskSide}, {requester, store.RequesterSide}, {manager, store.RequesterSide}} {
			bs := buttons(w, q, now, ticket, who.side, func(act helpdesk.Act) bool { return helpdesk.May(who.Standing, act, who.side, ticket) })
			if got := shown(bs); got != columns[2+i] {
				t.Errorf("%s, assigned %s, %s's side: %q, want %q", columns[0], columns[1], who.side, got, columns[2+i])
			}
			for _, b := range bs {
				if want := fmt.Sprintf("1042/%s/%d", who.side, ticket.Assignee); b.Value != want || b.Text != w.Say(label(ticket, helpdesk.Act(b.ID))) {
					t.Errorf("%s carries %q, want %q", b.ID, b.Value, want)
				}
			}
		}
	}
}

// shown is buttons in the words of the table.
func shown(bs []card.Button) string {
	var ids []string
	for _, b := range bs {
		if b.Style == card.Primary {
			b.ID += "!"
		}
		ids = append(ids, b.ID)
	}
	return strings.Join(ids, " ")
}

// Every button has somebody who acts on it.
func TestEveryButtonIsKnown(t *testing.T) {
	known := map[string]bool{}
	for _, cmd := range Commands() {
		for id := range cmd.Buttons {
			known[id] = true
		}
	}
	q := testCatalog().Queues[0]
	for _, state := range helpdesk.States {
		for _, side := range []string{store.DeskSide, store.RequesterSide} {
			ticket := store.Ticket{State: string(state)}
			for _, b := range buttons(text.In("en"), q, time.Time{}, ticket, side, func(helpdesk.Act) bool { return true }) {
				if !known[b.ID] {
					t.Errorf("nobody acts on %s", b.ID)
				}
			}
		}
	}
}
