package app_test

import (
	"encoding/json"
	"html"
	"slices"
	"strings"
	"testing"

	"guichet/internal/fakemattermost"
	"guichet/internal/localslack"
)

// formatted are the texts of a message in Slack that Slack formats.
func formatted(t *testing.T, m localslack.Message) string {
	t.Helper()
	var blocks []struct {
		Text struct {
			Type, Text string
			Verbatim   bool
		}
	}
	if err := json.Unmarshal(m.Blocks, &blocks); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, b := range blocks {
		if b.Text.Type == "mrkdwn" {
			all = append(all, b.Text.Text)
			if !b.Text.Verbatim {
				t.Errorf("Slack may find names in %q", b.Text.Text)
			}
		}
	}
	said := strings.Join(all, "\n")
	if title, body, ok := strings.Cut(said, "*\n"); ok && !strings.Contains(title, "\n") {
		return body
	}
	return said
}

// body is a post in Mattermost below its first paragraph, which is ours.
func body(p fakemattermost.Post) string {
	_, body, _ := strings.Cut(p.Message, "\n\n")
	return strings.NewReplacer("\u2060", "<wj>").Replace(body)
}

// What is bold on one side is bold on the other, in all the ways that people format.
var sameOnBoth = []struct{ name, markdown, slack string }{
	{"bold", "really **very** slow", "really *very* slow"},
	{"italics", "really *too* slow", "really _too_ slow"},
	{"strike", "it is ~~slow~~ dead", "it is ~slow~ dead"},
	{"code", "run `ls -l` there", "run `ls -l` there"},
	{"a fence", "it says\n\n```\nerror: *x*\n    at 1\n```", "it says\n```\nerror: *x*\n    at 1\n```"},
	{"a list", "tried\n\n- one\n- **two**", "tried\n• one\n• *two*"},
	{"numbers", "tried\n\n1. one\n2. two", "tried\n1. one\n2. two"},
	{"a quote", "> you said this\n\nand it fails", "&gt; you said this\nand it fails"},
	{"a link", "see [the page](https://acme.example/a?b=1&c=2) please", "see <https://acme.example/a?b=1&amp;c=2|the page> please"},
	{"emoji", "done :tada: :acme-own:", "done :tada: :acme-own:"},
}

func TestFormattingGoesFromMattermostToSlack(t *testing.T) {
	onceAcrossPlatforms(t, false, func(t *testing.T, d *desk, m *team) {
		mine := d.openIn(m.carla, "Excel", "Crashes :tada: and *not* bold.")
		card := d.cardOf("Excel")
		if got := formatted(t, card); !strings.Contains(got, ":tada: and") || strings.Contains(got, " *not* ") {
			t.Errorf("what was typed into a form is shown as %q", got)
		}
		for _, c := range sameOnBoth {
			before := len(d.messages(support))
			d.say(m.carla, mine, c.markdown)
			d.eventually(c.name+" is in Slack", func() bool { return len(d.messages(support)) > before })
			ms := d.messages(support)
			if got := formatted(t, ms[len(ms)-1]); got != c.slack {
				t.Errorf("%s: %q is shown in Slack as %q, want %q", c.name, c.markdown, got, c.slack)
			}
		}
		mention := d.say(m.carla, mine, "ask @nina or @all")
		if got := formatted(t, d.find(support, "ask @nina or @all")); got != "ask @nina or @all" {
			t.Errorf("a mention is shown as %q", got)
		}
		m.Edit(mention.ID, "ask **nobody**")
		if got := formatted(t, d.find(support, "Carla Rossi wrote (edited)", "ask nobody")); got != "ask *nobody*" {
			t.Errorf("an edit is shown as %q", got)
		}
		d.say(m.carla, mine, "[https://bank.example](https://evil.example)")
		if got := formatted(t, d.find(support, "evil.example")); got != "<https://evil.example|https://bank.example (https://evil.example)>" {
			t.Errorf("a link that deceives is shown as %q", got)
		}
	})
}

func TestFormattingGoesFromSlackToMattermost(t *testing.T) {
	onceAcrossPlatforms(t, false, func(t *testing.T, d *desk, m *team) {
		mine := d.openIn(m.carla, "Excel", "Crashes.")
		card := d.cardOf("Excel")
		direct := m.Direct(m.carla)
		newest := func() fakemattermost.Post {
			ps := slices.DeleteFunc(m.Posts(direct), func(p fakemattermost.Post) bool { return p.RootID != mine.ID || !strings.Contains(p.Message, "wrote") })
			return ps[len(ps)-1]
		}
		written := func(text, plain string) fakemattermost.Post {
			before := len(m.Posts(direct))
			d.write(nadia, support, text, card.TS)
			d.eventually(plain+" is in Mattermost", func() bool { return len(m.Posts(direct)) > before })
			d.settle()
			return newest()
		}
		for _, c := range sameOnBoth {
			if c.name == "a link" { // the stand-in takes its brackets for typed: see TestFormattingIsRead
				continue
			}
			typed := html.UnescapeString(c.slack)
			if got := body(written(typed, c.name)); got != c.markdown {
				t.Errorf("%s: %q is shown in Mattermost as %q, want %q", c.name, typed, got, c.markdown)
			}
		}
		if got := body(written("ask <@"+alice+"> or <!channel> or @all", "a mention")); got != "ask @<wj>Alice Martin or <<wj>!channel> or @<wj>all" {
			t.Errorf("a mention is shown as %q", got)
		}
		said := d.write(nadia, support, "it is *here*", card.TS)
		d.shownIn(direct, "it is here")
		d.edit(nadia, support, said, "it is _there_")
		if got := body(d.shownIn(direct, "(edited)", "there")); got != "it is *there*" {
			t.Errorf("an edit is shown as %q", got)
		}
		for _, note := range []string{"*note:* secret plan", "_Note_: secret plan", "~note:~ secret plan", "`note:` secret plan", "```\nnote: secret plan\n```",
			"• note: secret plan", "1. note: secret plan", "> note: secret plan", "*_note_: secret plan*", ":lock: *note:* secret plan"} {
			d.write(nadia, support, note, card.TS)
		}
		d.write(nadia, support, "that is all", card.TS)
		d.shownIn(direct, "that is all")
		d.settle()
		for _, p := range m.Posts(direct) {
			if strings.Contains(p.Message, "secret") {
				t.Errorf("the requester sees a note: %q", p.Message)
			}
		}
	})
}
