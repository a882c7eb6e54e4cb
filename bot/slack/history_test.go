package slack

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guichet/bot"
	"guichet/helpdesk"
	"guichet/store"
	"guichet/store/storetest"
)

// A ticket's history is read page by page, from button to button: each message and each event is
// on one page, in order, whatever came when and however long it is; notes are there for agents alone.
//
// Each byte of the script is one thing that happened: who did what, how long after the one before.
func FuzzHistoryIsWhole(f *testing.F) {
	f.Add([]byte(""))
	for _, pattern := range []string{"\x02", "\x00\x03", "\x08\x0b", "\x01\x02\x0a", "\xf8\xfb\x02", "\x00\x08\x09\x0a\x0b", "\x00\x00\x00\x00\x0c",
		"\x00\x03\x00\x03\x0f\x0c"} {
		f.Add([]byte(strings.Repeat(pattern, 80/len(pattern))))
	}
	f.Add([]byte(strings.Repeat("\x03", 60) + strings.Repeat("\x00", 60) + strings.Repeat("\x0b", 60)))
	f.Add([]byte(strings.Repeat("\x00", 60) + strings.Repeat("\x03", 60) + strings.Repeat("\x0a", 60)))
	f.Fuzz(func(t *testing.T, script []byte) {
		h := newHistory(t)
		h.check(h.db.Write(t.Context(), func(tx *store.Tx) error {
			for i, b := range script[:min(len(script), 250)] {
				if err := h.happens(t.Context(), tx, i, b); err != nil {
					return err
				}
			}
			return nil
		}))
		h.reads("U01ALICE", false)
		h.reads("U03NADIA", true)
	})
}

type history struct {
	t            *testing.T
	db           *store.DB
	bot          *bot.Bot
	now          time.Time
	ticket       store.Ticket
	alice, nadia store.PersonID
	all          []happened
	back         bool // time did not only go on: then only each sort is in order
}

type happened struct {
	at          time.Time
	number      int
	event, note bool
}

func newHistory(t *testing.T) *history {
	h := &history{t: t, db: storetest.Open(t, storetest.SQLite(t)), now: began}
	h.db.SetClock(func() time.Time { return h.now })
	desk := helpdesk.NewDesk(h.db, catalogIn("en"))
	h.bot = bot.New(desk, nil, nil, quiet)
	h.bot.Attach(lobby{language: "en"})
	ctx := t.Context()
	h.check(h.bot.RefreshMembers(ctx, desk.Catalog().Queues))
	for account, id := range map[string]*store.PersonID{"U01ALICE": &h.alice, "U03NADIA": &h.nadia} {
		p, err := desk.Meet(ctx, store.Account{Workspace: workspace, ID: account}, people[account], "en")
		h.check(err)
		*id = p.ID
	}
	h.check(h.db.Write(ctx, func(tx *store.Tx) (err error) {
		ticket := incident("en", helpdesk.Open).Ticket
		ticket.Requester, ticket.Assignee, ticket.Nonce = h.alice, h.nadia, "n"
		h.ticket, _, err = tx.AddTicket(ctx, ticket)
		return err
	}))
	return h
}

func (h *history) check(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// happens is one thing: the two lowest bits say who does what, the next two whether time goes
// on, stands still or goes back, the highest how much they write.
func (h *history) happens(ctx context.Context, tx *store.Tx, i int, b byte) error {
	switch {
	case b&12 == 12: // a clock was set back, or another copy's is slow
		h.back = true
		h.now = h.now.Add(-3 * time.Second)
	case b&8 == 0:
		h.now = h.now.Add(time.Second)
	}
	one := happened{at: h.now, number: i, note: b&3 == 2, event: b&3 == 3}
	h.all = append(h.all, one)
	mark := fmt.Sprintf("«%d»", i)
	tx.Now = store.At(h.now)
	if one.event { // of a sort whose detail is shown
		_, err := tx.AddEvent(ctx, store.Event{Ticket: h.ticket.ID, Actor: h.nadia, Act: "follow", Detail: mark, Source: workspace})
		return err
	}
	m := store.Message{Ticket: h.ticket.ID, Author: h.alice, Side: store.RequesterSide, Audience: store.Public,
		Body: mark + strings.Repeat("x", int(b>>4)*200)}
	if one.note {
		m.Author, m.Side, m.Audience = h.nadia, store.DeskSide, store.Internal
	}
	_, _, err := tx.AddMessage(ctx, m)
	return err
}

var marks = regexp.MustCompile(`«\d+»`)

// reads has somebody go through all pages, and holds what they see against what happened.
func (h *history) reads(who string, notes bool) {
	h.t.Helper()
	var want, seen []string
	slices.SortStableFunc(h.all, func(a, b happened) int {
		if c := a.at.Compare(b.at); c != 0 || a.event == b.event {
			return c
		}
		return map[bool]int{true: 1, false: -1}[a.event] // at one instant, first what was said
	})
	for _, one := range h.all {
		if notes || !one.note {
			want = append(want, fmt.Sprintf("«%d»", one.number))
		}
	}
	for value, pages := fmt.Sprint(h.ticket.ID), 0; value != ""; pages++ {
		if pages > len(h.all) {
			h.t.Fatalf("%s pages for ever", who)
		}
		a, err := h.bot.Handle(h.t.Context(), bot.Request{From: store.Account{Workspace: workspace, ID: who},
			Press: &bot.Press{Button: "show", Value: value}})
		h.check(err)
		if a.Card == nil {
			h.t.Fatalf("%s sees %+v", who, a)
		}
		seen = append(marks.FindAllString(strings.Join(a.Card.Lines, "\n"), -1), seen...)
		value = ""
		for _, b := range a.Card.Buttons {
			if b.ID == "show" {
				value = b.Value
			}
		}
	}
	if h.back {
		slices.Sort(want)
		slices.Sort(seen)
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		h.t.Errorf("%s (-what happened +what they see):\n%s", who, diff)
	}
}
