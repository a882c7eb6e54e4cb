package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"time"

	"guichet/store"
)

// Kinds of deliveries about an address that somebody gave. They concern no ticket.
const (
	TellConfirm   = "confirm"   // to that address: a link to show that it is theirs
	TellConfirmed = "confirmed" // to the account that gave it: it counts now
	TellJoined    = "joined"    // to other accounts that are the same person's from now on
)

const (
	// ConfirmWithin is how long the link counts.
	ConfirmWithin = 24 * time.Hour
	// mostConfirmations is how many of them one person can have sent in an hour, to whomever.
	mostConfirmations = 5
	// MaxMail is how long an address may be (RFC 5321, section 4.5.3.1.3, less the brackets).
	MaxMail = 254
)

// Field errors of an address.
const (
	FieldTooOften = "too_often" // too many addresses within the hour
	FieldOurs     = "ours"      // people write there to the desk
)

var (
	// ErrLapsed is a link that was used, is too old, or was overtaken by another.
	ErrLapsed = errors.New("helpdesk: the confirmation has lapsed")
	// ErrTooOften is one confirmation too many.
	ErrTooOften = errors.New("helpdesk: too many confirmations within the hour")
)

// domains are the names that may stand behind the @: not the numbers of machines, such as those of the company's own.
var domains = regexp.MustCompile(`^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$`)

// CheckMail says what is wrong with an address; empty: nothing, or there is none.
func (d *Desk) CheckMail(address string) string {
	a, err := mail.ParseAddress(address)
	local, domain, _ := strings.Cut(address, "@")
	local, _, _ = strings.Cut(local, "+")
	switch {
	case address == "":
		return ""
	case len(address) > MaxMail:
		return FieldTooLong
	case err != nil || a.Address != address || !domains.MatchString(domain) || strings.ContainsFunc(address, func(r rune) bool { return r > '~' }):
		return FieldInvalid
	}
	if _, ours := d.catalog.QueueOfMail(local + "@" + domain); ours || local+"@"+domain == d.catalog.Mail {
		return FieldOurs
	}
	return ""
}

// AskToConfirm has a link sent to an address that somebody says is theirs, or an administrator's. One that was sent before counts no more. It is
// part of a verb's transaction; ErrTooOften undoes that.
func (d *Desk) AskToConfirm(ctx context.Context, tx *store.Tx, c store.Confirmation) error {
	latest, err := tx.Confirmations(ctx, c.Person, mostConfirmations)
	if err != nil {
		return err
	}
	if len(latest) == mostConfirmations && tx.Now.Sub(latest[len(latest)-1].CreatedAt.Time).Abs() < time.Hour {
		return ErrTooOften
	}
	if c, err = tx.AddConfirmation(ctx, c); err != nil {
		return err
	}
	return tx.Enqueue(ctx, store.Delivery{Lane: confirmLane(c.ID), Workspace: Mail, Kind: TellConfirm, Person: c.Person})
}

// confirmLane names a confirmation as a conversation: one of a single delivery.
func confirmLane(id store.ConfirmationID) string { return fmt.Sprintf("confirm/%d", id) }

// Asked is an address that somebody says is theirs, or an administrator's.
type Asked struct {
	store.Confirmation
	Person       store.Person // whose it would be: without an id, if that is an administrator
	Organization Organization
	By           string    // what is called who says that it is an administrator's
	Services     []Service // that these are to administer
	Other        string    // what somebody else is called whose address it is by now, and who would be the same person
	elsewhere    bool      // that is somebody of another organization
}

// AskedBy reads what a delivery is about; ErrLapsed when it counts no more.
func (d *Desk) AskedBy(ctx context.Context, del store.Delivery) (Asked, error) {
	number, _, _ := strings.Cut(strings.TrimPrefix(del.Lane, "confirm/"), "/")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return Asked{}, fmt.Errorf("helpdesk: delivery %d: %w", del.ID, err)
	}
	a, err := d.asked(ctx, store.ConfirmationID(id), del.Kind != TellConfirm)
	if err == nil && del.Kind == TellJoined {
		a.Account, err = d.AccountIn(ctx, a.Person.ID, del.Workspace)
	}
	return a, err
}

// Asked reads a confirmation that still counts; ErrLapsed for any other. It is refused (Filed) with one that can't be
// confirmed: see Confirm.
func (d *Desk) Asked(ctx context.Context, id store.ConfirmationID) (a Asked, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		a, err = d.AskedIn(ctx, tx, id)
		return err
	})
	return a, err
}

func (d *Desk) asked(ctx context.Context, id store.ConfirmationID, used bool) (a Asked, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		a, err = d.confirmation(ctx, tx, id, used)
		return err
	})
	return a, err
}

