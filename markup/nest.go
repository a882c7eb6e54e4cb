package markup

import (
	"strings"
	"unicode"
)

// event is a step in writing a line: formatting begins or ends, or a group of spans is written.
type event struct {
	open  style
	close style
	group []span // alike but for emoji
}

// nested are the looks that are written as marks around what may hold others.
const nested = bold | italic | strike

// nest orders a line's formatting so that what begins last ends first. Where that ends a look in
// order to begin it anew, and white space stands there, it goes without: no dialect could say it.
func nest(line []span) []event {
	line = splitSpace(line)
	events := order(line)
	for range 4 {
		if !freeSpace(line, events) {
			return events
		}
		events = order(line)
	}
	for i := range line {
		if blank(line[i]) {
			line[i].style &^= nested
		}
	}
	return order(line)
}

// splitSpace makes spans of their own of the white space at the ends of words.
func splitSpace(line []span) []span {
	var out []span
	for _, s := range line {
		if s.link != "" || s.style&code != 0 || s.style&nested == 0 {
			out = append(out, s)
			continue
		}
		a := len(s.text) - len(strings.TrimLeftFunc(s.text, unicode.IsSpace))
		b := max(a, len(strings.TrimRightFunc(s.text, unicode.IsSpace)))
		for _, part := range []string{s.text[:a], s.text[a:b], s.text[b:]} {
			if part != "" {
				out = append(out, span{part, s.style, s.link})
			}
		}
	}
	return out
}

func blank(s span) bool {
	return s.link == "" && strings.TrimSpace(s.text) == ""
}

// freeSpace takes the look from white space beside which a mark would stand on the wrong side, and
// says whether there was any.
func freeSpace(line []span, events []event) bool {
	found := false
	free := func(i, step int) {
		for ; i >= 0 && i < len(line) && blank(line[i]); i += step {
			found = found || line[i].style&nested != 0
			line[i].style &^= nested
		}
	}
	at := 0 // the span that is written next
	for _, e := range events {
		switch {
		case e.open != 0:
			free(at, 1)
		case e.close != 0:
			free(at-1, -1)
		}
		at += len(e.group)
	}
	return found
}

func order(line []span) []event {
	var out []event
	var stack []style
	for i := 0; i < len(line); {
		want := line[i].style & nested
		keep := 0
		for keep < len(stack) && want&stack[keep] != 0 {
			keep++
		}
		for n := len(stack) - 1; n >= keep; n-- {
			out = append(out, event{close: stack[n]})
		}
		stack = stack[:keep]
		for _, s := range stack {
			want &^= s
		}
		for want != 0 { // the one that lasts longest goes outside
			best, longest := style(0), -1
			for _, s := range []style{bold, italic, strike} {
				if want&s == 0 {
					continue
				}
				n := 0
				for j := i; j < len(line) && line[j].style&s != 0; j++ {
					n++
				}
				if n > longest {
					best, longest = s, n
				}
			}
			stack = append(stack, best)
			out = append(out, event{open: best})
			want &^= best
		}
		j := i + 1
		for j < len(line) && together(line[i], line[j]) {
			j++
		}
		out = append(out, event{group: line[i:j]})
		i = j
	}
	for n := len(stack) - 1; n >= 0; n-- {
		out = append(out, event{close: stack[n]})
	}
	return out
}

// together says whether b is written in the same group as a: white space within a link's label
// never parts it, or the label would be two.
func together(a, b span) bool {
	return a.link == b.link && (a.style&^emoji == b.style&^emoji || a.link != "" && strings.TrimSpace(b.text) == "")
}
