package license

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// ToProvision is the delivery of an activation to the program that does it. Its lane names the activation.
const ToProvision = "provision"

// ProvisionerOf names the program that makes a service's licenses usable, where workspaces stand.
func ProvisionerOf(service string) string { return "provisioner:" + service }

// Job is what such a program is asked to do.
type Job struct {
	ActivationView
	Over bool // it is done, or has failed
}

// Job reads what a delivery asks a program to do.
func (d *Desk) Job(ctx context.Context, del store.Delivery) (j Job, err error) {
	id, err := strconv.ParseInt(strings.TrimPrefix(del.Lane, "provision/"), 10, 64)
	if err != nil {
		return j, fmt.Errorf("license: delivery %d: %w", del.ID, err)
	}
	j.ActivationView, err = d.Activated(ctx, id)
	j.Over = !j.Pending()
	return j, err
}

// Progress is what a program says of an activation.
type Progress struct {
	Activation int64
	State      string // store.InProgress, store.Active or store.Failed
	Reason     string // why it failed
}

// What is wrong with what a program says.
var (
	ErrBadProgress = errors.New("license: not a state that an activation can come into")
	ErrElsewhere   = errors.New("license: no activation of this service has that number")
	ErrOver        = errors.New("license: the activation is over, by another outcome")
)

// longestReason is how much is kept of a program's reason, in characters.
const longestReason = 300

// Progressed takes in what the program of a service says of an activation. The same again changes nothing; what comes after it has failed for
// want of an answer still counts.
func (d *Desk) Progressed(ctx context.Context, service string, p Progress) error {
	if p.State != store.InProgress && p.State != store.Active && p.State != store.Failed {
		return ErrBadProgress
	}
	return d.db.Write(ctx, func(tx *store.Tx) error {
		x, err := tx.LockActivation(ctx, store.ActivationID(p.Activation))
		if errors.Is(err, store.ErrNotFound) {
			return ErrElsewhere
		}
		if err != nil {
			return err
		}
		v, err := d.activationView(ctx, tx, x)
		switch {
		case err != nil:
			return err
		case v.License.Service != service || v.Ticket != 0:
			return ErrElsewhere
		case x.State == store.Failed && x.Reason == timedOut && p.State != store.InProgress:
			if line, err := d.lockLine(ctx, tx, x); err != nil || p.State == store.Active && line.Inactive() < x.Quantity { // somebody has tried again
				return cmp.Or(err, ErrOver)
			}
		case x.State == p.State:
			return nil
		case !x.Pending():
			return ErrOver
		}
		if p.Reason == timedOut || p.Reason == unfinished { // these are ours
			p.Reason = "?"
		}
		err = d.become(ctx, tx, &v, helpdesk.Actor{Source: ProvisionerOf(service)}, p.State, helpdesk.Shorten(p.Reason, longestReason))
		if errors.Is(err, store.ErrTooFew) { // terminated meanwhile
			return ErrOver
		}
		return err
	})
}

// lockLine is what there is of an activation's license, which nobody else changes until the transaction ends.
func (d *Desk) lockLine(ctx context.Context, tx *store.Tx, x store.Activation) (Line, error) {
	h, err := tx.LockHolding(ctx, x.Organization, x.License)
	if err != nil {
		return Line{}, err
	}
	return d.line(ctx, tx, h)
}

// Reasons of our own: nothing was heard in time; the ticket has ended without a word of it.
const (
	timedOut   = "timeout"
	unfinished = "unfinished"
)

// ticketEvery is how often it is looked whether the ticket of an activation has ended.
const ticketEvery = time.Hour

// Unfinished says whether an activation has failed since its ticket ended.
func (v ActivationView) Unfinished() bool { return v.State == store.Failed && v.Reason == unfinished }

// TimedOut says whether an activation has failed for want of an answer.
func (v ActivationView) TimedOut() bool { return v.State == store.Failed && v.Reason == timedOut }

// expire has activations failed of which nothing was heard in time.
func (d *Desk) expire(ctx context.Context) error {
	var ids []store.ActivationID
	err := d.db.Look(ctx, func(tx *store.Tx) (err error) {
		ids, err = tx.ActivationsOverdue(ctx, sweepBatch)
		return err
	})
	for _, id := range ids {
		err = errors.Join(err, d.db.Write(ctx, func(tx *store.Tx) error {
			x, err := tx.LockActivation(ctx, id)
			if err != nil || !x.Pending() || x.Deadline.After(tx.Now.Time) {
				return err
			}
			v, err := d.activationView(ctx, tx, x)
			if err != nil {
				return err
			}
			if x.Ticket == 0 {
				return d.become(ctx, tx, &v, helpdesk.Actor{Source: timedOut}, store.Failed, timedOut)
			}
			t, err := tx.Ticket(ctx, store.Program, x.Ticket)
			if err != nil {
				return err
			}
			if !t.Active {
				return d.become(ctx, tx, &v, helpdesk.Actor{Source: unfinished}, store.Failed, unfinished)
			}
			v.Deadline = store.At(tx.Now.Add(ticketEvery))
			return tx.SaveActivation(ctx, v.Activation)
		}))
	}
	return err
}
