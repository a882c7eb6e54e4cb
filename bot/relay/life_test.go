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

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"guichet/bot/relay"
	"guichet/helpdesk"
	"guichet/store"
)

// deeds are what may happen to a ticket.
var deeds = []string{"ask", "answer", "note", "long", "bad", "take", "wait", "resolve", "close", "reopen", "withdraw",
	"delete the desk's card", "delete the requester's card"}

// life is one ticket, with what each of its conversations is to be told, in order.
type life struct {
	w       *world
	c       *copied
	by      helpdesk.Actor
	ticket  store.Ticket
	deeds   []string
	awaited map[string][]string // by lane
	refused map[string][]string // by lane: what the platform will never accept
}

func (l *life) lane(side string) string { return helpdesk.Lane(l.ticket, side) }

// live opens the ticket and does all that happens to it, one after the other: so this is the order
// in which it is committed.
func (l *life) live() (err error) {
	l.awaited, l.refused = map[string][]string{}, map[string][]string{}
	if l.ticket, err = l.w.open(l.c, l.by); err != nil {
		return err
	}
	for _, deed := range l.deeds {
		if err := l.do(deed); err != nil {
			return fmt.Errorf("%s: %w", deed, err)
		}
	}
	return nil
}

func (l *life) do(deed string) error {
	agent := l.w.ada
	switch deed {
	case "ask":
		return l.say(l.by, store.RequesterSide, helpdesk.Public, "how?")
	case "answer":
		return l.say(agent, store.DeskSide, helpdesk.Public, "so!")
	case "note":
		return l.say(agent, store.DeskSide, helpdesk.Internal, "hm")
	case "long":
		return l.say(agent, store.DeskSide, helpdesk.Public, strings.Repeat("long ", helpdesk.PartLength/4))
	case "bad":
		return l.say(agent, store.DeskSide, helpdesk.Public, bad)
	case "withdraw":
		return l.press(l.by, helpdesk.Close, store.RequesterSide)
	case "delete the desk's card":
		l.w.chat.delete(l.lane(store.DeskSide))
		return nil
	case "delete the requester's card":
		l.w.chat.delete(l.lane(store.RequesterSide))
		return nil
	}
	return l.press(agent, helpdesk.Act(deed), store.DeskSide)
}

func (l *life) say(by helpdesk.Actor, side string, audience helpdesk.Audience, body string) error {
	closed := l.ticket.State == string(helpdesk.Closed)
	s, err := l.c.Say(l.w.ctx, by, l.ticket.ID, side, audience, body, l.w.nonce())
	if err != nil {
		return err
	}
	to := l.awaited
	if body == bad {
		to = l.refused
	}
	for _, telling := range helpdesk.AudienceOf(audience, "") {
		for part := range helpdesk.Parts(body) {
			lane := l.lane(telling.Side)
			to[lane] = append(to[lane], told(telling.Kind, int64(s.Message), part))
		}
	}
	if l.ticket = s.Ticket; closed && side == store.RequesterSide {
		l.await(helpdesk.Reopen, side, s.Event)
	}
	return nil
}

func (l *life) press(by helpdesk.Actor, act helpdesk.Act, side string) error {
	out, err := l.c.Do(l.w.ctx, by, act, l.ticket.ID, side)
	if helpdesk.IsRefusal(err, helpdesk.NotNow) {
		return nil
	}
	if err != nil || !out.Changed {
		return err
	}
	l.ticket = out.Ticket
	l.await(act, side, out.Event)
	return nil
}

// await expects the line in which the other side is told of an act.
func (l *life) await(act helpdesk.Act, side string, e store.EventID) {
	for _, telling := range helpdesk.AudienceOfAct(act, side, "") {
		if telling.Kind == helpdesk.TellEvent {
			lane := l.lane(telling.Side)
			l.awaited[lane] = append(l.awaited[lane], told(telling.Kind, int64(e), 0))
		}
	}
}

// town is some tickets at once, with relays that come and go.
type town struct {
	*world
	lives  []*life
	relays int
	seed   uint64
}

func (w *world) town(t *rapid.T, weather weather) *town {
	seed := rapid.Uint64().Draw(t, "seed")
	w.clear(seed, weather)
	n := &town{world: w, relays: rapid.IntRange(2, 3).Draw(t, "relays"), seed: seed}
	deeds := rapid.SliceOfN(rapid.SampledFrom(deeds), 0, 7)
	for i := range rapid.IntRange(1, 3).Draw(t, "tickets") {
		n.lives = append(n.lives, &life{w: w, c: w.copies[i%len(w.copies)], by: []helpdesk.Actor{w.ann, w.gus}[i%2], deeds: deeds.Draw(t, "deeds")})
	}
	return n
}

// live lets everything happen at once, in bad weather at first, while relays come and go, and
// returns when all is delivered.
func (n *town) live() error {
	relays := n.beside(n.restless)
	defer relays.stop()
	if err := n.happen(); err != nil {
		return err
	}
	n.chat.calm()
	return n.drained()
}

