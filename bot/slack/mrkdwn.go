package slack

import (
	"regexp"
	"strings"
)

// token is what Slack puts between angle brackets for what is not plain text: a person, a
// channel, a group, a date or a link, with an optional label. A "<" that somebody typed arrives
// as an entity, so it is never mistaken for one.
var token = regexp.MustCompile(`<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>`)

var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// typed turns the text of a command into what the person saw while typing it: there is no formatting in one.
func typed(text string) string {
	text = token.ReplaceAllStringFunc(text, func(match string) string {
		m := token.FindStringSubmatch(match)
		sigil, target, label := m[1], m[2], m[3]
		switch {
		case sigil == "@" || sigil == "#":
			if label == "" {
				label = target
			}
			return sigil + strings.TrimPrefix(label, sigil)
		case sigil == "!" && label != "":
			return label
		case sigil == "" && (strings.HasPrefix(target, "http://") || strings.HasPrefix(target, "https://")):
			if label == "" || label == target || strings.HasSuffix(target, "://"+label) {
				return target
			}
			return label + " (" + target + ")"
		case sigil == "" && (strings.HasPrefix(target, "mailto:") || strings.HasPrefix(target, "tel:")):
			_, address, _ := strings.Cut(target, ":")
			return address
		}
		return match // typed as it stands
	})
	return clean(unescape.Replace(text))
}

// clean makes a text storable: a NUL, which PostgreSQL does not keep, becomes its visible symbol,
// and bytes that are no UTF-8 become replacement characters.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\u2400")
}
