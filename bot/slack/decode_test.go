package slack

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"guichet/bot"
	"guichet/bot/card"
	"guichet/helpdesk"
	"guichet/store"
)

const botUser = "U00GUICHET"

func testDoor() *Door { return New(Options{Team: team, APIURL: DefaultAPI, Log: quiet}, nil) }

// event wraps an event as Slack does.
func event(inner string) string {
	return `{"token": "v", "team_id": "T01ACME", "api_app_id": "A01", "type": "event_callback", "event_id": "Ev1", "event_time": 1795349864,
		"authorizations": [{"enterprise_id": null, "team_id": "T01ACME", "user_id": "U00GUICHET", "is_bot": true}], "event": ` + inner + `}`
}

// edited is a message that has changed.
func edited(channel, kind, now, was string) string {
	return event(`{"type": "message", "subtype": "message_changed", "hidden": true, "channel": "` + channel + `", "channel_type": "` + kind + `", "ts": "9.9",
		"message": {"type": "message", ` + now + `}, "previous_message": {"type": "message", ` + was + `}}`)
}

// write is a message somebody wrote, with some more properties.
func write(more string) string {
	return event(`{"type": "message", "user": "U01ALICE", "ts": "1795349864.000002", "event_ts": "1795349864.000002",
		"client_msg_id": "c1", "team": "T01ACME", "channel": "D01", "channel_type": "im", "text": "hello &lt;b&gt; <@U03NADIA>",
		"blocks": [{"type": "rich_text"}]` + more + `}`)
}

const (
	slashCommand = `{"token": "v", "team_id": "T01ACME", "team_domain": "acme", "channel_id": "C01GENERAL", "channel_name": "general",
		"user_id": "U01ALICE", "user_name": "alice", "command": "/ticket", "text": "emm &amp; more", "api_app_id": "A01",
		"is_enterprise_install": "false", "response_url": "https://hooks.slack.com/commands/1/2/3", "trigger_id": "1.2.3"}`
	blockActions = `{"type": "block_actions", "user": {"id": "U03NADIA", "username": "nadia", "name": "nadia", "team_id": "T01ACME"},
		"api_app_id": "A01", "token": "v", "container": {"type": "message", "message_ts": "1.1", "channel_id": "G02", "is_ephemeral": false},
		"trigger_id": "1.2.3", "team": {"id": "T01ACME", "domain": "acme"}, "enterprise": null, "is_enterprise_install": false,
		"channel": {"id": "G02", "name": "privategroup"}, "message": {"type": "message", "user": "U00GUICHET", "ts": "1.1", "thread_ts": "1.0",
		"bot_id": "B1", "text": "t", "blocks": []}, "state": {"values": {}}, "response_url": "https://hooks.slack.com/actions/1/2/3",
		"actions": [{"type": "button", "action_id": "show.3", "block_id": "actions", "text": {"type": "plain_text", "text": "#7"}, "value": "7", "action_ts": "9.9"}]}`
	fromMenu = `{"type": "block_actions", "user": {"id": "U03NADIA", "team_id": "T01ACME"}, "trigger_id": "1.2.3", "team": {"id": "T01ACME"},
		"channel": {"id": "G02"}, "message": {"type": "message", "user": "U00GUICHET", "ts": "1.1", "bot_id": "B1"},
		"actions": [{"type": "overflow", "action_id": "menu", "block_id": "actions", "selected_option": {"text": {"type": "plain_text", "text": "Assign"},
			"value": "assign 7/desk"}, "action_ts": "9.9"}]}`
	viewSubmission = `{"type": "view_submission", "team": {"id": "T01ACME", "domain": "acme"}, "user": {"id": "U01ALICE", "username": "alice",
		"name": "alice", "team_id": "T01ACME"}, "api_app_id": "A01", "token": "v", "trigger_id": "1.2.3", "response_urls": [],
		"view": {"id": "V1", "team_id": "T01ACME", "type": "modal", "callback_id": "ticket.new", "hash": "h", "bot_id": "B1",
		"private_metadata": "{\"t\":7,\"d\":\"desk\",\"n\":\"nonce\",\"p\":3,\"s\":\"what\"}",
		"blocks": [{"type": "section", "block_id": "x"}, {"type": "input", "block_id": "subject"}, {"type": "input", "block_id": "kind"}],
		"state": {"values": {
			"subject": {"subject": {"type": "plain_text_input", "value": "a &lt; <b> \u0000"}},
			"description": {"description": {"type": "plain_text_input", "value": null}},
			"kind": {"kind": {"type": "radio_buttons", "selected_option": {"text": {"type": "plain_text", "text": "Incident"}, "value": "incident"}}},
			"impact": {"impact": {"type": "static_select", "selected_option": null}}}}}}`
)

