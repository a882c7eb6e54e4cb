package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"guichet/bot/text"
	"guichet/helpdesk"
	"guichet/store"
)

// profileWait bounds how long a person's first request waits for their profile: a form must open
// within the 3 seconds of its trigger.
const profileWait = time.Second

// person returns who made a request, looking them up at first sight.
func (b *Bot) person(ctx context.Context, r Request) (store.Person, error) {
	if r.Home == Visiting {
		return store.Person{}, &helpdesk.Refusal{Code: helpdesk.Stranger}
	}
	p, err := b.desk.Known(ctx, r.From)
	nameless := err == nil && p.Name == r.From.ID
	if !nameless && !errors.Is(err, store.ErrNotFound) {
		return p, err
	}
	look := ctx
	if r.Post == nil || nameless || r.Home == AtHome { // else there is no doing without it, nor a form that must open in time
		var cancel context.CancelFunc
		look, cancel = context.WithTimeout(ctx, profileWait)
		defer cancel()
	}
	profile, err := b.doors[r.From.Workspace].Profile(look, r.From.ID)
	if err != nil && nameless { // still
		b.log.Warn("profile not found", "error", err)
		return p, nil
	}
	if err != nil {
		if r.Home != AtHome {
			return p, fmt.Errorf("bot: whether a person belongs here can't be looked up: %w", err)
		}
		// Their request matters more than their full name, for which is asked again the next time.
		b.log.Warn("profile not found", "error", err)
		profile = Profile{Name: r.Name}
	}
	if profile.Foreign {
		return p, &helpdesk.Refusal{Code: helpdesk.Stranger}
	}
	if profile = usable(r.From, profile); nameless {
		return b.desk.Rename(ctx, r.From, profile.Name, profile.Language)
	}
	return b.meet(ctx, r.From, profile)
}

// meet records somebody at first sight.
func (b *Bot) meet(ctx context.Context, a store.Account, p Profile) (store.Person, error) {
	p = usable(a, p)
	return b.desk.Meet(ctx, a, p.Name, p.Language)
}

// usable is a profile with a name, and a language that guichet speaks, if any.
func usable(a store.Account, p Profile) Profile {
	if !slices.Contains(text.Languages, p.Language) {
		p.Language = "" // the organization's, then
	}
	if p.Name == "" {
		p.Name = a.ID
	}
	return p
}

// How a look-up of a queue's members on doubt is bounded: one serves for the doubts that follow, so
// that nobody can make guichet hammer the platform by pressing buttons that are not theirs; and the
// person who waits for it still has their form opened in time.
const (
	doubtPause = 5 * time.Second
	doubtWait  = 1500 * time.Millisecond
)

// doubts lets one look-up per queue through at a time, and at most one per doubtPause.
type doubts struct {
	mu     sync.Mutex
	queues map[string]*doubt
}

type doubt struct {
	mu          sync.Mutex
	began, over time.Time // of the last look-up
}

func (d *doubts) about(queue string) *doubt {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.queues == nil {
		d.queues = map[string]*doubt{}
	}
	if d.queues[queue] == nil {
		d.queues[queue] = &doubt{}
	}
	return d.queues[queue]
}

// settle says whether, since it was called, members have been looked up: by itself or, while it
// waited, for somebody else.
func (d *doubt) settle(look func()) bool {
	asked := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over.After(asked) {
		return true
	}
	if time.Since(d.began) < doubtPause {
		return false
	}
	d.began = time.Now()
	look()
	d.over = time.Now()
	return true
}

// LookAgain looks at a queue's channel, unless that was done a moment ago, and says whether it is
// worth asking again what depends on it.
func (b *Bot) LookAgain(ctx context.Context, queue string) bool {
	q, ok := b.desk.Catalog().Queue(queue)
	if !ok {
		return false
	}
	return b.doubts.about(q.Key).settle(func() {
		ctx, cancel := context.WithTimeout(ctx, doubtWait)
		defer cancel()
		if err := b.RefreshMembers(ctx, []helpdesk.Queue{q}); err != nil {
			b.log.Warn("members not found", "error", err)
		}
	})
}

// RefreshMembers looks up who the agents of these queues are: the members of their channels. A
// channel that is not private is an error that names the queue; then nobody is its agent, and it is
// told of no ticket.
func (b *Bot) RefreshMembers(ctx context.Context, queues []helpdesk.Queue) error {
	var errs []error
	for _, q := range queues {
		door, ok := b.doors[q.Place.Workspace]
		if !ok {
			errs = append(errs, fmt.Errorf("queue %s: workspace %s has no door", q.Key, q.Place.Workspace))
			continue
		}
		asked := time.Now()
		members, err := door.Members(ctx, q.Place.Channel)
		if err != nil {
			errs = append(errs, fmt.Errorf("queue %s, channel %s: %w", q.Key, q.Place.Channel, err))
			if !errors.Is(err, ErrPublic) {
				continue
			}
		}
		if err := b.desk.SetSeen(ctx, q, store.Seen{Private: err == nil, Members: members}, time.Since(asked)); err != nil {
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

// isAway says whether the owner of an account is known to be away.
func (b *Bot) isAway(ctx context.Context, a store.Account) bool {
	door, _ := b.Door(a.Workspace)
	there, ok := door.(Presence)
	if !ok {
		return false
	}
	away, err := there.Away(ctx, a.ID)
	if err != nil {
		b.log.Warn("whether somebody is away can't be looked up", "workspace", a.Workspace, "error", err)
	}
	return err == nil && away
}
