package helpdesk

import (
	"testing"
	"time"
)

func paris(t *testing.T) *time.Location {
	t.Helper()
	l, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestSchedulesFollowTheQueuesClock(t *testing.T) {
	in := paris(t)
	for _, c := range []struct{ name, schedule, after, want string }{
		{"in winter", "0 9 * * *", "2026-11-20T07:59:59Z", "2026-11-20T08:00:00Z"},
		{"in summer", "0 9 * * *", "2026-07-20T00:00:00Z", "2026-07-20T07:00:00Z"},
		{"an instant is not its own next", "0 9 * * *", "2026-11-20T08:00:00Z", "2026-11-21T08:00:00Z"},
		{"the day the clocks go back", "0 9 * * *", "2026-10-24T08:00:00Z", "2026-10-25T08:00:00Z"},
		{"the day the clocks go forward", "0 9 * * *", "2027-03-27T09:00:00Z", "2027-03-28T07:00:00Z"},
		{"every hour of the long day", "0 * * * *", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"},
		{"every hour of the short day", "0 * * * *", "2027-03-28T00:00:00Z", "2027-03-28T01:00:00Z"},
		{"an hour that is skipped comes round the next day", "30 2 * * *", "2027-03-27T12:00:00Z", "2027-03-29T00:30:00Z"},
		{"over the weekend", "0 9-17 * * 1-5", "2026-11-20T16:30:00Z", "2026-11-23T08:00:00Z"},
		{"over the new year", "*/5 * * * *", "2026-12-31T22:57:00Z", "2026-12-31T23:00:00Z"},
		{"a leap day", "0 0 29 2 *", "2026-11-20T00:00:00Z", "2028-02-28T23:00:00Z"},
	} {
		after, err := time.Parse(time.RFC3339, c.after)
		if err != nil {
			t.Fatal(err)
		}
		for _, from := range []time.Time{after, after.In(in), after.In(time.FixedZone("elsewhere", -8*3600))} {
			got, err := Rule{Queue: Queue{Key: "support", TimeZone: in}, Schedule: c.schedule}.next(from)
			if err != nil || got.UTC().Format(time.RFC3339) != c.want {
				t.Errorf("%s: %s after %s comes %s, %v; want %s", c.name, c.schedule, c.after, got.UTC(), err, c.want)
			}
		}
	}
}

// On the night of 25 October 2026 it is half past two twice in Paris, and reminders may look
// twice: what they send is bound to its cause, not to the schedule.
func TestAnHourThatComesTwiceIsNoLoop(t *testing.T) {
	rule := Rule{Queue: Queue{TimeZone: paris(t)}, Schedule: "30 2 * * *"}
	at := time.Date(2026, 10, 24, 12, 0, 0, 0, time.UTC)
	for range 4 {
		next, err := rule.next(at)
		if err != nil || !next.After(at) || next.Sub(at) > 25*time.Hour {
			t.Fatalf("after %s comes %s, %v", at, next, err)
		}
		at = next
	}
}

func TestASchedulesKeyIsStable(t *testing.T) {
	rule := Rule{Queue: Queue{Key: "support", TimeZone: paris(t)}, Name: "waiting", State: Waiting, After: time.Hour, Schedule: "0 9-17 * * 1-5", Act: Remind}
	// In databases out there: a key that changes makes every schedule a new one.
	if got, want := rule.key(), "support/waiting/Europe/Paris/0 9-17 * * 1-5"; got != want {
		t.Errorf("key %q, want %q", got, want)
	}
	other := rule
	other.After, other.State, other.Act = 2*time.Hour, Open, Close
	if other.key() != rule.key() {
		t.Errorf("the key depends on more than when to look: %q", other.key())
	}
	for _, change := range []func(*Rule){
		func(r *Rule) { r.Queue.Key = "emm" }, func(r *Rule) { r.Name = "unassigned" },
		func(r *Rule) { r.Queue.TimeZone = time.UTC }, func(r *Rule) { r.Schedule = "0 9 * * *" },
	} {
		other := rule
		if change(&other); other.key() == rule.key() {
			t.Errorf("two schedules have the key %q", other.key())
		}
	}
}

func TestABadScheduleIsAnError(t *testing.T) {
	for _, s := range []string{"", "* * *", "61 * * * *", "never", "0 0 31 2 *"} {
		if next, err := (Rule{Queue: Queue{TimeZone: time.UTC}, Schedule: s}).next(time.Now()); err == nil {
			t.Errorf("%q comes %s", s, next)
		}
	}
}
