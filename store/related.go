package store

import "context"

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
	Severity     string // empty: it is not a major one
	Every        int64  // milliseconds from one update to the next
	UpdateAt     Time   `db:"update_at"` // when the next is due; zero: none is
	EndedAt      Time   `db:"ended_at"`
	Place               // where the desk works on it; empty: that is still to be made
	Root         string // the message below which it does; empty: in a channel of its own
}

const incidentColumns = `ticket_id, title, organization, known, since, severity, every, update_at, ended_at, workspace, channel, root`

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
			severity = excluded.severity, every = excluded.every, update_at = excluded.update_at, ended_at = excluded.ended_at,
			workspace = excluded.workspace, channel = excluded.channel, root = excluded.root`,
		i.Ticket, i.Title, i.Organization, i.Known, i.Since, i.Severity, i.Every, i.UpdateAt, i.EndedAt, i.Workspace, i.Channel, i.Root)
	return err
}
