package main_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"guichet/store"
)

func TestRehearse(t *testing.T) {
	t.Parallel()
	s := newSite(t, "guichet.db", someSlack(t, `{"ok":false}`))
	s.ends(0, "in all: nothing. Nothing was sent.\n", ".*", "rehearse", "--from", "2026-11-01")
	for _, wrong := range [][]string{{}, {"--from", "yesterday"}, {"--from", "2026-11-02", "--to", "2026-11-01"}, {"--from", "2026-11-01", "--to", "2026-13-01"}} {
		if code, _, stderr := s.run(append([]string{"rehearse"}, wrong...)...); code != 2 || !strings.Contains(stderr, "--") {
			t.Errorf("rehearse %v ends with %d: %s", wrong, code, stderr)
		}
	}

	db, err := store.Open(t.Context(), s.path("guichet.db"))
	if err != nil {
		t.Fatal(err)
	}
	opened := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC) // a Monday
	db.SetClock(func() time.Time { return opened })
	err = db.Write(t.Context(), func(tx *store.Tx) error { return openOne(t.Context(), tx) })
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := s.run("rehearse", "--from", "2026-11-01", "--to", "2026-11-03")
	if code != 0 || !strings.Contains(stdout, "WHEN") || !strings.Contains(stdout, "1001    support  unassigned  1     queue\n") ||
		!strings.HasSuffix(stdout, "in all: queue 1. Nothing was sent.\n") {
		t.Errorf("rehearse ends with %d: %s%s", code, stdout, stderr)
	}
	if code, stdout, _ := s.run("rehearse", "--from", "2026-11-03"); code != 0 || strings.Contains(stdout, "unassigned") {
		t.Errorf("later: %d, %s", code, stdout)
	}
}

func openOne(ctx context.Context, tx *store.Tx) error { return openDue(ctx, tx, 1, 0) }

// openDue opens a ticket of Alice's that is so old already.
func openDue(ctx context.Context, tx *store.Tx, n int, age time.Duration) error {
	alice := store.Account{Workspace: "slack:T01ACME", ID: "U01ALICE"}
	p, err := tx.PersonByAccount(ctx, alice)
	if errors.Is(err, store.ErrNotFound) {
		p, err = tx.AddPerson(ctx, store.Person{Organization: "acme", Name: "Alice", Language: "en"}, alice)
	}
	if err != nil {
		return err
	}
	tx.Now = store.At(tx.Now.Add(-age))
	_, _, err = tx.Open(ctx, store.Opening{
		Ticket: store.Ticket{Kind: "information", Service: "office", Queue: "support", Organization: "acme", Requester: p.ID, Subject: fmt.Sprintf("Subject %d.", n),
			Priority: "normal", State: "new", Active: true, DueAt: tx.Now, Origin: alice.Workspace, Nonce: fmt.Sprint(n)},
		Message: store.Message{Author: p.ID, Audience: store.Public, Side: store.RequesterSide, Body: "Does not start."},
		Event:   store.Event{Actor: p.ID, Act: "open", Detail: "support/normal", Source: alice.Workspace}})
	return err
}
