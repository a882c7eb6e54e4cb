package wire

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Mailbox takes mail from a folder of an IMAP server (RFC 3501, RFC 9051). The folder should be its own: it
// hands over all that is in there and is not marked as done, be it read or not.
//
// A mail is marked after its Handler has stored it: moved to Done or, where there is none, given \Seen and a
// keyword, without which, where the server keeps none, \Seen alone has to do. A mail that cannot be stored is
// tried again ever more rarely, and is put aside once others could be stored meanwhile: then it is the mail.
// What is put aside, as what its Handler rejects, is moved to Failed, or flagged.
type Mailbox struct {
	Address  string // host:port
	TLS      string // TLS, StartTLS or None
	User     string
	Password string
	Folder   string    // empty for INBOX
	Done     string    // empty to leave mails where they are
	Failed   string    // empty to leave them and flag them
	Since    time.Time // older mails are left alone; their day counts
	Handler  Handler
	RootCAs  *x509.CertPool // nil: the system's
	Log      *slog.Logger   // nil: the default one
	Report   func(error)    // told of each look that worked, by nil, or did not; may be nil

	// Zero stands for a minute, a minute, 25 MiB, 5 and 10 seconds.
	Poll     time.Duration // between two looks; where the server can IDLE (RFC 2177), new mail is seen at once
	Timeout  time.Duration // for a command
	MaxSize  int64         // what is larger is put aside unseen
	Attempts int           // before a mail is put aside
	Grace    time.Duration // for the mail that is being stored when it is told to stop

	retry time.Duration // the first pause after a failure, of a mail or a connection
}

// longestPause is how rarely a mail is tried again, and a server that does not answer.
const (
	longestMailPause   = time.Hour
	longestServerPause = 5 * time.Minute
)

// progress is what is known of a folder's mails, for as long as the program runs. All else is on the server.
type progress struct {
	validity uint32
	done     map[imap.UID]verdict // handled, and perhaps not marked yet
	failing  map[imap.UID]*failure
	stored   time.Time // when a mail was last stored
}

// verdict is what became of a mail.
type verdict bool

const (
	kept  verdict = true
	aside verdict = false
)

// failure is what is known of a mail that could not be stored.
type failure struct {
	count       int
	first, next time.Time
}

// Run takes mail until its context ends, whatever becomes of the server meanwhile.
func (m Mailbox) Run(ctx context.Context) error {
	m.setDefaults()
	// What is being stored when the context ends is still stored and marked.
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		late := time.AfterFunc(m.Grace, cancel)
		context.AfterFunc(working, func() { late.Stop() })
	})
	defer stop()
	known := &progress{}
	known.forget()
	pause := m.retry
	for ctx.Err() == nil {
		worked, err := m.attend(ctx, working, known)
		if ctx.Err() != nil {
			break
		}
		m.report(err)
		if worked {
			pause = m.retry
		}
		m.Log.Warn("mailbox not reachable", "error", err, "again_in", pause)
		wait(ctx, pause, nil, nil)
		pause = min(2*pause, longestServerPause)
	}
	return nil
}

// Check does everything but to look at mails.
func (m Mailbox) Check(ctx context.Context) error {
	m.setDefaults()
	s, err := m.open(ctx, ctx)
	if err != nil {
		return err
	}
	s.leave()
	return nil
}

func (m *Mailbox) setDefaults() {
	if m.Folder == "" {
		m.Folder = "INBOX"
	}
	if m.Log == nil {
		m.Log = slog.Default()
	}
	if m.Poll <= 0 {
		m.Poll = time.Minute
	}
	if m.Timeout <= 0 {
		m.Timeout = time.Minute
	}
	if m.MaxSize <= 0 {
		m.MaxSize = 25 << 20
	}
	if m.Attempts <= 0 {
		m.Attempts = 5
	}
	if m.Grace <= 0 {
		m.Grace = 10 * time.Second
	}
	if m.retry <= 0 {
		m.retry = time.Second
	}
}

func (m *Mailbox) report(err error) {
	if m.Report != nil {
		m.Report(err)
	}
}

