package letter

import (
	"bytes"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
)

// mostReferences is how many Message-IDs of a thread are kept: the newest, which come last.
const mostReferences = 100

// field is one field of a header, unfolded but otherwise as it was sent.
type field struct{ name, value string }

// header keeps the order of its fields: what a server adds on the way comes first.
type header []field

// splitHeader takes a mail or a part of one apart. Unlike net/mail it gives up on nothing: a line
// that is no field continues the one before it. Without any field, all is body.
func splitHeader(raw []byte) (header, []byte) {
	var h header
	var more []string // of the last field
	unfold := func() {
		if len(h) > 0 && more != nil {
			h[len(h)-1].value += " " + strings.Join(more, " ")
			more = nil
		}
	}
	rest := raw
	for len(rest) > 0 {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		line = bytes.TrimRight(line, "\r")
		if len(line) == 0 {
			unfold()
			return h, after
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		name = bytes.TrimRight(name, " \t")
		switch {
		case line[0] == ' ' || line[0] == '\t' || !ok || !fieldName(name):
			if len(h) == 0 {
				return nil, raw
			}
			more = append(more, strings.TrimSpace(string(line)))
		default:
			unfold()
			h = append(h, field{string(name), strings.TrimSpace(string(value))})
		}
		rest = after
	}
	unfold()
	return h, nil
}

// fieldName says whether it can name a field (RFC 5322, section 2.2).
func fieldName(name []byte) bool {
	for _, c := range name {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return len(name) > 0
}

// get is the first field of that name.
func (h header) get(name string) string {
	return first(h.all(name))
}

// all is each field of those names, in the order of the mail.
func (h header) all(names ...string) []string {
	var values []string
	for _, f := range h {
		if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, f.name) }) {
			values = append(values, f.value)
		}
	}
	return values
}

func first(s []string) string {
	if len(s) == 0 {
		return ""
	}
	return s[0]
}

func lastOf(s []string, n int) []string {
	return s[max(0, len(s)-n):]
}

var (
	angled = regexp.MustCompile(`<([^<>]+)>`)
	spaces = regexp.MustCompile(`\s+`)
)

// messageIDs are those of a field. Some programs write them bare, and some fold within them.
func messageIDs(value string) []string {
	value = clean(value)
	var ids []string
	for _, m := range angled.FindAllStringSubmatch(value, -1) {
		if id := spaces.ReplaceAllString(m[1], ""); id != "" {
			ids = append(ids, id)
		}
	}
	if ids == nil {
		for _, id := range strings.Fields(value) {
			if id = strings.Trim(id, "<>,;"); strings.Contains(id, "@") {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// dates are forms that net/mail does not know.
var dates = []string{
	"Mon, 2 Jan 2006 15:04:05", "2 Jan 2006 15:04:05", "Mon, 2 Jan 2006 15:04 -0700",
	"Mon Jan 2 15:04:05 2006", "Mon Jan 2 15:04:05 MST 2006", time.RFC3339, "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05",
}

// date reads a Date; one from no year that a mail can be of is none.
func date(value string) time.Time {
	value = strings.TrimSpace(spaces.ReplaceAllString(value, " "))
	t, err := mail.ParseDate(value)
	for i := 0; err != nil && i < len(dates); i++ {
		t, err = time.Parse(dates[i], value)
	}
	if err != nil || t.Year() < 1971 || t.Year() > 9998 {
		return time.Time{}
	}
	return t.UTC()
}

// oneLine is a text without line breaks and without blanks around it.
func oneLine(s string) string {
	return strings.TrimSpace(spaces.ReplaceAllString(s, " "))
}
