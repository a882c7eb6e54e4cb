package helpdesk_test

import (
	"strings"
	"testing"

	"guichet/helpdesk"
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
