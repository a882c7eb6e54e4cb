package markup

import (
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// What dialects give a meaning to, and what stands beside it.
var pieces = []string{
	"a", "b c", "é", " ", "  ", "\n", "\n\n", "*", "**", "_", "__", "~", "~~", "`", "``", "```", "\\", "[", "]", "(", ")", "](", "!",
	"<", ">", "> ", "&", "&lt;", "&amp;", "@", "@all", "@here", "#", "# ", "#tag", "~town", "- ", "-", "---", "+ ", "=", "===", "1. ", "2) ", "• ", "    ",
	":", ":smile:", ":+1:", "10:30:45", "|", "-|-", "\t", "https://x.y/a_b", "https://x.y/?a=1&lt;=2", "www.x.y", "m@x.y", "<!channel>", "<@U1>", "<https://x.y|z>", ".", ",", "$", "\u00a0", "\u2028", "😀",
}

func anyWords(t *rapid.T) string {
	s := ""
	for _, p := range rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 5).Draw(t, "pieces") {
		s += p
	}
	return s
}

func anyBlocks(t *rapid.T, depth int) []block {
	var out []block
	for range rapid.IntRange(1, 3).Draw(t, "blocks") {
		k := prose
		if depth < 3 {
			k = kind(rapid.IntRange(0, 3).Draw(t, "kind"))
		}
		switch k {
		case prose:
			var spans []span
			for range rapid.IntRange(1, 5).Draw(t, "spans") {
				s := span{text: anyWords(t), style: style(rapid.IntRange(0, 15).Draw(t, "style"))}
				switch rapid.IntRange(0, 6).Draw(t, "sort") {
				case 0:
					s.link = rapid.SampledFrom([]string{"https://x.y", "https://x.y/@all?a=1&amp;b=(2", "mailto:m@x.y", "tel:12"}).Draw(t, "link")
				case 1:
					s.text, s.style = ":smile:", s.style|emoji
				case 2:
					s.style = 0
				}
				spans = append(spans, s)
			}
			out = append(out, block{kind: prose, spans: spans})
		case pre:
			out = append(out, block{kind: pre, text: anyWords(t)})
		case quote:
			out = append(out, block{kind: quote, blocks: anyBlocks(t, depth+1)})
		case list:
			b := block{kind: list, numbered: rapid.Bool().Draw(t, "numbered")}
			if b.numbered {
				b.first = rapid.IntRange(0, 3).Draw(t, "first")
			}
			for range rapid.IntRange(1, 3).Draw(t, "items") {
				b.items = append(b.items, anyBlocks(t, depth+1))
			}
			out = append(out, b)
		}
	}
	return out
}

func anyText(t *rapid.T) Text { return build(anyBlocks(t, 0)) }

func TestEveryTextSurvivesStoring(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := anyText(t)
		if got := FromCanonical(text.Canonical()); !got.Equal(text) {
			t.Fatalf("%q\ngot  %+v\nwant %+v", text.Canonical(), got, text)
		}
		if again := build(text.blocks); !again.Equal(text) {
			t.Fatalf("the normal form is none:\ngot  %+v\nwant %+v", again, text)
		}
	})
}

func TestEveryTextSurvivesMarkdown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := anyText(t)
		md := text.Markdown()
		got, want := FromMarkdown(md), build(text.withLinks().blocks)
		if got, want := loose(got), loose(want); !got.Equal(want) {
			t.Fatalf("%q\ngot  %q\nwant %q", md, got.Canonical(), want.Canonical())
		}
	})
}

func TestEveryTextSurvivesSlack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := anyText(t)
		raw := text.Slack()
		got, want := FromSlack(raw, nil), build(mapProse(text.blocks, slackCan))
		if got, want := loose(got), loose(want); !got.Equal(want) {
			t.Fatalf("%q\ngot  %q\nwant %q", raw, got.Canonical(), want.Canonical())
		}
	})
}

// loose takes looks from white space, where dialects may differ.
func loose(t Text) Text {
	return Text{mapProse(t.blocks, func(spans []span) []span {
		var out []span
		for _, s := range spans {
			for _, r := range s.text {
				c := span{string(r), s.style, s.link}
				if unicode.IsSpace(r) {
					c.style, c.link = 0, ""
				}
				out = append(out, c)
			}
		}
		return merge(out)
	})}
}
