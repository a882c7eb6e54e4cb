package slack

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/slack-go/slack/slackutilsx"

	"guichet/bot/card"
	"guichet/helpdesk"
	"guichet/internal/slackrules"
	"guichet/markup"
	"guichet/store"
)

// nasty are texts over which Slack, a database or a log might stumble.
var nasty = []string{"", "hello", "a & b <c>", "&lt;!channel&gt; &amp;lt;", "<!channel> <@U1|a> <#C1|> <!here>", "<https://a.example|b>",
	"*b* _i_ `c` ~s~\n> q", "\x00", "a\x00\x01\x1b[31m\x7f", "\xff\xfe", "\u202eevil\u2066", "\u2028\u2029\u0085", "👩‍👩‍👧 שלום", "\ufeff\u200b",
	`"}]}`, `\u0000`, "\n\n x \n\n", " \t ", "&", "<", "*", "x\n>y"}

// payloads are those of each kind, with what people and their names put into them.
func payloads(t *testing.T, who, name, place, id, said string) map[string][]string {
	type m = map[string]any
	text := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	ours, user := m{"id": team}, m{"id": who, "username": name, "team_id": team}
	event := m{"type": "message", "user": who, "channel": place, "ts": id, "thread_ts": "1.0", "text": said, "files": []m{{"name": name}}}
	values := m{name: m{name: m{"value": said}}, id: m{id: m{"selected_option": m{"value": said}}}}
	return map[string][]string{
		"events_api": {
			text(m{"team_id": team, "event_id": id, "event": event}),
			text(m{"team_id": team, "event_id": id, "event": m{"type": "message", "user": who, "channel": place, "ts": id, "channel_type": "im", "text": said}}),
		},
		"slash_commands": {
			text(m{"team_id": team, "user_id": who, "user_name": name, "channel_id": place, "command": "/" + name, "text": said, "response_url": "https://" + said}),
		},
		"interactive": {
			text(m{"type": "block_actions", "team": ours, "user": user, "channel": m{"id": place}, "message": m{"ts": id},
				"actions": []m{{"action_id": name, "value": said, "action_ts": id}}, "response_url": "https://" + said}),
			text(m{"type": "view_submission", "team": ours, "user": user, "view": m{"callback_id": name, "state": m{"values": values},
				"private_metadata": text(m{"t": 7, "n": id, "p": 3, "s": name, "d": name})}}),
		},
	}
}

// What people write can be stored, whatever it is. Ids and names of fields are Slack's own.
func FuzzWordsAreStorable(f *testing.F) {
	for _, s := range nasty {
		f.Add("U1"+s, "n"+s, "C1"+s, "1.2"+s, s)
		f.Add("U1", "name", "C1", "1.2", s)
	}
	f.Fuzz(func(t *testing.T, who, name, place, id, said string) {
		for kind, some := range payloads(t, who, name, place, id, said) {
			for _, p := range some {
				in, err := testDoor().decode(kind, []byte(p), botUser)
				if err != nil {
					if len(said) > 20 && strings.Contains(err.Error(), said) {
						t.Errorf("%s: the error tells what somebody wrote: %v", kind, err)
					}
					continue
				}
				r := in.request
				words := []string{r.Name}
				switch {
				case r.Post != nil:
					words = append(words, r.Post.Text)
				case r.Command != nil:
					words = append(words, r.Command.Args)
				case r.Press != nil:
					words = append(words, r.Press.Value, r.ID)
				default:
					for _, v := range r.Submission.Values {
						words = append(words, v)
					}
				}
				for _, w := range words {
					if !utf8.ValidString(w) || strings.Contains(w, "\x00") {
						t.Errorf("%s: %q can't be stored", kind, w)
					}
				}
				eachText(reflect.ValueOf(r), func(s string) {
					if !utf8.ValidString(s) {
						t.Errorf("%s: %q is no text", kind, s)
					}
				})
			}
		}
	})
}

// eachText visits every text in a value.
func eachText(v reflect.Value, visit func(string)) {
	switch v.Kind() {
	case reflect.String:
		visit(v.String())
	case reflect.Pointer:
		if !v.IsNil() {
			eachText(v.Elem(), visit)
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			eachText(field, visit)
		}
	case reflect.Map:
		for k, value := range v.Seq2() {
			eachText(k, visit)
			eachText(value, visit)
		}
	}
}

// A payload may come damaged in any way: no error tells what people wrote, nor an address to
// answer at. (It may quote 20 characters as the workspace's id.)
func FuzzDamageTellsNothing(f *testing.F) {
	f.Add("", 0, 0)
	for _, at := range []int{0, 1, 20, 60, 100, 150, 200, 250, 300, 400} {
		f.Add(`"`, at, 0)
		f.Add("", at, 5)
		f.Add(`7, "x": `, at, 2)
	}
	const told = "what-nobody-else-may-ever-read"
	f.Fuzz(func(t *testing.T, insert string, at, drop int) {
		for kind, some := range payloads(t, "U1", told, "C1", "1.2", told) {
			for _, p := range some {
				at := min(max(at, 0), len(p))
				damaged := p[:at] + insert + p[min(at+max(drop, 0), len(p)):]
				_, err := testDoor().decode(kind, []byte(damaged), botUser)
				if err != nil && strings.Contains(err.Error(), told) {
					t.Errorf("%s: %v", damaged, err)
				}
			}
		}
	})
}

