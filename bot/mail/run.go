package mail

import (
	"context"
	"net/netip"
	"time"

	"guichet/bot"
	"guichet/bot/mail/wire"
)

// Server takes mail for delivery. TLS is wire.TLS, wire.StartTLS or wire.None.
type Server struct{ Address, TLS, User, Password string }

// Listening is how mail is brought here.
type Listening struct {
	Address  string // host:port, or the path of a socket; empty: it is not
	LMTP     bool
	Networks []netip.Prefix // who may bring it
}

// Mailbox is where mail is fetched from.
type Mailbox struct {
	Address, TLS, User, Password string // an empty address: it is not
	Folder, Done, Failed         string // as wire.Mailbox has them
	Poll                         time.Duration
}

func (o Options) server() wire.Server {
	return wire.Server{Address: o.Server.Address, TLS: o.Server.TLS, User: o.Server.User, Password: o.Server.Password}
}

func (o Options) mailbox() wire.Mailbox {
	b := o.Mailbox
	return wire.Mailbox{Address: b.Address, TLS: b.TLS, User: b.User, Password: b.Password, Folder: b.Folder, Done: b.Done, Failed: b.Failed, Poll: b.Poll,
		MaxSize: o.Largest, Log: o.Log}
}

// answers says whether mail comes in, so that people can answer.
func (o Options) answers() bool { return o.Listening.Address != "" || o.Mailbox.Address != "" }

// Run takes mail in until its context ends, in whichever way; what is coming in just then is finished, for as long as
// grace. Its error is one that only an operator can mend.
func (d *Door) Run(ctx context.Context, grace time.Duration) error {
	switch l := d.Listening; {
	case l.Address != "":
		return wire.Listener{Address: l.Address, LMTP: l.LMTP, Networks: l.Networks, Accepts: d.Accepts, Handler: d.Take, MaxSize: d.Largest, Grace: grace, Log: d.Log}.Run(ctx)
	case d.Mailbox.Address != "":
		box := d.mailbox()
		box.Handler, box.Grace = d.Take, grace
		return box.Run(ctx)
	}
	<-ctx.Done()
	return nil
}

// CheckServer does everything but to send a mail. The reason of its error is one of wire.Reason.
func (o Options) CheckServer(ctx context.Context) error { return outcome(o.server().Check(ctx)) }

// CheckMailbox does everything but to fetch a mail.
func (o Options) CheckMailbox(ctx context.Context) error {
	if err := o.mailbox().Check(ctx); err != nil {
		return bot.Because("mailbox", err)
	}
	return nil
}
