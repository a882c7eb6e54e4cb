package clock

import (
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"
)

func paris(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

var weekdays = []time.Weekday{1, 2, 3, 4, 5}

func office(t testing.TB) *Calendar {
	return NewCalendar(paris(t), []Hours{{weekdays, 9 * time.Hour, 12*time.Hour + 30*time.Minute}, {weekdays, 14 * time.Hour, 18 * time.Hour}}, French,
		Closure{Day{2026, 12, 28}, Day{2026, 12, 31}})
}

func at(t testing.TB, zone *time.Location, s string) time.Time {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestBusinessTime(t *testing.T) {
	zone := paris(t)
	for _, c := range []struct {
		why, from, to string
		want          time.Duration
	}{
		{"a morning", "2026-11-26 09:00", "2026-11-26 12:30", 3*time.Hour + 30*time.Minute},
		{"lunch", "2026-11-26 12:30", "2026-11-26 14:00", 0},
		{"over lunch", "2026-11-26 12:00", "2026-11-26 14:30", time.Hour},
		{"a whole day", "2026-11-26 00:00", "2026-11-27 00:00", 7*time.Hour + 30*time.Minute},
		{"a weekend", "2026-11-27 18:00", "2026-11-30 09:00", 0},
		{"Armistice, a Wednesday", "2026-11-11 00:00", "2026-11-12 00:00", 0},
		{"Easter Monday", "2026-04-06 00:00", "2026-04-07 00:00", 0},
		{"Ascension", "2026-05-14 00:00", "2026-05-15 00:00", 0},
		{"Whit Monday", "2026-05-25 00:00", "2026-05-26 00:00", 0},
		{"a closure of its own", "2026-12-28 00:00", "2027-01-01 00:00", 0},
		{"the week of Christmas", "2026-12-21 00:00", "2027-01-04 00:00", 4 * (7*time.Hour + 30*time.Minute)},
		{"backwards", "2026-11-27 00:00", "2026-11-26 00:00", 0},
	} {
		if got := office(t).Between(at(t, zone, c.from), at(t, zone, c.to)); got != c.want {
			t.Errorf("%s: %v, want %v", c.why, got, c.want)
		}
	}
}

// The night of 29 March 2026 has no 02:30; that of 25 October has it twice.
func TestNightsOnWhichTheClockChanges(t *testing.T) {
	every := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	nights := NewCalendar(paris(t), []Hours{{every, time.Hour, 2*time.Hour + 30*time.Minute}}, "")
	for _, c := range []struct {
		day  string
		want time.Duration
	}{{"2026-03-28", 90 * time.Minute}, {"2026-03-29", time.Hour}, {"2026-10-25", 2 * time.Hour}} {
		from := at(t, paris(t), c.day+" 00:00")
		if got := nights.Between(from, from.AddDate(0, 0, 1)); got != c.want {
			t.Errorf("%s: %v, want %v", c.day, got, c.want)
		}
	}
	whole := NewCalendar(paris(t), nil, "", Closure{Day{2020, 1, 1}, Day{2020, 1, 1}})
	from := at(t, paris(t), "2026-10-25 00:00")
	if got := whole.Between(from, from.AddDate(0, 0, 1)); got != 25*time.Hour {
		t.Errorf("the longest day of the year has %v", got)
	}
}

func TestADeskThatNeverOpens(t *testing.T) {
	never := NewCalendar(time.UTC, nil, "", Closure{Day{1, 1, 1}, Day{9999, 12, 31}})
	if _, ok := never.Next(time.Now()); ok {
		t.Error("it opens")
	}
	if _, ok := never.Add(time.Now(), time.Minute); ok {
		t.Error("time passes")
	}
}

// drawCalendar is any calendar in any zone whose clocks change.
func drawCalendar(t *rapid.T, zones []*time.Location) (*Calendar, []Hours, []Closure, string) {
	var hours []Hours
	for range rapid.IntRange(0, 4).Draw(t, "rows") {
		from := rapid.IntRange(0, 24*60-1).Draw(t, "from")
		to := rapid.IntRange(from+1, 24*60).Draw(t, "to")
		days := rapid.SliceOfNDistinct(rapid.SampledFrom([]time.Weekday{0, 1, 2, 3, 4, 5, 6}), 1, 7, rapid.ID[time.Weekday]).Draw(t, "days")
		hours = append(hours, Hours{days, time.Duration(from) * time.Minute, time.Duration(to) * time.Minute})
	}
	var closures []Closure
	for range rapid.IntRange(0, 2).Draw(t, "closures") {
		first := drawTime(t, "closed").UTC()
		closures = append(closures, Closure{DayOf(first), DayOf(first.AddDate(0, 0, rapid.IntRange(0, 5).Draw(t, "for")))})
	}
	holidays := rapid.SampledFrom([]string{"", French}).Draw(t, "holidays")
	return NewCalendar(rapid.SampledFrom(zones).Draw(t, "zone"), hours, holidays, closures...), hours, closures, holidays
}

// drawTime is a minute near one at which clocks change, or any other.
func drawTime(t *rapid.T, what string) time.Time {
	near := []time.Time{time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC), time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 6, 0, 0, 0, time.UTC),
		time.Date(2026, 4, 4, 15, 0, 0, 0, time.UTC), time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC)}
	return rapid.SampledFrom(near).Draw(t, what).Add(time.Duration(rapid.IntRange(-5*24*60, 5*24*60).Draw(t, what+" off")) * time.Minute)
}

