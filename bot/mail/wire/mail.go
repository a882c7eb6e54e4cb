package wire

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-message"
)

// Mail is one mail to one person.
type Mail struct {
	From, To     mail.Address
	EnvelopeFrom string // where bounces go; empty for From's address, "<>" for nowhere
	ReplyTo      string
	MessageID    string // with or without angle brackets, as the others
	InReplyTo    string
	References   []string
	Subject      string
	Text, HTML   string
	ListID       string // such as support.example.org
	Automatic    bool   // not written by a person: others' autoresponders keep silent (RFC 3834)
	Date         time.Time
	Files        []File
}

// File is an attachment.
type File struct {
	Name    string
	Type    string // such as image/png; what is no type counts as application/octet-stream
	Content []byte
}

// field is a line of a header.
type field struct{ name, value string }

// Bytes is the mail as it is sent, the same each time, so that it can be sent again and known again.
// Nothing in it can add a header: line breaks become spaces in what people write, and are refused in
// addresses and ids.
func (m Mail) Bytes() ([]byte, error) {
	fields, err := m.fields()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if len(m.Files) == 0 {
		err = m.writeText(&b, nil, fields)
	} else {
		err = m.writeMixed(&b, fields)
	}
	if err != nil {
		return nil, fmt.Errorf("compose mail: %w", err)
	}
	return b.Bytes(), nil
}

// fields is the header, in the order in which people are used to read it.
func (m Mail) fields() ([]field, error) {
	if m.Date.IsZero() {
		return nil, errors.New("mail: no date")
	}
	from, err := mailbox(m.From)
	if err != nil {
		return nil, fmt.Errorf("mail: sender: %w", err)
	}
	to, err := mailbox(m.To)
	if err != nil {
		return nil, fmt.Errorf("mail: recipient: %w", err)
	}
	id, err := messageIDs(m.MessageID)
	if err != nil {
		return nil, fmt.Errorf("mail: message id: %w", err)
	}
	fields := []field{{"From", from}, {"To", to}}
	if m.ReplyTo != "" {
		reply, err := angle(m.ReplyTo)
		if err != nil {
			return nil, fmt.Errorf("mail: reply to: %w", err)
		}
		fields = append(fields, field{"Reply-To", reply})
	}
	fields = append(fields,
		field{"Subject", words(m.Subject)},
		field{"Date", m.Date.Format("Mon, 02 Jan 2006 15:04:05 -0700")},
		field{"Message-Id", id})
	if m.InReplyTo != "" {
		parent, err := messageIDs(m.InReplyTo)
		if err != nil {
			return nil, fmt.Errorf("mail: in reply to: %w", err)
		}
		fields = append(fields, field{"In-Reply-To", parent})
	}
	if len(m.References) > 0 {
		thread, err := messageIDs(m.References...)
		if err != nil {
			return nil, fmt.Errorf("mail: references: %w", err)
		}
		fields = append(fields, field{"References", thread})
	}
	if m.Automatic {
		submitted := "auto-generated"
		if m.InReplyTo != "" {
			submitted = "auto-replied"
		}
		// Exchange heeds its own header instead. Bounces are not suppressed: they are wanted.
		fields = append(fields, field{"Auto-Submitted", submitted}, field{"X-Auto-Response-Suppress", "OOF, AutoReply"})
	}
	if m.ListID != "" {
		if !isDotAtom(m.ListID) {
			return nil, errors.New("mail: list id: not a dotted name")
		}
		fields = append(fields, field{"List-Id", "<" + m.ListID + ">"}) // RFC 2919
	}
	return append(fields, field{"Mime-Version", "1.0"}), nil
}

// writeMixed writes the text and then the files.
func (m Mail) writeMixed(b *bytes.Buffer, fields []field) error {
	outer, err := message.CreateWriter(b, header(append(fields, m.multipart("mixed"))))
	if err != nil {
		return err
	}
	if err := m.writeText(nil, outer, nil); err != nil {
		return err
	}
	for _, f := range m.Files {
		name := fileName(f.Name)
		w, err := outer.CreatePart(header([]field{
			{"Content-Type", fileType(f.Type)},
			{"Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name})},
			{"Content-Transfer-Encoding", "base64"},
		}))
		if err != nil {
			return err
		}
		if err := writeAll(w, f.Content); err != nil {
			return err
		}
	}
	return outer.Close()
}

// writeText writes the text, in both forms where there are two: as the whole mail, or as a part of one.
func (m Mail) writeText(b *bytes.Buffer, outer *message.Writer, fields []field) error {
	create := func(more ...field) (*message.Writer, error) {
		h := header(append(fields, more...))
		if outer != nil {
			return outer.CreatePart(h)
		}
		return message.CreateWriter(b, h)
	}
	if m.HTML == "" {
		w, err := create(textPart("plain")...)
		if err != nil {
			return err
		}
		return writeAll(w, []byte(m.Text))
	}
	both, err := create(m.multipart("alternative"))
	if err != nil {
		return err
	}
	for _, form := range []struct{ kind, text string }{{"plain", m.Text}, {"html", m.HTML}} {
		w, err := both.CreatePart(header(textPart(form.kind)))
		if err != nil {
			return err
		}
		if err := writeAll(w, []byte(form.text)); err != nil {
			return err
		}
	}
	return both.Close()
}

// multipart is the type of a mail in parts. Its boundary has "=_" in it, which neither quoted-printable
// nor base64 ever holds (RFC 2045, section 6.7): no text can end its part.
func (m Mail) multipart(kind string) field {
	sum := sha256.Sum256([]byte(kind + "\x00" + strings.Trim(m.MessageID, "<>")))
	boundary := "=_" + hex.EncodeToString(sum[:16])
	return field{"Content-Type", mime.FormatMediaType("multipart/"+kind, map[string]string{"boundary": boundary})}
}

func textPart(kind string) []field {
	return []field{{"Content-Type", "text/" + kind + "; charset=utf-8"}, {"Content-Transfer-Encoding", "quoted-printable"}}
}

// header is a header in the given order, which the library keeps from its end.
func header(fields []field) message.Header {
	var h message.Header
	for i := len(fields) - 1; i >= 0; i-- {
		h.Add(fields[i].name, fields[i].value)
	}
	return h
}

func writeAll(w *message.Writer, content []byte) error {
	if _, err := w.Write(content); err != nil {
		return err
	}
	return w.Close()
}

// fileType is a type that a file may have. Mails and multiparts may not be encoded (RFC 2046,
// section 5.2.1), and parameters are nothing that readers need.
func fileType(given string) string {
	kind, _, err := mime.ParseMediaType(given)
	if err != nil || !strings.Contains(kind, "/") || strings.HasPrefix(kind, "message/") || strings.HasPrefix(kind, "multipart/") {
		return "application/octet-stream"
	}
	return kind
}

// fileName is a name that fits on a line.
func fileName(name string) string {
	name = oneLine(name)
	for len(name) > 200 {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	if name == "" {
		return "file"
	}
	return name
}
