package markup

import "strings"

// row is one line of a text, with all that it stands in: a text can be cut between any two of them.
type row struct {
	in    []frame // the quotes and lists around it, outermost first
	block int     // lines of the same block stay together
	pre   bool
	spans []span // of code: one, without a look
}

// frame is a quote, or an item of a list.
type frame struct {
	block    int
	list     bool
	numbered bool
	item     int // its number
}

// unfold gives the lines of blocks.
func unfold(blocks []block) []row {
	u := unfolder{}
	u.blocks(blocks, nil)
	return u.rows
}

type unfolder struct {
	rows []row
	last int // block
}

func (u *unfolder) blocks(in []block, around []frame) {
	around = around[:len(around):len(around)]
	for _, b := range in {
		u.last++
		id := u.last
		switch b.kind {
		case prose:
			for _, l := range lines(b.spans) {
				u.rows = append(u.rows, row{in: around, block: id, spans: l})
			}
		case pre:
			for l := range strings.SplitSeq(b.text, "\n") {
				u.rows = append(u.rows, row{in: around, block: id, pre: true, spans: []span{{text: l}}})
			}
		case quote:
			u.blocks(b.blocks, append(around, frame{block: id}))
		case list:
			for i, item := range b.items {
				u.blocks(item, append(around, frame{id, true, b.numbered, b.first + i}))
			}
		}
	}
}

// fold is the reverse of unfold.
func fold(rows []row) Text { return build(foldAt(rows, 0)) }

func foldAt(rows []row, depth int) []block {
	var out []block
	for len(rows) > 0 {
		n := 1
		if len(rows[0].in) <= depth {
			for n < len(rows) && len(rows[n].in) <= depth && rows[n].block == rows[0].block {
				n++
			}
			out = append(out, leaf(rows[:n]))
			rows = rows[n:]
			continue
		}
		f := rows[0].in[depth]
		within := func(r row) bool { return len(r.in) > depth && r.in[depth].block == f.block }
		for n < len(rows) && within(rows[n]) {
			n++
		}
		if !f.list {
			out = append(out, block{kind: quote, blocks: foldAt(rows[:n], depth+1)})
			rows = rows[n:]
			continue
		}
		b := block{kind: list, numbered: f.numbered, first: f.item}
		for items := rows[:n]; len(items) > 0; {
			m := 1
			for m < len(items) && items[m].in[depth].item == items[0].in[depth].item {
				m++
			}
			b.items = append(b.items, foldAt(items[:m], depth+1))
			items = items[m:]
		}
		out = append(out, b)
		rows = rows[n:]
	}
	return out
}

// leaf is the block that lines are of.
func leaf(rows []row) block {
	if rows[0].pre {
		text := make([]string, len(rows))
		for i, r := range rows {
			text[i] = words(r.spans)
		}
		return block{kind: pre, text: strings.Join(text, "\n")}
	}
	var spans []span
	for i, r := range rows {
		if i > 0 {
			spans = append(spans, span{text: "\n"})
		}
		spans = append(spans, r.spans...)
	}
	return block{kind: prose, spans: spans}
}

// picture stands for an emoji among words.
const picture = "\ufffc"

// Words are the bare words: no marks of lists and quotes, no addresses behind labels, and a sign
// (U+FFFC) for each emoji. It is what a program looks at that reads what somebody wrote.
func (t Text) Words() string {
	var b strings.Builder
	for i, r := range unfold(t.blocks) {
		if i > 0 {
			b.WriteByte('\n')
		}
		for _, s := range r.spans {
			b.WriteString(bareWords(s))
		}
	}
	return b.String()
}

func bareWords(s span) string {
	if s.style&emoji != 0 {
		return picture
	}
	return s.text
}

// After is the text without its first words, n bytes of Words. What is left looks as it did.
func (t Text) After(n int) Text {
	rows := unfold(t.blocks)
	for n > 0 && len(rows) > 0 {
		r := &rows[0]
		for n > 0 && len(r.spans) > 0 {
			s := bareWords(r.spans[0])
			if len(s) > n && r.spans[0].style&emoji == 0 {
				rest := r.spans[0]
				rest.text = s[n:]
				r.spans = append([]span{rest}, r.spans[1:]...)
				return fold(rows)
			}
			n -= len(s)
			r.spans = r.spans[1:]
		}
		if n > 0 {
			n-- // the line break
			rows = rows[1:]
		}
	}
	return fold(rows)
}
