package app_test

import (
	"strings"
	"testing"
	"time"

	"guichet/internal/strictslack"
	"guichet/store/storetest"
)

// strict is a desk at the strict Slack, which refuses what the real one refuses and sends again what
// was not acknowledged.
type strict struct {
	*desk
	strict *strictslack.Server
	http   bool
}

// strictly runs a journey at the strict Slack, by both of its roads and over both databases.
func strictly(t *testing.T, journey func(t *testing.T, d *strict), options ...strictslack.Option) {
	t.Parallel()
	for _, mode := range []string{"socket", "http"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			storetest.EachAddress(t, func(t *testing.T, address string) {
				t.Parallel()
				journey(t, newStrict(t, address, mode, options))
			})
		})
	}
}

func newStrict(t *testing.T, address, mode string, options []strictslack.Option) *strict {
	t.Helper()
	d := &strict{desk: newDesk(t, address), http: mode == "http"}
	d.stop()
	d.strict = strictslack.StartTest(t, d.slack, options...)
	d.configure(func(s string) string {
		return strings.Replace(s, d.slack.APIURL, d.strict.APIURL+"\n    mode: "+mode, 1)
	})
	d.begin()
	t.Cleanup(func() {
		for _, r := range d.strict.Refusals() {
			t.Errorf("guichet broke a rule of Slack's: %+v", r)
		}
	})
	return d
}

// begin starts the program, and tells Slack where it is.
func (d *strict) begin() {
	d.t.Helper()
	d.start()
	if d.http {
		d.strict.SetHTTP("http://"+d.app.Address()+"/slack/acme", d.slack.Config.App.SigningSecret)
	}
}

func TestTheMainJourneyAtAStrictSlack(t *testing.T) {
	strictly(t, func(t *testing.T, d *strict) {
		number := d.open(alice, "Outlook <does> & *does not*", "Since this morning.")
		card, mine := d.card(number), d.conversation(alice, number)
		d.press(nadia, card, "take")
		d.find(alice, "Nadia Benali is looking after your ticket.")
		d.write(nadia, support, "Which <version> & build?", card.TS)
		d.find(alice, "Nadia Benali wrote", "Which <version> & build?")
		d.write(alice, alice, "The one of 2024 <!channel>.", mine.TS)
		d.find(support, "Alice Martin wrote", "The one of 2024 <!channel>.")
		d.fill(nadia, card, "note", map[string]string{"body": "ask the vendor"})
		d.find(support, "ask the vendor")
		d.press(nadia, card, "resolve")
		d.find(support, "#"+number, "Resolved")
		d.never(alice, "ask the vendor")
		d.shows(d.ask(alice, number), "Which <version> & build?")
	})
}

// What Slack carried out although it never answered is found again, and not posted twice.
func TestAPostWhoseAnswerIsLostIsFoundAgain(t *testing.T) {
	strictly(t, func(t *testing.T, d *strict) {
		for _, kind := range []strictslack.FaultKind{strictslack.ServerError, strictslack.Cut} {
			d.strict.Inject(strictslack.Fault{Method: "chat.postMessage", Kind: kind, Times: 2, AfterDone: true})
			number := d.open(alice, "Lost "+string(kind), "Does not start.")
			card := d.card(number)
			d.strict.Inject(strictslack.Fault{Method: "chat.postMessage", Kind: kind, Times: 1, AfterDone: true})
			d.write(nadia, support, "Which version, by "+string(kind)+"?", card.TS)
			d.find(alice, "Which version, by "+string(kind)+"?")
			d.settle()
			d.find(alice, "Which version, by "+string(kind)+"?")
			d.find(support, "#"+number, "Requester")
		}
	})
}

// What people wrote during an outage that was longer than Slack's own retries is read afterwards.
func TestWhatWasMissedInAnOutageIsRead(t *testing.T) {
	strictly(t, func(t *testing.T, d *strict) {
		number := d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card(number), d.conversation(alice, number)
		d.settle()
		d.eventually("it is noted that Slack is listened to", func() bool { return d.number("SELECT COUNT(*) FROM heard") == 1 })
		d.stop()
		d.write(alice, alice, "Is anybody there?", mine.TS)
		d.write(nadia, support, "note: we were out", card.TS)
		d.write(nadia, support, "We are back.", card.TS)
		if err := d.strict.Settle(t.Context()); err != nil { // Slack has given up
			t.Fatal(err)
		}
		d.exec("UPDATE heard SET at = at - 3600000")
		d.begin()
		d.find(support, "Alice Martin wrote", "Is anybody there?")
		d.find(alice, "Nadia Benali wrote", "We are back.")
		d.never(alice, "we were out")
		if n := d.number("SELECT COUNT(*) FROM messages"); n != 4 {
			t.Errorf("the ticket has %d messages", n)
		}
	}, strictslack.WithClock(strictslack.Clock{Retries: []time.Duration{0, time.Millisecond, time.Millisecond}}))
}

// What was not acknowledged comes again, and changes nothing.
func TestWhatSlackSendsAgainChangesNothing(t *testing.T) {
	strictly(t, func(t *testing.T, d *strict) {
		number := d.open(alice, "Outlook", "Does not start.")
		card := d.card(number)
		d.write(nadia, support, "Which version?", card.TS)
		d.find(alice, "Which version?")
		before := d.seen(alice)
		if err := d.strict.Replay(t.Context(), 5); err != nil {
			t.Fatal(err)
		}
		if d.seen(alice) != before {
			t.Error("something has changed")
		}
	})
}
