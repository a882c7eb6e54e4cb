package helpdesk

import (
	"context"
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
type Details struct{ Name, Phone, Language string }

// phone is lenient: people write their numbers in many ways, and only people read them.
var phone = regexp.MustCompile(`^\+?[0-9 ().\-/]*[0-9][0-9 ().\-/]*$`)

// Check says what is wrong with details, by the name of the field; nothing when they are fine. languages are
// those that guichet speaks.
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
	return wrong
}

func detailsOf(p store.Person) Details { return Details{p.Name, p.Phone, p.Language} }

// DetailsOf returns what is known of the actor.
func (d *Desk) DetailsOf(ctx context.Context, a Actor) (details Details, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		p, err := tx.Person(ctx, a.Person)
		details = detailsOf(p)
		return err
	})
	return details, err
}

// SetDetails makes these the actor's own. Every one that changes is an event. Those that are as they were when
// the form was opened (before) are left alone: another door may have changed them meanwhile.
func (d *Desk) SetDetails(ctx context.Context, a Actor, account store.Account, before, to Details) (p store.Person, changed []string, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		changed = nil
		if p, err = tx.LockPerson(ctx, a.Person); err != nil {
			return err
		}
		for _, f := range []struct {
			name            string
			was, shown, set string
			field           *string
		}{
			{"name", p.Name, before.Name, strings.Join(strings.Fields(to.Name), " "), &p.Name},
			{"phone", p.Phone, before.Phone, strings.TrimSpace(to.Phone), &p.Phone},
			{"language", p.Language, before.Language, to.Language, &p.Language},
		} {
			if f.set == f.shown || f.set == f.was {
				continue
			}
			*f.field = f.set
			changed = append(changed, f.name)
			if err := tx.AddPersonEvent(ctx, store.PersonEvent{Person: p.ID, Actor: a.Person, Field: f.name, Was: f.was, Became: f.set, Source: a.Source}); err != nil {
				return err
			}
		}
		if len(changed) == 0 {
			return nil
		}
		if err := tx.SavePerson(ctx, p); err != nil {
			return err
		}
		return tx.MarkHomes(ctx, account.Workspace, store.Affected{Requesters: []store.PersonID{p.ID}})
	})
	if err == nil {
		d.met.remember(account, p)
	}
	return p, changed, err
}
