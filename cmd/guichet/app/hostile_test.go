package app_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"guichet/internal/localslack"
	"guichet/markup"
)

// hostile is what people type by mistake, by malice or in their own language. It must be on the
// other side as it was typed.
var hostile = []string{
	"👩‍👩‍👧‍👦 👍🏽 🇫🇷 é e\u0301 :smile: :+1::skin-tone-4:",
	"שלום עולם, abc مرحبا \u202eevil\u202c \u2066isolated\u2069",
	"<!channel> <!here> <!everyone> <!subteam^S01> @channel @here",
	mentions,
	"</script><script>alert('x')</script> <b>bold</b> &amp; &lt;!channel&gt; <https://evil.example|good.example>",
	"*bold* _it_ ~s~ `code` ```block``` > quote\n> quote\n• list",
	"{{.Name}} {{template \"x\"}} ${HOME} %s %d %!v(MISSING) \\n \\u0000",
	"Robert'); DROP TABLE tickets;-- \" ' \\ ` $1 ? :name",
	"first\n\n\nsecond\n\tthird   with   spaces",
	"zero\u200bwidth\ufeff and \u00a0 no-break",
}

// mentions are typed here letter by letter. On local-slack's page they are what one gets who chooses
// from a list.
const mentions = "<!here> <@U01ALICE> <#C01GENERAL> @alice"

// typedOut has Slack send a message whose text is JSON. It is one that local-slack cannot make.
func (d *desk) typedOut(who string, root localslack.Message, text string) {
	d.t.Helper()
	kind := "group"
	if strings.HasPrefix(root.Channel, "D") {
		kind = "im"
	}
	now := time.Now()
	d.strict.Event(map[string]any{"type": "message", "channel_type": kind, "channel": root.Channel, "user": who, "text": json.RawMessage(text),
		"ts": fmt.Sprintf("%d.%06d", now.Unix(), now.Nanosecond()/1000), "thread_ts": root.TS, "team": d.slack.Config.Workspace.TeamID})
	d.delivered()
}

// said is what a message shows of what somebody wrote, in plain words: the formatted texts below its title.
func said(m localslack.Message) string {
	var blocks []struct {
		Type string
		Text struct{ Type, Text string }
	}
	_ = json.Unmarshal(m.Blocks, &blocks)
	var b strings.Builder
	for i, block := range blocks {
		if i > 0 && block.Type == "section" && block.Text.Type == "mrkdwn" {
			b.WriteString(markup.FromSlack(block.Text.Text, nil).Plain())
		}
	}
	return b.String()
}

// inThread and inForm are what is read of what somebody typed there: in a thread it may format.
func inThread(text string) string {
	return markup.FromSlack(strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text), nil).Plain()
}

func inForm(text string) string { return markup.FromForm(text).Plain() }

// arrived waits until a thread has carried n messages from one person, and returns what they say.
func (d *desk) arrived(channel, root, from string, n int) (texts []string) {
	d.t.Helper()
	d.eventually(fmt.Sprintf("%d messages from %s", n, from), func() bool {
		texts = nil
		for _, m := range d.messages(channel) {
			if m.ThreadTS == root && strings.Contains(m.AllText(), from) {
				texts = append(texts, said(m))
			}
		}
		return len(texts) >= n
	})
	return texts
}

func TestWhatIsTypedInAThreadIsShownAsTyped(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card("1001"), d.conversation(alice, "1001")
		for _, text := range hostile {
			if text == mentions {
				const escaped = `"&lt;!here&gt; &lt;@U01ALICE&gt; &lt;#C01GENERAL&gt; @alice"`
				d.typedOut(alice, mine, escaped)
				d.typedOut(nadia, card, escaped)
				continue
			}
			d.write(alice, alice, text, mine.TS)
			d.write(nadia, support, text, card.TS)
		}
		for channel, from := range map[string]string{support: "Alice Martin wrote", alice: "Nadia Benali wrote"} {
			root := card.TS
			if channel == alice {
				root = mine.TS
			}
			for i, got := range d.arrived(channel, root, from, len(hostile)) {
				if got != inThread(hostile[i]) {
					t.Errorf("%s: typed %q, shown %q", from, hostile[i], got)
				}
			}
		}
		view := d.ask(alice, "1001")
		for _, text := range hostile {
			d.shows(view, inThread(text))
		}
	})
}

