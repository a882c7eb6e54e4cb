package wire

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

func TestSendInEachMode(t *testing.T) {
	for _, mode := range []string{TLS, StartTLS, None} {
		t.Run(mode, func(t *testing.T) {
			r := startRelay(t, mode, nil)
			m := aMail()
			if err := r.server(mode).Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := r.server(mode).Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			raw, _ := m.Bytes()
			want := delivery{m.EnvelopeFrom, m.To.Address, string(raw), mode != None, true}
			if got := r.mails(); len(got) != 1 || got[0] != want {
				t.Errorf("got %+v", got)
			}
			if r.names[0] != "guichet.example.org" {
				t.Errorf("hello %q", r.names[0])
			}
		})
	}
}

func TestEnvelopeFrom(t *testing.T) {
	r := startRelay(t, None, nil)
	for given, want := range map[string]string{"": "support@example.org", "<>": "", "b+1@example.org": "b+1@example.org"} {
		m := aMail()
		m.EnvelopeFrom = given
		if err := r.server(None).Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if got := r.mails(); got[len(got)-1].from != want {
			t.Errorf("%q: from %q", given, got[len(got)-1].from)
		}
	}
	m := aMail()
	m.EnvelopeFrom = "b@x.org> SIZE=1\r\nRCPT TO:<c@x.org"
	if err := r.server(None).Send(t.Context(), m); Reason(err) != "invalid" || !errors.Is(err, ErrRefused) {
		t.Errorf("%v", err)
	}
}

// expect checks an error's kind and reason, and that it says nothing it should not.
func expect(t *testing.T, err error, kind error, reason string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, k := range []error{ErrRefused, ErrUnsure, ErrBusy, ErrAuth} {
		if errors.Is(err, k) != (k == kind) {
			t.Errorf("%v: is %q: %v", err, k, k != kind)
		}
	}
	if got := Reason(err); got != reason {
		t.Errorf("%v: reason %q, want %q", err, got, reason)
	}
	for _, secret := range []string{thePassword, "s3cret", "écran", "noir", "ann@", "quoted words"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error says %q: %v", secret, err)
		}
	}
}

func TestAnswersAtEachStep(t *testing.T) {
	answer := func(code int) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "quoted words of ann@example.com écran"}
	}
	for _, step := range []string{"mail", "rcpt", "content", "end"} {
		for _, c := range []struct {
			err    error
			kind   error
			reason string
		}{
			{answer(550), ErrRefused, "refused"},
			{answer(552), ErrRefused, "refused"},
			{answer(450), ErrBusy, "busy"},
			{answer(421), ErrBusy, "busy"},
			{answer(535), ErrAuth, "auth"},
		} {
			r := startRelay(t, None, nil)
			r.failAt(step, c.err)
			err := r.server(None).Send(t.Context(), aMail())
			expect(t, err, c.kind, c.reason)
			if sent := (*SendError)(nil); !errors.As(err, &sent) || sent.Status[1:] != ".1.1" || sent.Code == 0 {
				t.Errorf("%s: %#v", step, err)
			}
			if len(r.mails()) != 0 {
				t.Error("it was taken")
			}
		}
	}
}

func TestAnswersBefore(t *testing.T) {
	ehlo := "250-x\r\n250 AUTH PLAIN"
	for name, c := range map[string]struct {
		greeting string
		answers  map[string]string
		kind     error
		reason   string
	}{
		"turned away":      {"554 no service", nil, nil, "answer"},
		"overloaded":       {"421 later", nil, ErrBusy, "busy"},
		"no such protocol": {"quoted words", nil, nil, "answer"},
		"hello refused":    {"220 x", map[string]string{"EHLO": "550 no", "HELO": "550 no"}, nil, "answer"},
		"login is busy":    {"220 x", map[string]string{"EHLO": ehlo, "AUTH": "454 later", "*": "500 ?", "QUIT": "cut"}, ErrBusy, "busy"},
		"login garbled":    {"220 x", map[string]string{"EHLO": ehlo, "AUTH": "quoted words", "*": "500 ?", "QUIT": "cut"}, nil, "answer"},
		"challenge":        {"220 x", map[string]string{"EHLO": ehlo, "AUTH": "334 cXVvdGVkIHdvcmRz", "*": "501 ok", "QUIT": "cut"}, ErrAuth, "auth"},
		"no methods":       {"220 x", map[string]string{"EHLO": "250 x"}, ErrAuth, "auth"},
		"unknown methods":  {"220 x", map[string]string{"EHLO": "250-x\r\n250 AUTH XOAUTH2 GSSAPI"}, ErrAuth, "auth"},
		"DATA refused":     {"220 x", map[string]string{"EHLO": ehlo, "AUTH": "235 ok", "MAIL": "250 ok", "RCPT": "251 ok", "DATA": "554 no"}, ErrRefused, "refused"},
		"DATA busy":        {"220 x", map[string]string{"EHLO": ehlo, "AUTH": "235 ok", "MAIL": "250 ok", "RCPT": "251 ok", "DATA": "451 no"}, ErrBusy, "busy"},
		"garbled end":      {"220 x", map[string]string{"EHLO": ehlo, "AUTH": "235 ok", "MAIL": "250 ok", "RCPT": "251 ok", "DATA": "354 go", ".": "quoted words"}, ErrUnsure, "unsure"},
		"odd end":          {"220 x", map[string]string{"EHLO": ehlo, "AUTH": "235 ok", "MAIL": "250 ok", "RCPT": "251 ok", "DATA": "354 go", ".": "354 go"}, ErrUnsure, "unsure"},
		"too large":        {"220 x", map[string]string{"EHLO": "250-x\r\n250-SIZE 100\r\n250 AUTH PLAIN", "AUTH": "235 ok"}, ErrRefused, "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			s := Server{Address: scripted(t, c.greeting, c.answers), TLS: None, User: theUser, Password: thePassword, Timeout: 5 * time.Second}
			expect(t, s.Send(t.Context(), aMail()), c.kind, c.reason)
		})
	}
}

