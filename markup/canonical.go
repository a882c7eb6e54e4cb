package markup

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// In the canonical form a joiner, which no text contains, begins a sign. Everything else stands
// for itself, so that what was stored before there was formatting is read as it was meant, and a
// search finds words where they are.
const (
	signBold   = '*' // these turn a look on and off; it ends with its block at the latest
	signItalic = '_'
	signStrike = '~'
	signCode   = '`'
	signEmoji  = ':'
	signLink   = '[' // the address, signLabel, the label, signUnlink
	signLabel  = '|'
	signUnlink = ']'
	signPre    = '=' // these begin a block, which signEnd ends
	signQuote  = '>'
	signList   = '-' // the first number, if it has one, and signItem
	signItem   = '.'
	signEnd    = '/'
)

var signStyles = map[rune]style{signBold: bold, signItalic: italic, signStrike: strike, signCode: code, signEmoji: emoji}

// Canonical is the text in a compact form to store. FromCanonical gives the very same Text.
func (t Text) Canonical() string {
	var b strings.Builder
	canonicalBlocks(&b, t.blocks)
	return b.String()
}

func canonicalBlocks(b *strings.Builder, blocks []block) {
	sign := func(r rune) {
		b.WriteString(joiner)
		b.WriteRune(r)
	}
	for _, bl := range blocks {
		switch bl.kind {
		case prose:
			canonicalSpans(sign, b, bl.spans)
			continue
		case pre:
			sign(signPre)
			b.WriteString(bl.text)
		case quote:
			sign(signQuote)
			canonicalBlocks(b, bl.blocks)
		case list:
			sign(signList)
			if bl.numbered {
				b.WriteString(strconv.Itoa(bl.first))
			}
			for _, item := range bl.items {
				sign(signItem)
				canonicalBlocks(b, item)
			}
		}
		sign(signEnd)
	}
}

func canonicalSpans(sign func(rune), b *strings.Builder, spans []span) {
	var last span
	for _, s := range append(spans[:len(spans):len(spans)], span{}) {
		for _, r := range []rune{signBold, signItalic, signStrike, signCode, signEmoji} {
			if (last.style^s.style)&signStyles[r] != 0 {
				sign(r)
			}
		}
		if last.link != s.link {
			if last.link != "" {
				sign(signUnlink)
			}
			if s.link != "" {
				sign(signLink)
				b.WriteString(s.link)
				sign(signLabel)
			}
		}
		b.WriteString(s.text)
		last = s
	}
}

// FromCanonical reads what Canonical wrote. It makes the best of anything else: a sign that means
// nothing where it stands is dropped.
func FromCanonical(stored string) Text {
	parts := strings.Split(stored, joiner)
	r := canonicalReader{parts: parts[1:]}
	r.spans = []span{{text: parts[0]}}
	var out []block
	for {
		out = append(out, r.blocks(0)...)
		if len(r.parts) == 0 {
			return build(out)
		}
		r.parts[0] = "\ufffd" + afterSign(r.parts[0]) // an end without a beginning
	}
}

func afterSign(part string) string {
	_, n := utf8.DecodeRuneInString(part)
	return part[n:]
}

type canonicalReader struct {
	parts []string // each begins with a sign
	spans []span   // of the prose that is being read
	look  style
	link  string
}

// blocks reads until a sign that ends what it is in, which it leaves there.
func (r *canonicalReader) blocks(depth int) []block {
	var out []block
	flush := func() {
		if words(r.spans) != "" {
			out = append(out, block{kind: prose, spans: r.spans})
		}
		r.spans, r.look, r.link = nil, 0, ""
	}
	for len(r.parts) > 0 {
		sign, n := utf8.DecodeRuneInString(r.parts[0])
		rest := r.parts[0][n:]
		if sign == signEnd || sign == signItem {
			break
		}
		r.parts = r.parts[1:]
		switch {
		case signStyles[sign] != 0:
			r.look ^= signStyles[sign]
			r.text(rest)
		case sign == signLink && len(r.parts) > 0 && strings.HasPrefix(r.parts[0], string(signLabel)):
			r.link = rest
			r.text(r.parts[0][1:])
			r.parts = r.parts[1:]
		case sign == signUnlink:
			r.link = ""
			r.text(rest)
		case sign == signPre:
			flush()
			out = append(out, block{kind: pre, text: rest})
			r.end()
		case sign == signQuote && depth < deepest:
			flush()
			r.text(rest)
			out = append(out, block{kind: quote, blocks: r.blocks(depth + 1)})
			r.end()
		case sign == signList && depth < deepest:
			flush()
			out = append(out, r.list(rest, depth))
			r.end()
		default:
			r.text(rest)
		}
	}
	flush()
	return out
}

func (r *canonicalReader) list(first string, depth int) block {
	b := block{kind: list}
	if n, err := strconv.Atoi(first); err == nil && n >= 0 {
		b.numbered, b.first = true, n
	}
	for len(r.parts) > 0 && strings.HasPrefix(r.parts[0], string(signItem)) {
		rest := r.parts[0][1:]
		r.parts = r.parts[1:]
		r.text(rest)
		b.items = append(b.items, r.blocks(depth+1))
	}
	return b
}

// end reads the end of a block, and what follows it.
func (r *canonicalReader) end() {
	if len(r.parts) > 0 && strings.HasPrefix(r.parts[0], string(signEnd)) {
		r.text(r.parts[0][1:])
		r.parts = r.parts[1:]
	}
}

func (r *canonicalReader) text(s string) {
	r.spans = append(r.spans, span{s, r.look, r.link})
}
