package letter

import (
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// item begins with what sets it apart in its list.
func (p *page) item(n *html.Node) {
	p.block(false)
	sign := "- "
	if last := len(p.items) - 1; last >= 0 {
		if p.items[last] >= 0 {
			p.items[last]++
			sign = strconv.Itoa(p.items[last]) + ". "
		}
		sign = strings.Repeat("  ", min(last, 8)) + sign
	}
	p.begin()
	p.line.WriteString(sign)
	// Paragraphs of an item begin on its line.
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom == atom.P || c.DataAtom == atom.Div {
			p.inner(c)
			continue
		}
		p.node(c)
	}
	p.block(false)
}

// formatting are the elements that the parser repeats within each paragraph after they were left
// open, as browsers do: a few kilobytes can become gigabytes. They say nothing that is kept.
var formatting = map[string]bool{
	"b": true, "big": true, "code": true, "em": true, "font": true, "i": true, "nobr": true, "s": true, "small": true,
	"strike": true, "strong": true, "tt": true, "u": true,
}

// unformatted takes those out.
func unformatted(src string) string {
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(src))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return out.String()
		}
		raw := z.Raw()
		keep := string(raw) // reading the name changes it
		if kind == html.StartTagToken || kind == html.EndTagToken || kind == html.SelfClosingTagToken {
			if name, _ := z.TagName(); formatting[string(name)] {
				continue
			}
		}
		if kind != html.CommentToken && kind != html.DoctypeToken {
			out.WriteString(keep)
		}
	}
}

// tokens reads text without laying it out.
func (p *page) tokens(src string) {
	z := html.NewTokenizer(strings.NewReader(src))
	skip := ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.TextToken:
			if skip == "" {
				p.text(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			switch tag := string(name); tag {
			case "script", "style", "title":
				skip = tag
			case "br", "p", "div", "tr", "li", "table":
				p.block(tag == "p")
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == skip {
				skip = ""
			}
		}
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

var (
	notShown  = regexp.MustCompile(`(?i)display\s*:\s*none|mso-hide\s*:\s*all|font-size\s*:\s*0(px|pt)?\s*(;|$)`)
	noMargin  = regexp.MustCompile(`(?i)margin\s*:\s*0\w*(\s+0\w*)*\s*(;|$)|margin-(top|bottom)\s*:\s*0`)
	bordered  = regexp.MustCompile(`(?i)border-left\s*:`)
	outlook   = regexp.MustCompile(`(?i)border-top\s*:\s*solid\s+#?\w+\s+1\.0pt`)
	quoteName = regexp.MustCompile(`(?i)(^|\s)(gmail_quote|yahoo_quoted|protonmail_quote|moz-cite|zmail_extra|tutanota_quote)(\s|$)`)
	signName  = regexp.MustCompile(`(?i)(^|\s)(gmail_signature|moz-signature|protonmail_signature_block|ms-outlook-mobile-signature|applemailsignature|signature)(\s|$)`)
)

func marginless(style string) bool { return noMargin.MatchString(style) }

// hidden says whether a person saw nothing of it, as the preview lines of newsletters.
func hidden(n *html.Node) bool {
	return notShown.MatchString(attr(n, "style"))
}

// startsHistory finds the head that Outlook puts before the mail it answers: what follows it in
// the document is that mail, though not within it.
func startsHistory(n *html.Node) bool {
	switch attr(n, "id") {
	case "divRplyFwdMsg", "x_divRplyFwdMsg":
		return true
	}
	// The desktop Outlook has no name for it, only a line above it.
	return n.DataAtom == atom.Div && outlook.MatchString(attr(n, "style")) && strings.Contains(attr(n, "style"), "border:none") && strings.Count(textOf(n), ":") >= 3
}

// textOf is all text within, run together.
func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// isQuote finds what holds a quoted mail. A bare <blockquote> may be the author's own; Gmail's <div>
// of that class also holds what is forwarded, and the answers in between.
func isQuote(n *html.Node) bool {
	class := attr(n, "class")
	if n.DataAtom == atom.Blockquote {
		return attr(n, "type") == "cite" || attr(n, "cite") != "" || quoteName.MatchString(class) || bordered.MatchString(attr(n, "style"))
	}
	if n.DataAtom != atom.Div {
		return false
	}
	return strings.Contains(class, "yahoo_quoted") || attr(n, "id") == "mail-editor-reference-message-container" ||
		strings.Contains(class, "ms-outlook-mobile-reference-message")
}

func isSignature(n *html.Node) bool {
	if n.DataAtom != atom.Div && n.DataAtom != atom.Pre && n.DataAtom != atom.Table {
		return false
	}
	return signName.MatchString(attr(n, "class")) || signName.MatchString(attr(n, "id")) ||
		attr(n, "data-smartmail") == "gmail_signature"
}

// visible takes the marks off a text.
func visible(s string) string {
	s = strings.ReplaceAll(s, historyMark+"\n", "")
	return strings.Trim(strings.NewReplacer(historyMark, "", signatureMark, "").Replace(s), "\n")
}
