package license

import (
	"context"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// LongestSnooze is for how many days a reminder may be put off.
const LongestSnooze = 90

// Calendar says when managers are reminded: while it is open.
type Calendar interface {
	IsOpen(time.Time) bool
	Next(time.Time) (time.Time, bool) // the first instant, from another on, at which it is open
}

// awake says whether somebody may be reminded now. What comes due at other times waits, and is told once.
func (d *Desk) awake() bool {
	c := d.catalog.Reminders.Calendar
	return c == nil || c.IsOpen(d.db.Now().Time)
}

// PutOff has the actor not be reminded of something, by the account that a reminder of it went to, before a number of days has begun that lie
// ahead: that day's reminder comes again. Whoever would not be told of it is refused.
func (d *Desk) PutOff(ctx context.Context, a helpdesk.Actor, n Notice, days int) (until time.Time, err error) {
	if days < 1 || days > LongestSnooze {
		return until, &helpdesk.Refusal{Code: helpdesk.BadForm}
	}
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		if err := d.remindable(ctx, tx, a, n); err != nil {
			return err
		}
		y, m, day := tx.Now.In(d.Zone()).Date()
		until = time.Date(y, m, day+days, 0, 0, 0, 0, d.Zone())
		return tx.PutOff(ctx, store.Snooze{Account: n.Account, What: n.What, Record: n.ID, Until: store.At(until)})
	})
	return until, err
}

// remindable refuses whoever is not reminded of something.
func (d *Desk) remindable(ctx context.Context, tx *store.Tx, a helpdesk.Actor, n Notice) error {
	switch n.What {
	case ToldUnused, ToldContract:
		if n.ID != 0 { // it is about no record
			return &helpdesk.Refusal{Code: helpdesk.BadForm}
		}
		_, err := d.manager(ctx, tx, a)
		return err
	case ToldRequest:
		_, err := d.request(ctx, tx, a, n.ID, tx.Request, &RequestView{})
		return err
	case ToldApproval:
		var v OrderView
		who, err := d.lockOrder(ctx, tx, a, n.ID, &v)
		if err != nil {
			return err
		}
		theirs, err := d.asked(ctx, tx, who.Person.ID, v.Organization, v.Steps...)
		if err == nil && !theirs {
			err = &helpdesk.Refusal{Code: NotApprover}
		}
		return err
	}
	return &helpdesk.Refusal{Code: helpdesk.BadForm}
}

// notifyAwake is notify for reminders: whoever has put them off is left out.
func notifyAwake(ctx context.Context, tx *store.Tx, what string, id int64, to ...store.Account) error {
	for _, a := range to {
		sleeps, err := tx.Sleeps(ctx, a, what, id)
		if err != nil {
			return err
		}
		if sleeps {
			continue
		}
		if err := notify(ctx, tx, what, id, a); err != nil {
			return err
		}
	}
	return nil
}
