package bot

import (
	"context"
	"strings"
	"time"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/helpdesk/clock"
	"guichet/store"
)

// dueFields are the deadlines that a ticket's clocks run towards, for agents.
func (b *Bot) dueFields(w text.Words, t store.Ticket, now time.Time) (fs []card.Field) {
	c, p := b.desk.Clocks(t)
	for _, name := range clock.Names {
		if at, ok := c.Deadline(p, name); ok {
			key := "sla.by"
			if c.Used(p, name, now) >= c.Target(p, name) {
				key = "sla.late"
			}
			fs = append(fs, field(w, "sla", w.Say(key, text.Args{"Clock": w.Say("clock." + name), "Date": w.Date(at, b.zone(t))})))
		}
	}
	return fs
}

// reminderArgs are what the words for a reminder need.
func (b *Bot) reminderArgs(w text.Words, t store.Ticket, r helpdesk.Reminded, now time.Time, args text.Args) {
	c, p := b.desk.Clocks(t)
	args["What"] = w.Say("do." + r.Do)
	if r.Clock != "" {
		args["Clock"] = w.Say("clock." + r.Clock)
		args["Over"] = w.Length(max(0, c.Used(p, r.Clock, now)-c.Target(p, r.Clock)))
		if at, ok := c.Deadline(p, r.Clock); ok {
			args["Due"] = w.Date(at, b.zone(t))
		}
	}
	for _, due := range c.Dues(p) {
		if due.Do == helpdesk.Finish {
			args["Closing"] = w.Date(due.At, b.zone(t))
		}
	}
}

// reminderKey names the words for a reminder.
func reminderKey(r helpdesk.Reminded) string {
	rule, _, _ := strings.Cut(r.Rule, "/")
	if r.Do == helpdesk.Warn {
		return "warn"
	}
	return rule
}

// why answers /ticket why: what each clock counted and when, and what comes next.
func (c *Call) why(ctx context.Context, id store.TicketID) (Answer, error) {
	y, err := c.bot.desk.Why(ctx, c.Actor, id)
	if err != nil {
		return Answer{}, err
	}
	c.done("why", id)
	return Answer{Card: c.bot.whyCard(c.Words, y)}, nil
}

// mostSpans is how many stretches of each clock are listed.
const mostSpans = 8

func (b *Bot) whyCard(w text.Words, y helpdesk.Why) *card.Card {
	zone := b.zone(y.Ticket)
	q, _ := b.desk.Catalog().Queue(y.Queue)
	out := &card.Card{Title: w.Say("why.title", text.Args{"Ticket": q.NameOf(y.Ticket), "Subject": y.Subject}),
		Lines: []string{w.Say("why.queue", text.Args{"Queue": b.queue(w, y.Queue), "Priority": strings.ToLower(w.Say("priority." + y.Priority)), "Zone": q.TimeZone.String()})}}
	for _, name := range clock.Names {
		if y.Clocks.Clock(name).Started == 0 {
			continue
		}
		lines := []string{b.clockLine(w, y, name, zone)}
		var spans []string
		for _, s := range y.Spans {
			if s.Clock != name {
				continue
			}
			key := "why.counted"
			if s.Paused {
				key = "why.paused"
			}
			spans = append(spans, w.Say(key, text.Args{"From": w.Date(s.From, zone), "To": w.Date(s.To, zone),
				"Length": w.Length(s.Counted), "Queue": b.queue(w, s.Queue)}))
		}
		if n := len(spans) - mostSpans; n > 0 {
			spans = append([]string{w.Say("why.earlier", text.Args{"N": n})}, spans[n:]...)
		}
		out.Lines = append(out.Lines, strings.Join(append(lines, spans...), "\n"))
	}
	if until := y.Clocks.Snoozed.Time(); y.Agent && until.After(y.Now) {
		out.Lines = append(out.Lines, w.Say("why.snoozed", text.Args{"Date": w.Date(until, zone)}))
	}
	if len(y.Dues) == 0 {
		out.Lines = append(out.Lines, w.Say("why.nothing"))
	}
	for _, d := range y.Dues {
		out.Lines = append(out.Lines, b.dueLine(w, y, q, d, zone))
	}
	return out
}

// clockLine says where a clock stands.
func (b *Bot) clockLine(w text.Words, y helpdesk.Why, name string, zone *time.Location) string {
	c, used, target := y.Clocks.Clock(name), y.Clocks.Used(y.Policies, name, y.Now), y.Clocks.Target(y.Policies, name)
	args := text.Args{"Clock": w.Say("clock." + name), "Used": w.Length(used), "Target": w.Length(target), "Over": w.Length(used - target)}
	key := "why.clock.paused"
	switch at, runs := y.Clocks.Deadline(y.Policies, name); {
	case c.Stopped != 0 && target == 0:
		key, args["Date"] = "why.clock.done.free", w.Date(c.Stopped.Time(), zone)
	case c.Stopped != 0:
		key, args["Date"] = "why.clock.done", w.Date(c.Stopped.Time(), zone)
		if used > target {
			key = "why.clock.done.late"
		}
	case target == 0:
		key = "why.clock.free"
	case used > target:
		key = "why.clock.late"
	case runs:
		key, args["Date"] = "why.clock.runs", w.Date(at, zone)
	}
	return w.Say(key, args)
}

// dueLine says what comes when, and by which rule.
func (b *Bot) dueLine(w text.Words, y helpdesk.Why, q helpdesk.Queue, d clock.Due, zone *time.Location) string {
	rule, _, _ := strings.Cut(d.Rule, "/")
	r := q.ReminderOf(rule)
	args := text.Args{"Date": w.Date(d.At, zone), "What": w.Say("do." + d.Do), "Schedule": r.Schedule, "Percent": r.Percent}
	if d.Clock != "" {
		args["Clock"] = w.Say("clock." + d.Clock)
	}
	if d.Step < len(r.Steps) {
		args["After"] = w.Length(r.Steps[d.Step].After)
		if rule == clock.Wait || rule == clock.Close {
			args["After"] = w.Span(r.Steps[d.Step].After)
		}
	}
	args["Rule"] = w.Say("rule."+rule, args)
	now, plain := !d.At.After(y.Now), r.Schedule == ""
	switch {
	case now && plain:
		return w.Say("why.due.now.plain", args)
	case now:
		return w.Say("why.due.now", args)
	case plain:
		return w.Say("why.due.plain", args)
	}
	return w.Say("why.due", args)
}
