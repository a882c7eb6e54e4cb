package postoffice

import (
	"bytes"
	"io"
	"log"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// Mailbox is an IMAP server with one person's folders.
type Mailbox struct {
	Address string // host:port

	t    testing.TB
	user *imapmemserver.User
}

// StartMailbox starts an IMAP server that runs until the test ends.
func StartMailbox(t testing.TB, user, password string, folders ...string) *Mailbox {
	t.Helper()
	m := &Mailbox{t: t, user: imapmemserver.NewUser(user, password)}
	for _, f := range append([]string{"INBOX"}, folders...) {
		if err := m.user.Create(f, nil); err != nil {
			t.Fatal(err)
		}
	}
	storage := imapmemserver.New()
	storage.AddUser(m.user)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.Address = l.Addr().String()
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return storage.NewSession(), nil, nil
		},
		Caps:   imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapMove: {}, imap.CapIdle: {}},
		Logger: log.New(io.Discard, "", 0), InsecureAuth: true,
	})
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close(); <-ended })
	return m
}

// literal is a mail as the library wants it.
type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// Put puts a mail into the inbox.
func (m *Mailbox) Put(raw string) {
	m.t.Helper()
	raw = strings.ReplaceAll(strings.ReplaceAll(raw, "\r\n", "\n"), "\n", "\r\n")
	if _, err := m.user.Append("INBOX", literal{bytes.NewReader([]byte(raw))}, &imap.AppendOptions{}); err != nil {
		m.t.Fatal(err)
	}
}

// Count says how many mails are in a folder.
func (m *Mailbox) Count(folder string) int {
	m.t.Helper()
	s, err := m.user.Status(folder, &imap.StatusOptions{NumMessages: true})
	if err != nil {
		m.t.Fatal(err)
	}
	return int(*s.NumMessages)
}