func zones(t testing.TB) (all []*time.Location) {
	for _, name := range []string{"UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, zone)
	}
	return all
}

// slowly says for one minute whether a desk is open: by what a clock and a calendar on its wall show.
func slowly(zone *time.Location, hours []Hours, closures []Closure, holidays string) func(time.Time) bool {
	easter := map[int]time.Time{2026: time.Date(2026, 4, 5, 0, 0, 0, 0, time.UTC), 2027: time.Date(2027, 3, 28, 0, 0, 0, 0, time.UTC)}
	return func(at time.Time) bool {
		local := at.In(zone)
		date := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
		for _, c := range closures {
			if !date.Before(c.First.utc()) && !date.After(c.Last.utc()) {
				return false
			}
		}
		if holidays == French {
			switch local.Format("01-02") {
			case "01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25":
				return false
			}
			switch date.Sub(easter[date.Year()]) {
			case day, 39 * day, 50 * day:
				return false
			}
		}
		if len(hours) == 0 {
			return true
		}
		clock := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute
		for _, h := range hours {
			for _, d := range h.Days {
				if d == local.Weekday() && clock >= h.From && clock < h.To {
					return true
				}
			}
		}
		return false
	}
}

func TestBusinessTimeIsWhatTheWallClockShows(t *testing.T) {
	all := zones(t)
	rapid.Check(t, func(t *rapid.T) {
		c, hours, closures, holidays := drawCalendar(t, all)
		open := slowly(c.Zone(), hours, closures, holidays)
		from := drawTime(t, "start")
		to := from.Add(time.Duration(rapid.IntRange(0, 4*24*60).Draw(t, "minutes")) * time.Minute)
		var want time.Duration
		for m := from; m.Before(to); m = m.Add(time.Minute) {
			if open(m) {
				want += time.Minute
			}
		}
		if got := c.Between(from, to); got != want {
			t.Fatalf("between %v and %v: %v, want %v", from, to, got, want)
		}
		if got := c.IsOpen(from); got != open(from) {
			t.Fatalf("open at %v: %v", from, got)
		}
		if want > 0 {
			end, ok := c.Add(from, want)
			if !ok || end.After(to) || c.Between(from, end) != want || open(end.Add(-time.Minute)) == false {
				t.Fatalf("%v after %v is %v (%v)", want, from, end, ok)
			}
		}
		if next, ok := c.Next(from); ok && (c.Between(from, next) != 0 || !c.IsOpen(next)) {
			t.Fatalf("next open after %v: %v", from, next)
		}
	})
}
