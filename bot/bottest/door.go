// Package bottest is the conformance suite of doors: what the rest of guichet relies on, whatever
// the platform. A door's own tests open a World on the real platform or its stand-in and run it.
package bottest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"guichet/bot"
	"guichet/bot/card"
)

// World is a platform with the bot in it, as the suite needs it.
type World struct {
	Door    bot.Door
	Private string   // a channel that the bot is in
	Public  string   // a channel that everyone may enter
	Members []string // who is in Private, without the bot
	Person  string   // somebody
	Name    string   // what the platform calls them
	Read    func(channel string) []Posted
	Delete  func(channel, message string)
}

// Posted is a message as it stands in a channel.
type Posted struct {
	ID   string
	Root string // empty: it is not in a thread
	Text string // all that it shows
}

// full is a card that uses everything.
var full = card.Card{
	Title:   "#1001 <!channel> does not ring",
	Body:    "first line\n<@U1> & *stars* </script> 👩🏽‍💻 مرحبا",
	Fields:  []card.Field{{Name: "Status", Value: "New"}, {Name: "Device", Value: "<b>"}},
	Lines:   []string{"one", "two"},
	Link:    &card.Link{Text: "<there> & back", URL: "https://chat.example/p1?a=1&b=2"},
	Context: "small print",
	Buttons: []card.Button{{ID: "take", Value: "1001/desk", Text: "Take", Style: card.Primary}, {ID: "reply", Value: "1001/desk", Text: "Reply"}},
}

// Run runs the suite. open gives each test a world of its own.
func Run(t *testing.T, open func(t *testing.T) World) {
	one := func(t *testing.T, w World, channel, id string) Posted {
		t.Helper()
		all := w.Read(channel)
		i := slices.IndexFunc(all, func(p Posted) bool { return p.ID == id })
		if i < 0 {
			t.Fatalf("message %s is not in channel %s: %v", id, channel, all)
		}
		return all[i]
	}

	t.Run("a card shows what it says, as it was typed", func(t *testing.T) {
		w := open(t)
		id, err := w.Door.Post(t.Context(), w.Private, "", full, 1)
		if err != nil {
			t.Fatal(err)
		}
		got := one(t, w, w.Private, id)
		for _, text := range append([]string{full.Title, full.Body, full.Context, "Take", "Reply", "<b>"}, full.Lines...) {
			if !strings.Contains(got.Text, text) {
				t.Errorf("%q is missing in %q", text, got.Text)
			}
		}
		if got.Root != "" {
			t.Error("it is in a thread")
		}
	})

	t.Run("an answer goes below its root", func(t *testing.T) {
		w := open(t)
		root, err := w.Door.Post(t.Context(), w.Private, "", full, 1)
		if err != nil {
			t.Fatal(err)
		}
		id, err := w.Door.Post(t.Context(), w.Private, root, card.Card{Body: "an answer"}, 2)
		if err != nil {
			t.Fatal(err)
		}
		if got := one(t, w, w.Private, id); got.Root != root {
			t.Errorf("its root is %q, not %q", got.Root, root)
		}
	})

	t.Run("an update changes a card in place", func(t *testing.T) {
		w := open(t)
		id, err := w.Door.Post(t.Context(), w.Private, "", full, 1)
		if err != nil {
			t.Fatal(err)
		}
		before := len(w.Read(w.Private))
		if err := w.Door.Update(t.Context(), w.Private, id, card.Card{Title: "changed"}, 2); err != nil {
			t.Fatal(err)
		}
		got := one(t, w, w.Private, id)
		if !strings.Contains(got.Text, "changed") || strings.Contains(got.Text, "small print") || len(w.Read(w.Private)) != before {
			t.Errorf("after the update: %q", got.Text)
		}
	})

	t.Run("a deleted card is gone", func(t *testing.T) {
		w := open(t)
		id, err := w.Door.Post(t.Context(), w.Private, "", full, 1)
		if err != nil {
			t.Fatal(err)
		}
		w.Delete(w.Private, id)
		if err := w.Door.Update(t.Context(), w.Private, id, full, 2); !errors.Is(err, bot.ErrGone) {
			t.Errorf("updating it: %v", err)
		}
	})

	t.Run("a channel's members are known, without the bot", func(t *testing.T) {
		w := open(t)
		got, err := w.Door.Members(t.Context(), w.Private)
		slices.Sort(got)
		want := slices.Sorted(slices.Values(w.Members))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("members %v, not %v: %v", got, want, err)
		}
	})

	t.Run("a public channel is refused", func(t *testing.T) {
		w := open(t)
		if _, err := w.Door.Members(t.Context(), w.Public); !errors.Is(err, bot.ErrPublic) {
			t.Errorf("its members: %v", err)
		}
	})

	t.Run("a person has one direct channel and a name", func(t *testing.T) {
		w := open(t)
		first, err := w.Door.DirectChannel(t.Context(), w.Person)
		if err != nil {
			t.Fatal(err)
		}
		again, err := w.Door.DirectChannel(t.Context(), w.Person)
		if err != nil || first != again || first == "" {
			t.Errorf("direct channels %q and %q: %v", first, again, err)
		}
		p, err := w.Door.Profile(t.Context(), w.Person)
		if err != nil || p.Name != w.Name || p.Foreign {
			t.Errorf("profile %+v: %v", p, err)
		}
	})
}
