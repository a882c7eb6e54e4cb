package helpdesk

import (
	"context"
	"errors"
	"slices"
	"time"

	"guichet/store"
)

// Made is a delivery that was made. Began is the thread that it began, if it began one; Posted is what
// told of a message, to be changed should that be.
type Made struct {
	store.Delivery
	Began  *store.Thread
	Posted *store.Post
}

// Want is how many deliveries of a workspace somebody is ready to make, within the length of a lease.
type Want struct {
	Workspace string
	Most      int
	Lease     time.Duration
}

// Deliver notes that deliveries were made: the next of their conversations may follow, and what was
// written meanwhile into the threads that they began finds its place. It returns those that it noted
// (the others have passed to somebody else) and, in the same transaction, claims what is wanted next.
func (d *Desk) Deliver(ctx context.Context, w Want, made ...Made) (noted []store.DeliveryID, next []store.Delivery, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		if noted, err = d.delivered(ctx, tx, made); err != nil || w.Most == 0 {
			return err
		}
		next, err = tx.Claim(ctx, w.Workspace, w.Most, w.Lease)
		return err
	})
	if err != nil {
		return nil, nil, err // what was not committed is nobody's
	}
	return noted, next, nil
}

func (d *Desk) delivered(ctx context.Context, tx *store.Tx, made []Made) ([]store.DeliveryID, error) {
	if len(made) == 0 {
		return nil, nil
	}
	var ds []store.Delivery
	for _, m := range made {
		ds = append(ds, m.Delivery)
	}
	removed, err := tx.Done(ctx, ds...)
	if err != nil {
		return nil, err
	}
	var noted []store.DeliveryID
	var began []store.Thread
	var posts []store.Post
	for _, m := range made {
		i := slices.IndexFunc(removed, func(r store.Removed) bool { return r.ID == m.ID })
		if i < 0 {
			continue
		}
		noted = append(noted, m.ID)
		m.Lane, m.Person = removed[i].Lane, removed[i].Person
		if m.Began != nil {
			th := *m.Began
			th.Lane = m.Lane
			began = append(began, th)
		}
		if m.Posted != nil {
			p := *m.Posted
			p.Lane = m.Lane
			posts = append(posts, p)
		}
		if err := d.sent(ctx, tx, m.Delivery); err != nil {
			return nil, err
		}
	}
	if err := tx.AddPosts(ctx, posts); err != nil {
		return nil, err
	}
	return noted, d.link(ctx, tx, began...)
}

// sent tells at the desk that a reply has gone out which could be taken back before, and sees to what an
// edit leaves to be told. Done has locked its ticket.
func (d *Desk) sent(ctx context.Context, tx *store.Tx, del store.Delivery) error {
	if del.Kind == TellEdit && del.Workspace != Mail {
		return d.edited(ctx, tx, del)
	}
	if del.Kind != TellMessage || del.HeldUntil.IsZero() || del.Part != 0 {
		return nil
	}
	t, err := tx.Ticket(ctx, store.Program, del.Ticket)
	if err != nil || del.Lane != Lane(t, store.RequesterSide) {
		return err
	}
	return d.tell(ctx, tx, t, []Telling{{store.DeskSide, TellOutcome}}, store.Message{ID: del.Message}, 0)
}

// KnowsThread says whether the thread below a message is a ticket's.
func (d *Desk) KnowsThread(ctx context.Context, p store.Place, root string) (known bool, err error) {
	err = d.db.Look(ctx, func(tx *store.Tx) error {
		_, err := tx.ThreadByRoot(ctx, p, root)
		known = err == nil
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	})
	return known, err
}

// ShowsCard says whether a message is the present card of a ticket, which shows by itself what changed.
func (d *Desk) ShowsCard(ctx context.Context, p store.Place, message string) (is bool, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		th, err := tx.ThreadByRoot(ctx, p, message)
		if err == nil && th.IsCard {
			th, err = tx.CardThread(ctx, th.Lane)
			is = th.Root == message && th.Channel == p.Channel
		}
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	})
	return is, err
}

// Link notes the thread of a card that was posted anew, outside any delivery of its own.
func (d *Desk) Link(ctx context.Context, th store.Thread) error {
	return d.db.Write(ctx, func(tx *store.Tx) error { return d.link(ctx, tx, th) })
}

func (d *Desk) link(ctx context.Context, tx *store.Tx, ths ...store.Thread) error {
	written, err := tx.AddThreads(ctx, ths...)
	for _, th := range written {
		if err := d.place(ctx, tx, th); err != nil {
			return err
		}
	}
	return err
}

// Refresh has the cards of every active ticket brought up to date, and posted anew where they are
// gone. It returns how many tickets that concerns.
func (d *Desk) Refresh(ctx context.Context) (n int, err error) {
	var after store.TicketID
	for {
		var ids []store.TicketID
		err := d.db.Read(ctx, func(tx *store.Tx) (err error) {
			ids, err = tx.ActiveTickets(ctx, after, 100)
			return err
		})
		if err != nil || len(ids) == 0 {
			return n, err
		}
		for _, id := range ids {
			err := d.db.Write(ctx, func(tx *store.Tx) error {
				t, err := tx.LockTicket(ctx, id)
				if err != nil {
					return err
				}
				return d.tell(ctx, tx, t, []Telling{{store.DeskSide, TellCard}, {store.RequesterSide, TellCard}}, store.Message{}, 0)
			})
			if err != nil {
				return n, err
			}
			n++
		}
		after = ids[len(ids)-1]
	}
}
