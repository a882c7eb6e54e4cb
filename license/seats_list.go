package license

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"guichet/helpdesk"
	"guichet/store"
)

// TellSeats is the kind of a delivery that reads a list of people who are to be given licenses, and shows what would be done.
const TellSeats = "seats"

// fieldSeats is the field of a draft in which a list is kept that was read, until whoever brought it says that it is to be done.
const fieldSeats = "seats"

// SeatList is a list of who is to be given licenses, and who is to have them no more, that was read and in which nothing is wrong.
type SeatList struct {
	Hash      string // of the file
	Changes   []ListChange
	Unchanged int // lines that say what is so already
}

// ListChange is what a list changes of one license.
type ListChange struct {
	License          string
	Assign, Unassign []store.Holder
}

// Planned is what would be done of it.
type Planned struct {
	Line             // what there is before
	Assign, Unassign int64
	Service          Service
}

// AskSeats has the file read that the actor's draft was begun with.
func (d *Desk) AskSeats(ctx context.Context, a helpdesk.Actor, to store.Account, nonce string) error {
	return d.db.Write(ctx, func(tx *store.Tx) error {
		who, err := d.looksAfter(ctx, tx, a)
		if err != nil {
			return err
		}
		if _, err := tx.Draft(ctx, nonce, who.Person.ID); err != nil {
			return err
		}
		if first, err := tx.FirstTime(ctx, a.Request); err != nil || !first {
			return orDuplicate(err)
		}
		return tx.Enqueue(ctx, store.Delivery{Lane: "seats/" + nonce + "/" + to.ID, Workspace: to.Workspace, Kind: TellSeats, Person: who.Person.ID, Once: true})
	})
}

// SeatsOf reads of which draft a delivery is to read the file, and for which account.
func SeatsOf(del store.Delivery) (nonce string, to store.Account) {
	parts := strings.SplitN(del.Lane, "/", 3)
	if len(parts) == 3 {
		nonce, to = parts[1], store.Account{Workspace: del.Workspace, ID: parts[2]}
	}
	return nonce, to
}

// PlanSeats reads the lines of a list, keeps it with the draft that the file was brought with, and returns what would be done. accounts
// are those whom lines name by what they are called on the platform, in small letters. What is wrong is a SeatErrors, or NoneFree.
func (d *Desk) PlanSeats(ctx context.Context, a helpdesk.Actor, nonce string, file []byte, rows []SeatRow, accounts map[string]string) (plan []Planned, list SeatList, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		plan = nil
		who, err := d.looksAfter(ctx, tx, a)
		if err != nil {
			return err
		}
		draft, err := tx.Draft(ctx, nonce, who.Person.ID)
		if err != nil {
			return err
		}
		changes, err := d.resolve(ctx, tx, a, who.Person.Organization, rows, accounts)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(file)
		list = SeatList{Hash: hex.EncodeToString(sum[:]), Unchanged: len(rows)}
		for _, c := range changes {
			p, now, _, err := d.planSeats(ctx, tx, a, who.Person.Organization, c)
			if err != nil {
				return err
			}
			if n := p.Assign + p.Unassign; n > 0 {
				list.Unchanged -= int(n)
				list.Changes = append(list.Changes, now)
				plan = append(plan, p)
			}
		}
		kept, err := json.Marshal(list)
		if err != nil {
			return err
		}
		draft.Fields[fieldSeats] = string(kept)
		return tx.SaveDraft(ctx, draft)
	})
	return plan, list, err
}

