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
		same(t, "of which contracts", len(o.Ending("acme", time.Now())), 1)
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
