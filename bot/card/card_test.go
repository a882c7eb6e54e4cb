package card

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Notifications and screen readers get a card's text: it says the whole, in the order in which it is shown.
func TestTheTextSaysTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.StringMatching(`[a-z]{1,8}( [a-z]{1,8}){0,2}`)
		c := Card{Title: words.Draw(t, "title"), Body: words.Draw(t, "body"), Context: words.Draw(t, "context"),
			Lines: rapid.SliceOfN(words, 0, 4).Draw(t, "lines"),
			Link:  &Link{Text: words.Draw(t, "link"), URL: "https://example.com/" + rapid.StringMatching(`[a-z]{1,8}`).Draw(t, "path")}}
		for range rapid.IntRange(0, 4).Draw(t, "fields") {
			c.Fields = append(c.Fields, Field{words.Draw(t, "name"), words.Draw(t, "value")})
		}
		said := c.Text()
		wanted := append([]string{c.Title, c.Body, c.Context, c.Link.Text, c.Link.URL}, c.Lines...)
		for _, f := range c.Fields {
			wanted = append(wanted, f.Name+" "+f.Value)
		}
		for _, w := range wanted {
			if !strings.Contains(said, w) {
				t.Fatalf("%q is not in %q", w, said)
			}
		}
	})
}

// A home view says the same as a message.
func TestAHomeViewAsAMessage(t *testing.T) {
	show := Button{ID: "show", Value: "7", Text: "#7", Label: "Show: #7 Outlook"}
	all := Button{ID: "page", Value: "o0", Text: "All of them"}
	h := Home{Title: "Your tickets", Buttons: []Button{{ID: "new", Text: "New ticket"}}, Sections: []Section{
		{Title: "Waiting for you", Items: []Item{{"#7 Outlook", show}}, More: &all},
		{Title: "Yours", Items: []Item{{"#7 Outlook", show}}, More: &all},
		{Title: "Old", Empty: "None."}}}
	c := h.Card()
	if want := "Your tickets\nWaiting for you\n#7 Outlook\nYours\n#7 Outlook\nOld\nNone."; c.Text() != want {
		t.Errorf("it says %q", c.Text())
	}
	if len(c.Buttons) != 3 || c.Buttons[1] != show || c.Buttons[2] != all {
		t.Errorf("it has the buttons %+v", c.Buttons)
	}
	if len(h.Buttons) != 1 {
		t.Error("the view itself has changed")
	}
}
