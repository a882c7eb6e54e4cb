package markup

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token reads what begins with an angle bracket, and how long it is: 0 if it is only a bracket.
func (s slackReader) token(raw string) ([]span, int) {
	n := strings.IndexAny(raw[1:], "<>\n") + 1
	if n < 2 || raw[n] != '>' {
		return nil, 0
	}
	target, label, _ := strings.Cut(raw[1:n], "|")
	target, label = unescape.Replace(target), unescape.Replace(label)
	if target == "" {
		return nil, 0
	}
	words := func(sigil string, choices ...string) ([]span, int) {
		for _, c := range choices {
			if c = clean(c); c != "" {
				return []span{{text: sigil + strings.TrimPrefix(c, sigil)}}, n + 1
			}
		}
		return nil, 0
	}
	switch id := target[1:]; target[0] {
	case '@', '#':
		return words(target[:1], s.name(target[:1], id), label, id)
	case '!':
		if id == "here" || id == "channel" || id == "everyone" {
			return words("@", id)
		}
		if group, ok := strings.CutPrefix(id, "subteam^"); ok {
			return words("@", s.name("!", group), label, group)
		}
		return words("", label) // a date, or what is still to come
	}
	if !strings.Contains(target, ":") {
		return nil, 0
	}
	return linked(s.pictured(label), target), n + 1
}

// pictured finds the emoji in a text that is otherwise literal.
func (s slackReader) pictured(text string) []span {
	var out []span
	at := 0
	for i := 0; i < len(text); i++ {
		if n := shortcode(text[i:]); n > 0 {
			out = append(out, span{text: text[at:i]}, span{text: text[i : i+n], style: emoji})
			at, i = i+n, i+n-1
		}
	}
	return append(out, span{text: text[at:]})
}

// atom is a piece of a line: spans that are done, or a mark that may format.
type atom struct {
	spans []span
	mark  byte
	first rune // as the neighbors see it
	last  rune
}

var slackStyles = map[byte]style{'*': bold, '_': italic, '~': strike, '`': code}

// atoms parts a line.
func (s slackReader) atoms(line string) []atom {
	var out []atom
	var words strings.Builder
	flush := func() {
		if words.Len() > 0 {
			t := words.String()
			first, _ := utf8.DecodeRuneInString(t)
			last, _ := utf8.DecodeLastRuneInString(t)
			out = append(out, atom{spans: []span{{text: t}}, first: first, last: last})
			words.Reset()
		}
	}
	for line != "" {
		c, n := line[0], 1
		switch {
		case c == '<':
			if spans, m := s.token(line); m > 0 {
				flush()
				out = append(out, atom{spans: spans, first: '<', last: '>'})
				n = m
			} else {
				words.WriteByte(c)
			}
		case c == '&':
			n = max(1, strings.IndexByte(line[:min(len(line), 5)], ';')+1)
			words.WriteString(unescape.Replace(line[:n]))
		case c == ':' && shortcode(line) > 0:
			flush()
			n = shortcode(line)
			out = append(out, atom{spans: []span{{text: line[:n], style: emoji}}, first: ':', last: ':'})
		case strings.HasPrefix(line, joiner) && len(line) > len(joiner) && slackStyles[line[len(joiner)]] != 0:
			// A mark that we broke, with a joiner at either side.
			n = len(joiner) + 1
			if strings.HasPrefix(line[n:], joiner) {
				n += len(joiner)
			}
			words.WriteString(line[:n])
		case slackStyles[c] != 0:
			flush()
			out = append(out, atom{mark: c, first: rune(c), last: rune(c)})
		default:
			_, n = utf8.DecodeRuneInString(line)
			words.WriteString(line[:n])
		}
		line = line[n:]
	}
	flush()
	return out
}

// line reads one line: nothing but a fence formats beyond the end of one.
func (s slackReader) line(line string) []span {
	atoms := codeSpans(s.atoms(line))
	styles := make([]style, len(atoms))
	opened := map[byte]int{}
	for i, a := range atoms {
		if a.mark == 0 || a.mark == '`' {
			continue
		}
		prev, next := ' ', ' '
		if i > 0 {
			prev = atoms[i-1].last
		}
		if i+1 < len(atoms) {
			next = atoms[i+1].first
		}
		if prev == rune(a.mark) || next == rune(a.mark) {
			continue
		}
		open, isOpen := opened[a.mark]
		switch {
		case isOpen && !unicode.IsSpace(prev) && !word(next):
			look := slackStyles[a.mark]
			for j := open + 1; j < i; j++ {
				styles[j] |= look
			}
			for m, at := range opened { // marks within it that found no partner are literal
				if at >= open {
					delete(opened, m)
				}
			}
			atoms[open].mark, atoms[i].mark = 0, 0
		case !isOpen && !word(prev) && !unicode.IsSpace(next):
			opened[a.mark] = i
		}
	}
	var out []span
	for i, a := range atoms {
		if a.mark != 0 {
			a.spans = []span{{text: string(rune(a.mark))}}
		}
		for _, sp := range a.spans {
			sp.style |= styles[i]
			out = append(out, sp)
		}
	}
	return out
}

// codeSpans joins what stands between two backticks: nothing in it is formatted.
func codeSpans(in []atom) []atom {
	var out []atom
	for i := 0; i < len(in); i++ {
		if in[i].mark != '`' {
			out = append(out, in[i])
			continue
		}
		var inside strings.Builder
		j := i + 1
		for ; j < len(in) && in[j].mark != '`'; j++ {
			if in[j].mark != 0 {
				inside.WriteByte(in[j].mark)
			}
			if in[j].first == '<' { // a link, which Slack makes of every address
				inside.WriteString(plainSpans(in[j].spans))
				continue
			}
			inside.WriteString(words(in[j].spans))
		}
		if j == len(in) {
			return append(out, in[i:]...)
		}
		if strings.TrimSpace(clean(inside.String())) == "" {
			out = append(out, in[i:j]...)
			i = j - 1
			continue
		}
		out = append(out, atom{spans: []span{{text: inside.String(), style: code}}, first: '`', last: '`'})
		i = j
	}
	return out
}
