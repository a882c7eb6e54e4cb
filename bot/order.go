package bot

import (
	"context"
	"sync"
	"time"
)

// inOrder lets requests of one conversation through one by one, in the order in which they asked,
// while those of others pass.
type inOrder struct {
	mu   sync.Mutex
	tail map[string]chan struct{}
}

// enter takes a place in the queue of a conversation. wait returns when it is one's turn.
func (o *inOrder) enter(key string) (wait func(context.Context) error, leave func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.tail == nil {
		o.tail = map[string]chan struct{}{}
	}
	before, mine := o.tail[key], make(chan struct{})
	o.tail[key] = mine
	wait = func(ctx context.Context) error {
		if before == nil {
			return nil
		}
		select {
		case <-before:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	leave = func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		close(mine)
		if o.tail[key] == mine {
			delete(o.tail, key)
		}
	}
	return wait, leave
}

// handleWait bounds how long a request may take, its turn included, before the person is told or the
// platform sends it again. Slack waits 3 seconds.
const handleWait = 2400 * time.Millisecond

// Go handles a request beside others and passes the answer on. The order of the calls to Go is
// kept within a conversation: what was written first is in the ticket first.
func (b *Bot) Go(ctx context.Context, r Request, answer func(Answer, error)) (finished <-chan struct{}) {
	key := r.From.Workspace + "/" + r.Place.Channel + "/" + r.From.ID
	if thread, ok := r.thread(); ok {
		key = r.From.Workspace + "/" + r.Place.Channel + "/" + thread
	}
	wait, leave := b.order.enter(key)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer leave()
		bounded, cancel := context.WithTimeout(ctx, handleWait)
		defer cancel()
		_ = wait(bounded) // out of time: Handle fails at once, and says so
		answer(b.Handle(bounded, r))
	}()
	return done
}