// happen lets everything happen at once.
func (n *town) happen() error {
	var living sync.WaitGroup
	errs := make([]error, len(n.lives))
	for i, l := range n.lives {
		living.Go(func() { errs[i] = l.live() })
	}
	living.Wait()
	return errors.Join(errs...)
}

// restless are relays each of which is stopped and started again all the time.
func (n *town) restless(ctx context.Context) {
	var relays sync.WaitGroup
	for i := range n.relays {
		random := rand.New(rand.NewPCG(n.seed, uint64(2+i)))
		relays.Go(func() {
			for ctx.Err() == nil {
				moment, cancel := context.WithTimeout(ctx, brief(random))
				n.relay(n.copies[i%len(n.copies)], relay.Options{Workers: 1 + random.IntN(4)}).Run(moment, soon)
				cancel()
			}
		})
	}
	relays.Wait()
}

func brief(random *rand.Rand) time.Duration {
	return time.Duration(1+random.IntN(60)) * time.Millisecond
}

// dieOften lets everything happen, while all relays die in the middle of what they do, some times; the
// last one lives on.
func (n *town) dieOften(times int) error {
	var lives error
	living := n.beside(func(context.Context) { lives = n.happen() })
	random := rand.New(rand.NewPCG(n.seed, 2))
	var errs []error
	for range times {
		moment, cancel := context.WithTimeout(n.ctx, brief(random))
		var relays sync.WaitGroup
		for range n.relays {
			c, err := n.mortal(moment)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			r := n.relay(c, relay.Options{Workers: 1 + random.IntN(4)})
			relays.Go(func() { r.Run(moment, 0) })
		}
		relays.Wait()
		cancel()
		n.buried()
	}
	<-living.done
	if err := errors.Join(append(errs, lives)...); err != nil {
		return err
	}
	n.chat.calm()
	r := n.start(n.relay(n.copies[0], relay.Options{}), soon)
	defer r.stop()
	return n.drained()
}

// check compares the chat with what should be in it.
func (n *town) check(t *rapid.T) {
	n.chat.check(t)
	for _, l := range n.lives {
		for _, side := range []string{store.DeskSide, store.RequesterSide} {
			lane := l.lane(side)
			if diff := cmp.Diff(l.awaited[lane], n.toldOnce(t, lane)); diff != "" {
				t.Errorf("told in %s (-want +got):\n%s", lane, diff)
			}
			if diff := cmp.Diff(l.refused[lane], n.parked(lane)); diff != "" {
				t.Errorf("parked in %s (-want +got):\n%s", lane, diff)
			}
			n.checkPlaces(t, l, side)
			n.checkCard(t, l, side)
		}
	}
}

// toldOnce is what a conversation was told, without what an error that hid a success had repeated.
func (n *town) toldOnce(t *rapid.T, lane string) []string {
	var once []string
	repeated := map[stamp]int{}
	for _, what := range n.chat.toldIn(lane) {
		if s := (stamp{lane, what}); len(once) > 0 && once[len(once)-1] == what {
			if repeated[s]++; n.chat.looks || repeated[s] > n.chat.lies[s] {
				t.Errorf("%s was told again without need", s)
			}
			continue
		}
		once = append(once, what)
	}
	return once
}

// checkPlaces sees to it that a conversation is in one channel, and below its cards.
func (n *town) checkPlaces(t *rapid.T, l *life, side string) {
	workspace, channel := place.Workspace, place.Channel
	if side == store.RequesterSide {
		workspace, channel = l.by.Source, map[helpdesk.Actor]string{n.ann: "D-ann", n.gus: "D-gus"}[l.by]
	}
	cards := map[string]bool{"": true}
	for _, p := range n.chat.posts {
		if p.lane != l.lane(side) {
			continue
		}
		if p.what == theCard {
			cards[p.id] = true
		}
		if p.workspace != workspace || p.channel != channel || !cards[p.root] || (p.root == "") != (p.what == theCard) {
			t.Errorf("%s is in %s %s below %q", p.stamp, p.workspace, p.channel, p.root)
		}
	}
}

// checkCard sees to it that the card shows the ticket as it is.
func (n *town) checkCard(t *rapid.T, l *life, side string) {
	p := n.chat.cardOf(l.lane(side))
	if p == nil {
		if !slices.ContainsFunc(l.deeds, func(deed string) bool { return strings.HasPrefix(deed, "delete") }) {
			t.Errorf("%s has no card", l.lane(side))
		}
		return
	}
	d := store.Delivery{Lane: p.lane, Ticket: l.ticket.ID, Workspace: p.workspace, Kind: helpdesk.TellCard}
	if side == store.RequesterSide {
		d.Person = l.ticket.Requester
	}
	brief, err := l.c.Brief(n.ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	want, err := l.c.bot.Compose(d, brief)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, p.card); diff != "" {
		t.Errorf("the card of %s (-want +got):\n%s", p.lane, diff)
	}
}
