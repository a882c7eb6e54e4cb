package store

import (
	"strings"
	"sync"
	"unicode"

	"github.com/kljensen/snowball/english"
	"github.com/kljensen/snowball/french"
	"golang.org/x/text/unicode/norm"
)

// Words are the words of a text as searches compare them: without accents, case and punctuation. Formatting, which U+2060
// and a sign after it begin (see markup), is none of them: a look may change within a word, all else parts words.
func Words(text string) []string {
	return strings.FieldsFunc(folded(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

// unseen are the signs of formatting that part no words; ligatures are what no decomposition takes apart.
var unseen, ligatures = strings.NewReplacer("\u2060*", "", "\u2060_", "", "\u2060~", "", "\u2060`", "", "\u2060:", ""),
	strings.NewReplacer("œ", "oe", "æ", "ae")

func folded(text string) string {
	plain := true
	for i := 0; plain && i < len(text); i++ {
		plain = text[i] < 0x80
	}
	if plain {
		return strings.ToLower(text)
	}
	bare := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(strings.ToLower(unseen.Replace(text))))
	return ligatures.Replace(bare)
}

// stem takes French and English endings off a word until none is left, so that it is one word whichever language it is
// of: nobody says in which they write. Both databases are given stems, and so find the same.
func stem(word string) string {
	for {
		shorter := english.Stem(french.Stem(word, true), true)
		if len(shorter) >= len(word) {
			return word
		}
		word = shorter
	}
}

// stems remembers the stems of words: people use the same ones again and again.
var stems = struct {
	sync.Mutex
	known map[string]string
}{known: map[string]string{}}

const mostStems = 20_000

// How much of a text is indexed, and of a word, in bytes. Nobody writes as much; and what is longer than some hundred
// thousand, or a word of two thousand, PostgreSQL would refuse, and with it the message.
const (
	mostLetters = 200_000
	longestWord = 100
)

// Stems are the words of a text without their endings, with a space between each two.
func Stems(text string) string {
	if len(text) > mostLetters {
		text = strings.ToValidUTF8(text[:mostLetters], "")
	}
	words := Words(text)
	stems.Lock()
	defer stems.Unlock()
	for i, w := range words {
		if len(w) > longestWord {
			w = strings.ToValidUTF8(w[:longestWord], "")
		}
		s, ok := stems.known[w]
		if !ok {
			s = stem(w)
			if len(stems.known) >= mostStems {
				clear(stems.known)
			}
			stems.known[w] = s
		}
		words[i] = s
	}
	return strings.Join(words, " ")
}
