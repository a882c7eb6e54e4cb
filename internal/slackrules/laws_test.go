package slackrules

import (
	"encoding/json"
	"strings"
	"testing"
)

func marshal(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// laws are the rules without a number: what obeys, and what does not. They are called what Slack's
// own specification calls them, where it does.
var laws = []struct {
	name      string
	good, bad []error
}{
	{"section.content", inMessage(section), inMessage(obj{"type": "section"})},
	{"static_select.choice_source", accessoryOf(selection), accessoryOf(with(selection, "option_groups", []any{group}))},
	{"image.source", inMessage(image), inMessage(with(image, "slack_file", obj{"id": "F1"}))},
	{"number_input.range", inputOf(with(numberInput, "min_value", "2", "max_value", "10")), inputOf(with(numberInput, "min_value", "10", "max_value", "2"))},
	{"context.elements", inMessage(obj{"type": "context", "elements": []any{image}}), inMessage(obj{"type": "context", "elements": []any{button}})},
	{"input.element", inputOf(radios), inputOf(button)},

	{"a type of block that exists", inMessage(obj{"type": "divider"}), inMessage(obj{"type": "dividre"})},
	{"blocks are objects", inMessage(section), inMessage("section")},
	{"known properties", actions(button), actions(with(button, "colour", "red"))},
	{"known styles", actions(with(button, "style", "primary")), actions(with(button, "style", "blue"))},
	{"a required property", actions(button), actions(obj{"type": "button", "action_id": "a"})},
	{"a button's text is plain", actions(button), actions(with(button, "text", mrkdwnOf(1)))},
	{"a header's text is plain", inMessage(obj{"type": "header", "text": plainOf(1)}), inMessage(obj{"type": "header", "text": mrkdwnOf(1)})},
	{"an option's text is plain", accessoryOf(selection), choosing(with(opt, "text", mrkdwnOf(1)))},
	{"a radio button's text may be formatted", accessoryOf(with(radios, "options", []any{with(opt, "text", mrkdwnOf(1))})),
		accessoryOf(with(radios, "options", []any{with(opt, "text", "text")}))},
	{"an option's value is not empty", choosing(opt), choosing(with(opt, "value", ""))},
	{"the initial option is one of them", accessoryOf(with(selection, "initial_option", opt)),
		accessoryOf(with(selection, "initial_option", with(opt, "value", "other")))},
	{"the initial option is in a group", grouping(group), accessoryOf(obj{"type": "static_select", "option_groups": []any{group},
		"initial_option": with(opt, "value", "other")})},
	{"a text's lengths in order", inputOf(with(textInput, "min_length", 2, "max_length", 3)), inputOf(with(textInput, "min_length", 3, "max_length", 2))},
	{"flags are true or false", inMessage(with(field, "optional", true)), inMessage(with(field, "optional", "yes"))},
	{"dates are dates", inputOf(obj{"type": "datepicker", "initial_date": "2026-02-28"}), inputOf(obj{"type": "datepicker", "initial_date": "28/02/2026"})},

	{"block ids differ", inMessage(with(section, "block_id", "a"), with(section, "block_id", "b")),
		inMessage(with(section, "block_id", "a"), with(section, "block_id", "a"))},
	{"action ids differ in a block", actions(button, with(button, "action_id", "b")), actions(button, button)},
	{"action ids may repeat over blocks", append(actions(button), inMessage(obj{"type": "actions", "elements": []any{button}},
		obj{"type": "actions", "elements": []any{button}})...), actions(button, button)},
	{"a message says something", Message(obj{"text": "t"}), Message(obj{"text": ""})},
	{"attachments are messages too", Message(obj{"attachments": []any{obj{"blocks": []any{section}}}}),
		Message(obj{"attachments": []any{obj{"blocks": []any{obj{"type": "section"}}}}})},
	{"an update is a message", Update(obj{"text": "t"}), Update(obj{"text": "t", "blocks": []any{obj{}}})},

	{"inputs need a submit", View(with(modal, "blocks", []any{field})), View(obj{"type": "modal", "title": plainOf(1), "blocks": []any{field}})},
	{"a modal has a title", View(modal), View(obj{"type": "modal", "blocks": []any{section}})},
	{"a home tab has none", View(obj{"type": "home", "blocks": []any{section}}), View(with(modal, "type", "home"))},
	{"block ids differ in a view", View(modal), View(with(modal, "blocks", []any{with(section, "block_id", "a"), with(section, "block_id", "a")}))},
	{"a view is one of two types", View(modal), View(with(modal, "type", "dialog"))},
}

func TestLaws(t *testing.T) {
	for _, l := range laws {
		if len(l.good) > 0 {
			t.Errorf("%s: what obeys is refused: %v", l.name, l.good)
		}
		if len(l.bad) == 0 {
			t.Errorf("%s: what does not obey passes", l.name)
		}
	}
}

// An error says where in the payload it is.
func TestErrorsSayWhere(t *testing.T) {
	errs := inMessage(section, obj{"type": "actions", "elements": []any{button, with(button, "action_id", "b", "text", plainOf(76))}})
	want := "blocks[1].elements[1].text.text: is a text of 76 characters: must be 1 to 75"
	if len(errs) != 1 || errs[0].Error() != want {
		t.Errorf("got %v, want %s", errs, want)
	}
}

func TestManifest(t *testing.T) {
	command := obj{"command": "/ticket", "description": "Ask"}
	shortcut := obj{"name": "n", "type": "message", "callback_id": "c", "description": "d"}
	settings := obj{"socket_mode_enabled": true, "interactivity": obj{"is_enabled": true}, "event_subscriptions": obj{"bot_events": []any{"message.im"}}}
	features := obj{"slash_commands": []any{command}, "shortcuts": []any{shortcut}, "bot_user": obj{"display_name": "b"}}
	m := obj{"display_information": obj{"name": "n"}, "features": features, "settings": settings,
		"oauth_config": obj{"scopes": obj{"bot": []any{"commands"}}}}
	if errs := Manifest(m); len(errs) > 0 {
		t.Fatalf("a good manifest is refused: %v", errs)
	}
	info := func(name string) func(n int) obj {
		return func(n int) obj { return with(m, "display_information", with(obj{"name": "n"}, name, chars(n))) }
	}
	feature := func(name string, v any) obj { return with(m, "features", with(features, name, v)) }
	for _, l := range []struct {
		name string
		n    int
		make func(n int) obj
	}{
		{"name", 35, info("name")},
		{"description", 140, info("description")},
		{"long description", 4000, info("long_description")},
		{"long description, min", 175, info("long_description")},
		{"display name", 80, func(n int) obj { return feature("bot_user", obj{"display_name": chars(n)}) }},
		{"command", 32, func(n int) obj {
			return feature("slash_commands", []any{with(command, "command", "/"+strings.Repeat("x", n-1))})
		}},
		{"command's description, min", 1, func(n int) obj { return feature("slash_commands", []any{with(command, "description", chars(n))}) }},
		{"commands", 50, func(n int) obj {
			return feature("slash_commands", many(n, func(i int) any {
				return with(command, "command", "/"+strings.Repeat("x", i/26+1)+string(rune('a'+i%26)))
			}))
		}},
		{"shortcuts", 10, func(n int) obj {
			return feature("shortcuts", many(n, func(i int) any { return with(shortcut, "callback_id", chars(i+1)) }))
		}},
		{"shortcut's name", 24, func(n int) obj { return feature("shortcuts", []any{with(shortcut, "name", chars(n))}) }},
	} {
		past := l.n + 1
		if strings.HasSuffix(l.name, "min") {
			past = l.n - 1
		}
		if errs := Manifest(l.make(l.n)); len(errs) > 0 {
			t.Errorf("%s: %d is refused: %v", l.name, l.n, errs)
		}
		if errs := Manifest(l.make(past)); len(errs) == 0 {
			t.Errorf("%s: %d passes", l.name, past)
		}
	}
	for name, bad := range map[string]obj{
		"no display information":           {"settings": settings},
		"an unknown part":                  with(m, "extras", obj{}),
		"a command without a slash":        feature("slash_commands", []any{with(command, "command", "ticket")}),
		"a command without a description":  feature("slash_commands", []any{obj{"command": "/ticket"}}),
		"a command twice":                  feature("slash_commands", []any{command, command}),
		"a shortcut of no kind":            feature("shortcuts", []any{with(shortcut, "type", "local")}),
		"a color in words":                 with(m, "display_information", obj{"name": "n", "background_color": "blue"}),
		"interactivity neither on nor off": with(m, "settings", with(settings, "interactivity", obj{})),
		"no address and no socket":         with(m, "settings", with(settings, "socket_mode_enabled", false)),
	} {
		if len(Manifest(bad)) == 0 {
			t.Errorf("%s passes", name)
		}
	}
	by := obj{"request_url": "https://desk.example/slack"}
	reached := with(m, "features", obj{"slash_commands": []any{with(command, "url", "https://desk.example/slack")}},
		"settings", obj{"interactivity": with(by, "is_enabled", true), "event_subscriptions": with(by, "bot_events", []any{"message.im"})})
	if errs := Manifest(reached); len(errs) > 0 {
		t.Errorf("addresses instead of a socket are refused: %v", errs)
	}
}
