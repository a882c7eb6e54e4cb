package slackrules

import (
	"reflect"
	"slices"
)

// Text objects.
var texts = func(max int) kinds {
	return kinds{
		"plain_text": object(props{"type!": anything, "text!": str(1, max), "emoji": boolean}),
		"mrkdwn":     object(props{"type!": anything, "text!": str(1, max), "verbatim": boolean}),
	}
}

func text(max int) rule  { return texts(max).of() }
func plain(max int) rule { return texts(max).of("plain_text") }

// Parts of elements.
var (
	id      = str(1, 255) // block_id, action_id, callback_id, external_id
	confirm = object(props{"title!": plain(100), "text!": text(300), "confirm!": plain(30), "deny!": plain(30),
		"style": oneOf("primary", "danger")})

	option       = optionOf(plain(75))
	markedOption = optionOf(text(75)) // of radio buttons and checkboxes, whose texts may be formatted
	linkOption   = object(props{"text!": plain(75), "value": str(0, 150), "description": text(75), "url": str(1, 3000)})
	optionGroup  = object(props{"label!": plain(75), "options!": list(1, 100, option)})
)

func optionOf(label rule) rule {
	return object(props{"text!": label, "value!": str(1, 150), "description": text(75)})
}

// control is an element that a person changes: the properties that all have, and its own.
func control(own props, laws ...law) rule {
	p := props{"type!": anything, "action_id": id, "focus_on_load": boolean}
	for name, r := range own {
		p[name] = r
	}
	return object(p, laws...)
}

// choice is a control with a placeholder, from which one chooses.
func choice(own props, laws ...law) rule {
	own["placeholder"], own["confirm"] = plain(150), confirm
	return control(own, laws...)
}

// typed is a control with a placeholder, into which one types.
func typed(own props, laws ...law) rule {
	own["placeholder"], own["dispatch_action_config"] = plain(150), anything
	return control(own, laws...)
}

// elements are what stands inside of blocks.
var elements = kinds{
	"button": object(props{"type!": anything, "text!": plain(75), "action_id": id, "value": str(0, 2000), "url": str(1, 3000),
		"style": oneOf("primary", "danger"), "confirm": confirm, "accessibility_label": str(1, 75)}),
	"workflow_button": object(props{"type!": anything, "text!": plain(75), "action_id": id, "workflow!": anything,
		"style": oneOf("primary", "danger"), "accessibility_label": str(1, 75)}),
	"image": object(props{"type!": anything, "image_url": str(1, 3000), "slack_file": anything, "alt_text!": str(1, 2000)},
		exactlyOne("image_url", "slack_file")),
	"overflow": object(props{"type!": anything, "action_id": id, "options!": list(1, 5, linkOption), "confirm": confirm}),

	"checkboxes": control(props{"options!": list(1, 10, markedOption), "initial_options": list(1, 10, markedOption), "confirm": confirm},
		initialIsOffered),
	"radio_buttons": control(props{"options!": list(1, 10, markedOption), "initial_option": markedOption, "confirm": confirm},
		initialIsOffered),

	"static_select": choice(props{"options": list(1, 100, option), "option_groups": list(1, 100, optionGroup), "initial_option": option},
		exactlyOne("options", "option_groups"), initialIsOffered),
	"multi_static_select": choice(props{"options": list(1, 100, option), "option_groups": list(1, 100, optionGroup),
		"initial_options": list(1, 100, option), "max_selected_items": number(1, 100)},
		exactlyOne("options", "option_groups"), initialIsOffered),
	"external_select":            choice(props{"min_query_length": number(0, 3000), "initial_option": option}),
	"multi_external_select":      choice(props{"min_query_length": number(0, 3000), "initial_options": list(1, 100, option), "max_selected_items": number(1, 100)}),
	"users_select":               choice(props{"initial_user": anything}),
	"multi_users_select":         choice(props{"initial_users": anything, "max_selected_items": number(1, 100)}),
	"channels_select":            choice(props{"initial_channel": anything, "response_url_enabled": boolean}),
	"multi_channels_select":      choice(props{"initial_channels": anything, "max_selected_items": number(1, 100)}),
	"conversations_select":       choice(props{"initial_conversation": anything, "default_to_current_conversation": boolean, "filter": anything, "response_url_enabled": boolean}),
	"multi_conversations_select": choice(props{"initial_conversations": anything, "default_to_current_conversation": boolean, "filter": anything, "max_selected_items": number(1, 100)}),
	"datepicker":                 choice(props{"initial_date": like(`^\d{4}-\d\d-\d\d$`, str(10, 10))}),
	"timepicker":                 choice(props{"initial_time": like(`^\d\d:\d\d$`, str(5, 5)), "timezone": str(1, 100)}),
	"datetimepicker":             control(props{"initial_date_time": anything, "confirm": confirm}),

	"plain_text_input": typed(props{"multiline": boolean, "min_length": number(0, 3000), "max_length": number(1, 3000),
		"initial_value": str(0, 3000)}, ordered("min_length", "max_length")),
	"number_input": typed(props{"is_decimal_allowed!": boolean, "initial_value": anything, "min_value": anything, "max_value": anything},
		ordered("min_value", "max_value")),
	"email_text_input": typed(props{"initial_value": str(0, 3000)}),
	"url_text_input":   typed(props{"initial_value": str(0, 3000)}),
	"rich_text_input":  typed(props{"initial_value": anything}),
	"file_input":       object(props{"type!": anything, "action_id": id, "filetypes": list(1, 100, str(1, 50)), "max_files": number(1, 10)}),
}

