package helpdesk_test

import (
	"strings"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// acts are all acts there are.
var acts = []helpdesk.Act{helpdesk.See, helpdesk.Submit, helpdesk.Reply, helpdesk.Note, helpdesk.Take, helpdesk.Wait,
	helpdesk.Resolve, helpdesk.Close, helpdesk.Reopen, helpdesk.Remind, helpdesk.Follow, helpdesk.Unwatch,
	helpdesk.Assign, helpdesk.Release, helpdesk.Prioritize, helpdesk.Transfer, helpdesk.Refer, helpdesk.Snooze, helpdesk.HandOver,
	helpdesk.Tag, helpdesk.Watch, helpdesk.Keep, helpdesk.Rate, helpdesk.Merge, helpdesk.Link, helpdesk.Part, helpdesk.Split, helpdesk.Announce,
	helpdesk.Declare, helpdesk.EndIncident, helpdesk.Pin, helpdesk.UpdateDue}

// stateTable says where each act leads, from the desk's side and from the requester's, on a ticket
// that somebody has (+) and on one that nobody has (0). What is not in it leads nowhere.
const stateTable = `
	state     act      desk+     desk0     requester+  requester0
	new       reply    open      open      -           -
	new       take     open      open      -           -
	open      release  new       new       -           -
	waiting   release  waiting   waiting   -           -
	new       resolve  resolved  resolved  -           -
	new       close    -         -         closed      closed
	open      take     open      open      -           -
	open      wait     waiting   waiting   -           -
	open      resolve  resolved  resolved  -           -
	open      close    -         -         closed      closed
	waiting   reply    -         -         open        new
	waiting   keep     -         -         waiting     waiting
	waiting   take     waiting   waiting   -           -
	waiting   resolve  resolved  resolved  -           -
	waiting   close    -         -         closed      closed
	resolved  reply    -         -         open        new
	resolved  reopen   open      open      open        new
	resolved  close    closed    closed    closed      closed
	closed    reopen   open      open      open        new
`

func TestStateTable(t *testing.T) {
	type step struct {
		state    helpdesk.State
		act      helpdesk.Act
		side     string
		assigned bool
	}
	columns := []step{{side: store.DeskSide, assigned: true}, {side: store.DeskSide},
		{side: store.RequesterSide, assigned: true}, {side: store.RequesterSide}}
	want := map[step]helpdesk.State{}
	for _, line := range strings.Split(strings.TrimSpace(stateTable), "\n")[1:] {
		cells := strings.Fields(line)
		for i, c := range columns {
			c.state, c.act = helpdesk.State(cells[0]), helpdesk.Act(cells[1])
			if cells[2+i] != "-" {
				want[c] = helpdesk.State(cells[2+i])
			}
		}
	}
	for _, s := range helpdesk.States {
		for _, a := range acts {
			for _, c := range columns {
				c.state, c.act = s, a
				next, ok := helpdesk.Next(s, a, c.side, c.assigned)
				if next != want[c] || ok != (want[c] != "") {
					t.Errorf("%s, %s from the %s's side, assigned %v: %q %v, want %q", s, a, c.side, c.assigned, next, ok, want[c])
				}
			}
		}
	}
	for _, odd := range []step{{state: "", act: helpdesk.Take, side: store.DeskSide}, {state: "gone", act: helpdesk.Close, side: store.RequesterSide},
		{state: helpdesk.New, act: helpdesk.Close, side: ""}, {state: helpdesk.New, act: "", side: store.DeskSide}} {
		if next, ok := helpdesk.Next(odd.state, odd.act, odd.side, true); ok || next != "" {
			t.Errorf("%+v leads to %q", odd, next)
		}
	}
}

func TestAClosedTicketCanBeReopenedWithinTheQueuesDays(t *testing.T) {
	closed := time.Date(2026, 11, 20, 17, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		after, within time.Duration
		want          bool
	}{
		{0, 0, false}, {time.Millisecond, 0, false},
		{0, time.Hour, true}, {time.Hour, time.Hour, true}, {time.Hour + time.Millisecond, time.Hour, false},
		{-time.Minute, time.Hour, true}, // another copy's clock is ahead
	} {
		q, ticket := helpdesk.Queue{ReopenWithin: c.within}, store.Ticket{State: string(helpdesk.Closed), StateSince: store.At(closed)}
		if got := !q.Final(ticket, closed.Add(c.after)); got != c.want {
			t.Errorf("%v after, within %v: %v", c.after, c.within, got)
		}
	}
}

func TestPriorityFollowsFromImpactAndUrgency(t *testing.T) {
	for _, line := range []string{ // impact, then by urgency: low, medium, high
		"one      low     normal  normal",
		"several  normal  normal  high",
		"all      normal  high    urgent",
	} {
		cells := strings.Fields(line)
		for i, urgency := range helpdesk.Urgencies {
			if got := new(helpdesk.Catalog).Priority(helpdesk.Incident, cells[0], urgency); got != cells[1+i] {
				t.Errorf("impact %s, urgency %s: %s, want %s", cells[0], urgency, got, cells[1+i])
			}
			if got := new(helpdesk.Catalog).Priority(helpdesk.Information, cells[0], urgency); got != "normal" {
				t.Errorf("a request for information, impact %s, urgency %s: %s", cells[0], urgency, got)
			}
		}
	}
	if got := new(helpdesk.Catalog).Priority(helpdesk.Incident, "", ""); got != "low" {
		t.Errorf("an incident of unknown weight: %s", got)
	}
}
