package slack

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/slack-go/slack"
	"pgregory.net/rapid"

	"guichet/bot/card"
	"guichet/helpdesk"
	"guichet/internal/slackrules"
	"guichet/markup"
	"guichet/store"
)

// cards are cards with any texts at all.
func cards() *rapid.Generator[card.Card] {
	return rapid.Custom(func(t *rapid.T) card.Card {
		w := words()
		c := card.Card{Title: w.Draw(t, "title"), Body: w.Draw(t, "body"), Context: w.Draw(t, "context"),
			Lines: rapid.SliceOfN(w, 0, 60).Draw(t, "lines")}
		for range rapid.IntRange(0, 30).Draw(t, "fields") {
			c.Fields = append(c.Fields, card.Field{Name: w.Draw(t, "name"), Value: w.Draw(t, "value")})
		}
		for range rapid.IntRange(0, 40).Draw(t, "buttons") {
			c.Buttons = append(c.Buttons, card.Button{
				ID:    rapid.SampledFrom([]string{"show", "take", "reply", "close2"}).Draw(t, "id"),
				Value: rapid.StringN(0, 50, -1).Draw(t, "its value"),
				Text:  "-" + w.Draw(t, "its text"), // never empty
				Style: rapid.SampledFrom([]card.Style{card.Plain, card.Primary}).Draw(t, "style"),
			})
		}
		if c.Text() == "" {
			c.Title = "x" // a card says something
		}
		return c
	})
}

// Whatever people write, Slack accepts what we make of it, posted and updated.
func TestAnyCardObeysSlack(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c := cards().Draw(r, "card")
		if rapid.Bool().Draw(r, "links") {
			c.Link = &card.Link{Text: "-" + words().Draw(r, "link"), URL: rapid.SampledFrom([]string{"https://", "", "http://a.b/?c&"}).Draw(r, "scheme") + words().Draw(r, "address")}
		}
		m := messageOf(t, c)
		for _, err := range slackrules.Message(m) {
			r.Error(err)
		}
		m["text"] = fallback(c, maxUpdated)
		for _, err := range slackrules.Update(m) {
			r.Error(err)
		}
	})
}

// Whatever people write can neither format, link, mention nor ring: it is in plain_text, or it is
// escaped and has nothing that formats.
func TestAnyCardIsLiteral(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c := cards().Draw(r, "card")
		for _, longest := range []int{maxFallback, maxUpdated, 50} {
			text := fallback(c, longest)
			literal(r, text)
			if len(text) > longest || !utf8.ValidString(text) {
				r.Errorf("%d bytes, at most %d: %q", len(text), longest, text)
			}
			said := unescape.Replace(strings.TrimSuffix(text, "…"))
			if !strings.HasPrefix(c.Text(), said) || len(said)*6+20 < min(longest, len(c.Text())) {
				r.Errorf("the fallback says %q of %q", said, c.Text())
			}
		}
		b, err := json.Marshal(slack.Blocks{BlockSet: blocks(c)})
		if err != nil {
			r.Fatal(err)
		}
		for _, o := range mrkdwnIn(b) {
			if !strings.Contains(markup.FromSlack(o.Text, nil).Canonical(), "\u2060") && o.Verbatim {
				literal(r, o.Text)
				continue // words of the body, whose formatting is broken
			}
			first, rest, _ := strings.Cut(o.Text, "\n")
			first, opened := strings.CutPrefix(first, "*")
			first, closed := strings.CutSuffix(first, "*")
			if !opened || !closed || !o.Verbatim || strings.ContainsAny(first+rest, "*_~`") || strings.Contains("\n"+rest, "\n&gt;") {
				r.Errorf("%q formats", o.Text)
			}
			literal(r, o.Text)
		}
	})
}

// literal wants each "<", ">" and "&" to be escaped.
func literal(t *rapid.T, s string) {
	if strings.ContainsAny(s, "<>") {
		t.Errorf("%q has an unescaped bracket", s)
	}
	for i, part := range strings.Split(s, "&") {
		if i > 0 && !strings.HasPrefix(part, "amp;") && !strings.HasPrefix(part, "lt;") && !strings.HasPrefix(part, "gt;") {
			t.Errorf("%q has an unescaped ampersand before %q", s, part)
		}
	}
}

type textObject struct {
	Type, Text string
	Verbatim   bool
}

// mrkdwnIn finds the formatted texts in some JSON.
func mrkdwnIn(b json.RawMessage) (found []textObject) {
	var o textObject
	if json.Unmarshal(b, &o) == nil && o.Type == slack.MarkdownType {
		return []textObject{o}
	}
	var list []json.RawMessage
	var object map[string]json.RawMessage
	_, _ = json.Unmarshal(b, &list), json.Unmarshal(b, &object)
	for _, item := range list {
		found = append(found, mrkdwnIn(item)...)
	}
	for _, item := range object {
		found = append(found, mrkdwnIn(item)...)
	}
	return found
}

