package helpdesk_test

import (
	"strings"
	"testing"

	"guichet/helpdesk"
	"guichet/markup"
)

func TestSortTellsNotesFromReplies(t *testing.T) {
	const (
		note  = helpdesk.Internal
		reply = helpdesk.Public
		dflt  = helpdesk.Audience("default")
	)
	for _, c := range []struct {
		typed    string
		audience helpdesk.Audience
		text     string
	}{
		{"note: call her back", note, "call her back"},
		{"NOTE: call her back", note, "call her back"},
		{"Note : rappeler", note, "rappeler"},
		{"note\u00a0: rappeler", note, "rappeler"},
		{"note\u202f: rappeler", note, "rappeler"},
		{"note\u2009: rappeler", note, "rappeler"},
		{"note:\u00a0rappeler", note, "rappeler"},
		{"  \u00a0note:x", note, "x"},
		{"\n\nnote: x", note, "x"},
		{"note:x", note, "x"},
		{"note:\nfirst\nsecond", note, "first\nsecond"},
		{"note: reply: x", note, "reply: x"}, // the first word decides
		{"note:", note, ""},
		{"note: ", note, ""},
		{"note:: x", note, ": x"},
		{"reply: note: x", reply, "note: x"},
		{"Reply: it is done", reply, "it is done"},
		{"RÉPONSE : c'est fait", reply, "c'est fait"},
		{"réponse\u202f: c'est fait", reply, "c'est fait"},
		{"re\u0301ponse : c'est fait", reply, "c'est fait"},
		{"RE\u0301PONSE: x", reply, "x"},
		{"reply:", reply, ""},
		// An agent who types an invisible character (right-to-left keyboards do) means a note all the same.
		{"\u200fnote: x", note, "x"},
		{"\ufeffnote: x", note, "x"},
		{"note\u200b: x", note, "x"},

		// Formatting that Slack puts around what is typed.
		{"*note:* secret", note, "secret"},
		{"*Note*: secret", note, "secret"},
		{"_note:_", note, ""},
		{"> note: secret", note, "secret"},
		{"• note: secret", note, "secret"},
		{"`note:` secret", note, "secret"},
		{"note： secret", note, "secret"},
		{"\u2028note: secret", note, "secret"},
		{"\x0bnote\u0085: secret", note, "secret"},
		{"note\ufe0f: secret", note, "secret"},
		{"    ◦ note: secret", note, "secret"},
		{"– note: secret", note, "secret"},
		{"“note: secret”", note, "secret”"},
		{"(note): secret", note, "secret"},
		{"📝 note: secret", note, "secret"},
		{"(reply: x", dflt, "(reply: x"}, // what goes out is said plainly
		{"note: *secret* plan", note, "*secret* plan"},
		{"*reply:* done", reply, "done"},

		{"noted: x", dflt, "noted: x"},
		{"notes: x", dflt, "notes: x"},
		{"footnote: x", dflt, "footnote: x"},
		{"note", dflt, "note"},
		{"note x: y", dflt, "note x: y"},
		{"please note: x", dflt, "please note: x"},
		{"replying: x", dflt, "replying: x"},
		{"no reply: x", dflt, "no reply: x"},
		{"réponses : x", dflt, "réponses : x"},
		{": note", dflt, ": note"},
		{"", dflt, ""},
		{"  \n ", dflt, "  \n "},
		{"hello\nnote: x", dflt, "hello\nnote: x"},
	} {
		audience, text := helpdesk.Sort(c.typed, dflt)
		if audience != c.audience || text != c.text {
			t.Errorf("%q: %s %q, want %s %q", c.typed, audience, text, c.audience, c.text)
		}
	}
}

