package license

import (
	"context"
	"fmt"
	"slices"
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
	Told    store.NoticeID // the message that told it, which is to be drawn anew; zero: it is to be told
}

// noticeKind begins the kinds of deliveries that are notices.
const noticeKind = "license."

// NoticeOf reads a delivery that is a notice.
func NoticeOf(del store.Delivery) (n Notice, ok bool) {
	what, ok := strings.CutPrefix(del.Kind, noticeKind)
	parts := strings.SplitN(del.Lane, "/", 5) // notice, kind, id, time, account; or redraw, kind, id, message and time, account
	if !ok || len(parts) != 5 {
		return n, false
	}
	n = Notice{What: what, Account: store.Account{Workspace: del.Workspace, ID: parts[4]}, Person: del.Person}
	var err, bad error
	n.ID, err = strconv.ParseInt(parts[2], 10, 64)
	if parts[0] == "redraw" {
		told, _, _ := strings.Cut(parts[3], "@")
		var id int64
		id, bad = strconv.ParseInt(told, 10, 64)
		n.Told = store.NoticeID(id)
	}
	return n, err == nil && bad == nil
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

// tell has whoever began something told what became of it or, if that is no business of theirs any more, the managers of their organization.
func (d *Desk) tell(ctx context.Context, tx *store.Tx, what string, id int64, beganBy store.PersonID, account store.Account, organization string) error {
	to, err := d.whoseBusiness(ctx, tx, Notice{What: what, ID: id, Account: account}, beganBy, organization)
	if err != nil {
		return err
	}
	return notify(ctx, tx, what, id, to...)
}

// whoseBusiness are the accounts by which those are told who tell means.
func (d *Desk) whoseBusiness(ctx context.Context, tx *store.Tx, n Notice, beganBy store.PersonID, organization string) ([]store.Account, error) {
	theirs, err := d.concerns(ctx, tx, n, beganBy)
	if err != nil || theirs {
		return []store.Account{n.Account}, err
	}
	return managersOf(ctx, tx, organization)
}

// Concerns says whether somebody may still be told something when it is delivered: they may have lost their role since it was noted.
func (d *Desk) Concerns(ctx context.Context, n Notice, p store.PersonID) (yes bool, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		yes, err = d.concerns(ctx, tx, n, p)
		return err
	})
	return yes, err
}

func (d *Desk) concerns(ctx context.Context, tx *store.Tx, n Notice, p store.PersonID) (bool, error) {
	who, err := d.people.StandingIn(ctx, tx, p)
	if err != nil {
		return false, err
	}
	switch n.What {
	case ToldUnused, ToldContract, ToldTerms: // of their own organization, as it is now
		return who.Manager, nil
	case ToldOrder, ToldApproval:
		o, err := tx.Order(ctx, store.OrderID(n.ID))
		if err != nil || o.Organization != who.Person.Organization {
			return false, err
		}
		if n.What == ToldOrder {
			return who.Manager, nil
		}
		v, err := d.view(ctx, tx, o)
		if err != nil {
			return false, err
		}
		s, _ := v.Waits()
		turns := []store.ApprovalStep{s}
		if n.Told != 0 { // whoever was asked is shown what became of it
			turns = v.Steps
		}
		return d.asked(ctx, tx, p, o.Organization, turns...)
	case ToldRequest, ToldToOrder:
		r, err := tx.Request(ctx, store.RequestID(n.ID))
		if err != nil || r.Organization != who.Person.Organization {
			return false, err
		}
		if n.What == ToldToOrder {
			return who.Manager, nil
		}
		return d.decides(ctx, tx, who, r)
	case ToldQuote:
		q, err := tx.Quote(ctx, store.TicketID(n.ID))
		return who.Manager && q.Organization == who.Person.Organization, err
	case ToldTermination:
		t, err := tx.Termination(ctx, store.TerminationID(n.ID))
		return who.Manager && t.Organization == who.Person.Organization, err
	case ToldActivation:
		x, err := tx.Activation(ctx, store.ActivationID(n.ID))
		return x.Organization == who.Person.Organization && (who.Manager || slices.Contains(who.Services, d.named(x.License).Service)), err
	}
	return true, nil // of what is theirs themselves
}

// managersOf are the accounts by which an organization's managers are told something: one of each.
func managersOf(ctx context.Context, tx *store.Tx, organization string) ([]store.Account, error) {
	return tx.AccountsWith(ctx, organization, store.Manager)
}
