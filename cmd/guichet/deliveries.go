package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"guichet/cmd/guichet/app"
	"guichet/helpdesk"
	"guichet/store"
)

// deliveriesCmd is for the operator of a desk whose platform refuses something.
type deliveriesCmd struct {
	List  listDeliveriesCmd  `cmd:"" default:"1" help:"List what failed at least once, with the reason: it waits for its next try, or is parked."`
	Retry retryDeliveriesCmd `cmd:"" help:"Try again now. What was parked goes to the end of its conversation."`
	Drop  dropDeliveriesCmd  `cmd:"" help:"Give up for good. The ticket's history tells."`
}

// deliveriesShown is how many a list, and --all, go through at once.
const deliveriesShown = 1000

// withDesk runs f on the desk of the configuration, without serving it.
func withDesk(ctx context.Context, e *env, f func(*helpdesk.Desk) error) error {
	return withApp(ctx, e, func(a *app.App) error { return f(a.Desk()) })
}

// withApp runs f on what the configuration is about, without serving it.
func withApp(ctx context.Context, e *env, f func(*app.App) error) error {
	c, log, err := e.load()
	if err != nil {
		return err
	}
	c.Listen = "" // the running copy has the address
	a, err := app.New(ctx, c, log)
	if err != nil {
		return err
	}
	return errors.Join(f(a), a.Close())
}

type listDeliveriesCmd struct{}

func (listDeliveriesCmd) Run(ctx context.Context, e *env) error {
	return withDesk(ctx, e, func(d *helpdesk.Desk) error {
		us, err := d.Undelivered(ctx, deliveriesShown)
		if err != nil {
			return err
		}
		if len(us) == 0 {
			fmt.Fprintln(e.stdout, "nothing has failed")
			return nil
		}
		w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tSTATE\tTICKET\tTO\tWHAT\tTRIES\tSINCE\tREASON\tIN FULL")
		for _, u := range us {
			state, to := "waiting", u.Workspace
			if u.Parked {
				state = "parked"
			}
			if u.Person != 0 {
				to += ", the requester"
			}
			fmt.Fprintf(w, "%d\t%s\t%d\t%s\t%s\t%d\t%s\t%s\t%s\n", u.ID, state, u.Ticket, to, u.Kind, u.Attempts,
				u.CreatedAt.Format(time.DateTime), u.Reason, firstLine(u.Error))
		}
		return w.Flush()
	})
}

// firstLine leaves out the stack of a panic, which the log has.
func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// which names deliveries on the command line.
type which struct {
	ID  []int64 `arg:"" optional:"" help:"Numbers of deliveries, from the list."`
	All bool    `help:"All that the list shows."`
}

// each does something to every delivery that is meant, and says so.
func (w which) each(ctx context.Context, e *env, done string, do func(*helpdesk.Desk, store.DeliveryID) error) error {
	if w.All == (len(w.ID) > 0) {
		return problem{exitUsage, errors.New("name deliveries by their numbers, or give --all")}
	}
	return withDesk(ctx, e, func(d *helpdesk.Desk) error {
		ids := make([]store.DeliveryID, len(w.ID))
		for i, id := range w.ID {
			ids[i] = store.DeliveryID(id)
		}
		if w.All {
			us, err := d.Undelivered(ctx, deliveriesShown)
			if err != nil {
				return err
			}
			for _, u := range us {
				ids = append(ids, u.ID)
			}
		}
		var errs []error
		for _, id := range ids {
			err := do(d, id)
			if errors.Is(err, store.ErrNotFound) {
				err = errors.New("there is none, or it was delivered meanwhile")
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("delivery %d: %w", id, err))
				continue
			}
			fmt.Fprintf(e.stdout, "delivery %d: %s\n", id, done)
		}
		return errors.Join(errs...)
	})
}

type retryDeliveriesCmd struct{ which }

func (c retryDeliveriesCmd) Run(ctx context.Context, e *env) error {
	return c.each(ctx, e, fmt.Sprintf("tried again within %s", helpdesk.Lease), func(d *helpdesk.Desk, id store.DeliveryID) error {
		return d.RetryDelivery(ctx, id)
	})
}

type dropDeliveriesCmd struct{ which }

func (c dropDeliveriesCmd) Run(ctx context.Context, e *env) error {
	return c.each(ctx, e, "dropped", func(d *helpdesk.Desk, id store.DeliveryID) error { return d.DropDelivery(ctx, id) })
}
