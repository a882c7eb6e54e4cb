package store

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// OrderID names an order. People read it as its number.
type OrderID int64

// States of an order.
const (
	OrderPending   = "pending" // somebody must approve it
	OrderPlaced    = "placed"
	OrderRefused   = "refused"
	OrderWithdrawn = "withdrawn" // by whoever made it
)

// Order is what somebody has ordered. Amounts are in minor units of its currency.
type Order struct {
	ID           OrderID
	Organization string
	Person       PersonID `db:"person_id"`
	Nonce        string
	State        string
	Currency     string
	Net, VAT     int64
	Language     string
	Source       string   // the workspace it was made in
	Account      string   // of whoever made it, there
	Quote        TicketID `db:"quote_id"` // the ticket of the quote that it accepts; zero: none
	Step         int      // which approval it waits for, from 1; zero: for none
	Reason       string   // why it was refused
	RefusedBy    PersonID `db:"refused_by_id"` // in whose words; zero: it was not
	CreatedAt    Time     `db:"created_at"`
	DecidedAt    Time     `db:"decided_at"` // placed, refused or withdrawn
	RemindAt     Time     `db:"remind_at"`  // when whoever is to approve is reminded; zero: nobody is
}

// OrderLine is so many of one license.
type OrderLine struct {
	Order    OrderID `db:"order_id"`
	Line     int
	License  string
	Quantity int64
	Before   int64 // how many there were
	Price    int64 // of one, a month, net
	Rate     int64 // of value added tax, in hundredths of a percent
	Net, VAT int64
}

// Acceptance is a text of terms that was accepted with an order.
type Acceptance struct {
	Order    OrderID `db:"order_id"`
	Place    int
	Kind     string // general, particular, specific
	Service  string // empty: of all
	Version  string
	Hash     string
	Language string // of the text
}

// ApprovalStep is a turn of somebody to approve an order.
type ApprovalStep struct {
	Order            OrderID `db:"order_id"`
	Step             int
	Account                   // who is asked
	StandInWorkspace string   `db:"stand_in_workspace"`
	StandInAccount   string   `db:"stand_in"`  // who was asked to decide for them; empty: nobody
	Person           PersonID `db:"person_id"` // who has approved; zero: nobody yet
	At               Time
}

// StandIn is who was asked to decide while somebody is away; empty: nobody.
func (s ApprovalStep) StandIn() Account { return Account{s.StandInWorkspace, s.StandInAccount} }

