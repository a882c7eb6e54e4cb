package letter

import (
	"regexp"
	"strings"
)

// markers are the lines that our own mails begin with, by language.
var markers = map[string]string{
	"en": "-- guichet: reply above this line --",
	"fr": "-- guichet : répondez au-dessus de cette ligne --",
}

// MarkerLine is the line above which an answer to our mail is written, in that language or else in
// English.
func MarkerLine(lang string) string {
	lang, _, _ = strings.Cut(strings.ToLower(lang), "-")
	if m, ok := markers[lang]; ok {
		return m
	}
	return markers["en"]
}

// words is what the author of a text wrote now. It consists of lines of the text and is the whole
// of it whenever nothing would be left, or when answers stand between the lines they answer.
func words(whole string, forwarded bool) string {
	if len(whole) > longestCut {
		return strings.TrimRight(visible(whole), " \t\n")
	}
	all := strings.Split(whole, "\n")
	kept := all
	if !forwarded {
		kept = cutHistory(all)
	}
	kept = cutEnd(kept, forwarded)
	if !forwarded {
		kept = cutStart(kept)
	}
	if s := visible(strings.Join(kept, "\n")); strings.TrimSpace(s) != "" {
		return strings.TrimRight(strings.Trim(s, "\n"), " \t\n")
	}
	return strings.TrimRight(visible(whole), " \t\n")
}

func isQuoted(line string) bool {
	return strings.HasPrefix(strings.TrimLeft(line, " \t"), ">")
}

func isBlank(line string) bool {
	line = strings.TrimPrefix(line, signatureMark)
	return strings.Trim(line, " \t\u00a0\u202f") == ""
}

// answersBelow are words by which people say that their answers stand in the mail they answer, in
// which nothing sets them apart once colors are gone.
var answersBelow = regexp.MustCompile(`(?i)\b(below|inline|in[- ]line|interleaved|in (red|blue|green|bold)|between the lines|ci-dessous|ci-après|plus bas|` +
	`en (rouge|bleu|vert|gras)|dans le (corps|texte)|dans (votre|ton) (mail|message|courriel))\b`)

// mostMarkers is how many of our own markers are weighed: mails quote mails that quote mails.
const mostMarkers = 20

// longestCut is how many bytes of text are searched for history. No person types as much.
const longestCut = 1 << 20

// cutHistory cuts from where a mail that was answered begins without being quoted, or from our own
// marker. Lines of ">" are left to the others.
func cutHistory(all []string) []string {
	at, seen := len(all), 0
	for i, line := range all {
		if seen < mostMarkers && isMarker(line) {
			seen++
			// Below a quoted marker people answer between the lines; those who do, wrote there.
			if isQuoted(line) && wroteBelow(all[i+1:]) {
				continue
			}
			if !hasWords(cutEnd(all[:i], false)) {
				continue // nothing above it: the answer stands below
			}
			return cutAttribution(all[:i])
		}
		if at == len(all) && !isQuoted(line) && isForward(line) {
			at = -1 // what is passed on belongs to what is said now, with the history in it
		}
		if at == len(all) && startsAt(all, i) {
			at = i
		}
	}
	if at < 0 || at == len(all) {
		return all
	}
	above := all[:at]
	if !hasWords(cutEnd(above, false)) || answersBelow.MatchString(strings.Join(above, "\n")) {
		return all
	}
	return above
}

// isMarker finds our marker in whatever way it comes back: quoted, or with other blanks.
func isMarker(line string) bool {
	if !strings.Contains(line, "guichet") {
		return false
	}
	fold := func(s string) string {
		return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
			return strings.ContainsRune(" \t\u00a0\u202f>*_-\u2013\u2014", r) || r == '\uFDD1'
		}), " ")
	}
	for _, m := range markers {
		if fold(line) == fold(m) {
			return true
		}
	}
	return false
}

// wroteBelow says whether there are words of the author below quoted lines.
func wroteBelow(rest []string) bool {
	for i, line := range rest {
		if startsAt(rest, i) {
			return false
		}
		if !isQuoted(line) && !isBlank(line) {
			return hasWords(cutSignature(rest[i:]))
		}
	}
	return false
}

// hasWords says whether anything is left that is neither quoted nor blank.
func hasWords(lines []string) bool {
	for _, line := range lines {
		if !isQuoted(line) && !isBlank(line) && line != historyMark {
			return true
		}
	}
	return false
}

// cutEnd takes signatures and quoted lines off the end, in whichever order they come.
func cutEnd(lines []string, forwarded bool) []string {
	forwarded = forwarded || passedOn(lines)
	for {
		before := len(lines)
		lines = trimBlank(lines)
		if cut := cutSignature(lines); len(cut) < len(lines) && (hasWords(cut) || !forwarded) {
			lines = cut
		}
		if !forwarded {
			lines = cutQuoted(lines)
		}
		if len(lines) == before {
			return lines
		}
	}
}

// passedOn says whether a mail that is passed on begins in the text.
func passedOn(lines []string) bool {
	for _, line := range lines {
		if isQuoted(line) {
			return false
		}
		if isForward(line) {
			return true
		}
	}
	return false
}

// cutQuoted takes quoted lines off the end, with the line that says who wrote them.
func cutQuoted(lines []string) []string {
	n := len(lines)
	for n > 0 && (isQuoted(lines[n-1]) || isBlank(lines[n-1])) {
		n--
	}
	if cut := trimBlank(lines); n == len(cut) {
		return cut
	}
	return cutAttribution(lines[:n])
}

// cutStart takes the quoted lines off the beginning when all the author wrote is below them. With
// more quoted lines further down, answers stand between them, and all stays.
func cutStart(lines []string) []string {
	i := skipBlank(lines, 0)
	if n := attributionAt(lines, i); n > 0 {
		i = skipBlank(lines, i+n)
	}
	if i == len(lines) || !isQuoted(lines[i]) {
		return lines
	}
	for i < len(lines) && (isQuoted(lines[i]) || isBlank(lines[i])) {
		i++
	}
	for _, line := range lines[i:] {
		if isQuoted(line) {
			return lines
		}
	}
	return lines[i:]
}

func skipBlank(lines []string, i int) int {
	for i < len(lines) && isBlank(lines[i]) {
		i++
	}
	return i
}

func trimBlank(lines []string) []string {
	for len(lines) > 0 && (isBlank(lines[len(lines)-1]) || lines[len(lines)-1] == historyMark) {
		lines = lines[:len(lines)-1]
	}
	return lines
}
