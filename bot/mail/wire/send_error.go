package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"regexp"

	"github.com/wneessen/go-mail/smtp"
)

// What became of a mail that Send could not hand over. After every other error it was not sent, for a
// reason that has nothing to do with it.
var (
	ErrRefused = errors.New("refused for good")         // this mail, or its recipient: sending it again is vain
	ErrUnsure  = errors.New("lost before the answer")   // it may have arrived, and may not
	ErrBusy    = errors.New("asked to try later")       // not sent
	ErrAuth    = errors.New("credentials not accepted") // not sent, nor will be any other
)

// SendError says at which step a mail failed. It has the server's codes and not its words.
type SendError struct {
	Kind   error  // ErrRefused, ErrUnsure, ErrBusy, ErrAuth, or nil
	Step   string // such as "rcpt"
	Code   int    // the server's, 0 if it gave none
	Status string // the enhanced one, such as 5.1.1 (RFC 3463)
	reason string
	cause  error
}

func (e *SendError) Error() string {
	s := "mail: " + e.Step
	if e.Kind != nil {
		s += ": " + e.Kind.Error()
	}
	if e.Code != 0 {
		s += fmt.Sprintf(": code %d", e.Code)
	}
	if e.Status != "" {
		s += " " + e.Status
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap leads to the kind and to what the machine said, never to what the server said.
func (e *SendError) Unwrap() []error {
	var list []error
	for _, err := range []error{e.Kind, e.cause} {
		if err != nil {
			list = append(list, err)
		}
	}
	return list
}

// Reason is one word for why Send or Check failed, which metrics can count and texts can explain: refused,
// invalid, unsure, busy, auth, certificate, tls, timeout, canceled, connect, answer, or other. Nil has none.
func Reason(err error) string {
	sent := (*SendError)(nil)
	switch {
	case err == nil:
		return ""
	case errors.As(err, &sent):
		return sent.reason
	}
	return "other"
}

var enhanced = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}\b`)

// failed makes an error of what went wrong at a step of a conversation.
func failed(ctx context.Context, step string, err error) *SendError {
	e := &SendError{Step: step}
	answer, garbled := (*textproto.Error)(nil), textproto.ProtocolError("")
	switch {
	case errors.As(err, &answer):
		e.Code, e.Status = answer.Code, enhanced.FindString(answer.Msg)
		e.judge()
	case errors.As(err, &garbled):
		e.reason, e.cause = "answer", errors.New("the server's answer makes no sense")
	case step == stepAuth && ctx.Err() == nil && errors.Is(err, smtp.ErrUnencrypted):
		e.Kind, e.reason, e.cause = ErrAuth, "auth", errors.New("the password would be readable on the way")
	case step == stepAuth && ctx.Err() == nil && !lost(err): // the methods' own errors quote the server
		e.Kind, e.reason, e.cause = ErrAuth, "auth", errors.New("the server's proof makes no sense")
	default:
		e.reason, e.cause = machine(ctx, step, err)
	}
	if step == stepEnd && e.Kind == nil {
		e.Kind, e.reason = ErrUnsure, "unsure"
	}
	return e
}

// judge tells what a server's code means at its step. Only the first digit counts, as RFC 5321,
// section 4.3.2, wants it, but for those by which servers ask for credentials (RFC 4954, section 6).
func (e *SendError) judge() {
	transaction := e.Step == stepMail || e.Step == stepRcpt || e.Step == stepData || e.Step == stepEnd
	switch {
	case e.Code/100 == 4:
		e.Kind, e.reason = ErrBusy, "busy"
	case e.Code/100 != 5:
		e.reason = "answer"
	case e.Step == stepAuth, transaction && (e.Code == 530 || e.Code == 534 || e.Code == 535 || e.Code == 538):
		e.Kind, e.reason = ErrAuth, "auth"
	case transaction:
		e.Kind, e.reason = ErrRefused, "refused"
	default: // the server turns away whoever we are, and whatever we bring
		e.reason = "answer"
	}
}

// lost says whether an error is of the connection.
func lost(err error) bool {
	network := net.Error(nil)
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.As(err, &network)
}

// machine names what is wrong with the connection.
func machine(ctx context.Context, step string, err error) (string, error) {
	if ctx.Err() != nil {
		err = context.Cause(ctx) // the connection was closed for it
	}
	network, certificate, alert, record := net.Error(nil), (*tls.CertificateVerificationError)(nil), tls.AlertError(0), tls.RecordHeaderError{}
	unknown, host, invalid := x509.UnknownAuthorityError{}, x509.HostnameError{}, x509.CertificateInvalidError{}
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled", err
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "timeout", err
	case errors.As(err, &certificate), errors.As(err, &unknown), errors.As(err, &host), errors.As(err, &invalid):
		return "certificate", errors.New("the server's certificate is not trusted")
	case errors.As(err, &alert), errors.As(err, &record), errors.Is(err, errNoStartTLS), step == stepTLS:
		return "tls", err
	}
	return "connect", err
}
