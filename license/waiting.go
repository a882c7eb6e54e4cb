package license

import (
	"context"

	"guichet/helpdesk"
	"guichet/store"
)

// Waiting is what waits for a decision in an organization, the oldest first.
type Waiting struct {
	Orders   []store.Order
	Requests []RequestView // without Free
}

// Waiting reads up to limit of each, for a manager.
func (d *Desk) Waiting(ctx context.Context, a helpdesk.Actor, limit int) (w Waiting, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		who, err := d.manager(ctx, tx, a)
		if err != nil {
			return err
		}
		if w.Orders, err = tx.PendingOrders(ctx, who.Person.Organization, limit); err != nil {
			return err
		}
		requests, err := tx.OpenRequests(ctx, who.Person.Organization, limit)
		if err != nil {
			return err
		}
		var ids []store.PersonID
		for _, r := range requests {
			ids = append(ids, r.Person, r.By)
		}
		people, err := tx.People(ctx, ids)
		for _, r := range requests {
			w.Requests = append(w.Requests, RequestView{Request: r, License: d.named(r.License), From: people[r.Person], By: people[r.By]})
		}
		return err
	})
	return w, err
}
