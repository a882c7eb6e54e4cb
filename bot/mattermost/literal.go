package mattermost

import (
	"regexp"
	"strings"
)

// joiner is a character that nobody sees and that keeps what is around it from being taken for a mention.
const joiner = "\u2060"

var (
	special = strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "~", "\\~", "|", "\\|")
	// Names after these ring people, open channels or search, escaped or not: the server looks for them in the
	// text as it stands.
	sigil = regexp.MustCompile(`[@#~]([\pL\pN_.!-])`)
	// What begins a heading, a quote, a list, a rule or the underline of a heading.
	lineStart = regexp.MustCompile(`(?m)^([ \t]*)(#|>|\+|-|=|[0-9]+[.)])`)
	// Slack's own marks, which the server turns into mentions in answers to commands.
	angle  = regexp.MustCompile(`<([!@#])`)
	indent = regexp.MustCompile(`(?m)^( {4,}|\t+)`)
	scheme = regexp.MustCompile(`(?i)\b(javascript|data|vbscript):`)
)

// literal is a text in Markdown that shows as it was typed: it neither formats, mentions nor rings. An
// address stays one, as everywhere in chat.
func literal(s string) string {
	parts := address.FindAllStringIndex(s, -1)
	var out strings.Builder
	at := 0
	for _, p := range parts {
		out.WriteString(escaped(s[at:p[0]]))
		out.WriteString(s[p[0]:p[1]])
		at = p[1]
	}
	out.WriteString(escaped(s[at:]))
	text := indent.ReplaceAllStringFunc(out.String(), func(m string) string { return strings.Repeat("\u00a0", len(m)) })
	return lineStart.ReplaceAllString(text, "${1}"+joiner+"${2}")
}

// address is what every platform makes a link of, and in which nothing needs to be escaped.
var address = regexp.MustCompile(`https?://[A-Za-z0-9][A-Za-z0-9.:/?&=%+,;_#-]*[A-Za-z0-9/]`)

func escaped(s string) string {
	s = special.Replace(s)
	s = sigil.ReplaceAllStringFunc(s, func(m string) string { return m[:1] + joiner + m[1:] })
	s = angle.ReplaceAllString(s, "<"+joiner+"$1")
	return scheme.ReplaceAllString(s, "${1}"+joiner+":")
}
