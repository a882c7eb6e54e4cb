package app_test

import (
	"strings"
	"testing"
)

// edit changes a message as its author does; an empty text deletes it.
func (d *desk) edit(who, channel, ts, text string) {
	d.t.Helper()
	var err error
	if text == "" {
		err = d.slack.DeleteMessage(d.t.Context(), who, channel, ts)
	} else {
		err = d.slack.EditMessage(d.t.Context(), who, channel, ts, text)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	d.delivered()
}

// gone waits until a channel shows a text no more.
func (d *desk) gone(channel, text string) {
	d.t.Helper()
	d.eventually(channel+" has lost "+text, func() bool { return len(d.containing(channel, text)) == 0 })
}

func TestEditsAndDeletionsTravel(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card("1001"), d.conversation(alice, "1001")

		// What an agent wrote.
		said := d.write(nadia, support, "Which versoin?", card.TS)
		copied := d.find(alice, "Nadia Benali wrote", "Which versoin?")
		d.edit(nadia, support, said, "Which version?")
		if now := d.find(alice, "Nadia Benali wrote (edited)", "Which version?"); now.TS != copied.TS {
			t.Error("an edited reply is another message")
		}
		d.edit(nadia, support, said, "")
		d.gone(alice, "Which version?")

		// What the requester wrote.
		asked := d.write(alice, mine.Channel, "It is red.", mine.TS)
		d.find(support, "Alice Martin wrote", "It is red.")
		d.edit(alice, mine.Channel, asked, "It is blue.")
		d.find(support, "Alice Martin wrote (edited)", "It is blue.")
		d.edit(alice, mine.Channel, asked, "")
		d.find(support, "Alice Martin has deleted this message.")
		d.never(support, "It is blue.")

		// Agents see what was, the requester what is.
		d.shows(d.ask(nadia, "1001"), "(deleted) Which version?", "Before that: Which versoin?", "(deleted) It is blue.", "Before that: It is red.")
		for _, text := range []string{"versoin", "version", "red", "blue"} {
			if view := d.ask(alice, "1001"); strings.Contains(view.AllText(), text) {
				t.Errorf("the requester sees %s", view.AllText())
			}
		}
	})
}

func TestANoteIsNeverMadePublic(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		card := d.card("1001")
		note := d.write(nadia, support, "note: he is hard to please", card.TS)
		d.find(support, "Internal note: it stays here")
		for _, text := range []string{"reply: he is hard to please", "he is hard to please indeed", "REPLY: note: hard"} {
			d.edit(nadia, support, note, text)
			d.settle()
		}
		d.never(alice, "hard")
		d.counts(map[string]int64{"messages WHERE audience = 'internal'": 1, "messages WHERE audience = 'public'": 1})

		// A reply that becomes a note is taken away where it was sent, and comes back no more.
		reply := d.write(nadia, support, "You are hard to please.", card.TS)
		d.find(alice, "You are hard to please.")
		d.edit(nadia, support, reply, "note: hard to please")
		d.gone(alice, "hard to please")
		d.edit(nadia, support, reply, "You are welcome.")
		d.never(alice, "welcome")
		if view := d.ask(alice, "1001"); strings.Contains(view.AllText(), "hard") || strings.Contains(view.AllText(), "welcome") {
			t.Errorf("the requester sees %s", view.AllText())
		}
	})
}

func TestWhatIsNoEditChangesNothing(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		card := d.card("1001")
		said := d.write(nadia, support, "See https://example.com", card.TS)
		d.find(alice, "See https://example.com")
		d.settle()
		before := d.seen(alice)
		message := func(text, edited string) map[string]any {
			m := map[string]any{"type": "message", "user": nadia, "text": text, "ts": said, "thread_ts": card.TS}
			if edited != "" {
				m["edited"] = map[string]any{"user": nadia, "ts": edited}
			}
			return m
		}
		for name, e := range map[string]map[string]any{
			"an unfurl":                      {"message": message("See <https://example.com>", ""), "previous_message": message("See <https://example.com>", "")},
			"an unfurl on an edited message": {"message": message("See this", "5.5"), "previous_message": message("See this", "5.5")},
			"an edit that changes nothing":   {"message": message("See <https://example.com>", "6.6"), "previous_message": message("See <https://example.com>", "")},
			"an edit of what is in no ticket": {"message": map[string]any{"user": nadia, "text": "x", "ts": "1.5", "edited": map[string]any{"ts": "2"}},
				"previous_message": map[string]any{"user": nadia, "text": "y", "ts": "1.5"}},
			"an edit by somebody else": {"message": map[string]any{"type": "message", "user": bruno, "text": "Ha", "ts": said, "thread_ts": card.TS,
				"edited": map[string]any{"user": bruno, "ts": "7.7"}}, "previous_message": map[string]any{"user": bruno, "ts": said, "text": "x"}},
		} {
			e["type"], e["subtype"], e["channel"], e["channel_type"], e["ts"] = "message", "message_changed", support, "group", "9.9"
			d.strict.Event(e)
			d.delivered()
			if after := d.seen(alice); after != before {
				t.Errorf("%s has changed something: before\n%s\nafter\n%s", name, before, after)
			}
		}
	})
}

