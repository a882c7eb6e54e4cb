package wire

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
)

// moving are the abilities that a server needs to move mails.
var moving = []imap.Cap{imap.CapMove, imap.CapUIDPlus}

func TestMailboxInEachMode(t *testing.T) {
	for _, mode := range []string{TLS, StartTLS, None} {
		t.Run(mode, func(t *testing.T) {
			p := startPost(t, mode, moving...)
			p.deliver("INBOX", "1@x")
			var l ledger
			m := p.mailbox(mode, l.handle)
			if err := m.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			stop := running(t, m)
			until(t, "the mail comes", func() bool { return l.count("1@x") == 1 })
			stop()
		})
	}
}

func TestMailboxRefusals(t *testing.T) {
	clear, secure, upgraded := startPost(t, None), startPost(t, TLS), startPost(t, StartTLS)
	for name, c := range map[string]struct {
		m    Mailbox
		want string
	}{
		"no STARTTLS":          {clear.mailbox(StartTLS, nil), "imap: tls: NO"},
		"no TLS":               {clear.mailbox(TLS, nil), "imap: tls: "},
		"no mode":              {clear.mailbox("", nil), "imap: tls: neither"},
		"not trusted":          {secure.mailbox(TLS, nil), "imap: tls: the server's certificate is not trusted"},
		"upgraded not trusted": {upgraded.mailbox(StartTLS, nil), "the server's certificate is not trusted"},
		"wrong password":       {secure.mailbox(TLS, nil), "imap: login: NO AUTHENTICATIONFAILED"},
		"no such folder":       {secure.mailbox(TLS, nil), "imap: select: NO"},
		"not IMAP":             {clear.mailbox(None, nil), "imap: greeting: the server's answer makes no sense"},
	} {
		t.Run(name, func(t *testing.T) {
			switch name {
			case "not trusted", "upgraded not trusted":
				c.m.RootCAs = x509.NewCertPool()
			case "wrong password":
				c.m.Password = "s3cret but wrong"
			case "no such folder":
				c.m.Folder = "noir"
			case "not IMAP":
				c.m.Address = scripted(t, "220 quoted words", nil)
			}
			err := c.m.Check(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v, want %s", err, c.want)
			}
			for _, secret := range []string{"s3cret", "quoted words", "noir"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error says %q: %v", secret, err)
				}
			}
		})
	}
	silent := Mailbox{Address: scripted(t, "* OK hello", map[string]string{"T1": ""}), TLS: None, Timeout: 50 * time.Millisecond}
	if err := silent.Check(t.Context()); err == nil || !strings.Contains(err.Error(), errTooSlow.Error()) {
		t.Errorf("silent: %v", err)
	}
}

// What a server can decides how a mail is marked, and never whether it comes again.
func TestMarks(t *testing.T) {
	for name, c := range map[string]struct {
		caps          []imap.Cap
		plainly       bool
		done, failed  string
		inbox         []string
		inDone, aside []string
	}{
		"move":         {moving, false, "guichet", "failed", nil, []string{"good@x"}, []string{"bad@x"}},
		"copy":         {[]imap.Cap{imap.CapUIDPlus}, false, "guichet", "failed", nil, []string{"good@x"}, []string{"bad@x"}},
		"neither":      {nil, false, "guichet", "failed", []string{"bad@x \\flagged guichet", "good@x \\seen guichet"}, nil, nil},
		"no folders":   {moving, false, "", "", []string{"bad@x \\flagged guichet", "good@x \\seen guichet"}, nil, nil},
		"one folder":   {moving, false, "", "failed", []string{"good@x \\seen guichet"}, nil, []string{"bad@x"}},
		"no keywords":  {nil, true, "", "", []string{"bad@x \\flagged \\seen", "good@x \\seen"}, nil, nil},
		"nested names": {moving, false, "a/done", "a/failed", nil, []string{"good@x"}, []string{"bad@x"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := startPost(t, None, c.caps...)
			p.plainly.Store(c.plainly)
			p.deliver("INBOX", "bad@x", "good@x")
			l := ledger{fail: func(id string) error {
				if id == "bad@x" {
					return &ErrReject{Text: "no"}
				}
				return nil
			}}
			m := p.mailbox(None, l.handle)
			m.Done, m.Failed = c.done, c.failed
			stop := running(t, m)
			until(t, "both are marked", func() bool { return slices.Equal(p.folder("INBOX"), c.inbox) })
			stop()
			stop = running(t, m) // with no memory
			p.deliver("INBOX", "next@x")
			until(t, "the next comes", func() bool { return l.count("next@x") == 1 })
			stop()
			if l.count("good@x") != 1 || l.count("bad@x") != 1 {
				t.Errorf("counts %v", l.counts)
			}
			if c.inDone != nil && !slices.Equal(p.folder(c.done)[:1], c.inDone) {
				t.Errorf("done %v", p.folder(c.done))
			}
			if c.aside != nil && !slices.Equal(p.folder(c.failed), c.aside) {
				t.Errorf("failed %v", p.folder(c.failed))
			}
		})
	}
}

