package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"guichet/store"
)

// Hearer is a Door that can read what was written while nobody listened.
type Hearer interface {
	Door
	// Hears says whether, as far as the door can tell, what people do reaches guichet now.
	Hears() bool
	// Hearing says what the platform does and allows.
	Hearing() Hearing
}

// ThreadReader is a Hearer that reads what was missed conversation by conversation.
type ThreadReader interface {
	Hearer
	// Missed returns what people wrote below a message since an instant, oldest first.
	Missed(ctx context.Context, channel, root string, since time.Time) ([]Request, error)
}

// Catcher is a Hearer that reads all that was missed at once, wherever it was.
type Catcher interface {
	Hearer
	// CatchUp returns what people did since an instant, in order.
	CatchUp(ctx context.Context, since time.Time) ([]Request, error)
	// Tell says to a person what the bot answers to what they did.
	Tell(ctx context.Context, r Request, a Answer)
}

// Hearing is how a platform hands over what people do.
type Hearing struct {
	Resends time.Duration // for how long it sends again what was not taken in; 0: it never does
	Pace    time.Duration // between two reads of a conversation, as often as it allows
}

const (
	// longestMemory is past what helpdesk.Heard gives for a workspace that never was listened to.
	longestMemory = 10 * 24 * time.Hour
	// longestSilence is one that must be made up for, whatever the platform sends again.
	longestSilence = 5 * time.Minute
	// hearingStep is how often it is noted that a workspace is listened to.
	hearingStep = 30 * time.Second
	// hearingAgain is how long to wait when what was missed could not be read.
	hearingAgain = 5 * time.Second
)

// KeepHearing notes, until ctx ends, that a workspace is listened to, and after a silence that was
// longer than the platform's own retries reads what was missed.
func (b *Bot) KeepHearing(ctx context.Context, d Hearer) {
	for {
		wait, news := time.Second, b.behind.news(d.Workspace())
		if d.Hears() {
			wait = hearingStep
			if err := b.hearing(ctx, d); err != nil && ctx.Err() == nil {
				b.log.Error("what was missed is not read", "workspace", d.Workspace(), "error", err)
				wait, news = hearingAgain, nil // what could not be taken in then is no news
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-news:
		case <-time.After(wait):
		}
	}
}

func (b *Bot) hearing(ctx context.Context, d Hearer) error {
	// Where it was never noted, there are no tickets yet; or the first copy died before it came to that.
	since, err := b.desk.Heard(ctx, d.Workspace())
	if err != nil {
		return err
	}
	failed, fell := b.behind.since(d.Workspace())
	if fell {
		if failed.Before(since) {
			since = failed
		}
		if time.Since(failed) <= d.Hearing().Resends {
			return nil // it may still come again: until then nothing says that all was heard
		}
	}
	if fell || time.Since(since) > longestSilence {
		b.log.Info("catching up", "workspace", d.Workspace(), "since", since)
		began := time.Now()
		if err := b.catchUp(ctx, d, since.Add(-time.Minute)); err != nil {
			return err
		}
		b.behind.caughtUp(d.Workspace(), began)
	}
	return b.desk.SetHeard(ctx, d.Workspace())
}

// FellBehind notes that something that a workspace sent could not be taken in, or was held back: the
// platform may give it up, and then it must be read.
func (b *Bot) FellBehind(workspace string) {
	b.behind.fell(workspace, time.Now())
	select {
	case b.behind.news(workspace) <- struct{}{}:
	default: // it is awake already
	}
}

// UntilRead waits until nothing that a workspace missed is still to be read, but no longer than so long: what is
// written now comes after it.
func (b *Bot) UntilRead(ctx context.Context, workspace string, most time.Duration) {
	timeout := time.NewTimer(most)
	defer timeout.Stop()
	select {
	case <-b.behind.read(workspace):
	case <-timeout.C:
	case <-ctx.Done():
	}
}

// behind is when each workspace's messages last could not be taken in, first and latest.
type behind struct {
	mu     sync.Mutex
	fallen map[string][2]time.Time
	wakes  map[string]chan struct{} // gets one when a workspace has fallen behind
	reads  map[string]chan struct{} // is closed once it no longer is
}

// read is closed once a workspace is not behind.
func (b *behind) read(workspace string) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	read := b.reads[workspace]
	if read == nil {
		read = make(chan struct{})
		if _, fallen := b.fallen[workspace]; !fallen {
			close(read)
			return read
		}
		if b.reads == nil {
			b.reads = map[string]chan struct{}{}
		}
		b.reads[workspace] = read
	}
	return read
}

