package store

import (
	"context"
	"errors"
)

// PersonID names a person. Zero is nobody, or the program itself where an actor is meant.
type PersonID int64

// Account is a person's identity on a chat platform. Both parts are opaque outside the door
// that made them; Workspace names the platform too, so an Account is unique.
type Account struct {
	Workspace string
	ID        string `db:"account"`
}

// Mail is the workspace of all mail addresses: an account there is one, in small letters.
const Mail = "mail"

// Person is somebody who writes, on whatever door.
type Person struct {
	ID           PersonID
	Organization string // the organization's key, fixed at first sight
	Name         string
	Language     string   // "en" or "fr"
	Phone        string   // as they wrote it
	Mail         string   // their address, which they have shown to be theirs; empty: none
	ByMail       string   `db:"by_mail"`   // which replies they get by mail besides: AllMail, MailAway or NoMail
	Joined       PersonID `db:"joined_id"` // who they have turned out to be, by another account; zero: nobody else
	CreatedAt    Time     `db:"created_at"`
}

// Which public replies somebody gets by mail, besides the chat.
const (
	AllMail  = "all"
	MailAway = "away" // those that come while they are away from the chat
	NoMail   = "none"
)

var personColumns = columnsOf("p", "id organization name language phone mail by_mail joined_id created_at")

var selectPerson = `SELECT ` + personColumns.as("") + ` FROM people p `

// Person returns one person by id.
func (tx *Tx) Person(ctx context.Context, id PersonID) (Person, error) {
	var p Person
	return p, tx.get(ctx, &p, selectPerson+`WHERE p.id = ?`, id)
}

// People returns the persons with these ids, by id. Unknown ids are left out.
func (tx *Tx) People(ctx context.Context, ids []PersonID) (map[PersonID]Person, error) {
	out := make(map[PersonID]Person, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	var people []Person
	if err := tx.list(ctx, &people, selectPerson+`WHERE p.id IN (?)`, ids); err != nil {
		return nil, err
	}
	for _, p := range people {
		out[p.ID] = p
	}
	return out, nil
}

// PersonByAccount returns the person behind an account, ErrNotFound at first sight.
func (tx *Tx) PersonByAccount(ctx context.Context, a Account) (Person, error) {
	var p Person
	return p, tx.get(ctx, &p, selectPerson+`JOIN accounts a ON a.person_id = p.id
		WHERE a.workspace = ? AND a.account = ?`, a.Workspace, a.ID)
}

// ErrKnown is returned for an account that is somebody's already.
var ErrKnown = errors.New("store: the account is known")

// AddPerson records somebody seen for the first time, or fails with ErrKnown when another request
// was quicker.
func (tx *Tx) AddPerson(ctx context.Context, p Person, a Account) (Person, error) {
	p.CreatedAt = tx.Now
	if p.ByMail == "" {
		p.ByMail = MailAway
	}
	err := tx.get(ctx, &p.ID, `INSERT INTO people (organization, name, language, mail, by_mail, created_at)
		VALUES (?, ?, ?, ?, ?, ?) RETURNING id`, p.Organization, p.Name, p.Language, p.Mail, p.ByMail, p.CreatedAt)
	if err != nil {
		return Person{}, err
	}
	n, err := tx.exec(ctx, `INSERT INTO accounts (workspace, account, person_id) VALUES (?, ?, ?)
		ON CONFLICT DO NOTHING`, a.Workspace, a.ID, p.ID)
	if err == nil && n == 0 {
		err = ErrKnown
	}
	if err == nil {
		err = tx.meetHolder(ctx, a, p.ID)
	}
	return p, err
}

// SavePerson writes what may change of a person.
func (tx *Tx) SavePerson(ctx context.Context, p Person) error {
	_, err := tx.exec(ctx, `UPDATE people SET name = ?, language = ?, phone = ?, mail = ?, by_mail = ? WHERE id = ?`,
		p.Name, p.Language, p.Phone, p.Mail, p.ByMail, p.ID)
	return err
}
