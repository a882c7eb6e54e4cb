package markup

import (
	"strconv"
	"strings"
)

// Plain is the text in readable words: "label (address)" for links, "> " for quotes, "- " or "1. "
// for lists, and emoji themselves where their name is known.
func (t Text) Plain() string { return strings.Join(plainBlocks(t.blocks), "\n") }

func plainBlocks(blocks []block) []string {
	var out []string
	for i, b := range blocks {
		if i > 0 && alike(blocks[i-1], b) {
			out = append(out, "")
		}
		switch b.kind {
		case prose:
			out = append(out, strings.Split(plainSpans(b.spans), "\n")...)
		case pre:
			out = append(out, strings.Split(b.text, "\n")...)
		case quote:
			out = append(out, prefix(plainBlocks(b.blocks), "> ", "> ")...)
		case list:
			for j, item := range b.items {
				mark := marker(b, j, "- ")
				out = append(out, prefix(plainBlocks(item), mark, strings.Repeat(" ", len(mark)))...)
			}
		}
	}
	return out
}

// alike says whether two neighbors would flow into one another without something between them.
func alike(a, b block) bool { return a.kind == b.kind && (a.kind == quote || a.kind == list) }

// marker is what stands before an item of a list.
func marker(b block, item int, bullet string) string {
	if !b.numbered {
		return bullet
	}
	return strconv.Itoa(b.first+item) + ". "
}

// prefix puts something before the first line and before the others.
func prefix(lines []string, first, rest string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		if i == 0 {
			out[i] = first + l
		} else {
			out[i] = rest + l
		}
	}
	return out
}

func plainSpans(spans []span) string {
	var b strings.Builder
	for i := 0; i < len(spans); {
		j := i + 1
		for j < len(spans) && spans[i].link != "" && spans[j].link == spans[i].link {
			j++
		}
		var label strings.Builder
		for _, s := range spans[i:j] {
			if s.style&emoji != 0 {
				s.text = pictures(s.text)
			}
			label.WriteString(s.text)
		}
		b.WriteString(label.String())
		if link := spans[i].link; link != "" && !tells(words(spans[i:j]), link) {
			b.WriteString(" (" + shown(link) + ")")
		}
		i = j
	}
	return b.String()
}

// tells says whether a label is enough to know where its link leads.
func tells(label, link string) bool {
	return bare(label) == bare(link) || strings.HasSuffix(label, "("+shown(link)+")") || strings.HasSuffix(label, "("+link+")")
}

// FromForm is what somebody typed into a plain field of a form, as FromPlain but for what such a field knows:
// emoji by their names, which is how its picker puts them there, and addresses, which link to themselves.
func FromForm(s string) Text {
	t := FromPlain(s)
	return build(mapProse(t.withLinks().blocks, func(spans []span) []span {
		var out []span
		for _, s := range spans {
			if s.link != "" {
				out = append(out, s)
				continue
			}
			out = append(out, pictured(s.text)...)
		}
		return out
	}))
}

// pictured finds the emoji in a text that is otherwise literal, by the names that are known.
func pictured(text string) []span {
	var out []span
	at := 0
	for i := 0; i < len(text); i++ {
		n := shortcode(text[i:])
		if n == 0 {
			continue
		}
		if _, ok := known.Get(text[i+1 : i+n-1]); ok {
			out = append(out, span{text: text[at:i]}, span{text: text[i : i+n], style: emoji})
			at, i = i+n, i+n-1
		}
	}
	return append(out, span{text: text[at:]})
}
