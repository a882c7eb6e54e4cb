package helpdesk_test

import (
	"strings"
	"testing"

	"guichet/helpdesk"
	"guichet/store"
)

// standings are everyone who may come across a ticket of acme in the queue support, opened by person 1.
var standings = map[string]helpdesk.Standing{
	"requester":              {Person: store.Person{ID: 1, Organization: "acme"}},
	"colleague":              {Person: store.Person{ID: 2, Organization: "acme"}},
	"manager":                {Person: store.Person{ID: 3, Organization: "acme"}, Manager: true},
	"manager-elsewhere":      {Person: store.Person{ID: 4, Organization: "globex"}, Manager: true},
	"agent":                  {Person: store.Person{ID: 5, Organization: "desk"}, Queues: []string{"emm", "support"}},
	"agent-of-another-queue": {Person: store.Person{ID: 6, Organization: "desk"}, Queues: []string{"emm"}},
	"agent-and-requester":    {Person: store.Person{ID: 1, Organization: "acme"}, Queues: []string{"support"}},
	"agent-and-manager":      {Person: store.Person{ID: 3, Organization: "acme"}, Manager: true, Queues: []string{"support"}},
	"unsure-agent":           {Person: store.Person{ID: 5, Organization: "desk"}, Unsure: []string{"support"}},
	"unsure-requester":       {Person: store.Person{ID: 1, Organization: "acme"}, Unsure: []string{"support"}},
	"nobody":                 {},
	"follower":               {Person: store.Person{ID: 7, Organization: "acme"}, Follows: 1001},
	"follower-of-another":    {Person: store.Person{ID: 7, Organization: "acme"}, Follows: 1002},
	"follower-elsewhere":     {Person: store.Person{ID: 7, Organization: "globex"}, Follows: 1001},
	"watching-agent":         {Person: store.Person{ID: 8, Organization: "desk"}, Queues: []string{"support"}, Watches: 1001},
	"former-watcher":         {Person: store.Person{ID: 8, Organization: "acme"}, Queues: []string{"emm"}, Watches: 1001},
	"administrator":          {Person: store.Person{ID: 9, Organization: "acme"}, Services: []string{"emm", "office"}},
	"administrator-of-other": {Person: store.Person{ID: 9, Organization: "acme"}, Services: []string{"emm"}},
	"administrator-there":    {Person: store.Person{ID: 9, Organization: "globex"}, Services: []string{"office"}},
	"watcher-of-another":     {Person: store.Person{ID: 8, Organization: "acme"}, Watches: 1002},
}

// What each may do: on the left from the desk's side, on the right from the requester's.
const authorityTable = `
	who                     see reply note take wait resolve close reopen open remind follow unwatch assign release priority transfer vendor snooze handover tag watch keep rate merge link part split announce declare end pin update | see reply note take wait resolve close reopen open remind follow unwatch assign release priority transfer vendor snooze handover tag watch keep rate  merge link part split announce declare end pin update
	requester               yes -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -    -     -    -    -     -        -       -   -   -      | yes yes   -    -    -    -       yes   yes    -    -      -      -       -      -       -        -        -      -      -        -   -     yes  yes   -     -    -    -     -        -       -   -   -
	colleague               -   -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -    -     -    -    -     -        -       -   -   -      | -   -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -   -     -    -    -     -        -       -   -   -
	manager                 yes -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -    -     -    -    -     -        -       -   -   -      | yes yes   -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -   -     -    -    -     -        -       -   -   -
	manager-elsewhere       -   -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -    -     -    -    -     -        -       -   -   -      | -   -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -   -     -    -    -     -        -       -   -   -
	agent                   yes yes   yes  yes  yes  yes     yes   yes    -    -      -      yes     yes    yes     yes      yes      yes    yes    yes      yes yes   -    -    yes   yes  yes  yes   yes      yes     yes yes -      | yes -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -   -     -    -    -     -        -       -   -   -
	agent-of-another-queue  -   -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -    -     -    -    -     -        -       -   -   -      | -   -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -   -     -    -    -     -        -       -   -   -
	agent-and-requester     yes yes   yes  yes  yes  yes     yes   yes    -    -      -      yes     yes    yes     yes      yes      yes    yes    yes      yes yes   -    -    yes   yes  yes  yes   yes      yes     yes yes -      | yes yes   -    -    -    -       yes   yes    -    -      -      -       -      -       -        -        -      -      -        -   -     yes  yes   -     -    -    -     -        -       -   -   -
	agent-and-manager       yes yes   yes  yes  yes  yes     yes   yes    -    -      -      yes     yes    yes     yes      yes      yes    yes    yes      yes yes   -    -    yes   yes  yes  yes   yes      yes     yes yes -      | yes yes   -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -   -     -    -    -     -        -       -   -   -
	unsure-agent            -   -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -    -     -    -    -     -        -       -   -   -      | -   -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -   -     -    -    -     -        -       -   -   -
	unsure-requester        yes -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -    -     -    -    -     -        -       -   -   -      | yes yes   -    -    -    -       yes   yes    -    -      -      -       -      -       -        -        -      -      -        -   -     yes  yes   -     -    -    -     -        -       -   -   -
	nobody                  -   -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -    -     -    -    -     -        -       -   -   -      | -   -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -   -     -    -    -     -        -       -   -   -
	follower                yes -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -    -     -    -    -     -        -       -   -   -      | yes yes   -    -    -    -       -     -      -    -      -      yes     -      -       -        -        -      -      -        -   -     -    -   -     -    -    -     -        -       -   -   -
	follower-of-another     -   -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -    -     -    -    -     -        -       -   -   -      | -   -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -   -     -    -    -     -        -       -   -   -
	follower-elsewhere      -   -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -    -     -    -    -     -        -       -   -   -      | -   -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -   -     -    -    -     -        -       -   -   -
	watching-agent          yes yes   yes  yes  yes  yes     yes   yes    -    -      -      yes     yes    yes     yes      yes      yes    yes    yes      yes yes   -    -    yes   yes  yes  yes   yes      yes     yes yes -      | yes -     -    -    -    -       -     -      -    -      -      yes     -      -       -        -        -      -      -        -   -     -    -   -     -    -    -     -        -       -   -   -
	former-watcher          -   -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -    -     -    -    -     -        -       -   -   -      | -   -     -    -    -    -       -     -      -    -      -      yes     -      -       -        -        -      -      -        -   -     -    -   -     -    -    -     -        -       -   -   -
	watcher-of-another      -   -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -    -     -    -    -     -        -       -   -   -      | -   -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -   -     -    -    -     -        -       -   -   -
	administrator           yes -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -    -     -    -    -     -        -       -   -   -      | yes yes   -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -   -     -    -    -     -        -       -   -   -
	administrator-of-other  -   -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -    -     -    -    -     -        -       -   -   -      | -   -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -   -     -    -    -     -        -       -   -   -
	administrator-there     -   -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -    -     -    -    -     -        -       -   -   -      | -   -     -    -    -    -       -     -      -    -      -      -       -      -       -        -        -      -      -        -   -     -    -   -     -    -    -     -        -       -   -   -
`

