package relay_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"pgregory.net/rapid"

	"guichet/bot"
	"guichet/bot/card"
	"guichet/helpdesk"
	"guichet/store"
)

// chat is a chat platform in memory: one door to each workspace, and weather in which calls fail.
type chat struct {
	mu       sync.Mutex
	random   *rand.Rand
	weather  weather
	before   func(context.Context, string, stamp) error // see meet
	lose     func(stamp) bool                           // whether the answer of a call is lost
	posts    []*posted
	ids      int // never given twice
	calls    []call
	busy     map[string]time.Time // by lane: until when it asked to be left alone
	lies     map[stamp]int        // errors that hid a success
	public   bool                 // the queue's channel
	looks    bool                 // its doors can look up what they posted
	problems []string
}

// weather says how many calls of a hundred go wrong, and how.
type weather struct{ fail, busy, panics, slow, lie int }

// posted is a message in the chat.
type posted struct {
	stamp
	workspace, channel, root, id string
	delivery                     store.DeliveryID
	at                           time.Time
	card                         card.Card
	gone                         bool
}

// call is one that reached a workspace.
type call struct {
	stamp
	workspace string
	at        time.Time
}

// stamp says in small print on each card what it tells, and in which conversation: so that the
// chat can be compared with what should be in it.
type stamp struct{ lane, what string }

const theCard = "card" // the one thing told that changes later

func stampOf(d store.Delivery) stamp {
	switch {
	case d.Kind == helpdesk.TellCard: // in the place of a message, should it have been gone
		return stamp{d.Lane, theCard}
	case d.Message != 0:
		return stamp{d.Lane, told(d.Kind, int64(d.Message), d.Part)}
	}
	return stamp{d.Lane, told(d.Kind, int64(d.Event), 0)}
}

func told(kind string, id int64, part int) string { return fmt.Sprintf("%s/%d/%d", kind, id, part) }

func (s stamp) String() string { return s.lane + " " + s.what }

func read(c card.Card) stamp {
	lane, what, _ := strings.Cut(c.Context, " ")
	return stamp{lane, what}
}

// bad stands in what a message says when the platform will never accept it.
const bad = "unacceptable"

// empty makes the chat empty, and its weather what is given.
func (c *chat) empty(seed uint64, w weather) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.random, c.weather, c.before, c.lose, c.public = rand.New(rand.NewPCG(seed, 1)), w, nil, nil, false
	c.posts, c.calls, c.problems = nil, nil, nil
	c.busy, c.lies = map[string]time.Time{}, map[stamp]int{}
}

// meet has a test in the way of each call, from now on.
func (c *chat) meet(before func(ctx context.Context, workspace string, s stamp) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.before = before
}

// loses has the answers of some calls get lost, from now on.
func (c *chat) loses(lose func(stamp) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lose = lose
}

// forget is for those who died: what they were told, nobody else knows.
func (c *chat) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.busy)
}

// calm ends all that goes wrong.
func (c *chat) calm() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.weather, c.before, c.lose = weather{}, nil, nil
}

// roll says whether something happens that does so often of a hundred times.
func (c *chat) roll(often int) bool { return c.random.IntN(100) < often }

var errStorm = errors.New("chat: no luck")

// call is any call to a workspace. do is what it does if all goes well.
func (c *chat) call(ctx context.Context, workspace string, s stamp, do func() error) error {
	slow, before := c.begin(workspace, s)
	select {
	case <-time.After(slow):
	case <-ctx.Done():
		return ctx.Err()
	}
	if before != nil {
		if err := before(ctx, workspace, s); err != nil {
			return err
		}
	}
	lost, err := c.carryOut(ctx, s, do)
	if lost {
		<-ctx.Done()
		return fmt.Errorf("%w: %w", bot.ErrUnsure, ctx.Err())
	}
	return err
}

// carryOut does what a call is for, if all goes well. lost says that the answer never comes.
func (c *chat) carryOut(ctx context.Context, s stamp, do func() error) (lost bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case c.roll(c.weather.fail):
		return false, errStorm
	case c.roll(c.weather.busy):
		wait := time.Duration(1+c.random.IntN(15)) * time.Millisecond
		c.busy[s.lane] = time.Now().Add(wait)
		return false, &bot.Busy{For: wait}
	case c.roll(c.weather.panics):
		panic("chat: a bug before anything was done")
	}
	if err := do(); err != nil {
		return false, err
	}
	if c.roll(c.weather.lie) {
		if c.lies[s]++; c.roll(c.weather.panics) {
			panic("chat: a bug after all was done")
		}
		return false, fmt.Errorf("%w: %w", bot.ErrUnsure, errStorm)
	}
	return c.lose != nil && c.lose(s), nil
}

