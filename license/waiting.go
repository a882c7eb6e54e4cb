package license

import (
	"context"

	"guichet/helpdesk"
	"guichet/store"
)

// Waiting is what waits for a decision in an organization, the oldest first.
type Waiting struct {
	Orders   []OrderView
	Requests []RequestView
}

// Waiting reads up to limit of each, for a manager.
func (d *Desk) Waiting(ctx context.Context, a helpdesk.Actor, limit int) (w Waiting, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		who, err := d.manager(ctx, tx, a)
		if err != nil {
			return err
		}
		orders, err := tx.PendingOrders(ctx, who.Person.Organization, limit)
		if err != nil {
			return err
		}
		for _, o := range orders {
			v, err := d.view(ctx, tx, o)
			if err != nil {
				return err
			}
			w.Orders = append(w.Orders, v)
		}
		requests, err := tx.OpenRequests(ctx, who.Person.Organization, limit)
		if err != nil {
			return err
		}
		for _, r := range requests {
			v, err := d.requestView(ctx, tx, r)
			if err != nil {
				return err
			}
			w.Requests = append(w.Requests, v)
		}
		return nil
	})
	return w, err
}
