package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"guichet/bot/slack"
	"guichet/internal/slackrules"
)

// obeysSlack holds all that guichet asked of Slack during a test against the rules that the real
// Slack enforces and local-slack lets pass. Every test of a desk ends with it.
func (d *desk) obeysSlack() {
	d.t.Helper()
	entries, err := d.slack.Log(context.Background())
	if err != nil {
		d.t.Fatal(err)
	}
	for _, e := range entries {
		call := e.Direction == "from_bot" && e.Kind == "web_api"
		if call && !slices.ContainsFunc(slack.Methods, func(m slack.Use) bool { return m.Name == e.Summary }) {
			d.t.Errorf("guichet calls %s, which is not in slack.Methods", e.Summary)
		}
		if !call && (e.Kind != "ack" || len(e.Detail) == 0) {
			continue
		}
		var sent map[string]any
		if err := json.Unmarshal(e.Detail, &sent); err != nil {
			d.t.Errorf("%s %s: %v", e.Kind, e.Summary, err)
		}
		var wrong []error
		if view, ok := sent["view"].(map[string]any); ok {
			wrong = slackrules.View(view)
		}
		switch e.Summary {
		case "chat.postMessage", "chat.postEphemeral":
			wrong = append(slackrules.Message(sent), ringsNobody(sent)...)
		case "chat.update":
			wrong = append(slackrules.Update(sent), ringsNobody(sent)...)
		}
		d.refusedBySlack(wrong, e.Detail)
	}
	// What is answered at a response_url is not in the log.
	for _, channel := range []string{general, support, emm, alice, bruno, martin, nadia, oliver} {
		for _, m := range d.all(channel) {
			if m.EphemeralTo == "" {
				continue
			}
			sent := map[string]any{"text": m.Text}
			var blocks any
			if json.Unmarshal(m.Blocks, &blocks) == nil {
				sent["blocks"] = blocks
			}
			d.refusedBySlack(append(slackrules.Message(sent), ringsNobody(sent)...), m.Blocks)
		}
	}
}

// ringsNobody wants no message to mention anyone: guichet itself never does, and people's words
// must not.
func ringsNobody(sent map[string]any) (wrong []error) {
	look := func(text any) {
		if s, _ := text.(string); strings.Contains(s, "<!") || strings.Contains(s, "<@") {
			wrong = append(wrong, fmt.Errorf("it mentions somebody: %.500s", s))
		}
	}
	look(sent["text"])
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			if v["type"] == "mrkdwn" {
				look(v["text"])
			}
			for _, item := range v {
				walk(item)
			}
		}
	}
	walk(sent["blocks"])
	return wrong
}

func (d *desk) refusedBySlack(wrong []error, what json.RawMessage) {
	d.t.Helper()
	for _, err := range wrong {
		d.t.Errorf("the real Slack would not take this: %v\n%.2000s", err, what)
	}
}
