package markup

import (
	"bytes"
	"html"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// dialect is Mattermost's: CommonMark without HTML, where it is literal, and without reference
// definitions, which would make text vanish; with ~~strike~~ and addresses that link themselves.
//
// https://docs.mattermost.com/end-user-guide/collaborate/format-messages.html
var dialect = parser.NewParser(
	parser.WithBlockParsers(
		util.Prioritized(parser.NewSetextHeadingParser(), 100),
		util.Prioritized(parser.NewThematicBreakParser(), 200),
		util.Prioritized(parser.NewListParser(), 300),
		util.Prioritized(parser.NewListItemParser(), 400),
		util.Prioritized(parser.NewCodeBlockParser(), 500),
		util.Prioritized(parser.NewATXHeadingParser(), 600),
		util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
		util.Prioritized(parser.NewBlockquoteParser(), 800),
		util.Prioritized(parser.NewParagraphParser(), 1000),
	),
	parser.WithInlineParsers(
		util.Prioritized(parser.NewCodeSpanParser(), 100),
		util.Prioritized(parser.NewLinkParser(), 200),
		util.Prioritized(parser.NewAutoLinkParser(), 300),
		util.Prioritized(twoTildes{extension.NewStrikethroughParser()}, 400),
		util.Prioritized(parser.NewEmphasisParser(), 500),
		util.Prioritized(bareAddress{}, 999),
	),
)

// twoTildes strikes with two tildes only: one is a channel's sigil.
type twoTildes struct{ parser.InlineParser }

func (p twoTildes) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, _ := block.PeekLine()
	if len(line) < 2 || line[1] != '~' {
		return nil
	}
	return p.InlineParser.Parse(parent, block, pc)
}

// bareAddress links an address to itself, before what is in it could format. The parser asks it
// where a line begins, after formatting, and at white space and punctuation, which it steps over.
type bareAddress struct{}

func (bareAddress) Trigger() []byte { return []byte(" !\"#$%&'()*+,-./:;<=>?@[]^_{|}~") }

func (bareAddress) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	skip := 0
	if !bytes.HasPrefix(line, []byte("http")) {
		skip = 1
	} else if word(block.PrecendingCharacter()) {
		return nil
	}
	if pc.IsInLinkLabel() || !bytes.HasPrefix(line[skip:], []byte("http")) {
		return nil
	}
	n := selfLink(string(line[skip:min(len(line), skip+longestAddress+16)])) // only as far as it looks
	if n == 0 {
		return nil
	}
	start := segment.Start + skip
	if skip > 0 {
		if word(rune(line[0])) {
			return nil
		}
		ast.MergeOrAppendTextSegment(parent, text.NewSegment(segment.Start, start))
	}
	block.Advance(skip + n)
	return ast.NewAutoLink(ast.AutoLinkURL, ast.NewTextSegment(text.NewSegment(start, start+n)))
}

// FromMarkdown reads Mattermost's Markdown. Every line break is one. Names after @ are plain
// words, images are links, headings are bold lines, tables stay as they were typed.
func FromMarkdown(md string) Text {
	tamed, ok := tame(readable(md))
	if !ok {
		return FromPlain(md)
	}
	source := []byte(tamed)
	return build(markdownReader{source}.blocks(dialect.Parse(text.NewReader(source)), 0))
}

type markdownReader struct{ source []byte }

func (m markdownReader) blocks(parent ast.Node, depth int) []block {
	var out []block
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Paragraph, *ast.TextBlock:
			if raw := string(n.Lines().Value(m.source)); table(raw) {
				out = append(out, block{kind: pre, text: strings.TrimRight(raw, "\n")})
				continue
			}
			out = append(out, block{kind: prose, spans: m.inline(n, 0, "")})
		case *ast.Heading:
			if n.HasChildren() {
				out = append(out, block{kind: prose, spans: m.inline(n, bold, "")})
			}
		case *ast.ThematicBreak:
			out = append(out, block{kind: prose, spans: []span{{text: "---"}}})
		case *ast.CodeBlock, *ast.FencedCodeBlock:
			out = append(out, block{kind: pre, text: strings.TrimSuffix(string(n.Lines().Value(m.source)), "\n")})
		case *ast.Blockquote:
			inner := m.blocks(n, depth+1)
			if depth < deepest {
				inner = []block{{kind: quote, blocks: inner}}
			}
			out = append(out, inner...)
		case *ast.List:
			b := block{kind: list}
			if n.IsOrdered() {
				b.numbered, b.first = true, n.Start
			}
			for item := n.FirstChild(); item != nil; item = item.NextSibling() {
				b.items = append(b.items, m.blocks(item, depth+1))
			}
			if depth < deepest {
				out = append(out, b)
			} else {
				out = append(out, flatten([]block{b}, true)...)
			}
		}
	}
	return out
}

