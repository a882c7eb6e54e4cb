package license

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"guichet/helpdesk"
	"guichet/store"
)

// Approve approves an order in the actor's turn. The last who does places it. Twice is once: then Changed is false.
func (d *Desk) Approve(ctx context.Context, a helpdesk.Actor, id int64) (v OrderView, err error) {
	return d.decide(ctx, a, id, func(tx *store.Tx, who store.Person) error {
		for i := range v.Steps {
			if v.Steps[i].Step == v.Step {
				v.Steps[i].Person, v.Steps[i].At = who.ID, tx.Now
				if err := tx.SaveStep(ctx, v.Steps[i]); err != nil {
					return err
				}
			}
		}
		v.Changed = true
		if err := audit(ctx, tx, v.Order, who.ID, a.Source, orderApproved, map[string]any{"step": v.Step}); err != nil {
			return err
		}
		return d.goOn(ctx, tx, &v)
	}, &v)
}

// Refuse refuses an order that waits for the actor, with a reason.
func (d *Desk) Refuse(ctx context.Context, a helpdesk.Actor, id int64, reason string) (v OrderView, err error) {
	if CheckWords(reason) != "" {
		return v, &helpdesk.Refusal{Code: helpdesk.BadForm}
	}
	return d.decide(ctx, a, id, func(tx *store.Tx, who store.Person) error {
		reason := strings.TrimSpace(reason)
		detail, err := json.Marshal(map[string]any{"order": v.ID, "step": v.Step})
		e := store.Entry{Organization: v.Organization, Actor: who.ID, Subject: v.Person, Act: orderRefused, Detail: string(detail), Source: a.Source}
		if err := errors.Join(err, auditSaid(ctx, tx, e, "reason", reason)); err != nil {
			return err
		}
		v.RefusedBy = who.ID
		return d.close(ctx, tx, &v, store.OrderRefused, reason)
	}, &v)
}

// decide does something to an order that waits for the actor. One that waits no more is left as it is.
func (d *Desk) decide(ctx context.Context, a helpdesk.Actor, id int64, do func(*store.Tx, store.Person) error, v *OrderView) (OrderView, error) {
	err := d.db.Write(ctx, func(tx *store.Tx) error {
		who, err := d.lockOrder(ctx, tx, a, id, v)
		if err != nil {
			return err
		}
		if s, waits := v.Waits(); waits {
			turn, err := d.asked(ctx, tx, who.Person.ID, v.Organization, s)
			if err != nil {
				return err
			}
			if turn {
				return do(tx, who.Person)
			}
		}
		theirs, err := d.asked(ctx, tx, who.Person.ID, v.Organization, v.past()...) // they were, and it is decided
		if err == nil && !theirs {
			err = &helpdesk.Refusal{Code: NotApprover}
		}
		return err
	})
	return *v, err
}

// past are the approvals that an order waits for no more.
func (v *OrderView) past() []store.ApprovalStep {
	return slices.DeleteFunc(slices.Clone(v.Steps), func(s store.ApprovalStep) bool { return v.State == store.OrderPending && s.Person == 0 })
}

// lockOrder reads an order for a change of it, if it is of the actor's organization.
func (d *Desk) lockOrder(ctx context.Context, tx *store.Tx, a helpdesk.Actor, id int64, v *OrderView) (who helpdesk.Standing, err error) {
	if who, err = d.people.StandingIn(ctx, tx, a.Person); err != nil {
		return who, err
	}
	o, err := tx.LockOrder(ctx, store.OrderID(id))
	if errors.Is(err, store.ErrNotFound) || err == nil && (o.Organization != who.Person.Organization || o.Organization == "") {
		return who, &helpdesk.Refusal{Code: UnknownOrder}
	}
	if err != nil {
		return who, err
	}
	*v, err = d.view(ctx, tx, o)
	return who, err
}

// asked says whether somebody is asked in one of these turns, or in another's place, and still may be: whoever the configuration names no more may
// not.
func (d *Desk) asked(ctx context.Context, tx *store.Tx, p store.PersonID, organization string, steps ...store.ApprovalStep) (bool, error) {
	rule := d.catalog.Approvals[organization]
	for _, s := range steps {
		for _, account := range []store.Account{s.Account, s.StandIn()} {
			if !rule.names(account) {
				continue
			}
			if who, err := d.personOf(ctx, tx, account); err != nil || who == p {
				return err == nil, err
			}
		}
	}
	return false, nil
}

// names says whether an account may decide, for itself or in another's place.
func (r Approval) names(a store.Account) bool {
	return a.ID != "" && (slices.Contains(r.Approvers, a) || r.Fallback == a)
}

// canDecide says whether the configuration still names somebody who was asked in a turn.
func (d *Desk) canDecide(organization string, s store.ApprovalStep) bool {
	rule := d.catalog.Approvals[organization]
	return rule.names(s.Account) || rule.names(s.StandIn())
}

