package wire

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// inbox is a Handler that keeps what it is given, and fails as it is told.
type inbox struct {
	mu   sync.Mutex
	err  error
	got  []Envelope
	raws []string
	hold chan struct{} // if set, what each mail waits for
	came chan struct{} // told of each mail
}

func newInbox() *inbox { return &inbox{came: make(chan struct{}, 100)} }

func (i *inbox) handle(ctx context.Context, e Envelope, raw []byte) error {
	i.came <- struct{}{}
	if i.hold != nil {
		select {
		case <-i.hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.err != nil {
		return i.err
	}
	i.got, i.raws = append(i.got, e), append(i.raws, string(raw))
	return nil
}

func (i *inbox) mails() ([]Envelope, []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.got, i.raws
}

// listening starts a listener, and returns its address and what stops it.
func listening(t *testing.T, l Listener) (string, func() error) {
	t.Helper()
	if l.Accepts == nil {
		l.Accepts = func(a string) bool { return strings.HasSuffix(a, "@help.example") }
	}
	if l.Log == nil {
		l.Log = slog.New(slog.DiscardHandler)
	}
	if l.Timeout == 0 {
		l.Timeout = 10 * time.Second
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Serve(ctx, listener) }()
	stop := sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("it stopped with %v", err)
		}
	})
	return listener.Addr().String(), stop
}

func dial(t *testing.T, address string, lmtp bool) *smtp.Client {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	var c *smtp.Client
	if lmtp {
		c = smtp.NewClientLMTP(conn)
	} else {
		c = smtp.NewClient(conn)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// bring sends a mail, and returns the code of the answer.
func bring(c *smtp.Client, raw string, to ...string) int {
	err := func() error {
		if err := c.Mail("ann@example.com", nil); err != nil {
			return err
		}
		for _, a := range to {
			if err := c.Rcpt(a, nil); err != nil {
				return err
			}
		}
		w, err := c.Data()
		if err != nil {
			return err
		}
		if _, err := w.Write([]byte(raw)); err != nil {
			return err
		}
		return w.Close()
	}()
	return code(err)
}

func code(err error) int {
	answer := (*smtp.SMTPError)(nil)
	switch {
	case err == nil:
		return 250
	case errors.As(err, &answer):
		return answer.Code
	}
	return 0
}

const someMail = "Message-ID: <1@example.com>\r\nSubject: Hi\r\n\r\n.dots\r\nécran\r\n"

func TestListenerTakesMail(t *testing.T) {
	in := newInbox()
	address, _ := listening(t, Listener{Handler: in.handle, Domain: "help.example"})
	c := dial(t, address, false)
	for range 2 {
		if got := bring(c, someMail, "support@help.example", "sales@help.example", "support@help.example"); got != 250 {
			t.Fatalf("code %d", got)
		}
	}
	envelopes, raws := in.mails()
	want := Envelope{From: "ann@example.com", To: []string{"support@help.example", "sales@help.example"}, Remote: "127.0.0.1", ID: "1@example.com"}
	if len(raws) != 2 || raws[0] != someMail || raws[1] != someMail || fmt.Sprint(envelopes[0]) != fmt.Sprint(want) || fmt.Sprint(envelopes[1]) != fmt.Sprint(want) {
		t.Errorf("%+v %q", envelopes, raws)
	}
	if err := c.Mail("", nil); err != nil { // a bounce
		t.Error(err)
	}
}

func TestOurOwnMailComesThrough(t *testing.T) {
	in := newInbox()
	cert, roots := certificate(t)
	address, _ := listening(t, Listener{Handler: in.handle, TLS: &tls.Config{Certificates: []tls.Certificate{cert}}})
	m := aMail()
	m.To.Address = "support@help.example"
	if err := (Server{Address: address, TLS: StartTLS, RootCAs: roots}).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	raw, _ := m.Bytes()
	if _, raws := in.mails(); len(raws) != 1 || strings.TrimSuffix(raws[0], "\r\n") != strings.TrimSuffix(string(raw), "\r\n") {
		t.Errorf("%q", raws)
	}
	m.To.Address = "someone@elsewhere.example"
	expect(t, (Server{Address: address, TLS: StartTLS, RootCAs: roots}).Send(t.Context(), m), ErrRefused, "refused")
}

func TestListenerIsNoOpenRelay(t *testing.T) {
	in := newInbox()
	address, _ := listening(t, Listener{Handler: in.handle})
	for _, to := range []string{"ann@elsewhere.example", "support@help.example.evil.example", `"x@help.example"@evil.example`, "x%evil.example@evil.example", "@help.example:x@evil.example"} {
		c := dial(t, address, false)
		if got := bring(c, someMail, to); got != 550 {
			t.Errorf("%s: code %d", to, got)
		}
	}
	if got, _ := in.mails(); len(got) != 0 {
		t.Error("it was taken")
	}
}

func TestListenerAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want int
		text string
	}{
		"later":      {errors.New("the database of ann@example.com is gone"), 451, "Not stored, try again later"},
		"reject":     {&ErrReject{Text: "No\r\n250 fine, éa"}, 550, "No  250 fine, ?a"},
		"own code":   {fmt.Errorf("wrapped: %w", &ErrReject{Code: 552, Text: "Too much"}), 552, "Too much"},
		"wrong code": {&ErrReject{Code: 250}, 550, "Rejected"},
	} {
		t.Run(name, func(t *testing.T) {
			in := newInbox()
			in.err = c.err
			for _, lmtp := range []bool{false, true} {
				address, _ := listening(t, Listener{Handler: in.handle, LMTP: lmtp})
				client := dial(t, address, lmtp)
				_ = client.Mail("a@b.example", nil)
				_ = client.Rcpt("x@help.example", nil)
				w, err := client.Data()
				if err != nil {
					t.Fatal(err)
				}
				_, _ = w.Write([]byte(someMail))
				err = w.Close()
				if lmtp { // the client keeps them by recipient
					all := smtp.LMTPDataError(nil)
					if !errors.As(err, &all) {
						t.Fatalf("%v", err)
					}
					err = all["x@help.example"]
				}
				answer := (*smtp.SMTPError)(nil)
				if !errors.As(err, &answer) || answer.Code != c.want || !strings.HasSuffix(answer.Message, c.text) {
					t.Errorf("lmtp %v: %v", lmtp, err)
				}
			}
		})
	}
}

