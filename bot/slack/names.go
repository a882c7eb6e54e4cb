package slack

import (
	"context"
	"sync"
	"time"
)

// Slack tells of a person whom somebody mentions by their id alone. On the other side that says nothing, so
// people's names are looked up before a message is taken in: a few at once, briefly, since Slack waits for its
// answer. Whose name isn't known by then is called by their id.
const (
	namesAtOnce = 10
	namesWithin = time.Second
	namesFor    = time.Hour
	unnamedFor  = time.Minute
)

// names are those that were looked up.
type names struct {
	mu    sync.Mutex
	known map[string]knownName
}

type knownName struct {
	name  string
	until time.Time
}

// mostNames is how many names are kept at most.
const mostNames = 10_000

// namesIn gives the names of whoever is mentioned in one message: see markup.FromSlack.
func (d *Door) namesIn() func(sigil, id string) string {
	left, deadline := namesAtOnce, time.Time{}
	return func(sigil, id string) string {
		if sigil != "@" || d.api == nil {
			return ""
		}
		now := time.Now()
		if name, ok := d.names.get(id, now); ok {
			return name
		}
		if deadline.IsZero() {
			deadline = now.Add(namesWithin)
		}
		if left--; left < 0 || now.After(deadline) {
			return ""
		}
		ctx, cancel := context.WithDeadline(context.Background(), deadline)
		defer cancel()
		p, err := d.Profile(ctx, id)
		if err != nil {
			d.names.put(id, "", now.Add(unnamedFor))
			return ""
		}
		d.names.put(id, p.Name, now.Add(namesFor))
		return p.Name
	}
}

func (n *names) get(id string, now time.Time) (string, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	k, ok := n.known[id]
	return k.name, ok && now.Before(k.until)
}

func (n *names) put(id, name string, until time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.known == nil || len(n.known) >= mostNames {
		n.known = map[string]knownName{}
	}
	n.known[id] = knownName{name, until}
}
