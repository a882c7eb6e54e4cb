package license

import (
	"context"

	"guichet/helpdesk"
	"guichet/store"
)

// MayAdminister is what verbs ask who touch a service's licenses.
func (d *Desk) MayAdminister(ctx context.Context, a helpdesk.Actor, service string) (who helpdesk.Standing, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		who, err = d.administers(ctx, tx, a, service)
		return err
	})
	return who, err
}
