package letter

import (
	"bytes"
	"strings"
)

// part is a mail, or a part of one, taken apart (RFC 2046, section 5.1).
//
// It is our own because the libraries for it take all or nothing, or take for ever: with enmime, each
// layer that is not closed doubles the time, so that a mail of one kilobyte takes minutes.
type part struct {
	header      header
	kind        string // the media type in lower case; empty when it makes no sense
	params      map[string]string
	disposition string
	named       map[string]string // the parameters of the disposition
	body        []byte            // as it traveled
	parts       []*part           // of a multipart
}

const (
	mostLayers = 150    // how deep parts are looked for in parts
	mostParts  = 10_000 // of one mail; what comes after them is left in the last
)

// takeApart reads a part and those within. Whatever is no multipart after all has no parts.
func takeApart(h header, body []byte, kind string, layer int, left *int) *part {
	p := &part{header: h, body: body}
	p.kind, p.params = parameters(h.get("Content-Type"))
	p.disposition, p.named = parameters(h.get("Content-Disposition"))
	switch {
	case h.get("Content-Type") == "" || p.kind == "text":
		p.kind = kind
	case strings.Count(p.kind, "/") != 1 || strings.ContainsAny(p.kind, "\"=<>,"):
		p.kind = ""
	}
	boundary := p.params["boundary"]
	if !strings.HasPrefix(p.kind, "multipart/") || boundary == "" || layer == mostLayers {
		return p
	}
	kind = "text/plain"
	if p.kind == "multipart/digest" { // RFC 2046, section 5.1.5
		kind = "message/rfc822"
	}
	for _, piece := range split(body, boundary, left) {
		h, body := splitHeader(piece)
		p.parts = append(p.parts, takeApart(h, body, kind, layer+1, left))
	}
	return p
}

// split cuts at the lines of a boundary. The last piece need not be closed; what is before the first
// and after the closing line is for programs that know no MIME.
func split(body []byte, boundary string, left *int) [][]byte {
	mark := []byte("--" + boundary)
	var pieces [][]byte
	start := -1
	for at := 0; at < len(body); {
		end := len(body)
		if i := bytes.IndexByte(body[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		rest, ok := bytes.CutPrefix(body[at:end], mark)
		rest = bytes.TrimRight(rest, " \t\r\n")
		closing := string(rest) == "--"
		if ok && (closing || len(rest) == 0) && *left > 0 {
			if start >= 0 {
				pieces = append(pieces, withoutEnd(body[start:at]))
			}
			*left--
			if start = end; closing {
				return pieces
			}
		}
		at = end
	}
	if start >= 0 && len(bytes.TrimSpace(body[start:])) > 0 {
		pieces = append(pieces, body[start:])
	}
	return pieces
}

// withoutEnd drops the line break before a boundary, which belongs to it.
func withoutEnd(b []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
}

// longestField is how many bytes of a field with parameters are read.
const longestField = 64 << 10

// parameters reads the value of Content-Type or Content-Disposition and what follows it. Unlike
// mime.ParseMediaType it makes do with what many programs write: no semicolons, blanks or brackets
// without quotes, the same twice.
func parameters(value string) (string, map[string]string) {
	value = value[:min(len(value), longestField)]
	params := map[string]string{}
	var kind string
	for i, piece := range splitParameters(value) {
		if i == 0 {
			kind, piece, _ = strings.Cut(strings.TrimSpace(piece), " ")
			kind = strings.ToLower(strings.TrimSpace(kind))
		}
		name, text, ok := strings.Cut(piece, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := params[name]; !ok || twice {
			continue
		}
		params[name] = unquoted(strings.TrimSpace(text))
	}
	return kind, params
}

// splitParameters cuts at semicolons outside of quotes.
func splitParameters(value string) []string {
	var pieces []string
	quoted, start := false, 0
	for i := 0; i < len(value); i++ {
		switch {
		case value[i] == '\\' && quoted && i+1 < len(value) && value[i+1] == '"':
			i++
		case value[i] == '"':
			quoted = !quoted
		case value[i] == ';' && !quoted:
			pieces = append(pieces, value[start:i])
			start = i + 1
		}
	}
	return append(pieces, value[start:])
}

// unquoted takes the quotes off a value. A backslash stays where it separates the folders of a path,
// which some programs send as it stands.
func unquoted(s string) string {
	if len(s) == 0 || s[0] != '"' {
		return s
	}
	s = strings.TrimSuffix(s[1:], `"`)
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(s)
}
