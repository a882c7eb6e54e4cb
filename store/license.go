package store

import (
	"context"
	"errors"
)

// Counts are numbers of licenses: what there are, or by how many more or fewer.
type Counts struct {
	Ordered   int64
	Activated int64
	Assigned  int64
}

// Holding is what an organization has of a license.
type Holding struct {
	Organization string
	License      string // its key in the catalog
	Seq          int64  // how many movements it comes from
	Counts
	Named int64 // of how many of those assigned it is known who has them; see Seat
}

// Movement is an entry of the ledger: an act that made licenses more or fewer. Nothing ever changes one.
type Movement struct {
	ID           int64
	Organization string
	License      string
	Seq          int64 // 1, 2, ... for each license of an organization
	Act          string
	Counts                // by how many more, or fewer
	Actor        PersonID `db:"actor_id"` // zero: the program
	Source       string   // the workspace it came from, or what else it was
	About        string   // what it belongs to, such as "order/12"; empty: to nothing
	At           Time
}

// ErrTooFew is a movement after which there would be fewer ordered than activated, fewer activated than assigned, or fewer assigned than
// people who are known to have one.
var ErrTooFew = errors.New("store: there are not that many licenses")

const selectMovement = `SELECT id, organization, license, seq, act, ordered, activated, assigned, COALESCE(actor_id, 0) AS actor_id, source, about, at FROM movements `

const holdingColumns = `organization, license, seq, ordered, activated, assigned, named`

// Move adds a movement to the ledger and returns what the organization has then, or ErrTooFew with what it has.
func (tx *Tx) Move(ctx context.Context, m Movement) (h Holding, err error) {
	if _, err := tx.exec(ctx, `INSERT INTO holdings (organization, license, seq, ordered, activated, assigned) VALUES (?, ?, 0, 0, 0, 0) ON CONFLICT DO NOTHING`, m.Organization, m.License); err != nil {
		return h, err
	}
	// The condition is the table's own, asked before: a statement that fails would take a transaction of PostgreSQL's with it.
	err = tx.get(ctx, &h, `UPDATE holdings SET seq = seq + 1, ordered = ordered + ?, activated = activated + ?, assigned = assigned + ?
		WHERE organization = ? AND license = ? AND ordered + ? >= activated + ? AND activated + ? >= assigned + ? AND assigned + ? >= named
		RETURNING `+holdingColumns, m.Ordered, m.Activated, m.Assigned, m.Organization, m.License, m.Ordered, m.Activated, m.Activated, m.Assigned, m.Assigned)
	if errors.Is(err, ErrNotFound) {
		h, err = tx.Holding(ctx, m.Organization, m.License)
		return h, errors.Join(ErrTooFew, err)
	}
	if err != nil {
		return h, err
	}
	_, err = tx.exec(ctx, `INSERT INTO movements (organization, license, seq, act, ordered, activated, assigned, actor_id, source, about, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, NULLIF(CAST(? AS BIGINT), 0), ?, ?, ?)`,
		m.Organization, m.License, h.Seq, m.Act, m.Ordered, m.Activated, m.Assigned, int64(m.Actor), m.Source, m.About, tx.Now)
	return h, err
}

// Holding returns what an organization has of a license: zeros, if it never had any.
func (tx *Tx) Holding(ctx context.Context, organization, license string) (h Holding, err error) {
	err = tx.get(ctx, &h, `SELECT `+holdingColumns+` FROM holdings WHERE organization = ? AND license = ?`, organization, license)
	if errors.Is(err, ErrNotFound) {
		return Holding{Organization: organization, License: license}, nil
	}
	return h, err
}

// Holdings returns what an organization has of all licenses, by their keys.
func (tx *Tx) Holdings(ctx context.Context, organization string) (hs []Holding, err error) {
	return hs, tx.list(ctx, &hs, `SELECT `+holdingColumns+` FROM holdings WHERE organization = ? ORDER BY license`, organization)
}

// quantities are numbers of licenses, by their keys.
func (tx *Tx) quantities(ctx context.Context, query string, args ...any) (map[string]int64, error) {
	var rows []struct {
		License  string
		Quantity int64
	}
	err := tx.list(ctx, &rows, query, args...)
	all := make(map[string]int64, len(rows))
	for _, r := range rows {
		all[r.License] = r.Quantity
	}
	return all, err
}

// Movement returns one by id.
func (tx *Tx) Movement(ctx context.Context, id int64) (m Movement, err error) {
	return m, tx.get(ctx, &m, selectMovement+`WHERE id = ?`, id)
}

// Movements returns up to limit movements of a license of an organization before one of them (zero: the latest of all), the newest first.
func (tx *Tx) Movements(ctx context.Context, organization, license string, before int64, limit int) (ms []Movement, err error) {
	return ms, tx.list(ctx, &ms, selectMovement+`WHERE organization = ? AND license = ? AND seq < ? ORDER BY seq DESC LIMIT ?`, organization, license, orLatest(before), limit)
}
