package markup

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Markdown is the text as Mattermost's Markdown. What somebody typed is escaped with a backslash
// where Markdown knows how, and broken with a joiner where it does not: @all, #tag, ~channel and
// :emoji: are Mattermost's own. Web addresses link to themselves, as they do there anyway.
func (t Text) Markdown() string {
	return strings.Join(markdownBlocks(t.withLinks().blocks, false), "\n")
}

func markdownBlocks(blocks []block, item bool) []string {
	var out []string
	for i, b := range blocks {
		if i > 0 {
			// In an item, a list may follow its paragraph at once, unless a number in the midst of
			// words would be one of them.
			tight := item && b.kind == list && blocks[i-1].kind == prose && (!b.numbered || b.first == 1)
			if !tight {
				out = append(out, "")
			}
			if alike(blocks[i-1], b) {
				out = append(out, joiner, "")
			}
		}
		switch b.kind {
		case prose:
			out = append(out, markdownProse(b.spans)...)
		case pre:
			fence := strings.Repeat("`", max(3, longestRun(b.text)+1))
			out = append(append(append(out, fence), strings.Split(b.text, "\n")...), fence)
		case quote:
			out = append(out, prefix(markdownBlocks(b.blocks, false), "> ", "> ")...)
		case list:
			for j, item := range b.items {
				mark := marker(b, j, "- ")
				out = append(out, prefix(markdownBlocks(item, true), mark, strings.Repeat(" ", len(mark)))...)
			}
		}
	}
	return out
}

// longestRun is how many backticks stand together at most.
func longestRun(s string) int {
	longest, n := 0, 0
	for _, r := range s {
		if n++; r != '`' {
			n = 0
		}
		longest = max(longest, n)
	}
	return longest
}

// markdownProse writes lines. Markdown keeps one blank line between others; where it would drop
// one, or white space at the ends of a line, a joiner holds the place.
func markdownProse(spans []span) []string {
	var out []string
	all := lines(spans)
	for i, l := range all {
		line := markdownLine(l)
		switch {
		case line == "" && (i == 0 || i == len(all)-1 || out[i-1] == ""):
			line = joiner
		case line != "":
			line = lineStart(line)
			if r, _ := utf8.DecodeLastRuneInString(line); unicode.IsSpace(r) {
				line += joiner
			}
		}
		out = append(out, line)
	}
	return out
}

var (
	escapedStart = regexp.MustCompile(`^(?:[-+](?:[^\pL\pN]|$)|#(?:\s|$)|[>|])`)
	brokenStart  = regexp.MustCompile("^(?:[\\s\\p{Z}\\x{85}\\x{1c}-\\x{1f}=]|:[-|\\s]|```|~~~)")
	numberStart  = regexp.MustCompile(`^(\d{1,9})([.)](?:\s|$))`)
)

