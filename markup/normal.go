package markup

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// build brings what a parser found into normal form, so that the same meaning is the same Text
// whichever dialect it came from:
//
//   - neighboring paragraphs are one prose block, parted by a blank line;
//   - no formatting spans a line break, or begins or ends with white space: no dialect can say it;
//   - spans that look alike are one; what is empty is gone;
//   - a link whose label looks like another address shows its own too.
func build(blocks []block) Text { return Text{normalBlocks(blocks, 0)} }

var blankLine = regexp.MustCompile(`(?m)^[ \t]+$`)

func normalBlocks(in []block, depth int) []block {
	var out []block
	for _, b := range flatten(in, depth >= deepest) {
		switch b.kind {
		case prose:
			b = block{kind: prose, spans: normalSpans(b.spans)}
			if n := len(out); n > 0 && out[n-1].kind == prose {
				out[n-1].spans = append(append(out[n-1].spans, span{text: "\n\n"}), b.spans...)
				continue
			}
		case pre:
			b = block{kind: pre, text: blankLine.ReplaceAllString(clean(b.text), "")}
			if strings.TrimSpace(b.text) == "" {
				continue
			}
		case quote:
			b = block{kind: quote, blocks: normalBlocks(b.blocks, depth+1)}
			if len(b.blocks) == 0 {
				continue
			}
		case list:
			var items [][]block
			for _, item := range b.items {
				if item = normalBlocks(item, depth+1); len(item) > 0 {
					items = append(items, item)
				}
			}
			if len(items) == 0 {
				continue
			}
			b.items = items
			if !b.numbered {
				b.first = 0
			}
		}
		out = append(out, b)
	}
	return trimProse(out, depth > 0)
}

// flatten takes quotes and lists away and leaves what is in them.
func flatten(in []block, really bool) []block {
	if !really {
		return in
	}
	var out []block
	for _, b := range in {
		switch b.kind {
		case quote:
			out = append(out, flatten(b.blocks, true)...)
		case list:
			for _, item := range b.items {
				out = append(out, flatten(item, true)...)
			}
		default:
			out = append(out, b)
		}
	}
	return out
}

// trimProse removes blank lines beside other blocks, where every dialect has its own custom.
func trimProse(in []block, inside bool) []block {
	var out []block
	for i, b := range in {
		b.spans = merge(b.spans)
		if b.kind == prose && len(b.spans) == 0 {
			continue
		}
		if b.kind == prose && (inside || len(in) > 1) {
			if len(b.spans) == 1 && strings.TrimSpace(b.spans[0].text) == "" {
				continue
			}
			if inside || i > 0 {
				first := &b.spans[0]
				indent := len(first.text) - len(strings.TrimLeftFunc(first.text, unicode.IsSpace))
				first.text = first.text[strings.LastIndex(first.text[:indent], "\n")+1:]
			}
			if inside || i < len(in)-1 {
				last := &b.spans[len(b.spans)-1]
				kept := strings.TrimRightFunc(last.text, unicode.IsSpace)
				if n := strings.Index(last.text[len(kept):], "\n"); n >= 0 {
					last.text = last.text[:len(kept)+n]
				}
			}
			b.spans = merge(b.spans)
		}
		out = append(out, b)
	}
	return out
}

// cell is a character and how it looks.
type cell struct {
	r     rune
	style style
	link  string
}

func normalSpans(in []span) []span {
	cells := make([]cell, 0, len(words(in)))
	for _, s := range in {
		text := clean(s.text)
		if s.style&code != 0 || !shortcodes(text) {
			s.style &^= emoji
		}
		if s.link != "" {
			s.link, _ = address(s.link)
		}
		for _, r := range text {
			if r == '\n' {
				cells = append(cells, cell{r: r})
				continue
			}
			cells = append(cells, cell{r, s.style, s.link})
		}
	}
	var out []span
	for len(cells) > 0 {
		n := slices.IndexFunc(cells, func(c cell) bool { return c.r == '\n' })
		if n < 0 {
			out = append(out, normalLine(cells)...)
			break
		}
		out = append(append(out, normalLine(cells[:n])...), span{text: "\n"})
		cells = cells[n+1:]
	}
	return merge(out)
}

