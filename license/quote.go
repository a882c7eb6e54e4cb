package license

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"guichet/helpdesk"
	"guichet/store"
)

// MostQuoted is how many licenses a quote may be asked for at once.
const MostQuoted = 100_000

// Quote is what a manager asks the price of: the FAQ has a first subscription begin with that.
type Quote struct {
	License  string
	Quantity int64
	// Subject and Text are what sales read, in the words of whoever asks.
	Subject, Text string
}

// What is wrong with a field, beside helpdesk.FieldMissing and FieldTooLong.
const (
	NoNumber = "no_number" // not a whole number from 1 to MostQuoted
)

// ParseQuantity reads how many licenses somebody has typed, empty if that is fine, and else what is wrong with it.
func ParseQuantity(text string) (n int64, wrong string) {
	text = strings.Join(strings.Fields(text), "") // as people part thousands
	if text == "" {
		return 0, helpdesk.FieldMissing
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > MostQuoted {
		return 0, NoNumber
	}
	return n, ""
}

// AskQuote opens a ticket by which a manager asks sales for a quote. nonce is the form's: sent twice, it asks once.
func (d *Desk) AskQuote(ctx context.Context, a helpdesk.Actor, q Quote, nonce string) (out helpdesk.Outcome, err error) {
	if nonce == "" {
		return out, errors.New("license: a form without a nonce might be sent twice")
	}
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		who, err := d.manager(ctx, tx, a)
		if err != nil {
			return err
		}
		l, ok := d.catalog.Of(q.License)
		if !ok || q.Quantity < 1 || q.Quantity > MostQuoted || helpdesk.CheckSubject(q.Subject) != "" || utf8.RuneCountInString(q.Text) > helpdesk.MaxDescription {
			return &helpdesk.Refusal{Code: helpdesk.BadForm}
		}
		a.Person, a.Organization = who.Person.ID, who.Person.Organization
		out, err = d.people.OpenRequest(ctx, tx, a, helpdesk.Requested{Queue: d.catalog.Sales, Service: l.Service, Subject: q.Subject, Text: q.Text, Nonce: nonce})
		return err
	})
	return out, err
}

// MayOrder refuses who may not ask for licenses, before they have filled anything in.
func (d *Desk) MayOrder(ctx context.Context, a helpdesk.Actor) error {
	return d.db.Look(ctx, func(tx *store.Tx) error {
		_, err := d.manager(ctx, tx, a)
		return err
	})
}
