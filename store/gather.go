package store

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// gather lets those who ask at the same time be served together: whoever comes while all workers are
// busy waits, and the next free worker takes all who wait, up to a limit.
type gather[T any] struct {
	workers int // at most
	most    int // taken together
	serve   func([]*asked[T])

	mu      sync.Mutex
	waiting []*asked[T]
	working int
}

// asked is one call that waits to be served.
type asked[T any] struct {
	ctx  context.Context
	what T
	err  error
	done chan struct{}
	gone bool // answered already: nobody waits any more
}

// giveUp answers those whose time is over and returns the others.
func giveUp[T any](all []*asked[T]) (others []*asked[T]) {
	for _, a := range all {
		if err := a.ctx.Err(); err != nil && !a.gone {
			a.err, a.gone = fmt.Errorf("store: begin: %w", err), true
			close(a.done)
		}
		if !a.gone {
			others = append(others, a)
		}
	}
	return others
}

// ask returns when what was asked for has been served, or has been given up before that began.
func (g *gather[T]) ask(ctx context.Context, what T) error {
	a := &asked[T]{ctx: ctx, what: what, done: make(chan struct{})}
	g.join(a)
	select {
	case <-a.done:
		return a.err
	case <-ctx.Done():
	}
	if g.leave(a) {
		return fmt.Errorf("store: begin: %w", ctx.Err())
	}
	<-a.done // its turn has come: what becomes of it counts
	return a.err
}

func (g *gather[T]) join(a *asked[T]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, a)
	if g.working < g.workers {
		g.working++
		go g.work()
	}
}

// leave says whether it is not too late to go.
func (g *gather[T]) leave(a *asked[T]) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting, a)
	if i >= 0 {
		g.waiting = slices.Delete(g.waiting, i, i+1)
	}
	return i >= 0
}

// next takes those who wait. When there are none the worker goes, and whoever comes next begins anew.
func (g *gather[T]) next() []*asked[T] {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), g.most)
	if n == 0 {
		g.working--
	}
	taken := slices.Clone(g.waiting[:n])
	g.waiting = slices.Delete(g.waiting, 0, n)
	return taken
}

func (g *gather[T]) work() {
	for all := g.next(); len(all) > 0; all = g.next() {
		g.serve(all)
		for _, a := range all {
			if !a.gone {
				close(a.done)
			}
		}
	}
}