// attend works on one connection until it breaks, which is its error, or until its context ends. It says
// whether it came to anything.
func (m *Mailbox) attend(ctx, working context.Context, known *progress) (worked bool, err error) {
	s, err := m.open(ctx, working)
	if err != nil {
		return false, err
	}
	defer s.close()
	if s.validity != known.validity {
		if known.validity != 0 { // its UIDs mean other mails now (RFC 3501, section 2.3.1.1)
			m.Log.Warn("the mailbox has numbered its mails anew", "folder", m.Folder)
		}
		known.forget()
		known.validity = s.validity
	}
	for ctx.Err() == nil {
		if err := m.look(ctx, working, s, known); err != nil {
			return worked, err
		}
		worked = true
		m.report(nil)
		if err := s.await(ctx, known.pause(m.Poll)); err != nil {
			return worked, err
		}
	}
	s.leave()
	return worked, nil
}

// look hands over what has come.
func (m *Mailbox) look(ctx, working context.Context, s *imapSession, known *progress) error {
	list, err := s.unmarked(m.Since)
	if err != nil {
		return err
	}
	known.keepOnly(list)
	for _, item := range list {
		if ctx.Err() != nil {
			return nil
		}
		what, handled := known.done[item.UID]
		if !handled {
			if f := known.failing[item.UID]; f != nil && time.Now().Before(f.next) {
				continue
			}
			what, handled, err = m.take(working, s, item, known)
			if err != nil {
				return err
			}
		}
		if !handled {
			continue
		}
		known.done[item.UID] = what
		err := s.mark(item.UID, what)
		if answer := (*imap.Error)(nil); errors.As(err, &answer) { // it remembers, and tries again at the next look
			m.Log.Error("mail stored and not marked", "uid", item.UID, "error", err)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// take hands one mail over, and says what becomes of it if that is clear. Its error is the connection's.
func (m *Mailbox) take(working context.Context, s *imapSession, item item, known *progress) (what verdict, handled bool, err error) {
	if item.Size > m.MaxSize {
		m.Log.Warn("mail too large, put aside", "uid", item.UID, "size", item.Size)
		return aside, true, nil
	}
	raw, err := s.fetch(item.UID)
	if err != nil || raw == nil { // somebody took it away
		return aside, false, err
	}
	envelope := Envelope{Remote: m.Address, ID: identity(raw)}
	err = handle(working, m.Handler, m.Log, envelope, raw)
	reject := (*ErrReject)(nil)
	switch {
	case err == nil:
		known.stored = time.Now()
		delete(known.failing, item.UID)
		return kept, true, nil
	case errors.As(err, &reject):
		return aside, true, nil
	}
	if known.fail(item.UID, m.retry) >= m.Attempts && known.stored.After(known.failing[item.UID].first) {
		m.Log.Error("mail cannot be stored, put aside", "uid", item.UID, "id", envelope.ID)
		return aside, true, nil
	}
	return aside, false, nil
}

func (p *progress) forget() {
	p.done, p.failing = map[imap.UID]verdict{}, map[imap.UID]*failure{}
}

// fail counts a failure, and says when it is time for the next attempt.
func (p *progress) fail(uid imap.UID, retry time.Duration) int {
	now := time.Now()
	f := p.failing[uid]
	if f == nil {
		f = &failure{first: now}
		p.failing[uid] = f
	}
	f.next = now.Add(min(retry<<min(f.count, 20), longestMailPause))
	f.count++
	return f.count
}

// keepOnly forgets mails that are no more in the folder, or marked.
func (p *progress) keepOnly(list []item) {
	there := make(map[imap.UID]bool, len(list))
	for _, i := range list {
		there[i.UID] = true
	}
	for uid := range p.done {
		if !there[uid] {
			delete(p.done, uid)
		}
	}
	for uid := range p.failing {
		if !there[uid] {
			delete(p.failing, uid)
		}
	}
}

// pause is how long until the next look: until the next attempt, if that comes before the next poll.
func (p *progress) pause(poll time.Duration) time.Duration {
	for uid, f := range p.failing {
		if _, handled := p.done[uid]; !handled {
			poll = min(poll, max(time.Until(f.next), 0))
		}
	}
	return poll
}

// wait waits, but not longer than until something happens.
func wait(ctx context.Context, d time.Duration, news, closed <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-news:
	case <-closed:
	case <-ctx.Done():
	}
}
