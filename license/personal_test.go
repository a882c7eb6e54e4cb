package license_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// export is all there is of whoever has an account, as an operator prints it.
func (o *office) export(a store.Account) string {
	o.t.Helper()
	var out strings.Builder
	lines := json.NewEncoder(&out)
	o.check(o.people.ProfileOf(o.t.Context(), a, lines.Encode))
	o.check(o.KnownOf(o.t.Context(), a, lines.Encode))
	o.check(o.people.AuditOf(o.t.Context(), a, func(e store.Entry) error {
		return lines.Encode(map[string]any{"act": e.Act, "detail": json.RawMessage(e.Detail), "personal": e.Personal})
	}))
	return out.String()
}

// Whoever asks for their data has what they wrote and what they are part of, and nobody else's words or accounts; whoever is forgotten is in
// nothing any more that was written by them or to them.
func TestPersonalData(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		o.starts()
		_, eve, fred, _ := o.approval(10)
		b, nadia := o.meet("bob"), o.agent()
		bob := helpdesk.Actor{Person: b.Person, Organization: "acme", Source: "slack:T1"}
		who := map[string]store.Account{"ann": account("ann"), "max": account("max"), "eve": account("eve"), "fred": account("fred"), "bob": account("bob"),
			"nadia": {Workspace: "slack:T9", ID: "nadia"}}

		r, _, err := o.Ask(ctx, bob, license.Wish{License: "basic", Reason: "bob's reason", Account: account("bob"), Nonce: "wish"})
		o.check(err)
		id := int64(r.ID)
		for range 2 { // the same again is not told, and not kept, twice
			_, err = o.AskBack(ctx, o.max, id, "max's question")
			o.check(err)
		}
		for range 2 {
			_, err = o.Answer(ctx, bob, id, license.HashOf("max's question"), "bob's answer")
			o.check(err)
		}
		_, err = o.RefuseRequest(ctx, fred, id, "fred's refusal")
		o.check(err)
		first, err := o.PlaceOrder(ctx, o.max, o.placing(o.max, "first", license.Item{License: "basic", Quantity: 10}))
		o.check(err)
		_, err = o.Refuse(ctx, o.ann, int64(first.ID), "ann's refusal")
		o.check(err)
		second, err := o.PlaceOrder(ctx, o.max, o.placing(o.max, "second", license.Item{License: "basic", Quantity: 11}))
		o.check(err)
		_, err = o.Approve(ctx, o.ann, int64(second.ID))
		o.check(err)
		_, err = o.Refuse(ctx, eve, int64(second.ID), "eve's refusal")
		o.check(err)
		x, err := o.Activate(ctx, o.max, activating("activation", 1))
		o.check(err)
		_, err = o.FailedAt(ctx, nadia, x.Ticket, "nadia's reason")
		o.check(err)
		_, err = o.Terminate(ctx, o.max, ending("end", "basic", 1, license.AtEndOfMonth))
		o.check(err)
		seating := license.Seating{License: "basic", Holder: b, Attested: true}
		_, err = o.Assign(ctx, o.max, seating)
		o.check(err)
		for _, a := range []helpdesk.Actor{bob, o.max} {
			details, err := o.people.DetailsOf(ctx, a)
			o.check(err)
			changed := details
			changed.Phone = fmt.Sprintf("+33 %d", 1000+a.Person)
			_, err = o.people.SetDetails(ctx, a, account("x"), details, changed)
			o.check(err)
		}
		o.check(o.people.SealAudit(ctx))

		phone := func(a helpdesk.Actor) string { return fmt.Sprintf("+33 %d", 1000+a.Person) }
		words := map[string][]string{"bob": {"bob's reason", "bob's answer", phone(bob)}, "max": {"max's question", phone(o.max)}, "fred": {"fred's refusal"},
			"ann": {"ann's refusal"}, "eve": {"eve's refusal"}, "nadia": {"nadia's reason"}}
		has := map[string][]string{
			"bob": {`"request":1,"organization":"acme","license":"basic","state":"refused","made":true,"account":"slack:T1/bob"`, `"seat":1`, `"act":"request.ask"`, `"act":"license.attest.assign"`,
				`{"change":"phone","became":"` + phone(bob)},
			"max": {`"role":"manager"`, `"request":1`, `"order":1,"organization":"acme","state":"refused","made":true,"account":"slack:T1/max"`, `"lines":[{"license":"basic","quantity":10,"net":"`,
				`{"kind":"general","version":"1","sha256":"`, `"activation":1`, `"termination":1`, `"act":"order.make"`},
			"fred": {`"request":1,"organization":"acme","license":"basic","state":"refused","decided":true`, `"act":"request.refuse"`},
			"ann": {`"order":1,"organization":"acme","state":"refused","refused":true,"approvals":[{"step":1,"account":"slack:T1/ann"}],"reason":"ann's refusal"`,
				`"order":2,"organization":"acme","state":"refused","approvals":[{"step":1,"account":"slack:T1/ann","approved_at":"`},
			"eve":   {`"order":2,"organization":"acme","state":"refused","refused":true,"approvals":[{"step":2,"account":"slack:T1/eve"}]`},
			"nadia": {`"activation":1`}}
		// holds says that all exports hold these words, in the audit log too but for those that are kept once, and of others none.
		holds := func(when string, gone ...string) {
			t.Helper()
			for name, a := range who {
				got := o.export(a)
				for _, h := range has[name] {
					if !strings.Contains(got, h) && len(gone) == 0 {
						t.Errorf("%s: %s's has no %s:\n%s", when, name, h, got)
					}
				}
				for other, ws := range words {
					for _, w := range ws {
						if want := other == name && !slices.Contains(gone, w); strings.Contains(got, w) != want {
							t.Errorf("%s: whether %s's has %q is not %v:\n%s", when, name, w, want, got)
						}
					}
					if account := `"` + store.AccountName(who[other]) + `"`; other != name && strings.Contains(got, account) {
						t.Errorf("%s: %s's has %s:\n%s", when, name, account, got)
					}
				}
			}
			chains, err := o.people.VerifyAudit(ctx)
			o.check(err)
			for _, c := range chains {
				if c.Broken != "" {
					t.Errorf("%s: %s is broken: %s", when, c.Organization, c.Broken)
				}
			}
		}
		holds("all")
		for _, w := range []string{"max's question", "bob's answer", "fred's refusal", "ann's refusal", "eve's refusal"} { // in their place and in the audit log, once
			if n := strings.Count(o.export(who[strings.Split(w, "'")[0]]), w); n != 2 {
				t.Errorf("%q is there %d times", w, n)
			}
		}

		forget := func(name string, want helpdesk.Forgotten) {
			t.Helper()
			for _, want := range []helpdesk.Forgotten{want, {}} {
				done, err := o.people.Forget(ctx, who[name])
				o.check(err)
				same(t, name+" is forgotten", done, want)
			}
		}
		forget("fred", helpdesk.Forgotten{Entries: 1, Fields: 1})
		holds("without fred", "fred's refusal")
		forget("bob", helpdesk.Forgotten{Entries: 3, Fields: 5}) // with what was asked of him; fred's is gone already
		holds("without bob", "fred's refusal", "bob's reason", "bob's answer", phone(bob), "max's question")
		forget("max", helpdesk.Forgotten{Entries: 3, Fields: 5}) // his role, and why he was refused
		holds("without max", "fred's refusal", "bob's reason", "bob's answer", phone(bob), "max's question", phone(o.max), "ann's refusal", "eve's refusal", "nadia's reason")
		got := o.export(who["max"])
		for _, left := range []string{`"order":1`, `"net":"`, `"state":"refused"`, `"act":"order.make"`, `"act":"terms.accept"`} {
			if !strings.Contains(got, left) {
				t.Errorf("no %s is left of max:\n%s", left, got)
			}
		}

		// Whoever was asked something by somebody who is forgotten can still answer, and what a program said of an activation stays.
		r, _, err = o.Ask(ctx, bob, license.Wish{License: "basic", Reason: "again", Account: account("bob"), Nonce: "again"})
		o.check(err)
		_, err = o.AskBack(ctx, o.max, int64(r.ID), "what for?")
		o.check(err)
		forget("max", helpdesk.Forgotten{Entries: 1, Fields: 1})
		r, err = o.Answer(ctx, bob, int64(r.ID), license.HashOf(""), "for work")
		o.check(err)
		same(t, "the answer", []any{r.Question, r.Answer, r.Changed}, []any{"", "for work", true})
		forget("max", helpdesk.Forgotten{Fields: 1}) // what was answered them
		same(t, "whether bob's export has the answer still, in the audit log", strings.Count(o.export(who["bob"]), "for work"), 1)
	})
}
