package strictslack

import (
	"testing"
)

func TestEscape(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	for typed, want := range map[string]string{
		"a & b < c > d":                       "a &amp; b &lt; c &gt; d",
		"&amp; already":                       "&amp;amp; already",
		"<!channel> look":                     "&lt;!channel&gt; look",
		"<@" + nadia + "> and <@U0NOBODY>":    "<@" + nadia + "> and &lt;@U0NOBODY&gt;",
		"in <#" + general + "|general>":       "in <#" + general + "|general>",
		"@nadia":                              "@nadia",
		"see https://acme.example/a?b=1&c=2.": "see <https://acme.example/a?b=1&amp;c=2>.",
		"<https://acme.example>":              "&lt;<https://acme.example>&gt;",
		"acme.example":                        "acme.example",
		"to bob@acme.example!":                "to <mailto:bob@acme.example|bob@acme.example>!",
		"":                                    "",
	} {
		if got := s.escape(typed); got != want {
			t.Errorf("%q arrives as %q, want %q", typed, got, want)
		}
	}
}

// Events look like Slack's, and those of the bot's own doing come too.
func TestEvents(t *testing.T) {
	t.Parallel()
	s, up := start(t)
	l := connect(t, s)
	ctx := t.Context()
	write := func(who, channel, text, root string) string {
		t.Helper()
		ts, err := up.PostMessage(ctx, who, channel, text, root)
		if err != nil {
			t.Fatal(err)
		}
		return ts
	}
	check := func(what string, e obj, want obj) {
		t.Helper()
		for name, v := range want {
			if e[name] != v {
				t.Errorf("%s: %s is %v, want %v", what, name, e[name], v)
			}
		}
	}

	root := write(nadia, support, "1 < 2", "")
	check("a message", l.heard(), obj{"type": "message", "subtype": nil, "text": "1 &lt; 2", "channel_type": "group", "user": nadia,
		"team": "T01ACME", "ts": root, "bot_id": nil, "parent_user_id": nil})
	write(oliver, support, "reply", root)
	check("a reply", l.heard(), obj{"thread_ts": root, "parent_user_id": nadia, "user": oliver})
	write(alice, general, "in public", "")
	check("in a public channel", l.heard(), obj{"channel_type": "channel"})
	write(alice, alice, "in private", "")
	check("in the direct conversation", l.heard(), obj{"channel_type": "im"})
	write(nadia, secretPlace, "not for the bot", "")

	if err := up.EditMessage(ctx, nadia, support, root, "2 > 1"); err != nil {
		t.Fatal(err)
	}
	e := l.heard()
	check("an edit", e, obj{"subtype": "message_changed", "channel_type": "group", "hidden": true})
	if text(e, "message", "text") != "2 &gt; 1" || text(e, "previous_message", "text") != "1 &lt; 2" {
		t.Errorf("the edit is %v", e)
	}
	if err := up.React(ctx, nadia, support, root, "eyes", true); err != nil {
		t.Fatal(err)
	}
	check("a reaction", l.heard(), obj{"type": "reaction_added", "reaction": "eyes", "user": nadia, "item_user": nadia})

	// The bot's own.
	own := text(must(t, s, "chat.postMessage", obj{"channel": support, "text": "I &amp; you", "thread_ts": root}), "ts")
	e = l.heard()
	check("its own message", e, obj{"type": "message", "subtype": nil, "user": botUser, "bot_id": "B00GUICHET", "app_id": "A01GUICHET",
		"text": "I &amp; you", "ts": own, "channel_type": "group", "parent_user_id": nadia})
	must(t, s, "chat.update", obj{"channel": support, "ts": own, "text": "new"})
	e = l.heard()
	check("its own update", e, obj{"subtype": "message_changed", "channel": support})
	if text(e, "message", "bot_id") == "" || text(e, "message", "text") != "new" || text(e, "previous_message", "text") != "I &amp; you" {
		t.Errorf("the update is %v", e)
	}
	must(t, s, "reactions.add", obj{"channel": support, "timestamp": own, "name": "ok"})
	check("its own reaction", l.heard(), obj{"type": "reaction_added", "user": botUser, "item_user": botUser})
	must(t, s, "chat.postEphemeral", obj{"channel": support, "user": nadia, "text": "for her alone"})
	must(t, s, "chat.delete", obj{"channel": support, "ts": own})
	check("its own deletion", l.heard(), obj{"subtype": "message_deleted", "deleted_ts": own})
	own = text(must(t, s, "chat.postMessage", obj{"channel": support, "text": "again"}), "ts")
	l.heard()
	if err := up.DeleteMessage(ctx, botUser, support, own); err != nil {
		t.Fatal(err)
	}
	check("its own deletion, by local-slack", l.heard(), obj{"subtype": "message_deleted", "deleted_ts": own})
	l.silent(s)

	id := s.Event(obj{"type": "tokens_revoked", "tokens": obj{"bot": []any{botUser}}})
	g := l.next()
	g.ack()
	if g.event()["type"] != "tokens_revoked" || g.Payload["event_id"] != id || g.Payload["team_id"] != "T01ACME" || g.Payload["type"] != "event_callback" {
		t.Errorf("an event of a test is %+v", g)
	}

	// A reset of the workspace is no news to tell, and what is then written is.
	if err := up.Reset(ctx); err != nil {
		t.Fatal(err)
	}
	root = write(nadia, support, "anew", "")
	l.heard()
	write(nadia, support, "a reply", root)
	check("after a reset", l.heard(), obj{"parent_user_id": nadia})
	l.silent(s)
}
