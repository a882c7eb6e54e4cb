package license_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// agent is nadia, who is in the channel of the queue that provisions.
func (o *office) agent() helpdesk.Actor {
	o.t.Helper()
	q, _ := o.people.Catalog().Queue("sales")
	o.check(o.people.SetSeen(o.t.Context(), q, store.Seen{Private: true, Members: []string{"nadia"}}, 0))
	p, err := o.people.Meet(o.t.Context(), store.Account{Workspace: "slack:T9", ID: "nadia"}, "Nadia", "en")
	o.check(err)
	return helpdesk.Actor{Person: p.ID, Organization: p.Organization, Source: "slack:T9"}
}

func activating(nonce string, n int64) license.Activating {
	return license.Activating{License: "basic", Quantity: n, Account: account("max"), Nonce: nonce, Subject: "Activate", Text: "Please."}
}

// No more is activated than is ordered, whoever asks at the same time; each form once.
func TestActivationIsBounded(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts() // 12 ordered, 10 activated
		ctx := t.Context()
		for what, w := range map[string]license.Activating{"none": activating("x", 0), "fewer": activating("x", -1), "no nonce": activating("", 1), "what there is not": {License: "gold", Quantity: 1, Nonce: "x"}} {
			_, err := o.Activate(ctx, o.max, w)
			refusedAs(t, what, err, helpdesk.BadForm)
		}
		_, err := o.Activate(ctx, o.ann, activating("x", 1))
		refusedAs(t, "an employee", err, license.NotManager)
		_, err = o.Activate(ctx, o.max, activating("x", 3))
		few := (*license.TooFew)(nil)
		if !errors.As(err, &few) || few.Inactive() != 2 || few.Ordered != 12 {
			t.Errorf("too many: %v %+v", err, few)
		}
		_, err = o.Activate(ctx, o.max, activating("form", 1))
		o.check(err)
		_, err = o.Activate(ctx, o.gus, activating("form", 1))
		refusedAs(t, "another organization's with a form of theirs", err, helpdesk.NotYourForm)
		var all sync.WaitGroup
		var mu sync.Mutex
		done, refused := 0, 0
		for i := range 6 {
			all.Go(func() {
				v, err := o.Activate(ctx, o.max, activating(fmt.Sprint("form", i/2), 1)) // each form twice
				mu.Lock()
				defer mu.Unlock()
				switch {
				case errors.As(err, new(*license.TooFew)):
					refused++
				case err != nil:
					t.Error(err)
				case v.Changed:
					done++
				}
			})
		}
		all.Wait()
		if done != 1 || refused != 4 {
			t.Errorf("%d were begun and %d refused", done, refused)
		}
		e, err := o.Estate(ctx, o.max)
		o.check(err)
		same(t, "what is being activated", e.Lines[0].Pending, int64(2))
	})
}

// Agents do it, or say why not: once, and nobody else.
func TestAgentsActivate(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		ctx := t.Context()
		nadia := o.agent()
		first, err := o.Activate(ctx, o.max, activating("first", 1))
		o.check(err)
		second, err := o.Activate(ctx, o.max, activating("second", 1))
		o.check(err)
		for who, a := range map[string]helpdesk.Actor{"who asked": o.max, "a colleague": o.ann, "another organization's manager": o.gus} {
			if _, err := o.Provisioned(ctx, a, first.Ticket, ""); !helpdesk.IsRefusal(err, helpdesk.UnknownTicket) && !helpdesk.IsRefusal(err, helpdesk.NotAllowed) {
				t.Errorf("%s: %v", who, err)
			}
		}
		quote, err := o.AskQuote(ctx, o.max, license.Quote{License: "basic", Quantity: 10, Subject: "Quote", Text: "Please."}, "quote")
		o.check(err)
		_, err = o.Provisioned(ctx, nadia, quote.Ticket.ID, "")
		refusedAs(t, "a ticket about something else", err, license.UnknownActivation)
		_, err = o.FailedAt(ctx, nadia, second.Ticket, " ")
		refusedAs(t, "no reason", err, helpdesk.BadForm)
		o.told()

		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if _, err := o.Provisioned(ctx, nadia, first.Ticket, ""); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		same(t, "what there is", o.has(o.max)["basic"], [4]int64{12, 0, 7, 4})
		same(t, "who is told", o.told(), []string{fmt.Sprintf("activation %d slack:T1:max", first.ID)})
		v, err := o.FailedAt(ctx, nadia, second.Ticket, "The vendor is down.")
		o.check(err)
		same(t, "the reason", v.Reason, "The vendor is down.")
		v, err = o.Provisioned(ctx, nadia, second.Ticket, "")
		o.check(err)
		if v.Changed || v.State != store.Failed {
			t.Errorf("after it has failed: %+v", v)
		}
		same(t, "what there is then", o.has(o.max)["basic"], [4]int64{12, 1, 7, 4})
		for _, id := range []store.TicketID{first.Ticket, second.Ticket} {
			ticket, _, err := o.people.Addressee(ctx, nadia, helpdesk.Reply, id, store.DeskSide)
			o.check(err)
			same(t, "the ticket", ticket.State, string(helpdesk.Resolved))
		}
	})
}

