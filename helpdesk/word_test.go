package helpdesk_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"guichet/helpdesk"
	"guichet/store"
)

func TestWhatIsAWord(t *testing.T) {
	for text, want := range map[string]string{
		"?take": "take", " ?Take  ": "take", "?prendre": "take", "?résoudre it is done": "resolve", "?nonsense": "nonsense", "?move emm why": "move", "?plus-tard 2h": "snooze",
		"?": "", "??": "", "? take": "", "?!": "", "take?": "", "? what": "", "?1": "", "note: ?take": "", "": "",
	} {
		w, ok := helpdesk.WordOf(text)
		if ok != (want != "") || w.Name != want {
			t.Errorf("%q: %+v %v, want %q", text, w, ok, want)
		}
		if a, body := helpdesk.Sort(text, helpdesk.Public); ok && (a != helpdesk.Internal || body != text) {
			t.Errorf("%q goes out as %q", text, body)
		}
	}
}

// Every word, by everybody who can write in the thread, twice, and by whoever is late.
func TestWordsDoWhatButtonsDo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		type step struct {
			who  helpdesk.Actor
			text string
			want string // the state after it, or "refused x", or "wrong x"
		}
		for name, steps := range map[string][]step{
			"a life":     {{h.ada, "?take", "open"}, {h.ada, "?take", "open"}, {h.amy, "?take", "refused taken"}, {h.ada, "?wait", "waiting"}, {h.ada, "?résoudre Restart it.", "resolved"}, {h.amy, "?reopen", "open"}, {h.ada, "?close", "refused not_now"}, {h.ada, "?resolve", "resolved"}, {h.ada, "?close", "closed"}, {h.ada, "?wait", "refused not_now"}},
			"others":     {{h.ada, "?assign amy", "open"}, {h.ada, "?assign @ADA", "open"}, {h.ada, "?assign eve", "wrong whom"}, {h.ada, "?assign", "wrong whom"}, {h.ada, "?release", "new"}, {h.ada, "?release", "new"}},
			"priorities": {{h.ada, "?priority urgent", "new"}, {h.ada, "?priorité haute", "new"}, {h.ada, "?priority p1", "wrong priority"}, {h.ada, "?priority", "wrong priority"}},
			"sleep":      {{h.ada, "?snooze 2h", "new"}, {h.ada, "?snooze", "new"}, {h.ada, "?snooze off", "new"}, {h.ada, "?snooze 91d", "wrong until"}, {h.ada, "?snooze -2h", "wrong until"}, {h.ada, "?snooze for ever", "wrong until"}},
			"away":       {{h.ada, "?move", "wrong queue"}, {h.ada, "?move support", "wrong queue"}, {h.ada, "?move emm", "wrong reason"}, {h.ada, "?move emm it is a phone", "new"}},
			"other":      {{h.ada, "?vendor X-1", "refused not_now"}, {h.ada, "?take_", "open"}, {h.ada, "?tkae", "wrong word"}, {h.ada, "?note keep this", "open"}, {h.ada, "?help", "open"}},
		} {
			h.run(name, func(t *testing.T) {
				ticket := h.open(h.ann, "office")
				h.link(ticket)
				for _, s := range steps {
					h.told(0)
					spoken, err := h.hear(s.who, ticket, store.DeskSide, s.text)
					h.check(err)
					if spoken.Word == nil || spoken.Audience != helpdesk.Internal {
						t.Fatalf("%s: %+v", s.text, spoken)
					}
					got := h.ticket(ticket.ID).State
					switch {
					case spoken.Word.Refused != nil:
						got = "refused " + string(spoken.Word.Refused.Code)
					case spoken.Word.Wrong != "":
						got = "wrong " + spoken.Word.Wrong
					}
					if got != s.want {
						t.Errorf("%s: %s, want %s", s.text, got, s.want)
					}
					if told := h.told(ticket.ID); strings.Contains(told, "requester: message") || strings.Contains(told, "message") {
						t.Errorf("%s is told as a message: %s", s.text, told)
					}
				}
				ms, _ := h.history(ticket.ID)
				if len(ms) != 1+len(steps) {
					t.Errorf("%d messages are kept of %d", len(ms)-1, len(steps))
				}
			})
		}

		h.run("a canned answer goes out, in the requester's language, and says what it was given", func(t *testing.T) {
			c := catalog()
			in := func(words map[string]string) func(string) string {
				return func(language string) string { return words[language] }
			}
			c.Macros = []helpdesk.Macro{{Key: "vpn", Title: in(nil), Queues: []string{"support"}, Text: in(map[string]string{"fr": "Bonjour {{requester}}, {{ticket}} *{{subject}}* {{service}} {{queue}} {{organization}} {{agent}}"})}, {Key: "phone", Queues: []string{"emm"}, Title: in(nil), Text: in(nil)}}
			was := h.Desk
			h.Desk = helpdesk.NewDesk(h.db, c)
			defer func() { h.Desk = was }()
			ticket := h.open(h.ann, "office")
			h.link(ticket)
			h.told(0)
			s, err := h.hear(h.ada, ticket, store.DeskSide, "?macro VPN")
			h.check(err)
			same(t, "told", h.told(ticket.ID), "desk: receipt message card; requester: message card")
			ms, _ := h.history(ticket.ID)
			last := ms[len(ms)-1]
			if want := fmt.Sprintf("Bonjour ANN, #%d *%s* Office support Acme ADA", ticket.ID, ticket.Subject); s.Word.Wrong != "" || last.Body != want || last.Audience != store.Public || last.Author != h.ada.Person {
				t.Errorf("said: %+v, want %q", last, want)
			}
			if h.ticket(ticket.ID).Assignee != h.ada.Person {
				t.Error("who answers has not taken it")
			}
			for _, other := range []string{"?macro phone", "?macro", "?macro nothing"} {
				s, err := h.hear(h.ada, ticket, store.DeskSide, other)
				h.check(err)
				same(t, other, s.Word.Wrong, "macro")
			}
			mine, err := h.Macros(t.Context(), h.eve)
			h.check(err)
			if len(mine) != 1 || mine[0].Key != "phone" {
				t.Errorf("another queue's agent has %v", mine)
			}
			if mine, _ := h.Macros(t.Context(), h.ann); len(mine) != 0 {
				t.Errorf("a requester has %v", mine)
			}
		})

		h.run("a requester's question is a question", func(t *testing.T) {
			ticket := h.open(h.ann, "office")
			h.link(ticket)
			for _, who := range []helpdesk.Actor{h.ann, h.max} {
				s, err := h.hear(who, ticket, store.RequesterSide, "?take")
				h.check(err)
				if s.Word != nil || s.Audience != helpdesk.Public || h.ticket(ticket.ID).Assignee != 0 {
					t.Errorf("it was taken for a word: %+v", s)
				}
			}
			for _, who := range []helpdesk.Actor{h.ann, h.ben, h.max, h.gus, h.eve} {
				if _, err := h.hear(who, ticket, store.DeskSide, "?take"); err == nil {
					t.Error("one who is no agent of the queue types a word in its thread")
				}
			}
		})

		h.run("once, however often it comes, and only as it was first", func(t *testing.T) {
			ticket := h.open(h.ann, "office")
			h.link(ticket)
			p := h.post(ticket, store.DeskSide, "same", "?resolve Done.")
			for i := range 3 {
				_, err := h.Hear(t.Context(), h.ada, "ada", p)
				if i > 0 && !errors.Is(err, helpdesk.ErrDuplicate) || i == 0 && err != nil {
					t.Fatal(err)
				}
			}
			_, es := h.history(ticket.ID)
			if last := es[len(es)-1]; len(es) != 2 || last.Act != "resolve" || last.Words != "Done." {
				t.Errorf("noted: %+v", es)
			}
			_, err := h.Do(t.Context(), h.ada, helpdesk.Reopen, ticket.ID, store.DeskSide)
			h.check(err)
			_, err = h.revise(h.ada, "ada", p, "?resolve Once more.")
			h.check(err)
			if now := h.ticket(ticket.ID); now.State != "open" {
				t.Errorf("an edit has made it %s", now.State)
			}
			said := h.post(ticket, store.DeskSide, "reply", "Which version?")
			_, err = h.Hear(t.Context(), h.ada, "ada", said)
			h.check(err)
			h.told(0)
			s, err := h.revise(h.ada, "ada", said, "?close")
			h.check(err)
			if s.Audience != helpdesk.Internal {
				t.Error("a reply that became a word still goes out")
			}
		})

		h.run("of two agents one is quicker", func(t *testing.T) {
			ticket := h.open(h.ann, "office")
			h.link(ticket)
			together(2, func(i int) {
				if _, err := h.Hear(t.Context(), []helpdesk.Actor{h.ada, h.amy}[i], "", h.post(ticket, store.DeskSide, []string{"a", "b"}[i], "?resolve")); err != nil {
					t.Error(err)
				}
			})
			_, es := h.history(ticket.ID)
			if len(es) != 2 {
				t.Errorf("resolved %d times", len(es)-1)
			}
		})
	})
}
