package slackrules

import (
	"maps"
	"strings"
	"testing"
)

type obj = map[string]any

// with returns o with some properties changed: name, value, name, value ...
func with(o obj, changes ...any) obj {
	o = maps.Clone(o)
	for i := 0; i < len(changes); i += 2 {
		o[changes[i].(string)] = changes[i+1]
	}
	return o
}

// chars is a text of n characters, of four bytes each: limits count characters.
func chars(n int) string { return strings.Repeat("😀", n) }

// many is a list of n items made by f, which gets their numbers.
func many(n int, f func(i int) any) []any {
	items := []any{}
	for i := range n {
		items = append(items, f(i))
	}
	return items
}

func same(v any) func(int) any { return func(int) any { return v } }

func plainOf(n int) obj  { return obj{"type": "plain_text", "text": chars(n)} }
func mrkdwnOf(n int) obj { return obj{"type": "mrkdwn", "text": chars(n)} }

// Things that pass, for cases to change.
var (
	opt         = obj{"text": plainOf(1), "value": "v"}
	group       = obj{"label": plainOf(1), "options": []any{opt}}
	button      = obj{"type": "button", "text": plainOf(1), "action_id": "a"}
	selection   = obj{"type": "static_select", "action_id": "a", "options": []any{opt}}
	radios      = obj{"type": "radio_buttons", "action_id": "a", "options": []any{opt}}
	checks      = obj{"type": "checkboxes", "action_id": "a", "options": []any{opt}}
	overflow    = obj{"type": "overflow", "action_id": "a", "options": []any{opt}}
	textInput   = obj{"type": "plain_text_input", "action_id": "a"}
	numberInput = obj{"type": "number_input", "action_id": "a", "is_decimal_allowed": false}
	fileInput   = obj{"type": "file_input", "action_id": "a"}
	image       = obj{"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a"}
	dialog      = obj{"title": plainOf(1), "text": plainOf(1), "confirm": plainOf(1), "deny": plainOf(1)}
	section     = obj{"type": "section", "text": plainOf(1)}
	field       = obj{"type": "input", "label": plainOf(1), "element": textInput}
	modal       = obj{"type": "modal", "title": plainOf(1), "submit": plainOf(1), "blocks": []any{section}}
)

func inMessage(blocks ...any) []error { return Message(obj{"text": "t", "blocks": blocks}) }
func accessoryOf(e obj) []error       { return inMessage(with(section, "accessory", e)) }
func actions(es ...any) []error       { return inMessage(obj{"type": "actions", "elements": es}) }
func inputOf(e obj) []error           { return inMessage(with(field, "element", e)) }

