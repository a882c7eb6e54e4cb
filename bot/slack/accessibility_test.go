package slack

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"unicode"
	"unicode/utf8"
)

// Whatever guichet shows (all of it is in the golden files) can be told without being seen: every button has
// words for screen readers that are more than a number or an emoji, and every message has a text.
func TestEveryButtonHasWords(t *testing.T) {
	files, err := filepath.Glob("testdata/*.golden.json")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d golden files, %v", len(files), err)
	}
	buttons, messages := 0, 0
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var content any
		if err := json.Unmarshal(raw, &content); err != nil {
			t.Fatal(err)
		}
		var walk func(v any)
		walk = func(v any) {
			switch v := v.(type) {
			case []any:
				for _, each := range v {
					walk(each)
				}
			case map[string]any:
				if v["type"] == "button" {
					buttons++
					label, _ := v["accessibility_label"].(string)
					if !hasWords(label) || utf8.RuneCountInString(label) > maxLabel {
						t.Errorf("%s: a button's label is %q", name, label)
					}
				}
				if blocks, ok := v["blocks"].([]any); ok && v["type"] == nil {
					messages++
					if said, _ := v["text"].(string); len(blocks) > 0 && !hasWords(said) {
						t.Errorf("%s: a message of %d blocks says %q", name, len(blocks), said)
					}
				}
				for _, each := range v {
					walk(each)
				}
			}
		}
		walk(content)
	}
	if buttons < 50 || messages < 20 {
		t.Errorf("only %d buttons and %d messages were looked at", buttons, messages)
	}
}

// hasWords says whether a text has a word in it.
func hasWords(s string) bool {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n > 1
}