// AddTerms keeps texts of terms by their hashes.
func (tx *Tx) AddTerms(ctx context.Context, texts map[string]string) error {
	for _, hash := range slices.Sorted(maps.Keys(texts)) { // in one order, so that two who add the same do not wait for each other
		if _, err := tx.exec(ctx, `INSERT INTO terms (hash, text, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, hash, texts[hash], tx.Now); err != nil {
			return err
		}
	}
	return nil
}

// Terms returns a text of terms; ErrNotFound, if there is none of that hash.
func (tx *Tx) Terms(ctx context.Context, hash string) (text string, err error) {
	return text, tx.get(ctx, &text, `SELECT text FROM terms WHERE hash = ?`, hash)
}

const orderColumns = `id, organization, person_id, nonce, state, currency, net, vat, language, source, account, COALESCE(quote_id, 0) AS quote_id, step, reason, COALESCE(refused_by_id, 0) AS refused_by_id, created_at, decided_at,
	COALESCE(remind_at, 0) AS remind_at`

// AddOrder keeps an order with its lines, accepted terms and approvals. Of a nonce that there is already it returns that order, and false.
func (tx *Tx) AddOrder(ctx context.Context, o Order, lines []OrderLine, accepted []Acceptance, steps []ApprovalStep) (_ Order, added bool, err error) {
	o.CreatedAt = tx.Now
	var ids []OrderID
	err = tx.list(ctx, &ids, `INSERT INTO orders (organization, person_id, nonce, state, currency, net, vat, language, source, account, quote_id, step, reason, created_at, decided_at, remind_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULLIF(CAST(? AS BIGINT), 0), ?, '', ?, 0, NULLIF(CAST(? AS BIGINT), 0)) ON CONFLICT (nonce) DO NOTHING RETURNING id`,
		o.Organization, o.Person, o.Nonce, o.State, o.Currency, o.Net, o.VAT, o.Language, o.Source, o.Account, int64(o.Quote), o.Step, o.CreatedAt, o.RemindAt)
	if err != nil {
		return o, false, err
	}
	if len(ids) == 0 {
		o, err = tx.OrderOfForm(ctx, o.Nonce)
		return o, false, err
	}
	o.ID = ids[0]
	rows, args := []string{}, []any{}
	for i, l := range lines {
		rows, args = append(rows, `(?, ?, ?, ?, ?, ?, ?, ?, ?)`), append(args, o.ID, i+1, l.License, l.Quantity, l.Before, l.Price, l.Rate, l.Net, l.VAT)
	}
	if _, err := tx.exec(ctx, `INSERT INTO order_lines (order_id, line, license, quantity, before, price, rate, net, vat) VALUES `+strings.Join(rows, ", "), args...); err != nil {
		return o, false, err
	}
	for i, a := range accepted {
		_, err := tx.exec(ctx, `INSERT INTO acceptances (order_id, place, kind, service, version, hash, language) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			o.ID, i+1, a.Kind, a.Service, a.Version, a.Hash, a.Language)
		if err != nil {
			return o, false, err
		}
	}
	for i := range steps {
		steps[i].Step = i + 1
	}
	return o, true, tx.ReplaceSteps(ctx, o.ID, steps)
}

// Order returns one order.
func (tx *Tx) Order(ctx context.Context, id OrderID) (o Order, err error) {
	return o, tx.get(ctx, &o, `SELECT `+orderColumns+` FROM orders WHERE id = ?`, id)
}

// OrderOfForm returns the order that a form has made.
func (tx *Tx) OrderOfForm(ctx context.Context, nonce string) (o Order, err error) {
	return o, tx.get(ctx, &o, `SELECT `+orderColumns+` FROM orders WHERE nonce = ?`, nonce)
}

// LockOrder is Order for a change of it.
func (tx *Tx) LockOrder(ctx context.Context, id OrderID) (o Order, err error) {
	return o, tx.get(ctx, &o, `SELECT `+orderColumns+` FROM orders WHERE id = ?`+tx.forUpdate, id)
}

// SaveOrder writes what may change of an order.
func (tx *Tx) SaveOrder(ctx context.Context, o Order) error {
	_, err := tx.exec(ctx, `UPDATE orders SET state = ?, step = ?, reason = ?, refused_by_id = NULLIF(CAST(? AS BIGINT), 0), decided_at = ?, remind_at = NULLIF(CAST(? AS BIGINT), 0) WHERE id = ?`,
		o.State, o.Step, o.Reason, int64(o.RefusedBy), o.DecidedAt, o.RemindAt, o.ID)
	return err
}

// OrderLines returns the lines of an order, in order.
func (tx *Tx) OrderLines(ctx context.Context, id OrderID) (ls []OrderLine, err error) {
	return ls, tx.list(ctx, &ls, `SELECT order_id, line, license, quantity, before, price, rate, net, vat FROM order_lines WHERE order_id = ? ORDER BY line`, id)
}

// Acceptances returns the terms that were accepted with an order, in order.
func (tx *Tx) Acceptances(ctx context.Context, id OrderID) (as []Acceptance, err error) {
	return as, tx.list(ctx, &as, `SELECT order_id, place, kind, service, version, hash, language FROM acceptances WHERE order_id = ? ORDER BY place`, id)
}

