package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"guichet/internal/strictslack"
)

// metric reads one number that the program tells its operator; 0 if it is not there.
func (d *desk) metric(name string) (n float64) {
	d.t.Helper()
	for line := range strings.Lines(get(d.t, d.app.Address(), "/metrics")) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			if _, err := fmt.Sscan(value, &n); err != nil {
				d.t.Fatalf("%s: %v", line, err)
			}
		}
	}
	return n
}

// within is eventually, for what takes its time: a call of Slack's is given up after ten seconds.
func (d *desk) within(patience time.Duration, what string, ok func() bool) {
	d.t.Helper()
	for began := time.Now(); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Since(began) > patience {
			d.t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// writes posts a message as a person, and does not wait for guichet to have it.
func (d *desk) writes(who, channel, text, root string) {
	d.t.Helper()
	if _, err := d.slack.PostMessage(d.t.Context(), who, channel, text, root); err != nil {
		d.t.Fatal(err)
	}
}

// failing waits until so many deliveries have failed for a reason, as metrics and the operator's list
// tell.
func (d *desk) failing(state, reason string, n int) {
	d.t.Helper()
	name := fmt.Sprintf(`guichet_outbox_failures{reason="%s",state="%s"}`, reason, state)
	d.within(30*time.Second, fmt.Sprint(name, " ", n), func() bool { return d.metric(name) == float64(n) })
	us, err := d.app.Desk().Undelivered(d.t.Context(), 10)
	if err != nil || len(us) != n {
		d.t.Errorf("the operator's list has %d deliveries, want %d, %v", len(us), n, err)
	}
	for _, u := range us {
		if u.Reason != reason || u.Parked != (state == "parked") || u.Error == "" {
			d.t.Errorf("the operator's list says %+v", u)
		}
	}
}

// files has Alice open a ticket, which is taken in whatever becomes of telling it.
func (d *desk) files(subject string) {
	d.t.Helper()
	p := d.slack.OpenTest(d.t, alice)
	defer p.Close()
	d.command(alice, "office")
	if errs := d.form(p, map[string]string{"kind": "information", "subject": subject, "description": "How?"}); len(errs) > 0 {
		d.t.Errorf("the form has errors: %v", errs)
	}
	if n := d.number("SELECT COUNT(*) FROM tickets WHERE subject = '" + subject + "'"); n != 1 {
		d.t.Errorf("%d tickets were opened", n)
	}
}

// toldOnce checks that both sides have the ticket, once.
func (d *desk) toldOnce(subject string) {
	d.t.Helper()
	for _, channel := range []string{support, alice} {
		d.find(channel, subject)
	}
	d.settle()
	d.once(support, subject)
	d.once(alice, subject)
}

// Whatever Slack makes of a post, the requester's ticket is taken in. What can't be told waits, for a
// reason that the operator sees, and is told once as soon as it can be.
func TestWhateverSlackDoesThePostWaitsAndIsMadeOnce(t *testing.T) {
	t.Parallel()
	refused := func(code string) strictslack.Fault {
		return strictslack.Fault{Kind: strictslack.Refuse, Code: code}
	}
	for _, c := range []struct {
		reason string
		fault  strictslack.Fault
	}{
		{"http_503", strictslack.Fault{Kind: strictslack.ServerError}},
		{"http_500", strictslack.Fault{Kind: strictslack.ServerError, Status: 500, AfterDone: true}},
		{"timeout", strictslack.Fault{Kind: strictslack.Timeout}},
		{"unreachable", strictslack.Fault{Kind: strictslack.Cut}},
		{"no_json", strictslack.Fault{Kind: strictslack.HTML}},
		{"not_in_channel", refused("not_in_channel")},
		{"is_archived", refused("is_archived")},
		{"channel_not_found", refused("channel_not_found")},
		{"token_revoked", refused("token_revoked")},
		{"account_inactive", refused("account_inactive")},
		{"internal_error", refused("internal_error")},
	} {
		c.fault.Method = "chat.postMessage"
		t.Run(c.reason, func(t *testing.T) {
			once(t, func(t *testing.T, d *desk) {
				d.strict.Inject(c.fault)
				d.files("Outlook")
				d.failing("failing", c.reason, 2)
				d.strict.Mend()
				d.toldOnce("Outlook")
			})
		})
	}
}

// Slack asks to be left alone, and is: nothing is sent before the time is over.
func TestARateLimitIsWaitedFor(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.strict.Inject(strictslack.Fault{Method: "chat.postMessage", Kind: strictslack.RateLimited, RetryAfter: 2 * time.Second, Times: 1})
		d.files("Outlook")
		d.eventually("it waits", func() bool {
			return d.metric(`guichet_outbox_failures{reason="rate_limited",state="failing"}`) > 0
		})
		d.toldOnce("Outlook")
		for _, c := range d.strict.Called("chat.postMessage") {
			if c.TooSoon {
				t.Errorf("%s was called %v after Slack asked to wait 2 s", c.Method, c.At)
			}
		}
	})
}

