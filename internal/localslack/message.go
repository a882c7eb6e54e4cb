package localslack

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
)

// Message is one message as local-slack keeps it.
type Message struct {
	TS          string          `json:"ts"`
	ThreadTS    string          `json:"thread_ts"` // set on replies only, not on the root
	Channel     string          `json:"channel"`
	User        string          `json:"user"`
	BotID       string          `json:"bot_id"`   // empty on a person's message
	Username    string          `json:"username"` // the name a bot chose for this one message
	Subtype     string          `json:"subtype"`
	EphemeralTo string          `json:"ephemeral_to"`
	Text        string          `json:"text"`
	Blocks      json.RawMessage `json:"blocks"`
	Reactions   []Reaction      `json:"reactions"`
	Files       []File          `json:"files"`
}

// Reaction is an emoji and the people who put it on a message.
type Reaction struct {
	Name  string   `json:"name"`
	Users []string `json:"users"`
}

// File is what a message says of a file on it.
type File struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Mimetype   string `json:"mimetype"`
	Size       int    `json:"size"`
	URLPrivate string `json:"url_private"`
	Mode       string `json:"mode"` // "tombstone" once deleted
	AltText    string `json:"alt_txt"`
}

// Button is a button of a message, a modal or a home tab.
type Button struct {
	BlockID, ActionID, Value, Text, URL string
}

// AllText joins the message's text and every text in its blocks, a line each:
// all that a person reads, whichever block shows it.
func (m Message) AllText() string {
	texts := blockTexts(m.Blocks)
	if m.Text != "" {
		texts = append([]string{m.Text}, texts...)
	}
	return strings.Join(texts, "\n")
}

// Buttons returns the message's buttons in their order.
func (m Message) Buttons() []Button { return blockButtons(m.Blocks) }

// unescape turns formatted text into what a person reads, but for the marks: entities are characters, and what
// nobody sees is not there.
var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&", "\u2060", "", "\u200b", "")

// blockTexts collects the texts of blocks in reading order.
func blockTexts(blocks json.RawMessage) []string {
	var texts []string
	walk(decode(blocks), func(object map[string]any) {
		for _, key := range []string{"text", "alt_text"} {
			if s, ok := object[key].(string); ok {
				if object["type"] == "mrkdwn" {
					s = unescape.Replace(s)
				}
				texts = append(texts, s)
			}
		}
	})
	return texts
}

// MenuItem is one option of an overflow menu, or of a list.
type MenuItem struct{ Type, BlockID, ActionID, Text, Value string }

// Menu returns the options of the message's overflow menus and lists, in order.
func (m Message) Menu() (items []MenuItem) {
	all, _ := decode(m.Blocks).([]any)
	for _, block := range all {
		walk(block, func(object map[string]any) {
			if object["type"] != "overflow" && object["type"] != "static_select" {
				return
			}
			options, _ := object["options"].([]any)
			groups, _ := object["option_groups"].([]any)
			for _, g := range groups {
				group, _ := g.(map[string]any)
				some, _ := group["options"].([]any)
				options = append(options, some...)
			}
			for _, o := range options {
				option, _ := o.(map[string]any)
				items = append(items, MenuItem{Type: str(object, "type"), BlockID: str(block, "block_id"), ActionID: str(object, "action_id"),
					Text: str(option["text"], "text"), Value: str(option, "value")})
			}
		})
	}
	return items
}

// Choose chooses an option of a message's menu.
func (s *Server) Choose(ctx context.Context, user string, m Message, i MenuItem) error {
	return s.Interact(ctx, user, m.Channel, m.TS, Action{Type: i.Type, BlockID: i.BlockID, ActionID: i.ActionID,
		SelectedOption: map[string]any{"text": map[string]any{"type": "plain_text", "text": i.Text, "emoji": true}, "value": i.Value}})
}

func blockButtons(blocks json.RawMessage) []Button {
	var buttons []Button
	all, _ := decode(blocks).([]any)
	for _, block := range all {
		walk(block, func(object map[string]any) {
			if object["type"] != "button" {
				return
			}
			b := Button{BlockID: str(block, "block_id"), ActionID: str(object, "action_id"),
				Value: str(object, "value"), URL: str(object, "url")}
			b.Text = str(object["text"], "text")
			buttons = append(buttons, b)
		})
	}
	return buttons
}

// decode gives nil for what is not JSON: local-slack keeps whatever the bot sent.
func decode(text json.RawMessage) any {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return nil
	}
	return v
}

// walk visits every object, an object before what it holds. Inside one object
// the text comes first and the rest by name, since JSON keeps no order.
func walk(v any, visit func(map[string]any)) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			walk(item, visit)
		}
	case map[string]any:
		visit(v)
		keys := make([]string, 0, len(v))
		for key := range v {
			if key != "text" {
				keys = append(keys, key)
			}
		}
		slices.Sort(keys)
		walk(v["text"], visit)
		for _, key := range keys {
			walk(v[key], visit)
		}
	}
}

// str reads a string out of an object, "" when there is none.
func str(object any, key string) string {
	m, _ := object.(map[string]any)
	s, _ := m[key].(string)
	return s
}
