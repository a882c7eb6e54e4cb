package slack

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/slack-go/slack/slackutilsx"
	"pgregory.net/rapid"
)

func TestTyped(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"plain", "hello", "hello"},
		{"nothing", "", ""},
		{"entities", "a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"},
		{"an entity that was typed", "&amp;lt;", "&lt;"},
		{"an entity that was typed, twice over", "&amp;amp;lt;", "&amp;lt;"},
		{"other entities stay", "&eacute; &#60; &nbsp;", "&eacute; &#60; &nbsp;"},

		{"a person", "ask <@U03NADIA>", "ask @U03NADIA"},
		{"a person with a name", "ask <@U03NADIA|nadia>", "ask @nadia"},
		{"a channel", "see <#C01GENERAL|general>", "see #general"},
		{"a channel without a name", "see <#C01GENERAL>", "see #C01GENERAL"},
		{"a channel whose name is empty", "see <#C01GENERAL|>", "see #C01GENERAL"},
		{"a group", "<!subteam^S012|@helpers> please", "@helpers please"},
		{"a date", "by <!date^1392734382^{date}|18 Feb 2014>", "by 18 Feb 2014"},
		{"everybody, as Slack sends it", "<!channel|@channel> help", "@channel help"},
		{"everybody, typed literally on the stand-in", "<!channel> help", "<!channel> help"},
		{"everybody, typed literally on Slack", "&lt;!channel&gt; help", "<!channel> help"},

		{"a link", "<https://acme.example/a?b=1&amp;c=2>", "https://acme.example/a?b=1&c=2"},
		{"a link that Slack made", "<http://acme.example|acme.example>", "http://acme.example"},
		{"a link that is its own label", "<https://acme.example|https://acme.example>", "https://acme.example"},
		{"a link with a label", "<https://acme.example|our page>", "our page (https://acme.example)"},
		{"a link with an empty label", "<https://acme.example|>", "https://acme.example"},
		{"a mail address", "<mailto:alice@acme.example|alice@acme.example>", "alice@acme.example"},
		{"a telephone number", "<tel:+33123456789|+33 1 23 45 67 89>", "+33123456789"},
		{"a link in brackets", "<<https://acme.example>>", "<https://acme.example>"},
		{"a link of another sort", "<javascript:alert(1)>", "<javascript:alert(1)>"},
		{"an escaped label", "<https://acme.example|a &lt; b>", "a < b (https://acme.example)"},

		{"a tag", "&lt;/script&gt;&lt;script&gt;", "</script><script>"},
		{"a tag on the stand-in", "</script><script>alert(1)</script>", "</script><script>alert(1)</script>"},
		{"an opening bracket", "a < b", "a < b"},
		{"unbalanced", "<https://acme.example", "<https://acme.example"},
		{"unbalanced the other way", "https://acme.example>", "https://acme.example>"},
		{"empty brackets", "<> <|> <@> <!> <#>", "<> <|> <@> <!> <#>"},

		{"lines", "a\n\nb", "a\n\nb"},
		{"emoji and right to left", "🎫 שלום :wave:", "🎫 שלום :wave:"},
		{"NUL", "a\x00b", "a␀b"},
		{"no UTF-8", "a\xffb", "a\uFFFDb"},
	} {
		if got := typed(c.text); got != c.want {
			t.Errorf("%s: %q became %q, want %q", c.name, c.text, got, c.want)
		}
	}
}

// What somebody types on Slack comes out as they typed it: Slack escapes, typed undoes just that.
func TestTypedUndoesEscaping(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := words().Draw(t, "x")
		if got := typed(slackutilsx.EscapeMessage(x)); got != clean(x) {
			t.Fatalf("%q came out as %q", x, got)
		}
	})
}

func FuzzTyped(f *testing.F) {
	for _, seed := range []string{"", "<@U1|a>", "<https://a|b>", "&amp;lt;", "<!date^1^{date}|x>", "<<>>", "<a|b|c>", "\x00\xff", "</script>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, x string) {
		if got := typed(x); !utf8.ValidString(got) || strings.Contains(got, "\x00") {
			t.Errorf("typed(%q) = %q, which can't be stored", x, got)
		}
		if got := typed(slackutilsx.EscapeMessage(x)); got != clean(x) {
			t.Errorf("%q came out as %q", x, got)
		}
	})
}

// words are texts that people might write: short or huge, in any script, with what Slack treats
// specially.
func words() *rapid.Generator[string] {
	special := rapid.SampledFrom([]string{"<!channel>", "<@U1>", "</script>", "&amp;lt;", "&", "<", ">", "*b*", "_i_", "`c`", "~s~", "\n",
		"\n\n\n", " ", "🎫", "👩‍👩‍👧", "שלום", "é", "\u202e", "x", "<https://a.example|b>", ":wave:", "|"})
	long := rapid.Custom(func(t *rapid.T) string {
		return strings.Repeat(special.Draw(t, "piece"), rapid.IntRange(0, 15_000).Draw(t, "times"))
	})
	mixed := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.OneOf(special, rapid.String()), 0, 20).Draw(t, "pieces"), "")
	})
	return rapid.OneOf(mixed, mixed, mixed, rapid.String(), long)
}
