package markup

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

func seeds(f *testing.F) {
	for _, c := range same {
		f.Add(invisible.Replace(c.slack))
		f.Add(invisible.Replace(c.markdown))
		f.Add(c.plain)
	}
	for _, p := range pieces {
		f.Add(p)
		f.Add("a " + p + "b" + p + " " + p)
	}
	f.Add("<https://x.org|a](https://evil.org)>")
	f.Add("[a](https://x.org|<!channel>) [<https://evil.org|b>](https://x.org)")
	f.Add("[a\n\nb](https://x.org \"<https://evil.org>\")")
	f.Add("https://x.org/[a](https://evil.org)*b*<https://x.org>")
	f.Add(strings.Repeat("*", 1500))
	f.Add(strings.Repeat("> - 1. ", 20) + "a\n" + strings.Repeat("\t", 20) + "```b")
}

// formatting is what a text has besides words.
func formatting(t Text) (styled bool, links map[string]bool) {
	links = map[string]bool{}
	mapProse(t.blocks, func(spans []span) []span {
		for _, s := range spans {
			styled = styled || s.style != 0
			if s.link != "" {
				links[s.link] = true
			}
		}
		return spans
	})
	return styled || len(t.blocks) > 1 || len(t.blocks) == 1 && t.blocks[0].kind != prose, links
}

var control = regexp.MustCompile(`<([^>|]*)`)

func FuzzPlainStaysPlainInSlack(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, s string) {
		slack := FromPlain(s).Slack()
		if strings.ContainsAny(slack, "<") {
			t.Errorf("%+q can ring: %+q", s, slack)
		}
		back := FromSlack(slack, nil)
		if styled, links := formatting(back); styled || len(links) > 0 {
			t.Errorf("%+q is formatted: %+q", s, slack)
		}
		if back.Plain() != clean(s) {
			t.Errorf("%+q became %+q", s, back.Plain())
		}
	})
}

var (
	gfm     = goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()
	rings   = regexp.MustCompile(`@[\pL\pN_.-]`)
	tags    = regexp.MustCompile(`(?:^|\s)#[\pL\pN]`)
	channel = regexp.MustCompile(`~[\pL\pN_]`)
)

// strangers parses Markdown as others do, and gives what formats, and the addresses that link.
func strangers(t *testing.T, md string) (formats []string, links map[string]string) {
	source := []byte(md)
	links = map[string]string{}
	var said strings.Builder
	err := ast.Walk(gfm.Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		if n.Type() == ast.TypeBlock {
			said.WriteByte('\n')
		}
		switch n := n.(type) {
		case *ast.Document, *ast.Paragraph:
		case *ast.Text:
			said.Write(n.Segment.Value(source))
			if n.SoftLineBreak() {
				said.WriteByte('\n')
			}
		case *ast.AutoLink:
			links[string(n.URL(source))] = string(n.Label(source))
		case *ast.Link:
			label := ""
			for c := n.FirstChild(); c != nil; c = c.NextSibling() {
				if c, ok := c.(*ast.Text); ok {
					label += string(c.Segment.Value(source))
				}
			}
			links[destination(n.Destination)] = clean(words(unescapeMarkdown(label)))
		case *ast.CodeSpan:
			formats = append(formats, n.Kind().String())
			return ast.WalkSkipChildren, nil
		default:
			formats = append(formats, n.Kind().String())
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*regexp.Regexp{rings, tags, channel} {
		if found := r.FindString(said.String()); found != "" {
			t.Errorf("%+q mentions: %+q", md, found)
		}
	}
	return formats, links
}

func FuzzPlainStaysPlainInMarkdown(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, s string) {
		md := FromPlain(s).Markdown()
		formats, links := strangers(t, md)
		if len(formats) > 0 {
			t.Errorf("%+q is formatted: %+q: %v", s, md, formats)
		}
		for link, label := range links { // an address may link to itself, as it does there anyway
			if label != link && "http://"+label != link && "mailto:"+label != link {
				t.Errorf("%+q links: %+q to %+q", s, label, link)
			}
		}
		back := FromMarkdown(md)
		if back.Plain() != clean(s) {
			t.Errorf("%+q became %+q by %+q", s, back.Plain(), md)
		}
		styled, self := formatting(back)
		for link := range self {
			styled = styled || !strings.Contains(clean(s), link)
		}
		if styled {
			t.Errorf("%+q is formatted: %+q", s, md)
		}
	})
}

func FuzzNoLinkIsInvented(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, s string) {
		for _, t1 := range []Text{FromSlack(s, nil), FromMarkdown(s), FromPlain(s), FromCanonical(s)} {
			_, had := formatting(t1.withLinks())
			allowed := func(link, label string) bool {
				return had[link] || link == label || "http://"+label == link || "mailto:"+label == link
			}
			md, slack := t1.Markdown(), t1.Slack()
			_, has := strangers(t, md)
			for link, label := range has {
				if !allowed(link, label) {
					t.Errorf("%+q gained a link to %+q: %+q", s, link, md)
				}
			}
			for _, back := range []Text{FromMarkdown(md), FromSlack(slack, nil)} {
				_, has := formatting(back)
				for link := range has {
					if !had[link] {
						t.Errorf("%+q gained a link to %+q: %+q, %+q", s, link, md, slack)
					}
				}
			}
			for _, m := range control.FindAllStringSubmatch(slack, -1) {
				if !had[html.UnescapeString(m[1])] && !had[unescape.Replace(m[1])] {
					t.Errorf("%+q gained a control sequence: %+q", s, slack)
				}
			}
			if again := FromCanonical(t1.Canonical()); !again.Equal(t1) {
				t.Errorf("%+q is not stored: %+q", s, t1.Canonical())
			}
			for _, m := range regexp.MustCompile(`<a href="([^"]*)"`).FindAllStringSubmatch(t1.HTML(), -1) {
				if link := html.UnescapeString(m[1]); !had[link] || strings.HasPrefix(link, "tel:") {
					t.Errorf("%+q gained a link in HTML to %+q", s, link)
				}
			}
		}
	})
}

// Whatever is repeated without end is read to its end, as many things as might be meant by it.
func TestHostileTextIsReadToItsEnd(t *testing.T) {
	for _, unit := range []string{
		"*", "_", "`", "[", "<", ">", "> ", "- ", "&", ":a", "\n", "    ", "http://", "https://a(",
		"*a_ ", "**a *b ", "[a](", "[](", "![", "<https://a|", "`a``b", "```\n", "- a\n", "  - a\n", "&gt;\n", "&gt;&gt;&gt;\n", "a\n\n",
		strings.Repeat("*a_ ", 240) + "\n", strings.Repeat("[a](", 240) + "\n\n", strings.Repeat("> ", 29) + "\n", "a `" + strings.Repeat("*b* ", 99) + "\n",
		joiner + "*", joiner + "-" + joiner + ".", joiner + "[a" + joiner + "|",
	} {
		s := strings.Repeat(unit, 10_000/len(unit))
		if FromPlain(s).HTML() == "" && strings.TrimSpace(s) != "" && !strings.Contains(s, joiner) {
			t.Errorf("%q is lost", unit)
		}
		_ = FromSlack(s, nil).Markdown() + FromMarkdown(s).Slack() + FromCanonical(s).Plain()
	}
}
