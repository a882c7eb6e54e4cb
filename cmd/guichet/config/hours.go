package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Hours are when a queue is open on some days of the week, written such as "mon-fri 09:00-12:30 14:00-18:00".
type Hours struct {
	Days  []time.Weekday
	Spans []TimeSpan // in order
	text  string
}

// TimeSpan is a part of a day, since midnight; one of Times may end on the next day, after 24 hours.
type TimeSpan struct{ From, To time.Duration }

var (
	dayNames    = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	spanPattern = regexp.MustCompile(`^(\d\d:\d\d)-(\d\d:\d\d)$`)
)

const hoursForm = `must be days and times, such as "mon-fri 09:00-12:30 14:00-18:00" or "sat 10:00-12:00": days are ` +
	"mon, tue, wed, thu, fri, sat, sun"

// UnmarshalText reads the hours as the file writes them.
func (h *Hours) UnmarshalText(text []byte) error { return h.read(string(text), false) }

// read reads hours, of which those that go on past midnight are right or wrong.
func (h *Hours) read(text string, pastMidnight bool) error {
	words := strings.Fields(text)
	if len(words) < 2 {
		return fmt.Errorf("%s", hoursForm)
	}
	*h = Hours{text: text}
	for _, part := range strings.Split(words[0], ",") {
		first, last, span := strings.Cut(part, "-")
		from, to := slices.Index(dayNames, first), slices.Index(dayNames, last)
		if !span {
			to = from
		}
		if from < 0 || to < 0 {
			return fmt.Errorf("%s", hoursForm)
		}
		for d := from; ; d = (d + 1) % 7 {
			if !slices.Contains(h.Days, time.Weekday(d)) {
				h.Days = append(h.Days, time.Weekday(d))
			}
			if d == to {
				break
			}
		}
	}
	for _, word := range words[1:] {
		m := spanPattern.FindStringSubmatch(word)
		if m == nil {
			return fmt.Errorf("%s", hoursForm)
		}
		from, wrong := timeOfDay(m[1])
		to, alsoWrong := timeOfDay(m[2])
		if wrong || alsoWrong {
			return fmt.Errorf("has a time that is none: write times from 00:00 to 24:00")
		}
		if to == from {
			return fmt.Errorf("has a time that is over as it begins: for the whole day write 00:00-24:00")
		}
		if from == day {
			return fmt.Errorf("has a time that begins at 24:00: write 00:00, on the next day")
		}
		if to < from && pastMidnight {
			h.Spans = append(h.Spans, TimeSpan{from, to + day})
			continue
		}
		if to <= from {
			return fmt.Errorf("has a time that ends before it begins: for hours after midnight write them with the next day")
		}
		h.Spans = append(h.Spans, TimeSpan{from, to})
	}
	slices.SortFunc(h.Spans, func(a, b TimeSpan) int { return int(a.From - b.From) })
	for i := 1; i < len(h.Spans); i++ {
		if h.Spans[i].From < h.Spans[i-1].To {
			return fmt.Errorf("has times that overlap")
		}
	}
	return nil
}

func timeOfDay(text string) (_ time.Duration, wrong bool) {
	var hour, minute int
	if _, err := fmt.Sscanf(text, "%d:%d", &hour, &minute); err != nil || minute > 59 || hour > 24 || hour == 24 && minute > 0 {
		return 0, true
	}
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute, false
}

// MarshalText writes the hours as the file does.
func (h Hours) MarshalText() ([]byte, error) { return []byte(h.text), nil }

func (h Hours) String() string { return h.text }

// Days are a day, or several in a row, written such as 2026-12-24 or 2026-08-03..2026-08-21.
type Days struct{ First, Last time.Time } // midnight, UTC

// UnmarshalText reads the days as the file writes them.
func (d *Days) UnmarshalText(text []byte) error {
	first, last, several := strings.Cut(string(text), "..")
	if !several {
		last = first
	}
	from, err := time.Parse(time.DateOnly, first)
	to, wrong := time.Parse(time.DateOnly, last)
	switch {
	case err != nil || wrong != nil:
		return fmt.Errorf("must be a day, such as 2026-12-24, or several, such as 2026-08-03..2026-08-21")
	case to.Before(from):
		return fmt.Errorf("ends before it begins")
	}
	*d = Days{from, to}
	return nil
}

// MarshalText writes the days as the file does.
func (d Days) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

func (d Days) String() string {
	if d.First.Equal(d.Last) {
		return d.First.Format(time.DateOnly)
	}
	return d.First.Format(time.DateOnly) + ".." + d.Last.Format(time.DateOnly)
}
