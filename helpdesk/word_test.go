package helpdesk_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// Handing over, tags, replies and watching, by words.
func TestMoreWords(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		type step struct{ text, want, told string }
		say := func(t *testing.T, ticket store.Ticket, steps ...step) {
			t.Helper()
			for _, s := range steps {
				h.told(0)
				spoken, err := h.hear(h.ada, ticket, store.DeskSide, s.text)
				h.check(err)
				got := "done"
				switch w := spoken.Word; {
				case w == nil:
					t.Fatalf("%s is no word", s.text)
				case w.Refused != nil:
					got = string(w.Refused.Code)
				case w.Wrong != "":
					got = w.Wrong
				case !w.Changed:
					got = "so already"
				}
				if got != s.want {
					t.Errorf("%s: %s, want %s", s.text, got, s.want)
				}
				if told := h.told(ticket.ID); s.told != "" && told != s.told {
					t.Errorf("%s is told as %q, want %q", s.text, told, s.told)
				}
			}
		}
		h.run("handing over", func(t *testing.T) {
			ticket := h.open(h.ann, "office")
			h.link(ticket)
			say(t, ticket,
				step{"?handover", "whom", ""}, step{"?handover eve look", "whom", ""}, step{"?handover amy", "summary", ""},
				step{"?transmettre @Amy: the toner is new", "done", "desk: receipt card event; requester: card event"},
				step{"?handover amy once more", "so already", ""})
			_, es := h.history(ticket.ID)
			if e := es[len(es)-1]; h.ticket(ticket.ID).Assignee != h.amy.Person || e.Act != "handover" || e.Whom != h.amy.Person || e.Words != "" {
				t.Errorf("noted: %+v", e)
			}
			_, err := h.Change(t.Context(), h.amy, ticket.ID, helpdesk.Change{Act: helpdesk.HandOver, Whom: h.ada.Person, Reason: "It *jams*.",
				Seen: helpdesk.Sees(h.ticket(ticket.ID), helpdesk.HandOver)}, "form")
			h.check(err)
			ms, _ := h.history(ticket.ID)
			if m := ms[len(ms)-1]; m.Audience != store.Internal || m.Body != "It *jams*." || m.Author != h.amy.Person {
				t.Errorf("kept: %+v", m)
			}
		})
		h.run("whom a mention names, not whom its text resembles", func(t *testing.T) {
			ticket := h.open(h.ann, "office")
			h.link(ticket)
			p := h.post(ticket, store.DeskSide, "mention", "?assign @someone.else")
			p.Mentioned = []string{"amy"}
			_, err := h.Hear(t.Context(), h.ada, "ada", p)
			h.check(err)
			if h.ticket(ticket.ID).Assignee != h.amy.Person {
				t.Error("it is not hers")
			}
			p = h.post(ticket, store.DeskSide, "another", "?assign @ADA")
			p.Mentioned = []string{"U-NOBODY"}
			s, err := h.Hear(t.Context(), h.ada, "ada", p)
			h.check(err)
			same(t, "a namesake", s.Word.Wrong, "whom")
		})
		h.run("tags", func(t *testing.T) {
			ticket := h.open(h.ann, "office")
			h.link(ticket)
			say(t, ticket, step{"?tag VPN, printer", "done", "desk: receipt card event"}, step{"?tag vpn", "so already", ""}, step{"?tag", "tags", ""},
				step{"?tag a/b", "tags", ""}, step{"?tag 1 2 3 4 5 6 7 8 9", "tags", ""}, step{"?untag printer", "done", ""}, step{"?untag printer", "so already", ""})
			same(t, "tags", h.ticket(ticket.ID).Tags, "vpn")
			for who, want := range map[*helpdesk.Actor]int{&h.ada: 1, &h.amy: 1, &h.ann: 0, &h.max: 0, &h.eve: 0} {
				page, err := h.Page(t.Context(), *who, helpdesk.Filter{Tag: "vpn", State: "open"}, helpdesk.Place{})
				h.check(err)
				n := 0
				for _, found := range page.Tickets {
					if found.ID == ticket.ID {
						n++
					}
				}
				if n != want {
					t.Errorf("person %d finds it %d times", who.Person, n)
				}
			}
			v, err := h.View(t.Context(), h.ann, ticket.ID, helpdesk.Latest)
			h.check(err)
			if slices.ContainsFunc(v.Events, func(e store.Event) bool { return e.Act == "tag" }) {
				t.Error("the requester reads of tags")
			}
			say(t, ticket, step{"?move emm a phone", "done", ""})
			page, err := h.Page(t.Context(), h.eve, helpdesk.Filter{Tag: "vpn"}, helpdesk.Place{})
			h.check(err)
			if len(page.Tickets) != 1 {
				t.Errorf("in its new queue %d are found", len(page.Tickets))
			}
		})
		h.run("a reply that is typed as a word", func(t *testing.T) {
			ticket := h.open(h.ann, "office")
			h.link(ticket)
			say(t, ticket, step{"?reply", "reply", ""}, step{"?répondre It works *again*.", "done", "desk: receipt message card; requester: message card"})
			ms, _ := h.history(ticket.ID)
			if m := ms[len(ms)-1]; m.Audience != store.Public || m.Body != "It works *again*." {
				t.Errorf("said: %+v", m)
			}
		})
		h.run("resolved with a note", func(t *testing.T) {
			ticket := h.open(h.ann, "office")
			h.link(ticket)
			say(t, ticket, step{"?resolve " + strings.Repeat("x", helpdesk.MaxResolution+1), "resolution", ""})
			h.told(0)
			out, err := h.ResolveWith(t.Context(), h.ada, ticket.ID, "A cable.", false, "n1")
			h.check(err)
			same(t, "told", h.told(ticket.ID), "desk: card message; requester: card event")
			ms, es := h.history(ticket.ID)
			if m, e := ms[len(ms)-1], es[len(es)-1]; !out.Changed || m.Audience != store.Internal || m.Body != "A cable." || e.Act != "resolve" || e.Words != "" {
				t.Errorf("kept: %+v, noted: %+v", m, e)
			}
			if out, err = h.ResolveWith(t.Context(), h.amy, ticket.ID, "A plug.", true, "n2"); err != nil || out.Changed || out.By != "ADA" {
				t.Errorf("resolved twice: %+v, %v", out, err)
			}
			for _, who := range []helpdesk.Actor{h.ann, h.ben, h.max, h.gus, h.eve} {
				if _, err := h.ResolveWith(t.Context(), who, ticket.ID, "x", true, fmt.Sprint("n", who.Person)); err == nil {
					t.Errorf("person %d resolves it", who.Person)
				}
			}
		})
	})
}

