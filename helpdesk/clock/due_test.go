package clock

import (
	"testing"
	"time"
)

func TestSchedulesFollowTheQueuesClock(t *testing.T) {
	always := NewCalendar(paris(t), nil, "")
	for _, c := range []struct {
		name, schedule, from, want string
		in                         *Calendar
	}{
		{"in winter", "0 9 * * *", "2026-11-20T07:59:59Z", "2026-11-20T08:00:00Z", always},
		{"in summer", "0 9 * * *", "2026-07-20T00:00:00Z", "2026-07-20T07:00:00Z", always},
		{"on the dot", "0 9 * * *", "2026-11-20T08:00:00Z", "2026-11-20T08:00:00Z", always},
		{"a millisecond late", "0 9 * * *", "2026-11-20T08:00:00.001Z", "2026-11-21T08:00:00Z", always},
		{"the day the clocks go back", "0 9 * * *", "2026-10-24T08:00:01Z", "2026-10-25T08:00:00Z", always},
		{"the day the clocks go forward", "0 9 * * *", "2027-03-27T09:00:00Z", "2027-03-28T07:00:00Z", always},
		{"every hour of the long day", "0 * * * *", "2026-10-25T00:00:01Z", "2026-10-25T01:00:00Z", always},
		{"every hour of the short day", "0 * * * *", "2027-03-28T00:00:01Z", "2027-03-28T01:00:00Z", always},
		{"an hour that is skipped comes round the next day", "30 2 * * *", "2027-03-27T12:00:00Z", "2027-03-29T00:30:00Z", always},
		{"over the weekend", "0 9-17 * * 1-5", "2026-11-20T16:30:00Z", "2026-11-23T08:00:00Z", always},
		{"over the new year", "*/5 * * * *", "2026-12-31T22:57:00Z", "2026-12-31T23:00:00Z", always},
		{"at night, for an office", "*/5 * * * *", "2026-11-26T20:00:00Z", "2026-11-27T08:00:00Z", office(t)},
		{"at lunch, for an office", "*/5 * * * *", "2026-11-26T11:30:00Z", "2026-11-26T13:00:00Z", office(t)},
		{"at the end of the day, for an office", "0 18 * * *", "2026-11-26T12:00:00Z", "", office(t)},
		{"at lunch alone, for an office", "0 13 * * *", "2026-11-26T12:00:00Z", "", office(t)},
		{"over Christmas, for an office", "0 9-17 * * *", "2026-12-24T17:00:00Z", "2027-01-04T08:00:00Z", office(t)},
		{"in a leap year", "0 0 29 2 *", "2026-11-20T00:00:00Z", "2028-02-28T23:00:00Z", always},
	} {
		from, err := time.Parse(time.RFC3339, c.from)
		if err != nil {
			t.Fatal(err)
		}
		for _, from := range []time.Time{from, from.In(c.in.Zone()), from.In(time.FixedZone("elsewhere", -8*3600))} {
			r := Rule{Schedule: every(t, c.schedule)}
			got, ok := r.align(c.in, from)
			if ok != (c.want != "") || ok && got.UTC().Format(time.RFC3339) != c.want {
				t.Errorf("%s: %s from %s on comes %s (%v), want %s", c.name, c.schedule, c.from, got.UTC(), ok, c.want)
			}
			if r.Fits(c.in, from) != ok {
				t.Errorf("%s: fits is not %v", c.name, ok)
			}
		}
	}
}

// A cause that comes again is a cause of its own.
func TestANewCauseHasItsRemindersFromTheFirstOn(t *testing.T) {
	p := Policies{"a": {Calendar: NewCalendar(time.UTC, nil, ""), Targets: map[string]Targets{"low": {Next: time.Hour}},
		Rules: []Rule{{Name: Unassigned, Steps: []Step{{time.Hour, "queue"}}}, {Name: Breach, Steps: []Step{{0, "agent"}}}}}}
	p["b"] = p["a"]
	start := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	hour := func(n int) time.Time { return start.Add(time.Duration(n) * time.Hour) }
	due := func(t Ticket, now time.Time) string {
		said := ""
		for _, d := range t.Due(p, now) {
			said += d.Rule + " "
		}
		return said
	}
	ticket := Of([]Fact{{At: hour(0), Kind: Opened, Queue: "a", Priority: "low"}}, p)
	told := func(rule string, at time.Time) { ticket = ticket.After(Fact{At: at, Kind: Reminded, Rule: rule}, p) }
	for _, step := range []struct {
		why  string
		fact Fact
		now  time.Time
		want string
	}{
		{"nobody has it", Fact{At: hour(0), Kind: Kept}, hour(1), "unassigned "},
		{"told", Fact{At: hour(1), Kind: Reminded, Rule: Unassigned}, hour(9), ""},
		{"moved", Fact{At: hour(9), Kind: Moved, Queue: "b"}, hour(10), "unassigned "},
		{"taken", Fact{At: hour(10), Kind: Became, State: Open}, hour(20), ""},
		{"given back", Fact{At: hour(20), Kind: Became, State: New}, hour(21), "unassigned "},
		{"answered", Fact{At: hour(21), Kind: Answered}, hour(21), "unassigned "},
		{"taken again", Fact{At: hour(22), Kind: Became, State: Open}, hour(30), ""},
		{"asked", Fact{At: hour(30), Kind: Asked}, hour(31), "breach/next "},
		{"asked once more", Fact{At: hour(31), Kind: Asked}, hour(31), "breach/next "},
		{"told of that", Fact{At: hour(31), Kind: Reminded, Rule: Breach + "/" + Next}, hour(32), ""},
		{"answered again", Fact{At: hour(32), Kind: Answered}, hour(40), ""},
		{"asked anew", Fact{At: hour(40), Kind: Asked}, hour(41), "breach/next "},
	} {
		ticket = ticket.After(step.fact, p)
		if got := due(ticket, step.now); got != step.want {
			t.Errorf("%s: %q is due, want %q", step.why, got, step.want)
		}
	}
	told(Breach+"/"+Next, hour(41))
	if ticket.Missed != 1 || ticket.Kept != 0 {
		t.Errorf("%d replies were late, %d in time", ticket.Missed, ticket.Kept)
	}
}
