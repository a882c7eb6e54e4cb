package markup

import (
	"strings"
	"testing"
)

// same are texts that mean the same everywhere: J stands for the joiner and Z for the boundary.
var same = []struct{ name, slack, markdown, html, plain string }{
	{"nothing", "", "", "", ""},
	{"words", "Hello, world", "Hello, world", "<p>Hello, world</p>", "Hello, world"},
	{"bold", "a *b* c", "a **b** c", "<p>a <strong>b</strong> c</p>", "a b c"},
	{"italic", "a _b_ c", "a *b* c", "<p>a <em>b</em> c</p>", "a b c"},
	{"strike", "a ~b~ c", "a ~~b~~ c", "<p>a <del>b</del> c</p>", "a b c"},
	{"code", "a `b` c", "a `b` c", "<p>a <code>b</code> c</p>", "a b c"},
	{"code is literal", "`*b* :smile: &lt;`", "`*b* :smile: <`", "<p><code>*b* :smile: &lt;</code></p>", "*b* :smile: <"},
	{"bold of some words", "*a b, c*.", "**a b, c**.", "<p><strong>a b, c</strong>.</p>", "a b, c."},
	{"bold with a colon", "*Note:* a", "**Note:** a", "<p><strong>Note:</strong> a</p>", "Note: a"},
	{"bold and italic", "*_b_*", "**J*b*J**", "<p><strong><em>b</em></strong></p>", "b"},
	{"italic in bold", "*a _b_ c*", "**a *b* c**", "<p><strong>a <em>b</em> c</strong></p>", "a b c"},
	{"bold code", "*`b`*", "**`b`**", "<p><strong><code>b</code></strong></p>", "b"},
	{"bold within a word", "aZ*b*Zc", "a**b**c", "<p>a<strong>b</strong>c</p>", "abc"},
	{"bold beside italic", "*a*Z_b_", "**a**J*b*", "<p><strong>a</strong><em>b</em></p>", "ab"},
	{"bold on two lines", "*a*\n*b*", "**a**\n**b**", "<p><strong>a</strong><br>\n<strong>b</strong></p>", "a\nb"},
	{"line break", "a\nb", "a\nb", "<p>a<br>\nb</p>", "a\nb"},
	{"paragraphs", "a\n\nb", "a\n\nb", "<p>a</p>\n<p>b</p>", "a\n\nb"},
	{"blank lines", "a\n\n\nb", "a\n\nJ\nb", "<p>a</p>\n<p><br>\nb</p>", "a\n\n\nb"},
	{"entities", "a &lt; b &amp;&amp; c &gt; d", "a < b && c > d", "<p>a &lt; b &amp;&amp; c &gt; d</p>", "a < b && c > d"},
	{"an entity as typed", "&amp;lt;", "&Jlt;", "<p>&amp;lt;</p>", "&lt;"},
	{"link", "<https://x.org/a?b=1&amp;c=2|here>", "[here](https://x.org/a?b=1&c=2)", `<p><a href="https://x.org/a?b=1&amp;c=2">here</a></p>`, "here (https://x.org/a?b=1&c=2)"},
	{"bare link", "see <https://x.org/a_b_c>.", "see <https://x.org/a_b_c>.", `<p>see <a href="https://x.org/a_b_c">https://x.org/a_b_c</a>.</p>`, "see https://x.org/a_b_c."},
	{"bold link", "*<https://x.org|here>*", "**[here](https://x.org)**", `<p><strong><a href="https://x.org">here</a></strong></p>`, "here (https://x.org)"},
	{"link with marks", "<https://x.org|J*JaJ*J>", `[\*a\*](https://x.org)`, `<p><a href="https://x.org">*a*</a></p>`, "*a* (https://x.org)"},
	{"link of a host", "<https://x.org/a|x.org>", "[x.org](https://x.org/a)", `<p><a href="https://x.org/a">x.org</a></p>`, "x.org (https://x.org/a)"},
	{"link that shows where it leads", "<https://evil.org|https://bank.org (https://evil.org)>", "[https://bank.org (https://evil.org)](https://evil.org)", `<p><a href="https://evil.org">https://bank.org (https://evil.org)</a></p>`, "https://bank.org (https://evil.org)"},
	{"link with a name in it", "<https://x.org/@all>", "[https://x.org/@Jall](https://x.org/@all)", `<p><a href="https://x.org/@all">https://x.org/@all</a></p>`, "https://x.org/@all"},
	{"link with parentheses", "<https://x.org/a_(b)|c>", "[c](https://x.org/a_(b))", `<p><a href="https://x.org/a_(b)">c</a></p>`, "c (https://x.org/a_(b))"},
	{"mail", "<mailto:a@x.org|a@x.org>", "[a@Jx.org](mailto:a@x.org)", `<p><a href="mailto:a@x.org">a@x.org</a></p>`, "a@x.org"},
	{"telephone", "<tel:+3312|call>", "[call](tel:+3312)", "<p>call (+3312)</p>", "call (+3312)"},
	{"emoji", ":smile: a :tada:", ":smile: a :tada:", "<p>😄 a 🎉</p>", "😄 a 🎉"},
	{"unknown emoji", ":our_own: a", ":our_own: a", "<p>:our_own: a</p>", ":our_own: a"},
	{"emoji of a color", ":+1::skin-tone-4:", ":+1::skin-tone-4:", "<p>👍🏽</p>", "👍🏽"},
	{"a time", "10:30:45", "10:30:45", "<p>10:30:45</p>", "10:30:45"},
	{"names as words", "@Ann, @channel and @here", "@JAnn, @Jchannel and @Jhere", "<p>@Ann, @channel and @here</p>", "@Ann, @channel and @here"},
	{"channels and tags as words", "#town ~town #1", "#Jtown \\~Jtown #J1", "<p>#town ~town #1</p>", "#town ~town #1"},
	{"literal marks", "J*JaJ*J J_JbJ_J J~JcJ~J J`JdJ`J", "\\*a\\* \\_b\\_ \\~Jc\\~ \\`d\\`", "<p>*a* _b_ ~c~ `d`</p>", "*a* _b_ ~c~ `d`"},
	{"marks that format nothing", "2 * 3, snake_case_name, ~5", "2 \\* 3, snake_case_name, \\~J5", "<p>2 * 3, snake_case_name, ~5</p>", "2 * 3, snake_case_name, ~5"},
	{"literal Markdown", "[a](b) !x # &gt;", "\\[a\\](b) !x # >", "<p>[a](b) !x # &gt;</p>", "[a](b) !x # >"},
	{"bullets", "• a\n• b", "- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>", "- a\n- b"},
	{"numbers", "1. a\n2. *b*", "1. a\n2. **b**", "<ol>\n<li>a</li>\n<li><strong>b</strong></li>\n</ol>", "1. a\n2. b"},
	{"numbers from 3", "3. a\n4. b", "3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>", "3. a\n4. b"},
	{"a list in a list", "• a\n    ◦ b\n    ◦ c\n• d", "- a\n  - b\n  - c\n- d", "<ul>\n<li>a\n<ul>\n<li>b</li>\n<li>c</li>\n</ul>\n</li>\n<li>d</li>\n</ul>", "- a\n  - b\n  - c\n- d"},
	{"words around a list", "a:\n• b\nc", "a:\n\n- b\n\nc", "<p>a:</p>\n<ul>\n<li>b</li>\n</ul>\n<p>c</p>", "a:\n- b\nc"},
	{"two lists", "1. a\n\n1. b", "1. a\n\nJ\n\n1. b", "<ol>\n<li>a</li>\n</ol>\n<ol>\n<li>b</li>\n</ol>", "1. a\n\n1. b"},
	{"quote", "&gt; a\n&gt; *b*\nc", "> a\n> **b**\n\nc", "<blockquote>\n<p>a<br>\n<strong>b</strong></p>\n</blockquote>\n<p>c</p>", "> a\n> b\nc"},
	{"a list in a quote", "&gt; • a\n&gt; • b", "> - a\n> - b", "<blockquote>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n</blockquote>", "> - a\n> - b"},
	{"fence", "a\n```\nif x &lt; y {\n\n\t*p = `q`\n}\n```\nb", "a\n\n```\nif x < y {\n\n\t*p = `q`\n}\n```\n\nb", "<p>a</p>\n<pre>\nif x &lt; y {\n\n\t*p = `q`\n}</pre>\n<p>b</p>", "a\nif x < y {\n\n\t*p = `q`\n}\nb"},
	{"a fence in a fence", "```\n`J``\n```", "````\n```\n````", "<pre>\n```</pre>", "```"},
	{"literal quote and lists", "J&gt; a\nJ- b\nJ1. c\nJ• d", "\\> a\n\\- b\n1\\. c\n• d", "<p>&gt; a<br>\n- b<br>\n1. c<br>\n• d</p>", "> a\n- b\n1. c\n• d"},
	{"literal headings and rules", "# a\n===\n---", "\\# a\nJ===\n\\---", "<p># a<br>\n===<br>\n---</p>", "# a\n===\n---"},
	{"literal HTML", "&lt;b&gt;x&lt;/b&gt; &lt;!channel&gt;", "<Jb>x<J/b> <J!channel>", "<p>&lt;b&gt;x&lt;/b&gt; &lt;!channel&gt;</p>", "<b>x</b> <!channel>"},
	{"white space", "  a  b ", "J  a  b J", "<p>  a  b </p>", "  a  b "},
}

