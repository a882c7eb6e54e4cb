package letter

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
)

// toUTF8 reads text in the character set that it says to be in, which may be none or a wrong one.
//
// UTF-8 under another name is far likelier than a text in that set whose every accented letter
// happens to form a UTF-8 sequence. ISO-8859-1 is read as Windows-1252, which differs only in what
// nobody writes, as the WHATWG Encoding Standard has it.
func toUTF8(b []byte, label string) string {
	label = strings.ToLower(strings.Trim(strings.TrimSpace(label), `"'`))
	label = strings.TrimPrefix(label, "charset=")
	if ascii(b) && !strings.HasPrefix(label, "utf-16") {
		if bytes.ContainsRune(b, '\x1b') || strings.HasPrefix(label, "hz") || label == "utf-7" {
			return clean(decode(b, label))
		}
		return clean(string(b))
	}
	if single(label) && utf8.Valid(b) {
		return clean(string(b))
	}
	return clean(decode(b, label))
}

func decode(b []byte, label string) string {
	if label == "" || label == "us-ascii" {
		if bytes.Contains(b, []byte("\x1b$B")) || bytes.Contains(b, []byte("\x1b$@")) {
			label = "iso-2022-jp"
		}
	}
	e := lookup(label)
	if e == nil {
		return guess(b)
	}
	if e == encoding.Nop || label == "utf-8" || label == "utf8" || label == "us-ascii" {
		return guess(b)
	}
	if label == "iso-2022-jp" {
		e = japanese.ISO2022JP
	}
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return guess(b)
	}
	return string(out)
}

// lookup knows a character set by its name, or nil.
func lookup(label string) encoding.Encoding {
	e, name := charset.Lookup(label)
	if e == nil || name == "replacement" {
		e, _ = ianaindex.MIME.Encoding(label)
	}
	return e
}

// single says whether a label names a set of single bytes, or nothing known.
func single(label string) bool {
	if label == "" || label == "us-ascii" || lookup(label) == nil {
		return true
	}
	_, name := charset.Lookup(label)
	return strings.HasPrefix(name, "windows-") || strings.HasPrefix(name, "iso-8859-") || strings.HasPrefix(name, "koi8-") ||
		name == "macintosh" || name == "ibm866"
}

// guess reads bytes that do not say what they are, or not truly: UTF-8, also with some bytes broken,
// or else Windows-1252.
func guess(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	good, bad := 0, 0
	for rest := b; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		rest = rest[n:]
	}
	if good >= bad {
		return string(b)
	}
	out, _ := charmap.Windows1252.NewDecoder().Bytes(b)
	return string(out)
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

var unstorable = strings.NewReplacer("\x00", "\u2400", historyMark, "\uFFFD", signatureMark, "\uFFFD")

// clean makes a text storable: a NUL, which PostgreSQL does not keep, becomes its visible symbol,
// and bytes that are no UTF-8 become replacement characters. A byte order mark is no text.
func clean(s string) string {
	s = strings.TrimPrefix(strings.ToValidUTF8(s, "\uFFFD"), "\uFEFF")
	return unstorable.Replace(s)
}

var encodedWord = regexp.MustCompile(`=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=`)

// decodeWords decodes a field's value (RFC 2047). Words in a row and in one character set are put
// together first: many programs cut within a character, which mime.WordDecoder does not mend.
func decodeWords(value string) string {
	var out strings.Builder
	var pending []byte // of the words in a row
	set := ""
	flush := func() {
		out.WriteString(toUTF8(pending, set))
		pending, set = nil, ""
	}
	end, words := 0, false
	for _, m := range encodedWord.FindAllStringSubmatchIndex(value, -1) {
		between := value[end:m[0]]
		if !words || strings.TrimSpace(between) != "" {
			flush()
			out.WriteString(clean(guess([]byte(between))))
		}
		label, _, _ := strings.Cut(strings.ToLower(value[m[2]:m[3]]), "*") // a language, RFC 2231
		if label != set {
			flush()
		}
		set, words, end = label, true, m[1]
		text := value[m[6]:m[7]]
		if value[m[4]] == 'b' || value[m[4]] == 'B' {
			pending = append(pending, fromBase64([]byte(text))...)
		} else {
			pending = append(pending, fromQuoted([]byte(strings.ReplaceAll(text, "_", "=20")))...)
		}
	}
	flush()
	out.WriteString(clean(guess([]byte(value[end:]))))
	return clean(out.String())
}
