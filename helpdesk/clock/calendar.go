// Package clock is the arithmetic of time at the desk: business hours (Calendar), the clocks that a ticket's
// history sets going (Ticket), and when somebody is to be reminded of it (Due). All of it is pure functions: the same
// history, rules and calendars give the same instants, whoever asks and whenever.
//
// It knows nothing of people, texts or databases; helpdesk turns its history into Facts, and what is Due into acts.
package clock

import (
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/fr"
)

// Hours are when a desk is open on some days of the week, by the clock on its wall: From is within, To is not.
type Hours struct {
	Days     []time.Weekday
	From, To time.Duration // since midnight, To at most 24 hours
}

// Closure is a stretch of days on which a desk is closed, whatever its hours; both days are within.
type Closure struct{ First, Last Day }

// Day is a date.
type Day struct {
	Year  int
	Month time.Month
	Day   int
}

// DayOf is the date of an instant, where the instant says that it is.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day{y, m, d}
}

// Compare is negative if d is before e, zero if it is the same day.
func (d Day) Compare(e Day) int { return d.utc().Compare(e.utc()) }

func (d Day) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// Calendar says when a desk is open. One that is made without hours always is, but for holidays and closures.
type Calendar struct {
	zone     *time.Location
	hours    [7][]span // by weekday, in order
	holidays []*cal.Holiday
	years    sync.Map // the holidays' dates, by year
	closures []Closure
	always   bool
}

// span is a part of a day, since midnight.
type span struct{ from, to time.Duration }

const day = 24 * time.Hour

// French are the public holidays of all France; those of Alsace and Moselle are a desk's own closures.
const French = "fr"

// NewCalendar returns the calendar of a desk in a time zone. holidays is French, or empty for none.
func NewCalendar(zone *time.Location, hours []Hours, holidays string, closures ...Closure) *Calendar {
	c := &Calendar{zone: zone, closures: closures, always: len(hours) == 0 && holidays == "" && len(closures) == 0}
	if len(hours) == 0 {
		hours = []Hours{{Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, To: day}}
	}
	for _, h := range hours {
		for _, d := range h.Days {
			c.hours[d] = append(c.hours[d], span{h.From, h.To})
		}
	}
	for d := range c.hours {
		c.hours[d] = union(c.hours[d])
	}
	if holidays == French {
		c.holidays = fr.Holidays
	}
	return c
}

// union puts spans in order and makes one of those that meet.
func union(all []span) (out []span) {
	slices.SortFunc(all, func(a, b span) int { return int(a.from - b.from) })
	for _, s := range all {
		if n := len(out); n > 0 && s.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}

// Zone is where the desk's clock hangs.
func (c *Calendar) Zone() *time.Location { return c.zone }

// on are the hours of a date.
func (c *Calendar) on(date time.Time) []span {
	d := DayOf(date)
	for _, closed := range c.closures {
		if closed.First.Compare(d) <= 0 && d.Compare(closed.Last) <= 0 {
			return nil
		}
	}
	if len(c.holidays) > 0 && c.in(d.Year)[d] {
		return nil
	}
	return c.hours[d.utc().Weekday()]
}

// in are the dates of a year's holidays. (The library's own memory of them is not safe for several at once.)
func (c *Calendar) in(year int) map[Day]bool {
	if known, ok := c.years.Load(year); ok {
		return known.(map[Day]bool)
	}
	dates := map[Day]bool{}
	for _, h := range c.holidays {
		if actual, _ := h.Calc(year); !actual.IsZero() {
			dates[DayOf(actual)] = true
		}
	}
	c.years.Store(year, dates)
	return dates
}

// Interval is a stretch of time: From is within, To is not.
type Interval struct{ From, To time.Time }

// Open are the intervals between two instants in which the desk is open, in order. Where the wall clock is put
// forward or back, what counts is what it shows: an hour that it shows twice counts twice.
func (c *Calendar) Open(from, to time.Time) iter.Seq[Interval] {
	return func(yield func(Interval) bool) {
		if c.always {
			if from.Before(to) {
				yield(Interval{from, to})
			}
			return
		}
		var last Interval
		for piece := range c.pieces(from, to) {
			if piece.From.Equal(last.To) {
				last.To = piece.To
				continue
			}
			if !last.From.IsZero() && !yield(last) {
				return
			}
			last = piece
		}
		if !last.From.IsZero() {
			yield(last)
		}
	}
}

// pieces are the intervals of Open, cut at midnight and where the wall clock changes.
func (c *Calendar) pieces(from, to time.Time) iter.Seq[Interval] {
	return func(yield func(Interval) bool) {
		for at := from.In(c.zone); at.Before(to); {
			_, seconds := at.Zone()
			offset := time.Duration(seconds) * time.Second
			end := to
			if _, change := at.ZoneBounds(); !change.IsZero() && change.Before(to) {
				end = change
			}
			// Until then the wall clock is ahead of UTC by the same offset.
			date := DayOf(at).utc()
			for ; date.Add(-offset).Before(end); date = date.AddDate(0, 0, 1) {
				for _, s := range c.on(date) {
					i := Interval{date.Add(s.from - offset), date.Add(s.to - offset)}
					if i.From.Before(at) {
						i.From = at
					}
					if i.To.After(end) {
						i.To = end
					}
					if i.From.Before(i.To) && !yield(i) {
						return
					}
				}
			}
			at = end.In(c.zone)
		}
	}
}

// Between is the business time from one instant to another; zero if there is none.
func (c *Calendar) Between(from, to time.Time) (d time.Duration) {
	for i := range c.Open(from, to) {
		d += i.To.Sub(i.From)
	}
	return d
}

// horizon is how far ahead a desk is expected to open again.
const horizon = 366 * day

// Add is the first instant by which some business time has passed since another. ok is false if the desk does not
// open for so long within a year of being closed.
func (c *Calendar) Add(from time.Time, d time.Duration) (_ time.Time, ok bool) {
	if d <= 0 {
		return from, true
	}
	for {
		until := from.Add(horizon)
		if c.always {
			return from.Add(d), true
		}
		opened := false
		for i := range c.Open(from, until) {
			opened = true
			if long := i.To.Sub(i.From); d > long {
				d -= long
				continue
			}
			return i.From.Add(d), true
		}
		if !opened {
			return time.Time{}, false
		}
		from = until
	}
}

// Next is the first instant, from another on, at which the desk is open. ok is false if it stays closed for a year.
func (c *Calendar) Next(from time.Time) (_ time.Time, ok bool) {
	for i := range c.Open(from, from.Add(horizon)) {
		return i.From, true
	}
	return time.Time{}, false
}

// IsOpen says whether the desk is open at an instant.
func (c *Calendar) IsOpen(at time.Time) bool {
	for range c.Open(at, at.Add(1)) {
		return true
	}
	return false
}

// String tells a calendar from every other: its zone, hours, holidays and closures.
func (c *Calendar) String() string {
	return fmt.Sprint(c.zone, c.hours, len(c.holidays) > 0, c.closures)
}
