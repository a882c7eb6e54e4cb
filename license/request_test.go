package license_test

import (
	"strings"
	"sync"
	"testing"

	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// An employee asks once; managers decide, once; what is asked back is answered first. Nobody else has a say in it.
func TestRequests(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.starts()
		ctx := t.Context()
		_, eve, fred, _ := o.approval(1000)
		wish := license.Wish{License: "basic", Reason: " For the new laptop. ", Account: account("ann"), Nonce: "form", Subject: "s", Text: "t"}
		for name, spoil := range map[string]func(*license.Wish){"no license": func(w *license.Wish) { w.License = "gold" }, "no reason": func(w *license.Wish) { w.Reason = " " },
			"too long": func(w *license.Wish) { w.Reason = strings.Repeat("x", license.MaxWords+1) }, "no nonce": func(w *license.Wish) { w.Nonce = "" }} {
			w := wish
			spoil(&w)
			_, _, err := o.Ask(ctx, o.ann, w)
			refusedAs(t, name, err, helpdesk.BadForm)
		}
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if _, _, err := o.Ask(ctx, o.ann, wish); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		same(t, "who is asked", o.told(), []string{"request 1 slack:T1:max"})
		_, _, err := o.Ask(ctx, eve, wish)
		refusedAs(t, "somebody else's form", err, helpdesk.NotYourForm)

		_, err = o.ApproveRequest(ctx, o.gus, 1)
		refusedAs(t, "another organization's manager", err, license.UnknownRequest)
		_, err = o.ApproveRequest(ctx, o.ann, 1)
		refusedAs(t, "who asks", err, license.NotAsked)
		_, err = o.ApproveRequest(ctx, o.max, 2)
		refusedAs(t, "what nobody asked for", err, license.UnknownRequest)
		_, err = o.RefuseRequest(ctx, o.max, 1, " ")
		refusedAs(t, "no reason", err, helpdesk.BadForm)

		_, err = o.Answer(ctx, o.ann, 1, license.HashOf(""), "I was not asked.")
		o.check(err)
		same(t, "who is told of an answer to nothing", o.told(), []string(nil))
		_, err = o.AskBack(ctx, o.max, 1, "Which laptop?")
		o.check(err)
		same(t, "who is asked back", o.told(), []string{"question 1 slack:T1:ann"})
		_, err = o.Answer(ctx, eve, 1, license.HashOf("Which laptop?"), "Mine.")
		refusedAs(t, "an answer of somebody else", err, license.UnknownRequest)
		v, err := o.Answer(ctx, o.ann, 1, license.HashOf("Since when?"), "On Monday.")
		o.check(err)
		if v.Changed || v.Answer != "" || v.Question != "Which laptop?" {
			t.Errorf("an answer to another question: %+v", v)
		}
		same(t, "who is told of an answer to another question", o.told(), []string(nil))
		v, err = o.Answer(ctx, o.ann, 1, license.HashOf("Which laptop?"), "The blue one.")
		o.check(err)
		same(t, "the answer", v.Answer, "The blue one.")
		same(t, "who is told", o.told(), []string{"request 1 slack:T1:max"})
		o.check(o.AskFallback(ctx, 1))
		o.check(o.AskFallback(ctx, 1))
		same(t, "who is asked while they are away", o.told(), []string{"request 1 slack:T1:fred"})

		changed := 0
		for _, a := range []helpdesk.Actor{fred, o.max} {
			v, err := o.ApproveRequest(ctx, a, 1)
			o.check(err)
			same(t, "its state", v.State, store.RequestApproved)
			same(t, "by whom", v.Request.By, fred.Person)
			if v.Changed {
				changed++
			}
		}
		same(t, "how often it was decided", changed, 1)
		same(t, "who is told", o.told(), []string{"decided 1 slack:T1:ann", "to_order 1 slack:T1:max"})
		v, err = o.RefuseRequest(ctx, o.max, 1, "No.")
		o.check(err)
		same(t, "refused afterwards", v.Changed, false)

		// Without a manager it is a ticket, once.
		o.check(o.people.SetManagers(ctx, nil))
		wish.Nonce = "other"
		_, first, err := o.Ask(ctx, o.ann, wish)
		o.check(err)
		_, second, err := o.Ask(ctx, o.ann, wish)
		o.check(err)
		if first.Ticket.ID == 0 || first.Ticket.ID != second.Ticket.ID || first.Ticket.Queue != "support" || second.Changed {
			t.Errorf("the tickets are %+v and %+v", first.Ticket, second.Ticket)
		}
	})
}
