package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/emersion/go-smtp"
)

// session is a conversation with somebody who brings mail.
type session struct {
	door  *door
	guest *guest

	mu       sync.Mutex // a mail in chunks (RFC 3030) is read beside the conversation
	envelope Envelope
}

func (d *door) enter(c *smtp.Conn) (smtp.Session, error) {
	conn := c.Conn()
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	g, ok := conn.(*guest)
	if !ok {
		return nil, errors.New("not let in by the door")
	}
	return &session{door: d, guest: g}, nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.envelope = Envelope{From: from, Remote: remote(s.guest.RemoteAddr())}
	return nil
}

func remote(a net.Addr) string {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap().String()
	}
	return "local"
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if !s.door.settings.Accepts(to) {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such address here"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.envelope.To, to) {
		s.envelope.To = append(s.envelope.To, to)
	}
	return nil
}

// Data takes a mail. LMTP gives each recipient its answer, which is the same for all: a mail is stored
// once, and a second call of the Handler would meet an ID that it knows.
func (s *session) Data(r io.Reader) error {
	s.guest.busy.Store(true)
	s.mu.Lock()
	envelope := s.envelope
	s.mu.Unlock()
	raw, err := io.ReadAll(r)
	if err != nil {
		if tooLarge := (*smtp.SMTPError)(nil); errors.As(err, &tooLarge) {
			return tooLarge
		}
		return later
	}
	envelope.ID = identity(raw)
	return answer(handle(s.door.working, s.door.settings.Handler, s.door.settings.Log, envelope, raw))
}

// Reset is called after each answer to a mail: then those may leave who were waited for.
func (s *session) Reset() {
	s.mu.Lock()
	s.envelope = Envelope{}
	s.mu.Unlock()
	s.guest.busy.Store(false)
	if s.door.stopping.Load() {
		_ = s.guest.Close()
	}
}

func (s *session) Logout() error { return nil }

var later = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Not stored, try again later"}

// answer says what became of a mail, and no more of an error than its Handler means to say.
func answer(err error) error {
	reject := (*ErrReject)(nil)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &reject):
		text := strings.Map(func(r rune) rune {
			if r > '~' {
				return '?'
			}
			return r
		}, oneLine(reject.Text))
		if text == "" {
			text = "Rejected"
		}
		return &smtp.SMTPError{Code: reject.code(), EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: text[:min(len(text), 300)]}
	}
	return later
}

// handle calls a Handler, which may break over a mail without breaking more.
func handle(ctx context.Context, handler Handler, log *slog.Logger, envelope Envelope, raw []byte) (err error) {
	defer func() {
		if v := recover(); v != nil {
			// The value may quote the mail, the stack does not.
			log.Error("a mail broke its handler", "id", envelope.ID, "panic", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
			err = errors.New("the handler broke")
		}
	}()
	err = handler(ctx, envelope, raw)
	reject := (*ErrReject)(nil)
	switch {
	case errors.As(err, &reject):
		log.Info("mail rejected", "id", envelope.ID, "code", reject.code())
	case err != nil:
		log.Warn("mail not stored", "id", envelope.ID, "error", err)
	}
	return err
}