func TestHandledOnceOverReconnects(t *testing.T) {
	p := startPost(t, TLS, moving...)
	p.deliver("INBOX", "1@x", "2@x")
	var l ledger
	var failures atomic.Int64
	m := p.mailbox(TLS, l.handle)
	m.Done = "guichet"
	m.Report = func(err error) {
		if err != nil {
			failures.Add(1)
		}
	}
	running(t, m)
	until(t, "two mails", func() bool { return l.count("1@x") == 1 && l.count("2@x") == 1 })
	for _, id := range []string{"3@x", "4@x", "5@x"} {
		before := failures.Load()
		p.stop()
		p.deliver("INBOX", id)
		until(t, "its absence is seen", func() bool { return failures.Load() > before })
		p.start()
		until(t, id, func() bool { return l.count(id) == 1 })
	}
	until(t, "all are moved", func() bool { return len(p.folder("guichet")) == 5 && len(p.folder("INBOX")) == 0 })
	for id, n := range l.counts {
		if n != 1 {
			t.Errorf("%s came %d times", id, n)
		}
	}
}

// A mail whose mark was lost comes again under its ID after a crash, and only then.
func TestMarkLost(t *testing.T) {
	for _, crash := range []bool{true, false} {
		p := startPost(t, None, moving...)
		p.deliver("INBOX", "1@x")
		var once sync.Once
		var l ledger
		ctx, cancel := context.WithCancel(t.Context())
		l.fail = func(string) error {
			once.Do(func() {
				p.stop() // stored, and the server is gone before it can be marked
				if crash {
					cancel()
				}
			})
			return nil
		}
		m := p.mailbox(None, l.handle)
		m.Done = "guichet"
		done := make(chan error)
		go func() { done <- m.Run(ctx) }()
		if crash {
			<-done
		} else {
			until(t, "it comes", func() bool { return l.count("1@x") == 1 })
		}
		p.start()
		want := 1
		if crash {
			want = 2
			running(t, m)
		}
		until(t, "it is moved", func() bool { return len(p.folder("guichet")) == 1 })
		if l.count("1@x") != want {
			t.Errorf("crash %v: it came %d times", crash, l.count("1@x"))
		}
		cancel()
		if !crash {
			<-done
		}
	}
}

func TestBadMailDoesNotBlock(t *testing.T) {
	p := startPost(t, None, moving...)
	p.deliver("INBOX", "bad@x", "1@x")
	l := ledger{fail: func(id string) error {
		switch id {
		case "bad@x":
			return errors.New("it cannot be stored")
		case "panic@x":
			panic("words of somebody")
		}
		return nil
	}}
	var log bytes.Buffer
	m := p.mailbox(None, l.handle)
	m.Done, m.Failed, m.Attempts, m.Log = "guichet", "failed", 3, slog.New(slog.NewTextHandler(&log, nil))
	stop := running(t, m)
	until(t, "the good one comes", func() bool { return l.count("1@x") == 1 })
	until(t, "the bad one is put aside", func() bool { return slices.Equal(p.folder("failed"), []string{"bad@x"}) })
	p.deliver("INBOX", "panic@x", "2@x")
	until(t, "so is the next", func() bool { return slices.Equal(p.folder("failed"), []string{"bad@x", "panic@x"}) })
	stop()
	if l.count("bad@x") != 3 || l.count("1@x") != 1 || l.count("2@x") != 1 {
		t.Errorf("counts %v", l.counts)
	}
	for _, secret := range []string{"somebody", "noir", "écran", thePassword} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log says %q:\n%s", secret, log.String())
		}
	}
}

// When nothing can be stored, the mails are not to blame: none is put aside.
func TestOutage(t *testing.T) {
	p := startPost(t, None, moving...)
	p.deliver("INBOX", "1@x", "2@x", "3@x")
	var up atomic.Bool
	l := ledger{fail: func(string) error {
		if up.Load() {
			return nil
		}
		return errors.New("the database is gone")
	}}
	m := p.mailbox(None, l.handle)
	m.Done, m.Failed, m.Attempts = "guichet", "failed", 2
	stop := running(t, m)
	until(t, "many attempts", func() bool { return l.count("3@x") > 4 })
	if got := p.folder("failed"); len(got) != 0 {
		t.Errorf("put aside: %v", got)
	}
	up.Store(true)
	until(t, "all come", func() bool { return len(p.folder("guichet")) == 3 })
	stop()
}

