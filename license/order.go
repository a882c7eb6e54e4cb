package license

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"guichet/helpdesk"
	"guichet/store"
)

// Acts of the audit log that are about orders.
const (
	termsAccepted  = "terms.accept"
	orderMade      = "order.make"
	orderPlaced    = "order.place"
	orderApproved  = "order.approve"
	orderRefused   = "order.refuse"
	orderWithdrawn = "order.withdraw"
	orderReasked   = "order.reask" // of others than those whom it waited for
)

// What is told of orders.
const (
	ToldOrder    = "order"    // to whoever made it: what became of it; by mail: once it is placed
	ToldApproval = "approval" // to whoever is to approve it
)

// Refusals about orders.
const (
	OfferChanged helpdesk.Code = "offer_changed" // a price or a text is another than what was shown
	NotAccepted  helpdesk.Code = "not_accepted"  // a text that must be accepted was not
	OrderDecided helpdesk.Code = "order_decided" // it does not wait for approval any more
	UnknownOrder helpdesk.Code = "unknown_order" // or it is not theirs to see
	NotApprover  helpdesk.Code = "not_approver"  // somebody else is to approve it
)

// Placing is an order as somebody makes it.
type Placing struct {
	Items    []Item
	Quote    int64    // that is accepted, in place of items; zero: none
	Seen     string   // Offer.Seen of what they were shown
	Accepted []string // the hashes of the texts that they have accepted
	Language string   // in which they were shown it
	Account  store.Account
	Replaces int64  // an order that waits for approval, which this one is in place of: it is asked for anew; zero: none
	Nonce    string // of the form: sent twice, it orders once
}

// PlaceOrder orders for a manager's organization, at the prices and terms that they were shown: OfferChanged, if these are others by now. If it
// must be approved it waits for that, and else the licenses are there at once.
func (d *Desk) PlaceOrder(ctx context.Context, a helpdesk.Actor, p Placing) (v OrderView, err error) {
	if p.Nonce == "" {
		return v, errors.New("license: a form without a nonce might be sent twice")
	}
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		who, err := d.manager(ctx, tx, a)
		if err != nil {
			return err
		}
		organization := who.Person.Organization
		var replaced OrderView
		if p.Replaces != 0 {
			if _, err := d.lockOrder(ctx, tx, a, p.Replaces, &replaced); err != nil {
				return err
			}
		}
		items := p.Items
		if p.Quote != 0 {
			_, err := tx.LockTicket(ctx, store.TicketID(p.Quote)) // before its quote, as by those who make an offer
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			q, err := tx.LockQuote(ctx, store.TicketID(p.Quote))
			if errors.Is(err, store.ErrNotFound) {
				return &helpdesk.Refusal{Code: UnknownQuote}
			}
			if err != nil {
				return err
			}
			items = []Item{{License: q.License}}
		}
		for _, key := range sortedKeys(items) { // whoever orders the same takes their turn
			if _, err := tx.LockHolding(ctx, organization, key); err != nil {
				return err
			}
		}
		if first, err := tx.FirstTime(ctx, helpdesk.FormKey(p.Nonce)); err != nil || !first {
			if err == nil {
				v, err = d.orderBefore(ctx, tx, p.Nonce, who.Person.ID)
			}
			return err
		}
		var offer Offer
		if p.Quote != 0 {
			offer, err = d.quoted(ctx, tx, organization, p.Quote, p.Language, tx.Quote)
		} else {
			offer, err = d.offer(ctx, tx, organization, p.Items, p.Language, tx.Holding)
		}
		if err != nil {
			return err
		}
		if offer.Seen() != p.Seen {
			return &helpdesk.Refusal{Code: OfferChanged}
		}
		for _, t := range offer.Terms {
			if !slices.Contains(p.Accepted, t.Hash) {
				return &helpdesk.Refusal{Code: NotAccepted}
			}
		}
		if p.Replaces != 0 {
			if replaced.State != store.OrderPending {
				return &helpdesk.Refusal{Code: OrderDecided}
			}
			if err := d.withdraw(ctx, tx, &replaced, who.Person.ID, a.Source); err != nil {
				return err
			}
		}
		v, err = d.makeOrder(ctx, tx, who.Person, a.Source, offer, p)
		return err
	})
	return v, err
}

