package billing

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"unicode/utf8"

	"guichet/helpdesk"
	"guichet/store"
)

// Disputed is the act of the audit log by which somebody objects to a line.
const Disputed = "invoice.dispute"

// What the details of a ticket about a line are called.
const (
	DetailInvoice = "invoice"
	DetailLine    = "line"
	DetailCentre  = "centre"
)

// Objection is what somebody has against a line of an invoice.
type Objection struct {
	Invoice string // its number
	Line    int    // from 1
	// Subject and Text are what whoever answers it reads, in the words of whoever objects.
	Subject, Text string
}

// Dispute opens a ticket about a line of an invoice. nonce is the form's: sent twice, it opens one.
func (d *Desk) Dispute(ctx context.Context, a helpdesk.Actor, o Objection, nonce string) (out helpdesk.Outcome, err error) {
	if nonce == "" {
		return out, errors.New("billing: a form without a nonce might be sent twice")
	}
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		who, err := d.manager(ctx, tx, a)
		if err != nil {
			return err
		}
		i, err := d.own(ctx, tx, who.Person.Organization, o.Invoice)
		if err != nil {
			return err
		}
		lines, err := tx.InvoiceLines(ctx, []store.InvoiceID{i.ID})
		if err != nil {
			return err
		}
		if o.Line < 1 || o.Line > len(lines) || helpdesk.CheckSubject(o.Subject) != "" || utf8.RuneCountInString(o.Text) > helpdesk.MaxDescription {
			return &helpdesk.Refusal{Code: helpdesk.BadForm}
		}
		l, by := lines[o.Line-1], a
		by.Person, by.Organization = who.Person.ID, who.Person.Organization
		details := store.Details{DetailInvoice: i.Number, DetailLine: strconv.Itoa(o.Line)}
		if l.Centre != "" {
			details[DetailCentre] = l.Centre
		}
		out, err = d.people.OpenRequest(ctx, tx, by, helpdesk.Requested{Queue: d.Queue, Service: l.Service, Subject: o.Subject, Text: o.Text, Details: details, Nonce: nonce})
		if err != nil || !out.Changed {
			return err
		}
		if err := tx.AddDispute(ctx, store.Dispute{Ticket: out.Ticket.ID, Invoice: i.ID, Line: o.Line}); err != nil {
			return err
		}
		detail, err := json.Marshal(map[string]any{"invoice": i.Number, "line": o.Line, "ticket": out.Ticket.ID})
		if err != nil {
			return err
		}
		return tx.Audit(ctx, store.Entry{Organization: i.Organization, Actor: by.Person, Act: Disputed, Detail: string(detail), Source: a.Source})
	})
	return out, err
}
