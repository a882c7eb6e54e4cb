package relay_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"guichet/bot"
	"guichet/bot/relay"
	"guichet/helpdesk"
	"guichet/store"
)

// eraser is a door that can delete what it posted.
type eraser struct{ door }

func (e eraser) Delete(ctx context.Context, channel, message string) error {
	return e.call(ctx, e.workspace, stamp{}, func() error {
		p, err := e.find(channel, message)
		if err == nil {
			p.gone = true
		}
		return err
	})
}

// erases has what is posted in a workspace be deletable.
func (w *world) erases(workspace string) { w.copies[0].bot.Attach(eraser{door{w.chat, workspace}}) }

// write has somebody write below a ticket's card, as a chat message of their own.
func (w *world) write(by helpdesk.Actor, t store.Ticket, text string) helpdesk.Revision {
	w.t.Helper()
	side := store.RequesterSide
	if by == w.ada {
		side = store.DeskSide
	}
	card := w.chat.cardOf(helpdesk.Lane(t, side))
	r := helpdesk.Revision{External: store.External{Workspace: card.workspace, Channel: card.channel, ID: w.nonce()}, Root: card.id}
	_, err := w.desk().Hear(w.ctx, by, "x", helpdesk.Post{External: r.External, Root: r.Root, Text: text})
	w.must(err)
	return r
}

// edit changes what somebody wrote; an empty text deletes it.
func (w *world) edit(by helpdesk.Actor, r helpdesk.Revision, text string) {
	w.t.Helper()
	r.Text, r.Deleted = text, text == ""
	_, err := w.desk().Revise(w.ctx, by, "x", r)
	w.must(err)
}

// delivers makes all deliveries there are.
func (w *world) delivers() {
	w.t.Helper()
	r := w.start(w.relay(w.copies[0], relay.Options{}), soon)
	defer r.stop()
	w.must(w.drained())
}

// shown is what a channel shows besides cards, without what is gone.
func (w *world) shown(channel string) string {
	w.chat.mu.Lock()
	defer w.chat.mu.Unlock()
	var all []string
	for _, p := range w.chat.posts {
		if p.channel == channel && p.what != theCard && !p.gone {
			all = append(all, strings.TrimSpace(fmt.Sprint(p.card.Title, " ", p.card.Body, strings.Join(p.card.Lines, " "))))
		}
	}
	return strings.Join(all, "; ")
}

func (w *world) shows(channel, want string) {
	w.t.Helper()
	if got := w.shown(channel); got != want {
		w.t.Errorf("%s shows %q, want %q", channel, got, want)
	}
}

// begun is a ticket whose cards are there.
func (w *world) begun() store.Ticket {
	w.t.Helper()
	t, err := w.open(w.copies[0], w.ann)
	w.must(err)
	w.delivers()
	return t
}

func TestAMessageThatIsEdited(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ticket := w.begun()
		mine := w.write(w.ann, ticket, "It is red.")
		w.edit(w.ann, mine, "It is blue.")
		w.delivers()
		w.shows("C-support", "ann wrote (edited) It is blue.") // once, as it reads now
		w.edit(w.ann, mine, "It is green.")
		w.delivers()
		w.shows("C-support", "ann wrote (edited) It is green.")

		// Somebody has deleted what told of it: then there is nothing to change, and nothing is held up.
		w.chat.posts[len(w.chat.posts)-1].gone = true
		w.edit(w.ann, mine, "It is grey.")
		w.delivers()
		w.edit(w.ann, mine, "")
		w.delivers()
		w.shows("C-support", "")
		w.chat.check(t)
	})
}

// Whatever the rows of the outbox say, and whatever the platform can do: no note reaches a person.
func TestANoteReachesNobody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, erases := range []bool{false, true} {
			if erases {
				w.erases("chat:acme")
			}
			ticket := w.begun()
			reply := w.write(w.ada, ticket, "Which version?")
			w.delivers()
			if got := w.shown("D-ann"); !strings.HasSuffix(got, "ada wrote Which version?") {
				t.Fatalf("she reads %q", got)
			}
			w.edit(w.ada, reply, "Which release?") // this waits while it becomes a note
			w.edit(w.ada, reply, "note: hard to please")
			message := w.list(`SELECT MAX(id) FROM messages`)[0]
			for _, kind := range []string{helpdesk.TellMessage, helpdesk.TellEdit, helpdesk.TellOutcome} {
				_, err := w.raw.ExecContext(w.ctx, fmt.Sprintf(`INSERT INTO outbox (lane, ticket_id, workspace, kind, person_id, message_id, part, claims, settled,
					attempts, last_error, created_at) VALUES ('%s', %d, 'chat:acme', '%s', %d, %s, 0, 0, 0, 0, '', 1)`,
					helpdesk.Lane(ticket, store.RequesterSide), ticket.ID, kind, w.ann.Person, message))
				w.must(err)
			}
			w.delivers()
			for _, p := range w.chat.posts {
				if p.channel == "D-ann" && strings.Contains(fmt.Sprint(p.card), "hard to please") {
					t.Errorf("she can read %+v", p.card)
				}
			}
			if strings.Contains(w.shown("D-ann"), "Which") {
				t.Errorf("she still reads %q", w.shown("D-ann"))
			}
		}
	})
}

