package store

import "context"

// FileID names a file of a ticket.
type FileID int64

// States of a file.
const (
	FileWanted  = "wanted"  // to be fetched from where it was sent
	FileKept    = "kept"    // its bytes are here
	FileRefused = "refused" // they will never be, for the reason given
)

// File is something that somebody put on a message.
type File struct {
	ID         FileID
	Ticket     TicketID  `db:"ticket_id"`
	Message    MessageID `db:"message_id"`
	WrittenIn  string    `db:"written_in"` // the conversation in which it stands already; empty: in none
	Workspace  string    // where it was sent
	ExternalID string    `db:"external_id"` // its id there
	Name       string    // safe to show and to hand on
	Type       string    // the media type that the platform gave
	Size       int64     // in bytes
	URL        string    // where the platform has it; never shown
	State      string
	Reason     string // for a refusal, in one word
	Blob       string // the key of its bytes
	SHA256     string // of them, in hex
}

var fileColumns = columnsOf("f", "id ticket_id message_id written_in workspace external_id name type size url state reason blob sha256")

var selectFile = `SELECT ` + fileColumns.as("") + ` FROM files f `

// AddFile inserts a file. One that is on its message already returns added = false.
func (tx *Tx) AddFile(ctx context.Context, f File) (_ File, added bool, err error) {
	err = tx.get(ctx, &f.ID, `INSERT INTO files (ticket_id, message_id, written_in, workspace, external_id, name, type, size, url,
			state, reason, blob, sha256) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (message_id, external_id) DO NOTHING RETURNING id`,
		f.Ticket, f.Message, f.WrittenIn, f.Workspace, f.ExternalID, f.Name, f.Type, f.Size, f.URL, f.State, f.Reason, f.Blob, f.SHA256)
	if err == ErrNotFound {
		return f, false, nil
	}
	return f, err == nil, err
}

// SaveFile writes what has become of a file.
func (tx *Tx) SaveFile(ctx context.Context, f File) error {
	_, err := tx.exec(ctx, `UPDATE files SET size = ?, state = ?, reason = ?, blob = ?, sha256 = ? WHERE id = ?`,
		f.Size, f.State, f.Reason, f.Blob, f.SHA256, f.ID)
	return err
}

// File returns one file by id.
func (tx *Tx) File(ctx context.Context, id FileID) (File, error) {
	var f File
	return f, tx.get(ctx, &f, selectFile+`WHERE f.id = ?`, id)
}

// FilesOf returns the files on messages, in order.
func (tx *Tx) FilesOf(ctx context.Context, ids []MessageID) ([]File, error) {
	var fs []File
	if len(ids) == 0 {
		return nil, nil
	}
	return fs, tx.list(ctx, &fs, selectFile+`WHERE f.message_id IN (?) ORDER BY f.id`, ids)
}

// Upload returns the platform's id of what was uploaded of a file for a lane; ErrNotFound until it was.
func (tx *Tx) Upload(ctx context.Context, id FileID, lane string) (external string, err error) {
	return external, tx.get(ctx, &external, `SELECT external_id FROM uploads WHERE file_id = ? AND lane = ?`, id, lane)
}

// SaveUpload notes what was uploaded, in place of what was before.
func (tx *Tx) SaveUpload(ctx context.Context, id FileID, lane, external string) error {
	_, err := tx.exec(ctx, `INSERT INTO uploads (file_id, lane, external_id) VALUES (?, ?, ?)
		ON CONFLICT (file_id, lane) DO UPDATE SET external_id = excluded.external_id`, id, lane, external)
	return err
}

// UploadsOf returns the platform's ids of what was uploaded for a lane of the files on a message.
func (tx *Tx) UploadsOf(ctx context.Context, m MessageID, lane string) ([]string, error) {
	var ids []string
	return ids, tx.list(ctx, &ids, `SELECT u.external_id FROM files f JOIN uploads u ON u.file_id = f.id AND u.lane = ?
		WHERE f.message_id = ? ORDER BY f.id`, lane, m)
}
