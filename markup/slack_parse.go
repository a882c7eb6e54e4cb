package markup

import "strings"

// FromSlack reads the text of a Slack message as Slack sends it: with entities for & < >, and in
// angle brackets whatever is no plain text. name gives the shown name of an id that stands after a
// sigil (@ a person, # a channel, ! a group), "" when unknown; it may be nil. Mentions become
// words: they ring nobody again.
//
// https://docs.slack.dev/messaging/formatting-message-text
func FromSlack(mrkdwn string, name func(sigil, id string) string) Text {
	if name == nil {
		name = func(string, string) string { return "" }
	}
	s := slackReader{name}
	return build(s.blocks(strings.Split(readable(mrkdwn), "\n"), 0))
}

type slackReader struct {
	name func(sigil, id string) string
}

// blocks reads lines. Slack's own fallback for a list is a bullet and four spaces a level.
func (s slackReader) blocks(lines []string, depth int) []block {
	var out []block
	var words []string
	flush := func() {
		if len(words) > 0 {
			out = append(out, block{kind: prose, spans: s.prose(words)})
			words = nil
		}
	}
	closed := true // whether a fence further down can still find its end
	for i := 0; i < len(lines); {
		line := lines[i]
		if depth < deepest {
			if inner, n := slackQuote(lines[i:]); n > 0 {
				if strings.TrimSpace(strings.Join(inner, "")) == "" { // marks that quote nothing
					words = append(words, lines[i:i+n]...)
				} else {
					flush()
					out = append(out, block{kind: quote, blocks: s.blocks(inner, depth+1)})
				}
				i += n
				continue
			}
			if _, _, ok := slackMarker(line); ok {
				flush()
				b, n := s.list(lines[i:], depth)
				out = append(out, b)
				i += n
				continue
			}
		}
		if n := strings.Index(line, "```"); n >= 0 && closed {
			before, inside, after, last := fence(lines[i:], n)
			closed = last >= 0
			if closed && strings.TrimSpace(inside) != "" {
				if before = strings.TrimRight(before, " "); before != "" {
					words = append(words, before)
				}
				flush()
				out = append(out, block{kind: pre, text: s.literal(inside)})
				i += last
				if after = strings.TrimLeft(after, " "); after == "" {
					i++
				} else {
					lines[i] = after
				}
				continue
			}
		}
		words = append(words, line)
		i++
	}
	flush()
	return out
}

// fence finds the end of a fence that begins at a place of the first line: what stands before it,
// in it and after it, and the line that it ends in, -1 if none.
func fence(lines []string, at int) (before, inside, after string, last int) {
	before, rest := lines[0][:at], lines[0][at+3:]
	if inside, after, ok := strings.Cut(rest, "```"); ok {
		return before, inside, after, 0
	}
	for i, l := range lines[1:] {
		if in, after, ok := strings.Cut(l, "```"); ok {
			inside = strings.Join(append(append([]string{rest}, lines[1:i+1]...), in), "\n")
			return before, strings.TrimSuffix(strings.TrimPrefix(inside, "\n"), "\n"), after, i + 1
		}
	}
	return "", "", "", -1
}

// slackQuote gives what is quoted at the head of lines, and how many lines of it there are. Three
// marks quote all that follows.
func slackQuote(lines []string) (inner []string, n int) {
	for ; n < len(lines); n++ {
		rest, ok := cutQuote(lines[n])
		if !ok {
			break
		}
		if two, ok := cutQuote(rest); ok && n == 0 {
			if three, ok := cutQuote(two); ok {
				return append([]string{strings.TrimPrefix(three, " ")}, lines[1:]...), len(lines)
			}
		}
		inner = append(inner, strings.TrimPrefix(rest, " "))
	}
	return inner, n
}

func cutQuote(line string) (string, bool) {
	if rest, ok := strings.CutPrefix(line, "&gt;"); ok {
		return rest, true
	}
	return strings.CutPrefix(line, ">")
}

// slackMarker reads what an item of a list begins with: its number, -1 for a bullet, and its text.
func slackMarker(line string) (number int, rest string, ok bool) {
	number = -1
	for _, bullet := range []string{"•", "◦", "▪\uFE0E", "▪", "-"} {
		if rest, ok = strings.CutPrefix(line, bullet); ok {
			break
		}
	}
	if !ok {
		number = 0
		n := 0
		for ; n < len(line) && n < 9 && '0' <= line[n] && line[n] <= '9'; n++ {
			number = number*10 + int(line[n]-'0')
		}
		if rest, ok = strings.CutPrefix(line[n:], "."); !ok || n == 0 || n > 1 && line[0] == '0' {
			return 0, "", false
		}
	}
	text := strings.TrimLeft(rest, " \t")
	if text == "" || text == rest {
		return 0, "", false
	}
	return number, text, true
}

const indent = "    "

// list reads the items at the head of lines; numbers that do not follow one another are no list.
func (s slackReader) list(lines []string, depth int) (block, int) {
	b := block{kind: list}
	next, i := 0, 0
	for i < len(lines) {
		number, rest, ok := slackMarker(lines[i])
		if !ok || len(b.items) > 0 && number != next {
			break
		}
		if len(b.items) == 0 && number >= 0 {
			b.numbered, b.first = true, number
		}
		next = number
		if number >= 0 {
			next++
		}
		item := []string{rest}
		for i++; i < len(lines) && strings.HasPrefix(lines[i], indent); i++ {
			item = append(item, lines[i][len(indent):])
		}
		b.items = append(b.items, s.blocks(item, depth+1))
	}
	return b, i
}

func (s slackReader) prose(lines []string) []span {
	var out []span
	for i, l := range lines {
		if i > 0 {
			out = append(out, span{text: "\n"})
		}
		out = append(out, s.line(l)...)
	}
	return out
}

// literal is a text whose formatting means nothing, such as code.
func (s slackReader) literal(raw string) string {
	var b strings.Builder
	for raw != "" {
		n := strings.IndexByte(raw, '<')
		if n < 0 {
			break
		}
		b.WriteString(unescape.Replace(raw[:n]))
		raw = raw[n:]
		if spans, n := s.token(raw); n > 0 {
			b.WriteString(plainSpans(spans))
			raw = raw[n:]
			continue
		}
		b.WriteByte('<')
		raw = raw[1:]
	}
	return b.String() + unescape.Replace(raw)
}

var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
