package bot

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// past is the whole history of a ticket.
type past struct {
	messages []store.Message
	events   []store.Event
}

// view is what helpdesk shows of it before a place.
func (p past) view(before helpdesk.Cursor) helpdesk.View {
	v := helpdesk.View{Before: before}
	for _, m := range p.messages {
		if before.Message == 0 || m.ID < before.Message {
			v.Messages = append(v.Messages, m)
		}
	}
	for _, e := range p.events {
		if before.Event == 0 || e.ID < before.Event {
			v.Events = append(v.Events, e)
		}
	}
	v.Messages = v.Messages[max(0, len(v.Messages)-helpdesk.HistoryShown):]
	v.Events = v.Events[max(0, len(v.Events)-helpdesk.HistoryShown):]
	v.More.Message, v.More.Event = len(v.Messages) == helpdesk.HistoryShown, len(v.Events) == helpdesk.HistoryShown
	return v
}

// drawPast draws a history with quiet and busy times, written by copies of the program whose clocks
// differ by up to skew. Each entry says in its words which it is.
func drawPast(t *rapid.T, skew time.Duration) (p past, whole []string) {
	clock := rapid.Int64Range(0, int64(skew))
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	for len(whole) < 130 && rapid.IntRange(0, 30).Draw(t, "goes on") > 0 {
		kind := rapid.SampledFrom([]string{"message", "event"}).Draw(t, "kind")
		step := time.Duration(rapid.IntRange(0, 2).Draw(t, "step")) * time.Minute
		longest := rapid.SampledFrom([]int{10, 300, 9000}).Draw(t, "longest")
		for range rapid.IntRange(1, min(60, 30_000/longest)).Draw(t, "times") {
			at = at.Add(max(step, time.Millisecond))
			written := store.At(at.Add(time.Duration(clock.Draw(t, "clock"))))
			if kind == "event" {
				id := store.EventID(len(p.events) + 1)
				p.events = append(p.events, store.Event{ID: id, Act: string(helpdesk.Follow), Detail: fmt.Sprintf("#e%d.", id), At: written})
				whole = append(whole, fmt.Sprintf("e%d.", id))
				continue
			}
			id := store.MessageID(len(p.messages) + 1)
			body := fmt.Sprintf("#m%d. %s", id, strings.Repeat("é", longest))
			p.messages = append(p.messages, store.Message{ID: id, Author: 1, Audience: store.Public, Body: body, CreatedAt: written})
			whole = append(whole, fmt.Sprintf("m%d.", id))
		}
	}
	return p, whole
}

var mark = regexp.MustCompile(`#([me]\d+\.)`)

// Whoever presses "Earlier" until there is no more sees every entry once, in order.
func TestPagingShowsTheWholeHistoryOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, whole := drawPast(t, 0)
		if diff := cmp.Diff(whole, pageThrough(t, p)); diff != "" {
			t.Errorf("seen (-want +got):\n%s", diff)
		}
	})
}

// Clocks that differ decide what stands before what, but not whether it stands there.
func TestPagingShowsTheWholeHistoryWhateverTheClocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, whole := drawPast(t, time.Minute)
		seen := pageThrough(t, p)
		slices.Sort(whole)
		slices.Sort(seen)
		if diff := cmp.Diff(whole, seen); diff != "" {
			t.Errorf("seen (-want +got):\n%s", diff)
		}
	})
}

// pageThrough presses "Earlier" until there is no more, and returns what was seen, oldest first.
func pageThrough(t *rapid.T, p past) (seen []string) {
	for before := helpdesk.Latest; ; {
		v := p.view(before)
		v.People = map[store.PersonID]store.Person{1: {ID: 1, Name: "Ann"}}
		lines, earlier := history(text.In("en"), v, time.UTC, func(store.Event, text.Args) {})
		var page []string
		length := 0
		for _, l := range lines {
			length += utf8.RuneCountInString(l)
			page = append(page, mark.FindStringSubmatch(l)[1])
		}
		if len(page) > viewEntries || length > viewLength && len(page) > 1 {
			t.Fatalf("a page of %d entries and %d characters", len(page), length)
		}
		seen = slices.Concat(page, seen)
		if earlier == helpdesk.Latest {
			return seen
		}
		if len(page) == 0 {
			t.Fatalf("an empty page, with more before it, at %+v", before)
		}
		before = helpdesk.ParseCursor(earlier.String()) // as it comes back with the button
	}
}

// What happened in the same millisecond has no order of its own, but is shown all the same.
func TestPagingShowsWhatHappenedAtOnce(t *testing.T) {
	w := text.In("en")
	at := store.At(time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC))
	for _, n := range []int{1, 29, 30, 31, 49, 50, 51, 100, 149} {
		var p past
		for i := range n {
			p.messages = append(p.messages, store.Message{ID: store.MessageID(i + 1), Body: fmt.Sprintf("#m%d.", i+1), CreatedAt: at})
			p.events = append(p.events, store.Event{ID: store.EventID(i + 1), Act: string(helpdesk.Follow), Detail: fmt.Sprintf("#e%d.", i+1), At: at})
		}
		seen, pages := map[string]int{}, 0
		for before := helpdesk.Latest; ; pages++ {
			lines, earlier := history(w, p.view(before), time.UTC, func(store.Event, text.Args) {})
			for _, l := range lines {
				seen[mark.FindStringSubmatch(l)[1]]++
			}
			if earlier == helpdesk.Latest || pages > 2*n {
				break
			}
			before = earlier
		}
		for entry, times := range seen {
			if times != 1 {
				t.Errorf("of %d at once, %s is shown %d times", n, entry, times)
			}
		}
		if len(seen) != 2*n {
			t.Errorf("of %d at once, %d are shown", 2*n, len(seen))
		}
	}
}