func TestWhatIsTypedInAFormIsShownAsTyped(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card("1001"), d.conversation(alice, "1001")
		for _, text := range hostile {
			d.fill(nadia, card, "reply", map[string]string{"body": text})
		}
		for i, got := range d.arrived(alice, mine.TS, "Nadia Benali wrote", len(hostile)) {
			if got != inForm(hostile[i]) {
				t.Errorf("typed %q, shown to the requester %q", hostile[i], got)
			}
		}
		for i, got := range d.arrived(support, card.TS, "Nadia Benali wrote", len(hostile)) {
			if got != inForm(hostile[i]) {
				t.Errorf("typed %q, shown to the agents %q", hostile[i], got)
			}
		}
	})
}

func TestWhatIsTypedIntoATicketIsShownAsTyped(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		p := d.slack.OpenTest(t, alice)
		for i, text := range hostile {
			subject := strings.Join(strings.Fields(text), " ")
			d.command(alice, "emm")
			d.form(p, map[string]string{"kind": "information", "subject": subject, "description": text})
			d.form(p, map[string]string{"platform": "other", "device": subject, "instance": subject})
			number := fmt.Sprint(1001 + i)
			card := d.find(emm, "#"+number+" ", "Statut")
			if got := said(card); got != inForm(text) {
				t.Errorf("typed %q, the card shows %q", text, got)
			}
			var blocks []struct{ Text struct{ Type, Text string } }
			_ = json.Unmarshal(card.Blocks, &blocks)
			if blocks[0].Text.Type != "plain_text" || blocks[0].Text.Text != "#"+number+" "+subject {
				t.Errorf("the subject is %q, the card's title %+v", subject, blocks[0].Text)
			}
			d.conversation(alice, number)
		}
		d.shows(d.ask(alice, "list"), "#1001 "+hostile[0]+" — New")
	})
}

func TestNULBytesBecomeVisible(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		p := d.slack.OpenTest(t, alice)
		d.command(alice, "office")
		d.form(p, map[string]string{"kind": "information", "subject": "a\x00b", "description": "c\x00d"})
		d.shows(d.find(support, "#1001 a␀b"), "c␀d")
		d.write(alice, alice, "e\x00f", d.conversation(alice, "1001").TS)
		d.find(support, "Alice Martin wrote", "e␀f")
		d.fill(nadia, d.card("1001"), "reply", map[string]string{"body": "g\x00h"})
		d.find(alice, "Nadia Benali wrote", "g␀h")
		d.shows(d.ask(alice, "li\x00st"), "I don't know “/ticket li␀st”.", "Did you mean “/ticket list”?")
	})
}

// JSON can carry half a surrogate pair, which is no character.
func TestHalfACharacterIsReplaced(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		mine := d.conversation(alice, "1001")
		d.typedOut(alice, mine, `"half \ud83d of it"`)
		d.find(support, "Alice Martin wrote", "half \uFFFD of it")
		d.answer(alice, general, func() {
			if err := d.strict.Command(t.Context(), alice, general, "/ticket", json.RawMessage(`"\udc00"`)); err != nil {
				t.Fatal(err)
			}
		})
	})
}

func TestLongMessagesArriveWholeAndInOrder(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card("1001"), d.conversation(alice, "1001")
		for _, length := range []int{3000, 3001, 12_000, 25_000} {
			long := numbered(length)
			d.write(alice, alice, long, mine.TS)
			d.write(nadia, support, long, card.TS)
			d.settle()
			for channel, from := range map[string]string{support: "Alice Martin wrote", alice: "Nadia Benali wrote"} {
				parts := 0
				var got strings.Builder
				for _, m := range d.containing(channel, from, long[:9]) {
					if parts > 0 {
						t.Errorf("%d characters begin twice", length)
					}
					parts++
					got.WriteString(said(m))
				}
				for n := (length + 9999) / 10_000; parts < n; parts++ {
					got.WriteString(said(d.find(channel, from, fmt.Sprintf("(%d/%d)", parts+1, n), fmt.Sprintf("%05d/", length))))
				}
				if got.String() != long {
					t.Errorf("%s: of %d characters %d arrived", from, length, got.Len())
				}
			}
		}
		d.shows(d.ask(alice, "1001"), "… (continued in the thread)")
	})
}

// numbered is a text of n characters in which each place says where it is.
func numbered(n int) string {
	var b strings.Builder
	for b.Len() < n {
		fmt.Fprintf(&b, "%05d/%05d ", n, b.Len())
	}
	return b.String()[:n-1] + "."
}

