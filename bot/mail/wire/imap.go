package wire

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
)

// keyword marks mails that were handed over.
const keyword imap.Flag = "guichet"

// imapSession is a connection to a server, with the folder open.
type imapSession struct {
	client   *imapclient.Client
	settings *Mailbox
	conn     net.Conn
	close    func()
	news     chan struct{} // something has changed in the folder
	validity uint32
	keywords bool // whether the server keeps them
}

// item is a mail that is not marked.
type item struct {
	UID  imap.UID
	Size int64
}

// open connects, logs in and opens the folder. Its first context ends the attempt, the second the session.
func (m *Mailbox) open(ctx, working context.Context) (_ *imapSession, err error) {
	host, _, err := net.SplitHostPort(m.Address)
	if err != nil {
		return nil, fmt.Errorf("imap: connect: %w", err)
	}
	dialer := net.Dialer{Timeout: m.Timeout}
	conn, err := dialer.DialContext(ctx, "tcp", m.Address)
	if err != nil {
		return nil, fmt.Errorf("imap: connect: %w", err)
	}
	s := &imapSession{settings: m, conn: conn, news: make(chan struct{}, 1)}
	stop := context.AfterFunc(working, func() { _ = conn.Close() })
	s.close = func() {
		stop()
		_ = conn.Close()
		if s.client != nil {
			_ = s.client.Close()
		}
	}
	giveUp := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer func() {
		if !giveUp() && err == nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			s.close()
		}
	}()
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"tls", func() error { return s.secure(ctx, host) }},
		{"greeting", func() error { return s.client.WaitGreeting() }},
		{"login", s.login},
		{"select", s.choose},
	} {
		if err := s.step(step.name, m.Timeout, step.do); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// step does one step within its time: the library itself waits for an answer forever.
func (s *imapSession) step(name string, timeout time.Duration, do func() error) error {
	late := time.AfterFunc(timeout, func() { _ = s.conn.Close() })
	err := do()
	if !late.Stop() && err != nil {
		err = errTooSlow
	}
	return imapFailed(name, err)
}

var (
	errTooSlow   = errors.New("the server does not answer")
	errInClear   = errors.New("the password would be readable on the way")
	errTLSChoice = errors.New("neither tls nor starttls nor none")
)

// imapError is what a server said no to, without its words.
type imapError struct {
	step   string
	answer *imap.Error
}

func (e *imapError) Error() string {
	s := "imap: " + e.step + ": " + string(e.answer.Type)
	if code := string(e.answer.Code); code != "" && len(code) < 40 && isDotAtom(code) {
		s += " " + code
	}
	return s
}

func (e *imapError) Unwrap() error { return e.answer }

// imapFailed makes an error of what went wrong at a step.
func imapFailed(step string, err error) error {
	answer, network, certificate := (*imap.Error)(nil), net.Error(nil), (*tls.CertificateVerificationError)(nil)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &answer):
		return &imapError{step, answer}
	case errors.As(err, &certificate):
		return fmt.Errorf("imap: %s: the server's certificate is not trusted", step)
	case errors.Is(err, errTooSlow), errors.Is(err, errInClear), errors.Is(err, errTLSChoice), errors.As(err, &network):
		return fmt.Errorf("imap: %s: %w", step, err)
	case lost(err):
		return fmt.Errorf("imap: %s: the connection is lost", step)
	}
	return fmt.Errorf("imap: %s: the server's answer makes no sense", step) // the library's words quote it
}

// secure starts the conversation, below TLS unless told otherwise.
func (s *imapSession) secure(ctx context.Context, host string) error {
	config := &tls.Config{ServerName: host, RootCAs: s.settings.RootCAs, MinVersion: tls.VersionTLS12, NextProtos: []string{"imap"}}
	options := &imapclient.Options{TLSConfig: config, UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil {
				select {
				case s.news <- struct{}{}:
				default:
				}
			}
		},
	}}
	switch s.settings.TLS {
	case TLS:
		conn := tls.Client(s.conn, config)
		if err := conn.HandshakeContext(ctx); err != nil {
			return err
		}
		s.client = imapclient.New(conn, options)
	case StartTLS:
		config.NextProtos = nil
		client, err := imapclient.NewStartTLS(s.conn, options)
		if err != nil {
			return err
		}
		s.client = client
	case None:
		s.client = imapclient.New(s.conn, options)
	default:
		return errTLSChoice
	}
	return nil
}

// login proves who we are. Without TLS the password goes to this machine only.
func (s *imapSession) login() error {
	if tcp, ok := s.conn.RemoteAddr().(*net.TCPAddr); s.settings.TLS == None && (!ok || !tcp.IP.IsLoopback()) {
		return errInClear
	}
	if s.client.Caps().Has(imap.AuthCap("PLAIN")) { // which takes every character
		return s.client.Authenticate(sasl.NewPlainClient("", s.settings.User, s.settings.Password))
	}
	return s.client.Login(s.settings.User, s.settings.Password).Wait()
}

