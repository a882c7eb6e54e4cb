package store

import (
	"context"
	"time"
)

// SetLinks writes the links of a locked ticket, and nothing else of it.
func (tx *Tx) SetLinks(ctx context.Context, t Ticket) error {
	_, err := tx.exec(ctx, `UPDATE tickets SET links = ?, updated_at = ? WHERE id = ?`, t.Links, tx.Now, t.ID)
	return err
}

// AddAffected counts tickets that have become part of a locked incident, or are so no more.
func (tx *Tx) AddAffected(ctx context.Context, id TicketID, more int) error {
	_, err := tx.exec(ctx, `UPDATE tickets SET affected = affected + ?, updated_at = ? WHERE id = ?`, more, tx.Now, id)
	return err
}

// Parts returns up to limit tickets that are part of an incident, with numbers above one, in order.
func (tx *Tx) Parts(ctx context.Context, parent, after TicketID, limit int) (ids []TicketID, err error) {
	return ids, tx.list(ctx, &ids, `SELECT id FROM tickets WHERE parent_id = ? AND id > ? ORDER BY id LIMIT ?`, parent, after, limit)
}

// PartOf returns the active ticket of a person that is part of an incident; ErrNotFound if they have none.
func (tx *Tx) PartOf(ctx context.Context, parent TicketID, requester PersonID) (t Ticket, err error) {
	return t, tx.get(ctx, &t, selectTicket+`WHERE t.requester_id = ? AND t.active = ? AND t.parent_id = ? ORDER BY t.id LIMIT 1`, requester, true, parent)
}

// Incident is a ticket that people are told of before they open one about the same.
type Incident struct {
	Ticket       TicketID `db:"ticket_id"`
	Title        string   // in words for everybody who is told
	Organization string   // whose people are told; empty: everybody's whom its queue serves
	Known        bool     // they still are
	Since        Time
	Every        time.Duration // from one update to the next
	UpdateAt     Time          `db:"update_at"` // when the next is due; zero: none is
	EndedAt      Time          `db:"ended_at"`
	Summary      MessageID     `db:"summary_id"` // the message that sums it up; zero: there is none yet
	Place                      // where the desk works on it; empty: that is still to be made
	Root         string        // the message below which it does; empty: in a channel of its own
}

// Runs says whether it is a major incident that is not over: an update of it is due.
func (i Incident) Runs() bool { return !i.UpdateAt.IsZero() }

// OwnChannel says whether the desk works on it in a channel of its own.
func (i Incident) OwnChannel() bool { return i.Channel != "" && i.Root == "" }

// Updated is an incident of which people are told the next time when Every has passed.
func (i Incident) Updated(now Time) Incident {
	i.UpdateAt = At(now.Add(i.Every))
	return i
}

const incidentColumns = `ticket_id, title, organization, known, since, every, update_at, ended_at, summary_id, workspace, channel, root`

// Incident returns what is known of a ticket as an incident; ErrNotFound if it is none.
func (tx *Tx) Incident(ctx context.Context, id TicketID) (i Incident, err error) {
	return i, tx.get(ctx, &i, `SELECT `+incidentColumns+` FROM incidents WHERE ticket_id = ?`, id)
}

// IncidentAt returns the incident that has a channel of its own; ErrNotFound if none does.
func (tx *Tx) IncidentAt(ctx context.Context, p Place) (i Incident, err error) {
	return i, tx.get(ctx, &i, `SELECT `+incidentColumns+` FROM incidents WHERE workspace = ? AND channel = ? AND channel <> '' AND root = ''`, p.Workspace, p.Channel)
}

// KnownIncidents returns the latest limit incidents that people are told of, the newest first.
func (tx *Tx) KnownIncidents(ctx context.Context, limit int) (is []Incident, err error) {
	return is, tx.list(ctx, &is, `SELECT `+incidentColumns+` FROM incidents WHERE known = ? ORDER BY ticket_id DESC LIMIT ?`, true, limit)
}

// IncidentsDue returns up to limit incidents of which an update is due at an instant.
func (tx *Tx) IncidentsDue(ctx context.Context, at Time, limit int) (is []Incident, err error) {
	return is, tx.list(ctx, &is, `SELECT `+incidentColumns+` FROM incidents WHERE update_at > 0 AND update_at <= ? ORDER BY update_at LIMIT ?`, at, limit)
}

// NextUpdate is when an update of an incident is due next; zero: none will be.
func (tx *Tx) NextUpdate(ctx context.Context) (at Time, err error) {
	return at, tx.get(ctx, &at, `SELECT COALESCE(MIN(update_at), 0) FROM incidents WHERE update_at > 0`)
}

// SaveIncident writes all that is known of an incident. The caller holds its ticket's lock.
func (tx *Tx) SaveIncident(ctx context.Context, i Incident) error {
	_, err := tx.exec(ctx, `INSERT INTO incidents (`+incidentColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (ticket_id) DO UPDATE SET title = excluded.title, organization = excluded.organization, known = excluded.known,
			every = excluded.every, update_at = excluded.update_at, ended_at = excluded.ended_at, summary_id = excluded.summary_id,
			workspace = excluded.workspace, channel = excluded.channel, root = excluded.root`,
		i.Ticket, i.Title, i.Organization, i.Known, i.Since, i.Every, i.UpdateAt, i.EndedAt, i.Summary, i.Workspace, i.Channel, i.Root)
	return err
}

// Mark is an entry of a major incident's timeline: a message that somebody has marked.
type Mark struct {
	Ticket TicketID `db:"ticket_id"`
	External
	Author string // the name of whoever wrote it
	Body   string
	SaidAt Time     `db:"said_at"`
	Person PersonID `db:"person_id"` // who marked it
	Theirs bool     // a customer wrote it: it is for the desk's eyes
}

// AddMark puts a message on a timeline. One that is there already returns added = false.
func (tx *Tx) AddMark(ctx context.Context, m Mark) (added bool, err error) {
	n, err := tx.exec(ctx, `INSERT INTO marks (ticket_id, workspace, channel, external_id, author, body, said_at, person_id, theirs)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, m.Ticket, m.Workspace, m.Channel, m.ID, m.Author, m.Body, m.SaidAt, m.Person, m.Theirs)
	return n > 0, err
}

// DropMark takes a message that somebody has marked off a timeline, and says whether it was there.
func (tx *Tx) DropMark(ctx context.Context, id TicketID, e External, by PersonID) (dropped bool, err error) {
	n, err := tx.exec(ctx, `DELETE FROM marks WHERE ticket_id = ? AND workspace = ? AND channel = ? AND external_id = ? AND person_id = ?`, id, e.Workspace, e.Channel, e.ID, by)
	return n > 0, err
}

// Marks returns the first limit entries of a timeline, in order.
func (tx *Tx) Marks(ctx context.Context, id TicketID, limit int) (ms []Mark, err error) {
	return ms, tx.list(ctx, &ms, `SELECT ticket_id, workspace, channel, external_id, author, body, said_at, person_id, theirs FROM marks
		WHERE ticket_id = ? ORDER BY said_at LIMIT ?`, id, limit)
}
