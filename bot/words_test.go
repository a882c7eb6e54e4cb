package bot

import (
	"testing"

	"guichet/bot/text"
	"guichet/helpdesk"
)

// Every word has its line in ?help, and every entry of the menu its words.
func TestEveryWordIsExplained(t *testing.T) {
	var keys []string
	for _, name := range helpdesk.MainWords() {
		keys = append(keys, "word.help."+name)
	}
	for _, e := range entries {
		keys = append(keys, "button."+e.id, "menu."+e.group)
		if _, form := changeForms[e.act]; e.press == nil && !form {
			t.Errorf("%s does nothing", e.id)
		}
	}
	for _, language := range text.Languages {
		for _, key := range keys {
			if text.In(language).Say(key) == key {
				t.Errorf("%s: there is no %s", language, key)
			}
		}
	}
}
