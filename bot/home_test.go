package bot

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"guichet/bot/card"
	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
	"guichet/store/storetest"
)

// wall is a door whose home views can be looked at.
type wall struct {
	Door
	shown   card.Home
	showing func() // happens while a home view is on its way
}

func (w *wall) Workspace() string { return "slack:T1" }

func (w *wall) ShowHome(_ context.Context, _ string, h card.Home) error {
	if happens := w.showing; happens != nil {
		w.showing = nil
		happens()
	}
	w.shown = h
	return nil
}

// Somebody goes to another tab just while the one before is brought up to date: what they see in the end is what they went to.
func TestATabIsKeptWhileTheHomeViewIsUpdated(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		desk := helpdesk.NewDesk(db, &helpdesk.Catalog{
			Organizations: []helpdesk.Organization{{Key: "acme", Name: "Acme", Workspaces: []string{"slack:T1"}}},
			Services:      []helpdesk.Service{{Key: "office", Name: func(string) string { return "Office" }, Queue: "support"}},
			Queues:        []helpdesk.Queue{{Key: "support", Name: func(string) string { return "Support" }, TimeZone: time.UTC, Place: store.Place{Workspace: "slack:T1", Channel: "C1"}}},
			DefaultQueue:  "support",
		})
		b, door := New(desk, nil, nil, slog.New(slog.DiscardHandler)), &wall{}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		account := store.Account{Workspace: "slack:T1", ID: "U1"}
		must(desk.SetManagers(ctx, map[string][]store.Account{"acme": {account}}))
		p, err := desk.Meet(ctx, account, "Max", "en")
		must(err)
		press := func(tab string) card.Home {
			c := &Call{Request: Request{From: account}, bot: b, Person: p, Words: text.In("en")}
			a, err := c.homeAt(ctx, tab)
			must(err)
			return *a.Home
		}
		press(helpdesk.TabMine)
		must(db.Write(ctx, func(tx *store.Tx) error {
			return tx.MarkHomes(ctx, "slack:T1", store.Affected{Requesters: []store.PersonID{p.ID}})
		}))
		_, err = desk.Open(ctx, helpdesk.Actor{Person: p.ID, Organization: "acme", Source: "slack:T1"},
			helpdesk.Request{Kind: helpdesk.Information, Service: "office", Subject: "Outlook", Description: "How?"}, "n")
		must(err)
		db.SetClock(func() time.Time { return time.Now().Add(time.Minute) })
		door.showing = func() { door.shown = press(helpdesk.TabOrganization) }
		updated, err := b.updateHome(ctx, door)
		must(err)
		if !updated || door.showing != nil {
			t.Fatal("the home view was not brought up to date")
		}
		now, err := desk.TabOf(ctx, account)
		must(err)
		if want := press(now); now != helpdesk.TabOrganization || hashOf(want) != hashOf(door.shown) {
			t.Errorf("at the tab %s is shown %+v and not %+v", now, door.shown, want)
		}
	})
}
