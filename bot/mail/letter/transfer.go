package letter

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// fromTransfer undoes a Content-Transfer-Encoding (RFC 2045, section 6). An unknown one is taken
// as none.
func fromTransfer(b []byte, encoding string, text bool) []byte {
	encoding, _ = uncomment(encoding)
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		if text && !looksBase64(b) {
			return b
		}
		return fromBase64(b)
	case "quoted-printable":
		return fromQuoted(b)
	}
	return b
}

// fromBase64 skips what is not of the alphabet, as RFC 2045 asks, and goes on after padding within:
// some programs encode each line by itself. What is cut short loses its last bytes only.
func fromBase64(b []byte) []byte {
	out := make([]byte, 0, len(b)*3/4)
	var piece []byte
	flush := func() {
		if len(piece)%4 == 1 {
			piece = piece[:len(piece)-1]
		}
		n := len(out)
		out = append(out, make([]byte, base64.RawStdEncoding.DecodedLen(len(piece)))...)
		m, _ := base64.RawStdEncoding.Decode(out[n:], piece)
		out = out[:n+m]
		piece = piece[:0]
	}
	for _, c := range b {
		switch {
		case 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/':
			piece = append(piece, c)
		case c == '=':
			flush()
		}
	}
	flush()
	return out
}

// looksBase64 tells a text that was encoded from one that only says so.
func looksBase64(b []byte) bool {
	strange := 0
	for _, line := range bytes.Split(b, []byte("\n")) {
		for _, c := range bytes.TrimSpace(line) {
			if c <= ' ' || c > '~' || bytes.IndexByte([]byte(".,;:!?'\"()"), c) >= 0 {
				strange++
			}
		}
	}
	return strange*20 < len(b)
}

// fromQuoted undoes quoted-printable, and leaves what is not as it should be as it stands.
func fromQuoted(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		line, rest, whole := bytes.Cut(b, []byte("\n"))
		b = rest
		ending := "\n"
		if bytes.HasSuffix(line, []byte("\r")) {
			line, ending = line[:len(line)-1], "\r\n"
		}
		// Blanks at the end of a line were added on the way (RFC 2045, section 6.7), but for the
		// single one of a signature's line, which many programs fail to encode.
		if trimmed := bytes.TrimRight(line, " \t"); string(trimmed) != "--" && whole {
			line = trimmed
		}
		soft := bytes.HasSuffix(line, []byte("="))
		if soft {
			line = line[:len(line)-1]
		}
		for i := 0; i < len(line); i++ {
			if line[i] == '=' && i+2 < len(line) {
				if hi, lo := unhex(line[i+1]), unhex(line[i+2]); hi >= 0 && lo >= 0 {
					out = append(out, byte(hi<<4|lo))
					i += 2
					continue
				}
			}
			out = append(out, line[i])
		}
		if whole && !soft {
			out = append(out, ending...)
		}
	}
	return out
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