var tableRule = regexp.MustCompile(`^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$`)

// table says whether a paragraph is a table, which only a second line of dashes and bars tells.
func table(raw string) bool {
	lines := strings.SplitN(raw, "\n", 3)
	return len(lines) > 1 && strings.Contains(lines[0], "|") && strings.Contains(lines[1], "|") && tableRule.MatchString(lines[1])
}

// inline reads what is in a node, as it looks there.
func (m markdownReader) inline(parent ast.Node, look style, link string) []span {
	var out []span
	var raw strings.Builder // of text that the parser parted where nothing parts it
	flush := func() {
		for _, s := range unescapeMarkdown(raw.String()) {
			out = append(out, span{s.text, s.style | look, link})
		}
		raw.Reset()
	}
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if n, ok := n.(*ast.Text); ok {
			raw.Write(n.Segment.Value(m.source))
			if n.SoftLineBreak() || n.HardLineBreak() {
				flush()
				out = append(out, span{text: "\n"})
			}
			continue
		}
		flush()
		switch n := n.(type) {
		case *ast.CodeSpan:
			var b strings.Builder
			for c := n.FirstChild(); c != nil; c = c.NextSibling() {
				if c, ok := c.(*ast.Text); ok {
					b.Write(c.Segment.Value(m.source))
				}
			}
			out = append(out, span{strings.ReplaceAll(b.String(), "\n", " "), look | code, link})
		case *ast.Emphasis:
			out = append(out, m.inline(n, look|[]style{italic, bold}[n.Level-1], link)...)
		case *east.Strikethrough:
			out = append(out, m.inline(n, look|strike, link)...)
		case *ast.AutoLink:
			target := string(n.URL(m.source))
			if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(target), "mailto:") {
				target = "mailto:" + target
			}
			out = append(out, m.linked([]span{{string(n.Label(m.source)), look, link}}, target, link)...)
		case *ast.Link:
			out = append(out, m.linked(m.inline(n, look, link), destination(n.Destination), link)...)
		case *ast.Image:
			out = append(out, m.linked(m.inline(n, look, link), destination(n.Destination), link)...)
		default:
			out = append(out, m.inline(n, look, link)...)
		}
	}
	flush()
	return out
}

// linked makes a link unless it is in another, as an image may be.
func (m markdownReader) linked(label []span, target, outer string) []span {
	if outer != "" {
		return label
	}
	return linked(label, target)
}

// destination is a link's address without escapes.
func destination(raw []byte) string {
	return words(unescapeMarkdown(string(raw)))
}

var entity = regexp.MustCompile(`^&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});`)

// unescapeMarkdown takes backslashes and entities for what they stand for (CommonMark, sections 2.4
// and 2.5), and finds emoji among what was not escaped.
func unescapeMarkdown(raw string) []span {
	var out []span
	var b strings.Builder
	for raw != "" {
		n := 1
		switch {
		case raw[0] == '\\' && len(raw) > 1 && util.IsPunct(raw[1]):
			n = 2
			b.WriteByte(raw[1])
		case raw[0] == '&' && entity.MatchString(raw):
			n = strings.IndexByte(raw, ';') + 1
			b.WriteString(html.UnescapeString(raw[:n]))
		case shortcode(raw) > 0:
			n = shortcode(raw)
			out = append(out, span{text: b.String()}, span{text: raw[:n], style: emoji})
			b.Reset()
		default:
			b.WriteByte(raw[0])
		}
		raw = raw[n:]
	}
	return append(out, span{text: b.String()})
}
