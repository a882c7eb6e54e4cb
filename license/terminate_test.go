package license_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

func ending(nonce, key string, n int64, when string) license.Terminating {
	return license.Terminating{License: key, Quantity: n, When: when, Devices: -1, Account: account("max"), Nonce: nonce}
}

// Licenses that nobody has end at once or later, once; who ended them is told in chat and by mail, and may undo it until then.
func TestTermination(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts() // basic: 12 ordered, 10 activated, 7 assigned
		ctx := t.Context()
		end := func(w license.Terminating) []license.TerminationView {
			t.Helper()
			vs, err := o.Terminate(ctx, o.max, w)
			o.check(err)
			return vs
		}
		now := end(ending("now", "basic", 3, license.AtOnce))
		same(t, "its state", now[0].State, store.TerminationDone)
		same(t, "those that were not activated went first", o.has(o.max)["basic"], [4]int64{9, 0, 7, 2})
		same(t, "who is told", o.told(), []string{fmt.Sprintf("termination %d mail:%d", now[0].ID, o.max.Person), fmt.Sprintf("termination %d slack:T1:max", now[0].ID)})

		later := end(ending("later", "basic", 1, license.AtEndOfMonth))
		same(t, "the same form again", end(ending("later", "basic", 1, license.AtEndOfMonth))[0].ID, later[0].ID)
		same(t, "its state", later[0].State, store.TerminationPlanned)
		if at := later[0].EffectiveAt; at.Day() != 1 || !at.After(time.Now()) || at.After(time.Now().AddDate(0, 0, 32)) {
			t.Errorf("it takes effect on %s", at)
		}
		same(t, "what there is until then", o.has(o.max)["basic"], [4]int64{9, 0, 7, 1})
		o.told()
		o.check(o.Sweep(ctx))
		same(t, "what is told before", o.told(), []string(nil))
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if _, err := o.Undo(ctx, o.max, int64(later[0].ID)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		same(t, "who is told", o.told(), []string{fmt.Sprintf("termination %d slack:T1:max", later[0].ID)})
		same(t, "what there is then", o.has(o.max)["basic"], [4]int64{9, 0, 7, 2})

		due := end(ending("due", "basic", 2, license.AtEndOfMonth))
		o.told()
		o.check(o.db.Write(ctx, func(tx *store.Tx) error {
			return tx.SaveTermination(ctx, store.Termination{ID: due[0].ID, State: store.TerminationPlanned, DueAt: tx.Now})
		}))
		o.check(o.Sweep(ctx))
		o.check(o.Sweep(ctx))
		same(t, "who is reminded, once", o.told(), []string{fmt.Sprintf("termination %d slack:T1:max", due[0].ID)})
		o.nextMonth(func() {
			o.check(o.Sweep(ctx))
			o.check(o.Sweep(ctx))
		})
		same(t, "what there is once it is over", o.has(o.max)["basic"], [4]int64{7, 0, 7, 0})
		same(t, "who is told, once", o.told(), []string{fmt.Sprintf("termination %d slack:T1:max", due[0].ID)})
		v, err := o.Undo(ctx, o.max, int64(due[0].ID))
		o.check(err)
		same(t, "undone afterwards", v.Changed, false)
		same(t, "of nothing there is no end", o.has(o.max)["drive"], [4]int64{5, 0, 5, 0})
	})
}

// nextMonth does something when the month is over.
func (o *office) nextMonth(do func()) {
	o.db.SetClock(func() time.Time { return time.Now().AddDate(0, 2, 0) })
	defer o.db.SetClock(time.Now)
	do()
}