var invisible = strings.NewReplacer("J", joiner, "Z", boundary)

func TestTheSameEverywhere(t *testing.T) {
	for _, c := range same {
		t.Run(c.name, func(t *testing.T) {
			slack, markdown := invisible.Replace(c.slack), invisible.Replace(c.markdown)
			for from, text := range map[string]Text{"Slack": FromSlack(slack, nil), "Markdown": FromMarkdown(markdown)} {
				is := func(to, got, want string) {
					if got != want {
						t.Errorf("from %s to %s:\ngot  %+q\nwant %+q", from, to, got, want)
					}
				}
				is("Slack", text.Slack(), slack)
				is("Markdown", text.Markdown(), markdown)
				is("HTML", strings.TrimSpace(text.HTML()), strings.TrimSpace(c.html))
				is("plain", text.Plain(), c.plain)
				is("store", FromCanonical(text.Canonical()).Canonical(), text.Canonical())
				if !FromCanonical(text.Canonical()).Equal(text) {
					t.Errorf("from %s: storing it changes it: %+q", from, text.Canonical())
				}
			}
			if slack := FromSlack(slack, nil); !slack.Equal(FromMarkdown(markdown)) {
				t.Errorf("two texts:\n%+q\n%+q", slack.Canonical(), FromMarkdown(markdown).Canonical())
			}
		})
	}
}