func (c *chat) begin(workspace string, s stamp) (slow time.Duration, before func(context.Context, string, stamp) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	c.calls = append(c.calls, call{s, workspace, now})
	if until := c.busy[s.lane]; s.lane != "" && now.Before(until.Add(-tolerance)) {
		c.problems = append(c.problems, fmt.Sprintf("%s was called %v too early", s, until.Sub(now)))
	}
	if c.roll(c.weather.slow) {
		slow = time.Duration(c.random.IntN(4000)) * time.Microsecond
	}
	return slow, c.before
}

// tolerance is how much sooner than asked the database's clock, which has whole milliseconds, may
// let something go.
const tolerance = 2 * time.Millisecond

// shake panics where the weather is so.
func (c *chat) shake() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.roll(c.weather.panics) {
		panic("composer: a bug")
	}
}

// find returns a message that is still there.
func (c *chat) find(channel, id string) (*posted, error) {
	for _, p := range c.posts {
		if p.channel == channel && p.id == id && !p.gone {
			return p, nil
		}
	}
	return nil, bot.ErrGone
}

// cardOf returns the card of a conversation that is there; nil if none is.
func (c *chat) cardOf(lane string) *posted {
	for _, p := range slices.Backward(c.posts) {
		if p.stamp == (stamp{lane, theCard}) && !p.gone {
			return p
		}
	}
	return nil
}

// delete is what somebody does to a card who should not.
func (c *chat) delete(lane string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.cardOf(lane); p != nil {
		p.gone = true
	}
}

// toldIn lists what was posted below the cards of a conversation, in order.
func (c *chat) toldIn(lane string) (whats []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.posts {
		if p.lane == lane && p.what != theCard {
			whats = append(whats, p.what)
		}
	}
	return whats
}

// check fails for what is always wrong.
func (c *chat) check(t rapid.TB) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.problems {
		t.Error(p)
	}
}

// door is the chat's door to one workspace.
type door struct {
	*chat
	workspace string
}

func (d door) Workspace() string { return d.workspace }

func (d door) Profile(context.Context, string) (bot.Profile, error) {
	return bot.Profile{}, errors.New("chat: nobody needs to be looked up")
}

func (d door) Members(context.Context, string) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.public {
		return nil, bot.ErrPublic
	}
	return agents, nil
}

func (d door) DirectChannel(ctx context.Context, account string) (channel string, err error) {
	err = d.call(ctx, d.workspace, stamp{}, func() error {
		channel = "D-" + account
		return nil
	})
	return channel, err
}

func (d door) Post(ctx context.Context, channel, root string, c card.Card, delivery store.DeliveryID) (id string, err error) {
	s := read(c)
	err = d.call(ctx, d.workspace, s, func() error {
		if strings.Contains(c.Body, bad) {
			return bot.ErrBadCard
		}
		if root != "" {
			if _, err := d.find(channel, root); err != nil {
				return err
			}
		}
		if p := d.cardOf(s.lane); s.what == theCard && p != nil && p.channel == channel && (d.looks || d.lies[s] == 0) {
			d.problems = append(d.problems, s.lane+" has two cards")
		}
		d.ids++
		id = fmt.Sprint("m", d.ids)
		d.posts = append(d.posts, &posted{stamp: s, workspace: d.workspace, channel: channel, root: root, id: id,
			delivery: delivery, at: time.Now(), card: c})
		return nil
	})
	return id, err
}

func (d door) Update(ctx context.Context, channel, message string, c card.Card, _ store.DeliveryID) error {
	return d.call(ctx, d.workspace, read(c), func() error {
		p, err := d.find(channel, message)
		if err != nil {
			return err
		}
		p.card = c
		return nil
	})
}

// finder is a door that can look up what it posted, also below a card that was deleted.
type finder struct{ door }

func (f finder) Find(ctx context.Context, channel, root string, id store.DeliveryID, since time.Time) (found string, err error) {
	err = f.call(ctx, f.workspace, stamp{}, func() error {
		for _, p := range f.posts {
			if p.channel == channel && p.root == root && p.delivery == id && !p.gone && !p.at.Before(since) {
				found = p.id
			}
		}
		return nil
	})
	return found, err
}
