package wire

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// certificate makes one for this machine, and a pool that trusts it.
func certificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: parsed}, pool
}

const (
	theUser     = "guichet@example.org"
	thePassword = "s3cret pass"
)

// relay is a real server that takes mail, and fails as it is told.
type relay struct {
	address string
	roots   *x509.CertPool

	mu    sync.Mutex
	fail  map[string]error // by step; errCut hangs up
	got   []delivery
	login bool     // whether it wants one
	names []string // of those who said hello
}

type delivery struct {
	from, to, raw string
	secure, known bool
}

var errCut = errors.New("cut")

func startRelay(t testing.TB, mode string, change func(*smtp.Server)) *relay {
	t.Helper()
	cert, roots := certificate(t)
	r := &relay{roots: roots, fail: map[string]error{}, login: true}
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.names = append(r.names, c.Hostname())
		return &relaySession{relay: r, conn: c}, r.fail["hello"]
	}))
	s.Domain, s.ErrorLog, s.AllowInsecureAuth = "relay.example", log.New(io.Discard, "", 0), true
	config := &tls.Config{Certificates: []tls.Certificate{cert}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.address = l.Addr().String()
	switch mode {
	case TLS:
		l = tls.NewListener(l, config)
	case StartTLS:
		s.TLSConfig = config
	}
	if change != nil {
		change(s)
	}
	done := make(chan error)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		_ = s.Close()
		<-done
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = s.Shutdown(ctx)
	})
	return r
}

func (r *relay) server(mode string) Server {
	return Server{Address: r.address, TLS: mode, User: theUser, Password: thePassword, Hello: "guichet.example.org", RootCAs: r.roots, Timeout: 10 * time.Second}
}

func (r *relay) failAt(step string, err error) { r.mu.Lock(); defer r.mu.Unlock(); r.fail[step] = err }

func (r *relay) mails() []delivery { r.mu.Lock(); defer r.mu.Unlock(); return r.got }

type relaySession struct {
	*relay
	conn *smtp.Conn
	delivery
}

func (s *relaySession) step(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.fail[name]
	if err == errCut {
		_ = s.conn.Conn().Close()
	}
	return err
}

func (s *relaySession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *relaySession) Auth(string) (sasl.Server, error) {
	if err := s.step("auth"); err != nil {
		return nil, err
	}
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != theUser || password != thePassword {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "bad password " + password}
		}
		s.known = true
		return nil
	}), nil
}

func (s *relaySession) Mail(from string, _ *smtp.MailOptions) error {
	if s.login && !s.known {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "authenticate first"}
	}
	s.from = from
	_, s.secure = s.conn.TLSConnectionState()
	return s.step("mail")
}

func (s *relaySession) Rcpt(to string, _ *smtp.RcptOptions) error { s.to = to; return s.step("rcpt") }

func (s *relaySession) Data(r io.Reader) error {
	if err := s.step("content"); err != nil {
		return err
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.raw = string(raw)
	if err := s.step("end"); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, s.delivery)
	return nil
}

func (s *relaySession) Reset()        {}
func (s *relaySession) Logout() error { return nil }

// scripted is a server that says what it is told to: after its greeting, one answer for each line
// that begins as a key; without one it hangs up. An answer of "" is none.
func scripted(t testing.TB, greeting string, answers map[string]string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { converse(c, greeting, answers) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	return l.Addr().String()
}

func converse(c net.Conn, greeting string, answers map[string]string) {
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	_, _ = io.WriteString(c, greeting+"\r\n")
	buffer, pending := make([]byte, 1<<16), ""
	for {
		n, err := c.Read(buffer)
		if err != nil {
			return
		}
		for pending += string(buffer[:n]); ; {
			line, rest, ok := strings.Cut(pending, "\r\n")
			if !ok {
				break
			}
			pending = rest
			word, _, _ := strings.Cut(line, " ")
			answer, known := answers[word]
			switch {
			case known && answer == "cut":
				return
			case known && answer != "":
				_, _ = io.WriteString(c, answer+"\r\n")
			}
		}
	}
}
