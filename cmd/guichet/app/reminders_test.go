package app_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// aged makes tickets, with their whole history, so much older.
func (d *desk) aged(by time.Duration) {
	d.t.Helper()
	for _, column := range []string{"tickets SET created_at", "tickets SET state_since", "events SET at", "messages SET created_at"} {
		_, name, _ := strings.Cut(column, " SET ")
		d.exec(fmt.Sprintf("UPDATE %s = %s - %d", column, name, by.Milliseconds()))
	}
}

// round stops the program; at its next start it counts again what is due.
func (d *desk) round() {
	d.t.Helper()
	d.eventually("what is due is counted", func() bool { return d.number("SELECT COUNT(*) FROM policies") == 2 })
	d.stop()
	d.exec("DELETE FROM policies")
}

// rules has so many copies of the program start together and look at what is due. It returns once all that follows has
// been told.
func (d *desk) rules(copies int) {
	d.t.Helper()
	d.round()
	var starting sync.WaitGroup
	for range copies - 1 {
		starting.Go(d.join)
	}
	starting.Go(d.start)
	starting.Wait()
	d.eventually("all that is due is done", func() bool {
		return d.number("SELECT COUNT(*) FROM policies") == 2 &&
			d.number(fmt.Sprintf("SELECT COUNT(*) FROM tickets WHERE due_at > 0 AND due_at <= %d", time.Now().UnixMilli())) == 0
	})
	d.settle()
}

// awaits has an agent take a ticket, and ask its requester something.
func (d *desk) awaits(number string) {
	d.t.Helper()
	d.press(nadia, d.card(number), "take")
	d.find(support, "#"+number+" ", "Status", "In progress")
	d.press(nadia, d.card(number), "wait")
	d.find(support, "#"+number+" ", "Status", "Waiting for the requester")
	d.settle()
}

const (
	unassigned = "and nobody has taken it."
	waiting    = "We have been waiting for your answer since"
)

func TestATicketThatNobodyTakesIsSaidInTheChannelOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		d.open(alice, "Excel", "Crashes.")
		d.press(nadia, d.card("1002"), "take")
		d.find(support, "#1002 Excel", "In progress")
		d.aged(29 * time.Minute)
		d.rules(1)
		d.never(support, unassigned)

		d.aged(31 * time.Minute)
		d.rules(1)
		m := d.find(support, "#1001 “Outlook” has been waiting for 60 minutes "+unassigned)
		if m.ThreadTS != "" {
			t.Error("it is hidden in a thread")
		}
		d.aged(5 * time.Hour)
		d.rules(1)
		d.once(support, unassigned)
		d.never(alice, unassigned)

		// The reminder is a place to answer, too.
		mine := d.conversation(alice, "1001")
		d.write(nadia, support, "I look into it.", m.TS)
		d.settle()
		d.crossed(d.card("1001"), mine, []string{"I look into it."}, nil)
	})
}

func TestARequesterWhoDoesNotAnswerIsRemindedOnceForEachQuestion(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		mine := d.conversation(alice, "1001")
		for question := range 2 {
			d.awaits("1001")
			d.aged(47 * time.Hour)
			d.rules(1)
			if n := len(d.containing(alice, waiting)); n != question {
				t.Errorf("too early: %d reminders, want %d", n, question)
			}
			d.aged(time.Hour + time.Minute)
			d.rules(1)
			d.aged(70 * time.Hour)
			d.rules(1)
			ms := d.containing(alice, waiting)
			if len(ms) != question+1 || ms[question].ThreadTS != mine.TS {
				t.Fatalf("after question %d there are %d reminders: %v", question+1, len(ms), ms)
			}
			d.write(alice, alice, "Sorry, I was away.", mine.TS)
			d.find(support, "#1001 Outlook", "In progress")
			d.settle()
		}
		d.rules(1)
		if n := len(d.containing(alice, waiting)); n != 2 {
			t.Errorf("once she has answered there are %d reminders", n)
		}
		d.never(support, waiting)
	})
}

func TestAResolvedTicketIsClosedAfterAWhile(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		d.press(nadia, d.card("1001"), "resolve")
		d.find(support, "#1001 Outlook", "Resolved")
		d.settle()
		d.aged(119 * time.Hour)
		d.rules(1)
		d.shows(d.card("1001"), "Resolved")

		d.aged(time.Hour + 10*time.Minute)
		d.rules(1)
		d.aged(time.Hour)
		d.rules(1)
		d.shows(d.card("1001"), "Closed", "Nadia Benali")
		d.once(alice, "is now closed.")
		said := d.find(alice, "The ticket was resolved 5 days ago and is now closed. You can still reopen it for 14 days.")
		if said.ThreadTS != d.conversation(alice, "1001").TS {
			t.Error("the requester is not told in the conversation's thread")
		}
		d.counts(map[string]int64{"events WHERE act = 'close' AND actor_id IS NULL AND source = 'cron'": 1, "events WHERE act = 'close'": 1})
	})
}

func TestSeveralCopiesRemindOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		for _, subject := range []string{"Word", "Excel", "Outlook"} {
			d.open(alice, subject, "Does not start.")
		}
		d.awaits("1001")
		d.press(nadia, d.card("1002"), "resolve")
		d.find(support, "#1002 Excel", "Resolved")
		d.settle()
		d.aged(121 * time.Hour)
		d.rules(3)
		d.once(support, unassigned, "#1003 “Outlook” has been waiting")
		d.once(alice, "We have had no answer from you since", "is now closed.")
		d.counts(map[string]int64{"events WHERE act = 'remind'": 2, "events WHERE act = 'close'": 1})
	})
}

// What was due while the program was down is made up for once; what has been settled meanwhile is
// not reminded of any more, even if it waits to be delivered.
func TestAReminderThatIsOutdatedIsNotDelivered(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		d.awaits("1001")
		mine := d.conversation(alice, "1001")
		mend := d.strict.Inject(unreachable)
		d.aged(49 * time.Hour)
		d.round()
		d.start()
		d.eventually("the reminder waits", func() bool { return d.number("SELECT COUNT(*) FROM outbox WHERE kind = 'event'") == 1 })
		d.write(alice, alice, "Here I am.", mine.TS)
		d.stop()
		mend()
		d.due()
		d.start()
		d.never(alice, waiting)
		d.crossed(d.card("1001"), mine, nil, []string{"Here I am."})
		d.shows(d.card("1001"), "In progress")
	})
}

func TestARemindersSettingsHoldFromTheNextStart(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		const after30m = `unassigned: {schedule: "* * * * *", after: 30m}`
		now := after30m
		set := func(next string) {
			d.configure(func(s string) string { return strings.Replace(s, now, next, 1) })
			now = next
			d.rules(1)
		}
		set("unassigned: {off: true}")
		d.aged(time.Hour)
		d.rules(1)
		d.never(support, unassigned)
		set(`unassigned: {schedule: "* * * * *", after: 2h}`)
		d.never(support, unassigned)
		set(after30m)
		d.find(support, "#1001 “Outlook”", unassigned)
	})
}
