package bot

import (
	"strings"
	"testing"

	"guichet/bot/card"
)

// An answer is filed under no other question than the one that was shown: if another is asked meanwhile, the form comes again, with what was written.
func TestAnAnswerToAnotherQuestion(t *testing.T) {
	t.Parallel()
	c := newCustomers(t)
	ask := func(question string) {
		t.Helper()
		c.submit("max", c.opens("max", "requestask", "1"), map[string]string{"words": question})
	}
	// shows checks what a form asks, and what is written in it.
	shows := func(f card.Form, question, words string) {
		t.Helper()
		if !strings.Contains(strings.Join(f.Intro, "\n"), question) || f.Inputs[0].Initial != words {
			t.Errorf("the form asks %q, with %q", f.Intro, f.Inputs[0].Initial)
		}
	}
	kept := func() string { return c.read("SELECT question, answer FROM requests WHERE id = 1") }
	ask("Why?")
	first := c.opens("ann", "requestanswer", "1")
	shows(first, "Why?", "")
	ask("Since when?")
	before := kept()
	a := c.submit("ann", first, map[string]string{"words": "To write."})
	again := c.form("the answer to the question before", a)
	shows(again, "Since when?", "To write.")
	ask("Where?")
	a = c.submit("ann", again, map[string]string{"words": "Since May."})
	if a.Resume == nil || len(a.Resume.Buttons) != 1 {
		t.Fatalf("it can't be opened again: %s", shownBy(a))
	}
	button := a.Resume.Buttons[0]
	again = c.opens("ann", button.ID, button.Value) // where a form can't follow a form
	shows(again, "Where?", "Since May.")
	if now := kept(); strings.Contains(now, "To write.") || strings.Contains(now, "Since May.") || before == now {
		t.Errorf("kept is %s", now)
	}
	if a := c.submit("ann", again, map[string]string{"words": "In Lyon."}); a.Form != nil || a.Problem != "" || len(a.Errors) > 0 {
		t.Errorf("the answer to the question that is shown: %s", shownBy(a))
	}
	if now := kept(); !strings.Contains(now, "Where?") || !strings.Contains(now, "In Lyon.") {
		t.Errorf("kept is %s", now)
	}
}
