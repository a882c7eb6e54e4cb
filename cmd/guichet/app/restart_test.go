package app_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"guichet/internal/localslack"
	"guichet/internal/strictslack"
)

// due has every delivery that waits for another try tried at the next start: time passes only in
// the database. It is for a stopped program, since it takes away what a running one has claimed.
func (d *desk) due() {
	d.t.Helper()
	d.exec("UPDATE outbox SET visible_at = 0 WHERE visible_at IS NOT NULL")
}

// wrote lists what the thread of a card has shown as one person's words carried over, in order.
func (d *desk) wrote(card localslack.Message, from string) (texts []string) {
	d.t.Helper()
	for _, m := range d.messages(card.Channel) {
		if m.ThreadTS == card.TS && strings.Contains(m.AllText(), from+" wrote") {
			texts = append(texts, said(m))
		}
	}
	return texts
}

// crossed checks that what both sides wrote has arrived on the other, once and in order.
func (d *desk) crossed(card, mine localslack.Message, fromAgent, fromRequester []string) {
	d.t.Helper()
	if got := d.wrote(mine, "Nadia Benali"); !slices.Equal(got, fromAgent) {
		d.t.Errorf("the requester reads %q, want %q", got, fromAgent)
	}
	if got := d.wrote(card, "Alice Martin"); !slices.Equal(got, fromRequester) {
		d.t.Errorf("the agents read %q, want %q", got, fromRequester)
	}
}

// unreachable is the failure of a network on the way of what is posted and changed.
var unreachable = strictslack.Fault{Method: "chat.*", Kind: strictslack.Drop}

// talk has both sides write n messages in their threads.
func (d *desk) talk(card, mine localslack.Message, n int) (fromAgent, fromRequester []string) {
	d.t.Helper()
	for i := range n {
		fromAgent = append(fromAgent, fmt.Sprintf("From the desk, number %d.", i))
		d.write(nadia, card.Channel, fromAgent[i], card.TS)
		fromRequester = append(fromRequester, fmt.Sprintf("From Alice, number %d.", i))
		d.write(alice, mine.Channel, fromRequester[i], mine.TS)
	}
	return fromAgent, fromRequester
}

func TestWhatSlackWouldNotTakeIsDeliveredAfterARestart(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card("1001"), d.conversation(alice, "1001")

		mend := d.strict.Inject(unreachable)
		fromAgent, fromRequester := d.talk(card, mine, 5)
		d.write(nadia, support, "note: secret", card.TS)
		d.press(nadia, card, "resolve")
		d.eventually("delivering has failed", func() bool { return d.number("SELECT COUNT(*) FROM outbox WHERE attempts > 0") == 2 })
		d.crossed(card, mine, nil, nil)
		d.stop()
		d.due()
		mend()
		d.start()
		d.settle()

		d.crossed(card, mine, fromAgent, fromRequester)
		d.shows(d.card("1001"), "Resolved", "Nadia Benali")
		d.once(alice, "has marked the ticket as resolved")
		d.never(alice, "secret")
		if now := d.card("1001"); now.TS != card.TS {
			t.Error("the card is another message than before")
		}
	})
}

// A ticket whose cards were never posted gets them, and then what was said.
func TestATicketOpenedWhileSlackIsAwayIsPostedAfterARestart(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		mend := d.strict.Inject(unreachable)
		p := d.slack.OpenTest(t, alice)
		for _, subject := range []string{"Outlook", "Excel"} {
			d.command(alice, "office")
			d.form(p, map[string]string{"kind": "information", "subject": subject, "description": "How?"})
		}
		if n := d.number("SELECT COUNT(*) FROM outbox"); n != 4 {
			t.Errorf("%d deliveries wait, want two for each ticket", n)
		}
		d.stop()
		d.due()
		mend()
		d.start()
		d.settle()
		for _, channel := range []string{support, alice} {
			d.once(channel, "#1001 Outlook", "#1002 Excel")
			if n := len(d.messages(channel)); n != 2 {
				t.Errorf("%s shows %d messages", channel, n)
			}
		}
	})
}

