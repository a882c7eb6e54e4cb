package helpdesk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"guichet/helpdesk"
	"guichet/markup"
	"guichet/store"
)

// tellings writes a list of tellings in one line.
func tellings(ts []helpdesk.Telling) string {
	var words []string
	for _, t := range ts {
		words = append(words, t.Side+" "+t.Kind)
	}
	return strings.Join(words, ", ")
}

func TestWhoIsToldOfAMessage(t *testing.T) {
	for _, c := range []struct {
		audience  helpdesk.Audience
		writtenIn string
		want      string
	}{
		{helpdesk.Public, store.DeskSide, "desk receipt, requester message"},
		{helpdesk.Public, store.RequesterSide, "desk message"},
		{helpdesk.Public, "", "desk message, requester message"},
		{helpdesk.Internal, store.DeskSide, "desk receipt"},
		{helpdesk.Internal, store.RequesterSide, "desk message"},
		{helpdesk.Internal, "", "desk message"},
		{"", store.DeskSide, "desk receipt"}, // what is not marked public stays inside
		{"PUBLIC", "", "desk message"},
	} {
		if got := tellings(helpdesk.AudienceOf(c.audience, c.writtenIn)); got != c.want {
			t.Errorf("%q written in %q: %s; want %s", c.audience, c.writtenIn, got, c.want)
		}
	}
}

func TestWhoIsToldOfAnAct(t *testing.T) {
	const cards = "desk card, requester card"
	for _, act := range acts {
		if act == helpdesk.Remind {
			continue // see AudienceOfReminder
		}
		for _, side := range []string{store.DeskSide, store.RequesterSide} {
			for _, state := range helpdesk.States {
				want := cards + ", requester event"
				switch {
				case act == helpdesk.Link, act == helpdesk.Announce:
					want = "desk card, desk event"
				case act == helpdesk.Declare:
					want = cards + ", desk channel, requester event"
				case act == helpdesk.Snooze, act == helpdesk.Rate:
					want = "desk event"
				case act == helpdesk.Tag:
					want = "desk card"
				case act == helpdesk.Submit:
					want = cards
				case act == helpdesk.Refer:
					want = cards + ", desk event"
				case slices.Contains([]helpdesk.Act{helpdesk.Assign, helpdesk.HandOver, helpdesk.Release, helpdesk.Prioritize, helpdesk.Transfer, helpdesk.Merge, helpdesk.Part, helpdesk.Split}, act),
					side == store.RequesterSide:
					want = cards + ", desk event, requester event"
				}
				if got := tellings(helpdesk.AudienceOfAct(act, side, state)); got != want {
					t.Errorf("%s from the %s's side, %s: %s; want %s", act, side, state, got, want)
				}
			}
		}
	}
}

func TestWhoIsToldOfAReminder(t *testing.T) {
	for _, c := range []struct {
		what     string
		assigned bool
		want     string
	}{
		{"unassigned 0 queue", false, "desk channel"},
		{"unassigned 1 on_call", false, "desk channel"},
		{"waiting 0 nudge", true, "requester event"},
		{"waiting 1 warn", true, "requester event"},
		{"risk/first 0 agent", true, "desk card, desk event"},
		{"risk/first 0 agent", false, "desk card, desk channel"},
		{"breach/next 1 queue", true, "desk card, desk channel"},
		{"breach/next 3 lead", true, "desk card, desk channel"},
		{"unassigned", false, "desk channel"}, // as it was noted before
		{"waiting", true, "requester event"},
	} {
		r := helpdesk.ReminderOf(store.Event{Detail: c.what})
		if got := tellings(helpdesk.AudienceOfReminder(r, c.assigned)); got != c.want {
			t.Errorf("%s: %s; want %s", c.what, got, c.want)
		}
	}
}

func TestALaneTellsItsSide(t *testing.T) {
	seen := map[string]bool{}
	for id := range store.TicketID(12) {
		for requester := range store.PersonID(12) {
			ticket := store.Ticket{ID: 1000 + id, Requester: 1 + requester}
			for _, side := range []string{store.DeskSide, store.RequesterSide} {
				lane := helpdesk.Lane(ticket, side)
				if got := helpdesk.SideOfLane(ticket, lane); got != side {
					t.Errorf("lane %s is the %s's", lane, got)
				}
				seen[lane] = true
			}
		}
	}
	if want := 12 + 12*12; len(seen) != want { // a ticket's desk lane does not depend on the requester
		t.Errorf("%d lanes, want %d", len(seen), want)
	}
}

func TestPartsMakeUpTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.StringOfN(rapid.RuneFrom([]rune("a é\n\t\u202f\u200d👩🏽👍🇫🇷\u05d0\u0301\x00")), 1, 40, -1).Draw(t, "piece")
		body := strings.Repeat(piece, rapid.IntRange(0, 1200).Draw(t, "times")) + rapid.String().Draw(t, "end")
		parts := helpdesk.Parts(body)
		black := func(s string) string { return strings.Join(strings.Fields(markup.FromCanonical(s).Plain()), "") }
		said := ""
		for _, p := range parts { // lines are cut at their ends, and what parts them is gone
			said += black(p)
		}
		if said != black(body) {
			t.Fatal("the parts do not make up the whole")
		}
		length := utf8.RuneCountInString(body)
		if least := (utf8.RuneCountInString(markup.FromCanonical(body).Plain()) + helpdesk.PartLength - 1) / helpdesk.PartLength; said != "" && len(parts) < least {
			t.Fatalf("%d parts of %d characters, want %d at least", len(parts), length, least)
		}
		for i, p := range parts {
			n := utf8.RuneCountInString(p)
			if n > helpdesk.PartLength || n == 0 && len(parts) > 1 || !utf8.ValidString(p) {
				t.Fatalf("part %d has %d characters, valid %v", i, n, utf8.ValidString(p))
			}
		}
	})
}

func TestPartsAtTheLimit(t *testing.T) {
	for length, want := range map[int]int{0: 1, 1: 1, helpdesk.PartLength: 1, helpdesk.PartLength + 1: 2,
		2 * helpdesk.PartLength: 2, 2*helpdesk.PartLength + 1: 3} {
		if got := len(helpdesk.Parts(strings.Repeat("👍", length))); got != want {
			t.Errorf("%d characters make %d parts, want %d", length, got, want)
		}
	}
}

// An error goes to the log, where no word that people wrote may be.
func TestErrorsHoldNothingThatPeopleWrote(t *testing.T) {
	const secret = "my password is hunter2"
	for _, code := range []helpdesk.Code{helpdesk.UnknownTicket, helpdesk.NotAllowed, helpdesk.NotNow, helpdesk.TooLate,
		helpdesk.Unverified, helpdesk.Stranger, helpdesk.BadForm, helpdesk.NotYourForm, helpdesk.Empty} {
		err := &helpdesk.Refusal{Code: code, Ticket: store.Ticket{ID: 1001, Subject: secret, Details: store.Details{"device": secret}}}
		for _, s := range []string{err.Error(), fmt.Sprint(err), fmt.Sprintf("%v %s %q", err, err, err)} {
			if strings.Contains(s, "hunter2") {
				t.Errorf("%s: %s", code, s)
			}
		}
		if !helpdesk.IsRefusal(fmt.Errorf("wrapped: %w", err), code) || helpdesk.IsRefusal(err, "other") || helpdesk.IsRefusal(nil, code) {
			t.Errorf("%s is not told from others", code)
		}
	}
}