func TestAuthority(t *testing.T) {
	ticket := store.Ticket{ID: 1001, Requester: 1, Organization: "acme", Queue: "support", Service: "office"}
	lines := strings.Split(strings.TrimSpace(authorityTable), "\n")
	heads := strings.Fields(lines[0])
	if len(lines)-1 != len(standings) || len(heads) != 2+2*len(acts) {
		t.Fatalf("the table has %d rows and %d columns", len(lines)-1, len(heads))
	}
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		who, ok := standings[cells[0]]
		if !ok {
			t.Fatalf("who is %s?", cells[0])
		}
		side := store.DeskSide
		for i, cell := range cells[1:] {
			if cell == "|" {
				side = store.RequesterSide
				continue
			}
			act := helpdesk.Act(heads[1+i])
			if got := helpdesk.May(who, act, side, ticket); got != (cell == "yes") {
				t.Errorf("%s, %s from the %s's side: %v", cells[0], act, side, got)
			}
		}
	}
	for name, who := range standings { // a side that is neither opens no door
		for _, act := range acts {
			if act != helpdesk.See && helpdesk.May(who, act, "", ticket) {
				t.Errorf("%s, %s from no side", name, act)
			}
		}
	}
}

// A record that lacks what it should have opens no door.
func TestEmptyRecordsGiveNoAuthority(t *testing.T) {
	for name, c := range map[string]struct {
		who    helpdesk.Standing
		ticket store.Ticket
	}{
		"ticket without requester": {helpdesk.Standing{}, store.Ticket{Queue: "support", Organization: "acme"}},
		"ticket without queue":     {helpdesk.Standing{Queues: []string{"support"}}, store.Ticket{Requester: 1, Organization: "acme"}},
		"manager of no organization": {helpdesk.Standing{Person: store.Person{ID: 9}, Manager: true},
			store.Ticket{Requester: 1, Queue: "support"}},
		"ticket about nothing": {helpdesk.Standing{Person: store.Person{ID: 9, Organization: "acme"}, Services: []string{""}},
			store.Ticket{Requester: 1, Queue: "support", Organization: "acme"}},
		"administrator of no organization": {helpdesk.Standing{Person: store.Person{ID: 9}, Services: []string{"office"}},
			store.Ticket{Requester: 1, Queue: "support", Service: "office"}},
	} {
		if helpdesk.May(c.who, helpdesk.See, store.DeskSide, c.ticket) {
			t.Errorf("%s: may be seen", name)
		}
	}
}

func TestWhoMayFollow(t *testing.T) {
	ticket := store.Ticket{ID: 1001, Requester: 1, Organization: "acme", Queue: "support"}
	may := map[string]bool{"colleague": true, "manager": true, "follower-of-another": true,
		"former-watcher": true, "watcher-of-another": true, "administrator": true, "administrator-of-other": true} // as colleagues, which they are too
	for name, who := range standings {
		if got := helpdesk.MayFollow(who, ticket); got != may[name] {
			t.Errorf("%s may follow: %v", name, got)
		}
	}
	ticket.Organization = ""
	for name, who := range standings {
		if helpdesk.MayFollow(who, ticket) {
			t.Errorf("%s may follow a ticket of no organization", name)
		}
	}
}