func name(sigil, id string) string {
	return map[string]string{"@U1": "Ann *B*", "#C1": "town", "!S1": "helpers"}[sigil+id]
}

func TestReadingSlack(t *testing.T) {
	for raw, want := range map[string]string{ // as Markdown
		"<@U1> <@U2> <@U3|Carl>":               `@JAnn \*B\* @JU2 @JCarl`,
		"<@U1|old>":                            `@JAnn \*B\*`,
		"<#C1> <#C2|square> <#C3>":             "#Jtown #Jsquare #JC3",
		"<!channel> <!here|here> <!everyone>":  "@Jchannel @Jhere @Jeveryone",
		"<!subteam^S1> <!subteam^S2|@ops>":     "@Jhelpers @Jops",
		"<!date^139^{date}|Feb 18>":            "Feb 18",
		"<javascript:alert(1)|x>":              "x (javascript:alert(1))",
		"<https://x.org>":                      "<https://x.org>",
		"<http://x.org|x.org>":                 "[x.org](http://x.org)",
		"<https://evil.org|https://bank.org>":  "[https://bank.org (https://evil.org)](https://evil.org)",
		"<https://bank.org.evil.org|bank.org>": "[bank.org (https://bank.org.evil.org)](https://bank.org.evil.org)",
		"<https://evil.org|b\u00adank.org>":    "[b\u00adank.org (https://evil.org)](https://evil.org)",
		"<mailto:a@x.org>":                     "[a@Jx.org](mailto:a@x.org)",
		"`<https://x.org> &amp; <@U1>`":        "`https://x.org & @Ann *B*`",
		"```<https://x.org>\n*a*```":           "```\nhttps://x.org\n*a*\n```",
		"a ```b``` c":                          "a\n\n```\nb\n```\n\nc",
		"&gt;a\n&gt;b":                         "> a\n> b",
		"&gt;&gt;&gt; a\nb":                    "> a\n> b",
		"&gt;":                                 `\>`,
		"- a\n- b":                             "- a\n- b",
		"1. a\n1. b":                           "1. a\n\nJ\n\n1. b",
		"1998. a year\n3. b":                   "1998. a year\n\nJ\n\n3. b",
		"*a _b* c_":                            `**a \_b** c\_`,
		"**a**":                                `\*\*a\*\*`,
		"a*b*c":                                `a\*b\*c`,
		"* a *":                                `\* a \*`,
		"*a\nb*":                               "\\*a\nb\\*",
		"```a":                                 "\\`\\`\\`a",
		"` `":                                  "\\` \\`",
		"<>< a > b":                            "<J>< a > b",
		"a\x00\xffb\r\nc" + joiner + boundary + "d": "ab\ncd",
	} {
		text := FromSlack(raw, name)
		if got := text.Markdown(); got != invisible.Replace(want) {
			t.Errorf("%q:\ngot  %+q\nwant %+q", raw, got, invisible.Replace(want))
		}
	}
}

