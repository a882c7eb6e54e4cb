package markup

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// hint is the address that a link shows where its label looks like another: of a label that is cut, each part may.
var hint = strings.NewReplacer("(https://x.y)", "", "(https://x.y/@all?a=1&amp;b=%282)", "", "(https://x.y/a_b)", "", "(https://x.y/?a=1&lt;=2)", "", "(m@x.y)", "", "(12)", "")

// black is what a text says, without its spaces.
func black(t Text) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, hint.Replace(strings.ReplaceAll(t.Words(), picture, "")))
}

func TestPartsSayTheWholeAndFitEverywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var blocks []block
		for range rapid.IntRange(1, 8).Draw(t, "times") {
			blocks = append(blocks, anyBlocks(t, 0)...)
		}
		whole := build(blocks)
		most := rapid.IntRange(600, 2000).Draw(t, "most")
		parts := Split(whole.Canonical(), most)
		if !slices.Equal(parts, Split(whole.Canonical(), most)) {
			t.Fatal("it is cut in another way each time")
		}
		said := ""
		for _, p := range parts {
			text := FromCanonical(p)
			said += black(text)
			for dialect, s := range map[string]string{"canonical": p, "plain": text.Plain(), "slack": text.Slack(), "markdown": text.Markdown()} {
				if n := utf8.RuneCountInString(s); n > most {
					t.Fatalf("a part has %d characters as %s, more than %d: %q", n, dialect, most, s)
				}
			}
		}
		if said != black(whole) {
			t.Fatalf("%q\ncame apart as %q", whole.Canonical(), parts)
		}
	})
}

func TestSplit(t *testing.T) {
	words := strings.Repeat("word ", 100) // 500 characters
	for _, c := range []struct {
		name string
		md   string
		most int
		want []string // in Markdown
	}{
		{"nothing", "", 500, []string{""}},
		{"what fits", "**a** b", 500, []string{"**a** b"}},
		{"between lines", words + "\n" + words, 600, []string{strings.TrimSpace(words), strings.TrimSpace(words)}},
		{"in bold", "**" + strings.TrimSpace(words) + "**", 300, []string{
			"**" + strings.TrimSpace(strings.Repeat("word ", 56)) + "**", "**" + strings.TrimSpace(strings.Repeat("word ", 44)) + "**"}},
		{"before code", words + "\n```\na\nb\n```", 510, []string{strings.TrimSpace(words), "```\na\nb\n```"}},
		{"in code", "```\n" + strings.Repeat(strings.Repeat("x", 99)+"\n", 6) + "```", 450, []string{
			"```\n" + strings.Repeat(strings.Repeat("x", 99)+"\n", 4) + "```", "```\n" + strings.Repeat(strings.Repeat("x", 99)+"\n", 2) + "```"}},
		{"in a list", "3. " + words + "\n4. " + words, 600, []string{"3. " + strings.TrimSpace(words), "4. " + strings.TrimSpace(words)}},
		{"in a quote", "> " + words + "\n> " + words, 600, []string{"> " + strings.TrimSpace(words), "> " + strings.TrimSpace(words)}},
	} {
		var got []string
		for _, p := range Split(FromMarkdown(c.md).Canonical(), c.most) {
			got = append(got, strings.TrimRight(strings.ReplaceAll(FromCanonical(p).Markdown(), joiner, ""), " "))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q\nwant %q", c.name, got, c.want)
		}
	}
}

// A text without formatting is cut where its characters end, not where bytes do.
func TestPlainWordsAreCutAtTheLimit(t *testing.T) {
	for length, want := range map[int]int{0: 1, 1: 1, 600: 1, 601: 2, 1200: 2, 1201: 3} {
		if got := len(Split(strings.Repeat("👍", length), 600)); got != want {
			t.Errorf("%d characters make %d parts, want %d", length, got, want)
		}
	}
}

// Whatever somebody sends is cut in the time that its length takes, into parts that are all there.
func TestHostileTextIsSplit(t *testing.T) {
	begun := time.Now()
	for _, unit := range []string{"\n", " ", "x", "&", "👩‍👩‍👧", joiner + "[https://x.y/" + strings.Repeat("a", 5000) + joiner + "|a" + joiner + "]",
		joiner + ">", joiner + "-" + joiner + ".", joiner + "-999999999" + joiner + ".a", joiner + "=a", joiner + "*a", joiner + ":", joiner + "[", "`", "```\n", "e\u0301"} {
		s := strings.Repeat(unit, 50_000/len(unit))
		want := black(FromCanonical(s))
		for _, most := range []int{40, 3000, 10_000} {
			parts := Split(s, most)
			said := ""
			if most >= 3000 {
				var b strings.Builder
				for _, p := range parts {
					b.WriteString(black(FromCanonical(p)))
					if n := utf8.RuneCountInString(p); n > most {
						t.Errorf("%.20q: a part has %d characters, more than %d", unit, n, most)
					}
				}
				said = b.String()
				if len(unit) < 100 && said != want {
					t.Errorf("%.20q: something is missing", unit)
				}
			}
			if len(parts) == 0 {
				t.Errorf("%.20q has no part", unit)
			}
		}
	}
	if took := time.Since(begun); took > time.Minute {
		t.Errorf("it takes %s", took)
	}
}

func TestAfter(t *testing.T) {
	for _, c := range []struct{ md, first, want string }{
		{"a b", "a ", "b"},
		{"**note: x** *y*", "note: ", "**x** *y*"},
		{"**note:** x", "note: ", "x"},
		{"1. note: x\n2. y", "note: ", "1. x\n2. y"},
		{"note:\n\n- x", "note:\n", "- x"},
		{"```\nnote: x\n```", "note: ", "```\nx\n```"},
		{"> note:\n> x", "note:\n", "> x"},
		{":memo: note: x", picture + " note: ", "x"},
		{"x", "x", ""},
	} {
		text := FromMarkdown(c.md)
		if !strings.HasPrefix(text.Words(), c.first) {
			t.Errorf("%q says %q", c.md, text.Words())
			continue
		}
		if got := text.After(len(c.first)); !got.Equal(FromMarkdown(c.want)) {
			t.Errorf("%q after %q is %q", c.md, c.first, got.Markdown())
		}
	}
}
