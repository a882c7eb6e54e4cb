package helpdesk_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/store"
	"guichet/store/storetest"
)

// audited are the acts of the log that are about somebody, in order.
func (h *house) audited(account string) (all []string) {
	h.t.Helper()
	h.check(h.AuditOf(h.t.Context(), store.Account{Workspace: "slack:T1", ID: account}, func(e store.Entry) error {
		all = append(all, e.Act+" "+e.Detail+" "+e.Personal+" "+e.Source)
		return nil
	}))
	return all
}

// verified is what is wrong with the chain of an organization, after how many links.
func (h *house) verified(organization string) (sealed int64, broken string) {
	h.t.Helper()
	all, err := h.VerifyAudit(h.t.Context())
	h.check(err)
	for _, a := range all {
		if a.Organization == organization {
			return a.Sealed, a.Broken
		}
	}
	return 0, ""
}

// The configuration's managers come and go with it, an operator's stay; each change is in the log, once.
func TestRolesAreGivenTakenAndAudited(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ben, max := store.Account{Workspace: "slack:T1", ID: "ben"}, store.Account{Workspace: "slack:T1", ID: "max"}
		manages := func(a helpdesk.Actor) bool {
			t.Helper()
			who, err := h.Standing(ctx, a)
			h.check(err)
			return who.Manager
		}
		config := func(accounts ...store.Account) {
			t.Helper()
			h.check(h.SetManagers(ctx, map[string][]store.Account{"acme": accounts, "globex": {{Workspace: "slack:T2", ID: "gus"}}}))
		}
		maxs := `role.grant {"role":"manager"} {"account":"slack:T1/max","name":"MAX"} configuration`
		config(max)
		config(max, max)
		same(t, "read again", h.audited("max"), []string{maxs})

		for _, want := range []bool{true, false} {
			changed, err := h.GiveRole(ctx, ben, "acme", store.Manager)
			h.check(err)
			same(t, "given", changed, want)
		}
		config(max, ben)
		config() // nobody any more
		same(t, "the configuration's", manages(h.max), false)
		same(t, "the operator's", manages(h.ben), true)
		same(t, "and taken", h.audited("max"), []string{maxs, strings.Replace(maxs, "grant", "revoke", 1)})
		hs, err := h.Holders(ctx)
		h.check(err)
		if len(hs) != 2 || hs[0].Account != ben || hs[0].Name != "BEN" || hs[0].Origin != store.ByCommand || hs[1].Organization != "globex" {
			t.Errorf("there are %+v", hs)
		}
		for _, want := range []bool{true, false} {
			changed, err := h.TakeRole(ctx, ben, "acme", store.Manager)
			h.check(err)
			same(t, "taken", changed, want)
		}
		same(t, "the operator's, taken", manages(h.ben), false)
		same(t, "in the log, the configuration's too", len(h.audited("ben")), 4)
		if changed, err := h.TakeRole(ctx, store.Account{Workspace: "slack:T2", ID: "gus"}, "globex", store.Manager); err != nil || changed || !manages(h.gus) {
			t.Errorf("the configuration's is taken by hand: %v, %v", changed, err)
		}
	})
}

