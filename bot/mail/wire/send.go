package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/textproto"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// How a connection is kept from others' eyes.
const (
	TLS      = "tls"      // from the first byte
	StartTLS = "starttls" // asked for, and never done without
	None     = "none"     // passwords go to this machine only
)

// Server is where mail is handed over for delivery.
type Server struct {
	Address  string // host:port
	TLS      string // TLS, StartTLS or None
	User     string // empty: the server asks for none
	Password string
	Hello    string         // how we call ourselves; empty for this machine's name
	Timeout  time.Duration  // for each step; a minute if zero
	RootCAs  *x509.CertPool // nil: the system's
}

// The steps of a conversation, as errors name them.
const (
	stepCompose = "compose"
	stepConnect = "connect"
	stepTLS     = "tls"
	stepHello   = "hello"
	stepAuth    = "auth"
	stepMail    = "mail"
	stepRcpt    = "rcpt"
	stepData    = "data"
	stepContent = "content"
	stepEnd     = "end" // of the content: from here on the server may have taken the mail
	stepNoop    = "noop"
)

// patience is how long the answer to the end of a mail may take. Who hangs up earlier sends many mails
// twice (RFC 5321, section 4.5.3.2.6).
const patience = 10 * time.Minute

var errNoStartTLS = errors.New("the server does not offer STARTTLS")

