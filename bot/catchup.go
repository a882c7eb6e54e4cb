package bot

import (
	"context"
	"errors"
	"time"

	"guichet/store"
)

// Hearer is a Door that can read what was written while nobody listened.
type Hearer interface {
	Door
	// Connected says whether what people do reaches guichet now.
	Connected() bool
	// Missed returns what people wrote below a message since an instant, oldest first.
	Missed(ctx context.Context, channel, root string, since time.Time) ([]Request, error)
}

const (
	// What a platform could not hand over it sends again for about six minutes (Slack: at once, after
	// 1 minute, after 5). A longer silence must be made up for.
	longestRetry = 5 * time.Minute
	// catchUpPace keeps the reading of conversations below 50 a minute (Slack: tier 3).
	catchUpPace = 1300 * time.Millisecond
	// hearingStep is how often it is noted that a workspace is listened to.
	hearingStep = 30 * time.Second
)

// KeepHearing notes, until ctx ends, that a workspace is listened to, and after a silence that was
// longer than the platform's own retries reads what was missed.
func (b *Bot) KeepHearing(ctx context.Context, d Hearer) {
	for {
		wait := time.Second
		if d.Connected() {
			if err := b.hearing(ctx, d); err != nil && ctx.Err() == nil {
				b.log.Error("what was missed is not read", "workspace", d.Workspace(), "error", err)
			}
			wait = hearingStep
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

func (b *Bot) hearing(ctx context.Context, d Hearer) error {
	heard, err := b.desk.Heard(ctx, d.Workspace())
	if err != nil {
		return err
	}
	// Where it was never noted, there are no tickets yet; or the first copy died before it came to that.
	if silence := time.Since(heard); silence > longestRetry {
		b.log.Info("catching up", "workspace", d.Workspace(), "since", heard)
		if err := b.catchUp(ctx, d, heard.Add(-time.Minute)); err != nil {
			return err
		}
	}
	return b.desk.SetHeard(ctx, d.Workspace())
}

// catchUp reads the conversations of tickets that are not closed. What is known already changes
// nothing: a message is taken in once.
func (b *Bot) catchUp(ctx context.Context, d Hearer, since time.Time) error {
	return b.desk.Conversations(ctx, d.Workspace(), func(th store.Thread) error {
		return b.catchUpThread(ctx, d, th, since)
	})
}

func (b *Bot) catchUpThread(ctx context.Context, d Hearer, th store.Thread, since time.Time) error {
	for {
		missed, err := d.Missed(ctx, th.Channel, th.Root, since)
		wait := catchUpPace
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
				return err
			}
		}
		return nil
	}
}