// What cuts a word off in the middle takes its message with it; sent again, both are done, once.
func TestAWordIsDoneWithItsMessageOrNotAtAll(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ticket := h.open(h.ann, "office")
		h.link(ticket)
		h.told(0)
		c := catalog()
		ctx, cancel := context.WithCancel(t.Context())
		c.Macros = []helpdesk.Macro{{Key: "vpn", Title: func(string) string { return "VPN" }, Then: helpdesk.Resolve,
			Text: func(string) string { cancel(); return "Restart it." }}} // it is read when the message is written, and its answer is not yet
		d := helpdesk.NewDesk(h.db, c)
		p := h.post(ticket, store.DeskSide, "once", "?macro vpn")
		if _, err := d.Hear(ctx, h.ada, "ada", p); err == nil {
			t.Fatal("it was not cut off")
		}
		if ms, es := h.history(ticket.ID); len(ms) != 1 || len(es) != 1 || h.told(ticket.ID) != "" {
			t.Errorf("what was cut off has left %d messages and %d events", len(ms), len(es))
		}
		for i := range 3 {
			_, err := d.Hear(t.Context(), h.ada, "ada", p)
			if i > 0 {
				duplicate(t, "the same again", err)
			} else {
				h.check(err)
			}
		}
		ms, es := h.history(ticket.ID)
		if len(ms) != 3 || ms[1].Body != "?macro vpn" || ms[2].Body != "Restart it." || len(es) != 3 || h.ticket(ticket.ID).State != "resolved" {
			t.Errorf("there are %d messages and %d events, and it is %s", len(ms), len(es), h.ticket(ticket.ID).State)
		}
	})
}
