package helpdesk_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"guichet/helpdesk"
	"guichet/store"
)

func TestTags(t *testing.T) {
	for text, want := range map[string]string{
		"": "", " , ;": "", "VPN, Printer": "printer vpn", "#vpn vpn": "vpn", "étage-2": "étage-2", "a.b_c": "a.b_c",
		"-x": "!" + helpdesk.BadTag, "a/b": "!" + helpdesk.BadTag, "<@U1>": "!" + helpdesk.BadTag, strings.Repeat("x", 31): "!" + helpdesk.TagTooLong,
		strings.Repeat("é", 30): strings.Repeat("é", 30), "a b c d e f g h i j k": "!" + helpdesk.TooManyTags,
	} {
		tags, wrong := helpdesk.ParseTags(text)
		got := strings.Join(tags, " ")
		if wrong != "" {
			got = "!" + wrong
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
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

// Who watches is told of notes too, as long as they are an agent of the queue.
func TestWatching(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ticket := h.open(h.ann, "office")
		h.link(ticket)
		h.told(0)
		for _, who := range []helpdesk.Actor{h.ann, h.ben, h.max, h.gus, h.eve} {
			if _, err := h.Watch(t.Context(), who, helpdesk.Watch, ticket.ID); err == nil {
				t.Errorf("person %d watches", who.Person)
			}
		}
		for i := range 2 {
			out, err := h.Watch(t.Context(), h.amy, helpdesk.Watch, ticket.ID)
			h.check(err)
			if out.Changed != (i == 0) {
				t.Errorf("watching, time %d: %v", i+1, out.Changed)
			}
		}
		lane := store.Lane(ticket.ID, fmt.Sprint(h.amy.Person))
		theirs := func() (ds []store.Delivery, kinds string) {
			for _, del := range h.deliveries() {
				if del.Lane == lane {
					ds, kinds = append(ds, del), strings.TrimSpace(kinds+" "+del.Kind)
				}
			}
			return ds, kinds
		}
		_, kinds := theirs()
		same(t, "who watches is told", kinds, "card")
		said := h.post(ticket, store.DeskSide, "note", "note: inside")
		_, err := h.Hear(t.Context(), h.ada, "ada", said)
		h.check(err)
		ds, kinds := theirs()
		same(t, "of a note", kinds, "message")
		note := func() (helpdesk.Brief, store.Delivery) {
			b, err := h.Brief(t.Context(), ds[0])
			h.check(err)
			return b, ds[0]
		}
		_, err = h.hear(h.ada, ticket, store.DeskSide, "outside")
		h.check(err)
		_, kinds = theirs()
		same(t, "of a reply", kinds, "message card")
		for _, text := range []string{"note: my own", "my own"} {
			_, err = h.hear(h.amy, ticket, store.DeskSide, text)
			h.check(err)
		}
		_, kinds = theirs()
		same(t, "of their own", kinds, "")
		_, err = h.revise(h.ada, "ada", said, "note: further inside")
		h.check(err)
		_, kinds = theirs()
		same(t, "of an edit", kinds, "edit")
		if b, d := note(); !b.Watches || b.Left || helpdesk.Outdated(b, d) {
			t.Errorf("an agent is not told of a note: %+v", b)
		}
		h.age(helpdesk.MembersFresh)
		if b, _ := note(); b.Watches || b.Left || b.Private {
			t.Errorf("it does not wait until it is known whether they are an agent: %+v", b)
		}
		h.refresh()
		h.check(h.SetSeen(t.Context(), h.Catalog().Queues[0], store.Seen{Private: true, Members: []string{"ada"}}, 0))
		if b, d := note(); b.Watches || !b.Left || !helpdesk.Outdated(b, d) {
			t.Errorf("one who is no agent any more is told of a note: %+v", b)
		}
		if _, err := h.View(t.Context(), h.amy, ticket.ID, helpdesk.Latest); !helpdesk.IsRefusal(err, helpdesk.UnknownTicket) {
			t.Errorf("one who watches and is no agent any more sees it: %v", err)
		}
		if _, err := h.Unfollow(t.Context(), h.amy, ticket.ID); err != nil {
			t.Errorf("they can't stop: %v", err)
		}
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
