package slackrules

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// Limits on the whole of a message or a view.
const (
	MessageBlocks     = 50
	ViewBlocks        = 100
	MessageCharacters = 12_000  // of all texts in its blocks; reported as msg_blocks_too_long a little above
	MessageText       = 40_000  // cut above
	UpdateBytes       = 4_000   // of the text of chat.update, escaped; msg_too_long above
	ViewBytes         = 250_000 // of its JSON
)

// Message checks the arguments of chat.postMessage and its like, with blocks as objects.
func Message(payload map[string]any) []error {
	return open(props{
		"text":        str(0, MessageText),
		"blocks":      blockList(0, MessageBlocks),
		"attachments": list(0, 100, open(props{"blocks": blockList(0, MessageBlocks)})),
	}, atLeastOne("text", "blocks", "attachments"), fewCharacters)("", payload)
}

// Update checks the arguments of chat.update, which takes less text.
func Update(payload map[string]any) []error {
	errs := Message(payload)
	if s, _ := payload["text"].(string); len(s) > UpdateBytes {
		errs = append(errs, wrong("text", "is %d bytes: chat.update takes %d", len(s), UpdateBytes)...)
	}
	return errs
}

func fewCharacters(at string, m map[string]any) []error {
	if n := characters(m["blocks"]); n > MessageCharacters {
		return wrong(join(at, "blocks"), "hold %d characters: must be at most %d", n, MessageCharacters)
	}
	return nil
}

// characters counts all that is read in some blocks.
func characters(v any) (n int) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			n += characters(item)
		}
	case map[string]any:
		for name, value := range v {
			if s, ok := value.(string); ok && name == "text" {
				n += utf8.RuneCountInString(s)
			}
			n += characters(value)
		}
	}
	return n
}

// View checks a modal or a home tab.
func View(v map[string]any) []error {
	errs := kinds{
		"modal": object(props{"type!": anything, "title!": plain(24), "submit": plain(24), "close": plain(24),
			"blocks!": blockList(1, ViewBlocks), "private_metadata": str(0, 3000), "callback_id": str(0, 255),
			"external_id": str(0, 255), "clear_on_close": boolean, "notify_on_close": boolean, "submit_disabled": boolean},
			inputsNeedSubmit),
		"home": object(props{"type!": anything, "blocks!": blockList(1, ViewBlocks), "private_metadata": str(0, 3000),
			"callback_id": str(0, 255), "external_id": str(0, 255)}),
	}.of()("view", v)
	if b, err := json.Marshal(v); err != nil || len(b) > ViewBytes {
		errs = append(errs, wrong("view", "is %d bytes of JSON: must be at most %d", len(b), ViewBytes)...)
	}
	return errs
}

func inputsNeedSubmit(at string, m map[string]any) []error {
	blocks, _ := m["blocks"].([]any)
	for _, b := range blocks {
		if b, _ := b.(map[string]any); b["type"] == "input" && m["submit"] == nil {
			return wrong(at, "has an input and no submit")
		}
	}
	return nil
}

// measure reads a number, also one that is written as a text.
func measure(v any) (float64, bool) {
	if s, ok := v.(string); ok {
		n, err := strconv.ParseFloat(s, 64)
		return n, err == nil
	}
	return numeric(v)
}
