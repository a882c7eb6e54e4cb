package helpdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"guichet/store"
)

// Kinds of deliveries that concern files.
const (
	TellFetch  = "fetch"  // fetch a file from where it was sent; it is told to nobody
	TellFile   = "file"   // hand a file on
	TellNoFile = "nofile" // say why a file is not handed on
)

// FileRef is a file on a message, as its platform tells of it.
type FileRef struct {
	ID   string // the platform's
	Name string // as its sender named it
	Type string // the media type, as far as the platform knows it
	URL  string // where it can be fetched; never shown
	Size int64  // in bytes; zero when unknown

	Kept *store.File `json:"-"` // another file with the same bytes, which are here already
}

// MostFiles is how many files a form takes (Slack: 10).
const MostFiles = 10

// FileTooMany is what is wrong with more of them.
const FileTooMany = "too_many"

// CheckAll says what is wrong with files that come with a form, and with which of them.
func (fs Files) CheckAll(refs []FileRef) (wrong string, which FileRef) {
	if len(refs) > MostFiles {
		return FileTooMany, FileRef{}
	}
	for _, r := range refs {
		if wrong = fs.Check(SafeName(r.Name), r.Size, nil); wrong != "" {
			return wrong, r
		}
	}
	return "", FileRef{}
}

// writeRefs and readRefs keep what is on a message until its thread is known.
func writeRefs(refs []FileRef) string {
	if len(refs) == 0 {
		return ""
	}
	b, _ := json.Marshal(refs) // plain strings and numbers
	return string(b)
}

func readRefs(s string) (refs []FileRef) {
	_ = json.Unmarshal([]byte(s), &refs) // empty: none
	return refs
}

// Files says which files are carried.
type Files struct {
	Off     bool
	Largest int64    // in bytes
	Refuse  []string // extensions, in lower case, without the dot
}

// Why a file is refused, in one word for which the bot has others.
const (
	FileTooLarge = "too_large"
	FileBadType  = "bad_type"
	FileEmpty    = "empty"
	FileGone     = "gone"
	FileNoAccess = "no_access"
	FileFailed   = "failed"
	FilesOff     = "off"
)

// programs are the sorts of files that are not accepted, whatever they are called.
var programs = []string{"application/vnd.microsoft.portable-executable", "application/x-elf", "application/x-mach-binary",
	"application/x-ms-installer", "application/x-ms-shortcut", "application/jar", "application/java-archive", "text/x-shellscript"}

// Check says what is wrong with a file, before its bytes are known and after (begins: the first 512);
// empty when nothing is.
func (fs Files) Check(name string, size int64, begins []byte) string {
	switch extension := strings.ToLower(strings.TrimPrefix(path.Ext(name), ".")); {
	case fs.Off:
		return FilesOff
	case size > fs.Largest:
		return FileTooLarge
	case slices.Contains(fs.Refuse, extension):
		return FileBadType
	case len(begins) == 0:
		return ""
	}
	is := mimetype.Detect(begins)
	if slices.ContainsFunc(programs, is.Is) || isPicture(name) && !strings.HasPrefix(is.String(), "image/") {
		return FileBadType // a program, or not what it says it is
	}
	return ""
}

// isPicture says whether a file is called like a picture.
func isPicture(name string) bool {
	return slices.Contains([]string{".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp"}, strings.ToLower(path.Ext(name)))
}

// attach adds the files that came with a message to it, and has them fetched. writtenIn is the
// conversation in which they stand already.
func (d *Desk) attach(ctx context.Context, tx *store.Tx, t store.Ticket, m store.Message, workspace, writtenIn string, refs []FileRef) error {
	for _, r := range refs {
		f := store.File{Ticket: t.ID, Message: m.ID, WrittenIn: writtenIn, Workspace: workspace, ExternalID: r.ID, Name: SafeName(r.Name),
			Type: r.Type, Size: r.Size, URL: r.URL, State: store.FileWanted}
		if r.Kept != nil {
			f.Workspace, f.State, f.Blob, f.SHA256 = r.Kept.Workspace, store.FileKept, r.Kept.Blob, r.Kept.SHA256
		}
		f, added, err := tx.AddFile(ctx, f)
		if err != nil {
			return err
		}
		if !added {
			continue
		}
		if r.Kept != nil {
			if err := d.tellFile(ctx, tx, t, m, f, TellFile, audienceOfFile(t, m, writtenIn)); err != nil {
				return err
			}
			continue
		}
		if why := d.catalog.Files.Check(f.Name, f.Size, nil); why != "" {
			f.State, f.Reason = store.FileRefused, why
			if err := errors.Join(tx.SaveFile(ctx, f), d.tellNoFile(ctx, tx, t, m, f)); err != nil {
				return err
			}
			continue
		}
		// A lane of its own: a file that takes its time holds up no word.
		err = tx.Enqueue(ctx, store.Delivery{Lane: store.Lane(t.ID, fmt.Sprintf("file/%d", f.ID)), Ticket: t.ID, Workspace: workspace,
			Kind: TellFetch, Message: m.ID, File: f.ID})
		if err != nil {
			return err
		}
	}
	return nil
}

