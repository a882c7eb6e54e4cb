package helpdesk_test

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guichet/helpdesk"
	"guichet/store"
	"guichet/store/storetest"
)

// byMail is a house whose desk has mail.
func byMail(t *testing.T, test func(t *testing.T, h *house)) {
	storetest.EachAddress(t, func(t *testing.T, address string) {
		h := newHouse(t, storetest.Open(t, address))
		h.behind(address)
		c := h.Catalog()
		c.Mail, c.Confirms = "desk@desk.example", true
		c.Organizations[0].Domains = []string{"acme.example"}
		c.Queues[0].Mail, c.Queues[1].Mail = "support@desk.example", "emm@desk.example"
		c.Queues[1].Organizations = []string{"acme"}
		test(t, h)
	})
}

// behind opens the database behind the desk's back.
func (h *house) behind(address string) {
	h.t.Helper()
	driver := "postgres"
	if !strings.HasPrefix(address, driver) {
		driver, address = "sqlite", "file:"+(&url.URL{Path: address}).EscapedPath()+"?_pragma=busy_timeout(5000)"
	}
	raw, err := sql.Open(driver, address)
	h.check(err)
	h.t.Cleanup(func() { raw.Close() })
	h.raw = raw
}

// exec changes the database behind the desk's back.
func (h *house) exec(statement string) {
	h.t.Helper()
	_, err := h.raw.ExecContext(h.t.Context(), statement)
	h.check(err)
}

// list reads one column.
func (h *house) list(query string) (all []string) {
	h.t.Helper()
	rows, err := h.raw.QueryContext(h.t.Context(), query)
	h.check(err)
	defer rows.Close()
	for rows.Next() {
		var s string
		h.check(rows.Scan(&s))
		all = append(all, s)
	}
	h.check(rows.Err())
	return all
}

// confirmed gives somebody an address that is theirs.
func (h *house) confirmed(a helpdesk.Actor, address, byMail string) {
	h.t.Helper()
	h.check(h.db.Write(h.t.Context(), func(tx *store.Tx) error {
		p, err := tx.Person(h.t.Context(), a.Person)
		if err != nil {
			return err
		}
		p.Mail, p.ByMail = address, byMail
		return tx.SavePerson(h.t.Context(), p)
	}))
	h.exec(`INSERT INTO accounts (workspace, account, person_id) VALUES ('mail', '` + address + `', ` + fmt.Sprint(int64(a.Person)) + `)`)
}

var mails int

// mail is one to a queue, as it might be.
func mail(from, text string) helpdesk.Letter {
	mails++
	return helpdesk.Letter{External: store.External{Workspace: helpdesk.Mail, Channel: from, ID: fmt.Sprint("m", mails)}, Name: "Somebody", Queue: "support", Subject: "Printer",
		Text: text, Sender: helpdesk.Sender{Trust: helpdesk.Unexamined}}
}

const hourly = 100

