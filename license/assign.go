package license

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// Acts of movements by which people have licenses, and have them no more.
const (
	Assigned   = "assign"
	Unassigned = store.Unassigned
)

// attested begins the act, in the audit log, of whoever says by their name that one of these was done at the vendor's.
const attested = "license.attest."

// UnknownPerson refuses whoever is not known in the actor's organization.
const UnknownPerson helpdesk.Code = "unknown_person"

// NoneFree refuses to assign more than is free.
type NoneFree struct {
	Line         // what there is
	Wanted int64 // how many were to be assigned
}

func (e *NoneFree) Error() string {
	return fmt.Sprintf("license: %d of %s wanted, %d free", e.Wanted, e.Key, e.Free())
}

// Seating is who is to have a license, or to have it no more.
type Seating struct {
	License string
	store.Holder
	Attested bool // the actor says by their name that it is done at the vendor's, where that must be
}

// Seated is what became of it.
type Seated struct {
	Line     // what there is now
	Who      string
	Changed  bool // else it was so already
	ToAttest bool // nothing is done yet: it must be done at the vendor's first, and attested
	Service  Service
}

// Assign gives somebody a license that is free; NoneFree if none is. Whoever has it already keeps it. The person is told.
func (d *Desk) Assign(ctx context.Context, a helpdesk.Actor, s Seating) (Seated, error) {
	return d.seat(ctx, a, Assigned, s)
}

// Unassign takes somebody's license back, which is free from then on. The person is told.
func (d *Desk) Unassign(ctx context.Context, a helpdesk.Actor, s Seating) (Seated, error) {
	return d.seat(ctx, a, Unassigned, s)
}

func (d *Desk) seat(ctx context.Context, a helpdesk.Actor, act string, s Seating) (out Seated, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		l, who, err := d.seatable(ctx, tx, a, s.License)
		if err != nil {
			return err
		}
		if first, err := tx.FirstTime(ctx, a.Request); err != nil || !first {
			return orDuplicate(err)
		}
		a.Person = who.Person.ID
		holder, name, err := d.holder(ctx, tx, who.Person.Organization, s.Holder)
		if err != nil {
			return err
		}
		h, err := tx.LockHolding(ctx, who.Person.Organization, s.License)
		if err != nil {
			return err
		}
		line, err := d.line(ctx, tx, h)
		if err != nil {
			return err
		}
		out = Seated{Line: line, Who: name, Service: d.catalog.Services[l.Service]}
		have, err := tx.SeatsAmong(ctx, h.Organization, h.License, []store.Holder{holder})
		if err != nil || (len(have) > 0) == (act == Assigned) {
			return err
		}
		if act == Assigned && out.Free() < 1 {
			return &NoneFree{out.Line, 1}
		}
		if out.ToAttest = out.Service.AtVendor && !s.Attested; out.ToAttest {
			return nil
		}
		out.Changed = true
		change := seatChange{act: act, line: line, organization: h.Organization, holders: []store.Holder{holder}}
		for _, seat := range have {
			change.seats = append(change.seats, seat.ID)
		}
		if h, err = d.change(ctx, tx, a, change); err != nil {
			return err
		}
		if out.Counts = h.Counts; !out.Service.AtVendor {
			return nil
		}
		return attest(ctx, tx, a, h.Organization, act, s.License, holder, name)
	})
	return out, err
}

// looksAfter reads who the actor is, and refuses who looks after no service at all.
func (d *Desk) looksAfter(ctx context.Context, tx *store.Tx, a helpdesk.Actor) (helpdesk.Standing, error) {
	who, err := d.people.StandingIn(ctx, tx, a.Person)
	if err == nil && len(who.Services) == 0 {
		who, err = d.manager(ctx, tx, a)
	}
	return who, err
}

// seatable is a license that the actor may give to people, and who they are.
func (d *Desk) seatable(ctx context.Context, tx *store.Tx, a helpdesk.Actor, key string) (License, helpdesk.Standing, error) {
	l, offered := d.catalog.Of(key)
	who, err := d.administers(ctx, tx, a, l.Service)
	if err != nil || offered {
		return l, who, err
	}
	h, err := tx.Holding(ctx, who.Person.Organization, key)
	if err == nil && h.Seq == 0 {
		err = &helpdesk.Refusal{Code: helpdesk.BadForm}
	}
	return d.named(key), who, err
}

