package helpdesk

import (
	"math/bits"
	"strings"
	"unicode/utf8"

	"guichet/store"
)

// How much of a message is shown around what was found in it, and how much of that stands before it; in characters.
const (
	excerptLong   = 140
	excerptBefore = 40
)

// excerpt is the part of a text in which most of what was looked for is, on one line; empty if nothing of it is. Databases
// find other endings of a word, each in its own way: where the very word is nowhere, one that begins like it will do.
func excerpt(text string, phrases []string) string {
	words := strings.Fields(text)
	sought := strings.Fields(strings.Join(phrases, " "))
	folded := make([][]string, len(words))
	for i, w := range words {
		folded[i] = store.Words(w)
	}
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, akin} {
		if at := densest(words, folded, sought, same); at >= 0 {
			return lineAround(words, at)
		}
	}
	return ""
}

// densest is the word from which on an excerpt has most of what is sought, the first of several; -1: none has any.
func densest(words []string, folded [][]string, sought []string, same func(a, b string) bool) (at int) {
	at = -1
	matches := make([]uint64, len(words)) // which of the sought each word is
	for i := range words {
		for _, f := range folded[i] {
			for n, s := range sought {
				if same(f, s) {
					matches[i] |= 1 << n
				}
			}
		}
	}
	most := 0
	for i := range words {
		if matches[i] == 0 {
			continue
		}
		var has uint64
		for j, length := i, 0; j < len(words) && length < excerptLong-excerptBefore; j++ {
			has |= matches[j]
			length += utf8.RuneCountInString(words[j]) + 1
		}
		if n := bits.OnesCount64(has); n > most {
			at, most = i, n
		}
	}
	return at
}

// akin says whether two words may be one with different endings.
func akin(a, b string) bool {
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	return same >= 4 && same >= min(len(a), len(b))-2
}

// lineAround is the line around a word, with signs where something was left out.
func lineAround(words []string, at int) string {
	first, before := at, 0
	for first > 0 && before+utf8.RuneCountInString(words[first-1])+1 <= excerptBefore {
		first--
		before += utf8.RuneCountInString(words[first]) + 1
	}
	line := Shorten(strings.Join(words[first:min(len(words), first+excerptLong)], " "), excerptLong)
	if first > 0 {
		line = "…" + line
	}
	return line
}
