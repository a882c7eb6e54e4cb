package markup

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// schemes are the only ones that link. A script, a file or a program's own scheme stays words.
var schemes = []string{"http://", "https://", "mailto:", "tel:"}

// address is a link's target as every dialect can carry it: what would end it early is percent
// encoded (RFC 3986, section 2.1). False if it is no link.
func address(target string) (string, bool) {
	target = strings.TrimSpace(clean(target))
	for _, scheme := range schemes {
		if len(target) <= len(scheme) || !strings.EqualFold(target[:len(scheme)], scheme) {
			continue
		}
		rest := target[len(scheme):]
		if strings.ContainsRune("/?#", rune(rest[0])) {
			return "", false // no host
		}
		var b strings.Builder
		b.WriteString(scheme)
		for _, r := range rest {
			if endsAddress(r) {
				for _, c := range []byte(string(r)) {
					fmt.Fprintf(&b, "%%%02X", c)
				}
				continue
			}
			b.WriteRune(r)
		}
		link := b.String()
		if !balanced(link) {
			link = strings.NewReplacer("(", "%28", ")", "%29").Replace(link)
		}
		return link, true
	}
	return "", false
}

// endsAddress says whether a character is in no address, or in none that can be carried as it is.
func endsAddress(r rune) bool {
	if r < 0x80 {
		return r <= ' ' || r == 0x7f || r == '<' || r == '>' || r == '"' || r == '|' || r == '\\' || r == '`'
	}
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

// balanced says whether each parenthesis of an address has its partner: Markdown would end it.
func balanced(s string) bool { return partnered(s) == len(s) }

// partnered is where the first parenthesis without a partner stands, or the end.
func partnered(s string) int {
	depth, outer := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			if depth == 0 {
				outer = i
			}
			depth++
		case ')':
			if depth--; depth < 0 {
				return i
			}
		}
	}
	if depth > 0 {
		return outer
	}
	return len(s)
}

// linked makes a link of a label. What is no link becomes its text and its address as words.
func linked(label []span, target string) []span {
	target = strings.TrimSpace(clean(target))
	said := clean(words(label))
	link, ok := address(target)
	switch {
	case ok && strings.TrimSpace(said) == "":
		return []span{{text: shown(link), link: link}}
	case ok:
		for i := range label {
			label[i].link = link
		}
		return label
	case strings.TrimSpace(said) == "", said == target:
		return []span{{text: target}}
	}
	return append(label, span{text: " (" + target + ")"})
}

// words is what spans say.
func words(spans []span) string {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.text)
	}
	return b.String()
}

// shown is an address as people read it.
func shown(link string) string {
	return strings.TrimPrefix(strings.TrimPrefix(link, "mailto:"), "tel:")
}

var looks = regexp.MustCompile(`(?i)^(?:.*://.*|www\..*|mailto:.*|[^@]+@[^@]+\.[\pL\pN-]{2,}|(?:[\pL\pN_-]+\.)+\pL{2,}\.?(?::\d+)?(?:[/?#].*)?|\d+(?:\.\d+){3}(?:[:/?#].*)?)$`)

// deceptive says whether a label names an address that is not where its link leads, and does not
// end by telling that.
func deceptive(label, target string) bool {
	if strings.HasSuffix(label, "("+shown(target)+")") || strings.HasSuffix(label, "("+target+")") {
		return false
	}
	label = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.IsControl(r) {
			return -1 // unseen, it would hide an address from us and not from a reader
		}
		return r
	}, label)
	for _, w := range strings.Fields(label) {
		w = strings.TrimRight(strings.TrimLeft(w, `"'([{<,;:!?`), `"')]}>,;:!?.…`)
		if looks.MatchString(w) && !sameAddress(w, target) {
			return true
		}
	}
	return false
}

// sameAddress says whether a word of a label is its link's target, or the host of it.
func sameAddress(w, target string) bool {
	w, target = bare(w), bare(target)
	host := target
	if i := strings.IndexAny(target, "/?#"); i >= 0 {
		host = target[:i]
	}
	return w == target || w == host
}

// bare is an address without what people leave out.
func bare(s string) string {
	s = strings.ToLower(s)
	for _, scheme := range schemes {
		if after, ok := strings.CutPrefix(s, scheme); ok {
			s = after
			break
		}
	}
	return strings.TrimRight(strings.TrimPrefix(s, "www."), `/"')]}>,;:!?.`)
}

// longestAddress is what every program takes; a longer one stays words.
const longestAddress = 2000

// withLinks makes links of the web addresses that stand in the text as words, as the reader's own
// program would: each leads to what it says.
func (t Text) withLinks() Text {
	return Text{mapProse(t.blocks, func(spans []span) []span {
		var out []span
		for _, s := range spans {
			if s.link != "" || s.style&(code|emoji) != 0 {
				out = append(out, s)
				continue
			}
			at := 0
			for i := 0; ; {
				next := strings.Index(s.text[i:], "http")
				if next < 0 {
					break
				}
				i += next
				n := selfLink(s.text[i:])
				if before, _ := utf8.DecodeLastRuneInString(s.text[:i]); n == 0 || word(before) {
					i += len("http")
					continue
				}
				link := s.text[i : i+n]
				out = append(out, span{s.text[at:i], s.style, ""}, span{link, s.style, link})
				i += n
				at = i
			}
			out = append(out, span{s.text[at:], s.style, ""})
		}
		return merge(out)
	})}
}

// selfLink is how long the web address is that s begins with, 0 if none.
func selfLink(s string) int {
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(s, "http://")
	}
	if !ok {
		return 0
	}
	end := strings.IndexFunc(rest[:min(len(rest), longestAddress+1)], endsAddress)
	if end < 0 {
		end = len(rest)
	}
	if end > longestAddress {
		return 0
	}
	m := s[:len(s)-len(rest)+end]
	m = m[:partnered(m)]
	m = m[:addressEnd(m)]
	if link, _ := address(m); link != m {
		return 0
	}
	return len(m)
}

// addressEnd leaves out what ends the sentence rather than the address.
func addressEnd(s string) int { return len(strings.TrimRight(s, ".,;:!?'*_~]}")) }

func mapProse(in []block, change func([]span) []span) []block {
	out := make([]block, len(in))
	for i, b := range in {
		switch b.kind {
		case prose:
			b.spans = change(b.spans)
		case quote:
			b.blocks = mapProse(b.blocks, change)
		case list:
			items := make([][]block, len(b.items))
			for j, item := range b.items {
				items[j] = mapProse(item, change)
			}
			b.items = items
		}
		out[i] = b
	}
	return out
}