func TestHandlerThatPanics(t *testing.T) {
	var log bytes.Buffer
	address, _ := listening(t, Listener{
		Handler: func(context.Context, Envelope, []byte) error { panic("words of somebody") },
		Log:     slog.New(slog.NewTextHandler(&log, nil)),
	})
	c := dial(t, address, false)
	for range 2 { // it goes on
		if got := bring(c, someMail, "x@help.example"); got != 451 {
			t.Errorf("code %d", got)
		}
	}
	if strings.Contains(log.String(), "somebody") || !strings.Contains(log.String(), "broke") {
		t.Errorf("log %s", log.String())
	}
}

func TestListenerLimits(t *testing.T) {
	in := newInbox()
	address, _ := listening(t, Listener{Handler: in.handle, MaxSize: 1000, MaxRecipients: 2})
	big := "Subject: x\r\n\r\n" + strings.Repeat("0123456789\r\n", 200)
	c := dial(t, address, false)
	if got := bring(c, big, "x@help.example"); got != 552 {
		t.Errorf("too large: code %d", got)
	}
	if err := c.Mail("a@b.example", &smtp.MailOptions{Size: 2000}); code(err) != 552 {
		t.Errorf("announced too large: %v", err)
	}
	if got := bring(c, someMail, "x@help.example", "y@help.example", "z@help.example"); got/100 != 4 {
		t.Errorf("too many: code %d", got)
	}
	if err := c.Reset(); err != nil {
		t.Error(err)
	}
	if got := bring(c, someMail, "x@help.example"); got != 250 { // it goes on
		t.Errorf("code %d", got)
	}
	if got, _ := in.mails(); len(got) != 1 {
		t.Errorf("%d mails", len(got))
	}
}

func TestWhoMayConnect(t *testing.T) {
	in := newInbox()
	for network, want := range map[string]int{"127.0.0.0/8": 250, "192.0.2.0/24": 554} {
		address, _ := listening(t, Listener{Handler: in.handle, Networks: []netip.Prefix{netip.MustParsePrefix(network)}})
		if got := bring(dial(t, address, false), someMail, "x@help.example"); got != want {
			t.Errorf("%s: code %d", network, got)
		}
	}
	address, _ := listening(t, Listener{Handler: in.handle, MaxConnections: 1})
	first := dial(t, address, false)
	if err := first.Noop(); err != nil {
		t.Fatal(err)
	}
	if err := dial(t, address, false).Hello("x"); code(err) != 421 {
		t.Errorf("one too many: %v", err)
	}
	l := Listener{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	if !l.allows(&net.TCPAddr{IP: net.ParseIP("::ffff:127.0.0.1")}) || l.allows(&net.TCPAddr{IP: net.ParseIP("::1")}) {
		t.Error("addresses in six bytes' clothing")
	}
}

func TestLMTPAnswersEachRecipient(t *testing.T) {
	in := newInbox()
	address, _ := listening(t, Listener{Handler: in.handle, LMTP: true})
	c := dial(t, address, true)
	if err := c.Mail("ann@example.com", nil); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"a@help.example", "b@help.example"} {
		if err := c.Rcpt(to, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Rcpt("c@elsewhere.example", nil); code(err) != 550 {
		t.Errorf("foreign: %v", err)
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write([]byte(someMail))
	answers, err := w.CloseWithLMTPResponse()
	if err != nil {
		t.Fatal(err)
	}
	told := slices.Sorted(maps.Keys(answers))
	if got, _ := in.mails(); len(got) != 1 || !slices.Equal(got[0].To, told) || len(told) != 2 {
		t.Errorf("told %v, got %+v", told, got)
	}
}

func TestSocket(t *testing.T) {
	in := newInbox()
	path := filepath.Join(t.TempDir(), "lmtp.sock")
	stale, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	stale.(*net.UnixListener).SetUnlinkOnClose(false)
	_ = stale.Close() // as after a crash
	l := Listener{Address: path, LMTP: true, Handler: in.handle, Accepts: func(string) bool { return true }, Log: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	var conn net.Conn
	for range 200 {
		if conn, err = net.Dial("unix", path); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil {
		t.Fatal(err)
	}
	c := smtp.NewClientLMTP(conn)
	if got := bring(c, someMail, "x@help.example"); got != 250 {
		t.Errorf("code %d", got)
	}
	if got, _ := in.mails(); len(got) != 1 || got[0].Remote != "local" {
		t.Errorf("%+v", got)
	}
	if err := l.Run(t.Context()); err == nil {
		t.Error("a socket in use was taken over")
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	_ = c.Close()
}
