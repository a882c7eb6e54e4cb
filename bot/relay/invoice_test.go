package relay_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"

	"guichet/billing"
	"guichet/bot"
	"guichet/bot/card"
	"guichet/bot/relay"
	"guichet/helpdesk"
	"guichet/store"
	"guichet/store/blob"
)

// cabinet is a door that takes files of any sort.
type cabinet struct {
	*gallery
	held   map[string]string // what was uploaded, by id
	posted int
}

func (c *cabinet) Upload(_ context.Context, _, name, _ string, _ int64, from io.Reader) (id string, err error) {
	b, err := io.ReadAll(from)
	if err != nil {
		return "", err
	}
	return id, c.step("upload", func() {
		id = fmt.Sprint("F", len(c.held))
		c.held[id] = name + " " + string(b)
	})
}

// Post leaves it open whether the first was posted.
func (c *cabinet) Post(ctx context.Context, channel, root string, content card.Card, id store.DeliveryID) (string, error) {
	post, err := c.finder.Post(ctx, channel, root, content, id)
	if c.posted++; err == nil && c.posted == 1 {
		return "", bot.ErrUnsure
	}
	return post, err
}

// shownTo are the files in a channel.
func (c *cabinet) shownTo(channel string) (all []string) {
	for _, s := range c.shared {
		where, what, _ := strings.Cut(s, " ")
		id, _, _ := strings.Cut(what, " ")
		if where == channel {
			all = append(all, c.held[id])
		}
	}
	return all
}

// Whatever fails on the way, an invoice that was asked for comes once, to whoever manages the organization still; and so does the news of it.
func TestAnInvoiceIsSentOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.canLook(true)
		files, err := blob.OpenDir(t.TempDir())
		w.must(err)
		t.Cleanup(func() { _ = files.Close() })
		invoices := billing.NewDesk(w.copies[0].db, w.desk(), billing.Settings{Accounts: map[string]string{"A1": "acme"}, Largest: 1000})
		manages := func(account string) {
			w.must(w.desk().SetManagers(w.ctx, map[string][]store.Account{"acme": {{Workspace: "chat:acme", ID: account}}}))
		}
		manages("ann")
		const pdf = "%PDF-1.4 of an invoice"
		b, err := invoices.Read(fstest.MapFS{"F-1.pdf": {Data: []byte(pdf)},
			"invoices.csv": {Data: []byte("number,account,date,due,currency,net,vat,gross\nF-1,A1,2026-10-31,2026-11-30,EUR,10.00,20:2.00,12.00\n")},
			"lines.csv":    {Data: []byte("invoice,service,centre,quantity,unit_price,period,vat_rate,net\nF-1,office,,1,10.00,2026-10,20,10.00\n")}})
		w.must(err)
		c0 := w.copies[0]
		c0.bot = stamping{bot.New(w.desk(), nil, invoices, slog.New(slog.DiscardHandler)), w.chat}
		w.attach(c0)
		run := func() {
			r := w.start(w.relay(c0, relay.Options{Files: files}), soon)
			w.must(w.drained())
			r.stop()
		}
		stand := func(meet func(step string) error) *cabinet {
			c := &cabinet{gallery: &gallery{finder: finder{door{w.chat, "chat:acme"}}, meet: meet}, held: map[string]string{}}
			c0.bot.Attach(c)
			return c
		}

		c := stand(func(string) error { return nil })
		_, err = invoices.Import(w.ctx, b, false)
		w.must(err)
		run()
		if n := len(w.chat.posts); n != 1 || c.posted != 1 || !strings.Contains(w.chat.posts[0].card.Text(), "October 2026: F-1") {
			t.Errorf("%d posts, tried %d times", n, c.posted)
		}
		w.must(files.Put(w.ctx, b.Invoices[0].PDF, bytes.NewReader([]byte(pdf)), int64(len(pdf))))

		ask := func(a helpdesk.Actor) {
			w.must(invoices.SendInvoice(w.ctx, a, "F-1", billing.PDF))
			w.must(invoices.SendInvoice(w.ctx, a, "F-1", billing.CSV))
			w.must(invoices.SendConsumption(w.ctx, a))
		}
		for _, fails := range []string{"nothing", "before upload", "after upload", "before share", "after share"} {
			w.clear(1, weather{})
			failed := map[string]int{}
			c := stand(func(step string) error {
				if failed[step]++; step == fails && failed[step] <= 3 {
					return bot.ErrUnsure
				}
				return nil
			})
			ask(w.ann)
			run()
			all := strings.Join(c.shownTo("D-ann"), "|")
			if n := len(c.shared); n != 3 || strings.Count(all, "F-1.pdf "+pdf) != 1 || strings.Count(all, "F-1.csv \ufeffInvoice,") != 1 || strings.Count(all, ".png \x89PNG") != 1 {
				t.Errorf("%s fails: %d shown: %.200q", fails, n, all)
			}
		}

		// Who manages it no more by then gets nothing, and nothing is left over.
		w.clear(1, weather{})
		c = stand(func(string) error { return nil })
		ask(w.ann)
		manages("somebody")
		run()
		if len(c.shared)+len(c.held) > 0 || w.backlog().Parked > 0 {
			t.Errorf("a former manager is sent %q", c.held)
		}
		// A PDF that is gone is given up, and found by the operator.
		manages("ann")
		w.must(files.Delete(w.ctx, b.Invoices[0].PDF))
		ask(w.ann)
		run()
		if b := w.backlog(); b.Parked != 1 || len(c.shared) != 2 || b.Reasons[0].Reason != "files" {
			t.Errorf("%+v, %d shown", b, len(c.shared))
		}
	})
}
