package license_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// week is open from 9 to 18 (UTC), Monday to Friday, but for holidays.
type week struct{ holidays []string }

func (w week) IsOpen(t time.Time) bool {
	t = t.UTC()
	for _, h := range w.holidays {
		if t.Format(time.DateOnly) == h {
			return false
		}
	}
	return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday && t.Hour() >= 9 && t.Hour() < 18
}

func (w week) Next(t time.Time) (time.Time, bool) {
	for end := t.AddDate(1, 0, 0); !w.IsOpen(t); t = t.Truncate(time.Hour).Add(time.Hour) {
		if t.After(end) {
			return t, false
		}
	}
	return t, true
}

// at has several copies of the program look at what is due, at a time of January 2027, or of another month of that year; and returns who is told.
func (o *office) at(day, hour, minute int) []string {
	o.t.Helper()
	o.later(time.Until(time.Date(2027, 1, day, hour, minute, 0, 0, time.UTC)))
	return o.told()
}

// then does something at such a time.
func (o *office) then(day, hour int, do func()) {
	o.db.SetClock(func() time.Time { return time.Date(2027, 1, day, hour, 0, 0, 0, time.UTC) })
	defer o.db.SetClock(time.Now)
	do()
}

// What comes due while the desk is closed is told once, when it opens; what ends is told of while there is time to undo it.
func TestRemindersKeepToBusinessHours(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		ctx := t.Context()
		o.approval(1)
		c := o.Catalog()
		c.Reminders = license.Reminders{Undecided: hourly{}, Unused: hourly{}, Calendar: week{[]string{"2027-01-11"}}}
		o.Desk = license.NewDesk(o.db, o.people, c)
		unused := []string{"unused 0 slack:T1:max", "unused 0 slack:T2:gus"}
		none := []string(nil)
		same(t, "on Friday, at first", o.at(8, 9, 5), none)
		same(t, "an hour later", o.at(8, 10, 5), unused)
		o.then(8, 11, func() {
			_, _, err := o.Ask(ctx, o.ann, license.Wish{License: "basic", Reason: "x", Account: account("ann"), Nonce: "wish", Subject: "s", Text: "t"})
			o.check(err)
			_, err = o.PlaceOrder(ctx, o.max, o.placing(o.max, "order", license.Item{License: "basic", Quantity: 1}))
			o.check(err)
		})
		o.told()
		same(t, "until they close", o.at(8, 17, 55), unused)
		for _, closed := range [][3]int{{8, 18, 5}, {9, 0, 5}, {9, 12, 5}, {11, 9, 5}, {12, 8, 59}} {
			same(t, fmt.Sprint("while they are closed, ", closed), o.at(closed[0], closed[1], closed[2]), none)
		}
		same(t, "when they open again, after a holiday", o.at(12, 9, 1), append([]string{"approval 1 slack:T1:ann", "request 1 slack:T1:max"}, unused...))
		same(t, "soon afterwards", o.at(12, 9, 30), none)
	})
}

// Who ended licenses is reminded in business hours, and before they end; nobody else is, unless they manage the organization no more.
func TestRemindersOfAnEnd(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		c := o.Catalog()
		c.Reminders = license.Reminders{Calendar: week{}}
		o.Desk = license.NewDesk(o.db, o.people, c)
		_, err := o.people.Meet(t.Context(), account("zoe"), "Zoe", "")
		o.check(err)
		managed := func(by ...store.Account) {
			o.check(o.people.SetManagers(t.Context(), map[string][]store.Account{"acme": by}))
		}
		managed(account("max"), account("zoe"))
		o.then(20, 12, func() { // Monday, 1 February begins at an hour at which nobody can be told
			_, err := o.Terminate(t.Context(), o.max, ending("end", "basic", 1, license.AtEndOfMonth))
			o.check(err)
		})
		o.told()
		none, max, zoes := []string(nil), []string{"termination 1 slack:T1:max"}, []string{"termination 1 slack:T1:zoe"}
		same(t, "seven days before, at night", o.at(25, 0, 1), none)
		same(t, "in the morning", o.at(25, 9, 1), max)
		same(t, "again", o.at(26, 9, 1), none)
		managed(account("zoe"))
		same(t, "on the last day of business, early", o.at(29, 8, 59), none)
		same(t, "when it begins, by a manager who is there still", o.at(29, 9, 1), zoes)
		same(t, "on Sunday", o.at(31, 0, 1), none)
		same(t, "when they end", o.at(32, 0, 1), zoes)
	})
}

// A reminder that is left for the night by a downtime waits for the morning.
func TestAReminderOfAnEndAfterADowntime(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		c := o.Catalog()
		c.Reminders = license.Reminders{Calendar: week{}}
		o.Desk = license.NewDesk(o.db, o.people, c)
		o.then(20, 12, func() {
			_, err := o.Terminate(t.Context(), o.max, ending("end", "basic", 1, license.AtEndOfMonth))
			o.check(err)
		})
		o.told()
		same(t, "at night", o.at(26, 23, 0), []string(nil))
		same(t, "in the morning", o.at(27, 9, 1), []string{"termination 1 slack:T1:max"})
		same(t, "and no more", o.at(27, 12, 1), []string(nil))
	})
}

