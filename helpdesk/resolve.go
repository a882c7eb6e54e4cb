package helpdesk

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"guichet/store"
)

// MaxResolution is the longest note with which a ticket is resolved, in characters.
const MaxResolution = 1000

// CheckResolution says what is wrong with such a note, empty when it is fine.
func CheckResolution(note string) string {
	switch {
	case strings.TrimSpace(note) == "":
		return FieldMissing
	case utf8.RuneCountInString(note) > MaxResolution:
		return FieldTooLong
	}
	return ""
}

// ResolveWith resolves a ticket and says what solved it: to the requester, who reads it with the news, or to colleagues, as a note.
// Of one that is resolved already nothing is said. nonce is the form's.
func (d *Desk) ResolveWith(ctx context.Context, a Actor, id store.TicketID, note string, told bool, nonce string) (out Outcome, err error) {
	if nonce == "" {
		return out, errors.New("helpdesk: a form without a nonce might be sent twice")
	}
	a.Request = FormKey(nonce)
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		_, t, err := d.begin(ctx, tx, a, Resolve, store.DeskSide, id)
		if err != nil {
			return err
		}
		if CheckResolution(note) != "" {
			return refuse(BadForm, t)
		}
		if told {
			a.Reason = strings.TrimSpace(note)
		}
		if out, err = d.press(ctx, tx, a, t, Resolve, store.DeskSide); err != nil || !out.Changed || told {
			return err
		}
		m, err := d.inside(ctx, tx, out.Ticket, a.Person, note)
		if err != nil {
			return err
		}
		return d.tell(ctx, tx, out.Ticket, []Telling{{store.DeskSide, TellMessage}}, m, 0)
	})
	return out, err
}