// news gets something when a workspace has fallen behind: where nothing is sent again, nobody waits.
func (b *behind) news(workspace string) chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.wakes == nil {
		b.wakes = map[string]chan struct{}{}
	}
	if b.wakes[workspace] == nil {
		b.wakes[workspace] = make(chan struct{}, 1)
	}
	return b.wakes[workspace]
}

func (b *behind) fell(workspace string, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	first := at
	if before, ok := b.fallen[workspace]; ok {
		first = before[0]
	}
	if b.fallen == nil {
		b.fallen = map[string][2]time.Time{}
	}
	b.fallen[workspace] = [2]time.Time{first, at}
}

func (b *behind) since(workspace string) (time.Time, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fallen, ok := b.fallen[workspace]
	return fallen[0], ok
}

// caughtUp forgets what failed before the reading began.
func (b *behind) caughtUp(workspace string, began time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if latest := b.fallen[workspace][1]; latest.After(began) {
		b.fallen[workspace] = [2]time.Time{latest, latest}
		return
	}
	delete(b.fallen, workspace)
	if read := b.reads[workspace]; read != nil {
		close(read)
		delete(b.reads, workspace)
	}
}

// catchUp reads what was missed, in the way that the platform has. What is known already changes nothing: a
// message is taken in once.
func (b *Bot) catchUp(ctx context.Context, d Hearer, since time.Time) error {
	switch d := d.(type) {
	case Catcher:
		return b.catchUpAll(ctx, d, since)
	case ThreadReader:
		return b.catchUpThreads(ctx, d, since)
	}
	return fmt.Errorf("bot: workspace %s can't be read", d.Workspace())
}

// catchUpAll takes in all that a platform shows.
func (b *Bot) catchUpAll(ctx context.Context, c Catcher, since time.Time) error {
	if never := since.Before(time.Unix(0, 0).Add(longestMemory)); never {
		since = time.Now().Add(-time.Hour) // before there was a desk here, nobody wrote to it
	}
	missed, err := c.CatchUp(ctx, since)
	stuck := map[string]bool{} // conversations of which something could not be taken in: the rest waits for it
	for _, r := range missed {
		thread, _ := r.thread()
		conversation := r.Place.Channel + "/" + thread
		if stuck[conversation] {
			continue
		}
		a, failed := b.Handle(ctx, r)
		if failed != nil {
			stuck[conversation] = true
			err = errors.Join(err, fmt.Errorf("%w: %w", errNotTakenIn, failed))
			continue
		}
		c.Tell(ctx, r, a)
	}
	return err
}

// catchUpThreads reads the conversations of tickets that are not closed.
func (b *Bot) catchUpThreads(ctx context.Context, d ThreadReader, since time.Time) error {
	threads, err := b.desk.Conversations(ctx, d.Workspace())
	if err != nil {
		return err
	}
	var failed error
	for _, th := range threads {
		err := b.catchUpThread(ctx, d, th, since)
		if !errors.Is(err, errNotTakenIn) && err != nil {
			return err
		}
		failed = errors.Join(failed, err) // it keeps no other conversation from being read
	}
	return failed
}

// errNotTakenIn is a conversation that was read, but of which something could not be taken in: that, and
// what was written after it, is read again.
var errNotTakenIn = errors.New("bot: what was read could not be taken in")

func (b *Bot) catchUpThread(ctx context.Context, d ThreadReader, th store.Thread, since time.Time) error {
	for {
		missed, err := d.Missed(ctx, th.Channel, th.Root, since)
		wait := d.Hearing().Pace
		busy := (*Busy)(nil)
		if errors.As(err, &busy) {
			wait = busy.For
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		switch {
		case busy != nil:
			continue
		case errors.Is(err, ErrGone): // deleted, or out of reach: the others matter no less
			b.log.Warn("a conversation can't be read", "ticket", th.Ticket, "error", err)
			return nil
		case err != nil:
			return err
		}
		for _, r := range missed {
			if _, err := b.Handle(ctx, r); err != nil {
				return fmt.Errorf("%w: ticket %d: %w", errNotTakenIn, th.Ticket, err)
			}
		}
		return nil
	}
}
