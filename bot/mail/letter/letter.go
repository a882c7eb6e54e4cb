// Package letter reads one mail (RFC 5322, MIME) into what a support desk needs of it: who wrote
// what now, with which files, whether an answer may go back, whether it is a report of a mail that
// did not arrive, and whether the sender is who they claim to be.
//
// Mail is written by anybody and by any program: whatever is broken in it costs that part alone.
// Nothing here opens a connection, follows a link or keeps anything.
package letter

import (
	"bytes"
	"errors"
	"io"
	"net/mail"
	"time"
)

// Letter is a mail that was read. All texts are valid UTF-8 without NUL, lines end in "\n".
type Letter struct {
	MessageID  string // without angle brackets, as the two that follow
	InReplyTo  string
	References []string

	From        mail.Address
	To          []string // bare addresses, in lower case after the @
	Cc          []string
	DeliveredTo []string

	Subject string
	Date    time.Time // UTC; zero when missing or absurd

	Words string // what the author wrote now: without the history and the signature
	Whole string // the whole text, with both
	Files []File

	Automatic string  // why nothing may answer it; empty when a person wrote it
	Bounce    *Bounce // it says that a mail did not arrive
	Verdict   Verdict
}

// File is an attachment or a picture within the text.
type File struct {
	Name      string // as the sender named it, without folders; empty when it has none
	Type      string // what the sender says it is: not to be believed
	ContentID string // by which the text refers to it, without angle brackets
	Inline    bool   // shown within the text
	Data      []byte
}

// Options says how a mail is to be read.
type Options struct {
	AuthservID []string // which servers' Authentication-Results are believed; NoID for those without a name
	Largest    int64    // bytes of the whole mail; 0 is no limit
}

// Errors of Read. Nothing else makes it fail but the reader itself.
var (
	ErrTooLarge = errors.New("the mail is larger than allowed")
	ErrNoMail   = errors.New("this is no mail: it has no header")
)

// Read reads a mail.
func Read(r io.Reader, o Options) (Letter, error) {
	if o.Largest > 0 {
		r = io.LimitReader(r, o.Largest+1)
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return Letter{}, err
	}
	if o.Largest > 0 && int64(len(raw)) > o.Largest {
		return Letter{}, ErrTooLarge
	}
	raw = untilHeader(raw)
	h, body := splitHeader(raw)
	if len(h) == 0 {
		return Letter{}, ErrNoMail
	}

	var l Letter
	l.MessageID = first(messageIDs(h.get("Message-ID")))
	l.InReplyTo = first(messageIDs(h.get("In-Reply-To")))
	l.References = lastOf(messageIDs(h.get("References")), mostReferences)
	l.Subject = oneLine(decodeWords(h.get("Subject")))
	l.Date = date(h.get("Date"))
	if from := addresses(h.get("From")); len(from) > 0 {
		l.From = from[0]
	} else if sender := addresses(h.get("Sender")); len(sender) > 0 {
		l.From = sender[0]
	}
	l.To = bare(h.all("To"))
	l.Cc = bare(h.all("Cc"))
	l.DeliveredTo = bare(h.all("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To"))

	c := contents(h, body)
	whole := join(c.texts)
	l.Whole = visible(whole)
	l.Words = words(whole, forwards(l.Subject))
	l.Files = c.files
	l.Bounce = bounce(h, c)
	if l.Bounce != nil {
		l.Words = explanation(l.Whole)
	}
	l.Automatic = automatic(h, l.From, l.Bounce != nil || c.report)
	l.Verdict = verdict(h, l.From.Address, o.AuthservID)
	return l, nil
}

// untilHeader drops what some stores put before a mail: blank lines and the "From " line of an mbox.
func untilHeader(raw []byte) []byte {
	raw = bytes.TrimLeft(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")), "\r\n")
	for bytes.HasPrefix(raw, []byte("From ")) || bytes.HasPrefix(raw, []byte(">From ")) {
		_, rest, _ := bytes.Cut(raw, []byte("\n"))
		raw = rest
	}
	return raw
}