// confirmation reads one that counts, or that was used.
func (d *Desk) confirmation(ctx context.Context, tx *store.Tx, id store.ConfirmationID, used bool) (a Asked, err error) {
	a.Confirmation, err = tx.Confirmation(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return a, ErrLapsed
	}
	if err != nil {
		return a, err
	}
	latest, err := tx.LatestConfirmation(ctx, a.Confirmation.Person, a.Administrator)
	if err != nil {
		return a, err
	}
	if !used && (!a.UsedAt.IsZero() || latest.ID != id || tx.Now.Sub(a.CreatedAt.Time).Abs() > ConfirmWithin) {
		return a, ErrLapsed
	}
	if a.Person, err = d.self(ctx, tx, a.Confirmation.Person); err != nil {
		return a, err
	}
	if a.Administrator != 0 {
		if a, err = d.named(ctx, tx, a); err != nil {
			return a, err
		}
	}
	a.Organization, _ = d.catalog.Organization(a.Person.Organization)
	other, err := tx.PersonByAccount(ctx, store.Account{Workspace: Mail, ID: a.Address})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return a, nil
	case err != nil:
		return a, err
	case other.Organization != a.Person.Organization:
		a.elsewhere = true // who it is, is nobody's business here
	case other.ID != a.Person.ID:
		a.Other = other.Name
	}
	return a, nil
}

// named reads what is said of an administrator who is nobody yet; ErrLapsed if they were removed, have confirmed, or have another address.
func (d *Desk) named(ctx context.Context, tx *store.Tx, a Asked) (Asked, error) {
	one, err := tx.Administrator(ctx, a.Administrator)
	if errors.Is(err, store.ErrNotFound) || err == nil && (one.Person != 0 || one.Mail != a.Address) {
		return a, ErrLapsed
	}
	if err != nil {
		return a, err
	}
	a.By = a.Person.Name
	a.Person = store.Person{Organization: one.Organization, Name: one.Name, Language: one.Language, Phone: one.Phone}
	all, err := tx.AdministeredIn(ctx, one.Organization)
	var keys []string
	for _, s := range all {
		if s.Administrator == one.ID {
			keys = append(keys, s.Service)
		}
	}
	a.Services = nil
	for _, key := range d.catalog.InOrder(keys) {
		service, ok := d.catalog.Service(key)
		if !ok {
			service = Service{Key: key, Name: func(string) string { return key }}
		}
		a.Services = append(a.Services, service)
	}
	return a, err
}

// AskedIn is Asked in a verb's transaction.
func (d *Desk) AskedIn(ctx context.Context, tx *store.Tx, id store.ConfirmationID) (Asked, error) {
	a, err := d.confirmation(ctx, tx, id, false)
	if err == nil && a.elsewhere {
		err = refuse(Filed, store.Ticket{})
	}
	return a, err
}

// LockSelf is self for a change of that person.
func (d *Desk) LockSelf(ctx context.Context, tx *store.Tx, id store.PersonID) (store.Person, error) {
	p, err := tx.LockPerson(ctx, id)
	for err == nil && p.Joined != 0 {
		p, err = tx.LockPerson(ctx, p.Joined)
	}
	return p, err
}

// Is says whether somebody is, or has turned out to be, a person.
func (d *Desk) Is(ctx context.Context, who, person store.PersonID) (is bool, err error) {
	if who == person {
		return true, nil
	}
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		p, err := d.self(ctx, tx, who)
		is = err == nil && p.ID == person
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	})
	return is, err
}

// self is who a person is now, should they have turned out to be another.
func (d *Desk) self(ctx context.Context, tx *store.Tx, id store.PersonID) (store.Person, error) {
	p, err := tx.Person(ctx, id)
	if err != nil || p.Joined == 0 {
		return p, err
	}
	return tx.Person(ctx, p.Joined)
}

// Confirm makes an address the mail of the person who said that it is theirs: whoever opened the link reads what is
// sent there. Was it somebody else's, in the same organization, then the two are one person from now on, with all
// that either had (their conversations stay where they began). In another organization it is refused (Filed).
func (d *Desk) Confirm(ctx context.Context, id store.ConfirmationID) (a Asked, err error) {
	for {
		err = d.db.Write(ctx, func(tx *store.Tx) error {
			a, err = d.confirm(ctx, tx, id)
			return err
		})
		if !errors.Is(err, errMoved) {
			break
		}
	}
	if err == nil {
		d.met.forget()
	}
	return a, err
}

// errMoved is an address that has become another's while it was looked up whose it is.
var errMoved = errors.New("helpdesk: the address has changed hands")

