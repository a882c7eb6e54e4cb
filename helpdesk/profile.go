package helpdesk

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"guichet/store"
)

// Longest details of a person, in characters.
const (
	MaxName  = 80
	MaxPhone = 30
)

// FieldInvalid is a field whose content is not of the form that it must have.
const FieldInvalid = "invalid"

// Details are what people say of themselves (the FAQ's "données personnelles").
type Details struct {
	Name, Phone, Language string
	Mail                  string // their address, which counts once they have shown it to be theirs
	ByMail                string // see store.Person
}

// phone is lenient: people write their numbers in many ways, and only people read them.
var phone = regexp.MustCompile(`^\+?[0-9 ().\-/]*[0-9][0-9 ().\-/]*$`)

// CheckDetails says what is wrong with details, by the name of the field; nothing when they are fine. languages are
// those that guichet speaks.
func (d *Desk) CheckDetails(to Details, languages []string) map[string]string {
	wrong := to.Check(languages)
	if why := d.CheckMail(strings.ToLower(strings.TrimSpace(to.Mail))); why != "" {
		wrong["mail"] = why
	}
	return wrong
}

// Check says what is wrong with details but for the address.
func (d Details) Check(languages []string) map[string]string {
	wrong := map[string]string{}
	switch {
	case strings.TrimSpace(d.Name) == "":
		wrong["name"] = FieldMissing
	case utf8.RuneCountInString(d.Name) > MaxName:
		wrong["name"] = FieldTooLong
	}
	switch {
	case utf8.RuneCountInString(d.Phone) > MaxPhone:
		wrong["phone"] = FieldTooLong
	case d.Phone != "" && !phone.MatchString(d.Phone):
		wrong["phone"] = FieldInvalid
	}
	if !slices.Contains(languages, d.Language) {
		wrong["language"] = FieldUnknown
	}
	if d.ByMail != "" && !slices.Contains(ByMail, d.ByMail) {
		wrong["by_mail"] = FieldUnknown
	}
	return wrong
}

// ByMail are the wishes that one may have.
var ByMail = []string{store.AllMail, store.MailAway, store.NoMail}

func detailsOf(p store.Person) Details { return Details{p.Name, p.Phone, p.Language, p.Mail, p.ByMail} }

// ChangedDetails is what became of a person's details.
type ChangedDetails struct {
	Person  store.Person
	Fields  []string          // those that changed
	Confirm string            // the address to which a link was sent, if one was
	Wrong   map[string]string // what can't be changed now, by field: then nothing was
}

// DetailsOf returns what is known of the actor.
func (d *Desk) DetailsOf(ctx context.Context, a Actor) (details Details, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		p, err := d.self(ctx, tx, a.Person)
		details = detailsOf(p)
		return err
	})
	return details, err
}

// Pending is the address that the actor has still to show to be theirs; empty: none.
func (d *Desk) Pending(ctx context.Context, a Actor) (address string, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		p, err := d.self(ctx, tx, a.Person)
		if err != nil {
			return err
		}
		latest, err := tx.LatestConfirmation(ctx, p.ID, 0)
		if err != nil {
			return ignoreNotFound(err)
		}
		c, err := d.confirmation(ctx, tx, latest.ID, false)
		if errors.Is(err, ErrLapsed) {
			return nil
		}
		address = c.Address
		return err
	})
	return address, err
}

// SetDetails makes these the actor's own. Every one that changes is an event. Those that are as they were when
// the form was opened (before) are left alone: another door may have changed them meanwhile. Another address is
// sent a link, and counts once that is opened; none at all counts at once.
func (d *Desk) SetDetails(ctx context.Context, a Actor, account store.Account, before, to Details) (c ChangedDetails, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		c = ChangedDetails{}
		to := to // it may be done twice
		to.Mail = strings.ToLower(strings.TrimSpace(to.Mail))
		p, err := d.LockSelf(ctx, tx, a.Person)
		if err != nil {
			return err
		}
		if to.Mail != "" && to.Mail != before.Mail && to.Mail != p.Mail {
			if err := d.AskToConfirm(ctx, tx, store.Confirmation{Person: p.ID, Account: account, Address: to.Mail}); err != nil {
				return err
			}
			c.Confirm = to.Mail
			to.Mail = p.Mail
		}
		for _, f := range []struct {
			name            string
			was, shown, set string
			field           *string
		}{
			{"name", p.Name, before.Name, strings.Join(strings.Fields(to.Name), " "), &p.Name},
			{"phone", p.Phone, before.Phone, strings.TrimSpace(to.Phone), &p.Phone},
			{"language", p.Language, before.Language, to.Language, &p.Language},
			{"mail", p.Mail, before.Mail, to.Mail, &p.Mail},
			{"by_mail", p.ByMail, before.ByMail, cmp.Or(to.ByMail, before.ByMail), &p.ByMail},
		} {
			if f.set == f.shown || f.set == f.was {
				continue
			}
			*f.field = f.set
			c.Fields = append(c.Fields, f.name)
			e := store.PersonEvent{Person: p.ID, Actor: p.ID, Field: f.name, Was: f.was, Became: f.set, Source: a.Source}
			if err := tx.AddPersonEvent(ctx, e); err != nil {
				return err
			}
			if f.name == "mail" { // to none, since any other is confirmed first
				if err := tx.DropAccount(ctx, store.Account{Workspace: Mail, ID: f.was}); err != nil {
					return err
				}
			}
		}
		c.Person = p
		if len(c.Fields) == 0 {
			return nil
		}
		if err := tx.SavePerson(ctx, p); err != nil {
			return err
		}
		return tx.MarkHomes(ctx, account.Workspace, store.Affected{Requesters: []store.PersonID{p.ID}})
	})
	if errors.Is(err, ErrTooOften) {
		return ChangedDetails{Wrong: map[string]string{"mail": FieldTooOften}}, nil
	}
	if err == nil {
		d.met.remember(account, c.Person)
	}
	return c, err
}
