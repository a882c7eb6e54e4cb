package license_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"guichet/helpdesk"
	"guichet/license"
)

func TestHowMany(t *testing.T) {
	for text, want := range map[string]int64{"1": 1, " 12 ": 12, "1 000": 1000, "1\u202f000": 1000, "100000": license.MostQuoted,
		"0": 0, "-1": 0, "100001": 0, "1.5": 0, "1,5": 0, "ten": 0, "": 0, "  ": 0, "99999999999999999999": 0, "+3": 3, "0x10": 0} {
		n, wrong := license.ParseQuantity(text)
		if n != want || (wrong == "") != (want > 0) || strings.TrimSpace(text) == "" && wrong != helpdesk.FieldMissing {
			t.Errorf("%q: %d, %q, want %d", text, n, wrong, want)
		}
	}
}

// A manager asks for a quote once by each form, for their own organization; nobody else does.
func TestAQuoteIsAskedFor(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		quote := license.Quote{License: "basic", Quantity: 10, Subject: "Quote: 10 Basic", Text: "Please."}
		refused := func(who string, a helpdesk.Actor, q license.Quote, nonce string, code helpdesk.Code) {
			t.Helper()
			out, err := o.AskQuote(ctx, a, q, nonce)
			if !helpdesk.IsRefusal(err, code) {
				t.Errorf("%s: %+v, %v", who, out, err)
			}
		}
		refused("an employee", o.ann, quote, "form", license.NotManager)
		for name, spoil := range map[string]func(*license.Quote){
			"no license":      func(q *license.Quote) { q.License = "gold" },
			"none":            func(q *license.Quote) { q.Quantity = 0 },
			"fewer than none": func(q *license.Quote) { q.Quantity = -1 },
			"too many":        func(q *license.Quote) { q.Quantity = license.MostQuoted + 1 },
			"no subject":      func(q *license.Quote) { q.Subject = " " },
			"too long":        func(q *license.Quote) { q.Text = strings.Repeat("x", helpdesk.MaxDescription+1) },
		} {
			q := quote
			spoil(&q)
			refused(name, o.max, q, "form", helpdesk.BadForm)
		}
		if _, err := o.AskQuote(ctx, o.max, quote, ""); err == nil {
			t.Error("a form without a nonce")
		}

		forged := o.max
		forged.Organization = "globex"
		var all sync.WaitGroup
		outs := make([]helpdesk.Outcome, 4)
		for i := range outs {
			all.Go(func() {
				var err error
				if outs[i], err = o.AskQuote(ctx, forged, quote, "form"); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		changed := 0
		for _, out := range outs {
			if out.Changed {
				changed++
			}
			if got := out.Ticket; got.ID != outs[0].Ticket.ID || got.Organization != "acme" || got.Queue != "sales" || got.Kind != helpdesk.ServiceRequest || got.Service != "office" || got.Requester != o.max.Person {
				t.Errorf("it is %+v", got)
			}
		}
		same(t, "asked", changed, 1)
		refused("another's form", o.gus, quote, "form", helpdesk.NotYourForm)
		o.managers("ann")
		refused("a former manager", o.max, quote, "another form", license.NotManager)
		if err := o.MustManage(ctx, o.max); !helpdesk.IsRefusal(err, license.NotManager) {
			t.Errorf("a former manager may begin: %v", err)
		}
		if err := errors.Join(o.MustManage(ctx, o.ann), o.MustManage(ctx, o.gus)); err != nil {
			t.Error(err)
		}
	})
}