// reask has those asked whom the configuration names now for an order that waits for somebody whom it names no more. If none of them is left to ask, the
// managers are told that it has to be withdrawn: it is never placed with fewer approvals than it was to have.
func (d *Desk) reask(ctx context.Context, tx *store.Tx, v *OrderView) error {
	given := slices.DeleteFunc(v.Steps, func(s store.ApprovalStep) bool { return s.Person == 0 })
	last := 0
	for _, s := range given {
		last = max(last, s.Step)
	}
	var next []store.ApprovalStep
	for _, a := range d.catalog.Approvals[v.Organization].Approvers {
		who, err := d.personOf(ctx, tx, a)
		if err != nil {
			return err
		}
		if who != 0 && (who == v.Person || slices.ContainsFunc(given, func(s store.ApprovalStep) bool { return s.Person == who })) {
			continue
		}
		next = append(next, store.ApprovalStep{Order: v.ID, Step: last + len(next) + 1, Account: a})
	}
	if len(next) == 0 && v.Stranded() { // they were told already
		return nil
	}
	if err := tx.ReplaceSteps(ctx, v.ID, next); err != nil {
		return err
	}
	if err := audit(ctx, tx, v.Order, 0, reasking, orderReasked, map[string]any{"approvers": len(next)}); err != nil {
		return err
	}
	v.Steps, v.Step, v.RemindAt = append(given, next...), 0, store.Time{}
	if len(next) > 0 {
		return d.goOn(ctx, tx, v)
	}
	if err := saveOrder(ctx, tx, v.Order); err != nil {
		return err
	}
	managers, err := managersOf(ctx, tx, v.Organization)
	if err != nil {
		return err
	}
	return errors.Join(d.markHomes(ctx, tx, v.Organization), notify(ctx, tx, ToldOrder, int64(v.ID), managers...))
}

// reasking is where the audit log says that orders are asked for anew: nobody does it.
const reasking = "configuration"

// reaskAll looks once, since the configuration does not change while the program runs, for orders that wait for nobody whom it names.
func (d *Desk) reaskAll(ctx context.Context) error {
	if d.reasked.Load() {
		return nil
	}
	for _, o := range d.people.Catalog().Organizations {
		var pending []store.Order
		err := d.db.Look(ctx, func(tx *store.Tx) (err error) {
			pending, err = tx.PendingOrders(ctx, o.Key, mostPending)
			return err
		})
		for _, p := range pending {
			err = errors.Join(err, d.db.Write(ctx, func(tx *store.Tx) error { return d.reaskOne(ctx, tx, p.ID) }))
		}
		if err != nil {
			return err
		}
	}
	d.reasked.Store(true)
	return nil
}

// mostPending is more than wait for approval in one organization.
const mostPending = 1000

func (d *Desk) reaskOne(ctx context.Context, tx *store.Tx, id store.OrderID) error {
	o, err := tx.LockOrder(ctx, id)
	if err != nil || o.State != store.OrderPending {
		return err
	}
	v, err := d.view(ctx, tx, o)
	if err != nil {
		return err
	}
	if s, waits := v.Waits(); waits && d.canDecide(v.Organization, s) {
		return nil
	}
	return d.reask(ctx, tx, &v)
}

// MayApprove says whether an order waits for the actor.
func (d *Desk) MayApprove(ctx context.Context, a helpdesk.Actor, v OrderView) (turn bool, err error) {
	s, waits := v.Waits()
	if !waits {
		return false, nil
	}
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		who, err := d.people.StandingIn(ctx, tx, a.Person)
		if err == nil && who.Person.Organization == v.Organization {
			turn, err = d.asked(ctx, tx, who.Person.ID, v.Organization, s)
		}
		return err
	})
	return turn, err
}

// Withdraw takes an order back that waits for approval: whoever made it, or another manager of the organization, may.
func (d *Desk) Withdraw(ctx context.Context, a helpdesk.Actor, id int64) (v OrderView, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := d.manager(ctx, tx, a); err != nil {
			return err
		}
		who, err := d.lockOrder(ctx, tx, a, id, &v)
		if err != nil || v.State != store.OrderPending {
			return err
		}
		return d.withdraw(ctx, tx, &v, who.Person.ID, a.Source)
	})
	return v, err
}

func (d *Desk) withdraw(ctx context.Context, tx *store.Tx, v *OrderView, by store.PersonID, source string) error {
	if err := audit(ctx, tx, v.Order, by, source, orderWithdrawn, nil); err != nil {
		return err
	}
	return d.close(ctx, tx, v, store.OrderWithdrawn, "")
}

// AskStandIn asks an organization's fallback to decide for an approver who is away. Whoever was asked may decide all the same.
func (d *Desk) AskStandIn(ctx context.Context, id int64, away store.Account) error {
	return d.db.Write(ctx, func(tx *store.Tx) error {
		o, err := tx.LockOrder(ctx, store.OrderID(id))
		if err != nil {
			return err
		}
		v, err := d.view(ctx, tx, o)
		if err != nil {
			return err
		}
		s, waits := v.Waits()
		fallback := d.catalog.Approvals[o.Organization].Fallback
		if !waits || s.Account != away || fallback.ID == "" || fallback == away || s.StandIn() == fallback {
			return nil
		}
		if who, err := d.personOf(ctx, tx, fallback); err != nil || who == v.Person { // nobody decides about their own order in another's place
			return err
		}
		s.StandInWorkspace, s.StandInAccount = fallback.Workspace, fallback.ID
		if err := tx.SaveStep(ctx, s); err != nil {
			return err
		}
		return notify(ctx, tx, ToldApproval, id, fallback)
	})
}
