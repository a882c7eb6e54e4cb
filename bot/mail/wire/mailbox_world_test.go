package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// post is a real IMAP server, which can go away and come back, and what it stores.
type post struct {
	t       *testing.T
	user    *imapmemserver.User
	options imapserver.Options
	secure  *tls.Config // from the first byte
	address string
	roots   *x509.CertPool
	plainly atomic.Bool // whether it keeps no keywords

	server *imapserver.Server
	done   chan error
}

func startPost(t *testing.T, mode string, caps ...imap.Cap) *post {
	t.Helper()
	cert, roots := certificate(t)
	p := &post{t: t, user: imapmemserver.NewUser(theUser, thePassword), roots: roots, address: "127.0.0.1:0"}
	storage := imapmemserver.New()
	storage.AddUser(p.user)
	p.options = imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			if p.plainly.Load() {
				return &plainSession{storage.NewSession().(imapserver.SessionIMAP4rev2)}, nil, nil
			}
			return storage.NewSession(), nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}},
		Logger:       log.New(io.Discard, "", 0),
		InsecureAuth: mode == None,
	}
	for _, c := range caps {
		p.options.Caps[c] = struct{}{}
	}
	config := &tls.Config{Certificates: []tls.Certificate{cert}}
	switch mode {
	case TLS:
		p.secure = config
	case StartTLS:
		p.options.TLSConfig = config
	}
	p.create("INBOX")
	p.start()
	t.Cleanup(p.stop)
	return p
}

// plainSession is one that keeps no keywords, as some servers.
type plainSession struct{ imapserver.SessionIMAP4rev2 }

func (s *plainSession) Select(name string, options *imap.SelectOptions) (*imap.SelectData, error) {
	data, err := s.SessionIMAP4rev2.Select(name, options)
	if data != nil {
		data.PermanentFlags = []imap.Flag{imap.FlagSeen, imap.FlagFlagged, imap.FlagDeleted}
	}
	return data, err
}

func (p *post) start() {
	p.t.Helper()
	var l net.Listener
	var err error
	for range 100 {
		if l, err = net.Listen("tcp", p.address); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.address = l.Addr().String()
	if p.secure != nil {
		l = tls.NewListener(l, p.secure)
	}
	server, done := imapserver.New(&p.options), make(chan error, 1)
	p.server, p.done = server, done
	go func() { done <- server.Serve(l) }()
}

// stop hangs up on everybody.
func (p *post) stop() {
	if p.server != nil {
		_ = p.server.Close()
		<-p.done
		p.server = nil
	}
}

func (p *post) create(folder string) {
	p.t.Helper()
	if err := p.user.Create(folder, nil); err != nil {
		p.t.Fatal(err)
	}
}

func (p *post) deliver(folder string, ids ...string) {
	p.t.Helper()
	for _, id := range ids {
		raw := "Message-ID: <" + id + ">\r\nSubject: écran\r\n\r\nnoir\r\n"
		if _, err := p.user.Append(folder, literal{strings.NewReader(raw)}, &imap.AppendOptions{}); err != nil {
			p.t.Fatal(err)
		}
	}
}

type literal struct{ *strings.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// folder is what is in a folder: each mail's id and flags.
func (p *post) folder(name string) []string {
	p.t.Helper()
	conn, err := net.Dial("tcp", p.address)
	if err != nil {
		p.t.Fatal(err)
	}
	if p.secure != nil {
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
	}
	c := imapclient.New(conn, nil)
	defer func() { _ = c.Close() }()
	if err := c.Login(theUser, thePassword).Wait(); err != nil {
		p.t.Fatal(err)
	}
	data, err := c.Select(name, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		p.t.Fatal(err)
	}
	if data.NumMessages == 0 {
		return nil
	}
	list, err := c.Fetch(imap.SeqSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{Flags: true, Envelope: true}).Collect()
	if err != nil {
		p.t.Fatal(err)
	}
	var got []string
	for _, m := range list {
		if m.Envelope == nil { // only its flags, which have just changed
			continue
		}
		var flags []string
		for _, f := range m.Flags {
			flags = append(flags, strings.ToLower(string(f)))
		}
		slices.Sort(flags)
		got = append(got, strings.TrimSpace(m.Envelope.MessageID+" "+strings.Join(flags, " ")))
	}
	return got
}

func (p *post) mailbox(mode string, h Handler) Mailbox {
	return Mailbox{
		Address: p.address, TLS: mode, User: theUser, Password: thePassword, Handler: h, RootCAs: p.roots,
		Log: slog.New(slog.DiscardHandler), Poll: 20 * time.Millisecond, Timeout: 10 * time.Second, retry: 5 * time.Millisecond,
	}
}

// running runs a mailbox, and returns what stops it.
func running(t *testing.T, m Mailbox) func() {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("it stopped with %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// until waits until something is so.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 1000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

// ledger is a Handler that counts how often it was given each mail.
type ledger struct {
	mu     sync.Mutex
	counts map[string]int
	fail   func(id string) error // if set
}

func (l *ledger) handle(_ context.Context, e Envelope, raw []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts = map[string]int{}
	}
	l.counts[e.ID]++
	if !strings.HasSuffix(string(raw), "noir\r\n") {
		return fmt.Errorf("a mail of %d bytes", len(raw))
	}
	if l.fail != nil {
		return l.fail(e.ID)
	}
	return nil
}

func (l *ledger) count(id string) int { l.mu.Lock(); defer l.mu.Unlock(); return l.counts[id] }