// holder looks up who is meant, and how they are called. Another organization's people are as if they were not there.
func (d *Desk) holder(ctx context.Context, tx *store.Tx, organization string, h store.Holder) (_ store.Holder, name string, err error) {
	unknown := &helpdesk.Refusal{Code: UnknownPerson}
	if h.Person == 0 {
		if h.Mail == "" || d.people.CheckMail(h.Mail) != "" {
			return h, "", unknown
		}
		p, err := tx.PersonByAccount(ctx, store.Account{Workspace: store.Mail, ID: h.Mail})
		if errors.Is(err, store.ErrNotFound) || err == nil && p.Organization != organization {
			return store.Holder{Mail: h.Mail}, h.Mail, nil
		}
		return store.Holder{Person: p.ID}, p.Name, err
	}
	who, err := d.people.StandingIn(ctx, tx, h.Person)
	if errors.Is(err, store.ErrNotFound) || err == nil && (who.Person.Organization == "" || who.Person.Organization != organization) {
		return h, "", unknown
	}
	return store.Holder{Person: who.Person.ID}, who.Person.Name, err
}

// seatChange is that holders of one license are assigned it, or that their seats are taken back.
type seatChange struct {
	act          string
	line         Line // what there is of the license before
	organization string
	holders      []store.Holder
	seats        []int64 // which they have, to take back
}

// change does so under the lock of the holding, by one movement, tells the people, and returns what there is then.
func (d *Desk) change(ctx context.Context, tx *store.Tx, a helpdesk.Actor, c seatChange) (h store.Holding, err error) {
	n := int64(len(c.holders))
	if c.act == Unassigned {
		if n, err = tx.DropSeats(ctx, c.organization, c.line.Key, c.seats); err != nil {
			return h, err
		}
		n = -n
	}
	h, err = d.move(ctx, tx, store.Movement{Organization: c.organization, License: c.line.Key, Act: c.act, Counts: store.Counts{Assigned: n}, Actor: a.Person, Source: a.Source})
	if errors.Is(err, store.ErrTooFew) {
		c.line.Counts = h.Counts
		return h, &NoneFree{c.line, n}
	}
	if err == nil && c.act == Assigned {
		err = tx.AddSeats(ctx, c.organization, c.line.Key, a.Person, c.holders)
	}
	if err != nil {
		return h, err
	}
	return h, d.tellHolders(ctx, tx, a, h, c)
}

// How notices about many people are spread, so that they hold up no other word: some at once, the others one by one.
const (
	toldAtOnce = 10
	toldEvery  = 2 * time.Second
)

// tellHolders tells people in chat that they have a license now, or have it no more; who does it to themselves knows. Whoever was not met
// yet can't be told.
func (d *Desk) tellHolders(ctx context.Context, tx *store.Tx, a helpdesk.Actor, h store.Holding, c seatChange) error {
	var people []store.PersonID
	for _, holder := range c.holders {
		if holder.Person != 0 && holder.Person != a.Person {
			people = append(people, holder.Person)
		}
	}
	if len(people) == 0 {
		return nil
	}
	last, err := tx.Movements(ctx, h.Organization, h.License, 0, 1)
	if err != nil {
		return err
	}
	owned, err := tx.ChatAccounts(ctx, people)
	if err != nil {
		return err
	}
	told := map[store.PersonID]store.Account{}
	for _, o := range owned {
		if _, ok := told[o.Person]; !ok || o.Workspace == a.Source { // there they are known to whoever does it
			told[o.Person] = o.Account
		}
	}
	var ds []store.Delivery
	for _, p := range people {
		to, ok := told[p]
		if !ok {
			continue
		}
		one := store.Delivery{Lane: noticeLane(tx, c.act, last[0].ID, to.ID), Workspace: to.Workspace, Kind: noticeKind + c.act}
		if i := len(ds) - toldAtOnce; i >= 0 {
			one.HeldUntil = store.At(tx.Now.Add(time.Duration(i+1) * toldEvery))
		}
		ds = append(ds, one)
	}
	for some := range slices.Chunk(ds, 100) {
		if err := tx.Enqueue(ctx, some...); err != nil {
			return err
		}
	}
	return nil
}

// attest notes that the actor says by their name that somebody was given a license at the vendor's, or that it was taken from them there.
func attest(ctx context.Context, tx *store.Tx, a helpdesk.Actor, organization, act, license string, h store.Holder, name string) error {
	detail, err1 := json.Marshal(map[string]string{"license": license})
	personal, err2 := json.Marshal(map[string]string{"name": name})
	e := store.Entry{Organization: organization, Actor: a.Person, Subject: h.Person, Act: attested + act, Detail: string(detail), Personal: string(personal), Source: a.Source}
	if h.Mail != "" {
		e.About = store.AccountName(store.Account{Workspace: store.Mail, ID: h.Mail})
	}
	return errors.Join(err1, err2, tx.Audit(ctx, e))
}

func orDuplicate(err error) error {
	if err == nil {
		return helpdesk.ErrDuplicate
	}
	return err
}