// ApprovalSteps returns who approves an order, in order.
func (tx *Tx) ApprovalSteps(ctx context.Context, id OrderID) (ss []ApprovalStep, err error) {
	return ss, tx.list(ctx, &ss, `SELECT order_id, step, workspace, account, stand_in_workspace, stand_in, COALESCE(person_id, 0) AS person_id, at
		FROM approvals WHERE order_id = ? ORDER BY step`, id)
}

// SaveStep writes what may change of an approval.
func (tx *Tx) SaveStep(ctx context.Context, s ApprovalStep) error {
	_, err := tx.exec(ctx, `UPDATE approvals SET stand_in_workspace = ?, stand_in = ?, person_id = NULLIF(CAST(? AS BIGINT), 0), at = ? WHERE order_id = ? AND step = ?`,
		s.StandInWorkspace, s.StandInAccount, int64(s.Person), s.At, s.Order, s.Step)
	return err
}

// ReplaceSteps puts others in place of the approvals of an order that nobody has given yet.
func (tx *Tx) ReplaceSteps(ctx context.Context, id OrderID, by []ApprovalStep) error {
	if _, err := tx.exec(ctx, `DELETE FROM approvals WHERE order_id = ? AND person_id IS NULL`, id); err != nil {
		return err
	}
	for _, s := range by {
		_, err := tx.exec(ctx, `INSERT INTO approvals (order_id, step, workspace, account, stand_in_workspace, stand_in, at) VALUES (?, ?, ?, ?, '', '', 0)`,
			id, s.Step, s.Workspace, s.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// PendingOrders returns up to limit orders of an organization that must be approved, the oldest first.
func (tx *Tx) PendingOrders(ctx context.Context, organization string, limit int) (os []Order, err error) {
	return os, tx.list(ctx, &os, `SELECT `+orderColumns+` FROM orders WHERE organization = ? AND state = 'pending' ORDER BY id LIMIT ?`, organization, limit)
}

// OrdersToRemind returns up to limit orders of which somebody is to be reminded by now.
func (tx *Tx) OrdersToRemind(ctx context.Context, limit int) (ids []OrderID, err error) {
	return ids, tx.list(ctx, &ids, `SELECT id FROM orders WHERE remind_at <= ? ORDER BY remind_at LIMIT ?`, tx.Now, limit)
}

// LockHolding returns what an organization has of a license, which nobody else changes until the transaction ends.
func (tx *Tx) LockHolding(ctx context.Context, organization, license string) (h Holding, err error) {
	if _, err := tx.exec(ctx, `INSERT INTO holdings (organization, license, seq, ordered, activated, assigned) VALUES (?, ?, 0, 0, 0, 0) ON CONFLICT DO NOTHING`, organization, license); err != nil {
		return h, err
	}
	return h, tx.get(ctx, &h, `SELECT `+holdingColumns+` FROM holdings WHERE organization = ? AND license = ?`+tx.forUpdate, organization, license)
}

// AcceptedTerms is the version of terms that an organization has accepted last.
type AcceptedTerms struct {
	Organization string
	Kind         string
	Service      string // empty: of all
	Version      string
}

// SetAcceptedTerms notes what an organization has accepted.
func (tx *Tx) SetAcceptedTerms(ctx context.Context, t AcceptedTerms) error {
	_, err := tx.exec(ctx, `INSERT INTO accepted_terms (organization, kind, service, version) VALUES (?, ?, ?, ?)
		ON CONFLICT (organization, kind, service) DO UPDATE SET version = excluded.version`, t.Organization, t.Kind, t.Service, t.Version)
	return err
}

// AcceptedTermsOf returns what an organization has accepted.
func (tx *Tx) AcceptedTermsOf(ctx context.Context, organization string) (ts []AcceptedTerms, err error) {
	return ts, tx.list(ctx, &ts, `SELECT organization, kind, service, version FROM accepted_terms WHERE organization = ? ORDER BY kind, service`, organization)
}
