package app_test

import (
	"slices"
	"testing"
	"time"

	"guichet/internal/strictslack"
)

func TestTheMainJourneyByBothRoads(t *testing.T) {
	strictly(t, func(t *testing.T, d *desk) {
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
	each(t, func(t *testing.T, d *desk) {
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
	strictly(t, func(t *testing.T, d *desk) {
		number := d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card(number), d.conversation(alice, number)
		d.settle()
		d.gaveUp = true
		d.eventually("it is noted that Slack is listened to", func() bool { return d.number("SELECT COUNT(*) FROM heard") == 1 })
		d.stop()
		d.write(alice, alice, "Is anybody there?", mine.TS)
		d.write(nadia, support, "note: we were out", card.TS)
		d.write(nadia, support, "We are back.", card.TS)
		if err := d.strict.Settle(t.Context()); err != nil { // Slack has given up
			t.Fatal(err)
		}
		d.exec("UPDATE heard SET at = at - 3600000")
		d.start()
		d.find(support, "Alice Martin wrote", "Is anybody there?")
		d.find(alice, "Nadia Benali wrote", "We are back.")
		d.never(alice, "we were out")
		if n := d.number("SELECT COUNT(*) FROM messages"); n != 4 {
			t.Errorf("the ticket has %d messages", n)
		}
	}, strictslack.WithClock(strictslack.Clock{Retries: []time.Duration{0, time.Millisecond, time.Millisecond}}))
}

// Slack sends twice, loses an acknowledgement, and has guichet connect anew: what people write arrives
// once, where it belongs.
func TestOnABumpyRoadAllArrivesOnce(t *testing.T) {
	strictly(t, func(t *testing.T, d *desk) {
		number := d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card(number), d.conversation(alice, number)
		d.times(2, func() { d.write(nadia, support, "Which <version> & where?", card.TS) })
		if reply := d.find(alice, "Which <version> & where?"); reply.ThreadTS != mine.TS {
			t.Errorf("the reply is in the thread %q, want %q", reply.ThreadTS, mine.TS)
		}
		d.settle()
		d.strict.LoseAcks(1)
		d.strict.Disconnect("refresh_requested")
		d.write(alice, alice, "The one of 2024.", mine.TS)
		if lost := slices.DeleteFunc(d.strict.Deliveries(), func(e strictslack.Delivery) bool { return e.Attempt == 0 }); len(lost) == 0 {
			t.Error("nothing came again")
		}
		d.find(support, "The one of 2024.")
		d.again()
		d.settle()
		d.crossed(card, mine, []string{"Which <version> & where?"}, []string{"The one of 2024."})
	})
}

// What was not acknowledged comes again, and changes nothing.
func TestWhatSlackSendsAgainChangesNothing(t *testing.T) {
	strictly(t, func(t *testing.T, d *desk) {
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
