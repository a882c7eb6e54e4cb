package helpdesk_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// sections are a home view's, each with its tickets.
func sections(v helpdesk.HomeView) string {
	var all []string
	for _, s := range v.Sections {
		line := s.Name + ":"
		for _, t := range s.Tickets {
			line += fmt.Sprint(" ", t.ID)
		}
		if s.IsMore {
			line += " …"
		}
		all = append(all, line)
	}
	return v.Tab + " of " + strings.Join(v.Tabs, ",") + "; " + strings.Join(all, "; ")
}

func TestWhatAHomeShowsToWhom(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		waiting := h.into(h.open(h.ann, "office"), helpdesk.Waiting) // 1001, Ada's
		h.open(h.ann, "office")                                      // 1002
		h.open(h.ben, "emm")                                         // 1003
		h.into(h.open(h.ann, "office"), helpdesk.Closed)             // 1004
		h.open(h.gus, "office")                                      // 1005
		tom := h.administrator("tom", "office")
		if waiting.ID != 1001 {
			t.Fatalf("the first ticket is %d", waiting.ID)
		}
		for _, c := range []struct {
			who  helpdesk.Actor
			tab  string
			want string
		}{
			{h.ann, "", "mine of mine; needs: 1001; open: 1002"},
			{h.ann, helpdesk.TabDesk, "mine of mine; needs: 1001; open: 1002"},
			{h.ben, helpdesk.TabOrganization, "mine of mine; needs:; open: 1003"},
			{h.max, helpdesk.TabOrganization, "organization of mine,organization; company: 1003 1002 1001"},
			{tom, helpdesk.TabServices, "services of mine,services; administered: 1002 1001"},
			{tom, helpdesk.TabOrganization, "mine of mine,services; needs:; open:"},
			{h.gus, helpdesk.TabOrganization, "organization of mine,organization; company: 1005"},
			{h.ada, helpdesk.TabDesk, "desk of mine,desk; assigned: 1001; unassigned: 1005 1002; oldest: 1001 1002 1005"},
			{h.ada, "no such tab", "mine of mine,desk; needs:; open:"},
			{h.eve, helpdesk.TabDesk, "desk of mine,desk; assigned:; unassigned: 1003; oldest: 1003; mobiledevices: 1003"},
		} {
			v, err := h.Home(t.Context(), c.who.Person, c.tab)
			h.check(err)
			same(t, fmt.Sprint(c.who.Person, " at ", c.tab), sections(v), c.want)
		}
		v, err := h.Home(t.Context(), h.administrator("tim", "emm", "office").Person, helpdesk.TabServices)
		h.check(err)
		same(t, "administrator of two", sections(v), "services of mine,services; administered: 1003 1002 1001")
		v, err = h.Home(t.Context(), tom.Person, helpdesk.TabServices)
		h.check(err)
		same(t, "former administrator", sections(v), "mine of mine; needs:; open:")
		for range helpdesk.HomeShown {
			h.open(h.ann, "office")
		}
		v, err = h.Home(t.Context(), h.ann.Person, "")
		h.check(err)
		if s := v.Sections[1]; len(s.Tickets) != helpdesk.HomeShown || !s.IsMore || s.More != (helpdesk.Filter{Mine: true, State: "open"}) {
			t.Errorf("a long section: %+v", s)
		}
	})
}

// A home view is brought up to date when something that it may show has changed: once, by one copy, and
// not again within a moment.
func TestAHomeIsStaleOnceSomethingChanged(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		account := func(id string) store.Account { return store.Account{Workspace: "slack:T1", ID: id} }
		open := func(a helpdesk.Actor, id string) { h.check(h.SetHome(ctx, account(id), a.Person, "mine", "hash")) }
		open(h.ann, "ann")
		open(h.ben, "ben")
		open(h.max, "max")
		open(h.administrator("tom", "office"), "tom")
		since := helpdesk.Since{At: store.At(h.clock())}
		stale := func() (ids []string) {
			for {
				s, err := h.TakeStaleHome(ctx, "slack:T1")
				if errors.Is(err, store.ErrNotFound) {
					return ids
				}
				h.check(err)
				ids = append(ids, s.Account.ID)
			}
		}
		mark := func() {
			var err error
			since, err = h.MarkHomes(ctx, "slack:T1", since)
			h.check(err)
		}
		h.pass(20 * time.Second)
		mark()
		same(t, "nothing has changed", strings.Join(stale(), " "), "")
		ticket := h.open(h.ann, "office")
		mark()
		same(t, "opened", strings.Join(stale(), " "), "ann max tom")
		_, err := h.Do(ctx, h.ada, helpdesk.Take, ticket.ID, store.DeskSide)
		h.check(err)
		mark()
		same(t, "taken a moment later", strings.Join(stale(), " "), "")
		h.pass(20 * time.Second)
		mark()
		same(t, "after a while", strings.Join(stale(), " "), "ann max tom")
		h.pass(20 * time.Second)
		mark()
		mark()
		same(t, "nothing new", strings.Join(stale(), " "), "")
		_, err = h.SetLanguage(ctx, h.ben, account("ben"), "en")
		h.check(err)
		if p, err := h.Known(ctx, account("ben")); err != nil || p.Language != "en" {
			t.Errorf("Ben speaks %q, %v", p.Language, err)
		}
		same(t, "in another language", strings.Join(stale(), " "), "ben")
		h.check(h.SetSeen(ctx, helpdesk.Queue{Place: store.Place{Workspace: "slack:T1", Channel: "C"}}, store.Seen{Private: true, Members: []string{"ben"}}, 0))
		h.pass(20 * time.Second)
		same(t, "let into a channel", strings.Join(stale(), " "), "ben")
		h.pass(8 * 24 * time.Hour)
		h.open(h.ann, "office")
		mark()
		same(t, "opened long ago", strings.Join(stale(), " "), "")
	})
}
