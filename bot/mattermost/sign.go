package mattermost

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"guichet/bot/card"
)

// What Mattermost calls is not signed by it: a dialog's submission even comes with no token at all. So what
// guichet hands out is signed, and its addresses can't be guessed.

// errForged is a callback that guichet did not hand out, or not to that person, or not there.
var errForged = errors.New("mattermost: forged")

// errExpired is one that it did hand out, too long ago.
var errExpired = errors.New("mattermost: expired")

// lifetime is how long a form, or an answer for one person alone, can be used.
const lifetime = 24 * time.Hour

// mac signs some parts for one purpose. Each part goes in with its length, so that none runs into the next.
func (d *Door) mac(secret, purpose string, parts ...string) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	for _, p := range append([]string{purpose, d.Workspace()}, parts...) {
		fmt.Fprintf(h, "%d:", len(p))
		_, _ = io.WriteString(h, p)
	}
	return h.Sum(nil)
}

func (d *Door) sign(purpose string, parts ...string) string {
	return base64.RawURLEncoding.EncodeToString(d.mac(d.Secrets[0], purpose, parts...)[:18])
}

// signed says whether a signature is one of ours, by any of the secrets.
func (d *Door) signed(signature, purpose string, parts ...string) bool {
	got, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil {
		return false
	}
	for _, secret := range d.Secrets {
		if hmac.Equal(got, d.mac(secret, purpose, parts...)[:18]) {
			return true
		}
	}
	return false
}

// What Mattermost calls, each at a path of its own: that of dialogs becomes known to people.
const (
	forCommands = "commands"
	forActions  = "actions"
	forDialogs  = "dialogs"
)

// pathOf is where one sort of callback comes in, by one of the secrets.
func (d *Door) pathOf(secret, sort string) string {
	return "/mattermost/" + d.Key + "/" + sort + "/" + hex.EncodeToString(d.mac(secret, "path", sort)[:16])
}

func (d *Door) address(sort string) string {
	return strings.TrimRight(d.Callback, "/") + d.pathOf(d.Secrets[0], sort)
}

// CommandAddress is the request URL for slash commands.
func (d *Door) CommandAddress() string { return d.address(forCommands) }

// ourCommand says whether a slash command comes with one of the tokens.
func (d *Door) ourCommand(token string) bool {
	known := false
	for _, t := range d.CommandTokens {
		known = subtle.ConstantTimeCompare([]byte(t), []byte(token)) == 1 || known
	}
	return known && token != ""
}

// binding is what a card's buttons are bound to: the post, by the key that it carries, or where an answer is no
// post that can be looked up, the person.
type binding struct {
	key string
	to  string
}

// context is what a button carries. Nobody gets to see it.
func (d *Door) context(op, value string, b binding) map[string]any {
	expires := ""
	if b.to != "" {
		expires = strconv.FormatInt(d.now().Add(lifetime).Unix(), 10)
	}
	return map[string]any{"op": op, "value": value, "key": b.key, "to": b.to, "until": expires,
		"sig": d.sign("action", op, value, b.key, b.to, expires)}
}

// pressed is a button's context, as it comes back.
type pressed struct{ op, value, key, to string }

func (d *Door) readContext(c map[string]any) (pressed, error) {
	part := func(name string) string { s, _ := c[name].(string); return s }
	p := pressed{part("op"), part("value"), part("key"), part("to")}
	if !d.signed(part("sig"), "action", p.op, p.value, p.key, p.to, part("until")) {
		return p, fmt.Errorf("%w: the signature of a button", errForged)
	}
	if p.to == "" {
		return p, nil
	}
	if until, err := strconv.ParseInt(part("until"), 10, 64); err != nil || d.now().After(time.Unix(until, 0)) {
		return p, errExpired
	}
	return p, nil
}

// state travels with a dialog to the person, who can read it, and back.
type state struct {
	Form    string      `json:"f"`
	Hidden  card.Hidden `json:"h"`
	Person  string      `json:"u"`
	Channel string      `json:"c"`
	Direct  bool        `json:"d,omitempty"` // it is the one in which they talk with the bot alone
	Until   int64       `json:"e"`
}

func (d *Door) sealed(s state) (string, error) {
	s.Until = d.now().Add(lifetime).Unix()
	b, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(b)
	return text + "." + d.sign("dialog", text), nil
}

// unseal reads a dialog's state, for whoever sends it. Where they are by then does not matter, and clients say
// what they like: what counts is where it was opened.
func (d *Door) unseal(text, person string) (s state, err error) {
	body, signature, _ := strings.Cut(text, ".")
	if !d.signed(signature, "dialog", body) {
		return s, fmt.Errorf("%w: the signature of a form", errForged)
	}
	b, err := base64.RawURLEncoding.DecodeString(body)
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	switch {
	case err != nil:
		return s, fmt.Errorf("%w: a form's state can't be read", errForged)
	case s.Person != person:
		return s, fmt.Errorf("%w: a form that was somebody else's", errForged)
	case d.now().After(time.Unix(s.Until, 0)):
		return s, errExpired
	}
	return s, nil
}
