// Package rota reads who is on call from a calendar file (iCalendar, RFC 5545), such as every calendar program writes: one
// event for each turn, which may come again, named after whoever has it.
package rota

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-ical"
	"github.com/teambition/rrule-go"
)

// Rota is who is on call, and when.
type Rota struct{ turns []turn }

// turn is an event of the calendar: once, or again and again.
type turn struct {
	who    []string
	length time.Duration // as the clock on the wall shows it: a week is one, also when that is put forward
	begins *rrule.Set
}

// most is how many events a file may hold: more are no rota.
const most = 10_000

// longest is how long a turn may be. One that began earlier is over.
const longest = 32 * 24 * time.Hour

// Read reads a calendar. Times without a zone are in the one given. An event names whoever has the turn in its title; of
// those that are invited to it, their mail addresses count too.
func Read(from io.Reader, zone *time.Location) (_ *Rota, err error) {
	defer func() { // the decoder does so at a line that is cut off
		if p := recover(); p != nil {
			err = fmt.Errorf("rota: not a calendar that can be read: %v", p)
		}
	}()
	calendar, err := ical.NewDecoder(from).Decode()
	if err != nil {
		return nil, fmt.Errorf("rota: not a calendar that can be read: %w", err)
	}
	events := calendar.Events()
	if len(events) > most {
		return nil, fmt.Errorf("rota: %d events, of which %d are too many", len(events), most)
	}
	r := &Rota{}
	moved := map[string][]time.Time{} // instances that have an event of their own, by the event's id
	for _, e := range events {
		if at := e.Props.Get(ical.PropRecurrenceID); at != nil {
			t, err := at.DateTime(zone)
			if err != nil {
				return nil, fmt.Errorf("rota: event %q: %w", title(e), err)
			}
			id, _ := e.Props.Text(ical.PropUID)
			moved[id] = append(moved[id], t)
		}
	}
	for _, e := range events {
		if status, _ := e.Status(); status == ical.EventCancelled {
			continue
		}
		t, err := turnOf(e, zone)
		if err != nil {
			return nil, fmt.Errorf("rota: event %q: %w", title(e), err)
		}
		if id, _ := e.Props.Text(ical.PropUID); e.Props.Get(ical.PropRecurrenceID) == nil {
			for _, at := range moved[id] {
				t.begins.ExDate(at)
			}
		}
		r.turns = append(r.turns, t)
	}
	return r, nil
}

func title(e ical.Event) string {
	text, _ := e.Props.Text(ical.PropSummary)
	return text
}

func turnOf(e ical.Event, zone *time.Location) (t turn, err error) {
	start, err := e.DateTimeStart(zone)
	if err != nil || start.IsZero() {
		return t, fmt.Errorf("it has no beginning: %v", err)
	}
	end, err := e.DateTimeEnd(zone)
	if err != nil {
		return t, err
	}
	if t.length = wall(end.In(start.Location())).Sub(wall(start)); t.length <= 0 || t.length > longest {
		return t, fmt.Errorf("it must end after it begins, %d days later at most", longest/(24*time.Hour))
	}
	for part := range strings.FieldsFuncSeq(title(e), func(r rune) bool { return r == ',' || r == ';' || r == '/' }) {
		if part = strings.TrimSpace(part); part != "" {
			t.who = append(t.who, part)
		}
	}
	for _, a := range e.Props.Values(ical.PropAttendee) {
		if address, ok := strings.CutPrefix(strings.ToLower(a.Value), "mailto:"); ok {
			t.who = append(t.who, address)
		}
	}
	if len(t.who) == 0 {
		return t, fmt.Errorf("it names nobody")
	}
	if t.begins, err = e.RecurrenceSet(zone); err != nil {
		return t, err
	}
	if t.begins == nil {
		t.begins = &rrule.Set{}
		t.begins.RDate(start)
	}
	if r := t.begins.GetRRule(); r != nil && r.OrigOptions.Freq > rrule.DAILY {
		return t, fmt.Errorf("a turn that comes again every hour or more often is none")
	}
	t.begins.DTStart(start)
	return t, nil
}

// wall is what a clock on the wall shows, as if that were UTC.
func wall(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// At are those who are on call at an instant, as the calendar names them; of several events the one that began last comes
// first.
func (r *Rota) At(now time.Time) (who []string) {
	if r == nil {
		return nil
	}
	type on struct {
		since time.Time
		who   []string
	}
	var all []on
	for _, t := range r.turns {
		if began := t.begins.Before(now, true); !began.IsZero() && wall(now.In(began.Location())).Sub(wall(began)) < t.length {
			all = append(all, on{began, t.who})
		}
	}
	slices.SortStableFunc(all, func(a, b on) int { return b.since.Compare(a.since) })
	for _, o := range all {
		for _, w := range o.who {
			if !slices.Contains(who, w) {
				who = append(who, w)
			}
		}
	}
	return who
}
