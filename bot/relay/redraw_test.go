package relay_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"guichet/bot"
	"guichet/bot/card"
	"guichet/bot/relay"
	"guichet/helpdesk"
	"guichet/license"
	"guichet/store"
)

// hooked is a bot in whose way a test comes when it has worded a notice, before that is posted.
type hooked struct {
	stamping
	worded func()
}

func (h hooked) Notice(ctx context.Context, d store.Delivery) (bot.Notice, error) {
	n, err := h.stamping.Notice(ctx, d)
	h.worded()
	return n, err
}

// managed is a world in which Max and Mia manage the licenses that Ann asks for.
type managed struct {
	*world
	licenses *license.Desk
	max, mia helpdesk.Actor
}

func manage(w *world) *managed {
	w.canLook(true)
	m := &managed{world: w}
	for account, actor := range map[string]*helpdesk.Actor{"max": &m.max, "mia": &m.mia} {
		p, err := w.desk().Meet(w.ctx, store.Account{Workspace: "chat:acme", ID: account}, account, "")
		w.must(err)
		*actor = helpdesk.Actor{Person: p.ID, Organization: p.Organization, Source: "chat:acme"}
	}
	w.must(w.desk().SetManagers(w.ctx, map[string][]store.Account{"acme": {{Workspace: "chat:acme", ID: "max"}, {Workspace: "chat:acme", ID: "mia"}}}))
	for _, c := range w.copies {
		licenses := license.NewDesk(c.db, c.Desk, license.Catalog{Licenses: []license.License{{Key: "basic", Service: "office", Name: func(string) string { return "Basic" }}},
			Services: map[string]license.Service{"office": {}}, Currency: "EUR"})
		c.bot = stamping{bot.New(c.Desk, licenses, nil, slog.New(slog.DiscardHandler)), w.chat}
		w.attach(c)
		m.licenses = licenses
	}
	return m
}

// asks has Ann ask for a license.
func (m *managed) asks() int64 {
	m.t.Helper()
	v, _, err := m.licenses.Ask(m.ctx, m.ann, license.Wish{License: "basic", Reason: "to write", Account: store.Account{Workspace: "chat:acme", ID: "ann"}, Nonce: m.nonce()})
	m.must(err)
	return int64(v.ID)
}

// buttons are on how many messages in somebody's direct channel, and of how many.
func (m *managed) buttons(account string) (with, of int) {
	m.chat.mu.Lock()
	defer m.chat.mu.Unlock()
	for _, p := range m.chat.posts {
		if p.channel == "D-"+account {
			of++
			if len(p.card.Buttons) > 0 {
				with++
			}
		}
	}
	return with, of
}

// A request that is decided just while it is told leaves nobody a button; nor does one that was told before.
func TestWhatIsDecidedMeanwhileIsDrawnAnew(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := manage(w)
		for _, late := range []bool{false, true} {
			w.clear(1, weather{})
			id := m.asks()
			decide := sync.OnceFunc(func() {
				_, err := m.licenses.RefuseRequest(w.ctx, m.max, id, "no")
				if err != nil {
					t.Error(err)
				}
			})
			worded := func() {}
			if !late {
				worded = decide
			}
			c := w.copies[0]
			deliver := func() {
				r := w.start(relay.New(c.db, c.Desk, hooked{c.bot, worded}, slog.New(slog.DiscardHandler), relay.Options{Poll: 5e6, Lease: lease}), soon)
				err := w.drained()
				r.stop()
				w.must(err)
			}
			deliver()
			if with, of := m.buttons("max"); late && (with != 1 || of != 1) {
				t.Errorf("before it is decided, %d of %d messages have buttons", with, of)
			}
			decide()
			deliver()
			for _, who := range []string{"max", "mia"} {
				if with, of := m.buttons(who); with != 0 || of > 1 || late && of != 1 {
					t.Errorf("decided late %v: %d of %s's %d messages have buttons", late, with, who, of)
				}
			}
		}
	})
}

