package helpdesk

import (
	"regexp"
	"strings"

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
// quotes and marks of any sort, spaces of any kind, characters that nobody sees, a full-width colon.
const (
	around = "[^\\p{L}\\p{N}:：]*" // a note may have anything but words around it
	before = "[\\s\\p{Z}\\p{Cf}*_~`>•-]*"
	colon  = "[:：](?:[*_~`]+(?:[\\s\\p{Zs}]+|$)|[\\s\\p{Zs}]*)" // with the end of the formatting, if that is there
)

var (
	notePrefix  = regexp.MustCompile(`(?i)^` + around + `note` + around + colon)
	replyPrefix = regexp.MustCompile(`(?i)^` + before + `(?:reply|re\x{0301}ponse|réponse)` + before + colon)
)

// Sort tells a note from a reply in what an agent typed in the thread, and takes the prefix off.
func Sort(text string, byDefault Audience) (Audience, string) {
	if p := notePrefix.FindString(text); p != "" {
		return Internal, text[len(p):]
	}
	if p := replyPrefix.FindString(text); p != "" {
		return Public, text[len(p):]
	}
	return byDefault, text
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