// What Slack will never take is parked, where it holds up nothing else. The operator who has mended
// the cause has it tried again, or drops it.
func TestWhatSlackNeverTakesIsParkedRetriedAndDropped(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ method, reason string }{
		{"chat.postMessage", "invalid_blocks"},
		{"conversations.open", "user_disabled"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			each(t, func(t *testing.T, d *desk) {
				d.strict.Inject(strictslack.Fault{Method: c.method, Kind: strictslack.Refuse, Code: c.reason})
				d.files("Outlook")
				n := 2
				if c.method == "conversations.open" {
					n = 1 // the desk is told all the same
					d.find(support, "Outlook")
				}
				d.failing("parked", c.reason, n)
				d.strict.Mend()
				us, err := d.app.Desk().Undelivered(t.Context(), 10)
				if err != nil {
					t.Fatal(err)
				}
				for _, u := range us {
					if err := d.app.Desk().RetryDelivery(t.Context(), u.ID); err != nil {
						t.Error(err)
					}
				}
				d.toldOnce("Outlook")

				card := d.find(support, "Outlook")
				d.strict.Inject(strictslack.Fault{Method: "chat.postMessage", Kind: strictslack.Refuse, Code: "invalid_blocks"})
				d.write(nadia, support, "Which version?", card.TS)
				d.eventually("reply and receipt are parked", func() bool { return d.metric(`guichet_outbox_failures{reason="invalid_blocks",state="parked"}`) == 2 })
				d.strict.Mend()
				us, err = d.app.Desk().Undelivered(t.Context(), 10)
				if err != nil {
					t.Fatal(err)
				}
				for _, u := range us {
					if err := d.app.Desk().DropDelivery(t.Context(), u.ID); err != nil {
						t.Error(err)
					}
				}
				d.never(alice, "Which version?")
				d.counts(map[string]int64{"parked": 0, "outbox": 0, "events WHERE act = 'drop'": 2, "messages WHERE body = 'Which version?'": 1})
			})
		})
	}
}

// The way to Slack is cut in the middle of telling: what was under way is looked up, what was written
// meanwhile comes when Slack sends it again.
func TestSlackGoesDownAndComesBack(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		number := d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card(number), d.conversation(alice, number)
		letGo := make(chan struct{})
		d.strict.Inject(strictslack.Fault{Method: "chat.postMessage", Kind: strictslack.Hold, Until: letGo, Times: 1})
		d.write(nadia, support, "Which version?", card.TS)
		d.eventually("the reply is on its way", func() bool { return d.number("SELECT COUNT(*) FROM outbox WHERE claims > settled") > 0 })
		d.strict.Down()
		close(letGo)
		d.writes(alice, alice, "Is anybody there?", mine.TS)
		d.eventually("Slack is not reached", func() bool { return d.metric(`guichet_outbox_failures{reason="unreachable",state="failing"}`) > 0 })
		d.strict.Up()
		d.find(alice, "Nadia Benali wrote", "Which version?")
		d.find(support, "Alice Martin wrote", "Is anybody there?")
		d.settle()
		d.once(alice, "Which version?")
		d.once(support, "Is anybody there?")
	})
}

// The workspace's token is revoked under the running program. What people do is taken in as long as
// Slack sends it; once there is a token again, it is told.
func TestATokenIsRevokedAndGivenBack(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		number := d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card(number), d.conversation(alice, number)
		d.press(nadia, card, "take")
		d.find(support, "#"+number, "In progress")
		d.settle()
		d.strict.Revoke("token_revoked")
		d.write(nadia, support, "Which version?", card.TS)
		d.write(alice, alice, "Anybody?", mine.TS)
		d.eventually("it waits", func() bool { return d.metric(`guichet_outbox_failures{reason="token_revoked",state="failing"}`) == 2 })
		if n := d.number("SELECT COUNT(*) FROM messages"); n != 3 {
			t.Errorf("the ticket has %d messages", n)
		}
		d.strict.Revoke("")
		d.find(alice, "Nadia Benali wrote", "Which version?")
		d.find(support, "Alice Martin wrote", "Anybody?")
		d.settle()
	})
}

// The desk's channel is archived, or guichet is taken out of it: the requester is told all the same,
// and the agents as soon as the channel is back.
func TestTheDesksChannelIsLostAndFound(t *testing.T) {
	t.Parallel()
	for what, lose := range map[string]func(d *desk, lost bool){
		"is_archived":       func(d *desk, lost bool) { d.strict.SetArchived(support, lost) },
		"channel_not_found": func(d *desk, lost bool) { d.strict.SetMember(support, !lost) },
	} {
		t.Run(what, func(t *testing.T) {
			each(t, func(t *testing.T, d *desk) {
				lose(d, true)
				d.files("Outlook")
				d.find(alice, "Outlook")
				d.failing("failing", what, 1)
				lose(d, false)
				d.toldOnce("Outlook")
			})
		})
	}
}

// Whoever is met while Slack does not say who they are goes by their account, until it does.
func TestANameThatCouldNotBeLookedUpIsLookedUpLater(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		number := d.open(alice, "Outlook", "Does not start.")
		card := d.card(number)
		d.strict.Inject(strictslack.Fault{Method: "users.info", Kind: strictslack.ServerError, Times: 1})
		d.write(nadia, support, "Which version?", card.TS)
		d.find(alice, nadia+" wrote", "Which version?")
		d.strict.Inject(strictslack.Fault{Method: "users.info", Kind: strictslack.Timeout})
		d.write(nadia, support, "Are you there?", card.TS) // taken in all the same
		d.find(alice, nadia+" wrote", "Are you there?")
		d.strict.Mend()
		d.write(nadia, support, "And which system?", card.TS)
		d.find(alice, "Nadia Benali wrote", "And which system?")
		d.press(nadia, card, "resolve")
		d.find(support, "#"+number, "Resolved", "Nadia Benali")
	})
}
