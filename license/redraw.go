package license

import (
	"context"
	"crypto/rand"
	"fmt"

	"guichet/store"
)

// mostRedrawn is how many messages about one record are kept up to date, of each sort: the newest. More are reminders of months.
const mostRedrawn = 100

// redraw has what was told of a record drawn anew, since it has become another: a button that has no more use must not stay. The caller holds the
// record's lock.
func redraw(ctx context.Context, tx *store.Tx, record int64, whats ...string) error {
	for _, what := range whats {
		told, err := tx.Notices(ctx, what, record, mostRedrawn)
		if err != nil {
			return err
		}
		for _, n := range told {
			if err := redrawOne(ctx, tx, what, record, n.ID, store.Account{Workspace: n.Workspace, ID: n.Account}); err != nil {
				return err
			}
		}
	}
	return nil
}

// redrawOne has one message drawn anew, in a lane of its own, which nobody else adds to.
func redrawOne(ctx context.Context, tx *store.Tx, what string, record int64, id store.NoticeID, a store.Account) error {
	return tx.Enqueue(ctx, store.Delivery{Lane: redrawLane(what, record, id, a.ID), Workspace: a.Workspace, Kind: noticeKind + what})
}

func redrawLane(what string, record int64, id store.NoticeID, account string) string {
	return fmt.Sprintf("redraw/%s/%d/%d@%s/%s", what, record, id, rand.Text(), account)
}

// Redraws says whether what a notice tells is to be drawn anew once its record becomes another.
func (n Notice) Redraws() bool { return records[n.What] != nil }

// records lock what notices are about that are drawn anew.
var records = map[string]func(context.Context, *store.Tx, int64) error{
	ToldOrder:       locks((*store.Tx).LockOrder),
	ToldApproval:    locks((*store.Tx).LockOrder),
	ToldRequest:     locks((*store.Tx).LockRequest),
	ToldQuestion:    locks((*store.Tx).LockRequest),
	ToldQuote:       locks((*store.Tx).LockQuote),
	ToldTermination: locks((*store.Tx).LockTermination),
}

func locks[ID ~int64, Record any](lock func(*store.Tx, context.Context, ID) (Record, error)) func(context.Context, *store.Tx, int64) error {
	return func(ctx context.Context, tx *store.Tx, id int64) error {
		_, err := lock(tx, ctx, ID(id))
		return err
	}
}

// NoteTold notes by which message a delivery has told somebody of a record, and has the one before say that there is another. It returns the delivery
// as one that draws the message anew. Its lock has whoever changes the record meanwhile either find the message, or be done before it is looked at again.
func (d *Desk) NoteTold(ctx context.Context, del store.Delivery, as store.External) (store.Delivery, error) {
	n, _ := NoticeOf(del)
	err := d.db.Write(ctx, func(tx *store.Tx) error {
		if err := records[n.What](ctx, tx, n.ID); err != nil {
			return err
		}
		before, err := tx.NewestNotice(ctx, n.What, n.ID, n.Account)
		if err != nil {
			return err
		}
		id, err := tx.AddNotice(ctx, store.Notice{What: n.What, Record: n.ID, Account: n.Account.ID, External: as})
		if err != nil {
			return err
		}
		del.Lane = redrawLane(n.What, n.ID, id, n.Account.ID)
		if before == 0 || before == id {
			return nil
		}
		return redrawOne(ctx, tx, n.What, n.ID, before, n.Account)
	})
	return del, err
}

// ToldAs is where the message is that told a notice, and whether it is the newest to its account about its record.
func (d *Desk) ToldAs(ctx context.Context, n Notice) (as store.External, newest bool, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		m, err := tx.Notice(ctx, n.Told)
		if err != nil {
			return err
		}
		as = m.External
		id, err := tx.NewestNotice(ctx, n.What, n.ID, n.Account)
		newest = id == n.Told
		return err
	})
	return as, newest, err
}