// limits are the rules with a number: n is the last that passes, and one more does not, or one
// less for a minimum. They are called what Slack's own specification calls them, where it does.
var limits = []struct {
	name  string
	n     int
	check func(n int) []error
}{
	{"text.min_length", 1, func(n int) []error { return inMessage(with(section, "text", mrkdwnOf(n))) }},
	{"text.max_length", 3000, func(n int) []error { return inMessage(obj{"type": "context", "elements": []any{mrkdwnOf(n)}}) }},
	{"action_id.max_length", 255, func(n int) []error { return actions(with(button, "action_id", chars(n))) }},
	{"block_id.max_length", 255, func(n int) []error { return inMessage(with(section, "block_id", chars(n))) }},
	{"button.text.max_length", 75, func(n int) []error { return actions(with(button, "text", plainOf(n))) }},
	{"button.url.max_length", 3000, func(n int) []error { return actions(with(button, "url", chars(n))) }},
	{"button.value.max_length", 2000, func(n int) []error { return actions(with(button, "value", chars(n))) }},
	{"button.accessibility_label.max_length", 75, func(n int) []error { return actions(with(button, "accessibility_label", chars(n))) }},
	{"confirmation.title.max_length", 100, confirming("title")},
	{"confirmation.text.max_length", 300, confirming("text")},
	{"confirmation.confirm.max_length", 30, confirming("confirm")},
	{"confirmation.deny.max_length", 30, confirming("deny")},
	{"option.text.max_length", 75, func(n int) []error { return choosing(with(opt, "text", plainOf(n))) }},
	{"option.value.max_length", 150, func(n int) []error { return choosing(with(opt, "value", chars(n))) }},
	{"option.description.max_length", 75, func(n int) []error { return choosing(with(opt, "description", plainOf(n))) }},
	{"option.url.max_length", 3000, func(n int) []error {
		return accessoryOf(with(overflow, "options", []any{with(opt, "url", chars(n))}))
	}},
	{"option_group.label.max_length", 75, func(n int) []error { return grouping(with(group, "label", plainOf(n))) }},
	{"option_group.options.min_items", 1, func(n int) []error { return grouping(with(group, "options", many(n, same(opt)))) }},
	{"option_group.options.max_items", 100, func(n int) []error { return grouping(with(group, "options", many(n, same(opt)))) }},
	{"select.placeholder.max_length", 150, func(n int) []error { return accessoryOf(with(selection, "placeholder", plainOf(n))) }},
	{"select.options.max_items", 100, func(n int) []error { return choosing(many(n, same(opt))...) }},
	{"select.option_groups.max_items", 100, func(n int) []error { return grouping(many(n, same(group))...) }},
	{"overflow.options.min_items", 1, offering(overflow)},
	{"overflow.options.max_items", 5, offering(overflow)},
	{"checkboxes.options.min_items", 1, offering(checks)},
	{"checkboxes.options.max_items", 10, offering(checks)},
	{"radio_buttons.options.min_items", 1, offering(radios)},
	{"radio_buttons.options.max_items", 10, offering(radios)},
	{"file_input.max_files.min", 1, func(n int) []error { return inputOf(with(fileInput, "max_files", n)) }},
	{"file_input.max_files.max", 10, func(n int) []error { return inputOf(with(fileInput, "max_files", n)) }},
	{"plain_text_input.max_length.max", 3000, func(n int) []error { return inputOf(with(textInput, "max_length", n)) }},
	{"actions.elements.max_items", 25, func(n int) []error {
		return actions(many(n, func(i int) any { return with(button, "action_id", chars(i+1)) })...)
	}},
	{"context.elements.max_items", 10, func(n int) []error {
		return inMessage(obj{"type": "context", "elements": many(n, same(mrkdwnOf(1)))})
	}},
	{"header.text.max_length", 150, func(n int) []error { return inMessage(obj{"type": "header", "text": plainOf(n)}) }},
	{"image.image_url.max_length", 3000, func(n int) []error { return inMessage(with(image, "image_url", chars(n))) }},
	{"image.alt_text.max_length", 2000, func(n int) []error { return accessoryOf(with(image, "alt_text", chars(n))) }},
	{"input.label.max_length", 2000, func(n int) []error { return inMessage(with(field, "label", plainOf(n))) }},
	{"input.hint.max_length", 2000, func(n int) []error { return inMessage(with(field, "hint", plainOf(n))) }},
	{"markdown.text.min_length", 1, func(n int) []error { return inMessage(obj{"type": "markdown", "text": chars(n)}) }},
	{"markdown.text.max_length", 12000, func(n int) []error { return inMessage(obj{"type": "markdown", "text": chars(n)}) }},
	{"section.text.max_length", 3000, func(n int) []error { return inMessage(with(section, "text", mrkdwnOf(n))) }},
	{"section.fields.max_items", 10, func(n int) []error { return inMessage(with(section, "fields", many(n, same(plainOf(1))))) }},
	{"section.fields.item_max_length", 2000, func(n int) []error { return inMessage(with(section, "fields", []any{mrkdwnOf(n)})) }},
	{"view.blocks.min_items", 1, func(n int) []error { return View(with(modal, "blocks", many(n, same(section)))) }},
	{"view.blocks.max_items", 100, func(n int) []error { return View(with(modal, "blocks", many(n, same(section)))) }},
	{"view.private_metadata.max_length", 3000, func(n int) []error { return View(with(modal, "private_metadata", chars(n))) }},
	{"view.callback_id.max_length", 255, func(n int) []error { return View(with(modal, "callback_id", chars(n))) }},
	{"view.title.max_length", 24, func(n int) []error { return View(with(modal, "title", plainOf(n))) }},
	{"view.close.max_length", 24, func(n int) []error { return View(with(modal, "close", plainOf(n))) }},
	{"view.submit.max_length", 24, func(n int) []error { return View(with(modal, "submit", plainOf(n))) }},

	{"a view's external_id", 255, func(n int) []error { return View(with(modal, "external_id", chars(n))) }},
	{"a view's bytes", 250_000, func(n int) []error { return View(sized(n)) }},
	{"a message's blocks", 50, func(n int) []error { return inMessage(many(n, same(section))...) }},
	{"a message's characters", 12_000, func(n int) []error {
		return inMessage(append(many(6, same(with(section, "text", plainOf(1999)))), with(section, "text", plainOf(n-6*1999)))...)
	}},
	{"a message's text", 40_000, func(n int) []error { return Message(obj{"text": chars(n)}) }},
	{"an updated message's bytes", 4_000, func(n int) []error { return Update(obj{"text": strings.Repeat("x", n)}) }},
}

func confirming(part string) func(n int) []error {
	return func(n int) []error { return actions(with(button, "confirm", with(dialog, part, plainOf(n)))) }
}

func choosing(options ...any) []error { return accessoryOf(with(selection, "options", options)) }

func grouping(groups ...any) []error {
	return accessoryOf(obj{"type": "static_select", "action_id": "a", "option_groups": groups})
}

func offering(element obj) func(n int) []error {
	return func(n int) []error { return accessoryOf(with(element, "options", many(n, same(opt)))) }
}

// sized is a modal of n bytes of JSON.
func sized(n int) obj {
	long := obj{"type": "section", "text": obj{"type": "plain_text", "text": strings.Repeat("x", 2500)}}
	v := with(modal, "blocks", many(90, same(long)), "private_metadata", "")
	missing := n - len(marshal(v))
	v["blocks"] = append(v["blocks"].([]any), many(missing/2560, same(long))...)
	missing = n - len(marshal(v))
	return with(v, "private_metadata", strings.Repeat("x", missing))
}

func TestLimits(t *testing.T) {
	for _, l := range limits {
		t.Run(l.name, func(t *testing.T) {
			past := l.n + 1
			if strings.Contains(l.name, ".min") {
				past = l.n - 1
			}
			if errs := l.check(l.n); len(errs) > 0 {
				t.Errorf("%d is refused: %v", l.n, errs)
			}
			if errs := l.check(past); len(errs) == 0 {
				t.Errorf("%d passes", past)
			}
		})
	}
}