// What a person typed, as Slack sends it, stands on the other side as they typed it.
func FuzzWordsArrive(f *testing.F) {
	for _, s := range nasty {
		f.Add(s)
		f.Add(strings.Repeat("x"+s, 1500))
		f.Add(strings.Repeat(s+"\n", 700))
	}
	f.Fuzz(func(t *testing.T, said string) {
		said = clean(said)
		if utf8.RuneCountInString(said) > helpdesk.PartLength {
			return
		}
		p := payloads(t, "U1", "name", "C1", "1.2", slackutilsx.EscapeMessage(said))["events_api"][1]
		in, err := testDoor().decode("events_api", []byte(p), botUser)
		if err != nil {
			t.Fatal(err)
		}
		text := markup.FromCanonical(in.request.Post.Text)
		if strings.Contains(in.request.Post.Text, "\u2060") || len(helpdesk.Parts(in.request.Post.Text)) > 1 {
			return // it formats
		}
		if said = markup.FromPlain(said).Plain(); text.Plain() != said {
			t.Errorf("%q came as %q", said, text.Plain())
		}
		b := incident("en", helpdesk.Open)
		b.Message = store.Message{Author: 1, Audience: store.Public, Body: in.request.Post.Text}
		m := messageOf(t, compose(t, "en", store.DeskSide, helpdesk.TellMessage, b))
		_, shown, _ := strings.Cut(strings.Join(textsIn(m["blocks"]), "\n"), "\n")
		if black(shown) != black(said) { // lines may have been cut between blocks
			t.Errorf("%q is shown as %q", said, shown)
		}
		fallback, _ := m["text"].(string)
		if _, heard, _ := strings.Cut(unescape.Replace(fallback), "\n"); len(fallback) < maxFallback && heard != said {
			t.Errorf("%q is read out as %q", said, heard)
		}
	})
}

// black is a text without its spaces.
func black(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// A card of any texts, of any length, is one that Slack takes, and it rings nobody.
func FuzzCardRingsNobody(f *testing.F) {
	for i, s := range nasty {
		f.Add(s, "body "+s, "Name", s, s, uint16(i), uint8(i))
		f.Add("title", s, s, "value", "button "+s, uint16(i*500), uint8(i*3))
	}
	f.Fuzz(func(t *testing.T, title, body, name, value, button string, long uint16, many uint8) {
		body = markup.FromPlain(strings.Repeat(body, int(long)/(len(body)+1)+1)).Canonical()
		c := card.Card{Title: title, Body: body, Lines: []string{value, "–", body}, Context: name}
		for range many % 32 {
			c.Fields = append(c.Fields, card.Field{Name: name, Value: value})
			c.Buttons = append(c.Buttons, card.Button{ID: "show", Value: "1", Text: "-" + button})
		}
		m := messageOf(t, c) // where what is no UTF-8 has been replaced
		errs := slackrules.Message(m)
		shorter := map[string]any{"text": strings.ToValidUTF8(fallback(c, maxUpdated), ""), "blocks": m["blocks"]}
		for _, err := range append(errs, slackrules.Update(shorter)...) {
			t.Error(err)
		}
		b, err := json.Marshal(m["blocks"])
		if err != nil {
			t.Fatal(err)
		}
		formatted := []string{m["text"].(string), shorter["text"].(string)}
		for _, o := range mrkdwnIn(b) {
			formatted = append(formatted, o.Text)
		}
		for _, s := range formatted {
			rest := s
			for _, entity := range []string{"&amp;", "&lt;", "&gt;"} {
				rest = strings.ReplaceAll(rest, entity, "")
			}
			if strings.ContainsAny(rest, "<>&") || !utf8.ValidString(s) {
				t.Errorf("%q may ring somebody", s)
			}
		}
	})
}

var (
	control = regexp.MustCompile(`<([^|>]*)`)
	// linksTo are the addresses that a canonical text links to.
	linksTo = regexp.MustCompile("\u2060\\[([^\u2060]*)\u2060\\|")
)

// Whatever people write, on whichever platform and however long: what stands in angle brackets here, where it would
// ring or link, is an address that they linked to. And Slack takes it, whole.
func FuzzFormattedBodyRingsNobody(f *testing.F) {
	for i, s := range append(nasty, "[@all](https://x.y/@all) ~~s~~ **b**", "<https://evil.example|https://bank.example>", "[a](https://x.y|<!channel>)", "> - 1. **@here**\n\n```\n<!here>\n```",
		"[<!channel>](https://x.y)", "\u2060[https://x.y><!channel>\u2060|a\u2060]") {
		f.Add(s, uint16(i*100))
	}
	f.Fuzz(func(t *testing.T, s string, long uint16) {
		s = clean(s)
		s = strings.Repeat(s, min(int(long), helpdesk.PartLength)/(len(s)+1)+1)
		for _, body := range []string{markup.FromMarkdown(s).Canonical(), markup.FromSlack(s, nil).Canonical(), markup.FromForm(s).Canonical(), s} {
			for _, part := range helpdesk.Parts(body) {
				had := map[string]bool{}
				for _, m := range linksTo.FindAllStringSubmatch(markup.FromCanonical(part).Canonical(), -1) {
					had[m[1]] = true
				}
				m := messageOf(t, card.Card{Title: "Alice wrote", Body: part})
				for _, err := range slackrules.Message(m) {
					t.Error(err)
				}
				b, err := json.Marshal(m["blocks"])
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range mrkdwnIn(b) {
					for _, m := range control.FindAllStringSubmatch(o.Text, -1) {
						if !had[unescape.Replace(m[1])] && !strings.Contains(markup.FromCanonical(part).Plain(), unescape.Replace(m[1])) || !strings.Contains(m[1], ":") {
							t.Errorf("%q gained %q: %q", s, m[0], o.Text)
						}
					}
					if !o.Verbatim {
						t.Error("Slack may find names in it")
					}
				}
				if text := m["text"].(string); strings.Contains(text, "<") {
					t.Errorf("%q may ring: %q", s, text)
				}
			}
		}
	})
}