// carrying is a message with files.
func carrying(in incoming, files ...helpdesk.FileRef) incoming {
	in.request.Post.Files = files
	return in
}

func TestDecode(t *testing.T) {
	from := func(id string) store.Account { return store.Account{Workspace: workspace, ID: id} }
	place := func(id string) store.Place { return store.Place{Workspace: workspace, Channel: id} }
	post := func(root, text string) incoming {
		var mentioned []string
		if strings.Contains(text, "@U03NADIA") {
			mentioned = []string{"U03NADIA"}
		}
		return incoming{thread: root, request: bot.Request{ID: "Ev1", Home: bot.AtHome, From: from("U01ALICE"), Place: place("D01"), Direct: true,
			Post: &helpdesk.Post{External: store.External{Workspace: workspace, Channel: "D01", ID: "1795349864.000002"}, Root: root, Text: text, Mentioned: mentioned}}}
	}
	const hello = "hello <b> @U03NADIA"
	inThread := `, "thread_ts": "1795349000.000001", "parent_user_id": "U00GUICHET"`
	rootOfThread := post("", hello)
	rootOfThread.thread = "1795349864.000002"
	visitor := post("", hello)
	visitor.request.Home = bot.Visiting
	unknown := post("", hello)
	unknown.request.Home = bot.HomeUnknown
	elsewhere := post("", hello) // it belongs to no ticket, but is answered where it is
	elsewhere.thread = "1795349000.000001"
	inQueue := post("1795349000.000001", hello)
	inQueue.request.Place, inQueue.request.Post.Channel, inQueue.request.Direct = place("G02"), "G02", false

	// What only they see comes without the message.
	alone := strings.NewReplacer(`"message": {`, `"was": {`, `"is_ephemeral": false`, `"is_ephemeral": true, "thread_ts": "1.0"`).Replace(blockActions)

	for _, c := range []struct {
		name, kind, payload string
		want                incoming
	}{
		{"a direct message", "events_api", write(""), post("", hello)},
		{"in a thread", "events_api", write(inThread), post("1795349000.000001", hello)},
		{"the root of a thread that has answers", "events_api", write(`, "thread_ts": "1795349864.000002", "reply_count": 2`), rootOfThread},
		{"in a thread of their own", "events_api", write(`, "thread_ts": "1795349000.000001", "parent_user_id": "U01ALICE"`), elsewhere},
		{"by a visitor in a shared channel", "events_api", write(`, "user_team": "T02OTHER", "source_team": "T02OTHER"`), visitor},
		{"by somebody of an unknown team", "events_api", strings.Replace(write(""), `"team": "T01ACME", `, "", 1), unknown},
		{"in a thread, sent to the channel too", "events_api", write(inThread + `, "subtype": "thread_broadcast"`), post("1795349000.000001", hello)},
		{"in a queue's channel", "events_api", strings.NewReplacer(`"D01"`, `"G02"`, `"im"`, `"group"`).Replace(write(inThread)), inQueue},
		{"/me", "events_api", write(`, "subtype": "me_message"`), post("", hello)},
		{"with files", "events_api", write(`, "subtype": "file_share", "files": [{"id": "F1", "name": "a <1>.png"}, {"id": "F2", "name": "b.txt"}]`),
			carrying(post("", hello+"\n📎 a <1>.png\n📎 b.txt"), helpdesk.FileRef{ID: "F1", Name: "a <1>.png"}, helpdesk.FileRef{ID: "F2", Name: "b.txt"})},
		{"a file alone", "events_api", strings.Replace(write(`, "subtype": "file_share", "files": [{"name": "a.png"}]`), "hello &lt;b&gt; <@U03NADIA>", "", 1),
			post("", "📎 a.png")},

		{"a command", "slash_commands", slashCommand, incoming{trigger: "1.2.3", responseURL: "https://hooks.slack.com/commands/1/2/3",
			request: bot.Request{Home: bot.AtHome, From: from("U01ALICE"), Name: "alice", Place: place("C01GENERAL"), Command: &bot.Typed{Name: "ticket", Args: "emm & more"}}}},
		{"a button", "interactive", blockActions, incoming{trigger: "1.2.3", responseURL: "https://hooks.slack.com/actions/1/2/3", thread: "1.0",
			request: bot.Request{ID: "press:U03NADIA:G02:1.1:show.3:7:9.9", Home: bot.AtHome, From: from("U03NADIA"), Name: "nadia", Place: place("G02"),
				Press: &bot.Press{Button: "show", Value: "7", Message: "1.1"}}}},
		{"a button on what only they see", "interactive", alone, incoming{trigger: "1.2.3", responseURL: "https://hooks.slack.com/actions/1/2/3",
			thread: "1.0", alone: true, request: bot.Request{ID: "press:U03NADIA:G02:1.1:show.3:7:9.9", Home: bot.AtHome, From: from("U03NADIA"),
				Name: "nadia", Place: place("G02"), Press: &bot.Press{Button: "show", Value: "7", Message: "1.1"}}}},
		{"an entry of a menu", "interactive", fromMenu, incoming{trigger: "1.2.3", request: bot.Request{ID: "press:U03NADIA:G02:1.1:menu:assign 7/desk:9.9",
			Home: bot.AtHome, From: from("U03NADIA"), Place: place("G02"), Press: &bot.Press{Button: "assign", Value: "7/desk", Message: "1.1"}}}},
		{"an emoji", "events_api", event(`{"type": "reaction_added", "user": "U03NADIA", "reaction": "eyes", "item_user": "U00GUICHET",
			"item": {"type": "message", "channel": "G02", "ts": "1.1"}, "event_ts": "2.2"}`), incoming{thread: "1.1", request: bot.Request{ID: "Ev1",
			From: from("U03NADIA"), Place: place("G02"), Reaction: &bot.Reaction{Emoji: "eyes", Message: "1.1"}}}},
		{"an emoji taken off, with a skin tone", "events_api", event(`{"type": "reaction_removed", "user": "U03NADIA", "reaction": "wave::skin-tone-2",
			"item": {"type": "message", "channel": "D02", "ts": "1.1"}}`), incoming{thread: "1.1", request: bot.Request{ID: "Ev1", Direct: true,
			From: from("U03NADIA"), Place: place("D02"), Reaction: &bot.Reaction{Emoji: "wave", Message: "1.1", Removed: true}}}},
		{"an edit", "events_api", edited("G02", "group", `"user": "U03NADIA", "ts": "1.1", "thread_ts": "1.0", "text": "new &amp; better", "edited": {"user": "U03NADIA", "ts": "5.5"}`,
			`"user": "U03NADIA", "ts": "1.1", "text": "old"`), incoming{thread: "1.0", request: bot.Request{ID: "Ev1", From: from("U03NADIA"), Place: place("G02"),
			Revision: &helpdesk.Revision{External: store.External{Workspace: workspace, Channel: "G02", ID: "1.1"}, Root: "1.0", Text: "new & better"}}}},
		{"a deletion", "events_api", event(`{"type": "message", "subtype": "message_deleted", "channel": "D02", "channel_type": "im", "ts": "9.9", "deleted_ts": "1.1",
			"previous_message": {"user": "U01ALICE", "ts": "1.1", "thread_ts": "1.0", "text": "old"}}`), incoming{thread: "1.0", request: bot.Request{ID: "Ev1",
			From: from("U01ALICE"), Place: place("D02"), Direct: true,
			Revision: &helpdesk.Revision{External: store.External{Workspace: workspace, Channel: "D02", ID: "1.1"}, Root: "1.0", Deleted: true}}}},
		{"what stays where a thread's first message was", "events_api", edited("G02", "group", `"subtype": "tombstone", "user": "USLACKBOT", "ts": "1.0", "thread_ts": "1.0", "text": "This message was deleted."`,
			`"user": "U03NADIA", "ts": "1.0", "thread_ts": "1.0", "text": "old"`), incoming{request: bot.Request{ID: "Ev1", From: from("U03NADIA"), Place: place("G02"),
			Revision: &helpdesk.Revision{External: store.External{Workspace: workspace, Channel: "G02", ID: "1.0"}, Deleted: true}}}},
		{"the home view is opened", "events_api", event(`{"type": "app_home_opened", "user": "U01ALICE", "channel": "D02", "tab": "home"}`), incoming{request: bot.Request{ID: "Ev1",
			From: from("U01ALICE"), Place: place("D02"), Direct: true, Opened: true}}},
		{"a button in a home view", "interactive", `{"type": "block_actions", "user": {"id": "U01ALICE", "team_id": "T01ACME"}, "trigger_id": "1.2.3", "team": {"id": "T01ACME"},
			"container": {"type": "view", "view_id": "V1"}, "view": {"id": "V1", "type": "home"},
			"actions": [{"type": "button", "action_id": "show", "value": "7", "action_ts": "9.9"}]}`, incoming{trigger: "1.2.3", request: bot.Request{ID: "press:U01ALICE:::show:7:9.9",
			Home: bot.AtHome, From: from("U01ALICE"), Place: place(""), Press: &bot.Press{Button: "show", Value: "7"}}}},
		{"a button in a modal", "interactive", `{"type": "block_actions", "user": {"id": "U01ALICE", "team_id": "T01ACME"}, "trigger_id": "1.2.3", "team": {"id": "T01ACME"},
			"container": {"type": "view", "view_id": "V2"}, "view": {"id": "V2", "type": "modal"},
			"actions": [{"type": "button", "action_id": "reply", "value": "7", "action_ts": "9.9"}]}`, incoming{trigger: "1.2.3", modal: "V2", request: bot.Request{ID: "press:U01ALICE:::reply:7:9.9",
			Home: bot.AtHome, From: from("U01ALICE"), Place: place(""), Press: &bot.Press{Button: "reply", Value: "7"}}}},
		{"a form", "interactive", viewSubmission, incoming{trigger: "1.2.3", firstField: "subject", request: bot.Request{Home: bot.AtHome, From: from("U01ALICE"),
			Name: "alice", Place: place(""), Submission: &bot.Submission{Form: "ticket.new",
				Hidden: card.Hidden{Ticket: 7, Side: "desk", Nonce: "nonce", Person: 3, Step: "what"},
				Values: map[string]string{"subject": "a &lt; <b> ␀", "description": "", "kind": "incident", "impact": ""}}}}},
		{"a form that is not ours", "interactive", strings.Replace(viewSubmission, `"{\"t\":7,`, `"no JSON`, 1), incoming{trigger: "1.2.3", firstField: "subject",
			request: bot.Request{Home: bot.AtHome, From: from("U01ALICE"), Name: "alice", Place: place(""), Submission: &bot.Submission{Form: "ticket.new",
				Values: map[string]string{"subject": "a &lt; <b> ␀", "description": "", "kind": "incident", "impact": ""}}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in, err := testDoor().decode(c.kind, []byte(c.payload), botUser)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, in, cmp.AllowUnexported(incoming{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// What nobody wrote, what we wrote, and what is of no use is ignored: answering it would loop.
func TestDecodeIgnores(t *testing.T) {
	for name, c := range map[string][2]string{
		"our own post":              {"events_api", strings.Replace(write(""), `"user": "U01ALICE"`, `"user": "U00GUICHET"`, 1)},
		"our own post, as a bot":    {"events_api", write(`, "bot_id": "B00", "app_id": "A01"`)},
		"another bot's":             {"events_api", write(`, "subtype": "bot_message", "bot_id": "B99"`)},
		"without an author":         {"events_api", event(`{"type": "message", "channel": "D01", "ts": "1.1", "text": "t"}`)},
		"a link that was looked up": {"events_api", edited("D01", "im", `"user": "U01ALICE", "ts": "1.1", "text": "a link"`, `"user": "U01ALICE", "ts": "1.1", "text": "a link"`)},
		"that of an edited message": {"events_api", edited("D01", "im", `"user": "U01ALICE", "ts": "1.1", "text": "a link", "edited": {"ts": "5.5"}`,
			`"user": "U01ALICE", "ts": "1.1", "text": "a link", "edited": {"ts": "5.5"}`)},
		"an edit of our own":         {"events_api", edited("D01", "im", `"user": "U00GUICHET", "bot_id": "B00", "ts": "1.1", "edited": {"ts": "5.5"}`, `"user": "U00GUICHET", "ts": "1.1"`)},
		"our own emoji":              {"events_api", event(`{"type": "reaction_added", "user": "U00GUICHET", "reaction": "eyes", "item": {"type": "message", "channel": "G02", "ts": "1.1"}}`)},
		"an emoji on a file":         {"events_api", event(`{"type": "reaction_added", "user": "U01ALICE", "reaction": "eyes", "item": {"type": "file", "file": "F1"}}`)},
		"the messages tab":           {"events_api", event(`{"type": "app_home_opened", "user": "U01ALICE", "channel": "D02", "tab": "messages"}`)},
		"an edit that tells of none": {"events_api", event(`{"type": "message", "subtype": "message_changed", "channel": "D01", "ts": "1.1", "message": {"user": "U1", "text": "t"}}`)},
		"an edit with an author":     {"events_api", write(`, "subtype": "message_changed"`)},
		"a deletion":                 {"events_api", event(`{"type": "message", "subtype": "message_deleted", "hidden": true, "channel": "D01", "ts": "1.1", "deleted_ts": "1.0"}`)},
		"somebody joined":            {"events_api", write(`, "subtype": "channel_join"`)},
		"a subtype to come":          {"events_api", write(`, "subtype": "something_new"`)},
		"agents among themselves":    {"events_api", strings.Replace(write(`, "thread_ts": "1.0", "parent_user_id": "U01ALICE"`), `"im"`, `"group"`, 1)},
		"a shared file":              {"events_api", event(`{"type": "file_shared", "file_id": "F1", "user_id": "U01ALICE"}`)},
		"another event":              {"events_api", event(`{"type": "reaction_added", "user": "U01ALICE", "reaction": "eyes"}`)},
		"no event":                   {"events_api", `{"team_id": "T01ACME", "type": "event_callback"}`},
		"a closed form":              {"interactive", strings.Replace(viewSubmission, "view_submission", "view_closed", 1)},
		"a shortcut":                 {"interactive", `{"type": "shortcut", "callback_id": "c", "team": {"id": "T01ACME"}, "user": {"id": "U1"}}`},
		"no action":                  {"interactive", `{"type": "block_actions", "team": {"id": "T01ACME"}, "user": {"id": "U1"}, "actions": []}`},
		"an unknown sort":            {"hello", `{}`},
		"an unknown sort, broken":    {"", `no JSON`},
	} {
		if _, err := testDoor().decode(c[0], []byte(c[1]), botUser); !errors.Is(err, errIgnored) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is not as Slack documents it is refused, in words for the operator that tell nothing of
// what people wrote.
func TestDecodeRefuses(t *testing.T) {
	const secret = "s3cret words"
	payloads := map[string][]string{
		"events_api":     {strings.Replace(write(""), "hello", secret, 1)},
		"slash_commands": {strings.Replace(slashCommand, "emm", secret, 1)},
		"interactive":    {strings.Replace(blockActions, `"value": "7"`, `"value": "`+secret+`"`, 1), strings.Replace(viewSubmission, "incident", secret, 1)},
	}
	for kind, good := range payloads {
		for _, p := range good {
			if _, err := testDoor().decode(kind, []byte(p), botUser); err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			for name, bad := range map[string]string{
				"another workspace":      strings.ReplaceAll(p, "T01ACME", "T02OTHER"),
				"no workspace":           strings.ReplaceAll(p, "T01ACME", ""),
				"a secret for workspace": strings.ReplaceAll(p, "T01ACME", strings.Repeat("T", 30)+secret),
				"cut off":                p[:len(p)-20],
				"a list":                 "[" + p + "]",
				"a number for a text":    strings.Replace(p, `"`+secret, `7, "x": "`+secret, 1),
				"an object for a text":   strings.NewReplacer(`"U01ALICE"`, `{}`, `"U03NADIA"`, `{}`).Replace(p),
				"nobody":                 strings.NewReplacer(`"U01ALICE"`, `""`, `"U03NADIA"`, `""`).Replace(p),
				"nothing":                "",
				"more behind":            p + p,
			} {
				_, err := testDoor().decode(kind, []byte(bad), botUser)
				if err == nil {
					t.Errorf("%s, %s: taken", kind, name)
					continue
				}
				for _, leak := range []string{secret, "hooks.slack.com", "1.2.3", "alice"} {
					if strings.Contains(err.Error(), leak) {
						t.Errorf("%s, %s: the error tells %q: %v", kind, name, leak, err)
					}
				}
			}
		}
	}
	for _, missing := range []string{`"ts": "1795349864.000002", `, `"channel": "D01", `} {
		if _, err := testDoor().decode("events_api", []byte(strings.Replace(write(""), missing, "", 1)), botUser); err == nil {
			t.Errorf("a message without %s is taken", missing)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, p := range []string{write(""), write(`, "thread_ts": "1.0", "files": [{}]`), slashCommand, blockActions, viewSubmission,
		`{}`, `null`, `[]`, `"`, `{"team_id": "T01ACME", "event": null}`, `{"team": {"id": "T01ACME"}, "type": "view_submission", "user": {"id": "U1"}, "view": null}`,
		`{"team": {"id": "T01ACME"}, "type": "block_actions", "user": {"id": "U1"}, "actions": [null]}`} {
		for _, kind := range []string{"events_api", "slash_commands", "interactive", "hello"} {
			f.Add(kind, p)
		}
	}
	f.Fuzz(func(t *testing.T, kind, payload string) {
		in, err := testDoor().decode(kind, []byte(payload), botUser)
		if err != nil {
			if len(err.Error()) > 200 {
				t.Errorf("a long error, which may quote: %v", err)
			}
			return
		}
		r := in.request
		if r.From.ID == "" || r.From.ID == botUser && r.Post != nil || r.From.Workspace != workspace {
			t.Errorf("it is from %+v", r.From)
		}
		// What goes on to the database can be stored there.
		var texts []string
		switch {
		case r.Command != nil:
			texts = append(texts, r.Command.Args)
		case r.Press != nil:
			texts = append(texts, r.ID, r.Press.Value)
		case r.Submission != nil:
			for _, v := range r.Submission.Values {
				texts = append(texts, v)
			}
		case r.Post != nil:
			texts = append(texts, r.Post.Text)
		default:
			t.Errorf("it asks for nothing: %s", payload)
		}
		for _, s := range texts {
			if !utf8.ValidString(s) || strings.Contains(s, "\x00") {
				t.Errorf("%q can't be stored", s)
			}
		}
	})
}
