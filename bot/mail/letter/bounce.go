package letter

import (
	"regexp"
	"strings"
)

// Bounce is what a report says of a mail that did not arrive, or not yet. Anybody can write one:
// it is worth something only when MessageID is one that we sent to Recipient.
type Bounce struct {
	Recipient  string // who did not get it
	Action     string // failed, delayed, ... (RFC 3464, section 2.3.3)
	Status     string // RFC 3463, such as 5.1.1; empty when unknown
	Diagnostic string // what the other server said, on one line
	MessageID  string // of the mail that bounced, without angle brackets
	To         string // its first To
}

// longestDiagnostic is how many bytes of what the other server said are kept.
const longestDiagnostic = 1000

// bounce reads a report, or nil. Of several recipients it takes the first who will never get it.
func bounce(h header, c content) *Bounce {
	var b *Bounce
	if c.status != nil {
		b = fromStatus(c.status)
	}
	if b == nil {
		b = fromProse(h, join(c.texts))
	}
	if b == nil {
		return nil
	}
	original := c.original
	for i := 0; original == nil && i < len(c.files); i++ {
		if strings.HasPrefix(c.files[i].Type, "message/") {
			original = c.files[i].Data
		}
	}
	if original == nil {
		original = []byte(copyBelow(join(c.texts)))
	}
	about, _ := splitHeader(untilHeader(original))
	b.MessageID = first(messageIDs(about.get("Message-ID")))
	b.To = first(bare(about.all("To")))
	if b.Recipient == "" {
		b.Recipient = b.To
	}
	return b
}

// fromStatus reads a message/delivery-status (RFC 3464): groups of fields, the first about the
// mail and the others about one recipient each.
func fromStatus(status []byte) *Bounce {
	var found *Bounce
	for _, group := range strings.Split(lines(clean(guess(status))), "\n\n") {
		g, _ := splitHeader([]byte(strings.TrimLeft(group, "\n")))
		recipient := typed(g.get("Original-Recipient"))
		if final := typed(g.get("Final-Recipient")); recipient == "" || !strings.Contains(recipient, "@") {
			recipient = final
		}
		action, _ := uncomment(g.get("Action"))
		if recipient == "" && action == "" {
			continue
		}
		status, _ := uncomment(g.get("Status"))
		b := &Bounce{
			Recipient:  first(bare([]string{recipient})),
			Action:     strings.ToLower(oneLine(action)),
			Status:     enhanced.FindString(status),
			Diagnostic: short(typed(g.get("Diagnostic-Code"))),
		}
		if b.Action == "failed" {
			return b
		}
		if found == nil {
			found = b
		}
	}
	return found
}

var (
	enhanced = regexp.MustCompile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)
	reply    = regexp.MustCompile(`(?m)^.*?\b([45]\d{2}[ -].*)$`)
	belowIt  = regexp.MustCompile(`(?mi)^[-= ]{3,}.*(copy of (the|your) (message|mail)|original message|undelivered message|message header|en-têtes?|below this line).*$`)
	qmail    = regexp.MustCompile(`(?m)^<([^<>\s]+@[^<>\s]+)>:[ \t]*\n((?:.+\n?)+)`)
)

// fromProse reads what Exim, Gmail and qmail send without RFC 3464.
func fromProse(h header, text string) *Bounce {
	why := explanation(text)
	b := &Bounce{Action: "failed"}
	if failed := bare(h.all("X-Failed-Recipients")); len(failed) > 0 {
		b.Recipient = failed[0]
	} else if m := qmail.FindStringSubmatch(why); m != nil && strings.TrimSpace(h.get("Return-Path")) == "<>" {
		b.Recipient = first(bare([]string{m[1]}))
		b.Diagnostic = short(m[2])
	} else {
		return nil
	}
	b.Status = enhanced.FindString(why)
	if m := reply.FindStringSubmatch(why); m != nil {
		b.Diagnostic = short(m[1])
	}
	if strings.Contains(strings.ToLower(h.get("Subject")), "delay") {
		b.Action = "delayed"
	}
	return b
}

// explanation is what such a report says before that copy.
func explanation(text string) string {
	if at := belowIt.FindStringIndex(text); at != nil && strings.TrimSpace(text[:at[0]]) != "" {
		text = text[:at[0]]
	}
	return strings.TrimRight(text, " \t\n")
}

// copyBelow is the copy of the mail that such a report ends in, or nothing.
func copyBelow(text string) string {
	at := belowIt.FindStringIndex(text)
	if at == nil {
		return ""
	}
	return strings.TrimLeft(text[at[1]:], "\n\t ")
}

// typed drops the type of a value: "rfc822;ann@example.com" (RFC 3464, section 2.1.2).
func typed(value string) string {
	kind, rest, ok := strings.Cut(value, ";")
	if ok && !strings.ContainsAny(strings.TrimSpace(kind), " @<") {
		return strings.TrimSpace(rest)
	}
	return value
}

func short(s string) string {
	s = oneLine(clean(decodeWords(s)))
	if len(s) > longestDiagnostic {
		s = strings.ToValidUTF8(s[:longestDiagnostic], "")
	}
	return s
}
