package slackrules

import (
	"encoding/json"
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
