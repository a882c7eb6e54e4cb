package bot

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"guichet/helpdesk"
	"guichet/store"
	"guichet/store/storetest"
)

// archive is a door that can be read, and notes what is.
type archive struct {
	Door
	read   []string
	since  time.Time
	missed []Request // in each thread
}

func (a *archive) Workspace() string { return "slack:T1" }
func (a *archive) Hears() bool       { return true }

func (a *archive) Hearing() Hearing { return Hearing{Resends: 5 * time.Minute, Pace: time.Millisecond} }

func (a *archive) Missed(_ context.Context, _, root string, since time.Time) ([]Request, error) {
	a.read, a.since = append(a.read, root), since
	return a.missed, nil
}

// What could not be taken in while guichet ran is read once the platform has given it up; until then
// nothing says that all was heard. Read are all threads of the ticket, also the one below a reminder.
func TestWhatCouldNotBeTakenInIsReadLater(t *testing.T) {
	ctx := t.Context()
	db := storetest.Open(t, storetest.SQLite(t))
	catalog := &helpdesk.Catalog{
		Organizations: []helpdesk.Organization{{Key: "acme", Workspaces: []string{"slack:T1"}}},
		Services:      []helpdesk.Service{{Key: "office", Queue: "support"}},
		Queues:        []helpdesk.Queue{{Key: "support", Place: store.Place{Workspace: "slack:T1", Channel: "C1"}}},
		DefaultQueue:  "support",
	}
	desk := helpdesk.NewDesk(db, catalog)
	b, door := New(desk, nil, nil, slog.New(slog.DiscardHandler)), &archive{}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	p, err := desk.Meet(ctx, store.Account{Workspace: "slack:T1", ID: "U1"}, "Alice", "en")
	must(err)
	out, err := desk.Open(ctx, helpdesk.Actor{Person: p.ID, Organization: "acme", Source: "slack:T1"},
		helpdesk.Request{Kind: helpdesk.Information, Service: "office", Subject: "Outlook", Description: "How?"}, "n")
	must(err)
	for root, card := range map[string]bool{"card": true, "reminder": false} {
		must(desk.Link(ctx, store.Thread{Ticket: out.Ticket.ID, Lane: "l", IsCard: card, Workspace: "slack:T1", Channel: "C1", Root: root}))
	}
	must(desk.SetHeard(ctx, "slack:T1"))
	heard := func() time.Time {
		at, err := desk.Heard(ctx, "slack:T1")
		must(err)
		return at
	}
	before := heard()

	b.FellBehind("slack:T1")
	must(b.hearing(ctx, door))
	if len(door.read) > 0 || !heard().Equal(before) {
		t.Errorf("right after a failure %q were read, and it is noted that all was heard until %v", door.read, heard())
	}

	failed := time.Now().Add(-6 * time.Minute)
	b.behind.fallen["slack:T1"] = [2]time.Time{failed, failed}
	// What fails again, here since it is from nowhere, keeps no other conversation from being read.
	door.missed = []Request{{From: store.Account{Workspace: "nowhere", ID: "U1"}, Post: &helpdesk.Post{}}}
	if err := b.hearing(ctx, door); !errors.Is(err, errNotTakenIn) || len(door.read) != 2 || !heard().Equal(before) {
		t.Errorf("while a message fails %q were read, and all was heard until %v: %v", door.read, heard(), err)
	}
	door.missed, door.read = nil, nil
	must(b.hearing(ctx, door))
	slices.Sort(door.read)
	if !slices.Equal(door.read, []string{"card", "reminder"}) || door.since.After(failed) {
		t.Errorf("six minutes later %q were read, since %v", door.read, door.since)
	}
	if !heard().After(before) {
		t.Error("afterwards it is not noted that all was heard")
	}
	door.read = nil
	must(b.hearing(ctx, door))
	if len(door.read) > 0 {
		t.Errorf("once more %q were read", door.read)
	}
}

// What fails while the threads are being read is not forgotten with what failed before.
func TestAFailureDuringTheReadingIsKept(t *testing.T) {
	var b behind
	began := time.Now()
	b.fell("w", began.Add(-time.Hour))
	b.fell("w", began.Add(time.Second))
	b.caughtUp("w", began)
	if at, ok := b.since("w"); !ok || !at.Equal(began.Add(time.Second)) {
		t.Errorf("kept is %v, %v", at, ok)
	}
	b.caughtUp("w", began.Add(time.Minute))
	if _, ok := b.since("w"); ok {
		t.Error("it is not forgotten once it was read")
	}
}