func TestAFormTakesThreeThousandCharactersAndNoMore(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		p := d.slack.OpenTest(t, alice)
		d.command(alice, "office")
		answers := map[string]string{"kind": "information", "subject": strings.Repeat("<!channel>", 15), "description": strings.Repeat("😀", 3001)}
		if errs := d.form(p, answers); errs["description"] != "That is 1 character too long: 3000 at most." {
			t.Errorf("the errors are %q", errs)
		}
		answers["description"] = strings.Repeat("😀", 2999) + "!"
		if errs := d.form(p, answers); len(errs) > 0 {
			t.Errorf("the errors are %q", errs)
		}
		card := d.find(support, "#1001 ", "Status")
		if got := said(card); !strings.HasPrefix(answers["description"], strings.TrimSuffix(got, "… (continued in the thread)")) {
			t.Errorf("the card shows something else: %.100s", got)
		}
		d.shows(d.ask(nadia, "1001"), answers["description"])

		reply := d.slack.OpenTest(t, nadia)
		d.press(nadia, card, "reply")
		if errs := d.form(reply, map[string]string{"body": numbered(3001)}); errs["body"] != "That is 1 character too long: 3000 at most." {
			t.Errorf("the errors are %q", errs)
		}
		if errs := d.form(reply, map[string]string{"body": numbered(3000)}); len(errs) > 0 {
			t.Errorf("the errors are %q", errs)
		}
		if got := said(d.find(alice, "Nadia Benali wrote")); got != numbered(3000) {
			t.Errorf("%d of 3000 characters arrived", len(got))
		}
	})
}

func TestNothingIsRefusedInWords(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.open(alice, "Outlook", "Does not start.")
		card, mine := d.card("1001"), d.conversation(alice, "1001")
		before := d.seen(alice)
		for _, text := range []string{"note:", " NOTE\u00a0: \n", "reply:", "   ", "\n\u00a0\t"} {
			d.shows(d.answer(nadia, support, func() { d.write(nadia, support, text, card.TS) }), "There is nothing to send.")
		}
		p := d.slack.OpenTest(t, nadia)
		for _, button := range []string{"reply", "note"} {
			d.press(nadia, card, button)
			for _, text := range []string{"", " ", "\n\n"} {
				if errs := d.form(p, map[string]string{"body": text}); errs["body"] != "Please fill this in." {
					t.Errorf("%q: the errors are %q", text, errs)
				}
			}
			if err := p.CloseView(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		typed := map[string]bool{}
		for _, text := range []string{"note:", " NOTE\u00a0: \n", "reply:", "   ", "\n\u00a0\t"} {
			typed[text] = true
		}
		for _, m := range d.messages(support) {
			if typed[m.Text] && m.BotID == "" {
				before += strings.Join([]string{m.Channel, m.TS, m.ThreadTS, m.AllText(), buttons(m)}, " ") + "\n"
			}
		}
		d.write(alice, alice, "  ", mine.TS)
		d.find(alice, "There is nothing to send.")
		if n := d.number("SELECT COUNT(*) FROM messages"); n != 1 {
			t.Errorf("the ticket has %d messages", n)
		}
		d.shows(d.card("1001"), "New", "Nobody yet")
	})
}

func TestACommandsWordsRingNobody(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		for typed, shown := range map[string]string{
			"<!channel>":               "I don't know “/ticket <!channel>”.",
			"<@U01ALICE|alice>":        "I don't know “/ticket <@U01ALICE|alice>”.",
			"*bold* `x` {{.Argument}}": "I don't know “/ticket *bold* `x` {{.Argument}}”.",
			"'; DROP TABLE people;--":  "I don't know “/ticket '; DROP TABLE people;--”.",
			"שלום \u202eevil":          "I don't know “/ticket שלום",
			numbered(3000):             "I don't know “/ticket 03000/00000",
			numbered(12_000):           "I don't know “/ticket 12000/00000",
		} {
			d.shows(d.ask(alice, typed), shown)
		}
		// As Slack sends it to an app whose manifest has tokens made of mentions.
		for sent, shown := range map[string]string{
			"<!channel>":        "I don't know “/ticket",
			"<@U01ALICE|alice>": "I don't know “/ticket @alice”.",
		} {
			d.shows(d.answer(alice, general, func() {
				if err := d.strict.Command(t.Context(), alice, general, "/ticket", sent); err != nil {
					t.Fatal(err)
				}
			}), shown)
		}
	})
}
