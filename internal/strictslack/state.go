package strictslack

import "strings"

// What people filled in, as it comes with a form: state.values.

// element says where an element has its value, and where it begins.
type element struct{ value, initial string }

var elements = map[string]element{
	"plain_text_input": {"value", "initial_value"},
	"email_text_input": {"value", "initial_value"},
	"url_text_input":   {"value", "initial_value"},
	"number_input":     {"value", "initial_value"},
	"rich_text_input":  {"rich_text_value", "initial_value"},

	"static_select":        {"selected_option", "initial_option"},
	"external_select":      {"selected_option", "initial_option"},
	"radio_buttons":        {"selected_option", "initial_option"},
	"users_select":         {"selected_user", "initial_user"},
	"channels_select":      {"selected_channel", "initial_channel"},
	"conversations_select": {"selected_conversation", "initial_conversation"},
	"datepicker":           {"selected_date", "initial_date"},
	"timepicker":           {"selected_time", "initial_time"},
	"datetimepicker":       {"selected_date_time", "initial_date_time"},

	"checkboxes":                 {"selected_options", "initial_options"},
	"multi_static_select":        {"selected_options", "initial_options"},
	"multi_external_select":      {"selected_options", "initial_options"},
	"multi_users_select":         {"selected_users", "initial_users"},
	"multi_channels_select":      {"selected_channels", "initial_channels"},
	"multi_conversations_select": {"selected_conversations", "initial_conversations"},
	"file_input":                 {"files", ""},
}

// values completes what local-slack says was filled in: everything that can hold a value has one,
// what was not touched the one that it began with. local-slack says null for that.
func values(blocks []any, filled obj) obj {
	all := obj{}
	each(blocks, func(blockID, actionID string, e obj) {
		kind := text(e, "type")
		where := elements[kind]
		block, _ := filled[blockID].(obj)
		given, _ := block[actionID].(obj)
		v := given[where.value]
		switch {
		case v == "":
			v = nil // emptied by hand
		case v == nil && where.initial != "":
			v = e[where.initial]
		}
		if v == nil && strings.HasSuffix(where.value, "s") {
			v = []any{}
		}
		if all[blockID] == nil {
			all[blockID] = obj{}
		}
		all[blockID].(obj)[actionID] = obj{"type": kind, where.value: v}
	})
	return all
}

// each visits all elements of some blocks that can hold a value.
func each(blocks []any, visit func(blockID, actionID string, e obj)) {
	for _, b := range blocks {
		b, _ := b.(obj)
		inside, _ := b["elements"].([]any)
		for _, e := range append([]any{b["element"], b["accessory"]}, inside...) {
			e, _ := e.(obj)
			if _, ok := elements[text(e, "type")]; ok {
				visit(text(b, "block_id"), text(e, "action_id"), e)
			}
		}
	}
}
