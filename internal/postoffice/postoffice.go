// Package postoffice is a company's mail server, for tests: it takes mail for delivery by SMTP, shows what each person
// got, and brings to guichet what is for guichet, again and again until it is taken or refused, as mail servers do.
package postoffice

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"guichet/bot/mail/letter"
)

// Server is the mail server.
type Server struct {
	Address string // host:port, where it takes mail for delivery

	guichet  string // host:port, where guichet listens
	lmtp     bool
	server   *smtp.Server
	ctx      context.Context
	bringing sync.WaitGroup

	mu      sync.Mutex
	mails   []Mail
	refused []string // what guichet did not take, with its words
	refuse  map[string]int
	hangUp  int // how many mails are taken without anybody being told
	slow    time.Duration
}

// Mail is one that somebody got.
type Mail struct {
	To     string // the address that it was delivered to
	From   string // the return path
	Header mail.Header
	letter.Letter
	Raw string
}

// Start starts a server that brings mail to guichet at an address, by LMTP or SMTP, until the test ends.
func Start(t testing.TB, guichet string, lmtp bool) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{Address: l.Addr().String(), guichet: guichet, lmtp: lmtp, ctx: ctx, refuse: map[string]int{}}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{server: s}, nil }))
	s.server.Domain, s.server.AllowInsecureAuth, s.server.EnableSMTPUTF8 = "mail.acme.example", true, true
	go func() { _ = s.server.Serve(l) }()
	t.Cleanup(func() {
		cancel()
		_ = s.server.Close()
		s.bringing.Wait()
	})
	return s
}

// Guichet is where guichet listens.
func (s *Server) Guichet() string { return s.guichet }

// Refuse has mail to an address refused from now on, with an answer such as 550; zero: no more.
func (s *Server) Refuse(address string, code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse[address] = code
}

// HangUp has the next mails taken and the connection broken before anybody is told.
func (s *Server) HangUp(mails int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hangUp = mails
}

// Slow has whoever hands mail over wait so long for the word that it is taken.
func (s *Server) Slow(by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slow = by
}

// Mails returns what somebody got, in order.
func (s *Server) Mails(to string) (got []Mail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.mails {
		if m.To == to {
			got = append(got, m)
		}
	}
	return got
}

// Refused returns what guichet said to mails that it did not take.
func (s *Server) Refused() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.refused...)
}

// session is one connection of somebody who hands mail over.
type session struct {
	server *Server
	from   string
	to     []string
}

func (s *session) Reset()        { s.from, s.to = "", nil }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.server.mu.Lock()
	code := s.server.refuse[to]
	s.server.mu.Unlock()
	if code != 0 {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "no such person"}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	for _, to := range s.to {
		if err := s.server.deliver(s.from, to, raw); err != nil {
			return err
		}
	}
	s.server.mu.Lock()
	slow := s.server.slow
	s.server.mu.Unlock()
	time.Sleep(slow)
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.server.hangUp > 0 {
		s.server.hangUp--
		return &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "lost"}
	}
	return nil
}

func (s *Server) deliver(from, to string, raw []byte) error {
	l, err := letter.Read(bytes.NewReader(raw), letter.Options{})
	if err != nil {
		return err
	}
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, Mail{To: to, From: from, Header: parsed.Header, Letter: l, Raw: string(raw)})
	return nil
}

// Bring hands a mail to guichet until it takes it, or refuses it for good.
func (s *Server) Bring(from, to, raw string) {
	raw = strings.ReplaceAll(strings.ReplaceAll(raw, "\r\n", "\n"), "\n", "\r\n")
	s.bringing.Go(func() {
		for s.ctx.Err() == nil {
			err := s.once(from, to, raw)
			var answer *smtp.SMTPError
			if err == nil {
				return
			}
			if errors.As(err, &answer) && answer.Code/100 == 5 {
				s.mu.Lock()
				s.refused = append(s.refused, answer.Error())
				s.mu.Unlock()
				return
			}
			select {
			case <-s.ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
	})
}

func (s *Server) once(from, to, raw string) error {
	dial := smtp.Dial
	if s.lmtp {
		dial = func(address string) (*smtp.Client, error) {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				return nil, err
			}
			return smtp.NewClientLMTP(conn), nil
		}
	}
	c, err := dial(s.guichet)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if err := c.Mail(from, nil); err != nil {
		return err
	}
	if err := c.Rcpt(to, nil); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, raw); err != nil {
		return err
	}
	err = w.Close()
	var all smtp.LMTPDataError
	if errors.As(err, &all) {
		for _, answer := range all {
			return answer
		}
	}
	return err
}

// Write has somebody write a new mail, with header lines besides; it returns its Message-ID.
func (s *Server) Write(from mail.Address, to, subject, text string, lines ...string) string {
	id := fmt.Sprintf("%d.%s", time.Now().UnixNano(), from.Address)
	s.Bring(from.Address, to, Raw(from, to, subject, id, text, lines...))
	return id
}

// Raw is a mail as simple as they come.
func Raw(from mail.Address, to, subject, id, text string, lines ...string) string {
	header := append([]string{"From: " + from.String(), "To: <" + to + ">", "Subject: " + subject, "Message-ID: <" + id + ">",
		"Date: " + time.Now().Format(time.RFC1123Z), "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8"}, lines...)
	return strings.Join(header, "\n") + "\n\n" + text + "\n"
}

// Reply has somebody answer a mail that they got, as mail programs do: their words first, what they answer below.
func (s *Server) Reply(from mail.Address, m Mail, words string, lines ...string) string {
	to := m.Header.Get("Reply-To")
	if a, err := mail.ParseAddress(to); err == nil {
		to = a.Address
	}
	quoted := "> " + strings.ReplaceAll(strings.TrimRight(m.Whole, "\n"), "\n", "\n> ")
	text := words + "\n\nOn Thu, Nov 26, 2026 at 10:00, Support wrote:\n" + quoted
	lines = append(lines, "In-Reply-To: <"+m.MessageID+">", "References: <"+m.MessageID+">")
	return s.Write(from, to, "Re: "+m.Subject, text, lines...)
}