// A card of a usual length loses nothing: every line of every part is in its blocks.
func TestUsualCardIsWhole(t *testing.T) {
	short := rapid.StringMatching(`[^\x00\n\r\t\v\f\x{85}\x{2028}\x{2029}]{0,100}`)
	rapid.Check(t, func(r *rapid.T) {
		c := card.Card{Title: oneLine(short.Draw(r, "title")), Context: short.Draw(r, "context"),
			Body:  strings.Join(rapid.SliceOfN(short, 0, 30).Draw(r, "body"), "\n"),
			Lines: rapid.SliceOfN(short, 0, 30).Draw(r, "lines")}
		for range rapid.IntRange(0, 12).Draw(r, "fields") {
			c.Fields = append(c.Fields, card.Field{Name: "Name", Value: short.Draw(r, "value")})
		}
		b, err := json.Marshal(slack.Blocks{BlockSet: blocks(c)})
		if err != nil {
			r.Fatal(err)
		}
		var read any
		if err := json.Unmarshal(b, &read); err != nil {
			r.Fatal(err)
		}
		shown := strings.Join(textsIn(read), "\n")
		var values []string
		for _, f := range c.Fields {
			values = append(values, f.Value)
		}
		for _, part := range append(append(values, c.Title, c.Context), append(c.Lines, strings.Split(c.Body, "\n")...)...) {
			part, shown := visible.Replace(part), visible.Replace(shown)
			pictured := visible.Replace(markup.FromForm(part).Plain()) // Slack shows :v: as a picture wherever it is typed
			if strings.TrimSpace(part) != "" && !strings.Contains(shown, part) && !strings.Contains(shown, pictured) {
				r.Errorf("%q is not in %q", part, shown)
			}
		}
	})
}

// textsIn are all texts in decoded blocks, as a reader sees them.
func textsIn(v any) (texts []string) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			texts = append(texts, textsIn(item)...)
		}
	case map[string]any:
		for _, item := range v {
			texts = append(texts, textsIn(item)...)
		}
		if s, ok := v["text"].(string); ok {
			if v["type"] == slack.MarkdownType {
				s = markup.FromSlack(s, nil).Plain()
			}
			texts = append(texts, s)
		}
	}
	return texts
}

// visible takes away what a text does not keep: the two characters that are its own, and NUL.
var visible = strings.NewReplacer("\x00", "", "\u2060", "", "\u200b", "")

// The longest that people can write stays within Slack's limits, whole.
func TestLongestTicketIsWhole(t *testing.T) {
	inEach(t, func(t *testing.T, language string) {
		b := mobile(language)
		b.Ticket.Subject = strings.Repeat("é", helpdesk.MaxSubject)
		b.Ticket.Details["device"] = strings.Repeat("&", helpdesk.MaxDetail)
		b.Ticket.Details["instance"] = strings.Repeat("🎫", helpdesk.MaxDetail)
		b.First.Body = strings.Repeat("ע", helpdesk.MaxDescription)
		b.Message = store.Message{Author: 1, Audience: store.Public, Body: strings.Repeat("&", helpdesk.PartLength)}
		whole := []string{b.Ticket.Subject, b.Ticket.Details["device"], b.Ticket.Details["instance"], b.First.Body}
		for _, side := range []string{store.DeskSide, store.RequesterSide} {
			c := compose(t, language, side, helpdesk.TellCard, b)
			m := messageOf(t, c)
			m["text"] = fallback(c, maxUpdated)
			for _, err := range slackrules.Update(m) {
				t.Errorf("card on the %s side: %v", side, err)
			}
			shown := strings.Join(textsIn(m["blocks"]), "\n")
			for _, text := range whole {
				if !strings.Contains(shown, text) {
					t.Errorf("the card on the %s side lacks some of %q", side, text)
				}
			}
			n := 0
			for part := range helpdesk.Parts(b.Message.Body) {
				m = messageOf(t, composePart(t, language, side, helpdesk.TellMessage, b, part))
				for _, err := range slackrules.Message(m) {
					t.Errorf("message on the %s side: %v", side, err)
				}
				n += strings.Count(strings.Join(textsIn(m["blocks"]), ""), "&")
			}
			if n != helpdesk.PartLength {
				t.Errorf("the message on the %s side shows %d characters of %d", side, n, helpdesk.PartLength)
			}
		}
	})
}

// A form with long names and hints, which configuration and people make, passes as well.
func TestLongFormObeysSlack(t *testing.T) {
	f := card.Form{ID: "ticket.new", Title: "New ticket", Submit: "Send", Cancel: "Cancel", Intro: []string{strings.Repeat("x", 7000)},
		Links: slices.Repeat([]card.Link{{Text: "Help", URL: "https://help.example"}}, 20),
		Inputs: []card.Input{
			{ID: "body", Type: card.Area, Label: "Body", Hint: strings.Repeat("é", 3000), Longest: 3000},
			{ID: "service", Type: card.Select, Label: "Service", Initial: "a", Options: []card.Option{
				{Value: "a", Text: strings.Repeat("🎫", 200)}, {Value: "b", Text: "b"}}},
			{ID: "kind", Type: card.Choice, Label: "Kind", Initial: "b", Options: []card.Option{{Value: "b", Text: strings.Repeat("&", 76)}}},
		}}
	for _, err := range slackrules.View(viewOf(t, f)) {
		t.Error(err)
	}
}
