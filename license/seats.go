package license

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"guichet/helpdesk"
	"guichet/store"
)

// seatsShown is how many seats a page of the list has.
const seatsShown = 8

// Held is a seat, as a list shows it.
type Held struct {
	store.Seat
	License License
	Who     string // the person's name, or the address of whoever has not been met
	By      string
}

// Unnamed is how many of a license's assigned ones are assigned to people whom guichet does not know: the estate began with a number.
type Unnamed struct {
	Line
	Count int64
}

// SeatPage is one page of who has what.
type SeatPage struct {
	Filter  store.SeatFilter
	Who     string // whom the filter is about
	Seats   []Held
	Unnamed []Unnamed // on the first page of all, or of a license
	From    int64     // where the page begins; zero: at the latest
	Next    int64     // where the next one does; zero: there is none
}

// Seats returns a page of who has what in the actor's organization, the latest first, beginning before a seat (zero: with the latest of all).
func (d *Desk) Seats(ctx context.Context, a helpdesk.Actor, f store.SeatFilter, from int64) (page SeatPage, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		page = SeatPage{Filter: f, From: from}
		who, err := d.looksAfter(ctx, tx, a)
		if err != nil {
			return err
		}
		organization := who.Person.Organization
		if !who.Manager { // they see those of their services
			e, err := d.estateOf(ctx, tx, who)
			if err != nil {
				return err
			}
			if len(e.Lines) == 0 {
				return nil
			}
			for _, l := range e.Lines {
				page.Filter.Among = append(page.Filter.Among, l.Key)
			}
			if !slices.Contains(page.Filter.Among, f.License) {
				page.Filter.License = ""
			}
		}
		if f.Holder != (store.Holder{}) {
			if page.Filter.Holder, page.Who, err = d.holder(ctx, tx, organization, f.Holder); err != nil {
				return err
			}
		}
		ss, err := tx.Seats(ctx, organization, page.Filter, from, seatsShown+1)
		if err != nil {
			return err
		}
		if len(ss) > seatsShown {
			ss = ss[:seatsShown]
			page.Next = ss[seatsShown-1].ID
		}
		var givers []store.PersonID
		for _, s := range ss {
			givers = append(givers, s.By)
		}
		by, err := tx.People(ctx, givers)
		if err != nil {
			return err
		}
		for _, s := range ss {
			page.Seats = append(page.Seats, Held{Seat: s, License: d.named(s.License), Who: nameOf(s), By: by[s.By].Name})
		}
		if from != 0 || page.Who != "" {
			return nil
		}
		page.Unnamed, err = d.unnamed(ctx, tx, organization)
		page.Unnamed = slices.DeleteFunc(page.Unnamed, func(u Unnamed) bool {
			f := page.Filter
			return f.License != "" && u.Key != f.License || len(f.Among) > 0 && !slices.Contains(f.Among, u.Key)
		})
		return err
	})
	return page, err
}

func nameOf(s store.Seat) string {
	if s.Person == 0 {
		return s.Mail
	}
	return s.Name
}

// unnamed is what is assigned to nobody who is known, of all licenses.
func (d *Desk) unnamed(ctx context.Context, tx *store.Tx, organization string) (all []Unnamed, err error) {
	hs, err := tx.Holdings(ctx, organization)
	for _, h := range hs {
		if n := h.Assigned - h.Named; n > 0 {
			all = append(all, Unnamed{Line{License: d.named(h.License), Counts: h.Counts}, n})
		}
	}
	return all, err
}

