package strictslack

import (
	"strings"
	"sync"
	"time"
)

// Rates says how strictly calls are counted.
type Rates struct {
	// Scale shortens Slack's minute: with 60 it lasts a second. 0 is 1. Retry-After stays in whole
	// seconds, as on Slack.
	Scale float64
	// Unlisted is for an app that is sold outside of Slack's Marketplace: it may read a
	// conversation's history once a minute, 15 messages at a time.
	Unlisted bool
}

// Tiers of methods, in calls a minute. A whole minute's calls may come at once [U].
const (
	noTier = 0
	tier1  = 1
	tier2  = 20
	tier3  = 50
	tier4  = 100

	ofChannel = -1 // chat.postMessage: about one a second in each channel, with short bursts
)

// Of chat.postMessage.
const (
	burst     = 4
	workspace = 300 // a minute, over all channels: "several hundred"
)

type rates struct {
	mu      sync.Mutex
	buckets map[string]*bucket
}

// bucket holds what may still be called; it fills with time.
type bucket struct {
	left float64
	at   time.Time
}

// limit counts a call, or says how long to wait with it.
func (s *Server) limit(q *request, m method) time.Duration {
	r := s.o.rates
	if r == nil || m.tier == noTier {
		return 0
	}
	scale := r.Scale
	if scale == 0 {
		scale = 1
	}
	perMinute := func(n float64) float64 { return n * scale / time.Minute.Seconds() }
	s.rates.mu.Lock()
	defer s.rates.mu.Unlock()
	switch {
	case m.tier == ofChannel:
		if wait := s.rates.peek("messages", workspace, perMinute(workspace)); wait > 0 {
			return wait
		}
		wait := s.rates.take(q.method+" "+q.str("channel"), burst, perMinute(60))
		if wait == 0 {
			s.rates.take("messages", workspace, perMinute(workspace))
		}
		return wait
	case r.Unlisted && isHistory(q.method):
		return s.rates.take(q.method, 1, perMinute(1))
	}
	return s.rates.take(q.method, float64(m.tier), perMinute(float64(m.tier)))
}

func isHistory(method string) bool {
	return method == "conversations.history" || method == "conversations.replies"
}

// peek says how long to wait until a bucket has something.
func (r *rates) peek(name string, capacity, perSecond float64) time.Duration {
	if r.buckets == nil {
		r.buckets = map[string]*bucket{}
	}
	now := time.Now()
	b := r.buckets[name]
	if b == nil {
		b = &bucket{left: capacity, at: now}
		r.buckets[name] = b
	}
	b.left, b.at = min(capacity, b.left+now.Sub(b.at).Seconds()*perSecond), now
	if b.left >= 1 {
		return 0
	}
	return max(1, time.Duration((1-b.left)/perSecond*float64(time.Second)))
}

func (r *rates) take(name string, capacity, perSecond float64) time.Duration {
	wait := r.peek(name, capacity, perSecond)
	if wait == 0 {
		r.buckets[name].left--
	}
	return wait
}

// calledAt remembers who was told to wait, and until when.
type calledAt struct {
	mu  sync.Mutex
	now map[string]wait
}

type wait struct{ since, until time.Time }

// underway is how long a call may be on its way.
const underway = 50 * time.Millisecond

func key(method, channel string) string {
	if strings.HasPrefix(method, "chat.") {
		return method + " " + channel
	}
	return method
}

func (c *calledAt) wait(method, channel string, seconds int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now == nil {
		c.now = map[string]wait{}
	}
	now := time.Now()
	since := now
	if before, ok := c.now[key(method, channel)]; ok && now.Before(before.until) {
		since = before.since
	}
	c.now[key(method, channel)] = wait{since, now.Add(time.Duration(seconds) * time.Second)}
}

// tooSoon says that a call does not wait as it was told to. A call that was under way already could
// not know, and the clocks of both ends differ a little.
func (c *calledAt) tooSoon(method, channel string, at time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	w, ok := c.now[key(method, channel)]
	return ok && at.After(w.since.Add(underway)) && at.Before(w.until.Add(-underway))
}
