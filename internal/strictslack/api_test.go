package strictslack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

func TestTheWebAPIRefuses(t *testing.T) {
	t.Parallel()
	s, up := start(t)
	long := strings.Repeat("x", 3001)
	var sections []any
	for range 51 {
		sections = append(sections, section("x"))
	}
	many := func(n, size int) (blocks []any) {
		for range n {
			blocks = append(blocks, section(strings.Repeat("x", size)))
		}
		return blocks
	}
	theirs, err := up.PostMessage(t.Context(), nadia, support, "mine", "")
	if err != nil {
		t.Fatal(err)
	}
	s.SetArchived(emm, true)
	mine := text(must(t, s, "chat.postMessage", obj{"channel": support, "text": "hello"}), "ts")
	post := func(name string, v any) obj { return obj{"channel": support, "text": "t", name: v} }
	for _, c := range []struct {
		name, code, method string
		args               obj
	}{
		{"no such method", "unknown_method", "chat.shout", obj{"channel": support}},
		{"no channel", "invalid_arguments", "chat.postMessage", obj{"text": "t"}},
		{"an unknown channel", "channel_not_found", "chat.postMessage", obj{"channel": "C0NOWHERE", "text": "t"}},
		{"a private channel without the bot", "channel_not_found", "chat.postMessage", obj{"channel": secretPlace, "text": "t"}},
		{"a public channel without the bot", "not_in_channel", "chat.postMessage", obj{"channel": foreignPlace, "text": "t"}},
		{"an archived channel", "is_archived", "chat.postMessage", obj{"channel": emm, "text": "t"}},
		{"an update in an archived channel", "is_archived", "chat.update", obj{"channel": emm, "ts": "1.0", "text": "t"}},
		{"nothing to say", "no_text", "chat.postMessage", obj{"channel": support}},
		{"nothing to say, with empty blocks", "no_text", "chat.postMessage", obj{"channel": support, "text": "", "blocks": []any{}}},
		{"a text too long", "msg_too_long", "chat.postMessage", post("text", strings.Repeat("x", 40_001))},
		{"an update too long", "msg_too_long", "chat.update", obj{"channel": support, "ts": mine, "text": strings.Repeat("x", 4_001)}},
		{"a section too long", "invalid_blocks", "chat.postMessage", post("blocks", []any{section(long)})},
		{"too many blocks", "invalid_blocks", "chat.postMessage", post("blocks", sections)},
		{"an empty text object", "invalid_blocks", "chat.postMessage", post("blocks", []any{section("")})},
		{"too much in all blocks", "msg_blocks_too_long", "chat.postMessage", post("blocks", many(6, 2500))},
		{"blocks that are no JSON", "invalid_blocks_format", "chat.postMessage", post("blocks", "[{")},
		{"attachments with bad blocks", "invalid_attachments", "chat.postMessage", post("attachments", []any{obj{"blocks": []any{section("")}}})},
		{"metadata without a payload", "invalid_metadata_format", "chat.postMessage", post("metadata", obj{"event_type": "x"})},
		{"too much metadata", "metadata_too_large", "chat.postMessage", post("metadata", obj{"event_type": "x", "event_payload": obj{"x": strings.Repeat("x", 8_000)}})},
		{"no ts", "bad_timestamp", "chat.update", obj{"channel": support, "text": "t"}},
		{"an unknown message", "message_not_found", "chat.update", obj{"channel": support, "ts": "1.000001", "text": "t"}},
		{"somebody's message", "cant_update_message", "chat.update", obj{"channel": support, "ts": theirs, "text": "t"}},
		{"somebody's message, deleted", "cant_delete_message", "chat.delete", obj{"channel": support, "ts": theirs}},
		{"alone, nobody", "invalid_arguments", "chat.postEphemeral", obj{"channel": support, "text": "t"}},
		{"alone, an unknown person", "user_not_found", "chat.postEphemeral", obj{"channel": support, "user": "U0NOBODY", "text": "t"}},
		{"alone, a person elsewhere", "user_not_in_channel", "chat.postEphemeral", obj{"channel": support, "user": alice, "text": "t"}},
		{"alone, nothing", "no_text", "chat.postEphemeral", obj{"channel": support, "user": nadia}},
		{"information about a private channel", "channel_not_found", "conversations.info", obj{"channel": secretPlace}},
		{"members of a private channel", "channel_not_found", "conversations.members", obj{"channel": secretPlace}},
		{"members with a made-up cursor", "invalid_cursor", "conversations.members", obj{"channel": support, "cursor": "bmV4dDo5OQ=="}},
		{"members without end", "invalid_limit", "conversations.members", obj{"channel": support, "limit": "1001"}},
		{"history of a public channel without the bot", "not_in_channel", "conversations.history", obj{"channel": foreignPlace}},
		{"history of a private channel without the bot", "channel_not_found", "conversations.history", obj{"channel": secretPlace}},
		{"history since nonsense", "invalid_ts_oldest", "conversations.history", obj{"channel": support, "oldest": "yesterday"}},
		{"history until nonsense", "invalid_ts_latest", "conversations.history", obj{"channel": support, "latest": "today"}},
		{"an unknown thread", "thread_not_found", "conversations.replies", obj{"channel": support, "ts": "1.000001"}},
		{"a conversation with nobody", "users_list_not_supplied", "conversations.open", obj{}},
		{"a conversation with an unknown person", "user_not_found", "conversations.open", obj{"users": "U0NOBODY"}},
		{"a conversation with itself", "cannot_dm_bot", "conversations.open", obj{"users": botUser}},
		{"an unknown person", "user_not_found", "users.info", obj{"user": "U0NOBODY"}},
		{"an unknown address", "users_not_found", "users.lookupByEmail", obj{"email": "nobody@acme.example"}},
		{"a reaction to nothing", "no_item_specified", "reactions.add", obj{"channel": support, "name": "eyes"}},
		{"a reaction to an unknown message", "message_not_found", "reactions.add", obj{"channel": support, "name": "eyes", "timestamp": "1.000001"}},
		{"taking no reaction away", "no_reaction", "reactions.remove", obj{"channel": support, "name": "eyes", "timestamp": theirs}},
		{"a link to a message elsewhere", "not_in_channel", "chat.getPermalink", obj{"channel": foreignPlace, "message_ts": "1.000001"}},
		{"an old way to upload", "method_deprecated", "files.upload", obj{}},
		{"a file for a channel without the bot", "not_in_channel", "files.completeUploadExternal", obj{"channel_id": foreignPlace, "files": []any{}}},
		{"a form without a trigger", "invalid_arguments", "views.open", obj{"view": modal("Form", section("x"))}},
		{"a form with an unknown trigger", "invalid_trigger_id", "views.open", obj{"trigger_id": "1.2.3", "view": modal("Form", section("x"))}},
		{"a form with a title too long", "invalid_arguments", "views.open", obj{"trigger_id": "1.2.3", "view": modal(strings.Repeat("x", 25), section("x"))}},
		{"a home tab as a form", "invalid_arguments", "views.open", obj{"trigger_id": "1.2.3", "view": obj{"type": "home", "blocks": []any{section("x")}}}},
		{"a form too large", "view_too_large", "views.open", obj{"trigger_id": "1.2.3", "view": modal("Form", many(95, 2900)...)}},
		{"no form", "invalid_arguments", "views.open", obj{"trigger_id": "1.2.3"}},
		{"an unknown form", "not_found", "views.update", obj{"view_id": "V0", "view": modal("Form", section("x"))}},
		{"a home tab for nobody", "user_not_found", "views.publish", obj{"user_id": "U0NOBODY", "view": obj{"type": "home", "blocks": []any{section("x")}}}},
		{"a form as a home tab", "invalid_arguments", "views.publish", obj{"user_id": alice, "view": modal("Form", section("x"))}},
	} {
		t.Run(c.name, func(t *testing.T) {
			blamed := len(s.Refusals())
			refused(t, s, c.code, c.method, c.args)
			calls := s.Calls()
			if last := calls[len(calls)-1]; last.Method != c.method || last.Verdict != c.code || last.Args["token"] != nil {
				t.Errorf("the log says %+v", last)
			}
			fate := strings.Fields(`channel_not_found not_in_channel is_archived message_not_found user_not_found user_not_in_channel
				thread_not_found users_not_found no_reaction method_deprecated not_found cannot_dm_bot`)
			want := 1
			for _, f := range fate {
				if f == c.code {
					want = 0
				}
			}
			if n := len(s.Refusals()) - blamed; n != want {
				t.Errorf("%d refusals, want %d", n, want)
			}
		})
	}
}