// resolve looks up whom and what the lines of a list name, license by license.
func (d *Desk) resolve(ctx context.Context, tx *store.Tx, a helpdesk.Actor, organization string, rows []SeatRow, accounts map[string]string) (changes []ListChange, err error) {
	whom, err := d.whom(ctx, tx, a, organization, rows, accounts)
	if err != nil {
		return nil, err
	}
	var wrong SeatErrors
	type seat struct {
		store.Holder
		license string
	}
	lines := map[seat]int{}
	for _, r := range rows {
		found, ls := whom[r.Who], d.Called(r.License)
		if found.wrong != "" {
			wrong = append(wrong, SeatError{Line: r.Line, Code: found.wrong, Value: quotedIn(r.Who)})
			continue
		}
		if len(ls) != 1 {
			wrong = append(wrong, SeatError{Line: r.Line, Code: SeatNoLicense, Value: quotedIn(r.License)})
			continue
		}
		s := seat{found.Holder, ls[0].Key}
		if lines[s] != 0 {
			wrong = append(wrong, SeatError{Line: r.Line, Code: SeatTwice, Value: quotedIn(r.Who), Other: lines[s]})
			continue
		}
		lines[s] = r.Line
		i := slices.IndexFunc(changes, func(c ListChange) bool { return c.License == s.license })
		if i < 0 {
			i, changes = len(changes), append(changes, ListChange{License: s.license})
		}
		if r.Act == Assigned {
			changes[i].Assign = append(changes[i].Assign, found.Holder)
		} else {
			changes[i].Unassign = append(changes[i].Unassign, found.Holder)
		}
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	slices.SortFunc(changes, func(a, b ListChange) int { return cmp.Compare(a.License, b.License) }) // two lists lock them in one order
	return changes, nil
}

// namedHolder is who is meant by what a line names, or what is wrong with that.
type namedHolder struct {
	store.Holder
	wrong string
}

// whom looks up who is meant by what the lines name.
func (d *Desk) whom(ctx context.Context, tx *store.Tx, a helpdesk.Actor, organization string, rows []SeatRow, accounts map[string]string) (map[string]namedHolder, error) {
	all := map[string]namedHolder{}
	mails, ids, names := map[string]string{}, map[string]string{}, map[string]string{}
	for _, r := range rows {
		if IsMail(r.Who) {
			mails[r.Who] = strings.ToLower(r.Who)
			continue
		}
		names[r.Who] = strings.TrimPrefix(r.Who, "@")
		ids[r.Who] = cmp.Or(accounts[strings.ToLower(names[r.Who])], names[r.Who])
	}
	byMail, err1 := tx.PeopleAt(ctx, store.Mail, distinct(mails))
	byID, err2 := tx.PeopleAt(ctx, a.Source, distinct(ids))
	named, err3 := tx.PeopleNamed(ctx, organization, distinct(names))
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	for written, mail := range mails {
		switch p, known := byMail[mail]; {
		case d.people.CheckMail(mail) != "":
			all[written] = namedHolder{wrong: SeatBadMail}
		case known && p.Organization == organization:
			all[written] = namedHolder{Holder: store.Holder{Person: p.ID}}
		default:
			all[written] = namedHolder{Holder: store.Holder{Mail: mail}}
		}
	}
	for written, name := range names {
		one := namedHolder{wrong: SeatUnknown}
		if p, known := byID[ids[written]]; known && p.Organization == organization {
			one = namedHolder{Holder: store.Holder{Person: p.ID}}
		} else {
			for _, p := range named {
				switch {
				case p.Name != name:
				case one.Person != 0:
					one = namedHolder{wrong: SeatSeveral}
				case one.wrong == SeatUnknown:
					one = namedHolder{Holder: store.Holder{Person: p.ID}}
				}
			}
		}
		all[written] = one
	}
	return all, nil
}

// IsMail says whether what names somebody is meant as a mail address.
func IsMail(who string) bool { return strings.LastIndexByte(who, '@') > 0 }

func distinct(m map[string]string) []string {
	var all []string
	for _, v := range m {
		all = append(all, v)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// planSeats is what a change comes to now, under the lock of its holding: what is left of it, and whose seats it takes back. It is NoneFree with
// more than is free.
func (d *Desk) planSeats(ctx context.Context, tx *store.Tx, a helpdesk.Actor, organization string, c ListChange) (p Planned, left ListChange, seats []int64, err error) {
	l, who, err := d.seatable(ctx, tx, a, c.License)
	if err != nil {
		return p, left, nil, err
	}
	h, err := tx.LockHolding(ctx, who.Person.Organization, c.License)
	if err != nil {
		return p, left, nil, err
	}
	have, err := tx.SeatsAmong(ctx, organization, c.License, slices.Concat(c.Assign, c.Unassign))
	if err != nil {
		return p, left, nil, err
	}
	left.License = c.License
	twice := map[store.Holder]bool{} // two of the list may be one person by now
	for _, one := range c.Assign {
		if _, has := have[one]; !has && !twice[one] {
			twice[one] = true
			left.Assign = append(left.Assign, one)
		}
	}
	for _, one := range c.Unassign {
		if s, has := have[one]; has {
			left.Unassign, seats = append(left.Unassign, one), append(seats, s.ID)
		}
	}
	line, err := d.line(ctx, tx, h)
	if err != nil {
		return p, left, nil, err
	}
	p = Planned{line, int64(len(left.Assign)), int64(len(left.Unassign)), d.catalog.Services[l.Service]}
	if p.Assign > p.Free()+p.Unassign {
		return p, left, nil, &NoneFree{p.Line, p.Assign - p.Unassign}
	}
	return p, left, seats, nil
}

// DoSeats does all of a list that was read, or nothing of it: NoneFree, if by now not that many are free. Whoever sends it twice does it once:
// again says that it was done before. Where licenses are assigned at the vendor's, the actor attests by it that this is done.
func (d *Desk) DoSeats(ctx context.Context, a helpdesk.Actor, nonce string) (done []Planned, again bool, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		done, again = nil, false
		who, err := d.looksAfter(ctx, tx, a)
		if err != nil {
			return err
		}
		a.Person = who.Person.ID
		draft, err := tx.Draft(ctx, nonce, a.Person)
		if err != nil {
			return err
		}
		var list SeatList
		if err := json.Unmarshal([]byte(draft.Fields[fieldSeats]), &list); err != nil {
			return store.ErrNotFound // it was never read
		}
		if first, err := tx.FirstTime(ctx, "seats:"+nonce); err != nil || !first {
			again = err == nil
			return err
		}
		for _, c := range list.Changes {
			if err := d.survivors(ctx, tx, who.Person.Organization, c); err != nil {
				return err
			}
			p, left, seats, err := d.planSeats(ctx, tx, a, who.Person.Organization, c)
			if err != nil {
				return err
			}
			done = append(done, p)
			for _, change := range []seatChange{
				{act: Unassigned, line: p.Line, organization: who.Person.Organization, holders: left.Unassign, seats: seats},
				{act: Assigned, line: p.Line, organization: who.Person.Organization, holders: left.Assign},
			} {
				if len(change.holders) == 0 {
					continue
				}
				if _, err := d.change(ctx, tx, a, change); err != nil {
					return err
				}
				if !p.Service.AtVendor {
					continue
				}
				detail, err := json.Marshal(map[string]any{"license": c.License, "quantity": len(change.holders), "sha256": list.Hash})
				err = errors.Join(err, tx.Audit(ctx, store.Entry{Organization: change.organization, Actor: a.Person, Act: attested + change.act, Detail: string(detail), Source: a.Source}))
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
	return done, again, err
}

// survivors puts those in place of the people of a list whom they have turned out to be since it was read.
func (d *Desk) survivors(ctx context.Context, tx *store.Tx, organization string, c ListChange) error {
	for _, holders := range [][]store.Holder{c.Assign, c.Unassign} {
		var ids []store.PersonID
		for _, h := range holders {
			if h.Person != 0 {
				ids = append(ids, h.Person)
			}
		}
		people, err := tx.People(ctx, ids)
		if err != nil {
			return err
		}
		for i, h := range holders {
			p := people[h.Person]
			switch {
			case h.Person != 0 && p.Organization != organization:
				return &helpdesk.Refusal{Code: UnknownPerson}
			case p.Joined != 0:
				holders[i].Person = p.Joined
			}
		}
	}
	return nil
}
