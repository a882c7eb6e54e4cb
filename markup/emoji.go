package markup

import (
	"strings"

	"github.com/yuin/goldmark-emoji/definition"
)

// known are the emoji that have a name nearly everywhere.
var known = definition.Github()

// shortcode is the length of the emoji's name, colons included, that s begins with; 0 if none. A
// name without a letter, as in 10:30:45, is one only if it is known; an address is none.
func shortcode(s string) int {
	if len(s) < 3 || s[0] != ':' {
		return 0
	}
	letter := false
	for i := 1; i < len(s) && i <= 64; i++ {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z':
			letter = true
		case '0' <= c && c <= '9', c == '_', c == '+', c == '-':
		case c == ':' && i > 1:
			if _, ok := known.Get(s[1:i]); (letter || ok) && s[1:i] != "http" && s[1:i] != "https" {
				return i + 1
			}
			return 0
		default:
			return 0
		}
	}
	return 0
}

// shortcodes says whether s is emoji names and nothing else.
func shortcodes(s string) bool {
	for s != "" {
		n := shortcode(s)
		if n == 0 {
			return false
		}
		s = s[n:]
	}
	return true
}

// openShortcode says whether s ends in what could be the beginning of an emoji's name.
func openShortcode(s string) bool {
	tail := strings.TrimRight(s[max(0, len(s)-64):], "abcdefghijklmnopqrstuvwxyz0123456789_+-")
	return strings.HasSuffix(tail, ":")
}

// tones are the colors of skin, which Slack and Mattermost name as an emoji after the emoji.
var tones = map[string]string{
	":skin-tone-2:": "\U0001F3FB", ":skin-tone-3:": "\U0001F3FC", ":skin-tone-4:": "\U0001F3FD",
	":skin-tone-5:": "\U0001F3FE", ":skin-tone-6:": "\U0001F3FF",
}

// pictures turns the names that are known into the emoji themselves; the others stay as typed.
func pictures(s string) string {
	var b strings.Builder
	for s != "" {
		n := shortcode(s)
		name := s[:n]
		s = s[n:]
		if n == 0 { // cannot be, in a span that is emoji
			return b.String() + s
		}
		if tone := tones[name]; tone != "" {
			b.WriteString(tone)
		} else if e, ok := known.Get(name[1 : n-1]); ok && e.IsUnicode() {
			b.WriteString(string(e.Unicode))
		} else {
			b.WriteString(name)
		}
	}
	return b.String()
}
