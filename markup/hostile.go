package markup

import (
	"regexp"
	"strings"
)

// A parser of Markdown takes quadratic time on what nobody writes, and whoever waits behind such a
// message waits too. These limits are far beyond what people write.
const (
	marksLine      = 1000 // marks of formatting in a line
	marksParagraph = 4000 // and in lines that no blank one parts
)

var tooDeep = regexp.MustCompile(`(?m)^(?:[ \t]*(?:>|[-+*][ \t]|\d{1,9}[.)][ \t])){30}`)

// tame stops nesting where it is too deep. It gives false for a text with so many marks that they
// are not formatting.
func tame(md string) (string, bool) {
	paragraph := 0
	for line := range strings.Lines(md) {
		if strings.TrimSpace(line) == "" {
			paragraph = 0
			continue
		}
		n := 0
		for i := 0; i < len(line); i++ {
			switch line[i] {
			case '\\':
				i++ // what it escapes is no mark
			case '*', '_', '~', '[':
				n++
			}
		}
		paragraph += n
		if n > marksLine || paragraph > marksParagraph {
			return "", false
		}
	}
	return tooDeep.ReplaceAllString(md, "$0"+joiner), true
}