// Whichever way a platform lets an agent mark it, a note stays inside, and what is left of it looks as it did.
func TestFormattedNotesStayInside(t *testing.T) {
	for _, c := range []struct{ slack, markdown, want string }{ // want in Markdown
		{"*note:* secret", "**note:** secret", "secret"},
		{"*note*: secret", "**note**: secret", "secret"},
		{"*note: secret*", "**note: secret**", "**secret**"},
		{"_note:_ secret", "*note:* secret", "secret"},
		{"~note:~ secret", "~~note:~~ secret", "secret"},
		{"*_note:_ secret*", "***note:* secret**", "**secret**"},
		{"", "**n**ote: secret", "secret"},
		{"", "n*o*te: secret", "secret"},
		{"", "# note: secret", "**secret**"},
		{"`note:` secret", "`note:` secret", "secret"},
		{"`note: secret`", "`note: secret`", "`secret`"},
		{"```note: secret```", "```\nnote: secret\n```", "```\nsecret\n```"},
		{"```\nnote:\nsecret\n```", "```\nnote:\nsecret\n```", "```\nsecret\n```"},
		{"&gt; note: secret", "> note: secret", "> secret"},
		{"&gt;&gt;&gt;note: secret\nplan", "> note: secret\n> plan", "> secret\n> plan"},
		{"• note: secret\n• plan", "- note: secret\n- plan", "- secret\n- plan"},
		{"1. note: secret\n2. plan", "1. note: secret\n2. plan", "1. secret\n2. plan"},
		{"• note:\n• plan", "- note:\n- plan", "- plan"},
		{"&gt; • *note:* secret", "> - **note:** secret", "> - secret"},
		{"*note:*\n• plan", "**note:**\n\n- plan", "- plan"},
		{":lock: *note:* secret", ":lock: **note:** secret", "secret"},
		{":our-own: note: secret", ":our-own: note: secret", "secret"},
		{"<https://x.example|note>: secret", "[note](https://x.example): secret", "secret"},
		{"<https://x.example|note: secret>", "[note: secret](https://x.example)", "[secret](https://x.example)"},
		{"\u2060*note:\u2060* secret", "n\u2060ote: secret", "secret"},
		{"no\u200bte: secret", "no\u200bte: secret", "secret"},
		{"", "note&#58; secret", "secret"},
	} {
		for text, written := range map[string]markup.Text{c.slack: markup.FromSlack(c.slack, nil), c.markdown: markup.FromMarkdown(c.markdown)} {
			if text == "" {
				continue
			}
			audience, rest := helpdesk.Sort(written.Canonical(), helpdesk.Public)
			if audience != helpdesk.Internal {
				t.Errorf("%q is %s", text, audience)
			}
			if got := strings.ReplaceAll(markup.FromCanonical(rest).Markdown(), "\u2060", ""); got != c.want {
				t.Errorf("%q: %q remains, want %q", text, got, c.want)
			}
		}
	}
	for _, text := range []string{"**reply:** done", "*reply:* done", "`reply:` done", "> reply: done", "- reply: done"} {
		if audience, rest := helpdesk.Sort(markup.FromMarkdown(text).Canonical(), helpdesk.Internal); audience != helpdesk.Public || strings.Contains(rest, "reply") {
			t.Errorf("%q is %s %q", text, audience, rest)
		}
	}
}

func TestOnlyThanks(t *testing.T) {
	for _, s := range []string{
		"thanks", "Thanks!", "THANK YOU", "Thank you so much.", "thx", "ty 👍", "thanks a lot, it works now", "ok thanks",
		"merci", "Merci beaucoup !", "merci beaucoup\u202f!", "Merci à toi", "merci à vous, bonne journée", "🙏 merci 🙏",
		"C’est bon, merci", "c'est bon merci", "Merci, ça marche maintenant", "thanks\n\nthanks",
	} {
		if !helpdesk.OnlyThanks(s) {
			t.Errorf("%q only thanks", s)
		}
	}
	for _, s := range []string{
		"", " ", "ok", "👍", "🙏", "it works", "great", "thanks but it still fails", "no thanks", "thanks, no", "merci ?", "thanks?",
		"merci mais ça ne marche pas", "ça marche pas merci", "not thanks", "thanksgiving", "remerciements",
		"thanks 2", "thanks https://example.org", "thanks a lot a lot a lot a lot a lot a lot", // too long to be sure
		strings.Repeat("thanks ", 13), strings.Repeat("thanks ", 100_000), "thanks " + strings.Repeat("x", 100_000),
	} {
		if helpdesk.OnlyThanks(s) {
			t.Errorf("%.60q does more than thank", s)
		}
	}
}
