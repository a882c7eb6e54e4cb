package markup

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Slack is the text as Slack's mrkdwn: it formats and links what the text formats and links, and
// nothing that anybody typed does so, or rings anyone.
func (t Text) Slack() string { return strings.Join(slackBlocks(t.blocks, 0, false), "\n") }

// slackBlocks writes blocks that are in so many lists, and maybe in a quote.
func slackBlocks(blocks []block, lists int, inside bool) []string {
	var out []string
	for i, b := range blocks {
		if i > 0 && alike(blocks[i-1], b) {
			out = append(out, "")
		}
		switch b.kind {
		case prose:
			for n, l := range lines(b.spans) {
				line := slackLine(l)
				_, quoted := cutQuote(line)
				_, _, item := slackMarker(line)
				// After a list, white space would make it part of the last item.
				indented := n == 0 && (i > 0 || inside) && line != strings.TrimLeft(line, " \t")
				if quoted || item || indented {
					line = joiner + line
				}
				out = append(out, line)
			}
		case pre:
			fenced := strings.ReplaceAll(slackEscape.Replace(b.text), "``", "`"+joiner+"`")
			out = append(append(append(out, "```"), strings.Split(fenced, "\n")...), "```")
		case quote:
			out = append(out, prefix(slackBlocks(b.blocks, lists, true), "&gt; ", "&gt; ")...)
		case list:
			bullet := []string{"• ", "◦ ", "▪ "}[lists%3]
			for j, item := range b.items {
				out = append(out, prefix(slackBlocks(item, lists+1, true), marker(b, j, bullet), indent)...)
			}
		}
	}
	return out
}

var slackEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

var slackMarks = map[style]byte{bold: '*', italic: '_', strike: '~'}

// slackWriter writes one line.
type slackWriter struct {
	strings.Builder
	marks  map[byte]int // how many of each mark the line has: one alone formats nothing
	opened bool         // a mark was just opened
	closed bool         // a mark was just closed
}

func slackLine(spans []span) string {
	spans = slackCan(spans)
	w := slackWriter{marks: map[byte]int{}}
	for _, s := range spans {
		for look, mark := range slackMarks {
			w.marks[mark] += strings.Count(s.text, string(rune(mark)))
			if s.style&look != 0 {
				w.marks[mark] += 2
			}
		}
	}
	for _, e := range nest(spans) {
		switch {
		case e.open != 0:
			w.open(slackMarks[e.open])
		case e.close != 0:
			w.close(slackMarks[e.close])
		default:
			w.group(e.group)
		}
	}
	return w.String()
}

// slackCan takes away what Slack cannot say: a backtick in code, and a link in it.
func slackCan(in []span) []span {
	out := merge(in)
	for i, s := range out {
		if s.link != "" || strings.Contains(s.text, "`") {
			out[i].style &^= code
		}
	}
	return merge(out)
}

// open begins formatting, which Slack takes for such only where a word could begin.
func (w *slackWriter) open(mark byte) {
	last, n := utf8.DecodeLastRuneInString(w.String())
	if n > 0 && !w.opened && !unicode.IsSpace(last) && !strings.ContainsRune("(\"'[{", last) {
		w.WriteString(boundary)
	}
	w.WriteByte(mark)
	w.opened, w.closed = true, false
}

func (w *slackWriter) close(mark byte) {
	if mark == '_' && openShortcode(w.String()) { // it could be part of an emoji's name
		w.WriteString(boundary)
	}
	w.WriteByte(mark)
	w.opened, w.closed = false, true
}

func (w *slackWriter) put(s string) {
	if w.closed {
		if r, _ := utf8.DecodeRuneInString(s); !unicode.IsSpace(r) && !strings.ContainsRune(")\"']},.;:!?", r) {
			w.WriteString(boundary)
		}
	}
	w.WriteString(s)
	w.opened, w.closed = false, false
}

func (w *slackWriter) group(spans []span) {
	said := words(spans)
	switch link := spans[0].link; {
	case strings.TrimSpace(said) == "": // between words of code
		w.put(said)
	case link == said:
		w.put("<" + slackEscape.Replace(link) + ">")
	case link != "":
		w.put("<" + slackEscape.Replace(link) + "|" + w.label(spans) + ">")
	case spans[0].style&code != 0:
		w.open('`')
		w.WriteString(slackEscape.Replace(said))
		w.close('`')
	default:
		w.put(w.label(spans))
	}
}

// label writes spans that are literal but for emoji.
func (w *slackWriter) label(spans []span) string {
	var b strings.Builder
	for i, s := range spans {
		if s.style&emoji == 0 {
			b.WriteString(w.literal(s.text))
			continue
		}
		if i > 0 && openShortcode(spans[i-1].text) {
			b.WriteString(boundary)
		}
		b.WriteString(s.text)
	}
	return b.String()
}

// literal writes what somebody typed, and breaks what Slack would take for formatting.
func (w *slackWriter) literal(s string) string {
	var b strings.Builder
	prev := ' '
	for i, r := range s {
		next, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
		switch {
		case r == ':' && shortcode(s[i:]) > 0:
			b.WriteString(":" + joiner)
		case r == '`', slackStyles[byte(r&0x7f)] != 0 && r < 0x80 && w.marks[byte(r)] > 1 && !(word(prev) && word(next)):
			b.WriteString(joiner + string(r) + joiner)
		default:
			b.WriteString(slackEscape.Replace(string(r)))
		}
		prev = r
	}
	return b.String()
}