// Assignable are the licenses that the actor may give to people, of which there are any, and what is assigned of them to nobody who is known.
func (d *Desk) Assignable(ctx context.Context, a helpdesk.Actor) (lines []Line, unnamed []Unnamed, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		lines = nil
		who, err := d.looksAfter(ctx, tx, a)
		if err != nil {
			return err
		}
		e, err := d.estateOf(ctx, tx, who)
		if err != nil {
			return err
		}
		for _, l := range e.Lines {
			if l.Ordered > 0 {
				lines = append(lines, l)
			}
		}
		unnamed, err = d.unnamed(ctx, tx, who.Person.Organization)
		unnamed = slices.DeleteFunc(unnamed, func(u Unnamed) bool { return !who.Manager && !slices.Contains(who.Services, u.Service) })
		return err
	})
	return lines, unnamed, err
}

// TakeBack counts so many licenses as unassigned that are assigned to nobody who is known, by the form with a nonce: sent twice, it does so
// once. Where that must be done at the vendor's, the actor attests that it is.
func (d *Desk) TakeBack(ctx context.Context, a helpdesk.Actor, license string, quantity int64, attests bool, nonce string) (out Seated, err error) {
	if nonce == "" {
		return out, errors.New("license: a form without a nonce might be sent twice")
	}
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		l, who, err := d.seatable(ctx, tx, a, license)
		if err != nil {
			return err
		}
		h, err := tx.LockHolding(ctx, who.Person.Organization, license)
		if err != nil {
			return err
		}
		line, err := d.line(ctx, tx, h)
		if err != nil {
			return err
		}
		out = Seated{Line: line, Service: d.catalog.Services[l.Service]}
		if first, err := tx.FirstTime(ctx, helpdesk.FormKey(nonce)); err != nil || !first {
			return err
		}
		if n := h.Assigned - h.Named; quantity < 1 || quantity > n {
			return &TooManyUnnamed{Unnamed{out.Line, n}}
		}
		if out.Service.AtVendor && !attests {
			return &helpdesk.Refusal{Code: helpdesk.BadForm}
		}
		h, err = d.move(ctx, tx, store.Movement{Organization: h.Organization, License: license, Act: Unassigned, Counts: store.Counts{Assigned: -quantity}, Actor: who.Person.ID, Source: a.Source})
		if err != nil {
			return err
		}
		out.Counts, out.Changed = h.Counts, true
		if !out.Service.AtVendor {
			return nil
		}
		detail, err := json.Marshal(map[string]any{"license": license, "quantity": quantity})
		return errors.Join(err, tx.Audit(ctx, store.Entry{Organization: h.Organization, Actor: who.Person.ID, Act: attested + Unassigned, Detail: string(detail), Source: a.Source}))
	})
	return out, err
}

// TooManyUnnamed refuses to take back more licenses of nobody known than there are.
type TooManyUnnamed struct{ Unnamed }

func (e *TooManyUnnamed) Error() string { return "license: not that many are assigned to nobody known" }

// HolderTold is what a notice tells somebody about a license of theirs.
type HolderTold struct {
	License License
	By      string
	Service Service
	Over    bool // it is not so any more
}

// HolderNotice reads what a notice tells: that somebody has a license, or has it no more.
func (d *Desk) HolderNotice(ctx context.Context, n Notice, to store.PersonID) (told HolderTold, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		m, err := tx.Movement(ctx, n.ID)
		if err != nil {
			return err
		}
		have, err := tx.SeatsAmong(ctx, m.Organization, m.License, []store.Holder{{Person: to}})
		if err != nil {
			return err
		}
		by, err := tx.Person(ctx, m.Actor)
		l := d.named(m.License)
		told = HolderTold{License: l, By: by.Name, Service: d.catalog.Services[l.Service], Over: (len(have) > 0) != (m.Act == Assigned)}
		return err
	})
	return told, err
}

// HolderName is how somebody is called who is known in the actor's organization, or their address.
func (d *Desk) HolderName(ctx context.Context, a helpdesk.Actor, h store.Holder) (name string, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		who, err := d.looksAfter(ctx, tx, a)
		if err == nil {
			_, name, err = d.holder(ctx, tx, who.Person.Organization, h)
		}
		return err
	})
	return name, err
}