func TestWhoMayWriteToAQueue(t *testing.T) {
	byMail(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.confirmed(h.gus, "gus@globex.example", store.NoMail)
		s, err := h.Receive(ctx, mail("new@acme.example", "help"), hourly)
		h.check(err)
		tk := h.ticket(s.Ticket.ID)
		if tk.Organization != "acme" || tk.Queue != "support" || tk.Origin != helpdesk.Mail || tk.Kind != helpdesk.Information || tk.Subject != "Printer" {
			t.Errorf("opened %+v", tk)
		}
		same(t, "told of it", h.toldWho(tk.ID), fmt.Sprintf("%d: card; desk: card", tk.Requester))
		again, err := h.Receive(ctx, mail("new@acme.example", "help"), hourly)
		h.check(err)
		if again.Ticket.Requester != tk.Requester {
			t.Error("somebody who writes twice is two people")
		}
		if s, err = h.Receive(ctx, mail("gus@globex.example", "help"), hourly); err != nil || s.Ticket.Requester != h.gus.Person || s.Ticket.Organization != "globex" {
			t.Errorf("whose address is known is not known by it: %+v, %v", s.Ticket, err)
		}
		l := mail("gus@globex.example", "phones")
		l.Queue = "emm" // which does not serve globex
		if s, err = h.Receive(ctx, l, hourly); err != nil || s.Ticket.Queue != "support" {
			t.Errorf("it is in %s: %v", s.Ticket.Queue, err)
		}
		_, err = h.Receive(ctx, mail("who@elsewhere.example", "help"), hourly)
		refused(t, "a stranger", err, helpdesk.Stranger)
		h.Catalog().Queues[0].Strangers = "globex"
		if s, err = h.Receive(ctx, mail("who@elsewhere.example", "help"), hourly); err != nil || s.Ticket.Organization != "globex" {
			t.Errorf("where strangers may write: %+v, %v", s.Ticket, err)
		}
		for _, c := range []struct {
			name string
			make func(l *helpdesk.Letter)
			want error
		}{
			{"a program", func(l *helpdesk.Letter) { l.Automatic = true }, helpdesk.ErrIgnored},
			{"a bounce", func(l *helpdesk.Letter) { l.Bounced = true }, helpdesk.ErrIgnored},
			{"the same again", func(l *helpdesk.Letter) { l.External.ID = "m" + fmt.Sprint(mails-1) }, helpdesk.ErrDuplicate},
		} {
			mail("", "") // a number in between
			l := mail("new@acme.example", "help")
			c.make(&l)
			if c.want == helpdesk.ErrDuplicate {
				_, err := h.Receive(ctx, l, hourly)
				h.check(err)
			}
			if _, err := h.Receive(ctx, l, hourly); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		empty := mail("new@acme.example", " ")
		empty.Subject = ""
		_, err = h.Receive(ctx, empty, hourly)
		refused(t, "an empty one", err, helpdesk.Empty)
		gone := mail("new@acme.example", "help")
		gone.Queue = "gone"
		_, err = h.Receive(ctx, gone, hourly)
		refused(t, "to a queue that is none", err, helpdesk.UnknownTicket)
	})
}

// An answer counts as the one's to whom the mail was written, or as that of whoever wrote it, if they may; and never as
// anybody's who may not.
func TestWhoMayAnswerAMail(t *testing.T) {
	byMail(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.confirmed(h.ann, "ann@acme.example", store.AllMail)
		h.confirmed(h.max, "max@acme.example", store.NoMail)
		h.confirmed(h.ben, "ben@acme.example", store.NoMail)
		h.confirmed(h.gus, "gus@globex.example", store.NoMail)
		tk := h.open(h.ann, "office")
		for _, c := range []struct {
			name, from string
			to         helpdesk.Actor
			want       store.PersonID
			other      string
			refusedAs  helpdesk.Code
		}{
			{name: "the requester", from: "ann@acme.example", to: h.ann, want: h.ann.Person},
			{name: "a manager, with the requester's mail", from: "max@acme.example", to: h.ann, want: h.max.Person},
			{name: "a colleague, with the requester's mail", from: "ben@acme.example", to: h.ann, want: h.ann.Person, other: "ben@acme.example"},
			{name: "another organization's manager, with the requester's mail", from: "gus@globex.example", to: h.ann, want: h.ann.Person, other: "gus@globex.example"},
			{name: "a stranger, with the requester's mail", from: "who@elsewhere.example", to: h.ann, want: h.ann.Person, other: "who@elsewhere.example"},
			{name: "a colleague who follows no more", from: "ben@acme.example", to: h.ben, refusedAs: helpdesk.UnknownTicket},
			{name: "another organization's manager", from: "gus@globex.example", to: h.gus, refusedAs: helpdesk.UnknownTicket},
		} {
			h.told(0)
			l := mail(c.from, "about "+c.name)
			l.Ticket, l.Person = tk.ID, c.to.Person
			s, err := h.Receive(ctx, l, hourly)
			if c.refusedAs != "" {
				refused(t, c.name, err, c.refusedAs)
				continue
			}
			h.check(err)
			ms, _ := h.history(tk.ID)
			m := ms[len(ms)-1]
			if m.ID != s.Message || m.Author != c.want || m.Side != store.RequesterSide || m.Audience != store.Public || helpdesk.ReadSender(m.Sender).Other != c.other {
				t.Errorf("%s: %+v", c.name, m)
			}
		}
		l := mail("max@acme.example", "I am the manager")
		l.Ticket, l.Person, l.Sender.Trust = tk.ID, h.ann.Person, helpdesk.Disproved
		_, err := h.Receive(ctx, l, hourly)
		h.check(err)
		ms, _ := h.history(tk.ID)
		if m := ms[len(ms)-1]; m.Author != h.ann.Person || helpdesk.ReadSender(m.Sender) != (helpdesk.Sender{Trust: helpdesk.Disproved, Other: "max@acme.example"}) {
			t.Errorf("a sender who is not believed: %+v", m)
		}
		l = mail("ann@acme.example", "nowhere")
		l.Ticket, l.Person = 99999, h.ann.Person
		_, err = h.Receive(ctx, l, hourly)
		refused(t, "a ticket that is none", err, helpdesk.UnknownTicket)
	})
}

