package relay_test

import (
	"slices"
	"testing"

	"guichet/bot/relay"
	"guichet/helpdesk"
	"guichet/store"
)

func TestAChannelThatIsNotPrivateIsToldNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, lane := w.alone(store.DeskSide)
		q := w.desk().Catalog().Queues[0]
		w.chat.public = true
		w.must(w.desk().SetSeen(w.ctx, q, store.Seen{}, 0))
		if got := w.outcome(relay.Options{}); got != "failed" || len(w.chat.posts) > 0 {
			t.Errorf("it is %s, and the channel was told %v", got, w.chat.posts)
		}
		w.chat.public = false
		w.must(w.desk().SetSeen(w.ctx, q, store.Seen{Private: true, Members: agents}, 0))
		_, err := w.raw.ExecContext(w.ctx, `UPDATE outbox SET visible_at = 0`)
		w.must(err)
		if got := w.outcome(relay.Options{}); got != "delivered" || w.chat.cardOf(lane) == nil {
			t.Errorf("once it is private it is %s", got)
		}
	})
}

func TestAQueueThatMovesGetsItsCardsThere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ticket, lane := w.alone(store.DeskSide)
		r := w.start(w.relay(w.copies[0], relay.Options{}), soon)
		w.must(w.drained())
		r.stop()
		moved := catalog()
		moved.Queues[0].Place.Channel = "C-elsewhere"
		c := w.copy(w.copies[0].db, moved)
		w.must(c.SetSeen(w.ctx, moved.Queues[0], store.Seen{Private: true, Members: agents}, 0))
		told := w.say(w.ann, ticket, "still there?")
		r = w.start(w.relay(c, relay.Options{}), soon)
		w.must(w.drained())
		r.stop()
		if p := w.chat.cardOf(lane); p == nil || p.channel != "C-elsewhere" {
			t.Errorf("the card is %+v", p)
		}
		if got := w.chat.toldIn(helpdesk.Lane(ticket, store.DeskSide)); !slices.Equal(got, []string{told}) {
			t.Errorf("told %q", got)
		}
		w.chat.check(t)
	})
}
