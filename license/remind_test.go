package license_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"guichet/license"
	"guichet/store"
)

// hourly comes due with every hour.
type hourly struct{}

func (hourly) Next(t time.Time) time.Time { return t.Truncate(time.Hour).Add(time.Hour) }

func (hourly) String() string { return "0 * * * *" }

// daily comes due at ten.
type daily struct{}

func (daily) Next(t time.Time) time.Time {
	at := t.Truncate(24 * time.Hour).Add(10 * time.Hour)
	if !at.After(t) {
		at = at.AddDate(0, 0, 1)
	}
	return at
}

func (daily) String() string { return "0 10 * * *" }

// later does something some time from now, by several copies of the program at once.
func (o *office) later(by time.Duration) {
	o.t.Helper()
	o.db.SetClock(func() time.Time { return time.Now().Add(by) })
	defer o.db.SetClock(time.Now)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if err := o.Sweep(o.t.Context()); err != nil {
				o.t.Error(err)
			}
		})
	}
	all.Wait()
}

// Whoever is to decide is reminded until they have; managers, of what nobody uses, and of contracts: once at each time, by any number of copies.
func TestReminders(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		ctx := t.Context()
		ann, _, _, _ := o.approval(1)
		c := o.Catalog()
		c.Reminders = license.Reminders{Undecided: hourly{}, Before: 60 * 24 * time.Hour}
		o.Desk = license.NewDesk(o.db, o.people, c)
		v, err := o.PlaceOrder(ctx, o.max, o.placing(o.max, "order", license.Item{License: "basic", Quantity: 1}))
		o.check(err)
		_, _, err = o.Ask(ctx, o.ann, license.Wish{License: "basic", Reason: "x", Account: account("ann"), Nonce: "wish", Subject: "s", Text: "t"})
		o.check(err)
		o.told()
		o.later(time.Hour)
		same(t, "who is reminded at once", o.told(), []string(nil))
		o.later(15 * time.Hour)
		o.later(15 * time.Hour)
		same(t, "who is reminded", o.told(), []string{fmt.Sprintf("approval %d slack:T1:ann", v.ID), "request 1 slack:T1:max"})
		o.later(40 * time.Hour)
		same(t, "who is reminded again", len(o.told()), 2)
		_, err = o.Withdraw(ctx, o.max, int64(v.ID))
		o.check(err)
		_, err = o.RefuseRequest(ctx, o.max, 1, "No.")
		o.check(err)
		o.told()
		o.later(60 * time.Hour)
		same(t, "who is reminded of what is decided", o.told(), []string(nil))
		_ = ann

		c.Reminders = license.Reminders{Unused: hourly{}, Ending: hourly{}, Before: 60 * 24 * time.Hour}
		day := func(n int) time.Time { return time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, n) }
		c.Contracts = map[[2]string]time.Time{{"acme", "office"}: day(30), {"acme", "storage"}: day(90), {"globex", "office"}: day(-3)}
		o.Desk = license.NewDesk(o.db, o.people, c)
		o.later(0)
		o.later(2 * time.Hour)
		o.later(2 * time.Hour)
		same(t, "who is told", o.told(), []string{"contract 0 slack:T1:max", "unused 0 slack:T1:max", "unused 0 slack:T2:gus"})
		near, _ := o.Ending("acme")
		same(t, "of which contracts", len(near), 1)
		o.later(4 * time.Hour)
		same(t, "who is told the next time", o.told(), []string{"unused 0 slack:T1:max", "unused 0 slack:T2:gus"})
	})
}

// Managers are told once of terms that are others than what they have accepted, and not of what they accepted since.
func TestTermsThatChange(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		ctx := t.Context()
		o.check(o.TellTerms(ctx))
		same(t, "who has accepted nothing", o.told(), []string(nil))
		_, err := o.PlaceOrder(ctx, o.max, o.placing(o.max, "one", license.Item{License: "basic", Quantity: 1}))
		o.check(err)
		o.told()
		c := catalog()
		c.General = license.Terms{Version: "2", Texts: map[string]string{"": "others"}}
		o.Desk = license.NewDesk(o.db, o.people, c)
		o.check(o.TellTerms(ctx))
		o.check(o.TellTerms(ctx))
		same(t, "who is told", o.told(), []string{"terms 0 slack:T1:max"})
		changed, err := o.Changed(ctx, "acme", "en")
		o.check(err)
		if len(changed) != 1 || changed[0].Version != "2" || changed[0].Hash != license.HashOf("others") {
			t.Errorf("changed: %+v", changed)
		}
		v, err := o.PlaceOrder(ctx, o.max, o.placing(o.max, "two", license.Item{License: "basic", Quantity: 1}))
		o.check(err)
		same(t, "its state", v.State, store.OrderPlaced)
		changed, err = o.Changed(ctx, "acme", "en")
		o.check(err)
		same(t, "changed since", len(changed), 0)
	})
}

// A clock that was wrong by a year, or a schedule that is changed, keeps nobody from being reminded.
func TestRemindersWhoseTimesChange(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		set := func(s license.Schedule, zone *time.Location) {
			c := catalog()
			c.Zone, c.Reminders = zone, license.Reminders{Unused: s}
			o.Desk = license.NewDesk(o.db, o.people, c)
		}
		unused, none := []string{"unused 0 slack:T1:max", "unused 0 slack:T2:gus"}, []string(nil)
		set(daily{}, time.UTC)
		o.at(10+365, 9, 0)
		same(t, "while the clock is a year ahead", o.at(10+365, 10, 1), unused)
		same(t, "when it is put back", o.at(10, 9, 0), none)
		same(t, "on the next day of the schedule", o.at(10, 10, 1), unused)
		same(t, "and no more on that day", o.at(10, 11, 1), none)
		set(hourly{}, time.UTC)
		same(t, "once the schedule is changed", o.at(10, 12, 1), none)
		same(t, "by the new one", o.at(10, 13, 1), unused)
		set(hourly{}, time.FixedZone("Moved", 1800))
		same(t, "once the zone is changed", o.at(10, 13, 31), none)
		same(t, "by the new zone", o.at(10, 14, 31), unused)
	})
}

// A contract ends with its last day where the configuration says it does, for who is told of it as for who ends licenses with it.
func TestWhereContractsEnd(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		c := catalog()
		c.Zone, c.Reminders.Before = time.FixedZone("West", -8*3600), 60*24*time.Hour
		c.Contracts = map[[2]string]time.Time{{"acme", "office"}: time.Date(2027, 1, 15, 0, 0, 0, 0, time.UTC)}
		o.Desk = license.NewDesk(o.db, o.people, c)
		for hour, left := range map[int]int{7: 1, 9: 0} { // the day ends at 8, UTC
			o.then(16, hour, func() {
				near, _ := o.Ending("acme")
				same(t, fmt.Sprint("near their end at ", hour), len(near), left)
				_, err := o.Gate(t.Context(), o.max, license.Terminating{License: "basic", Quantity: 1, When: license.AtEndOfContract})
				same(t, fmt.Sprint("can end with it at ", hour), err == nil, left == 1)
			})
		}
	})
}
