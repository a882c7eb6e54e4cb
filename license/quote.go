package license

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"guichet/helpdesk"
	"guichet/money"
	"guichet/store"
)

// MostQuoted is how many licenses a quote may be asked for at once.
const MostQuoted = 100_000

// Quote is what a manager asks the price of: the FAQ has a first subscription begin with that.
type Quote struct {
	License  string
	Quantity int64
	Account  store.Account // by which whoever asks is told
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
		out, err = d.people.OpenRequest(ctx, tx, a, helpdesk.Requested{Queue: d.catalog.Sales, Service: l.Service, Subject: q.Subject, Text: q.Text,
			Details: store.Details{helpdesk.Matter: Quoting}, Nonce: nonce})
		if err != nil || !out.Changed {
			return err
		}
		return tx.AddQuote(ctx, store.SalesQuote{Ticket: out.Ticket.ID, Organization: a.Organization, License: q.License, Quantity: q.Quantity, Source: q.Account.Workspace, Account: q.Account.ID})
	})
	return out, err
}

// Quoting is what a ticket is about by which a quote is asked for.
const Quoting = "quote"

// ToldQuote is told of an offer: to whoever asked for it.
const ToldQuote = "quote"

// MostDays is how long an offer may be valid.
const MostDays = 365

// Refusals about quotes.
const (
	UnknownQuote  helpdesk.Code = "unknown_quote"  // or it is not theirs to see, or nothing is offered yet
	QuoteLapsed   helpdesk.Code = "quote_lapsed"   // it was valid once
	QuoteAccepted helpdesk.Code = "quote_accepted" // it is an order already
)

// Offering is what sales offer.
type Offering struct {
	Quantity int64
	Price    money.Amount // of one, a month, net
	Days     int          // for so many it is valid
	Words    string       // that the requester reads of it
}

// QuoteView is a quote with the license that it is of.
type QuoteView struct {
	store.SalesQuote
	License License
}

// Unit is what one costs a month, net.
func (q QuoteView) Unit() money.Amount { return money.Amount{Minor: q.Price, Currency: q.Currency} }

// MakeOffer offers, by an agent of the ticket's queue, what was asked for, or something else: in place of what was offered before. The ticket then
// waits for whoever asked.
func (d *Desk) MakeOffer(ctx context.Context, a helpdesk.Actor, id store.TicketID, o Offering, nonce string) (v QuoteView, err error) {
	if o.Quantity < 1 || o.Quantity > MostQuoted || o.Price.Minor < 1 || o.Price.Currency != d.catalog.Currency || o.Days < 1 || o.Days > MostDays || strings.TrimSpace(o.Words) == "" {
		return v, &helpdesk.Refusal{Code: helpdesk.BadForm}
	}
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		t, err := d.people.BeginIn(ctx, tx, a, helpdesk.Reply, id)
		if err != nil {
			return err
		}
		if first, err := tx.FirstTime(ctx, helpdesk.FormKey(nonce)); err != nil || !first {
			return cmp.Or(err, helpdesk.ErrDuplicate)
		}
		q, err := tx.LockQuote(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			return &helpdesk.Refusal{Code: UnknownQuote}
		}
		if err != nil {
			return err
		}
		if q.Order != 0 {
			return &helpdesk.Refusal{Code: QuoteAccepted}
		}
		q.Quantity, q.Price, q.Currency, q.ValidUntil = o.Quantity, o.Price.Minor, o.Price.Currency, store.At(tx.Now.AddDate(0, 0, o.Days))
		if err := tx.SaveQuote(ctx, q); err != nil {
			return err
		}
		v = QuoteView{q, d.named(q.License)}
		if err := d.people.AwaitIn(ctx, tx, a, t, strings.TrimSpace(o.Words)); err != nil {
			return err
		}
		return d.tell(ctx, tx, ToldQuote, int64(id), t.Requester, store.Account{Workspace: q.Source, ID: q.Account}, q.Organization)
	})
	return v, err
}

// Quoted reads a quote for those who are told of it.
func (d *Desk) Quoted(ctx context.Context, id int64) (v QuoteView, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		q, err := tx.Quote(ctx, store.TicketID(id))
		v = QuoteView{q, d.named(q.License)}
		return err
	})
	return v, err
}

// QuoteFor reads an offer that a manager's organization can accept.
func (d *Desk) QuoteFor(ctx context.Context, a helpdesk.Actor, id int64) (v QuoteView, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		who, err := d.manager(ctx, tx, a)
		if err != nil {
			return err
		}
		v, err = d.acceptable(ctx, tx, who.Person.Organization, id, tx.Quote)
		return err
	})
	return v, err
}

// acceptable reads an offer that an organization can accept now.
func (d *Desk) acceptable(ctx context.Context, tx *store.Tx, organization string, id int64, read func(context.Context, store.TicketID) (store.SalesQuote, error)) (v QuoteView, err error) {
	q, err := read(ctx, store.TicketID(id))
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && (q.Organization != organization || q.ValidUntil.IsZero()):
		return v, &helpdesk.Refusal{Code: UnknownQuote}
	case err != nil:
		return v, err
	case q.Order != 0:
		return v, &helpdesk.Refusal{Code: QuoteAccepted}
	case q.ValidUntil.Before(tx.Now.Time):
		return v, &helpdesk.Refusal{Code: QuoteLapsed}
	}
	return QuoteView{q, d.named(q.License)}, nil
}
