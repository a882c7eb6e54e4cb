package markup

import (
	"html"
	"strconv"
	"strings"
)

// HTML is the text for a mail. Only web and mail addresses link; all that was typed is escaped.
func (t Text) HTML() string {
	var b strings.Builder
	htmlBlocks(&b, t.withLinks().blocks)
	return b.String()
}

func htmlBlocks(b *strings.Builder, blocks []block) {
	for _, bl := range blocks {
		switch bl.kind {
		case prose:
			for _, p := range paragraphs(bl.spans) {
				b.WriteString("<p>" + htmlLines(p) + "</p>\n")
			}
		case pre:
			// A parser drops a line break that follows the tag (HTML, section 13.2.6.4.7).
			b.WriteString("<pre>\n" + html.EscapeString(bl.text) + "</pre>\n")
		case quote:
			b.WriteString("<blockquote>\n")
			htmlBlocks(b, bl.blocks)
			b.WriteString("</blockquote>\n")
		case list:
			htmlList(b, bl)
		}
	}
}

func htmlList(b *strings.Builder, bl block) {
	tag, attr := "ul", ""
	if bl.numbered {
		tag = "ol"
		if bl.first != 1 {
			attr = ` start="` + strconv.Itoa(bl.first) + `"`
		}
	}
	b.WriteString("<" + tag + attr + ">\n")
	for _, item := range bl.items {
		b.WriteString("<li>")
		if item[0].kind == prose { // without the space that paragraphs put around themselves
			if ps := paragraphs(item[0].spans); len(ps) == 1 {
				b.WriteString(htmlLines(ps[0]))
				item = item[1:]
			}
		}
		if len(item) > 0 {
			b.WriteString("\n")
			htmlBlocks(b, item)
		}
		b.WriteString("</li>\n")
	}
	b.WriteString("</" + tag + ">\n")
}

// paragraphs parts prose at its blank lines; further ones stay as breaks.
func paragraphs(spans []span) [][][]span {
	var out [][][]span
	var p [][]span
	for _, l := range lines(spans) {
		if len(l) == 0 && len(p) > 0 && len(p[len(p)-1]) > 0 {
			out = append(out, p)
			p = nil
			continue
		}
		p = append(p, l)
	}
	if len(p) > 0 {
		out = append(out, p)
	}
	return out
}

func htmlLines(lines [][]span) string {
	parts := make([]string, len(lines))
	for i, l := range lines {
		parts[i] = htmlLine(l)
	}
	return strings.Join(parts, "<br>\n")
}

var htmlTags = map[style]string{bold: "strong", italic: "em", strike: "del"}

func htmlLine(spans []span) string {
	var b strings.Builder
	for _, e := range nest(spans) {
		switch {
		case e.open != 0:
			b.WriteString("<" + htmlTags[e.open] + ">")
		case e.close != 0:
			b.WriteString("</" + htmlTags[e.close] + ">")
		default:
			b.WriteString(htmlGroup(e.group))
		}
	}
	return b.String()
}

func htmlGroup(spans []span) string {
	var b strings.Builder
	for _, s := range spans {
		if s.style&emoji != 0 {
			s.text = pictures(s.text)
		}
		b.WriteString(html.EscapeString(s.text))
	}
	s := b.String()
	if spans[0].style&code != 0 {
		s = "<code>" + s + "</code>"
	}
	link := spans[0].link
	switch {
	case link == "":
		return s
	case strings.HasPrefix(link, "tel:"):
		if tells(words(spans), link) {
			return s
		}
		return s + " (" + html.EscapeString(shown(link)) + ")"
	}
	return `<a href="` + html.EscapeString(link) + `">` + s + "</a>"
}
