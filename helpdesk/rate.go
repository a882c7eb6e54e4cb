package helpdesk

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"guichet/helpdesk/clock"
	"guichet/store"
)

// Ratings are what a requester may think of how their ticket was handled, the best first.
var Ratings = []string{"good", "fair", "bad"}

// MaxComment is the longest comment on a rating, in characters.
const MaxComment = 1000

// outcome notes what has become of a ticket whose clocks have just been written, where that has changed.
func (d *Desk) outcome(ctx context.Context, tx *store.Tx, t store.Ticket, before, now clock.Ticket) error {
	if now.Resolution.Stopped == before.Resolution.Stopped && now.Reopened == before.Reopened {
		return nil
	}
	ms := func(d time.Duration) int64 { return d.Milliseconds() }
	o := store.Outcome{Ticket: t.ID, Queue: t.Queue, Service: t.Service, Organization: t.Organization, Reopened: now.Reopened,
		Response: ms(now.First.Used), ResponseTarget: ms(now.Target(d.policies, clock.First)),
		Resolution: ms(now.Resolution.Used), ResolutionTarget: ms(now.Target(d.policies, clock.Resolution)), Kept: now.Kept, Missed: now.Missed}
	if now.Resolution.Stopped != 0 {
		o.ResolvedAt = store.At(now.Resolution.Stopped.Time())
	}
	return tx.SaveOutcome(ctx, o)
}

// Rate notes what a requester thinks of how their ticket was handled, and tells the desk. They may think again.
func (d *Desk) Rate(ctx context.Context, a Actor, id store.TicketID, rating string) (out Outcome, err error) {
	if !slices.Contains(Ratings, rating) {
		return out, refuse(BadForm, store.Ticket{ID: id})
	}
	return d.rated(ctx, a, id, func(tx *store.Tx, t store.Ticket) (store.Event, error) {
		o, err := tx.Outcome(ctx, t.ID)
		if err != nil || o.Rating == rating {
			return store.Event{}, err
		}
		return store.Event{Act: string(Rate), Detail: rating}, tx.Rate(ctx, t.ID, rating)
	})
}

// Comment adds words to a requester's rating. nonce is the form's.
func (d *Desk) Comment(ctx context.Context, a Actor, id store.TicketID, words, nonce string) (Outcome, error) {
	words = strings.TrimSpace(words)
	if words == "" || utf8.RuneCountInString(words) > MaxComment {
		return Outcome{}, refuse(BadForm, store.Ticket{ID: id})
	}
	a.Request = FormKey(nonce)
	return d.rated(ctx, a, id, func(tx *store.Tx, t store.Ticket) (store.Event, error) {
		o, err := tx.Outcome(ctx, t.ID)
		return store.Event{Act: string(Rate), Detail: o.Rating, Words: words}, err
	})
}

// rated notes what a requester thinks of a ticket that is resolved, as do says.
func (d *Desk) rated(ctx context.Context, a Actor, id store.TicketID, do func(*store.Tx, store.Ticket) (store.Event, error)) (out Outcome, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		_, t, err := d.begin(ctx, tx, a, Rate, store.RequesterSide, id)
		if err != nil {
			return err
		}
		if active(State(t.State)) {
			return refuse(NotNow, t)
		}
		out.Ticket = t
		e, err := do(tx, t)
		if err != nil || e.Act == "" {
			return ignoreNotFound(err)
		}
		e.Ticket, e.Actor, e.Source = t.ID, a.Person, a.Source
		if e, err = tx.AddEvent(ctx, e); err != nil {
			return err
		}
		out.Event, out.Changed = e.ID, true
		return d.tell(ctx, tx, t, AudienceOfAct(Rate, store.RequesterSide, State(t.State)), store.Message{}, e.ID)
	})
	return out, err
}
