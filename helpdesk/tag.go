package helpdesk

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Most tags of a ticket, and the longest tag in characters.
const (
	MostTags = 10
	MaxTag   = 30
)

// What may be wrong with tags.
const (
	TooManyTags = "too_many_tags"
	TagTooLong  = "tag_too_long"
	BadTag      = "bad_tag"
)

var tagPattern = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{M}\p{N}_.-]*$`)

// ParseTags reads tags that somebody typed, with commas or spaces between them: small words, each once, in the order of the
// alphabet. wrong says what is wrong with them, empty: nothing is.
func ParseTags(text string) (tags []string, wrong string) {
	for _, tag := range strings.FieldsFunc(norm.NFC.String(text), func(r rune) bool { return strings.ContainsRune(",; \t\n\u00a0\u202f", r) }) {
		tag = strings.ToLower(strings.TrimPrefix(tag, "#"))
		switch {
		case utf8.RuneCountInString(tag) > MaxTag:
			return nil, TagTooLong
		case !tagPattern.MatchString(tag):
			return nil, BadTag
		}
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	if tags = slices.Compact(tags); len(tags) > MostTags {
		return nil, TooManyTags
	}
	return tags, ""
}
