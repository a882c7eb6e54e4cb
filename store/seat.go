package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// Unassigned is the act of a movement by which somebody has a license no more.
const Unassigned = "unassign"

// Holder is who has a license: a person, or somebody who has not been met yet, by their mail address in small letters.
type Holder struct {
	Person PersonID `db:"person_id"`
	Mail   string
}

// Seat is a license that somebody has, for as long as they have it.
type Seat struct {
	ID           int64
	Organization string
	License      string // its key in the catalog
	Holder
	Name string   // the person's
	By   PersonID `db:"by_id"` // who gave it to them
	At   Time
}

// SeatFilter says which seats of an organization are meant: all, those of a license, or of several, or a holder's.
type SeatFilter struct {
	License string
	Among   []string // licenses; none: of all
	Holder
}

const selectSeat = `SELECT s.id AS id, s.organization AS organization, s.license AS license, COALESCE(s.person_id, 0) AS person_id, s.mail AS mail,
	COALESCE(p.name, '') AS name, s.by_id AS by_id, s.at AS at FROM seats s LEFT JOIN people p ON p.id = s.person_id `

// seatsAtOnce is how many seats one statement adds, or looks for.
const seatsAtOnce = 200

// Seats returns up to limit seats of an organization before one of them (zero: the latest of all), the newest first.
func (tx *Tx) Seats(ctx context.Context, organization string, f SeatFilter, before int64, limit int) (ss []Seat, err error) {
	if f.License == "" && len(f.Among) > 0 { // each by its index, however few have it
		for _, f.License = range f.Among {
			some, err := tx.Seats(ctx, organization, f, before, limit)
			if err != nil {
				return nil, err
			}
			ss = append(ss, some...)
		}
		slices.SortFunc(ss, func(a, b Seat) int { return cmp.Compare(b.ID, a.ID) })
		return ss[:min(len(ss), limit)], nil
	}
	where, args := `s.organization = ?`, []any{organization}
	switch {
	case f.Person != 0:
		where, args = where+` AND s.person_id = ?`, append(args, f.Person)
	case f.Mail != "":
		where, args = where+` AND s.mail = ? AND s.mail <> ''`, append(args, f.Mail)
	}
	if f.License != "" {
		where, args = where+` AND s.license = ?`, append(args, f.License)
	}
	return ss, tx.list(ctx, &ss, selectSeat+`WHERE `+where+` AND s.id < ? ORDER BY s.id DESC LIMIT ?`, append(args, orLatest(before), limit)...)
}

// SeatsAmong returns which of some holders have a license, with their seats.
func (tx *Tx) SeatsAmong(ctx context.Context, organization, license string, holders []Holder) (map[Holder]Seat, error) {
	out := map[Holder]Seat{}
	for some := range slices.Chunk(holders, seatsAtOnce) {
		people, mails := []PersonID{0}, []string{"-"} // an IN needs something
		for _, h := range some {
			if h.Person != 0 {
				people = append(people, h.Person)
			} else {
				mails = append(mails, h.Mail)
			}
		}
		var ss []Seat
		err := tx.list(ctx, &ss, selectSeat+`WHERE s.organization = ? AND s.license = ? AND s.person_id IN (?)`, organization, license, people)
		if err != nil {
			return nil, err
		}
		var others []Seat
		err = tx.list(ctx, &others, selectSeat+`WHERE s.organization = ? AND s.license = ? AND s.mail IN (?) AND s.mail <> ''`, organization, license, mails)
		if err != nil {
			return nil, err
		}
		for _, s := range append(ss, others...) {
			out[s.Holder] = s
		}
	}
	return out, nil
}

// AddSeats notes that holders have a license from now on, who had none. The caller holds the lock of the holding, and has counted them among
// those assigned.
func (tx *Tx) AddSeats(ctx context.Context, organization, license string, by PersonID, holders []Holder) error {
	for some := range slices.Chunk(holders, seatsAtOnce) {
		var args []any
		for _, h := range some {
			args = append(args, organization, license, int64(h.Person), h.Mail, int64(by), tx.Now)
		}
		_, err := tx.exec(ctx, `INSERT INTO seats (organization, license, person_id, mail, by_id, at) VALUES `+
			strings.TrimSuffix(strings.Repeat(`(?, ?, NULLIF(CAST(? AS BIGINT), 0), ?, ?, ?), `, len(some)), ", "), args...)
		if err != nil {
			return err
		}
	}
	return tx.name(ctx, organization, license, int64(len(holders)))
}

// DropSeats notes that seats of a license are nobody's any more, and returns how many were somebody's. The caller holds the lock of the
// holding, and counts them no more among those assigned, or as those of somebody unknown.
func (tx *Tx) DropSeats(ctx context.Context, organization, license string, ids []int64) (n int64, err error) {
	for some := range slices.Chunk(ids, seatsAtOnce) {
		var gone []int64
		err := tx.list(ctx, &gone, `DELETE FROM seats WHERE id IN (?) AND organization = ? AND license = ? RETURNING id`, some, organization, license)
		if err != nil {
			return n, err
		}
		n += int64(len(gone))
	}
	return n, tx.name(ctx, organization, license, -n)
}

