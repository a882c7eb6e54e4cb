package license

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"guichet/store"
)

// Notice is something that is told about licenses, to one account, and of no ticket: what it is, and of which record. What it says is
// looked up when it is delivered.
type Notice struct {
	What    string // such as "order"
	ID      int64
	Account store.Account // in chat, or in Mail
	Person  store.PersonID
}

// noticeKind begins the kinds of deliveries that are notices.
const noticeKind = "license."

// NoticeOf reads a delivery that is a notice.
func NoticeOf(del store.Delivery) (n Notice, ok bool) {
	what, ok := strings.CutPrefix(del.Kind, noticeKind)
	parts := strings.SplitN(del.Lane, "/", 5) // notice, kind, id, time, account
	if !ok || len(parts) != 5 {
		return n, false
	}
	id, err := strconv.ParseInt(parts[2], 10, 64)
	return Notice{what, id, store.Account{Workspace: del.Workspace, ID: parts[4]}, del.Person}, err == nil
}

// notify has accounts told something. Each notice has a lane of its own, which nobody else adds to; the account ends its name.
func notify(ctx context.Context, tx *store.Tx, what string, id int64, to ...store.Account) error {
	for _, a := range to {
		if err := tx.Enqueue(ctx, store.Delivery{Lane: noticeLane(tx, what, id, a.ID), Workspace: a.Workspace, Kind: noticeKind + what}); err != nil {
			return err
		}
	}
	return nil
}

// notifyByMail has somebody told it by letter, where there is mail, and if they have an address by then.
func (d *Desk) notifyByMail(ctx context.Context, tx *store.Tx, what string, id int64, p store.PersonID) error {
	if d.people.Catalog().Mail == "" {
		return nil
	}
	return tx.Enqueue(ctx, store.Delivery{Lane: noticeLane(tx, what, id, fmt.Sprint(p)), Workspace: store.Mail, Kind: noticeKind + what, Person: p})
}

func noticeLane(tx *store.Tx, what string, id int64, to string) string {
	return fmt.Sprintf("notice/%s/%d/%d/%s", what, id, tx.Now.UnixMilli(), to)
}

// managersOf are the accounts by which an organization's managers are told something: one of each.
func managersOf(ctx context.Context, tx *store.Tx, organization string) ([]store.Account, error) {
	return tx.AccountsWith(ctx, organization, store.Manager)
}
