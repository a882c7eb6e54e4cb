package store

import "context"

// PersonEvent is one change of what is known of a person: who changed what, when, and by which door.
type PersonEvent struct {
	ID     int64
	Person PersonID `db:"person_id"`
	Actor  PersonID `db:"actor_id"`
	Field  string
	Was    string
	Became string
	Source string // the workspace it came from
	At     Time
}

var personEventColumns = columnsOf("e", "id person_id actor_id field was became source at")

// AddPersonEvent appends to what is known of a person's changes.
func (tx *Tx) AddPersonEvent(ctx context.Context, e PersonEvent) error {
	_, err := tx.exec(ctx, `INSERT INTO person_events (person_id, actor_id, field, was, became, source, at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		e.Person, e.Actor, e.Field, e.Was, e.Became, e.Source, tx.Now)
	return err
}

// PersonEvents returns the latest limit changes of a person, oldest first.
func (tx *Tx) PersonEvents(ctx context.Context, id PersonID, limit int) ([]PersonEvent, error) {
	var es []PersonEvent
	return es, tx.list(ctx, &es, `SELECT * FROM (SELECT `+personEventColumns.as("")+` FROM person_events e WHERE e.person_id = ?
		ORDER BY e.id DESC LIMIT ?) AS latest ORDER BY id`, id, limit)
}

// LockPerson returns a person for a change of it: of two at once the second sees what the first did.
func (tx *Tx) LockPerson(ctx context.Context, id PersonID) (Person, error) {
	var p Person
	return p, tx.get(ctx, &p, selectPerson+`WHERE p.id = ?`+tx.forChange, id)
}
