package letter

import (
	"regexp"
	"sort"
	"strconv"
	"strings"
)

var (
	extended = regexp.MustCompile(`(?i)[;\s](?:file)?name\*(?:(\d{1,3})(\*?)|)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))`)
	escaped  = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
)

// fileName is the name of a part, from Content-Disposition or else Content-Type.
func fileName(p *part) string {
	for _, field := range []string{"Content-Disposition", "Content-Type"} {
		if s := extendedName(p.header.get(field)); s != "" {
			return plainName(s)
		}
		params := p.named
		if field == "Content-Type" {
			params = p.params
		}
		for _, key := range []string{"filename", "name", "file"} {
			if s := params[key]; s != "" {
				return plainName(oneLine(decodeWords(s)))
			}
		}
	}
	return ""
}

// extendedName puts the pieces of a name together and decodes it (RFC 2231, sections 3 and 4).
func extendedName(value string) string {
	type piece struct {
		n       int
		encoded bool
		text    string
	}
	value = value[:min(len(value), longestField)]
	var pieces []piece
	for _, m := range extended.FindAllStringSubmatch(" "+value, -1) {
		text := m[4]
		if text == "" {
			text = unquote(m[3])
		}
		n, _ := strconv.Atoi(m[1])
		pieces = append(pieces, piece{n, m[1] == "" || m[2] == "*", text})
	}
	if len(pieces) == 0 {
		return ""
	}
	sort.SliceStable(pieces, func(i, j int) bool { return pieces[i].n < pieces[j].n })
	set := ""
	if set0, rest, ok := strings.Cut(pieces[0].text, "'"); ok && pieces[0].encoded {
		if _, text, ok := strings.Cut(rest, "'"); ok { // between them a language
			set, pieces[0].text = set0, text
		}
	}
	var b []byte
	for i, p := range pieces {
		if i > 0 && p.n != pieces[i-1].n+1 {
			break // the same again, or one is missing
		}
		if p.encoded {
			p.text = escaped.ReplaceAllStringFunc(p.text, func(s string) string {
				return string([]byte{byte(unhex(s[1])<<4 | unhex(s[2]))})
			})
		}
		b = append(b, p.text...)
	}
	return oneLine(decodeWords(toUTF8(b, set)))
}

// plainName drops the folders from a name.
func plainName(name string) string {
	name = clean(name)
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	return strings.TrimSpace(name)
}