// The desk's public replies have a copy for the mailbox, by the requester's wish; nothing else has.
func TestWhatIsCopiedByMail(t *testing.T) {
	byMail(t, func(t *testing.T, h *house) {
		tk := h.open(h.ann, "office")
		lane := helpdesk.MailLane(tk)
		copies := func() (kinds []string) {
			t.Helper()
			return h.list(`SELECT kind FROM outbox WHERE lane = '` + lane + `' ORDER BY id`)
		}
		say := func(a helpdesk.Actor, side, text string) {
			t.Helper()
			_, err := h.hear(a, tk, side, text)
			h.check(err)
		}
		say(h.ada, store.DeskSide, "nobody knows an address")
		h.confirmed(h.ann, "ann@acme.example", store.NoMail)
		say(h.ada, store.DeskSide, "they wish none")
		h.exec(`UPDATE people SET by_mail = 'away'`)
		say(h.ada, store.DeskSide, "note: inside")
		say(h.ann, store.RequesterSide, "mine")
		if got := copies(); len(got) != 0 {
			t.Errorf("copied %q", got)
		}
		say(h.ada, store.DeskSide, "this one")
		if diff := cmp.Diff([]string{helpdesk.TellMessage}, copies()); diff != "" {
			t.Error(diff)
		}
		h.Catalog().Mail = ""
		say(h.ada, store.DeskSide, "mail is off")
		if got := copies(); len(got) != 1 {
			t.Errorf("copied %q", got)
		}
	})
}

// However many mails of somebody new come at once, they are one person, and each mail is one ticket.
func TestMailsAtOnce(t *testing.T) {
	byMail(t, func(t *testing.T, h *house) {
		var all sync.WaitGroup
		const n = 8
		for i := range n {
			l := mail("crowd@acme.example", fmt.Sprint("help ", i/2))
			l.External.ID = fmt.Sprint("at once ", i/2) // each comes twice
			all.Go(func() {
				if _, err := h.Receive(t.Context(), l, hourly); err != nil && !errors.Is(err, helpdesk.ErrDuplicate) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got := h.list(`SELECT COUNT(*) FROM tickets WHERE origin = 'mail'`); got[0] != fmt.Sprint(n/2) {
			t.Errorf("%s tickets", got[0])
		}
		if got := h.list(`SELECT COUNT(*) FROM accounts WHERE account = 'crowd@acme.example'`); got[0] != "1" {
			t.Errorf("%s accounts", got[0])
		}
	})
}

func TestTooManyMailsWait(t *testing.T) {
	byMail(t, func(t *testing.T, h *house) {
		for i := range 4 {
			l := mail("new@acme.example", "help")
			switch _, err := h.Receive(t.Context(), l, 2); {
			case i < 2:
				h.check(err)
			case !errors.Is(err, helpdesk.ErrTooManyMails):
				t.Errorf("mail %d: %v", i, err)
			}
			if i == 3 {
				h.pass(time.Hour + time.Minute)
				_, err := h.Receive(t.Context(), l, 2)
				h.check(err)
			}
		}
	})
}
