package letter

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
)

// Marks at the beginning of a line of text made from HTML, which says more than its text does. They
// are no characters (Unicode, section 23.7), so no text holds them, and visible takes them off.
const (
	historyMark   = "\uFDD0" // what follows is history
	signatureMark = "\uFDD1" // this line is of a signature
)

// largestHTML is how much of it is laid out; what is larger is read as a row of words.
const largestHTML = 4 << 20

// unseen is what newsletters fill their preview line with, and where words may be broken.
var unseen = strings.NewReplacer("\u200b", "", "\ufeff", "", "\u034f", "", "\u00ad", "")

// htmlUTF8 reads HTML in the set its part says, or else its own <meta>.
func htmlUTF8(b []byte, label string) string {
	if label == "" {
		if _, name, _ := charset.DetermineEncoding(b, "text/html"); name != "" {
			label = name
		}
	}
	return toUTF8(b, label)
}

// htmlText is the text of HTML. Quoted mail gets ">" before each line as in plain text, so that
// one way of cutting serves both.
func htmlText(src string) string {
	var p page
	var doc *html.Node
	if len(src) <= largestHTML {
		doc, _ = html.Parse(strings.NewReader(unformatted(src)))
	}
	if doc != nil {
		p.node(doc)
	} else { // nested deeper than any mail is
		p.tokens(src)
	}
	p.flush()
	return strings.Join(p.lines, "\n")
}

// page is the text as it is being set.
type page struct {
	lines  []string
	line   strings.Builder
	blank  bool // a blank line is due before the next text
	space  bool // a blank is due before the next word
	nbsp   bool // the line holds nothing but hard blanks, as Outlook's blank lines do
	depth  int  // of quoting
	pre    int
	sign   int
	items  []int // of the lists around: the number of the last item, or -1
	marked bool
}

func (p *page) prefix() string {
	switch {
	case p.depth > 0:
		return strings.Repeat(">", p.depth) + " "
	case p.sign > 0:
		return signatureMark
	}
	return ""
}

// flush ends a line that has begun.
func (p *page) flush() {
	if p.line.Len() > 0 {
		p.lines = append(p.lines, p.prefix()+strings.TrimRight(p.line.String(), " \t"))
		p.line.Reset()
		p.nbsp = false
	}
	p.blank = p.blank || p.nbsp
	p.space, p.nbsp = false, false
}

// apart sets the blank line that is due, so that it belongs to what is above.
func (p *page) apart() {
	if p.blank && len(p.lines) > 0 {
		p.lines = append(p.lines, strings.TrimRight(p.prefix(), " "))
	}
	p.blank = false
}

// br ends a line even if it is empty, but for a second empty one.
func (p *page) br() {
	if p.line.Len() > 0 {
		p.flush()
		return
	}
	p.blank = true
}

// block begins a new line; with a blank one before it if apart.
func (p *page) block(apart bool) {
	p.flush()
	p.blank = p.blank || apart
}

func (p *page) begin() {
	if p.line.Len() > 0 {
		return
	}
	p.apart()
	p.space, p.nbsp = false, false
}

func (p *page) text(s string) {
	s = unseen.Replace(clean(s))
	if p.pre > 0 {
		for i, l := range strings.Split(lines(s), "\n") {
			if i > 0 {
				p.br()
			}
			if l != "" {
				p.begin()
				p.line.WriteString(l)
			}
		}
		return
	}
	for _, r := range s {
		switch r {
		case ' ', '\t', '\n', '\r', '\f':
			p.space = p.line.Len() > 0
			continue
		case '\u00a0':
			if p.line.Len() > 0 {
				if p.space {
					p.line.WriteByte(' ')
					p.space = false
				}
				p.line.WriteByte(' ')
			} else {
				p.nbsp = true
			}
			continue
		}
		p.begin()
		if p.space {
			p.line.WriteByte(' ')
			p.space = false
		}
		p.line.WriteRune(r)
	}
}