func sortedKeys(items []Item) (keys []string) {
	for _, i := range items {
		keys = append(keys, i.License)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// orderBefore is the order that a form has made already, if it was theirs.
func (d *Desk) orderBefore(ctx context.Context, tx *store.Tx, nonce string, p store.PersonID) (v OrderView, err error) {
	o, err := tx.OrderOfForm(ctx, nonce)
	if errors.Is(err, store.ErrNotFound) || err == nil && o.Person != p {
		return v, &helpdesk.Refusal{Code: helpdesk.NotYourForm}
	}
	if err != nil {
		return v, err
	}
	return d.view(ctx, tx, o)
}

// makeOrder writes an order, with what the audit log keeps of it, and has it placed or approved.
func (d *Desk) makeOrder(ctx context.Context, tx *store.Tx, by store.Person, source string, offer Offer, p Placing) (v OrderView, err error) {
	o := store.Order{Organization: by.Organization, Person: by.ID, Nonce: p.Nonce, State: store.OrderPending, Currency: offer.Net().Currency, Net: offer.Net().Minor,
		VAT: offer.Tax().Minor, Language: p.Language, Source: source, Account: p.Account.ID, Quote: store.TicketID(p.Quote)}
	var lines []store.OrderLine
	for _, l := range offer.Lines {
		lines = append(lines, store.OrderLine{License: l.Key, Quantity: l.Quantity, Before: l.Now, Price: l.Unit.Minor, Rate: int64(l.VAT), Net: l.Net.Minor, VAT: l.Tax.Minor})
	}
	_, texts := d.termsOf(offer.Lines, p.Language)
	if err := tx.AddTerms(ctx, texts); err != nil {
		return v, err
	}
	var accepted []store.Acceptance
	for _, t := range offer.Terms {
		accepted = append(accepted, store.Acceptance{Kind: t.Kind, Service: t.Service, Version: t.Version, Hash: t.Hash, Language: t.Language})
	}
	var steps []store.ApprovalStep
	for _, account := range offer.Approvers {
		steps = append(steps, store.ApprovalStep{Account: account})
	}
	o, added, err := tx.AddOrder(ctx, o, lines, accepted, steps)
	if err != nil {
		return v, err
	}
	if !added {
		return d.orderBefore(ctx, tx, p.Nonce, by.ID)
	}
	for _, t := range accepted {
		if err := tx.SetAcceptedTerms(ctx, store.AcceptedTerms{Organization: o.Organization, Kind: t.Kind, Service: t.Service, Version: t.Version}); err != nil {
			return v, err
		}
		err := audit(ctx, tx, o, by.ID, source, termsAccepted, map[string]any{"kind": t.Kind, "service": t.Service, "version": t.Version, "sha256": t.Hash, "language": t.Language})
		if err != nil {
			return v, err
		}
	}
	if p.Quote != 0 {
		if err := d.tieQuote(ctx, tx, o, o.ID); err != nil {
			return v, err
		}
	}
	if v, err = d.view(ctx, tx, o); err != nil {
		return v, err
	}
	v.Changed = true
	if err := audit(ctx, tx, o, by.ID, source, orderMade, map[string]any{"lines": detail(v), "net": v.Money(o.Net).String(), "currency": o.Currency}); err != nil {
		return v, err
	}
	return v, d.goOn(ctx, tx, &v)
}

// tieQuote notes by which order the quote of an order is accepted, zero: by none any more, and tells sales so.
func (d *Desk) tieQuote(ctx context.Context, tx *store.Tx, o store.Order, by store.OrderID) error {
	if _, err := tx.LockTicket(ctx, o.Quote); err != nil { // before its quote, as by those who make an offer
		return err
	}
	q, err := tx.LockQuote(ctx, o.Quote)
	if err != nil {
		return err
	}
	q.Order = by
	if err := errors.Join(tx.SaveQuote(ctx, q), redraw(ctx, tx, int64(q.Ticket), ToldQuote)); err != nil || d.catalog.OfferNote == nil {
		return err
	}
	return d.people.NoteIn(ctx, tx, o.Quote, o.Person, d.catalog.OfferNote(o))
}

// detail is what the audit log keeps of the lines of an order.
func detail(v OrderView) (all []map[string]any) {
	for _, l := range v.Lines {
		all = append(all, map[string]any{"license": l.OrderLine.License, "quantity": l.Quantity, "price": v.Money(l.Price).String(), "net": v.Money(l.Net).String()})
	}
	return all
}

// audit keeps an act on an order for good.
func audit(ctx context.Context, tx *store.Tx, o store.Order, by store.PersonID, source, act string, facts map[string]any) error {
	if facts == nil {
		facts = map[string]any{}
	}
	facts["order"] = o.ID
	b, err := json.Marshal(facts)
	if err != nil {
		return err
	}
	return tx.Audit(ctx, store.Entry{Organization: o.Organization, Actor: by, Act: act, Detail: string(b), Source: source})
}

// goOn takes an order on: to whoever is to approve it next or, if nobody is any more, into the ledger.
func (d *Desk) goOn(ctx context.Context, tx *store.Tx, v *OrderView) error {
	for i := range v.Steps {
		s := &v.Steps[i]
		if s.Person != 0 {
			continue
		}
		who, err := d.personOf(ctx, tx, s.Account)
		if err != nil {
			return err
		}
		before := slices.ContainsFunc(v.Steps[:i], func(s store.ApprovalStep) bool { return s.Person == who && who != 0 })
		if who == v.Person || before { // by ordering it they have approved it, and once is enough
			s.Person, s.At = who, tx.Now
			if err := tx.SaveStep(ctx, *s); err != nil {
				return err
			}
			continue
		}
		if !d.canDecide(v.Organization, *s) {
			return d.reask(ctx, tx, v)
		}
		v.Step, v.RemindAt = s.Step, d.undecidedAt(tx.Now.Add(patience))
		if err := saveOrder(ctx, tx, v.Order); err != nil {
			return err
		}
		if err := d.markHomes(ctx, tx, v.Organization); err != nil {
			return err
		}
		if err := notify(ctx, tx, ToldApproval, int64(v.ID), s.Account); err != nil {
			return err
		}
		return d.tell(ctx, tx, ToldOrder, int64(v.ID), v.Person, v.account(), v.Organization)
	}
	return d.place(ctx, tx, v)
}

// saveOrder writes where an order stands now, and has what approvers were told of it say so. Whoever made it is told anew.
func saveOrder(ctx context.Context, tx *store.Tx, o store.Order) error {
	return errors.Join(tx.SaveOrder(ctx, o), redraw(ctx, tx, int64(o.ID), ToldApproval))
}

// account is by which whoever made an order is told of it.
func (v *OrderView) account() store.Account { return store.Account{Workspace: v.Source, ID: v.Account} }

// place adds an order's licenses to what its organization has.
func (d *Desk) place(ctx context.Context, tx *store.Tx, v *OrderView) error {
	lines := slices.Clone(v.Lines)
	slices.SortFunc(lines, func(a, b OrderedLine) int { return strings.Compare(a.OrderLine.License, b.OrderLine.License) })
	for _, l := range lines {
		m := store.Movement{Organization: v.Organization, License: l.OrderLine.License, Act: "order", Counts: store.Counts{Ordered: l.Quantity},
			Actor: v.Person, Source: v.Source, About: fmt.Sprintf("order/%d", v.ID)}
		if l.Quantity < 0 {
			if err := d.take(ctx, tx, v.Organization, l.OrderLine.License, -l.Quantity, m); err != nil {
				return err
			}
			continue
		}
		if _, err := d.move(ctx, tx, m); err != nil {
			return err
		}
	}
	if err := audit(ctx, tx, v.Order, v.Person, v.Source, orderPlaced, nil); err != nil {
		return err
	}
	if err := d.notifyByMail(ctx, tx, ToldOrder, int64(v.ID), v.Person); err != nil {
		return err
	}
	return d.close(ctx, tx, v, store.OrderPlaced, "")
}

// close ends an order's wait, and tells whoever made it.
func (d *Desk) close(ctx context.Context, tx *store.Tx, v *OrderView, state, reason string) error {
	v.State, v.Step, v.Reason, v.DecidedAt, v.RemindAt, v.Changed = state, 0, reason, tx.Now, store.Time{}, true
	if err := saveOrder(ctx, tx, v.Order); err != nil {
		return err
	}
	if v.Quote != 0 && state != store.OrderPlaced { // the offer still stands
		if err := d.tieQuote(ctx, tx, v.Order, 0); err != nil {
			return err
		}
	}
	if err := d.markHomes(ctx, tx, v.Organization); err != nil {
		return err
	}
	return d.tell(ctx, tx, ToldOrder, int64(v.ID), v.Person, v.account(), v.Organization)
}
