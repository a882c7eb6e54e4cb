package helpdesk_test

import (
	"strings"
	"testing"
	"unicode"

	"guichet/helpdesk"
	"guichet/markup"
	"guichet/store"
)

// onlyFormatting says whether nothing in a text is a word, or another prefix.
func onlyFormatting(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || r == ':' || r == '：' })
}

// Whatever the formatting around it, what begins with "note:" is never for the requester. The
// words themselves stay whole.
func FuzzSortKeepsNotesInside(f *testing.F) {
	for _, around := range []string{"", "*", "_~*", "`", "```\n", "> ", "• ", "- ", "\u00a0", "\u200f", "\ufeff\n\n", "\r\n\t"} {
		for _, note := range []string{"note", "NOTE", "nOtE", "ﬂote", "notes", "reply", "Réponse"} {
			f.Add(around, note, around, "secret")
			f.Add("", note, around, ": reply: secret")
			f.Add(around, note, "", "\nreply: x")
		}
	}
	f.Fuzz(func(t *testing.T, before, note, between, rest string) {
		for _, colon := range []string{":", "："} {
			typed := markup.FromPlain(before + note + between + colon + rest).Canonical() // without what no message contains
			for _, byDefault := range []helpdesk.Audience{helpdesk.Public, helpdesk.Internal} {
				audience, text := helpdesk.Sort(typed, byDefault)
				if strings.EqualFold(note, "note") && onlyFormatting(before) && onlyFormatting(between) && audience != helpdesk.Internal {
					t.Errorf("%q is %s", typed, audience)
				}
				if !strings.HasSuffix(typed, text) {
					t.Errorf("of %q remains %q", typed, text)
				}
				if taken := typed[:len(typed)-len(text)]; letters(taken) > len("réponse") {
					t.Errorf("%q is taken off %q", taken, typed)
				}
				if audience != byDefault && typed == text {
					t.Errorf("%q is %s for no reason", typed, audience)
				}
			}
		}
	})
}

func letters(s string) (n int) {
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// A place in the history survives the way through a button, and no button's value breaks anything.
func FuzzCursorComesBack(f *testing.F) {
	f.Add(int64(0), int64(0), "")
	f.Add(int64(1), int64(2), "m1e2")
	f.Add(int64(1<<62), int64(7), "m-1e99999999999999999999")
	f.Add(int64(3), int64(0), "1042/desk/3")
	f.Add(int64(0), int64(4), "m1e")
	f.Add(int64(0), int64(5), "m1e2/3")
	f.Fuzz(func(t *testing.T, message, event int64, value string) {
		c := helpdesk.Cursor{Message: store.MessageID(message), Event: store.EventID(event)}
		if got := helpdesk.ParseCursor(c.String()); got != c {
			t.Errorf("%v came back as %v", c, got)
		}
		if got := helpdesk.ParseCursor(value); got != helpdesk.Latest && got.String() != value {
			t.Errorf("%q is read as %v", value, got)
		}
	})
}