func TestReadingMarkdown(t *testing.T) {
	for md, want := range map[string]string{ // as Slack
		"# Head\ntext":                          "*Head*\n\ntext",
		"Head\n====\ntext":                      "*Head*\n\ntext",
		"***a***":                               "*_a_*",
		"__a__ _b_":                             "*a* _b_",
		"~a~ ~~b~~":                             "J~JaJ~J ~b~",
		"![alt](https://x.org/i.png \"title\")": "<https://x.org/i.png|alt>",
		"[![alt](https://x.org/i.png)](https://x.org)": "<https://x.org|alt>",
		"[a](javascript:x) [b](/c) [d](<file:///e>)":   "a (javascript:x) b (/c) d (file:///e)",
		"[a](HTTPS://x.org/\\_b&amp;c)":                "<https://x.org/_b&amp;c|a>",
		"https://x.org/_a_b, <https://x.org>":          "<https://x.org/_a_b>, <https://x.org>",
		"<a@x.org>":                                    "<mailto:a@x.org|a@x.org>",
		"a | b\n--|--\n1 | 2":                          "```\na | b\n--|--\n1 | 2\n```",
		"<b>a</b> <!-- c -->":                          "&lt;b&gt;a&lt;/b&gt; &lt;!-- c --&gt;",
		"<div>\n*a*\n</div>":                           "&lt;div&gt;\n_a_\n&lt;/div&gt;",
		"[a]: https://x.org":                           "[a]: <https://x.org>",
		"a\\\nb  \nc":                                  "a\nb\nc",
		"&lt;!channel&gt; &copy; &#42;a&#42;":          "&lt;!channel&gt; © J*JaJ*J",
		"<!channel> <@U1>":                             "&lt;!channel&gt; &lt;@U1&gt;",
		"\\:smile: :smile:":                            ":Jsmile: :smile:",
		"* a\n* b\n\n    c":                            "• a\n• b\n    \n    c",
		"- [ ] a\n- [x] b":                             "• [ ] a\n• [x] b",
		"1) a\n2) b":                                   "1. a\n2. b",
		"    code":                                     "```\ncode\n```",
		"~~~go\ncode\n~~~":                             "```\ncode\n```",
		"``a`b``":                                      "aJ`Jb",
		"a\n***\nb":                                    "a\n\n---\n\nb",
		"> a\nb":                                       "&gt; a\n&gt; b",
		strings.Repeat("*a ", 2000):                    strings.Repeat("J*Ja ", 2000),
	} {
		if got := FromMarkdown(md).Slack(); got != invisible.Replace(want) {
			t.Errorf("%q:\ngot  %+q\nwant %+q", md, got, invisible.Replace(want))
		}
	}
}

func TestPlainIsStoredAsItIs(t *testing.T) {
	for _, s := range []string{"", "Hello *you*,\n\n> a\n- b\n\n", "<!channel> @all :smile: \\ https://x.org"} {
		if got := FromPlain(s).Canonical(); got != s {
			t.Errorf("%q is stored as %q", s, got)
		}
		if got := FromCanonical(s); !got.Equal(FromPlain(s)) {
			t.Errorf("%q is read as %+q", s, got.Canonical())
		}
	}
}

func TestNothingIsEmpty(t *testing.T) {
	for _, text := range []Text{{}, FromPlain(""), FromSlack("", nil), FromMarkdown(">\n\n#\n"), FromCanonical(joiner + ">" + joiner + "/")} {
		if !text.Empty() || !text.Equal(Text{}) || text.HTML()+text.Slack()+text.Markdown()+text.Plain()+text.Canonical() != "" {
			t.Errorf("%+v is not", text)
		}
	}
}