// What is refused elsewhere works where it should.
func TestTheWebAPIPasses(t *testing.T) {
	t.Parallel()
	s, up := start(t)
	ts := text(must(t, s, "chat.postMessage", obj{"channel": support, "blocks": []any{section("only blocks")}}), "ts")
	must(t, s, "chat.postMessage", obj{"channel": support, "markdown_text": "**bold**"})
	updated := must(t, s, "chat.update", obj{"channel": support, "ts": ts, "text": "new"})
	if updated["ts"] != ts {
		t.Errorf("chat.update gives the ts %v for %s", updated["ts"], ts)
	}
	must(t, s, "chat.postEphemeral", obj{"channel": support, "user": nadia, "text": "psst"})
	must(t, s, "reactions.add", obj{"channel": support, "name": "eyes", "timestamp": ts})
	refused(t, s, "already_reacted", "reactions.add", obj{"channel": support, "name": "eyes", "timestamp": ts})
	must(t, s, "reactions.remove", obj{"channel": support, "name": "eyes", "timestamp": ts})
	must(t, s, "chat.getPermalink", obj{"channel": support, "message_ts": ts})
	must(t, s, "chat.meMessage", obj{"channel": support, "text": "waves"})
	must(t, s, "chat.delete", obj{"channel": support, "ts": ts})

	// A person's id stands for the direct conversation, in posting alone.
	direct := text(must(t, s, "chat.postMessage", obj{"channel": alice, "text": "hello"}), "channel")
	if dm, err := up.DM(t.Context(), alice); err != nil || dm != direct {
		t.Errorf("posted in %s, want %s, %v", direct, dm, err)
	}
	refused(t, s, "channel_not_found", "chat.update", obj{"channel": alice, "ts": "1.0", "text": "t"})
	if id := text(must(t, s, "conversations.open", obj{"users": alice}), "channel", "id"); id != direct {
		t.Errorf("conversations.open gives %s, want %s", id, direct)
	}
	info := must(t, s, "conversations.info", obj{"channel": direct})["channel"].(obj)
	if info["user"] != alice || info["is_im"] != true {
		t.Errorf("the direct conversation is %v", info)
	}

	for channel, member := range map[string]bool{support: true, foreignPlace: false} {
		info := must(t, s, "conversations.info", obj{"channel": channel})["channel"].(obj)
		if info["is_member"] != member {
			t.Errorf("%s: is_member is %v", channel, info["is_member"])
		}
	}
	first := must(t, s, "conversations.members", obj{"channel": support, "limit": "2"})
	cursor := text(first, "response_metadata", "next_cursor")
	rest := must(t, s, "conversations.members", obj{"channel": support, "limit": "2", "cursor": cursor})
	if len(first["members"].([]any)) != 2 || len(rest["members"].([]any)) != 1 || text(rest, "response_metadata", "next_cursor") != "" {
		t.Errorf("the pages of members are %v and %v", first, rest)
	}
	for _, c := range must(t, s, "conversations.list", obj{})["channels"].([]any) {
		if c.(obj)["id"] == secretPlace {
			t.Error("a private channel without the bot is listed")
		}
	}

	s.SetMember(support, false)
	refused(t, s, "channel_not_found", "chat.postMessage", obj{"channel": support, "text": "t"})
	s.SetMember(support, true)
	s.SetArchived(support, true)
	if info := must(t, s, "conversations.info", obj{"channel": support}); info["channel"].(obj)["is_archived"] != true {
		t.Error("an archived channel does not say so")
	}
	s.SetArchived(support, false)

	// A message below one that is gone stands in the channel.
	lost := must(t, s, "chat.postMessage", obj{"channel": support, "text": "reply", "thread_ts": ts})
	if root := text(lost, "message", "thread_ts"); root != "" {
		t.Errorf("a reply to a deleted message is in the thread %s", root)
	}
	if r := s.Refusals(); len(r) > 0 {
		t.Errorf("refusals: %v", r)
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	api := slack.New(s.up.Config.App.BotToken, slack.OptionAPIURL(s.APIURL))
	s.SetLocale(nadia, "fr-FR")
	s.SetDeactivated(oliver, true)
	for user, want := range map[string]string{alice: "en-US", nadia: "fr-FR"} {
		u, err := api.GetUserInfo(user)
		if err != nil || u.Locale != want || u.Profile.Email == "" || u.Deleted {
			t.Errorf("%s: %+v, %v", user, u, err)
		}
	}
	if u := must(t, s, "users.info", obj{"user": alice}); u["user"].(obj)["locale"] != nil {
		t.Error("the locale comes unasked")
	}
	if u := must(t, s, "users.info", obj{"user": oliver}); u["user"].(obj)["deleted"] != true {
		t.Error("a deactivated account does not say so")
	}
	refused(t, s, "user_disabled", "conversations.open", obj{"users": oliver})
	refused(t, s, "users_not_found", "users.lookupByEmail", obj{"email": "oliver@acme.example"})
	if n := len(must(t, s, "users.list", obj{})["members"].([]any)); n != 5 {
		t.Errorf("%d people", n)
	}
}

func TestTokensAndForms(t *testing.T) {
	t.Parallel()
	s, _ := start(t, WithScopes("chat:write", "users:read"))
	keys := s.up.Config.App
	const form, js = "application/x-www-form-urlencoded", "application/json; charset=utf-8"
	for _, c := range []struct{ name, method, kind, token, body, want string }{
		{"JSON", "chat.postMessage", js, keys.BotToken, `{"channel":"G02SUPPORT","text":"t"}`, ""},
		{"a form with the token in it", "chat.postMessage", form, "", "channel=G02SUPPORT&text=t&token=" + keys.BotToken, ""},
		{"a form in parts", "chat.postMessage", "multipart/form-data; boundary=b", keys.BotToken,
			"--b\r\nContent-Disposition: form-data; name=channel\r\n\r\nG02SUPPORT\r\n--b\r\nContent-Disposition: form-data; name=text\r\n\r\nt\r\n--b--\r\n", ""},
		{"a broken form in parts", "chat.postMessage", "multipart/form-data; boundary=b", keys.BotToken, "--b\r\nnonsense", "invalid_form_data"},
		{"no body", "auth.test", form, keys.BotToken, "", ""},
		{"auth.test with the app's token", "auth.test", form, keys.AppToken, "", ""},
		{"no token", "chat.postMessage", form, "", "channel=G02SUPPORT&text=t", "not_authed"},
		{"a token in JSON", "chat.postMessage", js, "", `{"channel":"G02SUPPORT","text":"t","token":"` + keys.BotToken + `"}`, "not_authed"},
		{"an unknown token", "chat.postMessage", form, "xoxb-other", "channel=G02SUPPORT&text=t", "invalid_auth"},
		{"the app's token", "chat.postMessage", form, keys.AppToken, "channel=G02SUPPORT&text=t", "not_allowed_token_type"},
		{"the bot's token", "apps.connections.open", form, keys.BotToken, "", "not_allowed_token_type"},
		{"broken JSON", "chat.postMessage", js, keys.BotToken, `{"channel":`, "invalid_json"},
		{"a list", "chat.postMessage", js, keys.BotToken, `[]`, "json_not_object"},
		{"XML", "chat.postMessage", "application/xml", keys.BotToken, `<a/>`, "invalid_post_type"},
		{"a broken form", "chat.postMessage", form, keys.BotToken, `a=%zz`, "invalid_form_data"},
		{"too much", "chat.postMessage", form, keys.BotToken, strings.Repeat("x", maxArguments+1), "invalid_form_data"},
		{"a scope that was not granted", "conversations.info", form, keys.BotToken, "channel=G02SUPPORT", "missing_scope"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := send(t, s.APIURL+c.method, c.kind, c.token, c.body)
			if got := r.Header.Get("X-OAuth-Scopes"); got != "chat:write,users:read" {
				t.Errorf("the scopes are %q", got)
			}
			if answer := read(t, r); text(answer, "error") != c.want {
				t.Errorf("%v, want %q", answer, c.want)
			}
		})
	}
	if u := must(t, s, "users.info", obj{"user": alice}); u["user"].(obj)["profile"].(obj)["email"] != nil {
		t.Error("the address comes without its scope")
	}
	s.Revoke("token_revoked")
	refused(t, s, "token_revoked", "auth.test", nil)
	s.Revoke("")
	must(t, s, "auth.test", nil)
}