func TestNumberedAnew(t *testing.T) {
	p := startPost(t, None)
	p.create("Support")
	p.deliver("Support", "old@x")
	var l ledger
	m := p.mailbox(None, l.handle)
	m.Folder = "Support"
	known := &progress{}
	known.forget()
	m.setDefaults()
	round := func() {
		ctx, cancel := context.WithCancel(t.Context())
		m.Report = func(error) { cancel() }
		if _, err := m.attend(ctx, t.Context(), known); err != nil {
			t.Fatal(err)
		}
	}
	round()
	if err := p.user.Delete("Support"); err != nil {
		t.Fatal(err)
	}
	p.create("Support")
	p.deliver("Support", "new@x") // under the old one's number
	round()
	round()
	if l.count("old@x") != 1 || l.count("new@x") != 1 {
		t.Errorf("counts %v", l.counts)
	}
}

// With IDLE a mail is seen when it comes, and not at the next look.
func TestIdle(t *testing.T) {
	p := startPost(t, None, moving...)
	var l ledger
	looked := make(chan struct{}, 100)
	m := p.mailbox(None, l.handle)
	m.Poll = time.Hour
	m.Report = func(error) { looked <- struct{}{} }
	running(t, m)
	<-looked
	// This server forgets what comes between a command and IDLE: another mail then reminds it.
	for round := range 3 {
		prefix := string(rune('a' + round))
		n := 0
		until(t, "a mail comes", func() bool {
			n++
			p.deliver("INBOX", fmt.Sprintf("%s%d@x", prefix, n))
			return l.count(prefix+"1@x") == 1
		})
	}
}

func TestWhatIsLeftAlone(t *testing.T) {
	p := startPost(t, None, moving...)
	for _, o := range []imap.AppendOptions{
		{Time: time.Now().AddDate(0, -1, 0)},
		{Flags: []imap.Flag{imap.FlagDeleted}},
		{Flags: []imap.Flag{"guichet"}},
	} {
		if _, err := p.user.Append("INBOX", literal{strings.NewReader("Message-ID: <not@x>\r\n\r\nnoir\r\n")}, &o); err != nil {
			t.Fatal(err)
		}
	}
	big := "Message-ID: <big@x>\r\n\r\n" + strings.Repeat("0123456789\r\n", 100) + "noir\r\n"
	if _, err := p.user.Append("INBOX", literal{strings.NewReader(big)}, &imap.AppendOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.user.Append("INBOX", literal{strings.NewReader("Message-ID: <read@x>\r\n\r\nnoir\r\n")}, &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}}); err != nil {
		t.Fatal(err)
	}
	var l ledger
	m := p.mailbox(None, l.handle)
	m.Done, m.Failed, m.MaxSize, m.Since = "guichet", "failed", 1000, time.Now().AddDate(0, 0, -3)
	stop := running(t, m)
	until(t, "what somebody read comes too", func() bool { return l.count("read@x") == 1 && len(p.folder("guichet")) == 1 })
	until(t, "what is too large is put aside", func() bool { return slices.Equal(p.folder("failed"), []string{"big@x"}) })
	stop()
	if l.count("not@x") != 0 || l.count("big@x") != 0 || len(p.folder("INBOX")) != 3 {
		t.Errorf("counts %v, inbox %v", l.counts, p.folder("INBOX"))
	}
}

func TestMailboxStopsGracefully(t *testing.T) {
	for _, patient := range []bool{true, false} {
		p := startPost(t, None, moving...)
		p.deliver("INBOX", "1@x", "2@x")
		in := newInbox()
		in.hold = make(chan struct{})
		m := p.mailbox(None, in.handle)
		m.Done = "guichet"
		m.Grace = 50 * time.Millisecond
		if patient {
			m.Grace = time.Minute
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- m.Run(ctx) }()
		<-in.came
		cancel()
		want := 0
		if patient { // what is being stored is stored and marked, and nothing more
			close(in.hold)
			want = 1
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		if got, _ := in.mails(); len(got) != want || len(p.folder("guichet")) != want {
			t.Errorf("patient %v: stored %d, marked %d", patient, len(got), len(p.folder("guichet")))
		}
	}
}