// Whoever puts a reminder off is not reminded of that before the day; others are, and of everything else they are too.
func TestRemindersThatArePutOff(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		ctx := t.Context()
		ann, eve, _, _ := o.approval(1)
		c := o.Catalog()
		c.Reminders = license.Reminders{Undecided: hourly{}, Unused: hourly{}, Ending: hourly{}, Before: 90 * 24 * time.Hour}
		c.Contracts = map[[2]string]time.Time{{"acme", "office"}: time.Date(2027, 3, 30, 0, 0, 0, 0, time.UTC)}
		o.Desk = license.NewDesk(o.db, o.people, c)
		o.check(o.people.SetManagers(ctx, map[string][]store.Account{"acme": {account("eve"), account("max")}}))
		o.then(1, 9, func() {
			_, _, err := o.Ask(ctx, o.ann, license.Wish{License: "basic", Reason: "x", Account: account("ann"), Nonce: "wish", Subject: "s", Text: "t"})
			o.check(err)
			_, err = o.PlaceOrder(ctx, o.max, o.placing(o.max, "order", license.Item{License: "basic", Quantity: 1}))
			o.check(err)
		})
		o.told()
		o.at(4, 9, 5)
		eves := []string{"contract 0 slack:T1:eve", "request 1 slack:T1:eve", "unused 0 slack:T1:eve"}
		all := []string{"approval 1 slack:T1:ann", eves[0], "contract 0 slack:T1:max", eves[1], "request 1 slack:T1:max", eves[2], "unused 0 slack:T1:max"}
		same(t, "who is reminded", o.at(4, 10, 5), all)

		off := func(a helpdesk.Actor, by, what string, id int64, days int) error {
			_, err := o.PutOff(ctx, a, license.Notice{What: what, ID: id, Account: account(by)}, days)
			return err
		}
		o.then(4, 11, func() {
			refusedAs(t, "what an employee is not told", off(ann, "ann", license.ToldUnused, 0, 7), license.NotManager)
			refusedAs(t, "a request that others decide", off(ann, "ann", license.ToldRequest, 1, 7), license.NotAsked)
			refusedAs(t, "an order that others approve", off(o.max, "max", license.ToldApproval, 1, 7), license.NotApprover)
			refusedAs(t, "another organization's", off(o.gus, "gus", license.ToldApproval, 1, 7), license.UnknownOrder)
			refusedAs(t, "another organization's", off(o.gus, "gus", license.ToldRequest, 1, 7), license.UnknownRequest)
			refusedAs(t, "what nobody is reminded of", off(o.max, "max", license.ToldOrder, 1, 7), helpdesk.BadForm)
			refusedAs(t, "of a record that there is not", off(o.max, "max", license.ToldUnused, 7, 7), helpdesk.BadForm)
			refusedAs(t, "likewise", off(o.max, "max", license.ToldContract, 7, 7), helpdesk.BadForm)
			refusedAs(t, "for no time", off(o.max, "max", license.ToldUnused, 0, 0), helpdesk.BadForm)
			refusedAs(t, "for ever", off(o.max, "max", license.ToldUnused, 0, 91), helpdesk.BadForm)
			for range 2 {
				o.check(off(ann, "ann", license.ToldApproval, 1, 7))
				o.check(off(o.max, "max", license.ToldUnused, 0, 28))
				o.check(off(o.max, "max", license.ToldUnused, 0, 7)) // the last counts
				o.check(off(o.max, "max", license.ToldRequest, 1, 7))
				o.check(off(o.max, "max", license.ToldContract, 0, 7))
			}
			until, err := o.PutOff(ctx, eve, license.Notice{What: license.ToldContract, Account: account("eve")}, 1)
			o.check(err)
			same(t, "until when", until, time.Date(2027, 1, 5, 0, 0, 0, 0, time.UTC))
		})
		same(t, "on the same day", o.at(4, 23, 5), eves[1:])
		same(t, "on the next", o.at(5, 0, 5), eves)
		same(t, "on the last", o.at(10, 23, 5), eves[1:])
		same(t, "on the day", o.at(11, 0, 5), []string{all[0], all[2], eves[1], all[4], eves[2], all[6]})
		same(t, "an hour later", o.at(11, 1, 5), []string{all[0], eves[1], all[4], eves[2], all[6]})

		// What is over is not kept for ever, whether anybody is reminded of it again or not.
		o.then(11, 11, func() { o.check(off(o.max, "max", license.ToldContract, 0, 1)) })
		for day, kept := range map[int]bool{20: true, 80: false} {
			o.then(day, 1, func() {
				gone := errors.New("undone")
				err := o.db.Write(ctx, func(tx *store.Tx) error {
					o.check(tx.Sweep(ctx, time.Hour))
					over, err := tx.Awakes(ctx, account("max"), license.ToldContract, 0)
					o.check(err)
					same(t, fmt.Sprint("kept until day ", day), over, kept)
					return gone
				})
				if !errors.Is(err, gone) {
					t.Error(err)
				}
			})
		}
	})
}