func TestUndo(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.restart(func(s string) string { return strings.ReplaceAll(s, "undo: 0s", "undo: 6s") })
		d.open(alice, "Outlook", "Does not start.")
		card := d.card("1001")
		d.write(nadia, support, "Wrong person, sorry", card.TS)
		receipt := d.find(support, "Reply: goes to Alice Martin in")
		if buttons(receipt) != "undo" {
			t.Fatalf("the receipt has the buttons %q", buttons(receipt))
		}
		d.shows(d.answer(oliver, support, func() { d.press(oliver, receipt, "undo") }), "You may not do that on #1001.")
		d.press(nadia, receipt, "undo")
		d.find(support, "Taken back: Alice Martin does not see it.")
		d.press(nadia, receipt, "undo") // twice is once

		// What is not taken back goes out after a while, in order, and then it is too late.
		d.write(nadia, support, "Which version?", card.TS)
		second := d.find(support, "Reply: goes to Alice Martin in")
		d.press(nadia, d.card("1001"), "resolve")
		if ms := d.containing(alice, "Which version?"); len(ms) > 0 {
			t.Error("it was sent at once")
		}
		d.find(alice, "Nadia Benali wrote", "Which version?")
		d.find(alice, "Nadia Benali has marked the ticket as resolved.")
		d.settle()
		if now := d.find(support, "Reply: goes to Alice Martin."); now.TS != second.TS || buttons(now) != "" {
			t.Errorf("the receipt is now %s with %q", now.AllText(), buttons(now))
		}
		d.shows(d.answer(nadia, support, func() { d.press(nadia, second, "undo") }), "That reply has already gone out.")
		d.never(alice, "Wrong person")
		d.counts(map[string]int64{"events WHERE act = 'undo'": 1})
		d.shows(d.ask(nadia, "1001"), "Nadia Benali took back a reply before it was sent", "(deleted) Wrong person, sorry")
		var said []string
		for _, m := range d.messages(alice) {
			for _, text := range []string{"Which version?", "marked the ticket as resolved"} {
				if strings.Contains(m.AllText(), text) {
					said = append(said, text)
				}
			}
		}
		if strings.Join(said, ", ") != "Which version?, marked the ticket as resolved" {
			t.Errorf("Alice reads %q", said)
		}
	})
}

func TestUndoOfAFormAndAcrossARestart(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.restart(func(s string) string { return strings.ReplaceAll(s, "undo: 0s", "undo: 2m") })
		d.strict.SetLocale(alice, "fr-FR")
		d.ask(alice, "list")
		p := d.slack.OpenTest(t, alice)
		d.command(alice, "emm")
		d.form(p, map[string]string{"kind": "information", "subject": "Tablette", "description": "Comment ?"})
		if errs := d.form(p, map[string]string{"platform": "ios", "device": "iPad", "instance": "mdm"}); len(errs) > 0 {
			t.Fatal(errs)
		}
		p.Close()
		card := d.find(emm, "#1001 Tablette", "Demande faite par")
		d.fill(nadia, card, "reply", map[string]string{"body": "Erreur"})
		copied := d.find(emm, "Nadia Benali a écrit", "Erreur")
		d.stop()
		d.start()
		d.press(nadia, copied, "undo")
		d.find(emm, "Nadia Benali a supprimé ce message.")
		d.write(nadia, emm, "réponse : Comme ceci", card.TS)
		d.find(emm, "Réponse\u00a0: sera envoyée à Alice Martin dans")
		d.press(nadia, d.find(emm, "sera envoyée à"), "undo")
		d.find(emm, "Reprise\u00a0: Alice Martin ne la voit pas.")
		d.settle()
		d.never(alice, "Erreur")
		d.never(alice, "Comme ceci")
	})
}
