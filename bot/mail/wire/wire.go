// Package wire carries mail: it composes and sends by SMTP, and receives by SMTP or LMTP, or from an
// IMAP mailbox. It knows nothing of tickets, of who may write, or of what a mail means.
//
// What people wrote, and passwords, are neither logged nor put into errors. A server's words about a
// mail are left out too, for servers quote from it: codes say enough.
package wire

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/emersion/go-message/textproto"
)

// Handler takes a mail that has arrived. Nil says that it is stored, so that whoever sent it may
// forget it. A *ErrReject refuses it for good, every other error asks to be given it again later.
//
// The same mail may come again, under the same Envelope.ID: when an acknowledgment is lost, or after a crash.
type Handler func(ctx context.Context, envelope Envelope, raw []byte) error

// Envelope is what is known of a mail besides its text.
type Envelope struct {
	From   string   // the return path, empty for bounces and where none is known
	To     []string // the addresses it was delivered to; empty in a mailbox, which does not know them
	Remote string   // the address of the machine that brought it
	ID     string   // the same whenever the same mail comes
}

// ErrReject is a Handler's answer to a mail that nobody wants. Who sent it reads the text.
type ErrReject struct {
	Code int // 550 to 559; else 550
	Text string
}

func (e *ErrReject) Error() string { return fmt.Sprintf("mail rejected with code %d", e.code()) }

func (e *ErrReject) code() int {
	if e.Code < 550 || e.Code > 559 {
		return 550
	}
	return e.Code
}

// longestID is how long an ID may be: what every database takes as a key.
const longestID = 250

// identity is a mail's Message-ID, without which a digest of all of it takes its place, as it does when the
// Message-ID is no single word. Two mails with one Message-ID count as one (RFC 5322, section 3.6.4).
func identity(raw []byte) string {
	if header, err := textproto.ReadHeader(bufio.NewReader(bytes.NewReader(raw))); err == nil {
		ids := header.Values("Message-Id")
		if len(ids) == 1 {
			id := strings.Trim(strings.TrimSpace(ids[0]), "<>")
			if id != "" && len(id) <= longestID && printable(id) && !strings.ContainsAny(id, " <>") {
				return id
			}
		}
	}
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// printable says whether a text is ASCII without control characters.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
