package bot

import (
	"context"
	"sync"
)

// inOrder lets requests of one conversation through one by one, in the order in which they asked,
// while those of others pass.
type inOrder struct {
	mu   sync.Mutex
	tail map[string]chan struct{}
}

// enter takes a place in the queue of a conversation. wait returns when it is one's turn.
func (o *inOrder) enter(key string) (wait, leave func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.tail == nil {
		o.tail = map[string]chan struct{}{}
	}
	before, mine := o.tail[key], make(chan struct{})
	o.tail[key] = mine
	wait = func() {
		if before != nil {
			<-before
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

// Go handles a request beside others and passes the answer on. The order of the calls to Go is
// kept within a conversation: what was written first is in the ticket first.
func (b *Bot) Go(ctx context.Context, r Request, answer func(Answer, error)) (finished <-chan struct{}) {
	key := r.From.Workspace + "/" + r.Place.Channel + "/" + r.From.ID
	if r.Post != nil {
		key = r.From.Workspace + "/" + r.Place.Channel + "/" + r.Post.Root
	}
	wait, leave := b.order.enter(key)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer leave()
		wait()
		answer(b.Handle(ctx, r))
	}()
	return done
}