// Slack sends later what was written while nobody listened, and again what was handled just
// before the end, the acknowledgement of which was lost.
func TestMessagesWrittenAroundARestartArriveOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.gaveUp = true
		d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card("1001"), d.conversation(alice, "1001")
		fromAgent, fromRequester := d.talk(card, mine, 2)
		d.stop()
		for _, text := range []string{"Down?", "note: secret", "Up!"} {
			d.write(nadia, support, text, card.TS)
		}
		d.write(alice, alice, "Hello?", mine.TS)
		fromAgent, fromRequester = append(fromAgent, "Down?", "Up!"), append(fromRequester, "Hello?")
		if err := d.strict.Settle(t.Context()); err != nil { // nobody was there
			t.Fatal(err)
		}
		missed := map[string]int{}
		for _, e := range d.strict.Unacked() {
			missed[e.User]++
		}
		if missed[nadia] != 3 || missed[alice] != 1 {
			t.Errorf("Slack gave up so many messages: %v", missed)
		}

		d.start()
		for range 2 {
			d.again()
			d.settle()
			d.crossed(card, mine, fromAgent, fromRequester)
			d.never(alice, "secret")
			d.counts(map[string]int64{"messages": 9})
		}
	}, strictslack.WithClock(strictslack.Clock{Retries: []time.Duration{0}}))
}

// holding stops every post on its way, and says so, until it is let go.
func (d *desk) holding() (held <-chan struct{}, letGo func()) {
	posting, goOn := make(chan struct{}, 10), make(chan struct{})
	mend := d.strict.Inject(strictslack.Fault{Method: "chat.postMessage", Kind: strictslack.Hold, Until: goOn, Held: posting})
	letGo = sync.OnceFunc(func() { mend(); close(goOn) })
	d.t.Cleanup(letGo) // should the test fail before
	return posting, letGo
}

// What is being posted when the program is told to stop is finished, and so not posted again.
func TestAStopWaitsForWhatIsBeingPosted(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card("1001"), d.conversation(alice, "1001")
		held, letGo := d.holding()
		d.write(nadia, support, "Which version?", card.TS)
		<-held
		stopped := make(chan struct{})
		before := strings.Count(d.log.String(), "msg=stopping")
		go func() { d.stop(); close(stopped) }()
		d.eventually("it is stopping", func() bool { return strings.Count(d.log.String(), "msg=stopping") > before })
		select {
		case <-stopped:
			t.Error("it has stopped all the same")
		default:
		}
		letGo()
		<-stopped
		d.due()
		d.start()
		d.settle()
		d.crossed(card, mine, []string{"Which version?"}, nil)
	})
}

// A post that hangs is cut short at the end of stop_timeout, and made after the next start.
func TestAStopDoesNotWaitForever(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.restart(func(s string) string { return strings.Replace(s, "stop_timeout: 5s", "stop_timeout: 1s", 1) })
		d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card("1001"), d.conversation(alice, "1001")
		held, letGo := d.holding()
		d.write(nadia, support, "Which version?", card.TS)
		<-held
		began := time.Now()
		d.stop()
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("the stop took %s", took)
		}
		d.eventually("the post is lost on its way", func() bool {
			return slices.ContainsFunc(d.strict.Called("chat.postMessage"), func(c strictslack.Call) bool { return c.Verdict == "fault: hold, lost" })
		})
		letGo()
		d.due()
		d.start()
		d.settle()
		d.crossed(card, mine, []string{"Which version?"}, nil)
	})
}

// join starts a second copy of the program on the same database, until the test ends.
func (d *desk) join() {
	d.t.Helper()
	_, stop := d.run()
	d.t.Cleanup(stop)
}