// What a program says moves licenses once; what it can't mean does not.
func TestAProgramActivates(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		ctx := t.Context()
		c := catalog()
		c.Services["office"] = license.Service{Webhook: true, Timeout: time.Hour}
		o.Desk = license.NewDesk(o.db, o.people, c)
		v, err := o.Activate(ctx, o.max, activating("form", 2))
		o.check(err)
		id := int64(v.ID)
		same(t, "who is told", o.told(), []string{fmt.Sprintf("activation %d slack:T1:max", id)})
		o.check(o.db.Write(ctx, func(tx *store.Tx) error {
			ds, err := tx.Claim(ctx, license.ProvisionerOf("office"), 10, time.Minute)
			if err != nil || len(ds) != 1 {
				t.Fatalf("%d calls wait: %v", len(ds), err)
			}
			j, err := o.Job(ctx, ds[0])
			same(t, "the job", j.ID, v.ID)
			return err
		}))
		for _, c := range []struct {
			what    string
			service string
			p       license.Progress
			want    error
		}{
			{"no state", "office", license.Progress{Activation: id, State: "done"}, license.ErrBadProgress},
			{"another service's", "storage", license.Progress{Activation: id, State: store.Active}, license.ErrElsewhere},
			{"none", "office", license.Progress{Activation: id + 1, State: store.Active}, license.ErrElsewhere},
			{"in progress", "office", license.Progress{Activation: id, State: store.InProgress}, nil},
			{"again", "office", license.Progress{Activation: id, State: store.InProgress}, nil},
			{"active", "office", license.Progress{Activation: id, State: store.Active}, nil},
			{"active again", "office", license.Progress{Activation: id, State: store.Active}, nil},
			{"failed after all", "office", license.Progress{Activation: id, State: store.Failed}, license.ErrOver},
		} {
			if err := o.Progressed(ctx, c.service, c.p); !errors.Is(err, c.want) || c.want == nil && err != nil {
				t.Errorf("%s: %v", c.what, err)
			}
		}
		same(t, "what there is", o.has(o.max)["basic"], [4]int64{12, 0, 7, 5})
		same(t, "who is told", o.told(), []string{fmt.Sprintf("activation %d slack:T1:max", id), fmt.Sprintf("activation %d slack:T1:max", id)})

		// Nothing is heard in time: it has failed. What comes later counts all the same.
		_, err = o.PlaceOrder(ctx, o.max, o.placing(o.max, "more", license.Item{License: "basic", Quantity: 3}))
		o.check(err)
		v, err = o.Activate(ctx, o.max, activating("late", 3))
		o.check(err)
		o.check(o.db.Write(ctx, func(tx *store.Tx) error {
			late := v.Activation
			late.Deadline = tx.Now
			return tx.SaveActivation(ctx, late)
		}))
		o.told()
		o.check(o.Sweep(ctx))
		o.check(o.Sweep(ctx))
		same(t, "who is told of that", o.told(), []string{fmt.Sprintf("activation %d slack:T1:max", v.ID)})
		late, err := o.Activated(ctx, int64(v.ID))
		o.check(err)
		if !late.TimedOut() {
			t.Errorf("it is %+v", late)
		}
		if err := o.Progressed(ctx, "office", license.Progress{Activation: int64(v.ID), State: store.InProgress}); !errors.Is(err, license.ErrOver) {
			t.Errorf("begun late: %v", err)
		}
		o.check(o.Progressed(ctx, "office", license.Progress{Activation: int64(v.ID), State: store.Active, Reason: strings.Repeat("x", 1000)}))
		same(t, "what there is then", o.has(o.max)["basic"], [4]int64{15, 0, 7, 8})
	})
}

// Orders, activations and what programs say of them, in any order and at the same time: licenses stay in order.
func TestActivationsAtTheSameTime(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		c := catalog()
		c.Services["office"] = license.Service{Webhook: true, Timeout: time.Hour}
		o.Desk = license.NewDesk(o.db, o.people, c)
		ctx, round := context.WithoutCancel(t.Context()), 0
		rapid.Check(t, func(r *rapid.T) {
			round++
			var all sync.WaitGroup
			for i := range rapid.IntRange(2, 4).Draw(r, "people") {
				n := rapid.Int64Range(1, 4).Draw(r, "quantity")
				states := rapid.SliceOfN(rapid.SampledFrom([]string{store.InProgress, store.Active, store.Failed}), 1, 3).Draw(r, "states")
				all.Go(func() {
					nonce := fmt.Sprintf("%d/%d", round, i)
					if i == 0 {
						p := o.placing(o.max, nonce, license.Item{License: "basic", Quantity: n})
						if _, err := o.PlaceOrder(ctx, o.max, p); err != nil {
							t.Error(err)
						}
						return
					}
					v, err := o.Activate(ctx, o.max, activating(nonce, n))
					if errors.As(err, new(*license.TooFew)) {
						return
					}
					if err != nil {
						t.Error(err)
						return
					}
					for _, s := range states {
						if err := o.Progressed(ctx, "office", license.Progress{Activation: int64(v.ID), State: s}); err != nil && !errors.Is(err, license.ErrOver) {
							t.Error(err)
						}
					}
				})
			}
			all.Wait()
			e, err := o.Estate(ctx, o.max)
			o.check(err)
			if l := e.Lines[0]; l.Inactive() < 0 || l.Free() < 0 {
				t.Fatalf("there are %+v", l)
			}
		})
	})
}
