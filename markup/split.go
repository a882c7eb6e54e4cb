package markup

import (
	"math/bits"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Split cuts a canonical text into parts, at line ends where it can and not within code that fits into
// one. Formatting that is open at a cut ends there and goes on in the next part. There is always a part,
// and the same text is always cut in the same way.
//
// No part is longer than most characters, which should be some hundreds: neither as it is stored, nor in
// plain words, nor as Slack and Mattermost get it, whose escapes take room. So one that is longer than
// most in none of these may still be two parts.
func Split(canonical string, most int) []string {
	if len(canonical)*heaviest <= most && !strings.Contains(canonical, joiner) {
		return []string{canonical} // as nearly all that people write: there is nothing to weigh
	}
	t := FromCanonical(canonical)
	rows := unfold(t.blocks)
	s := splitter{most: most}
	for i, r := range rows {
		if s.breaksCode(rows[i:]) {
			s.end()
		}
		s.add(r)
	}
	switch {
	case s.ended:
		s.end()
	case utf8.RuneCountInString(canonical) <= most:
		return []string{canonical}
	default: // it was not in its canonical form
		s.parts = []string{t.Canonical()}
	}
	if len(s.parts) == 0 {
		return []string{""}
	}
	return s.parts
}

// heaviest is more than what a character of plain words takes anywhere: five, if it is escaped, twice in an address
// that links, which takes twelve besides and has eight characters or more.
const heaviest = 12

// splitter fills one part after another.
type splitter struct {
	most   int
	part   []row
	weight int
	parts  []string
	ended  bool // a part: the text is cut
}

func (s *splitter) end() {
	blank := func(r row) bool { return strings.TrimSpace(words(r.spans)) == "" }
	for len(s.part) > 0 && blank(s.part[0]) {
		s.part = s.part[1:]
	}
	for len(s.part) > 0 && blank(s.part[len(s.part)-1]) {
		s.part = s.part[:len(s.part)-1]
	}
	if t := fold(s.part); !t.Empty() {
		s.parts = append(s.parts, t.Canonical())
	}
	s.part, s.weight, s.ended = nil, 0, true
}

// before is what it takes to begin a row in the part as it is.
func (s *splitter) before(r row) int {
	if len(s.part) == 0 {
		return frameWeight(nil, r)
	}
	return frameWeight(&s.part[len(s.part)-1], r)
}

func (s *splitter) take(r row, weight int) {
	s.part = append(s.part, r)
	s.weight += weight
}

func (s *splitter) add(r row) {
	if w := s.before(r) + spansWeight(r.spans, s.most); s.weight+w <= s.most {
		s.take(r, w)
		return
	}
	if s.weight > s.most/2 || s.weight > 0 && frameWeight(nil, r)+spansWeight(r.spans, s.most) <= s.most {
		s.end()
	}
	for {
		frame := s.before(r)
		if frame > s.most/2 {
			if s.weight > 0 {
				s.end()
				continue
			}
			r.in, r.block, r.pre = nil, -1, false // nobody nests so deep
			frame = 0
		}
		if w := frame + spansWeight(r.spans, s.most); s.weight+w <= s.most {
			s.take(r, w)
			return
		}
		first := r
		first.spans, r.spans = cutSpans(r.spans, s.most-s.weight-frame, s.weight == 0)
		if len(first.spans) > 0 {
			s.take(first, s.most)
		}
		s.end()
	}
}

// breaksCode says whether code begins with a row that would fit into a part, and not into this one.
func (s *splitter) breaksCode(rows []row) bool {
	r := rows[0]
	if !r.pre || s.weight == 0 || s.part[len(s.part)-1].block == r.block {
		return false
	}
	weight := 0
	for i := 0; i < len(rows) && rows[i].pre && rows[i].block == r.block; i++ {
		last := &r
		if i == 0 {
			last = nil
		}
		if weight += frameWeight(last, rows[i]) + spansWeight(rows[i].spans, s.most); weight > s.most {
			return false
		}
	}
	return s.weight+s.before(r)+weight > s.most
}

// What a text takes at most, in characters, whatever it is written in. The prefix of a line that is
// quoted is "&gt; " in Slack; white space and a number stand before what is in a list.
func prefixWeight(in []frame) int {
	n := 0
	for _, f := range in {
		n += 5
		if f.list && f.numbered {
			n += len(strconv.Itoa(f.item + 1))
		}
	}
	return n
}

// frameWeight is what stands around a row: its line, and what begins with it.
func frameWeight(last *row, r row) int {
	n := 0
	same := 0
	if last != nil {
		n = 1 + prefixWeight(r.in)
		for same < min(len(last.in), len(r.in)) && last.in[same].block == r.in[same].block {
			same++
		}
	} else if len(r.in) > 0 || r.pre {
		n = prefixWeight(r.in)
	}
	apart := func(depth int) int { return 3 * (2 + prefixWeight(r.in[:depth])) } // what parts a block from others
	for i := range r.in {
		switch {
		case i >= same:
			n += 4 + apart(i)
			if r.in[i].list {
				n += 2 + len(strconv.Itoa(r.in[i].item))
			}
		case last.in[i] != r.in[i]:
			n += 2
		}
	}
	if last == nil || last.block != r.block {
		if r.pre {
			n += 4 + 2*(4+prefixWeight(r.in))
		}
		if last != nil {
			n += apart(len(r.in))
		}
	}
	return n
}

// spansWeight is what a line takes without what stands around it; something above most if it is more than that.
func spansWeight(line []span, most int) int {
	n := 0
	for i, s := range line {
		if i == 0 && startsBlock(s.text) {
			n += 2
		}
		at, _, w := fit(s, most-n-spanWeight(s), false)
		if n += spanWeight(s) + w; at < len(s.text) {
			return most + 1
		}
	}
	if len(line) > 0 {
		if r, _ := utf8.DecodeLastRuneInString(line[len(line)-1].text); unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// fit is how much of a span's text there is room for, in bytes, where its last white space ends, and what it
// weighs; some: of which there is something in any case. An address that Markdown links weighs twice.
func fit(s span, room int, some bool) (at, space, weight int) {
	for i, r := range s.text {
		w := runeWeight(r)
		if r == 'h' && s.link == "" && s.style&(code|emoji) == 0 {
			for _, r := range s.text[i : i+selfLink(s.text[i:])] {
				w += runeWeight(r)
			}
			if w > 1 {
				w += 12
			}
		}
		if weight+w > room && (i > 0 || !some) {
			break
		}
		weight += w
		at = i + utf8.RuneLen(r)
		if unicode.IsSpace(r) {
			space = at
		}
	}
	return at, space, weight
}

// startsBlock says whether a line begins with what could begin a block.
func startsBlock(s string) bool {
	r, n := utf8.DecodeRuneInString(s)
	return n > 0 && !unicode.IsLetter(r) && (r < 0x100 || !unicode.IsSymbol(r) || strings.ContainsRune("•◦▪", r))
}

// spanWeight is what the look of a span takes: marks, and what keeps them from those beside them. They may
// be ended and begun anew at white space.
func spanWeight(s span) int {
	n := 18 * bits.OnesCount8(uint8(s.style&^emoji))
	if s.style&emoji != 0 {
		n += 5
	}
	if s.link != "" {
		n += 12
		for _, r := range s.link {
			n += runeWeight(r)
		}
	}
	return n
}

// runeWeight is what a character takes with what escapes it, in Slack or in Mattermost.
func runeWeight(r rune) int {
	switch r {
	case '&':
		return 5
	case '<', '>':
		return 4
	case '*', '_', '~', '`':
		return 3
	case '\\', '[', ']', '@', '#', ':', '!':
		return 2
	}
	return 1
}

// cutSpans cuts a line: as much of it as there is room for, at white space if there is any nearby, and never in
// a link. Where all the room of a part is there, it gives something: an address that is longer becomes words.
func cutSpans(line []span, room int, all bool) (head, rest []span) {
	if len(line) > 0 && startsBlock(line[0].text) {
		room -= 2
	}
	for len(line) > 0 {
		s, n := line[0], 1
		for s.link != "" && n < len(line) && line[n].link == s.link {
			n++
		}
		if w := spansWeight(line[:n], room); w <= room {
			head, line, room = append(head, line[:n]...), line[n:], room-w
			continue
		}
		atomic := s.link != "" || s.style&emoji != 0 || spanWeight(s) > room/2
		switch {
		case atomic && (len(head) > 0 || !all):
			return head, line
		case atomic:
			s = span{text: plainSpans(line[:n])}
		}
		room -= spanWeight(s)
		at, space, weight := fit(s, room, all && len(head) == 0)
		if at == space && weight == room { // there is no room for what holds white space at the end
			_, n := utf8.DecodeLastRuneInString(s.text[:at])
			at -= n
		} else if space > at/2 {
			at = space
		}
		first := s
		if first.text, s.text = s.text[:at], s.text[at:]; first.text != "" {
			head = append(head, first)
		}
		return head, append([]span{s}, line[n:]...)
	}
	return head, nil
}