// Whatever is asked, answered and decided at the same time, and whatever fails on the way: in the end every message shows what was decided, or that a
// newer one does, and none was posted twice.
func TestMessagesShowWhatWasDecided(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := manage(w)
		rapid.Check(t, func(r *rapid.T) {
			bad := drawWeather(r)
			bad.lie = rapid.IntRange(0, 20).Draw(r, "lie")
			w.clear(rapid.Uint64().Draw(r, "seed"), bad)
			_, err := w.raw.ExecContext(w.ctx, `DELETE FROM notices`)
			w.must(err)
			var relays []*running
			for _, c := range w.copies {
				relays = append(relays, w.start(w.relay(c, relay.Options{}), soon))
			}
			id := m.asks()
			var all sync.WaitGroup
			for i, acts := range [][]string{
				rapid.SliceOfN(rapid.SampledFrom([]string{"ask", "answer"}), 0, 4).Draw(r, "questions"),
				{rapid.SampledFrom([]string{"approve", "refuse"}).Draw(r, "decision")},
			} {
				all.Go(func() {
					for _, act := range acts {
						if err := m.does(act, id); err != nil {
							r.Errorf("%d: %s: %v", i, act, err)
						}
					}
				})
			}
			all.Wait()
			w.chat.calm()
			err = w.drained()
			for _, running := range relays {
				running.stop()
			}
			w.must(err)
			w.chat.check(r)
			said, decided := map[store.DeliveryID]bool{}, map[string]int{}
			for _, p := range w.chat.posts {
				if said[p.delivery] {
					r.Errorf("delivery %d is there twice", p.delivery)
				}
				said[p.delivery] = true
				text := p.card.Text()
				if strings.Contains(text, "approved") || strings.Contains(text, "refused") {
					decided[p.channel]++
				} else if !strings.Contains(text, "newer message") {
					r.Errorf("in %s: %s", p.channel, text)
				}
				if len(p.card.Buttons) > 0 {
					r.Errorf("in %s, still: %v", p.channel, p.card.Buttons)
				}
			}
			for _, who := range []string{"D-max", "D-mia"} {
				if decided[who] > 1 || decided[who] == 0 && slices.ContainsFunc(w.chat.posts, func(p *posted) bool { return p.channel == who }) {
					r.Errorf("%d messages in %s show what was decided", decided[who], who)
				}
			}
		})
	})
}

// unlucky is a door whose answer to the first post to Max is lost, and which can't be reached the time after.
type unlucky struct {
	finder
	channels, posts atomic.Int32 // asked for, and made, for Max
	meanwhile       func()       // when the answer is lost
}

func (u *unlucky) DirectChannel(ctx context.Context, account string) (string, error) {
	if account == "max" && u.channels.Add(1) == 2 {
		return "", errStorm
	}
	return u.finder.DirectChannel(ctx, account)
}

func (u *unlucky) Post(ctx context.Context, channel, root string, c card.Card, id store.DeliveryID) (string, error) {
	post, err := u.finder.Post(ctx, channel, root, c, id)
	if channel == "D-max" && err == nil && u.posts.Add(1) == 1 {
		u.meanwhile()
		return "", bot.ErrUnsure
	}
	return post, err
}

// A message whose answer was lost is still looked for when the first try to do so has failed: it is not posted again, and loses its buttons if that
// was decided which it tells of. If it is no business of theirs any more, it is left.
func TestDoubtOutlivesAFailureToLook(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := manage(w)
		check := func(err error) {
			if err != nil {
				t.Error(err)
			}
		}
		manages := func(account string) {
			check(w.desk().SetManagers(w.ctx, map[string][]store.Account{"acme": {{Workspace: "chat:acme", ID: account}}}))
		}
		var id int64
		for name, meanwhile := range map[string]func(){
			"nothing": func() {},
			"decided": func() {
				_, err := m.licenses.ApproveRequest(w.ctx, m.max, id)
				check(err)
			},
			"relieved": func() { manages("mia") },
		} {
			w.clear(1, weather{})
			manages("max")
			u := &unlucky{finder: finder{door{w.chat, "chat:acme"}}, meanwhile: meanwhile}
			w.copies[0].bot.Attach(u)
			id = m.asks()
			w.deliver()
			with, of := m.buttons("max")
			if keeps := name != "decided"; of != 1 || keeps != (with == 1) || w.backlog().Parked > 0 {
				t.Errorf("%s: %d of %d messages have buttons, posted %d times, tried %d times", name, with, of, u.posts.Load(), u.channels.Load())
			}
		}
	})
}

// does has somebody do something about a request, if it is still to be decided.
func (m *managed) does(act string, id int64) (err error) {
	switch act {
	case "ask":
		_, err = m.licenses.AskBack(m.ctx, m.mia, id, "since when? "+m.nonce())
	case "answer":
		v, e := m.licenses.RequestOf(m.ctx, m.ann, id)
		_, err = m.licenses.Answer(m.ctx, m.ann, id, v.Asked(), "since "+m.nonce())
		err = errors.Join(e, err)
	case "approve":
		_, err = m.licenses.ApproveRequest(m.ctx, m.max, id)
	default:
		_, err = m.licenses.RefuseRequest(m.ctx, m.max, id, "no")
	}
	return err
}