// node sets an element and all within it. The parser nests at most 512 of them.
func (p *page) node(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		p.text(n.Data)
		return
	case html.ElementNode:
		p.element(n)
		return
	}
	p.inner(n)
}

func (p *page) inner(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		p.node(c)
	}
}

func (p *page) element(n *html.Node) {
	if hidden(n) {
		return
	}
	if startsHistory(n) && p.depth == 0 && !p.marked {
		p.block(true)
		p.lines = append(p.lines, historyMark)
		p.marked = true
	}
	quote, sign := isQuote(n), isSignature(n)
	if quote {
		p.block(true)
		p.apart()
		p.depth++
	}
	if sign {
		p.block(false)
		p.sign++
	}
	if quote {
		p.inner(n)
	} else {
		p.set(n)
	}
	if sign {
		p.block(false)
		p.sign--
	}
	if quote {
		p.block(true)
		p.depth--
	}
}

// set sets an element by its kind.
func (p *page) set(n *html.Node) {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Head, atom.Title, atom.Template, atom.Svg, atom.Object, atom.Iframe, atom.Select:
	case atom.Br:
		p.br()
	case atom.Img:
		if alt := oneLine(attr(n, "alt")); alt != "" && attr(n, "width") != "1" {
			p.text("[" + alt + "]")
		}
	case atom.A:
		p.link(n)
	case atom.Pre, atom.Textarea:
		p.block(true)
		p.pre++
		p.inner(n)
		p.pre--
		p.block(true)
	case atom.P:
		// Outlook writes each line as a paragraph without a margin, and blank ones as such.
		tight := strings.Contains(attr(n, "class"), "Mso") || marginless(attr(n, "style"))
		p.block(!tight)
		before := len(p.lines)
		p.inner(n)
		if tight && p.line.Len() == 0 && len(p.lines) == before {
			p.blank = true
		}
		p.block(!tight)
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Table, atom.Hr, atom.Blockquote:
		p.block(true)
		p.inner(n)
		p.block(true)
	case atom.Ul, atom.Ol:
		p.list(n)
	case atom.Li:
		p.item(n)
	case atom.Td, atom.Th:
		if p.line.Len() > 0 {
			p.space = false
			p.line.WriteString(" | ")
		}
		p.inner(n)
	case atom.Div, atom.Tr, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Address, atom.Dd, atom.Dt, atom.Figure,
		atom.Center, atom.Form, atom.Main, atom.Fieldset, atom.Caption:
		p.block(false)
		p.inner(n)
		p.block(false)
		if n.DataAtom == atom.Tr && len(p.lines) > 0 {
			last := &p.lines[len(p.lines)-1]
			*last = strings.TrimRight(*last, " |")
		}
	default:
		p.inner(n)
	}
}

func (p *page) list(n *html.Node) {
	number := -1
	if n.DataAtom == atom.Ol {
		number = 0
	}
	p.block(len(p.items) == 0)
	p.items = append(p.items, number)
	p.inner(n)
	p.items = p.items[:len(p.items)-1]
	p.block(len(p.items) == 0)
}

// link says where it leads, unless its text does.
func (p *page) link(n *html.Node) {
	from, line := len(p.lines), p.line.Len()
	p.inner(n)
	href := oneLine(unseen.Replace(clean(attr(n, "href"))))
	if len(p.lines) != from || p.line.Len() == line {
		return // it shows a picture only, or holds whole paragraphs
	}
	label := strings.TrimSpace(p.line.String()[line:])
	lower := strings.ToLower(href)
	if !strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://") {
		return
	}
	if label == "" || strings.HasPrefix(label, "[") || sameLink(label, href) {
		return
	}
	p.text(" (" + href + ")")
}

// sameLink says whether a text is the address it leads to, give or take what browsers hide.
func sameLink(label, href string) bool {
	bare := func(s string) string {
		s = strings.ToLower(s)
		s = strings.TrimPrefix(strings.TrimPrefix(s, "http://"), "https://")
		return strings.TrimSuffix(s, "/")
	}
	return bare(label) == bare(href)
}
