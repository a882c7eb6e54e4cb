package app

import (
	"errors"
	"fmt"
	"time"

	"guichet/cmd/guichet/config"
	"guichet/helpdesk"
	"guichet/helpdesk/clock"
	"guichet/store"
)

// calendar is when a queue is open.
func calendar(q config.Queue) *clock.Calendar {
	var closures []clock.Closure
	for _, d := range q.Closed {
		closures = append(closures, clock.Closure{First: clock.DayOf(d.First), Last: clock.DayOf(d.Last)})
	}
	holidays := ""
	if q.Holidays == "fr" {
		holidays = clock.French
	}
	return clock.NewCalendar(q.TimeZone, hours(q.Hours), holidays, closures...)
}

func hours(from []config.Hours) (all []clock.Hours) {
	for _, h := range from {
		for _, s := range h.Spans {
			all = append(all, clock.Hours{Days: h.Days, From: s.From, To: min(s.To, day)})
			if s.To > day {
				all = append(all, clock.Hours{Days: next(h.Days), To: s.To - day})
			}
		}
	}
	return all
}

const day = 24 * time.Hour

// next are the days after those.
func next(days []time.Weekday) (all []time.Weekday) {
	for _, d := range days {
		all = append(all, (d+1)%7)
	}
	return all
}

// targets are those of a queue, by priority.
func targets(s config.SLA) map[string]clock.Targets {
	all := map[string]clock.Targets{}
	for priority, t := range map[string]config.Targets{"urgent": s.Urgent, "high": s.High, "normal": s.Normal, "low": s.Low} {
		if t != (config.Targets{}) {
			all[priority] = clock.Targets{First: t.FirstResponse, Next: t.NextResponse, Resolution: t.Resolution}
		}
	}
	return all
}

func priorities(p config.Priorities) helpdesk.PriorityTable {
	table := helpdesk.PriorityTable{}
	for impact, row := range map[string]config.ByUrgency{"one": p.One, "several": p.Several, "all": p.All} {
		table[impact] = map[string]string{"low": row.Low, "medium": row.Medium, "high": row.High}
	}
	return table
}

// reminders gives a queue those of its configuration.
func reminders(q *helpdesk.Queue, r config.Reminders) {
	if u := r.Unassigned; !u.Off {
		q.Unassigned = helpdesk.Reminder{Schedule: u.Schedule.String(), Steps: steps(*q, u.Tell, u.After, u.Every)}
	}
	if k := r.Risk; !k.Off {
		q.Risk = helpdesk.Reminder{Schedule: k.Schedule.String(), Percent: int(k.At), Steps: steps(*q, []string{k.Tell}, 0, 0)}
	}
	if b := r.Breach; !b.Off {
		q.Breach = helpdesk.Reminder{Schedule: b.Schedule.String(), Steps: steps(*q, b.Tell, 0, b.Every)}
	}
	if !r.Daily.Off {
		q.Daily.Schedule = r.Daily.Schedule.String()
	}
	if !r.Weekly.Off {
		q.Weekly.Schedule = r.Weekly.Schedule.String()
	}
	if w := r.Waiting; !w.Off {
		q.Waiting = helpdesk.Reminder{Schedule: w.Schedule.String(), Steps: []clock.Step{{After: w.After, Do: helpdesk.Nudge}}}
		if w.Warn > 0 {
			q.Waiting.Steps = append(q.Waiting.Steps, clock.Step{After: w.Warn, Do: helpdesk.Warn})
		}
		if w.Close > 0 {
			q.Waiting.Steps = append(q.Waiting.Steps, clock.Step{After: w.Close, Do: helpdesk.Finish})
		}
	}
}

// steps tell one after another, leaving out whom a queue does not have.
func steps(q helpdesk.Queue, tell []string, after, every time.Duration) (all []clock.Step) {
	for _, whom := range tell {
		if whom == helpdesk.ToLead && q.Lead == (store.Account{}) || whom == helpdesk.ToOnCall && q.Rota == nil {
			continue
		}
		all = append(all, clock.Step{After: after, Do: whom})
		after += every
	}
	return all
}

// checkTimes refuses a schedule that never comes round while its queue is open: nobody would be reminded.
func checkTimes(c *helpdesk.Catalog) (err error) {
	for _, q := range c.Queues {
		for _, r := range q.Policy().Rules {
			// Any fixed instant will do, so that a file is not right one day and wrong the next.
			if !r.Fits(q.Policy().Calendar, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
				err = errors.Join(err, fmt.Errorf("queue %q: the schedule of its reminder %q never comes round within its hours", q.Key, r.Name))
			}
		}
	}
	return err
}