// Many acts at once, sealed by several copies at once, make one chain; whatever is changed in it afterwards is named.
func TestTheAuditLogIsAChain(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		h := newHouse(t, storetest.Open(t, address))
		h.behind(address)
		together(6, func(i int) {
			for n := range 5 {
				account := store.Account{Workspace: "slack:T1", ID: fmt.Sprintf("u%d-%d", i, n)}
				_, err1 := h.GiveRole(t.Context(), account, "acme", store.Manager)
				if err := errors.Join(err1, h.SealAudit(t.Context())); err != nil {
					t.Error(err)
				}
			}
		})
		h.check(h.SealAudit(t.Context()))
		if sealed, broken := h.verified("acme"); sealed != 31 || broken != "" { // with the configuration's own
			t.Fatalf("%d are sealed: %s", sealed, broken)
		}
		// Also of who was not met yet when they were given the role, by an account of theirs.
		late := store.Account{Workspace: "slack:T1", ID: "u0-0"}
		_, err := h.Meet(t.Context(), late, "Late", "")
		h.check(err)
		for id, name := range map[string]string{"max": "MAX", "u0-0": "", "u1-1": ""} {
			left := []string{`role.grant {"role":"manager"} {"account":"slack:T1/` + id + `","name":"` + name + `"} command line`}
			if id == "max" {
				left[0] = strings.Replace(left[0], "command line", "configuration", 1)
			}
			same(t, "before", h.audited(id), left)
			for _, want := range []helpdesk.Forgotten{{Entries: 1}, {}} {
				n, err := h.Forget(t.Context(), store.Account{Workspace: "slack:T1", ID: id})
				h.check(err)
				same(t, "forgotten", n, want)
			}
			if id == "max" || id == "u0-0" {
				continue // they are known, or were
			}
			same(t, "of whom nothing is known", h.audited(id), nil)
		}
		if sealed, broken := h.verified("acme"); sealed != 31 || broken != "" {
			t.Errorf("what is personal was blanked: %d, %s", sealed, broken)
		}

		at := func(seq int) string {
			return fmt.Sprintf("(SELECT entry_id FROM seals WHERE organization = 'acme' AND seq = %d)", seq)
		}
		for _, c := range []struct{ change, undo, want string }{
			{"UPDATE audit SET said = TRUE WHERE id = " + at(6), "UPDATE audit SET said = FALSE WHERE id = " + at(6), "seal 6, of entry"},
			{"UPDATE audit SET detail = 'x' WHERE id = " + at(7), `UPDATE audit SET detail = '{"role":"manager"}' WHERE id = ` + at(7), "seal 7, of entry"},
			{"UPDATE audit SET at = at + 1 WHERE id = " + at(8), "UPDATE audit SET at = at - 1 WHERE id = " + at(8), "seal 8, of entry"},
			{"UPDATE audit SET personal = personal || 'x' WHERE id = " + at(9), "UPDATE audit SET personal = substr(personal, 1, length(personal) - 1) WHERE id = " + at(9), "has other personal facts"},
			{"UPDATE seals SET seq = 100 WHERE organization = 'acme' AND seq = 10", "UPDATE seals SET seq = 10 WHERE organization = 'acme' AND seq = 100", "seal 10 is gone"},
			{"UPDATE seals SET organization = 'other' WHERE organization = 'acme' AND seq = 31", "UPDATE seals SET organization = 'acme' WHERE organization = 'other'", "is not in the chain"},
		} {
			h.exec(c.change)
			sealed, broken := h.verified("acme")
			if !strings.Contains(broken, c.want) {
				t.Errorf("%s: after %d it says %q", c.change, sealed, broken)
			}
			h.exec(c.undo)
			if sealed, broken := h.verified("acme"); sealed != 31 || broken != "" {
				t.Fatalf("undone: after %d it says %q", sealed, broken)
			}
		}
		h.exec("DELETE FROM seals WHERE organization = 'acme' AND seq = 31")
		if sealed, broken := h.verified("acme"); sealed != 30 || !strings.Contains(broken, "is not in the chain") {
			t.Errorf("the end is cut off: after %d it says %q", sealed, broken)
		}
		h.exec("DELETE FROM audit WHERE id = " + at(5))
		if sealed, broken := h.verified("acme"); sealed != 4 || !strings.Contains(broken, "the entry is gone") {
			t.Errorf("an entry is gone: after %d it says %q", sealed, broken)
		}
	})
}

// Forgetting that is cut short leaves a whole chain, and what is left is found when it is begun again.
func TestForgettingCutShort(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		const entries = 500
		ann := store.Account{Workspace: "slack:T1", ID: "ann"}
		h.check(h.db.Write(t.Context(), func(tx *store.Tx) error {
			for i := range entries {
				e := store.Entry{Organization: "acme", Actor: h.ann.Person, Subject: h.max.Person, Act: "test", Detail: "{}", Personal: fmt.Sprintf(`{"words":"%d"}`, i), Said: true}
				if i%2 == 0 { // likewise, but by an account
					e.Said, e.Actor, e.Subject, e.About = false, 0, 0, store.AccountName(ann)
				}
				if err := tx.Audit(t.Context(), e); err != nil {
					return err
				}
			}
			return nil
		}))
		h.check(h.SealAudit(t.Context()))
		ctx, kill := context.WithCancel(t.Context())
		writes := 0
		h.db.SetClock(func() time.Time { // every transaction asks it
			if writes++; writes == 3 {
				kill()
			}
			return time.Now()
		})
		first, err := h.Forget(ctx, ann)
		if err == nil || first.Entries == 0 || first.Entries >= entries {
			t.Fatalf("it was not cut short: %+v, %v", first, err)
		}
		if _, broken := h.verified("acme"); broken != "" {
			t.Errorf("cut short: %s", broken)
		}
		second, err := h.Forget(t.Context(), ann)
		h.check(err)
		same(t, "blanked in all", first.Entries+second.Entries, entries)
		for _, line := range append(h.audited("ann"), h.audited("max")...) {
			if strings.Contains(line, "words") {
				t.Errorf("still there: %s", line)
			}
		}
		if sealed, broken := h.verified("acme"); sealed != entries+1 || broken != "" {
			t.Errorf("in the end: %d, %s", sealed, broken)
		}
	})
}