func TestWrongPassword(t *testing.T) {
	for _, mode := range []string{TLS, StartTLS, None} {
		r := startRelay(t, mode, nil)
		s := r.server(mode)
		s.Password = "s3cret but wrong"
		expect(t, s.Send(t.Context(), aMail()), ErrAuth, "auth")
		expect(t, s.Check(t.Context()), ErrAuth, "auth")
		s.User = "" // which the server does not take
		expect(t, s.Send(t.Context(), aMail()), ErrAuth, "auth")
	}
}

// Below no TLS a password goes to this machine only.
func TestNoPasswordInTheClear(t *testing.T) {
	// The library takes 127.0.0.1 and localhost for this machine, and no other address.
	l, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() {
		if c, err := l.Accept(); err == nil {
			converse(c, "220 x", map[string]string{"EHLO": "250-x\r\n250 AUTH PLAIN LOGIN", "AUTH": "235 ok", "QUIT": "221 bye"})
		}
	}()
	s := Server{Address: l.Addr().String(), TLS: None, User: theUser, Password: thePassword, Timeout: 5 * time.Second}
	expect(t, s.Check(t.Context()), ErrAuth, "auth")
}

func TestTLSIsNeverDoneWithout(t *testing.T) {
	plain := startRelay(t, None, nil)
	expect(t, plain.server(StartTLS).Send(t.Context(), aMail()), nil, "tls")
	expect(t, plain.server(TLS).Send(t.Context(), aMail()), nil, "tls")
	refusing := Server{Address: scripted(t, "220 x", map[string]string{"EHLO": "250-x\r\n250 STARTTLS", "STARTTLS": "502 no"}), TLS: StartTLS, Timeout: 5 * time.Second}
	expect(t, refusing.Send(t.Context(), aMail()), nil, "answer")
	if len(plain.mails()) != 0 {
		t.Error("it was sent")
	}
	s := plain.server("")
	expect(t, s.Send(t.Context(), aMail()), nil, "connect")
}

func TestCertificateNotTrusted(t *testing.T) {
	for _, mode := range []string{TLS, StartTLS} {
		r := startRelay(t, mode, nil)
		for _, change := range map[string]func(*Server){
			"system's roots": func(s *Server) { s.RootCAs = nil },
			"no roots":       func(s *Server) { s.RootCAs = x509.NewCertPool() },
		} {
			s := r.server(mode)
			change(&s)
			expect(t, s.Send(t.Context(), aMail()), nil, "certificate")
		}
		if len(r.mails()) != 0 {
			t.Error("it was sent")
		}
	}
}

func TestConnectionCut(t *testing.T) {
	for step, kind := range map[string]error{"mail": nil, "rcpt": nil, "end": ErrUnsure} {
		for _, mode := range []string{TLS, None} {
			r := startRelay(t, mode, nil)
			r.failAt(step, errCut)
			reason := "connect"
			if kind == ErrUnsure {
				reason = "unsure"
			}
			expect(t, r.server(mode).Send(t.Context(), aMail()), kind, reason)
		}
	}
	ehlo := map[string]string{"EHLO": "250 x", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "cut"}
	s := Server{Address: scripted(t, "220 x", ehlo), TLS: None, Timeout: 5 * time.Second}
	expect(t, s.Send(t.Context(), aMail()), nil, "connect")

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	s.Address = l.Addr().String()
	expect(t, s.Send(t.Context(), aMail()), nil, "connect")
	s.Address = "no port"
	expect(t, s.Send(t.Context(), aMail()), nil, "connect")
}

func TestSilentServer(t *testing.T) {
	silent := map[string]string{"EHLO": "250 x", "MAIL": ""}
	s := Server{Address: scripted(t, "220 x", silent), TLS: None, Timeout: 100 * time.Millisecond}
	expect(t, s.Send(t.Context(), aMail()), nil, "timeout")
	s.Timeout = time.Minute
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	expect(t, s.Send(ctx, aMail()), nil, "timeout")
	ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	expect(t, s.Send(ctx, aMail()), nil, "canceled")
	expect(t, s.Send(ctx, aMail()), nil, "canceled") // before it began

	// Whoever gives up on the answer does not know.
	s.Address = scripted(t, "220 x", map[string]string{"EHLO": "250 x", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go", ".": ""})
	ctx, cancel = context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	expect(t, s.Send(ctx, aMail()), ErrUnsure, "unsure")
}

// The answer to the end counts, whatever follows it.
func TestHangingUpAfterTheAnswer(t *testing.T) {
	s := Server{Address: scripted(t, "220 x", map[string]string{"EHLO": "250 x", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go", ".": "250 ok", "QUIT": "cut"}), TLS: None, Timeout: 5 * time.Second}
	if err := s.Send(t.Context(), aMail()); err != nil {
		t.Error(err)
	}
}

func TestReason(t *testing.T) {
	if Reason(nil) != "" || Reason(errors.New("x")) != "other" {
		t.Error("reasons of what Send did not say")
	}
}
