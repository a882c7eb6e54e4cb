package helpdesk

import (
	"regexp"
	"strings"

	"guichet/markup"
	"guichet/store"
)

// Audience is whom a message is for.
type Audience string

const (
	Public   Audience = store.Public
	Internal Audience = store.Internal
)

// Prefixes with which an agent says whom a message is for, whatever the queue's default. What does
// not change the word makes no difference, for a note must not leak by it: formatting (*note:*),
// quotes and marks of any sort, spaces of any kind, characters that nobody sees, a full-width colon. Formatting that
// a platform told of is no part of the words at all; marks that it left literal (in code, or without a partner) are.
const (
	around = "[^\\p{L}\\p{N}:：]*" // a note may have anything but words around it
	before = "[\\s\\p{Z}\\p{Cf}*_~`>•-]*"
	colon  = "[:：](?:[*_~`]+(?:[\\s\\p{Zs}]+|$)|[\\s\\p{Zs}]*)" // with the end of the formatting, if that is there
)

var (
	notePrefix  = regexp.MustCompile(`(?i)^` + around + `note` + around + colon)
	replyPrefix = regexp.MustCompile(`(?i)^` + before + `(?:reply|re\x{0301}ponse|réponse)` + before + colon)
)

// Sort tells a note from a reply in what an agent wrote in the thread, however it looks there, and takes the prefix
// off. The rest looks as it did. A word (see Word) stays inside.
func Sort(text string, byDefault Audience) (Audience, string) {
	t := markup.FromCanonical(text)
	words := t.Words()
	if _, ok := WordOf(text); ok {
		return Internal, text
	}
	if p := notePrefix.FindString(words); p != "" {
		return Internal, t.After(len(p)).Canonical()
	}
	if p := replyPrefix.FindString(words); p != "" {
		return Public, t.After(len(p)).Canonical()
	}
	return byDefault, text
}

// typed is what somebody typed into a form, as a message.
func typed(text string) string { return markup.FromForm(text).Canonical() }

// said is what a message says in plain words.
func said(body string) string { return markup.FromCanonical(body).Plain() }

// Shorten puts a text on one line of so many characters at most.
func Shorten(text string, longest int) string {
	r := []rune(strings.Join(strings.Fields(text), " "))
	if len(r) <= longest {
		return string(r)
	}
	return string(r[:longest-1]) + "…"
}

// thanks is every word that a message may consist of and still only say thank you.
var thanks = func() map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.Fields(`thanks thank you thx ty cheers many so very much a lot ok okay great perfect
		super awesome it works now all good fine merci beaucoup bien mille encore à a vous toi parfait
		génial top c'est bon ça ca marche maintenant bonne journée have nice day for your help the
		pour votre aide ton`) {
		words[w] = true
	}
	return words
}()

var word = regexp.MustCompile(`[\p{L}\p{M}\p{N}'’]+`)

// OnlyThanks says whether a message says thank you and nothing else: such a message is kept but
// does not reopen a resolved ticket.
func OnlyThanks(text string) bool {
	words := word.FindAllString(strings.ToLower(text), 13)
	if len(words) > 12 || strings.Contains(text, "?") {
		return false
	}
	grateful := false
	for _, w := range words {
		w = strings.ReplaceAll(w, "’", "'")
		if !thanks[w] {
			return false
		}
		switch w {
		case "thanks", "thank", "thx", "ty", "cheers", "merci":
			grateful = true
		}
	}
	return grateful
}
