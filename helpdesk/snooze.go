package helpdesk

import (
	"context"
	"fmt"
	"time"

	"guichet/helpdesk/clock"
	"guichet/store"
)

// LongestSnooze is how far ahead reminders may be put off.
const LongestSnooze = 90 * 24 * time.Hour

// Snooze has the desk's reminders of a ticket sleep for as long as a word says: "2h", "3d", "tomorrow", or "off", which wakes
// them. What the requester is told goes on: nobody's answer is waited for any longer by it. nonce is the form's; with a request
// of the actor's own it may be empty.
func (d *Desk) Snooze(ctx context.Context, a Actor, id store.TicketID, word, nonce string) (out Outcome, err error) {
	if nonce != "" {
		a.Request = FormKey(nonce)
	}
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		_, t, err := d.begin(ctx, tx, a, Snooze, store.DeskSide, id)
		if err != nil {
			return err
		}
		until, ok := d.snoozeUntil(t, word, tx.Now.Time)
		if !ok {
			return refuse(BadForm, t)
		}
		out, err = d.snooze(ctx, tx, a, t, until)
		return err
	})
	return out, err
}

// snooze has the reminders of a locked ticket sleep.
func (d *Desk) snooze(ctx context.Context, tx *store.Tx, a Actor, t store.Ticket, until time.Time) (Outcome, error) {
	if !active(State(t.State)) {
		return Outcome{}, refuse(NotNow, t)
	}
	if until.Sub(tx.Now.Time) > LongestSnooze {
		return Outcome{}, refuse(BadForm, t)
	}
	e, err := tx.AddEvent(ctx, store.Event{Ticket: t.ID, Actor: a.Person, Act: string(Snooze), Source: a.Source, Detail: fmt.Sprint(until.UnixMilli())})
	if err != nil {
		return Outcome{}, err
	}
	if err := d.save(ctx, tx, &t, factOf(e, clock.State(t.State))...); err != nil {
		return Outcome{}, err
	}
	return Outcome{Ticket: t, Event: e.ID, Changed: true},
		d.tell(ctx, tx, t, AudienceOfAct(Snooze, store.DeskSide, State(t.State)), store.Message{}, e.ID)
}

// NextOpening is the first instant of a ticket's queue's business time on another day.
func (d *Desk) NextOpening(t store.Ticket, now time.Time) time.Time {
	q, _ := d.catalog.Queue(t.Queue)
	c := q.calendar()
	y, m, day := now.In(c.Zone()).Date()
	at, ok := c.Next(time.Date(y, m, day+1, 0, 0, 0, 0, c.Zone()))
	if !ok {
		return now.Add(24 * time.Hour)
	}
	return at
}