// lineStart escapes what begins a block when it begins a line.
func lineStart(line string) string {
	switch {
	case escapedStart.MatchString(line):
		return `\` + line
	case brokenStart.MatchString(line):
		return joiner + line
	}
	return numberStart.ReplaceAllString(line, `$1\$2`)
}

var markdownMarks = map[style]string{bold: "**", italic: "*", strike: "~~"}

// markdownWriter writes one line. A mark formats only if what is beside it lets it (CommonMark,
// section 6.2): a joiner, which is neither space nor punctuation, makes it so.
type markdownWriter struct {
	strings.Builder
	opened bool // a mark was just opened
	marked byte // the last byte, if it is of a mark
	inWord bool // what stands before the mark just opened is neither space nor the line's start
}

func markdownLine(spans []span) string {
	var w markdownWriter
	events := nest(spans)
	for i, e := range events {
		switch {
		case e.open != 0:
			w.open(markdownMarks[e.open])
		case e.close != 0:
			w.close(markdownMarks[e.close], i+1 < len(events), events[i:])
		default:
			w.group(e.group, i+1 < len(events))
		}
	}
	return w.String()
}

// part puts a joiner between a mark and what follows, if they would not do side by side.
func (w *markdownWriter) part(next string) {
	r, _ := utf8.DecodeRuneInString(next)
	if w.marked != 0 && w.marked == next[0] || w.opened && w.inWord && !word(r) {
		w.WriteString(joiner)
	}
	w.opened, w.marked = false, 0
}

func (w *markdownWriter) open(mark string) {
	w.part(mark)
	last, n := utf8.DecodeLastRuneInString(w.String())
	w.WriteString(mark)
	w.opened, w.marked, w.inWord = true, mark[0], n > 0 && !unicode.IsSpace(last)
}

func (w *markdownWriter) close(mark string, more bool, rest []event) {
	if w.marked != 0 && w.marked == mark[0] {
		w.WriteString(joiner)
	} else if last, _ := utf8.DecodeLastRuneInString(w.String()); more && !word(last) && !startsWithSpace(rest) {
		w.WriteString(joiner)
	}
	w.WriteString(mark)
	w.opened, w.marked = false, mark[0]
}

func startsWithSpace(events []event) bool {
	if len(events) < 2 || events[1].group == nil {
		return false
	}
	r, _ := utf8.DecodeRuneInString(events[1].group[0].text)
	return unicode.IsSpace(r)
}

func (w *markdownWriter) group(spans []span, more bool) {
	said, link := words(spans), spans[0].link
	s := ""
	switch {
	case strings.TrimSpace(said) == "": // between words of code
		s = said
	case link == said && plainAddress(link):
		s = "<" + link + ">"
	case link != "":
		label := ""
		if spans[0].style&code != 0 {
			label = codeSpan(said)
		} else {
			label = markdownLabel(spans, true)
		}
		s = "[" + label + "](" + markdownTarget(link) + ")"
	case spans[0].style&code != 0:
		s = codeSpan(said)
	default:
		s = markdownLabel(spans, more)
	}
	w.part(s)
	w.WriteString(s)
}

// codeSpan is code between as many backticks as it takes.
func codeSpan(s string) string {
	fence := strings.Repeat("`", longestRun(s)+1)
	if s[0] == '`' || s[len(s)-1] == '`' || s[0] == ' ' && s[len(s)-1] == ' ' { // where one is taken away
		s = " " + s + " "
	}
	return fence + s + fence
}

// plainAddress says whether an address is the same in angle brackets, where there are no escapes,
// and can ring nobody: Mattermost looks for @names in what is not a link's target.
func plainAddress(link string) bool {
	return strings.HasPrefix(link, "http") && !strings.Contains(link, "@") && !entityStart.MatchString(link)
}

// markdownTarget is a link's address between parentheses.
func markdownTarget(link string) string { return entityStart.ReplaceAllString(link, "&amp;$1") }

var entityStart = regexp.MustCompile(`&(#?[0-9A-Za-z]+;)`)

// markdownLabel writes spans that are literal but for emoji.
func markdownLabel(spans []span, more bool) string {
	var b strings.Builder
	for i, s := range spans {
		if s.style&emoji == 0 {
			markdownLiteral(&b, s.text, more || i < len(spans)-1)
			continue
		}
		if i > 0 && openShortcode(spans[i-1].text) {
			b.WriteString(joiner)
		}
		b.WriteString(s.text)
	}
	return b.String()
}

// markdownLiteral writes what somebody typed; more says whether something follows it in the line.
func markdownLiteral(b *strings.Builder, s string, more bool) {
	prev := ' '
	for i, r := range s {
		next, size := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
		beside := size > 0 && !unicode.IsSpace(next) || size == 0 && more
		switch r {
		case '\\', '`', '*', '[', ']':
			b.WriteString(`\` + string(r))
		case '_':
			if !word(prev) || !word(next) || size == 0 {
				b.WriteByte('\\')
			}
			b.WriteByte('_')
		case '~':
			if beside || !unicode.IsSpace(prev) {
				b.WriteByte('\\')
			}
			b.WriteByte('~')
			if beside && next != '~' {
				b.WriteString(joiner)
			}
		case '!':
			if size == 0 && more { // before a link, it would make an image
				b.WriteByte('\\')
			}
			b.WriteByte('!')
		case '@', '#':
			b.WriteRune(r)
			if beside {
				b.WriteString(joiner)
			}
		case '<':
			b.WriteByte('<')
			if beside {
				b.WriteString(joiner)
			}
		case '&':
			b.WriteByte('&')
			if entity.MatchString(s[i:]) || size == 0 && more {
				b.WriteString(joiner)
			}
		case ':':
			b.WriteByte(':')
			if shortcode(s[i:]) > 0 {
				b.WriteString(joiner)
			}
		default:
			b.WriteRune(r)
		}
		prev = r
	}
}
