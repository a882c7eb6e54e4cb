package wire

import (
	"encoding/base64"
	"errors"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// longestAddress is how long an address may be (RFC 5321, section 4.5.3.1.3).
const longestAddress = 254

// longestToken is how long a piece without a space may be to fit on a line of 78 (RFC 5322, section 2.1.1).
const longestToken = 60

// mailbox is an address with its name, as it stands in a header.
func mailbox(a mail.Address) (string, error) {
	address, err := angle(a.Address)
	if err != nil {
		return "", err
	}
	name := oneLine(a.Name)
	switch {
	case name == "":
		return address, nil
	case plain(name):
		quoted, _ := strings.CutSuffix((&mail.Address{Name: name, Address: "a@b"}).String(), "<a@b>")
		return quoted + address, nil
	}
	return encoded(name) + " " + address, nil
}

// angle is an address between angle brackets, as it stands in headers and envelopes. Domains are
// made ASCII; an address with other characters before the @ (RFC 6531) is refused, for few servers take one.
func angle(address string) (string, error) {
	if strings.ContainsFunc(address, unicode.IsControl) {
		return "", errors.New("an address with a control character")
	}
	// Legal between quotes, and yet only met where somebody tries to pass two addresses for one.
	if local := strings.Trim(address[:max(0, strings.LastIndexByte(address, '@'))], `"`); strings.ContainsAny(local, `<>()@,;:\"`) {
		return "", errors.New("an address with punctuation")
	}
	if at := strings.LastIndexByte(address, '@'); at >= 0 && !printable(address[at:]) {
		domain, err := idna.Lookup.ToASCII(address[at+1:])
		if err != nil {
			return "", errors.New("an address with an impossible domain")
		}
		address = address[:at+1] + domain
	}
	if !printable(address) {
		return "", errors.New("an address beyond ASCII")
	}
	if len(address) > longestAddress {
		return "", errors.New("an address that is too long")
	}
	if a, err := mail.ParseAddress("<" + address + ">"); err == nil && a.Name == "" {
		return a.String(), nil
	}
	// Programs that read headers take the quotes off: they come back where they are needed.
	quoted := (&mail.Address{Address: address}).String()
	if a, err := mail.ParseAddress(quoted); err == nil && a.Name == "" && a.Address == address {
		return quoted, nil
	}
	return "", errors.New("not an address")
}

// messageIDs are ids as they stand in a header. They may hold whatever others put into theirs, but for
// what would end them.
func messageIDs(ids ...string) (string, error) {
	list := make([]string, 0, len(ids))
	for _, id := range ids {
		id = strings.TrimSuffix(strings.TrimPrefix(id, "<"), ">")
		if id == "" || len(id) > 900 || !printable(id) || strings.ContainsAny(id, "<> ") {
			return "", errors.New("not a message id")
		}
		list = append(list, "<"+id+">")
	}
	return strings.Join(list, " "), nil
}

// words is a text as it stands in a header.
func words(s string) string {
	s = oneLine(s)
	if s == "" || plain(s) {
		return s
	}
	return encoded(s)
}

// plain says whether a text can stand in a header as it is: it can be folded, and nothing in it would be
// taken for an encoded word.
func plain(s string) bool {
	if !printable(s) || strings.Contains(s, "=?") || strings.Contains(s, "  ") {
		return false
	}
	for token := range strings.SplitSeq(s, " ") {
		if len(token) > longestToken {
			return false
		}
	}
	return true
}

// encoded is a text in encoded words (RFC 2047), each of whole characters. The standard library's encoder
// leaves alone what is ASCII, even when it looks encoded or cannot be folded.
func encoded(s string) string {
	const longest = 36 // bytes, so that each word is a token that fits beside a header's name
	var list []string
	for s != "" {
		n := 0
		for n < len(s) {
			_, size := utf8.DecodeRuneInString(s[n:])
			if n+size > longest {
				break
			}
			n += size
		}
		list = append(list, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return strings.Join(list, " ")
}

// oneLine folds line breaks and other control characters to spaces.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")))
}

// isDotAtom says whether a text is a dotted name such as domains are.
func isDotAtom(s string) bool {
	if s == "" || len(s) > 200 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || strings.ContainsFunc(label, func(r rune) bool {
			return r > '~' || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
		}) {
			return false
		}
	}
	return true
}
