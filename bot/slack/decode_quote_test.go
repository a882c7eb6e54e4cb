package slack

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guichet/bot"
	"guichet/helpdesk"
	"guichet/store"
)

// shortcutOn is that Bruno chose something from the menu of a message.
func shortcutOn(message string) string {
	return `{"type": "message_action", "callback_id": "ticketFromMessage", "trigger_id": "1.2.3", "response_url": "https://hooks.slack.com/app/1/2",
		"team": {"id": "T01ACME"}, "user": {"id": "U05BRUNO", "username": "bruno", "team_id": "T01ACME"}, "channel": {"id": "C01GENERAL"},
		"message_ts": "2.2", "message": {"type": "message", "ts": "2.2", ` + message + `}}`
}

func TestDecodeShortcuts(t *testing.T) {
	for name, c := range map[string]struct {
		message string
		want    bot.Quoted
	}{
		"a message": {`"user": "U01ALICE", "text": "a &lt;b&gt;"`, bot.Quoted{Message: "2.2", Author: "U01ALICE", Text: "a <b>"}},
		"an answer in a thread": {`"user": "U01ALICE", "text": "a", "thread_ts": "1.1"`,
			bot.Quoted{Message: "2.2", Root: "1.1", Author: "U01ALICE", Text: "a"}},
		"a file alone": {`"user": "U01ALICE", "text": "", "files": [{"name": "a.png"}]`, bot.Quoted{Message: "2.2", Author: "U01ALICE", Text: "📎 a.png"}},
		"of a program": {`"user": "U09BOT", "bot_id": "B9", "subtype": "bot_message", "text": "alarm"`, bot.Quoted{Message: "2.2", Text: "alarm"}},
		"of Slack's":   {`"user": "USLACKBOT", "text": "This message was deleted.", "subtype": "tombstone"`, bot.Quoted{Message: "2.2", Text: "This message was deleted."}},
	} {
		in, err := testDoor().decode("interactive", []byte(shortcutOn(c.message)), botUser)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := &bot.Shortcut{Name: "ticketFromMessage", Quoted: c.want}
		if diff := cmp.Diff(want, in.request.Shortcut); diff != "" || in.trigger != "1.2.3" || in.request.From.ID != "U05BRUNO" || in.request.Place.Channel != "C01GENERAL" {
			t.Errorf("%s: %+v\n-want +got:\n%s", name, in, diff)
		}
	}
	nowhere := `{"type": "message_action", "callback_id": "x", "team": {"id": "T01ACME"}, "user": {"id": "U05BRUNO"}, "channel": {"id": "C1"}}`
	if _, err := testDoor().decode("interactive", []byte(nowhere), botUser); !errors.Is(err, errIgnored) {
		t.Errorf("a shortcut on no message: %v", err)
	}
}

func TestDecodeMentions(t *testing.T) {
	for text, want := range map[string]string{
		"<@" + botUser + "> no &lt;network&gt;": "no <network>",
		"hey <@" + botUser + "|guichet>":        "hey",
		"<@" + botUser + ">":                    "",
		"<@" + botUser + "> ask <@U03NADIA>":    "ask @U03NADIA",
	} {
		in, err := testDoor().decode("events_api", []byte(`{"team_id": "T01ACME", "event_id": "Ev1", "event": {"type": "app_mention", "user": "U01ALICE",
			"team": "T01ACME", "channel": "C01GENERAL", "ts": "2.2", "thread_ts": "1.1", "text": "`+text+`"}}`), botUser)
		if err != nil {
			t.Fatal(err)
		}
		post := &helpdesk.Post{External: store.External{Workspace: workspace, Channel: "C01GENERAL", ID: "2.2"}, Root: "1.1", Text: want}
		if diff := cmp.Diff(post, in.request.Mention); diff != "" || in.thread != "1.1" {
			t.Errorf("%s: answered in %q, -want +got:\n%s", text, in.thread, diff)
		}
	}
}

// One message is read by its own ts; what Slack will not show is gone, what it can't now comes again.
func TestMessage(t *testing.T) {
	for code, gone := range map[string]bool{"thread_not_found": true, "not_in_channel": true, "missing_scope": true, "internal_error": false, "ratelimited": false} {
		_, d := serve(t, answers{"conversations.replies": `{"ok": false, "error": "` + code + `"}`})
		if _, err := d.Message(t.Context(), "C1", "2.2"); err == nil || errors.Is(err, bot.ErrGone) != gone {
			t.Errorf("%s: %v", code, err)
		}
	}
	for messages, want := range map[string]bot.Quoted{
		`{"user": "U01ALICE", "ts": "2.2", "thread_ts": "1.1", "text": "a &amp; b"}`:             {Message: "2.2", Root: "1.1", Author: "U01ALICE", Text: "a & b"},
		`{"user": "U1", "ts": "1.1", "text": "root"}, {"user": "U2", "ts": "2.2", "text": "it"}`: {Message: "2.2", Author: "U2", Text: "it"},
	} {
		_, d := serve(t, answers{"conversations.replies": `{"ok": true, "messages": [` + messages + `]}`})
		want.At = time.Unix(2, 2000)
		if got, err := d.Message(t.Context(), "C1", "2.2"); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", messages, got, err)
		}
	}
	for _, messages := range []string{``, `{"user": "U1", "ts": "1.1", "text": "another"}`, `{"user": "USLACKBOT", "subtype": "tombstone", "ts": "2.2"}`} {
		_, d := serve(t, answers{"conversations.replies": `{"ok": true, "messages": [` + messages + `]}`})
		if _, err := d.Message(t.Context(), "C1", "2.2"); !errors.Is(err, bot.ErrGone) {
			t.Errorf("%q: %v", messages, err)
		}
	}
}