func normalLine(line []cell) []span {
	sameLink := func(a, b cell) bool { return a.link != "" && a.link == b.link }
	trim(line, sameLink, func(c *cell) { c.link = "" })
	line = honest(line, sameLink)
	for _, s := range []style{bold, italic, strike, code} {
		trim(line, func(a, b cell) bool { return a.style&s != 0 && b.style&s != 0 }, func(c *cell) { c.style &^= s })
	}
	var out []span
	for i := 0; i < len(line); {
		j := i
		var b strings.Builder
		for ; j < len(line) && line[j].style == line[i].style && line[j].link == line[i].link; j++ {
			b.WriteRune(line[j].r)
		}
		out = append(out, span{b.String(), line[i].style, line[i].link})
		i = j
	}
	return out
}

// honest adds its target to a label that looks like another address.
func honest(line []cell, sameLink func(a, b cell) bool) []cell {
	var out []cell
	for i := 0; i < len(line); {
		j := run(line, i, sameLink)
		out = append(out, line[i:j]...)
		if target := line[i].link; target != "" {
			var label strings.Builder
			for _, c := range line[i:j] {
				label.WriteRune(c.r)
			}
			if deceptive(label.String(), target) {
				for _, r := range " (" + shown(target) + ")" {
					out = append(out, cell{r, line[j-1].style &^ (code | emoji), target})
				}
			}
		}
		i = j
	}
	return out
}

// run is where the run that begins at i ends; a cell that is not like itself is a run of one.
func run(line []cell, i int, alike func(a, b cell) bool) int {
	j := i + 1
	for j < len(line) && alike(line[i], line[j]) {
		j++
	}
	return j
}

// trim takes a look from the white space at both ends of each run of it.
func trim(line []cell, alike func(a, b cell) bool, plain func(*cell)) {
	for i := 0; i < len(line); {
		j := run(line, i, alike)
		if alike(line[i], line[i]) {
			a, b := i, j
			for ; a < b && unicode.IsSpace(line[a].r); a++ {
				plain(&line[a])
			}
			for ; b > a && unicode.IsSpace(line[b-1].r); b-- {
				plain(&line[b-1])
			}
		}
		i = j
	}
}

// merge makes one of neighboring spans that look alike.
func merge(in []span) []span {
	var out []span
	for i := 0; i < len(in); {
		j := i + 1
		for j < len(in) && in[j].style == in[i].style && in[j].link == in[i].link {
			j++
		}
		var b strings.Builder
		for _, s := range in[i:j] {
			b.WriteString(s.text)
		}
		if b.Len() > 0 {
			s := span{b.String(), in[i].style, in[i].link}
			if n := len(out); n > 0 && out[n-1].style == s.style && out[n-1].link == s.link {
				out[n-1].text += s.text // only an empty span stood between
			} else {
				out = append(out, s)
			}
		}
		i = j
	}
	return out
}

// lines parts prose at its line breaks.
func lines(spans []span) [][]span {
	out := [][]span{nil}
	for _, s := range spans {
		for i, part := range strings.Split(s.text, "\n") {
			if i > 0 {
				out = append(out, nil)
			}
			if part != "" {
				out[len(out)-1] = append(out[len(out)-1], span{part, s.style, s.link})
			}
		}
	}
	return out
}

// clean removes what no Text contains: the two characters that are ours, and what readable does.
func clean(s string) string { return ours.Replace(readable(s)) }

// readable removes broken UTF-8 and NUL, which PostgreSQL does not keep. Every line break is \n.
func readable(s string) string { return lineBreaks.Replace(strings.ToValidUTF8(s, "")) }

var (
	ours       = strings.NewReplacer(joiner, "", boundary, "")
	lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "")
)

// word says whether a character is part of a word, as far as formatting cares.
func word(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || unicode.IsNumber(r))
}
