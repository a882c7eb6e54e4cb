package license

import (
	"context"
	"errors"
)

// sweepBatch is how many of a sort a sweep sees to at once; the next one goes on.
const sweepBatch = 100

// Sweep does what is due by itself. Any number of copies of the program may do so at once: each thing is looked at again under its lock. Outside of
// business hours nobody is reminded of anything.
func (d *Desk) Sweep(ctx context.Context) error {
	err := errors.Join(d.expire(ctx), d.endDue(ctx))
	if d.awake() {
		err = errors.Join(err, d.reaskAll(ctx), d.remind(ctx), d.remindUnused(ctx), d.remindContracts(ctx), d.TellTerms(ctx))
	}
	return err
}
