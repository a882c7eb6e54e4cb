package slack

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"guichet/markup"
)

// What Slack sends is read with its formatting, from messages, mentions and edits, and with the names of files.
func TestFormattingIsRead(t *testing.T) {
	for raw, want := range map[string]string{ // in Markdown
		"*b* _i_ ~s~ `c`": "**b** *i* ~~s~~ `c`",
		"see <https://acme.example/?a=1&amp;b=2|the page>":         "see [the page](https://acme.example/?a=1&b=2)",
		"<https://evil.example|https://bank.example>":              "[https://bank.example (https://evil.example)](https://evil.example)",
		"&lt;!channel&gt; :tada:\n• a\n• b":                        "<\u2060!channel> :tada:\n\n- a\n- b",
		"<!channel|@channel> <@U1|al> <!subteam^S1|@us> <#C1|all>": "@\u2060channel @\u2060al @\u2060us #\u2060all",
		"a\x00b": "a␀b",
	} {
		text, err := json.Marshal(raw)
		if err != nil {
			t.Fatal(err)
		}
		message := `{"type": "message", "user": "U1", "channel": "C1", "ts": "2.0", "thread_ts": "1.0", "text": ` + string(text) + `}`
		edit := `{"type": "message", "subtype": "message_changed", "channel": "C1", "message": {"user": "U1", "ts": "2.0", "thread_ts": "1.0",
			"edited": {"ts": "3.0"}, "text": ` + string(text) + `}}`
		mention := `{"type": "app_mention", "user": "U1", "channel": "C1", "ts": "2.0", "text": ` + strings.Replace(string(text), `"`, `"<@`+botUser+`> `, 1) + `,
			"files": [{"id": "F1", "name": "\u2060*a.txt"}]}`
		d := testDoor()
		d.api = nil // who has a name is not looked up
		for _, payload := range []string{message, edit, mention} {
			in, err := d.decode("events_api", []byte(event(payload)), botUser)
			if err != nil {
				t.Fatal(err)
			}
			got, want := "", want
			switch r := in.request; {
			case r.Mention != nil:
				got, want = r.Mention.Text, markup.FromMarkdown(want).Markdown()
				got = strings.TrimSuffix(got, "\n📎 *a.txt")
			case r.Revision != nil:
				got = r.Revision.Text
			default:
				got = r.Post.Text
			}
			if got = markup.FromCanonical(got).Markdown(); got != want {
				t.Errorf("%q is read as %q, want %q", raw, got, want)
			}
		}
	}
}

// Who is mentioned is called by name, looked up once; and nobody waits long for that.
func TestMentionsHaveNames(t *testing.T) {
	var calls atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		if r.FormValue("user") == "U404" {
			_, _ = w.Write([]byte(`{"ok": false, "error": "user_not_found"}`))
			return
		}
		_, _ = w.Write([]byte(`{"ok": true, "user": {"id": "` + r.FormValue("user") + `", "real_name": "Nadia *Benali*"}}`))
	}))
	defer s.Close()
	d := New(Options{Team: team, APIURL: s.URL + "/", Log: quiet}, nil)
	for range 3 {
		if got := markup.FromCanonical(d.words(messagePayload{Text: "ask <@U1>, <@U1>, <@U404>"})).Plain(); got != "ask @Nadia *Benali*, @Nadia *Benali*, @U404" {
			t.Errorf("it says %q", got)
		}
	}
	if n := calls.Load(); n != 2 {
		t.Errorf("%d look-ups", n)
	}
	many := ""
	for i := range 50 {
		many += "<@U9" + strconv.Itoa(i) + ">"
	}
	d.words(messagePayload{Text: many})
	if n := calls.Load(); n != 2+namesAtOnce {
		t.Errorf("%d look-ups for one message", n-2)
	}
}
