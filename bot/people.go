package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"guichet/helpdesk"
	"guichet/store"
)

// profileWait bounds how long a person's first request waits for their profile: a form must open
// within the 3 seconds of its trigger.
const profileWait = time.Second

// person returns who made a request, looking them up at first sight.
func (b *Bot) person(ctx context.Context, r Request) (store.Person, error) {
	p, err := b.desk.Known(ctx, r.From)
	if !errors.Is(err, store.ErrNotFound) {
		return p, err
	}
	look, cancel := context.WithTimeout(ctx, profileWait)
	defer cancel()
	profile, err := b.doors[r.From.Workspace].Profile(look, r.From.ID)
	if err != nil {
		// Their request matters more than their full name.
		b.log.Warn("profile not found", "error", err)
		profile = Profile{Name: r.Name}
	}
	if profile.Foreign {
		return p, &helpdesk.Refusal{Code: helpdesk.Stranger}
	}
	if profile.Name == "" {
		profile.Name = r.From.ID
	}
	return b.desk.Meet(ctx, r.From, profile.Name, profile.Language)
}

// refreshPause is how long a look-up of members on doubt serves for the doubts that follow, so
// that nobody can make guichet hammer the platform by pressing buttons that are not theirs.
const refreshPause = 5 * time.Second

// doubt lets one look-up on doubt through at a time, and at most one per refreshPause.
type doubt struct {
	mu   sync.Mutex
	last time.Time
}

func (d *doubt) once(look func() bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if time.Since(d.last) < refreshPause {
		return false
	}
	d.last = time.Now()
	return look()
}

// refreshOnDoubt looks up the members of every queue, unless that was done a moment ago, and says
// whether it did.
func (b *Bot) refreshOnDoubt(ctx context.Context) bool {
	return b.doubt.once(func() bool {
		if err := b.RefreshMembers(ctx, b.desk.Catalog().Queues); err != nil {
			b.log.Warn("members not found", "error", err)
			return false
		}
		return true
	})
}

// RefreshMembers looks up who the agents of these queues are: the members of their channels. A
// channel that is not private is an error that names the queue, and then nobody is its agent.
func (b *Bot) RefreshMembers(ctx context.Context, queues []helpdesk.Queue) error {
	var errs []error
	for _, q := range queues {
		door, ok := b.doors[q.Place.Workspace]
		if !ok {
			errs = append(errs, fmt.Errorf("queue %s: workspace %s has no door", q.Key, q.Place.Workspace))
			continue
		}
		accounts, err := door.Members(ctx, q.Place.Channel)
		if err != nil {
			errs = append(errs, fmt.Errorf("queue %s, channel %s: %w", q.Key, q.Place.Channel, err))
			if !errors.Is(err, ErrPublic) {
				continue
			}
			accounts = nil
		}
		if err := b.desk.SetMembers(ctx, q, accounts); err != nil {
			return err
		}
	}
	return errors.Join(errs...)
}

// KeepMembers looks up the queues' members before what is known of them grows too old, until ctx
// ends: so no agent waits for it.
func (b *Bot) KeepMembers(ctx context.Context) {
	tick := time.NewTicker(helpdesk.MembersFresh / 2)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := b.RefreshMembers(ctx, b.desk.Catalog().Queues); err != nil && ctx.Err() == nil {
				b.log.Error("members not found", "error", err)
			}
		}
	}
}