// name counts so many more among those assigned of whom it is known who they are.
func (tx *Tx) name(ctx context.Context, organization, license string, n int64) error {
	_, err := tx.exec(ctx, `UPDATE holdings SET named = named + ? WHERE organization = ? AND license = ?`, n, organization, license)
	return err
}

// joinSeats gives what somebody has to the person whom they have turned out to be.
func (tx *Tx) joinSeats(ctx context.Context, from, into PersonID) error {
	var ss []Seat
	if err := tx.list(ctx, &ss, selectSeat+`WHERE s.person_id = ? ORDER BY s.organization, s.license`, from); err != nil {
		return err
	}
	return tx.seatsBecome(ctx, ss, into)
}

// meetHolder gives what somebody has who was known by their address alone to the person of that organization whose address it is.
func (tx *Tx) meetHolder(ctx context.Context, a Account, p PersonID) error {
	if a.Workspace != Mail {
		return nil
	}
	var ss []Seat
	err := tx.list(ctx, &ss, selectSeat+`JOIN people o ON o.organization = s.organization WHERE s.mail = ? AND s.mail <> '' AND o.id = ? ORDER BY s.license`, a.ID, p)
	if err != nil {
		return err
	}
	return tx.seatsBecome(ctx, ss, p)
}

// seatsBecome gives seats to one person. What they have already, they don't have twice: that license is free again.
func (tx *Tx) seatsBecome(ctx context.Context, ss []Seat, p PersonID) error {
	for _, s := range ss {
		if _, err := tx.LockHolding(ctx, s.Organization, s.License); err != nil {
			return err
		}
		have, err := tx.SeatsAmong(ctx, s.Organization, s.License, []Holder{{Person: p}})
		if err != nil {
			return err
		}
		if len(have) == 0 {
			if _, err := tx.exec(ctx, `UPDATE seats SET person_id = ?, mail = '' WHERE id = ?`, p, s.ID); err != nil {
				return err
			}
			continue
		}
		n, err := tx.DropSeats(ctx, s.Organization, s.License, []int64{s.ID})
		if err != nil || n == 0 {
			return err
		}
		m := Movement{Organization: s.Organization, License: s.License, Act: Unassigned, Counts: Counts{Assigned: -n}, Actor: p, Source: "joined"}
		if _, err := tx.Move(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// ForgetHolder blanks an address by which somebody has licenses who has not been met: these stay assigned, to somebody unknown. It returns
// how many they were.
func (tx *Tx) ForgetHolder(ctx context.Context, address string) (n int64, err error) {
	var ss []Seat
	if err := tx.list(ctx, &ss, selectSeat+`WHERE s.mail = ? AND s.mail <> '' ORDER BY s.organization, s.license`, address); err != nil {
		return 0, err
	}
	for _, s := range ss {
		if _, err := tx.LockHolding(ctx, s.Organization, s.License); err != nil {
			return n, err
		}
		one, err := tx.DropSeats(ctx, s.Organization, s.License, []int64{s.ID})
		if err != nil {
			return n, err
		}
		n += one
	}
	return n, nil
}

// Owned is an account, and whose it is.
type Owned struct {
	Person PersonID `db:"person_id"`
	Account
}

// ChatAccounts returns the accounts in chats of these people, in order.
func (tx *Tx) ChatAccounts(ctx context.Context, people []PersonID) (all []Owned, err error) {
	for some := range slices.Chunk(people, seatsAtOnce) {
		var os []Owned
		err := tx.list(ctx, &os, `SELECT person_id, workspace, account FROM accounts WHERE person_id IN (?) AND workspace <> ? ORDER BY person_id, workspace, account`, some, Mail)
		if err != nil {
			return nil, err
		}
		all = append(all, os...)
	}
	return all, nil
}

// PeopleAt returns who some accounts of a workspace belong to, by account.
func (tx *Tx) PeopleAt(ctx context.Context, workspace string, accounts []string) (map[string]Person, error) {
	out := map[string]Person{}
	for some := range slices.Chunk(accounts, seatsAtOnce) {
		var found []struct {
			Person
			Account string
		}
		err := tx.list(ctx, &found, `SELECT `+personColumns.as("")+`, a.account AS account FROM people p JOIN accounts a ON a.person_id = p.id
			WHERE a.workspace = ? AND a.account IN (?)`, workspace, some)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			out[f.Account] = f.Person
		}
	}
	return out, nil
}

// PeopleNamed returns who of an organization is called so, but for those who have turned out to be somebody else.
func (tx *Tx) PeopleNamed(ctx context.Context, organization string, names []string) (ps []Person, err error) {
	for some := range slices.Chunk(names, seatsAtOnce) {
		var found []Person
		if err := tx.list(ctx, &found, selectPerson+`WHERE p.organization = ? AND p.name IN (?) AND p.joined_id = 0`, organization, some); err != nil {
			return nil, err
		}
		ps = append(ps, found...)
	}
	return ps, nil
}