// Not more than there is, not what somebody has, not before devices are unenrolled, and not by those who may not.
func TestWhatDoesNotEnd(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		ctx := t.Context()
		c := catalog()
		c.Services["storage"] = license.Service{Unenrolled: true}
		c.Contracts = map[[2]string]time.Time{{"acme", "office"}: time.Date(2099, 6, 30, 0, 0, 0, 0, time.UTC), {"acme", "storage"}: time.Date(2001, 6, 30, 0, 0, 0, 0, time.UTC)}
		o.Desk = license.NewDesk(o.db, o.people, c)
		refused := func(what string, a helpdesk.Actor, w license.Terminating, code helpdesk.Code) {
			t.Helper()
			_, err := o.Terminate(ctx, a, w)
			refusedAs(t, what, err, code)
		}
		refused("an employee", o.ann, ending("x", "basic", 1, license.AtOnce), license.NotManager)
		refused("what there is not", o.max, ending("x", "gold", 1, license.AtOnce), helpdesk.BadForm)
		refused("no date", o.max, ending("x", "basic", 1, "soon"), helpdesk.BadForm)
		refused("a contract that is over", o.max, ending("x", "drive", 1, license.AtEndOfContract), license.NoContract)
		refused("what is assigned", o.max, ending("x", "basic", 6, license.AtOnce), license.GateClosed)
		for _, n := range []int64{0, -1, 13} {
			if _, err := o.Terminate(ctx, o.max, ending("x", "basic", n, license.AtOnce)); !errors.As(err, new(*license.TooFew)) {
				t.Errorf("%d of 12: %v", n, err)
			}
		}
		_, err := o.Import(ctx, strings.NewReader("organization,license,ordered,activated,assigned\nglobex,drive,5,5,2\n"), false)
		o.check(err)
		gus := ending("x", "drive", 3, license.AtOnce)
		gus.Account = store.Account{Workspace: "slack:T2", ID: "gus"}
		refused("devices of which nobody says anything", o.gus, gus, license.GateClosed)
		gus.Devices, gus.Attested = 3, true
		refused("devices that are enrolled, whatever somebody says", o.gus, gus, license.GateClosed)
		gus.Devices = 2
		vs, err := o.Terminate(ctx, o.gus, gus)
		o.check(err)
		same(t, "attested, although a program has counted", vs[0].Attested, false)

		contract, err := o.Terminate(ctx, o.max, ending("contract", "basic", 5, license.AtEndOfContract))
		o.check(err)
		same(t, "the end of the contract", contract[0].EffectiveAt.UTC(), time.Date(2099, 7, 1, 0, 0, 0, 0, time.UTC))
		if _, err := o.Activate(ctx, o.max, activating("more", 1)); !errors.As(err, new(*license.TooFew)) {
			t.Errorf("what is to end is activated: %v", err)
		}
		refused("what is to end already", o.max, ending("y", "basic", 1, license.AtOnce), license.GateClosed)
		_, err = o.Undo(ctx, o.gus, int64(contract[0].ID))
		refusedAs(t, "another organization's manager", err, license.UnknownTermination)
		_, err = o.Undo(ctx, o.ann, int64(contract[0].ID))
		refusedAs(t, "an employee", err, license.NotManager)

		whole := ending("whole", "", 0, license.AtOnce)
		whole.Service = "office"
		refused("a service of which somebody has something", o.max, whole, license.GateClosed)
	})
}

// Orders, activations and ends at the same time: nothing that somebody has, or is about to have, ends.
func TestTerminationsAtTheSameTime(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		c := catalog()
		c.Services["office"] = license.Service{Webhook: true, Timeout: time.Hour}
		o.Desk = license.NewDesk(o.db, o.people, c)
		ctx, round := context.WithoutCancel(t.Context()), 0
		rapid.Check(t, func(r *rapid.T) {
			round++
			acts := rapid.SliceOfN(rapid.SampledFrom([]string{"order", "activate", license.AtOnce, license.AtEndOfMonth}), 2, 4).Draw(r, "acts")
			n := rapid.Int64Range(1, 4).Draw(r, "quantity")
			var all sync.WaitGroup
			for i, act := range acts {
				nonce := fmt.Sprintf("%d/%d", round, i)
				all.Go(func() {
					var err error
					switch act {
					case "order":
						_, err = o.PlaceOrder(ctx, o.max, o.placing(o.max, nonce, license.Item{License: "basic", Quantity: n}))
					case "activate":
						var v license.ActivationView
						if v, err = o.Activate(ctx, o.max, activating(nonce, n)); err == nil {
							err = o.Progressed(ctx, "office", license.Progress{Activation: int64(v.ID), State: store.Active})
						}
					default:
						_, err = o.Terminate(ctx, o.max, ending(nonce, "basic", n, act))
					}
					if err != nil && !errors.As(err, new(*license.TooFew)) && !helpdesk.IsRefusal(err, license.GateClosed) && !helpdesk.IsRefusal(err, license.OfferChanged) {
						t.Errorf("%s: %v", act, err)
					}
				})
			}
			all.Wait()
			e, err := o.Estate(ctx, o.max)
			o.check(err)
			i := slices.IndexFunc(e.Lines, func(l license.Line) bool { return l.Key == "basic" })
			if l := e.Lines[i]; l.Ordered-l.Ending-l.Pending < l.Assigned || l.Activated+l.Pending > l.Ordered {
				t.Fatalf("there are %+v", l)
			}
			o.nextMonth(func() { o.check(o.Sweep(ctx)) })
		})
	})
}
