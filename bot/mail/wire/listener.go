package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/emersion/go-smtp"
)

// Listener takes mail by SMTP or LMTP (RFC 2033), for its own addresses only: it passes nothing on. It
// acknowledges a mail after its Handler has stored it, and not before.
type Listener struct {
	Address  string // host:port, or the path of a socket
	LMTP     bool
	Domain   string // how it introduces itself; empty for this machine's name
	Accepts  func(address string) bool
	Handler  Handler
	TLS      *tls.Config    // nil: STARTTLS is not offered
	Networks []netip.Prefix // who may connect; empty: everybody
	Log      *slog.Logger   // nil: the default one

	// Zero stands for 25 MiB, 100, 50, 5 minutes and 10 seconds.
	MaxSize        int64
	MaxRecipients  int
	MaxConnections int
	Timeout        time.Duration // for a command, and for all of a mail
	Grace          time.Duration // for mails that are coming in when it is told to stop
}

// Run listens until its context ends, and then until the mails are stored that are just coming in.
func (l Listener) Run(ctx context.Context) error {
	network := "tcp"
	if strings.Contains(l.Address, "/") {
		network = "unix"
		forgetSocket(l.Address)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, network, l.Address)
	if err != nil {
		return fmt.Errorf("listen for mail: %w", err)
	}
	return l.Serve(ctx, listener)
}

// Serve is Run where somebody else listens.
func (l Listener) Serve(ctx context.Context, listener net.Listener) error {
	if l.Accepts == nil || l.Handler == nil {
		_ = listener.Close()
		return errors.New("listen for mail: nobody to take it")
	}
	l.setDefaults()
	// What is being stored when the context ends is still stored.
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	d := &door{Listener: listener, settings: l, working: working, guests: map[*guest]bool{}}
	s := smtp.NewServer(smtp.BackendFunc(d.enter))
	s.Domain, s.LMTP, s.TLSConfig, s.EnableSMTPUTF8 = l.Domain, l.LMTP, l.TLS, true
	s.MaxMessageBytes, s.MaxRecipients = l.MaxSize, l.MaxRecipients
	s.ReadTimeout, s.WriteTimeout = l.Timeout, l.Timeout
	s.ErrorLog = errorLog{l.Log}

	served := make(chan error, 1)
	go func() { served <- s.Serve(d) }()
	select {
	case err := <-served: // the socket broke
		d.stop()
		d.hangUp()
		_ = s.Shutdown(context.WithoutCancel(ctx))
		return fmt.Errorf("listen for mail: %w", err)
	case <-ctx.Done():
	}
	late := time.AfterFunc(l.Grace, func() { cancel(); d.hangUp() })
	defer late.Stop()
	d.stop()
	err := s.Shutdown(context.WithoutCancel(ctx)) // it waits for all connections, which end now
	<-served
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("stop listening for mail: %w", err)
	}
	return nil
}

func (l *Listener) setDefaults() {
	if l.Domain == "" {
		if l.Domain, _ = os.Hostname(); l.Domain == "" {
			l.Domain = "localhost"
		}
	}
	if l.Log == nil {
		l.Log = slog.Default()
	}
	if l.MaxSize <= 0 {
		l.MaxSize = 25 << 20
	}
	if l.MaxRecipients <= 0 {
		l.MaxRecipients = 100
	}
	if l.MaxConnections <= 0 {
		l.MaxConnections = 50
	}
	if l.Timeout <= 0 {
		l.Timeout = 5 * time.Minute
	}
	if l.Grace <= 0 {
		l.Grace = 10 * time.Second
	}
}

// forgetSocket removes the socket of a process that was killed. One that is in use stays.
func forgetSocket(path string) {
	c, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		_ = c.Close()
	} else if errors.Is(err, syscall.ECONNREFUSED) {
		_ = os.Remove(path)
	}
}

// door knows who is connected.
type door struct {
	net.Listener
	settings Listener
	working  context.Context
	stopping atomic.Bool

	mu     sync.Mutex
	guests map[*guest]bool
}

// guest is a connection.
type guest struct {
	net.Conn
	door *door
	busy atomic.Bool // with a mail that is coming in
}

// Accept lets in whom it may, and tells the others that it does not.
func (d *door) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		g := &guest{Conn: c, door: d}
		switch {
		case !d.settings.allows(c.RemoteAddr()):
			go turnAway(c, "554 5.7.1 Not from your network")
		case !d.add(g):
			go turnAway(c, "421 4.3.2 Too many connections, try again later")
		default:
			return g, nil
		}
	}
}

func turnAway(c net.Conn, answer string) {
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	_, _ = c.Write([]byte(answer + "\r\n"))
	_ = c.Close()
}

// allows says whether an address may connect. A socket's file says that itself.
func (l *Listener) allows(remote net.Addr) bool {
	tcp, ok := remote.(*net.TCPAddr)
	if len(l.Networks) == 0 || !ok {
		return true
	}
	address := tcp.AddrPort().Addr().Unmap().WithZone("")
	for _, n := range l.Networks {
		if n.Contains(address) {
			return true
		}
	}
	return false
}

func (d *door) add(g *guest) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.guests) >= d.settings.MaxConnections || d.stopping.Load() {
		return false
	}
	d.guests[g] = true
	return true
}

func (g *guest) Close() error {
	g.door.mu.Lock()
	delete(g.door.guests, g)
	g.door.mu.Unlock()
	return g.Conn.Close()
}

// stop lets nobody in any more, and leaves with those who bring nothing just now. The others leave when
// their mail has its answer.
func (d *door) stop() {
	d.stopping.Store(true)
	for _, g := range d.list() {
		if !g.busy.Load() {
			_ = g.Close()
		}
	}
}

func (d *door) hangUp() {
	for _, g := range d.list() {
		_ = g.Close()
	}
}

func (d *door) list() []*guest {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := make([]*guest, 0, len(d.guests))
	for g := range d.guests {
		list = append(list, g)
	}
	return list
}

// errorLog takes what the library has to say, which is of connections.
type errorLog struct{ *slog.Logger }

func (l errorLog) Printf(format string, v ...any) {
	l.Debug("mail connection", "error", fmt.Sprintf(format, v...))
}
func (l errorLog) Println(v ...any) { l.Debug("mail connection", "error", fmt.Sprint(v...)) }
