package store

import "context"

// SalesQuote is what sales offer an organization: so many of a license, for a price.
type SalesQuote struct {
	Ticket       TicketID `db:"ticket_id"` // by which it was asked for
	Organization string
	License      string
	Quantity     int64
	Price        int64 // of one, a month, net, in minor units; zero: nothing is offered yet
	Currency     string
	Source       string  // the workspace in which it was asked for
	Account      string  // of whoever did, there
	ValidUntil   Time    `db:"valid_until"` // zero: nothing is offered yet
	Order        OrderID `db:"order_id"`    // by which it was accepted; zero: it was not
}

// AddQuote keeps what a quote is asked for. Of a ticket that has one already nothing changes.
func (tx *Tx) AddQuote(ctx context.Context, q SalesQuote) error {
	_, err := tx.exec(ctx, `INSERT INTO sales_quotes (ticket_id, organization, license, quantity, price, currency, source, account, valid_until) VALUES (?, ?, ?, ?, 0, '', ?, ?, 0)
		ON CONFLICT DO NOTHING`, q.Ticket, q.Organization, q.License, q.Quantity, q.Source, q.Account)
	return err
}

// Quote returns the quote of a ticket.
func (tx *Tx) Quote(ctx context.Context, id TicketID) (q SalesQuote, err error) {
	return tx.quote(ctx, id, "")
}

// LockQuote is Quote for a change of it.
func (tx *Tx) LockQuote(ctx context.Context, id TicketID) (q SalesQuote, err error) {
	return tx.quote(ctx, id, tx.forUpdate)
}

func (tx *Tx) quote(ctx context.Context, id TicketID, lock string) (q SalesQuote, err error) {
	return q, tx.get(ctx, &q, `SELECT ticket_id, organization, license, quantity, price, currency, source, account, valid_until, COALESCE(order_id, 0) AS order_id
		FROM sales_quotes WHERE ticket_id = ?`+lock, id)
}

// SaveQuote writes what may change of a quote.
func (tx *Tx) SaveQuote(ctx context.Context, q SalesQuote) error {
	_, err := tx.exec(ctx, `UPDATE sales_quotes SET quantity = ?, price = ?, currency = ?, valid_until = ?, order_id = NULLIF(CAST(? AS BIGINT), 0) WHERE ticket_id = ?`,
		q.Quantity, q.Price, q.Currency, q.ValidUntil, int64(q.Order), q.Ticket)
	return err
}
