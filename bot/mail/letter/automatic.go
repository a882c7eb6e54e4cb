package letter

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
)

// Why a mail must not be answered, in Letter.Automatic.
const (
	AutoSubmitted = "auto-submitted" // RFC 3834, section 5, and what programs wrote before it
	AutoBulk      = "bulk"
	AutoList      = "list"      // RFC 2919, RFC 2369
	AutoSuppress  = "suppress"  // Exchange asks for no automatic answers
	AutoNobody    = "no sender" // RFC 3834, section 2
	AutoSender    = "sender"    // by its name the sender reads nothing
	AutoReport    = "report"    // RFC 6522
	AutoLoop      = "loop"      // it went round already
)

// mostHops is how many Received lines a mail has that does not go round. RFC 5321, section 6.3,
// has servers give up at a hundred; real mail has under twenty.
const mostHops = 40

var noReader = regexp.MustCompile(`(?i)^(mailer-daemon|mail-daemon|postmaster|mailerdaemon|listserv|majordomo|` +
	`(.*[-_.+])?(no|do-?not|donot|ne-?pas)[-_.]?(reply|respond|repondre)([-_.+].*)?|(.*[-_.+])?bounces?([-_.+=].*)?|owner-.+|.+-request)$`)

// automatic is why nothing may answer a mail, or empty when a person wrote it. To answer a program
// is to start a loop; not to answer a person costs one line of confirmation.
func automatic(h header, from mail.Address, report bool) string {
	for _, v := range h.all("Auto-Submitted") {
		v, _ = uncomment(v)
		v, _, _ = strings.Cut(v, ";")
		if v = strings.TrimSpace(v); v != "" && !strings.EqualFold(v, "no") {
			return AutoSubmitted
		}
	}
	for _, name := range []string{"X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply-From", "X-Mail-Autoreply", "X-Automatic-Response"} {
		if v := h.get(name); v != "" && !strings.EqualFold(v, "no") {
			return AutoSubmitted
		}
	}
	if report {
		return AutoReport
	}
	if paths := h.all("Return-Path"); len(paths) > 0 && strings.TrimSpace(paths[0]) == "<>" {
		return AutoNobody
	}
	local, _, _ := strings.Cut(from.Address, "@")
	if from.Address == "" {
		return AutoNobody
	}
	if noReader.MatchString(local) {
		return AutoSender
	}
	for _, v := range h.all("Precedence", "X-Precedence") {
		switch v = strings.ToLower(strings.TrimSpace(v)); v {
		case "auto_reply", "auto-reply":
			return AutoSubmitted
		case "bulk", "junk":
			return AutoBulk
		case "list":
			return AutoList
		}
	}
	if len(h.all("List-Id", "List-Unsubscribe", "List-Post", "List-Help", "Mailing-List")) > 0 {
		return AutoList
	}
	for _, v := range h.all("X-Auto-Response-Suppress") {
		for word := range strings.FieldsFuncSeq(strings.ToLower(v), func(r rune) bool { return r == ',' || r == ' ' || r == ';' }) {
			// DR, RN and NRN are about receipts only, and Exchange sets them on what people write.
			if slices.Contains([]string{"all", "oof", "autoreply"}, word) {
				return AutoSuppress
			}
		}
	}
	if len(h.all("X-Loop")) > 0 || len(h.all("Received")) > mostHops {
		return AutoLoop
	}
	return ""
}
