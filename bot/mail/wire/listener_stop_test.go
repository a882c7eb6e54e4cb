package wire

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"
	"testing"
	"time"
)

func TestListenerStopsGracefully(t *testing.T) {
	in := newInbox()
	in.hold = make(chan struct{})
	address, stop := listening(t, Listener{Handler: in.handle, Grace: time.Minute})
	idle, busy, silent := dial(t, address, false), dial(t, address, false), dial(t, address, false)
	if err := errors.Join(idle.Noop(), silent.Hello("x")); err != nil {
		t.Fatal(err)
	}
	got := make(chan int)
	go func() { got <- bring(busy, someMail, "x@help.example") }()
	<-in.came
	stopped := make(chan error)
	go func() { stopped <- stop() }()
	if err := eventually(func() error { return idle.Noop() }); err == nil {
		t.Error("who brings nothing is still there")
	}
	close(in.hold)
	if code := <-got; code != 250 {
		t.Errorf("the mail that came in got %d", code)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if mails, _ := in.mails(); len(mails) != 1 {
		t.Error("it was not stored")
	}
	if _, err := net.Dial("tcp", address); err == nil {
		t.Error("it still listens")
	}
}

// eventually calls something until it fails, for a while.
func eventually(f func() error) error {
	for range 500 {
		if err := f(); err != nil {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	return nil
}

func TestListenerStopsInTheEnd(t *testing.T) {
	in := newInbox()
	in.hold = make(chan struct{})
	address, stop := listening(t, Listener{Handler: in.handle, Grace: 50 * time.Millisecond})
	c := dial(t, address, false)
	got := make(chan int)
	go func() { got <- bring(c, someMail, "x@help.example") }()
	<-in.came
	if err := stop(); err != nil {
		t.Error(err)
	}
	if code := <-got; code == 250 {
		t.Error("acknowledged, and not stored")
	}
	if mails, _ := in.mails(); len(mails) != 0 {
		t.Error("stored")
	}
}

// A mail in chunks (RFC 3030) is one that the library reads beside the conversation.
func TestChunks(t *testing.T) {
	in := newInbox()
	address, _ := listening(t, Listener{Handler: in.handle})
	half := len(someMail) / 2
	begin := []string{"EHLO x", "MAIL FROM:<ann@example.com>", "RCPT TO:<x@help.example>", fmt.Sprintf("BDAT %d\r\n%s", half, someMail[:half])}
	for _, end := range []string{"RSET", "QUIT", "", fmt.Sprintf("BDAT %d LAST\r\n%s", len(someMail)-half, someMail[half:])} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		c := textproto.NewConn(conn)
		if _, _, err := c.ReadResponse(220); err != nil {
			t.Fatal(err)
		}
		for _, say := range append(begin, end) {
			if say == "" {
				break
			}
			if !strings.HasPrefix(say, "BDAT") { // whose content ends by its length
				say += "\r\n"
			}
			if _, err := io.WriteString(conn, say); err != nil {
				t.Fatal(err)
			}
			if _, _, err := c.ReadResponse(2); err != nil {
				t.Fatal(err)
			}
		}
		_ = c.Close()
	}
	if envelopes, raws := in.mails(); len(raws) != 1 || raws[0] != someMail || len(envelopes[0].To) != 1 {
		t.Errorf("%q %+v", raws, envelopes)
	}
}

func TestListenerWithoutItsFunctions(t *testing.T) {
	l := Listener{Address: "127.0.0.1:0", Handler: newInbox().handle}
	if err := l.Run(t.Context()); err == nil {
		t.Error("it takes mail for anybody")
	}
}