// FileToFetch returns a file that is still to be fetched; store.ErrNotFound when it is not.
func (d *Desk) FileToFetch(ctx context.Context, id store.FileID) (f store.File, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		if f, err = tx.File(ctx, id); err == nil && f.State != store.FileWanted {
			err = store.ErrNotFound
		}
		return err
	})
	return f, err
}

// Fetched notes what came of fetching a file: its bytes are under a key, or it is refused for a reason.
// Those who read its message are told.
func (d *Desk) Fetched(ctx context.Context, got store.File) error {
	return d.db.Write(ctx, func(tx *store.Tx) error {
		t, err := tx.LockTicket(ctx, got.Ticket)
		if err != nil {
			return err
		}
		f, err := tx.File(ctx, got.ID)
		if err != nil || f.State != store.FileWanted {
			return err // another worker was quicker
		}
		m, err := tx.Message(ctx, f.Message)
		if err != nil {
			return err
		}
		if err := tx.SaveFile(ctx, got); err != nil {
			return err
		}
		if got.State == store.FileRefused {
			return d.tellNoFile(ctx, tx, t, m, got)
		}
		if err := d.tellFile(ctx, tx, t, m, got, TellFile, audienceOfFile(t, m, f.WrittenIn)); err != nil || m.Side != store.DeskSide || m.Audience != store.Public {
			return err
		}
		return d.spread(ctx, tx, t, m, 0)
	})
}

// keptOf are the files on a message whose bytes are here, to be put on another.
func (d *Desk) keptOf(ctx context.Context, tx *store.Tx, m store.Message) (refs []FileRef, err error) {
	fs, err := tx.FilesOf(ctx, []store.MessageID{m.ID})
	for _, f := range fs {
		if f.State == store.FileKept {
			refs = append(refs, FileRef{ID: f.ExternalID, Name: f.Name, Type: f.Type, URL: f.URL, Size: f.Size, Kept: &f})
		}
	}
	return refs, err
}

// audienceOfFile is who gets a file: whoever gets its message in a conversation in which it does not stand.
func audienceOfFile(t store.Ticket, m store.Message, writtenIn string) (ts []Telling) {
	for _, told := range AudienceOf(Audience(m.Audience), writtenOn(t, writtenIn)) {
		if told.Kind == TellMessage {
			ts = append(ts, Telling{told.Side, TellFile})
		}
	}
	return ts
}

// tellNoFile tells the author, and those who read the message, that a file does not come.
func (d *Desk) tellNoFile(ctx context.Context, tx *store.Tx, t store.Ticket, m store.Message, f store.File) error {
	ts := []Telling{{store.DeskSide, TellNoFile}}
	if m.Audience == store.Public {
		ts = append(ts, Telling{store.RequesterSide, TellNoFile})
	}
	return d.tellFile(ctx, tx, t, m, f, TellNoFile, ts)
}

func (d *Desk) tellFile(ctx context.Context, tx *store.Tx, t store.Ticket, m store.Message, f store.File, kind string, ts []Telling) error {
	m.Body = "" // one delivery, whatever the length of the message
	m.File = f.ID
	writtenIn := f.WrittenIn
	if kind == TellNoFile {
		writtenIn = ""
	}
	return d.tellBut(ctx, tx, writtenIn, t, ts, m, 0)
}

// UploadOf is the platform's id of what was uploaded of a file for a delivery, empty until it was.
func (d *Desk) UploadOf(ctx context.Context, del store.Delivery) (id string, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		id, err = tx.Upload(ctx, del.File, del.Lane)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	})
	return id, err
}

// SetUpload notes what was uploaded of a file for a delivery, before it is shared: so that it is not shared twice.
func (d *Desk) SetUpload(ctx context.Context, del store.Delivery, id string) error {
	return d.db.Write(ctx, func(tx *store.Tx) error { return tx.SaveUpload(ctx, del.File, del.Lane, id) })
}

// NoteUpload notes what was uploaded for a delivery of a picture, which no file stands for, before it is shared.
func (d *Desk) NoteUpload(ctx context.Context, del store.Delivery, id string) error {
	return d.db.Write(ctx, func(tx *store.Tx) error { return tx.NoteUpload(ctx, del, id) })
}
