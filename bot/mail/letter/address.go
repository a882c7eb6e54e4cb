package letter

import (
	"net/mail"
	"slices"
	"strings"
)

// mostAddresses is how many of a field are kept.
const mostAddresses = 1000

// addresses reads a list of addresses. It is our own because net/mail takes all of it or nothing,
// and because words are decoded after the list is taken apart: what is encoded in a name can be
// no address.
func addresses(value string) []mail.Address {
	var list []mail.Address
	for _, entry := range splitList(value) {
		if a, ok := address(entry); ok {
			list = append(list, a)
		}
	}
	return list
}

// splitList cuts at commas and semicolons outside of quotes, comments and angle brackets. The name
// of a group (RFC 5322, section 3.4) is dropped.
func splitList(value string) []string {
	var list []string
	var quoted, angle bool
	comment, start := 0, 0
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '\\' && (quoted || comment > 0):
			i++
		case c == '"' && comment == 0:
			quoted = !quoted
		case quoted:
		case c == '(':
			comment++
		case c == ')' && comment > 0:
			comment--
		case comment > 0:
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		case c == ':' && !angle:
			start = i + 1
		case (c == ',' || c == ';') && !angle:
			list = append(list, value[start:i])
			start = i + 1
		}
	}
	return append(list, value[start:])
}

// address reads one: Name <local@domain>, local@domain (Name) or local@domain.
func address(entry string) (mail.Address, bool) {
	entry, comment := uncomment(entry)
	name, addr := "", entry
	if i := lastUnquoted(entry, '<'); i >= 0 {
		name = entry[:i]
		addr, _, _ = strings.Cut(entry[i+1:], ">")
		if j := strings.LastIndexByte(addr, ':'); j >= 0 && strings.HasPrefix(addr, "@") {
			addr = addr[j+1:] // a route, obsolete
		}
	} else {
		name = comment
		// "Name local@domain", which nobody may write and some do.
		if f := strings.Fields(addr); len(f) > 1 && !strings.Contains(addr, `"`) && strings.Contains(f[len(f)-1], "@") {
			name, addr = strings.Join(f[:len(f)-1], " "), f[len(f)-1]
		}
	}
	addr = strings.Trim(strings.TrimSpace(clean(guess([]byte(addr)))), "'")
	at := strings.LastIndexByte(addr, '@')
	if at <= 0 || at == len(addr)-1 || strings.ContainsAny(addr[at:], " \t<>,;:\"()\\") && !strings.HasPrefix(addr[at:], "@[") {
		return mail.Address{}, false
	}
	local := addr[:at]
	if !strings.HasPrefix(local, `"`) && strings.ContainsAny(local, " \t<>,;:\"()") {
		return mail.Address{}, false
	}
	return mail.Address{Name: displayName(name), Address: local + strings.ToLower(addr[at:])}, true
}

// displayName takes the quotes off a name and decodes it.
func displayName(name string) string {
	name = strings.TrimSpace(name)
	if len(name) >= 2 && name[0] == '"' && name[len(name)-1] == '"' {
		name = unquote(name[1 : len(name)-1])
	}
	return strings.Trim(oneLine(decodeWords(name)), `"`)
}

// unquote takes off the backslashes of a quoted string.
func unquote(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// uncomment takes comments out (RFC 5322, section 3.2.2) and hands back the last of them.
func uncomment(s string) (without, comment string) {
	var out, in strings.Builder
	quoted, depth := false, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		b := &out
		if depth > 0 {
			b = &in
		}
		switch {
		case c == '\\' && (quoted || depth > 0) && i+1 < len(s):
			if quoted {
				b.WriteByte(c)
			}
			i++
			b.WriteByte(s[i])
			continue
		case c == '"' && depth == 0:
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
			if depth == 1 {
				in.Reset()
				out.WriteByte(' ')
				continue
			}
		case c == ')' && depth > 0:
			depth--
			if depth == 0 {
				continue
			}
		}
		b.WriteByte(c)
	}
	return strings.TrimSpace(out.String()), in.String()
}

// lastUnquoted is where a character stands last outside of quotes, or -1.
func lastUnquoted(s string, c byte) int {
	quoted, at := false, -1
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == c && !quoted:
			at = i
		}
	}
	return at
}

// bare is the addresses of several fields, each once.
func bare(values []string) []string {
	var list []string
	for _, v := range values {
		for _, a := range addresses(v) {
			if len(list) < mostAddresses && !slices.Contains(list, a.Address) {
				list = append(list, a.Address)
			}
		}
	}
	return list
}
