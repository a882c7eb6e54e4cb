package store

import (
	"fmt"
	"time"
)

// Date is a day of the calendar, whatever the time zone: the number YYYYMMDD, which both databases keep and put in order.
type Date int64

// DateOf is the day that an instant falls on where it is.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date(y*10_000 + int(m)*100 + d)
}

// ParseDate reads a day as String writes it, of the years 2000 to 2099.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() < 2000 || t.Year() > 2099 {
		return 0, fmt.Errorf("store: %q is no day", text)
	}
	return DateOf(t), nil
}

// ParseMonth reads a month such as 2026-10: its first day.
func ParseMonth(text string) (Date, error) {
	if len(text) != len("2026-10") {
		return 0, fmt.Errorf("store: %q is no month", text)
	}
	return ParseDate(text + "-01")
}

// Time is when the day begins in Greenwich, to reckon with and to print.
func (d Date) Time() time.Time {
	return time.Date(int(d/10_000), time.Month(d/100%100), int(d%100), 0, 0, 0, 0, time.UTC)
}

// Month is the first day of its month, and AddMonths that of one so many months later.
func (d Date) Month() Date { return d.AddMonths(0) }

// AddMonths: see Month.
func (d Date) AddMonths(n int) Date {
	t := d.Time()
	return DateOf(time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC))
}

func (d Date) String() string { return d.Time().Format(time.DateOnly) }