// Send hands a mail over. Its errors are *SendError.
func (s Server) Send(ctx context.Context, m Mail) error {
	raw, from, to, err := m.prepare()
	if err != nil {
		return &SendError{Kind: ErrRefused, Step: stepCompose, reason: "invalid", cause: err}
	}
	c, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer c.close()
	if _, size := c.Extension("SIZE"); size != "" { // RFC 1870
		if n, err := strconv.ParseInt(size, 10, 64); err == nil && n > 0 && int64(len(raw)) > n {
			return &SendError{Kind: ErrRefused, Step: stepMail, reason: "refused", cause: errors.New("larger than the server takes")}
		}
	}
	if err := c.step(stepMail, func() error { return c.Mail(from) }); err != nil {
		return err
	}
	if err := c.step(stepRcpt, func() error { return c.Rcpt(to) }); err != nil {
		return err
	}
	var w io.WriteCloser
	if err := c.step(stepData, func() (err error) { w, err = c.Data(); return err }); err != nil {
		return err
	}
	for piece := range slices.Chunk(raw, 64<<10) { // so that a slow line is not taken for a dead one
		if err := c.step(stepContent, func() error { _, err := w.Write(piece); return err }); err != nil {
			return err
		}
	}
	c.timeout = max(c.timeout, patience)
	err = c.step(stepEnd, func() error {
		err, answer := w.Close(), (*textproto.Error)(nil)
		if errors.As(err, &answer) && answer.Code/100 == 2 {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	c.quit()
	return nil
}

// Check does everything but to send a mail.
func (s Server) Check(ctx context.Context) error {
	c, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer c.close()
	if err := c.step(stepNoop, c.Noop); err != nil {
		return err
	}
	c.quit()
	return nil
}

// prepare is all that a server gets to see of a mail.
func (m Mail) prepare() (raw []byte, from, to string, err error) {
	if raw, err = m.Bytes(); err != nil {
		return nil, "", "", err
	}
	if to, err = angle(m.To.Address); err != nil {
		return nil, "", "", err
	}
	switch m.EnvelopeFrom {
	case "<>":
		return raw, "<>", to, nil
	case "":
		from, err = angle(m.From.Address)
	default:
		from, err = angle(m.EnvelopeFrom)
	}
	return raw, from, to, err
}

// conversation is a connection to a server, which ends when its context does.
type conversation struct {
	*smtp.Client
	ctx     context.Context
	timeout time.Duration
	close   func()
}

// step does one step within its time.
func (c *conversation) step(name string, do func() error) error {
	err := c.UpdateDeadline(c.timeout)
	if err == nil {
		err = do()
	}
	if err != nil {
		return failed(c.ctx, name, err)
	}
	return nil
}

// quit takes leave. Whatever comes of it, the work is done.
func (c *conversation) quit() {
	if c.UpdateDeadline(5*time.Second) == nil {
		_ = c.Quit()
	}
}

// connect leads to where mails can be handed over.
func (s Server) connect(ctx context.Context) (_ *conversation, err error) {
	host, _, err := net.SplitHostPort(s.Address)
	if err != nil {
		return nil, failed(ctx, stepConnect, err)
	}
	if s.TLS != TLS && s.TLS != StartTLS && s.TLS != None {
		return nil, failed(ctx, stepConnect, errors.New("neither tls nor starttls nor none"))
	}
	c := &conversation{ctx: ctx, timeout: s.Timeout}
	if c.timeout <= 0 {
		c.timeout = time.Minute
	}
	dialer := net.Dialer{Timeout: c.timeout}
	conn, err := dialer.DialContext(ctx, "tcp", s.Address)
	if err != nil {
		return nil, failed(ctx, stepConnect, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	c.close = func() { stop(); _ = conn.Close() }
	defer func() {
		if err != nil {
			c.close()
		}
	}()
	config := &tls.Config{ServerName: host, RootCAs: s.RootCAs, MinVersion: tls.VersionTLS12}
	_ = conn.SetDeadline(time.Now().Add(c.timeout))
	plain := conn
	if s.TLS == TLS {
		secure := tls.Client(conn, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, failed(ctx, stepTLS, err)
		}
		plain = secure
	}
	if c.Client, err = smtp.NewClient(plain, host); err != nil {
		return nil, failed(ctx, stepHello, err)
	}
	c.SkipSMTPUTF8(true) // all that we say is ASCII
	if err := c.step(stepHello, func() error { return c.Hello(s.hello()) }); err != nil {
		return nil, err
	}
	if s.TLS == StartTLS {
		if err := c.step(stepTLS, func() error {
			if offered, _ := c.Extension("STARTTLS"); !offered {
				return errNoStartTLS
			}
			return c.StartTLS(config)
		}); err != nil {
			return nil, err
		}
	}
	if s.User == "" {
		return c, nil
	}
	return c, s.login(c, host)
}

// hello is how we introduce ourselves: a name, for many servers turn away what is none.
func (s Server) hello() string {
	name := s.Hello
	if name == "" {
		name, _ = os.Hostname()
	}
	if !isDotAtom(name) && !(strings.HasPrefix(name, "[") && printable(name) && !strings.Contains(name, " ")) {
		return "localhost"
	}
	return name
}

// login proves who we are, by the best of the ways that the server offers. Those that show the password are
// used below TLS only, or on this machine: the library sees to that.
func (s Server) login(c *conversation, host string) error {
	hidden := []method{
		{"SCRAM-SHA-256", smtp.ScramSHA256Auth(s.User, s.Password)},
		{"SCRAM-SHA-1", smtp.ScramSHA1Auth(s.User, s.Password)},
	}
	shown := []method{
		{"PLAIN", smtp.PlainAuth("", s.User, s.Password, host, false)},
		{"LOGIN", smtp.LoginAuth(s.User, s.Password, host, false)},
	}
	old := method{"CRAM-MD5", smtp.CRAMMD5Auth(s.User, s.Password)}
	methods := slices.Concat(hidden, shown, []method{old})
	if s.TLS == None {
		methods = slices.Concat(hidden, []method{old}, shown)
	}
	_, offered := c.Extension("AUTH")
	names := strings.Fields(strings.ToUpper(offered))
	for _, m := range methods {
		if slices.Contains(names, m.name) {
			return c.step(stepAuth, func() error { return c.Auth(m.auth) })
		}
	}
	return &SendError{Kind: ErrAuth, Step: stepAuth, reason: "auth", cause: errors.New("no way to log in that both sides know")}
}

// method is a way to log in.
type method struct {
	name string
	auth smtp.Auth
}