func (d *Desk) confirm(ctx context.Context, tx *store.Tx, id store.ConfirmationID) (Asked, error) {
	a, err := d.confirmation(ctx, tx, id, false)
	if err != nil {
		return a, err
	}
	if a.Administrator != 0 { // license.Desk.Confirm does that
		return a, ErrLapsed
	}
	mails := store.Account{Workspace: Mail, ID: a.Address}
	other, err := tx.PersonByAccount(ctx, mails)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return a, err
	}
	if other.ID != 0 && other.Organization != a.Person.Organization {
		return a, refuse(Filed, store.Ticket{})
	}
	// Tickets are locked before people, as by those who write in them.
	joins := other.ID != 0 && other.ID != a.Person.ID
	var tickets []store.TicketID
	if joins {
		if tickets, err = tx.TicketsToJoin(ctx, other.ID); err != nil {
			return a, err
		}
	}
	for _, p := range []store.PersonID{min(cmp.Or(other.ID, a.Person.ID), a.Person.ID), max(other.ID, a.Person.ID)} { // of two at once the second waits
		if _, err := tx.LockPerson(ctx, p); err != nil {
			return a, err
		}
	}
	if first, err := tx.UseConfirmation(ctx, id); err != nil || !first {
		return a, cmp.Or(err, ErrLapsed)
	}
	now, err := tx.PersonByAccount(ctx, mails)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return a, err
	}
	p, err := d.self(ctx, tx, a.Person.ID)
	if err != nil {
		return a, err
	}
	if now.ID != other.ID || p.ID != a.Person.ID {
		return a, errMoved
	}
	a.Person = p
	if joins {
		if err := d.tellJoined(ctx, tx, a, other.ID); err != nil {
			return a, err
		}
		if err := tx.Join(ctx, other.ID, p.ID, tickets, TellDeletion); err != nil {
			return a, err
		}
		e := store.PersonEvent{Person: p.ID, Actor: p.ID, Field: "joined", Became: fmt.Sprint(other.ID), Source: Mail}
		if err := tx.AddPersonEvent(ctx, e); err != nil {
			return a, err
		}
	}
	return a, d.setMail(ctx, tx, a, mails)
}

// tellJoined tells somebody, in the chats that are theirs, that they have turned out to be another: it may be news.
func (d *Desk) tellJoined(ctx context.Context, tx *store.Tx, a Asked, other store.PersonID) error {
	workspaces, err := tx.WorkspacesOf(ctx, other)
	for _, w := range workspaces {
		if w == Mail || w == a.Workspace {
			continue
		}
		err = errors.Join(err, tx.Enqueue(ctx, store.Delivery{Lane: confirmLane(a.ID) + "/" + w, Workspace: w, Kind: TellJoined, Person: a.Person.ID}))
	}
	return err
}

// setMail makes a confirmed address a person's mail, and tells them so where they gave it.
func (d *Desk) setMail(ctx context.Context, tx *store.Tx, a Asked, mails store.Account) error {
	p := a.Person
	if p.Mail != "" && p.Mail != a.Address {
		if err := tx.DropAccount(ctx, store.Account{Workspace: Mail, ID: p.Mail}); err != nil {
			return err
		}
	}
	if err := tx.SetAccount(ctx, mails, p.ID); err != nil {
		return err
	}
	e := store.PersonEvent{Person: p.ID, Actor: p.ID, Field: "mail", Was: p.Mail, Became: a.Address, Source: Mail}
	if err := tx.AddPersonEvent(ctx, e); err != nil {
		return err
	}
	p.Mail = a.Address
	if err := tx.SavePerson(ctx, p); err != nil {
		return err
	}
	return tx.Enqueue(ctx, store.Delivery{Lane: confirmLane(a.ID) + "/done", Workspace: a.Workspace, Kind: TellConfirmed, Person: p.ID})
}

// joinedLately is how long after two people have become one some copy of the program may still take the one for
// themselves: see met.
const joinedLately = 2 * metFor

// JoinAgain gives to people what was opened or followed, by another copy of the program that did not know it yet, as
// somebody whom they have turned out to be.
func (d *Desk) JoinAgain(ctx context.Context) error {
	var joined []store.Person
	err := d.db.Look(ctx, func(tx *store.Tx) (err error) { // nearly always there is nobody, and nothing is written
		joined, err = tx.JoinedSince(ctx, store.At(tx.Now.Add(-joinedLately)))
		return err
	})
	for _, p := range joined {
		err = errors.Join(err, d.db.Write(ctx, func(tx *store.Tx) error {
			tickets, err := tx.TicketsToJoin(ctx, p.ID)
			if err != nil {
				return err
			}
			if now, err := tx.LockPerson(ctx, p.Joined); err != nil || now.Joined != 0 { // yet another by now: the next time
				return err
			}
			return tx.Join(ctx, p.ID, p.Joined, tickets, TellDeletion)
		}))
	}
	return err
}