// Slack gives each envelope to one of the copies, by turns. Here it sends each twice besides, so that
// both have everything to do, at the same time: neither may rely on being alone.
func TestTwoCopiesDoEverythingOnce(t *testing.T) {
	bySocket(t, func(t *testing.T, d *desk) {
		d.join()
		if n := d.strict.Sockets(); n != 2 {
			t.Errorf("two copies have %d connections", n)
		}
		p := d.slack.OpenTest(t, alice)
		d.command(alice, "office") // once, as Slack does: two forms would open
		d.times(2, func() {
			d.form(p, map[string]string{"kind": "information", "subject": "Outlook", "description": "How?"})
		})
		number := numberOf(d.find(support, "Outlook", "Requester")) // the form that came second may have used one up
		card, mine := d.card(number), d.conversation(alice, number)
		d.settle()

		var fromAgent, fromRequester []string
		d.times(2, func() {
			d.together(card, "take", nadia, oliver)
			fromAgent, fromRequester = d.talk(card, mine, 5)
		})
		d.settle()
		d.crossed(card, mine, fromAgent, fromRequester)
		d.once(support, "#"+number+" Outlook")
		d.once(alice, "Your ticket has the number "+number, "is looking after your ticket")
		d.times(2, func() { d.press(nadia, d.card(number), "resolve") })
		d.settle()
		d.shows(d.card(number), "Resolved")
		d.once(alice, "has marked the ticket as resolved")
		d.counts(map[string]int64{"tickets": 1, "messages": 11, "events WHERE act = 'take'": 1, "events WHERE act = 'resolve'": 1,
			"outbox": 0, "parked": 0, "threads WHERE is_card": 2})
	})
}

func TestACardThatWasDeletedIsPostedAnewByARefresh(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		d.press(nadia, d.card("1001"), "take")
		d.find(support, "#1001 Outlook", "In progress")
		d.settle()
		oldCard, oldMine := d.card("1001"), d.conversation(alice, "1001")
		for _, m := range []localslack.Message{oldCard, oldMine} {
			if err := d.slack.DeleteMessage(t.Context(), localslack.Bot, m.Channel, m.TS); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 { // the second one finds all in order
			if n, err := d.app.Desk().Refresh(t.Context()); n != 1 || err != nil {
				t.Errorf("%d tickets refreshed, %v", n, err)
			}
			d.find(support, "#1001 Outlook", "Status", "In progress", "Nadia Benali")
			d.settle()
		}
		card, mine := d.card("1001"), d.conversation(alice, "1001")
		fromAgent, fromRequester := d.talk(card, mine, 2)
		d.settle()
		d.crossed(card, mine, fromAgent, fromRequester)

		// Who still has the old thread open is heard too, and answered in the new one.
		d.write(alice, alice, "Still here.", oldMine.TS)
		d.settle()
		d.crossed(card, mine, fromAgent, append(fromRequester, "Still here."))
	})
}

func TestAQueueThatMovesTakesItsOpenTicketsAlong(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		d.open(alice, "Excel", "Crashes.")
		d.press(alice, d.conversation(alice, "1002"), "close")
		d.find(support, "#1002 Excel", "Closed")
		d.settle()
		old, mine := d.card("1001"), d.conversation(alice, "1001")

		// The two queues change places: each needs a channel of its own.
		d.restart(strings.NewReplacer(support, emm, emm, support).Replace)
		d.write(alice, alice, "Anybody?", mine.TS)
		card := d.find(emm, "#1001 Outlook", "Requester", "Alice Martin")
		d.settle()
		fromAgent, fromRequester := d.talk(card, mine, 2)
		d.settle()
		d.crossed(card, mine, fromAgent, append([]string{"Anybody?"}, fromRequester...))
		d.press(nadia, card, "resolve")
		d.find(emm, "#1001 Outlook", "Resolved")
		d.settle()
		d.once(alice, "Your ticket has the number 1001", "has marked the ticket as resolved")
		d.once(emm, "#1001 Outlook")
		d.never(emm, "Excel")
		d.once(support, "#1001 Outlook")
		if m := d.card("1001"); m.AllText() != old.AllText() {
			t.Errorf("the card that was left behind has changed: %s", m.AllText())
		}
	})
}

func TestARefreshBringsTheCardsOfAQueueThatMoved(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		d.restart(strings.NewReplacer(support, emm, emm, support).Replace)
		d.never(emm, "Outlook") // nothing has happened to it yet
		if n, err := d.app.Desk().Refresh(t.Context()); n != 1 || err != nil {
			t.Errorf("%d tickets refreshed, %v", n, err)
		}
		d.press(nadia, d.find(emm, "#1001 Outlook", "New"), "take")
		d.find(emm, "#1001 Outlook", "In progress", "Nadia Benali")
		d.settle()
		d.once(alice, "Your ticket has the number 1001", "is looking after your ticket")
	})
}