// elsewhere adds a queue in another workspace and has its channel be seen.
func (w *world) elsewhere() {
	w.t.Helper()
	q := w.desk().Catalog().Queues[0]
	q.Key, q.Place = "emm", store.Place{Workspace: "chat:globex", Channel: "C-emm"}
	w.desk().Catalog().Queues = append(w.desk().Catalog().Queues, q)
	w.must(w.desk().SetSeen(w.ctx, q, store.Seen{Private: true}, 0))
}

func (w *world) moves(t store.Ticket) {
	w.t.Helper()
	_, err := w.desk().Change(w.ctx, w.ada, t.ID, helpdesk.Change{Act: helpdesk.Transfer, To: "emm", Reason: "a mobile", Seen: "support"}, w.nonce())
	w.must(err)
}

// In the channel that a ticket has left, also in another workspace, nobody reads what is written since; what
// its author deletes is gone there too.
func TestWhatATicketLeavesBehind(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.elsewhere()
		ticket := w.begun()
		mine, other := w.write(w.ann, ticket, "It is red."), w.write(w.ann, ticket, "My code is 1234.")
		w.delivers()
		w.moves(ticket)
		w.edit(w.ann, mine, "It is blue.")
		w.edit(w.ann, other, "")
		w.delivers()
		w.shows("C-support", "ann wrote It is red.; ann has deleted this message.")
		if got := w.shown("C-emm"); strings.Contains(got, "blue") || !strings.Contains(got, "a mobile") {
			t.Errorf("the agents there read %q", got)
		}
		for _, c := range w.chat.calls {
			if c.workspace == "chat:globex" && strings.HasPrefix(c.what, helpdesk.TellMessage+"/") {
				t.Errorf("%s was to be changed in the other workspace", c.what)
			}
		}
		w.chat.check(t)
	})
}

// The channel that a ticket has left may be out of reach for ever: it is told in its new one all the same.
func TestAChannelThatIsLeftHoldsUpNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.elsewhere()
		ticket := w.begun()
		mine := w.write(w.ann, ticket, "My code is 1234.")
		w.delivers()
		w.chat.meet(func(_ context.Context, workspace string, _ stamp) error {
			if workspace == place.Workspace {
				return errors.New("chat: archived")
			}
			return nil
		})
		w.moves(ticket)
		w.edit(w.ann, mine, "")
		w.delivers()
		if card := w.chat.cardOf(helpdesk.Lane(ticket, store.DeskSide)); card.channel != "C-emm" {
			t.Errorf("the card is in %s", card.channel)
		}

		// The same where that channel is no longer known to be private.
		w.chat.meet(nil)
		w.must(w.desk().SetSeen(w.ctx, w.desk().Catalog().Queues[0], store.Seen{Private: true, Members: agents}, 0))
		second := w.begun()
		w.chat.public = true
		w.moves(second)
		w.must(w.desk().SetSeen(w.ctx, w.desk().Catalog().Queues[0], store.Seen{}, 0))
		w.delivers()
		if card := w.chat.cardOf(helpdesk.Lane(second, store.DeskSide)); card.channel != "C-emm" {
			t.Errorf("the second card is in %s", card.channel)
		}
	})
}

var _ bot.Eraser = eraser{}

// A message is told whole, however an edit changes how many posts that takes.
func TestAnEditChangesHowManyPostsAMessageTakes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		text := func(parts int, last string) string {
			return strings.Repeat("x", (parts-1)*helpdesk.PartLength) + last
		}
		told := func(when string, bodies ...string) {
			t.Helper()
			w.delivers()
			var got []string
			for _, p := range w.chat.posts {
				if p.channel == "C-support" && p.what != theCard {
					got = append(got, strings.TrimLeft(p.card.Body, "x")+strings.Join(p.card.Lines, ""))
				}
			}
			if strings.Join(got, "|") != strings.Join(bodies, "|") {
				t.Errorf("%s: %q, want %q", when, got, bodies)
			}
		}
		ticket := w.begun()
		mine := w.write(w.ann, ticket, "a")
		w.edit(w.ann, mine, text(2, "b"))
		told("longer before it was told", "", "b")
		w.edit(w.ann, mine, text(3, "c"))
		w.edit(w.ann, mine, text(4, "d"))
		told("longer, twice", "", "", "", "d")
		const none = "ann has made this message shorter: nothing of it is left here."
		w.edit(w.ann, mine, "e")
		told("shorter", "e", none, none, none)
		w.edit(w.ann, mine, text(2, "f"))
		told("longer again", "", "f", none, none)

		other := w.write(w.ann, ticket, text(3, "g"))
		w.edit(w.ann, other, "h")
		told("shorter before it was told", "", "f", none, none, "h")
		w.edit(w.ann, other, text(2, "i"))
		told("and longer", "", "f", none, none, "", "i")
		w.chat.check(t)
	})
}