// The valid examples of the specification pass, where it is at hand.
func TestSpecValidPasses(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../../shared/slack-spec/blocks/valid/*/*.json")
	if err != nil || len(files) == 0 {
		return
	}
	s, _ := start(t)
	passed := 0
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var m obj
		if err := json.Unmarshal([]byte(strings.ReplaceAll(string(b), `"block_id": "fake_block_id",`, "")), &m); err != nil {
			t.Fatal(err)
		}
		var answer obj
		switch filepath.Base(filepath.Dir(file)) {
		case "messages":
			if m["text"] == nil && m["blocks"] == nil && m["attachments"] == nil {
				continue // it deletes one
			}
			m["channel"] = support
			delete(m, "thread_ts")
			delete(m, "metadata") // of a webhook, which takes any
			answer = do(t, s, "chat.postMessage", m)
		case "attachments":
			answer = do(t, s, "chat.postMessage", obj{"channel": support, "attachments": []any{m}})
		case "blocks":
			answer = do(t, s, "chat.postMessage", obj{"channel": support, "text": "t", "blocks": []any{m}})
		case "views":
			if m["type"] == "home" {
				answer = do(t, s, "views.publish", obj{"user_id": alice, "view": m})
			} else {
				answer = do(t, s, "views.open", obj{"trigger_id": s.newTrigger(upstreamTrigger(t, s), alice), "view": m})
			}
		default:
			continue
		}
		passed++
		if answer["ok"] != true {
			t.Errorf("%s: %v", file, answer)
		}
	}
	if passed < 30 {
		t.Errorf("only %d examples", passed)
	}
}

// upstreamTrigger is one of local-slack's.
func upstreamTrigger(t *testing.T, s *Server) string {
	t.Helper()
	id, _, err := s.mint(t.Context(), alice, general)
	if err != nil {
		t.Fatal(err)
	}
	s.triggers.mu.Lock()
	defer s.triggers.mu.Unlock()
	return s.triggers.byID[id].upstream
}

func TestHistory(t *testing.T) {
	t.Parallel()
	s, up := start(t)
	var roots []string
	for i := range 5 {
		roots = append(roots, text(must(t, s, "chat.postMessage", obj{"channel": support, "text": fmt.Sprint("m", i),
			"metadata": obj{"event_type": "delivery", "event_payload": obj{"id": fmt.Sprint(i)}}}), "ts"))
	}
	for i := range 3 {
		if _, err := up.PostMessage(t.Context(), nadia, support, fmt.Sprint("a <b> & ", i), roots[2]); err != nil {
			t.Fatal(err)
		}
	}
	must(t, s, "chat.postEphemeral", obj{"channel": support, "user": nadia, "text": "psst"})

	texts := func(answer obj) string {
		var all []string
		for _, m := range answer["messages"].([]any) {
			all = append(all, text(m.(obj), "text"))
		}
		return strings.Join(all, " ")
	}
	for _, c := range []struct {
		name string
		args obj
		want string
		more bool
	}{
		{"all", obj{}, "m4 m3 m2 m1 m0", false},
		{"a page", obj{"limit": "2"}, "m4 m3", true},
		{"since", obj{"oldest": roots[2]}, "m4 m3", false},
		{"since, with it", obj{"oldest": roots[2], "inclusive": "true"}, "m4 m3 m2", false},
		{"until", obj{"latest": roots[2]}, "m1 m0", false},
		{"until, with it", obj{"latest": roots[2], "inclusive": "1"}, "m2 m1 m0", false},
		{"between", obj{"oldest": roots[0], "latest": roots[3]}, "m2 m1", false},
		{"one", obj{"oldest": roots[1], "latest": roots[1], "inclusive": "1", "limit": "1"}, "m1", false},
	} {
		c.args["channel"] = support
		answer := must(t, s, "conversations.history", c.args)
		if got := texts(answer); got != c.want || answer["has_more"] != c.more {
			t.Errorf("%s: %q, more %v", c.name, got, answer["has_more"])
		}
	}
	var all []string
	cursor := ""
	for range 3 {
		page := must(t, s, "conversations.history", obj{"channel": support, "limit": "2", "cursor": cursor})
		all = append(all, texts(page))
		cursor = text(page, "response_metadata", "next_cursor")
	}
	if got := strings.Join(all, " "); got != "m4 m3 m2 m1 m0" || cursor != "" {
		t.Errorf("the pages are %q, then %q", got, cursor)
	}

	thread := must(t, s, "conversations.replies", obj{"channel": support, "ts": roots[2], "include_all_metadata": "true"})
	if got := texts(thread); got != "m2 a &lt;b&gt; &amp; 0 a &lt;b&gt; &amp; 1 a &lt;b&gt; &amp; 2" {
		t.Errorf("the thread is %q", got)
	}
	root, reply := thread["messages"].([]any)[0].(obj), thread["messages"].([]any)[1].(obj)
	if text(root, "metadata", "event_payload", "id") != "2" || root["reply_count"] != 3.0 || root["thread_ts"] != roots[2] {
		t.Errorf("the root is %v", root)
	}
	if reply["parent_user_id"] != botUser || reply["metadata"] != nil {
		t.Errorf("a reply is %v", reply)
	}
	newest := text(thread["messages"].([]any)[3].(obj), "ts")
	if got := texts(must(t, s, "conversations.replies", obj{"channel": support, "ts": roots[2], "oldest": newest, "inclusive": "1"})); got != "m2 a &lt;b&gt; &amp; 2" {
		t.Errorf("the end of the thread is %q", got)
	}

	// Metadata comes on demand, also in slack-go's words, and outlives an update.
	if plain := must(t, s, "conversations.history", obj{"channel": support}); plain["messages"].([]any)[0].(obj)["metadata"] != nil {
		t.Error("metadata comes unasked")
	}
	must(t, s, "chat.update", obj{"channel": support, "ts": roots[4], "text": "new"})
	api := slack.New(s.up.Config.App.BotToken, slack.OptionAPIURL(s.APIURL))
	found, err := api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: support, Limit: 1, IncludeAllMetadata: true})
	if err != nil || len(found.Messages) != 1 || found.Messages[0].Metadata.EventPayload["id"] != "4" || found.Messages[0].Text != "new" {
		t.Errorf("slack-go finds %+v, %v", found, err)
	}
}

func TestRates(t *testing.T) {
	t.Parallel()
	s, _ := start(t, WithRates(Rates{Unlisted: true}))
	keys := s.up.Config.App
	limited := func(method, body string) bool {
		t.Helper()
		r := send(t, s.APIURL+method, "application/x-www-form-urlencoded", keys.BotToken, body)
		defer r.Body.Close()
		if r.StatusCode == http.StatusTooManyRequests && r.Header.Get("Retry-After") == "" {
			t.Error("429 without Retry-After")
		}
		return r.StatusCode == http.StatusTooManyRequests
	}
	count := func(method, body string) (n int) {
		for !limited(method, body) {
			n++
		}
		return n
	}
	if n := count("chat.postMessage", "text=t&channel="+support); n < burst || n > 4*burst {
		t.Errorf("%d messages in a row", n)
	}
	if limited("chat.postMessage", "text=t&channel="+emm) {
		t.Error("one channel's limit holds for another")
	}
	if n := count("users.list", ""); n < tier2 || n > 2*tier2 {
		t.Errorf("%d calls of tier 2", n)
	}
	if n := count("conversations.replies", "ts=1.0&channel="+support); n != 1 {
		t.Errorf("%d calls of replies", n)
	}
	before := s.Called("chat.postMessage")
	if last := before[len(before)-1]; last.Verdict != "ok" || last.TooSoon {
		t.Errorf("the last call is %+v", last)
	}
	eventually(t, "who does not wait is found out", func() bool {
		limited("conversations.replies", "ts=1.0&channel="+support)
		calls := s.Called("conversations.replies")
		return calls[len(calls)-1].TooSoon && !calls[0].TooSoon
	})

	s.o.rates = &Rates{Scale: 1e6}
	for range 4 * burst {
		must(t, s, "chat.postMessage", obj{"channel": support, "text": "t"})
	}
}
