package relay

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"guichet/bot"
	"guichet/helpdesk"
	"guichet/store"
)

// line makes the deliveries of one workspace.
type line struct {
	*Relay
	workspace string
	flying    map[store.DeliveryID]bool // deliveries under way
	ended     chan ended
}

// ended is a delivery that was made, or was not.
type ended struct {
	helpdesk.Made
	doubtful bool // it failed, but may have been posted all the same
	err      error
	began    time.Time
}

func (r *Relay) line(workspace string) *line {
	return &line{Relay: r, workspace: workspace, flying: map[store.DeliveryID]bool{}, ended: make(chan ended, r.Workers)}
}

// run makes deliveries until ctx ends and none is under way any more. What it asks of the database meanwhile ends with under: a claim that was cut off
// could have been committed, and its deliveries would wait for their lease; and its connection would be lost.
func (l *line) run(ctx, under context.Context) {
	poll := time.NewTicker(l.Poll)
	defer poll.Stop()
	unwind := time.NewTicker(unwindEvery)
	defer unwind.Stop()
	stop := ctx.Done()
	var all []ended
	for {
		free := l.Workers - len(l.flying)
		if ctx.Err() != nil {
			free = 0
		}
		if len(all) > 0 || free > 0 {
			l.begin(under, l.turn(under, all, free))
		}
		if ctx.Err() != nil && len(l.flying) == 0 {
			return
		}
		all = nil
		select {
		case <-stop:
			stop = nil
		case <-l.db.Wakes(l.workspace):
		case <-poll.C:
		case <-unwind.C:
			l.unwind(under)
		case e := <-l.ended:
			all = l.withOthers(e)
		}
	}
}

// begin has deliveries made. One that is under way already was claimed again before its time, since
// the clock was put forward, or the machine slept: it is left to its lease, and looked up after that.
func (l *line) begin(under context.Context, ds []store.Delivery) {
	for _, d := range ds {
		if !l.flying[d.ID] {
			l.flying[d.ID] = true
			go func() { l.ended <- l.deliver(under, d) }()
		}
	}
}

// unwindEvery is how often to look for what a clock that was put back would keep from being delivered.
const unwindEvery = 15 * time.Second

func (l *line) unwind(ctx context.Context) {
	var n int64
	err := l.db.Write(ctx, func(tx *store.Tx) (err error) {
		n, err = tx.Unwind(ctx, l.workspace)
		return err
	})
	switch {
	case err != nil && ctx.Err() == nil:
		l.log.Error("outbox not read", "error", err)
	case n > 0:
		l.log.Warn("the clock was put back: what was put off until then is tried now", "workspace", l.workspace, "deliveries", n)
	}
}

// deliver makes one delivery.
func (l *line) deliver(ctx context.Context, d store.Delivery) ended {
	e := ended{Made: helpdesk.Made{Delivery: d}, began: time.Now()}
	ctx, cancel := context.WithTimeout(ctx, l.Lease*3/4) // past the lease it is somebody else's
	defer cancel()
	var left told
	left, e.doubtful, e.err = l.tellSafely(ctx, d)
	e.Began, e.Posted = left.began, left.post
	return e
}

// withOthers are a delivery that has ended and all others that have meanwhile: to be noted together.
func (l *line) withOthers(e ended) []ended {
	all := []ended{e}
	for len(l.ended) > 0 {
		all = append(all, <-l.ended)
	}
	for _, e := range all {
		delete(l.flying, e.ID)
	}
	return all
}

// turn notes what became of deliveries and takes the next ones.
func (l *line) turn(ctx context.Context, all []ended, free int) []store.Delivery {
	if len(all) > 0 {
		ctx = context.WithoutCancel(ctx) // also during a stop: else nobody would know
	}
	ctx, cancel := context.WithTimeout(ctx, l.Lease/4)
	defer cancel()
	var made []helpdesk.Made
	for _, e := range all {
		if e.err == nil {
			made = append(made, e.Made)
			continue
		}
		l.report(e, l.failed(ctx, e)) // before the next are taken: it may be that none should
	}
	noted, next := l.exchange(ctx, made, free)
	for _, e := range all {
		switch {
		case e.err != nil:
		case slices.Contains(noted, e.ID):
			l.report(e, "delivered")
		default:
			l.report(e, "lost") // to another, or until the lease is over
		}
	}
	return next
}

// exchange notes what was made and takes the next deliveries, all at once. Should one make that fail,
// the others are noted all the same.
func (l *line) exchange(ctx context.Context, made []helpdesk.Made, free int) (noted []store.DeliveryID, next []store.Delivery) {
	noted, next, err := l.desk.Deliver(ctx, helpdesk.Want{Workspace: l.workspace, Most: free, Lease: l.Lease}, made...)
	switch {
	case err == nil:
	case len(made) == 0 && errors.Is(err, context.Canceled): // a stop
	case len(made) == 0:
		l.log.Error("outbox not read", "error", err)
	case len(made) == 1:
		l.log.Error("outcome not noted", "delivery", made[0].ID, "error", err)
	default:
		l.log.Warn("outcomes not noted together, now one by one", "deliveries", len(made), "error", err)
		for _, m := range made {
			one, _ := l.exchange(ctx, []helpdesk.Made{m}, 0)
			noted = append(noted, one...)
		}
	}
	return noted, next
}

// failed notes a delivery that was not made, and says what becomes of it.
func (l *line) failed(ctx context.Context, e ended) (outcome string) {
	retry := (*store.Tx).Retry
	if e.doubtful {
		retry = (*store.Tx).RetryInDoubt
	}
	why := store.Failure{Reason: bot.Reason(e.err), Error: e.err.Error()}
	again := func(wait time.Duration) func(*store.Tx) error {
		return func(tx *store.Tx) error { return retry(tx, ctx, e.Delivery, wait, why) }
	}
	var note func(*store.Tx) error
	switch busy := (*bot.Busy)(nil); {
	case errors.As(e.err, &busy):
		outcome = "paused"
		note = func(tx *store.Tx) error {
			if err := tx.Pause(ctx, e.Workspace, busy.For); err != nil {
				return err
			}
			return again(busy.For)(tx)
		}
	case errors.Is(e.err, errAgain):
		outcome = "again"
		wait := time.Duration(0)
		if e.Attempts > 0 { // gone again: not a card that somebody deleted, but something that lasts
			wait = l.Backoff(e.Attempts)
		}
		note = again(wait)
	case errors.Is(e.err, bot.ErrBadCard), errors.Is(e.err, bot.ErrNobody), errors.Is(e.err, errGivenUp):
		outcome = "parked"
		note = func(tx *store.Tx) error { return tx.Park(ctx, e.Delivery, why) }
	default:
		outcome = "failed"
		note = again(l.Backoff(e.Attempts))
	}
	if err := l.db.Write(ctx, note); err != nil {
		// The lease runs out by itself, and the delivery is tried again.
		l.log.Error("outcome not noted", "delivery", e.ID, "error", err)
	}
	return outcome
}

// report tells the operator.
func (l *line) report(e ended, outcome string) {
	if l.Count != nil {
		l.Count(outcome)
	}
	level := slog.LevelInfo
	if e.err != nil {
		level = slog.LevelWarn
	}
	l.log.Log(context.Background(), level, outcome, "delivery", e.ID, "kind", e.Kind, "ticket", e.Ticket, "lane", e.Lane,
		"attempts", e.Attempts, "took", time.Since(e.began).Round(time.Millisecond), "error", e.err)
}