// initialIsOffered wants what is chosen at first to be among the options.
func initialIsOffered(at string, m map[string]any) []error {
	offered, _ := m["options"].([]any)
	groups, _ := m["option_groups"].([]any)
	for _, g := range groups {
		g, _ := g.(map[string]any)
		some, _ := g["options"].([]any)
		offered = append(offered, some...)
	}
	initial, _ := m["initial_options"].([]any)
	if one := m["initial_option"]; one != nil {
		initial = append(initial, one)
	}
	for _, i := range initial {
		if !slices.ContainsFunc(offered, func(o any) bool { return reflect.DeepEqual(o, i) }) {
			return wrong(at, "begins with an option that it does not offer")
		}
	}
	return nil
}

// ordered wants one number not to exceed another, where both are given; some are given as texts.
func ordered(least, most string) law {
	return func(at string, m map[string]any) []error {
		a, okA := measure(m[least])
		b, okB := measure(m[most])
		if okA && okB && a > b {
			return wrong(at, "%q is above %q", least, most)
		}
		return nil
	}
}

// Which elements stand where.
var (
	pickers = []string{"button", "workflow_button", "overflow", "checkboxes", "radio_buttons", "static_select", "external_select",
		"users_select", "channels_select", "conversations_select", "datepicker", "timepicker", "datetimepicker"}
	multi     = []string{"multi_static_select", "multi_external_select", "multi_users_select", "multi_channels_select", "multi_conversations_select"}
	accessory = elements.of(slices.Concat(pickers, multi, []string{"image"})...)
	input     = elements.of(slices.Concat(pickers[3:], multi, []string{"plain_text_input", "number_input", "email_text_input",
		"url_text_input", "rich_text_input", "file_input"})...)
)

// blockKinds are the blocks. Those with no more than a name are Slack's, but nothing of ours.
var blockKinds = kinds{
	"divider": block(props{}),
	"header":  block(props{"text!": plain(150)}),
	"section": block(props{"text": text(3000), "fields": list(1, 10, text(2000)), "accessory": accessory, "expand": boolean},
		atLeastOne("text", "fields")),
	"context": block(props{"elements!": list(1, 10, contextItem)}),
	"actions": block(props{"elements!": unique("action_id", list(1, 25, elements.of(pickers...)))}),
	"input": block(props{"label!": plain(2000), "element!": input, "hint": plain(2000), "optional": boolean,
		"dispatch_action": boolean}),
	"image": block(props{"image_url": str(1, 3000), "slack_file": anything, "alt_text!": str(1, 2000), "title": plain(2000)},
		exactlyOne("image_url", "slack_file")),
	"markdown": block(props{"text!": str(1, 12_000)}),

	"alert": anything, "card": anything, "carousel": anything, "container": anything, "context_actions": anything,
	"data_table": anything, "data_visualization": anything, "file": anything, "plan": anything, "rich_text": anything,
	"table": anything, "task_card": anything, "video": anything,
}

func block(p props, laws ...law) rule {
	p["type!"], p["block_id"] = anything, id
	return object(p, laws...)
}

// contextItem is a text or an image.
func contextItem(at string, v any) []error {
	if m, _ := v.(map[string]any); m["type"] == "image" {
		return elements.of("image")(at, v)
	}
	return text(3000)(at, v)
}

// blockList are the blocks of one message or view.
func blockList(min, max int) rule { return unique("block_id", list(min, max, blockKinds.of())) }
