package helpdesk

import (
	"testing"

	"pgregory.net/rapid"
)

func TestNearest(t *testing.T) {
	candidates := []string{"list", "help", "new", "emm", "office", "réseau"}
	for typed, want := range map[string]string{
		"list": "list", "lsit": "list", "lst": "list", "liste": "list", "lists": "list", "lit": "list",
		"hlep": "help", "hepl": "help", "helpp": "help", "gelp": "help",
		"nwe": "new", "mew": "new", "emn": "emm", "em": "emm",
		"ofice": "office", "offic": "office", "offices": "office", "reseau": "réseau",
		"":          "",     // nothing is near to nothing
		"x":         "",     // three letters of three would have to change
		"abc":       "",     // likewise
		"liiiist":   "",     // three slips
		"something": "",     // no slip at all
		"LIST":      "",     // whoever asks has lowered it
		"neew":      "new",  // one
		"hel":       "help", // one
		"hilt":      "list", // two, where help takes three
	} {
		if got := Nearest(typed, candidates); got != want {
			t.Errorf("%q is near to %q, want %q", typed, got, want)
		}
	}
	if got := Nearest("xy", []string{"ab"}); got != "" {
		t.Errorf("a word of which no letter is right is near to %q", got)
	}
	if got := Nearest("lost", []string{"last", "list"}); got != "last" {
		t.Errorf("of two equally near it is %q, want the first", got)
	}
}

// letters are few, so that words have some in common.
var letters = rapid.SliceOfN(rapid.SampledFrom([]rune("abé👩")), 0, 7)

func TestDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := letters.Draw(t, "a"), letters.Draw(t, "b"), letters.Draw(t, "c")
		ab := distance(a, b)
		if same := string(a) == string(b); same != (ab == 0) {
			t.Errorf("distance %d", ab)
		}
		if back := distance(b, a); back != ab {
			t.Errorf("there %d, back %d", ab, back)
		}
		if around := distance(a, c) + distance(c, b); ab > around {
			t.Errorf("straight %d, by another word %d", ab, around)
		}
		if ab < max(len(a), len(b))-min(len(a), len(b)) || ab > max(len(a), len(b)) {
			t.Errorf("%d letters to change of %d and %d", ab, len(a), len(b))
		}
	})
}
