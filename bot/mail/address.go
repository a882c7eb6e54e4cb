package mail

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"

	"guichet/store"
)

// What people answer to is the queue's address with a + and a token: which ticket, which person, and a signature.
// It is all in small letters and digits, since servers fold the case of what stands before the @ (RFC 5321 lets
// them not, and they do), and short enough for the 64 characters that it may have.

var digits = base32.StdEncoding.WithPadding(base32.NoPadding)

// macLength is the length of the signature in the token: 80 bits.
const macLength = 16

func sign(secret, what string) string {
	m := hmac.New(sha256.New, []byte("guichet mail address\x00"+secret))
	m.Write([]byte(what))
	return strings.ToLower(digits.EncodeToString(m.Sum(nil)))[:macLength]
}

// tokenOf names a conversation by mail.
func (d *Door) tokenOf(t store.TicketID, p store.PersonID) string {
	what := strconv.FormatInt(int64(t), 36) + "-" + strconv.FormatInt(int64(p), 36)
	return what + "-" + sign(d.Secrets[0], what)
}

// answerTo is the address to which one answers in a conversation.
func (d *Door) answerTo(address string, t store.TicketID, p store.PersonID) string {
	local, domain, _ := strings.Cut(address, "@")
	return local + "+" + d.tokenOf(t, p) + "@" + domain
}

// conversation reads an address to which one answers. It is none where the signature is not ours.
func (d *Door) conversation(address string) (t store.TicketID, p store.PersonID, ok bool) {
	local, _, _ := strings.Cut(strings.ToLower(address), "@")
	_, token, found := strings.Cut(local, "+")
	if !found {
		return 0, 0, false
	}
	what, mac, found := cutLast(token, "-")
	if !found {
		return 0, 0, false
	}
	signed := false
	for _, secret := range d.Secrets {
		signed = hmac.Equal([]byte(mac), []byte(sign(secret, what))) || signed
	}
	ticket, person, _ := strings.Cut(what, "-")
	id, err := strconv.ParseInt(ticket, 36, 64)
	who, err2 := strconv.ParseInt(person, 36, 64)
	if !signed || err != nil || err2 != nil {
		return 0, 0, false
	}
	return store.TicketID(id), store.PersonID(who), true
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// plainAddress is one of ours without what follows its +, in small letters.
func plainAddress(address string) string {
	local, domain, _ := strings.Cut(strings.ToLower(address), "@")
	local, _, _ = strings.Cut(local, "+")
	return local + "@" + domain
}

// ours says whether an address is one that people write to.
func (d *Door) ours(address string) bool {
	plain := plainAddress(address)
	_, isQueue := d.catalog.QueueOfMail(plain)
	return isQueue || plain == strings.ToLower(d.From)
}
