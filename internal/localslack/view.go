package localslack

import (
	"encoding/json"
	"fmt"
	"strings"
)

// View is a modal or a home tab as a person sees it. local-slack gives a view
// a new ID whenever the bot changes it.
type View struct {
	ID              string
	CallbackID      string
	PrivateMetadata string
	Title           string
	Submit          string // the submit button's text
	Close           string
	Blocks          json.RawMessage
}

// UnmarshalJSON flattens Slack's text objects.
func (v *View) UnmarshalJSON(text []byte) error {
	var raw struct {
		ID              string          `json:"id"`
		CallbackID      string          `json:"callback_id"`
		PrivateMetadata string          `json:"private_metadata"`
		Title           textObject      `json:"title"`
		Submit          textObject      `json:"submit"`
		Close           textObject      `json:"close"`
		Blocks          json.RawMessage `json:"blocks"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return err
	}
	*v = View{ID: raw.ID, CallbackID: raw.CallbackID, PrivateMetadata: raw.PrivateMetadata,
		Title: raw.Title.Text, Submit: raw.Submit.Text, Close: raw.Close.Text, Blocks: raw.Blocks}
	return nil
}

type textObject struct {
	Text string `json:"text"`
}

// AllText joins every text in the view's blocks, a line each.
func (v View) AllText() string { return strings.Join(blockTexts(v.Blocks), "\n") }

// Buttons returns the view's buttons in their order.
func (v View) Buttons() []Button { return blockButtons(v.Blocks) }

// Input is one field of a form.
type Input struct {
	BlockID, ActionID string
	Type              string // of its element, for example plain_text_input
	Label, Hint       string
	Optional          bool
	Options           []Choice
	initial           any // the element value it begins with, nil when empty
}

// Choice is one option of a select or of radio buttons.
type Choice struct{ Text, Value string }

// Inputs returns the view's fields in their order.
func (v View) Inputs() []Input {
	var blocks []struct {
		Type     string     `json:"type"`
		BlockID  string     `json:"block_id"`
		Label    textObject `json:"label"`
		Hint     textObject `json:"hint"`
		Optional bool       `json:"optional"`
		Element  struct {
			Type           string   `json:"type"`
			ActionID       string   `json:"action_id"`
			Options        []option `json:"options"`
			InitialValue   *string  `json:"initial_value"`
			InitialOption  any      `json:"initial_option"`
			InitialOptions []any    `json:"initial_options"`
			InitialDate    *string  `json:"initial_date"`
		} `json:"element"`
	}
	if err := json.Unmarshal(v.Blocks, &blocks); err != nil {
		return nil
	}
	var inputs []Input
	for _, b := range blocks {
		if b.Type != "input" {
			continue
		}
		e := b.Element
		in := Input{BlockID: b.BlockID, ActionID: e.ActionID, Type: e.Type,
			Label: b.Label.Text, Hint: b.Hint.Text, Optional: b.Optional}
		for _, o := range e.Options {
			in.Options = append(in.Options, Choice{Text: o.Text.Text, Value: o.Value})
		}
		switch {
		case e.InitialValue != nil:
			in.initial = element(e.Type, "value", *e.InitialValue)
		case e.InitialOption != nil:
			in.initial = element(e.Type, "selected_option", e.InitialOption)
		case e.InitialOptions != nil:
			in.initial = element(e.Type, "selected_options", e.InitialOptions)
		case e.InitialDate != nil:
			in.initial = element(e.Type, "selected_date", *e.InitialDate)
		}
		inputs = append(inputs, in)
	}
	return inputs
}

type option struct {
	Text  textObject `json:"text"`
	Value string     `json:"value"`
}

// Values is what a form is submitted with: by block id, then by action id.
type Values map[string]map[string]any

// Text is the value of a plain_text_input.
func Text(v string) any { return element("plain_text_input", "value", v) }

// Option is the value of a static_select, radio_buttons or another element
// where one option is chosen. View.Fill needs no type and knows the options' texts.
func Option(elementType, value string) any {
	return chosen(elementType, Choice{Text: value, Value: value})
}

// Fill builds Values from plain strings. A key is the block id, the action id
// or the label of a field; the value of a field with options is the value or
// the text of one of them. A key or an option that the form lacks is an error,
// since a person could not have filled that in.
func (v View) Fill(answers map[string]string) (Values, error) {
	inputs := v.Inputs()
	values := Values{}
	for key, answer := range answers {
		in, ok := find(inputs, key)
		if !ok {
			return nil, fmt.Errorf("form %q has no field %q", v.Title, key)
		}
		value, err := in.value(answer)
		if err != nil {
			return nil, err
		}
		values.set(in, value)
	}
	return values, nil
}

func find(inputs []Input, key string) (Input, bool) {
	for _, in := range inputs {
		if key == in.BlockID || key == in.ActionID || key == in.Label {
			return in, true
		}
	}
	return Input{}, false
}

func (in Input) value(answer string) (any, error) {
	switch in.Type {
	case "plain_text_input", "email_text_input", "url_text_input", "number_input":
		return element(in.Type, "value", answer), nil
	case "datepicker":
		return element(in.Type, "selected_date", answer), nil
	case "users_select":
		return element(in.Type, "selected_user", answer), nil
	}
	for _, o := range in.Options {
		if answer != o.Value && answer != o.Text {
			continue
		}
		if in.Type == "checkboxes" {
			return element(in.Type, "selected_options", []any{optionObject(o)}), nil
		}
		return chosen(in.Type, o), nil
	}
	return nil, fmt.Errorf("field %q (%s) has no option %q", in.Label, in.Type, answer)
}

func (vs Values) set(in Input, value any) {
	if vs[in.BlockID] == nil {
		vs[in.BlockID] = map[string]any{}
	}
	vs[in.BlockID][in.ActionID] = value
}

// withPrefilled adds what the person left as it was. Slack submits that too;
// local-slack would submit null in its place.
func (vs Values) withPrefilled(inputs []Input) Values {
	all := Values{}
	for _, in := range inputs {
		if in.initial != nil {
			all.set(in, in.initial)
		}
	}
	for block, actions := range vs {
		for action, value := range actions {
			all.set(Input{BlockID: block, ActionID: action}, value)
		}
	}
	return all
}

func element(kind, key string, value any) any { return map[string]any{"type": kind, key: value} }

func chosen(kind string, c Choice) any { return element(kind, "selected_option", optionObject(c)) }

func optionObject(c Choice) any {
	return map[string]any{"text": map[string]any{"type": "plain_text", "text": c.Text}, "value": c.Value}
}
