package letter

import (
	"regexp"
	"strings"
)

const (
	longestSignature = 15 // lines below "-- ", of which people follow no rule
	// shortSignature is for lines which programs write above a signature, and people above more text.
	shortSignature = 8
)

var (
	rule = regexp.MustCompile(`^` + b + `(--|_{2,}|—)` + b + `$`)

	// sentFrom is what telephones and free mail add, and nobody wrote.
	sentFrom = regexp.MustCompile(`(?i)^[ *_\t]*(` +
		`(sent|envoyé|gesendet|enviado|inviato|verzonden) (from|de|depuis|avec|à partir d[e'’]|via|with|by|von|desde|da|vanaf)\s?` +
		`.{0,20}(iphone|ipad|ipod|android|samsung|galaxy|huawei|xiaomi|blackberry|mobile|smartphone|téléphone|phone|tablet\w*|tablette|appareil|device|outlook|yahoo|aol|gmail|` +
		`proton\s?mail|mail|courrier|orange|sfr|free|bouygues|nexus|pixel|mailbird|thunderbird|windows|spark|superhuman|workspace).{0,60}` +
		`|(get|télécharge[rz]|obtene[rz]|obtenir) outlook (for|pour)\b.{0,80}` +
		`|(provenance|gesendet von)\s?:\s?(courrier|mail)\b.{0,40}` +
		`|von meine[mr] .{2,30} gesendet` +
		`|virus-free\.|.{0,6}(garanti )?sans virus\b.{0,60}(avast|avg).{0,40}` +
		`)[ *_\t.!)]*$`)
	hyper = regexp.MustCompile(`^` + b + `[<(]?https?://\S+[>)]?` + b + `$`)
)

// cutSignature takes a signature off the end: what HTML marks as one, what telephones add, and
// what stands below "-- " (RFC 3676, section 4.3) or below a line of underscores.
func cutSignature(lines []string) []string {
	lines = trimBlank(lines)
	n := len(lines)
	for n > 0 && (strings.HasPrefix(lines[n-1], signatureMark) || isBlank(lines[n-1])) {
		n--
	}
	if n < len(lines) {
		return trimBlank(lines[:n])
	}
	if n > 0 && sentFrom.MatchString(lines[n-1]) {
		return trimBlank(lines[:n-1])
	}
	if n > 1 && hyper.MatchString(lines[n-1]) && sentFrom.MatchString(lines[n-2]) { // its link on a line of its own
		return trimBlank(lines[:n-2])
	}
	below := 0
	for i := n - 1; i >= 0 && below <= longestSignature; i-- {
		line := lines[i]
		if isQuoted(line) {
			break
		}
		if rule.MatchString(line) && (below <= shortSignature || strings.TrimRight(line, "\u00a0") == "-- ") {
			return trimBlank(lines[:i])
		}
		if !isBlank(line) {
			below++
		}
	}
	return lines
}