// choose opens the folder, and makes those where mails go.
func (s *imapSession) choose() error {
	for _, folder := range []string{s.settings.Done, s.settings.Failed} {
		if folder == "" {
			continue
		}
		found, err := s.client.List("", folder, nil).Collect()
		if err == nil && len(found) == 0 {
			err = s.client.Create(folder, nil).Wait()
		}
		if err != nil {
			return err
		}
	}
	data, err := s.client.Select(s.settings.Folder, nil).Wait()
	if err != nil {
		return err
	}
	s.validity = data.UIDValidity
	s.keywords = slices.Contains(data.PermanentFlags, imap.FlagWildcard) || slices.Contains(data.PermanentFlags, keyword)
	return nil
}

// unmarked is what is to be handed over, oldest first.
func (s *imapSession) unmarked(since time.Time) (list []item, err error) {
	err = s.step("search", s.settings.Timeout, func() error {
		select { // what it told of is seen now
		case <-s.news:
		default:
		}
		if err := s.client.Noop().Wait(); err != nil { // some servers show new mail on this only
			return err
		}
		criteria := imap.SearchCriteria{Since: since, NotFlag: []imap.Flag{imap.FlagDeleted}}
		if s.keywords {
			criteria.NotFlag = append(criteria.NotFlag, keyword)
		} else {
			criteria.NotFlag = append(criteria.NotFlag, imap.FlagSeen)
		}
		found, err := s.client.UIDSearch(&criteria, nil).Wait()
		if err != nil {
			return err
		}
		uids := found.AllUIDs()
		slices.Sort(uids)
		for some := range slices.Chunk(uids, 200) { // servers limit how long a command may be
			sizes, err := s.client.Fetch(imap.UIDSetNum(some...), &imap.FetchOptions{UID: true, RFC822Size: true}).Collect()
			if err != nil {
				return err
			}
			for _, b := range sizes {
				if _, asked := slices.BinarySearch(some, b.UID); asked {
					list = append(list, item{b.UID, b.RFC822Size})
				}
			}
		}
		return nil
	})
	slices.SortFunc(list, func(a, b item) int { return cmp.Compare(a.UID, b.UID) })
	return list, err
}

// fetch is a mail, or nil if there is none any more.
func (s *imapSession) fetch(uid imap.UID) (raw []byte, err error) {
	whole := &imap.FetchItemBodySection{Peek: true}
	err = s.step("fetch", 5*s.settings.Timeout, func() error {
		list, err := s.client.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{whole}}).Collect()
		for _, b := range list {
			if b.UID == uid {
				raw = b.FindBodySection(whole)
			}
		}
		return err
	})
	return raw, err
}

// mark says on the server what became of a mail.
func (s *imapSession) mark(uid imap.UID, what verdict) error {
	folder, flags := s.settings.Failed, []imap.Flag{imap.FlagFlagged}
	if what == kept {
		folder, flags = s.settings.Done, []imap.Flag{imap.FlagSeen}
	}
	set := imap.UIDSetNum(uid)
	return s.step("mark", s.settings.Timeout, func() error {
		caps := s.client.Caps()
		if s.keywords {
			flags = append(flags, keyword)
		} else if what == aside {
			flags = append(flags, imap.FlagSeen)
		}
		switch {
		case folder != "" && caps.Has(imap.CapMove):
			_, err := s.client.Move(set, folder).Wait()
			return err
		case folder != "" && caps.Has(imap.CapUIDPlus):
			// The library's own way sends all at once, and so deletes what could not be copied.
			if _, err := s.client.Copy(set, folder).Wait(); err != nil {
				return err
			}
			if err := s.add(set, imap.FlagDeleted); err != nil {
				return err
			}
			return s.client.UIDExpunge(set).Close()
		}
		// Without these, moving would remove for good what others have marked as deleted.
		return s.add(set, flags...)
	})
}

func (s *imapSession) add(set imap.UIDSet, flags ...imap.Flag) error {
	return s.client.Store(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: flags}, nil).Close()
}

// await waits for news, or for the time of the next look. Where the server can, it tells of new mail.
func (s *imapSession) await(ctx context.Context, pause time.Duration) error {
	if !s.client.Caps().Has(imap.CapIdle) {
		wait(ctx, pause, nil, s.client.Closed())
		return nil
	}
	var idle *imapclient.IdleCommand
	err := s.step("idle", s.settings.Timeout, func() (err error) { idle, err = s.client.Idle(); return err })
	if err != nil {
		return err
	}
	wait(ctx, pause, s.news, s.client.Closed())
	return s.step("idle", s.settings.Timeout, func() error {
		if err := idle.Close(); err != nil {
			return err
		}
		return idle.Wait()
	})
}

// leave says goodbye.
func (s *imapSession) leave() {
	_ = s.step("logout", 5*time.Second, func() error { return s.client.Logout().Wait() })
	s.close()
}
