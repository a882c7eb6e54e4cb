package relay_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"guichet/bot"
	"guichet/bot/relay"
	"guichet/helpdesk"
	"guichet/store"
)

// Draw draws next to nothing, and quickly; what a picture shows is the bot's own business.
func (s stamping) Draw(helpdesk.Picture) (bot.Drawn, error) {
	var b bytes.Buffer
	err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1)))
	return bot.Drawn{Name: "week.png", Words: "A week.", Alt: "Nothing.", PNG: b.Bytes()}, err
}

// gallery is a door that takes files, and keeps what became of them.
type gallery struct {
	finder
	mu       sync.Mutex
	uploaded map[string]string // what each shows, by id
	shared   []string          // in which channel, and which
	// meet has a test at each step, before it is done and after; an error is what the caller gets.
	meet func(step string) error
}

func (g *gallery) step(name string, do func()) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.meet("before " + name); err != nil {
		return err
	}
	do()
	return g.meet("after " + name)
}

func (g *gallery) Upload(_ context.Context, _, name, about string, size int64, from io.Reader) (id string, err error) {
	b, err := io.ReadAll(from)
	if err != nil {
		return "", err
	}
	if _, err := png.Decode(bytes.NewReader(b)); err != nil || int64(len(b)) != size || !strings.HasSuffix(name, ".png") {
		return "", fmt.Errorf("%s is no picture: %w", name, err)
	}
	return id, g.step("upload", func() {
		id = fmt.Sprint("F", len(g.uploaded))
		g.uploaded[id] = about
	})
}

func (g *gallery) Share(_ context.Context, id, _, channel, _, words string) error {
	return g.step("share", func() { g.shared = append(g.shared, channel+" "+id+" "+words) })
}

func (g *gallery) Shared(_ context.Context, id, channel string) (is bool, err error) {
	return is, g.step("look", func() {
		is = slices.ContainsFunc(g.shared, func(s string) bool { return strings.HasPrefix(s, channel+" "+id) })
	})
}

func (g *gallery) Unshare(context.Context, string) error { return errors.New("nobody asks for that") }

// hang has a copy of the program show its pictures in a gallery.
func (w *world) hang(meet func(step string) error) *gallery {
	g := &gallery{finder: finder{door{w.chat, place.Workspace}}, uploaded: map[string]string{}, meet: meet}
	w.copies[0].bot.Attach(g)
	return g
}

// weekly has a digest and its picture told.
func (w *world) weekly() {
	w.t.Helper()
	_, err := w.open(w.copies[0], w.ann)
	w.must(err)
	w.must(w.copies[0].db.Write(w.ctx, func(tx *store.Tx) error {
		lane := fmt.Sprintf("digest/support/weekly/%d", tx.Now.Add(time.Second).UnixMilli())
		return tx.Enqueue(w.ctx, store.Delivery{Lane: lane, Workspace: place.Workspace, Kind: helpdesk.TellDigest},
			store.Delivery{Lane: lane, Workspace: place.Workspace, Kind: helpdesk.TellPicture})
	}))
}

// digests are those in the chat.
func (w *world) digests() (n int) {
	w.chat.mu.Lock()
	defer w.chat.mu.Unlock()
	for _, p := range w.chat.posts {
		if strings.HasPrefix(p.card.Title, "Support: the week since") {
			n++
		}
	}
	return n
}

// Whatever fails on the way, a digest has its picture once, below it; and so has whoever asks for one.
func TestAPictureIsShownOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.canLook(true)
		for _, fails := range []string{"nothing", "before upload", "after upload", "before share", "after share", "before look"} {
			w.clear(1, weather{})
			failed := false
			g := w.hang(func(step string) error {
				if w.digests() != 1 {
					return errors.New("the digest is not there")
				}
				first := step == fails && !failed
				failed = failed || first
				if first || fails == "before look" && step == "after share" && !failed {
					return bot.ErrUnsure
				}
				return nil
			})
			w.weekly()
			w.must(w.desk().SendPictures(w.ctx, w.ada, 7))
			r := w.start(w.relay(w.copies[0], relay.Options{}), soon)
			w.must(w.drained())
			r.stop()
			var where []string
			for _, s := range g.shared {
				channel, _, _ := strings.Cut(s, " ")
				where = append(where, channel)
			}
			slices.Sort(where)
			if !slices.Equal(where, []string{place.Channel, "D-ada"}) || w.digests() != 1 {
				t.Errorf("%s fails: shown in %q, %d digests", fails, where, w.digests())
			}
		}
	})
}

// The program is killed at each step of it, and another goes on.
func TestAPictureIsShownOnceWhoeverDies(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.canLook(true)
		for _, dies := range []string{"before upload", "after upload", "before share", "after share"} {
			w.clear(1, weather{})
			ctx, kill := context.WithCancel(w.ctx)
			dead, err := w.mortal(ctx)
			w.must(err)
			killed := make(chan struct{})
			g := w.hang(func(step string) error {
				if step == dies && ctx.Err() == nil {
					kill()
					time.Sleep(20 * time.Millisecond) // the database is closed beside
					close(killed)
				}
				return nil
			})
			dead.bot.Attach(g)
			w.weekly()
			r := w.start(w.relay(dead, relay.Options{}), soon)
			select {
			case <-killed:
			case <-time.After(soon):
				t.Fatal("it does not get that far: ", dies)
			}
			r.stop()
			w.buried()
			r = w.start(w.relay(w.copies[0], relay.Options{}), soon)
			w.must(w.drained())
			r.stop()
			if len(g.shared) != 1 || w.digests() != 1 {
				t.Errorf("killed %s: shown %q, %d digests", dies, g.shared, w.digests())
			}
		}
	})
}

// A picture that can't be sent is given up, and found by the operator; the digest went out, and nothing is held up.
func TestAPictureThatCannotBeSentIsGivenUp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		tries := 0
		g := w.hang(func(string) error { tries++; return errStorm })
		w.weekly()
		r := w.start(w.relay(w.copies[0], relay.Options{}), soon)
		w.must(w.drained())
		r.stop()
		if b := w.backlog(); b.Parked != 1 || w.digests() != 1 || len(g.shared) > 0 || tries != 20 {
			t.Errorf("%d tries, %d parked, %d digests, shown %q", tries, b.Parked, w.digests(), g.shared)
		}
	})
}
