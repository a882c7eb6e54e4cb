package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"guichet/helpdesk"
)

// rehearseCmd is for the operator who changes targets, hours or reminders.
type rehearseCmd struct {
	From string `required:"" placeholder:"DAY" help:"The first day, such as 2026-11-01, or an instant, such as 2026-11-01T09:30, in the zone of this machine."`
	To   string `placeholder:"DAY" help:"The last day, or an instant. Default: now."`
}

// Run prints what the reminders of the configuration would have done.
func (r rehearseCmd) Run(ctx context.Context, e *env) error {
	from, _, err := instant(r.From)
	if err != nil {
		return problem{exitUsage, fmt.Errorf("--from: %w", err)}
	}
	to := time.Now()
	if r.To != "" {
		t, whole, err := instant(r.To)
		if err != nil {
			return problem{exitUsage, fmt.Errorf("--to: %w", err)}
		}
		if to = t; whole {
			to = t.AddDate(0, 0, 1)
		}
	}
	if !from.Before(to) {
		return problem{exitUsage, fmt.Errorf("--from must come before --to")}
	}
	return withDesk(ctx, e, func(d *helpdesk.Desk) error {
		w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
		counts := map[string]int{}
		err := d.Rehearse(ctx, from, to, func(m helpdesk.Rehearsed) {
			if len(counts) == 0 {
				fmt.Fprintln(w, "WHEN\tTICKET\tQUEUE\tRULE\tSTEP\tDOES")
			}
			counts[m.Do]++
			q, _ := d.Catalog().Queue(m.Queue)
			ticket := "-"
			if m.Ticket != 0 {
				ticket = fmt.Sprint(m.Ticket)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%s\n", m.At.In(q.TimeZone).Format("2006-01-02 15:04"), ticket, m.Queue, m.Rule, m.Step+1, m.Do)
		})
		if err != nil {
			return err
		}
		if err := w.Flush(); err != nil {
			return err
		}
		var sums []string
		for _, do := range slices.Sorted(maps.Keys(counts)) {
			sums = append(sums, fmt.Sprintf("%s %d", do, counts[do]))
		}
		if len(sums) == 0 {
			sums = []string{"nothing"}
		}
		fmt.Fprintf(e.stdout, "in all: %s. Nothing was sent.\n", strings.Join(sums, ", "))
		return nil
	})
}

// instant reads a day or an instant, and says whether it is a whole day.
func instant(text string) (_ time.Time, day bool, err error) {
	if t, err := time.ParseInLocation(time.DateOnly, text, time.Local); err == nil {
		return t, true, nil
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02 15:04", time.RFC3339} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, false, nil
		}
	}
	return time.Time{}, false, fmt.Errorf("%q is neither a day, such as 2026-11-01, nor an instant, such as 2026-11-01T09:30", text)
}
