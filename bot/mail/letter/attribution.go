package letter

import (
	"regexp"
	"slices"
	"strings"
)

const (
	b = `[ \t\x{a0}\x{202f}]*` // blanks, also the narrow ones of French
	// longestAttribution is how many lines "On ... wrote:" may be broken into.
	longestAttribution = 4
)

var (
	// On Mon, 4 May 2026 at 10:00, Ann <ann@example.com> wrote:
	attribution = regexp.MustCompile(`(?is)^[*_]*(on|le|am|el|il|op|em|den|w dniu|dnia)\s.{3,400}?\s(wrote|writes|a écrit|a ecrit|écrivait|schrieb|escribió|escribio|` +
		`ha scritto|schreef|escreveu|skrev|napisał\(?a?\)?)([^\pL].{0,200}?)?` + b + `:[*_]*$`)
	// Ann <ann@example.com> wrote: / a écrit le 4 mai 2026 10:00 :
	attributionAfter = regexp.MustCompile(`(?is)^.{2,200}?\s(wrote|writes|a écrit|a ecrit|schrieb)\b(\s+(on|le|am)\s.{4,80}?)?` + b + `:$`)
	// 2026-05-04 10:00 GMT+02:00 Ann <ann@example.com>:
	attributionBare = regexp.MustCompile(`(?s)^\d{4}[-/]\d{1,2}[-/]\d{1,2}\s.{0,200}<[^<>\s]+@[^<>\s]+>` + b + `:$`)

	exact = regexp.MustCompile(`@|\d{1,2}` + b + `[:hH]` + b + `\d{2}`) // an address or a time of day

	original = regexp.MustCompile(`(?i)^` + b + `[-=_*]{2,}\s*(original message|original appointment|message d['’]origine|message original|mail original|message initial|` +
		`reply message|ursprüngliche nachricht|mensaje original|messaggio originale|oorspronkelijk bericht)\s*[-=_*]{2,}` + b + `$`)
	underscores = regexp.MustCompile(`^` + b + `_{5,}` + b + `$`)

	headFrom = regexp.MustCompile(`(?i)^[ *\t\x{a0}]*(from|de|von|da|van)[ *\x{a0}\x{202f}]*:[ *\x{a0}]*\S`)
	headRest = regexp.MustCompile(`(?i)^[ *\t\x{a0}]*(sent|date|to|cc|bcc|subject|reply-to|importance|envoyé|envoyé le|date d['’]envoi|à|a|pour|objet|sujet|` +
		`copie|cci|répondre à|gesendet|an|betreff|enviado|para|asunto)[ *\x{a0}\x{202f}]*:`)

	forward = regexp.MustCompile(`(?i)^ *(-{3,}\s*(forwarded message|message transféré|message transmis|courriel transféré|forwarded by|mail transféré|weitergeleitete nachricht)\b.*|` +
		`(begin forwarded message|début du message transféré|début du message réexpédié|anfang der weitergeleiteten nachricht)` + b + `:?` + b + `)$`)
	forwardSubject = regexp.MustCompile(`(?i)^\s*(\[[^\]]*\]\s*)?(fwd?|tr|i|wg|rv|enc|vs)\s*:`)
)

// forwards says whether a subject is that of a mail which passes another one on: what looks like
// history is then what the author wants to be read.
func forwards(subject string) bool { return forwardSubject.MatchString(subject) }

func isForward(line string) bool {
	line = strings.TrimLeft(line, " ")
	return line != "" && strings.ContainsRune("-bBdDaA", rune(line[0])) && forward.MatchString(line)
}

// startsAt says whether the mail that was answered begins at a line, without being quoted.
func startsAt(lines []string, i int) bool {
	line := lines[i]
	if isBlank(line) || isQuoted(line) {
		return false
	}
	if line == historyMark {
		return true
	}
	if strings.ContainsRune("-=_*", rune(strings.TrimLeft(line, " \t\u00a0\u202f")[0])) {
		if original.MatchString(line) {
			return true
		}
		if underscores.MatchString(line) {
			return isHead(lines, skipBlank(lines, i+1))
		}
	}
	if isHead(lines, i) {
		return true
	}
	n := attributionAt(lines, i)
	if n == 0 || !exact.MatchString(strings.Join(lines[i:i+n], " ")) {
		return false
	}
	next := skipBlank(lines, i+n)
	return next < len(lines) && !isQuoted(lines[next])
}

// isHead finds the few fields that Outlook and others repeat: From, and two more of the others.
func isHead(lines []string, i int) bool {
	if i >= len(lines) || !headFrom.MatchString(lines[i]) {
		return false
	}
	fields := 0
	for j, blanks := i+1, 0; j < len(lines) && j < i+12 && fields < 2; j++ {
		switch {
		case isBlank(lines[j]):
			blanks++
		case headRest.MatchString(lines[j]):
			fields++
			blanks = 0
		case isQuoted(lines[j]) || blanks > 0 || len(lines[j]) > 200:
			return false
		}
		if blanks > 1 {
			return false
		}
	}
	return fields >= 2
}

// attributionAt is how many lines from there say who wrote what follows, or 0.
func attributionAt(lines []string, i int) int {
	for n := 1; n <= longestAttribution && i+n <= len(lines); n++ {
		last := lines[i+n-1]
		if isBlank(last) || isQuoted(last) {
			return 0
		}
		if !strings.HasSuffix(strings.TrimRight(last, " \t\u00a0*_"), ":") {
			continue
		}
		if isAttribution(strings.Join(lines[i:i+n], " "), n == 1) {
			return n
		}
	}
	return 0
}

// verbs are what all words for "wrote" in attribution have in common.
var verbs = []string{"wr", "crit", "criv", "crev", "cribi", "schr", "skr", "napisa"}

func isAttribution(s string, alone bool) bool {
	s = strings.TrimSpace(strings.ReplaceAll(s, signatureMark, ""))
	if s == "" || len(s) > 500 {
		return false
	}
	if c := s[0]; c < '0' || c > '9' { // most lines that end in a colon end here
		lower := strings.ToLower(s)
		if !slices.ContainsFunc(verbs, func(v string) bool { return strings.Contains(lower, v) }) {
			return false
		}
	}
	return attribution.MatchString(s) || attributionBare.MatchString(s) ||
		alone && attributionAfter.MatchString(s) && exact.MatchString(s)
}

// cutAttribution takes the lines off the end that say who wrote what followed.
func cutAttribution(lines []string) []string {
	lines = trimBlank(lines)
	for n := 1; n <= longestAttribution && n <= len(lines); n++ {
		if attributionAt(lines, len(lines)-n) == n {
			lines = trimBlank(lines[:len(lines)-n])
			break
		}
	}
	// "-----Original Message-----" and the fields below it, above quoted lines.
	for i := max(0, len(lines)-12); i < len(lines); i++ {
		if original.MatchString(lines[i]) || isHead(lines, i) && allHead(lines[i:]) {
			return trimBlank(lines[:i])
		}
	}
	return lines
}

// allHead says whether lines hold nothing but the fields of a mail.
func allHead(lines []string) bool {
	for _, line := range lines {
		if !isBlank(line) && !headFrom.MatchString(line) && !headRest.MatchString(line) {
			return false
		}
	}
	return true
}
